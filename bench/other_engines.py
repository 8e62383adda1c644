"""The questions of the all-pairs benchmark, put to BDDs and to z3.

Only what ``big_networks`` makes is read: one VPC, groups, ACLs, the local route. Both encode the
rules anew from the model and share nothing with the matrix. A service is one number of 24 bits
(protocol, then port or ICMP type and code); an answer is judged at the port where it is heard.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import z3

from ringwall.model.addresses import of_network
from ringwall.model.network import (
    CidrPeer,
    GroupPeer,
    Network,
    NetworkAcl,
    PrefixListPeer,
    SecurityGroupRule,
)
from ringwall.model.services import ServiceSet, port_range, whole_protocol
from ringwall.prove.matrix_faces import Face

sys.path.append(str(Path(__file__).parents[1] / "tests" / "prove"))
from bdd_sets import ALL, NONE, PORT, PROTOCOL, Set, union
from bdd_sets import _spans as spans

#: The client ports at which an answer is listened for.
CLIENT = (32768, 60999)
#: ACL entries in their order: whether each allows, and which services.
Entries = list[tuple[bool, ServiceSet]]


class Rules:
    """Which rules and entries speak of a pair: the part that both encodings share."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._block = cache(of_network)
        self._acls = {one: acl for acl in network.network_acls.values() for one in acl.subnets}

    def opened(self, own: Face, peer: Face, egress: bool) -> Iterator[ServiceSet]:
        for name in own.interface.groups:
            yield from self.opened_by(name, peer, egress)

    def opened_by(self, name: str, peer: Face, egress: bool) -> Iterator[ServiceSet]:
        group = self._network.security_groups[name]
        for rule in group.egress if egress else group.ingress:
            if self._matches(rule, peer):
                yield rule.services

    def _matches(self, rule: SecurityGroupRule, peer: Face) -> bool:
        match rule.peer:
            case CidrPeer(cidr):
                return peer.place in self._block(cidr)
            case GroupPeer(group):
                return group in peer.interface.groups
            case PrefixListPeer(name):
                entries = self._network.prefix_lists[name].entries
                return entries is not None and peer.place in entries
            case _:
                raise TypeError(rule.peer)

    def acl(self, own: Face) -> NetworkAcl:
        return self._acls[own.interface.subnet]

    def acls(self) -> Iterator[NetworkAcl]:
        """The ACLs that serve subnets."""
        yield from {acl.id: acl for acl in self._acls.values()}.values()

    def entries(self, acl: NetworkAcl, place: int, egress: bool) -> Entries:
        """The entries of one direction that match an address, lowest number first."""
        found = sorted(acl.entries, key=lambda one: one.number)
        return [
            (one.allow, one.services)
            for one in found
            if one.egress == egress and place in self._block(one.cidr)
        ]

    def crossed(self, source: Face, target: Face) -> list[Entries]:
        """The entry lists that a packet passes; none inside a subnet."""
        if source.interface.subnet == target.interface.subnet:
            return []
        return [
            self.entries(self.acl(source), target.place, True),
            self.entries(self.acl(target), source.place, False),
        ]


class Diagrams:
    """Question and answer of a pair as BDDs over 24 bits; what pairs share is kept."""

    def __init__(self, network: Network) -> None:
        self._rules = Rules(network)
        self._parts: dict[tuple[str, int, bool], Set] = {}
        low, high = CLIENT
        self._heard = [
            (diagram(whole_protocol(one)), diagram(port_range(one, low, high))) for one in (6, 17)
        ]

    def prepare(self, faces: list[Face]) -> None:
        """Make every part that pairs of these faces share: so much work per face."""
        acls = {acl.id: acl for acl in map(self._rules.acl, faces)}.values()
        groups = {name for one in faces for name in one.interface.groups}
        for peer in faces:
            for egress in (True, False):
                for name in groups:
                    self._opened(name, peer, egress)
                for one in acls:
                    self._acl(one, peer.place, egress)

    def remake(self, names: set[str], faces: list[Face]) -> None:
        """Make anew what some groups' and ACLs' rules say of these faces."""
        acls = [one for one in self._rules.acls() if one.id in names]
        groups = sorted(names.difference(one.id for one in acls))
        for peer in faces:
            for egress in (True, False):
                for name in groups:
                    self._parts.pop((name, peer.place, egress), None)
                    self._opened(name, peer, egress)
                for one in acls:
                    self._parts.pop((one.id, peer.place, egress), None)
                    self._acl(one, peer.place, egress)

    def verdict(self, a: Face, b: Face) -> tuple[bool, bool]:
        """Does anything arrive; is any TCP or UDP of it heard at the usual client ports?"""
        forward = self.forward(a, b)
        if not forward.satisfiable():
            return False, False
        reply = self.carried(b, a)
        return True, any(
            (forward & whole).satisfiable() and (reply & clients).satisfiable()
            for whole, clients in self._heard
        )

    def forward(self, a: Face, b: Face) -> Set:
        return self._group(a, b, True) & self._group(b, a, False) & self.carried(a, b)

    def carried(self, a: Face, b: Face) -> Set:
        """What the ACLs carry from ``a`` to ``b``: all that judges an answer."""
        if a.interface.subnet == b.interface.subnet:
            return ALL
        return self._between(a, b)

    @staticmethod
    def sets(*services: ServiceSet) -> list[Set]:
        return [diagram(one) for one in services]

    def _between(self, a: Face, b: Face) -> Set:
        acls = self._rules.acl(a), self._rules.acl(b)
        return self._acl(acls[0], b.place, True) & self._acl(acls[1], a.place, False)

    def _kept(self, key: tuple[str, int, bool], make: Callable[[], Set]) -> Set:
        if key not in self._parts:
            self._parts[key] = make()
        return self._parts[key]

    def _group(self, own: Face, peer: Face, egress: bool) -> Set:
        found = NONE
        for name in own.interface.groups:
            found |= self._opened(name, peer, egress)
        return found

    def _opened(self, name: str, peer: Face, egress: bool) -> Set:
        def made() -> Set:
            return union(map(diagram, self._rules.opened_by(name, peer, egress)))

        return self._kept((name, peer.place, egress), made)

    def _acl(self, acl: NetworkAcl, place: int, egress: bool) -> Set:
        def judged() -> Set:
            found = NONE
            for allow, services in reversed(self._rules.entries(acl, place, egress)):
                hit = diagram(services)
                found = found | hit if allow else found & ~hit
            return found

        return self._kept((acl.id, place, egress), judged)


@cache
def diagram(services: ServiceSet) -> Set:
    return spans(PROTOCOL + PORT, services.intervals)


class Solver:
    """One satisfiability question per pair and direction, in bit vectors."""

    def __init__(self, network: Network) -> None:
        self._rules = Rules(network)
        self._asked = z3.BitVec("asked", 24)
        self._heard = z3.BitVec("heard", 24)

    def verdict(self, a: Face, b: Face) -> tuple[bool, bool]:
        """The same two questions as :meth:`Diagrams.verdict`."""
        return self.arrives(a, b), self.hears(a, b)

    def arrives(self, a: Face, b: Face) -> bool:
        """Can anything arrive?"""
        solver = z3.SolverFor("QF_BV")
        solver.add(*self._forward(a, b))
        return bool(solver.check() == z3.sat)

    def hears(self, a: Face, b: Face) -> bool:
        """Can a TCP or UDP question arrive and be answered at one of the client ports?"""
        solver = z3.SolverFor("QF_BV")
        solver.add(*self._forward(a, b), *self._carried(b, a, self._heard))
        protocol, port = z3.Extract(23, 16, self._asked), z3.Extract(15, 0, self._heard)
        solver.add(z3.Or(protocol == 6, protocol == 17))
        solver.add(z3.Extract(23, 16, self._heard) == protocol)
        solver.add(z3.UGE(port, CLIENT[0]), z3.ULE(port, CLIENT[1]))
        return bool(solver.check() == z3.sat)

    def _forward(self, a: Face, b: Face) -> Iterator[z3.BoolRef]:
        for own, peer, egress in ((a, b, True), (b, a, False)):
            opened = self._rules.opened(own, peer, egress)
            yield z3.Or([_within(self._asked, one) for one in opened])
        yield from self._carried(a, b, self._asked)

    def _carried(self, a: Face, b: Face, number: z3.BitVecRef) -> Iterator[z3.BoolRef]:
        for entries in self._rules.crossed(a, b):
            passes = z3.BoolVal(False)
            for allow, services in reversed(entries):
                passes = z3.If(_within(number, services), z3.BoolVal(allow), passes)
            yield passes


def _within(number: z3.BitVecRef, services: ServiceSet) -> z3.BoolRef:
    return z3.Or([z3.And(z3.UGE(number, low), z3.ULE(number, high)) for low, high in services])


def heard_of(forward: ServiceSet, reply: ServiceSet) -> bool:
    """The same question as :meth:`Solver.hears`, of sets."""
    return any(
        forward & whole_protocol(one) and reply & port_range(one, *CLIENT) for one in (6, 17)
    )
