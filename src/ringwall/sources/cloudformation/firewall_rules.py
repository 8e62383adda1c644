"""The 5-tuple rules of a Network Firewall's rule group, stateless and stateful.

What a rule group says in Suricata's language, by domain lists or about applications is not
understood: the caller hears why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, of_network
from ringwall.model.beyond import FirewallAction, FirewallRule
from ringwall.model.intervals import IntervalSet
from ringwall.model.origin import Origin
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
from ringwall.sources.cloudformation.firewall_text import address_set, port_set
from ringwall.sources.cloudformation.reading import Props, Unknown
from ringwall.sources.cloudformation.values import known_text

_ACTIONS: dict[str, FirewallAction] = {
    "aws:pass": "pass",
    "aws:drop": "drop",
    "aws:forward_to_sfe": "forward",
}
_PROTOCOLS = {"TCP": (TCP,), "UDP": (UDP,), "ICMP": (ICMP, ICMPV6)}
#: Options that say something about a rule and narrow nothing.
_REMARKS = ("sid", "msg", "rev", "gid", "classtype", "reference", "priority", "metadata")
_ALL_PORTS = IntervalSet(((0, 65535),))


@dataclass(frozen=True, slots=True)
class Variables:
    """What ``$NAME`` stands for in stateful rules: blocks, and ports."""

    addresses: dict[str, AddressSet] = field(default_factory=dict)
    ports: dict[str, IntervalSet] = field(default_factory=dict)

    def __or__(self, other: Variables) -> Variables:
        return Variables(self.addresses | other.addresses, self.ports | other.ports)


def either_way(origin: Origin) -> tuple[FirewallRule, ...]:
    """Stands for stateless rules that are not known: what they pass and drop may be anything."""
    actions: tuple[FirewallAction, ...] = ("pass", "drop", "forward")
    return tuple(
        FirewallRule(
            0, action, ALL_ADDRESSES, ALL_ADDRESSES, ALL_SERVICES, certain=False, origin=origin
        )
        for action in actions
    )


# --- stateless -----------------------------------------------------------------------------


def stateless_action(props: Props, key: str) -> FirewallAction | None:
    """AWS's own action among those listed; None where none is known."""
    words = (known_text(one.data) for one in props.items(key))
    return next((_ACTIONS[word] for word in words if word in _ACTIONS), None)


def stateless_rules(group: Props) -> Iterator[FirewallRule]:
    """The rules of a stateless group, by priority."""
    source = group.inner("RuleGroup").inner("RulesSource")
    inner = source.inner("StatelessRulesAndCustomActions")
    listed = list(inner.each("StatelessRules"))
    listed.sort(key=lambda one: one.count("Priority") or 0)
    for _ in inner.symbols("StatelessRules"):
        yield from either_way(inner.origin("StatelessRules"))
    for rule in listed:
        definition = rule.inner("RuleDefinition")
        action = stateless_action(definition, "Actions")
        if action is None:
            message = f"a rule of `{group.id}` has no action that is known"
            group.reading.gap("unresolved", group.resource, message)
            yield from either_way(rule.origin("RuleDefinition"))
        else:
            yield _stateless_rule(rule, definition.inner("MatchAttributes"), action)


def _stateless_rule(rule: Props, match: Props, action: FirewallAction) -> FirewallRule:
    doubts: list[str] = []
    protocols = _protocols(match, doubts)
    ports = _port_ranges(match, "DestinationPorts", doubts)
    sources = _port_ranges(match, "SourcePorts", doubts)
    if match.items("TCPFlags"):
        doubts.append("it looks at TCP's flags")
    found = FirewallRule(
        priority=rule.count("Priority") or 0,
        action=action,
        sources=_definitions(match, "Sources", doubts),
        destinations=_definitions(match, "Destinations", doubts),
        services=_stateless_services(protocols, ports, bool(sources)),
        source_ports=sources or None,
        certain=not doubts,
        origin=rule.origin("RuleDefinition"),
    )
    if doubts:
        message = f"what a rule of `{rule.id}` matches is not wholly known: {'; '.join(doubts)}"
        rule.reading.gap("unresolved", rule.resource, message)
    return found


def _protocols(match: Props, doubts: list[str]) -> tuple[int, ...]:
    found: list[int] = []
    for index, value in enumerate(match.items("Protocols")):
        one = Props(match.reading, match.resource, {"Protocol": value}, f"Protocols/{index}")
        number = one.number("Protocol")
        if isinstance(number, int) and 0 <= number <= 255:
            found.append(number)
        else:
            doubts.append("a protocol is not known")
    return () if doubts else tuple(found)


def _port_ranges(match: Props, key: str, doubts: list[str]) -> tuple[tuple[int, int], ...]:
    """Port ranges; empty for any."""
    found: list[tuple[int, int]] = []
    for one in match.each(key):
        low, high = one.number("FromPort"), one.number("ToPort")
        if isinstance(low, Unknown) or isinstance(high, Unknown) or low is None:
            doubts.append("a port is not known")
            return ()
        last = low if high is None else high
        if not 0 <= low <= last <= 65535:
            message = f"port range {low}-{last} of a rule of `{match.id}` is not within 0-65535"
            match.reading.complain(match.resource, one.place("FromPort"), message)
            return ()
        found.append((low, last))
    doubts += [why for _, why in match.symbols(key)]
    ranges = IntervalSet.of(*found)
    return () if doubts or ranges == _ALL_PORTS else ranges.intervals


def _stateless_services(
    protocols: tuple[int, ...], ports: tuple[tuple[int, int], ...], by_source: bool
) -> ServiceSet:
    if not protocols and not ports and not by_source:
        return ALL_SERVICES
    # Only TCP and UDP have ports: a rule that names ports speaks of no other protocol.
    named = protocols or (TCP, UDP)
    return IntervalSet.union_of(_of_protocol(one, ports or ((0, 65535),)) for one in named)


def _of_protocol(protocol: int, ports: tuple[tuple[int, int], ...]) -> ServiceSet:
    if not has_ports(protocol):
        return whole_protocol(protocol)
    return IntervalSet.union_of(port_range(protocol, low, high) for low, high in ports)


def _definitions(match: Props, key: str, doubts: list[str]) -> AddressSet:
    """The blocks of a list; every address where it is empty or not known."""
    found: list[AddressSet] = []
    unknown = [why for _, why in match.symbols(key)]
    for one in match.each(key):
        block = one.cidr("AddressDefinition")
        if isinstance(block, Unknown):
            unknown.append(block.reason)
        elif block is not None:
            found.append(of_network(block))
    doubts += unknown
    return IntervalSet.union_of(found) if found and not unknown else ALL_ADDRESSES


# --- stateful ------------------------------------------------------------------------------


def variables_of(holder: Props) -> Variables:
    """The variables that a rule group or a policy sets; one that is not known is left out."""
    inner = holder.inner("RuleVariables")
    addresses: dict[str, AddressSet] = {}
    ports: dict[str, IntervalSet] = {}
    for name in inner.inner("IPSets").entries:
        words = inner.inner("IPSets").inner(name).items("Definition")
        texts = [known_text(one.data) or "" for one in words]
        try:
            addresses[name] = address_set(f"[{','.join(texts)}]", {})
        except ValueError:
            continue
    for name in inner.inner("PortSets").entries:
        words = inner.inner("PortSets").inner(name).items("Definition")
        texts = [known_text(one.data) or "" for one in words]
        try:
            ports[name] = port_set(f"[{','.join(texts)}]", {})
        except ValueError:
            continue
    return Variables(addresses, ports)


def stateful_rules(
    group: Props, usual: Variables, *, strict: bool
) -> tuple[list[FirewallRule], str]:
    """The 5-tuple rules of a stateful group, in their order, and why it holds more than those."""
    inner = group.inner("RuleGroup")
    source = inner.inner("RulesSource")
    for key, what in (("RulesString", "Suricata rules"), ("RulesSourceList", "a domain list")):
        if key in source:
            return [], f"`{group.id}` holds {what}"
    symbols = [why for _, why in source.symbols("StatefulRules")]
    if symbols:
        return [], f"rules of `{group.id}` are not known: {symbols[0]}"
    variables = usual | variables_of(inner)
    found: list[FirewallRule] = []
    for rule in source.each("StatefulRules"):
        made, why = _stateful_rule(rule, variables, strict=strict)
        if why:
            return found, f"a rule of `{group.id}` is not understood: {why}"
        found += made
    return found, ""


def _stateful_rule(
    rule: Props, variables: Variables, *, strict: bool
) -> tuple[tuple[FirewallRule, ...], str]:
    word = rule.text("Action").upper()
    header = rule.inner("Header")
    action: FirewallAction = "pass" if word in ("PASS", "ALERT") else "drop"
    if word not in ("PASS", "DROP", "REJECT", "ALERT"):
        return (), f"its action is `{word}`"
    if word == "ALERT" and not strict:
        # Judged after all that pass and drop, an alert decides nothing.
        return (), ""
    try:
        sources = address_set(header.text("Source", "ANY"), variables.addresses)
        destinations = address_set(header.text("Destination", "ANY"), variables.addresses)
        ports = port_set(header.text("DestinationPort", "ANY"), variables.ports)
        from_ports = port_set(header.text("SourcePort", "ANY"), variables.ports)
    except ValueError as mistake:
        return (), str(mistake)
    services, sure = _stateful_services(header.text("Protocol", "IP").upper(), ports, from_ports)
    # A keyword may carry its setting behind a colon, as in `sid:7`.
    keywords = (one.text("Keyword").lower() for one in rule.each("RuleOptions"))
    narrowed = [word for word in keywords if word.partition(":")[0].strip() not in _REMARKS]
    made = FirewallRule(
        priority=0,
        action=action,
        sources=sources,
        destinations=destinations,
        services=services,
        source_ports=None if from_ports == _ALL_PORTS else from_ports.intervals,
        both_ways=header.text("Direction", "FORWARD").upper() != "FORWARD",
        # AWS's documents do not agree whether an alert ends the judging of a packet.
        certain=sure and not narrowed and word != "ALERT",
        origin=rule.origin("Action"),
    )
    return (made,), ""


def _stateful_services(
    protocol: str, ports: IntervalSet, from_ports: IntervalSet
) -> tuple[ServiceSet, bool]:
    """What a protocol's name matches, and whether it matches all of that for sure."""
    if protocol == "IP" and ports == from_ports == _ALL_PORTS:
        return ALL_SERVICES, True
    # The names of applications are recognised inside of connections, whatever their ports.
    numbers = _PROTOCOLS.get(protocol, (TCP, UDP))
    listed = tuple(ports.intervals)
    found = IntervalSet.union_of(_of_protocol(one, listed) for one in numbers)
    return found, protocol in (*_PROTOCOLS, "IP")
