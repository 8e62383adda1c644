"""The routing of the reference simulator: one lookup in one subnet's route table.

Semantics: VPC User Guide, "Route priority". The longest matching prefix wins; between equal
ones the local route, then a static one, then a static one to a prefix list, then a propagated
one. The local routes of the VPC's CIDR blocks stand in every route table.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.addresses import networks_of, of_network
from ringwall.model.network import Network, Route, RouteTable, TargetKind
from ringwall.model.origin import IMPLICIT
from ringwall.model.verdict import Step
from ringwall.prove.simulator_flight import Flight, gap_on, vpc_of, within

NO_ROUTE = "NO_ROUTE_TO_DESTINATION"
BLACKHOLE = "BAD_STATE_ROUTE"

#: Longer than any prefix: the rank of a route whose real destination is not known.
_ANY_LENGTH = 129

#: Inside a VPC's own blocks AWS takes a route only to these; any other there is a riddle.
MIDDLE_KINDS = frozenset({"network-interface", "nat-gateway", "vpc-endpoint"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What a lookup came to. ``kind`` is None where no usable route was found for certain."""

    step: Step
    kind: TargetKind | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    route: Route
    length: int
    match: bool | None

    @property
    def rank(self) -> tuple[int, int]:
        if self.route.target_kind == "local":
            kind = 0
        elif self.route.propagated:
            kind = 3
        else:
            kind = 2 if isinstance(self.route.destination, str) else 1
        return (-self.length, kind)


def table_of(network: Network, subnet: str) -> RouteTable | None:
    """The route table that serves a subnet: the associated one, else its VPC's main table."""
    tables = sorted(network.route_tables.values(), key=lambda one: one.id)
    for table in tables:
        if subnet in table.subnets:
            return table
    vpc = vpc_of(network, subnet)
    return next((table for table in tables if table.main and table.vpc == vpc), None)


def route_words(route: Route) -> str:
    if route.target_kind == "local":
        return f"{route.destination} local"
    if route.target_kind == "unknown":
        return f"{route.destination} to an unknown target" + (route.target and f" ({route.target})")
    return f"{route.destination} to {route.target_kind.replace('-', ' ')} {route.target}".strip()


def route_choice(network: Network, subnet: str, flight: Flight) -> Choice:
    """Where a packet goes that leaves ``subnet`` for ``flight.destination``."""
    if subnet not in network.subnets:
        return Choice(Step("route", subnet, "this subnet is not in the material", None))
    table = table_of(network, subnet)
    if table is None and gap_on(network, subnet):
        return Choice(Step("route", subnet, gap_on(network, subnet), None))
    return table_choice(network, vpc_of(network, subnet), table, subnet, flight)


def table_choice(
    network: Network, vpc: str, table: RouteTable | None, place: str, flight: Flight
) -> Choice:
    """Where a route table of a VPC sends a packet; ``place`` is what the table serves (None: no
    table is known, only the local routes count)."""
    resource = table.id if table is not None else place
    gap = gap_on(network, table.id) if table is not None else ""
    if gap:
        return Choice(Step("route", resource, gap, None))
    possible = _possible(_candidates(network, vpc, table, flight))
    if not possible or possible[-1].match is not True:
        if table is None:
            reason = "no route table is known for this subnet"
            return Choice(Step("route", resource, reason, None))
        if not possible:
            rule = f"no route to {flight.words(egress=True).split(' to ', 1)[1]}"
            return Choice(Step("route", resource, rule, False, NO_ROUTE, table.origin))
    elif len({_target(one.route) for one in possible}) == 1:
        return _decided(resource, possible[0].route)
    return _doubtful(resource, possible)


def _candidates(
    network: Network, home: str, table: RouteTable | None, flight: Flight
) -> list[_Candidate]:
    vpc = network.vpcs.get(home)
    local = [Route(cidr, "local", "local") for cidr in (vpc.cidrs if vpc is not None else ())]
    routes = [*local, *(table.routes if table is not None else ())]
    found = (_candidate(network, home, route, flight) for route in routes)
    return sorted((one for one in found if one.match is not False), key=lambda one: one.rank)


def _candidate(network: Network, vpc: str, route: Route, flight: Flight) -> _Candidate:
    if not isinstance(route.destination, str):
        match = within(flight.destination, of_network(route.destination))
        length = route.destination.prefixlen
    else:
        match, length = list_match(network, route.destination, flight)
    if match is None or (match and not route.certain):
        # The real prefix may be of any length, so the route may beat every other; but not inside
        # the VPC, where AWS takes a route more specific than local only to a middlebox.
        beats = not _in_vpc(network, vpc, flight) or _to_middlebox(network, route)
        return _Candidate(route, _ANY_LENGTH, None if beats else False)
    return _Candidate(route, length, match)


def _in_vpc(network: Network, vpc: str, flight: Flight) -> bool:
    known = network.vpcs.get(vpc)
    cidrs = known.cidrs if known is not None else ()
    return any(flight.destination <= of_network(cidr) for cidr in cidrs)


def _to_middlebox(network: Network, route: Route) -> bool:
    if route.target_kind == "vpc-endpoint":
        endpoint = network.endpoints.get(route.target)
        return endpoint is not None and endpoint.kind in ("firewall", "gateway-load-balancer")
    return route.target_kind in ("network-interface", "nat-gateway")


def list_match(network: Network, prefix_list: str, flight: Flight) -> tuple[bool | None, int]:
    """Whether a prefix list holds the destination, and the length of the prefix that does.

    Adjacent entries count as the one block that they make. Where the entries are not known, the
    prefix is taken to be longer than a default route's and shorter than any other.
    """
    known = network.prefix_lists.get(prefix_list)
    entries = known.entries if known is not None else None
    if entries is None or gap_on(network, prefix_list):
        return (True if prefix_list in flight.lists else None), 1
    for block in networks_of(entries):
        if flight.destination <= of_network(block):
            return True, block.prefixlen
    return (True if prefix_list in flight.lists else within(flight.destination, entries)), 1


def _possible(candidates: list[_Candidate]) -> list[_Candidate]:
    """The routes that may be the one taken, best first: down to the first certain match.

    Two prefix lists may hold one destination by prefixes of equal length: AWS then takes either,
    and nobody says which of two routes of one kind and length wins.
    """
    for index, one in enumerate(candidates):
        if one.match:
            ties = [more for more in candidates[index + 1 :] if more.rank == one.rank]
            return [*candidates[:index], *ties, one]
    return candidates


def _target(route: Route) -> tuple[str, str, bool]:
    return (
        route.target_kind,
        route.target if route.target_kind != "local" else "",
        route.blackhole,
    )


def _decided(resource: str, route: Route) -> Choice:
    words = route_words(route)
    if route.blackhole:
        rule = f"{words}, a blackhole: the target is gone"
        return Choice(Step("route", resource, rule, False, BLACKHOLE, route.origin))
    if route.target_kind == "unknown":
        reason = f"{words}: what it leads to is not known"
        return Choice(
            Step("route", resource, reason, None, origin=route.origin),
            route.target_kind,
            route.target,
        )
    return Choice(
        Step("route", resource, words, True, origin=route.origin), route.target_kind, route.target
    )


def _doubtful(resource: str, possible: list[_Candidate]) -> Choice:
    words = list(dict.fromkeys(route_words(one.route) for one in possible))
    if len(words) == 1 and possible[-1].match is None:
        words.append("none")
    origin = possible[0].route.origin if possible else IMPLICIT
    reason = f"it is not known which route is taken: {' or '.join(words)}"
    return Choice(Step("route", resource, reason, None, "", origin))
