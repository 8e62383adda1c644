"""Interval sets against Python's own sets, and the two lines against the standard library."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.addresses import (
    address_at,
    is_v6,
    networks_of,
    of_address,
    of_cidr,
    parse_network,
    position,
    show_addresses,
)
from ringwall.model.intervals import IntervalSet
from ringwall.model.services import (
    ALL_SERVICES,
    icmp_set,
    port_range,
    ports_of,
    protocol_number,
    ranges_of,
    show_services,
    tcp,
    udp,
    whole_protocol,
)

small_sets = st.sets(st.integers(0, 40))


def of_members(members: set[int]) -> IntervalSet:
    return IntervalSet.of(*((one, one) for one in members))


def members_of(intervals: IntervalSet) -> set[int]:
    return {value for low, high in intervals for value in range(low, high + 1)}


@given(small_sets, small_sets)
def test_set_algebra_agrees_with_python_sets(left: set[int], right: set[int]) -> None:
    a, b = of_members(left), of_members(right)
    assert members_of(a | b) == left | right
    assert members_of(a & b) == left & right
    assert members_of(a - b) == left - right
    assert (a <= b) == (left <= right)
    assert bool(a) == bool(left)
    assert a.size == len(left)
    assert all((value in a) == (value in left) for value in range(42))


@given(small_sets)
def test_equal_sets_have_one_form(members: set[int]) -> None:
    pieces = IntervalSet.union_of(of_members({one}) for one in members)
    assert pieces == of_members(members)
    assert hash(pieces) == hash(of_members(members))


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="5-4 is empty"):
        IntervalSet.of((5, 4))


@given(st.ip_addresses())
def test_every_address_has_its_own_place(address: object) -> None:
    place = position(str(address))
    assert address_at(place) == address
    assert is_v6(place) == (ip_address(str(address)).version == 6)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), max_size=5))
def test_networks_cover_exactly_their_set(blocks: list[tuple[int, int]]) -> None:
    wanted = IntervalSet.union_of(of_cidr(f"{address_at(base)}/{bits}") for base, bits in blocks)
    found = networks_of(wanted)
    assert IntervalSet.union_of(of_cidr(str(one)) for one in found) == wanted
    assert sum(one.num_addresses for one in found) == wanted.size


def test_the_families_never_touch() -> None:
    everything = of_cidr("0.0.0.0/0") | of_cidr("::/0")
    assert networks_of(everything) == (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not of_cidr("255.255.255.255/32") & of_cidr("::/0")
    assert isinstance(networks_of(of_cidr("10.0.0.0/8"))[0], IPv4Network)
    assert isinstance(networks_of(of_cidr("2001:db8::/32"))[0], IPv6Network)


def test_aws_clears_host_bits() -> None:
    assert str(parse_network("10.0.0.9/24")) == "10.0.0.0/24"


def test_addresses_in_words() -> None:
    assert show_addresses(of_cidr("10.0.0.0/24") | of_address("192.0.2.1")) == (
        "10.0.0.0/24, 192.0.2.1"
    )
    assert show_addresses(IntervalSet()) == "nothing"


@pytest.mark.parametrize(
    ("services", "words"),
    [
        (tcp(443), "tcp/443"),
        (tcp(80) | udp(53), "tcp/80, udp/53"),
        (tcp(1024, 65535), "tcp/1024-65535"),
        (whole_protocol(6), "tcp"),
        (ALL_SERVICES, "all"),
        (icmp_set(1, 8, -1), "icmp type 8"),
        (icmp_set(1, 3, 4), "icmp type 3 code 4"),
        (icmp_set(1, -1, -1), "icmp"),
        (whole_protocol(47), "47"),
        (whole_protocol(6) | whole_protocol(7), "tcp, 7"),
    ],
)
def test_services_in_words(services: IntervalSet, words: str) -> None:
    assert show_services(services) == words


def test_a_protocol_of_aws_in_any_form() -> None:
    assert [protocol_number(one) for one in ("tcp", "6", 17, "-1", "all", "icmpv6")] == [
        6, 6, 17, -1, -1, 58,
    ]  # fmt: skip
    for bad in ("256", "tcpp", "-2"):
        with pytest.raises(ValueError, match=r"protocol|invalid"):
            protocol_number(bad)


def test_ports_outside_their_range_are_refused() -> None:
    for low, high in ((-1, 5), (5, 65536), (9, 8)):
        with pytest.raises(ValueError, match="not within"):
            port_range(6, low, high)
    with pytest.raises(ValueError, match="has no ports"):
        port_range(47, 1, 2)


@given(st.integers(0, 255), st.integers(0, 65535), st.integers(0, 65535))
def test_the_service_line_keeps_protocols_apart(protocol: int, a: int, b: int) -> None:
    low, high = sorted((a, b))
    block = IntervalSet(((protocol * 65536 + low, protocol * 65536 + high),))
    assert block <= whole_protocol(protocol)
    assert ports_of(block, protocol) == IntervalSet(((low, high),))
    assert [one.protocol for one in ranges_of(block)] == [protocol]
