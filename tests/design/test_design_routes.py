"""Routes: a destination that nobody declared has none."""

from __future__ import annotations

from ipaddress import IPv4Network

from design_tables import aligned, built, example, same_as_golden
from hypothesis import HealthCheck, given, settings

from ringwall.design.build import Design, build
from ringwall.design.tree import Ref
from ringwall.spec.load import SpecFile
from strategies import spec_files

EGRESS = """
egress:
  api:
    - {to: 203.0.113.0/25, port: 443, why: payments}
    - {to: 203.0.113.128/25, port: 8443, why: more payments}
"""
TEXT = """
name: a
network: {zones: 3, nat: %s}
services:
  web: {kind: load-balancer}
  api: {kind: service, from: [web]}
"""


def route_table(design: Design) -> str:
    rows = [["route table", "destination", "by way of", "subnets"]]
    subnets: dict[str, list[str]] = {}
    for one in design.tree.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        table = one.properties["RouteTableId"].name
        subnets.setdefault(table, []).append(one.properties["SubnetId"].name)
    for table in design.tree.of_type("AWS::EC2::RouteTable"):
        served = " ".join(subnets.pop(table.name))
        rows.append([table.name, str(design.plan.vpc), "local", served])
        for route in design.tree.of_type("AWS::EC2::Route"):
            if route.properties["RouteTableId"] == Ref(table.name):
                target = route.properties.get("GatewayId") or route.properties["NatGatewayId"]
                rows.append([table.name, route.properties["DestinationCidrBlock"], target.name, ""])
        for endpoint in design.tree.of_type("AWS::EC2::VPCEndpoint"):
            if Ref(table.name) in endpoint.properties.get("RouteTableIds", []):
                rows.append([table.name, "S3", endpoint.name, ""])
    assert not subnets
    return aligned(rows)


def test_the_routes_of_an_example() -> None:
    same_as_golden("clinic-routes.txt", route_table(example("clinic")))


def routes_of(design: Design, table: str) -> dict[str, str]:
    return {
        one.properties["DestinationCidrBlock"]: (
            one.properties.get("GatewayId") or one.properties["NatGatewayId"]
        ).name
        for one in design.tree.of_type("AWS::EC2::Route")
        if one.properties["RouteTableId"] == Ref(table)
    }


def test_adjacent_destinations_are_one_route() -> None:
    design = built(TEXT % "per-zone" + EGRESS)
    for zone in (1, 2, 3):
        expected = {"203.0.113.0/24": f"NatGateway{zone}"}
        assert routes_of(design, f"AppRouteTable{zone}") == expected


def test_one_nat_gateway_serves_every_zone() -> None:
    design = built(TEXT % "single" + EGRESS)
    assert [one.name for one in design.tree.of_type("AWS::EC2::NatGateway")] == ["NatGateway1"]
    assert routes_of(design, "AppRouteTable3") == {"203.0.113.0/24": "NatGateway1"}


def test_no_nat_gateway_stands_where_nothing_goes_out() -> None:
    design = built(TEXT % "per-zone")
    assert not list(design.tree.of_type("AWS::EC2::NatGateway"))
    assert not list(design.tree.of_type("AWS::EC2::EIP"))


def test_what_needs_the_internet_gateway_waits_for_it() -> None:
    for kind in ("AWS::EC2::EIP", "AWS::EC2::NatGateway"):
        for one in example("clinic").tree.of_type(kind):
            assert one.depends_on == ("InternetGatewayAttachment",)
    route = example("clinic").tree.resources["PublicInternetRoute"]
    assert route.depends_on == ("InternetGatewayAttachment",)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec_files())
def test_app_routes_cover_exactly_the_declared_destinations(file: SpecFile) -> None:
    design = build(file)
    declared = [IPv4Network(one.to) for several in file.spec.egress.values() for one in several]
    for zone in range(file.spec.network.zones):
        routed = [IPv4Network(one) for one in routes_of(design, f"AppRouteTable{zone + 1}")]
        assert all(any(one.subnet_of(route) for route in routed) for one in declared)
        assert covered(routed) == covered(declared)
    assert routes_of(design, "DataRouteTable") == {}
    assert len(list(design.tree.of_type("AWS::EC2::NatGateway"))) == (
        0 if not declared else 1 if file.spec.network.nat == "single" else file.spec.network.zones
    )


def covered(blocks: list[IPv4Network]) -> int:
    """How many addresses some blocks hold together, counted by their distinct edges."""
    spans = sorted((int(one[0]), int(one[-1])) for one in blocks)
    total, reached = 0, -1
    for low, high in spans:
        total += max(0, high - max(low, reached + 1) + 1)
        reached = max(reached, high)
    return total
