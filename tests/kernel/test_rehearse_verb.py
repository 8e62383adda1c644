"""``ringwall rehearse`` on the shipped designs, and its refusal where it cannot work."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from ringwall.cli.app import app
from ringwall.rehearse import lab
from ringwall.rehearse.lab import lacking
from ringwall.report.documents import schema

ROOT = Path(__file__).parents[2]
LACK = lacking()
needs_kernel = pytest.mark.skipif(LACK is not None, reason=f"the kernel was not asked: {LACK}")


def rehearse(*words: str) -> Result:
    return CliRunner().invoke(app, ["rehearse", *words], standalone_mode=False)


@needs_kernel
@pytest.mark.parametrize("name", ["minimal", "clinic", "chat"])
def test_every_flow_of_a_shipped_design_works_for_real(name: str) -> None:
    done = rehearse(str(ROOT / "examples" / name / "ringwall.yaml"), "--format", "json")
    assert done.return_value == 0, done.output
    told = json.loads(done.stdout)
    jsonschema.validate(told, schema("rehearsal"))
    assert told["differences"] == told["left_out"] == []
    assert all(one["works"] and one["sent"] == one["answered"] > 0 for one in told["flows"])
    assert 0 < told["random"]["arrived"] < told["random"]["sent"]


@needs_kernel
def test_a_published_snapshot_is_played_without_a_policy() -> None:
    done = rehearse(str(ROOT / "tests" / "data" / "snapshots" / "nat-gateway"))
    assert done.return_value == 0, done.output
    assert "as proved" in done.stdout


@needs_kernel
def test_what_is_not_played_is_said_and_is_no_finding() -> None:
    done = rehearse(str(ROOT / "tests" / "data" / "snapshots" / "acl-1"))
    assert done.return_value == 3, done.output
    assert "Not played" in done.stdout


def test_without_nft_the_mend_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ip").touch(mode=0o755)
    monkeypatch.setattr(lab, "TOOL_PATH", str(tmp_path))
    done = rehearse(str(ROOT / "examples" / "minimal" / "ringwall.yaml"))
    assert done.return_value == 2
    assert "RW-CLI-020" in done.stderr
    assert "apt-get install nftables" in done.stderr
