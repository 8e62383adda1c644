"""The reference simulator: one packet, one pair of ends, every rule in order.

It is the obvious reading of AWS's semantics, slow and plain, that the exact set engine is held
against; nothing is shared between the two but the nouns. A trace goes on after a block as far as
the way is known, so that every blocker shows.

By convention a packet carries the private addresses of interfaces; the internet gateway's own
rewriting is done on the way. An interface that is addressed by a public address of its own is
reached, and answers, through its internet gateway. Where AWS chooses and does not tell (the zone in
which a transit gateway hands a packet on, the way in from on premises) every choice is run, and
where they differ the answer is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

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
from ringwall.prove.simulator_parcel import Goal
from ringwall.prove.simulator_walk import Place, Walk, every_run, managed_ports, place_at
from ringwall.prove.simulator_ways import (
    answer_back,
    answer_out,
    answer_premises,
    come_in,
    from_premises,
    inside,
    out,
)


def trace(
    network: Network, packet: Packet, source: End, target: End, *, nat_port: int | None = None
) -> Trace:
    """The way of a packet that opens a connection from ``source`` to ``target``.

    ``nat_port`` is the port that a NAT gateway gives the connection (its own choice among the
    managed range); left out, it is the packet's source port if that lies within.
    """

    def run(walk: Walk) -> Trace:
        _open(walk, packet, source, target, nat_port)
        return walk.trace(packet)

    return _every_choice(network, run)


def trace_reply(
    network: Network,
    packet: Packet,
    source: End,
    target: End,
    *,
    nat_port: int | None = None,
    client_ports: tuple[int, int] | None = None,
) -> Trace:
    """The way of the answer to ``packet``, which went from ``source`` to ``target``.

    With ``client_ports`` it is the answers to all of these ports together: what stops one of them
    stops the trace.

    Security groups remember the connection; network ACLs and routes do not, and judge alone. The
    answer to a protocol without ports is what :func:`answer_services` says. A NAT gateway on the
    way must hear answers on ``nat_port``, or (left out) on each port that it may choose.
    """
    answer = answer_packet(packet)

    def run(walk: Walk) -> Trace:
        _answer(walk, packet, source, target, nat_port, client_ports)
        return walk.trace(answer)

    return _every_choice(network, run)


def _every_choice(network: Network, run: Callable[[Walk], Trace]) -> Trace:
    """The trace that all choices of AWS's agree on, or one of them with what is not known."""
    found, complete = every_run(lambda picks: run(Walk(network, picks)))
    if complete and len({one.arrived for one in found}) == 1:
        return found[0]
    shown = next((one for one in found if one.arrived is not False), found[0])
    return _undecided(shown, sum(one.arrived is True for one in found), len(found))


def _undecided(shown: Trace, good: int, total: int) -> Trace:
    if shown.arrived is False:
        return replace(shown, arrived=None)
    last = shown.hops[-1]
    reason = (
        f"AWS chooses among {total} ways from here, of which {good} are known to be open: this is "
        "one of them"
    )
    step = Step("route", last.resource, reason, None)
    hops = (*shown.hops[:-1], replace(last, steps=(*last.steps, step)))
    return replace(shown, hops=hops, arrived=None)


# --- the question -----------------------------------------------------------------------------


def _open(walk: Walk, packet: Packet, source: End, target: End, nat_port: int | None) -> None:
    network = walk.network
    port = packet.source_port if nat_port is None else nat_port
    flight = _toward(network, packet, target)
    if source.kind == "internet":
        walk.meet(source.id, "internet")
        _from_outside(walk, flight, target)
    elif source.kind == "on-premises":
        walk.meet(source.id, "on-premises")
        _from_premises(walk, flight, source, target)
    elif source.kind == "bucket":
        walk.meet(source.id, "bucket", _never_opens(source), name=source.name)
    else:
        here = place_at(network, source, packet.source, near=_near(network, target, packet))
        _from_inside(walk, flight, here, target, packet, port)


def _from_inside(
    walk: Walk, flight: Flight, here: Place, target: End, packet: Packet, port: int | None
) -> None:
    if target.kind == "bucket" and target.bucket is not None:
        _to_bucket(walk, flight, here, target, target.bucket, port)
    elif target.kind == "internet":
        out(walk, flight, here, target, Goal("internet"), port)
        walk.meet(target.id, "internet")
    elif target.kind == "on-premises":
        out(walk, flight, here, target, Goal("on-premises"), port)
        walk.meet(target.id, "on-premises")
    else:
        there = place_at(walk.network, target, packet.destination, near=here.vpc)
        if not _is_public(target, packet.destination):
            inside(walk, flight, here, there, port)
            return
        parcel, _ = out(walk, flight, here, target, Goal("internet"), port)
        come_in(walk, _own_address(parcel.flight, target), there, here.end)


def _from_outside(walk: Walk, flight: Flight, target: End) -> None:
    if target.kind == "bucket" and target.bucket is not None:
        _to_bucket_from_outside(walk, target, target.bucket)
    elif target.kind == "interface":
        place = place_at(walk.network, target, flight.destination.first)
        if _is_public(target, flight.destination.first):
            flight = _own_address(flight, target)
        come_in(walk, flight, place, _INTERNET)
    elif target.kind in ("internet", "on-premises"):
        reason = "neither end lies in this network"
        walk.meet(target.id, target.kind, Step("route", target.id, reason, None))
    else:
        rule = "the Internet does not route private addresses"
        walk.meet(target.id, "address", Step("route", target.id, rule, False, INGRESS_CODE))


def _from_premises(walk: Walk, flight: Flight, source: End, target: End) -> None:
    if target.kind == "bucket" and target.bucket is not None:
        _to_bucket_from_outside(walk, target, target.bucket)
    elif target.kind in ("internet", "on-premises"):
        reason = "neither end lies in this network"
        walk.meet(target.id, target.kind, Step("route", target.id, reason, None))
    elif _is_public(target, flight.destination.first):
        reason = "whether on premises reaches public addresses is not known"
        walk.meet(target.id, "interface", Step("route", target.id, reason, None))
    else:
        place = place_at(walk.network, target, flight.destination.first)
        from_premises(walk, flight, place, source)


def _to_bucket_from_outside(walk: Walk, target: End, bucket: Bucket) -> None:
    walk.meet(
        target.id,
        "bucket",
        public_access_step(walk.network, bucket),
        policy_step(walk.network, bucket, ""),
        name=target.name,
    )


def _to_bucket(
    walk: Walk, flight: Flight, here: Place, target: End, bucket: Bucket, port: int | None
) -> None:
    _, ending = out(walk, flight, here, target, Goal("bucket"), port)
    steps: tuple[Step, ...] = ()
    if ending.kind != "stuck" or not bucket.only_through:
        endpoint = ending.gateway if ending.kind == "endpoint" else ""
        steps = (policy_step(walk.network, bucket, endpoint),)
    walk.meet(bucket.id, "bucket", *steps, name=target.name)


def _never_opens(source: End) -> Step:
    return Step("route", source.id, "a bucket opens no connections", False)


# --- the answer -------------------------------------------------------------------------------


def _answer(
    walk: Walk,
    packet: Packet,
    source: End,
    target: End,
    nat_port: int | None,
    client_ports: tuple[int, int] | None,
) -> None:
    network = walk.network
    back = replace(flight_of(answer_packet(packet)), services=answer_services(packet))
    if client_ports is not None and has_ports(packet.protocol):
        back = replace(back, services=port_range(packet.protocol, *client_ports), every=True)
    if source.kind in ("internet", "on-premises"):
        _answer_to_outside(walk, back, source, target, packet)
        walk.meet(source.id, source.kind)
    elif source.kind == "bucket":
        walk.meet(source.id, "bucket", _never_opens(source), name=source.name)
    else:
        here = place_at(network, source, packet.source, near=_near(network, target, packet))
        _answer_to_inside(walk, back, here, target, packet, nat_port)


def _answer_to_outside(walk: Walk, back: Flight, source: End, target: End, packet: Packet) -> None:
    if target.kind == "bucket":
        walk.meet(target.id, "bucket", name=target.name)
        return
    public = _is_public(target, packet.destination)
    if target.kind != "interface" or (public and source.kind == "on-premises"):
        reason = "nothing in this network would answer"
        walk.meet(target.id, target.kind, Step("route", target.id, reason, None))
        return
    there = place_at(walk.network, target, packet.destination)
    went = flight_of(packet)
    if public:
        back = replace(back, source=_own_addresses(target))
        went = _own_address(went, target)
    if source.kind == "internet":
        answer_out(walk, back, there, come_in(walk.scratch(), went, there, _INTERNET))
    else:
        asked = from_premises(walk.scratch(), went, there, source)
        answer_premises(walk, back, there, asked)


def _answer_to_inside(
    walk: Walk, back: Flight, here: Place, target: End, packet: Packet, nat_port: int | None
) -> None:
    went = _toward(walk.network, packet, target)
    nat_services = back.services
    if has_ports(packet.protocol):
        low, high = managed_ports() if nat_port is None else (nat_port, nat_port)
        nat_services = port_range(packet.protocol, low, high)
    back = replace(back, source=went.destination)
    if target.kind in _OUTSIDE:
        walk.meet(target.id, target.kind, name=target.name)
        goal = Goal(_OUTSIDE[target.kind])
        asked, ending = out(walk.scratch(), went, here, target, goal, nat_port)
        answer_back(walk, back, ending, here, asked, nat_services)
        return
    there = place_at(walk.network, target, packet.destination, near=here.vpc)
    scratch = walk.scratch()
    if not _is_public(target, packet.destination):
        # A load balancer that preserves its clients' addresses still takes the answers itself.
        forwarded = packet.source not in _own_addresses(here.end)
        toward = _own_addresses(here.end) if forwarded else None
        asked = inside(scratch, went, here, there, nat_port)
        answer_back(walk, back, there, here, asked, nat_services, toward)
        return
    asked, ending = out(scratch, went, here, target, Goal("internet"), nat_port)
    services = nat_services if asked.translations else back.services
    to_public = replace(back, destination=asked.flight.source, services=services)
    came = come_in(walk.scratch(), _own_address(asked.flight, target), there, here.end)
    answer_out(walk, to_public, there, came)
    answer_back(walk, back, ending, here, asked, nat_services)


# --- what an address means --------------------------------------------------------------------


_INTERNET = End("internet", "internet")
_OUTSIDE: dict[str, Literal["bucket", "internet", "on-premises"]] = {
    "bucket": "bucket",
    "internet": "internet",
    "on-premises": "on-premises",
}


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
