"""RW-ONLY: nothing is open that no flow asks for."""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.policy import Only
from ringwall.model.services import show_services
from ringwall.model.verdict import Proof, Verdict
from ringwall.prove.claims.case import Case, is_storage, words
from ringwall.prove.engine import Unit

CODE = "RW-ONLY"
STORAGE = (
    "all buckets of a Region share S3's addresses: which of them a service may use is decided by "
    "its role and the bucket policies, which this proof does not read"
)


def nothing_else(case: Case) -> list[Proof]:
    """RW-ONLY: nothing else is open.

    One proof per ordered pair of services, the Internet and what lies on premises included
    (interfaces that carry no service's name count each for themselves, the interfaces of one
    service among themselves as well). Proved when no packet beyond the intended flows can
    possibly arrive. Judged on the packet alone: an opening counts even where the reply would be
    lost.

    Violated with a packet that arrives and its way; unknown when only an unresolved fact would
    let one pass.
    """
    units = [*case.prover.outsiders(), *case.units.values()]
    return [
        proof
        for source in units
        for target in units
        if (proof := _between(case, source, target)) is not None
    ]


def only(case: Case, guarantee: Only) -> Proof:
    """The same claim about two ends alone, against the services that the guarantee names.

    Where it names none, against what flows ask for between the two.
    """
    source, target = guarantee.source, guarantee.target
    named = guarantee.services
    asked = "what flows ask for" if named is None else show_services(named)
    proof = Proof(
        code=CODE,
        subject=f"{source} -> {target}",
        claim=f"from {source} to {target} nothing passes but {asked}",
        verdict=Verdict.PROVED,
        origin=guarantee.origin,
    )
    sources, targets = case.select(source), case.select(target)
    for selector, found in ((source, sources), (target, targets)):
        if not found:
            reason = case.nothing_is(selector)
            return replace(proof, verdict=Verdict.UNKNOWN, reasons=(reason,))
    fixed = None if named is None else case.prover.parts.services.mask(named)
    reasons: dict[str, None] = {}
    for meeting, passing in case.meetings(sources, targets):
        meant = case.intended(meeting) if fixed is None else fixed
        if leak := passing.sure & ~meant:
            return replace(
                proof,
                verdict=Verdict.VIOLATED,
                detail=f"{words(case.prover, leak)} passes as well",
                witness=case.witness(meeting, leak),
            )
        if passing.possible & ~meant:
            reasons[passing.reason] = None
    if reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=tuple(reasons))
    return proof


def _between(case: Case, source: Unit, target: Unit) -> Proof | None:
    """The proof for one pair; None where the two can never send each other packets."""
    flows = case.flows_between(source, target)
    asked = ", ".join(dict.fromkeys(show_services(flow.services) for flow in flows))
    proof = Proof(
        code=CODE,
        subject=f"{source.name} -> {target.name}",
        claim=f"from {source.name} to {target.name} nothing passes"
        + (f" but {asked}" if asked else ""),
        verdict=Verdict.PROVED,
        assumptions=(STORAGE,) if asked and is_storage(target) else (),
    )
    reasons: list[str] = []
    met = False
    for meeting, passing in case.meetings([source], [target]):
        met = True
        meant = case.intended(meeting)
        if leak := passing.sure & ~meant:
            return replace(
                proof,
                verdict=Verdict.VIOLATED,
                detail=f"{words(case.prover, leak)} passes, and no flow asks for it",
                witness=case.witness(meeting, leak),
            )
        if passing.possible & ~meant:
            reasons.append(passing.reason)
    if reasons:
        return replace(
            proof, verdict=Verdict.UNKNOWN, reasons=tuple(dict.fromkeys(reasons)), assumptions=()
        )
    return proof if met else None
