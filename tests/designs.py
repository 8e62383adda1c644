"""Designs and templates for the tests: a spec in, its tree or its parts out."""

from __future__ import annotations

from typing import Any

from ringwall.design.build import build
from ringwall.design.tree import Tree
from ringwall.emit.cloudformation import template
from ringwall.emit.intrinsics import names_in
from ringwall.spec.load import SpecFile, parse_spec


def tree_of(file: SpecFile | str) -> Tree:
    return build(parse_spec(file) if isinstance(file, str) else file).tree


def template_of(file: SpecFile | str) -> dict[str, Any]:
    return template(tree_of(file))


def properties(whole: dict[str, Any], name: str) -> Any:
    return whole["Resources"][name]["Properties"]


def of_type(whole: dict[str, Any], kind: str) -> dict[str, Any]:
    """The properties of every resource of a type, by logical id."""
    return {
        name: one["Properties"] for name, one in whole["Resources"].items() if one["Type"] == kind
    }


def order_of(tree: Tree) -> list[str]:
    """The resources in an order in which they can be made; raises ValueError on a circle."""
    needs = {
        name: {
            *(one for one in names_in(resource.properties) if one in tree.resources),
            *resource.depends_on,
        }
        for name, resource in tree.resources.items()
    }
    order: list[str] = []
    while ready := [name for name, missing in needs.items() if not missing]:
        order += ready
        needs = {name: missing - set(ready) for name, missing in needs.items() if name not in ready}
    if needs:
        raise ValueError(f"a circle among {', '.join(needs)}")
    return order
