"""The JSON Schema of a policy file (draft 2020-12), for editors: completion and first checks.

What a schema cannot say (a word that names nothing, a name defined twice) is told by
``ringwall prove``. A test holds the schema and the reader against each other.
"""

from __future__ import annotations

from typing import Any

from ringwall.facts.load import facts
from ringwall.spec.policy_file import ANYBODY, EVERYWHERE, FLOW_KEYS, GUARANTEE_KEYS, MOST_LAYERS
from ringwall.spec.schema import DIALECT

_WORD = {"type": "string", "pattern": r"\S"}
_LINE = r"^\s*\S+\s*->\s*\S+"


def policy_schema() -> dict[str, Any]:
    """The schema as plain JSON values; the same at every call."""
    return {
        "$schema": DIALECT,
        "title": "ringwall policy",
        "description": "What must work and what must hold in a network, wherever it comes from.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "ends": {
                "description": "Short names for ends of traffic, each with what it stands for.",
                "type": "object",
                "additionalProperties": _one_or_many(_WORD),
            },
            "flows": {
                "description": "The connections that must work, replies included.",
                "type": "array",
                "items": {"oneOf": [_arrow("`web -> db tcp/5432`", services=True), _flow()]},
            },
            "guarantees": {
                "description": "What must hold, whatever else the network does.",
                "type": "array",
                "items": {"oneOf": [_guarantee(kind) for kind in GUARANTEE_KEYS]},
            },
        },
    }


def _one_or_many(item: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _arrow(example: str, *, services: bool) -> dict[str, Any]:
    pattern = _LINE + (r"\s+\S" if services else "")
    return {"type": "string", "pattern": pattern, "description": f"For example {example}."}


def _clients() -> dict[str, Any]:
    profiles = list(facts("client-ports").values)
    one = {"oneOf": [{"enum": profiles}, {"type": "string", "pattern": r"^\d{1,5}(-\d{1,5})?$"},
                     {"type": "integer", "minimum": 1, "maximum": 65535}]}  # fmt: skip
    told = f"The ports that clients send from: a profile or LOW-HIGH; left out: {ANYBODY}."
    return {"description": told, **_one_or_many(one)}


def _flow() -> dict[str, Any]:
    port = {"oneOf": [{"type": "integer", "minimum": 0, "maximum": 65535},
                      {"type": "string", "pattern": r"^\d{1,5}(-\d{1,5})?$"}]}  # fmt: skip
    why = {"type": "string", "description": "For whose sake."}
    known = {
        "from": {"description": "Who opens the connection.", **_one_or_many(_WORD)},
        "to": {"description": "Who takes it.", **_one_or_many(_WORD)},
        "protocol": {
            "description": "tcp (left out), udp, icmp, icmpv6, all, or a number.",
            "oneOf": [{"type": "string"}, {"type": "integer", "minimum": 0, "maximum": 255}],
        },
        "port": {"description": "A port or a range; for ICMP the type.", **_one_or_many(port)},
        "ports": {"description": "Several of them.", **_one_or_many(port)},
        "clients": _clients(),
        "why": why,
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["from", "to"],
        "anyOf": [{"required": [key]} for key in ("port", "ports", "protocol")],
        "properties": {key: known[key] for key in FLOW_KEYS},
    }


def _guarantee(kind: str) -> dict[str, Any]:
    only = _arrow("`web -> db tcp/5432`", services=False)
    known: dict[str, dict[str, Any]] = {
        "never": _arrow("`internet -> db`, or with services `internet -> web tcp/22`",
                        services=False),
        "only": {"description": f"`{EVERYWHERE}`: nothing passes anywhere but what flows ask for; "
                 "or two ends.", "oneOf": [{"const": EVERYWHERE}, only]},
        "layers": {"description": "Independent layers that stop what no flow asks for.",
                   "type": "integer", "minimum": 1, "maximum": MOST_LAYERS},
        "survives": {"description": "Every flow outlives the loss of any one zone.",
                     "const": "zone"},
        "always": _arrow("`web -> db tcp/5432`", services=True),
        "between": _arrow("`internet -> db`", services=False),
        "clients": _clients(),
        "why": {"type": "string"},
    }  # fmt: skip
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [kind],
        "properties": {key: known[key] for key in (kind, *GUARANTEE_KEYS[kind])},
    }
