"""Answers: a packet, the path it took with the rule that decided at each step, and a verdict.

There are always three verdicts. What is not modelled is said as unknown, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ringwall.model.addresses import AddressSet, address_at
from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.services import ServiceRange, ServiceSet


class Verdict(StrEnum):
    """The verdict of a proof."""

    PROVED = "proved"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


class Reach(StrEnum):
    """The verdict on one connection."""

    REACHABLE = "reachable"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class ReturnPorts(StrEnum):
    """To how many of a client's ports the reply comes back."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. Addresses are places on the line of :mod:`ringwall.model.addresses`.

    ``port`` is the destination port for TCP and UDP, ``type << 8 | code`` for ICMP, 0 elsewhere;
    ``source_port`` is None where the protocol has none.
    """

    source: int
    destination: int
    protocol: int
    port: int = 0
    source_port: int | None = None

    def __str__(self) -> str:
        what = ServiceRange(self.protocol, self.port, self.port)
        sport = f":{self.source_port}" if self.source_port is not None else ""
        return f"{address_at(self.source)}{sport} -> {address_at(self.destination)} {what}"


#: The layers that can stop a packet; a list, for later rooms add to it (a Web ACL, a pod policy).
Layer = Literal[
    "route",
    "public-address",
    "network-acl",
    "security-group",
    "listener",
    "targets",
    "bucket-policy",
    "public-access-block",
    "block-public-access",
    "firewall",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One decision on the way. ``allowed`` is None where the deciding fact is not known.

    ``rule`` is the deciding rule in words (``rule 100 allow tcp/443 from 0.0.0.0/0``), ``code``
    AWS's explanation code where Reachability Analyzer has one, ``origin`` the rule's place in
    the user's material, ``mend`` what would let the packet pass a filter that stops it.
    """

    layer: Layer
    resource: str
    rule: str
    allowed: bool | None
    code: str = ""
    origin: Origin = IMPLICIT
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """A resource that the packet meets, with the decisions made there."""

    resource: str
    kind: str
    name: str = ""
    zone: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """One packet's way. ``arrived`` is None where an unknown decides.

    Tracing goes on after a block as far as the way is known, so that every blocker shows.
    """

    packet: Packet
    hops: tuple[Hop, ...]
    arrived: bool | None

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for hop in self.hops for step in hop.steps)

    @property
    def blockers(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.allowed is False)

    @property
    def unknowns(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.allowed is None)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one element: ``words`` say it as a request, ``origin`` is its place."""

    words: str
    resource: str
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "can A talk to B?".

    ``return_ranges`` are the client ports that get their reply, inside ``client_ports`` (None for
    protocols without ports, where the reply is judged as a whole). ``changes`` are the fewest
    that would together open the way shown, for every client port and back; what is not known
    stays so.
    """

    verdict: Reach
    source: str
    target: str
    forward: Trace
    reply: Trace | None
    return_ports: ReturnPorts
    return_ranges: tuple[tuple[int, int], ...] = ()
    client_ports: tuple[int, int] | None = None
    assumptions: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class PairReach:
    """All that can pass from one end to another, for one block of addresses on each side.

    ``services`` is what certainly arrives, ``possible`` what may arrive (a superset; ``reasons``
    says what decides). ``replies`` and ``possible_replies`` lie on the same line and hold the
    *client's* ports (for ICMP: the reply types) to which an answer gets back, all of 0-65535
    considered.
    """

    source: str
    target: str
    source_addresses: AddressSet
    target_addresses: AddressSet
    services: ServiceSet
    possible: ServiceSet
    replies: ServiceSet
    possible_replies: ServiceSet
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """The packet that shows a violation, and its way."""

    packet: Packet
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Proof:
    """One claim about a Network and what became of it.

    ``code`` names the kind of claim (``ringwall explain CODE`` documents it), ``subject`` is a
    stable key inside that kind (``api -> records tcp/5432``), ``detail`` says in words what was
    found, ``reasons`` why the verdict is unknown, ``layers`` what stops a forbidden flow,
    ``cause`` the one rule that makes the claim fall, where it is known.
    """

    code: str
    subject: str
    claim: str
    verdict: Verdict
    detail: str = ""
    witness: Witness | None = None
    cause: Step | None = None
    reasons: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    origin: Origin = IMPLICIT
