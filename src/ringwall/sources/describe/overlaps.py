"""Addresses that AWS gives once and a dump gives twice: which of the two is real is not known."""

from __future__ import annotations

from collections.abc import Iterable

from ringwall.model.addresses import AddressSet, of_network, show_addresses
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import NetworkInterface, Subnet
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.item import shown


def note_overlaps(builder: NetworkBuilder) -> None:
    """Subnets of one VPC never overlap, interfaces of one VPC never share an address, and an
    interface's addresses lie in its subnet (VPC User Guide, "Subnet CIDR blocks")."""
    homes: dict[str, list[Subnet]] = {}
    for subnet in builder.subnets.values():
        homes.setdefault(subnet.vpc, []).append(subnet)
    for vpc in homes:
        held = ((one.id, _blocks(one)) for one in homes[vpc])
        for first, second, common in _shared(held):
            message = (
                f"subnets `{shown(first)}` and `{shown(second)}` both hold "
                f"{show_addresses(common)}: one VPC has an address in one subnet only"
            )
            origin = builder.subnets[second].origin
            builder.gap("unresolved", second, message, affects=(first, second), origin=origin)
    cards: dict[str, list[NetworkInterface]] = {}
    for card in builder.interfaces.values():
        home = builder.subnets.get(card.subnet)
        if home is None or not card.pinned:
            continue
        cards.setdefault(home.vpc, []).append(card)
        _check_inside(card, home, builder)
    for vpc in cards:
        for first, second, common in _shared((one.id, one.addresses) for one in cards[vpc]):
            message = (
                f"interfaces `{shown(first)}` and `{shown(second)}` both have "
                f"{show_addresses(common)}"
            )
            origin = builder.interfaces[second].origin
            builder.gap("unresolved", second, message, affects=(first, second), origin=origin)


def _blocks(subnet: Subnet) -> AddressSet:
    return IntervalSet.union_of(map(of_network, subnet.cidrs))


def _check_inside(card: NetworkInterface, home: Subnet, builder: NetworkBuilder) -> None:
    strange = card.addresses - _blocks(home)
    if strange and home.cidrs:
        message = (
            f"interface `{shown(card.id)}` has {show_addresses(strange)}, which is not in its "
            f"subnet `{shown(home.id)}`"
        )
        builder.gap("unresolved", card.id, message, affects=(card.id,), origin=card.origin)


def _shared(held: Iterable[tuple[str, AddressSet]]) -> list[tuple[str, str, AddressSet]]:
    """Neighbours on the line of addresses that overlap, with what they share."""
    spans = sorted((low, high, name) for name, addresses in held for low, high in addresses)
    found: list[tuple[str, str, AddressSet]] = []
    widest: tuple[int, str] | None = None
    for low, high, name in spans:
        if widest is not None and low <= widest[0] and name != widest[1]:
            found.append((widest[1], name, IntervalSet(((low, min(high, widest[0])),))))
        if widest is None or high > widest[0]:
            widest = (high, name)
    return found
