"""A network judged by a policy: every claim, every verdict, passes kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringwall.model.network import Network
from ringwall.model.policy import Layers, Never, Only, Policy, Survives
from ringwall.model.verdict import Proof
from ringwall.prove.claims import alone, depth, flows, never, only, survival
from ringwall.prove.claims.case import Case
from ringwall.prove.claims.spoken import check_words

#: What makes each kind of claim; its docstring is what ``ringwall explain CODE`` prints.
CLAIMS: Mapping[str, Callable[..., object]] = {
    flows.CODE: flows.flows_work,
    only.CODE: only.nothing_else,
    never.CODE: never.never,
    depth.CODE: depth.layers,
    alone.CODE: alone.alone,
    survival.CODE: survival.survives,
}


def prove(network: Network, policy: Policy) -> tuple[Proof, ...]:
    """Every claim of the policy about the network, in the order of the policy.

    Raises InputError where a word of the policy names nothing in the network.
    """
    check_words(network, policy)
    judged = Case.of(network, policy)
    proofs = flows.flows_work(judged)
    if policy.closed:
        proofs += only.nothing_else(judged)
    for guarantee in policy.guarantees:
        match guarantee:
            case Never():
                proofs.append(never.never(judged, guarantee))
            case Only():
                proofs.append(only.only(judged, guarantee))
            case Layers():
                proofs += depth.layers(judged, guarantee)
                if guarantee.count > 1 and guarantee.between is None:
                    proofs += alone.alone(judged, guarantee)
            case Survives():
                proofs += survival.survives(judged, guarantee)
    return tuple(proofs)
