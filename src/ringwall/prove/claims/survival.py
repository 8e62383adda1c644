"""RW-ZONE: every intended flow outlives the loss of any one zone."""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.network import Network
from ringwall.model.policy import Flow, Survives
from ringwall.model.verdict import Proof, Verdict
from ringwall.prove.claims.case import Case
from ringwall.prove.claims.flows import judge_flow, subject_of
from ringwall.prove.zones import without_zone, zones_of

CODE = "RW-ZONE"
LOAD = "capacity is not judged: what is left must also be able to carry the load"


def survives(case: Case, guarantee: Survives) -> list[Proof]:
    """RW-ZONE: an intended flow outlives the loss of any one zone.

    For each zone the network is judged again without that zone's subnets, interfaces and NAT
    gateways. Proved when, whichever zone is lost, both sides still have an end, and between all
    ends that are left the flow works as RW-FLOW demands.

    Violated with the zone whose loss kills the flow; unknown where it is not known whether a
    workload moves to another zone by itself.
    """
    names = zones_of(case.network)
    cases = {zone: Case.of(without_zone(case.network, zone), case.policy) for zone in names}
    return [_proof(case, cases, flow, guarantee) for flow in case.policy.flows]


def _proof(case: Case, cases: dict[str, Case], flow: Flow, guarantee: Survives) -> Proof:
    proof = Proof(
        code=CODE,
        subject=subject_of(flow),
        claim=f"{subject_of(flow)} outlives the loss of any one of {len(cases)} zones",
        verdict=Verdict.PROVED,
        assumptions=(LOAD,),
        origin=guarantee.origin,
    )
    if not cases:
        reason = "no zone of any subnet is known"
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=(reason,))
    reasons = _unsure_moves(case, flow)
    for zone, remaining in cases.items():
        outcome = judge_flow(remaining, flow)
        if outcome.verdict is Verdict.VIOLATED:
            return replace(
                proof,
                verdict=Verdict.VIOLATED,
                detail=f"without {zone}: {outcome.detail}",
                witness=outcome.witness,
            )
        reasons += outcome.reasons
    if reasons:
        return replace(proof, verdict=Verdict.UNKNOWN, reasons=tuple(dict.fromkeys(reasons)))
    return replace(proof, detail=f"lost in turn: {', '.join(cases)}")


def _unsure_moves(case: Case, flow: Flow) -> list[str]:
    """Workloads of the flow of which it is not known whether they outlive a zone."""
    owners = {
        end.interface.owner
        for selector in (flow.source, flow.target)
        for unit in case.select(selector)
        for end in unit.ends
        if end.interface is not None
    }
    return [
        f"whether {owner} moves to another zone is not known"
        for owner in sorted(owners)
        if _zonal(case.network, owner) is None
    ]


def _zonal(network: Network, owner: str) -> bool | None:
    if owner in network.load_balancers or owner in network.endpoints:
        return False
    workload = network.workloads.get(owner)
    return workload.zonal if workload else None
