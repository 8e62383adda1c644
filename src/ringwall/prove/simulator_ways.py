"""The ways of the reference simulator: which hops a packet meets between two ends.

A way is put together from few pieces: inside the network from subnet to subnet; out to the
Internet or S3; in from the Internet; and the two ways back. Each piece adds hops to a Walk and
goes on after a block, so that every blocker shows.
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.addresses import ALL_V4, AddressSet, address_at
from ringwall.model.network import NatGateway, Network, NetworkInterface, TargetKind
from ringwall.model.services import ServiceSet
from ringwall.model.verdict import Step
from ringwall.prove.ends import End, internet_addresses
from ringwall.prove.simulator_edges import (
    REMAP_CODE,
    attached_step,
    edge_steps,
    endpoint_steps,
    gateway_into,
    is_v6_flight,
    leaves_steps,
    nat_steps,
    no_gateway_step,
    public_step,
)
from ringwall.prove.simulator_filters import acl_step_for_each
from ringwall.prove.simulator_flight import Flight
from ringwall.prove.simulator_routes import NO_ROUTE, Choice
from ringwall.prove.simulator_walk import Place, Walk, managed_port

# --- inside the network ---------------------------------------------------------------------


def inside(
    walk: Walk,
    flight: Flight,
    source: Place,
    target: Place,
    *,
    answer: bool = False,
    toward: AddressSet | None = None,
) -> None:
    """From one private address to another; an answer meets no security groups and no listener.

    ``toward`` is where routing carries the packet, where that is not its destination address
    (an answer to a client whose address a load balancer preserved goes to the load balancer).
    """
    leaving = () if answer else walk.leave(source, flight, target.end)
    walk.at_end(source, *leaving)
    if not source.subnet or source.subnet != target.subnet:
        _between(walk, flight, source, target, toward or flight.destination)
    if answer:
        walk.at_end(target)
    else:
        walk.arrive(target, flight, source.end)


def _between(walk: Walk, flight: Flight, source: Place, target: Place, toward: AddressSet) -> None:
    routed = replace(flight, destination=toward)
    choice = walk.route(source.subnet, routed)
    walk.at_subnet(
        source.subnet,
        _inside_route(choice, source, target),
        walk.acl(source.subnet, flight, egress=True),
    )
    if choice.kind in _GATEWAYS and source.vpc != target.vpc:
        beyond(walk, routed, source, choice, None)
    walk.at_subnet(target.subnet, walk.acl(target.subnet, flight, egress=False))


_GATEWAYS = frozenset(
    {"internet-gateway", "egress-only-internet-gateway", "nat-gateway", "vpc-endpoint"}
)


def _inside_route(choice: Choice, source: Place, target: Place) -> Step:
    step = choice.step
    if step.allowed is not True:
        return step
    if choice.kind == "local":
        if not target.vpc or source.vpc == target.vpc:
            return step
        rule = f"{step.rule}: stays in {source.vpc}, the target stands in {target.vpc}"
        return replace(step, rule=rule, allowed=False, code=NO_ROUTE)
    if source.vpc and source.vpc == target.vpc:
        rule = f"{step.rule}: middlebox routing is not modelled yet"
        return replace(step, rule=rule, allowed=None)
    return step


# --- out to the Internet or S3 --------------------------------------------------------------


def out(
    walk: Walk, flight: Flight, source: Place, other: End, nat_port: int | None
) -> tuple[Flight, Choice]:
    """From an end out of its VPC; gives the packet as it comes out, and the first route."""
    choice = walk.route(source.subnet, flight)
    walk.at_end(source, *walk.leave(source, flight, other, references=False))
    walk.at_subnet(source.subnet, choice.step, walk.acl(source.subnet, flight, egress=True))
    return beyond(walk, flight, source, choice, nat_port), choice


def beyond(
    walk: Walk, flight: Flight, source: Place, choice: Choice, nat_port: int | None
) -> Flight:
    """What lies behind the first route: a gateway, a NAT gateway and its gateway, an endpoint."""
    network = walk.network
    match choice.kind:
        case "internet-gateway" | "egress-only-internet-gateway":
            steps = _gateway_steps(network, choice.target, choice.kind, source.vpc, flight)
            if not is_v6_flight(flight):
                steps += (public_step(source.interface, source.name, egress=True),)
            walk.meet(choice.target, choice.kind, *steps)
            return replace(flight, source=_public_side(source.interface, flight))
        case "nat-gateway":
            return _through_nat(walk, flight, source, choice.target, nat_port)
        case "vpc-endpoint":
            steps = endpoint_steps(network, choice.target, source.vpc, flight)
            walk.meet(choice.target, "vpc-endpoint", *steps)
        case "local":
            reason = "the destination lies inside the VPC, and nothing is known to stand there"
            walk.meet(source.vpc, "vpc", Step("route", source.vpc, reason, None))
        case _:
            pass
    return flight


def _gateway_steps(
    network: Network, gateway: str, kind: TargetKind, vpc: str, flight: Flight
) -> tuple[Step, ...]:
    steps = (attached_step(network, gateway, vpc), *leaves_steps(gateway, flight))
    if kind == "egress-only-internet-gateway" and not is_v6_flight(flight):
        steps += (Step("route", gateway, "passes IPv6 only", False),)
    return steps


def _public_side(interface: NetworkInterface | None, flight: Flight) -> AddressSet:
    """The source address that the Internet sees behind an internet gateway."""
    if is_v6_flight(flight):
        return flight.source
    known = interface.public_addresses & ALL_V4 if interface is not None else None
    return known or internet_addresses() & ALL_V4


def _through_nat(
    walk: Walk, flight: Flight, source: Place, nat_id: str, nat_port: int | None
) -> Flight:
    network = walk.network
    nat = network.nat_gateways.get(nat_id)
    steps = nat_steps(network, nat_id, source.vpc, flight)
    if nat is None:
        walk.meet(nat_id, "nat-gateway", *steps)
        return replace(flight, source=internet_addresses() & ALL_V4)
    if nat.subnet != source.subnet:
        walk.at_subnet(nat.subnet, walk.acl(nat.subnet, flight, egress=False))
    interface = network.interfaces.get(nat.interface)
    address = _nat_address(interface)
    port = f", port {managed_port(nat_port)}" if nat_port is not None else ""
    words = f"source becomes {address}{port}"
    rewrite = Step("route", nat_id, words, True, REMAP_CODE, nat.origin)
    walk.meet(nat_id, "nat-gateway", *steps, rewrite, name=nat.name, zone=walk.zone(nat.subnet))
    inner = interface.addresses if interface is not None else flight.source
    translated = replace(flight, source=inner)
    choice = walk.route(nat.subnet, translated)
    walk.at_subnet(nat.subnet, _nat_route(choice), walk.acl(nat.subnet, translated, egress=True))
    if choice.kind == "internet-gateway":
        steps = _gateway_steps(network, choice.target, choice.kind, nat.vpc, translated)
        walk.meet(choice.target, choice.kind, *steps)
    return replace(translated, source=_public_side(interface, flight))


def _nat_route(choice: Choice) -> Step:
    """A public NAT gateway hands on to an internet gateway; nothing else is modelled behind it."""
    if choice.step.allowed is not True or choice.kind == "internet-gateway":
        return choice.step
    rule = f"{choice.step.rule}: this target behind a NAT gateway is not modelled yet"
    return replace(choice.step, rule=rule, allowed=None)


def _nat_address(interface: NetworkInterface | None) -> str:
    if interface is None or not interface.addresses:
        return "the NAT gateway's address"
    if interface.pinned and interface.addresses.size == 1:
        return str(address_at(interface.addresses.first))
    return f"the address of {interface.id}"


# --- in from the Internet -------------------------------------------------------------------


def come_in(walk: Walk, flight: Flight, target: Place, other: End) -> None:
    """From the Internet to an end; ``flight.destination`` is the end's own address."""
    network = walk.network
    gateway = gateway_into(network, target.vpc)
    if gateway is None:
        walk.meet(target.vpc or "unknown VPC", "vpc", no_gateway_step(network, target.vpc))
    else:
        steps = (attached_step(network, gateway.id, target.vpc), *edge_steps(network, gateway.id))
        if not is_v6_flight(flight):
            steps += (public_step(target.interface, target.name, egress=False),)
        walk.meet(gateway.id, "internet-gateway", *steps, name=gateway.name)
    walk.at_subnet(target.subnet, walk.acl(target.subnet, flight, egress=False))
    walk.arrive(target, flight, other, references=False)


def answer_out(walk: Walk, flight: Flight, target: Place) -> None:
    """The answer to a connection that the Internet opened: it must leave as it came."""
    walk.at_end(target)
    choice = walk.route(target.subnet, flight)
    step = choice.step
    if step.allowed and choice.kind != "internet-gateway":
        rule = f"{step.rule}: the answer must leave through the internet gateway"
        step = replace(step, rule=rule, allowed=False, code=NO_ROUTE)
    walk.at_subnet(target.subnet, step, walk.acl(target.subnet, flight, egress=True))
    if choice.kind == "internet-gateway":
        walk.meet(
            choice.target,
            "internet-gateway",
            attached_step(walk.network, choice.target, target.vpc),
        )


# --- the answer to what went out ------------------------------------------------------------


def answer_in(
    walk: Walk, flight: Flight, source: Place, went: Flight, nat_services: ServiceSet
) -> None:
    """The answer to a packet ``went`` that left by :func:`out`.

    ``flight`` is the answer as the end sees it; ``nat_services`` what it looks like before a NAT
    gateway gives it the client's port again.
    """
    choice = walk.route(source.subnet, went)
    nat = walk.network.nat_gateways.get(choice.target) if choice.kind == "nat-gateway" else None
    if nat is not None:
        _answer_through_nat(walk, flight, source, went, nat, nat_services)
    elif choice.kind == "internet-gateway":
        walk.meet(choice.target, choice.kind, *edge_steps(walk.network, choice.target))
    elif choice.kind in ("egress-only-internet-gateway", "vpc-endpoint"):
        walk.meet(choice.target, choice.kind)
    if nat is None or nat.subnet != source.subnet:
        walk.at_subnet(source.subnet, walk.acl(source.subnet, flight, egress=False))
    walk.at_end(source)


def _answer_through_nat(
    walk: Walk,
    flight: Flight,
    source: Place,
    went: Flight,
    nat: NatGateway,
    nat_services: ServiceSet,
) -> None:
    network = walk.network
    interface = network.interfaces.get(nat.interface)
    inner = interface.addresses if interface is not None else went.source
    first = walk.route(nat.subnet, replace(went, source=inner))
    if first.kind == "internet-gateway":
        walk.meet(first.target, first.kind, *edge_steps(network, first.target))
    arriving = replace(flight, destination=inner, services=nat_services)
    walk.at_subnet(nat.subnet, acl_step_for_each(network, nat.subnet, arriving, egress=False))
    walk.meet(nat.id, "nat-gateway", name=nat.name, zone=walk.zone(nat.subnet))
    if nat.subnet != source.subnet:
        walk.at_subnet(
            nat.subnet,
            walk.route(nat.subnet, flight).step,
            walk.acl(nat.subnet, flight, egress=True),
        )
