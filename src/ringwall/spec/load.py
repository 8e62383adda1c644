"""Read ``ringwall.yaml`` and keep the place of every value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringwall.model.origin import Origin
from ringwall.spec.model import Spec

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A valid spec, and the place of each of its values under its path of keys."""

    spec: Spec
    source: str
    origins: Mapping[Key, Origin]

    def origin(self, *key: str | int) -> Origin:
        """The place of a value, or of the nearest parent that the file does write."""
        while key:
            if key in self.origins:
                return self.origins[key]
            key = key[:-1]
        return Origin(self.source, line=1, column=1)


def load_spec(path: Path) -> SpecFile:
    """Read and check a file; raises InputError with every mistake found."""
    raise NotImplementedError


def parse_spec(text: str, source: str = "ringwall.yaml") -> SpecFile:
    """Read and check text; raises InputError with every mistake found."""
    raise NotImplementedError
