"""One VPC arranged: heights from the wires, lanes from the heights, widths from the lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.report.inventory import Part, VpcView
from ringwall.report.layout import (
    BAND_HEAD,
    BUCKET_H,
    BUCKET_W,
    CELL_HEAD,
    DOOR_W,
    IGW_GAP,
    INTERNET_H,
    LANE,
    PAD,
    SLOT,
    VPC_HEAD,
    ZONE_GAP,
    BandBox,
    Bar,
    Box,
    Cell,
    Item,
    Line,
    Row,
    VpcBox,
    Wire,
    heights_of,
    stack,
)
from ringwall.report.metrics import fit, text_width
from ringwall.report.wiring import (
    INTERNET_END,
    NAT_END,
    Run,
    Side,
    Trunk,
    assign_lanes,
    gather,
)

PILL_SIZE = 10.5
PILL_H = 16.0
MOST_PILL = 190.0
MOST_BUCKETS = 8
BUCKET_GAP = 14.0
MIN_VPC_W = 520.0
GATEWAY_W, GATEWAY_H = 164.0, 32.0
ZONE_W = {1: 440.0, 2: 252.0, 3: 226.0}
_ZONE_W_MANY = 192.0


def pill_width(label: str) -> float:
    return min(MOST_PILL, text_width(label, PILL_SIZE, mono=True) + 14)


def pill_text(label: str) -> str:
    return fit(label, MOST_PILL - 14, PILL_SIZE, mono=True)


@dataclass(slots=True)
class _Sheet:
    """What the steps of the arrangement hand on."""

    network: Network
    view: VpcView
    trunks: tuple[Trunk, ...]
    rows: tuple[Row, ...]
    heights: dict[tuple[str, Side, int], float]
    top: float
    lanes: dict[int, int]
    buckets: list[Bar]

    def side(self, side: Side) -> list[int]:
        """The trunks drawn on a side, by index."""
        return [at for at in self.lanes if self.trunks[at].side == side]

    def pills(self, side: Side) -> float:
        """The widest label on a side that stands beside the rows."""
        labels = [
            self.trunks[at].label
            for at in self.side(side)
            if self.trunks[at].target not in self.bucket_keys
        ]
        return max((pill_width(label) for label in labels if label), default=0.0)

    def lane_count(self, side: Side) -> int:
        return max((self.lanes[at] + 1 for at in self.side(side)), default=0)

    @property
    def bucket_keys(self) -> set[str]:
        return {one.item.key for one in self.buckets}


def trunks_for(
    network: Network, policy: Policy, view: VpcView, parts: Sequence[Part]
) -> tuple[Trunk, ...]:
    """The trunks between what this VPC holds, the buckets and the Internet."""
    mine = {part.key for band in view.bands for part in band.parts}
    near = [one for one in parts if one.key in mine or one.kind == "bucket"]
    nat = any(one.vpc == view.vpc.id for one in network.nat_gateways.values())
    inside = mine | {NAT_END}
    return tuple(
        one
        for one in gather(policy, near, nat=nat)
        if one.target in inside or set(one.sources) & inside
    )


def arrange(
    network: Network,
    policy: Policy,
    view: VpcView,
    parts: Sequence[Part],
    *,
    corner: tuple[float, float],
    buckets: Sequence[Part],
) -> VpcBox:
    """Everything of one VPC, from ``corner`` (left, top) on; ``buckets`` stand beside it."""
    left, top = corner
    gateways = [one for one in network.internet_gateways.values() if view.vpc.id in one.vpcs]
    trunks = trunks_for(network, policy, view, parts)
    outside = bool(gateways) or any(INTERNET_END in (one.target, *one.sources) for one in trunks)
    vpc_y = top + (INTERNET_H + IGW_GAP if outside else 0.0)
    rows = stack(network, view, trunks, vpc_y + VPC_HEAD)
    sheet = _Sheet(network, view, trunks, rows, heights_of(rows, trunks), top + INTERNET_H, {}, [])
    bottom = rows[-1].y + rows[-1].h + PAD + 8 if rows else vpc_y + VPC_HEAD + 20
    sheet.buckets = _stand_buckets(sheet, buckets, vpc_y, bottom)
    sides: tuple[Side, Side] = ("left", "right")
    for side in sides:
        sheet.lanes |= _lanes(sheet, side)
    return _place(sheet, left, vpc_y, bottom, outside, bool(gateways))


def _stand_buckets(
    sheet: _Sheet, buckets: Sequence[Part], vpc_y: float, bottom: float
) -> list[Bar]:
    """The buckets beside the last rows, still without their x; no wire of theirs lies at the
    height of another."""
    if not buckets:
        return []
    arriving = [
        [at for at, trunk in enumerate(sheet.trunks) if trunk.target == one.key] for one in buckets
    ]
    sizes = [max(BUCKET_H, len(entries) * SLOT + 10) for entries in arriving]
    data = [row.y for row in sheet.rows if row.band.tier in {"data", "isolated"}]
    start = data[0] + BAND_HEAD if data else bottom
    start = max(vpc_y + 40, min(start, bottom - sum(sizes) - BUCKET_GAP * len(sizes)))
    taken = list(sheet.heights.values())
    for nudge in range(80):
        boxes, y = [], start + nudge / 2
        for size in sizes:
            boxes.append(Box(0, y, 0, size))
            y += size + BUCKET_GAP
        heights: dict[tuple[str, Side, int], float] = {
            (one.key, "right", entry): box.middle + SLOT * (at - (len(entries) - 1) / 2)
            for one, box, entries in zip(buckets, boxes, arriving, strict=True)
            for at, entry in enumerate(entries)
        }
        if all(abs(mine - other) > 5 for mine in heights.values() for other in taken):
            break
    sheet.heights.update(heights)
    return [
        Bar(Item(one.key, one.name, one.words, one.kind, one.tier, {}), box, ())
        for one, box in zip(buckets, boxes, strict=True)
    ]


def _run(sheet: _Sheet, at: int) -> Run | None:
    """The vertical stretch of a trunk; None where one of its ends is not drawn."""
    trunk = sheet.trunks[at]
    outside = trunk.target == INTERNET_END
    end = sheet.top if outside else sheet.heights.get((trunk.target, trunk.side, at))
    ys = [sheet.top] if INTERNET_END in trunk.sources else []
    found = (sheet.heights.get((key, trunk.side, -1)) for key in trunk.sources)
    ys += [y for y in found if y is not None]
    if end is None or not ys:
        return None
    return Run(min(end, *ys), max(end, *ys), last=trunk.target in sheet.bucket_keys)


def _lanes(sheet: _Sheet, side: Side) -> dict[int, int]:
    runs: dict[int, Run] = {}
    for at, trunk in enumerate(sheet.trunks):
        run = _run(sheet, at) if trunk.side == side else None
        if run:
            runs[at] = run
    return dict(zip(runs, assign_lanes(list(runs.values())), strict=True))


def _place(
    sheet: _Sheet, left: float, vpc_y: float, bottom: float, outside: bool, gateway: bool
) -> VpcBox:
    """Widths: gutters first, then columns, then what stands at the right edge."""
    zones = sheet.view.zones
    zone_w = ZONE_W.get(len(zones), _ZONE_W_MANY)
    lanes_left, lanes_right = sheet.lane_count("left"), sheet.lane_count("right")
    pills_left, pills_right = sheet.pills("left"), sheet.pills("right")
    gutter = 34 + lanes_left * LANE + pills_left + 14 if lanes_left else 20.0
    band_x = left + gutter
    band_w = 2 * PAD + len(zones) * zone_w + max(0, len(zones) - 1) * ZONE_GAP
    first_lane = band_x + band_w + 14 + pills_right + 14
    lanes_end = first_lane + lanes_right * LANE if lanes_right else band_x + band_w + 8
    doors = _door_words(sheet)
    vpc_right = max(left + MIN_VPC_W, lanes_end) + 12 + (DOOR_W / 2 + 8 if doors else 0)
    box = Box(left, vpc_y, vpc_right - left, bottom - vpc_y)
    buckets = _buckets(sheet, vpc_right + (DOOR_W / 2 if doors else 0))
    columns = {zone: band_x + PAD + at * (zone_w + ZONE_GAP) for at, zone in enumerate(zones)}
    bands = tuple(
        _band(row, columns, zone_w, Box(band_x, row.y, band_w, row.h)) for row in sheet.rows
    )
    column_h = bottom - vpc_y - 44 - PAD
    lane_x: dict[Side, Sequence[float]] = {
        "left": [left + 34 + (lanes_left - 1 - at) * LANE for at in range(lanes_left)],
        "right": [first_lane + at * LANE for at in range(lanes_right)],
    }
    return VpcBox(
        view=sheet.view,
        box=box,
        internet=Box(left, sheet.top - INTERNET_H, box.w, INTERNET_H) if outside else None,
        gateway=_gateway(box, lanes_left) if gateway else None,
        zones=tuple(
            (zone, Box(x - 3, vpc_y + 44, zone_w + 6, column_h)) for zone, x in columns.items()
        ),
        bands=bands,
        wires=_wires(sheet, bands, buckets, lane_x),
        buckets=buckets,
        doors=_doors(doors, buckets, box),
    )


def _gateway(box: Box, lanes: int) -> Box:
    """The internet gateway on the upper edge, over the lanes of what passes it."""
    width = max(GATEWAY_W, lanes * LANE + 40)
    return Box(box.x + 16, box.y - GATEWAY_H / 2, width, GATEWAY_H)


def _door_words(sheet: _Sheet) -> list[str]:
    """The gateway endpoints by their service, S3 first."""
    found = [
        one.service.rsplit(".", 1)[-1]
        for one in sheet.network.endpoints.values()
        if one.kind == "gateway" and one.vpc == sheet.view.vpc.id
    ]
    return sorted(found, key=lambda one: (one != "s3", one))


def _doors(words: Sequence[str], buckets: Sequence[Bar], box: Box) -> tuple[tuple[str, Box], ...]:
    made: list[tuple[str, Box]] = []
    x = box.right - DOOR_W / 2
    y = box.bottom - 70.0 * len(words)
    for word in words:
        wired = [one for one in buckets if one.item.tier] if word == "s3" else []
        if wired:
            low, high = wired[0].box.y, wired[-1].box.bottom
            made.append((word, Box(x, low, DOOR_W, high - low)))
            y = max(y, high + 14)
        else:
            made.append((word, Box(x, y, DOOR_W, BUCKET_H)))
            y += BUCKET_H + 14
    return tuple(made)


def _buckets(sheet: _Sheet, edge: float) -> tuple[Bar, ...]:
    labels = [one.label for one in sheet.trunks if one.target in sheet.bucket_keys]
    room = max((pill_width(label) for label in labels), default=0.0)
    x = edge + (room + 34 if room else 24)
    return tuple(Bar(one.item, Box(x, one.box.y, BUCKET_W, one.box.h), ()) for one in sheet.buckets)


def _band(row: Row, columns: Mapping[str, float], zone_w: float, box: Box) -> BandBox:
    cells = tuple(
        Cell(Box(columns[zone], row.y + BAND_HEAD, zone_w, row.h - BAND_HEAD - PAD), subnet)
        for zone, subnet in sorted(row.band.subnets.items())
    )
    bars = tuple(_bar(item, line, columns, zone_w) for line in row.lines for item in line.items)
    return BandBox(row.band, box, cells, bars)


def _bar(item: Item, line: Line, columns: Mapping[str, float], zone_w: float) -> Bar:
    spots = [(columns[zone], words) for zone, words in sorted(item.marks.items())]
    x = spots[0][0] + 10
    box = Box(x, line.y, spots[-1][0] + zone_w - 10 - x, line.h)
    return Bar(item, box, tuple((spot + zone_w - 28, words) for spot, words in spots))


def _wires(
    sheet: _Sheet,
    bands: Sequence[BandBox],
    buckets: Sequence[Bar],
    lane_x: Mapping[Side, Sequence[float]],
) -> tuple[Wire, ...]:
    boxes: dict[str, Box] = {}
    for band in bands:
        for bar in band.bars:
            boxes.setdefault(bar.item.key, bar.box)
    beside = {one.item.key: one.box for one in buckets}
    edge = {
        "left": bands[0].box.x - 10 if bands else 0.0,
        "right": bands[0].box.right + 14 if bands else 0.0,
    }
    made: list[Wire] = []
    for at, lane in sheet.lanes.items():
        trunk = sheet.trunks[at]
        x = lane_x[trunk.side][lane]
        width = pill_width(trunk.label)
        if trunk.target == INTERNET_END:
            end, pill = (x, sheet.top), None
        else:
            y = sheet.heights[(trunk.target, trunk.side, at)]
            if trunk.target in beside:
                end, pill_x = (beside[trunk.target].x, y), beside[trunk.target].x - 14 - width
            elif trunk.side == "right":
                end, pill_x = (boxes[trunk.target].right, y), edge["right"]
            else:
                end, pill_x = (boxes[trunk.target].x, y), edge["left"] - width
            pill = Box(pill_x, y - PILL_H / 2, width, PILL_H) if trunk.label else None
        made.append(Wire(trunk, x, end, _joins(sheet, trunk, boxes), pill, sheet.top))
    return tuple(made)


def _joins(
    sheet: _Sheet, trunk: Trunk, boxes: Mapping[str, Box]
) -> tuple[tuple[str, float, float], ...]:
    found: list[tuple[str, float, float]] = []
    for key in trunk.sources:
        y = sheet.heights.get((key, trunk.side, -1))
        if key in boxes and y is not None:
            box = boxes[key]
            found.append((key, box.right if trunk.side == "right" else box.x, y))
    return tuple(found)


__all__ = ["CELL_HEAD", "arrange", "pill_text", "pill_width", "trunks_for"]
