"""Who stands behind a load balancer: the targets that its listeners forward to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.addresses import of_address
from ringwall.model.network import LoadBalancer, Network, NetworkInterface, Target, TargetGroup
from ringwall.model.services import TCP, UDP

#: The transports of the protocols that listeners have (ELB API: ``Listener.Protocol``).
_TRANSPORTS = {
    "HTTP": (TCP,),
    "HTTPS": (TCP,),
    "TCP": (TCP,),
    "TLS": (TCP,),
    "SSL": (TCP,),
    "UDP": (UDP,),
    "QUIC": (UDP,),
    "TCP_UDP": (TCP, UDP),
    "TCP_QUIC": (TCP, UDP),
}


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A listener hands connections on to ``target`` at ``port`` (None: not known).

    ``preserves``: the transports by which the target sees the client's address, not the load
    balancer's.
    """

    balancer: str
    protocol: str
    listener_port: int
    target: NetworkInterface
    port: int | None
    preserves: tuple[int, ...] = ()


def forwardings(network: Network, balancer: LoadBalancer) -> Iterator[Forwarding]:
    """Every interface that a listener of the balancer forwards to, with the target's port."""
    for listener in balancer.listeners:
        for group in _groups(network, listener.target_groups):
            for target in group.targets or ():
                for interface in _interfaces(network, group, target):
                    port = target.port if target.port is not None else group.port
                    yield Forwarding(
                        balancer.id,
                        listener.protocol,
                        listener.port,
                        interface,
                        port,
                        _preserved(balancer, group, listener.protocol),
                    )


def listener_protocols(protocol: str) -> tuple[int, ...]:
    """The transports of a listener's protocol; either may be that of one that is not known."""
    return _TRANSPORTS.get(protocol.upper(), (TCP, UDP))


def unsure_listeners(balancer: LoadBalancer) -> str:
    """Why it is not wholly known what a balancer takes, or nothing."""
    for listener in balancer.listeners:
        if listener.protocol.upper() not in _TRANSPORTS:
            words = f"listener {listener.protocol}:{listener.port}"
            return f"{words} is of a protocol that is not modelled yet"
    return ""


def _preserved(balancer: LoadBalancer, group: TargetGroup, protocol: str) -> tuple[int, ...]:
    """Network load balancers let targets see who asks: by UDP always, else as the target group
    says, and where it says nothing, targets by instance (Network Load Balancers guide, "Client IP
    preservation")."""
    if balancer.kind != "network":
        return ()
    transports = listener_protocols(protocol)
    kept = group.preserve_client_ip
    if kept is None:
        kept = group.kind == "instance"
    if kept or UDP in listener_protocols(group.protocol):
        return transports
    return tuple(one for one in transports if one == UDP)


def unsure_targets(network: Network, balancer: LoadBalancer) -> str:
    """Why the targets of a balancer are not wholly known, or nothing."""
    if (strange := unsure_listeners(balancer)) and any(
        one.target_groups for one in balancer.listeners
    ):
        return strange
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
