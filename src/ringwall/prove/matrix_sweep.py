"""The sweep over all ordered pairs of classes, tile by tile.

What passes from class i to class j is what i's groups let out, j's groups let in, and the passage
between their seats carries. A tile is a block of such pairs; its masks are computed word by word in
buffers that stay in the cache, and folded at once into what is kept of each pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringwall.prove.matrix_cells import Words, of_words
from ringwall.prove.matrix_classes import Classes
from ringwall.prove.matrix_passages import PERHAPS, SURELY, Passages
from ringwall.prove.matrix_planes import TILE, Planes, Reading, reading

Numbers = NDArray[np.int32]
Indices = NDArray[np.intp]
Codes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

#: What is kept of a pair of classes, as bits: something may arrive, something surely arrives, and
#: the same of what gets an answer at some client port.
MAY_ARRIVE, ARRIVES, MAY_ANSWER, ANSWERS = 1, 2, 4, 8

_THREADS = 2


@dataclass(frozen=True, slots=True)
class Tables:
    """Masks by number, ``[words, numbers]``, sure and possible (the same array where equal).

    ``heard`` are the services whose answer reaches a client port, ``[words, profiles * numbers]``.
    """

    forward: tuple[Words, Words]
    heard: tuple[Words, Words]
    numbers: int


@dataclass(slots=True)
class Side:
    """Classes on one side of a block: a whole tile, or any others."""

    classes: Numbers
    tile: int | None = None
    cache: dict[tuple[Reading, int], Words] = field(default_factory=dict)

    def plane(self, planes: Planes, which: Reading, word: int) -> Words:
        """What each group row passes to or from these classes: ``[groups, classes]``."""
        if self.tile is not None:
            return planes.tile(which, word, self.tile)
        key = (which, word)
        if key not in self.cache:
            self.cache[key] = planes.columns(which, word, self.classes)
        return self.cache[key]


class Sweep:
    """Computes blocks of pairs for one state of a network; threads may share it."""

    def __init__(
        self, classes: Classes, planes: Planes, passages: Passages, tables: Tables
    ) -> None:
        self._classes, self._planes = classes, planes
        self._passages, self._tables = passages, tables
        sure, possible = tables.forward
        self._passable: Flags = np.logical_or.reduce(possible, axis=0)
        self._clear: Flags = np.logical_and.reduce(sure == possible, axis=0)
        self._heard_clear: Flags = np.logical_and.reduce(tables.heard[0] == tables.heard[1], axis=0)

    # --- all pairs ----------------------------------------------------------------------

    def everything(self, reach: Codes) -> None:
        """Fill ``reach`` ``[classes, classes]``, pairs of different address families left 0."""
        sides = list(self.sides())

        def row(source: Side) -> None:
            for target in sides:
                self.fold(source, target, reach)

        with ThreadPoolExecutor(_THREADS) as pool:
            for done in [pool.submit(row, side) for side in sides]:
                done.result()

    def some(self, changed: Numbers, reach: Codes) -> None:
        """Fill the rows and the columns of the classes in ``changed`` anew."""
        parts = [Side(changed[start : start + TILE]) for start in range(0, len(changed), TILE)]
        for part in parts:
            for side in self.sides():
                self.fold(part, side, reach)
                self.fold(side, part, reach)

    def masks(self, source: int, target: int, possible: bool) -> int:
        """The mask of one pair of classes."""
        one, other = (Side(np.array([at], dtype=np.int32)) for at in (source, target))
        return of_words(self.block(one, other, possible)[0, 0])

    def block(self, source: Side, target: Side, possible: bool) -> Words:
        """The masks of a block of pairs: ``[sources, targets, words]``."""
        seats = (self._classes.seat[side.classes] for side in (source, target))
        forward = self._passages.forward[np.ix_(*seats)].astype(np.intp)
        words = [
            self.word(source, target, forward, word, possible)
            for word in range(len(self._tables.forward[0]))
        ]
        return np.stack(words, axis=-1)

    def row(self, source: int, possible: bool) -> Words:
        """The masks from one class to every other: ``[classes, words]``."""
        seats = self._classes.seat
        forward = self._passages.forward[seats[source]][seats]
        egress = self._passages.egress[seats[source]][seats]
        ingress = self._passages.ingress[seats[source]][seats]
        found = self._tables.forward[possible][:, forward].T.copy()
        for word in range(found.shape[1]):
            found[:, word] &= self._lets_out(source, egress, word, possible)
            found[:, word] &= self._lets_in(source, ingress, word, possible)
        return found

    def _lets_out(self, source: int, kinds: Codes, word: int, possible: bool) -> Words:
        """What a class's groups let out to every class."""
        rows = self._classes.rows[source, : self._classes.size[source]]
        found = np.zeros(len(kinds), dtype=np.uint64)
        for kind in np.unique(kinds):
            plane = self._planes.arrays[reading(True, int(kind), possible)][word]
            passing = np.bitwise_or.reduce(plane[:, rows, :], axis=1).reshape(-1)[: len(kinds)]
            np.copyto(found, passing, where=kinds == kind)
        return found

    def _lets_in(self, source: int, kinds: Codes, word: int, possible: bool) -> Words:
        """What every class's groups let in from a class."""
        found = np.zeros(len(kinds), dtype=np.uint64)
        for kind in np.unique(kinds):
            plane = self._planes.arrays[reading(False, int(kind), possible)][word]
            column = plane[source // TILE, :, source % TILE]
            passing = np.bitwise_or.reduce(column[self._classes.rows], axis=1)
            np.copyto(found, passing, where=kinds == kind)
        return found

    def sides(self) -> Iterator[Side]:
        count = len(self._classes)
        for tile, start in enumerate(range(0, count, TILE)):
            yield Side(np.arange(start, min(start + TILE, count), dtype=np.int32), tile)

    def fold(self, source: Side, target: Side, reach: Codes) -> None:
        """One block of ``reach``."""
        block = np.zeros((len(source.classes), len(target.classes)), dtype=np.uint8)
        self._levels(source, target, block)
        if source.tile is not None and target.tile is not None:
            top, left = source.tile * TILE, target.tile * TILE
            reach[top : top + len(block), left : left + block.shape[1]] = block
        else:
            reach[np.ix_(source.classes, target.classes)] = block

    def _levels(self, source: Side, target: Side, block: Codes) -> None:
        seats = self._seats(source, target)
        if seats is None:
            return
        forward, heard = seats
        levels: tuple[tuple[bool, int, int], ...]
        levels = ((False, ARRIVES | MAY_ARRIVE, ANSWERS | MAY_ANSWER),)
        if not self._certain(source, target, forward, heard):
            levels = ((False, ARRIVES, ANSWERS), (True, MAY_ARRIVE, MAY_ANSWER))
        for possible, arrives, answers in levels:
            any_forward = np.zeros(block.shape, dtype=np.uint64)
            any_answer = np.zeros(block.shape, dtype=np.uint64)
            for word in range(len(self._tables.forward[0])):
                passing = self.word(source, target, forward, word, possible)
                any_forward |= passing
                passing &= np.take(self._tables.heard[possible][word], heard)
                any_answer |= passing
            block |= np.where(any_forward, np.uint8(arrives), np.uint8(0))
            block |= np.where(any_answer, np.uint8(answers), np.uint8(0))

    # --- one block ----------------------------------------------------------------------

    def _seats(self, source: Side, target: Side) -> tuple[Indices, Indices] | None:
        """The numbers of the passages of a block and of what hears answers; None for a block in
        which nothing can pass."""
        one, other = (self._classes.seat[side.classes] for side in (source, target))
        forward = self._passages.forward[one][:, other].astype(np.intp)
        if not self._passable[forward].any():
            return None
        reply = self._passages.reply[one][:, other]
        profile = self._classes.profile[source.classes][:, None]
        return forward, (reply + profile * self._tables.numbers).astype(np.intp)

    def word(
        self, source: Side, target: Side, forward: Indices, word: int, possible: bool
    ) -> Words:
        """One word of the masks of a block: ``[sources, targets]``."""
        out = self._union(source, target, True, word, possible)
        into = self._union(target, source, False, word, possible)
        np.bitwise_and(out, into.T, out=out)
        out &= np.take(self._tables.forward[possible][word], forward)
        return out

    def _union(self, holder: Side, peer: Side, egress: bool, word: int, possible: bool) -> Words:
        """What the groups of the holders pass to or from their peers: ``[holders, peers]``."""
        kinds = self._references(holder, peer, egress)
        if isinstance(kinds, int):
            return self._of_kind(holder, peer, reading(egress, kinds, possible), word)
        found: Words | None = None
        for kind in np.unique(kinds):
            one = self._of_kind(holder, peer, reading(egress, int(kind), possible), word)
            found = one if found is None else np.where(kinds == kind, one, found)
        if found is None:
            raise ValueError("a block without pairs has no union")
        return found

    def _of_kind(self, holder: Side, peer: Side, which: Reading, word: int) -> Words:
        plane = peer.plane(self._planes, which, word)
        rows = self._classes.rows[holder.classes]
        widest = int(self._classes.size[holder.classes].max())
        found = plane.take(rows[:, 0], axis=0)
        for at in range(1, widest):
            found |= plane.take(rows[:, at], axis=0)
        return found[:, : len(peer.classes)]

    def _references(self, holder: Side, peer: Side, egress: bool) -> int | Codes:
        """What references do: one kind for a whole block, or ``[holders, peers]`` of kinds."""
        if self._passages.plain_references:
            return SURELY
        one, other = (self._classes.seat[side.classes] for side in (holder, peer))
        if egress:
            kinds = self._passages.egress[one][:, other]
        else:
            kinds = self._passages.ingress[other][:, one].T
        first = int(kinds[0, 0])
        return first if (kinds == first).all() else kinds

    def _certain(self, source: Side, target: Side, forward: Indices, heard: Indices) -> bool:
        """Is whatever is possible in a block also sure?"""
        if not (self._clear[forward].all() and self._heard_clear[heard].all()):
            return False
        return all(
            self._holders_certain(holder, peer, egress)
            for holder, peer, egress in ((source, target, True), (target, source, False))
        )

    def _holders_certain(self, holder: Side, peer: Side, egress: bool) -> bool:
        kinds = self._references(holder, peer, egress)
        rows = self._classes.rows[holder.classes]
        for kind in (kinds,) if isinstance(kinds, int) else np.unique(kinds):
            if kind == PERHAPS or self._planes.unsure[egress, kind == SURELY][rows].any():
                return False
        return True
