"""Complaints about the input, told like a good compiler: place, line, mark, mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.report.terminal import paint, wrap
from ringwall.report.words import clean, columns_of, count, listed, place

Texts = Callable[[str], str | None]
Lines = Callable[[str], Sequence[str]]

_TAB = "    "
#: Characters on each side of a mark that may come into sight.
_NEAR = 1000
_SPACE = re.compile(r"[\t ]+")
#: A quoted text, or a plain YAML or JSON scalar up to what ends it.
_TOKEN = re.compile(
    r""" "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' | (?:(?!\s+\#|:\s|:$)[^,\[\]{}])+ """, re.VERBOSE
)


def render(error: InputError, *, color: bool, texts: Texts, width: int = 100) -> str:
    """Every diagnostic with its code frame, then one line with their count.

    ``texts`` gives the text of a source by the name that the origins carry, None where there is
    none to show.
    """
    lines = cache(lambda source: _lines(texts(source)))
    blocks = [_diagnostic(one, color, lines, width) for one in error.diagnostics]
    return "\n".join([*("\n".join(block) + "\n" for block in blocks), total(error)]) + "\n"


def total(error: InputError) -> str:
    """``3 mistakes in ringwall.yaml``."""
    sources = list(dict.fromkeys(clean(one.origin.source) for one in error.diagnostics))
    return f"{count(len(error.diagnostics), 'mistake')} in {listed(sources, most=3)}"


def _diagnostic(one: Diagnostic, color: bool, texts: Lines, width: int) -> list[str]:
    head = wrap(clean(one.message), width, f"error[{one.code}]: ", "  ")
    title = f"error[{one.code}]"
    lines = [head[0].replace(title, paint(title, "bad", color), 1), *head[1:]]
    lines += _frame(one.origin, color, texts, width, "bad")
    for origin, word in one.related:
        lines += wrap(clean(word), width, "note: ", "  ")
        lines += _frame(origin, color, texts, width, "place")
    if one.help:
        mend = wrap(clean(one.help), width, "help: ", "      ")
        lines += [mend[0].replace("help:", paint("help:", "good", color), 1), *mend[1:]]
    return lines


def _frame(origin: Origin, color: bool, texts: Lines, width: int, tone: str) -> list[str]:
    """``--> file:line:col`` and, where its text is at hand, the line with a mark under it."""
    arrow = f"  {paint('-->', 'place', color)} {place(origin)}"
    line = _line(origin, texts)
    if line is None or origin.line is None:
        return [arrow]
    gutter = str(origin.line)
    blank = " " * len(gutter)
    shown, mark = _excerpt(line, origin.column, max(40, width - len(gutter) - 3))
    bar = paint("|", "place", color)
    caret = paint(mark, "bad" if tone == "bad" else "place", color)
    framed = [arrow, f"{blank} {bar}", f"{paint(gutter, 'place', color)} {bar} {shown}".rstrip()]
    return [*framed, f"{blank} {bar} {caret}" if mark else f"{blank} {bar}"]


def _lines(text: str | None) -> Sequence[str]:
    return () if text is None else re.split(r"\r\n|\n|\r", text)


def _line(origin: Origin, texts: Lines) -> str | None:
    if origin.line is None:
        return None
    lines = texts(origin.source)
    return lines[origin.line - 1] if 0 < origin.line <= len(lines) else None


def _flat(text: str) -> str:
    return clean(text.replace("\t", _TAB))


def _excerpt(line: str, column: int | None, room: int) -> tuple[str, str]:
    """The line and its mark, both in terminal columns; a long line is cut around the mark."""
    start = 0 if column is None else min(column - 1, len(line))
    # A dump or a template in one line may be megabytes long: only what is near is looked at.
    first, last = max(0, start - _NEAR), start + _NEAR
    near, start, left = line[first:last], start - first, (first > 0, last < len(line))
    if column is None:
        return _window(_flat(near), 0, 0, room, left)
    found = _SPACE.match(near, start)
    token = found.group() if found else ""
    if not token:
        found = _TOKEN.match(near, start)
        token = found.group().rstrip() if found else ""
    before, marked = _flat(near[:start]), _flat(token or near[start : start + 1])
    rest = _flat(near[start + len(token or near[start : start + 1]) :])
    return _window(before + marked + rest, len(before), max(1, len(marked)), room, left)


def _window(
    text: str, start: int, length: int, room: int, left: tuple[bool, bool]
) -> tuple[str, str]:
    """Cut ``text`` to ``room`` columns so that the marked characters stay in sight.

    ``left`` says whether more stands before the text, and after it.
    """
    widths = [columns_of(one) for one in text]
    low, seen = 0, sum(widths[: start + length])
    if left[0] or (sum(widths) > room and seen > room - 1):
        while low < start and seen > room * 2 // 3:
            seen -= widths[low]
            low += 1
    opening = "…" if low or left[0] else ""
    shown = opening + text[low:]
    ends = accumulate([1] * len(opening) + widths[low:])
    end = max(1, sum(1 for one in ends if one <= room - 1))
    closing = "…" if end < len(shown) or left[1] else ""
    if not length:
        return shown[:end] + closing, ""
    lead = columns_of(opening + text[low:start])
    size = max(1, min(columns_of(text[start : start + length]), room - lead))
    return shown[:end] + closing, " " * lead + "^" * size


def to_json(error: InputError) -> dict[str, object]:
    """The same for programs (``ringwall.errors/1``)."""
    return {
        "schema": "ringwall.errors/1",
        "errors": [
            {
                "code": one.code,
                "message": one.message,
                "help": one.help,
                **_spot(one.origin),
                "related": [{"note": word, **_spot(origin)} for origin, word in one.related],
            }
            for one in error.diagnostics
        ],
    }


def _spot(origin: Origin) -> dict[str, object]:
    return {
        "place": place(origin),
        "file": origin.source,
        "line": origin.line,
        "column": origin.column,
        "pointer": origin.pointer,
    }
