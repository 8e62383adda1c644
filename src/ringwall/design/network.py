"""The VPC, its way to the Internet where it needs one, and a subnet for every tier and zone."""

from __future__ import annotations

from ringwall.design.blueprint import Blueprint, subnet_name
from ringwall.design.tags import tags
from ringwall.design.tree import Concat, Output, Ref, Resource, Tree, Value, ZoneName
from ringwall.spec.model import LoadBalancer, Tier

VPC = "Vpc"
GATEWAY = "InternetGateway"
ATTACHMENT = "InternetGatewayAttachment"
TIERS: tuple[Tier, ...] = ("public", "app", "data")


def has_gateway(blueprint: Blueprint) -> bool:
    """Does anything ask for a way to or from the Internet?"""
    return bool(blueprint.spec.of_kind(LoadBalancer)) or any(blueprint.spec.egress.values())


def network(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: ``Vpc``, ``InternetGateway``, ``InternetGatewayAttachment``, the subnets."""
    tree.add(
        Resource(
            VPC,
            "AWS::EC2::VPC",
            {
                "CidrBlock": str(blueprint.plan.vpc),
                "EnableDnsSupport": True,
                "EnableDnsHostnames": True,
                "Tags": tags(blueprint, "vpc"),
            },
        )
    )
    tree.tell(Output("VpcId", "The VPC", Ref(VPC), export=True))
    if has_gateway(blueprint):
        _gateway(blueprint, tree)
    for tier in TIERS:
        for zone in blueprint.zones:
            tree.add(_subnet(blueprint, tier, zone))
        tree.tell(
            Output(
                f"{tier.capitalize()}SubnetIds",
                f"The subnets of the {tier} tier, one per zone",
                _list([Ref(subnet_name(tier, zone)) for zone in blueprint.zones]),
                export=True,
            )
        )


def _list(values: list[Ref]) -> Concat:
    parts: list[Value] = []
    for value in values:
        parts += [",", value]
    return Concat(tuple(parts[1:]))


def _gateway(blueprint: Blueprint, tree: Tree) -> None:
    tree.add(
        Resource(
            GATEWAY, "AWS::EC2::InternetGateway", {"Tags": tags(blueprint, "internet-gateway")}
        )
    )
    tree.add(
        Resource(
            ATTACHMENT,
            "AWS::EC2::VPCGatewayAttachment",
            {"VpcId": Ref(VPC), "InternetGatewayId": Ref(GATEWAY)},
        )
    )


def _subnet(blueprint: Blueprint, tier: Tier, zone: int) -> Resource:
    """Even in the public tier nothing gets a public address by being started there."""
    return Resource(
        subnet_name(tier, zone),
        "AWS::EC2::Subnet",
        {
            "VpcId": Ref(VPC),
            "AvailabilityZone": ZoneName(zone),
            "CidrBlock": str(blueprint.plan.subnets[tier][zone]),
            "MapPublicIpOnLaunch": False,
            "Tags": tags(blueprint, f"{tier}-{zone + 1}", tier=tier),
        },
    )
