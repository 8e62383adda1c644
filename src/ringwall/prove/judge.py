"""A network judged by a policy: every claim, every verdict, passes kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringwall.model.network import Network
from ringwall.model.policy import Layers, Never, Policy, Survives
from ringwall.model.verdict import Proof
from ringwall.prove.claims import alone, depth, flows, never, only, survival
from ringwall.prove.claims.case import Case

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
    """Every claim of the policy about the network, in the order of the policy."""
    judged = Case.of(network, policy)
    proofs = [*flows.flows_work(judged), *only.nothing_else(judged)]
    for guarantee in policy.guarantees:
        match guarantee:
            case Never():
                proofs.append(never.never(judged, guarantee))
            case Layers():
                proofs += depth.layers(judged, guarantee)
                if guarantee.count > 1:
                    proofs += alone.alone(judged, guarantee)
            case Survives():
                proofs += survival.survives(judged, guarantee)
    return tuple(proofs)
