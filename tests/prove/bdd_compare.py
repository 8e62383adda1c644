"""The second engine against the rows of :func:`ringwall.prove.pairs.pairs`, as sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bdd_engine import SecondEngine
from bdd_sets import ANSWER, ASKED, ASKER, NONE, QUESTION, Set, Tri, at, example

from ringwall.model.network import WAY_KINDS, Network
from ringwall.model.verdict import PairReach
from ringwall.prove.ends import End, bucket_end, interface_end, internet_end, on_premises_end


def ends_of(network: Network) -> list[End]:
    """Every end that traffic begins or ends at."""
    premises = on_premises_end(network)
    return [
        internet_end(),
        *([premises] if premises is not None else []),
        *(
            interface_end(network, one)
            for one in network.interfaces.values()
            if one.kind not in WAY_KINDS
        ),
        *(bucket_end(network, one) for one in network.buckets.values()),
    ]


@dataclass
class Rows:
    """What the first engine says of one pair, as sets."""

    held: Set = NONE
    there: Tri = field(default_factory=lambda: Tri(NONE, NONE))
    back: Tri = field(default_factory=lambda: Tri(NONE, NONE))

    def add(self, row: PairReach) -> None:
        where = at(ASKER, row.source_addresses) & at(ASKED, row.target_addresses)
        self.held |= where
        self.there |= Tri(where & QUESTION.asks(row.services), where & QUESTION.asks(row.possible))
        self.back |= Tri(
            where & ANSWER.asks(row.replies), where & ANSWER.asks(row.possible_replies)
        )


def gathered(rows: Iterable[PairReach]) -> dict[tuple[str, str], Rows]:
    found: dict[tuple[str, str], Rows] = {}
    for row in rows:
        found.setdefault((row.source, row.target), Rows()).add(row)
    return found


def differences(network: Network, rows: Iterable[PairReach]) -> Iterator[str]:
    """Every way in which the two engines differ, in words with an example packet."""
    engine = SecondEngine(network)
    first = gathered(rows)
    for source in ends_of(network):
        for target in ends_of(network):
            mine = engine.answer(source, target)
            theirs = first.get((source.id, target.id), Rows())
            pair = f"{source.id} -> {target.id}"
            for name, part in _apart(mine.there, theirs.there):
                yield f"{pair}: {name}: {example(part)}"
            # Only an answer to what surely arrived is compared wholly.
            sure = mine.there.sure & theirs.there.sure
            loose = mine.there.possible & theirs.there.possible
            for name, part in _apart(mine.back, theirs.back):
                if (part & sure).satisfiable():
                    yield f"{pair}: answer: {name}: {example(part & sure)}"
            clash = (mine.back.sure & ~theirs.back.possible) | (
                theirs.back.sure & ~mine.back.possible
            )
            if (clash & loose).satisfiable():
                yield f"{pair}: answer contradicts: {example(clash & loose)}"


def _apart(mine: Tri, theirs: Tri) -> Iterator[tuple[str, Set]]:
    cases = {
        "second sure, first blocked": mine.sure & ~theirs.possible,
        "second sure, first unknown": mine.sure & theirs.possible & ~theirs.sure,
        "second unknown, first sure": mine.possible & ~mine.sure & theirs.sure,
        "second unknown, first blocked": mine.possible & ~mine.sure & ~theirs.possible,
        "second blocked, first sure": ~mine.possible & theirs.sure,
        "second blocked, first unknown": ~mine.possible & theirs.possible & ~theirs.sure,
    }
    for name, part in cases.items():
        if part.satisfiable():
            yield name, part
