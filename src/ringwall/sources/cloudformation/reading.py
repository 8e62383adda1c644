"""What every noun reader shares: typed access to a resource's properties, ids, gaps, complaints.

A property may be absent, known, or a symbol; accessors say which of the three in their type.
Wrong shapes are complaints (RW-CFN-010), gathered so that the user sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.model.tags import NO_TAGS, Tags
from ringwall.sources.builder import GapKind, NetworkBuilder
from ringwall.sources.cloudformation.stack import Resource, Stack
from ringwall.sources.cloudformation.values import (
    Attr,
    Concat,
    Data,
    Ref,
    Unresolved,
    Value,
    known_text,
    shown,
    why_unknown,
)

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A property that is given, but whose value the template alone does not say."""

    reason: str


@dataclass(slots=True)
class Reading:
    """One run over one stack: the builder that it fills and the complaints that it gathers."""

    stack: Stack
    net: NetworkBuilder
    problems: list[Diagnostic] = field(default_factory=list)

    def origin(self, resource: Resource, value: Value | None = None, path: str = "") -> Origin:
        place = value if value is not None else resource.place
        pointer = f"{resource.id}/{path}" if path else resource.id
        return Origin(self.stack.template.source, pointer, place.line, place.column)

    def gap(
        self,
        kind: GapKind,
        resource: Resource,
        message: str,
        *,
        affects: tuple[str, ...] = (),
        at: Value | None = None,
    ) -> None:
        origin = self.origin(resource, at)
        self.net.gap(kind, resource.id, message, affects=affects, origin=origin)

    def doubt(self, resource: Resource, *affects: str) -> None:
        """On record where a resource may not be made at all: it and ``affects`` are unknown."""
        if resource.doubt:
            self.gap("unresolved", resource, resource.doubt, affects=(resource.id, *affects))

    def complain(self, resource: Resource, at: Value, message: str, help: str = "") -> None:
        origin = self.origin(resource, at)
        self.problems.append(Diagnostic("RW-CFN-010", message, origin, help))

    def of_type(self, *types: str) -> Iterator[tuple[Resource, Props]]:
        for resource in self.stack.of_type(*types):
            yield resource, Props(self, resource, resource.properties)

    def props(self, name: str, *types: str) -> Props | None:
        """The properties of a resource by id, when it is of one of these types."""
        resource = self.stack.resources.get(name)
        if resource is None or (types and resource.type not in types):
            return None
        return Props(self, resource, resource.properties)

    def type_of(self, name: str) -> str:
        resource = self.stack.resources.get(name)
        return resource.type if resource else ""

    def ident(self, data: Data) -> str:
        """The id that a value stands for: a logical id, an id of AWS's, or a symbol's name."""
        if isinstance(data, Ref):
            return data.name
        if isinstance(data, Attr):
            ids = facts("cfn-types").values["id_attributes"]
            return data.resource if data.attribute in ids else f"{data.resource}.{data.attribute}"
        if isinstance(data, Unresolved):
            return data.name
        if isinstance(data, Concat):
            return shown(data)
        return known_text(data) or ""


@dataclass(frozen=True, slots=True)
class Props:
    """A mapping of properties inside a resource; ``path`` is its place there."""

    reading: Reading
    resource: Resource
    entries: Mapping[str, Value]
    path: str = ""

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    @property
    def id(self) -> str:
        return self.resource.id

    def get(self, key: str) -> Value | None:
        return self.entries.get(key)

    def place(self, key: str) -> Value:
        return self.entries.get(key, self.resource.place)

    def origin(self, key: str = "") -> Origin:
        path = "/".join(part for part in (self.path, key) if part)
        return self.reading.origin(self.resource, self.place(key), path)

    def _wrong(self, key: str, wanted: str) -> None:
        value = self.entries[key]
        message = f"`{key}` of `{self.resource.id}` must be {wanted}"
        seen = known_text(value.data)
        if seen is not None:
            message += f", not `{seen}`"
        self.reading.complain(self.resource, value, message)

    def text(self, key: str, default: str = "") -> str:
        """A text to show or compare: symbols appear as ``${Name}``."""
        value = self.entries.get(key)
        if value is None or value.data is None:
            return default
        if isinstance(value.data, tuple | Mapping):
            self._wrong(key, "a text")
            return default
        return shown(value.data)

    def unknown(self, key: str) -> str:
        """Why a given property is not known; empty where it is known or absent."""
        value = self.entries.get(key)
        return "" if value is None else why_unknown(value.data)

    def truth(self, key: str, default: bool) -> bool | None:
        """A boolean, ``default`` where absent, None where it is not known."""
        value = self.entries.get(key)
        if value is None or value.data is None:
            return default
        if why_unknown(value.data):
            return None
        found = _TRUTHS.get((known_text(value.data) or "").lower())
        if found is None:
            self._wrong(key, "true or false")
            return default
        return found

    def switch(self, key: str, default: bool | None) -> bool | None:
        """``enable`` or ``disable``, ``default`` where absent, None where it is not known."""
        value = self.entries.get(key)
        if value is None or value.data is None:
            return default
        if why_unknown(value.data):
            return None
        word = (known_text(value.data) or "").lower()
        if word not in ("enable", "disable"):
            self._wrong(key, "`enable` or `disable`")
            return default
        return word == "enable"

    def number(self, key: str) -> int | Unknown | None:
        """A whole number, None where absent."""
        value = self.entries.get(key)
        if value is None or value.data is None or value.data == "":
            return None
        reason = why_unknown(value.data)
        if reason:
            return Unknown(reason)
        text = (known_text(value.data) or "").strip()
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
            self._wrong(key, "a whole number")
            return None
        return int(text)

    def count(self, key: str) -> int | None:
        """A whole number that is known, else None."""
        found = self.number(key)
        return found if isinstance(found, int) else None

    def cidr(self, key: str) -> IPNetwork | Unknown | None:
        """A CIDR block, None where absent or (with a complaint) where it is none."""
        value = self.entries.get(key)
        if value is None or value.data is None:
            return None
        reason = why_unknown(value.data)
        if reason:
            return Unknown(reason)
        text = known_text(value.data)
        try:
            return parse_network((text or "").strip())
        except ValueError:
            self._wrong(key, "a CIDR block, such as 10.0.0.0/16")
            return None

    def ident(self, key: str) -> str:
        """The id that a property names; empty where absent."""
        value = self.entries.get(key)
        if value is None:
            return ""
        if isinstance(value.data, tuple | Mapping):
            self._wrong(key, "one id")
            return ""
        return self.reading.ident(value.data)

    def items(self, key: str) -> tuple[Value, ...]:
        """The entries of a list; a lone value counts as a list of one, as it does for AWS."""
        value = self.entries.get(key)
        if value is None or value.data is None:
            return ()
        return value.data if isinstance(value.data, tuple) else (value,)

    def idents(self, key: str) -> tuple[str, ...]:
        """The ids in a list, each once, in order."""
        found = (self.reading.ident(one.data) for one in self.items(key))
        return tuple(dict.fromkeys(name for name in found if name))

    def inner(self, key: str) -> Props:
        """A nested mapping; empty where absent or a symbol."""
        value = self.entries.get(key)
        return self._nested(value, key)

    def each(self, key: str) -> Iterator[Props]:
        """The mappings of a list. A symbol among them yields no mapping: look with ``symbols``."""
        for index, value in enumerate(self.items(key)):
            if isinstance(value.data, Mapping):
                yield self._nested(value, f"{key}/{index}")
            elif not why_unknown(value.data):
                message = f"each entry of `{key}` of `{self.resource.id}` must be a mapping"
                self.reading.complain(self.resource, value, message)

    def symbols(self, key: str) -> Iterator[tuple[Value, str]]:
        """The entries of a list that are symbols, each with the reason."""
        for value in self.items(key):
            reason = why_unknown(value.data)
            if reason:
                yield value, reason

    def _nested(self, value: Value | None, key: str) -> Props:
        path = "/".join(part for part in (self.path, key) if part)
        entries = value.data if value is not None and isinstance(value.data, Mapping) else {}
        wrong = value is not None and not entries and value.data not in (None, {})
        if wrong and value is not None and not why_unknown(value.data):
            message = f"`{key}` of `{self.resource.id}` must be a mapping"
            self.reading.complain(self.resource, value, message)
        return Props(self.reading, self.resource, entries, path)

    def tags(self, key: str = "Tags") -> Tags:
        """Tags in either of AWS's two forms: a list of keys and values, or a mapping."""
        value = self.entries.get(key)
        if value is None:
            return NO_TAGS
        if isinstance(value.data, Mapping):
            return {name: shown(one.data) for name, one in value.data.items()}
        return {one.text("Key"): one.text("Value") for one in self.each(key) if "Key" in one}

    def name(self, *keys: str) -> str:
        """The ``Name`` tag, or the first of these properties that is given."""
        found = self.tags().get("Name", "")
        return found or next((self.text(key) for key in keys if self.text(key)), "")
