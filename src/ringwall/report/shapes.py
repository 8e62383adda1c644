"""The shapes that a drawing is made of: boxes, lines of text, icons, arrowheads."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ringwall.report.icons import icon_path
from ringwall.report.layout import Box
from ringwall.report.markup import element, number
from ringwall.report.metrics import fit
from ringwall.report.words import clean


def rect(box: Box, radius: float, class_: str, **more: str | float) -> Element:
    return element(
        "rect", x=box.x, y=box.y, width=box.w, height=box.h, rx=radius, class_=class_, **more
    )


def text(
    words: str,
    x: float,
    y: float,
    size: float,
    class_: str,
    *,
    room: float = 0,
    weight: int = 400,
    anchor: str | None = None,
) -> Element:
    """One line of text; with ``room`` it is cut to fit and carries the whole as its title."""
    words = clean(words)
    mono = "mono" in class_.split()
    shown = fit(words, room, size, mono=mono, bold=weight > 500) if room else words
    made = element(
        "text",
        shown,
        x=x,
        y=y,
        font_size=size,
        font_weight=float(weight) if weight != 400 else None,
        text_anchor=anchor,
        class_=class_,
    )
    if shown != words:
        made.append(element("title", words))
    return made


def icon(kind: str, x: float, y: float, scale: float = 1.0) -> Element:
    grown = f" scale({number(scale)})" if scale != 1 else ""
    return element(
        "path",
        d=icon_path(kind),
        transform=f"translate({number(x)} {number(y)}){grown}",
        class_="icon al",
    )


def arrowhead(x: float, y: float, right: float, up: float) -> Element:
    """An arrowhead whose tip is at (x, y): pointing right (1) or left (-1), or up."""
    if up:
        points = ((x, y), (x - 4.5, y + 8), (x + 4.5, y + 8))
    else:
        points = ((x, y), (x - right * 8, y - 4.5), (x - right * 8, y + 4.5))
    path = "L".join(f"{number(px)} {number(py)}" for px, py in points)
    return element("path", d=f"M{path}Z", class_="ad")
