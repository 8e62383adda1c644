"""Complaints about the input, told like a good compiler: place, line, mark, mend."""

from __future__ import annotations

import re
from collections.abc import Callable

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.report.terminal import paint, wrap
from ringwall.report.words import clean, columns_of, count, listed, place

Texts = Callable[[str], str | None]

_TAB = "    "
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
    blocks = [_diagnostic(one, color, texts, width) for one in error.diagnostics]
    return "\n".join([*("\n".join(block) + "\n" for block in blocks), total(error)]) + "\n"


def total(error: InputError) -> str:
    """``3 mistakes in ringwall.yaml``."""
    sources = list(dict.fromkeys(clean(one.origin.source) for one in error.diagnostics))
    return f"{count(len(error.diagnostics), 'mistake')} in {listed(sources, most=3)}"


def _diagnostic(one: Diagnostic, color: bool, texts: Texts, width: int) -> list[str]:
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


def _frame(origin: Origin, color: bool, texts: Texts, width: int, tone: str) -> list[str]:
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


def _line(origin: Origin, texts: Texts) -> str | None:
    if origin.line is None:
        return None
    text = texts(origin.source)
    if text is None:
        return None
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[origin.line - 1] if 0 < origin.line <= len(lines) else None


def _flat(text: str) -> str:
    return clean(text.replace("\t", _TAB))


def _excerpt(line: str, column: int | None, room: int) -> tuple[str, str]:
    """The line and its mark, both in terminal columns; a long line is cut around the mark."""
    if column is None:
        return _window(_flat(line), 0, 0, room)
    start = min(column - 1, len(line))
    found = _SPACE.match(line, start)
    token = found.group() if found else ""
    if not token:
        found = _TOKEN.match(line, start)
        token = found.group().rstrip() if found else ""
    before, marked = _flat(line[:start]), _flat(token or line[start : start + 1])
    rest = _flat(line[start + len(token or line[start : start + 1]) :])
    return _window(before + marked + rest, len(before), max(1, len(marked)), room)


def _window(text: str, start: int, length: int, room: int) -> tuple[str, str]:
    """Cut ``text`` to ``room`` columns so that the marked characters stay in sight."""
    low = 0
    if columns_of(text) > room and columns_of(text[: start + length]) > room - 1:
        while low < start and columns_of(text[low : start + length]) > room * 2 // 3:
            low += 1
    opening = "…" if low else ""
    shown = opening + text[low:]
    end = len(shown)
    while end > 1 and columns_of(shown[:end]) > room - 1:
        end -= 1
    closing = "…" if end < len(shown) else ""
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
