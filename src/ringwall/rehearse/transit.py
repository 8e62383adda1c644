"""Transit gateways: a node each, a leg into every subnet that an attachment stands in.

A leg is a wire of its own and not a port of the subnet's bridge, because AWS judges by the
subnet's network ACL what goes from an interface of that very subnet into the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ringwall.model.addresses import IPNetwork, networks_of
from ringwall.model.beyond import (
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from ringwall.model.network import Network
from ringwall.rehearse.plan import Node
from ringwall.rehearse.roads import FAR, LAST, NEAR, STATIC, Road, lines_of

PROPAGATED_VPC = STATIC + 10
#: Routing tables of a transit gateway, one per leg: where a packet goes hangs on its zone too.
_FIRST_TABLE = 2000

#: Makes a wire with link-local addresses: router, its link, the far node, the link there.
Wire = Callable[[Node, str, Node, str], None]


@dataclass(frozen=True, slots=True)
class Leg:
    """``door`` is the link's name in the VPC's router, ``port`` in the transit gateway."""

    attachment: TransitGatewayAttachment
    subnet: str
    zone: str
    door: str
    port: str


class Transit:
    """The transit gateways of a network; ``legs`` are known once they are wired."""

    def __init__(self, network: Network, left_out: list[str]) -> None:
        self._network = network
        self._left_out = left_out
        self._nodes: dict[str, Node] = {}
        self._peers: dict[tuple[str, str], tuple[str, str]] = {}
        self.legs: list[Leg] = []

    def wire(self, node: Callable[[str], Node], routers: Mapping[str, Node], wire: Wire) -> None:
        """Nodes and links of every gateway; ``routers`` are those of the VPCs, by VPC id."""
        for id in sorted(self._network.transit_gateways):
            self._nodes[id] = made = node(f"transit {id}")
            made.ip.append(f"route add blackhole 0.0.0.0/0 metric {LAST}")
            made.ip6.append(f"route add blackhole ::/0 metric {LAST}")
        for attachment in self._attachments():
            if attachment.kind == "vpc" and attachment.resource in routers:
                for subnet in attachment.subnets:
                    self._leg(attachment, subnet, routers[attachment.resource], wire)
            elif attachment.kind == "peering":
                self._peer(attachment, wire)
            else:
                self._left_out.append(f"{attachment.id}: {attachment.kind} is not played")

    def _attachments(self) -> Iterator[TransitGatewayAttachment]:
        """Those that work, at gateways that are known."""
        for id, one in sorted(self._network.transit_attachments.items()):
            if one.gateway in self._nodes:
                if one.available is None:
                    self._left_out.append(f"{id}: whether it is available is not known")
                if one.available:
                    yield one

    def _leg(
        self, attachment: TransitGatewayAttachment, subnet: str, router: Node, wire: Wire
    ) -> None:
        known = self._network.subnets.get(subnet)
        if known is None:
            self._left_out.append(f"{attachment.id}: its subnet {subnet} is not known")
            return
        number = len(self.legs)
        leg = Leg(attachment, subnet, known.zone, f"t{number}", f"v{number}")
        self.legs.append(leg)
        wire(router, leg.door, self._nodes[attachment.gateway], leg.port)

    def _peer(self, attachment: TransitGatewayAttachment, wire: Wire) -> None:
        """One wire between two gateways, whether one record or two tell of the peering."""
        one, other = attachment.gateway, attachment.resource
        if other not in self._nodes:
            self._left_out.append(f"{attachment.id}: {other} is not in the material")
        elif (one, other) not in self._peers:
            link = f"x{len(self._peers)}"
            wire(self._nodes[one], link, self._nodes[other], link)
            self._peers[one, other] = (link, FAR)
            self._peers[other, one] = (link, NEAR)

    # --- from a VPC ---------------------------------------------------------------------

    def entry(self, gateway: str, vpc: str, zone: str) -> Leg | None:
        """The leg by which a zone of a VPC enters a gateway: one in that very zone, or none."""
        for leg in self.legs:
            held = leg.attachment
            if (held.gateway, held.resource, leg.zone) == (gateway, vpc, zone):
                return leg
        return None

    # --- in a gateway -------------------------------------------------------------------

    def route(self) -> None:
        """A routing table for every leg and peering, from the associated route table."""
        for number, leg in enumerate(self.legs, start=_FIRST_TABLE):
            node = self._nodes[leg.attachment.gateway]
            self._table(node, leg.port, number, leg.attachment, leg.zone)
        for number, ((one, other), (link, _)) in enumerate(
            sorted(self._peers.items()), start=_FIRST_TABLE + len(self.legs)
        ):
            for held in self._peerings(one, other):
                self._table(self._nodes[one], link, number, held, "")

    def _peerings(self, gateway: str, other: str) -> list[TransitGatewayAttachment]:
        """The attachment by which a gateway knows its peer: its own record, else the other's."""
        own = [
            one
            for one in self._attachments()
            if one.kind == "peering" and {one.gateway, one.resource} == {gateway, other}
        ]
        return sorted(own, key=lambda one: one.gateway != gateway)[:1]

    def _table(
        self,
        node: Node,
        link: str,
        number: int,
        attachment: TransitGatewayAttachment,
        zone: str,
    ) -> None:
        gateway = node.name.removeprefix("transit ")
        for table in self._network.transit_route_tables.values():
            if table.gateway != gateway or attachment.id not in table.associated:
                continue
            roads = list(self._roads(gateway, table, zone))
            for batch, version in ((node.ip, 4), (node.ip6, 6)):
                batch.append(f"rule add iif {link} lookup {number} pref 100")
                batch += lines_of((one for one in roads if one.block.version == version), number)

    def _roads(self, gateway: str, table: TransitGatewayRouteTable, zone: str) -> Iterator[Road]:
        for route in table.routes:
            if not route.certain:
                self._left_out.append(f"{table.id}: a route was not resolved")
                continue
            for block in self._blocks(route):
                metric = PROPAGATED_VPC if route.propagated else STATIC
                yield self._road(gateway, route.attachment, block, metric, zone)
        for id in table.propagating:
            known = self._network.transit_attachments.get(id)
            vpc = self._network.vpcs.get(known.resource) if known is not None else None
            if known is None or vpc is None:
                self._left_out.append(f"{table.id}: what {id} propagates is not known")
                continue
            for block in vpc.cidrs:
                yield self._road(gateway, id, block, PROPAGATED_VPC, zone)

    def _blocks(self, route: TransitRoute) -> list[IPNetwork]:
        if not isinstance(route.destination, str):
            return [route.destination]
        listed = self._network.prefix_lists.get(route.destination)
        if listed is None or listed.entries is None:
            self._left_out.append(f"the addresses of {route.destination} are not known")
            return []
        return [*networks_of(listed.entries)]

    def _road(
        self, gateway: str, attachment: str, block: IPNetwork, metric: int, zone: str
    ) -> Road:
        link, hop = self._out(gateway, attachment, zone)
        if not link:
            return Road(block, metric, "", "blackhole")
        family = "inet6 " if block.version == 4 else ""
        return Road(block, metric, f"via {family}{hop} dev {link} onlink")

    def _out(self, gateway: str, attachment: str, zone: str) -> tuple[str, str]:
        """The link and next hop that lead to an attachment; into a VPC by the subnet of the
        packet's own zone, where there is one and no appliance wants all of a flow."""
        legs = [leg for leg in self.legs if leg.attachment.id == attachment]
        same = [leg for leg in legs if leg.zone == zone and not leg.attachment.appliance_mode]
        for leg in (same or legs)[:1]:
            return leg.port, NEAR
        known = self._network.transit_attachments.get(attachment)
        if known is not None and known.kind == "peering" and known.available:
            other = known.resource if known.gateway == gateway else known.gateway
            return self._peers.get((gateway, other), ("", ""))
        return "", ""
