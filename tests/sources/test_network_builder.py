"""The builder: ids that lead nowhere are on record, and nothing is made up."""

from __future__ import annotations

import pytest

from ringwall.model.addresses import parse_network
from ringwall.model.intervals import EMPTY
from ringwall.model.network import (
    GroupPeer,
    NetworkInterface,
    PrefixListPeer,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.builder import NetworkBuilder, labels_of

BLOCK = parse_network("10.0.0.0/16")


def standing() -> NetworkBuilder:
    builder = NetworkBuilder("test")
    builder.vpcs["v"] = Vpc("v", (BLOCK,))
    builder.subnets["s"] = Subnet("s", "v", "a", (BLOCK,))
    return builder


def missing(builder: NetworkBuilder) -> list[tuple[str, tuple[str, ...]]]:
    return [(gap.subject, gap.affects) for gap in builder.build().gaps]


def test_a_whole_network_has_no_gaps() -> None:
    assert missing(standing()) == []


def test_a_subnet_without_its_vpc() -> None:
    builder = standing()
    builder.subnets["t"] = Subnet("t", "gone", "a", (BLOCK,))
    assert missing(builder) == [("gone", ("t", "gone"))]


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (Route(BLOCK, "internet-gateway", "igw"), [("igw", ("igw",))]),
        (Route(BLOCK, "nat-gateway", "nat"), [("nat", ("nat",))]),
        (Route(BLOCK, "network-interface", "eni"), [("eni", ("eni",))]),
        (Route(BLOCK, "vpc-endpoint", "vpce"), [("vpce", ("vpce",))]),
        (Route("pl", "local", "local"), [("pl", ("r",))]),
        (Route(BLOCK, "transit-gateway", "tgw"), [("tgw", ("tgw",))]),
        (Route(BLOCK, "local", "local"), []),
    ],
    ids=lambda value: value.target_kind if isinstance(value, Route) else "",
)
def test_routes_that_lead_nowhere(route: Route, expected: list[object]) -> None:
    builder = standing()
    builder.route_tables["r"] = RouteTable("r", "v", False, ("s",), (route,))
    assert missing(builder) == expected


def test_rules_that_name_what_is_not_here() -> None:
    builder = standing()
    rules = tuple(
        SecurityGroupRule(peer, ALL_SERVICES) for peer in (GroupPeer("sg"), PrefixListPeer("pl"))
    )
    builder.security_groups["g"] = SecurityGroup("g", "v", "g", rules, ())
    assert missing(builder) == [("sg", ()), ("pl", ("g",))]


def test_an_interface_in_an_unknown_subnet_and_group() -> None:
    builder = standing()
    builder.interfaces["i"] = NetworkInterface("i", "gone", EMPTY, ("nobody",))
    assert missing(builder) == [("gone", ("i", "gone")), ("nobody", ("i", "nobody"))]


def test_a_gap_said_twice_counts_once() -> None:
    builder = standing()
    for _ in range(2):
        builder.gap("unmodelled", "x", "why")
    assert len(builder.build().gaps) == 1


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("32768-60999", (32768, 60999)),
        ("1024-65535", (1024, 65535)),
        ("", None),
        ("1-", None),
        ("9-1", None),
        ("1-70000", None),
        ("a-b", None),
    ],
)
def test_client_ports_from_a_tag(text: str, ports: tuple[int, int] | None) -> None:
    assert labels_of({"ringwall:client-ports": text}).client_ports == ports
