"""RW-ALONE: each guard enforces the intent by itself, whatever the others do.

Layers are worth something only while each of them is right alone. A careless rule in one guard
opens nothing as long as another guard holds, and that is exactly when nobody notices it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.model.network import NetworkInterface
from ringwall.model.policy import Layers
from ringwall.model.verdict import Layer, Proof, Step, Verdict, Witness
from ringwall.prove.claims.alone_subnets import Slack, acl_slack, route_slack
from ringwall.prove.claims.case import Case, Meeting, words
from ringwall.prove.engine import Unit
from ringwall.prove.legs import Passing

CODE = "RW-ALONE"


@dataclass(frozen=True, slots=True)
class _Guarded:
    """One guard at one meeting: what it passes, and which way."""

    meeting: Meeting
    passing: Passing
    way: str
    groups: tuple[str, ...]


def alone(case: Case, guarantee: Layers) -> list[Proof]:
    """RW-ALONE: each guard alone lets through only what is asked for.

    Four families, judged guard by guard with every other guard left out:

    * the security groups of each service, in and out, against that service's own flows (what is
      open to the whole Internet is open to anybody, for a rule of 0.0.0.0/0 says so);
    * each network ACL, in and out, against the flows of its tier, their replies to the clients'
      ephemeral ports, what a NAT gateway in its subnets must pass, and (for flows to buckets)
      port 443 to any public address, because a network ACL cannot name a prefix list;
    * each route table: it leads out of the VPC only where a flow of its subnets does;
    * public addresses: only what takes connections from the Internet has one.

    Violated means depth is lost, not that a packet arrives: the witness shows how the packet
    fares today, often stopped by the next guard. Claimed wherever a policy asks for two or more
    layers.
    """
    internet = case.prover.internet()
    units = [internet, *case.units.values()]
    groups = (_groups(case, guarantee, unit, units) for unit in case.units.values())
    return [
        *(proof for proof in groups if proof is not None),
        *_public_addresses(case, guarantee),
        *(_subnets(case, guarantee, "network ACL", one) for one in acl_slack(case)),
        *(_subnets(case, guarantee, "route table", one) for one in route_slack(case)),
    ]


def _groups(case: Case, guarantee: Layers, unit: Unit, units: list[Unit]) -> Proof | None:
    """The security groups of one unit; None for a unit that has no interfaces."""
    proof = Proof(
        code=CODE,
        subject=f"security groups of {unit.name}",
        claim=f"the security groups of {unit.name} alone let through only what its flows ask for",
        verdict=Verdict.PROVED,
        origin=guarantee.origin,
    )
    reasons: dict[str, None] = {}
    met = False
    open_by_name = case.open_to_all(unit) | case.open_everywhere(unit)
    for one in _guarded(case, unit, units):
        met = True
        meant = case.intended(one.meeting) | open_by_name
        leak = one.passing.sure & ~meant
        if leak:
            return replace(
                proof,
                verdict=Verdict.VIOLATED,
                detail=f"they let {words(case.prover, leak)} {one.way}, and no flow asks for it",
                witness=(witness := case.witness(one.meeting, leak)),
                cause=_cause(witness, "security-group", one.groups),
                layers=case.prover.stoppers(
                    one.meeting.a, one.meeting.b, (leak & -leak).bit_length() - 1
                ),
            )
        if one.passing.possible & ~meant:
            reasons[one.passing.reason] = None
    if reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=tuple(reasons))
    return proof if met else None


def _guarded(case: Case, unit: Unit, units: list[Unit]) -> Iterator[_Guarded]:
    prover = case.prover
    for other in units:
        for meeting, _ in case.meetings([other], [unit]):
            holder = meeting.other.interface
            if isinstance(holder, NetworkInterface):
                passing = prover.through_groups(holder, False, meeting.a)
                yield _Guarded(meeting, passing, f"in from {other.name}", holder.groups)
        for meeting, _ in case.meetings([unit], [other]):
            holder = meeting.one.interface
            if isinstance(holder, NetworkInterface):
                passing = prover.through_groups(holder, True, meeting.b)
                yield _Guarded(meeting, passing, f"out to {other.name}", holder.groups)


def _public_addresses(case: Case, guarantee: Layers) -> Iterator[Proof]:
    """One proof for each unit that has a public address, or may have one, and one for the rest."""
    private = 0
    for unit in case.units.values():
        public = {end.interface.public for end in unit.ends if end.interface is not None}
        if public <= {False} or not public:
            private += bool(public)
            continue
        asked = any(case.flows_between(case.prover.internet(), unit))
        proof = Proof(
            code=CODE,
            subject=f"public address of {unit.name}",
            claim=f"{unit.name} has a public address only if a flow from the Internet asks for it",
            verdict=Verdict.PROVED,
            detail="a flow from the Internet asks for it" if asked else "",
            origin=guarantee.origin,
        )
        if asked:
            yield proof
        elif True in public:
            told = "it has one, and no flow from the Internet asks for it"
            yield replace(proof, verdict=Verdict.VIOLATED, detail=told)
        else:
            reason = f"whether {unit.name} has a public address is not known"
            yield replace(proof, verdict=Verdict.UNKNOWN, reasons=(reason,))
    yield Proof(
        code=CODE,
        subject="public addresses",
        claim="whatever takes no connections from the Internet has no public address",
        verdict=Verdict.PROVED,
        detail=f"{private} services have none; those that have one are told apart",
        origin=guarantee.origin,
    )


def _subnets(case: Case, guarantee: Layers, kind: str, slack: Slack) -> Proof:
    """A network ACL or route table, from what was found to be loose in it."""
    proof = Proof(
        code=CODE,
        subject=f"{kind} {slack.resource}",
        claim=f"the {kind} {slack.resource} alone lets through only what the flows of its "
        "subnets ask for",
        verdict=Verdict.PROVED,
        origin=guarantee.origin,
    )
    if slack.detail:
        return replace(
            proof,
            verdict=Verdict.VIOLATED,
            detail=slack.detail,
            witness=(witness := _witness(case, slack)),
            cause=slack.cause or _cause(witness, slack.layer, (slack.resource,)),
        )
    if slack.reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=slack.reasons)
    return proof


def _cause(witness: Witness | None, layer: Layer, resources: tuple[str, ...]) -> Step | None:
    """The rule of one of these resources that lets the witness pass there."""
    if witness is None:
        return None
    told = witness.explanation
    for step in (*told.forward.steps, *(told.reply.steps if told.reply else ())):
        if step.layer == layer and step.resource in resources and step.allowed:
            return step
    return None


def _witness(case: Case, slack: Slack) -> Witness | None:
    """A packet between ends that stand where the looseness is, if there are any."""
    units = [case.prover.internet(), *case.units.values()]
    for meeting, _ in case.meetings(units, units):
        near, far = (meeting.a, meeting.b) if slack.egress else (meeting.b, meeting.a)
        peer = (meeting.target if slack.egress else meeting.source).tier
        if near.interface is None or near.interface.subnet != slack.subnet or peer != slack.peer:
            continue
        if slack.layer == "route":
            loose = slack.leak if far.place == slack.place else 0
        else:
            passing = case.prover.through_acl(slack.subnet, slack.egress, far.place)
            loose = passing.sure & slack.leak
        if loose:
            return case.witness(meeting, loose)
    return None
