"""A network after the loss of one Availability Zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from ringwall.model.beyond import TransitGatewayAttachment
from ringwall.model.network import NatGateway, Network, Route

_T = TypeVar("_T")


def zones_of(network: Network) -> tuple[str, ...]:
    """The zones that hold at least one subnet, in order."""
    return tuple(sorted({subnet.zone for subnet in network.subnets.values() if subnet.zone}))


def without_zone(network: Network, zone: str) -> Network:
    """The network with everything that stands in the zone gone.

    Subnets, their interfaces, NAT gateways and firewall endpoints go; routes to any of those
    become blackholes. What stands in several zones (a transit gateway's attachment, a regional
    NAT gateway) keeps the others. A zonal workload (one that does not move by itself) is taken to
    stand in any of its zones, so it loses all its interfaces when one of them is lost.
    """
    lost = {one.id for one in network.subnets.values() if one.zone == zone}
    nats = {one.id for one in network.nat_gateways.values() if one.subnet in lost}
    doors = {
        one.id for one in network.endpoints.values() if one.subnets and lost.issuperset(one.subnets)
    }
    cards = _fallen_interfaces(network, lost)
    gone = nats | doors | cards

    def after(route: Route) -> Route:
        return replace(route, blackhole=True) if route.target in gone else route

    return replace(
        network,
        subnets=_but(network.subnets, lost),
        interfaces=_but(network.interfaces, cards),
        nat_gateways={
            key: _in_other_zones(one, zone) for key, one in _but(network.nat_gateways, nats).items()
        },
        endpoints={
            key: replace(one, subnets=tuple(name for name in one.subnets if name not in lost))
            for key, one in _but(network.endpoints, doors).items()
        },
        transit_attachments={
            key: _with_other_doors(one, lost) for key, one in network.transit_attachments.items()
        },
        route_tables={
            key: replace(table, routes=tuple(after(route) for route in table.routes))
            for key, table in network.route_tables.items()
        },
    )


def _fallen_interfaces(network: Network, lost: set[str]) -> set[str]:
    struck = {one.owner for one in network.interfaces.values() if one.subnet in lost}
    fallen = {
        one.id for one in network.workloads.values() if one.zonal is True and one.id in struck
    }
    return {
        one.id for one in network.interfaces.values() if one.subnet in lost or one.owner in fallen
    }


def _but(every: Mapping[str, _T], gone: set[str]) -> dict[str, _T]:
    return {key: one for key, one in every.items() if key not in gone}


def _in_other_zones(nat: NatGateway, zone: str) -> NatGateway:
    if nat.zones is None:
        return nat
    return replace(nat, zones=tuple(one for one in nat.zones if one != zone))


def _with_other_doors(
    attachment: TransitGatewayAttachment, lost: set[str]
) -> TransitGatewayAttachment:
    """A transit gateway's attachment without its lost subnets; without any left, it is gone."""
    left = tuple(name for name in attachment.subnets if name not in lost)
    gone = bool(attachment.subnets) and not left
    return replace(attachment, subnets=left, available=False if gone else attachment.available)
