"""JSON text to values, every object with the line that it opens on.

The standard parser gives no positions, so the lines come from a second, cheap look at the text:
objects are handed out in the order in which they close, and so are the braces.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from ringwall.model.errors import InputError
from ringwall.model.origin import Origin

#: No call of AWS's nests its objects nearly so deeply.
_DEEPEST = 60
#: Longer numbers than this are no AWS value; Python refuses to read the longest ones at all.
_MOST_DIGITS = 20

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_BRACES = re.compile(_STRING + r"|[{}]", re.DOTALL)
_BARE = re.compile(_STRING + r'|[^\s"{}\[\],:]+', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_HALF = re.compile(r"[\ud800-\udfff]")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

_SYNTAX_HELP = "give the output of the call with `--output json`, whole and unedited"


class Obj(dict[str, object]):
    """A JSON object that knows the line (from 1) of its opening brace."""

    __slots__ = ("line",)
    line: int


class _BadNumberError(Exception):
    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def decode(data: bytes, source: str) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so (PowerShell writes that)."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError.at(
            Origin(source, line=line),
            "RW-DUMP-002",
            f"the file is not {encoding.upper()} text (byte {error.start + 1})",
            _SYNTAX_HELP,
        ) from None
    if "\0" in text:
        line, column = _place(text, text.index("\0"))
        raise InputError.at(
            Origin(source, line=line, column=column),
            "RW-DUMP-002",
            "the file holds a NUL byte, so it is no text",
            _SYNTAX_HELP,
        )
    return text


def parse(text: str, source: str) -> list[object]:
    """Every JSON value in the text (calls appended to one file follow each other).

    Objects are :class:`Obj`. Raises InputError: RW-DUMP-003 with line and column for what is no
    JSON, RW-DUMP-004 for a number that is none or a key that stands twice in one object.
    """
    made: list[Obj] = []
    doubled: list[tuple[Obj, str]] = []

    def build(pairs: list[tuple[str, object]]) -> Obj:
        found = Obj(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            doubled.append((found, next(key for key in keys if keys.count(key) > 1)))
        made.append(found)
        return found

    decoder = json.JSONDecoder(
        object_pairs_hook=build, parse_int=_integer, parse_float=_real, parse_constant=_no_number
    )
    values = _values(decoder, text, source)
    for found, (line, depth) in zip(made, _opening_lines(text), strict=True):
        if depth > _DEEPEST:
            raise _too_deep(source, line)
        found.line = line
    for found, key in doubled:
        raise InputError.at(
            Origin(source, line=found.line),
            "RW-DUMP-004",
            f"the key `{key}` stands twice in one object",
            "keep the one that is meant",
        )
    return values


def _values(decoder: json.JSONDecoder, text: str, source: str) -> list[object]:
    values: list[object] = []
    at = _skip(text, 0)
    while at < len(text) or not values:
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            origin = Origin(source, line=error.lineno, column=error.colno)
            said = error.msg[:1].lower() + error.msg[1:]
            raise InputError.at(
                origin, "RW-DUMP-003", f"this is not JSON: {said}", _SYNTAX_HELP
            ) from None
        except RecursionError:
            raise _too_deep(source) from None
        except _BadNumberError as error:
            raise _bad_number(text, source, error.word) from None
        values.append(value)
        at = _skip(text, at)
    if "\\u" in text:
        _refuse_halves(values, source)
    return values


def _too_deep(source: str, line: int | None = None) -> InputError:
    message = "the values are nested too deeply to be the output of a `describe` call"
    return InputError.at(Origin(source, line=line), "RW-DUMP-003", message, _SYNTAX_HELP)


def _integer(word: str) -> int:
    if len(word) > _MOST_DIGITS:
        raise _BadNumberError(word)
    return int(word)


def _real(word: str) -> float:
    value = float(word)
    if not math.isfinite(value):
        raise _BadNumberError(word)
    return value


def _no_number(word: str) -> float:
    raise _BadNumberError(word)


def _bad_number(text: str, source: str, word: str) -> InputError:
    found = next((one for one in _BARE.finditer(text) if one.group() == word), None)
    line, column = _place(text, found.start()) if found else (1, 1)
    shown = word if len(word) <= _MOST_DIGITS else f"{word[:8]}…"
    return InputError.at(
        Origin(source, line=line, column=column),
        "RW-DUMP-004",
        f"`{shown}` is no number that AWS gives",
        "put the real number back",
    )


def _refuse_halves(values: list[object], source: str) -> None:
    """Half a surrogate pair is no character: it could not be written out again."""
    stack: list[tuple[object, int | None]] = [(value, None) for value in values]
    while stack:
        value, line = stack.pop()
        if isinstance(value, str):
            if _HALF.search(value):
                raise InputError.at(
                    Origin(source, line=line),
                    "RW-DUMP-004",
                    "a text holds half a character (a lone `\\uD800` to `\\uDFFF`)",
                    _SYNTAX_HELP,
                )
        elif isinstance(value, Obj):
            here: int | None = getattr(value, "line", line)
            stack += [(one, here) for pair in value.items() for one in pair]
        elif isinstance(value, list):
            stack += [(one, line) for one in value]


def _opening_lines(text: str) -> Iterator[tuple[int, int]]:
    """The line of each object's opening brace, and how many objects the object lies in, counting
    itself; in the order in which the objects close."""
    opened: list[int] = []
    line, seen = 1, 0
    for token in _BRACES.finditer(text):
        brace = token.group()
        if brace == "{":
            line += text.count("\n", seen, token.start())
            seen = token.start()
            opened.append(line)
        elif brace == "}":
            depth = len(opened)
            yield opened.pop(), depth


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
