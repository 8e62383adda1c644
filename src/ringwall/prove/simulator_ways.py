"""The ways of the reference simulator: which hops a packet meets between two ends.

A question leaves an end and is carried to its goal, or comes in at a gateway's edge. An answer
goes the same pieces of way backwards: every NAT gateway that the question passed is a stage of
its own. Each piece adds hops to a Walk and goes on after a block, so that every blocker shows.
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.addresses import AddressSet
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import NatGateway, Network
from ringwall.model.services import ICMP, ICMPV6, TCP, ServiceSet, whole_protocol
from ringwall.model.verdict import Step
from ringwall.prove.ends import End
from ringwall.prove.simulator_carry import carry, has_come
from ringwall.prove.simulator_carry_beyond import ride_transit, vpn_steps
from ringwall.prove.simulator_carry_out import nat_choice
from ringwall.prove.simulator_edges import (
    attached_step,
    edge_choice,
    gateway_into,
    is_v6_flight,
    no_gateway_step,
    public_step,
)
from ringwall.prove.simulator_filters import NO_REFERENCES, classic_steps
from ringwall.prove.simulator_flight import Flight, gap_on, gap_steps
from ringwall.prove.simulator_parcel import (
    Ending,
    Goal,
    Parcel,
    Translation,
    Trip,
    enter,
    parcel_from,
)
from ringwall.prove.simulator_premises import Entry, entries_into
from ringwall.prove.simulator_public import block_public_access_steps
from ringwall.prove.simulator_routes import NO_ROUTE, Choice
from ringwall.prove.simulator_transit import available_step
from ringwall.prove.simulator_walk import Picks, Place, Walk, every_run

#: Protocols whose answers a stateful gateway tells from questions.
_REMEMBERED = IntervalSet.union_of(whole_protocol(one) for one in (TCP, ICMP, ICMPV6))

# --- questions ----------------------------------------------------------------------------------


def inside(
    walk: Walk, flight: Flight, source: Place, target: Place, nat_port: int | None
) -> Parcel:
    """From one private address to another; gives the packet as it comes to its target."""
    parcel = parcel_from(source, flight)
    at = len(walk.hops)
    if source.subnet and source.subnet == target.subnet:
        if _is_classic(walk.network, source):
            walk.at_subnet(source.subnet, *classic_steps(walk.network, source.subnet, flight))
    else:
        trip = Trip(walk, Goal("place", target), nat_port=nat_port)
        if carry(trip, parcel).kind != "delivered":
            _not_delivered(walk, parcel, source, target)
    walk.insert_end(at, source, *walk.leave(source, flight, target.end, parcel.references))
    walk.arrive(target, parcel.flight, source.end, parcel.references)
    return parcel


def _is_classic(network: Network, place: Place) -> bool:
    """Classic Load Balancers meet the network ACL even inside a subnet."""
    owner = place.interface.owner if place.interface is not None else ""
    known = network.load_balancers.get(owner)
    return known is not None and known.kind == "classic"


def _not_delivered(walk: Walk, parcel: Parcel, source: Place, target: Place) -> None:
    """The target's own filters, for all the way there is not open or not known."""
    if parcel.subnet != target.subnet or parcel.subnet == source.subnet:
        enter(walk, parcel, target.subnet)
    apart = source.vpc and target.vpc and source.vpc != target.vpc
    if apart and not parcel.crossed:
        joined = None if _joined(walk.network, source.vpc, target.vpc) else False
        why = "a reference to a group does not hold between VPCs that nothing joins"
        parcel.references = parcel.references.narrowed(joined, joined, why)


def _joined(network: Network, *vpcs: str) -> bool:
    """Does any route of these VPCs lead to a peering connection or a transit gateway?"""
    return any(
        route.target_kind in ("vpc-peering", "transit-gateway")
        for table in network.route_tables.values()
        if table.vpc in vpcs
        for route in table.routes
    )


def out(
    walk: Walk, flight: Flight, source: Place, other: End, goal: Goal, nat_port: int | None
) -> tuple[Parcel, Ending]:
    """From an end out of its VPC; gives the packet as it comes out, and how its way ended."""
    parcel = parcel_from(source, flight)
    at = len(walk.hops)
    ending = carry(Trip(walk, goal, nat_port=nat_port), parcel)
    walk.insert_end(at, source, *walk.leave(source, flight, other, NO_REFERENCES))
    return parcel, ending


def come_in(walk: Walk, flight: Flight, target: Place, other: End) -> Parcel:
    """From the Internet to an end; ``flight.destination`` is the end's own address."""
    network = walk.network
    parcel = _outside(flight, target)
    gateway = gateway_into(network, target.vpc)
    if gateway is None:
        walk.meet(target.vpc or "unknown VPC", "vpc", no_gateway_step(network, target.vpc))
        _enter_target(walk, parcel, target)
    else:
        steps: tuple[Step, ...] = (attached_step(network, gateway.id, target.vpc),)
        if not is_v6_flight(flight):
            steps += (public_step(target.interface, target.name, egress=False),)
        walk.meet(gateway.id, "internet-gateway", *steps, name=gateway.name)
        at = len(walk.hops)
        _from_edge(Trip(walk, Goal("place", target)), parcel, gateway.id)
        walls = block_public_access_steps(network, target.vpc, target.subnet, "internet")
        walk.decide_at(at - 1, *walls)
    walk.arrive(target, parcel.flight, other, NO_REFERENCES)
    return parcel


def _outside(flight: Flight, target: Place) -> Parcel:
    """A packet at the edge of a VPC, from outside of all VPCs."""
    return Parcel(flight, flight.destination, "", target.vpc, None, "", NO_REFERENCES, crossed=True)


def _enter_target(walk: Walk, parcel: Parcel, target: Place) -> None:
    enter(walk, parcel, target.subnet)


def _from_edge(trip: Trip, parcel: Parcel, gateway: str) -> None:
    """From an internet or VPN gateway to the target, by the gateway's own route table if any."""
    target = trip.goal.place
    if target is None:
        return
    choice = edge_choice(trip.walk.network, gateway, parcel.vpc, parcel.routing)
    if choice is None or carry(trip, parcel, choice).kind != "delivered":
        enter(trip.walk, parcel, target.subnet)


# --- from on premises ---------------------------------------------------------------------------


def from_premises(
    walk: Walk, flight: Flight, target: Place, other: End, asked: Parcel | None = None
) -> Parcel:
    """From on premises to an end, by any of the ways in; an answer where ``asked`` is given."""
    parcel = _outside(flight, target)
    _by_an_entry(Trip(walk, Goal("place", target), asked), parcel, target)
    if asked is None:
        walk.arrive(target, parcel.flight, other, NO_REFERENCES)
    return parcel


def _by_an_entry(trip: Trip, parcel: Parcel, target: Place, by: str = "") -> None:
    """In by any gateway whose routes lead to the target, or by the one that is named."""
    walk, network = trip.walk, trip.walk.network
    parcel.ashore = True
    entries = [
        one
        for one in entries_into(network, target.vpc, parcel.routing)
        if (by == one.gateway or (one.attachment is not None and by == one.attachment.id))
        or (not by and _may_lead(trip, parcel, target, one))
    ]
    if not entries:
        gap = gap_on(network, target.vpc)
        rule = gap or f"no VPN or Direct Connect leads into {target.vpc or 'an unknown VPC'}"
        step = Step("route", target.vpc, rule, None if gap or not target.vpc else False)
        walk.meet(target.vpc or "unknown VPC", "vpc", step)
        enter(walk, parcel, target.subnet)
        return
    entry = entries[walk.picks.pick(len(entries))] if entries[1:] else entries[0]
    _enter_by(trip, parcel, target, entry)


def _may_lead(trip: Trip, parcel: Parcel, target: Place, entry: Entry) -> bool:
    """Do routes, filters aside, lead from an entry to the target by any of AWS's choices?"""

    def leads(picks: Picks) -> bool:
        walk = Walk(trip.walk.network, picks)
        _enter_by(Trip(walk, trip.goal, trip.asked), parcel.twin(), target, entry)
        steps = (one for hop in walk.hops for one in hop.steps)
        routed = (one for one in steps if one.layer in ("route", "public-address"))
        return all(one.allowed is not False for one in routed)

    found, complete = every_run(leads)
    return any(found) or not complete


def _enter_by(trip: Trip, parcel: Parcel, target: Place, entry: Entry) -> None:
    walk, network = trip.walk, trip.walk.network
    if entry.unknown:
        kind = "vpn-gateway" if entry.attachment is None else "transit-gateway"
        parcel.stray |= entry.attachment is not None
        walk.meet(entry.gateway, kind, Step("route", entry.gateway, entry.unknown, None))
        enter(walk, parcel, target.subnet)
    elif entry.attachment is None:
        walk.meet(entry.gateway, "vpn-gateway", *vpn_steps(network, entry.gateway, target.vpc))
        _from_edge(trip, parcel, entry.gateway)
    else:
        _by_transit(trip, parcel, target, entry)


def _by_transit(trip: Trip, parcel: Parcel, target: Place, entry: Entry) -> None:
    walk, network = trip.walk, trip.walk.network
    if entry.attachment is None:
        return
    walk.meet(entry.gateway, "transit-gateway", *gap_steps(network, "route", entry.gateway))
    state = available_step(network, entry.attachment)
    walk.decide(*(() if state is None else (state,)))
    ending = ride_transit(trip, parcel, entry.gateway, entry.attachment, "")
    if ending is None:
        ending = Ending("delivered") if has_come(trip, parcel) else carry(trip, parcel)
    if ending.kind != "delivered":
        enter(walk, parcel, target.subnet)


# --- answers ------------------------------------------------------------------------------------


def answer_out(walk: Walk, flight: Flight, target: Place, asked: Parcel) -> None:
    """The answer to a connection that the Internet opened: it must leave as it came."""
    walk.at_end(target)
    parcel = parcel_from(target, flight)
    ending = carry(Trip(walk, Goal("internet"), asked), parcel)
    _must_leave(walk, ending, flight.services)
    _same_firewalls(walk, asked, parcel)


def _must_leave(walk: Walk, ending: Ending, services: ServiceSet) -> None:
    by = walk.network.internet_gateways.get(ending.gateway)
    one_way = by is not None and by.egress_only
    if ending.kind == "endpoint" or one_way:
        rule = "the answer must leave through the internet gateway, as the question came"
        # An egress-only gateway knows which TCP connections it began; of UDP AWS says nothing.
        known = not one_way or services <= _REMEMBERED
        code = NO_ROUTE if known else ""
        step = Step("route", walk.hops[-1].resource, rule, False if known else None, code)
        walk.decide(step)


def answer_premises(walk: Walk, flight: Flight, target: Place, asked: Parcel) -> None:
    """The answer to a connection from on premises: it must come there."""
    walk.at_end(target)
    parcel = parcel_from(target, flight)
    carry(Trip(walk, Goal("on-premises"), asked), parcel)
    _same_firewalls(walk, asked, parcel)


def answer_back(
    walk: Walk,
    flight: Flight,
    start: Place | Ending,
    source: Place,
    asked: Parcel,
    services: ServiceSet,
    toward: AddressSet | None = None,
) -> None:
    """The answer to a packet that an end sent: back over every NAT gateway to the end.

    ``start`` is the place that answers, or how the question left the network. ``flight`` is the
    answer as the end gets it; ``services`` what it looks like before a NAT gateway gives it the
    client's port again; ``toward`` where routing carries it (see :class:`Parcel`).
    """
    met = _Met()
    here: Place | Ending | NatGateway = start
    for stage in reversed(asked.translations):
        leg = replace(flight, destination=stage.inner, services=services, every=True)
        _answer_leg(walk, leg, here, _nat_place(stage), asked, met)
        walk.meet(
            stage.nat.id, "nat-gateway", name=stage.nat.name, zone=walk.zone(stage.nat.subnet)
        )
        here = stage.nat
    final = flight
    _answer_leg(walk, final, here, source, asked, met, toward)
    walk.at_end(source)
    if met.firewalls != set(asked.firewalls):
        walk.decide(_asymmetric(asked, met.firewalls))
    if asked.abroad:
        reason = "the question went over the Internet, and may never have come"
        walk.decide(Step("route", walk.hops[-1].resource, reason, None))


class _Met:
    """The firewalls that an answer passes on all stages of its way."""

    def __init__(self) -> None:
        self.firewalls: set[str] = set()


def _nat_place(stage: Translation) -> Place:
    interface = stage.interface
    end = End("interface", stage.nat.id, interface=interface, addresses=stage.inner)
    return Place(end, stage.nat.subnet, stage.nat.vpc)


def _answer_leg(
    walk: Walk,
    flight: Flight,
    here: Place | Ending | NatGateway,
    target: Place,
    asked: Parcel,
    met: _Met,
    toward: AddressSet | None = None,
) -> None:
    """One stage of an answer: from a place, a NAT gateway or the edge to the next place."""
    trip = Trip(walk, Goal("place", target), asked)
    if isinstance(here, Ending):
        parcel = _outside(flight, target)
        _from_ending(trip, parcel, here, target)
    elif isinstance(here, NatGateway):
        parcel = Parcel(flight, flight.destination, here.subnet, here.vpc, None, here.vpc)
        _from_nat(trip, parcel, here, target)
    else:
        walk.at_end(here)
        parcel = parcel_from(here, flight, toward)
        if not here.subnet or here.subnet != target.subnet:
            _carry_or_show(trip, parcel, target)
    met.firewalls |= set(parcel.firewalls)


def _from_nat(trip: Trip, parcel: Parcel, nat: NatGateway, target: Place) -> None:
    if nat.regional:
        parcel.subnet = ""
        _carry_or_show(trip, parcel, target, nat_choice(trip.walk.network, nat, parcel.routing))
    elif nat.subnet != target.subnet:
        _carry_or_show(trip, parcel, target)


def _carry_or_show(trip: Trip, parcel: Parcel, target: Place, first: Choice | None = None) -> None:
    if carry(trip, parcel, first).kind != "delivered":
        enter(trip.walk, parcel, target.subnet)


def _from_ending(trip: Trip, parcel: Parcel, ending: Ending, target: Place) -> None:
    """Where the question left the network, the answer comes back to it."""
    walk = trip.walk
    if ending.kind == "internet":
        known = walk.network.internet_gateways.get(ending.gateway)
        only = known is not None and known.egress_only
        walk.meet(ending.gateway, f"{'egress-only-' if only else ''}internet-gateway")
        if not _is_regional(target):
            _from_edge(trip, parcel, ending.gateway)
    elif ending.kind == "premises":
        _by_an_entry(trip, parcel, target, ending.gateway)
    else:
        if ending.kind == "endpoint":
            walk.meet(ending.gateway, "vpc-endpoint")
        if not _is_regional(target):
            enter(walk, parcel, target.subnet)


def _is_regional(target: Place) -> bool:
    """A regional NAT gateway stands in no subnet."""
    return not target.subnet and target.end.kind == "interface"


def _same_firewalls(walk: Walk, asked: Parcel, parcel: Parcel) -> None:
    if set(asked.firewalls) != set(parcel.firewalls):
        walk.decide(_asymmetric(asked, set(parcel.firewalls)))


def _asymmetric(asked: Parcel, back: set[str]) -> Step:
    """Question and answer must pass the same firewalls, or these know but half a connection."""
    apart = ", ".join(sorted(set(asked.firewalls) ^ back))
    rule = f"question and answer do not both pass {apart}: the way back is asymmetric"
    return Step("firewall", apart, rule, None)
