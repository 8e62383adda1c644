"""A packet on its way through the reference simulator: where it is, and what it has met."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from ringwall.model.addresses import AddressSet
from ringwall.model.network import NatGateway, Network, NetworkInterface
from ringwall.model.verdict import Step
from ringwall.prove.simulator_filters import NO_REFERENCES, References
from ringwall.prove.simulator_flight import Flight
from ringwall.prove.simulator_walk import Place, Walk

#: How a stretch of way ended: at the goal's own place; out of an internet gateway; at a gateway
#: endpoint; on premises; or where nothing more is known or nothing leads on.
EndingKind = Literal["delivered", "internet", "endpoint", "premises", "stuck"]
GoalKind = Literal["place", "internet", "bucket", "on-premises"]


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a packet is bound: a place inside a VPC, or one of the ends outside of all."""

    kind: GoalKind
    place: Place | None = None

    def stands_in(self, vpc: str) -> bool:
        return self.place is not None and self.place.vpc == vpc

    @property
    def words(self) -> str:
        if self.place is not None:
            return f"the target stands in {self.place.vpc or 'a VPC that is not known'}"
        return f"the target is {'the Internet' if self.kind == 'internet' else self.kind}"


@dataclass(frozen=True, slots=True)
class Ending:
    """``gateway`` is what the packet left by, or the endpoint that it came to."""

    kind: EndingKind
    gateway: str = ""


STUCK = Ending("stuck")


@dataclass(frozen=True, slots=True)
class Translation:
    """A NAT gateway that gave the packet its own source address; ``before`` was the old one."""

    nat: NatGateway
    interface: NetworkInterface | None
    before: AddressSet
    inner: AddressSet


@dataclass(slots=True)
class Parcel:
    """A packet between two filters.

    ``routed`` is where routing carries it, where that is not the destination address that filters
    see (an answer to a client whose address a load balancer preserved). ``subnet`` is where it
    is, empty at a gateway's edge. ``sender`` is the interface whose own address the source is,
    ``home`` that interface's VPC; ``crossed`` says that the packet came from another VPC, or was
    handed to where nothing is known; ``abroad`` that it went over the Internet, ``ashore`` that it
    comes from on premises. ``stray`` says that something about its transit gateways is not known,
    ``adrift`` that nothing is about the attachment by which it comes. The rest is what it has met,
    for the answer's sake.
    """

    flight: Flight
    routed: AddressSet
    subnet: str
    vpc: str
    sender: NetworkInterface | None
    home: str
    references: References = field(default_factory=References)
    crossed: bool = False
    abroad: bool = False
    ashore: bool = False
    stray: bool = False
    adrift: bool = False
    firewalls: dict[str, Flight] = field(default_factory=dict)
    middleboxes: set[str] = field(default_factory=set)
    translations: list[Translation] = field(default_factory=list)
    transits: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def routing(self) -> Flight:
        """The packet as route tables see it."""
        return replace(self.flight, destination=self.routed)

    def twin(self) -> Parcel:
        """A packet that stands here too and goes ways of its own."""
        return replace(
            self,
            firewalls=dict(self.firewalls),
            middleboxes=set(self.middleboxes),
            translations=list(self.translations),
            seen=set(self.seen),
        )

    def loses_references(self, why: str) -> None:
        self.references = self.references.narrowed(False, False, why, NO_REFERENCES.code)

    def goes_round(self, node: str) -> Step | None:
        """A blocking step where the packet has been at this place before."""
        if node in self.seen:
            return Step(
                "route", node, "the packet has been here before: it goes in a circle", False
            )
        self.seen.add(node)
        return None


@dataclass(frozen=True, slots=True)
class Trip:
    """One packet's way to one goal. For an answer, ``asked`` is the question as it was when it
    had come to its target (None: a question itself); ``nat_port`` is the port that a NAT gateway
    gives the connection, where that is known."""

    walk: Walk
    goal: Goal
    asked: Parcel | None = None
    nat_port: int | None = None


# --- from subnet to subnet ----------------------------------------------------------------------


def leave(walk: Walk, parcel: Parcel, step: Step) -> None:
    """The packet leaves its subnet by a route; at a gateway's edge there is no network ACL."""
    if parcel.subnet:
        walk.at_subnet(parcel.subnet, step, walk.acl(parcel.subnet, parcel.flight, egress=True))
    elif walk.hops:
        walk.decide(step)
    else:  # from an address where no subnet is known
        walk.at_subnet("", step)


def enter(walk: Walk, parcel: Parcel, subnet: str) -> None:
    """The packet enters a subnet from outside of it.

    Out of an attachment in that very subnet no network ACL is asked: where it is not known by
    which attachment a packet comes, none of that subnet's can be held against it.
    """
    if parcel.adrift or (parcel.stray and _is_door(walk.network, subnet)):
        walk.at_subnet(subnet)
    else:
        walk.at_subnet(subnet, walk.acl(subnet, parcel.flight, egress=False))
    parcel.subnet = subnet


def _is_door(network: Network, subnet: str) -> bool:
    return any(subnet in one.subnets for one in network.transit_attachments.values())


def move(walk: Walk, parcel: Parcel, step: Step, subnet: str) -> None:
    """Over to a subnet of the same VPC; no network ACL stands inside one subnet."""
    if parcel.subnet and parcel.subnet == subnet:
        walk.at_subnet(subnet, step)
        return
    leave(walk, parcel, step)
    enter(walk, parcel, subnet)


def lost(walk: Walk, resource: str, kind: str, reason: str) -> Ending:
    """The packet comes to something of which nothing is known."""
    walk.meet(resource, kind, Step("route", resource, reason, None))
    return STUCK


def parcel_from(place: Place, flight: Flight, routed: AddressSet | None = None) -> Parcel:
    """A packet as it leaves an end."""
    return Parcel(
        flight,
        routed or flight.destination,
        place.subnet,
        place.vpc,
        place.interface,
        place.vpc,
    )
