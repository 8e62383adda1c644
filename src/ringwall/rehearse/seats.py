"""Which address each interface gets, and how the Internet knows it."""

from __future__ import annotations

from ringwall.facts.load import facts
from ringwall.model.addresses import (
    ALL_V4,
    ALL_V6,
    AddressSet,
    address_at,
    of_network,
    parse_network,
)
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import Network, NetworkInterface
from ringwall.rehearse.plan import Seat

#: An interface with more addresses than this is played with the first of them.
_MOST = 8


def node_name(interface: NetworkInterface) -> str:
    return f"interface {interface.id}"


def seats_of(network: Network) -> dict[str, Seat]:
    """A seat for every interface whose subnet is known; where AWS would pick the address (an
    interface that is not pinned), the first free one is taken, one per family."""
    taken: dict[str, set[int]] = {}
    ordered = sorted(network.interfaces.values(), key=lambda one: (not one.pinned, one.id))
    public = _PublicAddresses(network)
    found: dict[str, Seat] = {}
    for one in ordered:
        subnet = network.subnets.get(one.subnet)
        if subnet is None:
            continue
        used = taken.setdefault(subnet.vpc, set())
        block = IntervalSet.union_of(of_network(cidr) for cidr in subnet.cidrs)
        places = _places(one, one.addresses & block, used)
        used.update(places)
        shown = public.of(one) if any(place in ALL_V4 for place in places) else ""
        found[one.id] = Seat(node_name(one), tuple(str(address_at(p)) for p in places), shown)
    return dict(sorted(found.items()))


def _places(one: NetworkInterface, addresses: AddressSet, used: set[int]) -> list[int]:
    if one.pinned:
        return _first(addresses, _MOST, set())
    return [p for family in (ALL_V4, ALL_V6) for p in _first(addresses & family, 1, used)]


def _first(addresses: AddressSet, most: int, used: set[int]) -> list[int]:
    found: list[int] = []
    for low, high in addresses:
        place = low
        while place <= high and len(found) < most:
            if place not in used:
                found.append(place)
            place += 1
    return found


class _PublicAddresses:
    """The known public address of an interface, or a stand-in that no rule is likely to name."""

    def __init__(self, network: Network) -> None:
        block = parse_network(facts("rehearsal").values["stand-in-public-addresses"])
        known = IntervalSet.union_of(one.public_addresses for one in network.interfaces.values())
        self._free = of_network(block) - known

    def of(self, interface: NetworkInterface) -> str:
        if interface.public is not True:
            return ""
        known = interface.public_addresses & ALL_V4
        if known:
            return str(address_at(known.first))
        if self._free == EMPTY:
            return ""
        place = self._free.first
        self._free -= IntervalSet(((place, place),))
        return str(address_at(place))
