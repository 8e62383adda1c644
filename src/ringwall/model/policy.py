"""What is intended: the flows that must work and the guarantees that must hold.

A policy speaks of a Network by selectors, so the same policy judges a design, a template, a dump
or an account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.services import ALL_SERVICES, ServiceSet


@dataclass(frozen=True, slots=True)
class Selector:
    """Names ends of traffic: ``internet``, ``on-premises``, a ``tier``, a ``service``, an
    ``address`` block, or whatever else a person calls them (``named``).

    ``name`` is the tier's or service's name, a CIDR block on the Internet for ``address``, and any
    word that ``explain`` takes for ``named`` (an id, a name tag, an owner). A name that the policy
    itself defines carries in ``words`` what it stands for.
    """

    kind: Literal["internet", "on-premises", "tier", "service", "address", "named"]
    name: str = ""
    words: tuple[str, ...] = ()
    origin: Origin = field(default=IMPLICIT, compare=False, repr=False)

    @property
    def spoken(self) -> tuple[str, ...]:
        """The words to look up: those it stands for, or its own."""
        return self.words or (self.name or self.kind,)

    def __str__(self) -> str:
        return self.name or self.kind


INTERNET = Selector("internet")


@dataclass(frozen=True, slots=True)
class Flow:
    """An intended connection from every end of ``source`` to every end of ``target``.

    ``client_ports`` is the ephemeral range that the source's clients use; the reply must come
    back to every port of it. ``why`` says for whose sake the flow exists. ``added`` marks what
    a person did not write: the design added it for a service's sake (an endpoint, a redirect).
    """

    source: Selector
    target: Selector
    services: ServiceSet
    client_ports: tuple[int, int]
    why: str = ""
    added: bool = False
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Never:
    """No packet of ``services`` from ``source`` may ever arrive at ``target``, whatever the
    intended flows say."""

    source: Selector
    target: Selector
    origin: Origin = IMPLICIT
    services: ServiceSet = ALL_SERVICES


@dataclass(frozen=True, slots=True)
class Only:
    """From ``source`` to ``target`` nothing passes but ``services``; None: but what flows ask."""

    source: Selector
    target: Selector
    services: ServiceSet | None = None
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Layers:
    """Between two tiers, or a tier and the Internet, ``count`` independent layers stop what no
    flow asks for: with any ``count - 1`` of them out of action, it still does not pass.

    With ``between``, that is asked of these two ends only.
    """

    count: int
    origin: Origin = IMPLICIT
    between: tuple[Selector, Selector] | None = None


@dataclass(frozen=True, slots=True)
class Survives:
    """Every intended flow outlives the loss of any one zone."""

    what: Literal["zone"] = "zone"
    origin: Origin = IMPLICIT


Guarantee = Never | Only | Layers | Survives


@dataclass(frozen=True, slots=True)
class Policy:
    """``closed``: nothing else may be open anywhere than what the flows ask for."""

    flows: tuple[Flow, ...]
    guarantees: tuple[Guarantee, ...] = ()
    closed: bool = True

    def selectors(self) -> Iterator[Selector]:
        """Every selector, in the order of the policy."""
        for flow in self.flows:
            yield from (flow.source, flow.target)
        for one in self.guarantees:
            match one:
                case Never() | Only():
                    yield from (one.source, one.target)
                case Layers(between=(source, target)):
                    yield from (source, target)

    def service_sets(self) -> Iterator[ServiceSet]:
        """Every set of services that is spoken of."""
        for flow in self.flows:
            yield flow.services
        for one in self.guarantees:
            if isinstance(one, Never | Only) and one.services is not None:
                yield one.services
