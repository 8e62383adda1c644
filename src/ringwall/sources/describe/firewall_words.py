"""Addresses and ports as stateful rules of a Network Firewall write them, variables included.

A word is ``ANY``, one value, ``!word``, ``[word,word]``, ``$VARIABLE`` or ``@REFERENCE`` (a prefix
list). What cannot be resolved is None: then the rule may hold less than everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, of_network, parse_network
from ringwall.model.intervals import IntervalSet

#: Variables may name each other; nobody nests them this deeply but in a circle.
_DEEPEST = 8
ALL_PORTS = IntervalSet(((0, 65535),))


@dataclass(frozen=True, slots=True)
class Words:
    """``addresses`` and ``ports`` are the definitions of variables, ``lists`` the contents of
    referenced prefix lists (None: not known), all by name without ``$`` or ``@``."""

    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: Mapping[str, AddressSet | None] = field(default_factory=dict)
    _read_before: dict[tuple[str, bool], IntervalSet | None] = field(default_factory=dict)

    def address_set(self, text: str) -> AddressSet | None:
        return self._read(text, _block, self.addresses, ALL_ADDRESSES, 0)

    def port_set(self, text: str) -> IntervalSet | None:
        return self._read(text, _span, self.ports, ALL_PORTS, 0)

    def _read(
        self,
        text: str,
        single: Callable[[str], IntervalSet | None],
        variables: Mapping[str, tuple[str, ...]],
        everything: IntervalSet,
        depth: int,
    ) -> IntervalSet | None:
        word = text.strip()
        if depth > _DEEPEST or not word:
            return None
        if word.lower() == "any":
            return everything
        if word[0] == "!":
            inner = self._read(word[1:], single, variables, everything, depth + 1)
            return None if inner is None else everything - inner
        if word[0] == "@":
            return self.lists.get(word[1:])
        if word[0] == "[" and word[-1] == "]":
            return self._join(split_list(word[1:-1]), single, variables, everything, depth + 1)
        if word[0] != "$":
            return single(word)
        parts, key = variables.get(word[1:]), (word, variables is self.ports)
        if parts is None:
            return None
        if key not in self._read_before:
            self._read_before[key] = None  # what names itself is not known
            found = self._join(parts, single, variables, everything, depth + 1)
            self._read_before[key] = found
        return self._read_before[key]

    def _join(
        self,
        parts: tuple[str, ...],
        single: Callable[[str], IntervalSet | None],
        variables: Mapping[str, tuple[str, ...]],
        everything: IntervalSet,
        depth: int,
    ) -> IntervalSet | None:
        """A list holds what its plain members hold, less what its negated ones name."""
        plain = [one for one in parts if not one.strip().startswith("!")]
        barred = [one.strip()[1:] for one in parts if one.strip().startswith("!")]
        read = [self._read(one, single, variables, everything, depth) for one in (*plain, *barred)]
        known = [one for one in read if one is not None]
        if len(known) != len(read) or not known:
            return None
        held = IntervalSet.union_of(known[: len(plain)]) if plain else everything
        return held - IntervalSet.union_of(known[len(plain) :])


def split_list(text: str) -> tuple[str, ...]:
    """The members of a list, at its commas outside inner lists."""
    found, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
    return (*found, text[start:])


def _block(word: str) -> AddressSet | None:
    try:
        return of_network(parse_network(word))
    except ValueError:
        return None


def _span(word: str) -> IntervalSet | None:
    low, _, high = word.partition(":")
    low, high = low or "0", (high or "65535") if ":" in word else low
    if not (low.isascii() and low.isdigit() and high.isascii() and high.isdigit()):
        return None
    span = (int(low[:6]), int(high[:6]))
    return IntervalSet((span,)) if span[0] <= span[1] <= 65535 else None
