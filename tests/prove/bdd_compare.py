"""The two exact engines held against each other, as sets."""

from __future__ import annotations

from collections.abc import Iterator

from bdd_engine import Answers, SecondEngine
from bdd_sets import ANSWER, ASKED, ASKER, NONE, QUESTION, STOP, Set, Tri, at, example

from ringwall.model.network import WAY_KINDS, Network
from ringwall.prove.ends import (
    End,
    bucket_end,
    interface_end,
    on_premises_end,
    the_internet,
)
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Passing


def ends_of(network: Network) -> list[End]:
    """Every end that traffic begins or ends at."""
    premises = on_premises_end(network)
    return [
        the_internet(network),
        *([premises] if premises is not None else []),
        *(
            interface_end(network, one)
            for one in network.interfaces.values()
            if one.kind not in WAY_KINDS
        ),
        *(bucket_end(network, one) for one in network.buckets.values()),
    ]


def first_answers(prover: Prover, source: End, target: End) -> Answers:
    """What the first engine says of one pair, atom by atom, as sets."""
    alike: dict[tuple[Passing, Passing], Set] = {}
    for a, b in prover.meetings(source, target):
        where = at(ASKER, prover.addresses(a)) & at(ASKED, prover.addresses(b))
        answer = prover.forward(a, b), prover.reply(a, b)
        alike[answer] = alike.get(answer, NONE) | where
    there = back = STOP
    for (forward, reply), where in alike.items():
        there |= Tri(
            where & QUESTION.asks(prover.services(forward.sure)),
            where & QUESTION.asks(prover.services(forward.possible)),
        )
        back |= Tri(
            where & ANSWER.asks(prover.services(reply.sure)),
            where & ANSWER.asks(prover.services(reply.possible)),
        )
    return Answers(there, back)


def differences(network: Network) -> Iterator[str]:
    """Every way in which the two engines differ, in words with an example packet."""
    prover = Prover(network)
    network = prover.network
    engine = SecondEngine(network)
    for source in ends_of(network):
        for target in ends_of(network):
            mine = engine.answer(source, target)
            theirs = first_answers(prover, source, target)
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
