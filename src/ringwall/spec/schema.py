"""The JSON Schema of ``ringwall.yaml`` (draft 2020-12), for editors: completion and first checks.

Made from the same models that read the file, so the two cannot drift apart. What a schema cannot
say (a ``from`` that names nothing, a block that is not private) is told by ``ringwall check``.
"""

from __future__ import annotations

from typing import Any

from ringwall.facts.load import facts
from ringwall.spec.model import Spec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as plain JSON values; the same at every call."""
    made = _tidied(Spec.model_json_schema(by_alias=True))
    made.pop("description", None)
    _names(made)
    _tell_regions(made)
    return {
        "$schema": DIALECT,
        "title": "ringwall.yaml",
        "description": "A three-tier network on AWS: who connects to whom, and what must hold.",
        **made,
    }


def _tidied(node: Any) -> Any:
    """Without the generated titles, and with each description on one line."""
    if isinstance(node, list):
        return [_tidied(one) for one in node]
    if not isinstance(node, dict):
        return node
    tidy = {}
    for key, value in node.items():
        if key == "title" and isinstance(value, str):
            continue
        is_text = key == "description" and isinstance(value, str)
        tidy[key] = " ".join(value.split()) if is_text else _tidied(value)
    return tidy


def _names(made: dict[str, Any]) -> None:
    """Nothing but a good name is a key; every service says its kind, default or not."""
    for part in ("services", "egress"):
        made["properties"][part]["additionalProperties"] = False
    ((_, service),) = made["properties"]["services"]["patternProperties"].items()
    # OpenAPI's word, not JSON Schema's: each shape's own `kind` tells them apart.
    for shape in service.pop("discriminator")["mapping"].values():
        found = made["$defs"][shape.rpartition("/")[2]]
        found["properties"]["kind"].pop("default", None)
        found["required"] = sorted({"kind", *found.get("required", ())})


def _tell_regions(made: dict[str, Any]) -> None:
    known = facts("regions")
    made["properties"]["region"]["enum"] = list(known.values)
    made["properties"]["region"]["description"] += f" Commercial Regions as of {known.as_of}."
