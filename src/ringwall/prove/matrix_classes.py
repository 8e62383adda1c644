"""Classes: faces that every rule treats alike, and the seats that they stand on.

A seat is all that decides what lies between two faces except their own security groups; a class
is a seat, a segment of the address line and a set of groups. Faces of one class share one row and
one column of the matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringwall.model.network import Network, NetworkInterface
from ringwall.prove.balancers import forwardings
from ringwall.prove.matrix_faces import Face, Line

#: Rows that are no group's: an interface without groups that needs none, one that is not known,
#: one that has no groups and so lets nothing in or out.
OPEN, DARK, SHUT = "(open)", "(dark)", "(shut)"


class SeatKey(NamedTuple):
    """``source`` and ``target`` are what an interface is on top of its place (a load balancer, an
    interface that a gap names) where it opens connections and where it takes them; ``behind`` are
    the load balancers' listeners that forward to it."""

    v6: bool
    subnet: str
    sight: int
    source: str
    target: str
    behind: tuple[object, ...]


class ClassKey(NamedTuple):
    """In the order in which classes are laid out, so that neighbours have much in common.

    ``rows`` are the group rows that judge the traffic, ``groups`` the groups by which others may
    name the interface, ``start`` the first place of the segment.
    """

    v6: bool
    vpc: str
    size: int
    seat: int
    rows: tuple[int, ...]
    groups: tuple[str, ...]
    start: int
    ports: tuple[int, int]


@dataclass(slots=True)
class Classes:
    """``of_face`` gives each face its class; arrays run over classes.

    ``rows`` ``[classes, widest]`` names the group rows of a class, its last one repeated.
    """

    keys: list[ClassKey]
    of_face: NDArray[np.int32]
    seats: list[Face]
    seat_keys: list[SeatKey]
    names: list[str]
    profiles: list[tuple[int, int]]
    line: Line
    seat: NDArray[np.int32] = field(init=False)
    segment: NDArray[np.int32] = field(init=False)
    rows: NDArray[np.int32] = field(init=False)
    size: NDArray[np.int32] = field(init=False)
    profile: NDArray[np.int32] = field(init=False)
    members: dict[str, NDArray[np.int32]] = field(init=False)

    def __post_init__(self) -> None:
        keys = self.keys
        self.seat = np.array([one.seat for one in keys], dtype=np.int32)
        self.segment = np.array([self.line.at(one.start) for one in keys], dtype=np.int32)
        self.size = np.array([one.size for one in keys], dtype=np.int32)
        numbers = {ports: at for at, ports in enumerate(self.profiles)}
        self.profile = np.array([numbers[one.ports] for one in keys], dtype=np.int32)
        widest = max((one.size for one in keys), default=1)
        padded = [one.rows + one.rows[-1:] * (widest - one.size) for one in keys]
        self.rows = np.array(padded, dtype=np.int32).reshape(len(keys), widest)
        members: dict[str, list[int]] = {}
        for at, one in enumerate(keys):
            for name in dict.fromkeys(one.groups):
                members.setdefault(name, []).append(at)
        self.members = {name: np.array(found, np.int32) for name, found in members.items()}

    def __len__(self) -> int:
        return len(self.keys)


def classes_of(
    network: Network,
    faces: tuple[Face, ...],
    line: Line,
    gaps: Mapping[str, str],
    sights: list[int],
    ports: Callable[[NetworkInterface], tuple[int, int]],
) -> Classes:
    """``sights`` number what ACLs and routes tell apart about a face's addresses, ``ports`` are
    the client ports of an interface."""
    behind = _behind(network)
    names: dict[str, int] = {}
    seats: dict[SeatKey, int] = {}
    holders: list[Face] = []
    keys: list[ClassKey] = []
    for face, sight in zip(faces, sights, strict=True):
        one = face.interface
        source, target = _roles(network, one, gaps)
        waiting = behind.get(one.id, ())
        seat_key = SeatKey(face.v6, one.subnet, sight, source, target, waiting)
        if seat_key not in seats:
            seats[seat_key] = len(seats)
            holders.append(face)
        held = rows_held(network, one, gaps)
        rows = tuple(names.setdefault(name, len(names)) for name in held)
        subnet = network.subnets.get(one.subnet)
        vpc = subnet.vpc if subnet else ""
        start = line.starts[line.at(face.place)]
        size = len(rows)
        seat = seats[seat_key]
        keys.append(ClassKey(face.v6, vpc, size, seat, rows, one.groups, start, ports(one)))
    distinct = sorted(set(keys))
    number = {key: at for at, key in enumerate(distinct)}
    return Classes(
        distinct,
        np.array([number[key] for key in keys], dtype=np.int32),
        holders,
        list(seats),
        list(names),
        sorted({key.ports for key in distinct}),
        line,
    )


def rows_held(network: Network, one: NetworkInterface, gaps: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the group rows that an interface's traffic is judged by."""
    if one.id in gaps:
        return (DARK,)
    if one.groups:
        return tuple(dict.fromkeys(one.groups))
    balancer = network.load_balancers.get(one.owner)
    unguarded = one.kind == "nat-gateway" or (balancer is not None and balancer.kind == "network")
    return (OPEN,) if unguarded else (SHUT,)


def _roles(network: Network, one: NetworkInterface, gaps: Mapping[str, str]) -> tuple[str, str]:
    if one.id in gaps or one.subnet not in network.subnets:
        return one.id, one.id
    vague = [name for name in (network.subnets[one.subnet].vpc, one.owner) if name in gaps]
    doubt = "".join(f"{name} " for name in vague)
    if one.kind == "load-balancer" and one.owner in network.load_balancers:
        return f"{doubt}{one.owner}", f"{doubt}{one.owner}"
    return (f"{doubt}{one.kind}" if one.kind == "vpc-endpoint" else doubt), doubt


def _behind(network: Network) -> dict[str, tuple[object, ...]]:
    """Per interface, the load balancers that open connections to it, and how."""
    found: dict[str, tuple[object, ...]] = {}
    for balancer in network.load_balancers.values():
        for one in forwardings(network, balancer):
            way = (one.balancer, one.protocol, one.port)
            found[one.target.id] = (*found.get(one.target.id, ()), way)
    return found
