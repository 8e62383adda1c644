"""Service atoms as the bits of 64-bit words, which can be cut further without moving a bit.

The bits of a fresh set of cells are the atoms of a partition, in its order, so a mask of the
exact engine is a mask of cells too. A later cut gives the upper part of an atom a new bit at the
end: whatever held the atom holds both parts once that bit is copied.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from ringwall.model.intervals import IntervalSet
from ringwall.model.services import ServiceSet
from ringwall.prove.partition import Atoms

Words = NDArray[np.uint64]

#: Bits kept free for later cuts, so that one changed rule moves no array.
_SPARE = 16


class Cells:
    """The bits of one matrix. ``words`` is how many 64-bit words a mask takes."""

    def __init__(self, atoms: Atoms) -> None:
        self._starts = list(atoms.starts)
        self._bits = list(range(len(atoms)))
        self._last = atoms.last
        self._splits: list[tuple[int, int]] = []
        self._masks: dict[ServiceSet, int] = {}
        self._sets: dict[int, ServiceSet] = {}
        self.words = (len(atoms) + _SPARE + 63) // 64

    def copy(self) -> Cells:
        other = object.__new__(Cells)
        other._starts, other._bits = list(self._starts), list(self._bits)
        other._last, other.words = self._last, self.words
        other._splits = list(self._splits)
        other._masks, other._sets = {}, {}
        return other

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def full(self) -> int:
        return (1 << len(self._starts)) - 1

    @property
    def room(self) -> int:
        """How many cuts fit before masks need another word."""
        return 64 * self.words - len(self)

    def cuts(self, services: ServiceSet) -> list[int]:
        """The places at which a set cuts cells in two."""
        edges = {edge for low, high in services for edge in (low, high + 1)}
        return sorted(
            edge
            for edge in edges
            if edge <= self._last and self._starts[bisect_right(self._starts, edge) - 1] != edge
        )

    def cut(self, edge: int) -> tuple[int, int]:
        """Cut one cell: the bit that it keeps, and the new bit of its upper part."""
        at = bisect_right(self._starts, edge)
        old, new = self._bits[at - 1], len(self._bits)
        self._starts.insert(at, edge)
        self._bits.insert(at, new)
        self._splits.append((old, new))
        self._masks.clear()
        self._sets.clear()
        return old, new

    @property
    def splits(self) -> tuple[tuple[int, int], ...]:
        """Every cut so far: the bit that was kept, and the new one."""
        return tuple(self._splits)

    def widened(self, mask: int, since: int = 0) -> int:
        """A mask over the cells as they were after ``since`` cuts, over the cells of now."""
        for old, new in self._splits[since:]:
            if mask >> old & 1:
                mask |= 1 << new
        return mask

    def widen(self, array: Words, since: int) -> None:
        """The same in place for masks in an array ``[words, ...]``."""
        for old, new in self._splits[since:]:
            bits = array[old // 64] >> np.uint64(old % 64) & np.uint64(1)
            array[new // 64] |= bits << np.uint64(new % 64)

    def mask(self, services: ServiceSet) -> int:
        """The cells of a set that cuts none of them."""
        known = self._masks.get(services)
        if known is None:
            known = 0
            for low, high in services:
                start = bisect_left(self._starts, low)
                for bit in self._bits[start : bisect_right(self._starts, high)]:
                    known |= 1 << bit
            self._masks[services] = known
        return known

    def set_of(self, mask: int) -> ServiceSet:
        """The set that a mask stands for."""
        known = self._sets.get(mask)
        if known is None:
            ends = [*self._starts[1:], self._last + 1]
            known = IntervalSet.of(
                *(
                    (start, end - 1)
                    for start, end, bit in zip(self._starts, ends, self._bits, strict=True)
                    if mask >> bit & 1
                )
            )
            self._sets[mask] = known
        return known

    def to_words(self, mask: int) -> Words:
        """A mask as words, the lowest bits first."""
        return np.frombuffer(mask.to_bytes(8 * self.words, "little"), dtype="<u8")

    def table(self, masks: list[int]) -> Words:
        """Masks as an array ``[words, masks]``."""
        raw = b"".join(mask.to_bytes(8 * self.words, "little") for mask in masks)
        found = np.frombuffer(raw, dtype="<u8").reshape(len(masks), self.words)
        return np.ascontiguousarray(found.T)


def of_words(words: Words) -> int:
    """The mask that a row of words stands for."""
    return int.from_bytes(words.astype("<u8").tobytes(), "little")


def ints_of(rows: Words) -> list[int]:
    """The masks of an array ``[masks, words]``."""
    width = 8 * rows.shape[1]
    raw = rows.astype("<u8").tobytes()
    return [int.from_bytes(raw[at : at + width], "little") for at in range(0, len(raw), width)]
