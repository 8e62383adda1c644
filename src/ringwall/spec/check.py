"""The mistakes that need more than one value, or a fact about AWS, to see.

Each rule is a function over a :class:`~ringwall.spec.sheet.Sheet`; they know nothing of each
other, and all of them are asked. What they decided to allow stands in their modules' docstrings.
More rules than a quota allows, or too little room for the zones, is found by the design, which
counts.
"""

from __future__ import annotations

from ringwall.model.errors import Diagnostic
from ringwall.spec import (
    check_egress,
    check_from,
    check_guarantees,
    check_names,
    check_network,
    check_services,
)
from ringwall.spec.sheet import Rule, Sheet

RULES: tuple[Rule, ...] = (
    check_names.reserved,
    check_names.alike,
    check_names.joined,
    check_network.addresses,
    check_network.region,
    check_network.endpoints,
    check_network.frameworks,
    check_from.entries,
    check_from.lonely,
    check_services.balancers,
    check_services.types,
    check_services.workloads,
    check_services.ports,
    check_services.behind,
    check_egress.clients,
    check_egress.destinations,
    check_egress.no_way_out,
    check_guarantees.nevers,
    check_guarantees.repeated,
)


def check(sheet: Sheet) -> list[Diagnostic]:
    """Every complaint of every rule."""
    return [one for rule in RULES for one in rule(sheet)]
