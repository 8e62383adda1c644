"""What goes wrong with what the user gave us: always with its place and its mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringwall.model.origin import Origin


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One complaint: lower case, no final full stop, the user's words in backticks.

    ``code`` is stable (``RW-SPEC-004``), ``help`` the mend, ``related`` further places with a
    word on each.
    """

    code: str
    message: str
    origin: Origin
    help: str = ""
    related: tuple[tuple[Origin, str], ...] = ()


class InputError(Exception):
    """Bad input; the command line prints the diagnostics and exits with 2."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{one.origin}: {one.message}" for one in self.diagnostics))

    @classmethod
    def at(cls, origin: Origin, code: str, message: str, help: str = "") -> InputError:
        return cls([Diagnostic(code, message, origin, help)])
