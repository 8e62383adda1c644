"""What is intended: the flows that must work and the guarantees that must hold.

A policy speaks of a Network by selectors, so the same policy judges a design, a template, a dump
or an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.services import ServiceSet


@dataclass(frozen=True, slots=True)
class Selector:
    """Names ends of traffic: ``internet``, ``on-premises``, a ``tier``, a ``service``, an
    ``address`` block, or whatever else a person calls them (``named``).

    ``name`` is the tier's or service's name, a CIDR block on the Internet for ``address``, and any
    word that ``explain`` takes for ``named`` (an id, a name tag, an owner).
    """

    kind: Literal["internet", "on-premises", "tier", "service", "address", "named"]
    name: str = ""

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
    """No packet from ``source`` may ever arrive at ``target``, whatever the intended flows say."""

    source: Selector
    target: Selector
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Layers:
    """Between two tiers, or a tier and the Internet, ``count`` independent layers stop what no
    flow asks for: with any ``count - 1`` of them out of action, it still does not pass."""

    count: int
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Survives:
    """Every intended flow outlives the loss of any one zone."""

    what: Literal["zone"] = "zone"
    origin: Origin = IMPLICIT


Guarantee = Never | Layers | Survives


@dataclass(frozen=True, slots=True)
class Policy:
    flows: tuple[Flow, ...]
    guarantees: tuple[Guarantee, ...] = ()
