"""A matrix made from another one: only what changed between two networks is computed anew.

A changed rule of a security group is one row of the planes, and the pairs of the group's members.
A changed entry of a network ACL is one row of verdicts, and the pairs of its subnets. An interface
that joins or leaves groups moves to another class. A rule may cut a service atom (its mask gets one
more bit) or a segment of addresses (a class becomes two). Whatever else changes, the matrix is made
from nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.network import (
    WAY_KINDS,
    AclEntry,
    CidrPeer,
    Network,
    NetworkInterface,
    SecurityGroupRule,
)
from ringwall.prove.matrix import Matrix, Reach, gaps_of, tables_of
from ringwall.prove.matrix_cells import Cells, Words
from ringwall.prove.matrix_classes import Classes, ClassKey, SeatKey, rows_held
from ringwall.prove.matrix_faces import Face, Line, line_of
from ringwall.prove.matrix_filters import GroupRows, Verdicts, acl_verdicts
from ringwall.prove.matrix_passages import PassageMaker, Passages
from ringwall.prove.matrix_planes import TILE, PlaneMaker, Planes
from ringwall.prove.matrix_sights import Sights, between
from ringwall.prove.matrix_sweep import Tables
from ringwall.prove.standins import with_stand_ins

#: What may differ for a matrix to be made from another.
_FOLLOWED = frozenset({"security_groups", "interfaces", "network_acls"})


def changed(old: Matrix, network: Network) -> Matrix:
    """The matrix of ``network``, equal to ``Matrix.of(network)`` in every answer."""
    network = with_stand_ins(network)
    touched = {
        one.name
        for one in fields(Network)
        if getattr(old.network, one.name) is not getattr(network, one.name)
        and getattr(old.network, one.name) != getattr(network, one.name)
    }
    if not touched - {"source"}:
        return replace(old, network=network) if "source" in touched else old
    made = _Change(old, network).matrix() if touched <= _FOLLOWED | {"source"} else None
    return made if made is not None else Matrix.of(network)


class _Change:
    """One change. Each step gives None where it cannot be followed."""

    def __init__(self, old: Matrix, network: Network) -> None:
        self._old, self._network = old, network
        self._gaps = gaps_of(network)
        before = old.network
        self._groups = _differing(before.security_groups, network.security_groups)
        self._interfaces = _differing(before.interfaces, network.interfaces)
        self._acls = _differing(before.network_acls, network.network_acls)
        self._since = len(old.cells.splits)
        #: Classes that parted from one whose groups they share, and that one.
        self._parents: dict[int, int] = {}

    def matrix(self) -> Matrix | None:
        if not self._followed():
            return None
        cells, line = self._cells(), self._line()
        if cells is None or line is None:
            return None
        old = self._old
        faces = self._faces()
        sights = self._sights(cells, line)
        classes = self._classes(faces, line, sights)
        passages, tables = self._passages(cells, sights, classes)
        planes = self._planes(cells, line, classes)
        made = replace(
            old,
            network=self._network,
            faces=faces,
            cells=cells,
            sights=sights,
            classes=classes,
            passages=passages,
            planes=planes,
            tables=tables,
        )
        if "reach" in old.__dict__:
            made.__dict__["reach"] = self._reach(made)
        return made

    # --- what can be followed -----------------------------------------------------------

    def _followed(self) -> bool:
        held = {name for one in between(self._network) for name in one.groups}
        return (
            not held & set(self._groups)
            and all(self._same_place(name) for name in self._interfaces)
            and (not self._acls or self._plain_acls())
        )

    def _same_place(self, name: str) -> bool:
        """Did an interface only change its groups, to groups that have rows already?"""
        before = self._old.network.interfaces.get(name)
        now = self._network.interfaces.get(name)
        if before is None or now is None or now.kind in WAY_KINDS:
            return False
        moved = replace(before, groups=now.groups, name=now.name, tags=now.tags, origin=now.origin)
        rows = rows_held(self._network, now, self._gaps)
        known = set(self._old.classes.names)
        return moved == now and known.issuperset(rows) and now not in between(self._network)

    def _plain_acls(self) -> bool:
        """Did ACLs only change their entries, and is nothing between seats but ACLs?"""
        if self._old.passages.asked:
            return False
        for name in self._acls:
            before = self._old.network.network_acls.get(name)
            now = self._network.network_acls.get(name)
            if before is None or now is None or now.subnets != before.subnets:
                return False
        return True

    # --- atoms --------------------------------------------------------------------------

    def _written(self) -> Iterator[SecurityGroupRule | AclEntry]:
        for name in self._groups:
            group = self._network.security_groups.get(name)
            if group is not None:
                yield from (*group.ingress, *group.egress)
        for name in self._acls:
            yield from self._network.network_acls[name].entries

    def _cells(self) -> Cells | None:
        cells = self._old.cells
        edges = {edge for one in self._written() for edge in cells.cuts(one.services)}
        if not edges:
            return cells
        if len(edges) > cells.room:
            return None
        cells = cells.copy()
        for edge in sorted(edges):
            cells.cut(edge)
        return cells

    def _line(self) -> Line | None:
        line = self._old.classes.line
        edges = {
            edge for one in self._written() for block in _blocks(one) for edge in line.cuts(block)
        }
        return line_of(self._old.faces, line, edges) if edges else line

    # --- faces, seats, classes ----------------------------------------------------------

    def _faces(self) -> tuple[Face, ...]:
        if not self._interfaces:
            return self._old.faces
        moved = {name: self._network.interfaces[name] for name in self._interfaces}
        return tuple(
            replace(one, interface=moved.get(one.interface.id, one.interface))
            for one in self._old.faces
        )

    def _sights(self, cells: Cells, line: Line) -> Sights:
        old = self._old.sights
        if line is old.line and not self._acls and cells is self._old.cells:
            return old
        came = np.array([old.line.at(start) for start in line.starts], dtype=np.intp)
        pairs = old.verdicts.pairs
        since = self._since
        verdicts = Verdicts.of((cells.widened(a, since), cells.widened(b, since)) for a, b in pairs)
        found = Sights(
            line,
            verdicts,
            old.outward[:, came],
            old.inward[:, came],
            old.row_of,
            {key: one[came] for key, one in old.local.items()},
            old.shut,
        )
        for name, row in self._acl_rows().items():
            acl, dark = self._network.network_acls[name], name in self._gaps
            found.outward[row] = acl_verdicts(acl, True, line, cells, dark, verdicts)
            found.inward[row] = acl_verdicts(acl, False, line, cells, dark, verdicts)
        return found

    def _acl_rows(self) -> dict[str, int]:
        """The changed ACLs that serve subnets, and their rows."""
        rows: dict[str, int] = {}
        by_subnet = {
            subnet: acl.id for acl in self._network.network_acls.values() for subnet in acl.subnets
        }
        for subnet, row in self._old.sights.row_of.items():
            if by_subnet.get(subnet, "") in self._acls:
                rows[by_subnet[subnet]] = row
        return rows

    def _classes(self, faces: tuple[Face, ...], line: Line, sights: Sights) -> Classes:
        old = self._old.classes
        if line is old.line and not self._acls and not self._interfaces:
            return old
        seats, seat_keys = list(old.seats), list(old.seat_keys)
        refined = _Seats(sights, sorted(self._acl_rows().values()), seats, seat_keys)
        numbers = {key: at for at, key in enumerate(old.keys)}
        names = {name: at for at, name in enumerate(old.names)}
        of_face = []
        keys = list(old.keys)
        for face, known in zip(faces, old.of_face, strict=True):
            key = old.keys[known]._replace(start=line.starts[line.at(face.place)])
            key = key._replace(seat=refined.seat(key.seat, face))
            if face.interface.id in self._interfaces:
                key = self._regrouped(key, face.interface, names)
            if key not in numbers:
                if face.interface.id not in self._interfaces:
                    self._parents[len(keys)] = int(known)
                numbers[key] = len(keys)
                keys.append(key)
            of_face.append(numbers[key])
        found = np.array(of_face, dtype=np.int32)
        return Classes(keys, found, seats, seat_keys, old.names, old.profiles, line)

    def _regrouped(self, key: ClassKey, one: NetworkInterface, names: dict[str, int]) -> ClassKey:
        rows = tuple(names[name] for name in rows_held(self._network, one, self._gaps))
        return key._replace(rows=rows, size=len(rows), groups=one.groups)

    # --- parts --------------------------------------------------------------------------

    def _passages(self, cells: Cells, sights: Sights, classes: Classes) -> tuple[Passages, Tables]:
        old = self._old
        if self._acls:
            maker = PassageMaker(self._network, old.ways, self._gaps, sights, cells)
            passages = maker.passages(classes)
            return passages, tables_of(passages, classes, cells)
        if cells is old.cells:
            return old.passages, old.tables
        since = self._since
        verdicts = [
            (cells.widened(sure, since), cells.widened(possible, since))
            for sure, possible in old.passages.verdicts
        ]
        tables = Tables(
            _widened(old.tables.forward, cells, since),
            _widened(old.tables.heard, cells, since),
            old.tables.numbers,
        )
        return replace(old.passages, verdicts=verdicts), tables

    def _planes(self, cells: Cells, line: Line, classes: Classes) -> Planes:
        planes = self._copied(cells, len(classes))
        rows = GroupRows(self._network, self._gaps, cells, line)
        maker = PlaneMaker(rows, classes, cells)
        planes.copy(self._parents)
        fresh = range(len(self._old.classes), len(classes))
        others = [at for at in fresh if at not in self._parents]
        if others:
            self._add_classes(planes, cells, classes, others)
        for at, name in enumerate(classes.names):
            if name in self._groups:
                for egress, references in planes.unsure:
                    row = maker.row(name, egress, references)
                    planes.write(egress, references, at, row)
        return planes

    def _copied(self, cells: Cells, count: int) -> Planes:
        old = self._old.planes
        found = Planes({}, {key: one.copy() for key, one in old.unsure.items()})
        tiles = -(-count // TILE)
        for egress, references in old.unsure:
            sure, possible = ((egress, references, one) for one in (False, True))
            found.arrays[sure] = _grown(old.arrays[sure], tiles)
            cells.widen(found.arrays[sure], self._since)
            found.arrays[possible] = found.arrays[sure]
            if old.arrays[possible] is not old.arrays[sure]:
                found.arrays[possible] = _grown(old.arrays[possible], tiles)
                cells.widen(found.arrays[possible], self._since)
        return found

    def _add_classes(
        self, planes: Planes, cells: Cells, classes: Classes, fresh: list[int]
    ) -> None:
        """The columns of classes that have no like among those that were there before."""
        keys = [classes.keys[at] for at in fresh]
        starts = sorted({key.start for key in keys})
        few = Line(tuple(starts), tuple(starts))
        none = np.zeros(0, dtype=np.int32)
        part = Classes(
            keys, none, classes.seats, classes.seat_keys, classes.names, classes.profiles, few
        )
        maker = PlaneMaker(GroupRows(self._network, self._gaps, cells, few), part, cells)
        columns = np.array(fresh, dtype=np.int32)
        for egress, references in planes.unsure:
            for at, name in enumerate(classes.names):
                row = maker.row(name, egress, references)
                planes.write(egress, references, at, row, columns)

    # --- pairs --------------------------------------------------------------------------

    def _reach(self, made: Matrix) -> Reach:
        before = len(self._old.classes)
        reach = np.zeros((len(made.classes), len(made.classes)), dtype=np.uint8)
        reach[:before, :before] = self._old.reach
        touched = self._touched(made)
        if 2 * len(touched) > len(made.classes):
            made.sweep.everything(reach)
        else:
            made.sweep.some(touched, reach)
        made.settle(reach)
        return reach

    def _touched(self, made: Matrix) -> NDArray[np.int32]:
        """The classes whose pairs may have changed."""
        classes = made.classes
        names = [at for at, name in enumerate(classes.names) if name in self._groups]
        found = np.zeros(len(classes), dtype=np.bool_)
        found[np.isin(classes.rows, names).any(axis=1)] = True
        found[len(self._old.classes) :] = True
        rows = set(self._acl_rows().values())
        if rows:
            row_of = self._old.sights.row_of
            seats = [row_of.get(key.subnet) in rows for key in classes.seat_keys]
            found |= np.array(seats, dtype=np.bool_)[classes.seat]
        return np.flatnonzero(found).astype(np.int32)


class _Seats:
    """Seats after some ACLs changed: faces of one seat that these tell apart part ways.

    The face that stands for a seat keeps it; ``seats`` and ``seat_keys`` grow by what is new.
    """

    def __init__(
        self, sights: Sights, rows: list[int], seats: list[Face], seat_keys: list[SeatKey]
    ) -> None:
        self._sights, self._rows = sights, rows
        self._seats, self._keys = seats, seat_keys
        self._known = {(at, self._seen(one)): at for at, one in enumerate(seats)} if rows else {}

    def seat(self, old: int, face: Face) -> int:
        if not self._rows:
            return old
        key = (old, self._seen(face))
        if key not in self._known:
            self._known[key] = len(self._seats)
            self._seats.append(face)
            # A number that no face's own sight has.
            self._keys.append(self._keys[old]._replace(sight=-len(self._seats)))
        return self._known[key]

    def _seen(self, face: Face) -> bytes:
        at = self._sights.line.at(face.place)
        both = self._sights.outward[self._rows, at], self._sights.inward[self._rows, at]
        return both[0].tobytes() + both[1].tobytes()


def _differing(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    if before is now:
        return set()
    return {
        name
        for name in {*before, *now}
        if before.get(name) is not now.get(name) and before.get(name) != now.get(name)
    }


def _blocks(one: SecurityGroupRule | AclEntry) -> Iterable[AddressSet]:
    if isinstance(one, AclEntry):
        yield of_network(one.cidr)
    elif isinstance(one.peer, CidrPeer):
        yield of_network(one.peer.cidr)


def _widened(pair: tuple[Words, Words], cells: Cells, since: int) -> tuple[Words, Words]:
    sure, possible = (one.copy() for one in pair)
    for one in (sure, possible):
        cells.widen(one, since)
    return sure, possible


def _grown(array: Words, tiles: int) -> Words:
    """A copy with room for more tiles of classes."""
    if tiles == array.shape[1]:
        return array.copy()
    found = np.zeros((array.shape[0], tiles, *array.shape[2:]), dtype=np.uint64)
    found[:, : array.shape[1]] = array
    return found
