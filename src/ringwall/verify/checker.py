"""Checks a certificate: its digest, its partition, each of its classes, and that these imply it.

A certificate (see ``docs/certificates.md``) holds the facts of a network, the two lines cut into
pieces, and for every pair of ends a grid of classes. Nothing in it is taken on trust but the
facts: the ends are found in them again, the cuts are made again, every class is walked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .claims import End, Judge, handovers, pairs_of, same_family, select
from .lines import LAST_ADDRESS, LAST_SERVICE, address_sets, cuts, service_sets
from .walk import Filter, Line, NotCovered, Refuted, Walk
from .ways import answer, question
from .words import in_words

SCHEMA = "ringwall.certificate/1"
PASSES, STOPPED, UNKNOWN = 1, 0, 2
#: A cell of two families: no packet goes from an IPv4 address to an IPv6 one.
APART = -1
Masks = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked: the claims in the checker's words, and how many classes stand behind."""

    claims: tuple[str, ...]
    pairs: int
    classes: int
    digest: str


def digest(facts: dict[str, Any]) -> str:
    """SHA-256 of the facts as JSON with sorted keys and no blanks."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check(document: dict[str, Any], facts: dict[str, Any] | None = None) -> Report:
    """Check a certificate, against the facts of a network where they are given.

    Raises Refuted with the first thing that is not so.
    """
    try:
        return _Check(document).run(facts)
    except NotCovered as far:
        raise Refuted(f"beyond what a certificate covers: {far}") from far
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as mistake:
        # A certificate comes from anywhere: whatever its shape trips over is its own fault.
        raise Refuted(f"malformed: {type(mistake).__name__}: {mistake}") from mistake


def _unpacked(runs: list[list[int]]) -> Iterator[int]:
    for first, last in runs:
        yield from range(first, last + 1)


class _Check:
    def __init__(self, document: dict[str, Any]) -> None:
        if document["schema"] != SCHEMA:
            raise Refuted(f"not a certificate of the form {SCHEMA}")
        self.document = document
        facts: dict[str, Any] = document["facts"]
        if digest(facts) != document["digest"]:
            raise Refuted("the digest is not that of the facts")
        lines = document["partition"]
        self.walk = Walk(
            facts, Line(lines["addresses"], LAST_ADDRESS), Line(lines["services"], LAST_SERVICE)
        )
        self.ends: list[End] = [
            (kind, name, tuple(_unpacked(pieces))) for kind, name, pieces in document["ends"]
        ]
        self.place = {end: index for index, end in enumerate(self.ends)}
        self.grids = {(i, j): grid for i, j, grid in document["pairs"]}
        self.used: dict[str, set[int]] = {
            name: set() for name in ("grids", "vectors", "replies", "deciders", "ends")
        }
        self.checked: dict[tuple[int, int, bool], list[tuple[int, int, Masks, Masks]]] = {}
        self.count = 0

    def run(self, facts: dict[str, Any] | None) -> Report:
        document = self.document
        if facts is not None and digest(facts) != document["digest"]:
            raise Refuted("the certificate is about another network, or another state of it")
        claims = document["claims"]
        if not claims:
            raise Refuted("it claims nothing")
        self._partition(claims)
        judge = Judge(self.walk, self.classes)
        said: list[str] = []
        for claim in claims:
            sources, targets = (select(self.walk, claim[side]) for side in ("source", "target"))
            judge.judge(claim, sources, targets)
            said.append(in_words(claim, len(sources), len(targets)))
            # What the verdict did not need is walked all the same: every class is checked.
            reply = claim["code"] == "RW-FLOW"
            for one, other in pairs_of(sources, targets):
                self.classes(one, other, reply=reply)
            if claim["code"] == "RW-NEVER":
                for source, front, target, _ in handovers(self.walk, sources, targets):
                    self.classes(source, front, reply=False)
                    self.classes(front, target, reply=False)
        self._nothing_left_over()
        return Report(tuple(said), len(self.grids), self.count, document["digest"])

    def _partition(self, claims: list[dict[str, Any]]) -> None:
        facts = self.walk.facts
        for name, sets, line, last in (
            ("addresses", address_sets(facts, claims), self.walk.addresses, LAST_ADDRESS),
            ("services", service_sets(facts, claims), self.walk.services, LAST_SERVICE),
        ):
            if cuts(sets, last) != line.starts:
                raise Refuted(f"the {name} are not cut where the rules cut them")

    def _nothing_left_over(self) -> None:
        """Every entry of every table has a use: none may say anything unchecked."""
        for name, used in self.used.items():
            if used != set(range(len(self.document[name]))):
                raise Refuted(f"an entry of `{name}` stands for nothing")
        if {key[:2] for key in self.checked} != set(self.grids):
            raise Refuted("a pair of ends that no claim needs")
        if len(self.grids) != len(self.document["pairs"]) or len(self.place) != len(self.ends):
            raise Refuted("an end or a pair of ends stands twice")

    # --- classes ------------------------------------------------------------------------

    def classes(self, one: End, other: End, reply: bool) -> list[tuple[int, int, Masks, Masks]]:
        """Every class between two ends: the pieces, what passes, what is answered. All checked."""
        i, j = self.place.get(one, -1), self.place.get(other, -1)
        if (i, j) not in self.grids:
            raise Refuted(f"no classes are given from {one[1]} to {other[1]}")
        key = (i, j, reply)
        if key not in self.checked:
            self.used["ends"] |= {i, j}
            self.checked[key] = list(self._cells(one, other, self.grids[i, j], reply))
        return self.checked[key]

    def _cells(
        self, one: End, other: End, grid: int, reply: bool
    ) -> Iterator[tuple[int, int, Masks, Masks]]:
        self.used["grids"].add(grid)
        cells = self._tiled(self.document["grids"][grid], len(one[2]), len(other[2]))
        for (row, column), (vector, told) in cells.items():
            a, b = one[2][row], other[2][column]
            if not same_family(self.walk, a, b):
                if (vector, told) != (APART, APART):
                    raise Refuted("a class between two families")
                continue
            self.count += 1
            source, target = (*one[:2], a), (*other[:2], b)
            forward = self._vector(vector, question(self.walk, source, target))
            back = (0, 0)
            if told != APART:
                back = self._reply(told, answer(self.walk, source, target))
            elif reply:
                raise Refuted(f"the answers from {other[1]} to {one[1]} are not given")
            yield a, b, forward, back

    @staticmethod
    def _tiled(
        rows: list[list[int]], height: int, width: int
    ) -> dict[tuple[int, int], tuple[int, int]]:
        """The cells that rectangles cover: all of them, and none twice."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for top, bottom, left, right, vector, told in rows:
            if not (0 <= top <= bottom < height and 0 <= left <= right < width):
                raise Refuted("a class lies outside of its two ends")
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    if (row, column) in found:
                        raise Refuted("two classes overlap")
                    found[row, column] = (vector, told)
        if len(found) != height * width:
            raise Refuted("the classes do not cover the two ends")
        return found

    def _vector(self, index: int, filters: list[Filter]) -> Masks:
        """The services that pass, as given and as walked: the two must be the same."""
        sure, possible = self._product(filters)
        for mask, verdict, decider in self._runs("vectors", index):
            self._verdict(mask, verdict, sure, possible)
            if verdict == STOPPED:
                self._decided(mask, decider, filters)
            elif decider != -1:
                raise Refuted("what passes has no filter that stops it")
        return sure, possible

    def _reply(self, index: int, filters: list[Filter]) -> Masks:
        sure, possible = self._product(filters)
        for mask, verdict, decider in self._runs("replies", index):
            self._verdict(mask, verdict, sure, possible)
            if decider != -1:
                raise Refuted("what stops an answer is not named")
        return sure, possible

    def _product(self, filters: list[Filter]) -> Masks:
        sure = possible = self.walk.full
        for one in filters:
            sure &= one.sure
            possible &= one.possible
        return sure, possible

    def _runs(self, table: str, index: int) -> Iterator[tuple[int, int, int]]:
        """The runs of a vector: one after the other from the first service to the last."""
        if index < 0:
            raise Refuted("a class without a verdict")
        self.used[table].add(index)
        at = 0
        for first, last, verdict, decider in self.document[table][index]:
            if first != at or last < first:
                raise Refuted("the verdicts do not cover the services one by one")
            at = last + 1
            yield (1 << at) - (1 << first), verdict, decider
        if at != len(self.walk.services.starts):
            raise Refuted("the verdicts do not cover all services")

    @staticmethod
    def _verdict(mask: int, verdict: int, sure: int, possible: int) -> None:
        so = {
            PASSES: not mask & ~sure,
            STOPPED: not mask & possible,
            UNKNOWN: not mask & sure and not mask & ~possible,
        }
        if not so[verdict]:
            raise Refuted("a class has another verdict than the rules give it")

    def _decided(self, mask: int, decider: int, filters: list[Filter]) -> None:
        """Does the named filter (and entry) stop all of this?"""
        if decider < 0:
            raise Refuted("nothing is named that stops a class")
        self.used["deciders"].add(decider)
        layer, resource, rule = self.document["deciders"][decider]
        for one in filters:
            stops = (one.layer, one.resource) == (layer, resource) and not mask & one.possible
            if not stops:
                continue
            named = self.walk.rules(one).get(rule, 0) if one.side else self.walk.full
            if (one.side or rule == "") and not mask & ~named:
                return
        raise Refuted(f"{layer} {resource} {rule} does not stop what it is said to stop".strip())
