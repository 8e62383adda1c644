"""The verbs that answer questions about a whole network: what they print and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringwall.cli.app import run

ROOT = Path(__file__).parents[2]
CLINIC = str(ROOT / "examples" / "clinic" / "ringwall.yaml")
POLICY = str(ROOT / "examples" / "clinic" / "policy.yaml")


def test_a_policy_file_judges_a_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", CLINIC, "--policy", POLICY]) == 0
    assert capsys.readouterr().out.endswith("2 flows proved, 5 guarantees hold\n")


def test_a_broken_guarantee_is_a_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text("guarantees:\n  - never: internet -> web\n")
    assert run(["prove", CLINIC, "--policy", str(policy), "--format", "json"]) == 1
    (proof,) = json.loads(capsys.readouterr().out)["proofs"]
    assert proof["place"].endswith("p.yaml:2:12")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("guarantees:\n  - nevr: internet -> web\n", ("p.yaml:2:5", "`nevr`", "`never`")),
        ("guarantees:\n  - never: internet -> wbe\n", ("p.yaml:2:12", "`wbe`", "`web`")),
    ],
)
def test_a_bad_policy_is_told_with_its_place(
    text: str, told: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "p.yaml"
    policy.write_text(text)
    assert run(["prove", CLINIC, "--policy", str(policy)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(word in printed.err for word in told), printed.err


@pytest.mark.parametrize("kind", ["spec", "policy"])
def test_the_schemas_are_printed(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")
