"""A small reading of resource policies: does a request meet an Allow, does it meet a Deny?

Written from the IAM User Guide's rules for conditions, for the operators that our policies use:
all tests of a statement must hold; a missing key fails a test, except that a negated operator and
``...IfExists`` hold without it, and ``Null`` asks for its absence.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

Policy = Mapping[str, Any]


def plain(value: Any) -> Any:
    """A template's value as text, references written as ``<name>`` or ``<name.Attribute>``."""
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": ["", parts]}:
            return "".join(plain(part) for part in parts)
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case list():
            return [plain(one) for one in value]
        case _:
            return value


def decided(policy: Policy, effect: str, action: str, resource: str, **context: str) -> list[str]:
    """The ids of the statements of an effect that a request meets.

    Keys of the context are written with ``__`` for ``:`` and ``_`` for ``-``.
    """
    keys = {key.replace("__", ":").replace("_", "-"): value for key, value in context.items()}
    return [
        statement["Sid"]
        for statement in plain(policy)["Statement"]
        if statement["Effect"] == effect
        and _among(action, statement["Action"])
        and _among(resource, statement["Resource"])
        and _holds(statement.get("Condition", {}), keys)
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _among(word: str, patterns: Any) -> bool:
    return any(fnmatchcase(word, str(pattern)) for pattern in _list(patterns))


def _holds(condition: Mapping[str, Mapping[str, Any]], keys: Mapping[str, str]) -> bool:
    return all(
        _test(operator, key, [str(one) for one in _list(expected)], keys)
        for operator, tests in condition.items()
        for key, expected in tests.items()
    )


def _test(operator: str, key: str, expected: list[str], keys: Mapping[str, str]) -> bool:
    if operator == "Null":
        return (key not in keys) == (expected == ["true"])
    if key not in keys:
        return "Not" in operator or operator.endswith("IfExists")
    value = keys[key]
    match operator.removesuffix("IfExists"):
        case "StringEquals" | "Bool":
            return value in expected
        case "StringNotEquals":
            return value not in expected
        case "ArnLike":
            return _among(value, expected)
        case "NumericLessThan":
            return all(float(value) < float(one) for one in expected)
        case other:
            raise ValueError(f"no reading of {other}")
