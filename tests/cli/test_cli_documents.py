"""Every JSON output keeps to its published schema; a report's folder is written as promised."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from ringwall.cli.app import run
from ringwall.report.documents import schema

EXAMPLES = Path(__file__).parents[2] / "examples"
CLINIC = str(EXAMPLES / "clinic" / "ringwall.yaml")
MINIMAL = str(EXAMPLES / "minimal" / "ringwall.yaml")


@pytest.mark.parametrize(
    ("kind", "args", "code"),
    [
        ("check", ("check", CLINIC), 0),
        ("proofs", ("prove", CLINIC), 0),
        ("pairs", ("prove", MINIMAL, "--pairs"), 0),
        ("explanation", ("explain", CLINIC, "--from", "web", "--to", "records"), 0),
        ("errors", ("check", "nowhere.yaml"), 2),
    ],
)
def test_json_keeps_to_its_schema(
    kind: str, args: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*args, "--format", "json"]) == code
    printed = capsys.readouterr()
    document = json.loads(printed.out or printed.err)
    jsonschema.validate(document, schema(kind))
    assert document["schema"] == f"ringwall.{kind}/1"


def test_an_explanation_holds_what_its_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    run(["explain", CLINIC, "--from", "api", "--to", "records", "--port", "5432", "--format=json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["verdict"] == "reachable"
    assert answer["return_ports"] == "all"
    assert answer["blockers"] == []
    assert {"resource", "rule", "code"} <= answer["forward"][0].keys()
    assert answer["return"]
    assert answer["assumptions"]


def test_client_ports_decide_about_replies(capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["explain", CLINIC, "--from", "api", "--to", "records", "--format", "json"]
    found = {}
    for client in ("linux", "windows", "1024-30000"):
        run([*ask, "--client", client])
        answer = json.loads(capsys.readouterr().out)
        found[client] = (answer["return_ports"], answer["return_ranges"])
    assert found == {
        "linux": ("all", [[32768, 60999]]),
        "windows": ("some", [[49152, 60999]]),
        "1024-30000": ("none", []),
    }


def test_the_changes_are_told_in_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["explain", CLINIC, "--from", "inference", "--to", "records"]
    assert run([*ask, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["resource"] for one in told["changes"]] == [
        "InferenceSecurityGroup",
        "RecordsSecurityGroup",
    ]
    assert all("InferenceSecurityGroup" in one["place"] or "Records" in one["place"]
               for one in told["changes"])  # fmt: skip
    assert run(ask) == 0
    text = capsys.readouterr().out
    part = text[text.index("To open this way") :]
    assert all(one["change"] in part for one in told["changes"])
    assert run(["explain", CLINIC, "--from", "api", "--to", "records"]) == 0
    assert "To open this way" not in capsys.readouterr().out


def test_a_report_is_the_same_bytes_twice_and_needs_nothing_else(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(["report", CLINIC, "-o", str(tmp_path / name)]) == 0
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert sorted(one) == [
        "index.html",
        "result.json",
        "template.json",
        "template.yaml",
        "topology.svg",
    ]
    page = one["index.html"].decode()
    assert not re.findall(r'(?:src|href)="https?:', page)
    assert "<svg" in page


def test_a_report_is_renewed_and_spares_what_it_did_not_make(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run(["report", MINIMAL, "-o", str(folder)]) == 0
    (folder / "notes.txt").write_text("mine")
    assert run(["report", CLINIC, "-o", str(folder)]) == 0
    assert json.loads((folder / "result.json").read_text())["source"].startswith(CLINIC)
    assert (folder / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "no draft is left"


def test_force_writes_over_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    assert run(["report", MINIMAL, "-o", str(tmp_path)]) == 2
    assert (tmp_path / "index.html").read_text() == "mine"
    assert run(["report", MINIMAL, "-o", str(tmp_path), "--force"]) == 0
    assert (tmp_path / "index.html").read_text() != "mine"


def test_exit_codes_follow_the_worst_verdict(tmp_path: Path) -> None:
    template = tmp_path / "t.json"
    run(["emit", MINIMAL, "-o", str(template)])
    judge = ["prove", str(template), "--policy", MINIMAL]
    assert run(judge) == 0
    whole = json.loads(template.read_text())
    rule = next(one for name, one in whole["Resources"].items() if name == "RecordsIngressFromApi")
    rule["Properties"]["FromPort"] = rule["Properties"]["ToPort"] = 5433
    template.write_text(json.dumps(whole))
    assert run(judge) == 1
    rule["Properties"]["FromPort"] = {"Fn::ImportValue": "port"}
    rule["Properties"]["ToPort"] = {"Fn::ImportValue": "port"}
    template.write_text(json.dumps(whole))
    assert run(judge) == 3
    assert run([*judge, "--fail-on", "unknown"]) == 1
