"""Interfaces that must exist and are not in the dump: one per subnet, at any address free there."""

from __future__ import annotations

from collections.abc import Iterable

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import InterfaceKind, NetworkInterface, Subnet
from ringwall.model.origin import Origin
from ringwall.sources.builder import NetworkBuilder


def usable(subnet: Subnet) -> AddressSet:
    """The addresses of a subnet without those that AWS keeps (facts: ``subnet-reservations``)."""
    kept = facts("subnet-reservations").values
    found: list[AddressSet] = []
    for cidr in subnet.cidrs:
        low, high = of_network(cidr).intervals[0]
        low, high = low + int(kept["first"]), high - int(kept["last"])
        if low <= high:
            found.append(IntervalSet(((low, high),)))
    return IntervalSet.union_of(found)


def add_spares(
    builder: NetworkBuilder,
    owner: str,
    kind: InterfaceKind,
    subnets: Iterable[str],
    groups: tuple[str, ...],
    origin: Origin,
    *,
    public: bool = False,
) -> None:
    """Adds ``OWNER@SUBNET`` for every subnet, unless the dump shows interfaces of the owner."""
    if any(card.owner == owner for card in builder.interfaces.values()):
        return
    for subnet in dict.fromkeys(subnets):
        identity = f"{owner}@{subnet}"
        builder.interfaces[identity] = NetworkInterface(
            id=identity,
            subnet=subnet,
            addresses=_free(builder, subnet),
            groups=groups,
            kind=kind,
            pinned=False,
            public=public,
            owner=owner,
            origin=origin,
        )


def _free(builder: NetworkBuilder, subnet: str) -> AddressSet:
    """What no interface on record holds: AWS gives an address of a subnet to one of them only."""
    if subnet not in builder.subnets:
        return IntervalSet()
    held = [
        card.addresses
        for card in builder.interfaces.values()
        if card.subnet == subnet and card.pinned
    ]
    return usable(builder.subnets[subnet]) - IntervalSet.union_of(held)
