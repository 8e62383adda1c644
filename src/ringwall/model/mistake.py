"""How far a network is from failing: its depth, and the single mistakes that would open it."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.intervals import EMPTY
from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.services import ServiceSet
from ringwall.model.verdict import Layer, Step, Verdict


@dataclass(frozen=True, slots=True)
class Depth:
    """How many layers stop what must not pass from one tier (or service) to another.

    ``layers`` are those that stop the least guarded of it, ``services`` what that is, between the
    units ``one`` and ``other``. ``stops`` are the single rules that stop it today, in both
    directions; where there is just one, changing that one opens the pair.
    """

    source: str
    target: str
    layers: tuple[Layer, ...]
    one: str = ""
    other: str = ""
    services: ServiceSet = EMPTY
    stops: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """One element in its most permissive form. ``elements`` is how many single changes it stands
    for: replacing any one of a group's rules by "allow all" comes to the same."""

    kind: str
    resource: str
    change: str
    elements: int = 1
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What single mistakes do to one guarantee. ``verdict`` is that of the network as it is."""

    guarantee: str
    verdict: Verdict
    tried: int = 0
    breaking: tuple[Mistake, ...] = ()
    unsure: tuple[Mistake, ...] = ()
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Hardness:
    depths: tuple[Depth, ...]
    tolerances: tuple[Tolerance, ...]
