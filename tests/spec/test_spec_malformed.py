"""The mistakes people make, and what they are told: ``malformed/NAME.yaml`` and ``NAME.txt``.

The tables are for reading. After a change of wording, write them anew with
``RINGWALL_RENEW=1`` and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.spec.load import load_spec

FOLDER = Path(__file__).parent / "malformed"
CASES = sorted(FOLDER.glob("*.yaml"))


def place(origin: Origin) -> str:
    return f"{origin.line}:{origin.column}"


def render(diagnostics: tuple[Diagnostic, ...]) -> str:
    lines: list[str] = []
    for one in diagnostics:
        lines.append(f"{place(one.origin)} {one.code} {one.message}")
        if one.help:
            lines.append(f"    help: {one.help}")
        lines += [f"    {place(origin)} {word}" for origin, word in one.related]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place_and_its_mend(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_spec(path)
    told = render(caught.value.diagnostics)
    golden = path.with_suffix(".txt")
    if os.environ.get("RINGWALL_RENEW"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
    for one in caught.value.diagnostics:
        assert one.origin.line is not None
        assert one.origin.column is not None
        assert one.help, "every mistake has a mend"


def test_there_are_many_and_each_has_its_table() -> None:
    assert len(CASES) >= 40
    assert {path.stem for path in CASES} == {path.stem for path in FOLDER.glob("*.txt")}
