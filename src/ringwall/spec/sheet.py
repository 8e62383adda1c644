"""What a check across values looks at: the spec, and the place of everything in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.spec.model import Service, Spec
from ringwall.spec.source import Key

INTERNET = "internet"
#: The interface endpoints stand in the network as one pseudo service.
ENDPOINTS = "endpoints"
TIERS = ("public", "app", "data")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One spec under examination.

    ``declared`` has the name of every service that the file speaks of, those with a mistake of
    shape included (they are not in ``spec.services``, and nothing can be said about them).
    ``whole`` is False where anything at all was taken out: then nothing is said to be missing.
    """

    spec: Spec
    origins: Mapping[Key, Origin]
    keys: Mapping[Key, Origin] = field(default_factory=dict)
    declared: tuple[str, ...] = ()
    whole: bool = True

    def place(self, *path: str | int) -> Origin:
        """The place of a value, or of the nearest thing above it that the file writes."""
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins[path]

    def key(self, *path: str | int) -> Origin:
        """The place of a key; of the value where it has none (an entry of a list)."""
        return self.keys.get(path) or self.place(*path)

    def service(self, name: str) -> Service | None:
        """A service of the spec; None for one that is unknown, or known but faulty."""
        return self.spec.services.get(name)


#: A rule looks at the sheet and complains. It may rely on every shape, and on nothing else.
Rule = Callable[[Sheet], Iterator[Diagnostic]]
