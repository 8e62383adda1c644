"""Template text into located values: JSON or YAML, hostile input included.

Aliases and merge keys work, but every use counts against :data:`MOST_VALUES`, so that a few lines
cannot unfold into gigabytes; nesting is bounded by :data:`DEEPEST`. All complaints are InputError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.sources.cloudformation.json_text import parse_json
from ringwall.sources.cloudformation.values import Scalar, Value

#: Bounds on what is read. CloudFormation itself takes 1 MB at most.
LONGEST = 4_000_000
MOST_VALUES = 400_000
DEEPEST = 100

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_CORE_TAG = "tag:yaml.org,2002:"
_CORE_TYPES = {"str", "int", "float", "bool", "null", "map", "seq", "timestamp", "binary"}
_LOADER: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Tags whose long form has no `Fn::` before it.
_SHORT = {"Ref": "Ref", "Condition": "Condition"}


def parse(text: str, source: str) -> Value:
    """The document as located values; raises InputError (RW-CFN-001 to -003, -011)."""
    if len(text) > LONGEST:
        raise InputError.at(
            Origin(source),
            "RW-CFN-002",
            f"the file has {len(text)} characters; at most {LONGEST} are read",
            "a CloudFormation template has 1 MB at most: check that this is one",
        )
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            return parse_json(text.lstrip("\ufeff"), source, deepest=DEEPEST)
        except InputError as mistake:
            if _looks_like_json(text) or mistake.diagnostics[0].code != "RW-CFN-001":
                raise
    return _Composer(source).read(text)


def _looks_like_json(text: str) -> bool:
    """Does the first key stand in double quotes, as it must in JSON and rarely does in YAML?"""
    return re.match(r'[\ufeff\s]*\{\s*("|\}|$)', text) is not None


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been met yet."""

    mapping: bool
    line: int
    column: int
    tag: str | None
    anchor: str | None
    entries: dict[str, Value] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    items: list[Value] = field(default_factory=list)
    merged: list[Value] = field(default_factory=list)
    key: Value | None = None


@dataclass(slots=True)
class _Composer:
    """Turns YAML's stream of events into values without recursion."""

    source: str
    anchors: dict[str, tuple[Value, int, int]] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    count: int = 0
    root: Value | None = None

    def read(self, text: str) -> Value:
        try:
            for event in self._events(text):
                self._take(event)
        except yaml.MarkedYAMLError as mistake:
            mark = mistake.problem_mark
            origin = self._at(mark.line + 1, mark.column + 1) if mark else self._at(1, 1)
            what = " ".join(filter(None, (mistake.context, mistake.problem)))
            raise self._error(origin, "RW-CFN-001", f"this is no valid YAML: {what}") from mistake
        except yaml.reader.ReaderError as mistake:
            line = text.count("\n", 0, max(mistake.position, 0)) + 1
            message = "the file holds a character that YAML does not allow"
            raise self._error(Origin(self.source, line=line), "RW-CFN-001", message) from mistake
        if self.root is None:
            raise self._error(Origin(self.source, line=1), "RW-CFN-004", "the file is empty")
        return self.root

    def _events(self, text: str) -> Iterator[yaml.Event]:
        return yaml.parse(text, Loader=_LOADER)

    def _error(self, origin: Origin, code: str, message: str, help: str = "") -> InputError:
        return InputError.at(origin, code, message, help)

    def _at(self, line: int, column: int) -> Origin:
        return Origin(self.source, line=line, column=column)

    def _take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            message = "the file holds more than one YAML document"
            help = "keep one template per file: remove what follows `---`"
            raise self._error(self._at(line, column), "RW-CFN-001", message, help)
        if isinstance(event, yaml.ScalarEvent):
            # A key is a name, whatever else it may look like: `On` is no boolean there.
            names = bool(self.stack) and self.stack[-1].mapping and self.stack[-1].key is None
            data = event.value if names else _scalar(event)
            self._add(self._tagged(Value(data, line, column), event.tag), event.anchor, 1)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", line, column)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(self.stack) >= DEEPEST:
                raise self._too_deep(line, column)
            mapping = isinstance(event, yaml.MappingStartEvent)
            self.stack.append(_Open(mapping, line, column, event.tag, event.anchor))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close(self.stack.pop())

    def _alias(self, name: str, line: int, column: int) -> None:
        if name not in self.anchors:
            message = f"`*{name}` stands for nothing: no anchor `&{name}` comes before it"
            raise self._error(self._at(line, column), "RW-CFN-001", message)
        value, size, depth = self.anchors[name]
        if len(self.stack) + depth > DEEPEST:
            raise self._too_deep(line, column)
        self._add(Value(value.data, line, column), None, size)

    def _too_deep(self, line: int, column: int) -> InputError:
        message = f"values are nested more than {DEEPEST} deep"
        return self._error(self._at(line, column), "RW-CFN-002", message)

    def _close(self, done: _Open) -> None:
        if not done.mapping:
            value = Value(tuple(done.items), done.line, done.column)
        else:
            entries = done.entries
            for other in done.merged:
                if isinstance(other.data, Mapping):
                    entries = {**other.data, **entries}
            value = Value(entries, done.line, done.column)
        value = self._tagged(value, done.tag)
        self._add(value, done.anchor, 1)

    def _add(self, value: Value, anchor: str | None, size: int) -> None:
        self.count += size
        if self.count > MOST_VALUES:
            message = f"the file unfolds to more than {MOST_VALUES} values"
            help = "aliases multiply what they stand for: write the values out"
            raise self._error(self._at(value.line, value.column), "RW-CFN-002", message, help)
        if anchor:
            self.anchors[anchor] = (value, *_measure(value))
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        if not parent.mapping:
            parent.items.append(value)
        elif parent.key is None:
            parent.key = value
        else:
            self._put(parent, parent.key, value)
            parent.key = None

    def _put(self, parent: _Open, key: Value, value: Value) -> None:
        here = self._at(key.line, key.column)
        if not isinstance(key.data, str):
            raise self._error(here, "RW-CFN-005", "a key must be text")
        name = key.data
        if name == "<<":
            parent.merged += value.data if isinstance(value.data, tuple) else (value,)
            return
        if name in parent.entries:
            first = self._at(*parent.places[name])
            message = f"the key `{name}` is written twice"
            raise InputError(
                [
                    Diagnostic(
                        "RW-CFN-003",
                        message,
                        here,
                        "keep one of the two, or rename one",
                        ((first, "the first one"),),
                    )
                ]
            )
        parent.places[name] = (key.line, key.column)
        parent.entries[name] = Value(value.data, key.line, key.column)

    def _tagged(self, value: Value, tag: str | None) -> Value:
        if tag is None or tag == "!" or tag.removeprefix(_CORE_TAG) in _CORE_TYPES:
            return value
        if not tag.startswith("!"):
            raise self._unknown_tag(tag, value)
        name = tag[1:]
        long = _SHORT.get(name, f"Fn::{name}")
        return Value({long: value}, value.line, value.column)

    def _unknown_tag(self, tag: str, value: Value) -> InputError:
        message = f"the tag `{tag}` is not one of CloudFormation's"
        return self._error(self._at(value.line, value.column), "RW-CFN-011", message)


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    text: str = event.value
    if event.style is not None and event.style != "":
        return text
    if event.tag is not None and not event.tag.startswith(_CORE_TAG):
        return text
    if event.tag == f"{_CORE_TAG}str":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= 18 and _INTEGER.fullmatch(text):
        return int(text)
    return text


def _measure(value: Value) -> tuple[int, int]:
    """How many values a value holds, itself included, and how deep; shared parts count anew."""
    total, deepest = 0, 0
    todo = [(value, 1)]
    while todo and total <= MOST_VALUES:
        one, depth = todo.pop()
        total, deepest = total + 1, max(deepest, depth)
        if isinstance(one.data, Mapping):
            todo += [(part, depth + 1) for part in one.data.values()]
        elif isinstance(one.data, tuple):
            todo += [(part, depth + 1) for part in one.data]
    return total, deepest
