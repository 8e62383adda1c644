"""JSON with the place of every value, and with complaints that name it.

The standard library's parser forgets places and takes the last of two equal keys.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.sources.cloudformation.values import Scalar, Value

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
#: Raw control characters inside text are let through, as AWS does.
_STRINGS = JSONDecoder(strict=False)
_LONGEST_NUMBER = 18


def parse_json(text: str, source: str, *, deepest: int) -> Value:
    """The document as located values; raises InputError (RW-CFN-001 to -003)."""
    return _Reader(text, source, deepest).document()


@dataclass(slots=True)
class _Reader:
    text: str
    source: str
    deepest: int
    at: int = 0
    starts: list[int] = field(default_factory=list)

    def document(self) -> Value:
        self.starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        self._blank()
        value = self._value(0)
        self._blank()
        if self.at < len(self.text):
            raise self._error("there is more text after the end of the document")
        return value

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self.starts, at)
        return line, at - self.starts[line - 1] + 1

    def _error(self, message: str, code: str = "RW-CFN-001", at: int | None = None) -> InputError:
        line, column = self._place(self.at if at is None else at)
        return InputError.at(Origin(self.source, line=line, column=column), code, message)

    def _blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _expect(self, wanted: str, where: str) -> None:
        self._blank()
        found = self._next()
        if found != wanted:
            ending = f"found `{found}`" if found else "the file ends"
            raise self._error(f"expected `{wanted}` {where}, but {ending}")
        self.at += 1

    def _value(self, depth: int) -> Value:
        line, column = self._place(self.at)
        first = self._next()
        if first in ("{", "["):
            if depth >= self.deepest:
                raise self._error(f"values are nested more than {self.deepest} deep", "RW-CFN-002")
            data = self._mapping(depth) if first == "{" else self._list(depth)
            return Value(data, line, column)
        if first == '"':
            return Value(self._string(), line, column)
        return Value(self._bare(), line, column)

    def _string(self) -> str:
        start = self.at
        try:
            text, self.at = _STRINGS.raw_decode(self.text, self.at)
        except JSONDecodeError as mistake:
            message = f"this text in quotes is not valid JSON: {mistake.msg.lower()}"
            raise self._error(message, at=start) from mistake
        return str(text)

    def _bare(self) -> Scalar:
        for word, data in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return data
        found = _NUMBER.match(self.text, self.at)
        if not found:
            seen = self._next()
            what = f"found `{seen}`" if seen else "the file ends"
            raise self._error(f"expected a value, but {what}")
        self.at = found.end()
        if found[2] or found[3] or len(found[0]) > _LONGEST_NUMBER:
            return found[0]
        return int(found[0])

    def _list(self, depth: int) -> tuple[Value, ...]:
        self.at += 1
        items: list[Value] = []
        self._blank()
        if self._next() == "]":
            self.at += 1
            return ()
        while True:
            self._blank()
            items.append(self._value(depth + 1))
            self._blank()
            if self._next() == ",":
                self.at += 1
                continue
            self._expect("]", "or `,` in a list")
            return tuple(items)

    def _mapping(self, depth: int) -> dict[str, Value]:
        self.at += 1
        entries: dict[str, Value] = {}
        self._blank()
        if self._next() == "}":
            self.at += 1
            return entries
        while True:
            self._entry(entries, depth)
            self._blank()
            if self._next() == ",":
                self.at += 1
                continue
            self._expect("}", "or `,` in an object")
            return entries

    def _entry(self, entries: dict[str, Value], depth: int) -> None:
        self._blank()
        start = self.at
        if self._next() != '"':
            seen = self._next()
            what = f"found `{seen}`" if seen else "the file ends"
            raise self._error(f"expected a key in double quotes, but {what}")
        line, column = self._place(start)
        key = self._string()
        if key in entries:
            first = Origin(self.source, line=entries[key].line, column=entries[key].column)
            raise InputError(
                [
                    Diagnostic(
                        "RW-CFN-003",
                        f"the key `{key}` is written twice",
                        Origin(self.source, line=line, column=column),
                        "keep one of the two, or rename one",
                        ((first, "the first one"),),
                    )
                ]
            )
        self._expect(":", f"after the key `{key}`")
        self._blank()
        value = self._value(depth + 1)
        entries[key] = Value(value.data, line, column)
