"""Where a subnet's route table sends an atom of addresses.

Order of choice, from the VPC User Guide's "Route priority": the longest matching prefix; among
equal prefixes local before static, a CIDR block before a prefix list, static before propagated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ringwall.model.addresses import V6_BASE, networks_of, of_network
from ringwall.model.network import Network, Route, RouteTable, Subnet, TargetKind

Outcome = Literal["none", "blackhole"] | TargetKind


@dataclass(frozen=True, slots=True)
class Next:
    """Where a packet goes next; ``unknown`` carries the reason in ``reason``."""

    kind: Outcome
    target: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """``vague`` says why it is not known whether the route matches: then it may be any length."""

    length: int
    rank: int
    next: Next
    vague: str = ""


_LOCAL, _STATIC, _PREFIX_LIST, _PROPAGATED = 0, 1, 2, 3


class Routing:
    """Answers "where next?" per subnet and address; remembers every answer."""

    def __init__(self, network: Network, gaps: dict[str, str]) -> None:
        self._network = network
        self._gaps = gaps
        self._tables = {
            subnet: table for table in network.route_tables.values() for subnet in table.subnets
        }
        self._main = {table.vpc: table for table in network.route_tables.values() if table.main}
        self._blocks = {
            one.id: [(of_network(block), block.prefixlen) for block in networks_of(one.entries)]
            for one in network.prefix_lists.values()
            if one.entries is not None
        }
        self._known: dict[tuple[str, int], Next] = {}

    def table(self, subnet: Subnet) -> RouteTable | None:
        """The table in force: the subnet's own, else its VPC's main one."""
        return self._tables.get(subnet.id) or self._main.get(subnet.vpc)

    def next(self, subnet: Subnet, address: int) -> Next:
        key = (subnet.id, address)
        if key not in self._known:
            self._known[key] = self._decide(subnet, address)
        return self._known[key]

    def edge(self, gateway: str, vpc: str) -> RouteTable | None:
        """The route table for what enters a VPC through a gateway, where it has one."""
        tables = sorted(self._network.route_tables.values(), key=lambda one: one.id)
        return next((one for one in tables if gateway in one.gateways and one.vpc == vpc), None)

    def named(self, table: str, vpc: str) -> RouteTable | None:
        """A route table by its id, the VPC's main one where no id is given."""
        return self._network.route_tables.get(table) if table else self._main.get(vpc)

    def _decide(self, subnet: Subnet, address: int) -> Next:
        return self.through(self.table(subnet), subnet.vpc, address, subnet.id)

    def through(self, table: RouteTable | None, vpc: str, address: int, place: str) -> Next:
        """Where a route table of a VPC sends an address; ``place`` names whom it serves."""
        found = list(self._local(vpc, address))
        if table is None:
            if found:
                return found[0].next
            return Next("unknown", reason=f"no route table is known for {place}")
        unsure = self._gaps.get(table.id)
        if unsure:
            return Next("unknown", table.id, unsure)
        local = bool(found)
        for route in table.routes:
            candidate = self._match(route, address)
            # Whatever an unresolved destination may hold, it is not taken to be inside the VPC,
            # but for a middlebox: only to those AWS takes a route more specific than local.
            hidden = local and candidate is not None and candidate.vague
            if candidate is not None and not (hidden and not self._to_middlebox(route)):
                found.append(candidate)
        return self._best(found)

    def _to_middlebox(self, route: Route) -> bool:
        if route.target_kind == "vpc-endpoint":
            known = self._network.endpoints.get(route.target)
            return known is not None and known.kind in ("firewall", "gateway-load-balancer")
        return route.target_kind in ("network-interface", "nat-gateway")

    def _local(self, name: str, address: int) -> Iterator[_Candidate]:
        vpc = self._network.vpcs.get(name)
        for block in vpc.cidrs if vpc else ():
            if address in of_network(block):
                yield _Candidate(block.prefixlen, _LOCAL, Next("local"))

    def _match(self, route: Route, address: int) -> _Candidate | None:
        place = Next("blackhole" if route.blackhole else route.target_kind, route.target)
        rank = _PROPAGATED if route.propagated else _STATIC
        if isinstance(route.destination, str):
            rank = _PREFIX_LIST
            length = self._length_in_list(route.destination, address)
            if length is None:
                reason = f"the contents of prefix list {route.destination} are not known"
                return _Candidate(_longest(address), rank, place, reason)
        else:
            inside = address in of_network(route.destination)
            length = route.destination.prefixlen if inside else -1
        if length < 0:
            return None
        if not route.certain:
            # The widest match stands in the model; the real one may be any longer prefix.
            reason = f"a route ({route.origin}) could not be resolved"
            return _Candidate(_longest(address), rank, place, reason)
        return _Candidate(length, rank, place)

    def _length_in_list(self, prefix_list: str, address: int) -> int | None:
        """The matching entry's prefix length, -1 for no match, None for contents not known."""
        if prefix_list not in self._blocks:
            return None
        lengths = (length for block, length in self._blocks[prefix_list] if address in block)
        return max(lengths, default=-1)

    @staticmethod
    def _best(found: list[_Candidate]) -> Next:
        if not found:
            return Next("none")
        sure = [one for one in found if not one.vague]
        best = min(sure, key=lambda one: (-one.length, one.rank), default=None)
        ties = {
            one.next
            for one in sure
            if best is not None and (one.length, one.rank) == (best.length, best.rank)
        }
        doubts = [one for one in found if one.vague]
        if best is not None and len(ties | {one.next for one in doubts}) == 1:
            return best.next
        if doubts:
            return Next("unknown", doubts[0].next.target, doubts[0].vague)
        return Next("unknown", reason="two routes tie and AWS picks one of them")


def _longest(address: int) -> int:
    """A route that may match does so by a prefix of any length: it beats whatever is not local."""
    return 32 if address < V6_BASE else 128
