"""Between a VPC and the Internet: internet gateways, NAT gateways, Block Public Access.

Sources: VPC User Guide ("Enable internet access", "NAT gateway basics", "Gateway endpoints",
"Block public access to VPCs and subnets").
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ringwall.facts.load import facts
from ringwall.model.addresses import ALL_V4, is_v6
from ringwall.model.beyond import BlockPublicAccess
from ringwall.model.network import NatGateway, Network, NetworkInterface, Subnet
from ringwall.model.services import ICMP, TCP, UDP, icmp_set, port_range, whole_protocol
from ringwall.prove.crossings import CAME_ASHORE, Crossings
from ringwall.prove.legs import LOST, Exit, Filter, Goal, Leg, Passing, Standing
from ringwall.prove.partition import Partition
from ringwall.prove.routing import Next

#: What a NAT gateway's own route may say for sure: out to the Internet, or nowhere.
_ENDS_OF_NAT = ("internet-gateway", "none", "blackhole")
#: Who opened what crosses the border: an end inside by itself, somebody outside, or an end inside
#: through a gateway that lets nobody in.
Opened = Literal["inside", "outside", "one-way"]


class Borders(Crossings):
    """Carries packets over the border of the Internet, and answers back."""

    def __init__(self, network: Network, parts: Partition, gaps: dict[str, str]) -> None:
        super().__init__(network, parts, gaps)
        low, high = facts("client-ports").values["managed"]
        mask = parts.services.mask
        self._nat_ports = {p: mask(port_range(p, low, high)) for p in (TCP, UDP)}
        self._nat_protocols = {p: mask(whole_protocol(p)) for p in (TCP, UDP, ICMP)}
        self.endpoint_services = mask(whole_protocol(TCP) | icmp_set(ICMP, 8, -1))

    def beyond(self, step: Next, at: Standing, goal: Goal) -> list[Leg]:
        match step.kind:
            case "internet-gateway" | "egress-only-internet-gateway":
                return [self._gateway(step, at, goal)]
            case "nat-gateway":
                return self._nat(step.target, at, goal)
        return super().beyond(step, at, goal)

    # --- internet gateways --------------------------------------------------------------

    def _gateway(self, step: Next, at: Standing, goal: Goal) -> Leg:
        """Out through an internet gateway, or an egress-only one."""
        one_way = step.kind == "egress-only-internet-gateway"
        attached, unsure = self.attached(step.target, at.vpc)
        foreign = at.foreign or (at.public is None and at.question is None)
        if attached and not at.foreign and self._comes_back_in(at, goal):
            reason = f"what leaves by {step.target} may come in by the other VPC's gateway"
            if at.question is None:
                access = self.blocked_access(at.subnet, "one-way" if one_way else "inside")
                at = self.add(at, *access)
            leg = self.unknown(self.inspected(at), goal, reason)
            return replace(leg, exit=Exit("internet-gateway", step.target, at.subnet, at.vpc))
        if goal.outside != "internet" or not attached or (one_way and not is_v6(at.source)):
            return self.lost(at, goal, told=not one_way)
        filters = [self.route(self.maybe(unsure) if unsure else self.all, step.target)]
        if foreign:
            # A gateway sends on what its own VPC's interfaces send, nothing that passes through.
            filters.append(self.route(self.none, step.target))
        elif at.public is not None and at.question is None:
            if not one_way:
                filters.append(at.public)
            filters += self.blocked_access(at.subnet, "one-way" if one_way else "inside")
        kind: Literal["egress-only", "internet-gateway"] = (
            "egress-only" if one_way else "internet-gateway"
        )
        return self.leave(at, goal, kind, step.target, *filters)

    def _comes_back_in(self, at: Standing, goal: Goal) -> bool:
        """May what leaves for the Internet come in at another VPC? IPv6 addresses are public."""
        if goal.subnet is None or not is_v6(goal.place) or goal.subnet.vpc == at.vpc:
            return False
        answers = at.question is not None
        return any(
            goal.subnet.vpc in one.vpcs and (answers or not one.egress_only)
            for one in self.network.internet_gateways.values()
        )

    def attached(self, gateway: str, vpc: str) -> tuple[bool, str]:
        """Is the gateway (not known to be elsewhere) at the VPC, and what is unsure?"""
        found = self.network.internet_gateways.get(gateway)
        if found is None:
            return True, f"the gateway {gateway} is not known"
        gap = self.gaps.get(gateway, "")
        return bool(gap) or vpc in found.vpcs, gap

    def public_address(self, one: NetworkInterface, place: int) -> Filter:
        """An internet gateway translates public IPv4 addresses; an IPv6 address is public."""
        public = True if is_v6(place) else one.public
        if public is None:
            passing = self.maybe(f"whether {one.id} has a public address is not known")
        else:
            passing = self.all if public else self.none
        return Filter("public-address", passing, one.id)

    def from_internet(self, x: int, goal: Goal, public: Filter) -> list[Leg]:
        """Every way in: through the VPC's internet gateway and its edge route table."""
        vpc = goal.subnet.vpc if goal.subnet is not None else ""
        at = Standing(x, None, vpc)
        gateway = next(
            (
                one
                for one in sorted(self.network.internet_gateways.values(), key=lambda one: one.id)
                if vpc in one.vpcs and not one.egress_only
            ),
            None,
        )
        if gateway is None and vpc in self.gaps:
            return [self.unknown(self.add(at, public), goal, self.gaps[vpc])]
        if gateway is None:
            return [self.lost(self.add(at, self.route(self.none, vpc), public), goal)]
        unsure = self.gaps.get(gateway.id, "")
        passing = self.maybe(unsure) if unsure else self.all
        walls = self.blocked_access(goal.subnet, "outside")
        at = self.add(at, self.route(passing, gateway.id), public, *walls)
        return self.enter(self.routing.edge(gateway.id, vpc), at, goal)

    def blocked_access(self, subnet: Subnet | None, opened: Opened) -> tuple[Filter, ...]:
        """VPC Block Public Access at the border next to a subnet."""
        vpc = self.network.vpcs.get(subnet.vpc) if subnet is not None else None
        region = vpc.region if vpc is not None else ""
        found = []
        for one in self.network.block_public_access:
            alike = not one.region or not region or one.region == region
            if one.mode != "off" and alike and subnet is not None:
                stops = self._stops(one, subnet, opened)
                passing = self.none if stops else self.all
                found.append(Filter("block-public-access", passing, subnet.id))
        return tuple(found)

    @staticmethod
    def _stops(switch: BlockPublicAccess, subnet: Subnet, opened: Opened) -> bool:
        if switch.mode == "block-ingress" and opened == "one-way":
            return False
        lifted = {one.mode for one in switch.exclusions if one.resource in (subnet.id, subnet.vpc)}
        if "allow-bidirectional" in lifted:
            return False
        return opened == "outside" or "allow-egress" not in lifted

    # --- gateway endpoints --------------------------------------------------------------

    def to_service(self, endpoint: str, at: Standing, goal: Goal) -> Leg:
        """A gateway endpoint serves its own VPC, and carries TCP and ICMP echo."""
        known = self.network.endpoints[endpoint]
        if goal.outside != "internet" or known.vpc != at.vpc or at.foreign:
            return self.lost(at, goal)
        unsure = self.gaps.get(endpoint, "")
        sure = 0 if unsure else self.endpoint_services
        carried = Passing(sure, self.endpoint_services, unsure)
        return self.leave(at, goal, "endpoint", endpoint, self.route(carried, endpoint))

    # --- NAT gateways -------------------------------------------------------------------

    def _nat(self, name: str, at: Standing, goal: Goal) -> list[Leg]:
        nat = self.network.nat_gateways.get(name)
        home = self.network.subnets.get(nat.subnet) if nat is not None else None
        inner = self.network.interfaces.get(nat.interface) if nat is not None else None
        missing = nat is None or (not nat.regional and (home is None or inner is None))
        if nat is None or missing or name in self.gaps:
            reason = self.gaps.get(name, f"the NAT gateway {name} is not known")
            return [self.unknown(self.inspected(at), goal, reason)]
        if nat.vpc != at.vpc or is_v6(at.source) or name in at.seen or at.question is not None:
            # An answer that its sender's routes lead to a NAT gateway is translated, and lost.
            return [self.lost(at, goal)]
        at = replace(at, seen=at.seen | {name})
        if nat.regional:
            return [self._regional(nat, at, goal)]
        if home is None or inner is None:
            return [self.unknown(at, goal, f"the NAT gateway {name} is not known")]
        here = self._cross(at, home, goal.place)
        here = self.add(here, self._carried(name))
        if not nat.public:
            return self._private_nat(inner, home, here, goal)
        step = self.routing.next(home, goal.place)
        if goal.outside == "internet":
            return [self._out_of_nat(step, here, goal, name)]
        return [self._into_the_dark(step, here, goal)]

    def _into_the_dark(self, step: Next, at: Standing, goal: Goal) -> Leg:
        """From a public NAT gateway to anything but the Internet."""
        if step.kind in _ENDS_OF_NAT:
            return self.lost(at, goal)
        reason = f"a NAT gateway that hands on to {step.target or step.kind} is not modelled"
        return self.unknown(self.inspected(at), goal, step.reason or reason)

    def _carried(self, nat: str) -> Filter:
        protocols = 0
        for mask in self._nat_protocols.values():
            protocols |= mask
        return self.route(Passing(protocols, protocols), nat)

    def _out_of_nat(self, step: Next, at: Standing, goal: Goal, nat: str) -> Leg:
        """From a public NAT gateway through its internet gateway."""
        filters = [self.route(self._behind(step, at.vpc), nat)]
        if step.kind in _ENDS_OF_NAT:
            filters += self.blocked_access(at.subnet, "one-way")
        leg = self.leave(at, goal, "nat", nat, *filters)
        return replace(leg, exit=replace(leg.exit, sure=step.kind in _ENDS_OF_NAT))

    def _behind(self, step: Next, vpc: str) -> Passing:
        if step.kind in ("none", "blackhole"):
            return self.none
        if step.kind != "internet-gateway":
            reason = f"a NAT gateway that hands on to {step.target or step.kind} is not modelled"
            return self.maybe(step.reason or reason)
        attached, unsure = self.attached(step.target, vpc)
        if not attached:
            return self.none
        return self.maybe(unsure) if unsure else self.all

    def _regional(self, nat: NatGateway, at: Standing, goal: Goal) -> Leg:
        """A regional NAT gateway stands in no subnet and serves the zones that it is in."""
        zone = at.subnet.zone if at.subnet is not None else ""
        served = nat.zones is None or zone in nat.zones
        if not served:
            return self.lost(at, goal)
        table = self.routing.named(nat.route_table, nat.vpc)
        step = self.routing.through(table, nat.vpc, goal.place, nat.id)
        here = self.add(at, self._carried(nat.id))
        if goal.outside != "internet":
            return self._into_the_dark(step, here, goal)
        filters = [self.route(self._behind(step, at.vpc), nat.id)]
        if step.kind in _ENDS_OF_NAT:
            filters += self.blocked_access(at.subnet, "one-way")
        leg = self.leave(here, goal, "nat", nat.id, *filters)
        return replace(leg, exit=replace(leg.exit, sure=step.kind in _ENDS_OF_NAT))

    def _private_nat(
        self, inner: NetworkInterface, home: Subnet, at: Standing, goal: Goal
    ) -> list[Leg]:
        """A private NAT gateway sends on under its own address, never to the Internet."""
        found: list[Leg] = []
        for index in self.parts.addresses.indices(inner.addresses & ALL_V4):
            place = self.parts.addresses.starts[index]
            leg = replace(at.leg, references=LOST, translated=(place, home))
            here = replace(at, source=place, public=None, home=home.vpc, foreign=False, leg=leg)
            found += self.onward(here, goal)
        if not found:
            return [self.unknown(at, goal, f"the address of {inner.id} is not known")]
        return found

    # --- answers ------------------------------------------------------------------------

    def heard(self, leg: Leg, x: int, goal: Goal) -> list[Leg]:
        """The ways of the answer to a question that went out by ``leg``, back to its sender."""
        left: Exit = leg.exit
        ashore = left.kind in ("vpn", "transit")
        at = Standing(x, None, left.vpc, question=leg, seen=CAME_ASHORE if ashore else frozenset())
        match left.kind:
            case "internet-gateway" | "vpn":
                return self.enter(self.routing.edge(left.gateway, left.vpc), at, goal)
            case "nat":
                return self._heard_by_nat(leg, at, goal)
            case "transit":
                came = self.network.transit_attachments[left.gateway]
                return self.by_transit(came, at, goal)
        vpc = goal.subnet.vpc if goal.subnet is not None else ""
        return self.enter(None, replace(at, vpc=vpc), goal)

    def _heard_by_nat(self, leg: Leg, at: Standing, goal: Goal) -> list[Leg]:
        nat = self.network.nat_gateways[leg.exit.gateway]
        home = self.network.subnets.get(nat.subnet)
        inner = self.network.interfaces.get(nat.interface)
        if nat.regional or home is None or inner is None:
            return self.enter(self.routing.named(nat.route_table, nat.vpc), at, goal)
        gateway = self.routing.next(home, at.source).target
        arriving = self.enter(
            self.routing.edge(gateway, at.vpc), at, Goal(inner.addresses.first, home)
        )
        return [
            answer
            for first in arriving
            for answer in self.onward(self._behind_nat(first, at, home), goal)
        ]

    def heard_by_private_nat(self, leg: Leg, b: int, far: Subnet, goal: Goal) -> list[Leg]:
        """The answer of ``b`` to a private NAT gateway, and from there to the sender."""
        if leg.translated is None:
            raise ValueError("this leg was not translated")
        place, home = leg.translated
        at = Standing(b, far, far.vpc, question=leg, home=far.vpc)
        return [
            answer
            for first in self.onward(at, Goal(place, home))
            for answer in self.onward(self._behind_nat(first, at, home), goal)
        ]

    def _behind_nat(self, first: Leg, at: Standing, home: Subnet) -> Standing:
        """An answer that a NAT gateway has heard, now under its sender's own address."""
        told = tuple(
            replace(one, passing=self._whole_nat_range(one.passing))
            if one.layer in ("network-acl", "firewall")
            else one
            for one in first.filters
        )
        return replace(at, subnet=home, vpc=home.vpc, leg=replace(first, filters=told))

    def _whole_nat_range(self, entering: Passing) -> Passing:
        """Replies reach the NAT gateway at a port of its own choosing: all of its range must pass.

        The result speaks of the client's ports again: all of a protocol, or none of it.
        """

        def whole(mask: int) -> int:
            kept = mask & self._nat_protocols[ICMP]
            for protocol, ports in self._nat_ports.items():
                if ports & ~mask == 0:
                    kept |= self._nat_protocols[protocol]
            return kept

        return Passing(whole(entering.sure), whole(entering.possible), entering.reason)
