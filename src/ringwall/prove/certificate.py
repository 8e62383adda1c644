"""Writes what was proved as a certificate that somebody else can check.

The verdicts are the engine's; the checker (:mod:`ringwall.verify`, which shares nothing with it)
is asked about every certificate before it leaves. What it does not cover, or does not agree with,
is refused with the reason and never written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ringwall.model.addresses import of_cidr
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Network
from ringwall.model.policy import Never, Only, Policy, Selector
from ringwall.model.verdict import Proof, Verdict
from ringwall.prove.certificate_facts import Plain, network_facts, pairs
from ringwall.prove.certificate_grids import Grids
from ringwall.prove.claims import flows, never, only
from ringwall.prove.claims.case import Case
from ringwall.prove.engine import Unit
from ringwall.verify.checker import SCHEMA, check, digest
from ringwall.verify.claims import handovers, pairs_of, select
from ringwall.verify.lines import LAST_ADDRESS, LAST_SERVICE, address_sets, cuts, service_sets
from ringwall.verify.walk import Line, NotCovered, Refuted, Walk

#: The kinds of ends that a certificate speaks of.
_ENDS = ("internet", "interface", "bucket")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A proof that cannot be certified, and why."""

    code: str
    subject: str
    reason: str


@dataclass(slots=True)
class Certified:
    """``document`` is the certificate, None where nothing could be certified."""

    document: Plain | None
    refused: list[Refusal] = field(default_factory=list)


def certify(network: Network, policy: Policy) -> Certified:
    """One certificate for everything that is proved of a network and can be certified."""
    case = Case.of(network, policy)
    facts = network_facts(network)
    found = Certified(None)
    claims: list[Plain] = []
    for proof, claim in _claims(case):
        if proof.verdict is not Verdict.PROVED:
            found.refused.append(Refusal(proof.code, proof.subject, _why(proof)))
        elif claim is None:
            reason = "a certificate does not cover what lies on premises"
            found.refused.append(Refusal(proof.code, proof.subject, reason))
        else:
            claims.append(claim)
    while claims:
        attempt = _Attempt(case, facts, claims)
        if not attempt.refused:
            found.document = _checked(attempt.document())
            break
        # A claim that is refused takes its cuts with it: the others are written again.
        found.refused += attempt.refused.values()
        claims = [one for index, one in enumerate(claims) if index not in attempt.refused]
    return found


def _why(proof: Proof) -> str:
    """A violation carries a witness, which anybody can replay; an unknown proves nothing."""
    if proof.verdict is Verdict.VIOLATED:
        return "it is violated: its witness shows that"
    return f"it is unknown: {'; '.join(proof.reasons) or 'no reason is given'}"


def _checked(document: Plain) -> Plain:
    check(document)
    return document


# --- claims ----------------------------------------------------------------------------------


def _claims(case: Case) -> Iterator[tuple[Proof, Plain | None]]:
    """Every proof of a kind that can be certified, with its claim as plain data.

    None stands for the claim of an end that no certificate covers.
    """
    for flow, proof in zip(case.policy.flows, flows.flows_work(case), strict=True):
        more = {"services": pairs(flow.services), "client_ports": list(flow.client_ports)}
        yield proof, _with(_head(case, proof, flow.source, flow.target), more)
    yield from _nothing_else(case)
    for guarantee in case.policy.guarantees:
        if isinstance(guarantee, Never):
            proof = never.never(case, guarantee)
            head = _head(case, proof, guarantee.source, guarantee.target)
            yield proof, _with(head, {"services": pairs(guarantee.services)})
        elif isinstance(guarantee, Only):
            yield _only(case, guarantee)


def _with(head: Plain | None, more: Plain) -> Plain | None:
    return None if head is None else head | more


def _nothing_else(case: Case) -> Iterator[tuple[Proof, Plain | None]]:
    if not case.policy.closed:
        return
    units = {unit.name: unit for unit in (case.prover.internet(), *case.units.values())}
    by_subject = {f"{a} -> {b}": (units[a], units[b]) for a in units for b in units}
    for proof in only.nothing_else(case):
        if proof.subject not in by_subject:
            yield proof, None
            continue
        source, target = by_subject[proof.subject]
        head = _ends_of(proof, _unit(source), _unit(target))
        yield proof, head | {"allowed": _allowed(case, source, target)}


def _only(case: Case, guarantee: Only) -> tuple[Proof, Plain | None]:
    proof = only.only(case, guarantee)
    head = _head(case, proof, guarantee.source, guarantee.target)
    if head is None:
        return proof, None
    allowed: list[Any] = []
    for source in case.select(guarantee.source):
        for target in case.select(guarantee.target):
            allowed += _allowed(case, source, target, guarantee.services)
    return proof, head | {"allowed": allowed}


def _head(case: Case, proof: Proof, source: Selector, target: Selector) -> Plain | None:
    one, other = _selector(case, source), _selector(case, target)
    return None if one is None or other is None else _ends_of(proof, one, other)


def _ends_of(proof: Proof, source: Plain, target: Plain) -> Plain:
    return {
        "code": proof.code,
        "subject": proof.subject,
        "claim": proof.claim,
        "verdict": str(proof.verdict),
        "assumptions": list(proof.assumptions),
        "source": source,
        "target": target,
    }


def _selector(case: Case, selector: Selector) -> Plain | None:
    """A selector that the checker resolves by itself, else the ends that it names; None where
    one of them is neither an interface, a bucket nor the Internet."""
    match selector.kind:
        case "internet":
            return {"kind": "internet"}
        case "address":
            return {"kind": "address", "block": pairs(of_cidr(selector.name))}
        case "tier":
            return {"kind": "tier", "name": selector.name}
        case "service":
            return {"kind": "unit", "name": selector.name}
    if any(end.kind not in _ENDS for unit in case.select(selector) for end in unit.ends):
        return None
    ends = [
        [end.kind, end.id if end.kind != "internet" else "internet", pairs(end.addresses)]
        for unit in case.select(selector)
        for end in unit.ends
    ]
    return {"kind": "ends", "name": str(selector), "ends": ends}


def _unit(unit: Unit) -> Plain:
    return {"kind": "internet"} if unit.tier == "internet" else {"kind": "unit", "name": unit.name}


def _allowed(
    case: Case, source: Unit, target: Unit, fixed: IntervalSet | None = None
) -> list[list[Any]]:
    """What may pass: address sets of both ends, and the services that flows ask for there."""
    atoms = case.prover.parts.addresses
    meant: dict[int, dict[int, set[int]]] = {}
    for meeting, _ in case.meetings([source], [target]):
        mask = case.intended(meeting)
        if fixed is not None:
            mask = case.prover.parts.services.mask(fixed)
        if mask:
            by_source = meant.setdefault(mask, {})
            by_source.setdefault(atoms.index(meeting.a.place), set()).add(
                atoms.index(meeting.b.place)
            )
    found: list[list[Any]] = []
    for mask, by_source in meant.items():
        alike: dict[frozenset[int], list[int]] = {}
        for a, b in by_source.items():
            alike.setdefault(frozenset(b), []).append(a)
        for b_set, a_list in alike.items():
            one, other = (
                IntervalSet.of(*(atoms.span(index) for index in each)) for each in (a_list, b_set)
            )
            found.append([pairs(one), pairs(other), pairs(case.prover.services(mask))])
    return found


# --- one attempt -----------------------------------------------------------------------------


class _Attempt:
    """Classes for a list of claims; those that cannot be covered are refused, by their index."""

    def __init__(self, case: Case, facts: Plain, claims: list[Plain]) -> None:
        self.case = case
        self.facts = facts
        self.claims = claims
        self.refused: dict[int, Refusal] = {}
        addresses = cuts(address_sets(facts, claims), LAST_ADDRESS)
        services = cuts(service_sets(facts, claims), LAST_SERVICE)
        self.walk = Walk(facts, Line(addresses, LAST_ADDRESS), Line(services, LAST_SERVICE))
        self.grids = Grids(case.prover, self.walk)
        for index, claim in enumerate(claims):
            self._cover(index, claim)

    def _cover(self, index: int, claim: Plain) -> None:
        try:
            sources, targets = (select(self.walk, claim[side]) for side in ("source", "target"))
            reply = claim["code"] == flows.CODE
            wanted = [(one, other, reply) for one, other in pairs_of(sources, targets)]
            if claim["code"] == never.CODE:
                for source, front, target, _ in handovers(self.walk, sources, targets):
                    wanted += [(source, front, False), (front, target, False)]
            for one, other, answered in wanted:
                self.grids.cover(one, other, reply=answered)
        except NotCovered as far:
            self._refuse(index, claim, f"a certificate does not cover {far}")
        except Refuted as mistake:
            self._refuse(index, claim, f"the checker does not agree: {mistake}")

    def _refuse(self, index: int, claim: Plain, reason: str) -> None:
        self.refused[index] = Refusal(claim["code"], claim["subject"], reason)

    def document(self) -> Plain:
        return {
            "schema": SCHEMA,
            "about": self.case.given.source,
            "digest": digest(self.facts),
            "claims": self.claims,
            "partition": {
                "addresses": self.walk.addresses.starts,
                "services": self.walk.services.starts,
            },
            **self.grids.tables(),
            "facts": self.facts,
        }
