"""Every fenced ``console`` block in README.md and docs/ is run and must print what it shows.

A block is one session in one fresh folder that holds the shipped ``examples/``. A line ``$ ...``
is a command (with ``\\`` at its end it goes on); what follows is its output on a terminal, stdout
and stderr together. A line that is only ``...`` stands for any number of lines, ``...`` inside a
line for any text. ``[exit N]`` as the last line of an output states the exit code, else it is 0.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\[exit (\d+)\]$")


@dataclass(frozen=True)
class Step:
    command: str
    output: str
    code: int


def steps_of(block: str) -> list[Step]:
    """The commands of a block with what each should print."""
    steps = []
    for chunk in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        head = re.match(r"(?:.*\\\n)*.*", chunk)
        assert head is not None
        output, code = chunk[head.end() :].strip("\n"), 0
        if found := _EXIT.search(output):
            output, code = output[: found.start()].rstrip("\n"), int(found[1])
        steps.append(Step(head[0], output, code))
    return steps


def pattern_of(output: str) -> re.Pattern[str]:
    """What an output may look like, ellipses read as above."""
    parts = []
    for line in output.split("\n"):
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*")
        else:
            words = (re.escape(word) for word in line.rstrip().split("..."))
            parts.append(".*".join(words) + r"[ ]*\n")
    return re.compile("".join(parts))


def blocks() -> list[tuple[str, str]]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [
        (f"{page.name}-{number}", block)
        for page in pages
        for number, block in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")), 1)
    ]


@pytest.mark.parametrize(("where", "block"), blocks(), ids=[where for where, _ in blocks()])
def test_what_the_documents_show_is_what_happens(where: str, block: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for step in steps_of(block):
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "NO_COLOR": "1", "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        shown = f"{where}: $ {step.command}\n{done.stdout}"
        assert done.returncode == step.code, shown
        if step.output:
            printed = done.stdout.strip("\n") + "\n"
            assert pattern_of(step.output).fullmatch(printed), f"{shown}\nexpected\n{step.output}"


def test_local_links_lead_somewhere() -> None:
    dead = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                dead.append(f"{page.name}: {target}")
    assert not dead


def test_ellipses_are_read_as_promised() -> None:
    assert pattern_of("a ... c\n...\nend").fullmatch("a b c\nx\ny\nend\n")
    assert not pattern_of("a\nend").fullmatch("a\nb\nend\n")
    assert steps_of("$ one \\\n  two\nout\n[exit 2]\n$ three\n") == [
        Step("one \\\n  two", "out", 2),
        Step("three", "", 0),
    ]


def test_the_spec_reference_is_what_the_schema_says() -> None:
    sys.path.insert(0, str(ROOT / "workshop"))
    try:
        from spec_reference import PAGE, page
    finally:
        sys.path.pop(0)
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_demo_shows_the_example_that_the_repository_shows() -> None:
    shipped = ROOT / "src" / "ringwall" / "cli" / "example" / "clinic.yaml"
    assert shipped.read_text() == (ROOT / "examples" / "clinic" / "ringwall.yaml").read_text()
