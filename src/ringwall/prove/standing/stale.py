"""References to what is not there: deleted groups, dead routes, gone peerings and targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ringwall.facts.load import facts
from ringwall.model.addresses import of_address, of_network
from ringwall.model.network import (
    GroupPeer,
    Network,
    PrefixListPeer,
    Route,
    RouteTable,
    TargetGroup,
    TargetKind,
)
from ringwall.model.origin import Origin
from ringwall.model.standing import Reading
from ringwall.model.verdict import Layer, Step
from ringwall.prove.simulator_filters import group_words
from ringwall.prove.simulator_routes import route_words

CODE = "RW-STALE"


def stale(network: Network) -> Iterator[Reading]:
    """References that lead nowhere.

    Findings are those that the material itself shows to be dead: a blackhole route, a peering that
    is not active, a gateway that stands at another VPC, a registered target that does not exist.
    A name that the material does not hold may have been deleted, or left out: that is unknown.
    """
    yield from _groups(network)
    yield from _routes(network)
    yield from _peerings(network)
    yield from _interfaces(network)
    for group in sorted(network.target_groups.values(), key=lambda one: one.id):
        yield from _targets(network, group)
    yield from _listeners(network)


def _groups(network: Network) -> Iterator[Reading]:
    for group in sorted(network.security_groups.values(), key=lambda one: one.id):
        for egress, rules in ((False, group.ingress), (True, group.egress)):
            for rule in rules:
                match rule.peer:
                    case GroupPeer(name) if name not in network.security_groups:
                        missing = f"the security group {name}"
                    case PrefixListPeer(name) if _unlisted(network, name):
                        missing = f"the prefix list {name}"
                    case _:
                        continue
                words = group_words(rule, egress=egress)
                yield _unknown(
                    f"security group {group.id} {'out' if egress else 'in'} {rule.id or words}",
                    missing, "security-group", group.id, words, rule.origin,
                )  # fmt: skip


def _unlisted(network: Network, name: str) -> bool:
    """Is a prefix list neither in the material nor one of AWS's own, which no account lists?"""
    return name not in network.prefix_lists and name not in _aws_lists()


@cache
def _aws_lists() -> frozenset[str]:
    regions = facts("prefix-lists").values
    return frozenset(one["id"] for lists in regions.values() for one in lists.values())


# --- routes -----------------------------------------------------------------------------


def _routes(network: Network) -> Iterator[Reading]:
    for table in sorted(network.route_tables.values(), key=lambda one: one.id):
        missing: dict[str, list[Route]] = {}
        for route in table.routes:
            if dead := _dead_target(network, table, route):
                subject = f"route table {table.id} {route.destination} {route.target}".strip()
                step = Step("route", table.id, route_words(route), False, origin=route.origin)
                yield Reading(CODE, "finding", subject, dead, step=step)
                continue
            for name in _missing_of(network, route):
                missing.setdefault(name, []).append(route)
        for name, routes in missing.items():
            first = routes[0]
            words = route_words(first) + (f" and {len(routes) - 1} more" if len(routes) > 1 else "")
            subject = f"route table {table.id} {name.removeprefix('the ')}"
            yield _unknown(subject, name, "route", table.id, words, first.origin)


def _dead_target(network: Network, table: RouteTable, route: Route) -> str:
    """Why the material shows that a route leads nowhere, or nothing."""
    if route.blackhole:
        return f"it is a blackhole: {route.target or 'its target'} is gone"
    gateway = network.internet_gateways.get(route.target)
    if gateway is not None and table.vpc not in gateway.vpcs:
        return f"{route.target} is not attached to {table.vpc}"
    vgw = network.vpn_gateways.get(route.target)
    if vgw is not None and table.vpc not in vgw.vpcs:
        return f"{route.target} is not attached to {table.vpc}"
    peering = network.peerings.get(route.target)
    if peering is not None and peering.other(table.vpc) is None:
        return f"{route.target} does not join {table.vpc}"
    if peering is not None and peering.active is False:
        return f"{route.target} is not active"
    return ""


def _missing_of(network: Network, route: Route) -> Iterator[str]:
    known: Mapping[TargetKind, Mapping[str, object]] = {
        "internet-gateway": network.internet_gateways,
        "egress-only-internet-gateway": network.internet_gateways,
        "nat-gateway": network.nat_gateways,
        "vpc-endpoint": network.endpoints,
        "network-interface": network.interfaces,
        "vpc-peering": network.peerings,
        "transit-gateway": network.transit_gateways,
        "vpn-gateway": network.vpn_gateways,
    }
    held = known.get(route.target_kind)
    if held is not None and route.target not in held:
        yield f"the {route.target_kind.replace('-', ' ')} {route.target}"
    if isinstance(route.destination, str) and _unlisted(network, route.destination):
        yield f"the prefix list {route.destination}"


def _peerings(network: Network) -> Iterator[Reading]:
    routed = {route.target for table in network.route_tables.values() for route in table.routes}
    for one in sorted(network.peerings.values(), key=lambda one: one.id):
        if one.active is False and one.id not in routed:
            step = Step("route", one.id, "not active", False, origin=one.origin)
            told = "it is not active, and nothing passes it"
            yield Reading(CODE, "finding", f"peering {one.id}", told, step=step)


# --- interfaces and load balancers ------------------------------------------------------


def _interfaces(network: Network) -> Iterator[Reading]:
    for one in sorted(network.interfaces.values(), key=lambda one: one.id):
        for name in one.groups:
            if name not in network.security_groups:
                yield _unknown(f"interface {one.id} {name}", f"the security group {name}",
                               "security-group", one.id, f"carries {name}", one.origin)  # fmt: skip


def _targets(network: Network, group: TargetGroup) -> Iterator[Reading]:
    owners = {name for one in network.interfaces.values() for name in (one.id, one.owner)}
    for target in group.targets or ():
        if group.kind in ("lambda", "alb") or target.id in owners or not network.interfaces:
            continue
        if target.id in network.workloads or target.id in network.load_balancers:
            continue
        if group.kind == "ip" and not _vacant(network, target.id):
            continue
        told = f"its registered target {target.id} does not exist: nothing can be handed on to it"
        step = Step("targets", group.id, f"target {target.id}", False, origin=group.origin)
        yield Reading(CODE, "finding", f"target group {group.id} {target.id}", told, step=step)


def _vacant(network: Network, text: str) -> bool:
    """Does the address lie in a subnet of the network, and surely nothing stand there?"""
    try:
        wanted = of_address(text)
    except ValueError:
        return False
    inside = any(
        wanted <= of_network(cidr) for subnet in network.subnets.values() for cidr in subnet.cidrs
    )
    return inside and not any(one.addresses & wanted for one in network.interfaces.values())


def _listeners(network: Network) -> Iterator[Reading]:
    for balancer in sorted(network.load_balancers.values(), key=lambda one: one.id):
        for listener in balancer.listeners:
            for name in listener.target_groups:
                if name not in network.target_groups:
                    words = f"listener {listener.protocol}:{listener.port}"
                    yield _unknown(f"load balancer {balancer.id} {words} {name}",
                                   f"the target group {name}", "listener", balancer.id, words,
                                   listener.origin)  # fmt: skip


def _unknown(
    subject: str, missing: str, layer: Layer, resource: str, words: str, origin: Origin
) -> Reading:
    told = f"{missing} is not in the material: it was deleted, or left out"
    step = Step(layer, resource, words, None, origin=origin)
    return Reading(CODE, "unknown", subject, told, reasons=(told,), step=step)
