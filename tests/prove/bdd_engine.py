"""A second exact engine: every pair of ends as sets of packets, there and back.

Written from AWS's semantics and from the contract of this project's engines, apart from both
``ringwall.prove.engine`` and the simulator, so that the three can be held against each other. It
shares with them the nouns (:mod:`ringwall.model`), the ends and the list of a balancer's targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from bdd_filters import Filters, Peer
from bdd_guards import Guards
from bdd_sets import (
    ANSWER,
    ASKED,
    ASKER,
    CLIENT,
    NONE,
    PASS,
    PORT,
    PROTOCOL,
    QUESTION,
    STOP,
    Set,
    Tri,
    at,
    exists,
    told,
    union,
)
from bdd_tables import Tables
from bdd_walk import Arrival, Trail, Walk, agreed

from ringwall.facts.load import facts
from ringwall.model.addresses import ALL_V4, ALL_V6, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import NatGateway, Network, NetworkInterface
from ringwall.model.services import TCP, UDP, port_range, whole_protocol
from ringwall.prove.ends import End, interface_end, vpc_addresses


@dataclass(frozen=True, slots=True)
class Answers:
    """``there`` over the question's header; ``back`` over the addresses, the question's port and
    the asker's port (or answer's ICMP type)."""

    there: Tri
    back: Tri


class SecondEngine:
    """All that passes between the ends of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._filters = Filters(network)
        self._tables = Tables(network)
        self._guards = Guards(network, self._filters)
        self._inside = vpc_addresses(network)

    def space(self, source: End, target: End) -> Set:
        """Every packet that the two could exchange: their addresses, one family."""
        mine, theirs = self._addresses(source), self._addresses(target)
        return union(
            at(ASKER, mine & family) & at(ASKED, theirs & family) for family in (ALL_V4, ALL_V6)
        )

    def _addresses(self, end: End) -> IntervalSet:
        return end.addresses - self._inside if end.kind == "internet" else end.addresses

    def answer(self, source: End, target: End) -> Answers:
        """What a question from one end to another, and its answer, may do."""
        space = NONE if source == target else self.space(source, target)
        arrivals = [one for one in self._questions(source, target, space) if not one.alive.empty]
        there = STOP
        for one in arrivals:
            there |= one.alive
        return Answers(there, self._back(source, target, arrivals))

    # --- there ---

    def _walk(self, source: End, target: End, answering: bool = False, **more: object) -> Walk:
        return Walk(
            self.network,
            self._filters,
            self._guards,
            self._tables,
            ANSWER if answering else QUESTION,
            source,
            target,
            answering,
            **more,
        )

    def _questions(self, source: End, target: End, space: Set) -> Iterator[Arrival]:
        alive = Tri(space, space)
        walk = self._walk(source, target)
        if source.interface is not None:
            yield from self._sent(source.interface, target, walk, alive)
        elif source.kind == "internet":
            if target.bucket is not None:
                policy = self._guards.policy(target.bucket, "", anonymous=True)
                yield Arrival(alive & policy, Trail(exit="igw"))
            elif target.interface is not None:
                yield from self._from_internet(target.interface, walk, alive)
        elif source.kind == "on-premises" and target.interface is not None:
            yield from self._from_premises(target.interface, walk, alive)

    def _sent(
        self, sender: NetworkInterface, target: End, walk: Walk, alive: Tri
    ) -> Iterator[Arrival]:
        groups = target.interface.groups if target.interface is not None else ()
        for one in walk.start(sender.subnet, alive):
            peer = Peer(groups, one.trail.references(egress=True))
            there = one.alive & self._guards.sends(sender, target, peer, QUESTION)
            if target.bucket is not None:
                by = None if one.trail.unknown else one.trail.exit
                there &= self._guards.policy(target.bucket, by, anonymous=False)
            yield Arrival(there, one.trail)

    def _from_internet(self, target: NetworkInterface, walk: Walk, alive: Tri) -> Iterator[Arrival]:
        home = walk.vpc(target.subnet)
        gateway = walk.gateway_of(home, only=False)
        if gateway is None:
            return
        alive &= walk.clear(gateway.id) & told(walk.access(home, target.subnet, "in"))
        old = at(ASKED, ALL_V4)
        public = told(target.public)
        alive &= Tri(~old | public.sure, ~old | public.possible)
        yield from walk.entered(gateway.id, home, alive, Trail())

    def _from_premises(self, target: NetworkInterface, walk: Walk, alive: Tri) -> Iterator[Arrival]:
        """Through every gateway that leads to the target's VPC; which one is not known."""
        home = walk.vpc(target.subnet)
        found: list[list[Arrival]] = []
        parts: list[Set] = []
        for gateway in self.network.vpn_gateways.values():
            if home in gateway.vpcs:
                open_ = walk.clear(gateway.id) & told(walk.carrying.serves(gateway.id))
                found.append(list(walk.entered(gateway.id, home, alive & open_, Trail())))
                parts.append(alive.possible)
        attachments = self.network.transit_attachments
        for one in attachments.values():
            if one.kind not in ("vpn", "direct-connect-gateway") or one.available is False:
                continue
            leads = NONE
            for block, road in walk.carrying.roads(one.id, one.gateway):
                last = attachments.get(str(road))
                if last is not None and (last.kind, last.resource) == ("vpc", home):
                    leads |= block
            if leads.satisfiable():
                open_ = told(True if one.available else None) & walk.clear(one.id)
                found.append(list(walk.carried(one.id, one.gateway, "", alive & open_, Trail())))
                parts.append(leads)
        yield from agreed(found, parts)

    # --- back ---

    def _back(self, source: End, target: End, arrivals: list[Arrival]) -> Tri:
        sure, possible, asked = PASS.sure, NONE, NONE
        for one in arrivals:
            where = exists(one.alive.possible, PROTOCOL + PORT)
            back = self._answer(source, target, one.trail, where)
            sure &= ~where | back.sure
            possible |= where & back.possible
            asked |= where
        return Tri(sure & asked, possible)

    def _answer(self, source: End, target: End, trail: Trail, where: Set) -> Tri:
        """The answer to what came by a trail, leg by leg through the NAT gateways on it."""
        places: list[NatGateway | None] = [*reversed(trail.nats), None]
        total = [(PASS, frozenset[str]())]
        sender: NatGateway | None = None
        for place in places:
            leg = self._leg(source, target, trail, sender, place, where)
            total = [(a & b, walls | more) for (a, walls), (b, more) in product(total, leg)]
            sender = place
        asked = frozenset(name for name, _ in trail.firewalls)
        found = STOP
        for back, walls in total:
            found |= back if walls == asked else back.doubted
        return found.within(where)

    def _leg(
        self,
        source: End,
        target: End,
        trail: Trail,
        sender: NatGateway | None,
        place: NatGateway | None,
        where: Set,
    ) -> list[tuple[Tri, frozenset[str]]]:
        """From the asked (or a NAT gateway) to a NAT gateway (or the asker): what passes, with the
        firewalls on the way."""
        if place is not None and place.regional:
            return [(PASS, frozenset())]
        walk = self._walk(target, self._face(place) if place else source, True)
        walk.remembered = trail.boxes
        alive = Tri(where, where)
        if place is not None:
            mine = at(ASKER, walk.target.addresses)
            rest = exists(where, ASKER) & mine
            alive = Tri(rest, rest)
        found = []
        for one in self._returns(walk, trail, sender, alive):
            walls = frozenset(name for name, _ in one.trail.firewalls)
            back = one.alive & self._remembered(trail, one.trail)
            if place is not None:
                back = self._all_ports(back, alive.possible)
                back = Tri(
                    where & ~exists(mine & ~back.sure, ASKER),
                    where & exists(back.possible, ASKER),
                )
            found.append((back, walls))
        return found

    def _face(self, nat: NatGateway) -> End:
        return interface_end(self.network, self.network.interfaces[nat.interface])

    def _returns(
        self,
        walk: Walk,
        trail: Trail,
        sender: NatGateway | None,
        alive: Tri,
    ) -> Iterator[Arrival]:
        asked, asker = walk.source, walk.target
        if sender is not None and not sender.regional:
            yield from walk.stand(sender.subnet, alive, Trail())
        elif sender is not None:
            yield from self._from_regional(walk, sender, alive)
        elif asked.interface is not None:
            for one in walk.stand(asked.interface.subnet, alive, Trail()):
                if (
                    asker.interface is not None
                    or one.trail.unknown
                    or one.trail.exit == {"internet": "igw", "on-premises": "premises"}[asker.kind]
                ):
                    yield one
        elif asker.interface is None:
            yield Arrival(alive, Trail())
        elif asked.kind == "on-premises":
            yield from self._from_premises(asker.interface, walk, alive)
        else:
            yield from self._from_outside(walk, trail, asker.interface, alive)

    def _from_outside(
        self, walk: Walk, trail: Trail, asker: NetworkInterface, alive: Tri
    ) -> Iterator[Arrival]:
        """From the Internet or a bucket, by the gateway that the question left through."""
        home = walk.vpc(asker.subnet)
        gateway = walk.gateway_of(home, only=False)
        if trail.exit == "igw" and gateway is not None:
            yield from walk.entered(gateway.id, home, alive & walk.clear(gateway.id), Trail())
        else:
            yield from walk.deliver(home, alive, Trail())

    def _from_regional(self, walk: Walk, sender: NatGateway, alive: Tri) -> Iterator[Arrival]:
        home = self.network.vpcs[sender.vpc]
        local = union(walk.header.goes_to(of_network(one)) for one in home.cidrs)
        yield from walk.deliver(sender.vpc, alive.within(local), Trail())
        rest = alive.within(~local).doubted
        if not rest.empty:
            yield Arrival(rest, Trail(unknown=True))

    @staticmethod
    def _all_ports(back: Tri, space: Set) -> Tri:
        """A NAT gateway may listen at any of its ports: all of them must hear the answer."""
        low, high = facts("client-ports").values["managed"]
        own = IntervalSet.union_of(port_range(one, low, high) for one in (TCP, UDP))
        ported = ANSWER.asks(whole_protocol(TCP) | whole_protocol(UDP))
        listening = space & ANSWER.asks(own)

        def every(part: Set) -> Set:
            heard = space & ~exists(listening & ~part, CLIENT)
            return ported.ite(heard, part)

        return Tri(every(back.sure), every(back.possible))

    @staticmethod
    def _remembered(question: Trail, answer: Trail) -> Tri:
        """A firewall knows the answers to what its stateful rules let pass; its stateless rules
        judge every packet by itself."""
        asked = dict(question.firewalls)
        found = PASS
        for name, back in answer.firewalls:
            there = asked.get(name)
            same = NONE
            if there is not None:
                same = (there.passes & ~there.forwards & back.surely_passes) | (
                    there.forwards & ~there.passes & back.surely_forwards
                )
            found &= Tri(same, ~back.surely_drops)
        return found


__all__ = ["Answers", "SecondEngine", "replace"]
