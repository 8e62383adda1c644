"""Where traffic and requests are written down: the VPC's flow log, and a bucket for access logs.

Flow logs go to S3 as gzipped text under Hive-style partitions by the hour. Text, not Parquet: an
auditor reads it with nothing but a shell, a small program with nothing but a standard library, and
Athena reads both; at the traffic of a start-up the bytes that Parquet spares cost less than its
conversion. The bucket is encrypted under the logs key, which flow-log delivery can use.

A flow log's format can never be changed, so this one takes every field up to version 11 that can
hold a value here. Left out: the ``ecs-`` fields (nothing of the design runs on ECS), and of the tag
fields all but the instance's own two, which carry the service and the tier: tags of an Auto Scaling
group need a CloudTrail trail, and interfaces carry the same tags as their instances.

The access-log bucket takes the logs of load balancers and the S3 access logs of every other bucket.
Both can be delivered only under Amazon's own S3 keys, so this one bucket is not under ours; it does
not log its own requests, because that would never end.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.design.blueprint import Blueprint
from ringwall.design.choices import LOG_COLD_DAYS, LOG_DAYS
from ringwall.design.keys import LOGS_KEY
from ringwall.design.policies import (
    Statement,
    allow,
    arn,
    objects,
    same_account,
    tls_only,
)
from ringwall.design.storage import S3_KEYS, add_bucket, under_key, unfinished_uploads
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Output, Pseudo, Ref, Resource, Tree, Value
from ringwall.facts.load import facts
from ringwall.model.tags import TAG_SERVICE, TAG_TIER

ACCESS_LOGS = "AccessLogsBucket"
FLOW_LOGS = "FlowLogsBucket"
#: Prefixes inside the access-log bucket.
BALANCER_LOGS = "load-balancers"
BUCKET_LOGS = "buckets"


def logs(blueprint: Blueprint, tree: Tree) -> None:
    """Add the two log buckets with their policies, and the flow log ``FlowLog``."""
    _access_logs(blueprint, tree)
    _flow_logs_bucket(blueprint, tree)
    tree.add(_flow_log(blueprint))
    tree.tell(Output("FlowLogsBucketName", "Holds the flow logs of the VPC", Ref(FLOW_LOGS)))
    tree.tell(
        Output(
            "AccessLogsBucketName",
            "Holds the access logs of load balancers and buckets",
            Ref(ACCESS_LOGS),
        )
    )


def access_logs(bucket: str) -> Mapping[str, Value]:
    """The ``LoggingConfiguration`` of a bucket, by logical id.

    The bucket must come after ``AccessLogsBucketPolicy``.
    """
    return {
        "DestinationBucketName": Ref(ACCESS_LOGS),
        "LogFilePrefix": f"{BUCKET_LOGS}/{bucket}/",
    }


def _lifecycle() -> list[Mapping[str, Value]]:
    return [
        {
            "Id": "keep-for-the-audit",
            "Status": "Enabled",
            "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": LOG_COLD_DAYS}],
            "ExpirationInDays": LOG_DAYS,
            "NoncurrentVersionExpiration": {"NoncurrentDays": LOG_COLD_DAYS},
        },
        unfinished_uploads(),
    ]


def _access_logs(blueprint: Blueprint, tree: Tree) -> None:
    known = facts("load-balancers").values
    add_bucket(
        tree,
        ACCESS_LOGS,
        labels=tags(blueprint, "access-logs"),
        encryption=S3_KEYS,
        lifecycle=_lifecycle(),
        statements=[
            tls_only(ACCESS_LOGS),
            # Elastic Load Balancing writes under the account of the load balancer: the account in
            # the path keeps other accounts out. AWS documents no condition key for it, and one that
            # is not in the request would refuse every log.
            allow(
                "LoadBalancersWriteLogs",
                ["s3:PutObject"],
                objects(ACCESS_LOGS, f"{BALANCER_LOGS}/AWSLogs/", Pseudo("account"), "/"),
                principal={"Service": known["log-principal"]},
            ),
            allow(
                "BucketsWriteLogs",
                ["s3:PutObject"],
                objects(ACCESS_LOGS, f"{BUCKET_LOGS}/"),
                principal={"Service": known["bucket-log-principal"]},
                condition={"StringEquals": same_account()},
            ),
        ],
    )


def _flow_logs_bucket(blueprint: Blueprint, tree: Tree) -> None:
    add_bucket(
        tree,
        FLOW_LOGS,
        labels=tags(blueprint, "flow-logs"),
        encryption=under_key(Attr(LOGS_KEY, "Arn")),
        lifecycle=_lifecycle(),
        statements=[tls_only(FLOW_LOGS), *_delivery()],
        access_logs=access_logs(FLOW_LOGS),
        after=(f"{ACCESS_LOGS}Policy",),
    )


def _delivery() -> list[Statement]:
    """What flow-log delivery needs; the statement ids are those that AWS would add by itself."""
    delivery = {"Service": "delivery.logs.amazonaws.com"}
    ours = {"StringEquals": same_account(), "ArnLike": {"aws:SourceArn": arn("logs", "*")}}
    return [
        allow(
            "AWSLogDeliveryWrite",
            ["s3:PutObject"],
            objects(FLOW_LOGS, "AWSLogs/"),
            principal=delivery,
            condition={
                "StringEquals": {
                    **same_account(),
                    "s3:x-amz-acl": "bucket-owner-full-control",
                },
                "ArnLike": ours["ArnLike"],
            },
        ),
        allow(
            "AWSLogDeliveryAclCheck",
            ["s3:GetBucketAcl"],
            Attr(FLOW_LOGS, "Arn"),
            principal=delivery,
            condition=ours,
        ),
    ]


def flow_log_fields(region: str) -> tuple[str, ...]:
    """The fields of this design's flow log, in order; source: the facts ``flow-log-fields``."""
    known = facts("flow-log-fields").values
    newest = 10 if region in known["version-11-not-verified-in"] else 11
    always_empty = {"interface-tag", "interface-tag-2", "asg-tag", "asg-tag-2"}
    return tuple(
        field
        for field, version in known["fields"].items()
        if version <= newest and not field.startswith("ecs-") and field not in always_empty
    )


def _flow_log(blueprint: Blueprint) -> Resource:
    fields = flow_log_fields(blueprint.spec.region)
    properties: dict[str, Value] = {
        "ResourceType": "VPC",
        "ResourceId": Ref("Vpc"),
        "TrafficType": "ALL",
        "MaxAggregationInterval": 60,
        "LogDestinationType": "s3",
        "LogDestination": Attr(FLOW_LOGS, "Arn"),
        "LogFormat": " ".join(f"${{{field}}}" for field in fields),
        "DestinationOptions": {
            "FileFormat": "plain-text",
            "HiveCompatiblePartitions": True,
            "PerHourPartition": True,
        },
    }
    if "instance-tag" in fields:
        properties["TagFieldSpecifications"] = [
            {"ResourceType": "instance", "TagKeys": [TAG_SERVICE, TAG_TIER]}
        ]
    properties["Tags"] = tags(blueprint, "flow-log")
    # Delivery that finds no permission yet would write a policy of its own over ours.
    return Resource("FlowLog", "AWS::EC2::FlowLog", properties, depends_on=(f"{FLOW_LOGS}Policy",))
