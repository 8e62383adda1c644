"""Colour, wrapping and tables for a terminal. Whether to colour, and the width, the caller says."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Literal

from ringwall.report.words import columns_of, cut

Tone = Literal["bad", "good", "warn", "dim", "bold", "place"]
_SGR: dict[Tone, str] = {
    "bad": "1;31",
    "good": "32",
    "warn": "33",
    "dim": "2",
    "bold": "1",
    "place": "36",
}


def paint(text: str, tone: Tone, color: bool) -> str:
    """The text in a tone where colour is wanted. The words must say it all without."""
    return f"\x1b[{_SGR[tone]}m{text}\x1b[0m" if color and text else text


def wrap(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text as lines; ``first`` opens the first line, ``rest`` the others (default: as wide
    a space). Words are never broken, so that a place or a name can be copied whole."""
    return textwrap.wrap(
        text,
        max(width, len(first) + 20),
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def pad(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int, indent: str = "  "
) -> list[str]:
    """Aligned columns; the last one wraps, the others are cut at 40 columns."""
    if not rows:
        return []
    cells = [[cut(cell, 40) for cell in row[:-1]] + [row[-1]] for row in [head, *rows]]
    widths = [max(columns_of(row[at]) for row in cells) for at in range(len(head) - 1)]
    lines: list[str] = []
    for row in cells:
        start = "".join(f"{pad(cell, room)}  " for cell, room in zip(row[:-1], widths, strict=True))
        room = max(20, width - len(indent) - columns_of(start))
        last = wrap(row[-1], room) if row[-1] else [""]
        lines.append(f"{indent}{start}{last[0]}".rstrip())
        lines += [f"{indent}{' ' * columns_of(start)}{more}" for more in last[1:]]
    return lines
