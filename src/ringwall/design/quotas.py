"""AWS's quotas, as a design has to keep them."""

from __future__ import annotations

from ringwall.facts.load import facts


def quota(area: str, name: str) -> int:
    """What a new account has (facts ``quotas``): a design must stand without asking for more."""
    known: int = facts("quotas").values[area][name]["default"]
    return known


def ceiling(area: str, name: str) -> int:
    """The most that AWS grants on request, or the default where no more is on offer."""
    entry = facts("quotas").values[area][name]
    most: int = entry.get("max", entry["default"])
    return most


def prefix_list_weight(service: str) -> int:
    """How many rules a reference to an AWS-managed prefix list costs."""
    weight: int = facts("quotas").values["prefix-list-weight"][service]
    return weight
