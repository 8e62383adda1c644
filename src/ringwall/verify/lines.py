"""Where the two lines of a certificate must be cut: at the edges of all that its facts name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .walk import BLOCK, ICMP, ICMPV6, TCP, UDP, V6, Pairs, ports, whole

LAST_ADDRESS = V6 + (1 << 128) - 1
LAST_SERVICE = 256 * BLOCK - 1


def cuts(sets: Iterable[Pairs], last: int) -> list[int]:
    """The starts of the coarsest pieces that no set cuts in two."""
    found = {0}
    for pairs in sets:
        for low, high in pairs:
            found |= {low, high + 1}
    return sorted(one for one in found if one <= last)


def address_sets(facts: dict[str, Any], claims: list[dict[str, Any]]) -> Iterator[Pairs]:
    """Every set of addresses that decides anything."""
    yield [[0, V6 - 1]]
    yield facts["routed"]
    for vpc in facts["vpcs"].values():
        yield vpc["blocks"]
    for holders in (facts["interfaces"], facts["buckets"]):
        for one in holders.values():
            yield one["addresses"]
    for blocks in facts["lists"].values():
        yield blocks or []
    for rule in _rules(facts):
        if "block" in rule:
            yield [rule["block"]]
    for claim in claims:
        for side in ("source", "target"):
            yield claim[side].get("block", [])
            for end in claim[side].get("ends", []):
                yield end[2]
        for one, other, _ in claim.get("allowed", []):
            yield one
            yield other


def service_sets(facts: dict[str, Any], claims: list[dict[str, Any]]) -> Iterator[Pairs]:
    """Every set of services that decides anything."""
    for protocol in (ICMP, TCP, UDP, ICMPV6):
        yield whole(protocol)
    for protocol, asked, told in ((ICMP, 8, 0), (ICMPV6, 128, 129)):
        for kind in (asked, told):
            yield [[protocol * BLOCK + (kind << 8), protocol * BLOCK + (kind << 8) + 255]]
    yield ports(*facts["nat_ports"], TCP, UDP)
    for rule in _rules(facts):
        yield rule.get("services", [])
    for balancer in facts["balancers"].values():
        yield balancer["listens"]
        yield from balancer["opens"].values()
        for handover in balancer["hands_on"]:
            yield handover["listens"]
            yield handover["services"]
    for claim in claims:
        yield claim.get("services", [])
        if "client_ports" in claim:
            yield ports(*claim["client_ports"], TCP, UDP)
        for _, _, services in claim.get("allowed", []):
            yield services


def _rules(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for table in facts["tables"].values():
        yield from table["routes"]
    for holders in (facts["acls"], facts["groups"]):
        for one in holders.values():
            yield from one["in"]
            yield from one["out"]
