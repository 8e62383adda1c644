"""What keeps a text from being YAML at all, in our words and at its place."""

from __future__ import annotations

import re
from typing import Protocol

import yaml

from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.spec.words import quote

#: What YAML does not allow in a text; PyYAML would complain too, but without a line. The rare line
#: breaks (NEL, LS, PS) are refused too: editors and YAML parsers disagree on whether they count.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BREAK = re.compile("\r\n|[\r\n]")

#: Part of PyYAML's problem, our message, the mend.
_WORDING: tuple[tuple[str, str, str], ...] = (
    ("'\\t'", "a tab stands where YAML wants spaces", "replace the tab by two spaces"),
    ("mapping values are not allowed", "a `:` stands where no key can be",
     "check the indentation of this line, and quote a text that holds `: `"),
    ("could not find expected ':'", "a key without its `:`",
     "write `key: value`, with a space after the colon"),
    ("expected <block end>", "this line is indented like nothing above it",
     "line it up with the key that it belongs beside"),
    ("expected ',' or", "a bracket that opened before is not closed here",
     "close it, or put a comma between the entries"),
    ("unexpected end of stream", "a quote is opened and never closed", "close the quote"),
    ("document separator", "a quote is opened and never closed", "close the quote"),
    ("expected the node content", "a value is missing, or a bracket closes that never opened",
     "write the value, or take the bracket away"),
    ("sequence entries are not allowed", "a list entry cannot start here",
     "put the `-` on a line of its own, below its key"),
    ("block entries are not allowed", "a list entry cannot start here",
     "put the `-` on a line of its own, below its key"),
    ("cannot start any token", "this character cannot start a value", "quote the value"),
    ("unknown escape character", "a backslash in double quotes starts no escape known to YAML",
     "use single quotes, or double the backslash"),
    ("<document start>", "the text goes on after the document has ended",
     "line this up with the keys above it"),
)  # fmt: skip


def unprintable(text: str, source: str) -> Diagnostic | None:
    """The first character that no YAML text may hold, if there is one."""
    bad = _UNPRINTABLE.search(text, 1 if text.startswith("\ufeff") else 0)
    if bad is None:
        return None
    return Diagnostic(
        "RW-SPEC-002",
        f"the character U+{ord(bad.group()):04X} cannot stand in YAML",
        place_of(text, bad.start(), source),
        "delete it; an editor that shows invisible characters helps to find it",
    )


def place_of(text: str, offset: int, source: str) -> Origin:
    """The line and column of an offset."""
    breaks = [found.end() for found in _BREAK.finditer(text, 0, offset)]
    start = breaks[-1] if breaks else 0
    return Origin(source, line=len(breaks) + 1, column=offset - start + 1)


def syntax_error(error: yaml.MarkedYAMLError, text: str, source: str) -> Diagnostic:
    """What PyYAML stumbled over."""
    problem = error.problem or "it ends in the middle"
    mark = error.problem_mark or error.context_mark
    place = origin_of(mark, source)
    message, help = _worded(problem)
    if place.line is not None and _tab_indents(text, place.line):
        message, help = _WORDING[0][1:]
    began = error.context_mark
    related: tuple[tuple[Origin, str], ...] = ()
    if began is not None and mark is not None and began.line != mark.line:
        related = ((origin_of(began, source), "it began here"),)
    return Diagnostic("RW-SPEC-002", message, place, help, related)


def _worded(problem: str) -> tuple[str, str]:
    for part, message, help in _WORDING:
        if part in problem:
            return message, help
    return f"this is not YAML: {quote(problem, ticks=False)}", "quote the text around this place"


def _tab_indents(text: str, line: int) -> bool:
    lines = _BREAK.split(text)
    return line <= len(lines) and re.match(r" *\t", lines[line - 1]) is not None


class Mark(Protocol):
    """A place as PyYAML counts it: from 0."""

    line: int
    column: int


def origin_of(mark: Mark | None, source: str) -> Origin:
    """A place that PyYAML marked; the start of the text where it marked none."""
    if mark is None:
        return Origin(source, line=1, column=1)
    return Origin(source, line=mark.line + 1, column=mark.column + 1)
