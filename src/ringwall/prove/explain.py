"""``ringwall explain``: can A talk to B, by which way, what stops it, and does the answer return?

Every pair of interfaces that the two words name is tried with the reference simulator, one
address of each kind that the rules tell apart; then load balancers as go-betweens. The pair that
tells most is shown, the others are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.model.addresses import AddressSet, address_at
from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.services import has_ports
from ringwall.model.verdict import Explanation, Packet, Reach, ReturnPorts
from ringwall.prove.ends import COMMAND_LINE, End, resolve
from ringwall.prove.explain_balancers import balanced
from ringwall.prove.explain_journey import Journey, direct, explanation_of
from ringwall.prove.explain_question import (
    Service,
    address_pairs,
    as_source,
    blocks_named,
    check_port,
    client_range,
    label,
    parse_protocol,
    services_asked,
    show_service,
)
from ringwall.prove.standins import stand_in_note, with_stand_ins

_ORDER = {Reach.REACHABLE: 0, Reach.UNKNOWN: 1, Reach.BLOCKED: 2}


def explain(
    network: Network,
    source: str,
    target: str,
    *,
    protocol: str | int = "tcp",
    port: int | None = None,
    client_ports: tuple[int, int] | None = None,
) -> Explanation:
    """Answer whether ``source`` can open a connection to ``target`` and hear its answer.

    The words are those that :func:`ringwall.prove.ends.resolve` takes. ``port`` is the
    destination port of TCP and UDP (None: one that the target offers), the type for ICMP.
    ``client_ports`` overrides the ephemeral range of the source's clients. Raises InputError
    RW-EXPLAIN-001 to 005.
    """
    known, network = network, with_stand_ins(network)
    number = parse_protocol(protocol)
    check_port(number, port)
    sources = tuple(as_source(end) for end in resolve(network, source))
    targets = resolve(network, target)
    services, notes = services_asked(network, number, port, sources, targets)
    asking = _Asking(network, blocks_named(network), client_ports)
    answers = [
        asking.pair(one, other, services)
        for one in sources
        for other in targets
        if not _same(one, other)
    ]
    if not answers:
        raise InputError.at(
            COMMAND_LINE,
            "RW-EXPLAIN-004",
            f"`{source}` and `{target}` name the same end",
            "name two different ends",
        )
    found = [one for one in answers if one is not None]
    if not found:
        raise InputError.at(
            COMMAND_LINE,
            "RW-EXPLAIN-005",
            f"`{source}` and `{target}` have no addresses of one family",
            "one side has IPv4 addresses only, the other IPv6 addresses only",
        )
    best = min(found, key=lambda one: one.rank)
    answer = asking.full(best)
    told = (*notes, *answer.assumptions, *_others(best, found), *_lists_taken(known, answer))
    return replace(answer, assumptions=told)


def explain_packet(
    network: Network,
    source: End,
    target: End,
    packet: Packet,
    *,
    client_ports: tuple[int, int] | None = None,
) -> Explanation:
    """The way of one packet and of its answer, between two known ends."""
    ports, note = _ports(source, packet.protocol, client_ports)
    journey = direct(network, source, target, packet)
    return explanation_of(network, journey, ports, (note,) if note else ())


def _same(one: End, other: End) -> bool:
    return (one.kind, one.id) == (other.kind, other.id) and one.kind != "internet"


def _ports(
    source: End, protocol: int, given: tuple[int, int] | None
) -> tuple[tuple[int, int], str]:
    ports, note = client_range(source)
    if given is not None or not has_ports(protocol):
        return given or ports, ""
    return ports, note


@dataclass(slots=True)
class _Answer:
    """The answer for one pair of ends; the way back is looked at only where it decides."""

    journey: Journey
    near: bool
    verdict: Reach
    explanation: Explanation | None = None
    notes: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Reachable first, then what lies in one zone, then the fewest obstacles."""
        forward = self.journey.forward
        return (
            _ORDER[self.verdict],
            int(not self.near),
            len(forward.blockers),
            len(forward.unknowns),
        )

    @property
    def words(self) -> str:
        return f"is {self.verdict}{self._why()}"

    def _why(self) -> str:
        """The first step that stops or clouds the connection."""
        steps = list(self.journey.forward.blockers)
        if self.explanation is not None and self.explanation.reply is not None:
            steps += self.explanation.reply.blockers
        steps += self.journey.forward.unknowns
        if self.verdict is Reach.REACHABLE or not steps:
            return ""
        return f" ({steps[0].resource}: {steps[0].rule})"


@dataclass(frozen=True, slots=True)
class _Asking:
    network: Network
    blocks: tuple[AddressSet, ...]
    client_ports: tuple[int, int] | None

    def pair(self, source: End, target: End, services: tuple[Service, ...]) -> _Answer | None:
        """The worst of the services asked for; None where the ends share no address family."""
        found = [
            answer
            for service in services
            if (answer := self._service(source, target, service)) is not None
        ]
        worst = max(found, key=lambda one: one.rank, default=None)
        if worst is not None and len(services) > 1:
            packet = worst.journey.packet
            worst.notes += (f"of all, {show_service((packet.protocol, packet.port))} is shown",)
        return worst

    def full(self, answer: _Answer) -> Explanation:
        """The whole explanation, the way back and what was assumed included."""
        found = answer.explanation or self._explained(answer.journey)
        return replace(found, assumptions=(*found.assumptions, *answer.notes))

    def _service(self, source: End, target: End, service: Service) -> _Answer | None:
        """The best way for one service, direct or through a load balancer."""
        tried = [self._answer(one) for one in self._direct(source, target, service)]
        best = min(tried, key=lambda one: one.rank, default=None)
        if best is None:
            return None
        if best.verdict is not Reach.REACHABLE:
            handed = self._handed(source, target, service)
            other = min(handed, key=lambda one: one.rank, default=best)
            if other.rank < best.rank:
                best, tried = other, handed
        best.notes += self._standing_for(best, source, target) + _unlike(best, tried)
        return best

    def _direct(self, source: End, target: End, service: Service) -> Iterator[Journey]:
        protocol, port = service
        client = self._ports(source, protocol)[0][0] if has_ports(protocol) else None
        for mine, theirs in address_pairs(source, target, self.blocks):
            packet = Packet(mine, theirs, protocol, port, client)
            yield direct(self.network, source, target, packet)

    def _handed(self, source: End, target: End, service: Service) -> list[_Answer]:
        """The ways through load balancers, down to the first that is open: one is enough."""
        found: list[_Answer] = []
        for journey in balanced(self.network, source, target, service, self.blocks):
            found.append(self._answer(journey))
            if found[-1].verdict is Reach.REACHABLE:
                return found[-1:]
        return found

    def _answer(self, journey: Journey) -> _Answer:
        near = _zone(self.network, journey.source) == _zone(self.network, journey.target)
        if journey.forward.arrived is False:
            return _Answer(journey, near, Reach.BLOCKED)
        explanation = self._explained(journey)
        return _Answer(journey, near, explanation.verdict, explanation)

    def _explained(self, journey: Journey) -> Explanation:
        """The journey judged; its packet is sent from a port that gets its answer, if any does."""
        ports, note = self._ports(journey.source, journey.packet.protocol)
        found = explanation_of(self.network, journey, ports, (note,) if note else ())
        if found.return_ports is not ReturnPorts.SOME or journey.middleman:
            return found
        packet = replace(found.forward.packet, source_port=found.return_ranges[0][0])
        return replace(found, forward=replace(found.forward, packet=packet))

    def _ports(self, source: End, protocol: int) -> tuple[tuple[int, int], str]:
        return _ports(source, protocol, self.client_ports)

    def _standing_for(self, best: _Answer, source: End, target: End) -> tuple[str, ...]:
        """Which address stands for an end that has many."""
        told: list[str] = []
        packet = best.journey.packet
        for end, place in ((source, packet.source), (target, packet.destination)):
            if end.kind == "bucket" and not end.addresses:
                told.append(f"the addresses of S3 for {end} are not known")
            elif end.addresses.size > 1 and place in end.addresses:
                held = self._list_of(place) if end.kind == "internet" else ""
                told.append(f"{address_at(place)}{held} stands for {label(end)}")
        return tuple(told)

    def _list_of(self, place: int) -> str:
        for _, one in sorted(self.network.prefix_lists.items()):
            if one.entries is not None and place in one.entries:
                return f" (of {one.name})"
        return ""


def _unlike(best: _Answer, tried: list[_Answer]) -> tuple[str, ...]:
    """Other kinds of address of the same two ends that do not fare alike."""
    odd = [one for one in tried if one.verdict is not best.verdict]
    if not odd:
        return ()
    packet = odd[0].journey.packet
    return (
        f"{len(tried) - len(odd)} of {len(tried)} kinds of address are {best.verdict}; "
        f"{address_at(packet.source)} to {address_at(packet.destination)} {odd[0].words}",
    )


def _zone(network: Network, end: End) -> str:
    if end.interface is None:
        return ""
    subnet = network.subnets.get(end.interface.subnet)
    return subnet.zone if subnet is not None else ""


def _others(best: _Answer, found: list[_Answer]) -> tuple[str, ...]:
    """How the other pairs of interfaces fare, where they do not fare alike."""
    odd = [one for one in found if one.verdict is not best.verdict]
    if not odd:
        return ()
    other = min(odd, key=lambda one: one.rank)
    return (
        f"{len(found) - len(odd)} of {len(found)} pairs of interfaces are {best.verdict}; "
        f"{label(other.journey.source)} to {label(other.journey.target)} {other.words}",
    )


def _lists_taken(network: Network, found: Explanation) -> tuple[str, ...]:
    """What is assumed of prefix lists whose contents nobody publishes, where a step names one."""
    rules = " ".join(step.rule for step in found.forward.steps).split()
    dark = (one for _, one in sorted(network.prefix_lists.items()) if one.entries is None)
    return tuple(stand_in_note(one) for one in dark if one.id in rules)
