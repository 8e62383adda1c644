"""The reference simulator: one packet, one pair of ends, every rule in order.

It is the obvious reading of AWS's semantics, slow and plain, that the exact set engine is held
against; nothing is shared between the two but the nouns. A trace goes on after a block as far as
the way is known, so that every blocker shows.

By convention a packet carries the private addresses of interfaces; the internet gateway's own
rewriting is done on the way. An interface that is addressed by a public address of its own is
reached, and answers, through its internet gateway.
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.addresses import ALL_V4, AddressSet
from ringwall.model.network import Bucket, Network
from ringwall.model.services import has_ports, port_range
from ringwall.model.verdict import Packet, Step, Trace
from ringwall.prove.ends import End, internet_addresses, s3_prefix_list
from ringwall.prove.simulator_edges import INGRESS_CODE, policy_step, public_access_step
from ringwall.prove.simulator_flight import (
    Flight,
    answer_packet,
    answer_services,
    flight_of,
)
from ringwall.prove.simulator_routes import Choice
from ringwall.prove.simulator_walk import Place, Walk, managed_ports, place_at
from ringwall.prove.simulator_ways import answer_in, answer_out, come_in, inside, out


def trace(
    network: Network, packet: Packet, source: End, target: End, *, nat_port: int | None = None
) -> Trace:
    """The way of a packet that opens a connection from ``source`` to ``target``.

    ``nat_port`` is the port that a NAT gateway gives the connection (its own choice among the
    managed range); left out, it is the packet's source port if that lies within.
    """
    walk = Walk(network)
    port = packet.source_port if nat_port is None else nat_port
    flight = _toward(network, packet, target)
    if source.kind == "internet":
        walk.meet(source.id, "internet")
        _from_outside(walk, flight, target)
    elif source.kind == "bucket":
        walk.meet(source.id, "bucket", _never_opens(source), name=source.name)
    else:
        here = place_at(network, source, packet.source, near=_near(network, target, packet))
        _from_inside(walk, flight, here, target, packet, port)
    return walk.trace(packet)


def trace_reply(
    network: Network, packet: Packet, source: End, target: End, *, nat_port: int | None = None
) -> Trace:
    """The way of the answer to ``packet``, which went from ``source`` to ``target``.

    Security groups remember the connection; network ACLs and routes do not, and judge alone. The
    answer to a protocol without ports is what :func:`answer_services` says. A NAT gateway on the
    way must hear answers on ``nat_port``, or (left out) on each port that it may choose.
    """
    walk = Walk(network)
    answer = answer_packet(packet)
    back = replace(flight_of(answer), services=answer_services(packet))
    went = _toward(network, packet, target)
    if source.kind == "internet":
        _answer_to_outside(walk, back, target, packet)
        walk.meet(source.id, "internet")
    elif source.kind == "bucket":
        walk.meet(source.id, "bucket", _never_opens(source), name=source.name)
    else:
        here = place_at(network, source, packet.source, near=_near(network, target, packet))
        _answer_to_inside(walk, back, went, here, target, packet, nat_port)
    return walk.trace(answer)


# --- forward ----------------------------------------------------------------------------------


def _from_inside(
    walk: Walk, flight: Flight, here: Place, target: End, packet: Packet, port: int | None
) -> None:
    if target.kind == "bucket" and target.bucket is not None:
        _to_bucket(walk, flight, here, target, target.bucket, port)
    elif target.kind == "internet":
        out(walk, flight, here, target, port)
        walk.meet(target.id, "internet")
    else:
        there = place_at(walk.network, target, packet.destination, near=here.vpc)
        if not _is_public(target, packet.destination):
            inside(walk, flight, here, there)
            return
        outside, _ = out(walk, flight, here, target, port)
        come_in(walk, _own_address(outside, target), there, here.end)


def _from_outside(walk: Walk, flight: Flight, target: End) -> None:
    if target.kind == "bucket" and target.bucket is not None:
        walk.meet(
            target.id,
            "bucket",
            public_access_step(walk.network, target.bucket),
            policy_step(walk.network, target.bucket, ""),
            name=target.name,
        )
    elif target.kind == "interface":
        place = place_at(walk.network, target, flight.destination.first)
        if _is_public(target, flight.destination.first):
            flight = _own_address(flight, target)
        come_in(walk, flight, place, _INTERNET)
    elif target.kind == "internet":
        reason = "neither end lies in this network"
        walk.meet(target.id, "internet", Step("route", target.id, reason, None))
    else:
        rule = "the Internet does not route private addresses"
        walk.meet(target.id, "address", Step("route", target.id, rule, False, INGRESS_CODE))


def _to_bucket(
    walk: Walk, flight: Flight, here: Place, target: End, bucket: Bucket, port: int | None
) -> None:
    _, choice = out(walk, flight, here, target, port)
    steps: tuple[Step, ...] = ()
    if choice.kind is not None or not bucket.only_through:
        steps = (policy_step(walk.network, bucket, _endpoint(choice)),)
    walk.meet(bucket.id, "bucket", *steps, name=target.name)


def _endpoint(choice: Choice) -> str:
    return choice.target if choice.kind == "vpc-endpoint" else ""


def _never_opens(source: End) -> Step:
    return Step("route", source.id, "a bucket opens no connections", False)


# --- back -------------------------------------------------------------------------------------


def _answer_to_outside(walk: Walk, back: Flight, target: End, packet: Packet) -> None:
    if target.kind == "interface":
        there = place_at(walk.network, target, packet.destination)
        if _is_public(target, packet.destination):
            back = replace(
                back, source=target.interface.addresses if target.interface else back.source
            )
        answer_out(walk, back, there)
    elif target.kind == "bucket":
        walk.meet(target.id, "bucket", name=target.name)
    else:
        reason = "nothing in this network would answer"
        walk.meet(target.id, target.kind, Step("route", target.id, reason, None))


def _answer_to_inside(
    walk: Walk,
    back: Flight,
    went: Flight,
    here: Place,
    target: End,
    packet: Packet,
    nat_port: int | None,
) -> None:
    nat_services = back.services
    if has_ports(packet.protocol):
        low, high = managed_ports() if nat_port is None else (nat_port, nat_port)
        nat_services = port_range(packet.protocol, low, high)
    back = replace(back, source=went.destination)
    if target.kind in ("bucket", "internet"):
        walk.meet(target.id, target.kind, name=target.name)
        answer_in(walk, back, here, went, nat_services)
        return
    there = place_at(walk.network, target, packet.destination, near=here.vpc)
    if not _is_public(target, packet.destination):
        # A load balancer that preserves its clients' addresses still takes the answers itself.
        forwarded = packet.source not in _own_addresses(here.end)
        toward = _own_addresses(here.end) if forwarded else None
        inside(walk, back, there, here, answer=True, toward=toward)
        return
    scratch = Walk(walk.network)
    outside, _ = out(scratch, went, here, target, nat_port)
    translated = any(hop.kind == "nat-gateway" for hop in scratch.hops)
    services = nat_services if translated else back.services
    to_public = replace(back, destination=outside.source, services=services)
    answer_out(walk, to_public, there)
    answer_in(walk, back, here, went, nat_services)


# --- what an address means --------------------------------------------------------------------


_INTERNET = End("internet", "internet")


def _toward(network: Network, packet: Packet, target: End) -> Flight:
    """The packet as its first filter sees it; S3 addresses that are not known stay a set."""
    flight = flight_of(packet)
    if target.kind != "bucket" or target.bucket is None:
        return flight
    lists = s3_lists(network, target.bucket)
    if target.addresses:
        return replace(flight, lists=lists)
    return replace(flight, destination=internet_addresses() & ALL_V4, lists=lists)


def s3_lists(network: Network, bucket: Bucket) -> frozenset[str]:
    """The ids of prefix lists that hold S3 in the bucket's Region."""
    known = s3_prefix_list(network, bucket)
    region = bucket.region or network.region
    of_endpoints = {
        one.prefix_list
        for one in network.endpoints.values()
        if one.kind == "gateway" and one.service == f"com.amazonaws.{region}.s3" and one.prefix_list
    }
    return frozenset(of_endpoints | ({known.id} if known is not None else set()))


def _is_public(target: End, address: int) -> bool:
    interface = target.interface
    return (
        interface is not None
        and address in interface.public_addresses
        and address not in interface.addresses
    )


def _own_address(flight: Flight, target: End) -> Flight:
    """The packet behind the internet gateway, which knows the interface by its private address."""
    return replace(flight, destination=_own_addresses(target))


def _own_addresses(target: End) -> AddressSet:
    return target.interface.addresses if target.interface is not None else target.addresses


def _near(network: Network, target: End, packet: Packet) -> str:
    """The VPC of the other end, for an address that more than one VPC holds."""
    if target.kind not in ("interface", "address"):
        return ""
    return place_at(network, target, packet.destination).vpc
