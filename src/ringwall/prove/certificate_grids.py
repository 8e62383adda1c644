"""The classes of a certificate: for every two ends a grid of verdicts, each said once.

The engine's verdict and deciding filter stand in it. The checker's walk over the same class gives
the entry of a network ACL that decides, and shows at once where a way is not covered.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeVar

from ringwall.prove.engine import Prover
from ringwall.prove.legs import Filter as Sieve
from ringwall.prove.legs import Spot
from ringwall.verify.checker import APART, PASSES, STOPPED, UNKNOWN
from ringwall.verify.claims import End, same_family
from ringwall.verify.walk import Filter, Refuted, Walk
from ringwall.verify.ways import answer, question

_Key = TypeVar("_Key", bound=Hashable)
Runs = tuple[tuple[int, int, int, int], ...]
Rows = tuple[tuple[int, ...], ...]


class Grids:
    """Collects the classes between ends; equal ones are stored once."""

    def __init__(self, prover: Prover, walk: Walk) -> None:
        self.prover = prover
        self.walk = walk
        self._bits = [prover.parts.services.index(start) for start in walk.services.starts]
        self._projected: dict[int, int] = {}
        self._ends: dict[End, int] = {}
        self._vectors: dict[Runs, int] = {}
        self._replies: dict[Runs, int] = {}
        self._deciders: dict[tuple[str, str, str], int] = {}
        self._rows: dict[Rows, int] = {}
        self._pairs: dict[tuple[End, End], tuple[bool, Rows]] = {}

    def cover(self, one: End, other: End, *, reply: bool) -> None:
        """Judge every class between two ends; raises NotCovered, or Refuted on disagreement."""
        known = self._pairs.get((one, other))
        if known is not None and (known[0] or not reply):
            return
        height = [[self._cell(one, a, other, b, reply=reply) for b in other[2]] for a in one[2]]
        self._pairs[one, other] = (reply, _rectangles(height))

    def tables(self) -> dict[str, Any]:
        """The classes as JSON data, every table numbered by first use."""
        pairs = []
        for (one, other), (_, rows) in self._pairs.items():
            pairs.append([_number(self._ends, one), _number(self._ends, other),
                          _number(self._rows, rows)])  # fmt: skip
        vectors = list(self._vectors)
        replies = list(self._replies)
        deciders = list(self._deciders)
        return _compact(
            {
                "ends": [[kind, name, _runs(pieces)] for kind, name, pieces in self._ends],
                "pairs": pairs,
                "grids": [list(map(list, rows)) for rows in self._rows],
                "vectors": [list(map(list, runs)) for runs in vectors],
                "replies": [list(map(list, runs)) for runs in replies],
                "deciders": [list(one) for one in deciders],
            }
        )

    # --- one class ----------------------------------------------------------------------

    def _cell(self, one: End, a: int, other: End, b: int, *, reply: bool) -> tuple[int, int]:
        if not same_family(self.walk, a, b):
            return APART, APART
        source, target = (*one[:2], a), (*other[:2], b)
        here, there = self._spot(one, a), self._spot(other, b)
        walked = question(self.walk, source, target)
        told = APART
        if reply:
            heard = answer(self.walk, source, target)
            passing = self.prover.reply(here, there)
            sure, possible = self._project(passing.sure), self._project(passing.possible)
            self._agree(sure, possible, heard)
            told = _number(self._replies, self._runs(sure, possible, {}))
        passing = self.prover.forward(here, there)
        sure, possible = self._project(passing.sure), self._project(passing.possible)
        self._agree(sure, possible, walked)
        stops = self._stops(here, there, self.walk.full & ~possible, walked)
        return _number(self._vectors, self._runs(sure, possible, stops)), told

    def _agree(self, sure: int, possible: int, walked: list[Filter]) -> None:
        """The engine and the checker must say the same of every class."""
        found = self.walk.full, self.walk.full
        for one in walked:
            found = found[0] & one.sure, found[1] & one.possible
        if (sure, possible) != found:
            raise Refuted("what passes by the engine does not pass by the checker, or less does")

    def _spot(self, end: End, piece: int) -> Spot:
        place = self.walk.addresses.starts[piece]
        kind, name, _ = end
        network = self.prover.network
        if kind == "interface":
            return Spot(place, network.interfaces[name])
        return Spot(place, bucket=network.buckets[name] if kind == "bucket" else None)

    def _project(self, mask: int) -> int:
        """A mask over the engine's service atoms as one over the certificate's pieces."""
        if mask not in self._projected:
            self._projected[mask] = sum(
                1 << index for index, bit in enumerate(self._bits) if mask >> bit & 1
            )
        return self._projected[mask]

    def _stops(
        self, here: Spot, there: Spot, stopped: int, walked: list[Filter]
    ) -> dict[int, tuple[str, str, str]]:
        """Per piece of what is stopped, the first filter of the engine's that stops it."""
        found: dict[int, tuple[str, str, str]] = {}
        left = stopped
        for part in self.prover.way(here, there).forward:
            if not isinstance(part, Sieve) or not left:
                continue
            mine = left & ~self._project(part.passing.possible)
            left &= ~mine
            for mask, rule in self._by_rule(mine, part, walked):
                found[mask] = (part.layer, part.resource, rule)
        if left:
            raise Refuted("no single filter stops what is stopped")
        return found

    def _by_rule(self, mask: int, part: Sieve, walked: list[Filter]) -> list[tuple[int, str]]:
        """What a filter stops, by the entries of a network ACL that decide."""
        if not mask:
            return []
        for one in walked:
            alike = (one.layer, one.resource) == (part.layer, part.resource)
            if alike and not mask & one.possible:
                if not one.side:
                    return [(mask, "")]
                rules = self.walk.rules(one).items()
                return [(mask & bits, rule) for rule, bits in rules if mask & bits]
        raise Refuted(f"the checker finds no {part.layer} {part.resource} that stops it")

    def _runs(self, sure: int, possible: int, stops: dict[int, tuple[str, str, str]]) -> Runs:
        """Verdict and decider from the first service to the last, equal neighbours as one."""
        found: list[tuple[int, int, int, int]] = []
        numbered = [(mask, _number(self._deciders, name)) for mask, name in stops.items()]
        for index in range(len(self.walk.services.starts)):
            bit = 1 << index
            verdict = PASSES if sure & bit else UNKNOWN if possible & bit else STOPPED
            decider = next((number for mask, number in numbered if mask & bit), -1)
            if found and found[-1][2:] == (verdict, decider):
                found[-1] = (found[-1][0], index, verdict, decider)
            else:
                found.append((index, index, verdict, decider))
        return tuple(found)


def _number(table: dict[_Key, int], one: _Key) -> int:
    return table.setdefault(one, len(table))


def _runs(pieces: tuple[int, ...]) -> list[list[int]]:
    """Numbers as runs of neighbours."""
    found: list[list[int]] = []
    for one in pieces:
        if found and found[-1][1] == one - 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return found


def _rectangles(cells: list[list[tuple[int, int]]]) -> Rows:
    """A grid as rectangles of equal cells: top, bottom, left, right, verdicts there and back."""
    found: list[list[int]] = []
    for top, row in enumerate(cells):
        strips: list[list[int]] = []
        for column, (vector, told) in enumerate(row):
            if strips and strips[-1][4:] == [vector, told]:
                strips[-1][3] = column
            else:
                strips.append([top, top, column, column, vector, told])
        before = [one for one in found if one[1] == top - 1]
        for strip in strips:
            above = next((one for one in before if one[2:] == strip[2:]), None)
            if above is not None:
                above[1] = top
            else:
                found.append(strip)
    return tuple(map(tuple, found))


def _compact(tables: dict[str, Any]) -> dict[str, Any]:
    """Only what is used, numbered anew: a grid that was judged twice leaves its first vectors."""
    for table, column in (("vectors", 4), ("replies", 5)):
        order: dict[int, int] = {}
        for rows in tables["grids"]:
            for row in rows:
                if row[column] != APART:
                    row[column] = _number(order, row[column])
        tables[table] = [tables[table][index] for index in order]
    used: dict[int, int] = {}
    for runs in tables["vectors"]:
        for run in runs:
            if run[3] != -1:
                run[3] = _number(used, run[3])
    tables["deciders"] = [tables["deciders"][index] for index in used]
    return tables
