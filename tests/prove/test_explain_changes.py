"""The fewest changes: all of them open the way, and any one left out keeps it shut."""

from __future__ import annotations

from itertools import combinations

import pytest
from boards import (
    egress_vpc,
    inspection,
    office,
    outward,
    peered,
    three_tiers,
    three_vpcs,
    two_subnets,
    with_balancer,
)
from networks import OPEN_ACL, OPEN_GROUP, Board

from ringwall.facts.load import facts
from ringwall.model.verdict import Explanation, Reach, ReturnPorts
from ringwall.prove.explain import explain
from ringwall.prove.explain_changes import _BY_CODE

CLIENTS = (32768, 60999)


def answer(board: Board, source: str, target: str, port: int = 443) -> Explanation:
    return explain(board.network(), source, target, port=port, client_ports=CLIENTS)


def words(found: Explanation) -> list[str]:
    return [one.words for one in found.changes]


def shut_three_ways() -> Board:
    return (
        two_subnets()
        .acl(
            "acl-left",
            "left",
            "100 allow all to 0.0.0.0/0",
            "90 allow tcp/32768-40000 from 10.0.0.0/8",
        )
        .acl("acl-right", "right", "90 deny tcp/443 from 10.0.0.0/8", *OPEN_ACL)
        .group("sg-shut", "tcp/22 from 10.0.0.0/8", *OPEN_GROUP[1:])
        .eni("eni-b", "right", "10.0.1.10", groups="sg-shut")
    )  # fmt: skip


def test_each_change_names_one_element_and_what_it_must_pass() -> None:
    assert words(answer(shut_three_ways(), "eni-a", "eni-b")) == [
        "let acl-right pass tcp/443 from 10.0.0.10, by a rule before 90",
        "let sg-shut pass tcp/443 from 10.0.0.10",
        "let acl-left pass tcp/32768-60999 from 10.0.1.10",
    ]


#: How to grant what the changes of an element ask for, at its most generous.
GRANTS = {
    "acl-left": lambda board: board.acl("acl-left", "left", *OPEN_ACL),
    "acl-right": lambda board: board.acl("acl-right", "right", *OPEN_ACL),
    "sg-shut": lambda board: board.group("sg-shut", *OPEN_GROUP),
}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_all_changes_open_the_way_and_fewer_do_not(count: int) -> None:
    asked = {one.resource for one in answer(shut_three_ways(), "eni-a", "eni-b").changes}
    assert asked == set(GRANTS)
    for chosen in combinations(sorted(asked), count):
        board = shut_three_ways()
        for name in chosen:
            GRANTS[name](board)
        found = answer(board, "eni-a", "eni-b")
        whole = found.verdict is Reach.REACHABLE and found.return_ports is ReturnPorts.ALL
        assert whole == (count == len(asked)), chosen
        assert {one.resource for one in found.changes} == asked - set(chosen)


def test_an_open_way_needs_no_change() -> None:
    assert answer(two_subnets(), "eni-a", "eni-b").changes == ()


def test_ports_that_hear_no_answer_are_asked_for_though_some_do() -> None:
    board = two_subnets().acl(
        "acl-left", "left", "100 allow all to 0.0.0.0/0", "90 allow tcp/32768-40000 from 10.0.0.0/8"
    )
    found = answer(board, "eni-a", "eni-b")
    assert (found.verdict, found.return_ports) == (Reach.REACHABLE, ReturnPorts.SOME)
    assert words(found) == ["let acl-left pass tcp/32768-60999 from 10.0.1.10"]


def test_a_nat_gateway_must_hear_answers_on_all_of_its_ports() -> None:
    board = outward().acl(
        "acl-right", "right", "90 allow all from 10.0.0.0/16", "100 allow all to 0.0.0.0/0"
    )
    assert words(answer(board, "eni-a", "198.51.100.7")) == [
        "let acl-right pass tcp/1024-65535 from 198.51.100.7"
    ]


def test_a_load_balancer_is_opened_on_both_of_its_sides() -> None:
    board = with_balancer().group("sg-api", "tcp/22 from sg-web")
    board.acl("acl-app", "app", "100 allow tcp/8080 from 10.0.0.0/24")
    assert words(answer(board, "internet", "eni-api")) == [
        "let sg-api pass tcp/8080 from 10.0.0.20",
        "let acl-app pass tcp/1024-65535 to 10.0.0.20",
    ]


@pytest.mark.parametrize(
    ("board", "target", "expected"),
    [
        (two_subnets(), "198.51.100.7", "give rtb-1 a route that leads to 198.51.100.7"),
        (
            two_subnets().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True),
            "198.51.100.7",
            "give eni-a a public address at this gateway",
        ),
        (
            inspection("stateful 1 drop tcp any any"),
            "eni-b",
            "let fw-1 pass tcp/443 to 10.2.0.10",
        ),
        (
            egress_vpc().public_access("block-bidirectional"),
            "198.51.100.7",
            "exclude this VPC or subnet from Block Public Access us-east-1",
        ),
        (
            office().table("rtb-1", "", "192.168.0.0/16 vgw-1 blackhole", main=True),
            "192.168.7.7",
            "give the route to 192.168.7.7 in rtb-1 a target that exists",
        ),
    ],
)
def test_gateways_and_routes_are_told_by_their_codes(
    board: Board, target: str, expected: str
) -> None:
    assert expected in words(answer(board, "eni-a", target))


def by_box(**more: object) -> Board:
    """All of left's way to right goes through an appliance in a subnet of its own."""
    return (
        two_subnets()
        .subnet("middle", "10.0.7.0/24")
        .acl("acl-middle", "middle", *OPEN_ACL)
        .eni("eni-box", "middle", "10.0.7.10", groups="sg-open", **more)
        .table("rtb-left", "left", "10.0.1.0/24 eni-box")
    )


def far_zone() -> Board:
    """a stands in a zone in which its VPC's attachment has no subnet."""
    return three_vpcs().eni("eni-a", "left-2", "10.0.1.10", groups="sg-open")


@pytest.mark.parametrize(
    ("board", "expected"),
    [
        (peered().peering("pcx-1", "vpc-1", "vpc-2", active=False), "activate pcx-1"),
        (far_zone(), "give att-1 a subnet in the packet's zone"),
        (
            three_vpcs().attach(
                "att-2", "tgw-1", "vpc", "vpc-2", subnets="right-door", available=False
            ),
            "attach att-2, or make its attachment work",
        ),
        (
            three_vpcs().transit_table("tgw-rtb", "tgw-1", "att-2", "att-1 att-2"),
            "associate the attachment with a table of tgw-1",
        ),
        (
            three_vpcs().transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "att-1"),
            "give tgw-rtb a route to 10.2.0.10",
        ),
        (
            three_vpcs().transit_table(
                "tgw-rtb", "tgw-1", "att-1 att-2", "att-1", "10.2.0.0/16 blackhole"
            ),
            "replace the blackhole for 10.2.0.10 in tgw-rtb",
        ),
        (
            by_box(source_dest_check=True, forwards=True),
            "switch off the source/destination check of eni-box",
        ),
    ],
)
def test_what_joins_networks_is_told_by_its_codes(board: Board, expected: str) -> None:
    found = answer(board, "eni-a", "eni-b")
    assert found.verdict is Reach.BLOCKED
    assert words(found) == list(dict.fromkeys(words(found)))
    assert expected in words(found)


def test_a_regional_nat_gateway_must_serve_the_zone() -> None:
    board = outward().regional_nat("nat-r", zones=("zone-9",), route_table="rtb-nat")
    board.table("rtb-nat", "", "0.0.0.0/0 igw-1").table("rtb-left", "left", "0.0.0.0/0 nat-r")
    found = answer(board, "eni-a", "198.51.100.7")
    assert "let nat-r serve the packet's zone" in words(found)


@pytest.mark.parametrize("kind", ["application", "classic"])
def test_a_listener_that_is_not_there_is_asked_for(kind: str) -> None:
    found = answer(with_balancer(kind), "internet", "front", 8443)
    assert "add a listener for tcp/8443 to front" in words(found)


def test_a_target_in_another_zone_needs_the_cross_zone_switch() -> None:
    board = with_balancer().subnet("far", "10.0.44.0/24", zone="zone-2")
    board.acl("acl-far", "far", *OPEN_ACL).group("sg-far", "tcp/443 from sg-web")
    board.eni("eni-far", "far", "10.0.44.10", groups="sg-far").group("sg-web", *OPEN_GROUP)
    board.targets("tg-far", "HTTP:443", "eni-far")
    board.balancer("front", "application", "HTTPS:443 tg-far", cross_zone=False)
    found = answer(board, "internet", "eni-far")
    assert "switch on the cross-zone load balancing of front" in words(found)


def test_what_is_not_known_is_no_change() -> None:
    found = answer(by_box(source_dest_check=False, forwards=None), "eni-a", "eni-b")
    assert (found.verdict, found.changes) == (Reach.UNKNOWN, ())


def test_a_lost_reference_is_replaced_by_an_address() -> None:
    found = answer(three_tiers().group("sg-db", "tcp/5432 from sg-web"), "eni-api", "eni-db", 5432)
    assert words(found) == ["let sg-db pass tcp/5432 from 10.0.1.10"]


def test_every_code_with_a_mend_is_one_of_awss() -> None:
    assert set(_BY_CODE) <= set(facts("explanation-codes").values)
