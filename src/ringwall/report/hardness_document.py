"""Depth and single mistakes as a JSON document (``ringwall.depth/1``)."""

from __future__ import annotations

from ringwall.model.mistake import Depth, Hardness, Mistake, Tolerance
from ringwall.model.network import Network
from ringwall.report.connections import connections
from ringwall.report.documents import Document, connection, gap_list
from ringwall.report.hardness_text import hardness_summary
from ringwall.report.standing_document import step_document
from ringwall.report.words import place


def hardness_document(network: Network, found: Hardness) -> Document:
    """The matrix, pair by pair, and every guarantee with the mistakes that break it."""
    return {
        "schema": "ringwall.depth/1",
        "source": network.source,
        "region": network.region,
        "summary": hardness_summary(found),
        "pairs": [_depth(one) for one in found.depths],
        "guarantees": [_tolerance(one) for one in found.tolerances],
        "gaps": gap_list(network),
    }


def _depth(one: Depth) -> Document:
    return {
        "from": one.source,
        "to": one.target,
        "layers": list(one.layers),
        "between": [one.one, one.other],
        "services": [
            connection(each, back=False) for each in connections(one.services, one.services)
        ],
        "stops": [step_document(step) for step in one.stops],
    }


def _tolerance(one: Tolerance) -> Document:
    return {
        "guarantee": one.guarantee,
        "verdict": one.verdict.value,
        "tried": one.tried,
        "breaking": [_mistake(each) for each in one.breaking],
        "unsure": [_mistake(each) for each in one.unsure],
        "place": place(one.origin),
    }


def _mistake(one: Mistake) -> Document:
    return {
        "kind": one.kind,
        "resource": one.resource,
        "change": one.change,
        "elements": one.elements,
        "place": place(one.origin),
    }
