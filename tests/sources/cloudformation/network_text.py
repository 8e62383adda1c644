"""A Network as a few plain lines, for goldens that a person can read."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, show_addresses
from ringwall.model.beyond import FirewallRule
from ringwall.model.network import AclEntry, Network, SecurityGroupRule
from ringwall.model.services import show_services


def text_of(network: Network) -> str:
    """Every noun on its own lines, in the order of its section; no origins."""
    return "\n".join(line.rstrip() for line in _lines(network)) + "\n"


def _lines(network: Network) -> Iterator[str]:
    for vpc in network.vpcs.values():
        yield f"vpc {vpc.id} {' '.join(map(str, vpc.cidrs))}"
    for subnet in network.subnets.values():
        yield f"subnet {subnet.id} {' '.join(map(str, subnet.cidrs))} {subnet.zone}"
    for gateway in network.internet_gateways.values():
        what = "egress-only gateway" if gateway.egress_only else "internet gateway"
        yield f"{what} {gateway.id} at {' '.join(gateway.vpcs)}"
    for table in network.route_tables.values():
        main = " (main)" if table.main else ""
        yield f"route table {table.id}{main} serves {' '.join(table.subnets) or 'none'}"
        for route in table.routes:
            yield (
                f"  {route.destination} -> {route.target_kind} {route.target}{_sure(route.certain)}"
            )
    for acl in network.network_acls.values():
        yield f"acl {acl.id} filters {' '.join(acl.subnets) or 'none'}"
        yield from (f"  {_entry(one)}" for one in acl.entries)
    for group in network.security_groups.values():
        yield f"group {group.id}"
        yield from (f"  in {_rule(one)}" for one in group.ingress)
        yield from (f"  out {_rule(one)}" for one in group.egress)
    yield from _workloads(network)
    yield from beyond_lines(network)
    for listed in network.prefix_lists.values():
        known = "unknown" if listed.entries is None else "known"
        yield f"prefix list {listed.id}: {known}"
    for bucket in network.buckets.values():
        yield f"bucket {bucket.id} private={bucket.blocks_public} through={bucket.only_through}"
    for gap in network.gaps:
        affects = f" [{' '.join(gap.affects)}]" if gap.affects else ""
        yield f"gap {gap.kind} {gap.subject}: {gap.message}{affects}"


def beyond_lines(network: Network) -> Iterator[str]:
    """What joins VPCs to other networks, and what stands between."""
    for peering in network.peerings.values():
        ends = " and ".join(
            f"{one.vpc} ({one.region or '?'})" for one in (peering.requester, peering.accepter)
        )
        yield f"peering {peering.id} of {ends} active={peering.active}"
    for transit in network.transit_gateways.values():
        yield f"transit gateway {transit.id} references={transit.group_references}"
    for one in network.transit_attachments.values():
        yield (
            f"attachment {one.id} of {one.kind} {one.resource} to {one.gateway} by"
            f" {' '.join(one.subnets) or 'nothing'} available={one.available}"
            f" appliance={one.appliance_mode} references={one.group_references}"
        )
    for table in network.transit_route_tables.values():
        served = " ".join(table.associated) or "none"
        heard = " ".join(table.propagating) or "none"
        yield f"transit table {table.id} of {table.gateway} serves {served}, hears {heard}"
        for route in table.routes:
            learned = " (propagated)" if route.propagated else ""
            target = "blackhole" if route.blackhole else route.attachment
            yield f"  {route.destination} -> {target}{learned}{_sure(route.certain)}"
    yield from _premises(network)
    for wall in network.firewalls.values():
        order = "strict" if wall.strict else "default order"
        yield f"firewall {wall.id} in {wall.vpc} at {' '.join(wall.endpoints)}, {order}"
        yield from (f"  stateless {_five(rule)}" for rule in wall.stateless)
        yield f"  stateless default {wall.stateless_default}"
        yield from (f"  stateful {_five(rule)}" for rule in wall.stateful)
        yield f"  stateful default {wall.stateful_default}"
        if wall.opaque:
            yield f"  opaque: {wall.opaque}"


def _premises(network: Network) -> Iterator[str]:
    for gateway in network.vpn_gateways.values():
        yield f"vpn gateway {gateway.id} at {' '.join(gateway.vpcs)}"
    for vpn in network.vpn_connections.values():
        blocks = " ".join(map(str, vpn.routes)) or "nothing"
        yield f"vpn {vpn.id} at {vpn.gateway} for {blocks} dynamic={vpn.dynamic}"
    for direct in network.direct_connect_gateways.values():
        yield f"direct connect {direct.id} at {' '.join(direct.gateways)}"
    for switch in network.block_public_access:
        yield f"block public access {switch.mode} in {switch.region}"
        yield from (f"  {one.mode} {one.resource}" for one in switch.exclusions)


def _five(rule: FirewallRule) -> str:
    ends = f"{_block(rule.sources)} -> {_block(rule.destinations)}"
    ports = "" if rule.source_ports is None else f" from ports {rule.source_ports}"
    both = " both ways" if rule.both_ways else ""
    what = f"{rule.priority} {rule.action} {show_services(rule.services)} {ends}"
    return f"{what}{ports}{both}{_sure(rule.certain)}"


def _block(addresses: AddressSet) -> str:
    return "any" if addresses == ALL_ADDRESSES else show_addresses(addresses)


def _workloads(network: Network) -> Iterator[str]:
    for work in network.workloads.values():
        yield f"workload {work.id} zonal={work.zonal}"
        for card in network.interfaces.values():
            if card.owner != work.id:
                continue
            at = show_addresses(card.addresses, most=1) if card.pinned else "any of its subnet"
            yield (
                f"  {card.id} {card.kind} {at} public={card.public} groups={','.join(card.groups)}"
            )
    for nat in network.nat_gateways.values():
        yield f"nat {nat.id} in {nat.subnet} by {nat.interface}"
    for endpoint in network.endpoints.values():
        yield f"endpoint {endpoint.id} {endpoint.kind} {endpoint.service}"
    for balancer in network.load_balancers.values():
        facing = "internet-facing" if balancer.internet_facing else "internal"
        yield f"load balancer {balancer.id} {balancer.kind} {facing}"
        for one in balancer.listeners:
            yield f"  {one.protocol} {one.port} -> {' '.join(one.target_groups) or 'nothing'}"
    for group in network.target_groups.values():
        targets = "unknown" if group.targets is None else " ".join(one.id for one in group.targets)
        yield f"target group {group.id} {group.protocol} {group.port}: {targets}"


def _sure(certain: bool) -> str:
    return "" if certain else " ?"


def _entry(one: AclEntry) -> str:
    way, verb = "out" if one.egress else "in", "allow" if one.allow else "deny"
    return f"{way} {one.number} {verb} {show_services(one.services)} {one.cidr}{_sure(one.certain)}"


def _rule(one: SecurityGroupRule) -> str:
    return f"{show_services(one.services)} {one.peer}{_sure(one.certain)}"
