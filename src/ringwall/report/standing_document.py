"""The answers to the standing questions as a JSON document (``ringwall.standing/1``)."""

from __future__ import annotations

from collections.abc import Sequence

from ringwall.model.network import Network
from ringwall.model.standing import Reading
from ringwall.model.verdict import Step
from ringwall.report.connections import connections
from ringwall.report.documents import Document, connection, gap_list
from ringwall.report.standing_text import standing_summary
from ringwall.report.words import cidrs, place


def standing_document(network: Network, readings: Sequence[Reading]) -> Document:
    """Every answer, in the order of the questions."""
    kinds = ("open", "finding", "unknown")
    return {
        "schema": "ringwall.standing/1",
        "source": network.source,
        "region": network.region,
        "summary": standing_summary(readings),
        "counts": {kind: sum(one.standing == kind for one in readings) for kind in kinds},
        "answers": [_answer(one) for one in readings],
        "gaps": gap_list(network),
    }


def _answer(reading: Reading) -> Document:
    return {
        "code": reading.code,
        "standing": reading.standing,
        "subject": reading.subject,
        "detail": reading.detail,
        "from": reading.source,
        "to": reading.target,
        "from_addresses": cidrs(reading.addresses),
        "services": [
            connection(one, back=False) for one in connections(reading.services, reading.services)
        ],
        "replies": reading.replies.value if reading.replies is not None else None,
        "client_ports": list(reading.clients) if reading.clients is not None else None,
        "reasons": list(reading.reasons),
        "rule": step_document(reading.step) if reading.step is not None else None,
        "others": [step_document(one) for one in reading.others],
    }


def step_document(step: Step) -> Document:
    """A rule with its place."""
    return {
        "layer": step.layer,
        "resource": step.resource,
        "rule": step.rule,
        "code": step.code,
        "place": place(step.origin),
    }
