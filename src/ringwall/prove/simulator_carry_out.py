"""Ways out to the Internet in the reference simulator: its gateways, and NAT gateways.

Each public function is one turn of :func:`ringwall.prove.simulator_carry.carry`.
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.addresses import ALL_V4, AddressSet, address_at, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import NatGateway, Network, NetworkInterface, RouteTable
from ringwall.model.verdict import Step
from ringwall.prove.ends import internet_addresses
from ringwall.prove.simulator_edges import (
    EGRESS_CODE,
    REMAP_CODE,
    attached_step,
    is_v6_flight,
    leaves_steps,
    nat_steps,
    public_step,
)
from ringwall.prove.simulator_flight import Flight
from ringwall.prove.simulator_parcel import (
    STUCK,
    Ending,
    Parcel,
    Translation,
    Trip,
    enter,
    leave,
    lost,
)
from ringwall.prove.simulator_public import Opener, block_public_access_steps
from ringwall.prove.simulator_routes import NO_ROUTE, Choice, table_choice
from ringwall.prove.simulator_walk import managed_port

SPOOFED_CODE = "GATEWAY_REJECTS_SPOOFED_TRAFFIC"
#: Goals that packets reach over an internet gateway.
_ABROAD = ("internet", "bucket")
ZONE_CODE = "REGIONAL_NGW_ROUTE_AZ_RESTRICTION"

# --- internet gateways --------------------------------------------------------------------------


def leave_by_gateway(trip: Trip, parcel: Parcel, choice: Choice) -> Ending:
    """Out by an internet gateway or an egress-only one."""
    walk = trip.walk
    leave(walk, parcel, choice.step)
    egress_only = choice.kind == "egress-only-internet-gateway"
    steps = [attached_step(walk.network, choice.target, parcel.vpc)]
    if trip.asked is None:
        steps += leaves_steps(choice.target, parcel.flight)
        steps += _family_steps(choice.target, parcel.flight, egress_only=egress_only)
        steps += _sender_steps(parcel, choice.target, egress_only=egress_only)
        opener: Opener = "outbound-only" if egress_only else "interface"
        steps += block_public_access_steps(walk.network, parcel.vpc, parcel.subnet, opener)
    elif parcel.crossed:
        steps.append(_stranger(parcel, choice.target))
    steps += _goal_steps(trip, parcel, choice.target, steps)
    walk.meet(choice.target, str(choice.kind), *steps)
    if trip.goal.kind in _ABROAD:
        parcel.flight = replace(parcel.flight, source=public_side(parcel.sender, parcel.flight))
    return Ending("internet", choice.target)


def _family_steps(gateway: str, flight: Flight, *, egress_only: bool) -> tuple[Step, ...]:
    if egress_only and not is_v6_flight(flight):
        return (Step("route", gateway, "passes IPv6 only", False),)
    return ()


def _sender_steps(parcel: Parcel, gateway: str, *, egress_only: bool) -> tuple[Step, ...]:
    """A gateway lets out only what an interface of its own VPC sends, by a public address."""
    if parcel.translations:
        nat = parcel.translations[-1].nat
        rule = "drops what comes from a private NAT gateway"
        return (Step("public-address", nat.id, rule, False, EGRESS_CODE, nat.origin),)
    if parcel.crossed:
        return (_stranger(parcel, gateway),)
    if is_v6_flight(parcel.flight) or egress_only:
        return () if is_v6_flight(parcel.flight) else (_public(parcel),)
    return (_public(parcel),)


def _public(parcel: Parcel) -> Step:
    sender = parcel.sender
    return public_step(sender, sender.id if sender is not None else parcel.subnet, egress=True)


def _stranger(parcel: Parcel, gateway: str) -> Step:
    home = parcel.home or "a VPC that is not known"
    rule = f"the sender stands in {home} and has no address at this gateway"
    code = SPOOFED_CODE if is_v6_flight(parcel.flight) else EGRESS_CODE
    return Step("public-address", gateway, rule, False, code)


def _comes_back_in(trip: Trip, parcel: Parcel) -> bool:
    """May what leaves for the Internet come in at another VPC? IPv6 addresses are public."""
    place = trip.goal.place
    if place is None or not is_v6_flight(parcel.flight) or place.vpc == parcel.vpc:
        return False
    answers = trip.asked is not None
    return any(
        place.vpc in one.vpcs and (answers or not one.egress_only)
        for one in trip.walk.network.internet_gateways.values()
    )


def _goal_steps(trip: Trip, parcel: Parcel, gateway: str, steps: list[Step]) -> tuple[Step, ...]:
    """What goes out to the Internet comes to no private place."""
    if trip.goal.kind in _ABROAD or any(one.allowed is False for one in steps):
        return ()
    if _comes_back_in(trip, parcel):
        parcel.loses_references("references to groups do not hold over the Internet")
        parcel.abroad = True
        reason = "the address is public: it may come in again by the other VPC's internet gateway"
        return (Step("route", gateway, reason, None),)
    rule = f"leads to the Internet: {trip.goal.words}"
    return (Step("route", gateway, rule, False, NO_ROUTE),)


def public_side(interface: NetworkInterface | None, flight: Flight) -> AddressSet:
    """The source address that the Internet sees behind an internet gateway."""
    if is_v6_flight(flight):
        return flight.source
    known = interface.public_addresses & ALL_V4 if interface is not None else None
    return known or internet_addresses() & ALL_V4


# --- NAT gateways -------------------------------------------------------------------------------


def cross_nat(trip: Trip, parcel: Parcel, choice: Choice) -> Ending | None:
    """Through a NAT gateway: a public one hands on to its internet gateway, a private one to
    whatever its subnet's route table says."""
    walk, network = trip.walk, trip.walk.network
    if trip.asked is not None:
        rule = f"{choice.step.rule}: an answer must come from the address that was asked"
        leave(walk, parcel, replace(choice.step, rule=rule, allowed=False, code=NO_ROUTE))
        return STUCK
    nat = network.nat_gateways.get(choice.target)
    steps = nat_steps(network, choice.target, parcel.vpc, parcel.flight)
    parcel.loses_references("a reference to a group matches private addresses only")
    if nat is None:
        leave(walk, parcel, choice.step)
        walk.meet(choice.target, "nat-gateway", *steps)
        return STUCK
    circle = parcel.goes_round(nat.id)
    steps += (circle,) if circle is not None else ()
    if nat.regional:
        leave(walk, parcel, choice.step)
        steps += _zone_steps(nat, walk.zone(parcel.subnet))
    elif nat.subnet == parcel.subnet:
        walk.at_subnet(parcel.subnet, choice.step)
    else:
        leave(walk, parcel, choice.step)
        enter(walk, parcel, nat.subnet)
    interface = network.interfaces.get(nat.interface)
    zone = walk.zone(nat.subnet)
    rewrite = _rewrite_step(nat, interface, trip)
    walk.meet(nat.id, "nat-gateway", *steps, rewrite, name=nat.name, zone=zone)
    if circle is not None:
        return STUCK
    _translate(network, parcel, nat, interface)
    return _hand_out(trip, parcel, nat) if nat.public else _hand_on(trip, nat)


def _rewrite_step(nat: NatGateway, interface: NetworkInterface | None, trip: Trip) -> Step:
    port = trip.nat_port
    words = f", port {managed_port(port)}" if port is not None else ""
    rule = f"source becomes {_nat_address(interface)}{words}"
    return Step("route", nat.id, rule, True, REMAP_CODE, nat.origin)


def _nat_address(interface: NetworkInterface | None) -> str:
    if interface is None or not interface.addresses:
        return "the NAT gateway's address"
    if interface.pinned and interface.addresses.size == 1:
        return str(address_at(interface.addresses.first))
    return f"the address of {interface.id}"


def _translate(
    network: Network, parcel: Parcel, nat: NatGateway, interface: NetworkInterface | None
) -> None:
    inner = interface.addresses if interface is not None else _anywhere(network, nat, parcel)
    parcel.translations.append(Translation(nat, interface, parcel.flight.source, inner))
    parcel.flight = replace(parcel.flight, source=inner)
    parcel.sender, parcel.home, parcel.crossed = interface, nat.vpc, False
    parcel.subnet = "" if nat.regional else nat.subnet


def _anywhere(network: Network, nat: NatGateway, parcel: Parcel) -> AddressSet:
    """The addresses that a NAT gateway without a known interface may have."""
    subnet = network.subnets.get(nat.subnet)
    if subnet is None:
        return parcel.flight.source
    blocks = (of_network(one) for one in subnet.cidrs if one.version == 4)
    return IntervalSet.union_of(blocks) or parcel.flight.source


def _zone_steps(nat: NatGateway, zone: str) -> tuple[Step, ...]:
    """A regional NAT gateway serves the zones that it is registered in."""
    if nat.zones is None or (zone and zone in nat.zones):
        return ()
    if not zone:
        reason = "it is not known whether it serves this packet's zone"
        return (Step("route", nat.id, reason, None, "", nat.origin),)
    rule = f"does not serve {zone}"
    return (Step("route", nat.id, rule, False, ZONE_CODE, nat.origin),)


def nat_table(network: Network, nat: NatGateway) -> RouteTable | None:
    """The route table of a regional NAT gateway: its own, else its VPC's main one."""
    own = network.route_tables.get(nat.route_table)
    tables = sorted(network.route_tables.values(), key=lambda one: one.id)
    main = (one for one in tables if one.main and one.vpc == nat.vpc)
    return own or next(main, None)


def nat_choice(network: Network, nat: NatGateway, flight: Flight) -> Choice:
    """The lookup of a regional NAT gateway."""
    return table_choice(network, nat.vpc, nat_table(network, nat), nat.id, flight)


def _hand_out(trip: Trip, parcel: Parcel, nat: NatGateway) -> Ending:
    """Behind a public NAT gateway: its internet gateway; nothing else is modelled there."""
    walk, network = trip.walk, trip.walk.network
    if nat.regional:
        choice = nat_choice(network, nat, parcel.routing)
    else:
        choice = walk.route(nat.subnet, parcel.routing)
    step = choice.step
    if step.allowed is True and choice.kind != "internet-gateway":
        rule = f"{step.rule}: this target behind a public NAT gateway is not modelled"
        step = replace(step, rule=rule, allowed=None)
    leave(walk, parcel, step)
    if choice.kind != "internet-gateway":
        return STUCK
    steps = [attached_step(network, choice.target, nat.vpc)]
    steps += leaves_steps(choice.target, parcel.flight)
    opener: Opener = "outbound-only"
    steps += block_public_access_steps(network, nat.vpc, nat.subnet, opener)
    steps += _goal_steps(trip, parcel, choice.target, steps)
    walk.meet(choice.target, str(choice.kind), *steps)
    if trip.goal.kind in _ABROAD:
        interface = network.interfaces.get(nat.interface)
        parcel.flight = replace(parcel.flight, source=public_side(interface, parcel.flight))
    return Ending("internet", choice.target)


def _hand_on(trip: Trip, nat: NatGateway) -> Ending | None:
    """Behind a private NAT gateway the walk goes on from its subnet."""
    if nat.regional:
        reason = "a regional NAT gateway that is private is not modelled"
        return lost(trip.walk, nat.id, "nat-gateway", reason)
    return None
