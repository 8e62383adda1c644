"""Transit gateways of the reference simulator: attachments, zones and one lookup in one table.

Semantics: Transit Gateways guide, "How transit gateways work" (route evaluation order, zones,
appliance mode) and "How network ACLs work with transit gateways".
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from ringwall.model.addresses import of_network
from ringwall.model.beyond import TransitGatewayAttachment, TransitGatewayRouteTable, TransitRoute
from ringwall.model.network import Network
from ringwall.model.verdict import Step
from ringwall.prove.ends import vpc_addresses
from ringwall.prove.simulator_filters import TRANSIT_REFERENCE_CODE, References
from ringwall.prove.simulator_flight import Flight, all_of, gap_on, within
from ringwall.prove.simulator_routes import list_match

STATE_CODE = "BAD_STATE_ATTACHMENT"
ZONE_CODE = "TGW_ROUTE_AZ_RESTRICTION"
NO_TABLE_CODE = "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"
NO_ROUTE_CODE = "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"
BLACKHOLE_CODE = "TGW_RTB_BAD_STATE_ROUTE"

_ANY_LENGTH = 129
#: Who wins among propagated routes of one length.
_PROPAGATED = {"vpc": 1, "direct-connect-gateway": 2, "vpn": 3}


@dataclass(frozen=True, slots=True)
class Onward:
    """What a transit gateway's lookup came to; ``attachment`` is empty where nothing is sure."""

    step: Step
    attachment: str = ""


def attachment_of(network: Network, gateway: str, vpc: str) -> TransitGatewayAttachment | None:
    """The attachment of a VPC at a transit gateway."""
    found = sorted(network.transit_attachments.values(), key=lambda one: one.id)
    return next(
        (one for one in found if (one.gateway, one.kind, one.resource) == (gateway, "vpc", vpc)),
        None,
    )


def peer_of(attachment: TransitGatewayAttachment, gateway: str) -> str:
    """The transit gateway at the other end of a peering attachment."""
    return attachment.resource if attachment.gateway == gateway else attachment.gateway


def way_back(
    network: Network, attachment: TransitGatewayAttachment, gateway: str, other: str
) -> TransitGatewayAttachment:
    """The peering as the other gateway holds it: its own record, or the very same one."""
    found = sorted(network.transit_attachments.values(), key=lambda one: one.id)
    for one in found:
        if one.kind == "peering" and (one.gateway, one.resource) == (other, gateway):
            return one
    return attachment


def available_step(network: Network, attachment: TransitGatewayAttachment) -> Step | None:
    """The step of an attachment that does not work, or may not; None for one that does."""
    gap = gap_on(network, attachment.id)
    if gap:
        return Step("route", attachment.id, gap, None, origin=attachment.origin)
    if attachment.available:
        return None
    if attachment.available is None:
        reason = "it is not known whether this attachment is available"
        return Step("route", attachment.id, reason, None, origin=attachment.origin)
    rule = "this attachment is not available"
    return Step("route", attachment.id, rule, False, STATE_CODE, attachment.origin)


def zone_of(network: Network, subnet: str) -> str:
    known = network.subnets.get(subnet)
    return known.zone if known is not None else ""


def subnet_in_zone(network: Network, attachment: TransitGatewayAttachment, zone: str) -> str:
    """The attachment's subnet in a zone, empty where it has none there."""
    found = (one for one in attachment.subnets if zone and zone_of(network, one) == zone)
    return next(found, "")


def zone_step(network: Network, attachment: TransitGatewayAttachment, zone: str) -> Step | None:
    """A packet enters a transit gateway in its own zone or not at all (None: it does)."""
    if subnet_in_zone(network, attachment, zone):
        return None
    known = attachment.subnets and all(one in network.subnets for one in attachment.subnets)
    if not known or not zone:
        reason = "it is not known in which zones this attachment stands"
        return Step("route", attachment.id, reason, None, origin=attachment.origin)
    rule = f"this attachment has no subnet in {zone}"
    return Step("route", attachment.id, rule, False, ZONE_CODE, attachment.origin)


def transit_references(
    network: Network,
    gateway: str,
    entering: TransitGatewayAttachment,
    leaving: TransitGatewayAttachment,
) -> References:
    """References to groups past one transit gateway: at the target only, where all three allow."""
    known = network.transit_gateways.get(gateway)
    holds = all_of(
        (
            known.group_references if known is not None else None,
            entering.group_references,
            leaving.group_references,
        )
    )
    why = "a reference to a group does not hold across this transit gateway"
    return References(holds, False, why, TRANSIT_REFERENCE_CODE)


# --- the lookup -------------------------------------------------------------------------------


def transit_table(
    network: Network, gateway: str, attachment: str
) -> TransitGatewayRouteTable | None:
    found = sorted(network.transit_route_tables.values(), key=lambda one: one.id)
    return next(
        (one for one in found if one.gateway == gateway and attachment in one.associated), None
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    route: TransitRoute
    rank: tuple[int, int]
    match: bool

    @property
    def words(self) -> str:
        target = "a blackhole" if self.route.blackhole else self.route.attachment
        return f"{self.route.destination} to {target}"

    @property
    def goal(self) -> str:
        return "" if self.route.blackhole else self.route.attachment


def onward(network: Network, gateway: str, attachment: str, flight: Flight) -> Onward:
    """Where a transit gateway sends what an attachment hands it."""
    table = transit_table(network, gateway, attachment)
    if table is None:
        rule = f"attachment {attachment} is associated with no route table"
        return Onward(Step("route", gateway, rule, False, NO_TABLE_CODE))
    gap = gap_on(network, table.id)
    if gap:
        return Onward(Step("route", table.id, gap, None, origin=table.origin))
    silent = _silent(network, table)
    if silent and not flight.destination <= vpc_addresses(network):
        reason = f"what {silent} announces is not listed"
        return Onward(Step("route", table.id, reason, None, origin=table.origin))
    possible = _possible(_candidates(network, table, flight))
    if not possible:
        where = flight.words(egress=True).split(" to ", 1)[1]
        rule = f"no route to {where}"
        return Onward(Step("route", table.id, rule, False, NO_ROUTE_CODE, table.origin))
    decider = possible[-1]
    if not decider.match or len({one.goal for one in possible}) > 1:
        words = list(dict.fromkeys(one.words for one in possible))
        if not decider.match:
            words.append("none")
        reason = f"it is not known which route is taken: {' or '.join(words)}"
        return Onward(Step("route", table.id, reason, None, "", possible[0].route.origin))
    origin = decider.route.origin
    if decider.route.blackhole:
        return Onward(Step("route", table.id, decider.words, False, BLACKHOLE_CODE, origin))
    return Onward(Step("route", table.id, decider.words, True, "", origin), decider.goal)


def _possible(candidates: list[_Candidate]) -> list[_Candidate]:
    """The routes that may be taken, best first, down to the first sure match and its equals."""
    for index, one in enumerate(candidates):
        if one.match:
            ties = [more for more in candidates[index + 1 :] if more.rank == one.rank]
            return [*candidates[:index], *ties, one]
    return candidates


def _candidates(
    network: Network, table: TransitGatewayRouteTable, flight: Flight
) -> list[_Candidate]:
    routes = [*table.routes, *_propagated(network, table)]
    found = [one for route in routes if (one := _candidate(network, route, flight)) is not None]
    return sorted(found, key=lambda one: one.rank)


def _candidate(network: Network, route: TransitRoute, flight: Flight) -> _Candidate | None:
    attachment = network.transit_attachments.get(route.attachment)
    kind = attachment.kind if attachment is not None else ""
    if route.propagated and kind == "peering":
        return None  # transit gateways tell their peers nothing: only static routes lead there
    if isinstance(route.destination, str):
        match, length = list_match(network, route.destination, flight)
    else:
        match = within(flight.destination, of_network(route.destination))
        length = route.destination.prefixlen
    if match is False:
        return None
    who = _PROPAGATED.get(kind, 4) if route.propagated else 0
    if match is None or not route.certain:
        return _Candidate(route, (-_ANY_LENGTH, who), False)
    return _Candidate(route, (-length, who), True)


def _propagated(network: Network, table: TransitGatewayRouteTable) -> list[TransitRoute]:
    """What the attachments that propagate into this table announce by themselves."""
    return [
        TransitRoute(block, attachment, propagated=True, origin=table.origin)
        for attachment in table.propagating
        for block in announced(network, attachment)
    ]


def _silent(network: Network, table: TransitGatewayRouteTable) -> str:
    """An attachment of this table that announces by BGP what the material does not list."""
    listed = {route.attachment for route in table.routes if route.propagated}
    for name in table.propagating:
        known = network.transit_attachments.get(name)
        if known is None or known.available is False or name in listed:
            continue
        vpn = network.vpn_connections.get(known.resource)
        if known.kind == "direct-connect-gateway":
            return name
        if known.kind == "vpn" and (vpn is None or vpn.dynamic):
            return name
    return ""


def announced(network: Network, attachment: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The blocks that an attachment is known to announce."""
    known = network.transit_attachments.get(attachment)
    if known is not None and known.kind == "vpc" and known.resource in network.vpcs:
        return network.vpcs[known.resource].cidrs
    if known is not None and known.kind == "vpn" and known.resource in network.vpn_connections:
        return network.vpn_connections[known.resource].routes
    return ()
