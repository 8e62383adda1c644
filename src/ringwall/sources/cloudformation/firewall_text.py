"""Addresses and ports as the stateful rules of Network Firewall write them (Suricata's way).

Pure text in, sets out; raises ValueError on what is not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, of_cidr
from ringwall.model.intervals import EMPTY, IntervalSet

_PORTS = IntervalSet(((0, 65535),))
_DEEPEST = 8
_Leaf = Callable[[str], IntervalSet]


def address_set(text: str, variables: Mapping[str, AddressSet]) -> AddressSet:
    """``ANY``, a block, ``$NAME``, ``!`` before any of them, or a bracketed list of them."""
    return _read(text, ALL_ADDRESSES, variables, of_cidr)


def port_set(text: str, variables: Mapping[str, IntervalSet]) -> IntervalSet:
    """``ANY``, a port, ``80:90``, ``80:``, ``$NAME``, ``!`` before any, or a list of them."""
    return _read(text, _PORTS, variables, _ports)


def _ports(text: str) -> IntervalSet:
    first, colon, last = text.partition(":")
    low = int(first or 0)
    high = int(last or 65535) if colon else low
    if not 0 <= low <= high <= 65535:
        raise ValueError(f"`{text}` is no port range")
    return IntervalSet(((low, high),))


def _read(
    text: str,
    whole: IntervalSet,
    variables: Mapping[str, IntervalSet],
    leaf: _Leaf,
    depth: int = 0,
) -> IntervalSet:
    word = text.strip()
    if depth > _DEEPEST:
        raise ValueError(f"`{text[:40]}` is nested too deep")
    if word.lower() == "any":
        return whole
    if word.startswith("!"):
        return whole - _read(word[1:], whole, variables, leaf, depth + 1)
    if word.startswith("[") and word.endswith("]"):
        return _listed(word[1:-1], whole, variables, leaf, depth)
    if word.startswith("$"):
        if word[1:] not in variables:
            raise ValueError(f"the variable `{word}` is not known")
        return variables[word[1:]]
    return leaf(word)


def _listed(
    text: str, whole: IntervalSet, variables: Mapping[str, IntervalSet], leaf: _Leaf, depth: int
) -> IntervalSet:
    """What the list names, less what it negates; only negations: everything less those."""
    named, denied, any_named = EMPTY, EMPTY, False
    for word in _words(text):
        if word.startswith("!"):
            denied |= _read(word[1:], whole, variables, leaf, depth + 1)
        else:
            named |= _read(word, whole, variables, leaf, depth + 1)
            any_named = True
    return (named if any_named else whole) - denied


def _words(text: str) -> list[str]:
    """The entries of a list: commas outside of inner brackets part them."""
    found, depth = [""], 0
    for letter in text:
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [one.strip() for one in found if one.strip()]
