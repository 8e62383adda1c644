"""The reference simulator on small networks, one for every rule of AWS's that it must know.

Each case is a board, two ends and a service; its full trace there and back stands in
``traces/NAME.txt``, written to be read and checked by a person. To see what changed after an
intended change of words: ``RINGWALL_WRITE_TRACES=1 pytest tests/prove/test_simulator_traces.py``
and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from boards import outward, three_tiers, two_subnets, with_balancer
from networks import OPEN_ACL, OPEN_GROUP, Board, show

from ringwall.model.addresses import position
from ringwall.model.network import Network
from ringwall.model.services import ICMP, has_ports, protocol_number
from ringwall.model.verdict import Packet
from ringwall.prove.ends import End, resolve
from ringwall.prove.simulator import trace, trace_reply

TRACES = Path(__file__).parent / "traces"


class Question(NamedTuple):
    board: Board
    source: str
    target: str
    service: str = "tcp/443"
    source_address: str = ""
    target_address: str = ""
    client: int = 40000


CASES: dict[str, Callable[[], Question]] = {}


def case(build: Callable[[], Question]) -> Callable[[], Question]:
    CASES[build.__name__] = build
    return build


def end_of(network: Network, name: str, address: str) -> tuple[End, int]:
    (end,) = resolve(network, name)
    if address:
        return end, position(address)
    return end, end.addresses.first if end.addresses else position("198.51.100.7")


def packet_of(text: str, source: int, target: int, client: int) -> Packet:
    name, _, number = text.partition("/")
    protocol, port = protocol_number(name), int(number or 0)
    if has_ports(protocol):
        return Packet(source, target, protocol, port, client)
    return Packet(source, target, protocol, port << 8 if protocol in (ICMP, 58) else 0)


def rendered(asked: Question) -> str:
    network = asked.board.network()
    source, mine = end_of(network, asked.source, asked.source_address)
    target, theirs = end_of(network, asked.target, asked.target_address)
    packet = packet_of(asked.service, mine, theirs, asked.client)
    there = show(trace(network, packet, source, target))
    back = show(trace_reply(network, packet, source, target))
    return f"{there}\nanswer: {back}"


# --- inside a VPC ---------------------------------------------------------------------------


@case
def tier_to_tier() -> Question:
    return Question(three_tiers(), "eni-api", "eni-db", "tcp/5432")


@case
def reply_outside_the_opened_range() -> Question:
    return Question(three_tiers(), "eni-api", "eni-db", "tcp/5432", client=1024)


@case
def every_blocker_shows() -> Question:
    return Question(three_tiers(), "eni-web", "eni-db", "tcp/5432")


@case
def same_subnet_skips_acls_and_routes() -> Question:
    board = (
        two_subnets().acl("acl-left", "left").eni("eni-c", "left", "10.0.0.11", groups="sg-open")
    )
    return Question(board, "eni-a", "eni-c")


@case
def no_group_means_deny() -> Question:
    return Question(two_subnets(groups=False), "eni-a", "eni-b")


@case
def group_without_rules_in_a_direction() -> Question:
    board = two_subnets().group("sg-open", "all to 0.0.0.0/0")
    return Question(board, "eni-a", "eni-b")


@case
def self_reference_admits_members() -> Question:
    board = two_subnets().group("sg-open", "all from sg-open", "all to sg-open")
    return Question(board, "eni-a", "eni-b", "udp/53")


@case
def lowest_number_decides_whatever_the_order() -> Question:
    board = two_subnets().acl(
        "acl-right",
        "right",
        "200 allow all from 0.0.0.0/0",
        "90 deny tcp/443 from 10.0.0.0/24",
        "100 allow all to 0.0.0.0/0",
    )
    return Question(board, "eni-a", "eni-b")


@case
def acl_looks_at_the_destination_port_only() -> Question:
    board = two_subnets().acl(
        "acl-left",
        "left",
        "100 allow all from 0.0.0.0/0",
        "90 deny tcp/40000 to 0.0.0.0/0",
        "100 allow all to 0.0.0.0/0",
    )
    return Question(board, "eni-a", "eni-b")


@case
def echo_request_and_reply() -> Question:
    board = two_subnets().acl(
        "acl-left",
        "left",
        "100 allow icmp/0 from 10.0.1.0/24",
        "100 allow icmp/8 to 10.0.1.0/24",
    )
    return Question(board, "eni-a", "eni-b", "icmp/8")


@case
def other_icmp_is_answered_by_no_one_knows_what() -> Question:
    board = two_subnets().acl(
        "acl-left", "left", "100 allow icmp/0 from 10.0.1.0/24", "100 allow all to 10.0.1.0/24"
    )
    return Question(board, "eni-a", "eni-b", "icmp/17")


@case
def protocol_without_ports() -> Question:
    return Question(two_subnets(), "eni-a", "eni-b", "50")


@case
def ipv6_has_rules_of_its_own() -> Question:
    board = (
        Board("10.0.0.0/16", "2001:db8:1::/56")
        .subnet("left", "10.0.0.0/24", "2001:db8:1::/64")
        .subnet("right", "10.0.1.0/24", "2001:db8:1:1::/64")
        .acl("acl-left", "left", *OPEN_ACL, "101 allow all from ::/0", "101 allow all to ::/0")
        .acl("acl-right", "right", *OPEN_ACL)
        .group("sg-open", *OPEN_GROUP)
        .table("rtb-1", "", main=True)
        .eni("eni-a", "left", "10.0.0.10", "2001:db8:1::a", groups="sg-open")
        .eni("eni-b", "right", "10.0.1.10", "2001:db8:1:1::b", groups="sg-open")
    )
    return Question(board, "eni-a", "eni-b", "tcp/443", "2001:db8:1::a", "2001:db8:1:1::b")


# --- routes ---------------------------------------------------------------------------------


def apart(*routes: str) -> Board:
    """eni-b stands in another VPC; ``routes`` stand in eni-a's table."""
    return (
        two_subnets()
        .vpc("vpc-2", "10.9.0.0/16")
        .subnet("far", "10.9.0.0/24", vpc="vpc-2")
        .acl("acl-far", "far", *OPEN_ACL, vpc="vpc-2")
        .table("rtb-far", "far", vpc="vpc-2")
        .group("sg-far", "tcp/443 from sg-open", vpc="vpc-2")
        .table("rtb-1", "", *routes, main=True)
        .eni("eni-far", "far", "10.9.0.10", groups="sg-far")
    )


@case
def no_route_to_another_vpc() -> Question:
    return Question(apart(), "eni-a", "eni-far")


@case
def peering_that_nobody_shows() -> Question:
    return Question(apart("10.9.0.0/16 pcx-1"), "eni-a", "eni-far")


@case
def transit_gateway_that_nobody_shows() -> Question:
    return Question(apart("10.0.0.0/8 tgw-1 propagated"), "eni-a", "eni-far")


@case
def static_beats_propagated() -> Question:
    board = apart("10.9.0.0/16 vgw-1 propagated", "10.9.0.0/16 pcx-1 blackhole")
    return Question(board, "eni-a", "eni-far")


@case
def internet_gateway_drops_private_destinations() -> Question:
    return Question(apart("0.0.0.0/0 igw-1").igw(), "eni-a", "eni-far")


@case
def longest_prefix_wins() -> Question:
    board = outward().table("rtb-left", "left", "0.0.0.0/0 nat-1", "198.51.100.0/24 igw-1")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def middlebox_that_nobody_shows() -> Question:
    board = two_subnets().table("rtb-1", "", "10.0.1.0/24 eni-firewall", main=True)
    return Question(board, "eni-a", "eni-b")


@case
def blackhole() -> Question:
    board = outward().table("rtb-left", "left", "0.0.0.0/0 nat-1 blackhole")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def two_prefix_lists_of_equal_length() -> Question:
    board = (
        outward()
        .prefix_list("pl-one", "198.51.100.0/24")
        .prefix_list("pl-two", "198.51.100.0/24", "203.0.113.0/24")
        .table("rtb-left", "left", "pl-one nat-1", "pl-two igw-1")
    )
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def no_route_table_is_known() -> Question:
    board = two_subnets().igw()
    board.things["route_tables"].clear()
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def local_route_without_any_table() -> Question:
    board = two_subnets()
    board.things["route_tables"].clear()
    return Question(board, "eni-a", "eni-b")


# --- to and from the Internet ---------------------------------------------------------------


@case
def from_the_internet() -> Question:
    return Question(three_tiers(), "internet", "eni-web", source_address="198.51.100.7")


@case
def from_the_internet_to_a_private_interface() -> Question:
    return Question(three_tiers(), "internet", "eni-api", "tcp/8080", source_address="198.51.100.7")


@case
def from_the_internet_without_a_gateway() -> Question:
    board = three_tiers().igw("igw-1", "")
    return Question(board, "internet", "eni-web", source_address="198.51.100.7")


@case
def to_the_internet_through_its_gateway() -> Question:
    board = two_subnets().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    board.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public_addresses="203.0.113.9")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def to_the_internet_without_a_public_address() -> Question:
    board = two_subnets().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def public_address_not_known() -> Question:
    board = two_subnets().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    board.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public=None)
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def gateway_of_another_vpc() -> Question:
    board = two_subnets().igw("igw-1", "vpc-9").table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def through_a_nat_gateway() -> Question:
    return Question(outward(), "eni-a", "internet", target_address="198.51.100.7")


@case
def nat_gateway_in_the_same_subnet() -> Question:
    board = (
        two_subnets()
        .igw()
        .nat("nat-1", "left", "10.0.0.200")
        .table("rtb-left", "left", "0.0.0.0/0 nat-1")
    )
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def nat_passes_tcp_udp_and_icmp_only() -> Question:
    return Question(outward(), "eni-a", "internet", "50", target_address="198.51.100.7")


@case
def nat_subnet_must_let_answers_in() -> Question:
    board = outward().acl(
        "acl-right", "right", "100 allow all from 10.0.0.0/16", "100 allow all to 0.0.0.0/0"
    )
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def nat_must_hear_answers_on_every_port_of_its_own() -> Question:
    board = outward().acl(
        "acl-right", "right", "90 allow all from 10.0.0.0/16",
        "100 allow tcp/32768-65535 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0",
    )  # fmt: skip
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def private_nat_reaches_no_internet() -> Question:
    board = outward().nat("nat-1", "right", "10.0.1.200", public=False)
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def ipv6_through_an_egress_only_gateway() -> Question:
    board = (
        Board("10.0.0.0/16", "2001:db8:1::/56")
        .subnet("left", "10.0.0.0/24", "2001:db8:1::/64")
        .acl("acl-left", "left", "101 allow all from ::/0", "101 allow all to ::/0")
        .group("sg-open", "all to ::/0")
        .igw("eigw-1", egress_only=True)
        .table("rtb-1", "", "::/0 eigw-1", main=True)
        .eni("eni-a", "left", "2001:db8:1::a", groups="sg-open")
    )
    return Question(board, "eni-a", "internet", target_address="2001:db8:ffff::7")


@case
def egress_only_gateway_lets_nobody_in() -> Question:
    board = ipv6_through_an_egress_only_gateway().board.group("sg-open", "all from ::/0")
    return Question(board, "internet", "eni-a", source_address="2001:db8:ffff::7")


@case
def edge_route_table_of_local_routes() -> Question:
    board = three_tiers().table("rtb-edge", "").edge("rtb-edge", "igw-1")
    return Question(board, "internet", "eni-web", source_address="198.51.100.7")


@case
def own_public_address_goes_out_and_in_again() -> Question:
    board = two_subnets().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    board.group("sg-open", "tcp/443 from sg-open", "all to 0.0.0.0/0")
    for name, subnet, address, public in (
        ("eni-a", "left", "10.0.0.10", "203.0.113.9"),
        ("eni-b", "right", "10.0.1.10", "203.0.113.10"),
    ):
        board.eni(name, subnet, address, groups="sg-open", public_addresses=public)
    return Question(board, "eni-a", "203.0.113.10")


# --- load balancers -------------------------------------------------------------------------


@case
def listener_takes_its_port() -> Question:
    return Question(with_balancer(), "internet", "eni-lb", source_address="198.51.100.7")


@case
def no_listener_on_this_port() -> Question:
    board = with_balancer().group("sg-web", "tcp from 0.0.0.0/0")
    return Question(board, "internet", "eni-lb", "tcp/80", source_address="198.51.100.7")


@case
def network_balancer_without_groups() -> Question:
    board = with_balancer("network")
    board.eni("eni-lb", "public", "10.0.0.20", kind="load-balancer", owner="front", public=True)
    return Question(board, "internet", "eni-lb", "udp/53", source_address="198.51.100.7")


@case
def application_balancer_without_groups() -> Question:
    board = with_balancer()
    board.eni("eni-lb", "public", "10.0.0.20", kind="load-balancer", owner="front", public=True)
    return Question(board, "internet", "eni-lb", source_address="198.51.100.7")


@case
def balancer_to_its_target() -> Question:
    return Question(with_balancer(), "eni-lb", "eni-api", "tcp/8080")


# --- buckets --------------------------------------------------------------------------------


def stored(**policy: object) -> Board:
    return (
        three_tiers()
        .s3()
        .table("rtb-app", "app", "pl-s3 vpce-s3")
        .group("sg-api", "tcp/443 to pl-s3")
        .bucket("store", **policy)
    )


@case
def bucket_through_its_endpoint() -> Question:
    return Question(stored(only_through=("vpce-s3",)), "eni-api", "store")


@case
def bucket_through_a_nat_gateway() -> Question:
    board = outward().s3().bucket("store", only_through=("vpce-s3",))
    return Question(board, "eni-a", "store")


@case
def bucket_from_the_internet() -> Question:
    board = stored(only_through=("vpce-s3",), blocks_public=True)
    return Question(board, "internet", "store", source_address="198.51.100.7")


@case
def bucket_policy_not_understood() -> Question:
    return Question(stored(only_through=None), "eni-api", "store")


@case
def bucket_at_addresses_that_nobody_published() -> Question:
    board = stored().s3(None)
    return Question(board, "eni-api", "store")


@case
def gateway_endpoint_passes_tcp_only() -> Question:
    board = stored().group("sg-api", "all to pl-s3").acl("acl-app", "app", *OPEN_ACL)
    return Question(board, "eni-api", "store", "udp/443")


# --- what is not known ----------------------------------------------------------------------


@case
def no_acl_is_known() -> Question:
    board = two_subnets()
    del board.things["network_acls"]["acl-right"]
    return Question(board, "eni-a", "eni-b")


@case
def uncertain_allow_alone() -> Question:
    board = two_subnets().group("sg-open", "all from anyone ?", "all to 0.0.0.0/0")
    return Question(board, "eni-a", "eni-b")


@case
def uncertain_allow_beside_a_certain_one() -> Question:
    board = two_subnets().group("sg-open", "all from anyone ?", *OPEN_GROUP)
    return Question(board, "eni-a", "eni-b")


@case
def uncertain_deny_before_an_allow() -> Question:
    board = two_subnets().acl("acl-right", "right", "90 deny tcp from 10.0.0.0/8 ?", *OPEN_ACL)
    return Question(board, "eni-a", "eni-b")


@case
def uncertain_deny_before_a_deny() -> Question:
    board = two_subnets().acl("acl-right", "right", "90 deny tcp from 10.0.0.0/8 ?")
    return Question(board, "eni-a", "eni-b")


@case
def uncertain_route() -> Question:
    board = outward().table("rtb-left", "left", "0.0.0.0/0 nat-1", "0.0.0.0/0 igw-1 ?")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def prefix_list_of_unknown_contents() -> Question:
    board = two_subnets().prefix_list("pl-dark", known=False)
    board.group("sg-open", "all from pl-dark", "all to 0.0.0.0/0")
    return Question(board, "eni-a", "eni-b")


@case
def gap_on_an_acl() -> Question:
    return Question(two_subnets().gap("acl-right"), "eni-a", "eni-b")


@case
def gap_on_a_group_that_allows_anyway() -> Question:
    return Question(two_subnets().gap("sg-open"), "eni-a", "eni-b")


@case
def gap_on_the_vpc() -> Question:
    return Question(two_subnets().gap("vpc-1"), "eni-a", "eni-b")


@case
def address_without_an_interface() -> Question:
    return Question(two_subnets(), "eni-a", "10.0.1.77")


@pytest.mark.parametrize("name", CASES)
def test_trace(name: str) -> None:
    found = rendered(CASES[name]())
    golden = TRACES / f"{name}.txt"
    if os.environ.get("RINGWALL_WRITE_TRACES"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_every_golden_has_a_case() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(CASES)
