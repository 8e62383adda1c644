"""Plain values to a :class:`~ringwall.spec.model.Spec`, with every mistake of shape.

A mistake of shape does not hide the others: what is faulty is taken out, and what is left is
still a Spec that :mod:`ringwall.spec.check` can look over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.spec.model import Spec
from ringwall.spec.source import Document, Key, Value
from ringwall.spec.translate import file_path, translate

#: Each round takes out what the last one found; a second is needed where taking a key out leaves
#: its parent empty, more are not.
_ROUNDS = 4
#: Errors for which a service cannot be kept with the one key taken out.
_WHOLE = {"missing", "union_tag_not_found", "union_tag_invalid", "model_attributes_type"}


@dataclass(frozen=True, slots=True)
class Shaped:
    """``spec`` is None where nothing usable is left; ``document`` is what it was made from, with
    places that fit the spec (an entry taken out of a list moves those behind it up)."""

    spec: Spec | None
    document: Document
    diagnostics: tuple[Diagnostic, ...] = ()


def shape(document: Document) -> Shaped:
    """The spec that a document says, or what is left of it beside its mistakes."""
    spec, errors = _validate(document.values)
    diagnostics = tuple(translate(one, document) for one in errors)
    for _ in range(_ROUNDS):
        if not errors:
            break
        for path in sorted({_taken_out(one) for one in errors}, key=_from_the_end, reverse=True):
            document = _without(document, path)
        spec, errors = _validate({"name": "unnamed", **document.values})
    return Shaped(spec, document, diagnostics)


def _validate(values: dict[str, Value]) -> tuple[Spec | None, list[ErrorDetails]]:
    try:
        # Strictly: `port: "80"` is a mistake to tell, not to mend. Only the file's own keys count.
        spec = Spec.model_validate(values, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        return None, error.errors(include_url=False)
    return spec, []


def _taken_out(error: ErrorDetails) -> Key:
    """The path to take out for one error: an entry of a list goes whole."""
    path = file_path(error["loc"])
    if error["type"] == "missing":
        path = path[:-1]
    numbered = next((at for at, part in enumerate(path) if isinstance(part, int)), None)
    if numbered is not None:
        return path[: numbered + 1]
    if len(path) >= 2 and path[0] == "services" and error["type"] in _WHOLE:
        return path[:2]
    return path


def _from_the_end(path: Key) -> tuple[tuple[int, str], ...]:
    """An order in which the later entries of a list come last."""
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in path)


def _without(document: Document, path: Key) -> Document:
    """The document with one path taken out; the same where the path is not there."""
    if not path:
        return document
    values = _cut(document.values, path)
    if values is None:
        return document
    return replace(
        document,
        values=values,
        origins=_moved(document.origins, path),
        keys=_moved(document.keys, path),
    )


def _cut(values: dict[str, Value], path: Key) -> dict[str, Value] | None:
    """A copy without what lies under a path; None where nothing does."""
    first = str(path[0])
    if first not in values:
        return None
    if len(path) == 1:
        return {key: value for key, value in values.items() if key != first}
    inner, at = values[first], path[1]
    if isinstance(inner, dict):
        left = _cut(inner, path[1:])
        return None if left is None else {**values, first: left}
    if isinstance(inner, tuple) and isinstance(at, int) and at < len(inner):
        return {**values, first: inner[:at] + inner[at + 1 :]}
    return None


def _moved(places: Mapping[Key, Origin], path: Key) -> Mapping[Key, Origin]:
    """The places once a path is gone: an entry's followers in its list move up by one."""
    *above, at = path
    parent = tuple(above)
    depth = len(parent)
    moved: dict[Key, Origin] = {}
    for key, origin in places.items():
        part = key[depth] if len(key) > depth and key[:depth] == parent else None
        if part == at and isinstance(part, type(at)):
            continue
        if isinstance(at, int) and isinstance(part, int) and part > at:
            key = (*parent, part - 1, *key[depth + 1 :])
        moved[key] = origin
    return moved
