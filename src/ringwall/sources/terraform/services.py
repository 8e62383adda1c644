"""Protocols and ports of a rule, as the provider writes them for groups and network ACLs.

A part that is not known widens to everything that it could be; the reason is handed back.
"""

from __future__ import annotations

from typing import NamedTuple

from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    ServiceSet,
    has_ports,
    icmp_set,
    port_range,
    protocol_number,
    whole_protocol,
)
from ringwall.sources.terraform.reading import Props
from ringwall.sources.terraform.values import Unknown


class Services(NamedTuple):
    """What a rule matches. ``reason`` says why it could match less (empty: it is certain)."""

    services: ServiceSet
    reason: str = ""


def services_of(
    rule: Props,
    protocol: str = "protocol",
    ports: tuple[str, str] = ("from_port", "to_port"),
    icmp: tuple[str, str] = ("from_port", "to_port"),
) -> Services | None:
    """The services of a rule; None (and a complaint) where they are invalid.

    ``icmp`` names the attributes of ICMP's type and code: a group writes them as ports.
    """
    if rule.unknown(protocol):
        return Services(ALL_SERVICES, rule.unknown(protocol))
    try:
        number = protocol_number(rule.text(protocol, "-1"))
    except ValueError:
        help = "use tcp, udp, icmp, icmpv6, -1 or a number from 0 to 255"
        shown = f"`{rule.text(protocol)}` is no protocol that AWS knows"
        rule.reading.complain(rule.resource, f"{rule.path}/{protocol}".lstrip("/"), shown, help)
        return None
    if not has_ports(number) and number not in (ICMP, ICMPV6):
        return Services(whole_protocol(number))
    keys = ports if has_ports(number) else icmp
    low, high = rule.number(keys[0]), rule.number(keys[1])
    for one in (low, high):
        if isinstance(one, Unknown):
            return Services(whole_protocol(number), one.reason)
    return _bounded(rule, number, low, high, keys[0])


def _bounded(
    rule: Props, protocol: int, low: int | Unknown | None, high: int | Unknown | None, key: str
) -> Services | None:
    first = low if isinstance(low, int) else -1
    last = high if isinstance(high, int) else -1
    if has_ports(protocol) and (first, last) == (-1, -1):
        return Services(whole_protocol(protocol))
    try:
        build = port_range if has_ports(protocol) else icmp_set
        return Services(build(protocol, first, last))
    except ValueError as mistake:
        message = f"a rule of `{rule.id}` is not valid: {mistake}"
        rule.reading.complain(rule.resource, f"{rule.path}/{key}".lstrip("/"), message)
        return None
