"""What a template's values are, as read and as evaluated, each with its place in the file.

A value that only AWS can tell (the id of a resource, a parameter that nobody gave) stays symbolic:
:class:`Ref`, :class:`Attr`, :class:`Unresolved`, or text around them (:class:`Concat`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """The id of a resource of the template."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr:
    """An attribute of a resource of the template."""

    resource: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What the template alone does not say. ``name`` stands for it, ``reason`` tells why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoValue:
    """``AWS::NoValue``: the property or list entry that holds it is as if never written."""


Symbol = Ref | Attr | Unresolved
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Concat:
    """Text with at least one symbol inside it."""

    parts: tuple[str | Symbol, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value. ``line`` and ``column`` count from 1: its key's place, or its own in a list."""

    data: Data
    line: int = 1
    column: int = 1

    def with_data(self, data: Data) -> Value:
        """Other data at the same place."""
        return Value(data, self.line, self.column)


Data = Scalar | tuple[Value, ...] | Mapping[str, Value] | Symbol | Concat | NoValue


def scalar_text(data: Scalar) -> str:
    """A scalar as CloudFormation writes it into text."""
    if isinstance(data, bool):
        return "true" if data else "false"
    return "" if data is None else str(data)


def known_text(data: Data) -> str | None:
    """The text of a fully known scalar, None for everything else."""
    return scalar_text(data) if isinstance(data, str | int | float | bool) else None


def shown(data: Data) -> str:
    """A text to show for any scalar or symbol: symbols appear as ``${Name}``."""
    if isinstance(data, Ref):
        return f"${{{data.name}}}"
    if isinstance(data, Attr):
        return f"${{{data.resource}.{data.attribute}}}"
    if isinstance(data, Unresolved):
        return f"${{{data.name}}}"
    if isinstance(data, Concat):
        return "".join(shown(part) for part in data.parts)
    return known_text(data) or ""


def why_unknown(data: Data) -> str:
    """Why a value is not known, in words; empty where it is."""
    if isinstance(data, Unresolved):
        return data.reason
    if isinstance(data, Ref):
        return f"AWS gives `{data.name}` its id at deployment"
    if isinstance(data, Attr):
        return f"AWS sets `{data.resource}.{data.attribute}` at deployment"
    if isinstance(data, Concat):
        return next((why_unknown(part) for part in data.parts if not isinstance(part, str)), "")
    return ""


def concat(parts: Iterable[str | Symbol]) -> Data:
    """Text from parts: neighbours joined, a lone part as itself, plain text where all is known."""
    merged: list[str | Symbol] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else Concat(tuple(merged))


def parts_of(data: Data) -> tuple[str | Symbol, ...] | None:
    """A scalar or symbol as the parts of a text; None for lists and mappings."""
    if isinstance(data, Concat):
        return data.parts
    if isinstance(data, Ref | Attr | Unresolved):
        return (data,)
    text = known_text(data)
    return None if text is None else (text,)


def plain(value: Value) -> object:
    """A value as JSON-like data, symbols shown as text (for Fn::ToJsonString and policies)."""
    if isinstance(value.data, Mapping):
        return {key: plain(one) for key, one in value.data.items()}
    if isinstance(value.data, tuple):
        return [plain(one) for one in value.data]
    if isinstance(value.data, str | int | float | bool) or value.data is None:
        return value.data
    return shown(value.data)


def symbols_in(value: Value) -> Iterable[Symbol]:
    """Every symbol anywhere inside a value."""
    if isinstance(value.data, Mapping):
        for one in value.data.values():
            yield from symbols_in(one)
    elif isinstance(value.data, tuple):
        for one in value.data:
            yield from symbols_in(one)
    elif isinstance(value.data, Concat):
        yield from (part for part in value.data.parts if not isinstance(part, str))
    elif isinstance(value.data, Ref | Attr | Unresolved):
        yield value.data
