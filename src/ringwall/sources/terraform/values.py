"""What the attributes of a planned resource hold: JSON, with a mark where the plan is silent.

A plan lists the known part of a resource's attributes, beside it a tree of the same shape that is
true where only the provider can tell (``after_unknown``), and another one that is true where a
value is a secret. :func:`merged` makes one tree of the three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the plan does not hold, and why."""

    reason: str


LATER = Unknown("it is known only after apply")
SECRET = Unknown("it is marked sensitive and stays unread")

Scalar = str | int | float | bool | None
Data = Scalar | Unknown | Sequence["Data"] | Mapping[str, "Data"]


def is_list(data: object) -> bool:
    return isinstance(data, list | tuple)


def merged(value: object, unknown: object, secret: object = None) -> Data:
    """A value with its marks put in; lists become tuples."""
    if secret is True:
        return SECRET
    if unknown is True:
        return LATER
    if isinstance(value, Mapping) or isinstance(unknown, Mapping):
        held = value if isinstance(value, Mapping) else {}
        marks = unknown if isinstance(unknown, Mapping) else {}
        secrets = secret if isinstance(secret, Mapping) else {}
        if value is not None and not isinstance(value, Mapping):
            return merged(value, None, secret)
        return {
            str(key): merged(held.get(key), marks.get(key), secrets.get(key))
            for key in dict.fromkeys((*held, *marks))
        }
    if isinstance(value, list | tuple):
        marks_of = list(unknown) if isinstance(unknown, list) else []
        secrets_of = list(secret) if isinstance(secret, list) else []
        return tuple(
            merged(one, _at(marks_of, index), _at(secrets_of, index))
            for index, one in enumerate(value)
        )
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)


def _at(items: list[object], index: int) -> object:
    return items[index] if index < len(items) else None


def first_unknown(data: Data) -> str:
    """Why some part of a value is not known; empty where all of it is."""
    if isinstance(data, Unknown):
        return data.reason
    if isinstance(data, Mapping):
        return next(filter(None, map(first_unknown, data.values())), "")
    if isinstance(data, tuple):
        return next(filter(None, map(first_unknown, data)), "")
    return ""
