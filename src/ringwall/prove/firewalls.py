"""Network Firewall as a function from two address atoms to masks of service atoms.

Source: Network Firewall Developer Guide, "How Network Firewall filters network traffic" and
"Evaluation order for stateful rule groups". Stateless rules judge every packet by itself, answers
too; stateful ones judge who opens a connection. A rule that asks for source ports may match or
not: no other filter of a VPC looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ringwall.model.beyond import FirewallRule, NetworkFirewall
from ringwall.model.network import Network
from ringwall.prove.legs import Passing
from ringwall.prove.partition import Partition, by_protocol


@dataclass(slots=True)
class _Sorted:
    """Per action, the services that surely and possibly meet it."""

    sure: dict[str, int] = field(default_factory=dict)
    possible: dict[str, int] = field(default_factory=dict)

    def add(self, action: str, sure: int, possible: int) -> None:
        self.sure[action] = self.sure.get(action, 0) | sure
        self.possible[action] = self.possible.get(action, 0) | possible


class Firewalls:
    """The firewalls of a network, by their endpoints."""

    def __init__(self, network: Network, parts: Partition, gaps: dict[str, str]) -> None:
        self._parts = parts
        self._gaps = gaps
        self._of_endpoint = {
            name: one for one in network.firewalls.values() for name in one.endpoints
        }
        self._asked: dict[tuple[str, int, int], Passing] = {}

    def at(self, endpoint: str) -> NetworkFirewall | None:
        return self._of_endpoint.get(endpoint)

    def question(self, firewall: NetworkFirewall, a: int, b: int) -> Passing:
        """What a firewall lets through of packets from ``a`` to ``b`` that open connections."""
        key = (firewall.id, a, b)
        if key not in self._asked:
            self._asked[key] = self._question(firewall, a, b)
        return self._asked[key]

    def answer(self, firewall: NetworkFirewall, b: int, a: int) -> Passing:
        """The ports of ``a`` at which it may hear the answers of ``b`` to its own questions.

        A question and its answer must meet the same half of the policy: the stateful half drops
        the middle of a connection whose beginning it never saw.
        """
        if firewall.id in self._gaps:
            return Passing(0, self._parts.services.full, self._gaps[firewall.id])
        asked = self._stateless(firewall, a, b)
        told = self._stateless(firewall, b, a)
        possible = told.possible.get("pass", 0) | told.possible.get("forward", 0)
        if not asked.possible.get("pass", 0):
            sure = told.sure.get("forward", 0)
        elif not asked.possible.get("forward", 0):
            sure = told.sure.get("pass", 0)
        else:
            sure = 0
        reason = f"{firewall.id} may see one direction of a connection only"
        return Passing(sure, possible, reason if sure != possible else "")

    def _question(self, firewall: NetworkFirewall, a: int, b: int) -> Passing:
        if firewall.id in self._gaps:
            return Passing(0, self._parts.services.full, self._gaps[firewall.id])
        first = self._stateless(firewall, a, b)
        then = self._stateful(firewall, a, b)
        sure = first.sure.get("pass", 0) | first.sure.get("forward", 0) & then.sure
        possible = first.possible.get("pass", 0) | first.possible.get("forward", 0) & then.possible
        reason = then.reason or f"a rule of {firewall.id} could not be resolved"
        return Passing(sure, possible, reason if sure != possible else "")

    def _stateless(self, firewall: NetworkFirewall, a: int, b: int) -> _Sorted:
        one_way = [replace(rule, both_ways=False) for rule in firewall.stateless]
        return self._first_match(one_way, firewall.stateless_default, a, b)

    def _stateful(self, firewall: NetworkFirewall, a: int, b: int) -> Passing:
        full = self._parts.services.full
        if firewall.opaque:
            return Passing(0, full, f"{firewall.id}: {firewall.opaque}")
        if firewall.strict:
            found = self._first_match(firewall.stateful, firewall.stateful_default, a, b)
            return Passing(found.sure.get("pass", 0), found.possible.get("pass", 0))
        found = _Sorted()
        for rule in firewall.stateful:
            found.add(rule.action, *self._match(rule, a, b))
        sure = found.sure.get("pass", 0) | full & ~found.possible.get("drop", 0)
        possible = found.possible.get("pass", 0) | full & ~found.sure.get("drop", 0)
        return Passing(sure, possible)

    def _first_match(self, rules: Iterable[FirewallRule], default: str, a: int, b: int) -> _Sorted:
        found = _Sorted()
        sure_left = possible_left = self._parts.services.full
        for rule in sorted(rules, key=lambda one: one.priority):
            sure, possible = self._match(rule, a, b)
            found.add(rule.action, sure & sure_left, possible & possible_left)
            sure_left &= ~possible
            possible_left &= ~sure
        found.add(default, sure_left, possible_left)
        return found

    def _match(self, rule: FirewallRule, a: int, b: int) -> tuple[int, int]:
        """The services that the rule surely and possibly holds from ``a`` to ``b``."""
        certain = rule.certain and rule.source_ports is None
        sure = possible = 0
        if a in rule.sources and b in rule.destinations:
            possible = self._parts.services.mask(rule.services)
            sure = possible if certain else 0
        if rule.both_ways and b in rule.sources and a in rule.destinations:
            # Seen from behind, the rule's ports are those that the packet comes from.
            whole, part = map(self._parts.services.mask, by_protocol(rule.services))
            sure |= whole if certain else 0
            possible |= whole | part
        return sure, possible
