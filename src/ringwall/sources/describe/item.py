"""One object of a dump with its place, read through accessors that say what is amiss and where.

A key that is absent and a key whose value is null are the same thing: AWS's clients differ in
which of the two they write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringwall.model.addresses import (
    AddressSet,
    IPNetwork,
    of_address,
    of_network,
    parse_network,
)
from ringwall.model.errors import InputError
from ringwall.model.origin import Origin
from ringwall.model.tags import Tags
from ringwall.sources.describe.text import Obj

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TAG_LISTS = ("Tags", "TagSet", "TagList")
_LONGEST = 60


def shown(value: object) -> str:
    """The user's own words for a message: short, in one line."""
    text = value if isinstance(value, str) else str(value)
    text = _CONTROL.sub("?", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def region_in(text: str) -> str:
    """The Region that a zone's name, an ARN or a path begins with or holds; else empty."""
    found = _REGION.search(text)
    return found.group() if found else ""


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names: tuple[tuple[type, str], ...] = (
        (dict, "an object"),
        (list, "a list"),
        (str, "text"),
        (int, "a number"),
        (float, "a number with a fraction"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "nothing")


@dataclass(frozen=True, slots=True)
class Item:
    """``pointer`` is the path from the file's top, such as ``NetworkAcls/3/Entries/0``."""

    data: Obj
    source: str
    pointer: str

    @property
    def origin(self) -> Origin:
        return Origin(self.source, self.pointer, line=self.data.line)

    @property
    def region(self) -> str:
        """The Region that the names of the file and its folders tell; empty if they tell none."""
        return region_in(f"{self.source}/{self.pointer}")

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def error(
        self, key: str, message: str, help: str = "", code: str = "RW-DUMP-007"
    ) -> InputError:
        where = Origin(self.source, f"{self.pointer}/{key}", line=self.data.line)
        return InputError.at(where, code, message, help)

    def _wrong(self, key: str, value: object, wanted: str) -> InputError:
        message = f"`{key}` should be {wanted}, and is {_kind(value)}"
        return self.error(key, message, "give the call's output as AWS wrote it", "RW-DUMP-006")

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(key, value, "text")
        return value

    def need(self, key: str) -> str:
        """A text that must be there: an id."""
        value = self.text(key)
        if not value:
            raise self.error(key, f"`{key}` is missing here", "run the call again", "RW-DUMP-008")
        if _CONTROL.search(value):
            raise self.error(key, f"`{key}` holds a control character: `{shown(value)}`")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(key, value, "true or false")
        return value

    def number(self, key: str) -> int | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, value, "a whole number")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._list(key)
        for index, value in enumerate(found):
            if not isinstance(value, str):
                raise self._wrong(f"{key}/{index}", value, "text")
        return tuple(value for value in found if isinstance(value, str))

    def numbers(self, key: str) -> tuple[int, ...]:
        found = self._list(key)
        for index, value in enumerate(found):
            if isinstance(value, bool) or not isinstance(value, int):
                raise self._wrong(f"{key}/{index}", value, "a whole number")
        return tuple(value for value in found if isinstance(value, int))

    def items(self, key: str) -> list[Item]:
        return items_of(self._list(key), self.source, f"{self.pointer}/{key}")

    def item(self, key: str) -> Item | None:
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, Obj):
            raise self._wrong(key, value, "an object")
        return Item(value, self.source, f"{self.pointer}/{key}")

    def _list(self, key: str) -> list[object]:
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(key, value, "a list")
        return value

    def network(self, key: str) -> IPNetwork | None:
        """A CIDR block; None where the key is absent or empty."""
        value = self.text(key)
        return network_at(self, key, value) if value else None

    def address(self, key: str) -> AddressSet | None:
        """One address as a set; None where the key is absent or empty."""
        value = self.text(key)
        if not value:
            return None
        try:
            return of_address(value)
        except ValueError:
            raise self.error(key, f"`{shown(value)}` is no IP address") from None

    def block(self, key: str) -> AddressSet | None:
        """A CIDR block as a set of addresses; None where the key is absent or empty."""
        found = self.network(key)
        return None if found is None else of_network(found)

    def tags(self) -> Tags:
        found: dict[str, str] = {}
        for name in _TAG_LISTS:
            for tag in self.items(name):
                found[tag.text("Key")] = tag.text("Value")
        return found


def network_at(item: Item, key: str, value: str) -> IPNetwork:
    """A CIDR block read from text; InputError at the key where it is none."""
    try:
        return parse_network(value)
    except ValueError:
        raise item.error(
            key,
            f"`{shown(value)}` is no CIDR block",
            "write it as `10.0.0.0/16` or `2001:db8::/56`",
        ) from None


def items_of(values: list[object], source: str, pointer: str) -> list[Item]:
    """A list of objects as items; InputError where a member is none."""
    found: list[Item] = []
    for index, value in enumerate(values):
        place = f"{pointer}/{index}"
        if not isinstance(value, Obj):
            raise InputError.at(
                Origin(source, place),
                "RW-DUMP-006",
                f"`{place}` should be an object, and is {_kind(value)}",
                "give the call's output as AWS wrote it",
            )
        found.append(Item(value, source, place))
    return found
