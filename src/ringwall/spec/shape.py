"""Plain values to a :class:`~ringwall.spec.model.Spec`, with every mistake of shape.

A mistake of shape does not hide the others: what is faulty is taken out, and what is left is
still a Spec that :mod:`ringwall.spec.check` can look over.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ringwall.model.errors import Diagnostic
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
    """``spec`` is None where nothing usable is left; ``broken`` names the services taken out."""

    spec: Spec | None
    diagnostics: tuple[Diagnostic, ...] = ()
    broken: frozenset[str] = frozenset()


def shape(document: Document) -> Shaped:
    """The spec that a document says, or what is left of it beside its mistakes."""
    values = document.values
    spec, errors = _validate(values)
    diagnostics = tuple(translate(one, document) for one in errors)
    broken: set[str] = set()
    for _ in range(_ROUNDS):
        if not errors:
            break
        taken = [_taken_out(one) for one in errors]
        broken |= {str(path[1]) for path in taken if len(path) == 2 and path[0] == "services"}
        for path in taken:
            values = _without(values, path)
        spec, errors = _validate({"name": "unnamed", **values})
    return Shaped(spec, diagnostics, frozenset(broken))


def _validate(values: dict[str, Value]) -> tuple[Spec | None, list[ErrorDetails]]:
    try:
        # Strictly: `port: "80"` is a mistake to tell, not to mend. Only the file's own keys count.
        spec = Spec.model_validate(values, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        return None, error.errors(include_url=False)
    return spec, []


def _taken_out(error: ErrorDetails) -> Key:
    """The path to take out for one error: lists go whole, so that places stay right."""
    path = file_path(error["loc"])
    if error["type"] == "missing":
        path = path[:-1]
    numbered = next((at for at, part in enumerate(path) if isinstance(part, int)), None)
    if numbered is not None:
        return path[:numbered]
    if len(path) >= 2 and path[0] == "services" and error["type"] in _WHOLE:
        return path[:2]
    return path


def _without(values: dict[str, Value], path: Key) -> dict[str, Value]:
    """A copy with one path taken out; the same values where the path is not there."""
    if not path or path[0] not in values:
        return values
    first = str(path[0])
    if len(path) == 1:
        return {key: value for key, value in values.items() if key != first}
    inner = values[first]
    return {**values, first: _without(inner, path[1:])} if isinstance(inner, dict) else values
