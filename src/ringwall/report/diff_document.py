"""What differs between two networks as a JSON document (``ringwall.diff/1``)."""

from __future__ import annotations

from ringwall.model.difference import Change, Difference, RuleChange
from ringwall.model.verdict import ReturnPorts
from ringwall.report.connections import connections
from ringwall.report.diff_text import difference_summary
from ringwall.report.documents import Document, connection
from ringwall.report.standing_document import step_document
from ringwall.report.words import cidrs


def difference_document(found: Difference) -> Document:
    """Every change, and the rules that differ."""
    kinds = ("gained", "lost", "changed", "unknown")
    return {
        "schema": "ringwall.diff/1",
        "before": found.before,
        "after": found.after,
        "summary": difference_summary(found),
        "counts": {kind: sum(one.kind == kind for one in found.changes) for kind in kinds},
        "changes": [_change(one) for one in found.changes],
        "appeared": list(found.appeared),
        "gone": list(found.gone),
        "rules": [_rules(one) for one in found.rules],
    }


def _change(change: Change) -> Document:
    return {
        "kind": change.kind,
        "from": change.source,
        "to": change.target,
        "from_addresses": cidrs(change.source_addresses),
        "to_addresses": cidrs(change.target_addresses),
        "ends": list(change.ends),
        "services": [
            connection(one, back=False) for one in connections(change.services, change.services)
        ],
        "detail": change.detail,
        "replies_before": _share(change.before),
        "replies_after": _share(change.after),
        "reasons": list(change.reasons),
        "rule": step_document(change.step) if change.step is not None else None,
    }


def _share(replies: ReturnPorts | None) -> str | None:
    return replies.value if replies is not None else None


def _rules(rule: RuleChange) -> Document:
    return {
        "kind": rule.kind,
        "resource": rule.resource,
        "matters": rule.matters,
        "added": [step_document(one) for one in rule.added],
        "removed": [step_document(one) for one in rule.removed],
    }
