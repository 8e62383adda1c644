"""A network after the loss of one Availability Zone."""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.network import Network, Route


def zones_of(network: Network) -> tuple[str, ...]:
    """The zones that hold at least one subnet, in order."""
    return tuple(sorted({subnet.zone for subnet in network.subnets.values() if subnet.zone}))


def without_zone(network: Network, zone: str) -> Network:
    """The network with everything that stands in the zone gone.

    Subnets, their interfaces and NAT gateways go; routes to those NAT gateways become
    blackholes. A zonal workload (one that does not move by itself) is taken to stand in any of
    its zones, so it loses all its interfaces when one of them is lost.
    """
    lost = {one.id for one in network.subnets.values() if one.zone == zone}
    nats = {one.id for one in network.nat_gateways.values() if one.subnet in lost}
    struck = {one.owner for one in network.interfaces.values() if one.subnet in lost}
    fallen = {
        one.id for one in network.workloads.values() if one.zonal is True and one.id in struck
    }

    def after(route: Route) -> Route:
        return replace(route, blackhole=True) if route.target in nats else route

    return replace(
        network,
        subnets={key: one for key, one in network.subnets.items() if key not in lost},
        interfaces={
            key: one
            for key, one in network.interfaces.items()
            if one.subnet not in lost and one.owner not in fallen
        },
        nat_gateways={key: one for key, one in network.nat_gateways.items() if key not in nats},
        route_tables={
            key: replace(table, routes=tuple(after(route) for route in table.routes))
            for key, table in network.route_tables.items()
        },
    )
