"""What the flows ask of each tier's subnets: the packets that a network ACL must let through.

A network ACL sees packets, not connections, and only where they cross the edge of a subnet. So
each flow becomes the packets of its way and of its way back, seen from each tier that it touches:

* between tiers, or between zones of one tier: out of the source's subnets and into the target's,
  and the reply to the client's ephemeral ports the other way;
* from the Internet to a load balancer: in and out of the public subnets;
* to the Internet through NAT: out of the app subnets with the *final* destination already on the
  packet, into the NAT gateway's public subnet, out again with the gateway's address and ports;
  the reply carries the far end's address all the way back into the app subnets;
* to a bucket through the gateway endpoint: straight between the app subnets and the addresses of
  S3. A network ACL cannot name a prefix list, and S3's addresses change, so here (and only here)
  the rule is wider than the flow: any address, port 443. The route (the endpoint takes S3's
  addresses and nothing else leads out) and the security group (which names the prefix list) keep
  it narrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from ringwall.design.blueprint import ENDPOINTS, AddressPlan, Blueprint
from ringwall.design.routes import ANYWHERE
from ringwall.facts.load import facts
from ringwall.model.policy import Flow, Selector
from ringwall.model.services import ServiceSet, port_range, ranges_of
from ringwall.spec.model import Bucket, Tier


@dataclass(frozen=True, slots=True)
class Crossing:
    """Packets that cross the edge of a tier's subnets for a flow's sake.

    ``peer`` is where they come from (``egress`` false) or go to, ``services`` their destination
    protocol and ports. ``reply`` marks answers, whose ports are the client's.
    """

    tier: Tier
    egress: bool
    peer: IPv4Network
    services: ServiceSet
    reply: bool
    flow: Flow


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a leg: a tier's whole block, or (no tier) a block outside the VPC."""

    tier: Tier | None
    block: IPv4Network


def crossings(blueprint: Blueprint) -> tuple[Crossing, ...]:
    """Every crossing that the flows ask for, in the order of the flows."""
    return tuple(one for flow in blueprint.flows for one in _of_flow(blueprint, flow))


def tier_of(blueprint: Blueprint, end: Selector) -> Tier | None:
    """The tier where a flow's end has network interfaces: None for the Internet and buckets."""
    if end.kind != "service":
        return None
    if end.name == ENDPOINTS:
        return "app"
    service = blueprint.spec.services[end.name]
    return None if isinstance(service, Bucket) else service.tier


def _of_flow(blueprint: Blueprint, flow: Flow) -> Iterator[Crossing]:
    source, target = _end(blueprint, flow.source), _end(blueprint, flow.target)
    if source.tier == "app" and flow.target.kind == "address":
        yield from _through_nat(blueprint.plan, flow, source, target)
    else:
        yield from _leg(flow, source, target, flow.client_ports)


def _end(blueprint: Blueprint, end: Selector) -> _End:
    tier = tier_of(blueprint, end)
    if tier is not None:
        return _End(tier, blueprint.plan.blocks[tier])
    return _End(None, IPv4Network(end.name if end.kind == "address" else ANYWHERE))


def _leg(flow: Flow, source: _End, target: _End, ports: tuple[int, int]) -> Iterator[Crossing]:
    """The packets of one leg and their replies, at each end that lies in a tier."""
    (service,) = ranges_of(flow.services)
    back = port_range(service.protocol, *ports)
    if source.tier:
        yield Crossing(source.tier, True, target.block, flow.services, False, flow)
        yield Crossing(source.tier, False, target.block, back, True, flow)
    if target.tier:
        yield Crossing(target.tier, False, source.block, flow.services, False, flow)
        yield Crossing(target.tier, True, source.block, back, True, flow)


def _through_nat(plan: AddressPlan, flow: Flow, source: _End, target: _End) -> Iterator[Crossing]:
    """To the NAT gateway and on from there; its subnet has the public tier's network ACL."""
    low, high = facts("client-ports").values["managed"]
    (service,) = ranges_of(flow.services)
    outside, public = _End(None, target.block), _End("public", plan.blocks["public"])
    # The app side sees the far end's address, in both directions.
    yield from _leg(flow, source, outside, flow.client_ports)
    # The gateway's inner side sees the app tier's addresses, and no destination on the way in.
    back = port_range(service.protocol, *flow.client_ports)
    yield Crossing("public", False, source.block, flow.services, False, flow)
    yield Crossing("public", True, source.block, back, True, flow)
    # Its outer side has its own address and ports.
    yield from _leg(flow, public, outside, (low, high))
