"""The benchmarks of the matrix run, small, and find that all engines agree. Nothing is timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.mark.parametrize(
    ("script", "arguments", "last"),
    [
        ("pairs_time.py", ["40"], "0 of the sampled answers differ"),
        ("reproof_time.py", ["40", "1"], "0 answers differ"),
    ],
)
def test_engines_agree_at_forty_interfaces(script: str, arguments: list[str], last: str) -> None:
    command = [sys.executable, str(BENCH / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == last
