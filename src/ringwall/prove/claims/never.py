"""RW-NEVER: what must never be reached is not, by any way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.model.addresses import V6_BASE
from ringwall.model.policy import Never, Selector
from ringwall.model.services import ALL_SERVICES, place_of, show_services, whole_protocol
from ringwall.model.tags import TAG_TIER
from ringwall.model.verdict import Proof, Verdict
from ringwall.prove.balancers import (
    Forwarding,
    forwardings,
    listener_protocols,
    unsure_targets,
)
from ringwall.prove.claims.case import Case, Meeting, words
from ringwall.prove.ends import End
from ringwall.prove.engine import Unit
from ringwall.prove.legs import Passing, Spot

CODE = "RW-NEVER"
CREDENTIALS = (
    "a bucket's public access block turns away requests without credentials; requests with valid "
    "credentials are turned away by its policy, which judges the network that they come through"
)


@dataclass(frozen=True, slots=True)
class _Opening:
    meeting: Meeting
    passing: Passing
    how: str


def never(case: Case, guarantee: Never) -> Proof:
    """RW-NEVER: one end never reaches another.

    Proved when no packet (of the services that the guarantee names, if it names any) from any
    address of the source can possibly arrive at any interface or bucket of the target, directly or
    handed on by a load balancer that listens to the source and has the target among its registered
    targets. Intended flows give no leave.

    Violated with the packet and its way; unknown when only an unresolved fact would let one
    pass, or where the guarantee names nothing in the network.
    """
    sources, targets = case.select(guarantee.source), case.select(guarantee.target)
    subject, what = f"{guarantee.source} -> {guarantee.target}", "nothing"
    if guarantee.services != ALL_SERVICES:
        what = f"no {show_services(guarantee.services)}"
        subject += f" {show_services(guarantee.services)}"
    storage = any(end.bucket is not None for unit in targets for end in unit.ends)
    proof = Proof(
        code=CODE,
        subject=subject,
        claim=f"{what} from {guarantee.source} ever arrives at {guarantee.target}",
        verdict=Verdict.PROVED,
        assumptions=(CREDENTIALS,) if storage else (),
        origin=guarantee.origin,
    )
    for selector, found in ((guarantee.source, sources), (guarantee.target, targets)):
        if not found and _stands_empty(case, selector):
            return replace(proof, detail=f"nothing stands in {selector}")
        if not found:
            reason = case.nothing_is(selector)
            return replace(proof, verdict=Verdict.UNKNOWN, reasons=(reason,))
    reasons: list[str] = []
    judged = 0
    forbidden = case.prover.parts.services.mask(guarantee.services)
    for opening in _openings(case, sources, targets):
        judged += 1
        if leak := opening.passing.sure & forbidden:
            return replace(
                proof,
                verdict=Verdict.VIOLATED,
                detail=f"{words(case.prover, leak)} passes{opening.how}",
                witness=case.witness(opening.meeting, leak),
            )
        if opening.passing.possible & forbidden:
            reasons.append(opening.passing.reason)
    if reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=tuple(dict.fromkeys(reasons)))
    return replace(proof, detail=f"over {judged} meetings of ends and address blocks")


def _stands_empty(case: Case, selector: Selector) -> bool:
    """Is this a tier that has its subnets, and nothing in them?"""
    return selector.kind == "tier" and any(
        subnet.tags.get(TAG_TIER) == selector.name for subnet in case.network.subnets.values()
    )


def _openings(
    case: Case, sources: tuple[Unit, ...], targets: tuple[Unit, ...]
) -> Iterator[_Opening]:
    for meeting, passing in case.meetings(sources, targets):
        yield _Opening(meeting, passing, "")
    yield from _handed_on(case, sources, targets)


def _handed_on(
    case: Case, sources: tuple[Unit, ...], targets: tuple[Unit, ...]
) -> Iterator[_Opening]:
    """What load balancers hand on from a source to a target."""
    wanted = {end.id for unit in targets for end in unit.ends}
    for balancer in case.network.load_balancers.values():
        front = _unit_of(case, balancer.id)
        if front is None:
            continue
        behind = [one for one in forwardings(case.network, balancer) if one.target.id in wanted]
        unsure = unsure_targets(case.network, balancer)
        if not behind and not unsure:
            continue
        for meeting, passing in case.meetings(sources, [front]):
            if unsure and passing.possible:
                yield _Opening(meeting, Passing(0, passing.possible, unsure), "")
            for one in behind:
                through = _through(case, meeting, passing, one)
                name = balancer.name or balancer.id
                yield _Opening(meeting, through, f" through the load balancer {name}")


def _through(case: Case, meeting: Meeting, passing: Passing, one: Forwarding) -> Passing:
    """What passes to a listener, if the second leg to the target is open too."""
    services = case.prover.parts.services
    target = next(
        end for unit in case.units.values() for end in unit.ends if end.id == one.target.id
    )
    sure = possible = 0
    reasons: list[str] = []
    for protocol in listener_protocols(one.protocol):
        listener = 1 << services.index(place_of(protocol, one.listener_port))
        if not passing.possible & listener:
            continue
        port = services.mask(whole_protocol(protocol))
        if one.port is not None:
            port = 1 << services.index(place_of(protocol, one.port))
        leg = [case.prover.forward(a, b) for a, b in _asking(case, meeting, target, one, protocol)]
        if any(step.possible & port for step in leg):
            possible |= listener
            reasons += [step.reason for step in leg if step.reason]
        if any(step.sure & port for step in leg):
            sure |= passing.sure & listener
    if passing.reason and sure != possible:
        reasons.insert(0, passing.reason)
    return Passing(sure, possible, "; ".join(dict.fromkeys(reasons)) if sure != possible else "")


def _asking(
    case: Case, meeting: Meeting, target: End, one: Forwarding, protocol: int
) -> Iterator[tuple[Spot, Spot]]:
    """Who a target sees asking it, and itself: the balancer, or its client by way of it."""
    alike = meeting.a.place < V6_BASE
    for front, goal in case.prover.meetings(meeting.other, target):
        if protocol in one.preserves and alike == (goal.place < V6_BASE):
            yield Spot(meeting.a.place, front.interface), goal
        else:
            yield front, goal


def _unit_of(case: Case, balancer: str) -> Unit | None:
    for unit in case.units.values():
        ends = tuple(
            end
            for end in unit.ends
            if end.interface is not None and end.interface.owner == balancer
        )
        if ends:
            return replace(unit, ends=ends)
    return None
