"""RW-LAYERS: no single layer stands alone between two tiers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from ringwall.model.policy import Layers, Selector
from ringwall.model.services import TCP, whole_protocol
from ringwall.model.verdict import Layer, Proof, Verdict
from ringwall.prove.claims.case import Case, Meeting, is_storage, words
from ringwall.prove.engine import Unit
from ringwall.prove.legs import Passing

CODE = "RW-LAYERS"
SHARED = (
    "judged between tiers: a subnet's network ACL serves its whole tier, so a port that one "
    "service of a tier may use is kept from its neighbours by their security groups alone"
)
SYN = (
    "a layer stops a TCP connection when it stops its first packet or every reply to the client's "
    "own ephemeral ports; who chooses a well-known source port is stopped by the others"
)


@dataclass(frozen=True, slots=True)
class Weakest:
    """The unasked traffic that the fewest layers stop, and those layers."""

    meeting: Meeting
    leak: int
    stopped_by: tuple[Layer, ...]


def layers(case: Case, guarantee: Layers) -> list[Proof]:
    """RW-LAYERS: independent layers stop what no flow asks for.

    One proof per ordered pair of tiers, the Internet and on premises included. Layers are the
    routes, public addresses, the network ACLs, the security groups, a load balancer's listeners,
    firewalls, Block Public Access, and a bucket's policy and public access block. Proved for a
    count of n when, with any n - 1 layers letting everything pass, still nothing gets through
    that no flow between the two tiers asks for (what is open to the whole Internet may be asked
    by anybody). The detail names the weakest spot: what the fewest layers stop, and which those
    are. Buckets that stand in no tier (logs, which AWS's own services write) are left to RW-ONLY.

    Violated with the packet that too few layers stop. The explanation beside it shows that
    packet's way today: it may well be blocked, but only there.
    """
    if guarantee.between is not None:
        return [_named(case, guarantee, *guarantee.between)]
    tiers: dict[str, list[Unit]] = {one.name: [one] for one in case.prover.outsiders()}
    for unit in case.units.values():
        if unit.tier or not is_storage(unit):
            tiers.setdefault(unit.tier or "untagged", []).append(unit)
    return [
        proof
        for source, senders in tiers.items()
        for target, takers in tiers.items()
        if source != target
        and (proof := _between(case, guarantee, (source, senders), (target, takers))) is not None
    ]


def tiers_of(case: Case, *, untagged: bool = False) -> dict[str, list[Unit]]:
    """The Internet and every tier with its units. Units without a tier are one tier together
    (``untagged``), or each its own where no unit has any; buckets without one are left out."""
    tiers: dict[str, list[Unit]] = {"internet": [case.prover.internet()]}
    together = untagged or any(unit.tier for unit in case.units.values())
    for unit in case.units.values():
        if unit.tier or not is_storage(unit):
            name = unit.tier or ("untagged" if together else unit.name)
            tiers.setdefault(name, []).append(unit)
    return tiers


def weakest_between(
    case: Case, senders: list[Unit], takers: list[Unit], *, today: bool = False
) -> Weakest | None:
    """What the fewest layers stop of all that is not meant; None where all of it is.

    With ``today``, whatever passes as the network stands counts as meant.
    """
    weakest: Weakest | None = None
    for meeting, passing in case.meetings(senders, takers):
        meant = _tier_intent(case, senders, takers, meeting)
        meant |= passing.possible if today else 0
        most = len(weakest.stopped_by) if weakest else len(_present(case, meeting)) + 1
        weakest = _weak_spot(case, meeting, meant, most) or weakest
    return weakest


def _named(case: Case, guarantee: Layers, source: Selector, target: Selector) -> Proof:
    """The claim about two ends that the guarantee names itself."""
    sources, targets = list(case.select(source)), list(case.select(target))
    found = _between(case, guarantee, (str(source), sources), (str(target), targets))
    if found is not None:
        return found
    return Proof(
        code=CODE,
        subject=f"{source} -> {target}",
        claim=f"at least {guarantee.count} independent layers stop what no flow asks for "
        f"from {source} to {target}",
        verdict=Verdict.UNKNOWN,
        reasons=tuple(case.nothing_is(one) for one in (source, target) if not case.select(one))
        or ("nothing is left to forbid between them",),
        origin=guarantee.origin,
    )


def _between(
    case: Case,
    guarantee: Layers,
    source: tuple[str, list[Unit]],
    target: tuple[str, list[Unit]],
) -> Proof | None:
    weakest = weakest_between(case, source[1], target[1])
    reasons: dict[str, None] = {}
    for meeting, _ in case.meetings(source[1], target[1]):
        meant = _tier_intent(case, source[1], target[1], meeting)
        reason = _doubt(case, meeting, meant, guarantee.count - 1)
        if reason:
            reasons[reason] = None
    if weakest is None:
        return None
    proof = Proof(
        code=CODE,
        subject=f"{source[0]} -> {target[0]}",
        claim=f"at least {guarantee.count} independent layers stop what no flow asks for "
        f"from {source[0]} to {target[0]}",
        verdict=Verdict.PROVED,
        detail=_words(case, weakest),
        layers=weakest.stopped_by,
        assumptions=(SHARED, SYN),
        origin=guarantee.origin,
    )
    if len(weakest.stopped_by) < guarantee.count:
        witness = case.witness(weakest.meeting, weakest.leak)
        return replace(proof, verdict=Verdict.VIOLATED, witness=witness)
    if reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=tuple(reasons))
    return proof


def _words(case: Case, weakest: Weakest) -> str:
    meeting = weakest.meeting
    stops = " and ".join(weakest.stopped_by) or "nothing"
    only = "only " if len(weakest.stopped_by) == 1 else ""
    verb = "stop" if len(weakest.stopped_by) > 1 else "stops"
    return (
        f"{only}{stops} {verb} {words(case.prover, weakest.leak)} "
        f"from {meeting.source.name} to {meeting.target.name}"
    )


def _present(case: Case, meeting: Meeting) -> tuple[Layer, ...]:
    return case.prover.way(meeting.a, meeting.b).layers


def _weak_spot(case: Case, meeting: Meeting, meant: int, most: int) -> Weakest | None:
    """What fewer than ``most`` layers surely stop here; None where at least as many do."""
    present = _present(case, meeting)
    for count in range(min(most, len(present) + 1)):
        for off in combinations(present, count):
            leak = _leak(case, meeting, frozenset(off), meant).sure
            if leak:
                return Weakest(meeting, leak, off)
    return None


def _doubt(case: Case, meeting: Meeting, meant: int, spare: int) -> str:
    """Why it is not sure that the layers hold with ``spare`` of them out of action."""
    present = _present(case, meeting)
    for off in combinations(present, min(spare, len(present))):
        leak = _leak(case, meeting, frozenset(off), meant)
        if leak.possible and not leak.sure:
            return leak.reason
    return ""


def _tier_intent(case: Case, senders: list[Unit], takers: list[Unit], meeting: Meeting) -> int:
    """What any service of one tier asks of any service of the other, at these addresses."""
    mask = case.open_to_all(meeting.target)
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
