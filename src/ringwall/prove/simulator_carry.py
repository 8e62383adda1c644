"""How the reference simulator carries a packet on: route table after route table.

One turn of :func:`carry` looks a packet up where it is and takes it to the next thing: delivers
it, hands it to a middlebox, a firewall, a NAT gateway, a peering or transit gateway, or lets it
out of the network. Each turn adds hops; a block does not end the way where the way is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ringwall.model.network import NetworkInterface, VpcEndpoint
from ringwall.model.verdict import Step
from ringwall.prove.ends import End
from ringwall.prove.simulator_carry_beyond import cross_peering, cross_transit, leave_by_vpn
from ringwall.prove.simulator_carry_out import cross_nat, leave_by_gateway
from ringwall.prove.simulator_edges import endpoint_steps
from ringwall.prove.simulator_filters import NO_REFERENCES, group_step
from ringwall.prove.simulator_firewalls import firewall_answer, firewall_of, firewall_step
from ringwall.prove.simulator_flight import gap_steps, vpc_of
from ringwall.prove.simulator_parcel import STUCK, Ending, Parcel, Trip, leave, lost, move
from ringwall.prove.simulator_routes import MIDDLE_KINDS, NO_ROUTE, Choice

CHECK_CODE = "ENI_SOURCE_DEST_CHECK_RESTRICTION"


def carry(trip: Trip, parcel: Parcel, first: Choice | None = None) -> Ending:
    """Take a packet from where it is to its goal, or as far as anything is known.

    ``first`` is the first lookup, where that is not the one of the packet's subnet (the edge
    route table of a gateway, the table of a regional NAT gateway).
    """
    choice = first or trip.walk.route(parcel.subnet, parcel.routing)
    while (ending := _turn(trip, parcel, choice)) is None:
        if has_come(trip, parcel):
            return Ending("delivered")
        choice = trip.walk.route(parcel.subnet, parcel.routing)
    return ending


def has_come(trip: Trip, parcel: Parcel) -> bool:
    """Inside the target's own subnet no route table is asked."""
    place = trip.goal.place
    return place is not None and parcel.subnet != "" and place.subnet == parcel.subnet


def _turn(trip: Trip, parcel: Parcel, choice: Choice) -> Ending | None:
    """One step on; the ending where there is one, None where the packet is elsewhere now."""
    if choice.step.allowed is not True or choice.kind is None:
        leave(trip.walk, parcel, choice.step)
        return STUCK
    if _is_riddle(trip, parcel, choice):
        reason = f"{choice.step.rule}: AWS takes no such route for a VPC's own addresses"
        leave(trip.walk, parcel, replace(choice.step, rule=reason, allowed=None))
        return STUCK
    return _TURNS[choice.kind](trip, parcel, choice)


def _is_riddle(trip: Trip, parcel: Parcel, choice: Choice) -> bool:
    """Is this a route for the VPC's own addresses that leads to no middlebox?"""
    if not parcel.vpc or not trip.goal.stands_in(parcel.vpc) or choice.kind == "local":
        return False
    endpoint = trip.walk.network.endpoints.get(choice.target)
    gateway = endpoint is not None and endpoint.kind == "gateway"
    return choice.kind not in MIDDLE_KINDS or gateway


def _deliver(trip: Trip, parcel: Parcel, choice: Choice) -> Ending | None:
    """The local route: to the target, if it stands in this VPC."""
    place = trip.goal.place
    if place is None:
        leave(trip.walk, parcel, choice.step)
        rule = "the destination lies inside the VPC, and nothing is known to stand there"
        found = None if trip.asked is None else False
        trip.walk.meet(parcel.vpc, "vpc", Step("route", parcel.vpc, rule, found))
        return STUCK
    if place.vpc and parcel.vpc != place.vpc:
        rule = f"{choice.step.rule}: stays in {parcel.vpc}, {trip.goal.words}"
        leave(trip.walk, parcel, replace(choice.step, rule=rule, allowed=False, code=NO_ROUTE))
        return STUCK
    move(trip.walk, parcel, choice.step, place.subnet)
    return Ending("delivered")


# --- middleboxes --------------------------------------------------------------------------------


def _through_middlebox(trip: Trip, parcel: Parcel, choice: Choice) -> Ending | None:
    walk, place = trip.walk, trip.goal.place
    own = place.interface.id if place is not None and place.interface is not None else ""
    if place is not None and own == choice.target and place.vpc == parcel.vpc:
        move(walk, parcel, choice.step, place.subnet)
        return Ending("delivered")
    box = walk.network.interfaces.get(choice.target)
    parcel.loses_references("references to groups do not hold past a middlebox")
    if box is None:
        leave(walk, parcel, choice.step)
        reason = f"interface {choice.target} is not in the material"
        return lost(walk, choice.target, "network-interface", reason)
    home = vpc_of(walk.network, box.subnet)
    if home != parcel.vpc:
        leave(walk, parcel, choice.step)
        rule = f"stands in {home or 'a VPC that is not known'}, not in {parcel.vpc}"
        step = Step("route", box.id, rule, False if home else None, origin=box.origin)
        walk.meet(box.id, box.kind, step, name=box.name)
        return STUCK
    move(walk, parcel, choice.step, box.subnet)
    circle = parcel.goes_round(box.id)
    steps = _box_steps(trip, parcel, box) if circle is None else (circle,)
    walk.meet(box.id, box.kind, *steps, name=box.name, zone=walk.zone(box.subnet))
    parcel.middleboxes.add(box.id)
    return None if circle is None else STUCK


def _box_steps(trip: Trip, parcel: Parcel, box: NetworkInterface) -> tuple[Step, ...]:
    """What an interface does to a packet that is not for it."""
    network, checks = trip.walk.network, box.source_dest_check
    words = f"source/destination check is {'on' if checks else 'off'}"
    check = Step("route", box.id, words, not checks, CHECK_CODE if checks else "", box.origin)
    words = {
        True: "hands on what it receives for others",
        False: "hands on nothing that it receives for others",
        None: "what it hands on is its own configuration",
    }[box.forwards]
    forwards = Step("route", box.id, words, box.forwards, "", box.origin)
    gaps = gap_steps(network, "route", box.id, box.owner)
    if trip.asked is not None and box.id in trip.asked.middleboxes:
        return (*gaps, check, forwards)
    groups = (
        group_step(
            network, box, parcel.flight, End("address", box.id), egress=egress,
            references=NO_REFERENCES,
        )
        for egress in (False, True)
    )  # fmt: skip
    return (*gaps, check, *groups, forwards)


# --- endpoints ----------------------------------------------------------------------------------


def _through_endpoint(trip: Trip, parcel: Parcel, choice: Choice) -> Ending | None:
    walk = trip.walk
    endpoint = walk.network.endpoints.get(choice.target)
    if endpoint is not None and endpoint.kind == "gateway":
        leave(walk, parcel, choice.step)
        home = parcel.home if parcel.crossed else parcel.vpc
        steps = endpoint_steps(walk.network, choice.target, home, parcel.flight)
        if trip.goal.kind not in ("internet", "bucket"):
            rule = f"leads to {endpoint.service or 'an AWS service'}: {trip.goal.words}"
            steps += (Step("route", choice.target, rule, False, NO_ROUTE, endpoint.origin),)
        walk.meet(choice.target, "vpc-endpoint", *steps)
        return Ending("endpoint", choice.target)
    parcel.loses_references("references to groups do not hold past an inspection")
    if endpoint is not None and endpoint.kind == "firewall":
        return _through_firewall(trip, parcel, choice, endpoint)
    leave(walk, parcel, choice.step)
    reason = f"endpoint {choice.target} is not in the material"
    if endpoint is not None:
        reason = f"what a route to an endpoint of kind {endpoint.kind} leads to is not modelled"
    return lost(walk, choice.target, "vpc-endpoint", reason)


def _through_firewall(
    trip: Trip, parcel: Parcel, choice: Choice, endpoint: VpcEndpoint
) -> Ending | None:
    walk, network = trip.walk, trip.walk.network
    firewall = firewall_of(network, endpoint.id)
    if firewall is None or not endpoint.subnets:
        leave(walk, parcel, choice.step)
        what = "subnet of" if firewall is not None else "firewall behind"
        reason = f"the {what} this endpoint is not known"
        return lost(walk, endpoint.id, "vpc-endpoint", reason)
    if endpoint.vpc and endpoint.vpc != parcel.vpc:
        leave(walk, parcel, choice.step)
        rule = f"stands in {endpoint.vpc} and serves that VPC only"
        step = Step("route", endpoint.id, rule, False, origin=endpoint.origin)
        walk.meet(endpoint.id, "vpc-endpoint", step, name=endpoint.name)
        return STUCK
    subnet = endpoint.subnets[0]
    move(walk, parcel, choice.step, subnet)
    steps = list(gap_steps(network, "route", endpoint.id))
    circle = parcel.goes_round(endpoint.id)
    if circle is not None:
        steps.append(circle)
    elif trip.asked is None:
        steps.append(firewall_step(network, firewall, parcel.flight))
    else:
        question = trip.asked.firewalls.get(firewall.id)
        steps.append(firewall_answer(network, firewall, question, parcel.flight))
    parcel.firewalls.setdefault(firewall.id, parcel.flight)
    walk.meet(endpoint.id, "vpc-endpoint", *steps, name=endpoint.name, zone=walk.zone(subnet))
    return None if circle is None else STUCK


_TURNS: dict[str, Callable[[Trip, Parcel, Choice], Ending | None]] = {
    "local": _deliver,
    "network-interface": _through_middlebox,
    "vpc-endpoint": _through_endpoint,
    "vpc-peering": cross_peering,
    "transit-gateway": cross_transit,
    "vpn-gateway": leave_by_vpn,
    "nat-gateway": cross_nat,
    "internet-gateway": leave_by_gateway,
    "egress-only-internet-gateway": leave_by_gateway,
}
