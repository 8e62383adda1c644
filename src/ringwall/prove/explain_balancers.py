"""Journeys through a load balancer: one connection to it, a second from it to a target.

Both legs pass every filter of their own; what ties them is the listener's rule that forwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from ringwall.model.addresses import AddressSet, address_at, of_address
from ringwall.model.network import (
    Listener,
    LoadBalancer,
    Network,
    NetworkInterface,
    Target,
    TargetGroup,
)
from ringwall.model.services import TCP, UDP, protocol_name
from ringwall.model.verdict import Hop, Packet, Step, Trace
from ringwall.prove.ends import End, interface_end
from ringwall.prove.explain_journey import Journey
from ringwall.prove.explain_question import Service, address_pairs
from ringwall.prove.simulator import trace, trace_reply
from ringwall.prove.simulator_edges import REMAP_CODE, listener_protocols
from ringwall.prove.simulator_flight import all_of, gap_on, vpc_of
from ringwall.prove.simulator_walk import managed_port, managed_ports

NOT_CROSS_ZONE = "ELB_NOT_CROSSZONE"


@dataclass(frozen=True, slots=True)
class _Handover:
    """A listener hands connections on to a target at ``port``.

    ``reason`` says why it is not known that it does (empty: it is known).
    """

    balancer: LoadBalancer
    listener: Listener
    group: str
    protocol: int
    port: int
    preserves: bool
    reason: str = ""


def balanced(
    network: Network, source: End, target: End, service: Service, blocks: tuple[AddressSet, ...]
) -> Iterator[Journey]:
    """Every journey from ``source`` through a load balancer to ``target``.

    The service is that of the listener; where no listener has it, the target's own.
    """
    if target.interface is None or service[0] not in (TCP, UDP):
        return
    found = list(_handovers(network, target.interface, service[0]))
    asked = [one for one in found if one.listener.port == service[1]]
    note = ""
    if not asked:
        asked = [one for one in found if one.port == service[1] and not one.reason]
        note = f"{service[1]} is the target's own port: clients ask the load balancer at"
    for handover in asked:
        for interface in _interfaces(network, handover.balancer, source, target):
            middle = interface_end(network, interface)
            told = (f"{note} {handover.listener.port}",) if note else ()
            goals = dict.fromkeys(goal for _, goal in address_pairs(middle, target, blocks))
            for mine, its in address_pairs(source, middle, blocks):
                for goal in goals:
                    places = (mine, its, goal)
                    yield _journey(network, handover, source, middle, target, places, told)


# --- who stands behind a load balancer ------------------------------------------------------


def _handovers(network: Network, target: NetworkInterface, protocol: int) -> Iterator[_Handover]:
    for _, balancer in sorted(network.load_balancers.items()):
        for listener in balancer.listeners:
            if protocol not in (listener_protocols(listener.protocol) or ()):
                continue
            for name in listener.target_groups:
                yield from _of_group(network, target, protocol, balancer, listener, name)


def _of_group(
    network: Network,
    target: NetworkInterface,
    protocol: int,
    balancer: LoadBalancer,
    listener: Listener,
    name: str,
) -> Iterator[_Handover]:
    group = network.target_groups.get(name)
    known = partial(_Handover, balancer, listener, name, protocol)
    if group is None:
        yield known(listener.port, False, f"target group {name} is not in the material")
        return
    gap = gap_on(network, name)
    preserves = _preserves(balancer, group, protocol)
    if group.targets is None:
        reason = gap or f"the targets of {name} are not known"
        yield known(group.port or listener.port, preserves, reason)
        return
    for member in group.targets:
        if _is(group, member, target):
            port = member.port if member.port is not None else group.port
            reason = gap if port is not None else gap or f"the port of {member.id} is not known"
            yield known(port if port is not None else listener.port, preserves, reason)


def _is(group: TargetGroup, member: Target, target: NetworkInterface) -> bool:
    if member.id in (target.id, target.owner):
        return True
    if group.kind != "ip":
        return False
    try:
        wanted = of_address(member.id)
    except ValueError:
        return False
    return target.pinned and wanted <= target.addresses


def _preserves(balancer: LoadBalancer, group: TargetGroup, protocol: int) -> bool:
    """Does the target see the client's address? Only network load balancers let it.

    By default they do for instances, and for UDP always.
    """
    if balancer.kind != "network":
        return False
    if protocol == UDP or group.protocol.upper() in ("UDP", "TCP_UDP"):
        return True
    if group.preserve_client_ip is not None:
        return group.preserve_client_ip
    return group.kind == "instance"


def _interfaces(
    network: Network, balancer: LoadBalancer, source: End, target: End
) -> list[NetworkInterface]:
    """The balancer's own interfaces in the target's VPC, the target's zone first."""
    if target.interface is None:
        return []
    home = vpc_of(network, target.interface.subnet)
    ends = {target.interface.id, source.interface.id if source.interface is not None else ""}
    zone = _zone(network, target.interface)
    found = [
        one
        for _, one in sorted(network.interfaces.items())
        if one.owner == balancer.id
        and one.kind == "load-balancer"
        and one.id not in ends
        and vpc_of(network, one.subnet) == home
    ]
    return sorted(found, key=lambda one: _zone(network, one) != zone)


# --- the two legs ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Legs:
    """Both connections, and how to ask for their answers."""

    network: Network
    source: End
    middle: End
    target: End
    first: Packet
    second: Packet
    preserves: bool
    step: Step

    def forward(self) -> Trace:
        first = trace(self.network, self.first, self.source, self.middle)
        second = trace(self.network, self.second, self.middle, self.target)
        return _joined(self.first, first, second, self.step)

    def answer(self, port: int | None, middle: int | None) -> Trace:
        """The target's answer to the load balancer, then the load balancer's to the client."""
        client = self.first.source_port if port is None else port
        chosen = client if self.preserves else managed_port(middle)
        second = replace(self.second, source_port=chosen)
        first = replace(self.first, source_port=client)
        back = trace_reply(self.network, second, self.middle, self.target)
        on = trace_reply(self.network, first, self.source, self.middle)
        return _joined(back.packet, back, on)

    def answers(self, ports: tuple[int, int] | None) -> Trace:
        """Both answers, to all client ports and to all that the load balancer may send from."""
        own = ports if self.preserves else managed_ports()
        back = trace_reply(self.network, self.second, self.middle, self.target, client_ports=own)
        on = trace_reply(self.network, self.first, self.source, self.middle, client_ports=ports)
        return _joined(back.packet, back, on)


def _journey(
    network: Network,
    handover: _Handover,
    source: End,
    middle: End,
    target: End,
    places: tuple[int, int, int],
    notes: tuple[str, ...],
) -> Journey:
    client, own, goal = places
    first = Packet(client, own, handover.protocol, handover.listener.port, managed_port(None))
    second = Packet(
        client if handover.preserves else own,
        goal,
        handover.protocol,
        handover.port,
        managed_port(None),
    )
    step = _handover_step(network, handover, middle, target, second)
    legs = _Legs(network, source, middle, target, first, second, handover.preserves, step)
    told = (f"through load balancer {handover.balancer.name or handover.balancer.id}", *notes)
    middleman = "" if handover.preserves else "load balancer"
    return Journey(
        source, target, first, legs.forward(), legs.answer, legs.answers, middleman, told
    )


def _handover_step(
    network: Network, handover: _Handover, middle: End, target: End, second: Packet
) -> Step:
    balancer, listener = handover.balancer, handover.listener
    words = f"listener {listener.protocol}:{listener.port} forwards to {handover.group}"
    if handover.reason:
        rule = f"{words}: {handover.reason}"
        return Step("listener", balancer.id, rule, None, origin=listener.origin)
    if not balancer.cross_zone and not _share_zone(network, middle, target):
        rule = f"{words}, but not to a target in another zone"
        return Step("listener", balancer.id, rule, False, NOT_CROSS_ZONE, listener.origin)
    where = f"{protocol_name(handover.protocol)}/{handover.port} from {address_at(second.source)}"
    return Step("listener", balancer.id, f"{words}: {where}", True, REMAP_CODE, listener.origin)


def _share_zone(network: Network, one: End, other: End) -> bool:
    zones = {_zone(network, end.interface) for end in (one, other) if end.interface is not None}
    return len(zones) == 1


def _zone(network: Network, interface: NetworkInterface) -> str:
    subnet = network.subnets.get(interface.subnet)
    return subnet.zone if subnet is not None else ""


def _joined(packet: Packet, first: Trace, second: Trace, *between: Step) -> Trace:
    """Two traces that meet at one hop, with what is decided there in between."""
    last, onward = first.hops[-1], second.hops[0]
    meeting = Hop(
        last.resource,
        last.kind,
        last.name,
        last.zone,
        (*last.steps, *between, *(one for one in onward.steps if one not in last.steps)),
    )
    hops = (*first.hops[:-1], meeting, *second.hops[1:])
    return Trace(packet, hops, all_of(step.allowed for hop in hops for step in hop.steps))
