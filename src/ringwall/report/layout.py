"""Where everything of a drawing goes: boxes in pixels, computed before anything is drawn.

One VPC is laid out at a time: zones are columns, tiers are rows (bands), a service is one bar over
the zones it runs in. Heights come first (they depend on how many wires meet a bar), then lanes for
the wires, then widths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringwall.model.addresses import show_addresses
from ringwall.model.network import Network, NetworkInterface, Subnet
from ringwall.report.inventory import Band, Part, VpcView, nat_gateways
from ringwall.report.wiring import NAT_END, Side, Trunk, slots

MARGIN = 32.0
INTERNET_H = 52.0
IGW_GAP = 54.0
VPC_HEAD = 76.0
BAND_HEAD = 30.0
CELL_HEAD = 28.0
BAR_H = 46.0
BAR_GAP = 10.0
BAND_GAP = 18.0
ZONE_GAP = 16.0
PAD = 12.0
SLOT = 20.0
LANE = 15.0
PILL_SIZE = 10.5
PILL_H = 16.0
BUCKET_W = 200.0
BUCKET_H = 46.0
DOOR_W = 116.0
MOST_LINES = 14


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def middle(self) -> float:
        return self.y + self.h / 2

    def meets(self, other: Box) -> bool:
        """Do the two share any area?"""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Item:
    """What a bar shows. ``marks`` gives, per zone, the words beside the dot in that zone."""

    key: str
    name: str
    words: str
    icon: str
    tier: str
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bar:
    """``dots`` are the x of each zone that the item runs in, with the words beside the dot."""

    item: Item
    box: Box
    dots: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    box: Box
    subnet: Subnet


@dataclass(frozen=True, slots=True)
class BandBox:
    band: Band
    box: Box
    cells: tuple[Cell, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Wire:
    """A trunk in its lane ``x``. It meets its target at ``end`` (the tip of the arrow: a bar's
    edge, or the lower edge of the Internet), its sources at ``joins`` (the x of the edge that
    each leaves, and the y), and carries its label on ``pill``; ``top`` is the Internet's edge."""

    trunk: Trunk
    x: float
    end: tuple[float, float]
    joins: tuple[tuple[str, float, float], ...]
    pill: Box | None
    top: float


@dataclass(frozen=True, slots=True)
class VpcBox:
    """``doors`` are the gateway endpoints on its right edge, with their words."""

    view: VpcView
    box: Box
    internet: Box | None
    gateway: Box | None
    zones: tuple[tuple[str, Box], ...]
    bands: tuple[BandBox, ...]
    wires: tuple[Wire, ...]
    buckets: tuple[Bar, ...]
    doors: tuple[tuple[str, Box], ...]

    @property
    def right(self) -> float:
        edges = [self.box.right, *(one.box.right for one in self.buckets)]
        return max([*edges, *(door.right for _, door in self.doors)])

    @property
    def bottom(self) -> float:
        edges = [self.box.bottom, *(one.box.bottom for one in self.buckets)]
        return max([*edges, *(door.bottom for _, door in self.doors)])


@dataclass(frozen=True, slots=True)
class Line:
    """Bars that stand side by side at one height."""

    items: tuple[Item, ...]
    y: float
    h: float


@dataclass(frozen=True, slots=True)
class Row:
    band: Band
    y: float
    h: float
    lines: tuple[Line, ...]


def part_item(part: Part, band: Band) -> Item:
    marks: dict[str, str] = {}
    inside: list[NetworkInterface] = []
    for zone, subnet in sorted(band.subnets.items()):
        here = [one for one in part.interfaces if one.subnet == subnet.id]
        if here:
            marks[zone] = _mark(here)
            inside += here
    words = part.words
    if len(inside) == 1 and inside[0].pinned and inside[0].addresses:
        words = f"{words} · {show_addresses(inside[0].addresses, most=1)}"
    return Item(part.key, part.name, words, part.kind, band.tier, marks)


def _mark(here: Sequence[object]) -> str:
    return f"×{len(here)}" if len(here) > 1 else ""


def band_items(network: Network, band: Band) -> list[Item]:
    """The bars of a row: NAT gateways first, then the parts."""
    items: list[Item] = []
    gateways = nat_gateways(network, band)
    if gateways:
        total = sum(len(here) for here in gateways.values())
        name = "NAT gateway" if total == 1 else "NAT gateways"
        marks = {zone: _mark(here) for zone, here in gateways.items()}
        words = "one for all zones" if total == 1 and len(band.subnets) > 1 else "one per zone"
        if total != len(gateways) or 1 < total < len(band.subnets):
            words = f"{total} in all"
        items.append(Item(NAT_END, name, words, "nat-gateway", band.tier, marks))
    return items + [part_item(part, band) for part in band.parts]


def _pack(items: Sequence[Item], zones: Sequence[str], wired: set[str]) -> list[list[Item]]:
    """Items as lines: what has wires stands alone, the rest share a line where zones allow."""
    lines: list[list[Item]] = []
    spare: list[tuple[list[Item], list[tuple[int, int]]]] = []
    for item in items:
        spots = [zones.index(zone) for zone in item.marks]
        low, high = min(spots), max(spots)
        free = next(
            (one for one in spare if all(high < a or b < low for a, b in one[1])),
            None,
        )
        if item.key in wired or free is None:
            lines.append([item])
            if item.key not in wired:
                spare.append((lines[-1], [(low, high)]))
            continue
        free[0].append(item)
        free[1].append((low, high))
    return lines


def _more(lines: list[list[Item]], tier: str) -> list[list[Item]]:
    """At most MOST_LINES lines; the last one then says how much is left out."""
    if len(lines) <= MOST_LINES:
        return lines
    rest = [item for line in lines[MOST_LINES - 1 :] for item in line]
    zones = sorted({zone for item in rest for zone in item.marks})
    more = Item(
        f"more {rest[0].key}", f"and {len(rest)} more", "not drawn", "other", tier,
        dict.fromkeys(zones, ""),
    )  # fmt: skip
    return [*lines[: MOST_LINES - 1], [more]]


def _height(item: Item, trunks: Sequence[Trunk]) -> float:
    most = 0
    sides: tuple[Side, Side] = ("left", "right")
    for side in sides:
        arriving, leaving = slots(trunks, item.key, side)
        most = max(most, len(arriving) + leaving)
    return max(BAR_H, most * SLOT + 10)


def stack(network: Network, view: VpcView, trunks: Sequence[Trunk], top: float) -> tuple[Row, ...]:
    """The rows from ``top`` down."""
    wired = {trunk.target for trunk in trunks} | {key for t in trunks for key in t.sources}
    rows: list[Row] = []
    y = top
    seen: set[str] = set()
    for band in view.bands:
        items = [one for one in band_items(network, band) if one.marks]
        first = [one for one in items if one.key not in seen]
        busy = wired & {one.key for one in first}
        seen |= {one.key for one in items}
        line_y = y + BAND_HEAD + CELL_HEAD + 2
        lines: list[Line] = []
        for line in _more(_pack(items, view.zones, busy), band.tier):
            height = max(_height(item, trunks) for item in line)
            lines.append(Line(tuple(line), line_y, height))
            line_y += height + BAR_GAP
        height = max(line_y - BAR_GAP + PAD * 2, y + BAND_HEAD + CELL_HEAD + PAD + 10) - y
        rows.append(Row(band, y, height, tuple(lines)))
        y += height + BAND_GAP
    return tuple(rows)


def heights_of(rows: Sequence[Row], trunks: Sequence[Trunk]) -> dict[tuple[str, Side, int], float]:
    """The y of every arrival and departure at a bar; a part in two rows is met in its first."""
    found: dict[tuple[str, Side, int], float] = {}
    sides: tuple[Side, Side] = ("left", "right")
    for line in (line for row in rows for line in row.lines):
        for item in line.items:
            for side in sides:
                arriving, leaving = slots(trunks, item.key, side)
                ends = [*arriving, *([-1] if leaving else [])]
                start = line.y + line.h / 2 - (len(ends) - 1) * SLOT / 2
                for at, end in enumerate(ends):
                    found.setdefault((item.key, side, end), start + at * SLOT)
    return found
