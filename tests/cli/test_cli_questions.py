"""The verbs that answer questions about a whole network: what they print and how they end."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from ringwall.cli.app import run
from ringwall.cli.schema import PRINTED, WRITTEN
from ringwall.report.documents import schema

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


@pytest.mark.parametrize("kind", [*WRITTEN, *PRINTED])
def test_the_schemas_are_printed(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_every_schema_of_the_package_can_be_printed() -> None:
    lying = {one.name for one in files("ringwall.report").joinpath("schemas").iterdir()}
    assert {f"{kind}.json" for kind in PRINTED} == lying


# --- without a policy -----------------------------------------------------------------------


def stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The clinic's template, as anybody's."""
    path = tmp_path / "stack.json"
    assert run(["emit", CLINIC, "-o", str(path)]) == 0
    capsys.readouterr()
    return path


def test_the_shipped_design_has_no_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stack(tmp_path, capsys)
    assert run(["prove", str(path)]) == 0
    printed = capsys.readouterr()
    assert printed.out.endswith("no findings; the Internet reaches web\n")
    assert "--policy" in printed.err


def test_findings_end_with_1_and_unknowns_with_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stack(tmp_path, capsys)
    text = path.read_text()
    document = json.loads(text)
    for one in document["Resources"].values():
        if one["Type"] == "AWS::EC2::Route" and "NatGatewayId" in one["Properties"]:
            one["Properties"]["NatGatewayId"] = "nat-0123456789abcdef0"
    path.write_text(json.dumps(document))
    assert run(["prove", str(path), "--format", "json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["counts"]["unknown"] > 0
    assert run(["prove", str(path), "--fail-on", "unknown"]) == 1
    capsys.readouterr()
    document["Resources"]["Idle"] = {
        "Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "Vpc"}}}  # fmt: skip
    path.write_text(json.dumps(document))
    assert run(["prove", str(path), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [one["subject"] for one in told["answers"] if one["standing"] == "finding"] == [
        "network ACL Idle"
    ]


# --- diff -----------------------------------------------------------------------------------


def edited(tmp_path: Path, old: str, new: str) -> str:
    path = tmp_path / "changed.yaml"
    text = Path(CLINIC).read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def test_no_difference_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = stack(tmp_path, capsys)
    assert run(["diff", CLINIC, str(path)]) == 0
    assert capsys.readouterr().out == "no connection differs\n"


def test_a_difference_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = edited(tmp_path, "records: {kind: postgres, from: [api]",
                   "records: {kind: postgres, from: [api, inference]")  # fmt: skip
    assert run(["diff", CLINIC, other, "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["from"], one["to"]) for one in document["changes"]] == [
        ("gained", "inference", "records")
    ]
    assert {one["matters"] for one in document["rules"]} == {False}, "each needs the other"
    assert run(["diff", other, CLINIC, "--format", "md"]) == 1
    assert "**- lost** (1)" in capsys.readouterr().out


def test_a_bad_side_of_a_difference_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", CLINIC, "nowhere.json"]) == 2
    assert "nowhere.json" in capsys.readouterr().err


# --- depth ----------------------------------------------------------------------------------


def test_depth_of_a_shipped_design(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", CLINIC, "--depth"]) == 0
    assert "no single mistake breaks any of 2 guarantees" in capsys.readouterr().out
    assert run(["prove", CLINIC, "--depth", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, schema("depth"))
    assert all(one["tried"] > 100 for one in document["guarantees"])


def test_one_mistake_away_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, policy = stack(tmp_path, capsys), tmp_path / "p.yaml"
    policy.write_text("guarantees:\n  - never: internet -> documents\n")
    assert run(["prove", str(path), "--depth", "--policy", str(policy)]) == 0
    document = json.loads(path.read_text())
    document["Resources"] = {
        name: one for name, one in document["Resources"].items()
        if one["Type"] != "AWS::S3::BucketPolicy"
    }  # fmt: skip
    path.write_text(json.dumps(document))
    capsys.readouterr()
    assert run(["prove", str(path), "--depth", "--policy", str(policy)]) == 1
    told = capsys.readouterr().out
    assert "its public access block taken off" in told
    assert told.endswith("1 guarantee one mistake away from breaking\n")
