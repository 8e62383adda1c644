"""What passes between two units of one network, in a form that another network's can be held
against: sets, not masks, for the atoms of two networks are not the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ringwall.model.addresses import ALL_V4, AddressSet
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.services import ServiceSet
from ringwall.prove.ends import End
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Spot


@dataclass(frozen=True, slots=True)
class State:
    """What passes between some ends at some addresses.

    ``every`` passes between all of them, ``any`` between some at least (both surely), ``possible``
    may pass between some. ``replies`` are the client's ports at which answers surely are heard,
    ``possible_replies`` those at which they may be.
    """

    every: ServiceSet = EMPTY
    any: ServiceSet = EMPTY
    possible: ServiceSet = EMPTY
    replies: ServiceSet = EMPTY
    possible_replies: ServiceSet = EMPTY
    reasons: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        return not self.possible


NOTHING = State()


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle of addresses between two ends, and one spot of each."""

    source: AddressSet
    target: AddressSet
    state: State
    a: Spot
    b: Spot


class States:
    """Everything that passes in one network, by pairs of ends."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self._sets: dict[int, ServiceSet] = {}
        self._known: dict[tuple[object, ...], State] = {}

    def cells(self, source: End, target: End) -> list[Cell]:
        """The rectangles between two ends that fare alike."""
        found: dict[tuple[State, IntervalSet], list[Cell]] = {}
        rows: dict[int, dict[State, list[tuple[Spot, Spot]]]] = {}
        for a, b in self.prover.meetings(source, target):
            rows.setdefault(a.place, {}).setdefault(self._state(a, b), []).append((a, b))
        for by_state in rows.values():
            for state, pairs in by_state.items():
                mine = self.prover.addresses(pairs[0][0])
                theirs = IntervalSet.union_of(self.prover.addresses(b) for _, b in pairs)
                cell = Cell(mine, theirs, state, *pairs[0])
                found.setdefault((state, theirs), []).append(cell)
        return [
            replace(group[0], source=IntervalSet.union_of(one.source for one in group))
            for group in found.values()
        ]

    def _state(self, a: Spot, b: Spot) -> State:
        forward = self.prover.forward(a, b)
        if not forward.possible:
            return NOTHING
        reply = self.prover.reply(a, b)
        key = (forward, reply)
        if key not in self._known:
            sure = self._set(forward.sure)
            reasons = tuple(one for one in (forward.reason, reply.reason) if one)
            self._known[key] = State(
                sure, sure, self._set(forward.possible),
                self._set(reply.sure), self._set(reply.possible), reasons,
            )  # fmt: skip
        return self._known[key]

    def _set(self, mask: int) -> ServiceSet:
        if mask not in self._sets:
            self._sets[mask] = self.prover.services(mask)
        return self._sets[mask]


def joined(cells: Iterable[Cell]) -> list[Cell]:
    """Cells that cannot be matched one by one, as one cell for each family of addresses.

    What passes between some of them only is no longer in ``every``.
    """
    families: dict[bool, list[Cell]] = {}
    for cell in cells:
        families.setdefault(bool(cell.source & ALL_V4), []).append(cell)
    return [_one(group) for _, group in sorted(families.items(), reverse=True)]


def _one(group: list[Cell]) -> Cell:
    talking = [one for one in group if not one.state.silent]
    first = (talking or group)[0]
    every = group[0].state.every
    for one in group[1:]:
        every &= one.state.every
    replies = first.state.replies
    for one in talking[1:]:
        replies &= one.state.replies
    state = State(
        every,
        IntervalSet.union_of(one.state.any for one in group),
        IntervalSet.union_of(one.state.possible for one in group),
        replies,
        IntervalSet.union_of(one.state.possible_replies for one in talking),
        tuple(dict.fromkeys(reason for one in talking for reason in one.state.reasons)),
    )
    return replace(
        first,
        source=IntervalSet.union_of(one.source for one in group),
        target=IntervalSet.union_of(one.target for one in group),
        state=state,
    )
