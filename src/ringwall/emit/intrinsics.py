"""The tree's references in CloudFormation's long-form spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ringwall.design.tree import Attr, Concat, Pseudo, Ref, Value, ZoneName

#: JSON as Python holds it.
Json = Any

_PSEUDO = {
    "account": "AWS::AccountId",
    "partition": "AWS::Partition",
    "region": "AWS::Region",
    "stack-name": "AWS::StackName",
    "url-suffix": "AWS::URLSuffix",
}


def spell(value: Value) -> Json:
    """A value of the tree as JSON; raises ValueError on what CloudFormation cannot say."""
    match value:
        case Ref(name):
            return {"Ref": name}
        case Attr(resource, attribute):
            return {"Fn::GetAtt": [resource, attribute]}
        case Pseudo(name):
            return {"Ref": _pseudo(name)}
        case ZoneName(index):
            return {"Fn::Select": [index, {"Fn::GetAZs": ""}]}
        case Concat():
            return _join(value)
        case Mapping():
            return {str(key): spell(one) for key, one in value.items()}
        case list() | tuple():
            return [spell(one) for one in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise ValueError(f"CloudFormation has no way to say {value!r}")


def _pseudo(name: str) -> str:
    if name not in _PSEUDO:
        raise ValueError(f"no such fact of a deployment: {name}")
    return _PSEUDO[name]


def _join(concat: Concat) -> Json:
    """One flat ``Fn::Join`` with neighbouring texts merged, or plain text where all is text."""
    parts: list[Json] = []
    for part in _flat(concat):
        spelled = spell(part)
        if spelled == "":
            continue
        if isinstance(spelled, str) and parts and isinstance(parts[-1], str):
            parts[-1] += spelled
        else:
            parts.append(spelled)
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


def _flat(concat: Concat) -> Iterator[Value]:
    for part in concat.parts:
        if isinstance(part, Concat):
            yield from _flat(part)
        else:
            yield part


def names_in(value: Value) -> Iterator[str]:
    """Every resource or parameter that a value speaks of, in order."""
    match value:
        case Ref(name) | Attr(name, _):
            yield name
        case Concat(parts):
            for part in parts:
                yield from names_in(part)
        case Mapping():
            for one in value.values():
                yield from names_in(one)
        case list() | tuple():
            for one in value:
                yield from names_in(one)
        case _:
            return
