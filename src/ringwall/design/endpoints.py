"""VPC endpoints: AWS's own services reached without a way to the Internet.

The S3 gateway endpoint stands where the design has a bucket; interface endpoints for what the
services need (or exactly those that the spec lists) share one security group.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringwall.design.blueprint import ENDPOINTS, Blueprint, group_name, pascal, subnet_name
from ringwall.design.buckets import bucket_name
from ringwall.design.policies import Statement, allow, document, objects
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Concat, Pseudo, Ref, Resource, Tree, Value
from ringwall.spec.model import Bucket, Postgres, Redis, Spec, Workload

S3_ENDPOINT = "S3Endpoint"

#: Logs, and Session Manager instead of an open SSH port (agents of today need no `ec2messages`).
_ALWAYS = ("logs", "ssm", "ssmmessages")
#: Where a store's password is kept.
_FOR_STORES = ("secretsmanager",)

_OBJECT_ACTIONS = (
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
)
_BUCKET_ACTIONS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")


def interface_services(spec: Spec) -> tuple[str, ...]:
    """The AWS services (`ssm`, `ecr.api` ...) that get an interface endpoint, in order.

    Left out of the spec, they are what app services need; S3 encrypts with KMS by itself, so an
    encrypted bucket asks for no `kms` endpoint.
    """
    listed = spec.network.endpoints
    if listed is not None:
        return tuple(dict.fromkeys(listed))
    services = spec.of_kind(Workload)
    if not services:
        return ()
    sources = [
        source
        for stores in (spec.of_kind(Postgres), spec.of_kind(Redis))
        for store in stores.values()
        for source in store.sources
    ]
    reaches_store = any(source in services for source in sources)
    return (*_ALWAYS, *(_FOR_STORES if reaches_store else ()))


def endpoint_name(service: str) -> str:
    """The logical id of an interface endpoint: ``ecr.api`` becomes ``EcrApiEndpoint``."""
    return f"{pascal(service.replace('.', '-'))}Endpoint"


def endpoints(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: the S3 gateway endpoint and the interface endpoints.

    The interface endpoints' security group is made with the other groups.
    """
    if blueprint.spec.of_kind(Bucket):
        tree.add(_s3(blueprint))
    for service in interface_services(blueprint.spec):
        tree.add(_interface(blueprint, service))


def _service_name(service: str) -> Concat:
    return Concat(("com.amazonaws.", Pseudo("region"), f".{service}"))


def _s3(blueprint: Blueprint) -> Resource:
    """The gateway endpoint, open for this account's work with this design's buckets only."""
    return Resource(
        S3_ENDPOINT,
        "AWS::EC2::VPCEndpoint",
        {
            "VpcEndpointType": "Gateway",
            "VpcId": Ref("Vpc"),
            "ServiceName": _service_name("s3"),
            "RouteTableIds": [Ref(f"AppRouteTable{zone + 1}") for zone in blueprint.zones],
            "PolicyDocument": _s3_policy(blueprint),
            "Tags": tags(blueprint, "s3"),
        },
    )


def _s3_policy(blueprint: Blueprint) -> Value:
    names = [bucket_name(service) for service in blueprint.spec.of_kind(Bucket)]
    return document(
        _ours("ObjectsOfThisDesign", _OBJECT_ACTIONS, [objects(name) for name in names]),
        _ours("BucketsOfThisDesign", _BUCKET_ACTIONS, [Attr(name, "Arn") for name in names]),
    )


def _ours(sid: str, actions: Sequence[str], resources: Value) -> Statement:
    """A statement for this account's own principals."""
    condition = {"StringEquals": {"aws:PrincipalAccount": Pseudo("account")}}
    return allow(sid, actions, resources, principal="*", condition=condition)


def _interface(blueprint: Blueprint, service: str) -> Resource:
    """One interface endpoint; its policy keeps other accounts' credentials from being used."""
    return Resource(
        endpoint_name(service),
        "AWS::EC2::VPCEndpoint",
        {
            "VpcEndpointType": "Interface",
            "VpcId": Ref("Vpc"),
            "ServiceName": _service_name(service),
            "SubnetIds": [Ref(subnet_name("app", zone)) for zone in blueprint.zones],
            "SecurityGroupIds": [Ref(group_name(ENDPOINTS))],
            "PrivateDnsEnabled": True,
            "PolicyDocument": document(_ours("ThisAccount", ["*"], "*")),
            "Tags": tags(blueprint, service, service=ENDPOINTS, tier="app"),
        },
    )
