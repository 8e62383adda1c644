"""Sets of packets as binary decision diagrams: what the second engine computes with.

A question and its answer share one space: addresses of the asker and of the asked (a family bit
and 128 bits each; IPv4 uses the first 32), protocol, the asked port (or ICMP type and code), and
the port at which the asker listens for the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce

from oxidd.bdd import BDDFunction, BDDManager

from ringwall.model.addresses import V6_BASE
from ringwall.model.intervals import IntervalSet

Set = BDDFunction
Bits = tuple[int, ...]

_WIDTH = 1 + 128
ASKER: Bits = tuple(range(_WIDTH))
ASKED: Bits = tuple(range(_WIDTH, 2 * _WIDTH))
PROTOCOL: Bits = tuple(range(2 * _WIDTH, 2 * _WIDTH + 8))
PORT: Bits = tuple(range(PROTOCOL[-1] + 1, PROTOCOL[-1] + 17))
CLIENT: Bits = tuple(range(PORT[-1] + 1, PORT[-1] + 17))

_manager = BDDManager(1 << 22, 1 << 20, 1)
_manager.add_vars(CLIENT[-1] + 1)
ALL: Set = _manager.true()
NONE: Set = _manager.false()


@dataclass(frozen=True, slots=True)
class Header:
    """Where a packet's own fields stand in the common space."""

    source: Bits
    destination: Bits
    service: Bits

    def came_from(self, addresses: IntervalSet) -> Set:
        return at(self.source, addresses)

    def goes_to(self, addresses: IntervalSet) -> Set:
        return at(self.destination, addresses)

    def asks(self, services: IntervalSet) -> Set:
        """Packets to these places on the line of protocols and ports."""
        return _spans(self.service, services.intervals)


QUESTION = Header(ASKER, ASKED, PROTOCOL + PORT)
ANSWER = Header(ASKED, ASKER, PROTOCOL + CLIENT)


@dataclass(frozen=True, slots=True)
class Tri:
    """What surely passes, and what may pass (never less)."""

    sure: Set
    possible: Set

    def __and__(self, other: Tri) -> Tri:
        return Tri(self.sure & other.sure, self.possible & other.possible)

    def __or__(self, other: Tri) -> Tri:
        return Tri(self.sure | other.sure, self.possible | other.possible)

    def within(self, part: Set) -> Tri:
        return Tri(self.sure & part, self.possible & part)

    @property
    def doubted(self) -> Tri:
        return Tri(NONE, self.possible)

    @property
    def empty(self) -> bool:
        return not self.possible.satisfiable()


PASS, STOP, DOUBT = Tri(ALL, ALL), Tri(NONE, NONE), Tri(NONE, ALL)


def known(part: Set) -> Tri:
    return Tri(part, part)


def told(truth: bool | None) -> Tri:
    """A fact that is true, false or not known."""
    return DOUBT if truth is None else PASS if truth else STOP


def choose(where: Set, then: Tri, other: Tri) -> Tri:
    return Tri(where.ite(then.sure, other.sure), where.ite(then.possible, other.possible))


def settled(candidates: Iterable[tuple[Tri, Tri]]) -> Tri:
    """All that arrives, from what each candidate way held before and after its last judgement:
    a packet with several ways is sure only where none of them may fail."""
    found, doubts = STOP, NONE
    for before, after in candidates:
        found |= after
        doubts |= before.possible & ~after.sure
    return Tri(found.sure & ~doubts, found.possible)


def union(sets: Iterable[Set]) -> Set:
    return reduce(lambda a, b: a | b, sets, NONE)


@cache
def _cube(bits: Bits) -> Set:
    return reduce(lambda a, b: a & b, (_manager.var(one) for one in bits), ALL)


def exists(part: Set, bits: Bits) -> Set:
    return part.exists(_cube(bits))


def at(bits: Bits, addresses: IntervalSet) -> Set:
    """Packets with this address field (``ASKER`` or ``ASKED``) in a set on the address line."""
    return _at(bits, addresses)


@cache
def _at(bits: Bits, addresses: IntervalSet) -> Set:
    v6 = _manager.var(bits[0])
    old, new = [], []
    for low, high in addresses:
        if low < V6_BASE:
            old.append((low, min(high, V6_BASE - 1)))
        if high >= V6_BASE:
            new.append((max(low, V6_BASE) - V6_BASE, high - V6_BASE))
    return v6.ite(_spans(bits[1:], tuple(new)), _spans(bits[1:33], tuple(old)))


@cache
def _spans(bits: Bits, intervals: tuple[tuple[int, int], ...]) -> Set:
    return union(_up_to(bits, high) & _from(bits, low) for low, high in intervals)


@cache
def _up_to(bits: Bits, high: int) -> Set:
    """Numbers, first bit highest, of at most ``high``."""
    found = ALL
    for index, bit in enumerate(reversed(bits)):
        one = _manager.var(bit)
        found = one.ite(found, ALL) if high >> index & 1 else one.ite(NONE, found)
    return found


@cache
def _from(bits: Bits, low: int) -> Set:
    found = ALL
    for index, bit in enumerate(reversed(bits)):
        one = _manager.var(bit)
        found = one.ite(found, NONE) if low >> index & 1 else one.ite(ALL, found)
    return found


def values(part: Set, bits: Bits) -> IntervalSet:
    """The numbers that a field takes in a set that depends on these bits alone."""
    found: list[tuple[int, int]] = []

    def down(rest: Set, index: int, base: int) -> None:
        if not rest.satisfiable():
            return
        size = 1 << (len(bits) - index)
        if rest.valid():
            found.append((base, base + size - 1))
            return
        one = _manager.var(bits[index])
        cube = one
        high, low = (rest & cube).exists(cube), (rest & ~cube).exists(cube)
        down(low, index + 1, base)
        down(high, index + 1, base + size // 2)

    down(part, 0, 0)
    return IntervalSet.of(*found)


def example(part: Set) -> str:
    """One packet of a set in words, for a failed assertion."""
    cube = part.pick_cube()
    if cube is None:
        return "nothing"

    def number(bits: Bits) -> int:
        return sum(1 << place for place, bit in enumerate(reversed(bits)) if cube[bit])

    def address(bits: Bits) -> str:
        from ringwall.model.addresses import address_at

        place = V6_BASE + number(bits[1:]) if cube[bits[0]] else number(bits[1:33])
        return str(address_at(place))

    fields = f"protocol {number(PROTOCOL)} port {number(PORT)} client {number(CLIENT)}"
    return f"{address(ASKER)} -> {address(ASKED)} {fields}"
