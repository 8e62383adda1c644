"""RW-FLOW: every intended flow works, replies included."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.policy import Flow
from ringwall.model.services import show_services
from ringwall.model.verdict import Proof, Verdict, Witness
from ringwall.prove.claims.case import Case, Meeting

CODE = "RW-FLOW"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one flow between all its ends."""

    verdict: Verdict
    detail: str = ""
    witness: Witness | None = None
    reasons: tuple[str, ...] = ()


def flows_work(case: Case) -> list[Proof]:
    """RW-FLOW: an intended flow works.

    Proved when, for every interface of the source and every interface of the target, every
    packet of the flow surely arrives and the reply surely comes back to *every* ephemeral port
    of the source's client range: the security groups on both sides, the network ACLs of both
    subnets in both directions, the routes there and back, NAT's own port range, the listener of
    a load balancer and, behind a load balancer, the registration of the target.

    Violated with the packet that is lost; unknown when a fact on the way is not known.
    """
    return [_proof(case, flow) for flow in case.policy.flows]


def subject_of(flow: Flow) -> str:
    return f"{flow.source} -> {flow.target} {show_services(flow.services)}"


def _proof(case: Case, flow: Flow) -> Proof:
    low, high = flow.client_ports
    outcome = judge_flow(case, flow)
    return Proof(
        code=CODE,
        subject=subject_of(flow),
        claim=f"{flow.source} reaches {flow.target} on {show_services(flow.services)}, "
        f"and the reply reaches every client port {low}-{high}",
        verdict=outcome.verdict,
        detail=outcome.detail,
        witness=outcome.witness,
        reasons=outcome.reasons,
        assumptions=case.storage_notes(flow),
        origin=flow.origin,
    )


def judge_flow(case: Case, flow: Flow) -> Outcome:
    """One flow over all pairs of its ends; the first certain failure decides."""
    sources, targets = case.select(flow.source), case.select(flow.target)
    for selector, found in ((flow.source, sources), (flow.target, targets)):
        if not found and selector.kind in ("named", "on-premises"):
            return Outcome(Verdict.UNKNOWN, reasons=(case.nothing_is(selector),))
        if not found:
            return Outcome(Verdict.VIOLATED, f"nothing in the network is `{selector}`")
        for unit in found:
            if any(not end.addresses for end in unit.ends):
                reason = f"the addresses of {unit.name} are not known"
                return Outcome(Verdict.UNKNOWN, reasons=(reason,))
    reasons: list[str] = []
    judged: set[tuple[str, str]] = set()
    for meeting, _ in case.meetings(sources, targets):
        pair = (meeting.one.id, meeting.other.id)
        outcome = _meets(case, flow, meeting)
        judged.add(pair)
        if outcome is None:
            continue
        if outcome.verdict is Verdict.VIOLATED:
            return outcome
        reasons += [reason for reason in outcome.reasons if reason not in reasons]
    if not judged:
        return Outcome(Verdict.VIOLATED, "no two of their ends can send each other packets")
    if reasons:
        return Outcome(Verdict.UNKNOWN, reasons=tuple(reasons))
    return Outcome(Verdict.PROVED, f"between {len(judged)} pairs of ends")


def _meets(case: Case, flow: Flow, meeting: Meeting) -> Outcome | None:
    """The flow between two spots; None where all of it surely works."""
    prover = case.prover
    wanted = prover.parts.services.mask(flow.services)
    if flow.target.kind in ("internet", "address"):
        wanted &= prover.carried(meeting.a, meeting.b)
    forward, reply = (
        prover.forward(meeting.a, meeting.b),
        prover.reply(meeting.a, meeting.b),
    )
    stopped = wanted & ~forward.possible
    if stopped:
        return Outcome(
            Verdict.VIOLATED,
            "a packet of the flow is stopped",
            case.witness(meeting, stopped, flow.client_ports),
        )
    mute = wanted & ~prover.wholly_answered(wanted, reply.possible, flow.client_ports)
    if mute:
        return Outcome(
            Verdict.VIOLATED,
            "the reply is lost at some client port",
            case.witness(meeting, mute, flow.client_ports),
        )
    sure = prover.wholly_answered(wanted & forward.sure, reply.sure, flow.client_ports)
    if wanted & ~sure:
        reasons = tuple(text for text in (forward.reason, reply.reason) if text)
        return Outcome(Verdict.UNKNOWN, reasons=reasons)
    return None
