"""What the second engine asks of peerings, transit gateways and VPN gateways."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from bdd_sets import Header, Set
from bdd_tables import Fork, Line, Tables, decide

from ringwall.model.addresses import ALL_ADDRESSES, IPNetwork, of_network
from ringwall.model.beyond import (
    PeeringSide,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Network
from ringwall.prove.ends import vpc_addresses

_BLACKHOLE = "a blackhole"
#: Of propagated routes of one length, what a VPC announces wins, then Direct Connect, then VPN.
_RANKS = {"vpc": 1, "direct-connect-gateway": 2, "vpn": 3}


class Carrying:
    """The joints between VPCs (and to premises) of one network, for packets with one header."""

    def __init__(self, network: Network, tables: Tables, header: Header) -> None:
        self._network = network
        self._tables = tables
        self._header = header

    # --- peering ---

    def blocks(self, side: PeeringSide) -> IntervalSet:
        vpc = self._network.vpcs.get(side.vpc)
        cidrs = vpc.cidrs if vpc is not None else side.cidrs
        return IntervalSet.union_of(of_network(one) for one in cidrs)

    def _region(self, side: PeeringSide) -> str:
        vpc = self._network.vpcs.get(side.vpc)
        return side.region or (vpc.region if vpc is not None else "")

    def same_region(self, near: PeeringSide, far: PeeringSide) -> bool | None:
        mine, theirs = self._region(near), self._region(far)
        return mine == theirs if mine and theirs else None

    # --- premises ---

    def serves(self, gateway: str) -> bool | None:
        """Does anything lie behind a virtual private gateway? None: not known."""
        vpn = any(
            one.gateway == gateway and one.available is not False
            for one in self._network.vpn_connections.values()
        )
        direct = self._network.direct_connect_gateways.values()
        return True if vpn or any(gateway in one.gateways for one in direct) else None

    # --- transit gateways ---

    def attachment_of(self, gateway: str, vpc: str) -> TransitGatewayAttachment | None:
        for one in self._network.transit_attachments.values():
            if (one.gateway, one.kind, one.resource) == (gateway, "vpc", vpc):
                return one
        return None

    def in_zone(self, attachment: TransitGatewayAttachment, zone: str) -> str | None:
        """The subnet of an attachment in a zone."""
        for name in attachment.subnets:
            subnet = self._network.subnets.get(name)
            if subnet is not None and subnet.zone == zone:
                return name
        return None

    def doors(self, attachment: TransitGatewayAttachment, zone: str) -> list[str]:
        """The subnets by which packets of a zone may come into a VPC."""
        same = self.in_zone(attachment, zone) if zone and not attachment.appliance_mode else None
        if same is not None:
            return [same]
        return [name for name in attachment.subnets if name in self._network.subnets]

    def across(self, attachment: TransitGatewayAttachment) -> TransitGatewayAttachment | None:
        """The other end of a transit gateway peering."""
        for one in self._network.transit_attachments.values():
            back = one.resource == attachment.gateway
            if one.kind == "peering" and one.gateway == attachment.resource and back:
                return one
        # Both sides of a peering bear one id: the other gateway's tables may name it.
        tables = self._network.transit_route_tables.values()
        shared = any(
            one.gateway == attachment.resource and attachment.id in one.associated for one in tables
        )
        return attachment if shared else None

    def references(
        self, one: TransitGatewayAttachment, other: TransitGatewayAttachment
    ) -> bool | None:
        """Whether inbound rules that name groups hold between two attachments."""
        gateway = self._network.transit_gateways.get(one.gateway)
        if gateway is None or one.kind != "vpc" or other.kind != "vpc":
            return False
        facts = (gateway.group_references, one.group_references, other.group_references)
        return False if False in facts else None if None in facts else True

    def roads(self, entry: str, gateway: str) -> list[tuple[Set, Hashable | Fork]]:
        """Where a packet that came in by an attachment goes: another one's id, or ``UNSURE``;
        what goes nowhere is left out."""
        found = [
            one
            for one in self._network.transit_route_tables.values()
            if entry in one.associated and one.gateway == gateway
        ]
        if not found:
            return []
        roads = decide(self._lines(found[0]), self._header)
        return [(block, road) for block, road in roads if road != _BLACKHOLE]

    def _lines(self, table: TransitGatewayRouteTable) -> Iterator[Line]:
        for route in table.routes:
            yield from self._route(route)
        for name in table.propagating:
            attachment = self._network.transit_attachments.get(name)
            if attachment is not None:
                for cidr in self._announced(attachment):
                    rank = _RANKS.get(attachment.kind, 4)
                    yield Line(of_network(cidr), cidr.prefixlen, rank, name)
            if self._learns(name, table):
                outside = ALL_ADDRESSES - vpc_addresses(self._network)
                yield Line(outside, 0, 0, f"learned by {name}", certain=False)

    def _learns(self, name: str, table: TransitGatewayRouteTable) -> bool:
        """May this table hold routes from premises that nobody listed?"""
        attachment = self._network.transit_attachments.get(name)
        listed = any(one.propagated and one.attachment == name for one in table.routes)
        if attachment is None or attachment.available is False or listed:
            return False
        if attachment.kind == "vpn":
            connection = self._network.vpn_connections.get(attachment.resource)
            return connection is None or connection.dynamic
        return attachment.kind == "direct-connect-gateway"

    def _route(self, route: TransitRoute) -> Iterator[Line]:
        choice = _BLACKHOLE if route.blackhole else route.attachment
        attachment = self._network.transit_attachments.get(route.attachment)
        rank = 0
        if route.propagated and attachment is not None and attachment.kind == "peering":
            return  # towards another transit gateway static routes count only
        if route.propagated:
            rank = _RANKS.get(attachment.kind, 4) if attachment is not None else 4
        if not isinstance(route.destination, str):
            block = of_network(route.destination)
            yield Line(block, route.destination.prefixlen, rank, choice, route.certain)
            return
        blocks = self._tables.listed(route.destination)
        if blocks is None:
            yield Line(ALL_ADDRESSES, 0, rank, choice, certain=False)
        for one in blocks or ():
            yield Line(of_network(one), one.prefixlen, rank, choice, route.certain)

    def _announced(self, attachment: TransitGatewayAttachment) -> tuple[IPNetwork, ...]:
        if attachment.kind == "vpc":
            vpc = self._network.vpcs.get(attachment.resource)
            return vpc.cidrs if vpc is not None else ()
        if attachment.kind == "vpn":
            connection = self._network.vpn_connections.get(attachment.resource)
            return connection.routes if connection is not None else ()
        return ()
