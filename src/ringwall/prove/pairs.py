"""Everything that can pass between every two ends, as sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from ringwall.model.intervals import IntervalSet
from ringwall.model.network import WAY_KINDS, Network
from ringwall.model.services import ServiceSet
from ringwall.model.verdict import PairReach
from ringwall.prove.ends import End, bucket_end, interface_end
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Passing, Spot
from ringwall.prove.matrix import Matrix, gaps_of
from ringwall.prove.matrix_filters import Pair
from ringwall.prove.matrix_outside import Outside

#: The question and the answer, as sets: sure, possible; and why they differ.
_Answer = tuple[ServiceSet, ServiceSet, ServiceSet, ServiceSet, tuple[str, ...]]
#: A block of the source's addresses, one of the target's, and what passes between them.
_Meeting = tuple[IntervalSet, IntervalSet, _Answer]


def pairs(network: Network) -> tuple[PairReach, ...]:
    """One row per ordered pair of ends and block of addresses, blocked pairs included.

    Ends are interfaces, buckets, the Internet, and on premises where a way leads there. Rows of
    one pair that agree in everything but the addresses are one row.
    """
    prover = Prover(network)
    network = prover.network
    inside, across = _Inside(prover), _Across(prover)
    interfaces = [
        interface_end(network, one)
        for one in network.interfaces.values()
        if one.kind not in WAY_KINDS
    ]
    ends = [
        *(end for unit in prover.outsiders() for end in unit.ends),
        *interfaces,
        *(bucket_end(network, one) for one in network.buckets.values()),
    ]
    found: list[PairReach] = []
    for source in ends:
        for target in ends:
            both = source.interface is not None and target.interface is not None
            meetings = (inside if both else across).meetings(source, target)
            found += _rows(source.id, target.id, meetings)
    return tuple(found)


def _rows(source: str, target: str, meetings: Iterable[_Meeting]) -> Iterator[PairReach]:
    """Rows are rectangles: source blocks that see every target block alike are one block."""
    seen: dict[IntervalSet, dict[_Answer, list[IntervalSet]]] = {}
    for mine, theirs, answer in meetings:
        seen.setdefault(mine, {}).setdefault(answer, []).append(theirs)
    alike: dict[tuple[tuple[_Answer, IntervalSet], ...], list[IntervalSet]] = {}
    for block, answers in seen.items():
        view = tuple((answer, _union(found)) for answer, found in answers.items())
        alike.setdefault(view, []).append(block)
    for view, blocks in alike.items():
        whole = _union(blocks)
        for (services, possible, replies, possible_replies, reasons), others in view:
            yield PairReach(
                source=source,
                target=target,
                source_addresses=whole,
                target_addresses=others,
                services=services,
                possible=possible,
                replies=replies,
                possible_replies=possible_replies,
                reasons=reasons,
            )


def _union(sets: list[IntervalSet]) -> IntervalSet:
    return sets[0] if len(sets) == 1 else IntervalSet.union_of(sets)


class _Exact:
    """The exact engine's answer for two spots."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._set = cache(prover.services)

    def answer(self, a: Spot, b: Spot) -> _Answer:
        return self._told(self._prover.forward(a, b), self._prover.reply(a, b))

    def _told(self, forward: Passing, reply: Passing) -> _Answer:
        return (
            self._set(forward.sure),
            self._set(forward.possible),
            self._set(reply.sure),
            self._set(reply.possible),
            tuple(part for part in (forward.reason, reply.reason) if part),
        )


class _Inside(_Exact):
    """Between interfaces: the matrix knows the sets, the exact engine why they are not sure."""

    def __init__(self, prover: Prover) -> None:
        super().__init__(prover)
        self._matrix = matrix = Matrix.by(prover)
        self._faces: dict[str, list[int]] = {}
        for at, face in enumerate(matrix.faces):
            self._faces.setdefault(face.interface.id, []).append(at)
        self._class = matrix.classes.of_face.tolist()
        self._seat = matrix.classes.seat.tolist()
        self._rows: dict[int, list[Pair]] = {}
        self._source = ""

    def meetings(self, source: End, target: End) -> Iterator[_Meeting]:
        if source.id == target.id:
            return
        if source.id != self._source:
            self._source, self._rows = source.id, {}
        faces = self._matrix.faces
        for i in self._faces.get(source.id, ()):
            for j in self._faces.get(target.id, ()):
                if faces[i].v6 == faces[j].v6:
                    yield faces[i].addresses, faces[j].addresses, self._between(i, j)

    def _between(self, i: int, j: int) -> _Answer:
        one, other = self._class[i], self._class[j]
        passages = self._matrix.passages
        seats = self._seat[one], self._seat[other]
        if one not in self._rows:
            self._rows[one] = self._matrix.forward_row(one)
        forward = self._rows[one][other]
        reply = passages.verdicts[passages.reply[seats]]
        if forward[0] != forward[1] or reply[0] != reply[1] or passages.hard[seats]:
            a, b = (self._matrix.faces[at] for at in (i, j))
            return self.answer(Spot(a.place, a.interface), Spot(b.place, b.interface))
        services, replies = (self._matrix.cells.set_of(one[0]) for one in (forward, reply))
        return services, services, replies, replies, ()


class _Across(_Exact):
    """Between an end outside and any other: addresses that are alike are asked once."""

    def __init__(self, prover: Prover) -> None:
        super().__init__(prover)
        self._gaps = gaps_of(prover.network)
        self._spots: dict[str, list[Spot]] = {}
        self._outside: dict[str, Outside] = {}
        self._alike: dict[tuple[str, str], dict[int, Spot]] = {}

    def meetings(self, source: End, target: End) -> Iterator[_Meeting]:
        prover = self._prover
        known: dict[tuple[int, int], _Answer] = {}
        stands = self._stand_ins(source, target)
        for a, b in prover.meetings(source, target):
            first = a if a.interface is not None else stands.get(a.place, a)
            second = b if b.interface is not None else stands.get(b.place, b)
            key = first.place, second.place
            if key not in known:
                known[key] = self.answer(first, second)
            answer = known[key]
            if answer[4] and (first, second) != (a, b):
                answer = self.answer(a, b)
            yield prover.addresses(a), prover.addresses(b), answer

    def _stand_ins(self, source: End, target: End) -> dict[int, Spot]:
        """For each place outside, the spot that is asked in its stead."""
        inner, outer = (source, target) if source.interface is not None else (target, source)
        if inner.interface is None:
            return {}
        if outer.id not in self._outside:
            self._spots[outer.id] = list(self._prover.spots(outer))
            self._outside[outer.id] = Outside(
                self._prover.network, self._gaps, self._spots[outer.id]
            )
        key = inner.id, outer.id
        if key not in self._alike:
            spots = self._spots[outer.id]
            first = self._outside[outer.id].alike(inner.interface)
            self._alike[key] = {one.place: spots[at] for one, at in zip(spots, first, strict=True)}
        return self._alike[key]
