"""Who stands behind a load balancer: the targets that its listeners forward to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.addresses import of_address
from ringwall.model.network import LoadBalancer, Network, NetworkInterface, Target, TargetGroup
from ringwall.model.services import TCP, UDP


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A listener hands connections on to ``target`` at ``port`` (None: not known)."""

    balancer: str
    protocol: str
    listener_port: int
    target: NetworkInterface
    port: int | None


def forwardings(network: Network, balancer: LoadBalancer) -> Iterator[Forwarding]:
    """Every interface that a listener of the balancer forwards to, with the target's port."""
    for listener in balancer.listeners:
        for group in _groups(network, listener.target_groups):
            for target in group.targets or ():
                for interface in _interfaces(network, group, target):
                    port = target.port if target.port is not None else group.port
                    yield Forwarding(balancer.id, listener.protocol, listener.port, interface, port)


def listener_protocols(protocol: str) -> tuple[int, ...]:
    """The transport protocols of a listener's protocol, as its load balancer type names it."""
    return {"UDP": (UDP,), "TCP_UDP": (TCP, UDP)}.get(protocol.upper(), (TCP,))


def unsure_targets(network: Network, balancer: LoadBalancer) -> str:
    """Why the targets of a balancer are not wholly known, or nothing."""
    for listener in balancer.listeners:
        for name in listener.target_groups:
            group = network.target_groups.get(name)
            if group is None:
                return f"the target group {name} is not known"
            if group.targets is None:
                return f"the targets of {name} are not known"
            if any(one.port is None for one in group.targets) and group.port is None:
                return f"the port of a target of {name} is not known"
    return ""


def _groups(network: Network, names: tuple[str, ...]) -> Iterator[TargetGroup]:
    return (network.target_groups[name] for name in names if name in network.target_groups)


def _interfaces(network: Network, group: TargetGroup, target: Target) -> Iterator[NetworkInterface]:
    if group.kind == "ip":
        try:
            wanted = of_address(target.id)
        except ValueError:
            wanted = None
        for one in network.interfaces.values():
            if one.id == target.id or (wanted and one.pinned and one.addresses & wanted):
                yield one
    else:
        for one in network.interfaces.values():
            if target.id in (one.owner, one.id):
                yield one
