"""The routes of a subnet's route table as the kernel's own.

Among routes to one block the kernel takes the lowest metric, so AWS's order of preference (local,
then static, then by prefix list, then propagated) becomes metrics. A local route is a *throw*: the
lookup goes on in the router's main table, which knows the subnets and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from ringwall.model.addresses import IPNetwork, networks_of, parse_network
from ringwall.model.network import Network, Route, RouteTable, Vpc
from ringwall.rehearse.plan import Seat

LOCAL, STATIC, LISTED, PROPAGATED, LAST = 1, 10, 20, 30, 1_000_000
#: Both ends of a link between routers and gateways; the router (or the first of two) is near.
NEAR, FAR = "fe80::1", "fe80::2"


class Road(NamedTuple):
    """One route: ``way`` is what follows the block (``via ... dev ...``), or its type before it."""

    block: IPNetwork
    metric: int
    way: str
    kind: str = ""


def lines_of(roads: Iterable[Road], table: int) -> Iterator[str]:
    """Lines for ``ip -batch``; of routes to one block with one metric the first stands."""
    seen: set[tuple[IPNetwork, int]] = set()
    for one in roads:
        if (one.block, one.metric) not in seen:
            seen.add((one.block, one.metric))
            words = ("route add", one.kind, str(one.block), one.way)
            yield f"{' '.join(w for w in words if w)} table {table} metric {one.metric}"


class Door(Protocol):
    """Whatever has a link in a VPC's router."""

    @property
    def door(self) -> str: ...


class Transit(Protocol):
    """Where a zone of a VPC enters a transit gateway (:mod:`ringwall.rehearse.transit`)."""

    def entry(self, gateway: str, vpc: str, zone: str) -> Door | None: ...


class Roads:
    """The routes of one VPC's tables; ``doors`` names the link that leads to each gateway."""

    def __init__(
        self,
        network: Network,
        vpc: Vpc,
        seats: Mapping[str, Seat],
        bridges: Mapping[str, str],
        doors: Mapping[str, str],
        transit: Transit,
        left_out: list[str],
    ) -> None:
        self._network = network
        self._transit = transit
        self._vpc = vpc
        self._seats = seats
        self._bridges = bridges
        self._doors = doors
        self._left_out = left_out

    def of(self, table: RouteTable | None, zone: str) -> tuple[list[Road], list[Road]]:
        """The IPv4 and the IPv6 routes of a table, for a subnet of a zone."""
        found = [Road(cidr, LOCAL, "", "throw") for cidr in self._vpc.cidrs]
        found += [
            Road(parse_network(text), LAST, "", "blackhole") for text in ("0.0.0.0/0", "::/0")
        ]
        for route in table.routes if table is not None else ():
            if route.target_kind != "local":
                found += self._roads(route, zone)
        return (
            [one for one in found if one.block.version == 4],
            [one for one in found if one.block.version == 6],
        )

    def _roads(self, route: Route, zone: str) -> Iterator[Road]:
        metric = PROPAGATED if route.propagated else STATIC
        blocks: list[IPNetwork] = []
        if not isinstance(route.destination, str):
            blocks = [route.destination]
        else:
            metric = max(metric, LISTED)
            listed = self._network.prefix_lists.get(route.destination)
            if listed is None or listed.entries is None:
                self._left_out.append(f"the addresses of {route.destination} are not known")
            else:
                blocks = [*networks_of(listed.entries)]
        if not route.certain:
            self._left_out.append(f"a route to {route.destination} was not resolved")
            return
        for block in blocks:
            way = "" if route.blackhole else self._way(route, block.version, zone)
            yield Road(block, metric, way, "" if way else "blackhole")

    def _way(self, route: Route, version: int, zone: str) -> str:
        """Where a route leads from this VPC's router; empty where it leads nowhere."""
        match route.target_kind:
            case "internet-gateway" | "egress-only-internet-gateway":
                gateway = self._network.internet_gateways.get(route.target)
                if gateway is None or self._vpc.id not in gateway.vpcs:
                    return ""
                return self._by_door(route.target, version, FAR)
            case "vpc-endpoint":
                end = self._network.endpoints.get(route.target)
                if end is not None and (end.vpc, end.kind) == (self._vpc.id, "gateway"):
                    return self._by_door(route.target, version, FAR)
            case "vpc-peering":
                peering = self._network.peerings.get(route.target)
                if peering is not None and peering.active is not None:
                    near = peering.accepter.vpc == self._vpc.id
                    return self._by_door(route.target, version, NEAR if near else FAR)
            case "nat-gateway":
                nat = self._network.nat_gateways.get(route.target)
                if nat is not None and nat.vpc == self._vpc.id and not nat.regional:
                    return self._by_interface(nat.interface, version) if version == 4 else ""
            case "network-interface":
                if route.target in self._seats:
                    return self._by_interface(route.target, version)
            case "transit-gateway" if route.target in self._network.transit_gateways:
                leg = self._transit.entry(route.target, self._vpc.id, zone)
                return _onward(leg.door, version, FAR) if leg is not None else ""
            case _:
                pass
        words = f"routes to {route.target_kind} {route.target} are not played"
        self._left_out.append(words)
        return ""

    def _by_door(self, target: str, version: int, hop: str) -> str:
        door = self._doors.get(target)
        return _onward(door, version, hop) if door is not None else ""

    def _by_interface(self, interface: str, version: int) -> str:
        """To an interface of this VPC by its first address of the family."""
        found = self._network.interfaces.get(interface)
        subnet = self._network.subnets.get(found.subnet) if found is not None else None
        seat = self._seats.get(interface)
        if subnet is None or seat is None or subnet.vpc != self._vpc.id:
            return ""
        for address in seat.addresses:
            if (":" in address) == (version == 6):
                return f"via {address} dev {self._bridges[subnet.id]} onlink"
        return ""


def _onward(link: str, version: int, hop: str) -> str:
    return f"via {'inet6 ' if version == 4 else ''}{hop} dev {link} onlink"
