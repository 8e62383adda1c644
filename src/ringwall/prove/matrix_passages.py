"""All that lies between two seats, for every ordered pair of seats at once.

Inside one VPC, where the route tables deliver locally, a passage is two network ACLs, and those
are read for whole arrays of seats. Two VPCs from which no route leads to other private networks
have nothing between them. Every other pair of seats is asked of the exact engine, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringwall.model.network import Network, NetworkInterface
from ringwall.model.verdict import Layer
from ringwall.prove.legs import Filter, Leg, product
from ringwall.prove.matrix_cells import Cells
from ringwall.prove.matrix_classes import Classes
from ringwall.prove.matrix_faces import Face
from ringwall.prove.matrix_filters import Ids, Pair, Verdicts
from ringwall.prove.matrix_sights import Sights
from ringwall.prove.ways import Ways

#: May a rule that names a group match the other end? An index into the readings of group rows.
NEVER, PERHAPS, SURELY = 0, 1, 2

_NOTHING_OFF: frozenset[Layer] = frozenset()


@dataclass(slots=True)
class Passages:
    """Per ordered pair of seats: numbers of verdicts on the question and the answer, and what
    references do. ``hard`` pairs do not factorise; the exact engine answers for their classes.
    ``asked``: it was asked of some pair of seats."""

    verdicts: list[Pair]
    forward: Ids
    reply: Ids
    egress: NDArray[np.uint8]
    ingress: NDArray[np.uint8]
    hard: NDArray[np.bool_]
    asked: bool = False
    plain_references: bool = field(init=False)

    def __post_init__(self) -> None:
        self.plain_references = bool(
            (self.egress == SURELY).all() and (self.ingress == SURELY).all()
        )


class PassageMaker:
    """Builds the passages of a network's seats."""

    def __init__(
        self, network: Network, ways: Ways, gaps: dict[str, str], sights: Sights, cells: Cells
    ) -> None:
        self._network, self._ways, self._gaps = network, ways, gaps
        self._sights, self._cells = sights, cells

    def passages(self, classes: Classes) -> Passages:
        seats = classes.seats
        count = len(seats)
        plain, apart = self._kinds(classes)
        known = Verdicts()
        forward = self._acls(seats, classes, known)
        forward[apart] = known.number((0, 0))
        reply = np.where(plain, forward.T, known.number((0, 0))).astype(np.int32)
        self._at_ends(classes, plain, forward, reply, known)
        found = Passages(
            known.pairs,
            forward,
            reply,
            np.full((count, count), SURELY, dtype=np.uint8),
            np.full((count, count), SURELY, dtype=np.uint8),
            np.zeros((count, count), dtype=np.bool_),
        )
        v6 = np.array([one.v6 for one in seats], dtype=np.bool_)
        rest = ~plain & ~apart & (v6[:, None] == v6[None, :])
        found.asked = bool(rest.any())
        for s, t in np.argwhere(rest):
            self._ask(found, known, int(s), int(t), seats[s], seats[t])
        found.__post_init__()
        return found

    # --- in bulk ------------------------------------------------------------------------

    def _kinds(self, classes: Classes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which pairs are delivered inside one VPC, and which have nothing between them."""
        seats, network = classes.seats, self._network
        subnets = [network.subnets.get(one.interface.subnet) for one in seats]
        vpcs = [one.vpc if one else f"?{at}" for at, one in enumerate(subnets)]
        numbers = {name: at for at, name in enumerate(dict.fromkeys(vpcs))}
        vpc = np.array([numbers[one] for one in vpcs], dtype=np.int64)
        same = vpc[:, None] == vpc[None, :]
        segment = np.array([self._sights.line.at(one.place) for one in seats], dtype=np.int64)
        sound = np.array(
            [one is not None and one.id not in self._gaps for one in subnets], dtype=np.bool_
        )
        local = np.zeros((len(seats), len(seats)), dtype=np.bool_)
        for at, one in enumerate(subnets):
            if one is not None:
                table = self._ways.routing.table(one)
                local[at] = self._sights.local[one.vpc, table.id if table else ""][segment]
        classic = np.array([self._classic(one.interface) for one in seats], dtype=np.bool_)
        names = {
            name: at
            for at, name in enumerate(dict.fromkeys(one.subnet for one in classes.seat_keys))
        }
        place = np.array([names[one.subnet] for one in classes.seat_keys], dtype=np.int64)
        beside = (place[:, None] == place[None, :]) & (classic[:, None] | classic[None, :])
        plain = same & local & local.T & sound[:, None] & sound[None, :] & ~beside
        shut = np.array([one in self._sights.shut for one in vpcs], dtype=np.bool_)
        # Over IPv6, what leaves one VPC for the Internet may come in at another.
        four = np.array([not one.v6 for one in seats], dtype=np.bool_)
        shut &= four
        return plain, ~same & shut[:, None] & shut[None, :]

    def _acls(self, seats: list[Face], classes: Classes, known: Verdicts) -> Ids:
        """The two ACLs between every two seats (none inside one subnet), as if all were plain."""
        sights = self._sights
        last = len(sights.outward) - 1
        row = np.array(
            [sights.row_of.get(one.interface.subnet, last) for one in seats], dtype=np.int64
        )
        segment = np.array([self._sights.line.at(one.place) for one in seats], dtype=np.int64)
        out = sights.outward[row][:, segment].astype(np.int64)
        into = sights.inward[row][:, segment].T
        pairs, many = sights.verdicts.pairs, len(sights.verdicts.pairs)
        found = _interned(
            out * many + into, lambda code: _both(pairs[code // many], pairs[code % many]), known
        )
        subnets: dict[str, list[int]] = {}
        for at, key in enumerate(classes.seat_keys):
            subnets.setdefault(key.subnet, []).append(at)
        whole = known.number((self._cells.full, self._cells.full))
        for members in subnets.values():
            found[np.ix_(members, members)] = whole
        return found

    def _at_ends(
        self, classes: Classes, plain: NDArray[np.bool_], forward: Ids, reply: Ids, known: Verdicts
    ) -> None:
        """Listeners, registered targets and gaps of the ends themselves, for the plain pairs."""
        keys = classes.seat_keys
        sources = [(one.source, "") for one in keys]
        targets = [(one.target, *one.behind) for one in keys]
        first = {role: at for at, role in reversed(list(enumerate(sources)))}
        second = {role: at for at, role in reversed(list(enumerate(targets)))}
        if len(first) == len(second) == 1 and ("", "") in first and ("",) in second:
            return
        from_role, to_role = list(first), list(second)
        one = np.array([from_role.index(role) for role in sources], dtype=np.int64)
        two = np.array([to_role.index(role) for role in targets], dtype=np.int64)
        ends = Verdicts()
        asked = np.empty((len(from_role), len(to_role)), dtype=np.int64)
        told = np.empty_like(asked)
        for i, source in enumerate(from_role):
            for j, target in enumerate(to_role):
                question, answer = self._ends(
                    classes.seats[first[source]], classes.seats[second[target]]
                )
                asked[i, j], told[i, j] = ends.number(question), ends.number(answer)
        many = len(ends.pairs)
        for array, of_roles in ((forward, asked), (reply, told)):
            code = array.astype(np.int64) * many + of_roles[one][:, two]
            mixed = _interned(
                code, lambda code: _both(known.pairs[code // many], ends.pairs[code % many]), known
            )
            np.copyto(array, mixed, where=plain)

    def _classic(self, one: NetworkInterface) -> bool:
        balancer = self._network.load_balancers.get(one.owner)
        return one.kind == "load-balancer" and balancer is not None and balancer.kind == "classic"

    def _ends(self, source: Face, target: Face) -> tuple[Pair, Pair]:
        asked, told = at_ends(self._ways, source.interface, target.interface)
        full = self._ways.parts.services.full
        question, answer = product(asked, _NOTHING_OFF, full), product(told, _NOTHING_OFF, full)
        return self._wide(question[:2]), self._wide(answer[:2])

    # --- one by one ---------------------------------------------------------------------

    def _ask(
        self, found: Passages, known: Verdicts, s: int, t: int, source: Face, target: Face
    ) -> None:
        passage = self._ways.passage(source.interface, source.place, target.interface, target.place)
        legs = [leg for leg, _ in passage.legs]
        references = {leg.references for leg in legs}
        if len(references) != 1 or any(leg.translated is not None for leg in legs):
            found.hard[s, t] = True
            references = {legs[0].references}
        asked, told = self._ends(source, target)
        question = _both(asked, self._wide(self._fork(legs)))
        answers = [answer for _, several in passage.legs for answer in several]
        found.forward[s, t] = known.number(question)
        found.reply[s, t] = known.number(_both(told, self._wide(self._fork(answers))))
        kept = references.pop()
        found.egress[s, t] = _reading(kept.egress)
        found.ingress[s, t] = _reading(kept.ingress)

    def _fork(self, legs: list[Leg]) -> Pair:
        full = self._ways.parts.services.full
        sure, possible = full, 0
        for leg in legs:
            passing = product(leg.filters, _NOTHING_OFF, full)
            sure &= passing.sure
            possible |= passing.possible
        return sure, possible

    def _wide(self, pair: Pair) -> Pair:
        return self._cells.widened(pair[0]), self._cells.widened(pair[1])


def at_ends(
    ways: Ways, one: NetworkInterface, other: NetworkInterface
) -> tuple[tuple[Filter, ...], tuple[Filter, ...]]:
    """What two interfaces themselves have to say, their groups left out: on the question (gaps,
    registered targets, listeners), and on the answer (gaps)."""
    doubts = (*ways._doubts(one), *ways._doubts(other))
    return (*doubts, *ways._opening(one, other), *ways._listener(other)), doubts


def _reading(matches: bool | None) -> int:
    return {False: NEVER, None: PERHAPS, True: SURELY}[matches]


def _both(one: Pair, other: Pair) -> Pair:
    return one[0] & other[0], one[1] & other[1]


def _interned(codes: NDArray[np.int64], pair: Callable[[int], Pair], known: Verdicts) -> Ids:
    """Numbers for an array of codes, each different code looked at once."""
    top = int(codes.max(initial=0)) + 1
    seen = np.zeros(top, dtype=np.bool_)
    seen[codes] = True
    lookup = np.zeros(top, dtype=np.int32)
    for code in np.flatnonzero(seen):
        lookup[code] = known.number(pair(int(code)))
    return lookup[codes]
