"""Results as JSON documents, each with its ``schema`` name and version.

The JSON Schemas lie beside this module in ``schemas/`` and are part of the package. Keys are
never taken away or given another meaning inside a version; new ones may come.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from ringwall.model.addresses import address_at
from ringwall.model.network import Gap, Network
from ringwall.model.policy import Flow, Policy, Selector
from ringwall.model.services import ServiceSet, has_ports, protocol_name
from ringwall.model.verdict import Explanation, Hop, Packet, PairReach, Proof, Step, Trace, Verdict
from ringwall.report.connections import Connection, connections, pair_verdict
from ringwall.report.inventory import parts, views
from ringwall.report.paths_text import blockers, deciding
from ringwall.report.proofs_text import summary
from ringwall.report.words import cidrs, place

Document = dict[str, object]


def schema(name: str) -> Mapping[str, object]:
    """The JSON Schema of a kind of document (``check``, ``proofs`` ...), as they lie in
    ``schemas/``; raises KeyError on another name."""
    path = files("ringwall.report").joinpath("schemas", f"{name}.json")
    if not path.is_file():
        raise KeyError(f"no schema named {name}")
    found: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def check_document(network: Network, policy: Policy, proofs: Sequence[Proof]) -> Document:
    """One network: its plan, its policy, what was proved (``ringwall.check/1``)."""
    return {
        "schema": "ringwall.check/1",
        "source": network.source,
        "region": network.region,
        "vpcs": [
            {
                "id": view.vpc.id,
                "name": view.vpc.name,
                "cidrs": [str(block) for block in view.vpc.cidrs],
                "zones": list(view.zones),
                "subnets": [
                    {
                        "id": subnet.id,
                        "name": subnet.name,
                        "tier": band.tier,
                        "zone": zone,
                        "cidrs": [str(block) for block in subnet.cidrs],
                    }
                    for band in view.bands
                    for zone, subnet in sorted(band.subnets.items())
                ],
            }
            for view in views(network, policy)
        ],
        "services": [
            {
                "name": part.name,
                "tier": part.tier,
                "kind": part.kind,
                "tagged": bool(part.service),
                "interfaces": [
                    {"id": one.id, "subnet": one.subnet, "addresses": cidrs(one.addresses)}
                    for one in part.interfaces
                ],
            }
            for part in parts(network, policy)
        ],
        "flows": [_flow(one) for one in policy.flows],
        **_judgement(proofs),
        "gaps": gap_list(network),
    }


def proofs_document(network: Network, proofs: Sequence[Proof]) -> Document:
    """The proofs about a network, without its plan (``ringwall.proofs/1``)."""
    return {
        "schema": "ringwall.proofs/1",
        "source": network.source,
        "region": network.region,
        **_judgement(proofs),
        "gaps": gap_list(network),
    }


def _judgement(proofs: Sequence[Proof]) -> Document:
    counts = {one.value: sum(proof.verdict is one for proof in proofs) for one in Verdict}
    return {
        "summary": summary(proofs),
        "counts": counts,
        "proofs": [_proof(one) for one in proofs],
    }


def gap_list(network: Network) -> list[Document]:
    return [_gap(one) for one in network.gaps]


def _gap(gap: Gap) -> Document:
    return {
        "kind": gap.kind,
        "subject": gap.subject,
        "message": gap.message,
        "affects": list(gap.affects),
        "place": place(gap.origin),
    }


def _selector(selector: Selector) -> Document:
    return {"kind": selector.kind, "name": str(selector)}


def _flow(flow: Flow) -> Document:
    return {
        "from": _selector(flow.source),
        "to": _selector(flow.target),
        "services": [
            connection(one, back=False) for one in connections(flow.services, flow.services)
        ],
        "client_ports": list(flow.client_ports),
        "why": flow.why,
        "added": flow.added,
        "place": place(flow.origin),
    }


def _proof(proof: Proof) -> Document:
    witness = proof.witness
    return {
        "code": proof.code,
        "subject": proof.subject,
        "claim": proof.claim,
        "verdict": proof.verdict.value,
        "detail": proof.detail,
        "reasons": list(proof.reasons),
        "layers": list(proof.layers),
        "assumptions": list(proof.assumptions),
        "place": place(proof.origin),
        "cause": _ruling(proof.cause) if proof.cause is not None else None,
        "witness": None
        if witness is None
        else {
            "packet": _packet(witness.packet),
            "explanation": explanation_document(witness.explanation),
        },
    }


def explanation_document(explanation: Explanation) -> Document:
    """The answer to one question, hop by hop (``ringwall.explanation/1``)."""
    return {
        "schema": "ringwall.explanation/1",
        "verdict": explanation.verdict.value,
        "from": explanation.source,
        "to": explanation.target,
        "packet": _packet(explanation.forward.packet),
        "forward": _hops(explanation.forward),
        "return": _hops(explanation.reply),
        "blockers": [
            {"direction": direction, **_ruling(step)} for direction, step in blockers(explanation)
        ],
        "changes": [
            {"change": one.words, "resource": one.resource, "place": place(one.origin)}
            for one in explanation.changes
        ],
        "return_ports": explanation.return_ports.value,
        "return_ranges": [list(pair) for pair in explanation.return_ranges],
        "client_ports": list(explanation.client_ports) if explanation.client_ports else None,
        "assumptions": list(explanation.assumptions),
    }


def _packet(packet: Packet) -> Document:
    number = packet.protocol
    return {
        "source": str(address_at(packet.source)),
        "destination": str(address_at(packet.destination)),
        "protocol": protocol_name(number) if protocol_name(number) != str(number) else number,
        "port": packet.port if has_ports(number) or packet.port else None,
        "source_port": packet.source_port,
    }


def _hops(trace: Trace | None) -> list[Document]:
    return [_hop(hop) for hop in trace.hops] if trace else []


def _hop(hop: Hop) -> Document:
    decided = deciding(hop.steps)
    return {
        "resource": hop.resource,
        "kind": hop.kind,
        "name": hop.name,
        "zone": hop.zone,
        "rule": decided.rule if decided else "",
        "code": decided.code if decided else "",
        "steps": [
            {
                "layer": step.layer,
                "resource": step.resource,
                "rule": step.rule,
                "allowed": step.allowed,
                "code": step.code,
                "place": place(step.origin),
            }
            for step in hop.steps
        ],
    }


def _ruling(step: Step) -> Document:
    return {
        "layer": step.layer,
        "resource": step.resource,
        "rule": step.rule,
        "code": step.code,
        "place": place(step.origin),
    }


def pairs_document(rows: Iterable[PairReach], gaps: Iterable[Gap]) -> Document:
    """What passes between every two ends, as sets (``ringwall.pairs/1``)."""
    kept = list(rows)
    ends = dict.fromkeys(end for row in kept for end in (row.source, row.target))
    return {
        "schema": "ringwall.pairs/1",
        "ends": list(ends),
        "pairs": [_pair(row) for row in kept],
        "gaps": [_gap(one) for one in gaps],
    }


def _pair(row: PairReach) -> Document:
    found: Document = {
        "from": row.source,
        "to": row.target,
        "from_addresses": cidrs(row.source_addresses),
        "to_addresses": cidrs(row.target_addresses),
        "verdict": pair_verdict(row).value,
        "connections": _connections(row.services, row.replies),
    }
    possible = _connections(row.possible, row.possible_replies)
    if possible != found["connections"]:
        found["possible"] = possible
    found["reasons"] = list(row.reasons)
    return found


def _connections(services: ServiceSet, replies: ServiceSet) -> list[Document]:
    return [connection(one) for one in connections(services, replies)]


def connection(one: Connection, *, back: bool = True) -> Document:
    number = int(one.protocol) if one.protocol.isdigit() else one.protocol
    found: Document = {
        "protocol": number,
        "ports": None if one.ports is None else [list(pair) for pair in one.ports],
    }
    if one.types:
        found["types"] = list(one.types)
    if one.numbers:
        found["numbers"] = [list(pair) for pair in one.numbers]
    if back:
        found["return_ports"] = one.return_ports.value
        found["return_ranges"] = [list(pair) for pair in one.return_ranges]
    return found
