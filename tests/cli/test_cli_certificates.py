"""``prove --certificate`` and ``verify``: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import ringwall.verify
from ringwall.cli.app import run
from ringwall.report.documents import schema

ROOT = Path(__file__).parents[2]
MINIMAL = str(ROOT / "examples" / "minimal" / "ringwall.yaml")
CLINIC = str(ROOT / "examples" / "clinic" / "ringwall.yaml")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificates") / "minimal.json"
    assert run(["prove", MINIMAL, "--certificate", str(path)]) == 0
    return path


def test_a_certificate_keeps_to_its_schema(certificate: Path) -> None:
    jsonschema.validate(json.loads(certificate.read_text()), schema("certificate"))


def test_what_is_accepted_and_what_is_not(
    certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", str(certificate), "--source", MINIMAL]) == 0
    assert "the same as SOURCE has" in capsys.readouterr().out
    assert run(["verify", str(certificate), "--source", CLINIC]) == 1
    assert "another network" in capsys.readouterr().out
    document = json.loads(certificate.read_text())
    document["vectors"][0][0][2] ^= 1
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(document))
    assert run(["verify", str(forged), "--format", "json"]) == 1
    refused = json.loads(capsys.readouterr().out)
    jsonschema.validate(refused, schema("verification"))
    assert refused["accepted"] is False
    assert run(["verify", str(certificate), "--format", "json"]) == 0
    accepted = json.loads(capsys.readouterr().out)
    jsonschema.validate(accepted, schema("verification"))
    assert accepted["source_compared"] is False


def test_the_checker_tells_the_claims_in_its_own_words(
    certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(certificate.read_text())
    for claim in document["claims"]:
        claim["claim"] = "everything is safe"
    renamed = tmp_path / "renamed.json"
    renamed.write_text(json.dumps(document))
    assert run(["verify", str(renamed), "--verbose"]) == 0
    shown = capsys.readouterr().out
    assert "everything is safe" not in shown
    assert "RW-FLOW api (3 ends) -> records (3 ends): tcp/5432" in shown


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, "# x"])
def test_what_is_no_certificate_is_told(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert run(["verify", str(path)]) == 2
    assert "RW-CLI-031" in capsys.readouterr().err


def test_nothing_to_certify_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(
        "Resources: {V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}"
    )
    arguments = ["prove", str(template), "--certificate", str(tmp_path / "c.json")]
    assert run(arguments) == 2
    assert "policy" in capsys.readouterr().err
    assert run([*arguments, "--policy", MINIMAL]) in (1, 2)


def test_the_checker_runs_by_itself_when_copied_out(certificate: Path, tmp_path: Path) -> None:
    """No import of Ringwall, nothing but the standard library: an isolated Python is enough."""
    shutil.copytree(Path(ringwall.verify.__file__).parent, tmp_path / "checker")
    script = "import runpy, sys; sys.path.insert(0, '.'); runpy.run_module('checker')"
    script = script.replace("'checker')", "'checker', run_name='__main__')")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(certificate)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("accepted: 30 claims")
