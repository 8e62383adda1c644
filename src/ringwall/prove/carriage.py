"""How a packet is carried from where it stands to where it should arrive.

One method per kind of hop; each adds its filters to the packet's leg and hands the packet on. The
result is a list of legs: more than one where AWS does not say which of several ways it takes. A
packet that comes to a place twice goes round in a circle and is lost.
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.network import Network, NetworkInterface, RouteTable, Subnet
from ringwall.prove.filters import Acls, Groups
from ringwall.prove.firewalls import Firewalls
from ringwall.prove.legs import (
    KEPT,
    LOST,
    UNSURE,
    Exit,
    ExitKind,
    Filter,
    Goal,
    Leg,
    Passing,
    References,
    Standing,
)
from ringwall.prove.partition import Partition
from ringwall.prove.routing import Next, Routing

#: Targets that no route more specific than the local one may have (VPC User Guide).
_NEVER_INSIDE = (
    "internet-gateway",
    "egress-only-internet-gateway",
    "vpc-peering",
    "transit-gateway",
    "vpn-gateway",
)


class Carriage:
    """Carries packets inside a VPC; subclasses carry them beyond (``borders``, ``crossings``)."""

    def __init__(self, network: Network, parts: Partition, gaps: dict[str, str]) -> None:
        self.network = network
        self.parts = parts
        self.gaps = gaps
        self.acls = Acls(network, parts, gaps)
        self.groups = Groups(network, parts, gaps)
        self.routing = Routing(network, gaps)
        self.firewalls = Firewalls(network, parts, gaps)
        full = parts.services.full
        self.all = Passing(full, full)
        self.none = Passing(0, 0)

    # --- from a subnet ------------------------------------------------------------------

    def onward(self, at: Standing, goal: Goal) -> list[Leg]:
        """Every way from a subnet to a goal; ``at.subnet`` must be known."""
        subnet = at.subnet
        if subnet is None:
            raise ValueError("a packet at a gateway has no route table to go by")
        if goal.subnet is not None and goal.subnet.id == subnet.id:
            return [at.leg]
        return self.by(self.routing.next(subnet, goal.place), at, goal)

    def by(self, step: Next, at: Standing, goal: Goal) -> list[Leg]:
        """Follow what a route table decided."""
        inside = goal.subnet is not None and goal.subnet.vpc == at.vpc
        if inside and step.kind in _NEVER_INSIDE:
            reason = f"AWS takes no route to {step.target} for a VPC's own addresses"
            return [self.unknown(at, goal, reason)]
        match step.kind:
            case "local":
                return self._local(at, goal)
            case "network-interface":
                return self._box(step.target, at, goal)
            case "vpc-endpoint":
                return self._endpoint(step.target, at, goal)
            case "none" | "blackhole":
                return [self.lost(at, goal, told=True)]
            case "unknown":
                return [self.unknown(at, goal, step.reason)]
        return self.beyond(step, at, goal)

    def beyond(self, step: Next, at: Standing, goal: Goal) -> list[Leg]:
        """Follow a route out of the VPC."""
        raise NotImplementedError

    def _local(self, at: Standing, goal: Goal) -> list[Leg]:
        # Overlapping VPCs: the local route delivers at home, never to the other VPC.
        if goal.subnet is None or goal.subnet.vpc != at.vpc:
            return [self.lost(at, goal)]
        return [self._cross(at, goal.subnet, goal.place).leg]

    # --- appliances ---------------------------------------------------------------------

    def _box(self, name: str, at: Standing, goal: Goal) -> list[Leg]:
        """By way of an appliance that stands behind an interface."""
        box = self.network.interfaces.get(name)
        home = self.network.subnets.get(box.subnet) if box is not None else None
        if box is None or home is None or box.id in self.gaps:
            reason = self.gaps.get(name, f"the interface {name} is not known")
            return [self.unknown(self.inspected(at), goal, reason)]
        if home.vpc != at.vpc or box.id in at.seen:
            return [self.lost(at, goal)]
        here = self._cross(at, home, goal.place)
        answered = at.question is not None and box.id in at.question.boxes
        if not answered:
            guards = (
                self.groups.passing(box, False, at.source, None),
                self.groups.passing(box, True, goal.place, None),
            )
            here = self.add(here, *(Filter("security-group", one, box.id) for one in guards))
        leg = replace(here.leg, references=LOST, boxes=here.leg.boxes | {box.id})
        here = replace(here, leg=leg, seen=here.seen | {box.id})
        return self.onward(self.add(here, self.route(self._handed_on(box), box.id)), goal)

    def _handed_on(self, box: NetworkInterface) -> Passing:
        if box.source_dest_check or box.forwards is False:
            return self.none
        if box.forwards is None:
            return self.maybe(f"what {box.id} hands on is its own configuration")
        return self.all

    def _endpoint(self, name: str, at: Standing, goal: Goal) -> list[Leg]:
        """By way of a firewall, or to a service behind a gateway endpoint."""
        endpoint = self.network.endpoints.get(name)
        if endpoint is not None and endpoint.kind == "gateway":
            return [self.to_service(name, at, goal)]
        if endpoint is None or name in self.gaps:
            reason = self.gaps.get(name, f"the endpoint {name} is not known")
            return [self.unknown(self.inspected(at), goal, reason)]
        firewall = self.firewalls.at(name)
        home = self.network.subnets.get(endpoint.subnets[0]) if endpoint.subnets else None
        if endpoint.kind != "firewall" or firewall is None or home is None:
            reason = f"what stands behind the endpoint {name} is not modelled"
            return [self.unknown(self.inspected(at), goal, reason)]
        if endpoint.vpc != at.vpc or name in at.seen:
            return [self.lost(at, goal)]
        here = self._cross(at, home, goal.place)
        if at.question is None:
            passing = self.firewalls.question(firewall, at.source, goal.place)
        else:
            passing = self.firewalls.answer(firewall, at.source, goal.place)
        leg = replace(here.leg, references=LOST, firewalls=here.leg.firewalls | {firewall.id})
        here = replace(here, leg=leg, seen=here.seen | {name})
        return self.onward(self.add(here, Filter("firewall", passing, firewall.id)), goal)

    def to_service(self, endpoint: str, at: Standing, goal: Goal) -> Leg:
        """To S3 or DynamoDB, through a gateway endpoint."""
        raise NotImplementedError

    # --- into a VPC ---------------------------------------------------------------------

    def enter(self, table: RouteTable | None, at: Standing, goal: Goal) -> list[Leg]:
        """From a gateway into the VPC ``at.vpc``, by the gateway's edge route table if any."""
        if table is None:
            return self._local(at, goal)
        step = self.routing.through(table, at.vpc, goal.place, table.id)
        if step.kind in ("local", "network-interface", "vpc-endpoint", "unknown"):
            return self.by(step, at, goal)
        return [self.lost(at, goal)]

    # --- ends of the way ----------------------------------------------------------------

    def lost(self, at: Standing, goal: Goal, *, told: bool = False) -> Leg:
        """No way on; what the network ACLs would have said stays on record as layers of their
        own. ``told``: no route names any gateway, so that a public address would be asked too."""
        kept = KEPT if goal.subnet is not None and goal.subnet.vpc == at.vpc else LOST
        return self._dead_end(at, goal, self.none, kept, told)

    def unknown(self, at: Standing, goal: Goal, reason: str) -> Leg:
        kept = KEPT if goal.subnet is not None and goal.subnet.vpc == at.vpc else UNSURE
        return self._dead_end(at, goal, self.maybe(reason), kept, False)

    def _dead_end(
        self, at: Standing, goal: Goal, passing: Passing, kept: References, told: bool
    ) -> Leg:
        here = self.add(at, self.route(passing, at.subnet.id if at.subnet else at.vpc))
        if goal.subnet is not None:
            here = self._cross(here, goal.subnet, goal.place)
        elif at.subnet is not None:
            if told and at.public is not None and goal.outside == "internet":
                here = self.add(here, at.public)
            here = self.add(here, *self.leaving(at, goal))
        return replace(here.leg, references=here.leg.references.also(kept))

    def leave(
        self, at: Standing, goal: Goal, kind: ExitKind, gateway: str, *filters: Filter
    ) -> Leg:
        """Out of the VPC through a gateway."""
        if at.subnet is None:
            raise ValueError("a packet leaves from a subnet")
        here = self.add(at, *filters, *self.leaving(at, goal))
        return replace(here.leg, exit=Exit(kind, gateway, at.subnet, at.vpc))

    def leaving(self, at: Standing, goal: Goal) -> tuple[Filter, ...]:
        """What a packet that leaves a subnet for an end outside its VPC meets."""
        if at.subnet is None:
            return ()
        passing = self.acls.passing(at.subnet.id, True, goal.place)
        return (*self.crossing(at.subnet), Filter("network-acl", passing, at.subnet.id))

    # --- small words --------------------------------------------------------------------

    def _cross(self, at: Standing, to: Subnet, place: int) -> Standing:
        """Over the border of one subnet (or from a gateway) into another."""
        if at.subnet is not None and at.subnet.id == to.id:
            return at
        filters: list[Filter] = []
        if at.subnet is not None:
            filters += self.crossing(at.subnet)
        filters += self.crossing(to)
        if at.subnet is not None:
            passing = self.acls.passing(at.subnet.id, True, place)
            filters.append(Filter("network-acl", passing, at.subnet.id))
        filters.append(Filter("network-acl", self.acls.passing(to.id, False, at.source), to.id))
        return replace(self.add(at, *filters), subnet=to, vpc=to.vpc)

    def crossing(self, subnet: Subnet) -> tuple[Filter, ...]:
        """What makes every packet across a subnet's border uncertain."""
        if subnet.id in self.gaps:
            return (self.route(self.maybe(self.gaps[subnet.id]), subnet.id),)
        return ()

    @staticmethod
    def inspected(at: Standing) -> Standing:
        """Past anything that opens packets and sends them on, no rule knows a group any more."""
        return replace(at, leg=replace(at.leg, references=LOST))

    @staticmethod
    def add(at: Standing, *filters: Filter) -> Standing:
        return replace(at, leg=replace(at.leg, filters=(*at.leg.filters, *filters)))

    def route(self, passing: Passing, resource: str = "") -> Filter:
        return Filter("route", passing, resource)

    def maybe(self, reason: str) -> Passing:
        return Passing(0, self.parts.services.full, reason)
