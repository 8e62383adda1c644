"""Route tables of the second engine: which destinations every choice holds.

A table becomes a list of disjoint sets of packets, each with the one route that decides there, or
with ``UNSURE`` (ties to different targets, or routes that may or may not match).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_network

from bdd_sets import NONE, Header, Set, union

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, IPNetwork, networks_of, of_network
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import Network, Route, RouteTable, Vpc


class Fork(Enum):
    UNSURE = "unsure"


UNSURE = Fork.UNSURE
#: Routes more specific than the local one may lead to these only.
INSIDE = ("network-interface", "nat-gateway", "vpc-endpoint")
LOCAL = Route(ip_network("0.0.0.0/0"), "local", "local")


@dataclass(frozen=True, slots=True)
class Line:
    """A block that a route holds. Longer wins, then the lower rank; ``choice`` is where it leads:
    lines of one length and rank that lead elsewhere than each other cannot be told apart."""

    block: AddressSet
    length: int
    rank: int
    choice: Hashable
    certain: bool = True


def decide(lines: Iterable[Line], header: Header) -> list[tuple[Set, Hashable | Fork]]:
    """Disjoint sets of packets and what decides there; what no line holds is left out."""
    listed = list(lines)
    vague = [one for one in listed if not one.certain]
    firm: dict[tuple[int, int], dict[Hashable, Set]] = {}
    for one in listed:
        if one.certain:
            place = firm.setdefault((-one.length, one.rank), {})
            place[one.choice] = place.get(one.choice, NONE) | header.goes_to(one.block)
    found: dict[Hashable | Fork, Set] = {}
    taken = NONE
    for _, choices in sorted(firm.items(), key=lambda item: item[0]):
        for choice, block in choices.items():
            others = union(more for other, more in choices.items() if other != choice)
            found[choice] = found.get(choice, NONE) | (block & ~others & ~taken)
            found[UNSURE] = found.get(UNSURE, NONE) | (block & others & ~taken)
        taken |= union(choices.values())
    for one in vague:
        block = header.goes_to(one.block)
        for choice in list(found):
            if choice not in (one.choice, UNSURE):
                found[UNSURE] = found.get(UNSURE, NONE) | (found[choice] & block)
                found[choice] &= ~block
        found[UNSURE] = found.get(UNSURE, NONE) | (block & ~taken)
    return [(block, choice) for choice, block in found.items() if block.satisfiable()]


class Tables:
    """The route tables of a network's subnets and gateways."""

    def __init__(self, network: Network) -> None:
        self._network = network
        tables = network.route_tables.values()
        self._of_subnet = {subnet: one for one in tables for subnet in one.subnets}
        self._main = {one.vpc: one for one in tables if one.main}
        self._of_gateway = {gateway: one for one in tables for gateway in one.gateways}
        self._seen: dict[tuple[str, str, Header], list[tuple[Set, Hashable | Fork]]] = {}

    def of_subnet(self, subnet: str) -> RouteTable | None:
        home = self._network.subnets[subnet].vpc
        return self._of_subnet.get(subnet) or self._main.get(home)

    def main(self, vpc: str) -> RouteTable | None:
        return self._main.get(vpc)

    def named(self, name: str) -> RouteTable | None:
        return self._network.route_tables.get(name)

    def of_gateway(self, gateway: str) -> RouteTable | None:
        return self._of_gateway.get(gateway)

    def choices(
        self, table: RouteTable | None, vpc: Vpc, header: Header
    ) -> list[tuple[Set, Hashable | Fork]]:
        """What every packet meets: a :class:`Route` (``LOCAL`` among them) or ``UNSURE``."""
        key = (table.id if table else "", vpc.id, header)
        if key not in self._seen:
            self._seen[key] = decide(self._lines(table, vpc), header)
        return self._seen[key]

    def _lines(self, table: RouteTable | None, vpc: Vpc) -> Iterator[Line]:
        for cidr in vpc.cidrs:
            yield Line(of_network(cidr), cidr.prefixlen, 0, _way(LOCAL))
        for route in table.routes if table else ():
            if route.target_kind == "local" and not isinstance(route.destination, str):
                yield Line(
                    of_network(route.destination), route.destination.prefixlen, 0, _way(LOCAL)
                )
                continue
            yield from self._route(route, vpc)

    def _route(self, route: Route, vpc: Vpc) -> Iterator[Line]:
        choice = _way(route)
        if not isinstance(route.destination, str):
            rank = 3 if route.propagated else 1
            block = of_network(route.destination)
            if not route.certain and route.target_kind not in INSIDE:
                block -= self._own(vpc)
            yield Line(block, route.destination.prefixlen, rank, choice, route.certain)
            return
        blocks = self.listed(route.destination)
        if blocks is None:
            own = EMPTY if route.target_kind in INSIDE else self._own(vpc)
            yield Line(ALL_ADDRESSES - own, 0, 2, choice, certain=False)
            return
        for block in blocks:
            yield Line(of_network(block), block.prefixlen, 2, choice, route.certain)

    @staticmethod
    def _own(vpc: Vpc) -> IntervalSet:
        return IntervalSet.union_of(of_network(one) for one in vpc.cidrs)

    def listed(self, name: str) -> list[IPNetwork] | None:
        """The blocks of a prefix list, None where they are not known."""
        found = self._network.prefix_lists.get(name)
        return None if found is None or found.entries is None else networks_of(found.entries)


def _way(route: Route) -> Route:
    """A route without what does not bear on where it leads, so that equal ways compare equal."""
    return Route(LOCAL.destination, route.target_kind, route.target, blackhole=route.blackhole)
