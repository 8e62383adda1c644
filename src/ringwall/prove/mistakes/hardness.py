"""``ringwall prove --depth``: how many layers, and which single mistakes would open the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.mistake import Depth, Hardness, Mistake, Tolerance
from ringwall.model.network import Network
from ringwall.model.policy import INTERNET, Guarantee, Never, Only, Policy, Selector
from ringwall.model.verdict import Layer, Proof, Step, Verdict
from ringwall.prove.claims.case import Case
from ringwall.prove.claims.depth import Weakest, tiers_of, weakest_between
from ringwall.prove.claims.never import never
from ringwall.prove.claims.only import only
from ringwall.prove.claims.spoken import check_words
from ringwall.prove.mistakes.elements import Tried, single_mistakes

_STORES = ("database", "cache")


def hardness(network: Network, policy: Policy | None) -> Hardness:
    """Depth between every two tiers, and every guarantee against every single mistake.

    Without a policy, what passes today is taken as meant, and what is guarded is that the
    Internet reaches no database, cache or bucket. Raises InputError where a word of the policy
    names nothing in the network.
    """
    if policy is not None:
        check_words(network, policy)
    case = Case.of(network, policy or Policy(()))
    guarantees = tuple(policy.guarantees) if policy is not None else tuple(_usual(case))
    return Hardness(
        tuple(_depths(case, today=policy is None)),
        tuple(_tolerances(network, policy or Policy(()), guarantees)),
    )


def _usual(case: Case) -> Iterator[Guarantee]:
    """What anybody would guard: stores, from the Internet."""
    for unit in case.units.values():
        for end in unit.ends:
            held = end.interface.kind in _STORES if end.interface is not None else True
            if held:
                yield Never(INTERNET, Selector("service", unit.name))
                break


# --- depth ----------------------------------------------------------------------------------


def _depths(case: Case, *, today: bool) -> Iterator[Depth]:
    tiers = tiers_of(case)
    for source, senders in tiers.items():
        for target, takers in tiers.items():
            if source == target:
                continue
            found = weakest_between(case, senders, takers, today=today)
            if found is not None:
                yield _depth(case, source, target, found)


def _depth(case: Case, source: str, target: str, found: Weakest) -> Depth:
    told = case.witness(found.meeting, found.leak).explanation
    steps = (*told.forward.steps, *(told.reply.steps if told.reply is not None else ()))
    stops: dict[tuple[Layer, str, str], Step] = {}
    for step in steps:
        if step.allowed is False:
            stops.setdefault((step.layer, step.resource, step.rule), step)
    return Depth(
        source,
        target,
        found.stopped_by,
        found.meeting.source.name,
        found.meeting.target.name,
        case.prover.services(found.leak),
        tuple(stops.values()),
    )


# --- one mistake away -------------------------------------------------------------------------


def _tolerances(
    network: Network, policy: Policy, guarantees: tuple[Guarantee, ...]
) -> Iterator[Tolerance]:
    judged = [one for one in guarantees if isinstance(one, Never | Only)]
    if not judged:
        return
    tried = list(single_mistakes(network))
    base = Case.of(network, policy)
    now = {one: _judge(base, one) for one in judged}
    verdicts = _Verdicts(network, policy, tried)
    for guarantee, proof in now.items():
        found = Tolerance(
            f"{_word(guarantee)} {proof.subject}", proof.verdict, origin=guarantee.origin
        )
        if proof.verdict is Verdict.PROVED:
            breaking, unsure = verdicts.against(guarantee)
            total = sum(one.mistake.elements for one in tried)
            found = replace(found, tried=total, breaking=breaking, unsure=unsure)
        yield found


class _Verdicts:
    """Each mistake made once, for all guarantees; families at one stroke where that holds."""

    def __init__(self, network: Network, policy: Policy, tried: list[Tried]) -> None:
        self._network, self._policy, self._tried = network, policy, tried
        self._cases: dict[object, Case] = {}

    def against(self, guarantee: Never | Only) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
        """The mistakes that break a guarantee, and those of which it is not known."""
        safe = {
            family
            for family in {one.family for one in self._tried if one.family}
            if _judge(self._all_of(family), guarantee).verdict is Verdict.PROVED
        }
        breaking: list[Mistake] = []
        unsure: list[Mistake] = []
        for at, one in enumerate(self._tried):
            if one.family in safe:
                continue
            verdict = _judge(self._one(at, one), guarantee).verdict
            if verdict is Verdict.VIOLATED:
                breaking.append(one.mistake)
            elif verdict is Verdict.UNKNOWN:
                unsure.append(one.mistake)
        return tuple(breaking), tuple(unsure)

    def _all_of(self, family: str) -> Case:
        if family not in self._cases:
            network = self._network
            for one in self._tried:
                if one.family == family:
                    network = one.made(network)
            self._cases[family] = Case.of(network, self._policy)
        return self._cases[family]

    def _one(self, at: int, one: Tried) -> Case:
        if at not in self._cases:
            self._cases[at] = Case.of(one.made(self._network), self._policy)
        return self._cases[at]


def _judge(case: Case, guarantee: Never | Only) -> Proof:
    return never(case, guarantee) if isinstance(guarantee, Never) else only(case, guarantee)


def _word(guarantee: Never | Only) -> str:
    return "never" if isinstance(guarantee, Never) else "only"
