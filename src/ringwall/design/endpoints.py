"""VPC endpoints: AWS's own services reached without a way to the Internet.

The S3 gateway endpoint stands where the design has a bucket; interface endpoints for what the
services need (or exactly those that the spec lists) share one security group.
"""

from __future__ import annotations

from ringwall.design.blueprint import ENDPOINTS, Blueprint, group_name, pascal, subnet_name
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Concat, Pseudo, Ref, Resource, Tree, Value
from ringwall.model.errors import Diagnostic, InputError
from ringwall.spec.load import SpecFile
from ringwall.spec.model import Bucket, Postgres, Redis, Spec, Workload

S3_ENDPOINT = "S3Endpoint"

#: Services that AWS offers through a gateway endpoint: free, and without a network interface.
_GATEWAYS = ("s3", "dynamodb")
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


def refuse_gateways(file: SpecFile) -> None:
    """Raises InputError where the spec lists a service that has a gateway endpoint."""
    listed = file.spec.network.endpoints or ()
    found = [
        Diagnostic(
            "RW-DESIGN-001",
            f"`{service}` is no interface endpoint here",
            file.origin("network", "endpoints", index),
            _mend(service),
        )
        for index, service in enumerate(listed)
        if service in _GATEWAYS
    ]
    if found:
        raise InputError(found)


def _mend(service: str) -> str:
    if service == "s3":
        return "leave it out: services reach their buckets through the free gateway endpoint"
    return "leave it out: no service of this kind can be declared yet"


def endpoints(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: the S3 gateway endpoint and the interface endpoints.

    The interface endpoints' security group is made with the other groups.
    """
    refuse_gateways(blueprint.file)
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
    buckets = [f"{pascal(name)}Bucket" for name in blueprint.spec.of_kind(Bucket)]
    return {
        "Version": "2012-10-17",
        "Statement": [
            _allow(
                "ObjectsOfThisDesign",
                list(_OBJECT_ACTIONS),
                [Concat((Attr(bucket, "Arn"), "/*")) for bucket in buckets],
            ),
            _allow(
                "BucketsOfThisDesign",
                list(_BUCKET_ACTIONS),
                [Attr(bucket, "Arn") for bucket in buckets],
            ),
        ],
    }


def _allow(name: str, action: Value, resource: Value) -> Value:
    """A statement for this account's own principals."""
    return {
        "Sid": name,
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:PrincipalAccount": Pseudo("account")}},
    }


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
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [_allow("ThisAccount", "*", "*")],
            },
            "Tags": tags(blueprint, service, service=ENDPOINTS, tier="app"),
        },
    )
