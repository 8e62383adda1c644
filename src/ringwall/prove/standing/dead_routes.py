"""Routes that no packet ever takes, and route tables that serve nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, networks_of, of_network
from ringwall.model.network import Network, Route, RouteTable
from ringwall.model.standing import Reading
from ringwall.model.verdict import Step
from ringwall.prove.partition import Atoms
from ringwall.prove.simulator_routes import route_words
from ringwall.prove.standing.dead_acls import CODE

_LOCAL, _STATIC, _LIST, _PROPAGATED = range(4)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One block that a route (None: the VPC's own) claims: the longest wins, then the rank."""

    block: AddressSet
    length: int
    rank: int
    route: Route | None

    @property
    def order(self) -> tuple[int, int]:
        return -self.length, self.rank


def dead_routes(network: Network) -> Iterator[Reading]:
    """Route tables that serve neither a subnet nor a gateway, and routes never chosen.

    A route is never chosen where for every address of its destination another one is surer: a
    longer prefix, or at the same length a local, a static, or a CIDR route before a propagated one
    or one for a prefix list.
    """
    for table in sorted(network.route_tables.values(), key=lambda one: one.id):
        if not table.main and not table.subnets and not table.gateways:
            told = f"no subnet and no gateway uses it, so none of its {len(table.routes)} routes is"
            step = Step("route", table.id, "serves nothing", None, origin=table.origin)
            yield Reading(CODE, "finding", f"route table {table.id}", f"{told} taken", step=step)
            continue
        yield from _dead(network, table)


def _dead(network: Network, table: RouteTable) -> Iterator[Reading]:
    vpc = network.vpcs.get(table.vpc)
    local = (
        [_Claim(of_network(one), one.prefixlen, _LOCAL, None) for one in vpc.cidrs] if vpc else []
    )
    claims = [claim for route in table.routes for claim in _claims(network, route)]
    places = Atoms.cut(ALL_ADDRESSES, [one.block for one in (*local, *claims)])
    best: dict[int, _Claim] = {}
    for claim in (*local, *claims):
        if claim.route is None or claim.route.certain:
            for index in places.indices(claim.block):
                held = best.get(index)
                if held is None or claim.order < held.order:
                    best[index] = claim
    for route in table.routes:
        mine = [one for one in claims if one.route is route]
        cells = [(best.get(at), one) for one in mine for at in places.indices(one.block)]
        if cells and all(held is not None and held.order < one.order for held, one in cells):
            winners = [held for held, _ in cells if held is not None]
            yield _reading(table, route, tuple(dict.fromkeys(one.route for one in winners)))


def _claims(network: Network, route: Route) -> Iterator[_Claim]:
    if route.target_kind == "local":
        return
    rank = _PROPAGATED if route.propagated else _STATIC
    if not isinstance(route.destination, str):
        yield _Claim(of_network(route.destination), route.destination.prefixlen, rank, route)
        return
    known = network.prefix_lists.get(route.destination)
    for block in networks_of(known.entries) if known is not None and known.entries else ():
        yield _Claim(of_network(block), block.prefixlen, _LIST, route)


def _reading(table: RouteTable, route: Route, winners: tuple[Route | None, ...]) -> Reading:
    told = " and ".join(
        f"`{route_words(one)}`" if one is not None else "the VPC's local route"
        for one in winners[:2]
    )
    verb = "takes" if len(winners) == 1 else "take"
    return Reading(
        CODE,
        "finding",
        f"route table {table.id} {route.destination} {route.target}",
        f"it is never chosen: {told} {verb} every address of it first",
        step=_step(table, route),
        others=tuple(_step(table, one) for one in winners[:3] if one is not None),
    )


def _step(table: RouteTable, route: Route) -> Step:
    return Step("route", table.id, route_words(route), True, origin=route.origin)
