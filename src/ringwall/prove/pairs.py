"""Everything that can pass between every two ends, as sets."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.intervals import IntervalSet
from ringwall.model.network import WAY_KINDS, Network
from ringwall.model.verdict import PairReach
from ringwall.prove.ends import End, bucket_end, interface_end, internet_end
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Passing, Spot

#: What one source block sees: each answer with the target addresses that give it.
_View = tuple[tuple[tuple[Passing, Passing], IntervalSet], ...]


def pairs(network: Network) -> tuple[PairReach, ...]:
    """One row per ordered pair of ends and block of addresses, blocked pairs included.

    Ends are interfaces, buckets and the Internet. Rows of one pair that agree in everything but
    the addresses are one row.
    """
    prover = Prover(network)
    network = prover.network
    ends = [
        internet_end(),
        *(
            interface_end(network, one)
            for one in network.interfaces.values()
            if one.kind not in WAY_KINDS
        ),
        *(bucket_end(network, one) for one in network.buckets.values()),
    ]
    return tuple(row for source in ends for target in ends for row in _rows(prover, source, target))


def _rows(prover: Prover, source: End, target: End) -> Iterator[PairReach]:
    """Rows are rectangles: source blocks that see every target block alike are one block."""
    seen: dict[int, dict[tuple[Passing, Passing], list[IntervalSet]]] = {}
    for a, b in prover.meetings(source, target):
        answer = prover.forward(a, b), prover.reply(a, b)
        seen.setdefault(a.place, {}).setdefault(answer, []).append(prover.addresses(b))
    alike: dict[_View, list[IntervalSet]] = {}
    for start, answers in seen.items():
        view = tuple((answer, IntervalSet.union_of(found)) for answer, found in answers.items())
        alike.setdefault(view, []).append(prover.addresses(Spot(start)))
    for view, mine in alike.items():
        for (forward, reply), theirs in view:
            yield PairReach(
                source=source.id,
                target=target.id,
                source_addresses=IntervalSet.union_of(mine),
                target_addresses=theirs,
                services=prover.services(forward.sure),
                possible=prover.services(forward.possible),
                replies=prover.services(reply.sure),
                possible_replies=prover.services(reply.possible),
                reasons=tuple(part for part in (forward.reason, reply.reason) if part),
            )
