"""The hops that a simulated packet meets, and the filters that stand at each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from ringwall.facts.load import facts
from ringwall.model.addresses import of_network
from ringwall.model.network import Network, NetworkInterface
from ringwall.model.verdict import Hop, Packet, Step, Trace
from ringwall.prove.ends import End
from ringwall.prove.simulator_edges import listener_step, targets_step
from ringwall.prove.simulator_filters import (
    References,
    acl_step,
    acl_step_for_each,
    group_step,
)
from ringwall.prove.simulator_flight import Flight, all_of, gap_steps, vpc_of
from ringwall.prove.simulator_routes import Choice, route_choice

_T = TypeVar("_T")
#: More choices than this are not tried one by one.
MOST_CHOICES: Final = 256


@dataclass(frozen=True, slots=True)
class Place:
    """An end that stands in a subnet: an interface, or an address at which none is known.

    ``subnet`` and ``vpc`` are empty where they are not known.
    """

    end: End
    subnet: str
    vpc: str

    @property
    def interface(self) -> NetworkInterface | None:
        return self.end.interface

    @property
    def name(self) -> str:
        return self.end.interface.id if self.end.interface is not None else self.end.id


def place_at(network: Network, end: End, address: int, *, near: str = "") -> Place:
    """Where an end stands; an address that two VPCs have is taken in the VPC ``near``."""
    if end.interface is not None:
        subnet = end.interface.subnet
        return Place(end, subnet, vpc_of(network, subnet))
    holding = [
        one
        for one in network.subnets.values()
        if any(address in of_network(cidr) for cidr in one.cidrs)
    ]
    found = min(holding, key=lambda one: (one.vpc != near, one.id), default=None)
    return Place(end, found.id, found.vpc) if found is not None else Place(end, "", "")


def managed_ports() -> tuple[int, int]:
    """The source ports that NAT gateways and load balancers use (facts: ``client-ports``)."""
    low, high = facts("client-ports").values["managed"]
    return int(low), int(high)


def managed_port(wanted: int | None) -> int:
    """A port that a NAT gateway or load balancer may use: the wanted one if it may."""
    low, high = managed_ports()
    return wanted if wanted is not None and low <= wanted <= high else low


@dataclass(slots=True)
class Picks:
    """The choices that AWS makes and does not tell, as one run of a walk takes them.

    ``script`` says how the first choices are to fall; every further one falls on the first of
    its possibilities. ``taken`` and ``sizes`` record what was met.
    """

    script: tuple[int, ...] = ()
    taken: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def pick(self, size: int) -> int:
        at = len(self.taken)
        chosen = self.script[at] if at < len(self.script) else 0
        self.taken.append(chosen)
        self.sizes.append(size)
        return chosen


def every_run(run: Callable[[Picks], _T]) -> tuple[list[_T], bool]:
    """What a walk comes to under every run of choices, and whether those were all."""
    scripts: list[tuple[int, ...]] = [()]
    found: list[_T] = []
    while scripts and len(found) < MOST_CHOICES:
        picks = Picks(scripts.pop())
        found.append(run(picks))
        for at in range(len(picks.script), len(picks.sizes)):
            before = tuple(picks.taken[:at])
            scripts += [(*before, other) for other in range(picks.sizes[at] - 1, 0, -1)]
    return found, not scripts


@dataclass(slots=True)
class Walk:
    """The hops of one packet, as they are met.

    ``answer`` marks a packet that answers: security groups remember its connection.
    """

    network: Network
    picks: Picks = field(default_factory=Picks)
    answer: bool = False
    hops: list[Hop] = field(default_factory=list)

    def scratch(self) -> Walk:
        """A walk in the opening direction that nobody sees, under the same choices."""
        return Walk(self.network, self.picks)

    def meet(self, resource: str, kind: str, *steps: Step, name: str = "", zone: str = "") -> None:
        self.hops.append(Hop(resource, kind, name, zone, steps))

    def trace(self, packet: Packet) -> Trace:
        return Trace(
            packet,
            tuple(self.hops),
            all_of(step.allowed for hop in self.hops for step in hop.steps),
        )

    # --- single hops --------------------------------------------------------------------------

    def decide(self, *steps: Step) -> None:
        """More steps at the hop that the packet met last."""
        last = self.hops[-1]
        self.hops[-1] = replace(last, steps=(*last.steps, *steps))

    def decide_at(self, index: int, *steps: Step) -> None:
        """More steps at a hop that the packet met before."""
        hop = self.hops[index]
        self.hops[index] = replace(hop, steps=(*hop.steps, *steps))

    def insert_end(self, index: int, place: Place, *steps: Step) -> None:
        """An end as the hop before those that stand from ``index`` on: what filters it has to
        say may depend on the way that the packet takes from there."""
        later, self.hops = self.hops[index:], self.hops[:index]
        self.at_end(place, *steps)
        self.hops += later

    def at_end(self, place: Place, *steps: Step) -> None:
        """The end itself; what is not known of it or of its VPC comes first."""
        interface = place.interface
        unknown = gap_steps(self.network, "route", place.vpc)
        if interface is None:
            self.meet(place.end.id, "address", *unknown, *steps, zone=self.zone(place.subnet))
            return
        owner = interface.owner if interface.kind != "load-balancer" else ""
        unknown += gap_steps(self.network, "security-group", interface.id, owner)
        self.meet(
            interface.id,
            interface.kind,
            *unknown,
            *steps,
            name=place.end.name,
            zone=self.zone(place.subnet),
        )

    def at_subnet(self, subnet: str, *steps: Step) -> None:
        known = self.network.subnets.get(subnet)
        self.meet(
            subnet or "unknown subnet",
            "subnet",
            *gap_steps(self.network, "route", subnet),
            *steps,
            name=(known.name or known.tags.get("Name", "")) if known is not None else "",
            zone=known.zone if known is not None else "",
        )

    def zone(self, subnet: str) -> str:
        known = self.network.subnets.get(subnet)
        return known.zone if known is not None else ""

    # --- filters at an end --------------------------------------------------------------------

    def group(
        self, place: Place, flight: Flight, other: End, references: References, *, egress: bool
    ) -> Step:
        if place.interface is None:
            reason = "no network interface is known at this address, hence no security group"
            return Step("security-group", place.end.id, reason, None)
        return group_step(
            self.network, place.interface, flight, other, egress=egress, references=references
        )

    def leave(
        self, place: Place, flight: Flight, other: End, references: References
    ) -> tuple[Step, ...]:
        """The first filters of a packet that opens a connection: what its end may do at all."""
        group = self.group(place, flight, other, references, egress=True)
        if place.interface is None:
            return (group,)
        opens = targets_step(self.network, place.interface, other.interface, flight)
        return (group,) if opens is None else (opens, group)

    def acl(self, subnet: str, flight: Flight, *, egress: bool) -> Step:
        if not subnet:
            return Step("network-acl", "unknown subnet", "no subnet is known here", None)
        judge = acl_step_for_each if flight.every else acl_step
        return judge(self.network, subnet, flight, egress=egress)

    def route(self, subnet: str, flight: Flight) -> Choice:
        if not subnet:
            return Choice(Step("route", "unknown subnet", "no subnet is known here", None))
        return route_choice(self.network, subnet, flight)

    def arrive(self, place: Place, flight: Flight, other: End, references: References) -> None:
        """The last hop of a packet that opens a connection: groups, then listeners."""
        steps = [self.group(place, flight, other, references, egress=False)]
        interface = place.interface
        if interface is not None and interface.kind == "load-balancer":
            steps.append(listener_step(self.network, interface, flight))
        if interface is not None and interface.kind == "nat-gateway":
            rule = "a NAT gateway takes no connections of its own"
            steps.append(Step("route", interface.id, rule, False, "", interface.origin))
        self.at_end(place, *steps)
