"""One way that a question may be answered: a connection and everything that can come back.

A journey is direct, or goes through a load balancer that hands it on (``explain_balancers``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from ringwall.model.network import Network
from ringwall.model.services import ServiceSet, has_ports
from ringwall.model.verdict import Change, Explanation, Packet, Reach, ReturnPorts, Trace
from ringwall.prove.ends import End
from ringwall.prove.explain_changes import changes_for
from ringwall.prove.explain_question import label, port_cuts
from ringwall.prove.simulator import trace, trace_reply
from ringwall.prove.simulator_filters import acl_of
from ringwall.prove.simulator_walk import managed_ports

_Range = tuple[int, int]
_Table = dict[tuple[_Range, _Range | None], Trace]

#: The way of the answers to all of a range of client ports together (None: no ports).
Answers = Callable[[_Range | None], Trace]

#: The answer's way, given the client's port and the port that a middleman gave the connection.
Answer = Callable[[int | None, int | None], Trace]


@dataclass(frozen=True, slots=True)
class Journey:
    """``middleman`` is what changes the source port on the way: its kind in words, or empty."""

    source: End
    target: End
    packet: Packet
    forward: Trace
    answer: Answer
    answers: Answers
    middleman: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returns:
    """What comes back: the answer shown, and the client's ports that surely get one.

    ``sure`` is False where only unknowns stand between none and ``ranges``.
    """

    reply: Trace
    ports: ReturnPorts
    ranges: tuple[tuple[int, int], ...]
    client_ports: tuple[int, int] | None
    sure: bool = True
    note: str = ""
    shown: str = ""


def direct(network: Network, source: End, target: End, packet: Packet) -> Journey:
    """The journey of a packet that no load balancer hands on."""
    forward = trace(network, packet, source, target)
    by_nat = any(hop.kind == "nat-gateway" for hop in forward.hops[1:-1])
    answer = partial(_direct_answer, network, source, target, packet)
    answers = partial(_direct_answers, network, source, target, packet)
    middleman = "NAT gateway" if by_nat else ""
    return Journey(source, target, packet, forward, answer, answers, middleman)


def _direct_answers(
    network: Network, source: End, target: End, packet: Packet, ports: _Range | None
) -> Trace:
    return trace_reply(network, packet, source, target, client_ports=ports)


def _direct_answer(
    network: Network,
    source: End,
    target: End,
    packet: Packet,
    port: int | None,
    middle: int | None,
) -> Trace:
    asked = packet if port is None else replace(packet, source_port=port)
    return trace_reply(network, asked, source, target, nat_port=middle)


# --- what comes back ------------------------------------------------------------------------


def returns(network: Network, journey: Journey, client_ports: tuple[int, int]) -> Returns:
    """To which of the client's ports the answer comes back: one try per stretch of rules."""
    if not has_ports(journey.packet.protocol):
        return _whole(journey.answer(None, None))
    rules = _acl_services(network, journey)
    protocol = journey.packet.protocol
    cuts = port_cuts(rules, protocol, client_ports)
    middles: list[_Range | None] = [None]
    if journey.middleman:
        middles = [*port_cuts(rules, protocol, managed_ports())]
    table: _Table = {
        (cut, middle): journey.answer(cut[0], middle[0] if middle else None)
        for cut in cuts
        for middle in middles
    }
    return _weigh(table, client_ports, journey.middleman)


def _acl_services(network: Network, journey: Journey) -> list[ServiceSet]:
    """The services by which any network ACL on the way tells answers apart."""
    reply = journey.answer(journey.packet.source_port, None)
    hops = (*journey.forward.hops, *reply.hops)
    subnets = dict.fromkeys(hop.resource for hop in hops if hop.kind == "subnet")
    acls = [acl_of(network, subnet) for subnet in subnets]
    return [entry.services for acl in acls if acl is not None for entry in acl.entries]


def _whole(reply: Trace) -> Returns:
    ports = ReturnPorts.NONE if reply.arrived is False else ReturnPorts.ALL
    return Returns(reply, ports, (), None, reply.arrived is not None)


def _weigh(table: _Table, client_ports: _Range, middleman: str) -> Returns:
    """A client's port gets its answer if it does so on every port that a middleman may choose.

    Where no client's port does, but some of the middleman's serve every client, the ranges are
    the middleman's own.
    """
    clients = list(dict.fromkeys(client for client, _ in table))
    middles = list(dict.fromkeys(middle for _, middle in table))
    key = _telling(table)
    which = f"client port {key[0][0]}"
    if key[1] is not None:
        which += f" by way of the {middleman}'s port {key[1][0]}"
    none = Returns(table[key], ReturnPorts.NONE, (), client_ports, shown=which)
    for sure in (True, False):
        good = {one for one, reply in table.items() if _comes(reply, sure)}
        mine = [one for one in clients if all((one, middle) in good for middle in middles)]
        if mine:
            return _some(none, mine, client_ports, sure)
        theirs = [
            one for one in middles if one and all((client, one) in good for client in clients)
        ]
        if theirs:
            low, high = managed_ports()
            note = (
                f"the {middleman} sends from any of its ports {low}-{high}: "
                "the return ports are those that it gets answers on"
            )
            return replace(_some(none, theirs, (low, high), sure), note=note)
        some = [one for one in clients if any((one, middle) in good for middle in middles)]
        if some:
            note = f"answers come back on some of the {middleman}'s ports only"
            found = _some(none, some, client_ports, sure)
            return replace(found, ports=ReturnPorts.SOME, note=note)
    return none


def _comes(reply: Trace, sure: bool) -> bool:
    return reply.arrived is True or (not sure and reply.arrived is None)


def _telling(table: _Table) -> tuple[_Range, _Range | None]:
    """The answer that says most: one that is stopped, else one in doubt, else the first."""
    for wanted in (False, None):
        for key, reply in table.items():
            if reply.arrived is wanted:
                return key
    return next(iter(table))


def _some(none: Returns, ranges: list[_Range], within: _Range, sure: bool) -> Returns:
    merged = _merge(ranges)
    ports = ReturnPorts.ALL if merged == (within,) else ReturnPorts.SOME
    return replace(none, ports=ports, ranges=merged, client_ports=within, sure=sure)


def _merge(ranges: list[_Range]) -> tuple[_Range, ...]:
    merged: list[_Range] = []
    for low, high in sorted(ranges):
        if merged and low == merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


# --- the answer -----------------------------------------------------------------------------


def verdict_of(forward: Trace, back: Returns) -> Reach:
    if forward.arrived is False or back.ports is ReturnPorts.NONE:
        return Reach.BLOCKED
    return Reach.REACHABLE if forward.arrived and back.sure else Reach.UNKNOWN


def explanation_of(
    network: Network, journey: Journey, client_ports: tuple[int, int], notes: tuple[str, ...] = ()
) -> Explanation:
    """The journey judged, both ways."""
    back = returns(network, journey, client_ports)
    told = [*notes, *journey.notes]
    if back.note:
        told.append(back.note)
    if back.ports is ReturnPorts.SOME and back.reply.arrived is not True:
        told.append(f"the return path shown is that of the answer to {back.shown}")
    if not back.sure:
        told.append("whether the answer comes back is not known: the return ports may be fewer")
    return Explanation(
        verdict_of(journey.forward, back),
        label(journey.source),
        label(journey.target),
        journey.forward,
        back.reply,
        back.ports,
        back.ranges,
        back.client_ports,
        tuple(told),
        _changes(journey, back, client_ports),
    )


def _changes(journey: Journey, back: Returns, client_ports: _Range) -> tuple[Change, ...]:
    """What would open the way there and, for every client port, the way back."""
    if journey.forward.arrived is not False and back.ports is ReturnPorts.ALL:
        return ()
    ports = client_ports if has_ports(journey.packet.protocol) else None
    return changes_for(journey.forward, journey.answers(ports))
