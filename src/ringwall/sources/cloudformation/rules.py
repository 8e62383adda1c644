"""Protocols, ports and peers of a rule, as security groups and network ACLs write them.

A part that is not known widens to everything that it could be, and the rule becomes uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from ringwall.sources.cloudformation.reading import Props, Unknown


@dataclass(frozen=True, slots=True)
class Services:
    """What a rule matches. ``reason`` says why it could match less (empty: it is certain)."""

    services: ServiceSet
    reason: str = ""


def group_services(rule: Props) -> Services | None:
    """The services of a security group's rule; None (and a complaint) where they are invalid."""
    protocol = _protocol(rule, "IpProtocol")
    if not isinstance(protocol, int):
        return protocol
    low, high = rule.number("FromPort"), rule.number("ToPort")
    return _services(rule, protocol, low, high, "FromPort")


def acl_services(entry: Props) -> Services | None:
    """The services of a network ACL's entry; None (and a complaint) where they are invalid."""
    protocol = _protocol(entry, "Protocol")
    if not isinstance(protocol, int):
        return protocol
    if protocol in (ICMP, ICMPV6):
        icmp = entry.inner("Icmp")
        return _services(entry, protocol, icmp.number("Type"), icmp.number("Code"), "Icmp")
    ports = entry.inner("PortRange")
    unknown = entry.unknown("PortRange")
    if unknown:
        return Services(whole_protocol(protocol), unknown)
    found = _services(entry, protocol, ports.number("From"), ports.number("To"), "PortRange")
    if found and has_ports(protocol) and "PortRange" not in entry:
        return Services(found.services, "no `PortRange` is given")
    return found


def _protocol(rule: Props, key: str) -> int | Services | None:
    """A protocol's number, or what to take in its place."""
    if key not in rule:
        _refuse(rule, key, f"`{key}` is missing in a rule of `{rule.id}`")
        return None
    unknown = rule.unknown(key)
    if unknown:
        return Services(ALL_SERVICES, unknown)
    try:
        return protocol_number(rule.text(key))
    except ValueError:
        help = "use tcp, udp, icmp, icmpv6, -1 or a number from 0 to 255"
        _refuse(rule, key, f"`{rule.text(key)}` is no protocol that AWS knows", help)
        return None


def _services(
    rule: Props, protocol: int, low: int | Unknown | None, high: int | Unknown | None, key: str
) -> Services | None:
    whole = whole_protocol(protocol)
    if not has_ports(protocol) and protocol not in (ICMP, ICMPV6):
        return Services(whole)
    if isinstance(low, Unknown):
        return Services(whole, low.reason)
    if isinstance(high, Unknown):
        return Services(whole, high.reason)
    first, last = -1 if low is None else low, -1 if high is None else high
    if has_ports(protocol) and (first, last) == (-1, -1):
        return Services(whole)
    try:
        build = port_range if has_ports(protocol) else icmp_set
        return Services(build(protocol, first, last))
    except ValueError as mistake:
        _refuse(rule, key, f"a rule of `{rule.id}` is not valid: {mistake}")
        return None


def _refuse(rule: Props, key: str, message: str, help: str = "") -> None:
    place = rule.get(key) or next(iter(rule.entries.values()), rule.resource.place)
    rule.reading.complain(rule.resource, place, message, help)
