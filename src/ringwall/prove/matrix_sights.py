"""What network ACLs and route tables tell apart about the addresses of interfaces.

Read once per line of segments, so that what lies between two seats can be looked up for whole
arrays of seats: the verdict of every ACL, where route tables deliver locally, and which VPCs have
nothing between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringwall.model.addresses import of_network
from ringwall.model.network import (
    WAY_KINDS,
    Network,
    NetworkInterface,
    Route,
    RouteTable,
    Subnet,
)
from ringwall.prove.matrix_cells import Cells
from ringwall.prove.matrix_faces import Face, Line
from ringwall.prove.matrix_filters import Ids, Verdicts, acl_verdicts
from ringwall.prove.partition import partition
from ringwall.prove.routing import Next, Outcome, Routing
from ringwall.prove.ways import Ways

Flags = NDArray[np.bool_]

#: Routes to these never lead to an interface: not of another VPC, and not away from the own one.
_LEADS_NOWHERE: frozenset[Outcome] = frozenset(
    {"none", "blackhole", "local", "internet-gateway", "egress-only-internet-gateway"}
)
#: Where a public NAT gateway's own route surely leads to nobody's interface.
_ENDS_OF_NAT: frozenset[Outcome] = frozenset({"none", "blackhole", "internet-gateway"})


@dataclass(slots=True)
class Sights:
    """What network ACLs and route tables tell apart, per segment.

    ``outward`` and ``inward`` ``[ACL rows, segments]`` number verdicts; ``row_of`` gives a subnet
    its ACL row; ``local`` says per VPC and route table which segments are delivered locally;
    ``shut`` are the VPCs from which no packet over IPv4 comes to another one's interfaces.
    """

    line: Line
    verdicts: Verdicts
    outward: Ids
    inward: Ids
    row_of: dict[str, int]
    local: dict[tuple[str, str], Flags]
    shut: frozenset[str]

    def numbers(self, network: Network, faces: tuple[Face, ...]) -> list[int]:
        """Per face, a number that is the same where every passage sees the same addresses."""
        if self.all_plain(network, faces):
            columns = self._columns()
            return [int(columns[self.line.at(face.place)]) for face in faces]
        atoms = partition(_without_ends(network)).addresses
        return [atoms.index(face.place) for face in faces]

    def all_plain(self, network: Network, faces: tuple[Face, ...]) -> bool:
        """Is every pair of faces delivered inside one VPC, or has nothing between them?"""
        sixes = any(face.v6 for face in faces) and len(network.vpcs) > 1
        if sixes or self.shut != set(network.vpcs):
            return False
        places: dict[str, set[int]] = {}
        for face in faces:
            subnet = network.subnets.get(face.interface.subnet)
            if subnet is None:
                return False
            places.setdefault(subnet.vpc, set()).add(self.line.at(face.place))
        return all(one[list(places.get(vpc, ()))].all() for (vpc, _), one in self.local.items())

    def _columns(self) -> Ids:
        stacked = np.concatenate(
            [
                self.outward,
                self.inward,
                *(one[None].astype(np.int32) for one in self.local.values()),
            ]
        )
        numbers: dict[bytes, int] = {}
        columns = np.ascontiguousarray(stacked.T)
        return np.array(
            [numbers.setdefault(one.tobytes(), len(numbers)) for one in columns], np.int32
        )


def sights_of(
    network: Network,
    ways: Ways,
    gaps: dict[str, str],
    faces: tuple[Face, ...],
    line: Line,
    cells: Cells,
) -> Sights:
    verdicts = Verdicts()
    by_subnet = {name: acl for acl in network.network_acls.values() for name in acl.subnets}
    used = dict.fromkeys(by_subnet[one].id for one in network.subnets if one in by_subnet)
    rows = {name: at for at, name in enumerate(used)}
    acls = [*(network.network_acls[name] for name in used), None]

    def read(egress: bool) -> Ids:
        found = [
            acl_verdicts(one, egress, line, cells, one is not None and one.id in gaps, verdicts)
            for one in acls
        ]
        return np.stack(found)

    row_of = {
        name: rows[by_subnet[name].id] if name in by_subnet else len(used)
        for name in network.subnets
    }
    local: dict[tuple[str, str], Flags] = {}
    for subnet in network.subnets.values():
        table = ways.routing.table(subnet)
        key = (subnet.vpc, table.id if table else "")
        if key not in local:
            local[key] = _local(network, table, subnet, gaps, line)
    shut = _Doors(network, ways.routing, gaps, faces, line).shut()
    return Sights(line, verdicts, read(True), read(False), row_of, local, shut)


def _local(
    network: Network, table: RouteTable | None, subnet: Subnet, gaps: dict[str, str], line: Line
) -> Flags:
    """The segments that a table surely delivers inside its own VPC."""
    found = np.zeros(len(line), dtype=np.bool_)
    vpc = network.vpcs.get(subnet.vpc)
    if vpc is None or subnet.vpc in gaps or (table is not None and table.id in gaps):
        return found
    length = np.full(len(line), -1)
    for block in vpc.cidrs:
        for start, end in line.stretches(of_network(block)):
            found[start:end] = True
            np.maximum(length[start:end], block.prefixlen, out=length[start:end])
    for route in table.routes if table else ():
        for start, end in _stretches(network, route, line):
            if isinstance(route.destination, str) or not route.certain:
                found[start:end] &= route.target_kind in _LEADS_NOWHERE
            else:
                found[start:end] &= length[start:end] >= route.destination.prefixlen
    return found


def _stretches(network: Network, route: Route, line: Line) -> Iterable[tuple[int, int]]:
    """The segments that a route may name."""
    if not isinstance(route.destination, str):
        return line.stretches(of_network(route.destination))
    known = network.prefix_lists.get(route.destination)
    if known is None or known.entries is None:
        return ((0, len(line)),)
    return line.stretches(known.entries)


class _Doors:
    """Finds the VPCs that no packet over IPv4 can leave towards another one's interfaces.

    Routes are asked at the segments in which other VPCs' interfaces stand, and there at one place
    of every stretch that no route of the table cuts.
    """

    def __init__(
        self,
        network: Network,
        routing: Routing,
        gaps: dict[str, str],
        faces: tuple[Face, ...],
        line: Line,
    ) -> None:
        self._network, self._routing, self._gaps = network, routing, gaps
        self._line = line
        #: Per VPC ("" where it is not known), the segments with its faces.
        self._stand: dict[str, Flags] = {}
        for face in faces:
            if not face.v6:
                subnet = network.subnets.get(face.interface.subnet)
                vpc = subnet.vpc if subnet else ""
                none = np.zeros(len(line), dtype=np.bool_)
                self._stand.setdefault(vpc, none)[line.at(face.place)] = True

    def shut(self) -> frozenset[str]:
        if len(self._network.vpcs) == 1:
            return frozenset(self._network.vpcs)
        return frozenset(one for one in self._network.vpcs if self._is_shut(one))

    def _is_shut(self, vpc: str) -> bool:
        goals = np.zeros(len(self._line), dtype=np.bool_)
        for other, stand in self._stand.items():
            if other != vpc:
                goals |= stand
        subnets = [one for one in self._network.subnets.values() if one.vpc == vpc]
        tables = {table.id if table else "": table for table in map(self._routing.table, subnets)}
        return vpc not in self._gaps and not any(
            self._leads_on(table, vpc, goals) for table in tables.values()
        )

    def _leads_on(self, table: RouteTable | None, vpc: str, goals: Flags) -> bool:
        """May a table lead a packet to another VPC's interface?"""
        for step, reached in self._steps(table, vpc, goals):
            if step.kind == "nat-gateway":
                leads = self._nat_leads_on(step.target, reached)
            elif step.kind == "vpc-endpoint":
                endpoint = self._network.endpoints.get(step.target)
                leads = endpoint is None or endpoint.kind != "gateway"
            else:
                leads = step.kind not in _LEADS_NOWHERE
            if leads:
                return True
        return False

    def _nat_leads_on(self, name: str, goals: Flags) -> bool:
        """A public NAT gateway that hands on to anything but the Internet is not modelled."""
        nat = self._network.nat_gateways.get(name)
        if nat is None or name in self._gaps or not nat.public:
            return True
        if nat.regional:
            table = self._routing.named(nat.route_table, nat.vpc)
        else:
            home = self._network.subnets.get(nat.subnet)
            if home is None or nat.interface not in self._network.interfaces:
                return True
            table = self._routing.table(home)
        steps = self._steps(table, nat.vpc, goals)
        return any(step.kind not in _ENDS_OF_NAT for step, _ in steps)

    def _steps(
        self, table: RouteTable | None, vpc: str, goals: Flags
    ) -> Iterator[tuple[Next, Flags]]:
        """Where a table sends the goals, stretch by stretch."""
        known = self._network.vpcs.get(vpc)
        spans = [
            span
            for block in (known.cidrs if known else ())
            for span in self._line.stretches(of_network(block))
        ]
        for route in table.routes if table else ():
            spans += _stretches(self._network, route, self._line)
        edges = sorted({0, len(self._line), *(edge for span in spans for edge in span)})
        for start, end in pairwise(edges):
            reached = np.zeros_like(goals)
            reached[start:end] = goals[start:end]
            if reached.any():
                place = self._line.starts[int(reached.argmax())]
                yield self._routing.through(table, vpc, place, vpc), reached


def between(network: Network) -> list[NetworkInterface]:
    """The interfaces that packets of others may pass through."""
    named = {route.target for table in network.route_tables.values() for route in table.routes}
    return [one for one in network.interfaces.values() if one.id in named or one.kind in WAY_KINDS]


def _without_ends(network: Network) -> Network:
    """The network without the interfaces, and without the groups that stand at ends only: what
    cuts the addresses of what lies between."""
    named = {route.target for table in network.route_tables.values() for route in table.routes}
    between = [
        one for one in network.interfaces.values() if one.id in named or one.kind in WAY_KINDS
    ]
    kept = {name for one in between for name in one.groups}
    groups = {name: one for name, one in network.security_groups.items() if name in kept}
    return replace(network, interfaces={}, security_groups=groups)
