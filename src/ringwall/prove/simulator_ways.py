"""The ways of the reference simulator: which hops a packet meets between two ends.

A way is put together from few pieces: inside the network from subnet to subnet; out to the
Internet or S3; in from the Internet; and the two ways back. Each piece adds hops to a Walk and
goes on after a block, so that every blocker shows.
"""

from __future__ import annotations

from collections.abc import Callable
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
from ringwall.prove.simulator_flight import Flight
from ringwall.prove.simulator_routes import NO_ROUTE, Choice
from ringwall.prove.simulator_walk import Place, Walk, managed_port

Follow = Callable[[Walk, Choice], object]


def _nothing_more(_walk: Walk, _choice: Choice) -> None:
    """For lookups behind which nothing is met that differs from route to route."""


def settled(
    network: Network,
    choice: Choice,
    step_of: Callable[[Choice], Step],
    follow: Follow = _nothing_more,
) -> Step:
    """The step of a lookup. One in doubt still stops a packet if each possible route does.

    ``step_of`` judges one route, ``follow`` walks on behind it.
    """
    if not choice.either:
        return step_of(choice)
    stops: list[str] = []
    for one in choice.either:
        scratch = Walk(network)
        scratch.meet("", "route", step_of(one))
        follow(scratch, one)
        steps = [step for hop in scratch.hops for step in hop.steps if step.allowed is False]
        if not steps:
            return choice.step
        first = steps[0]
        same = first.rule.startswith(one.step.rule)
        stops.append(first.rule if same else f"{one.step.rule} ({first.resource}: {first.rule})")
    rule = f"whichever route is taken stops: {', or '.join(dict.fromkeys(stops))}"
    return replace(choice.step, rule=rule, allowed=False, code=NO_ROUTE)


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

    def step_of(one: Choice) -> Step:
        return _inside_route(one, source, target)

    def follow(behind: Walk, one: Choice) -> None:
        if one.kind in _GATEWAYS and source.vpc != target.vpc:
            beyond(behind, routed, source, one, None)

    step = settled(walk.network, choice, step_of, follow)
    walk.at_subnet(source.subnet, step, walk.acl(source.subnet, flight, egress=True))
    follow(walk, choice)
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
    walk: Walk,
    flight: Flight,
    source: Place,
    other: End,
    nat_port: int | None,
    last: Follow = _nothing_more,
) -> Flight:
    """From an end out of its VPC; gives the packet as it comes out.

    ``last`` adds what the packet meets behind, as far as that depends on the first route.
    """
    choice = walk.route(source.subnet, flight)

    def follow(behind: Walk, one: Choice) -> Flight:
        found = beyond(behind, flight, source, one, nat_port)
        last(behind, one)
        return found

    step = settled(walk.network, choice, _as_it_is, follow)
    walk.at_end(source, *walk.leave(source, flight, other, references=False))
    walk.at_subnet(source.subnet, step, walk.acl(source.subnet, flight, egress=True))
    return follow(walk, choice)


def _as_it_is(choice: Choice) -> Step:
    return choice.step


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

    def follow(behind: Walk, one: Choice) -> None:
        if one.kind == "internet-gateway":
            steps = _gateway_steps(network, one.target, one.kind, nat.vpc, translated)
            behind.meet(one.target, one.kind, *steps)

    step = settled(network, choice, _nat_route, follow)
    walk.at_subnet(nat.subnet, step, walk.acl(nat.subnet, translated, egress=True))
    follow(walk, choice)
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

    def follow(behind: Walk, one: Choice) -> None:
        if one.kind == "internet-gateway":
            step = attached_step(walk.network, one.target, target.vpc)
            behind.meet(one.target, one.kind, step)

    step = settled(walk.network, choice, _answer_route, follow)
    walk.at_subnet(target.subnet, step, walk.acl(target.subnet, flight, egress=True))
    follow(walk, choice)


def _answer_route(choice: Choice) -> Step:
    if not choice.step.allowed or choice.kind == "internet-gateway":
        return choice.step
    rule = f"{choice.step.rule}: the answer must leave through the internet gateway"
    return replace(choice.step, rule=rule, allowed=False, code=NO_ROUTE)


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
    walk.at_subnet(nat.subnet, walk.acl(nat.subnet, arriving, egress=False))
    walk.meet(nat.id, "nat-gateway", name=nat.name, zone=walk.zone(nat.subnet))
    if nat.subnet != source.subnet:
        walk.at_subnet(
            nat.subnet,
            walk.route(nat.subnet, flight).step,
            walk.acl(nat.subnet, flight, egress=True),
        )
