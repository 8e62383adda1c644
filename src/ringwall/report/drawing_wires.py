"""Wires of a drawing: trunks, the level lines of sources over them, arrows and their labels."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ringwall.report.arrange import PILL_SIZE, pill_text
from ringwall.report.layout import Box, VpcBox, Wire
from ringwall.report.markup import element, number
from ringwall.report.shapes import arrowhead, rect
from ringwall.report.theme import accent_of
from ringwall.report.wiring import INTERNET_END, NAT_END

_CORNER = 8.0
DASH = "5 4"


def _tier(laid: VpcBox, key: str) -> str:
    if key == NAT_END:
        return "public"
    bars = [bar for band in laid.bands for bar in band.bars]
    return next((bar.item.tier for bar in [*bars, *laid.buckets] if bar.item.key == key), "")


def wire_elements(laid: VpcBox) -> Iterator[Element]:
    """Trunks first, then the level lines over them with a gap, then the dots."""
    for wire in laid.wires:
        group = element("g", class_=accent_of(_tier(laid, wire.trunk.target)))
        group.append(element("title", "; ".join(wire.trunk.tips)))
        dash = DASH if wire.trunk.added else None
        group.append(element("path", d=_trunk(wire), class_="wire al", stroke_dasharray=dash))
        yield group
    reach: dict[tuple[str, str], tuple[float, float, float]] = {}
    for wire in laid.wires:
        for key, x, y in wire.joins:
            far = wire.x - x
            best = reach.get((key, wire.trunk.side))
            if best is None or abs(far) > abs(best[1] - best[0]):
                reach[(key, wire.trunk.side)] = (x, wire.x, y)
    for (key, _), (x, far, y) in reach.items():
        yield _level(laid, accent_of(_tier(laid, key)), (x, far), y)
    for wire in laid.wires:
        yield from _arrow(laid, wire)
    for wire in laid.wires:
        dots = element("g", class_=accent_of(_tier(laid, wire.trunk.target)))
        for _, _, y in wire.joins:
            dots.append(element("circle", cx=wire.x, cy=y, r=3.4, class_="ad"))
        yield dots


def _level(laid: VpcBox, accent: str, ends: tuple[float, float], y: float) -> Element:
    """A source's line from its bar to the farthest trunk that it joins."""
    start, far = ends
    group = element("g", class_=accent)
    step = 7.0 if far > start else -7.0
    group.append(_halo(laid, start, far - step, y))
    line = f"M{number(start)} {number(y)}H{number(far)}"
    group.append(element("path", d=line, class_="wire al"))
    return group


def _halo(laid: VpcBox, start: float, end: float, y: float) -> Element:
    """A gap in the trunks under a level line; only where the ground is the VPC's own."""
    low, high = sorted((start, end))
    if laid.bands and start > laid.bands[0].box.x:
        low = max(low, laid.bands[0].box.right + 4)
    elif laid.bands:
        high = min(high, laid.bands[0].box.x - 4)
    high = max(low, min(high, laid.box.right - 12))
    return element("path", d=f"M{number(low)} {number(y)}H{number(high)}", class_="halo")


def _ys(wire: Wire) -> list[float]:
    ys = [y for _, _, y in wire.joins]
    if INTERNET_END in wire.trunk.sources or wire.trunk.target == INTERNET_END:
        ys.append(wire.top)
    return ys


def _trunk(wire: Wire) -> str:
    """The vertical part; it stops short of a corner at the target."""
    ys = _ys(wire)
    end = wire.end[1]
    low, high = min(ys), max(ys)
    if wire.trunk.target == INTERNET_END:
        return f"M{number(wire.x)} {number(high)}V{number(end + 5)}"
    if end <= low:
        low = end + _CORNER
    elif end >= high:
        high = end - _CORNER
    return f"M{number(wire.x)} {number(low)}V{number(high)}"


def _arrow(laid: VpcBox, wire: Wire) -> Iterator[Element]:
    group = element("g", class_=accent_of(_tier(laid, wire.trunk.target)))
    x, y = wire.end
    if wire.trunk.target == INTERNET_END:
        group.append(arrowhead(x, y, 0, 1))
        yield group
        return
    side = 1.0 if x > wire.x else -1.0
    ys = _ys(wire)
    corner = wire.x
    turn = ""
    if y <= min(ys) or y >= max(ys):
        corner = wire.x + side * _CORNER
        from_y = y + _CORNER if y <= min(ys) else y - _CORNER
        bend = f"{number(wire.x)} {number(y)} {number(corner)} {number(y)}"
        turn = f"M{number(wire.x)} {number(from_y)}Q{bend}"
    dash = DASH if wire.trunk.added else None
    tip = x - side * 6
    group.append(_halo(laid, corner + side * 3, tip, y))
    start = turn or f"M{number(corner)} {number(y)}"
    group.append(
        element("path", d=f"{start}H{number(tip)}", class_="wire al", stroke_dasharray=dash)
    )
    group.append(arrowhead(x, y, side, 0))
    yield group


def flow_label(wire: Wire, box: Box, laid: VpcBox) -> Element:
    group = element("g", class_=accent_of(_tier(laid, wire.trunk.target)))
    group.append(element("title", "; ".join(wire.trunk.tips)))
    group.append(rect(box, box.h / 2, "surface ae", stroke_width=1.0))
    group.append(
        element(
            "text",
            pill_text(wire.trunk.label),
            x=box.x + box.w / 2,
            y=box.y + 11.6,
            font_size=PILL_SIZE,
            text_anchor="middle",
            class_="ai mono",
        )
    )
    return group
