"""Read ``ringwall.yaml`` and keep the place of every value.

Three passes, each of which tells all that it finds: the text (:mod:`ringwall.spec.source`), the
shapes (:mod:`ringwall.spec.shape`), and what several values say together
(:mod:`ringwall.spec.check`). Only a text that is no YAML ends the reading early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.spec.check import check
from ringwall.spec.model import Spec
from ringwall.spec.shape import shape
from ringwall.spec.sheet import Sheet
from ringwall.spec.source import Document, Key, read
from ringwall.spec.syntax import place_of

#: A hundred times the largest spec that a VPC's quotas leave room for.
MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A valid spec, and the place of each of its values under its path of keys.

    Paths are spelt as in the file: ``("services", "api", "from", 0)``. ``keys`` holds the place
    of each key.
    """

    spec: Spec
    source: str
    origins: Mapping[Key, Origin]
    keys: Mapping[Key, Origin] = field(default_factory=dict)

    def origin(self, *key: str | int) -> Origin:
        """The place of a value, or of the nearest parent that the file does write."""
        while key:
            if key in self.origins:
                return self.origins[key]
            key = key[:-1]
        return Origin(self.source, line=1, column=1)


def load_spec(path: Path) -> SpecFile:
    """Read and check a file; raises InputError with every mistake found."""
    return parse_spec(text_of(path), str(path))


def parse_spec(text: str, source: str = "ringwall.yaml") -> SpecFile:
    """Read and check text; raises InputError with every mistake found."""
    document = read(text, source)
    shaped = shape(document)
    found = [*document.diagnostics, *shaped.diagnostics]
    if shaped.spec is not None:
        left, names = shaped.document, _declared(document)
        sheet = Sheet(shaped.spec, left.origins, left.keys, names, whole=not found)
        found += check(sheet)
    if found or shaped.spec is None:
        raise InputError(_in_order(found))
    return SpecFile(shaped.spec, source, document.origins, document.keys)


def _declared(document: Document) -> tuple[str, ...]:
    services = document.values.get("services")
    return tuple(services) if isinstance(services, dict) else ()


def _in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """As a reader meets them from the top of the file; the same complaint only once."""
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda one: (one.origin.line or 0, one.origin.column or 0, one.code))


def text_of(path: Path) -> str:
    """The text of a file; raises InputError where there is none to be had."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(
            path, "there is no such file", "`ringwall init` writes one to start from"
        ) from None
    except IsADirectoryError:
        raise _unreadable(
            path, "this is a folder, not a file", "name the file in it: `ringwall.yaml`"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(
            path, f"the file cannot be read: {reason.lower()}", "check its path and permissions"
        ) from None
    if len(data) > MAX_BYTES:
        raise _unreadable(
            path,
            f"the file is larger than {MAX_BYTES // 1024} KiB, which no spec needs",
            "is this the right file?",
        )
    return _decoded(data, str(path))


def _unreadable(path: Path, message: str, help: str) -> InputError:
    return InputError.at(Origin(str(path)), "RW-SPEC-001", message, help)


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        raise InputError.at(
            place_of(before, len(before), source),
            "RW-SPEC-001",
            f"the byte 0x{data[error.start]:02x} here is not UTF-8",
            "save the file as UTF-8 text",
        ) from None
