"""Addresses for what AWS has not given any yet: what a template or a plan puts into a subnet."""

from __future__ import annotations

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Subnet
from ringwall.sources.builder import NetworkBuilder


def usable(subnet: Subnet, *, v6: bool) -> AddressSet:
    """A subnet's addresses without those that AWS keeps in each block: four first and the last."""
    kept = facts("subnet-reservations").values
    first, last = int(kept["first"]), int(kept["last"])
    blocks = [of_network(one) for one in subnet.cidrs if one.version == 4 or v6]
    return IntervalSet.of(
        *(
            (low + first, high - last)
            for block in blocks
            for low, high in block
            if high - low >= first + last
        )
    )


def free_id(net: NetworkBuilder, name: str) -> str:
    """An id for an interface: the name, or the name with the first free number behind it."""
    if name not in net.interfaces:
        return name
    number = 2
    while f"{name}#{number}" in net.interfaces:
        number += 1
    return f"{name}#{number}"
