"""Where a fact about the network came from, so that every answer can point back at it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in the user's material.

    ``source`` is a file path or an API call, ``pointer`` the element inside it (a logical id such
    as ``AppNacl``, or a path such as ``NetworkAcls/3/Entries/0``), ``line`` and ``column`` count
    from 1 and are absent where the material has no lines.
    """

    source: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = self.source
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place} {self.pointer}".strip()


#: The origin of what AWS adds by itself (a VPC's default NACL in a template, a local route).
IMPLICIT = Origin("implicit")
