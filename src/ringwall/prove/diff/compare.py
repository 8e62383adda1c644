"""What passes in one network held against what passes in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from ringwall.model.addresses import AddressSet
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    port_range,
    whole_protocol,
)
from ringwall.model.verdict import ReturnPorts
from ringwall.prove.diff.matching import Matched
from ringwall.prove.diff.states import NOTHING, Cell, State, States, joined
from ringwall.prove.ends import End
from ringwall.prove.engine import Unit

_NAMED = tuple(whole_protocol(one) for one in (TCP, UDP, ICMP, ICMPV6))
#: Answers are heard protocol by protocol; those without ports or types count together.
_BLOCKS = (*_NAMED, ALL_SERVICES - IntervalSet.union_of(_NAMED))


@dataclass(frozen=True, slots=True)
class Delta:
    """How two states differ; the four sets do not overlap.

    ``answers`` pass before and after, but other answers are heard; ``spread`` passed between all
    ends and now passes between some only, or the reverse.
    """

    gained: ServiceSet = EMPTY
    lost: ServiceSet = EMPTY
    answers: ServiceSet = EMPTY
    spread: ServiceSet = EMPTY
    unknown: ServiceSet = EMPTY
    before: ServiceSet = EMPTY
    after: ServiceSet = EMPTY
    reasons: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.gained, self.lost, self.answers, self.spread, self.unknown))


@dataclass(frozen=True, slots=True)
class Spotted:
    """A delta with the ends and addresses that have it, and a cell of each network."""

    delta: Delta
    ends: tuple[str, str]
    source: AddressSet
    target: AddressSet
    before: Cell | None
    after: Cell | None


def delta(before: Cell | None, after: Cell | None, clients: tuple[int, int]) -> Delta:
    """How the states of two cells differ; answers count at the ports of ``clients`` only."""
    old = _heard(before, clients)
    new = _heard(after, clients)
    if old == new:
        return Delta()
    gained, lost = new.any - old.possible, old.any - new.possible
    both = old.any & new.any
    spread = ((old.every - new.every) | (new.every - old.every)) & both
    answers, unclear = _answers(old.replies, old.possible_replies, new.replies,
                                new.possible_replies, both)  # fmt: skip
    doubt_old, doubt_new = old.possible - old.any, new.possible - new.any
    unknown = (doubt_old - doubt_new) | (doubt_new - doubt_old)
    if old.reasons != new.reasons:
        # The same doubt for another reason may fall out otherwise.
        unknown |= doubt_old & doubt_new
    unknown = (unknown | unclear) - gained - lost
    reasons = tuple(dict.fromkeys((*old.reasons, *new.reasons))) if unknown else ()
    return Delta(gained, lost, answers, spread - answers, unknown - answers - spread,
                 old.replies, new.replies, reasons)  # fmt: skip


def _heard(cell: Cell | None, clients: tuple[int, int]) -> State:
    """A cell's state with no answers but those that clients on such ports hear."""
    if cell is None or cell.state.silent:
        return NOTHING
    ports = port_range(TCP, *clients) | port_range(UDP, *clients)
    counted = ports | (ALL_SERVICES - (_BLOCKS[0] | _BLOCKS[1]))
    state = cell.state
    return replace(
        state,
        replies=state.replies & counted,
        possible_replies=state.possible_replies & counted,
    )


def _answers(
    old: ServiceSet, old_possible: ServiceSet, new: ServiceSet, new_possible: ServiceSet,
    both: ServiceSet,
) -> tuple[ServiceSet, ServiceSet]:  # fmt: skip
    """What passes in both and is surely answered otherwise; and where that is not known."""
    surely, maybe = EMPTY, EMPTY
    for whole in _BLOCKS:
        mine, theirs = old & whole, new & whole
        if not both & whole:
            continue
        if (mine - new_possible) or (theirs - old_possible):
            surely |= both & whole
        elif mine != theirs or (old_possible & whole) != (new_possible & whole):
            maybe |= both & whole
    return surely, maybe


def share(replies: ServiceSet, services: ServiceSet, clients: tuple[int, int]) -> ReturnPorts:
    """To how many of the clients' ports the answers come back, all protocols together."""
    found: set[ReturnPorts] = set()
    for at, whole in enumerate(_BLOCKS):
        if not services & whole:
            continue
        wanted = port_range((TCP, UDP)[at], *clients) if at < 2 else whole
        if not replies & wanted:
            found.add(ReturnPorts.NONE)
        else:
            full = wanted <= replies or at >= 2
            found.add(ReturnPorts.ALL if full else ReturnPorts.SOME)
    return found.pop() if len(found) == 1 else ReturnPorts.SOME


# --- pairs of units -----------------------------------------------------------------------


class Comparison:
    """Two networks' states side by side."""

    def __init__(self, before: States, after: States) -> None:
        self.before, self.after = before, after

    def between(self, source: Matched, target: Matched) -> Iterator[Spotted]:
        """Every way in which what passes from one matched unit to another differs."""
        for one, other, old, new in self._end_pairs(source, target):
            for cells in _side_by_side(old, new):
                found = delta(*cells, self.clients(*cells))
                if found:
                    shown = [one_cell for one_cell in cells if one_cell is not None]
                    yield Spotted(
                        found, (one, other), shown[-1].source, shown[-1].target, *cells
                    )  # fmt: skip

    def clients(self, before: Cell | None, after: Cell | None) -> tuple[int, int]:
        """The ephemeral ports of a cell's clients: those on which both networks agree."""
        ranges = [
            states.prover.client_ports(cell.a)
            for states, cell in ((self.before, before), (self.after, after))
            if cell is not None
        ]
        low, high = max(one[0] for one in ranges), min(one[1] for one in ranges)
        return (low, high) if low <= high else ranges[-1]

    def _end_pairs(
        self, source: Matched, target: Matched
    ) -> Iterator[tuple[str, str, list[Cell], list[Cell]]]:
        """Cells of both networks: end by end where the ends are the same, else all as one."""
        sides = [
            (states, self._of(source, states), self._of(target, states))
            for states in (self.before, self.after)
        ]
        if all(_same_ends(one) for one in (source, target)):
            for one in _ids(source):
                for other in _ids(target):
                    cells = [
                        states.cells(_end(mine, one), _end(theirs, other))
                        for states, mine, theirs in sides
                        if mine is not None and theirs is not None
                    ]
                    yield one, other, cells[0], cells[1]
            return
        old, new = (
            [
                cell
                for one in (mine.ends if mine is not None else ())
                for other in (theirs.ends if theirs is not None else ())
                for cell in states.cells(one, other)
            ]
            for states, mine, theirs in sides
        )
        yield "", "", old, new

    def _of(self, matched: Matched, states: States) -> Unit | None:
        return matched.before if states is self.before else matched.after


def _same_ends(matched: Matched) -> bool:
    """Has the unit the same ends, by their ids, in both networks?"""
    if matched.before is None or matched.after is None:
        return False
    return {one.id for one in matched.before.ends} == {one.id for one in matched.after.ends}


def _ids(matched: Matched) -> list[str]:
    return [one.id for one in matched.before.ends] if matched.before is not None else []


def _end(unit: Unit, name: str) -> End:
    return next(one for one in unit.ends if one.id == name)


def _side_by_side(old: list[Cell], new: list[Cell]) -> Iterator[tuple[Cell | None, Cell | None]]:
    """Cells over the same addresses; a side on which the addresses are not the same counts as
    one, for each family."""
    if _same_ground(old, new, "source") and _same_ground(old, new, "target"):
        for one in old:
            for other in new:
                mine, theirs = one.source & other.source, one.target & other.target
                if mine and theirs:
                    yield _cut(one, mine, theirs), _cut(other, mine, theirs)
        return
    if not old or not new:
        yield from ((one, None) for one in _rectangles(old))
        yield from ((None, one) for one in _rectangles(new))
        return
    for before, after in _common_pieces(old, new):
        by_family = [
            {bool(one.source.first >> 32): one for one in joined(cells)}
            for cells in (before, after)
        ]
        for family in sorted(by_family[0].keys() | by_family[1].keys()):
            yield by_family[0].get(family), by_family[1].get(family)


def _rectangles(cells: list[Cell]) -> list[Cell]:
    """Cells of one network alone; those of several ends that fare alike are one."""
    found: dict[tuple[State, AddressSet], list[Cell]] = {}
    for one in cells:
        found.setdefault((one.state, one.target), []).append(one)
    return [
        replace(group[0], source=IntervalSet.union_of(one.source for one in group))
        for group in found.values()
    ]


_Side = Literal["source", "target"]


def _common_pieces(old: list[Cell], new: list[Cell]) -> Iterator[tuple[list[Cell], list[Cell]]]:
    """The cells cut along the side whose addresses are the same in both networks, if one is.

    Pieces that every cell treats alike stay one.
    """
    sides: tuple[_Side, ...] = ("target", "source")
    side = next((one for one in sides if _same_ground(old, new, one)), None)
    if side is None:
        yield old, new
        return
    alike: dict[tuple[frozenset[int], frozenset[int]], list[AddressSet]] = {}
    for piece in _pieces(_on(one, side) for one in (*old, *new)):
        key = (_holding(old, side, piece), _holding(new, side, piece))
        alike.setdefault(key, []).append(piece)
    for (before, after), pieces in alike.items():
        ground = IntervalSet.union_of(pieces)
        yield _along(old, before, side, ground), _along(new, after, side, ground)


def _on(cell: Cell, side: _Side) -> AddressSet:
    return cell.source if side == "source" else cell.target


def _holding(cells: list[Cell], side: _Side, piece: AddressSet) -> frozenset[int]:
    return frozenset(at for at, one in enumerate(cells) if piece <= _on(one, side))


def _along(
    cells: list[Cell], chosen: frozenset[int], side: _Side, ground: AddressSet
) -> list[Cell]:
    return [
        replace(cells[at], source=ground) if side == "source" else replace(cells[at], target=ground)
        for at in sorted(chosen)
    ]


def _pieces(sets: Iterable[AddressSet]) -> list[AddressSet]:
    """The coarsest partition of the union that cuts none of the sets."""
    pieces: list[AddressSet] = []
    for one in dict.fromkeys(sets):
        rest = one - IntervalSet.union_of(pieces)
        pieces = [part for piece in pieces for part in (piece & one, piece - one) if part]
        pieces += [rest] if rest else []
    return pieces


def _same_ground(old: list[Cell], new: list[Cell], side: _Side) -> bool:
    grounds = [IntervalSet.union_of(_on(one, side) for one in cells) for cells in (old, new)]
    return bool(old) and grounds[0] == grounds[1]


def _cut(cell: Cell, source: AddressSet, target: AddressSet) -> Cell:
    return Cell(source, target, cell.state, cell.a, cell.b)
