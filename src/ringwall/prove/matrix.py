"""All ordered pairs of interfaces at once, question and answer, exactly.

The matrix holds every pair's set of services as a product of parts that many pairs share: what
each security group passes to and from each class of peers, and what each passage between two
seats carries. Any pair's sets are read off those parts; one sweep over all pairs, in blocks that
fit the cache, keeps of each pair whether anything arrives and whether anything is answered, in
three values. Where a pair does not factorise (a private NAT gateway between, several ways that
treat references differently), the exact engine answers for its class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Network, NetworkInterface
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    icmp_set,
    port_range,
    whole_protocol,
)
from ringwall.prove.ends import interface_end
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Spot
from ringwall.prove.matrix_cells import Cells, ints_of, of_words
from ringwall.prove.matrix_classes import Classes, classes_of
from ringwall.prove.matrix_faces import Face, faces_of, rule_atoms
from ringwall.prove.matrix_filters import GroupRows, Pair
from ringwall.prove.matrix_passages import PassageMaker, Passages
from ringwall.prove.matrix_planes import PlaneMaker, Planes, needed_readings
from ringwall.prove.matrix_sights import Sights, sights_of
from ringwall.prove.matrix_sweep import (
    ANSWERS,
    ARRIVES,
    MAY_ANSWER,
    MAY_ARRIVE,
    Sweep,
    Tables,
)
from ringwall.prove.ways import Ways

Reach = NDArray[np.uint8]


@dataclass
class Matrix:
    """All ordered pairs of one network's interfaces.

    Rows and columns are :attr:`faces`: an interface with those of its addresses that no rule
    tells apart. Faces of one class share a row. ``prover`` and ``ways`` may have been made for the
    network that this one was changed from.
    """

    network: Network
    prover: Prover
    ways: Ways
    faces: tuple[Face, ...]
    cells: Cells
    sights: Sights
    classes: Classes
    passages: Passages
    planes: Planes
    tables: Tables

    @classmethod
    def of(cls, network: Network) -> Matrix:
        """A matrix made from nothing; raises nothing on a damaged network."""
        return cls.by(Prover(network))

    @classmethod
    def by(cls, prover: Prover) -> Matrix:
        """The matrix of a prover's network."""
        network = prover.network
        ways = Ways(network, prover.parts)
        gaps = gaps_of(network)
        cells = Cells(prover.parts.services)
        faces, line = faces_of(network, rule_atoms(network))
        sights = sights_of(network, ways, gaps, faces, line, cells)

        def ports(one: NetworkInterface) -> tuple[int, int]:
            return prover.client_ports(interface_end(network, one))

        seen = sights.numbers(network, faces)
        classes = classes_of(network, faces, line, gaps, seen, ports)
        passages = PassageMaker(network, ways, gaps, sights, cells).passages(classes)
        needed = needed_readings(
            set(np.unique(passages.egress).tolist()), set(np.unique(passages.ingress).tolist())
        )
        rows = GroupRows(network, gaps, cells, line)
        planes = PlaneMaker(rows, classes, cells).planes(needed)
        tables = tables_of(passages, classes, cells)
        return cls(network, prover, ways, faces, cells, sights, classes, passages, planes, tables)

    def changed(self, network: Network) -> Matrix:
        """The matrix of another network, made from this one where that is less work.

        Only what the changed rules, entries or memberships touch is computed anew. This matrix
        stays as it is.
        """
        from ringwall.prove.matrix_change import changed

        return changed(self, network)

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(self.classes, self.planes, self.passages, self.tables)

    @cached_property
    def exact(self) -> Prover:
        """The exact engine of this very network."""
        return self.prover if self.prover.network is self.network else Prover(self.network)

    # --- one pair -----------------------------------------------------------------------

    def forward(self, source: int, target: int) -> tuple[ServiceSet, ServiceSet]:
        """The services that surely and possibly arrive from one face at another, by index."""
        sure, possible = self.forward_masks(source, target)
        return self.cells.set_of(sure), self.cells.set_of(possible)

    def reply(self, source: int, target: int) -> tuple[ServiceSet, ServiceSet]:
        """The client's ports, per protocol, at which the source hears the target's answers."""
        sure, possible = self.reply_masks(source, target)
        return self.cells.set_of(sure), self.cells.set_of(possible)

    def forward_masks(self, source: int, target: int) -> Pair:
        if not self._meet(source, target):
            return 0, 0
        one, other = (int(self.classes.of_face[at]) for at in (source, target))
        if self.passages.hard[self.classes.seat[one], self.classes.seat[other]]:
            return self._exactly(self.faces[source], self.faces[target])
        return self.sweep.masks(one, other, False), self.sweep.masks(one, other, True)

    def forward_row(self, source: int) -> list[Pair]:
        """The masks from one class to every class, whether they meet or not; for pairs that do
        not factorise (``passages.hard``) they are only what may pass."""
        sure, possible = (self.sweep.row(source, level) for level in (False, True))
        return list(zip(ints_of(sure), ints_of(possible), strict=True))

    def reply_masks(self, source: int, target: int) -> Pair:
        if not self._meet(source, target):
            return 0, 0
        one, other = (self.classes.seat[self.classes.of_face[at]] for at in (source, target))
        return self.passages.verdicts[int(self.passages.reply[one, other])]

    def _meet(self, source: int, target: int) -> bool:
        one, other = self.faces[source], self.faces[target]
        return one.v6 == other.v6 and one.interface.id != other.interface.id

    def _exactly(self, one: Face, other: Face) -> Pair:
        source, target = (Spot(face.place, face.interface) for face in (one, other))
        passing = self.exact.forward(source, target)
        sure, possible = (self.exact.services(mask) for mask in passing[:2])
        return self.cells.mask(sure), self.cells.mask(possible)

    # --- all pairs ----------------------------------------------------------------------

    @cached_property
    def reach(self) -> Reach:
        """What is kept of every pair of classes ``[classes, classes]`` (see ``matrix_sweep``)."""
        found = np.zeros((len(self.classes), len(self.classes)), dtype=np.uint8)
        self.sweep.everything(found)
        self.settle(found)
        return found

    def settle(self, reach: Reach) -> None:
        """Ask the exact engine about the pairs of classes that do not factorise."""
        for source, target in self._hard_classes():
            reach[source, target] = self._hard_reach(source, target)

    def _hard_classes(self) -> Iterator[tuple[int, int]]:
        held: dict[int, list[int]] = {}
        for one in self._holder:
            held.setdefault(int(self.classes.seat[one]), []).append(one)
        for one, other in np.argwhere(self.passages.hard):
            for source in held.get(int(one), ()):
                for target in held.get(int(other), ()):
                    yield source, target

    def _hard_reach(self, source: int, target: int) -> int:
        holders = [self.faces[self._holder[at]] for at in (source, target)]
        sure, possible = self._exactly(*holders)
        seats = self.classes.seat[source], self.classes.seat[target]
        number = self.passages.reply[seats] + self.classes.profile[source] * self.tables.numbers
        heard = [of_words(table[:, number]) for table in self.tables.heard]
        found = (ARRIVES if sure else 0) | (MAY_ARRIVE if possible else 0)
        found |= (ANSWERS if sure & heard[0] else 0) | (MAY_ANSWER if possible & heard[1] else 0)
        return found

    @cached_property
    def _holder(self) -> dict[int, int]:
        """A face of each class that has one; a change may leave a class without."""
        return {int(one): at for at, one in reversed(list(enumerate(self.classes.of_face)))}


def gaps_of(network: Network) -> dict[str, str]:
    """Why what lies behind a name is not known."""
    return {name: gap.message for gap in network.gaps for name in gap.affects}


def tables_of(passages: Passages, classes: Classes, cells: Cells) -> Tables:
    """The masks of the passages' verdicts, and what each lets a client hear the answer of."""
    sure, possible = ([one[side] for one in passages.verdicts] for side in (0, 1))
    hearing = [Hearing(cells, ports) for ports in classes.profiles]
    return Tables(
        (cells.table(sure), cells.table(possible)),
        (
            cells.table([one.heard(reply) for one in hearing for reply in sure]),
            cells.table([one.heard(reply) for one in hearing for reply in possible]),
        ),
        len(passages.verdicts),
    )


class Hearing:
    """Which services get an answer at some client port, given where answers pass.

    The same meaning as ``Prover.answered``, over cells.
    """

    def __init__(self, cells: Cells, ports: tuple[int, int]) -> None:
        mask = cells.mask
        known = IntervalSet.union_of(map(whole_protocol, (TCP, UDP, ICMP, ICMPV6)))
        self._others = cells.full & ~mask(known)
        self._ports = [(mask(whole_protocol(p)), mask(port_range(p, *ports))) for p in (TCP, UDP)]
        self._pings = [
            (mask(whole_protocol(p)), mask(icmp_set(p, asked, -1)), mask(icmp_set(p, told, -1)))
            for p, asked, told in ((ICMP, 8, 0), (ICMPV6, 128, 129))
        ]

    def heard(self, reply: int) -> int:
        found = reply & self._others
        for whole, wanted in self._ports:
            found |= whole if wanted & reply else 0
        for whole, asked, told in self._pings:
            found |= asked if told & ~reply == 0 else 0
            found |= whole if whole & ~reply == 0 else 0
        return found
