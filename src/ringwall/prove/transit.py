"""The route tables of transit gateways.

Source: Transit Gateway guide, "Route evaluation order": the longest matching prefix; among equal
ones a static route before a propagated one, and among those a VPC's before Direct Connect's before
a VPN's. Each attachment looks its packets up in the one table that it is associated with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.addresses import V6_BASE, IPNetwork, networks_of, of_network
from ringwall.model.beyond import (
    AttachmentKind,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from ringwall.model.network import Network
from ringwall.prove.ends import vpc_addresses

_STATIC, _LAST = 0, 4
_PROPAGATED: dict[AttachmentKind, int] = {"vpc": 1, "direct-connect-gateway": 2, "vpn": 3}


@dataclass(frozen=True, slots=True)
class Onward:
    """The attachment that a packet leaves by; none of it with a ``reason``: not known."""

    attachment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    length: int
    rank: int
    onward: Onward
    vague: str = ""


class TransitTables:
    """Answers "by which attachment?" per route table and address; remembers every answer."""

    def __init__(self, network: Network, gaps: dict[str, str]) -> None:
        self._network = network
        self._gaps = gaps
        self._inside = vpc_addresses(network)
        self._known: dict[tuple[str, int], Onward] = {}

    def table(self, attachment: str, gateway: str) -> TransitGatewayRouteTable | None:
        """The table that an attachment of a gateway is associated with."""
        tables = self._network.transit_route_tables.values()
        return next(
            (one for one in tables if one.gateway == gateway and attachment in one.associated), None
        )

    def attachment(self, gateway: str, vpc: str) -> TransitGatewayAttachment | None:
        """The attachment of a VPC to a gateway."""
        every = sorted(self._network.transit_attachments.values(), key=lambda one: one.id)
        fits = (
            one
            for one in every
            if one.gateway == gateway and one.kind == "vpc" and one.resource == vpc
        )
        return next(fits, None)

    def back_to(
        self, peer: str, gateway: str, there: TransitGatewayAttachment
    ) -> TransitGatewayAttachment:
        """A peering attachment as the peer has it (it may be listed once for both)."""
        every = sorted(self._network.transit_attachments.values(), key=lambda one: one.id)
        fits = (
            one
            for one in every
            if one.gateway == peer and one.kind == "peering" and one.resource == gateway
        )
        return next(fits, there)

    def next(self, table: TransitGatewayRouteTable, address: int) -> Onward:
        key = (table.id, address)
        if key not in self._known:
            self._known[key] = self._decide(table, address)
        return self._known[key]

    def _decide(self, table: TransitGatewayRouteTable, address: int) -> Onward:
        if table.id in self._gaps:
            return Onward(reason=self._gaps[table.id])
        found = [*self._listed(table, address), *self._announced(table, address)]
        silent = self._silent(table)
        if silent and address not in self._inside:
            return Onward(reason=f"what {silent} announces to {table.id} is not listed")
        if not found:
            return Onward()
        sure = [one for one in found if not one.vague]
        best = min(sure, key=lambda one: (-one.length, one.rank), default=None)
        ties = {
            one.onward
            for one in sure
            if best is not None and (one.length, one.rank) == (best.length, best.rank)
        }
        doubts = [one for one in found if one.vague]
        if best is not None and len(ties | {one.onward for one in doubts}) == 1:
            return best.onward
        tie = f"two routes of {table.id} tie and AWS picks one of them"
        return Onward(reason=doubts[0].vague if doubts else tie)

    def _listed(self, table: TransitGatewayRouteTable, address: int) -> Iterator[_Candidate]:
        for route in table.routes:
            known = self._network.transit_attachments.get(route.attachment)
            if route.propagated and known is not None and known.kind == "peering":
                continue  # gateways tell their peers nothing: only static routes lead there
            length = self._length(route, address)
            leads = Onward() if route.blackhole else Onward(route.attachment)
            if length is None or (length >= 0 and not route.certain):
                # What a route that is not resolved may hold is a longer prefix than any other.
                longest = 32 if address < V6_BASE else 128
                reason = f"a route of {table.id} could not be resolved"
                yield _Candidate(longest, _STATIC, leads, reason)
            elif length >= 0:
                yield _Candidate(length, self._rank(route), leads)

    def _length(self, route: TransitRoute, address: int) -> int | None:
        """The matching prefix's length, -1 for no match, None where the list is not known."""
        if not isinstance(route.destination, str):
            return _length_in((route.destination,), address)
        known = self._network.prefix_lists.get(route.destination)
        if known is None or known.entries is None:
            return None
        return _length_in(networks_of(known.entries), address)

    def _rank(self, route: TransitRoute) -> int:
        if not route.propagated:
            return _STATIC
        known = self._network.transit_attachments.get(route.attachment)
        return _PROPAGATED.get(known.kind, _LAST) if known is not None else _LAST

    def _announced(self, table: TransitGatewayRouteTable, address: int) -> Iterator[_Candidate]:
        for name in table.propagating:
            known = self._network.transit_attachments.get(name)
            if known is None:
                continue
            length = _length_in(self._blocks(known), address)
            if length >= 0:
                yield _Candidate(length, _PROPAGATED.get(known.kind, _LAST), Onward(name))

    def _silent(self, table: TransitGatewayRouteTable) -> str:
        """A gateway that announces by BGP what the material does not list, if there is one."""
        listed = {one.attachment for one in table.routes if one.propagated}
        for name in table.propagating:
            known = self._network.transit_attachments.get(name)
            if known is None or known.available is False or name in listed:
                continue
            vpn = self._network.vpn_connections.get(known.resource)
            unlisted = vpn is None or vpn.dynamic
            if known.kind == "vpn" and unlisted:
                return name
            if known.kind == "direct-connect-gateway":
                return name
        return ""

    def _blocks(self, attachment: TransitGatewayAttachment) -> tuple[IPNetwork, ...]:
        if attachment.kind == "vpc":
            vpc = self._network.vpcs.get(attachment.resource)
            return vpc.cidrs if vpc is not None else ()
        if attachment.kind == "vpn":
            vpn = self._network.vpn_connections.get(attachment.resource)
            return vpn.routes if vpn is not None else ()
        return ()


def _length_in(blocks: tuple[IPNetwork, ...] | list[IPNetwork], address: int) -> int:
    return max((one.prefixlen for one in blocks if address in of_network(one)), default=-1)
