"""Network Firewalls of the reference simulator: every rule in order, stateless before stateful.

Semantics: Network Firewall Developer Guide, "How AWS Network Firewall filters network traffic"
and "Managing evaluation order". Each list comes to the set of words that it may say; one word is
an answer, two are not known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ringwall.model.beyond import FirewallAction, FirewallRule, NetworkFirewall
from ringwall.model.network import Network
from ringwall.model.origin import Origin
from ringwall.model.services import show_services
from ringwall.model.verdict import Step
from ringwall.prove.simulator_flight import Flight, all_of, gap_on, within

FIREWALL_CODE = "FIREWALL_RULES_RESTRICTION"


def firewall_of(network: Network, endpoint: str) -> NetworkFirewall | None:
    """The firewall behind a VPC endpoint; None where the material does not show it."""
    found = sorted(network.firewalls.values(), key=lambda one: one.id)
    return next((one for one in found if endpoint in one.endpoints), None)


def firewall_step(network: Network, firewall: NetworkFirewall, flight: Flight) -> Step:
    """A Network Firewall on a packet that opens a connection."""
    gap = gap_on(network, firewall.id)
    if gap:
        return Step("firewall", firewall.id, gap, None, origin=firewall.origin)
    words, rule, origin = _stateless(firewall, flight)
    if words == {"forward"}:
        return _stateful_step(firewall, flight)
    if "forward" in words:
        after = _stateful_step(firewall, flight)
        said = {"pass": True, "drop": False}
        verdicts = {said[one] for one in words - {"forward"}} | {after.allowed}
        if verdicts == {False}:
            return after
        reason = f"{rule}; else {after.rule}"
        allowed = True if verdicts == {True} else None
        return Step("firewall", firewall.id, reason, allowed, "", origin)
    return _said(firewall, words, rule, origin)


def firewall_answer(
    network: Network, firewall: NetworkFirewall, asked: Flight | None, flight: Flight
) -> Step:
    """A Network Firewall on the answer ``flight`` to the packet ``asked`` (None: the question
    took a way round this firewall).

    Stateless rules judge the answer by itself; the stateful part remembers what it let through.
    """
    gap = gap_on(network, firewall.id)
    if gap:
        return Step("firewall", firewall.id, gap, None, origin=firewall.origin)
    words, rule, origin = _stateless(firewall, flight)
    if words == {"drop"}:
        return _said(firewall, words, rule, origin)
    if asked is None:
        reason = "the question did not pass this firewall: the way back is asymmetric"
        return Step("firewall", firewall.id, reason, None, origin=firewall.origin)
    before = _stateless(firewall, asked)[0]
    if words != before or len(words) != 1:
        reason = (
            f"{rule}, the question met {' or '.join(sorted(before))}: only one of the two reaches "
            "the stateful rules, or it is not known which"
        )
        return Step("firewall", firewall.id, reason, None, origin=origin)
    if words == {"forward"}:
        told = "the stateful rules remember the connection"
        return Step("firewall", firewall.id, told, True, origin=firewall.origin)
    return _said(firewall, words, rule, origin)


def _said(firewall: NetworkFirewall, words: Collection[str], rule: str, origin: Origin) -> Step:
    if len(words) > 1:
        return Step("firewall", firewall.id, f"{rule} may or may not match", None, "", origin)
    allowed = set(words) == {"pass"}
    return Step("firewall", firewall.id, rule, allowed, "" if allowed else FIREWALL_CODE, origin)


def _words(rule: FirewallRule, part: str) -> str:
    return f"{part} rule {rule.priority} {rule.action} {show_services(rule.services)}"


def _stateless(
    firewall: NetworkFirewall, flight: Flight
) -> tuple[set[FirewallAction], str, Origin]:
    """What the stateless rules may say, and the first rule that speaks."""
    found: set[FirewallAction] = set()
    first: FirewallRule | None = None
    for rule in sorted(firewall.stateless, key=lambda one: one.priority):
        match = _matches(rule, flight)
        if match is False:
            continue
        first = first or rule
        found.add(rule.action)
        if match:
            return found, _words(first, "stateless"), first.origin
    found.add(firewall.stateless_default)
    if first is not None:
        return found, _words(first, "stateless"), first.origin
    return found, f"stateless default: {firewall.stateless_default}", firewall.origin


def _stateful_step(firewall: NetworkFirewall, flight: Flight) -> Step:
    if firewall.opaque:
        reason = f"the stateful rules are not wholly known: {firewall.opaque}"
        return Step("firewall", firewall.id, reason, None, origin=firewall.origin)
    words, rule, origin = (_strict if firewall.strict else _by_action)(firewall, flight)
    return _said(firewall, words, rule, origin)


def _strict(firewall: NetworkFirewall, flight: Flight) -> tuple[set[str], str, Origin]:
    """Strict order: by priority, the first match decides."""
    found: set[str] = set()
    first: FirewallRule | None = None
    for rule in sorted(firewall.stateful, key=lambda one: one.priority):
        match = _matches(rule, flight)
        if match is False:
            continue
        first = first or rule
        found.add(rule.action)
        if match:
            return found, _words(first, "stateful"), first.origin
    found.add(firewall.stateful_default)
    if first is not None:
        return found, _words(first, "stateful"), first.origin
    return found, f"stateful default: {firewall.stateful_default}", firewall.origin


def _by_action(firewall: NetworkFirewall, flight: Flight) -> tuple[set[str], str, Origin]:
    """Default order: all pass rules, then all drop rules, then the packet passes."""
    found: set[str] = set()
    first: FirewallRule | None = None
    for action in ("pass", "drop"):
        for rule in sorted(firewall.stateful, key=lambda one: one.priority):
            match = _matches(rule, flight) if rule.action == action else False
            if match is False:
                continue
            first = first or rule
            found.add(action)
            if match:
                return found, _words(first, "stateful"), first.origin
    found.add("pass")
    if first is not None:
        return found, _words(first, "stateful"), first.origin
    return found, "no stateful rule drops it", firewall.origin


def _matches(rule: FirewallRule, flight: Flight) -> bool | None:
    """Does a rule match the packet, or (``both_ways``) the packet turned round?"""
    there = _one_way(rule, flight)
    if not rule.both_ways or there:
        return there
    turned = replace(flight, source=flight.destination, destination=flight.source)
    back = _one_way(rule, turned)
    return back if there is False or back else None


def _one_way(rule: FirewallRule, flight: Flight) -> bool | None:
    match = all_of(
        (
            within(flight.source, rule.sources),
            within(flight.destination, rule.destinations),
            within(flight.services, rule.services),
        )
    )
    unsure = not rule.certain or rule.source_ports is not None
    return None if match and unsure else match
