"""What else has interfaces in a VPC: functions, container tasks, file systems, brokers, endpoints.

One table says for each type where it names its subnets and groups; what needs more has a function.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.network import InterfaceKind
from ringwall.sources.cloudformation.interfaces import Plan, place
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a type says what: ``inside`` is the path to the mapping with the network in it.

    ``optional`` types may lie outside of every VPC, and then touch no path inside one. ``limit``
    says what is not modelled of the type.
    """

    inside: tuple[str, ...]
    subnets: str
    groups: str
    kind: InterfaceKind = "other"
    zonal: bool | None = False
    optional: bool = False
    limit: str = ""


_SHAPES = {
    "AWS::Lambda::Function": Shape(
        ("VpcConfig",), "SubnetIds", "SecurityGroupIds", "function", optional=True
    ),
    "AWS::EFS::MountTarget": Shape((), "SubnetId", "SecurityGroups", zonal=True),
    "AWS::MSK::Cluster": Shape(("BrokerNodeGroupInfo",), "ClientSubnets", "SecurityGroups"),
    "AWS::AmazonMQ::Broker": Shape((), "SubnetIds", "SecurityGroups", zonal=None),
    "AWS::ElastiCache::ServerlessCache": Shape((), "SubnetIds", "SecurityGroupIds", "cache"),
    "AWS::CodeBuild::Project": Shape(
        ("VpcConfig",), "Subnets", "SecurityGroupIds", "function", optional=True
    ),
    "AWS::ApiGatewayV2::VpcLink": Shape((), "SubnetIds", "SecurityGroupIds", "function"),
    "AWS::AppRunner::VpcConnector": Shape((), "Subnets", "SecurityGroups", "function"),
    "AWS::EKS::Cluster": Shape(
        ("ResourcesVpcConfig",),
        "SubnetIds",
        "SecurityGroupIds",
        limit="pods, nodes and the cluster's own security group are not modelled",
    ),
    "AWS::Transfer::Server": Shape(
        ("EndpointDetails",), "SubnetIds", "SecurityGroupIds", optional=True
    ),
    "AWS::DMS::ReplicationInstance": Shape(
        (),
        "ReplicationSubnetGroupIdentifier",
        "VpcSecurityGroupIds",
        zonal=True,
        limit="replication instances are not modelled",
    ),
    "AWS::SageMaker::NotebookInstance": Shape(
        (), "SubnetId", "SecurityGroupIds", zonal=True, optional=True
    ),
}


def attached_types() -> frozenset[str]:
    """The types that this module reads."""
    return frozenset((*_SHAPES, "AWS::ECS::Service", "AWS::EC2::VPCEndpoint"))


def read_attached(reading: Reading) -> None:
    """Fill in the workloads of the table, container services and interface endpoints."""
    for kind, shape in _SHAPES.items():
        for resource, props in reading.of_type(kind):
            _read_shape(reading, resource, props, shape)
    for resource, props in reading.of_type("AWS::ECS::Service"):
        _read_service(reading, resource, props)
    for resource, props in reading.of_type("AWS::EC2::VPCEndpoint"):
        if props.text("VpcEndpointType", "Gateway").lower() == "interface":
            _read_endpoint(reading, resource, props)


def _read_shape(reading: Reading, resource: Resource, props: Props, shape: Shape) -> None:
    inside = props
    for key in shape.inside:
        if inside.unknown(key):
            message = f"`{key}` is not known: {inside.unknown(key)}"
            reading.gap("unresolved", resource, message, affects=(resource.id,))
        inside = inside.inner(key)
    subnets = inside.idents(shape.subnets)
    if shape.limit:
        reading.gap("unmodelled", resource, shape.limit, affects=(resource.id,))
    if not subnets and shape.optional:
        return
    plan = Plan(
        kind=shape.kind,
        subnets=subnets,
        groups=inside.idents(shape.groups),
        tags=props.tags(),
        name=props.name("FunctionName", "Name"),
        zonal=shape.zonal,
        public=props.truth("PubliclyAccessible", False),
    )
    place(reading, resource, plan)


def _read_service(reading: Reading, resource: Resource, props: Props) -> None:
    inside = props.inner("NetworkConfiguration").inner("AwsvpcConfiguration")
    if not inside.entries:
        unknown = props.unknown("NetworkConfiguration")
        message = unknown or "tasks without awsvpc networking share the interfaces of their hosts"
        affects = (resource.id,) if unknown else ()
        reading.gap("unmodelled", resource, message, affects=affects)
        return
    public: bool | None = inside.text("AssignPublicIp", "DISABLED").upper() == "ENABLED"
    if inside.unknown("AssignPublicIp"):
        public = None
    plan = Plan(
        kind="instance",
        subnets=inside.idents("Subnets"),
        groups=inside.idents("SecurityGroups"),
        tags=props.tags(),
        name=props.name("ServiceName"),
        zonal=False,
        public=public,
    )
    place(reading, resource, plan)


def _read_endpoint(reading: Reading, resource: Resource, props: Props) -> None:
    subnets = props.idents("SubnetIds")
    if not subnets:
        message = "the endpoint names no subnet, so it has no interface"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
        return
    plan = Plan(
        kind="vpc-endpoint",
        subnets=subnets,
        groups=props.idents("SecurityGroupIds"),
        tags=props.tags(),
        name=props.name(),
        zonal=False,
    )
    place(reading, resource, plan)
