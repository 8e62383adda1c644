"""Small wording that every renderer shares: counts, lists, names made safe, places, widths.

Names come from other people's files and accounts, so :func:`clean` is applied before any of them
is printed: what a terminal or an XML reader would act on is shown, not obeyed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from ringwall.model.addresses import V6_BASE, AddressSet, address_at, networks_of
from ringwall.model.origin import IMPLICIT, Origin

#: Characters that reorder the text around them; a name that carries them can lie about itself.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _safe(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Cs", "Zl", "Zp"} or character in _BIDI:
        return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
    if ord(character) & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return character


def clean(text: str) -> str:
    """The text with control, line-breaking and reordering characters shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_safe(character) for character in text)


def columns_of(text: str) -> int:
    """How many columns of a terminal the (clean) text takes."""
    if text.isascii():
        return len(text)
    wide = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
    return wide - sum(1 for one in text if unicodedata.combining(one) or one == "\u200d")


def cut(text: str, most: int) -> str:
    """At most ``most`` columns of the text, an ellipsis in place of what is left off."""
    if columns_of(text) <= most:
        return text
    kept = ""
    for character in text:
        if columns_of(kept + character) > most - 1:
            break
        kept += character
    return f"{kept}…"


def count(number: int, one: str, many: str = "") -> str:
    """``1 flow``, ``2 flows``, ``1,204 flows``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Iterable[str], *, joint: str = "and", most: int = 0) -> str:
    """``a``, ``a and b``, ``a, b and c``; with ``most``, the rest is counted."""
    all_words = list(words)
    if most and len(all_words) > most:
        all_words = [*all_words[:most], f"{len(all_words) - most} more"]
    if len(all_words) < 2:
        return "".join(all_words)
    return f"{', '.join(all_words[:-1])} {joint} {all_words[-1]}"


def place(origin: Origin) -> str:
    """A place for a person: ``file:line:col pointer``, or what AWS adds by itself."""
    if origin == IMPLICIT:
        return "implicit"
    return clean(str(origin))


def cidrs(addresses: AddressSet) -> list[str]:
    """The set as CIDR blocks, IPv4 first; a single address is a /32 or /128."""
    return [str(block) for block in networks_of(addresses)]


def blocks(addresses: AddressSet, *, most: int = 3) -> str:
    """The set for a person: CIDR blocks where they are exact, ``first-last`` elsewhere."""
    shown = [_stretch(low, high) for low, high in addresses.intervals[:most]]
    if len(addresses.intervals) > most:
        shown.append(f"{len(addresses.intervals) - most} more")
    return listed(shown) or "nothing"


def _stretch(low: int, high: int) -> str:
    if low < V6_BASE <= high:
        return f"{address_at(low)}-{address_at(high)}"
    found = networks_of(AddressSet(((low, high),)))
    if len(found) == 1:
        return str(address_at(low)) if low == high else str(found[0])
    return f"{address_at(low)}-{address_at(high)}"


def span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def spans(ranges: Sequence[tuple[int, int]], *, most: int = 6) -> str:
    """``1024-1999, 2001-65535``."""
    shown = [span(low, high) for low, high in ranges[:most]]
    if len(ranges) > most:
        shown.append(f"and {len(ranges) - most} more")
    return ", ".join(shown) or "none"
