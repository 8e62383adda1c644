"""Ways to other networks in the reference simulator: peering, transit gateways, VPN.

Each function is one turn of :func:`ringwall.prove.simulator_carry.carry`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.beyond import PeeringConnection, PeeringSide, TransitGatewayAttachment
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Network
from ringwall.model.verdict import Step
from ringwall.prove.simulator_filters import References
from ringwall.prove.simulator_flight import gap_on, gap_steps, within
from ringwall.prove.simulator_parcel import STUCK, Ending, Parcel, Trip, enter, leave, lost
from ringwall.prove.simulator_routes import NO_ROUTE, Choice
from ringwall.prove.simulator_transit import (
    attachment_of,
    available_step,
    onward,
    peer_of,
    subnet_in_zone,
    transit_references,
    transit_table,
    way_back,
    zone_of,
    zone_step,
)

PEERING_CODE = "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
STATE_CODE = "BAD_STATE"
DETACHED_CODE = "BAD_STATE_ATTACHMENT"
_PREMISES_KINDS = ("vpn", "direct-connect-gateway")

# --- peering ------------------------------------------------------------------------------------


def cross_peering(trip: Trip, parcel: Parcel, choice: Choice) -> Ending:
    """Over a peering connection: from one VPC to the other, and no further."""
    walk = trip.walk
    leave(walk, parcel, choice.step)
    parcel.crossed = True
    known = walk.network.peerings.get(choice.target)
    if known is None:
        parcel.references = parcel.references.narrowed(None, None, "")
        reason = f"peering connection {choice.target} is not in the material"
        return lost(walk, choice.target, "vpc-peering", reason)
    far = known.other(parcel.vpc)
    if far is None:
        rule = f"does not join {parcel.vpc} to anything"
        step = Step("route", known.id, rule, False, origin=known.origin)
        walk.meet(known.id, "vpc-peering", step, name=known.name)
        return STUCK
    near = known.requester if far == known.accepter else known.accepter
    steps = [*gap_steps(walk.network, "route", known.id), *_state_steps(known)]
    steps += _address_steps(walk.network, known, near, parcel.flight.source, "source")
    steps += _address_steps(walk.network, known, far, parcel.routed, "destination")
    regions = [_region(walk.network, one) for one in (near, far)]
    same = None if "" in regions else regions[0] == regions[1]
    why = "a reference to a group does not hold across Regions"
    parcel.references = parcel.references.narrowed(same, same, why)
    there = trip.goal.stands_in(far.vpc)
    rule = f"leads to {far.vpc}" + ("" if there else f" and no further: {trip.goal.words}")
    steps.append(Step("route", known.id, rule, there, "" if there else NO_ROUTE, known.origin))
    walk.meet(known.id, "vpc-peering", *steps, name=known.name)
    if not there or trip.goal.place is None:
        return STUCK
    parcel.vpc = far.vpc
    enter(walk, parcel, trip.goal.place.subnet)
    return Ending("delivered")


def _region(network: Network, side: PeeringSide) -> str:
    known = network.vpcs.get(side.vpc)
    return side.region or (known.region if known is not None else "")


def _state_steps(known: PeeringConnection) -> Iterator[Step]:
    if known.active is False:
        yield Step("route", known.id, "is not active", False, STATE_CODE, known.origin)
    elif known.active is None:
        reason = "it is not known whether it is active"
        yield Step("route", known.id, reason, None, "", known.origin)


def _address_steps(
    network: Network, known: PeeringConnection, side: PeeringSide, place: AddressSet, what: str
) -> Iterator[Step]:
    """Only packets between the blocks of its two VPCs pass a peering connection."""
    vpc = network.vpcs.get(side.vpc)
    cidrs = vpc.cidrs if vpc is not None else side.cidrs
    inside = within(place, IntervalSet.union_of(of_network(one) for one in cidrs))
    if not cidrs:
        reason = f"the blocks of {side.vpc} are not known"
        yield Step("route", known.id, reason, None, "", known.origin)
    elif inside is not True:
        rule = f"passes only what has its {what} in {side.vpc}"
        code = PEERING_CODE if inside is False else ""
        yield Step("route", known.id, rule, inside, code, known.origin)


# --- transit gateways ---------------------------------------------------------------------------


def cross_transit(trip: Trip, parcel: Parcel, choice: Choice) -> Ending | None:
    """Into a transit gateway by the VPC's attachment, in the packet's own zone."""
    walk, network, gateway = trip.walk, trip.walk.network, choice.target
    known = network.transit_gateways.get(gateway)
    if known is None:
        leave(walk, parcel, choice.step)
        parcel.crossed = parcel.stray = True
        parcel.references = parcel.references.narrowed(None, False, "")
        reason = f"transit gateway {gateway} is not in the material"
        return lost(walk, gateway, "transit-gateway", reason)
    entering = attachment_of(network, gateway, parcel.vpc)
    if entering is None:
        leave(walk, parcel, choice.step)
        rule = f"{parcel.vpc} is not attached to it"
        step = Step("route", gateway, rule, False, DETACHED_CODE, known.origin)
        walk.meet(gateway, "transit-gateway", step, name=known.name)
        return STUCK
    zone = zone_of(network, parcel.subnet)
    _to_attachment(trip, parcel, choice, subnet_in_zone(network, entering, zone))
    walk.meet(gateway, "transit-gateway", *gap_steps(network, "route", gateway), name=known.name)
    _decide(trip, available_step(network, entering), zone_step(network, entering, zone))
    return ride_transit(trip, parcel, gateway, entering, zone)


def _to_attachment(trip: Trip, parcel: Parcel, choice: Choice, subnet: str) -> None:
    """To the attachment's own interface: its subnet's network ACL stands there, too, and where it
    is the packet's own subnet both of its directions do."""
    walk = trip.walk
    leave(walk, parcel, choice.step)
    if subnet and subnet == parcel.subnet:
        walk.decide(walk.acl(subnet, parcel.flight, egress=False))
    elif subnet:
        enter(walk, parcel, subnet)


def ride_transit(
    trip: Trip, parcel: Parcel, gateway: str, entering: TransitGatewayAttachment, zone: str
) -> Ending | None:
    """From an attachment through a transit gateway, and the gateways that it is peered with.

    The last hop is the gateway's. ``zone`` is where the packet entered the first of them (empty:
    from on premises).
    """
    walk, network = trip.walk, trip.walk.network
    parcel.crossed = True
    parcel.stray |= bool(gap_on(network, gateway, entering.id))
    while True:
        circle = parcel.goes_round(f"{gateway} from {entering.id}")
        if circle is not None:
            walk.decide(circle)
            return STUCK
        found = onward(network, gateway, entering.id, parcel.routing)
        walk.decide(found.step)
        parcel.stray |= found.step.allowed is None
        leaving = network.transit_attachments.get(found.attachment)
        if leaving is None:
            return _nowhere(trip, parcel, found.attachment)
        _decide(trip, available_step(network, leaving))
        if leaving.kind != "peering":
            return _leave_transit(trip, parcel, gateway, entering, leaving, zone)
        why = "a reference to a group does not hold across peered transit gateways"
        parcel.references = parcel.references.narrowed(False, False, why)
        other = peer_of(leaving, gateway)
        parcel.stray |= bool(gap_on(network, other))
        if other not in network.transit_gateways:
            parcel.stray = True
            reason = f"transit gateway {other} is not in the material"
            return lost(walk, other, "transit-gateway", reason)
        entering, gateway = way_back(network, leaving, gateway, other), other
        walk.meet(gateway, "transit-gateway", *gap_steps(network, "route", gateway))
        parcel.stray |= bool(gap_on(network, entering.id))
        if entering is not leaving:
            _decide(trip, available_step(network, entering))
        elif entering.gateway != gateway and not transit_table(network, gateway, entering.id):
            parcel.stray = True
            reason = f"the peering attachment {entering.id} is not listed here"
            return lost(walk, gateway, "transit-gateway", reason)


def _nowhere(trip: Trip, parcel: Parcel, attachment: str) -> Ending:
    """The lookup found nothing sure, or an attachment that the material does not show."""
    parcel.references = parcel.references.narrowed(None, False, "")
    if attachment:
        reason = f"attachment {attachment} is not in the material"
        trip.walk.decide(Step("route", attachment, reason, None))
        parcel.adrift = True
    return STUCK


def _leave_transit(
    trip: Trip,
    parcel: Parcel,
    gateway: str,
    entering: TransitGatewayAttachment,
    leaving: TransitGatewayAttachment,
    zone: str,
) -> Ending | None:
    walk, network = trip.walk, trip.walk.network
    if leaving.kind in _PREMISES_KINDS:
        return _on_premises(trip, parcel, leaving.id, leaving.kind)
    if leaving.kind != "vpc":
        parcel.stray = True
        reason = f"what lies behind an attachment of kind {leaving.kind} is not modelled"
        walk.decide(Step("route", leaving.id, reason, None, "", leaving.origin))
        return STUCK
    holds = References(False, False, "a reference to a group holds across one transit gateway only")
    if not parcel.transits:
        holds = transit_references(network, gateway, entering, leaving)
    parcel.references = parcel.references.narrowed(
        holds.ingress, holds.egress, holds.why, holds.code
    )
    parcel.transits += 1
    doors_known = leaving.subnets and all(one in network.subnets for one in leaving.subnets)
    if gap_on(network, leaving.id) or leaving.resource not in network.vpcs or not doors_known:
        parcel.adrift = True
    here = subnet_in_zone(network, leaving, zone)
    candidates = (here,) if here and not leaving.appliance_mode else leaving.subnets
    if not candidates:
        reason = "it is not known in which subnets this attachment stands"
        walk.decide(Step("route", leaving.id, reason, None, "", leaving.origin))
        return STUCK
    subnet = candidates[walk.picks.pick(len(candidates))] if candidates[1:] else candidates[0]
    parcel.vpc, parcel.subnet = leaving.resource, subnet
    return None


def _decide(trip: Trip, *steps: Step | None) -> None:
    trip.walk.decide(*(one for one in steps if one is not None))


# --- on premises --------------------------------------------------------------------------------


def leave_by_vpn(trip: Trip, parcel: Parcel, choice: Choice) -> Ending:
    """Out by a virtual private gateway, over VPN or Direct Connect."""
    walk = trip.walk
    leave(walk, parcel, choice.step)
    known = walk.network.vpn_gateways.get(choice.target)
    if known is None:
        reason = f"VPN gateway {choice.target} is not in the material"
        return lost(walk, choice.target, "vpn-gateway", reason)
    walk.meet(known.id, "vpn-gateway", *vpn_steps(walk.network, known.id, parcel.vpc))
    return _on_premises(trip, parcel, known.id, "vpn-gateway")


def vpn_steps(network: Network, gateway: str, vpc: str) -> tuple[Step, ...]:
    """Is a virtual private gateway attached to the VPC, and does anything lie behind it?"""
    known = network.vpn_gateways[gateway]
    steps = list(gap_steps(network, "route", gateway))
    if vpc in known.vpcs:
        steps.append(Step("route", gateway, f"attached to {vpc}", True, "", known.origin))
    else:
        rule = f"not attached to {vpc}"
        steps.append(Step("route", gateway, rule, False, DETACHED_CODE, known.origin))
    connections = (one for one in network.vpn_connections.values() if one.gateway == gateway)
    behind = any(one.available is not False for one in connections) or any(
        gateway in one.gateways for one in network.direct_connect_gateways.values()
    )
    if not behind:
        reason = "no working VPN connection or Direct Connect gateway is known behind it"
        steps.append(Step("route", gateway, reason, None, "", known.origin))
    return tuple(steps)


def _on_premises(trip: Trip, parcel: Parcel, resource: str, kind: str) -> Ending:
    """The packet is on premises: at its goal, or handed on by nobody knows whom.

    What came from there goes round: the other ways in from there are looked at for themselves.
    """
    if trip.goal.kind == "on-premises":
        return Ending("premises", resource)
    if parcel.ashore:
        trip.walk.meet(resource, kind, Step("route", resource, "leads back to premises", False))
        return STUCK
    reason = f"what on premises does with it is not known: {trip.goal.words}"
    return lost(trip.walk, resource, kind, reason)
