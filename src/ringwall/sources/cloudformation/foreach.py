"""Fn::ForEach: resources written once and made for every member of a collection.

Unfolded before anything is evaluated, as AWS's language extension does. A loop whose collection
the template does not tell stays folded and is handed back, so that it can be put on record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ringwall.sources.cloudformation.values import Value, known_text

_PREFIX = "Fn::ForEach::"
_MOST_ROUNDS = 5000


def is_loop(key: str) -> bool:
    return key.startswith(_PREFIX)


def expand(
    entries: Mapping[str, Value], parameters: Mapping[str, Value]
) -> tuple[dict[str, Value], tuple[Value, ...]]:
    """The entries with every loop unfolded, and the loops that could not be."""
    found: dict[str, Value] = {}
    folded: list[Value] = []
    for key, value in entries.items():
        if not is_loop(key):
            found[key] = value
            continue
        rounds = _rounds(value, parameters)
        if rounds is None:
            folded.append(value)
            continue
        inner, left = expand(rounds, parameters)
        found.update(inner)
        folded += left
    return found, tuple(folded)


def _rounds(loop: Value, parameters: Mapping[str, Value]) -> dict[str, Value] | None:
    if not isinstance(loop.data, tuple) or len(loop.data) != 3:
        return None
    variable = known_text(loop.data[0].data)
    members = _members(loop.data[1], parameters)
    body = loop.data[2].data
    if not variable or members is None or not isinstance(body, Mapping):
        return None
    if len(members) * len(body) > _MOST_ROUNDS:
        return None
    return {
        _filled(key, variable, member): _replaced(value, variable, member)
        for member in members
        for key, value in body.items()
    }


def _members(value: Value, parameters: Mapping[str, Value]) -> list[str] | None:
    """A literal list, or a list parameter's default."""
    if isinstance(value.data, tuple):
        texts = [known_text(one.data) for one in value.data]
        return [text for text in texts if text is not None] if None not in texts else None
    if isinstance(value.data, Mapping) and list(value.data) == ["Ref"]:
        parameter = parameters.get(known_text(value.data["Ref"].data) or "")
        if parameter is not None and isinstance(parameter.data, Mapping):
            default = parameter.data.get("Default")
            text = None if default is None else known_text(default.data)
            return None if text is None else [part.strip() for part in text.split(",")]
    return None


def _filled(text: str, variable: str, member: str) -> str:
    """``${X}`` becomes the member, ``&{X}`` the member without what a name cannot hold."""
    bare = re.sub(r"[^A-Za-z0-9]", "", member)
    return text.replace(f"&{{{variable}}}", bare).replace(f"${{{variable}}}", member)


def _replaced(value: Value, variable: str, member: str) -> Value:
    data = value.data
    if isinstance(data, Mapping):
        if list(data) == ["Ref"] and known_text(data["Ref"].data) == variable:
            return value.with_data(member)
        return value.with_data(
            {
                _filled(key, variable, member): _replaced(one, variable, member)
                for key, one in data.items()
            }
        )
    if isinstance(data, tuple):
        return value.with_data(tuple(_replaced(one, variable, member) for one in data))
    return value.with_data(_filled(data, variable, member)) if isinstance(data, str) else value
