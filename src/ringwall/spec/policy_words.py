"""The small words of a policy file: services, client ports, and ``A -> B tcp/443`` on one line.

Every function takes plain text or numbers and raises :class:`WordError` with what is wrong and its
mend; :mod:`ringwall.spec.policy_file` adds the place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ringwall.facts.load import facts
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    ServiceSet,
    has_ports,
    icmp_set,
    port_range,
    protocol_number,
    whole_protocol,
)
from ringwall.spec.words import listing, meant, quote

ARROW = "->"
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "all")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_PORT_HELP = "write a port, such as 443, or a range, such as 8000-8100, inside 0-65535"


class WordError(ValueError):
    """A word that cannot be read; ``help`` is the mend."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


class Line(NamedTuple):
    """``A -> B tcp/443`` taken apart; ``services`` is None where none are written."""

    source: str
    target: str
    services: ServiceSet | None


def protocol_of(text: str | int) -> int:
    """A protocol's number, -1 for all."""
    try:
        return protocol_number(text)
    except ValueError:
        known = f"use {listing(PROTOCOLS)}, or a number from 0 to 255"
        help = meant(str(text), PROTOCOLS, otherwise=known)
        raise WordError(f"{quote(text)} is not a protocol", help) from None


def ports_of_text(protocol: int, text: str | int) -> ServiceSet:
    """Destination ports, or for ICMP the type, of one protocol."""
    word = str(text).strip()
    found = _PORTS.fullmatch(word)
    if protocol in (ICMP, ICMPV6):
        if found is None or found[2] or int(found[1]) > 255:
            raise WordError(f"{quote(text)} is not an ICMP type", "write a number from 0 to 255")
        return icmp_set(protocol, int(found[1]), -1)
    if not has_ports(protocol):
        raise WordError(
            f"ports are given, {quote(text)}, for a protocol that has none",
            "take the ports away, or say tcp or udp",
        )
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 <= low <= high <= 65535:
        raise WordError(f"{quote(text)} is neither a port nor a range of ports", _PORT_HELP)
    return port_range(protocol, low, high)


def services_of_text(text: str) -> ServiceSet:
    """``tcp/443, udp/53``: protocols with or without ports, joined by commas or spaces."""
    found: list[ServiceSet] = []
    for word in text.replace(",", " ").split():
        name, slash, ports = word.partition("/")
        protocol = protocol_of(name)
        if protocol == -1 and slash:
            raise WordError(f"{quote(word)} names ports of every protocol", "say tcp or udp")
        found.append(ports_of_text(protocol, ports) if slash else whole_protocol(protocol))
    if not found:
        raise WordError("no service is named", "write one, such as `tcp/443`")
    return ServiceSet.union_of(found)


def clients_of_text(text: str | int) -> tuple[int, int]:
    """The ephemeral ports of a named profile, or the range that is written out."""
    profiles: Mapping[str, tuple[int, int]] = facts("client-ports").values
    word = str(text).strip()
    if word in profiles:
        low, high = profiles[word]
        return int(low), int(high)
    found = _PORTS.fullmatch(word)
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not 0 < low <= high <= 65535:
        known = f"use {listing(profiles)}, or LOW-HIGH inside 1-65535"
        raise WordError(
            f"{quote(text)} is neither a profile of client ports nor a range",
            meant(word, tuple(profiles), otherwise=known),
        )
    return low, high


def line_of_text(text: str) -> Line:
    """``SOURCE -> TARGET``, and behind it the services, if any."""
    left, arrow, right = text.partition(ARROW)
    source, (target, *services) = left.strip(), right.split() or ("",)
    if not arrow or not source or not target or len(source.split()) > 1 or ARROW in services:
        raise WordError(
            f"{quote(text)} does not read as `SOURCE {ARROW} TARGET SERVICES`",
            f"write for example `internet {ARROW} db` or `web {ARROW} db tcp/5432`; "
            "a name with spaces gets a short one under `ends`",
        )
    told = " ".join(services)
    return Line(source, target, services_of_text(told) if told else None)
