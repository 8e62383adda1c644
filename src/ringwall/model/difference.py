"""What differs between two networks: connections, never texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ringwall.model.addresses import AddressSet
from ringwall.model.intervals import EMPTY
from ringwall.model.services import ServiceSet
from ringwall.model.verdict import ReturnPorts, Step

#: ``gained`` and ``lost`` are sure. ``changed``: it passes before and after, but other answers come
#: back, or it passes between other ends. ``unknown``: whether it differs hangs on a missing fact.
ChangeKind = Literal["gained", "lost", "changed", "unknown"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two units, or between a unit and what lies outside.

    ``source`` and ``target`` are the names that both networks have for them. ``source_addresses``
    and ``target_addresses`` are given where the change is about some of the addresses outside.
    ``ends`` names single pairs of ends where not all of the two units' fare alike. ``before`` and
    ``after`` say to how many client ports answers come back (None: nothing passes). ``step`` is
    the rule of the second network that lets in or stops what changed.
    """

    kind: ChangeKind
    source: str
    target: str
    services: ServiceSet
    detail: str = ""
    source_addresses: AddressSet = EMPTY
    target_addresses: AddressSet = EMPTY
    ends: tuple[str, ...] = ()
    before: ReturnPorts | None = None
    after: ReturnPorts | None = None
    reasons: tuple[str, ...] = ()
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A resource whose rules differ. ``matters`` says whether this change by itself, made in the
    first network, changes any connection (None: not tried)."""

    kind: str
    resource: str
    added: tuple[Step, ...]
    removed: tuple[Step, ...]
    matters: bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """``appeared`` and ``gone`` are units that only one of the two networks has."""

    before: str
    after: str
    changes: tuple[Change, ...]
    appeared: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    rules: tuple[RuleChange, ...] = ()

    @property
    def sure(self) -> tuple[Change, ...]:
        return tuple(one for one in self.changes if one.kind != "unknown")
