"""How wide a text is, by estimate: no font is read, so the estimate takes the widest common one.

The classes follow the proportions of Verdana and DejaVu Sans, which are wider than the fonts that
most readers have; a text that fits by this estimate fits.
"""

from __future__ import annotations

import unicodedata

_NARROW = frozenset("iljtfrI.,:;'|![]()/\\ `\"-·")
_WIDE = frozenset("mwMWOQGD@%&—…→")
_MONO = 0.605


def _share(character: str) -> float:
    """The width of one character in ems."""
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.42
    if character in _WIDE:
        return 0.92
    if character.isupper():
        return 0.7
    return 0.63


def text_width(text: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """The width in pixels of a text set at ``size`` pixels."""
    if mono:
        wide = sum(1.2 if unicodedata.east_asian_width(c) in "WF" else _MONO for c in text)
        return wide * size
    return sum(_share(character) for character in text) * size * (1.08 if bold else 1.0)


def fit(text: str, room: float, size: float, *, mono: bool = False, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it would not fit into ``room`` pixels."""
    if text_width(text, size, mono=mono, bold=bold) <= room:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size, mono=mono, bold=bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…" if kept else ""
