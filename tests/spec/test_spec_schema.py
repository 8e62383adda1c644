"""The JSON Schema takes what the loader takes, and refuses what is misshapen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from ringwall.spec.schema import DIALECT, json_schema
from ringwall.spec.starter import Answers, starter
from strategies import Plain, valid_specs

ROOT = Path(__file__).parents[2]
MALFORMED = Path(__file__).parent / "malformed"
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

#: Mistakes of shape; what takes several values or a fact to see is not for a schema.
MISSHAPEN = (
    "a-list", "bad-names", "kind-missing", "kind-unknown", "missing-keys", "no-services",
    "nothing-but-a-name", "out-of-range", "region-unknown", "unknown-keys", "why-too-short",
    "wrong-choices", "wrong-tier", "wrong-types", "guarantees-unreadable",
)  # fmt: skip


def every_property(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Each property that the schema describes, with its path."""
    found: list[tuple[str, dict[str, Any]]] = []
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties":
                found += [(f"{path}.{name}", one) for name, one in value.items()]
            found += every_property(value, f"{path}.{key}")
    return found


def test_it_is_a_schema_of_the_draft_it_names() -> None:
    assert SCHEMA["$schema"] == DIALECT
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA == json_schema()


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*/ringwall.yaml")), ids=str)
def test_the_examples_validate(path: Path) -> None:
    assert [one.message for one in VALIDATOR.iter_errors(yaml.safe_load(path.read_text()))] == []


def test_the_starter_validates() -> None:
    assert VALIDATOR.is_valid(yaml.safe_load(starter(Answers())))


@given(valid_specs())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_valid_specs_validate(spec: Plain) -> None:
    assert [one.message for one in VALIDATOR.iter_errors(spec)] == []


@pytest.mark.parametrize("name", MISSHAPEN)
def test_what_is_misshapen_does_not_validate(name: str) -> None:
    text = (MALFORMED / f"{name}.yaml").read_text(encoding="utf-8")
    assert not VALIDATOR.is_valid(yaml.safe_load(text))


def test_from_is_spelt_as_in_the_file() -> None:
    for kind in ("LoadBalancer", "Workload", "Postgres", "Redis", "Bucket"):
        shape = SCHEMA["$defs"][kind]
        assert "from" in shape["properties"]
        assert "sources" not in shape["properties"]
        assert "kind" in shape["required"]


def test_an_editor_has_something_to_show_for_every_key() -> None:
    found = every_property(SCHEMA)
    assert len(found) > 30
    # A shape of its own (`$ref`) may carry the description.
    described = {f"#/$defs/{name}" for name, one in SCHEMA["$defs"].items() if one["description"]}
    silent = [
        path for path, one in found if "description" not in one and one.get("$ref") not in described
    ]
    assert silent == []
