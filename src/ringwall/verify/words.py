"""A claim in the checker's own words: what was checked, whatever the certificate calls it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Any

from .lines import LAST_SERVICE
from .walk import BLOCK, ICMP, ICMPV6, TCP, UDP, V6, Pairs

_NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
_MOST = 8


def in_words(claim: dict[str, Any], sources: int, targets: int) -> str:
    """One line: the kind of claim, its ends with their number, and the services."""
    one, other = _end(claim["source"], sources), _end(claim["target"], targets)
    match claim["code"]:
        case "RW-NEVER":
            what = f"never {services(claim['services'])}"
        case "RW-ONLY":
            meant = sorted({tuple(pair) for row in claim["allowed"] for pair in row[2]})
            what = f"nothing but {services([list(pair) for pair in meant])}" if meant else "nothing"
        case _:
            low, high = claim["client_ports"]
            what = f"{services(claim['services'])}, answered at every client port {low}-{high}"
    return f"{claim['code']} {one} -> {other}: {what}"


def _end(selector: dict[str, Any], count: int) -> str:
    kind = selector["kind"]
    if kind == "internet":
        return "the Internet"
    if kind == "address":
        return " and ".join(f"{_address(low)}-{_address(high)}" for low, high in selector["block"])
    name = selector["name"]
    ends = "end" if count == 1 else "ends"
    return f"{name} ({count} {ends})" if kind == "unit" else f"{kind} {name} ({count} {ends})"


def _address(place: int) -> str:
    return str(IPv4Address(place) if place < V6 else IPv6Address(place - V6))


def services(pairs: Pairs) -> str:
    """A set of services, protocol by protocol."""
    if [list(one) for one in pairs] == [[0, LAST_SERVICE]]:
        return "anything"
    found: list[str] = []
    for low, high in pairs:
        first, last = low // BLOCK, high // BLOCK
        for protocol in range(first, last + 1):
            base = protocol * BLOCK
            start, end = max(low, base) - base, min(high, base + BLOCK - 1) - base
            name = _NAMES.get(protocol, f"protocol {protocol}")
            span = str(start) if start == end else f"{start}-{end}"
            found.append(name if (start, end) == (0, BLOCK - 1) else f"{name}/{span}")
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more or "nothing"
