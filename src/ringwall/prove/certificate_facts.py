"""A network as plain data: what a certificate says that it is about.

Blocks and sets are lists of ``[first, last]`` on the lines of :mod:`ringwall.model.addresses` and
:mod:`ringwall.model.services`; nothing is left to be looked up. What a certificate cannot cover
(appliances, transit gateways ...) stands here only as far as a route names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.facts.load import facts
from ringwall.model.addresses import networks_of, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    WAY_KINDS,
    AclEntry,
    Bucket,
    CidrPeer,
    GroupPeer,
    LoadBalancer,
    Network,
    NetworkInterface,
    PrefixListPeer,
    Route,
    RouteTable,
    SecurityGroupRule,
)
from ringwall.model.services import TCP, UDP, port_range, whole_protocol
from ringwall.prove.balancers import forwardings, listener_protocols, unsure_targets
from ringwall.prove.ends import bucket_end, internet_addresses
from ringwall.prove.standins import with_stand_ins

Plain = dict[str, Any]
Pairs = list[list[int]]


def pairs(members: IntervalSet) -> Pairs:
    return [list(one) for one in members]


def network_facts(network: Network) -> Plain:
    """Everything that a certificate relies on, as JSON data; the same network, the same data."""
    network = with_stand_ins(network)
    tiers = _tiers(network)
    return {
        "routed": pairs(internet_addresses()),
        "nat_ports": list(facts("client-ports").values["managed"]),
        "vpcs": {
            one.id: {
                "blocks": [_block(block) for block in one.cidrs],
                "region": one.region,
            }
            for one in network.vpcs.values()
        },
        "subnets": {one.id: {"vpc": one.vpc} for one in network.subnets.values()},
        "tables": {one.id: _table(one) for one in network.route_tables.values()},
        "lists": {
            one.id: None
            if one.entries is None
            else [_block(block) for block in networks_of(one.entries)]
            for one in network.prefix_lists.values()
        },
        "acls": {
            one.id: {
                "subnets": sorted(one.subnets),
                "in": _entries(one.entries, egress=False),
                "out": _entries(one.entries, egress=True),
            }
            for one in network.network_acls.values()
        },
        "groups": {
            one.id: {"in": _rules(one.ingress), "out": _rules(one.egress)}
            for one in network.security_groups.values()
        },
        "interfaces": {one.id: _interface(one, tiers) for one in network.interfaces.values()},
        "buckets": {
            one.id: _bucket(network, one, tiers) for one in network.buckets.values()
        },
        **_gateways(network),
        "balancers": {
            one.id: _balancer(network, one) for one in network.load_balancers.values()
        },
        "doubts": sorted({name for gap in network.gaps for name in gap.affects}),
    }  # fmt: skip


def unit_of(one: NetworkInterface | Bucket) -> str:
    """The name of what an end is judged together with."""
    owner = one.owner if isinstance(one, NetworkInterface) else ""
    return one.service or owner or one.id


def _tiers(network: Network) -> Mapping[str, str]:
    """The tier of every unit: that of its first end."""
    found: dict[str, str] = {}
    for card in network.interfaces.values():
        if card.kind not in WAY_KINDS:
            found.setdefault(unit_of(card), card.tier)
    for bucket in network.buckets.values():
        found.setdefault(unit_of(bucket), bucket.tier)
    return found


def _block(network: Any) -> list[int]:
    ((low, high),) = of_network(network)
    return [low, high]


def _table(one: RouteTable) -> Plain:
    return {
        "vpc": one.vpc,
        "main": one.main,
        "subnets": sorted(one.subnets),
        "gateways": sorted(one.gateways),
        "routes": [_route(route) for route in one.routes],
    }


def _route(route: Route) -> Plain:
    where: Plain = (
        {"list": route.destination}
        if isinstance(route.destination, str)
        else {"block": _block(route.destination)}
    )
    return {
        **where,
        "kind": route.target_kind,
        "target": route.target,
        "blackhole": route.blackhole,
        "propagated": route.propagated,
        "sure": route.certain,
    }


def _entries(entries: Iterable[AclEntry], *, egress: bool) -> list[Plain]:
    return [
        {
            "number": one.number,
            "allow": one.allow,
            "block": _block(one.cidr),
            "services": pairs(one.services),
            "sure": one.certain,
        }
        for one in sorted(entries, key=lambda one: one.number)
        if one.egress is egress
    ]


def _rules(rules: Iterable[SecurityGroupRule]) -> list[Plain]:
    return [{**_peer(one), "services": pairs(one.services), "sure": one.certain} for one in rules]


def _peer(rule: SecurityGroupRule) -> Plain:
    match rule.peer:
        case CidrPeer(cidr):
            return {"block": _block(cidr)}
        case GroupPeer(group):
            return {"group": group}
        case PrefixListPeer(prefix_list):
            return {"list": prefix_list}
    return {"unresolved": True}


def _interface(one: NetworkInterface, tiers: Mapping[str, str]) -> Plain:
    unit = unit_of(one)
    return {
        "subnet": one.subnet,
        "addresses": pairs(one.addresses),
        "groups": list(one.groups),
        "kind": one.kind,
        "owner": one.owner,
        "public": one.public,
        "unit": unit,
        "tier": tiers.get(unit, one.tier),
    }


def _bucket(network: Network, one: Bucket, tiers: Mapping[str, str]) -> Plain:
    doors = one.only_through
    return {
        "addresses": pairs(bucket_end(network, one).addresses),
        "only_through": None if doors is None else sorted(doors),
        "blocks_public": one.blocks_public,
        "unit": unit_of(one),
        "tier": tiers.get(unit_of(one), one.tier),
    }


def _gateways(network: Network) -> Plain:
    return {
        "gateways": {
            one.id: {"vpcs": sorted(one.vpcs), "egress_only": one.egress_only}
            for one in network.internet_gateways.values()
        },
        "nats": {
            one.id: {
                "vpc": one.vpc,
                "subnet": one.subnet,
                "interface": one.interface,
                "public": one.public,
                "regional": one.regional,
            }
            for one in network.nat_gateways.values()
        },
        "endpoints": {
            one.id: {"vpc": one.vpc, "kind": one.kind} for one in network.endpoints.values()
        },
        "switches": [
            {
                "mode": one.mode,
                "region": one.region,
                "exclusions": sorted([each.resource, each.mode] for each in one.exclusions),
            }
            for one in network.block_public_access
            if one.mode != "off"
        ],
    }


def _balancer(network: Network, one: LoadBalancer) -> Plain:
    opens: dict[str, IntervalSet] = {}
    hands_on: list[Plain] = []
    for each in forwardings(network, one):
        for protocol in listener_protocols(each.protocol):
            port = each.port
            mine = whole_protocol(protocol) if port is None else port_range(protocol, port, port)
            opens[each.target.id] = opens.get(each.target.id, IntervalSet()) | mine
        hands_on.append(
            {
                "listens": pairs(_either(each.listener_port)),
                "target": each.target.id,
                "services": pairs(_either(each.port)),
            }
        )
    listens = IntervalSet.union_of(
        port_range(protocol, listener.port, listener.port)
        for listener in one.listeners
        for protocol in listener_protocols(listener.protocol)
    )
    return {
        "kind": one.kind,
        "listens": pairs(listens),
        "unsure": bool(unsure_targets(network, one)),
        "keeps": sorted({each.target.id for each in forwardings(network, one) if each.preserves}),
        "opens": {name: pairs(services) for name, services in sorted(opens.items())},
        "hands_on": hands_on,
    }


def _either(port: int | None) -> IntervalSet:
    """A port of TCP and of UDP; all of both where it is not known."""
    if port is None:
        return whole_protocol(TCP) | whole_protocol(UDP)
    return port_range(TCP, port, port) | port_range(UDP, port, port)
