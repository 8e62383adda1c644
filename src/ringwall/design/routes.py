"""Routes, as a list of what is allowed: a destination that nobody declared has none.

* public: everything beyond the VPC goes to the internet gateway (load balancers answer anyone);
* app: one table per zone, with a route to a NAT gateway for each declared egress destination and
  no other (no default route, unless somebody declares egress to 0.0.0.0/0);
* data: one table, local traffic only.

NAT gateways stand only where a service has egress: one per zone, or one for all.
"""

from __future__ import annotations

from ipaddress import IPv4Network, collapse_addresses

from ringwall.design.blueprint import Blueprint, subnet_name
from ringwall.design.network import ATTACHMENT, GATEWAY, VPC, has_gateway
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Ref, Resource, Tree
from ringwall.spec.model import Tier

ANYWHERE = "0.0.0.0/0"


def destinations(blueprint: Blueprint) -> tuple[IPv4Network, ...]:
    """The declared egress destinations as the fewest blocks that cover exactly them."""
    declared = [
        IPv4Network(one.to, strict=False)
        for several in blueprint.spec.egress.values()
        for one in several
    ]
    return tuple(collapse_addresses(declared))


def nat_zones(blueprint: Blueprint) -> range:
    """The zones that have a NAT gateway (the spec's check refuses egress without any)."""
    if not destinations(blueprint) or blueprint.spec.network.nat == "none":
        return range(0)
    return range(1) if blueprint.spec.network.nat == "single" else blueprint.zones


def routes(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: NAT gateways, route tables, routes and their subnets."""
    gateways = nat_zones(blueprint)
    for zone in gateways:
        _nat(blueprint, tree, zone)
    public = _table(blueprint, tree, "PublicRouteTable", "public", "public")
    if has_gateway(blueprint):
        tree.add(
            Resource(
                "PublicInternetRoute",
                "AWS::EC2::Route",
                {
                    "RouteTableId": public,
                    "DestinationCidrBlock": ANYWHERE,
                    "GatewayId": Ref(GATEWAY),
                },
                depends_on=(ATTACHMENT,),
            )
        )
    data = _table(blueprint, tree, "DataRouteTable", "data", "data")
    for zone in blueprint.zones:
        app = _table(blueprint, tree, f"AppRouteTable{zone + 1}", f"app-{zone + 1}", "app")
        if gateways:
            _egress(blueprint, tree, app, zone, zone if zone in gateways else gateways[0])
        tables: dict[Tier, Ref] = {"public": public, "app": app, "data": data}
        for tier, table in tables.items():
            _associate(tree, tier, zone, table)


def _table(blueprint: Blueprint, tree: Tree, name: str, word: str, tier: Tier) -> Ref:
    return tree.add(
        Resource(
            name,
            "AWS::EC2::RouteTable",
            {"VpcId": Ref(VPC), "Tags": tags(blueprint, f"{word}-routes", tier=tier)},
        )
    )


def _associate(tree: Tree, tier: Tier, zone: int, table: Ref) -> None:
    subnet = subnet_name(tier, zone)
    tree.add(
        Resource(
            f"{subnet}Routes",
            "AWS::EC2::SubnetRouteTableAssociation",
            {"SubnetId": Ref(subnet), "RouteTableId": table},
        )
    )


def _nat(blueprint: Blueprint, tree: Tree, zone: int) -> None:
    address = tree.add(
        Resource(
            f"NatAddress{zone + 1}",
            "AWS::EC2::EIP",
            {"Domain": "vpc", "Tags": tags(blueprint, f"nat-{zone + 1}", tier="public")},
            depends_on=(ATTACHMENT,),
        )
    )
    tree.add(
        Resource(
            f"NatGateway{zone + 1}",
            "AWS::EC2::NatGateway",
            {
                "SubnetId": Ref(subnet_name("public", zone)),
                "AllocationId": Attr(address.name, "AllocationId"),
                "Tags": tags(blueprint, f"nat-{zone + 1}", tier="public"),
            },
            # Without the way out a NAT gateway does not come up; without it in time, routes fail.
            depends_on=(ATTACHMENT,),
        )
    )


def _egress(blueprint: Blueprint, tree: Tree, table: Ref, zone: int, gateway: int) -> None:
    for block in destinations(blueprint):
        word = str(block).replace(".", "x").replace("/", "p")
        tree.add(
            Resource(
                f"AppRoute{zone + 1}To{word}",
                "AWS::EC2::Route",
                {
                    "RouteTableId": table,
                    "DestinationCidrBlock": str(block),
                    "NatGatewayId": Ref(f"NatGateway{gateway + 1}"),
                },
            )
        )
