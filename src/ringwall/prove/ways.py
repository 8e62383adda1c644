"""The way between two spots: every filter that a packet, and the reply to it, must pass.

A spot is an end of traffic narrowed to one address atom, so every filter on the way is decided
once for all of its addresses. Each filter belongs to a layer; leaving a layer out of the product
tells what the others stop alone. What lies between the ends is the work of ``carriage`` and its
subclasses; here stand the ends themselves: their groups, listeners, targets, and policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.model.intervals import IntervalSet
from ringwall.model.network import LoadBalancer, Network, NetworkInterface, Subnet
from ringwall.model.services import ICMP, ICMPV6, TCP, port_range, whole_protocol
from ringwall.prove.balancers import (
    forwardings,
    listener_protocols,
    unsure_listeners,
    unsure_targets,
)
from ringwall.prove.borders import Borders
from ringwall.prove.legs import (
    Filter,
    Fork,
    Goal,
    Leg,
    Part,
    Passing,
    Spot,
    Standing,
    Way,
    fork,
)
from ringwall.prove.partition import Partition

__all__ = ["Filter", "Fork", "Part", "Passage", "Spot", "Way", "Ways"]


@dataclass(frozen=True, slots=True)
class Passage:
    """All between two interfaces but their groups, each leg of the question with the answers."""

    legs: tuple[tuple[Leg, tuple[Leg, ...]], ...]


class Ways:
    """Builds the way between any two spots of a network."""

    def __init__(self, network: Network, parts: Partition) -> None:
        self.network = network
        self.parts = parts
        self._gaps = {name: gap.message for gap in network.gaps for name in gap.affects}
        self.carriage = Borders(network, parts, self._gaps)
        self.acls = self.carriage.acls
        self.groups = self.carriage.groups
        self.routing = self.carriage.routing
        self.endpoint_services = self.carriage.endpoint_services
        self._all = self.carriage.all
        self._none = self.carriage.none
        self._remembered = parts.services.mask(
            IntervalSet.union_of(whole_protocol(one) for one in (TCP, ICMP, ICMPV6))
        )
        self._between: dict[tuple[str, int, str, int, bool], Passage] = {}
        self._listening = {one.id: self._listened(one) for one in network.load_balancers.values()}
        self._targets = {one.id: self._target_masks(one) for one in network.load_balancers.values()}
        self._unsure_targets = {
            one.id: unsure_targets(network, one) for one in network.load_balancers.values()
        }

    def way(self, source: Spot, target: Spot) -> Way:
        """The filters between two spots; one of them at least is inside a VPC or a bucket."""
        match source.interface, target.interface:
            case NetworkInterface() as one, NetworkInterface() as other:
                return self._inside(one, source.place, other, target.place)
            case NetworkInterface() as one, None:
                return self._outward(one, source.place, target)
            case None, NetworkInterface() as other:
                return self._inward(source, other, target.place)
        return Way((*self._public_access(target), *self._bucket(target, via="")), ())

    # --- from interface to interface ----------------------------------------------------

    def _inside(self, one: NetworkInterface, a: int, other: NetworkInterface, b: int) -> Way:
        doubts = (*self._doubts(one), *self._doubts(other))
        passage = self.passage(one, a, other, b)
        asked, told = [], []
        for leg, answers in passage.legs:
            asked.append(self._guarded(leg, one, a, other, b))
            told += [answer.filters for answer in answers]
        forward = (*doubts, *self._opening(one, other), *fork(asked), *self._listener(other))
        return Way(forward, (*doubts, *fork(told)))

    def _guarded(
        self, leg: Leg, one: NetworkInterface, a: int, other: NetworkInterface, b: int
    ) -> tuple[Filter, ...]:
        """A leg between the groups of its two ends, which see each other as it lets them."""
        sees = a if leg.translated is None else leg.translated[0]
        out = self.groups.passing(one, True, b, other, leg.references.egress)
        into = self.groups.passing(other, False, sees, one, leg.references.ingress)
        return (
            Filter("security-group", out, one.id),
            *leg.filters,
            Filter("security-group", into, other.id),
        )

    def passage(self, one: NetworkInterface, a: int, other: NetworkInterface, b: int) -> Passage:
        """What lies between two interfaces at two places: the same for all that stand in the same
        two subnets (a classic load balancer, which its own subnet's ACL filters, set apart)."""
        near, far = self._subnet(one), self._subnet(other)
        if near is None or far is None:
            return Passage(((Leg(), (Leg(),)),))
        classic = near.id == far.id and self._is_classic(one)
        key = (near.id, a, far.id, b, classic)
        if key not in self._between:
            found = self._classic(near, a, b) if classic else self._passage(near, a, far, b)
            self._between[key] = found
        return self._between[key]

    def _passage(self, near: Subnet, a: int, far: Subnet, b: int) -> Passage:
        carriage = self.carriage
        found = []
        back = Goal(a, near)
        for leg in carriage.onward(Standing(a, near, near.vpc, home=near.vpc), Goal(b, far)):
            if leg.translated is not None:
                answers = carriage.heard_by_private_nat(leg, b, far, back)
            else:
                at = Standing(b, far, far.vpc, question=leg, home=far.vpc)
                answers = carriage.onward(at, back)
            if leg.exit.kind:
                answers = [self._from_abroad(leg, one) for one in answers]
            found.append((leg, tuple(self._same_walls(leg, one) for one in answers)))
        return Passage(tuple(found))

    def _from_abroad(self, question: Leg, answer: Leg) -> Leg:
        """An answer to what went over the Internet, from one VPC to another, if it ever came."""
        reason = f"what left by {question.exit.gateway} may never have come"
        doubt = Filter("route", self.carriage.maybe(reason), question.exit.gateway)
        return replace(answer, filters=(*answer.filters, doubt))

    def _classic(self, subnet: Subnet, a: int, b: int) -> Passage:
        """A classic load balancer and a target in its own subnet: the ACL applies between them."""

        def across(a: int, b: int) -> Leg:
            out = Filter("network-acl", self.acls.passing(subnet.id, True, b), subnet.id)
            into = Filter("network-acl", self.acls.passing(subnet.id, False, a), subnet.id)
            return Leg((*self.carriage.crossing(subnet), out, into))

        return Passage(((across(a, b), (across(b, a),)),))

    def _is_classic(self, one: NetworkInterface) -> bool:
        balancer = self.network.load_balancers.get(one.owner)
        return one.kind == "load-balancer" and balancer is not None and balancer.kind == "classic"

    def _same_walls(self, question: Leg, answer: Leg) -> Leg:
        """A firewall that sees one direction only drops the connection, or may."""
        if question.firewalls == answer.firewalls:
            return answer
        odd = min(question.firewalls ^ answer.firewalls)
        reason = f"{odd} sees one direction of the connection only (asymmetric routing)"
        wall = Filter("firewall", self.carriage.maybe(reason), odd)
        return replace(answer, filters=(*answer.filters, wall))

    # --- out of a VPC and into it -------------------------------------------------------

    def _outward(self, one: NetworkInterface, a: int, target: Spot) -> Way:
        """From an interface to the Internet, on premises, or to S3, by whatever its route names."""
        carriage = self.carriage
        x = target.place
        subnet = self._subnet(one)
        doubts = tuple(self._doubts(one))
        guard = Filter("security-group", self.groups.passing(one, True, x, None), one.id)
        if subnet is None:
            return Way((*doubts, guard), doubts)
        goal = Goal(x, outside="premises" if target.premises else "internet")
        public = carriage.public_address(one, a)
        asked, told, vias = [], [], []
        for leg in carriage.onward(Standing(a, subnet, subnet.vpc, public, home=subnet.vpc), goal):
            via = self._via(leg)
            opening = (*self._opening(one, None), *self._bucket(target, via))
            asked.append((guard, *leg.filters, *opening))
            for answer in carriage.heard(leg, x, Goal(a, subnet)):
                told.append(self._same_walls(leg, answer).filters)
            vias.append(via or "")
        via = vias[0] if len(set(vias)) == 1 else ""
        return Way((*doubts, *fork(asked)), (*doubts, *fork(told)), via=via)

    def _via(self, leg: Leg) -> str | None:
        """The gateway that a leg leaves by, nothing where it gets stuck, None: not known."""
        if leg.exit.gateway:
            return leg.exit.gateway if leg.exit.sure else None
        stuck = any(not one.passing.possible for one in leg.filters if one.layer == "route")
        return "" if stuck else None

    def _inward(self, source: Spot, other: NetworkInterface, b: int) -> Way:
        """From the Internet or from on premises to an interface, and its reply back out."""
        carriage = self.carriage
        x = source.place
        subnet = self._subnet(other)
        doubts = tuple(self._doubts(other))
        if subnet is None:
            return Way(doubts, doubts)
        guard = Filter("security-group", self.groups.passing(other, False, x, None), other.id)
        goal = Goal(b, subnet)
        if source.premises:
            legs = carriage.from_premises(x, goal)
        else:
            legs = carriage.from_internet(x, goal, carriage.public_address(other, b))
        asked, told = [], []
        outside = Goal(x, outside="premises" if source.premises else "internet")
        for leg in legs:
            asked.append((*leg.filters, guard, *self._listener(other)))
            at = Standing(b, subnet, subnet.vpc, question=leg, home=subnet.vpc)
            for answer in carriage.onward(at, outside):
                kept = self._same_walls(leg, self._same_door(answer, source, subnet))
                told.append(kept.filters)
        return Way((*doubts, *fork(asked)), (*doubts, *fork(told)))

    def _same_door(self, answer: Leg, source: Spot, subnet: Subnet) -> Leg:
        """An answer leaves as the question came: through the VPC's own internet gateway."""
        left = answer.exit
        fits = source.premises or (left.kind == "internet-gateway" and left.vpc == subnet.vpc)
        if not left.kind or fits:
            return answer
        passing = self._none
        if left.kind == "egress-only":
            # It knows which TCP connections it began; of UDP's answers AWS says nothing.
            reason = f"whether {left.gateway} sends on the answer to what it never saw is not known"
            passing = Passing(0, self.parts.services.full & ~self._remembered, reason)
        return replace(answer, filters=(*answer.filters, Filter("route", passing, left.gateway)))

    # --- ends with a say of their own ---------------------------------------------------

    def _opening(self, one: NetworkInterface, other: NetworkInterface | None) -> Iterator[Filter]:
        """A load balancer opens connections to its registered targets and to nobody else, an
        interface endpoint to nobody at all."""
        if one.kind == "vpc-endpoint":
            yield Filter("targets", self._none)
        balancer = self.network.load_balancers.get(one.owner)
        if one.kind != "load-balancer" or balancer is None:
            return
        found = self._targets[balancer.id].get(other.id, 0) if other else 0
        unsure = self._gaps.get(balancer.id) or self._unsure_targets[balancer.id]
        yield Filter(
            "targets",
            Passing(found, self.parts.services.full, unsure) if unsure else Passing(found, found),
        )

    def _target_masks(self, balancer: LoadBalancer) -> dict[str, int]:
        """Per target interface, the ports to which the balancer is known to open connections."""
        masks: dict[str, int] = {}
        for one in forwardings(self.network, balancer):
            mask = 0
            if one.port is None:
                continue  # `unsure_targets` speaks of it
            for protocol in listener_protocols(one.protocol):
                mask |= self.parts.services.mask(port_range(protocol, one.port, one.port))
            masks[one.target.id] = masks.get(one.target.id, 0) | mask
        return masks

    def _listener(self, other: NetworkInterface) -> Iterator[Filter]:
        if other.kind == "load-balancer" and other.owner in self._listening:
            if other.owner in self._gaps:
                yield Filter("listener", self.carriage.maybe(self._gaps[other.owner]))
            else:
                yield Filter("listener", self._listening[other.owner])

    def _listened(self, balancer: LoadBalancer) -> Passing:
        mask = 0
        unsure = unsure_listeners(balancer)
        for one in balancer.listeners:
            if unsure and unsure_listeners(replace(balancer, listeners=(one,))):
                continue
            for protocol in listener_protocols(one.protocol):
                mask |= self.parts.services.mask(port_range(protocol, one.port, one.port))
        return Passing(mask, self.parts.services.full if unsure else mask, unsure)

    def _public_access(self, target: Spot) -> Iterator[Filter]:
        """S3's own addresses are open to the Internet; this wall stops requests of strangers."""
        if target.bucket is None:
            return
        gap = self._gaps.get(target.bucket.id, "")
        unsure = gap or f"the public access block of {target.bucket.id} is not known"
        by_answer = {
            True: self._none,
            False: self._all,
            None: self.carriage.maybe(unsure),
        }
        yield Filter("public-access-block", by_answer[None if gap else target.bucket.blocks_public])

    def _bucket(self, target: Spot, via: str | None) -> Iterator[Filter]:
        """A bucket's policy may turn away whatever does not come through its endpoint.

        ``via`` is None where it is not known which way the packet takes.
        """
        bucket = target.bucket
        if bucket is None:
            return
        if bucket.id in self._gaps:
            policy = self.carriage.maybe(self._gaps[bucket.id])
        elif bucket.only_through is None:
            policy = self.carriage.maybe(f"the policy of {bucket.id} was not understood")
        elif bucket.only_through and via is None:
            policy = self.carriage.maybe(f"by which way {bucket.id} is reached is not known")
        elif bucket.only_through and via not in bucket.only_through:
            policy = self._none
        else:
            policy = self._all
        yield Filter("bucket-policy", policy)

    # --- what is not known of a place -----------------------------------------------------

    def _doubts(self, one: NetworkInterface) -> Iterator[Filter]:
        """Whatever makes every packet of an end uncertain: its subnet, its VPC, its owner."""
        subnet = self._subnet(one)
        if subnet is None:
            yield self._doubt(f"the subnet {one.subnet} of {one.id} is not known")
        elif subnet.vpc in self._gaps:
            yield self._doubt(self._gaps[subnet.vpc])
        owner = one.owner if one.kind != "load-balancer" else ""
        for name in (one.id, owner):
            if name in self._gaps:
                yield Filter("security-group", self.carriage.maybe(self._gaps[name]))

    # --- small words --------------------------------------------------------------------

    def _subnet(self, interface: NetworkInterface) -> Subnet | None:
        return self.network.subnets.get(interface.subnet)

    def _doubt(self, reason: str) -> Filter:
        return Filter("route", self.carriage.maybe(reason))
