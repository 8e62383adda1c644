"""Interfaces that must exist and are not in the dump: one per subnet, at any address free there."""

from __future__ import annotations

from collections.abc import Iterable

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import InterfaceKind, NetworkInterface, Subnet
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.item import Item


def usable(subnet: Subnet, *, v6: bool) -> AddressSet:
    """The addresses of a subnet without those that AWS keeps (facts: ``subnet-reservations``)."""
    kept = facts("subnet-reservations").values
    found: list[AddressSet] = []
    for cidr in subnet.cidrs:
        if cidr.version == 6 and not v6:
            continue
        low, high = of_network(cidr).intervals[0]
        low, high = low + int(kept["first"]), high - int(kept["last"])
        if low <= high:
            found.append(IntervalSet(((low, high),)))
    return IntervalSet.union_of(found)


def has_v6(item: Item) -> bool:
    """Does a balancer, endpoint, database, cache or domain say that it has IPv6 addresses?"""
    words = (item.text(key).lower() for key in ("IpAddressType", "IPAddressType", "NetworkType"))
    return any(word.startswith("dual") or word == "ipv6" for word in words)


def add_spares(
    builder: NetworkBuilder,
    owner: str,
    kind: InterfaceKind,
    subnets: Iterable[str],
    groups: tuple[str, ...],
    item: Item,
    *,
    public: bool = False,
) -> None:
    """Adds ``OWNER@SUBNET`` for every subnet, unless the dump shows interfaces of the owner.

    ``item`` is what describes the owner.
    """
    if any(card.owner == owner for card in builder.interfaces.values()):
        return
    for subnet in dict.fromkeys(subnets):
        identity = f"{owner}@{subnet}"
        builder.interfaces[identity] = NetworkInterface(
            id=identity,
            subnet=subnet,
            addresses=_free(builder, subnet, has_v6(item)),
            groups=groups,
            kind=kind,
            pinned=False,
            public=public,
            owner=owner,
            origin=item.origin,
        )


def _free(builder: NetworkBuilder, subnet: str, v6: bool) -> AddressSet:
    """What no interface on record holds: AWS gives an address of a subnet to one of them only."""
    if subnet not in builder.subnets:
        return IntervalSet()
    held = [
        card.addresses
        for card in builder.interfaces.values()
        if card.subnet == subnet and card.pinned
    ]
    return usable(builder.subnets[subnet], v6=v6) - IntervalSet.union_of(held)
