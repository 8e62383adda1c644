"""Which written block a block of the plan is: they stand in lists, or in sets without order."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.sources.terraform.references import leaves, references_in
from ringwall.sources.terraform.values import LATER, Data, Unknown


def all_references(expression: object) -> list[str]:
    """Every reference in a tree of expressions."""
    return [name for leaf in leaves(expression) for name in references_in(leaf)]


def from_written(block: object) -> dict[str, Data]:
    """The attributes of a block of which only the configuration tells."""
    found: dict[str, Data] = {}
    for key, one in block.items() if isinstance(block, Mapping) else ():
        if isinstance(one, Mapping) and "constant_value" in one:
            value = one["constant_value"]
            found[str(key)] = tuple(value) if isinstance(value, list) else value
        else:
            found[str(key)] = LATER
    return found


def may_be(written: object, block: Mapping[str, Data]) -> bool:
    """May these expressions be those of a block? No constant in them contradicts it."""
    if not isinstance(written, Mapping):
        return False
    for key, one in written.items():
        if isinstance(one, Mapping) and "constant_value" in one:
            wanted, value = one["constant_value"], block.get(str(key))
            if isinstance(wanted, list):
                wanted = tuple(wanted)
            if not isinstance(value, Unknown) and _plain(value) != _plain(wanted):
                return False
    return True


def _plain(value: object) -> object:
    """Terraform writes 22 and "22" for the same; the order of a set does not matter."""
    if isinstance(value, tuple):
        return sorted(str(one) for one in value)
    return "" if value is None else str(value)
