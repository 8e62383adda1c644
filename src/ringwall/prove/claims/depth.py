"""RW-LAYERS: no single layer stands alone between two tiers."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from ringwall.model.policy import Layers
from ringwall.model.services import TCP, whole_protocol
from ringwall.model.verdict import Layer, Proof, Verdict
from ringwall.prove.claims.case import Case, Meeting, words
from ringwall.prove.engine import Unit
from ringwall.prove.filters import Passing

CODE = "RW-LAYERS"
SHARED = (
    "judged between tiers: a subnet's network ACL serves its whole tier, so a port that one "
    "service of a tier may use is kept from its neighbours by their security groups alone"
)
SYN = (
    "a layer stops a TCP connection when it stops its first packet or every reply to the client's "
    "own ephemeral ports; who chooses a well-known source port is stopped by the others"
)


def layers(case: Case, guarantee: Layers) -> list[Proof]:
    """RW-LAYERS: independent layers stop what no flow asks for.

    One proof per ordered pair of tiers, the Internet included. Layers are the routes (with
    public addresses), the network ACLs, the security groups, a load balancer's listeners, and a
    bucket's policy and public access block. Proved for a count of n when, with any n - 1 layers
    letting everything pass, still nothing gets through that no flow between the two tiers asks
    for.

    Violated with the packet that one layer alone stops (or none). The explanation beside it
    shows today's way of that packet: it is blocked, but only there.
    """
    tiers: dict[str, list[Unit]] = {"internet": [case.prover.internet()]}
    for unit in case.units.values():
        tiers.setdefault(unit.tier or "untagged", []).append(unit)
    return [
        proof
        for source, senders in tiers.items()
        for target, takers in tiers.items()
        if source != target
        and (proof := _between(case, guarantee, (source, senders), (target, takers))) is not None
    ]


def _between(
    case: Case,
    guarantee: Layers,
    source: tuple[str, list[Unit]],
    target: tuple[str, list[Unit]],
) -> Proof | None:
    proof = Proof(
        code=CODE,
        subject=f"{source[0]} -> {target[0]}",
        claim=f"at least {guarantee.count} independent layers stop what no flow asks for "
        f"from {source[0]} to {target[0]}",
        verdict=Verdict.PROVED,
        assumptions=(SHARED, SYN),
        origin=guarantee.origin,
    )
    reasons: list[str] = []
    seen: dict[Layer, None] = {}
    met = False
    for meeting, _ in case.meetings(source[1], target[1]):
        met = True
        meant = _tier_intent(case, source[1], target[1], meeting)
        present = tuple(
            dict.fromkeys(one.layer for one in case.prover.way(meeting.a, meeting.b).forward)
        )
        seen.update(dict.fromkeys(present))
        for off in combinations(present, min(guarantee.count - 1, len(present))):
            leak = _leak(case, meeting, frozenset(off), meant)
            if leak.sure:
                return _violated(case, proof, meeting, leak.sure, off)
            if leak.possible:
                reasons.append(leak.reason)
    if reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=tuple(dict.fromkeys(reasons)))
    return replace(proof, layers=tuple(seen)) if met else None


def _tier_intent(case: Case, senders: list[Unit], takers: list[Unit], meeting: Meeting) -> int:
    """What any service of one tier asks of any service of the other, at these addresses."""
    mask = 0
    for sender in senders:
        for taker in takers:
            mask |= case.intended(replace(meeting, source=sender, target=taker))
    return mask


def _leak(case: Case, meeting: Meeting, off: frozenset[Layer], meant: int) -> Passing:
    """What gets through, unasked, with some layers out of action."""
    prover = case.prover
    tcp = prover.parts.services.mask(whole_protocol(TCP))
    ports = prover.client_ports(meeting.one)
    forward = prover.forward(meeting.a, meeting.b, off)
    reply = prover.reply(meeting.a, meeting.b, off)

    def through(packets: int, replies: int) -> int:
        unasked = packets & ~meant
        return (unasked & ~tcp) | (prover.answered(unasked, replies, ports) & tcp)

    reason = "; ".join(text for text in (forward.reason, reply.reason) if text)
    return Passing(
        through(forward.sure, reply.sure), through(forward.possible, reply.possible), reason
    )


def _violated(
    case: Case, proof: Proof, meeting: Meeting, leak: int, off: tuple[Layer, ...]
) -> Proof:
    service = (leak & -leak).bit_length() - 1
    standing = case.prover.stoppers(meeting.a, meeting.b, service)
    alone = f"only {' and '.join(off)} stops" if standing else "nothing stops"
    return replace(
        proof,
        verdict=Verdict.VIOLATED,
        detail=f"{alone} {words(case.prover, leak)} "
        f"from {meeting.source.name} to {meeting.target.name}",
        witness=case.witness(meeting, leak),
        layers=standing,
    )
