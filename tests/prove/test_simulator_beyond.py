"""The reference simulator beyond one VPC's own tables: peering, transit, firewalls, on premises.

As in ``test_simulator_traces``: a board, two ends, a service; the trace there and back stands in
``traces/beyond/NAME.txt``, to be read and checked by a person.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from boards import (
    egress_vpc,
    inspection,
    office,
    outward,
    peered,
    three_vpcs,
    two_subnets,
    with_balancer,
)
from networks import OPEN_ACL, Board
from test_simulator_traces import Question, rendered

TRACES = Path(__file__).parent / "traces" / "beyond"
CASES: dict[str, Callable[[], Question]] = {}
#: An address on premises.
OFFICE = "192.168.7.7"


def case(build: Callable[[], Question]) -> Callable[[], Question]:
    CASES[build.__name__] = build
    return build


# --- peering ------------------------------------------------------------------------------------


@case
def over_a_peering_connection_a_reference_holds() -> Question:
    return Question(peered().group("sg-far", "tcp/443 from sg-open", vpc="vpc-2"), "eni-a", "eni-b")


@case
def across_regions_a_reference_does_not_hold() -> Question:
    board = peered().peering("pcx-1", "vpc-1", "vpc-2", "us-east-1", "eu-west-1")
    return Question(board.group("sg-far", "tcp/443 from sg-open", vpc="vpc-2"), "eni-a", "eni-b")


@case
def peering_leads_no_further() -> Question:
    board = peered().table("rtb-left", "left", "0.0.0.0/0 pcx-1")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def peering_that_waits_for_acceptance() -> Question:
    board = peered().peering("pcx-1", "vpc-1", "vpc-2", active=None)
    return Question(board, "eni-a", "eni-b")


@case
def peering_that_is_not_active() -> Question:
    board = peered().peering("pcx-1", "vpc-1", "vpc-2", active=False)
    return Question(board, "eni-a", "eni-b")


# --- transit gateways ---------------------------------------------------------------------------


@case
def over_a_transit_gateway() -> Question:
    return Question(three_vpcs(), "eni-a", "eni-b")


@case
def transit_gateway_lacks_the_zone() -> Question:
    board = three_vpcs().eni("eni-x", "left-2", "10.0.1.10", groups="sg-open")
    return Question(board, "eni-x", "eni-b")


@case
def transit_attachment_in_the_workload_subnet() -> Question:
    board = three_vpcs().attach("att-2", "tgw-1", "vpc", "vpc-2", subnets="right")
    board.acl("acl-right", "right", "100 allow all to 0.0.0.0/0", vpc="vpc-2")
    return Question(board, "eni-a", "eni-b")


@case
def transit_blackhole_beats_a_shorter_route() -> Question:
    board = three_vpcs()
    board.transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "att-1 att-2", "10.2.0.0/24 blackhole")
    return Question(board, "eni-a", "eni-b")


@case
def transit_static_beats_propagated() -> Question:
    board = three_vpcs()
    board.transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "att-1 att-2", "10.2.0.0/16 blackhole")
    return Question(board, "eni-a", "eni-b")


@case
def transit_attachment_without_a_table() -> Question:
    board = three_vpcs().transit_table("tgw-rtb", "tgw-1", "att-2", "att-1 att-2")
    return Question(board, "eni-a", "eni-b")


@case
def transit_table_without_a_route() -> Question:
    board = three_vpcs().transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "att-1")
    return Question(board, "eni-a", "eni-b")


@case
def transit_references_where_all_three_allow() -> Question:
    board = three_vpcs(group_references=True)
    return Question(board.group("sg-far", "all from sg-open", vpc="vpc-2"), "eni-a", "eni-b")


@case
def transit_references_are_off_by_an_attachment() -> Question:
    board = three_vpcs(group_references=True)
    board.attach("att-2", "tgw-1", "vpc", "vpc-2", subnets="right-door", group_references=False)
    return Question(board.group("sg-far", "all from sg-open", vpc="vpc-2"), "eni-a", "eni-b")


@case
def appliance_mode_may_use_any_zone() -> Question:
    board = three_vpcs().subnet("door-2", "10.2.9.0/28", zone="zone-2", vpc="vpc-2")
    board.acl("acl-door-2", "door-2", "100 deny tcp/443 to 0.0.0.0/0", vpc="vpc-2")
    board.attach("att-2", "tgw-1", "vpc", "vpc-2", subnets="right-door door-2", appliance_mode=True)
    return Question(board, "eni-a", "eni-b")


@case
def transit_gateways_peered() -> Question:
    board = three_vpcs().transit("tgw-2")
    board.attach("att-2", "tgw-2", "vpc", "vpc-2", subnets="right-door")
    board.attach("att-peer", "tgw-1", "peering", "tgw-2")
    board.transit_table("tgw-rtb", "tgw-1", "att-1 att-peer", "att-1", "10.2.0.0/16 att-peer")
    board.transit_table("tgw-rtb-2", "tgw-2", "att-2 att-peer", "att-2", "10.0.0.0/16 att-peer")
    board.table("rtb-right", "right right-door", "10.0.0.0/8 tgw-2", vpc="vpc-2")
    return Question(board, "eni-a", "eni-b")


@case
def egress_through_another_vpc() -> Question:
    return Question(egress_vpc(), "eni-a", "internet", target_address="198.51.100.7")


@case
def no_public_address_past_a_transit_gateway() -> Question:
    board = egress_vpc().table(
        "rtb-door", "door", "0.0.0.0/0 igw-1", "10.0.0.0/8 tgw-1", vpc="vpc-3"
    )
    board.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public_addresses="203.0.113.9")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def ipv6_of_another_vpc_at_an_egress_only_gateway() -> Question:
    board = three_vpcs("2600:1:1::/56", "2600:1:2::/56").igw("eigw-1", "vpc-2", egress_only=True)
    board.table("rtb-left", "left left-2 left-door", "::/0 tgw-1")
    board.table("rtb-right", "right right-door", "::/0 eigw-1", vpc="vpc-2")
    board.transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "att-1", "::/0 att-2")
    there = "2001:db8:ffff::7"
    return Question(board, "eni-a", "internet", "tcp/443", "2600:1:1::a", there)


# --- middleboxes and firewalls --------------------------------------------------------------------


def boxed(**more: object) -> Board:
    """All between a and b goes through a middlebox in a subnet of its own, both ways."""
    return (
        two_subnets()
        .subnet("between", "10.0.2.0/24")
        .acl("acl-between", "between", *OPEN_ACL)
        .table("rtb-left", "left", "10.0.1.0/24 eni-box")
        .table("rtb-right", "right", "10.0.0.0/24 eni-box")
        .eni("eni-box", "between", "10.0.2.10", groups="sg-open", **more)
    )


@case
def middlebox_hands_on() -> Question:
    return Question(boxed(source_dest_check=False, forwards=True), "eni-a", "eni-b")


@case
def middlebox_with_the_check_on() -> Question:
    return Question(boxed(forwards=True), "eni-a", "eni-b")


@case
def middlebox_of_unknown_configuration() -> Question:
    return Question(boxed(source_dest_check=False), "eni-a", "eni-b")


@case
def references_are_lost_at_a_middlebox() -> Question:
    board = boxed(source_dest_check=False, forwards=True)
    board.group("sg-ref", "all from sg-open", "all to 0.0.0.0/0")
    return Question(board.eni("eni-b", "right", "10.0.1.10", groups="sg-ref"), "eni-a", "eni-b")


@case
def middlebox_goes_in_a_circle() -> Question:
    board = boxed(source_dest_check=False, forwards=True)
    board.table("rtb-between", "between", "10.0.1.0/24 eni-box")
    return Question(board, "eni-a", "eni-b")


@case
def ingress_through_a_middlebox() -> Question:
    board = boxed(source_dest_check=False, forwards=True, public_addresses="203.0.113.5").igw()
    board.table("rtb-edge", "", "10.0.0.0/24 eni-box").edge("rtb-edge", "igw-1")
    board.table("rtb-left", "left", "0.0.0.0/0 eni-box")
    board.table("rtb-between", "between", "0.0.0.0/0 igw-1")
    board.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public_addresses="203.0.113.9")
    return Question(board, "internet", "eni-a", source_address="198.51.100.7")


@case
def inspected_both_ways() -> Question:
    return Question(inspection("stateful 1 pass tcp/443 10.0.0.0/8 any"), "eni-a", "eni-b")


@case
def stateful_drop() -> Question:
    return Question(inspection("stateful 1 drop tcp/443 any 10.2.0.0/16"), "eni-a", "eni-b")


@case
def strict_order_drops_what_nothing_passes() -> Question:
    board = inspection("stateful 1 pass tcp/22 any any", strict=True, stateful_default="drop")
    return Question(board, "eni-a", "eni-b")


@case
def stateless_rules_must_pass_the_answer_too() -> Question:
    board = inspection("stateless 1 pass tcp/443 any any", stateless_default="drop")
    return Question(board, "eni-a", "eni-b")


@case
def stateless_pass_one_way_is_not_known_back() -> Question:
    return Question(inspection("stateless 1 pass tcp/443 any any"), "eni-a", "eni-b")


@case
def firewall_with_suricata_rules() -> Question:
    return Question(inspection(opaque="Suricata rules"), "eni-a", "eni-b")


@case
def answer_past_the_firewall() -> Question:
    board = inspection()
    board.transit_table("tgw-rtb-2", "tgw-1", "att-2", "att-1")
    return Question(board, "eni-a", "eni-b")


@case
def gateway_load_balancer_is_not_known() -> Question:
    board = boxed().endpoint("vpce-gwlb", "gateway-load-balancer", "between")
    return Question(board.table("rtb-left", "left", "10.0.1.0/24 vpce-gwlb"), "eni-a", "eni-b")


@case
def classic_balancer_without_such_a_listener() -> Question:
    board = with_balancer("classic").group("sg-web", "all from 0.0.0.0/0")
    return Question(board, "internet", "eni-lb", "tcp/80", source_address="198.51.100.7")


@case
def classic_balancer_meets_its_own_acl() -> Question:
    board = with_balancer("classic").acl("acl-public", "public", "100 allow all from 0.0.0.0/0")
    board.eni("eni-api", "public", "10.0.0.30", groups="sg-api")
    return Question(board, "eni-lb", "eni-api", "tcp/8080")


# --- NAT gateways and Block Public Access -------------------------------------------------------


@case
def nat_gateway_of_another_vpc() -> Question:
    board = egress_vpc().table("rtb-left", "left", "0.0.0.0/0 nat-1")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def private_nat_on_to_a_transit_gateway() -> Question:
    board = three_vpcs().subnet("natted", "10.0.3.0/24")
    board.acl("acl-natted", "natted", *OPEN_ACL).nat("nat-1", "natted", "10.0.3.9", public=False)
    board.table("rtb-left", "left left-2 left-door", "10.0.0.0/8 nat-1")
    board.table("rtb-natted", "natted", "10.0.0.0/8 tgw-1")
    return Question(board, "eni-a", "eni-b")


@case
def regional_nat() -> Question:
    board = outward().regional_nat("nat-1", route_table="rtb-nat")
    return Question(board.table("rtb-nat", "", "0.0.0.0/0 igw-1"), "eni-a", "internet",
                    target_address="198.51.100.7")  # fmt: skip


@case
def regional_nat_does_not_serve_the_zone() -> Question:
    board = outward().regional_nat("nat-1", route_table="rtb-nat", zones=("zone-2",))
    return Question(board.table("rtb-nat", "", "0.0.0.0/0 igw-1"), "eni-a", "internet",
                    target_address="198.51.100.7")  # fmt: skip


@case
def block_public_access_leaves_nat_egress_alone() -> Question:
    board = outward().public_access("block-ingress")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def block_public_access_stops_both_ways() -> Question:
    board = outward().public_access("block-bidirectional", "left allow-bidirectional")
    return Question(board, "eni-a", "internet", target_address="198.51.100.7")


@case
def block_public_access_stops_ingress() -> Question:
    board = with_balancer().public_access("block-ingress", "public allow-egress")
    return Question(board, "internet", "eni-lb", source_address="198.51.100.7")


@case
def block_public_access_excludes_a_subnet() -> Question:
    board = with_balancer().public_access("block-bidirectional", "public allow-bidirectional")
    return Question(board, "internet", "eni-lb", source_address="198.51.100.7")


# --- on premises --------------------------------------------------------------------------------


def hub() -> Board:
    """A VPC with a VPN to an office, through a transit gateway."""
    board = three_vpcs().vpn("vpn-1", "tgw-1", "192.168.0.0/16")
    board.attach("att-vpn", "tgw-1", "vpn", "vpn-1")
    tables = "att-1 att-2 att-vpn"
    board.table("rtb-left", "left left-2 left-door", "0.0.0.0/0 tgw-1")
    return board.transit_table("tgw-rtb", "tgw-1", tables, tables)


@case
def shared_space_is_not_on_the_internet() -> Question:
    board = office().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    board.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public_addresses="203.0.113.9")
    return Question(board, "eni-a", "on-premises", target_address="100.64.0.7")


@case
def out_over_vpn() -> Question:
    return Question(office(), "eni-a", "on-premises", target_address=OFFICE)


@case
def in_over_vpn() -> Question:
    return Question(office(), "on-premises", "eni-a", source_address=OFFICE)


@case
def vpn_gateway_with_nothing_behind() -> Question:
    board = office().vpn("vpn-1", "vgw-1", "192.168.0.0/16", available=False)
    return Question(board, "on-premises", "eni-a", source_address=OFFICE)


@case
def in_over_vpn_by_an_edge_route_table() -> Question:
    board = office().subnet("between", "10.0.2.0/24").acl("acl-between", "between", *OPEN_ACL)
    board.eni("eni-box", "between", "10.0.2.10", groups="sg-open", source_dest_check=False,
              forwards=True)  # fmt: skip
    board.table("rtb-edge", "", "10.0.0.0/24 eni-box").edge("rtb-edge", "vgw-1")
    return Question(board, "on-premises", "eni-a", source_address=OFFICE)


@case
def out_over_a_transit_gateway() -> Question:
    return Question(hub(), "eni-a", "on-premises", target_address=OFFICE)


@case
def in_over_a_transit_gateway() -> Question:
    return Question(hub(), "on-premises", "eni-a", source_address=OFFICE)


@case
def two_ways_in_that_differ() -> Question:
    board = hub().vgw("vgw-1", "vpc-1").vpn("vpn-2", "vgw-1")
    board.acl("acl-left", "left", "100 deny all from 192.168.0.0/16", *OPEN_ACL[1:])
    board.attach("att-1", "tgw-1", "vpc", "vpc-1", subnets="left")
    return Question(board, "on-premises", "eni-a", source_address=OFFICE)


@case
def no_way_in_from_on_premises() -> Question:
    board = office().vgw("vgw-1", "vpc-9")
    board.table("rtb-1", "", main=True)
    return Question(board, "on-premises", "eni-a", source_address=OFFICE)


@case
def ipv6_over_a_peering_connection() -> Question:
    board = peered("fd00:1::/56", "fd00:2::/56")
    return Question(board, "eni-a", "eni-b", "tcp/443", "fd00:1::a", "fd00:2::b")


@case
def ipv6_over_a_transit_gateway() -> Question:
    board = three_vpcs("fd00:1::/56", "fd00:2::/56")
    return Question(board, "eni-a", "eni-b", "tcp/443", "fd00:1::a", "fd00:2::b")


@pytest.mark.parametrize("name", CASES)
def test_trace(name: str) -> None:
    found = rendered(CASES[name]())
    golden = TRACES / f"{name}.txt"
    if os.environ.get("RINGWALL_WRITE_TRACES"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_every_golden_has_a_case() -> None:
    assert {path.stem for path in TRACES.glob("*.txt")} == set(CASES)
