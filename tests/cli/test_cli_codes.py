"""`ringwall explain CODE` knows every code that anything in the source gives out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringwall.cli.app import run
from ringwall.cli.codes import meanings
from ringwall.prove.judge import CLAIMS

SOURCE = Path(__file__).parents[2] / "src" / "ringwall"
_CODE = re.compile(r'"(RW-[A-Z]+(?:-\d{3})?)"')


def given_out() -> set[str]:
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        found |= set(_CODE.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_code_has_a_meaning_and_every_meaning_a_code() -> None:
    assert given_out() == set(meanings())


@pytest.mark.parametrize("code", sorted(CLAIMS))
def test_a_claim_is_documented_by_what_makes_it(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", code.lower()]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{code}: ")
    assert len(shown.splitlines()) > 3
