"""What else has interfaces in a VPC: functions, container tasks, clusters, file systems, brokers.

One table says for each type where it names its subnets and groups; what needs more has a function.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.network import InterfaceKind
from ringwall.sources.terraform.groups import GROUP
from ringwall.sources.terraform.interfaces import Plan, place
from ringwall.sources.terraform.launch import launch_of
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.vpcs import SUBNET


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a type says what: ``inside`` names the block with the network in it.

    ``optional`` types may lie outside of every VPC, and then touch no path inside one. ``limit``
    says what is not modelled of the type.
    """

    inside: str
    subnets: str
    groups: str
    kind: InterfaceKind = "other"
    zonal: bool | None = False
    optional: bool = False
    limit: str = ""


_POD_LIMIT = "pods, nodes and the cluster's own security group are not modelled"
_SHAPES = {
    "aws_lambda_function": Shape(
        "vpc_config", "subnet_ids", "security_group_ids", "function", optional=True
    ),
    "aws_codebuild_project": Shape(
        "vpc_config", "subnets", "security_group_ids", "function", optional=True
    ),
    "aws_eks_cluster": Shape("vpc_config", "subnet_ids", "security_group_ids", limit=_POD_LIMIT),
    "aws_eks_fargate_profile": Shape("", "subnet_ids", "", limit=_POD_LIMIT),
    "aws_efs_mount_target": Shape("", "subnet_id", "security_groups", zonal=True),
    "aws_fsx_lustre_file_system": Shape("", "subnet_ids", "security_group_ids", zonal=True),
    "aws_fsx_windows_file_system": Shape("", "subnet_ids", "security_group_ids", zonal=None),
    "aws_msk_cluster": Shape("broker_node_group_info", "client_subnets", "security_groups"),
    "aws_msk_serverless_cluster": Shape("vpc_config", "subnet_ids", "security_group_ids"),
    "aws_mq_broker": Shape("", "subnet_ids", "security_groups", zonal=None),
    "aws_elasticache_serverless_cache": Shape("", "subnet_ids", "security_group_ids", "cache"),
    "aws_apigatewayv2_vpc_link": Shape("", "subnet_ids", "security_group_ids", "function"),
    "aws_apprunner_vpc_connector": Shape("", "subnets", "security_groups", "function"),
    "aws_transfer_server": Shape(
        "endpoint_details", "subnet_ids", "security_group_ids", optional=True
    ),
    "aws_sagemaker_notebook_instance": Shape(
        "", "subnet_id", "security_groups", zonal=True, optional=True
    ),
    "aws_mwaa_environment": Shape("network_configuration", "subnet_ids", "security_group_ids"),
    "aws_route53_resolver_endpoint": Shape("", "", "security_group_ids"),
    "aws_ec2_instance_connect_endpoint": Shape("", "subnet_id", "security_group_ids", zonal=True),
}


def read_attached(reading: Reading) -> None:
    """Fill in the workloads of the table, container services and node groups."""
    for kind, shape in _SHAPES.items():
        for props in reading.of_type(kind):
            _read_shape(reading, props, shape)
    for props in reading.of_type("aws_ecs_service"):
        _read_service(reading, props)
    for props in reading.of_type("aws_eks_node_group"):
        _read_nodes(reading, props)


def _names(props: Props) -> tuple[str, ...]:
    known = (props.text("function_name"), props.text("name"), props.text("cluster_name"))
    return (props.label, *known)


def _read_shape(reading: Reading, props: Props, shape: Shape) -> None:
    if shape.inside and not props.given(shape.inside) and shape.optional:
        return
    inside = props.inner(shape.inside) if shape.inside else props
    if shape.limit:
        reading.gap("unmodelled", props.resource, shape.limit, affects=(props.id,))
    subnets = _subnets(inside, shape)
    if not subnets and shape.optional:
        return
    plan = Plan(
        kind=shape.kind,
        subnets=subnets,
        groups=inside.many(shape.groups, *GROUP) if shape.groups else (),
        tags=props.tags(),
        name=props.name() or props.label,
        zonal=shape.zonal,
        public=props.truth("publicly_accessible", False),
        aliases=_names(props),
    )
    place(props, plan)


def _subnets(inside: Props, shape: Shape) -> tuple[str, ...]:
    if not shape.subnets:
        return inside.gathered("ip_address", "subnet_id", *SUBNET).ids
    if shape.subnets.endswith("_id"):
        one = inside.one(shape.subnets, *SUBNET)
        return (one,) if one else ()
    return inside.many(shape.subnets, *SUBNET)


def _read_service(reading: Reading, props: Props) -> None:
    if not props.given("network_configuration"):
        message = "tasks without awsvpc networking share the interfaces of their hosts"
        reading.gap("unmodelled", props.resource, message)
        return
    inside = props.inner("network_configuration")
    plan = Plan(
        kind="instance",
        subnets=inside.many("subnets", *SUBNET),
        groups=inside.many("security_groups", *GROUP),
        tags=props.tags(),
        name=props.name() or props.label,
        zonal=False,
        public=inside.truth("assign_public_ip", False),
        aliases=_names(props),
    )
    place(props, plan)


def _read_nodes(reading: Reading, props: Props) -> None:
    """Nodes: with a launch template's groups, else with one that EKS makes for the cluster."""
    launch = launch_of(props)
    plan = Plan(
        kind="instance",
        subnets=props.many("subnet_ids", *SUBNET),
        groups=launch.groups,
        public=launch.public,
        tags=props.tags(),
        name=props.name() or props.label,
        zonal=False,
        aliases=(props.label, props.text("node_group_name")),
    )
    place(props, plan)
    if not launch.groups:
        message = "the security group that EKS makes for its nodes is not in the plan"
        reading.gap("missing", props.resource, message, affects=(props.id,))
