"""The standing questions: what anybody may ask of a network without saying what was intended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.model.standing import Reading, Standing
from ringwall.prove.balancers import forwardings
from ringwall.prove.claims.case import Case
from ringwall.prove.ends import ON_PREMISES
from ringwall.prove.engine import Unit
from ringwall.prove.standing.dead_acls import dead_acls
from ringwall.prove.standing.dead_groups import dead_groups
from ringwall.prove.standing.dead_routes import dead_routes
from ringwall.prove.standing.reach import Reach, half_readings, open_readings
from ringwall.prove.standing.stale import stale

_STORES = ("database", "cache")


def internet_reaches(reach: Reach) -> Iterator[Reading]:
    """RW-INTERNET: what the Internet can reach.

    Every service (or interface, where nothing carries a service's name) at which a packet from
    some address of the Internet arrives, and whether every client port, some or none hears the
    answer. What a load balancer hands on is told beside it.

    A fact to know, not a fault; a data store that the Internet reaches is one (RW-STORES).
    """
    units = _units(reach)
    internet = reach.outside()[0]
    for reading in open_readings(reach, "RW-INTERNET", [internet], units, "open"):
        behind = _handed_on(reach.case, reading.target)
        yield replace(reading, detail=f"{reading.detail}{behind}")


def stores_reached(reach: Reach) -> Iterator[Reading]:
    """RW-STORES: what can reach each data store.

    Stores are databases, caches and buckets. Every service, and whatever lies outside, from which
    a packet arrives there, and whether it is answered. From the Internet it is a finding, for the
    rest a fact to know.

    Buckets: their addresses are S3's, which all buckets of a Region share; roles decide the rest.
    """
    units = _units(reach)
    stores = [unit for unit in units if _is_store(unit)]
    for store in stores:
        for source in (*reach.outside(), *units):
            standing: Standing = "finding" if source.name == "internet" else "open"
            yield from open_readings(reach, "RW-STORES", [source], [store], standing)


def half_open(reach: Reach) -> Iterator[Reading]:
    """RW-HALF: what works only half, because the answer is blocked.

    A packet arrives, and its answer is lost at every client port, or at some of them: a network
    ACL that does not let ephemeral ports back, or a route that leads another way. Client ports are
    those of the source (its tag, its kind), else 1024-65535.

    A finding: either the connection is wanted and broken, or the opening is not wanted. Only what
    arrives at ephemeral ports of an end that itself opens connections to the other is told as open:
    a network ACL has no memory, and lets in what looks like an answer.
    """
    units = (*reach.outside(), *_units(reach))
    for source in units:
        for target in units:
            if source.name != target.name:
                yield from half_readings(reach, source, target)


def dead_rules(reach: Reach) -> Iterator[Reading]:
    """RW-DEAD: rules that never decide.

    Entries of network ACLs behind earlier ones that take all they match, rules of a security group
    that others of the same group cover or that nothing can match, routes that are never chosen;
    network ACLs, groups and route tables that serve nothing. By sets, so exact: whichever packet
    comes, such a rule makes no difference.
    """
    network = reach.case.given
    yield from dead_acls(network)
    yield from dead_groups(network)
    yield from dead_routes(network)


def stale_references(reach: Reach) -> Iterator[Reading]:
    """RW-STALE: references to what is not there.

    Findings where the material shows the reference to be dead: a blackhole route, a gateway at
    another VPC, a peering that is not active, a registered target that does not exist. Unknown
    where the name is not in the material: it was deleted, or left out of it.
    """
    yield from stale(reach.case.given)


def premises_reach(reach: Reach) -> Iterator[Reading]:
    """RW-PREMISES: what passes to and from on-premises.

    What leaves through VPN and Direct Connect, and what comes in from there, with the answers.
    A fact to know. Nothing is told where no such gateway is known.
    """
    for outside in reach.outside():
        if outside.name == ON_PREMISES:
            units = _units(reach)
            yield from open_readings(reach, "RW-PREMISES", units, [outside], "open")
            yield from open_readings(reach, "RW-PREMISES", [outside], units, "open")


#: Every standing question by its code; its docstring is what ``ringwall explain CODE`` prints.
QUESTIONS: Mapping[str, Callable[[Reach], Iterator[Reading]]] = {
    "RW-INTERNET": internet_reaches,
    "RW-STORES": stores_reached,
    "RW-PREMISES": premises_reach,
    "RW-HALF": half_open,
    "RW-DEAD": dead_rules,
    "RW-STALE": stale_references,
}


def standing(network: Network) -> tuple[Reading, ...]:
    """The answers to every standing question, question by question."""
    reach = Reach(Case.of(network, Policy(())))
    return tuple(one for ask in QUESTIONS.values() for one in ask(reach))


def _units(reach: Reach) -> tuple[Unit, ...]:
    return tuple(reach.case.units.values())


def _is_store(unit: Unit) -> bool:
    return any(
        end.bucket is not None or (end.interface is not None and end.interface.kind in _STORES)
        for end in unit.ends
    )


def _handed_on(case: Case, name: str) -> str:
    """To whom a load balancer hands on what it takes, in words."""
    unit = case.units.get(name)
    owners = {end.interface.owner for end in unit.ends if end.interface} if unit else set()
    homes = {end.id: one.name for one in case.units.values() for end in one.ends}
    found = dict.fromkeys(
        homes[one.target.id]
        for owner in sorted(owners)
        if owner in case.network.load_balancers
        for one in forwardings(case.network, case.network.load_balancers[owner])
        if one.target.id in homes
    )
    return f"; it is handed on to {', '.join(found)}" if found else ""
