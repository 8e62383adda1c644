"""What the text of a ``never`` guarantee says: ``SOURCE -> TARGET``."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.policy import INTERNET, Selector
from ringwall.spec.model import Spec
from ringwall.spec.sheet import ENDPOINTS, TIERS
from ringwall.spec.sheet import INTERNET as INTERNET_WORD

ARROW = "->"


@dataclass(frozen=True, slots=True)
class Ends:
    """The two names as written."""

    source: str
    target: str


def ends_of(text: str) -> Ends | None:
    """The two ends that a text names, or None where it is not ``SOURCE -> TARGET``."""
    parts = text.split(ARROW)
    if len(parts) != 2:
        return None
    source, target = (part.strip() for part in parts)
    if not source or not target or len(source.split()) > 1 or len(target.split()) > 1:
        return None
    return Ends(source, target)


def known_ends(services: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that an end may name."""
    return (*services, INTERNET_WORD, *TIERS, ENDPOINTS)


def selector(name: str, spec: Spec) -> Selector:
    """The ends that a name selects; raises KeyError on a name that says nothing here."""
    if name == INTERNET_WORD:
        return INTERNET
    if name in TIERS:
        return Selector("tier", name)
    if name in spec.services or name == ENDPOINTS:
        return Selector("service", name)
    raise KeyError(f"no end of traffic is called {name}")


def never_ends(text: str, spec: Spec) -> tuple[Selector, Selector]:
    """The two ends of a checked ``never``; raises ValueError or KeyError on any other text."""
    ends = ends_of(text)
    if ends is None:
        raise ValueError(f"{text!r} is not SOURCE {ARROW} TARGET")
    return selector(ends.source, spec), selector(ends.target, spec)
