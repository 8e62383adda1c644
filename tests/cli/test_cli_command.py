"""The real command in a process of its own: main paths, endings, what is written where."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "ringwall"]
CLINIC = ROOT / "examples" / "clinic" / "ringwall.yaml"
MINIMAL = ROOT / "examples" / "minimal" / "ringwall.yaml"


def ringwall(*args: str | Path, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        cwd=cwd,
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_version_and_help_come_without_input() -> None:
    assert ringwall("--version").stdout == "ringwall 0.1.0\n"
    shown = ringwall("-h")
    assert shown.returncode == 0
    for verb in ("demo", "init", "check", "emit", "prove", "diff", "explain", "report", "schema"):
        assert f"\n  {verb} " in shown.stdout
        assert ringwall(verb, "--help").returncode == 0


def test_what_init_writes_is_proved(tmp_path: Path) -> None:
    written = ringwall("init", "--yes", "--name", "shop", "--zones", "2", cwd=tmp_path)
    assert written.returncode == 0
    assert written.stdout == ""
    assert "next: ringwall check ringwall.yaml" in written.stderr
    checked = ringwall("check", "ringwall.yaml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    try:
        ours, theirs = os.openpty()
    except OSError:
        pytest.skip("this machine gives out no terminals")
    asking = subprocess.Popen(
        [*COMMAND, "init", "--region", "eu-west-1"],
        cwd=tmp_path,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.write(ours, b"shop\nsite, worker\n\ny\nn\nnone\n\n")
    out, _ = asking.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert asking.returncode == 0
    assert out == ""
    text = (tmp_path / "ringwall.yaml").read_text()
    for line in ("name: shop", "region: eu-west-1", "  nat: none", "  worker:", "kind: redis"):
        assert line in text
    assert "kind: bucket" not in text


def test_init_overwrites_only_by_force(tmp_path: Path) -> None:
    mine = tmp_path / "ringwall.yaml"
    mine.write_text("mine")
    assert ringwall("init", "--yes", cwd=tmp_path).returncode == 2
    assert mine.read_text() == "mine"
    assert ringwall("init", "--yes", "--force", cwd=tmp_path).returncode == 0
    assert mine.read_text() == ringwall("init", "--yes", "-o", "-").stdout


def test_emit_prints_the_same_bytes_to_stdout_and_file(tmp_path: Path) -> None:
    for name in ("t.json", "t.yaml"):
        assert ringwall("emit", CLINIC, "-o", tmp_path / name).returncode == 0
    printed = ringwall("emit", CLINIC, "--format", "json").stdout
    assert (tmp_path / "t.json").read_text() == printed
    assert (tmp_path / "t.yaml").read_text() == ringwall("emit", CLINIC).stdout
    compact = ringwall("emit", CLINIC, "--compact").stdout
    assert json.loads(compact) == json.loads(printed)
    assert len(compact) < len(printed)


def test_emit_writes_to_what_is_no_file_without_replacing_it() -> None:
    assert ringwall("emit", MINIMAL, "-o", os.devnull).returncode == 0
    assert not Path(os.devnull).is_file()


def test_the_emitted_template_is_judged_like_the_spec(tmp_path: Path) -> None:
    template = tmp_path / "t.yaml"
    ringwall("emit", CLINIC, "-o", template)
    spec = ringwall("prove", CLINIC, "--format", "json")
    same = ringwall("prove", template, "--policy", CLINIC, "--format", "json")
    assert (spec.returncode, same.returncode) == (0, 0), spec.stderr + same.stderr
    verdicts = [
        [(one["code"], one["subject"], one["verdict"]) for one in json.loads(done.stdout)["proofs"]]
        for done in (spec, same)
    ]
    assert verdicts[0] == verdicts[1]


def test_a_closed_pipe_is_quiet() -> None:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{' '.join(COMMAND)} emit {CLINIC} | head -1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith("AWSTemplateFormatVersion")
    assert done.stderr == ""


def test_an_interrupt_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    instead_of_design(tmp_path, "import time; print('here', flush=True); time.sleep(60)")
    running = subprocess.Popen(
        [*COMMAND, "emit", str(MINIMAL)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "here\n"
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == ""
    assert err.strip() == "ringwall: interrupted"


def instead_of_design(folder: Path, code: str) -> None:
    """Let the command run other code where it would read and design a spec."""
    (folder / "sitecustomize.py").write_text(
        f"import ringwall.cli.pipeline as p\ndef other(path):\n    {code}\np.design_of = other\n"
    )


def test_a_fault_of_ours_is_one_plea_and_a_traceback_on_request(tmp_path: Path) -> None:
    instead_of_design(tmp_path, "raise LookupError('on\\npurpose')")
    plain = ringwall("emit", MINIMAL, PYTHONPATH=str(tmp_path), RINGWALL_DEBUG="0")
    assert plain.returncode == 70
    assert "LookupError: on purpose" in plain.stderr
    assert "Traceback" not in plain.stderr
    debug = ringwall("emit", MINIMAL, PYTHONPATH=str(tmp_path), RINGWALL_DEBUG="1")
    assert debug.returncode == 70
    assert "Traceback" in debug.stderr


@pytest.mark.parametrize("verb", ["check", "prove"])
def test_a_pipe_gets_no_colour(verb: str) -> None:
    assert "\x1b" not in ringwall(verb, MINIMAL).stdout
