"""Who takes part in a matrix: interfaces narrowed to addresses that all rules see alike.

A face is an interface with those of its addresses that no rule tells apart. Faces lie on a line of
segments, the atoms of the rules' own boundaries that hold a face at all, so every block that a
rule names is a stretch of segments.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ringwall.model.addresses import V6_BASE, AddressSet
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import WAY_KINDS, Network, NetworkInterface
from ringwall.prove.partition import Atoms, partition


@dataclass(frozen=True, slots=True)
class Face:
    """``place`` is the first of ``addresses``; it stands for all of them."""

    interface: NetworkInterface
    addresses: AddressSet
    place: int

    @property
    def v6(self) -> bool:
        return self.place >= V6_BASE


@dataclass(frozen=True, slots=True)
class Line:
    """The segments, ascending: the first and the last address of a face in each."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.starts)

    def stretches(self, addresses: AddressSet) -> Iterator[tuple[int, int]]:
        """The segments in a set of addresses, as half-open ranges; the set must not cut one."""
        for low, high in addresses:
            start, end = bisect_left(self.starts, low), bisect_right(self.starts, high)
            if start < end:
                yield start, end

    def at(self, place: int) -> int:
        """The segment that holds a face's place."""
        return bisect_right(self.starts, place) - 1

    def cuts(self, addresses: AddressSet) -> set[int]:
        """The places at which a set cuts segments in two."""
        edges = {edge for low, high in addresses for edge in (low, high + 1)}
        return {edge for edge in edges if self._inside(edge)}

    def _inside(self, edge: int) -> bool:
        at = bisect_left(self.starts, edge) - 1
        return at >= 0 and edge <= self.ends[at]


def rule_atoms(network: Network) -> Atoms:
    """The address line, cut by everything but the addresses of interfaces."""
    return partition(replace(network, interfaces={})).addresses


def faces_of(network: Network, atoms: Atoms) -> tuple[tuple[Face, ...], Line]:
    """The faces of all interfaces that are ends, in the network's order, and their segments."""
    raw = [
        (one, index, part)
        for one in network.interfaces.values()
        if one.kind not in WAY_KINDS
        for index, part in _parts(one.addresses, atoms).items()
    ]
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for _, index, part in raw:
        first[index] = min(first.get(index, part.first), part.first)
        last[index] = max(last.get(index, 0), part.intervals[-1][1])
    occupied = sorted(first)
    faces = tuple(Face(one, part, part.first) for one, _, part in raw)
    return faces, Line(tuple(first[i] for i in occupied), tuple(last[i] for i in occupied))


def line_of(faces: Iterable[Face], line: Line, edges: set[int]) -> Line | None:
    """A line that is cut at further edges; None where an edge goes through a single face."""
    starts = list(line.starts)
    known = sorted(edges)
    first: dict[tuple[int, int], int] = {}
    last: dict[tuple[int, int], int] = {}
    for face in faces:
        end = face.addresses.intervals[-1][1]
        part = bisect_right(known, face.place)
        if part != bisect_right(known, end):
            return None
        key = (bisect_right(starts, face.place), part)
        first[key] = min(first.get(key, face.place), face.place)
        last[key] = max(last.get(key, end), end)
    keys = sorted(first)
    return Line(tuple(first[key] for key in keys), tuple(last[key] for key in keys))


def _parts(addresses: AddressSet, atoms: Atoms) -> dict[int, AddressSet]:
    """The addresses atom by atom, in order."""
    found: dict[int, AddressSet] = {}
    for low, high in addresses:
        for index in range(atoms.index(low), atoms.index(high) + 1):
            start, end = atoms.span(index)
            part = IntervalSet(((max(low, start), min(high, end)),))
            found[index] = found[index] | part if index in found else part
    return found
