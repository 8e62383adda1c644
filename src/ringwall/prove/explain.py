"""``ringwall explain``: can A talk to B, by which way, what stops it, and does the answer return?

Every pair of interfaces that the two words name is tried with the reference simulator, one
address of each kind that the rules tell apart; then load balancers as go-betweens. The pair that
tells most is shown, the others are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    told = (*notes, *best.explanation.assumptions, *_others(best, found))
    return replace(best.explanation, assumptions=told)


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


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer for one pair of ends."""

    explanation: Explanation
    near: bool

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Reachable first, then what lies in one zone, then the fewest obstacles."""
        one = self.explanation
        back = one.reply
        stops = len(one.forward.blockers) + (len(back.blockers) if back is not None else 0)
        doubts = len(one.forward.unknowns)
        return (_ORDER[one.verdict], int(not self.near), stops, doubts)


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
        if worst is None or len(services) == 1:
            return worst
        packet = worst.explanation.forward.packet
        told = f"of all, {show_service((packet.protocol, packet.port))} is shown"
        return _noted(worst, (told,))

    def _service(self, source: End, target: End, service: Service) -> _Answer | None:
        """The best way for one service, direct or through a load balancer."""
        ports, note = _ports(source, service[0], self.client_ports)
        notes = (note,) if note else ()
        plain = self._judge(self._direct(source, target, service, ports), ports, notes)
        best = min(plain, key=lambda one: one.rank, default=None)
        if best is None or best.explanation.verdict is Reach.REACHABLE:
            return self._told_addresses(best, plain, source, target)
        handed = self._handed(source, target, service, ports, notes)
        other = min(handed, key=lambda one: one.rank, default=None)
        if other is not None and other.rank < best.rank:
            return self._told_addresses(other, handed, source, target)
        return self._told_addresses(best, plain, source, target)

    def _direct(
        self, source: End, target: End, service: Service, ports: tuple[int, int]
    ) -> Iterable[Journey]:
        protocol, port = service
        client = ports[0] if has_ports(protocol) else None
        for mine, theirs in address_pairs(source, target, self.blocks):
            packet = Packet(mine, theirs, protocol, port, client)
            yield direct(self.network, source, target, packet)

    def _judge(
        self, journeys: Iterable[Journey], ports: tuple[int, int], notes: tuple[str, ...]
    ) -> list[_Answer]:
        return [
            _Answer(
                _heard(self.network, journey, ports, notes),
                _zone(self.network, journey.source) == _zone(self.network, journey.target),
            )
            for journey in journeys
        ]

    def _handed(
        self,
        source: End,
        target: End,
        service: Service,
        ports: tuple[int, int],
        notes: tuple[str, ...],
    ) -> list[_Answer]:
        """The ways through load balancers, down to the first that is open: one is enough."""
        found: list[_Answer] = []
        for journey in balanced(self.network, source, target, service, self.blocks):
            found += self._judge([journey], ports, notes)
            if found[-1].explanation.verdict is Reach.REACHABLE:
                return found[-1:]
        return found

    def _told_addresses(
        self, best: _Answer | None, tried: list[_Answer], source: End, target: End
    ) -> _Answer | None:
        """Say which address stands for an end that has many, and whether others fare alike."""
        if best is None:
            return None
        told: list[str] = []
        packet = best.explanation.forward.packet
        for end, place in ((source, packet.source), (target, packet.destination)):
            if end.kind == "bucket" and not end.addresses:
                told.append(f"the addresses of S3 for {end} are not known")
            elif end.addresses.size > 1 and place in end.addresses:
                told.append(f"{address_at(place)} stands for {label(end)}")
        odd = [one for one in tried if one.explanation.verdict is not best.explanation.verdict]
        if odd:
            other = odd[0].explanation
            told.append(
                f"{len(tried) - len(odd)} of {len(tried)} kinds of address are "
                f"{best.explanation.verdict}; {address_at(other.forward.packet.source)} to "
                f"{address_at(other.forward.packet.destination)} is {other.verdict}{_why(other)}"
            )
        return _noted(best, tuple(told))


def _heard(
    network: Network, journey: Journey, ports: tuple[int, int], notes: tuple[str, ...]
) -> Explanation:
    """The journey judged; its packet is sent from a port that gets its answer, if any does."""
    found = explanation_of(network, journey, ports, notes)
    if found.return_ports is not ReturnPorts.SOME or journey.middleman:
        return found
    packet = replace(found.forward.packet, source_port=found.return_ranges[0][0])
    return replace(found, forward=replace(found.forward, packet=packet))


def _noted(answer: _Answer, notes: tuple[str, ...]) -> _Answer:
    one = answer.explanation
    return replace(answer, explanation=replace(one, assumptions=(*one.assumptions, *notes)))


def _zone(network: Network, end: End) -> str:
    if end.interface is None:
        return ""
    subnet = network.subnets.get(end.interface.subnet)
    return subnet.zone if subnet is not None else ""


def _others(best: _Answer, found: list[_Answer]) -> tuple[str, ...]:
    """How the other pairs of interfaces fare, where they do not fare alike."""
    verdict = best.explanation.verdict
    odd = [one for one in found if one.explanation.verdict is not verdict]
    if not odd:
        return ()
    other = min(odd, key=lambda one: one.rank).explanation
    return (
        f"{len(found) - len(odd)} of {len(found)} pairs of interfaces are {verdict}; "
        f"{other.source} to {other.target} is {other.verdict}{_why(other)}",
    )


def _why(explanation: Explanation) -> str:
    """The first step that stops or clouds a connection, in words."""
    steps = list(explanation.forward.blockers)
    if explanation.reply is not None:
        steps += explanation.reply.blockers
    steps += explanation.forward.unknowns
    if explanation.verdict is Reach.REACHABLE or not steps:
        return ""
    return f" ({steps[0].resource}: {steps[0].rule})"
