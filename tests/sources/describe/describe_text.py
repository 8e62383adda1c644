"""A Network as plain text, for goldens that a person can check against the dump."""

from __future__ import annotations

from collections.abc import Iterable

from ringwall.model.addresses import show_addresses
from ringwall.model.network import Network, NetworkInterface, Route, RouteTable, SecurityGroup
from ringwall.model.services import show_services


def show(network: Network) -> str:
    """Every resource on a line of its own, in the order of reading; then what is on record."""
    parts = [
        f"region {network.region or 'several'}",
        *_places(network),
        *(line for table in network.route_tables.values() for line in _table(table)),
        *_acls(network),
        *(line for group in network.security_groups.values() for line in _group(group)),
        *(_interface(card) for card in network.interfaces.values()),
        *(
            f"workload {one.id} {one.type} name={one.name or '-'} zonal={one.zonal}"
            for one in network.workloads.values()
        ),
        *_balancers(network),
        *_beyond(network),
        *(
            f"gap {one.kind} {one.subject}: {one.message}"
            + (f" (affects {_words(one.affects)})" if one.affects else "")
            for one in network.gaps
        ),
    ]
    return "\n".join(parts) + "\n"


def _words(items: Iterable[object]) -> str:
    return ", ".join(map(str, items)) or "-"


def _places(network: Network) -> list[str]:
    found = [
        f"vpc {one.id} {one.name or '-'} {_words(one.cidrs)} {one.region} {one.account}"
        for one in network.vpcs.values()
    ]
    found += [
        f"subnet {one.id} {one.name or '-'} in {one.vpc} {one.zone} {_words(one.cidrs)}"
        for one in network.subnets.values()
    ]
    found += [
        f"gateway {one.id} of {_words(one.vpcs)}" + (" egress only" if one.egress_only else "")
        for one in network.internet_gateways.values()
    ]
    found += [
        f"nat {one.id} in {one.subnet} at {one.interface} public={one.public}"
        for one in network.nat_gateways.values()
    ]
    found += [
        f"prefix list {one.id} {one.name} "
        + ("unknown" if one.entries is None else show_addresses(one.entries))
        for one in network.prefix_lists.values()
    ]
    return found


def _table(table: RouteTable) -> list[str]:
    main = " main" if table.main else ""
    head = f"routes {table.id} of {table.vpc}{main} for {_words(table.subnets)}"
    return [head, *(f"  {_route(one)}" for one in table.routes)]


def _route(route: Route) -> str:
    marks = [
        word
        for word, held in (
            ("blackhole", route.blackhole),
            ("propagated", route.propagated),
            ("uncertain", not route.certain),
        )
        if held
    ]
    return " ".join([f"{route.destination} -> {route.target_kind} {route.target}", *marks])


def _acls(network: Network) -> list[str]:
    found: list[str] = []
    for acl in network.network_acls.values():
        found.append(f"acl {acl.id} of {acl.vpc} for {_words(acl.subnets)}")
        found += [
            f"  {'out' if one.egress else 'in '} {one.number} "
            f"{'allow' if one.allow else 'deny'} {show_services(one.services)} {one.cidr}"
            + ("" if one.certain else " uncertain")
            for one in acl.entries
        ]
    return found


def _group(group: SecurityGroup) -> list[str]:
    found = [f"group {group.id} {group.name} of {group.vpc}"]
    for word, rules in (("in ", group.ingress), ("out", group.egress)):
        found += [
            f"  {word} {show_services(one.services)} {one.peer}"
            + ("" if one.certain else " uncertain")
            for one in rules
        ]
    return found


def _interface(card: NetworkInterface) -> str:
    where = show_addresses(card.addresses) if card.pinned else f"any of {card.addresses.size}"
    public = show_addresses(card.public_addresses) if card.public_addresses else str(card.public)
    return (
        f"interface {card.id} {card.name or '-'} {card.kind} of {card.owner or '-'} "
        f"in {card.subnet} at {where} public={public} groups {_words(card.groups)}"
    )


def _balancers(network: Network) -> list[str]:
    found: list[str] = []
    for one in network.load_balancers.values():
        found.append(f"balancer {one.name} {one.kind} cross-zone={one.cross_zone}")
        found += [
            f"  {listener.protocol}/{listener.port} -> {_words(listener.target_groups)}"
            for listener in one.listeners
        ]
    for group in network.target_groups.values():
        targets = (
            "unknown"
            if group.targets is None
            else _words(f"{target.id}:{target.port}" for target in group.targets)
        )
        found.append(f"targets {group.name} {group.kind} {group.protocol}/{group.port}: {targets}")
    return found


def _beyond(network: Network) -> list[str]:
    """What joins VPCs to other networks."""
    found = [
        f"peering {one.id} {one.requester.vpc} {_words(one.requester.cidrs)} - "
        f"{one.accepter.vpc} {_words(one.accepter.cidrs)} active={one.active}"
        for one in network.peerings.values()
    ]
    found += [
        f"transit gateway {one.id} {one.region} references={one.group_references}"
        for one in network.transit_gateways.values()
    ]
    found += [
        f"attachment {one.id} of {one.gateway} to {one.kind} {one.resource} in "
        f"{_words(one.subnets)} available={one.available} appliance={one.appliance_mode}"
        for one in network.transit_attachments.values()
    ]
    for table in network.transit_route_tables.values():
        found.append(
            f"transit routes {table.id} of {table.gateway} for {_words(table.associated)} "
            f"announced by {_words(table.propagating)}"
        )
        found += [
            f"  {one.destination} -> {one.attachment or 'nowhere'}"
            + (" propagated" if one.propagated else "")
            for one in table.routes
        ]
    found += [
        f"vpn gateway {one.id} of {_words(one.vpcs)}" for one in network.vpn_gateways.values()
    ]
    found += [
        f"vpn {one.id} at {one.gateway} to {_words(one.routes)} dynamic={one.dynamic} "
        f"available={one.available}"
        for one in network.vpn_connections.values()
    ]
    found += [
        f"direct connect {one.id} at {_words(one.gateways)}"
        for one in network.direct_connect_gateways.values()
    ]
    return found
