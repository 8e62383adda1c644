"""What a user reads, whole: renew with ``RINGWALL_RENEW=1 pytest tests/cli`` and read the diff."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ringwall.cli.app import run

ROOT = Path(__file__).parents[2]
GOLDENS = Path(__file__).parent / "goldens"
BAD = """\
name: shop
services:
  web: {kind: load-balancer}
  api: {kind: service, from: [wbe]}
  records: {kind: postgres, from: [api], port: 70000}
"""
CASES = {
    "check-minimal": ("check", "examples/minimal/ringwall.yaml"),
    "check-clinic": ("check", "examples/clinic/ringwall.yaml"),
    "check-bad": ("check", "bad.yaml"),
    "explain-blocked": (
        *("explain", "examples/clinic/ringwall.yaml"),
        *("--from", "internet", "--to", "records", "--port", "5432"),
    ),
    "demo": ("demo",),
    "help": ("--help",),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_printed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "bad.yaml").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    run(CASES[name])
    printed = capsys.readouterr()
    # Lines of the emitted template move with every change of the design; their names do not.
    seen = re.sub(r"(\.json|\(emitted template\)):\d+:\d+", r"\1:LINE", printed.out + printed.err)
    golden = GOLDENS / f"{name}.txt"
    if os.environ.get("RINGWALL_RENEW") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(seen, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == seen
