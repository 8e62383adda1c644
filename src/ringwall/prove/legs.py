"""The words of the exact engine: spots, filters, legs of a journey, and how they are multiplied.

A packet's way is a product of filters, each of which belongs to a layer. Where AWS chooses one of
several ways and does not say which (the zone that a transit gateway delivers in), the way forks:
what passes surely passes by every branch, what may pass passes by some branch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ringwall.model.network import Bucket, NetworkInterface, Subnet
from ringwall.model.verdict import Layer


class Passing(NamedTuple):
    """Masks of what surely and what possibly passes; ``reason`` where the two differ."""

    sure: int
    possible: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """One end, narrowed to the addresses of one atom (``place`` is the atom's first address).

    Neither an interface nor a bucket nor ``premises``: the Internet.
    """

    place: int
    interface: NetworkInterface | None = None
    bucket: Bucket | None = None
    premises: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """``resource`` is what decides: a network ACL's subnet, a route table's subnet, a gateway."""

    layer: Layer
    passing: Passing
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Fork:
    """Several ways of which AWS takes one, without saying which."""

    branches: tuple[tuple[Filter, ...], ...]


Part = Filter | Fork


@dataclass(frozen=True, slots=True)
class Way:
    """``via`` is the gateway that the packet leaves by, where there is one."""

    forward: tuple[Part, ...]
    reply: tuple[Part, ...]
    via: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that have a say, in the order in which they are met."""
        return tuple(dict.fromkeys(one.layer for one in flat((*self.forward, *self.reply))))


def flat(parts: Iterable[Part]) -> Iterator[Filter]:
    """Every filter, those of forks included."""
    for one in parts:
        if isinstance(one, Fork):
            for branch in one.branches:
                yield from branch
        else:
            yield one


def product(parts: Iterable[Part], off: frozenset[Layer], full: int) -> Passing:
    """What passes all the filters, those of the layers in ``off`` left out."""
    sure = possible = full
    reasons: list[str] = []
    for one in parts:
        if isinstance(one, Fork):
            passing = _of_fork(one, off, full)
        elif one.layer in off:
            continue
        else:
            passing = one.passing
        sure &= passing.sure
        possible &= passing.possible
        if passing.reason and passing.reason not in reasons:
            reasons.append(passing.reason)
    return Passing(sure, possible, "; ".join(reasons) if sure != possible else "")


def _of_fork(fork: Fork, off: frozenset[Layer], full: int) -> Passing:
    sure, possible = full, 0
    reasons: dict[str, None] = {}
    for branch in fork.branches:
        passing = product(branch, off, full)
        sure &= passing.sure
        possible |= passing.possible
        if passing.reason:
            reasons[passing.reason] = None
    if sure == possible:
        return Passing(sure, possible)
    return Passing(sure, possible, "; ".join(reasons) or "AWS takes one of several ways")


def fork(branches: Iterable[tuple[Filter, ...]]) -> tuple[Part, ...]:
    """One branch is a plain way; equal branches are one."""
    different = tuple(dict.fromkeys(branches))
    return different[0] if len(different) == 1 else (Fork(different),)


# --- journeys -----------------------------------------------------------------------------------


class References(NamedTuple):
    """May a rule that names a group match the other end: for sure, perhaps (None), or never?"""

    ingress: bool | None = True
    egress: bool | None = True

    def also(self, other: References) -> References:
        return References(
            _both(self.ingress, other.ingress),
            _both(self.egress, other.egress),
        )


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return True if one and other else None


KEPT = References(True, True)
UNSURE = References(None, None)
LOST = References(False, False)


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a packet is to arrive: in a subnet, on the Internet, or on premises."""

    place: int
    subnet: Subnet | None = None
    outside: Literal["", "internet", "premises"] = ""


ExitKind = Literal["", "internet-gateway", "egress-only", "nat", "endpoint", "vpn", "transit"]


@dataclass(frozen=True, slots=True)
class Exit:
    """How a packet left for an end outside: the gateway, and the subnet next to it.

    ``sure`` is False where another gateway, not known, may stand behind this one.
    """

    kind: ExitKind = ""
    gateway: str = ""
    subnet: Subnet | None = None
    vpc: str = ""
    sure: bool = True


NO_EXIT = Exit()


@dataclass(frozen=True, slots=True)
class Leg:
    """All between the groups of the one end and those of the other.

    ``boxes`` and ``firewalls`` are the appliances and firewalls on the way: they remember the
    connections that they saw. ``translated`` is the private NAT gateway's address that the far
    end answers to, with its subnet.
    """

    filters: tuple[Filter, ...] = ()
    references: References = KEPT
    boxes: frozenset[str] = frozenset()
    firewalls: frozenset[str] = frozenset()
    exit: Exit = NO_EXIT
    translated: tuple[int, Subnet] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A packet under way: where it stands, and what it has met.

    ``subnet`` is None at a gateway (``vpc`` says whose). ``public`` is the filter of the public
    address that an internet gateway asks of the packet's sender. ``question`` is the leg that the
    packet answers, None for one that opens a connection. ``home`` is
    the VPC of the address that it comes from; ``foreign`` says that it stands in another.
    """

    source: int
    subnet: Subnet | None
    vpc: str
    public: Filter | None = None
    question: Leg | None = None
    home: str = ""
    foreign: bool = False
    leg: Leg = field(default_factory=Leg)
    seen: frozenset[str] = frozenset()
    transits: int = 0
