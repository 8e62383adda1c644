"""The rule groups of a Network Firewall, as rules that the model can judge by.

Only rules by addresses, protocols and ports are understood (AWS Network Firewall Developer Guide,
"Stateless rule groups", "Standard stateful rule groups"). A rule that looks at more (TCP flags,
rule options, an application protocol) is uncertain: it holds no more than what is said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet
from ringwall.model.beyond import FirewallAction, FirewallRule
from ringwall.model.intervals import IntervalSet
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    has_ports,
    port_range,
    whole_protocol,
)
from ringwall.sources.describe.firewall_words import ALL_PORTS, Words
from ringwall.sources.describe.item import Item, shown

ACTIONS: dict[str, FirewallAction] = {
    "aws:pass": "pass",
    "aws:drop": "drop",
    "aws:forward_to_sfe": "forward",
}
#: An alert is written down, and the packet goes on to the next rule.
_STATEFUL: dict[str, FirewallAction | None] = {
    "PASS": "pass",
    "DROP": "drop",
    "REJECT": "drop",
    "ALERT": None,
}
_PROTOCOLS: dict[str, tuple[int, ...]] = {
    "IP": (-1,),
    "TCP": (TCP,),
    "UDP": (UDP,),
    "ICMP": (ICMP, ICMPV6),
}
#: Found by what is said inside a connection: these over UDP as well as TCP, others over TCP.
_OVER_UDP = frozenset({"DNS", "DHCP", "IKEV2", "KRB5", "NTP", "QUIC", "SNMP", "TFTP", "ENIP"})
#: Options that name or describe a rule and take nothing from what it holds.
_LABELS = frozenset({"sid", "msg", "rev", "gid", "classtype", "metadata", "reference", "priority"})


def action_in(item: Item, key: str) -> FirewallAction:
    """The one standard action of a list; the others are the user's own, and count packets."""
    standard = [ACTIONS[word] for word in item.texts(key) if word in ACTIONS]
    if len(standard) != 1:
        message = f"`{key}` should hold one of {', '.join(f'`{word}`' for word in ACTIONS)}"
        raise item.error(key, message)
    return standard[0]


def stateless_rules(source: Item, first: int) -> list[FirewallRule]:
    """A stateless group's rules in the order of their numbers, counted on from ``first``."""
    body = source.item("StatelessRulesAndCustomActions")
    listed = body.items("StatelessRules") if body is not None else []
    found: list[FirewallRule] = []
    for one in sorted(listed, key=_number):
        definition = one.item("RuleDefinition")
        if definition is None:
            raise one.error("RuleDefinition", "`RuleDefinition` is missing here")
        found += _stateless(definition, first + len(found))
    return found


def _number(item: Item) -> int:
    number = item.number("Priority")
    if number is None:
        raise item.error("Priority", "`Priority` is missing here")
    return number


def _stateless(definition: Item, priority: int) -> Iterator[FirewallRule]:
    """One rule, or two: source ports are looked at in TCP and UDP only."""
    match = definition.item("MatchAttributes") or definition
    action = action_in(definition, "Actions")
    protocols = match.numbers("Protocols")
    if any(not 0 <= one <= 255 for one in protocols):
        raise match.error("Protocols", "a protocol is a number from 0 to 255")
    ports, others = _split(protocols, _spans(match, "DestinationPorts"))
    sources = _spans(match, "SourcePorts")
    parts: list[tuple[ServiceSet, IntervalSet | None]] = [(ports | others, None)]
    if sources is not None:
        parts = [(ports, sources), (others, None)]
    for services, span in parts:
        if services:
            yield FirewallRule(
                priority=priority,
                action=action,
                sources=_addresses(match, "Sources"),
                destinations=_addresses(match, "Destinations"),
                services=services,
                source_ports=span.intervals if span is not None else None,
                certain=not match.items("TCPFlags"),
                origin=definition.origin,
            )


def _split(protocols: tuple[int, ...], ports: IntervalSet | None) -> tuple[ServiceSet, ServiceSet]:
    """What a rule holds of TCP and UDP, with its ports, and of the other protocols."""
    every = IntervalSet.union_of(map(whole_protocol, protocols)) if protocols else ALL_SERVICES
    held = every & (whole_protocol(TCP) | whole_protocol(UDP))
    return held & _at_ports(ports), every - held


def _at_ports(ports: IntervalSet | None) -> ServiceSet:
    spans = ports.intervals if ports is not None else ALL_PORTS.intervals
    return IntervalSet.union_of(port_range(one, *span) for one in (TCP, UDP) for span in spans)


def _spans(item: Item, key: str) -> IntervalSet | None:
    """Port ranges; None where there are none: any port."""
    found: list[tuple[int, int]] = []
    for one in item.items(key):
        low, high = one.number("FromPort"), one.number("ToPort")
        if low is None or high is None or not 0 <= low <= high <= 65535:
            raise one.error("FromPort", "`FromPort` to `ToPort` is no port range")
        found.append((low, high))
    return IntervalSet.of(*found) if found else None


def _addresses(item: Item, key: str) -> AddressSet:
    found = [one.block("AddressDefinition") for one in item.items(key)]
    known = [one for one in found if one is not None]
    return IntervalSet.union_of(known) if known else ALL_ADDRESSES


@dataclass(frozen=True, slots=True)
class StatefulGroup:
    """``opaque`` says why a group is not understood; then it has no rules."""

    rules: tuple[FirewallRule, ...] = ()
    opaque: str = ""


def stateful_rules(source: Item, name: str, words: Words, first: int) -> StatefulGroup:
    """A stateful group's rules in the order in which they are listed, counted on from ``first``."""
    if source.text("RulesString"):
        return StatefulGroup(opaque=f"group {shown(name)} holds Suricata rules")
    if source.item("RulesSourceList") is not None:
        return StatefulGroup(opaque=f"group {shown(name)} is a list of domains")
    found: list[FirewallRule] = []
    for one in source.items("StatefulRules"):
        rule = _stateful(one, words, first + len(found))
        if rule is not None:
            found.append(rule)
    return StatefulGroup(tuple(found))


def _stateful(item: Item, words: Words, priority: int) -> FirewallRule | None:
    word, header = item.text("Action").upper(), item.item("Header")
    if word not in _STATEFUL or header is None:
        raise item.error("Action", "a stateful rule needs an `Action` and a `Header`")
    action = _STATEFUL[word]
    if action is None:
        return None
    protocol = header.text("Protocol").upper()
    sources = words.address_set(header.text("Source"))
    destinations = words.address_set(header.text("Destination"))
    ports = words.port_set(header.text("DestinationPort"))
    from_ports = words.port_set(header.text("SourcePort"))
    asked = {one.text("Keyword").lower() for one in item.items("RuleOptions")}
    known = None not in (sources, destinations, ports, from_ports)
    return FirewallRule(
        priority=priority,
        action=action,
        sources=ALL_ADDRESSES if sources is None else sources,
        destinations=ALL_ADDRESSES if destinations is None else destinations,
        services=_stateful_services(protocol, ALL_PORTS if ports is None else ports),
        source_ports=None if from_ports in (None, ALL_PORTS) else from_ports.intervals,
        both_ways=header.text("Direction").upper() == "ANY",
        certain=known and protocol in _PROTOCOLS and asked <= _LABELS,
        origin=item.origin,
    )


def _stateful_services(protocol: str, ports: IntervalSet) -> ServiceSet:
    """Ports are looked at where the protocol has any."""
    over = (TCP, UDP) if protocol in _OVER_UDP else (TCP,)
    numbers = _PROTOCOLS.get(protocol, over)
    whole = IntervalSet.union_of(map(whole_protocol, numbers))
    if ports == ALL_PORTS or not any(map(has_ports, numbers)):
        return whole
    return whole & _at_ports(ports)
