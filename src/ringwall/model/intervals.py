"""Sets of integers as sorted, disjoint, non-adjacent closed intervals.

Every set that Ringwall reasons with is one of these: addresses lie on one integer line
(:mod:`ringwall.model.addresses`), protocols and ports on another (:mod:`ringwall.model.services`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


def _normalise(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if low > high:
            raise ValueError(f"interval {low}-{high} is empty")
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """An exact set of integers; equal sets compare and hash equal."""

    intervals: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, *pairs: tuple[int, int]) -> IntervalSet:
        """The union of closed intervals ``(low, high)``, in any order, overlapping or not."""
        return cls(_normalise(pairs))

    @classmethod
    def union_of(cls, sets: Iterable[IntervalSet]) -> IntervalSet:
        return cls(_normalise(pair for one in sets for pair in one.intervals))

    def __bool__(self) -> bool:
        return bool(self.intervals)

    @property
    def size(self) -> int:
        return sum(high - low + 1 for low, high in self.intervals)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.intervals)

    def __contains__(self, value: int) -> bool:
        index = bisect_right(self.intervals, value, key=lambda pair: pair[0]) - 1
        return index >= 0 and value <= self.intervals[index][1]

    def __or__(self, other: IntervalSet) -> IntervalSet:
        return IntervalSet.union_of((self, other))

    def __and__(self, other: IntervalSet) -> IntervalSet:
        found: list[tuple[int, int]] = []
        mine, theirs = self.intervals, other.intervals
        i = j = 0
        while i < len(mine) and j < len(theirs):
            low, high = max(mine[i][0], theirs[j][0]), min(mine[i][1], theirs[j][1])
            if low <= high:
                found.append((low, high))
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return IntervalSet(tuple(found))

    def __sub__(self, other: IntervalSet) -> IntervalSet:
        left: list[tuple[int, int]] = []
        holes = other.intervals
        for low, high in self.intervals:
            start = low
            for hole_low, hole_high in holes:
                if hole_high < start:
                    continue
                if hole_low > high:
                    break
                if hole_low > start:
                    left.append((start, hole_low - 1))
                start = hole_high + 1
            if start <= high:
                left.append((start, high))
        return IntervalSet(tuple(left))

    def __le__(self, other: IntervalSet) -> bool:
        """Is every member of this set a member of ``other``?"""
        return not (self - other)

    @property
    def first(self) -> int:
        """The smallest member; raises IndexError on an empty set."""
        return self.intervals[0][0]


EMPTY = IntervalSet()
