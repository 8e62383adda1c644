"""The address plan: disjoint, inside the VPC, and the same after every addition."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

from design_tables import aligned, same_as_golden
from hypothesis import given
from hypothesis import strategies as st

from ringwall.design.addresses import plan_of, reserved

VPCS = st.builds(
    lambda bits, length: IPv4Network((int(IPv4Address("10.0.0.0")) + (bits << 11), length), False),
    st.integers(0, (1 << 13) - 1),
    st.integers(16, 21),
)
TIERS = ("public", "app", "data")


def test_the_plan_of_a_16_and_of_a_21() -> None:
    rows = [["vpc", "tier", "whole", "zone 1", "zone 2", "zone 3"]]
    for vpc in ("10.20.0.0/16", "10.64.8.0/21"):
        plan = plan_of(IPv4Network(vpc), 3)
        rows += [
            [vpc, tier, str(plan.blocks[tier]), *(str(one) for one in plan.subnets[tier])]
            for tier in TIERS
        ]
        rows.append([vpc, "reserved", str(reserved(plan)), "", "", ""])
    same_as_golden("address-plan.txt", aligned(rows))


@given(VPCS, st.integers(2, 8))
def test_subnets_are_disjoint_and_in_their_tier_and_tiers_fill_the_vpc(
    vpc: IPv4Network, zones: int
) -> None:
    plan = plan_of(vpc, zones)
    every = [subnet for tier in TIERS for subnet in plan.subnets[tier]]
    assert len(every) == 3 * zones
    assert not [pair for pair in combinations(every, 2) if pair[0].overlaps(pair[1])]
    for tier in TIERS:
        assert all(subnet.subnet_of(plan.blocks[tier]) for subnet in plan.subnets[tier])
    shares = [*plan.blocks.values(), reserved(plan)]
    assert sum(block.num_addresses for block in shares) == vpc.num_addresses
    assert not [pair for pair in combinations(shares, 2) if pair[0].overlaps(pair[1])]


@given(VPCS, st.integers(2, 7))
def test_another_zone_renumbers_nothing(vpc: IPv4Network, zones: int) -> None:
    before, after = plan_of(vpc, zones), plan_of(vpc, zones + 1)
    assert before.blocks == after.blocks
    for tier in TIERS:
        assert after.subnets[tier][:zones] == before.subnets[tier]


@given(VPCS)
def test_a_load_balancer_fits_every_public_subnet(vpc: IPv4Network) -> None:
    """AWS asks for a /27 with eight free addresses."""
    assert all(one.prefixlen <= 27 for one in plan_of(vpc, 8).subnets["public"])
