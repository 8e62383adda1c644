"""IPv4 and IPv6 addresses on one integer line, so that one kind of set holds both.

An IPv4 address is its own 32-bit value; an IPv6 address is its 128-bit value plus 2**32. The two
families never touch: the line is split at :data:`V6_BASE`.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)

from ringwall.model.intervals import IntervalSet

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network
AddressSet = IntervalSet

V6_BASE = 1 << 32
_LAST = V6_BASE + (1 << 128) - 1

ALL_V4: AddressSet = IntervalSet(((0, V6_BASE - 1),))
ALL_V6: AddressSet = IntervalSet(((V6_BASE, _LAST),))
ALL_ADDRESSES: AddressSet = IntervalSet(((0, _LAST),))


def position(address: IPAddress | str) -> int:
    """The place of an address on the line; raises ValueError on text that is no address."""
    parsed = ip_address(address)
    return int(parsed) if parsed.version == 4 else V6_BASE + int(parsed)


def address_at(place: int) -> IPAddress:
    """The address at a place on the line."""
    return IPv4Address(place) if place < V6_BASE else IPv6Address(place - V6_BASE)


def is_v6(place: int) -> bool:
    return place >= V6_BASE


def parse_network(text: str) -> IPNetwork:
    """A CIDR block as AWS stores it: host bits are cleared; raises ValueError on other text."""
    return ip_network(text, strict=False)


@lru_cache(maxsize=1 << 16)
def of_network(network: IPNetwork) -> AddressSet:
    base = 0 if network.version == 4 else V6_BASE
    return IntervalSet(
        ((base + int(network.network_address), base + int(network.broadcast_address)),)
    )


@lru_cache(maxsize=1 << 12)
def of_cidr(text: str) -> AddressSet:
    return of_network(parse_network(text))


def of_address(address: IPAddress | str) -> AddressSet:
    place = position(address)
    return IntervalSet(((place, place),))


#: Reports and messages spell the same few sets over and over.
_SPELT = 1 << 14


@lru_cache(maxsize=_SPELT)
def networks_of(addresses: AddressSet) -> tuple[IPNetwork, ...]:
    """The fewest CIDR blocks that cover exactly this set, IPv4 first."""
    found: list[IPNetwork] = []
    for low, high in addresses:
        if low < V6_BASE <= high:
            found += networks_of(IntervalSet(((low, V6_BASE - 1),)))
            found += networks_of(IntervalSet(((V6_BASE, high),)))
        elif high < V6_BASE:
            found += summarize_address_range(IPv4Address(low), IPv4Address(high))
        else:
            first, last = IPv6Address(low - V6_BASE), IPv6Address(high - V6_BASE)
            found += summarize_address_range(first, last)
    v4 = [net for net in found if isinstance(net, IPv4Network)]
    v6 = [net for net in found if isinstance(net, IPv6Network)]
    return (*collapse_addresses(v4), *collapse_addresses(v6))


@lru_cache(maxsize=_SPELT)
def show_addresses(addresses: AddressSet, *, most: int = 4) -> str:
    """A short text for a message: single addresses bare, blocks as CIDR, at most ``most``."""
    blocks = networks_of(addresses)
    shown = [
        str(net.network_address) if net.num_addresses == 1 else str(net) for net in blocks[:most]
    ]
    if len(blocks) > most:
        shown.append(f"and {len(blocks) - most} more")
    return ", ".join(shown) or "nothing"
