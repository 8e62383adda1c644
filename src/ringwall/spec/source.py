"""YAML text to plain values, with the place of every key and value.

Ringwall reads a small, plain YAML: mappings, lists and scalars. A word means a number, a truth
value or nothing only where YAML 1.2 says so, which spares the reader 1.1's surprises (``on``,
``no``, ``012``, ``12:30``). Anchors, aliases, tags, several documents and deep nesting are
refused: nothing in a spec needs them, and they hide or multiply what is written. The text is taken
in event by event, so no input can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.spec.syntax import origin_of, syntax_error, unprintable
from ringwall.spec.words import quote

Key = tuple[str | int, ...]
Value: TypeAlias = "str | int | float | bool | dict[str, Value] | tuple[Value, ...] | None"

#: Deeper than any spec (five levels) needs, shallow enough for every later walk to recurse.
MAX_DEPTH = 16

_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
#: At most 18 digits: what is longer is no number that a spec could mean.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,32}|[0-9]{1,32}(\.[0-9]{0,32})?)([eE][-+]?[0-9]{1,3})?")
_OTHER_NUMBER = re.compile(r"[-+]?0[0-9]+")


@dataclass(frozen=True, slots=True)
class Document:
    """What the text says: lists are tuples.

    ``origins`` has the place of each scalar and flow collection itself, and for a block below a
    key the place of that key; ``keys`` has the place of each key.
    """

    values: dict[str, Value]
    origins: Mapping[Key, Origin]
    keys: Mapping[Key, Origin]
    diagnostics: tuple[Diagnostic, ...] = ()


def read(text: str, source: str) -> Document:
    """Take a text in. Duplicate and odd keys are noted in the document, the rest goes on.

    Raises InputError where the text is no YAML, or none that Ringwall takes.
    """
    bad = unprintable(text, source)
    if bad is not None:
        raise InputError([bad])
    builder = _Builder(source)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise InputError([*builder.diagnostics, syntax_error(error, text, source)]) from None
    return builder.document()


@dataclass(slots=True)
class _Frame:
    """A collection being read. ``key`` is the key whose value comes next (mappings)."""

    path: Key
    items: list[Value] | dict[str, Value]
    key: str | None = None
    #: The next value belongs to a key that was refused: read it and drop it.
    dropping: bool = False


@dataclass(slots=True)
class _Builder:
    source: str
    frames: list[_Frame] = field(default_factory=list)
    root: Value = None
    origins: dict[Key, Origin] = field(default_factory=dict)
    keys: dict[Key, Origin] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    #: How many collections deep we are inside something refused.
    skipping: int = 0
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.NodeEvent):
            self._refuse_extras(event)
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()

    def document(self) -> Document:
        if self.documents == 0 or self.root is None:
            raise InputError.at(
                Origin(self.source, line=1, column=1),
                "RW-SPEC-005",
                "the file is empty",
                "`ringwall init` writes one to start from",
            )
        if not isinstance(self.root, dict):
            what = "a list" if isinstance(self.root, tuple) else f"the text {quote(self.root)}"
            raise InputError.at(
                self.origins.get((), Origin(self.source, line=1, column=1)),
                "RW-SPEC-005",
                f"the file holds {what}, where keys such as `name:` are expected",
                "start with `name: ...` at the left margin; `ringwall init` writes an example",
            )
        return Document(self.root, self.origins, self.keys, tuple(self.diagnostics))

    def _start_document(self, event: yaml.Event) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event, "a second YAML document starts here", "keep one spec per file")

    def _refuse_extras(self, event: yaml.NodeEvent) -> None:
        """Anchors, aliases and tags end the reading: what follows would be guesswork."""
        if isinstance(event, yaml.AliasEvent):
            self._stop(
                event,
                f"the alias `*{quote(event.anchor, ticks=False)}` repeats another place",
                "write the value out: a spec says everything where it stands",
            )
        if event.anchor is not None:
            self._stop(
                event,
                f"the anchor `&{quote(event.anchor, ticks=False)}` marks a place to repeat",
                "take it away: a spec says everything where it stands",
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._stop(
                event,
                f"the YAML tag {quote(tag)} is not taken",
                "take it away, and quote the value if it must stay a text",
            )

    def _stop(self, event: yaml.Event, message: str, help: str) -> None:
        found = Diagnostic("RW-SPEC-003", message, self._place(event), help)
        raise InputError([*self.diagnostics, found])

    def _node(self, event: yaml.NodeEvent) -> None:
        collection = isinstance(event, yaml.CollectionStartEvent)
        if collection and len(self.frames) + self.skipping >= MAX_DEPTH:
            self._stop(
                event,
                f"nothing in a spec lies {MAX_DEPTH + 1} levels deep",
                "take away brackets or indentation",
            )
        if self.skipping:
            self.skipping += collection
            return
        frame = self.frames[-1] if self.frames else None
        if frame is not None and isinstance(frame.items, dict) and not self._has_key(frame):
            self._take_key(frame, event)
            return
        if frame is not None and frame.dropping:
            frame.dropping = False
            self.skipping += collection
            return
        self._take_value(frame, event)

    @staticmethod
    def _has_key(frame: _Frame) -> bool:
        return frame.key is not None or frame.dropping

    def _take_key(self, frame: _Frame, event: yaml.NodeEvent) -> None:
        place = self._place(event)
        if not isinstance(event, yaml.ScalarEvent):
            self._note(
                "RW-SPEC-003",
                "a list or block stands where a key is expected",
                place,
                "a key is a plain word, such as `api:`",
            )
            frame.dropping = True
            self.skipping += 1
            return
        key = _scalar(event)
        if not isinstance(key, str):
            shown = quote(event.value) if event.value else "nothing"
            self._note(
                "RW-SPEC-003",
                f"a key must be a word, and {shown} is none",
                place,
                "name it with a word that starts with a letter",
            )
            frame.dropping = True
            return
        path = (*frame.path, key)
        if path in self.keys:
            first = self.keys[path]
            self.diagnostics.append(
                Diagnostic(
                    "RW-SPEC-004",
                    f"the key {quote(key)} stands here a second time",
                    place,
                    "keep one of the two, or merge them",
                    ((first, "the first is here"),),
                )
            )
            frame.dropping = True
            return
        self.keys[path] = place
        frame.key = key

    def _take_value(self, frame: _Frame | None, event: yaml.NodeEvent) -> None:
        path: Key = ()
        if frame is not None:
            path = (*frame.path, frame.key if frame.key is not None else len(frame.items))
        block = isinstance(event, yaml.CollectionStartEvent) and not event.flow_style
        # A list's items have no key of their own: they are where they start.
        self.origins[path] = self.keys[path] if block and path in self.keys else self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            self._put(frame, _scalar(event))
            return
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.frames.append(_Frame(path, {} if is_mapping else []))

    def _end(self) -> None:
        if self.skipping:
            self.skipping -= 1
            return
        done = self.frames.pop()
        value: Value = done.items if isinstance(done.items, dict) else tuple(done.items)
        self._put(self.frames[-1] if self.frames else None, value)

    def _put(self, frame: _Frame | None, value: Value) -> None:
        if frame is None:
            self.root = value
        elif isinstance(frame.items, dict):
            if frame.key is not None:
                frame.items[frame.key] = value
            frame.key = None
        else:
            frame.items.append(value)

    def _note(self, code: str, message: str, place: Origin, help: str) -> None:
        self.diagnostics.append(Diagnostic(code, message, place, help))

    def _place(self, event: yaml.Event) -> Origin:
        return origin_of(event.start_mark, self.source)


def _scalar(event: yaml.ScalarEvent) -> Value:
    """A scalar's value; quoted and block scalars are texts, whatever they look like."""
    text: str = event.value
    if event.style is not None:
        return text
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and not _OTHER_NUMBER.fullmatch(text):
        return float(text)
    return text
