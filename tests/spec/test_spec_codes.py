"""Every code that a spec's diagnostics carry says what it means, and no other is listed."""

from __future__ import annotations

import re
from pathlib import Path

import ringwall.spec
from ringwall.spec.codes import CODES

ROOM = Path(ringwall.spec.__file__).parent
MALFORMED = Path(__file__).parent / "malformed"
#: Told of a file that cannot be read: a table of texts cannot show it.
UNREADABLE = {"RW-SPEC-001"}


def codes_in(paths: list[Path]) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return {code for text in texts for code in re.findall(r"RW-SPEC-\d{3}", text)}


def test_every_code_has_its_meaning() -> None:
    rooms = [path for path in ROOM.glob("*.py") if path.name != "codes.py"]
    assert codes_in(rooms) == set(CODES)


def test_every_code_is_shown_in_a_table() -> None:
    assert codes_in(sorted(MALFORMED.glob("*.txt"))) == set(CODES) - UNREADABLE
