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
    DOUBT,
    NONE,
    PASS,
    PORT,
    PROTOCOL,
    QUESTION,
    Set,
    Tri,
    at,
    exists,
    settled,
    told,
    union,
)
from bdd_tables import Tables
from bdd_walk import Arrival, Trail, Walk, agreed

from ringwall.facts.load import facts
from ringwall.model.addresses import ALL_V4, ALL_V6, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import NatGateway, Network, NetworkInterface
from ringwall.model.services import ICMP, ICMPV6, TCP, UDP, port_range, whole_protocol
from ringwall.prove.ends import End, interface_end, vpc_addresses

_CONNECTED = IntervalSet.union_of(whole_protocol(one) for one in (TCP, ICMP, ICMPV6))


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
        found = list(self._questions(source, target, space))
        arrivals = [one for _, one in found if not one.alive.empty]
        there = settled((before, one.alive) for before, one in found)
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

    def _questions(self, source: End, target: End, space: Set) -> Iterator[tuple[Tri, Arrival]]:
        """What arrives by every way, with what it was before the sender's groups were asked."""
        alive = Tri(space, space)
        walk = self._walk(source, target)
        if source.interface is not None:
            yield from self._sent(source.interface, target, walk, alive)
        elif source.kind == "internet":
            if target.bucket is not None:
                policy = self._guards.policy(target.bucket, "", anonymous=True)
                yield alive, Arrival(alive & policy, Trail(exit="igw"))
            elif target.interface is not None:
                for one in self._from_internet(target.interface, walk, alive):
                    yield one.alive, one
        elif source.kind == "on-premises" and target.interface is not None:
            for one in self._from_premises(target.interface, walk, alive):
                yield one.alive, one

    def _sent(
        self, sender: NetworkInterface, target: End, walk: Walk, alive: Tri
    ) -> Iterator[tuple[Tri, Arrival]]:
        groups = target.interface.groups if target.interface is not None else ()
        for one in walk.start(sender.subnet, alive):
            peer = Peer(groups, one.trail.references(egress=True))
            there = one.alive & self._guards.sends(sender, target, peer, QUESTION)
            if target.bucket is not None:
                by = None if one.trail.unknown else one.trail.exit
                there &= self._guards.policy(target.bucket, by, anonymous=False)
            yield one.alive, Arrival(there, one.trail)

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
        """Through every gateway that leads to the target by its routes; which one, is not known."""
        bare = replace(walk, bare=True)
        found: list[list[Arrival]] = []
        parts: list[Set] = []
        for name, beyond in self._entries(walk.vpc(target.subnet)):
            leads = union(one.alive.possible for one in self._entered(bare, name, beyond, alive))
            parts.append(exists(leads, PROTOCOL + PORT + CLIENT))
            found.append(list(self._entered(walk, name, beyond, alive)))
        home = walk.vpc(target.subnet)
        if home in walk.gapped:
            found.append(list(walk.strange(alive.within(~union(parts)))))
            parts.append(~union(parts))
        yield from agreed(found, parts)

    def _entries(self, home: str) -> Iterator[tuple[str, str]]:
        """Gateways that lead in from premises, each with its VPC or transit gateway."""
        for gateway in self.network.vpn_gateways.values():
            if home in gateway.vpcs:
                yield gateway.id, home
        for one in self.network.transit_attachments.values():
            if one.kind in ("vpn", "direct-connect-gateway") and one.available is not False:
                yield one.id, one.gateway

    def _entered(self, walk: Walk, name: str, beyond: str, alive: Tri) -> Iterator[Arrival]:
        """In from premises by a VPN gateway (of the VPC ``beyond``), or by an attachment of the
        transit gateway ``beyond``."""
        attachment = self.network.transit_attachments.get(name)
        if attachment is None:
            open_ = walk.clear(name) & told(walk.carrying.serves(name))
            yield from walk.entered(name, beyond, alive & open_, Trail())
            return
        if walk.gapped & {name, beyond}:
            yield from walk.strange(alive)
            return
        open_ = told(True if attachment.available else None)
        yield from walk.carried(name, beyond, "", alive & open_, Trail())

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
        if trail.unknown:
            return DOUBT.within(where)
        places: list[NatGateway | None] = [*reversed(trail.nats), None]
        total = [(PASS, PASS, frozenset[str]())]
        sender: NatGateway | None = None
        for place in places:
            leg = self._leg(source, target, trail, sender, place, where)
            total = [
                (before & earlier, after & later, walls | more)
                for (before, after, walls), (earlier, later, more) in product(total, leg)
            ]
            sender = place
        asked = frozenset(name for name, _ in trail.firewalls)
        return settled(
            (before.within(where), (after if walls == asked else after.doubted).within(where))
            for before, after, walls in total
        )

    def _leg(
        self,
        source: End,
        target: End,
        trail: Trail,
        sender: NatGateway | None,
        place: NatGateway | None,
        where: Set,
    ) -> list[tuple[Tri, Tri, frozenset[str]]]:
        """From the asked (or a NAT gateway) to a NAT gateway (or the asker): what comes there, what
        of it is taken for the answer, and the firewalls on the way."""
        if place is not None and place.regional:
            return [(PASS, PASS, frozenset())]
        walk = self._walk(target, self._face(place) if place else source, True)
        walk.remembered = trail.boxes
        rest = where
        if place is not None:
            rest = exists(where, ASKER) & at(ASKER, walk.target.addresses)
        found = []
        for one in self._returns(walk, trail, sender, Tri(rest, rest)):
            walls = frozenset(name for name, _ in one.trail.firewalls)
            back = one.alive & self._remembered(trail, one.trail) & self._expected(walk, one.trail)
            before = one.alive
            if place is not None:
                before, back = (
                    self._renamed(walk.target.addresses, where, rest, each)
                    for each in (before, back)
                )
            found.append((before, back, walls))
        return found

    def _renamed(self, own: IntervalSet, where: Set, rest: Set, back: Tri) -> Tri:
        """What reaches every port and address that a NAT gateway may have, as the asker's own."""
        mine = at(ASKER, own)
        back = self._all_ports(back, rest)
        return Tri(where & ~exists(mine & ~back.sure, ASKER), where & exists(back.possible, ASKER))

    @staticmethod
    def _expected(walk: Walk, answer: Trail) -> Tri:
        """What leaves the VPCs by another gateway than the question came by is lost."""
        if answer.unknown:
            return PASS
        if walk.target.kind == "internet" and answer.exit == "only":
            # It knows no such connection: that stops TCP and ICMP for certain, others perhaps.
            return Tri(NONE, ~ANSWER.asks(_CONNECTED))
        exits = {"internet": "igw", "on-premises": "premises"}
        return told(answer.exit == exits.get(walk.target.kind, answer.exit))

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
            yield from walk.stand(asked.interface.subnet, alive, Trail())
        elif asker.interface is None:
            yield Arrival(alive, Trail(exit="igw"))
        elif asked.kind == "on-premises":
            yield from self._entered(walk, *trail.leaves, alive)
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


__all__ = ["Answers", "SecondEngine"]
