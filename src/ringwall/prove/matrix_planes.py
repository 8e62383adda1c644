"""What every security group passes to and from every class, as planes of words.

A plane holds one word of the masks of all group rows for all classes: ``[groups, classes]``, in
tiles of classes that fit the processor's cache together. The union over an interface's groups is
then a handful of contiguous rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringwall.prove.matrix_cells import Cells, Words
from ringwall.prove.matrix_classes import DARK, OPEN, SHUT, Classes
from ringwall.prove.matrix_filters import GroupRows, Pair
from ringwall.prove.matrix_passages import PERHAPS, SURELY

#: Classes per tile: a tile of one word is 320 KB, so it and its operands fit a core's L2 cache;
#: no power of two, for columns of such tiles fall into few sets of the cache.
TILE = 200

#: (egress, whether references are read, whether possible instead of sure)
Reading = tuple[bool, bool, bool]


def reading(egress: bool, references: int, possible: bool) -> Reading:
    """The planes to use where references match never, perhaps or surely."""
    named = references == SURELY or (references == PERHAPS and possible)
    return egress, named, possible


@dataclass(slots=True)
class Planes:
    """``arrays`` hold ``[words, tiles, groups, TILE]`` per reading; where nothing is uncertain,
    the sure and the possible reading are one array. ``unsure`` marks, per direction and with or
    without references, the group rows for which the two differ."""

    arrays: dict[Reading, Words]
    unsure: dict[tuple[bool, bool], NDArray[np.bool_]]

    def tile(self, which: Reading, word: int, number: int) -> Words:
        found: Words = self.arrays[which][word, number]
        return found

    def columns(self, which: Reading, word: int, classes: NDArray[np.int32]) -> Words:
        """``[groups, len(classes)]`` for classes of any order."""
        array = self.arrays[which][word]
        return np.ascontiguousarray(array[classes // TILE, :, classes % TILE].T)

    def write(
        self,
        egress: bool,
        references: bool,
        at: int,
        rows: tuple[Words, Words],
        columns: NDArray[np.int32] | None = None,
    ) -> None:
        """Write what one group row passes, sure and possible ``[classes, words]``, for all
        classes or for those in ``columns``."""
        one, other = rows
        sure, possible = (
            self.arrays[egress, references, False],
            self.arrays[egress, references, True],
        )
        if one is not other and possible is sure:
            possible = self.arrays[egress, references, True] = sure.copy()
        _put(sure, at, one, columns)
        if possible is not sure:
            _put(possible, at, other, columns)
        if columns is None:
            self.unsure[egress, references][at] = one is not other
        else:
            self.unsure[egress, references][at] |= one is not other

    def copy(self, likes: dict[int, int]) -> None:
        """Give classes (the keys) the columns of others."""
        new, old = (np.array(list(one), dtype=np.int32) for one in (likes, likes.values()))
        for array in {id(one): one for one in self.arrays.values()}.values():
            array[:, new // TILE, :, new % TILE] = array[:, old // TILE, :, old % TILE]


class PlaneMaker:
    """Fills planes group by group, so that one changed group is one row of each."""

    def __init__(self, rows: GroupRows, classes: Classes, cells: Cells) -> None:
        self._rows, self._classes, self._cells = rows, classes, cells

    def planes(self, needed: set[Reading]) -> Planes:
        names = self._classes.names
        shape = (self._cells.words, -(-len(self._classes) // TILE), len(names), TILE)
        found = Planes({}, {})
        for egress, references in sorted({(egress, named) for egress, named, _ in needed}):
            self._direction(found, egress, references, shape)
        return found

    def _direction(
        self, found: Planes, egress: bool, references: bool, shape: tuple[int, ...]
    ) -> None:
        sure = np.zeros(shape, dtype=np.uint64)
        found.arrays[egress, references, False] = found.arrays[egress, references, True] = sure
        found.unsure[egress, references] = np.zeros(len(self._classes.names), dtype=np.bool_)
        for at, name in enumerate(self._classes.names):
            found.write(egress, references, at, self.row(name, egress, references))

    def row(self, name: str, egress: bool, references: bool) -> tuple[Words, Words]:
        """What one group row passes, sure and possible, ``[classes, words]``."""
        count, full = len(self._classes), self._cells.to_words(self._cells.full)
        shape = (count, self._cells.words)
        if name in (OPEN, DARK, SHUT):
            nothing = np.zeros(shape, dtype=np.uint64)
            whole = np.broadcast_to(full, shape)
            return {OPEN: (whole, whole), DARK: (nothing, whole), SHUT: (nothing, nothing)}[name]
        sure, possible = self._rows.plain(name, egress)
        same = sure is possible
        sure = sure[self._classes.segment]
        possible = sure if same else possible[self._classes.segment]
        if references:
            sure, possible = self._named(self._rows.named(name, egress), sure, possible)
        return sure, possible

    def _named(self, named: dict[str, Pair], sure: Words, possible: Words) -> tuple[Words, Words]:
        if possible is sure and any(one != other for one, other in named.values()):
            possible = sure.copy()
        for group, (certain, uncertain) in named.items():
            members = self._classes.members.get(group)
            if members is None:
                continue
            sure[members] |= self._cells.to_words(certain)
            if possible is not sure:
                possible[members] |= self._cells.to_words(uncertain)
        return sure, possible


def _put(array: Words, at: int, row: Words, columns: NDArray[np.int32] | None) -> None:
    """Write a group's row ``[classes, words]`` into ``[words, tiles, groups, TILE]``."""
    if columns is not None:
        array[:, columns // TILE, at, columns % TILE] = row.T
        return
    count = len(row)
    whole = count // TILE
    for word in range(array.shape[0]):
        column = row[:, word]
        array[word, :whole, at, :] = column[: whole * TILE].reshape(whole, TILE)
        if count % TILE:
            array[word, whole, at, : count % TILE] = column[whole * TILE :]


def needed_readings(egress: set[int], ingress: set[int]) -> set[Reading]:
    """The readings that the given kinds of references ask for."""
    return {
        reading(out, kind, possible)
        for out, kinds in ((True, egress), (False, ingress))
        for kind in kinds
        for possible in (False, True)
    }
