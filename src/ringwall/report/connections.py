"""Services and their replies grouped by protocol: the shape that text and documents both print."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ringwall.model.intervals import IntervalSet
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    ServiceRange,
    ServiceSet,
    has_ports,
    ports_of,
    protocol_name,
    whole_protocol,
)
from ringwall.model.verdict import PairReach, Reach, ReturnPorts
from ringwall.report.words import spans

_WHOLE = IntervalSet(((0, 65535),))
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """What passes of one protocol. ``ports`` is None where the protocol passes whole, or has
    none; ``types`` are ICMP messages in words. ``numbers`` are the protocols of an ``other``
    connection: those without ports, all treated alike."""

    protocol: str
    ports: Ranges | None
    types: tuple[str, ...]
    numbers: Ranges
    return_ports: ReturnPorts
    return_ranges: Ranges

    def __str__(self) -> str:
        if self.numbers:
            return f"protocols {spans(self.numbers, most=4)}"
        if self.types:
            return f"{self.protocol} {', '.join(self.types)}"
        return self.protocol if self.ports is None else f"{self.protocol}/{spans(self.ports)}"


@lru_cache(maxsize=1 << 14)
def connections(services: ServiceSet, replies: ServiceSet) -> tuple[Connection, ...]:
    """The services by protocol, each with what gets back; empty for nothing."""
    if not services:
        return ()
    if services == ALL_SERVICES and replies in (ALL_SERVICES, IntervalSet()):
        back = ReturnPorts.ALL if replies else ReturnPorts.NONE
        return (Connection("all", None, (), (), back, _WHOLE.intervals if replies else ()),)
    named: list[Connection] = []
    other: dict[ReturnPorts, list[tuple[int, int]]] = {}
    for protocol in _protocols(services):
        mine, back_ports = ports_of(services, protocol), ports_of(replies, protocol)
        back = _share(back_ports)
        if has_ports(protocol) or protocol in (ICMP, ICMPV6):
            named.append(_named(protocol, mine, back, back_ports))
        else:
            other.setdefault(back, []).append((protocol, protocol))
    return (*named, *(_other(back, numbers) for back, numbers in other.items()))


def _protocols(services: ServiceSet) -> list[int]:
    found: list[int] = []
    for low, high in services:
        found += [one for one in range(low >> 16, (high >> 16) + 1) if one not in found[-1:]]
    return found


def _share(ports: IntervalSet) -> ReturnPorts:
    if not ports:
        return ReturnPorts.NONE
    return ReturnPorts.ALL if ports == _WHOLE else ReturnPorts.SOME


def _named(protocol: int, mine: IntervalSet, back: ReturnPorts, ports: IntervalSet) -> Connection:
    name = protocol_name(protocol)
    if has_ports(protocol):
        shown = None if mine == _WHOLE else mine.intervals
        return Connection(name, shown, (), (), back, ports.intervals)
    words: tuple[str, ...] = ()
    if mine != _WHOLE:
        ranges = (ServiceRange(protocol, low, high) for low, high in mine)
        words = tuple(str(one).removeprefix(f"{name} ") for one in ranges)
    return Connection(name, None, words, (), back, ())


def _other(back: ReturnPorts, numbers: list[tuple[int, int]]) -> Connection:
    merged = IntervalSet.of(*numbers)
    if merged.size == 1:
        return Connection(str(merged.first), None, (), (), back, ())
    return Connection("other", None, (), merged.intervals, back, ())


def _talks(services: ServiceSet, replies: ServiceSet) -> bool:
    """Does any protocol both arrive and get an answer back?"""
    return any(replies & whole_protocol(one) for one in _protocols(services))


def pair_verdict(row: PairReach) -> Reach:
    """Reachable: something certainly arrives and its reply certainly gets back; unknown: only on
    the optimistic reading; else blocked."""
    if _talks(row.services, row.replies):
        return Reach.REACHABLE
    return Reach.UNKNOWN if _talks(row.possible, row.possible_replies) else Reach.BLOCKED
