"""A laid-out network as SVG elements. All geometry is decided before (:mod:`layout`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from ringwall.model.network import Network
from ringwall.model.tags import TAG_TIER
from ringwall.report.drawing_wires import DASH, flow_label, wire_elements
from ringwall.report.inventory import Band, table_of
from ringwall.report.layout import BandBox, Bar, Box, Cell, VpcBox, Wire
from ringwall.report.markup import element, number
from ringwall.report.metrics import fit, text_width
from ringwall.report.shapes import arrowhead, icon, rect, text
from ringwall.report.theme import accent_of
from ringwall.report.wiring import INTERNET_END, NAT_END
from ringwall.report.words import clean, listed

_TITLES = {
    "public": "Public",
    "app": "App",
    "data": "Data",
    "private": "Private",
    "isolated": "Isolated",
}


def vpc_elements(network: Network, laid: VpcBox) -> Iterator[Element]:
    """One VPC from back to front."""
    if laid.internet:
        yield from _internet(laid, laid.internet)
    yield rect(laid.box, 16, "panel", stroke_width=1.2)
    yield from _head(network, laid)
    for _, box in laid.zones:
        yield rect(box, 12, "grid", fill="none", stroke_dasharray="4 5")
    for zone, box in laid.zones:
        middle = box.x + box.w / 2
        label = zone or "zone not known"
        yield text(
            label, middle, box.y + 20, 12, "mu", room=box.w - 16, weight=600, anchor="middle"
        )
    for band in laid.bands:
        yield _band(network, band)
    yield from wire_elements(laid)
    for bar in (bar for band in laid.bands for bar in band.bars):
        yield _bar(bar)
    for bucket in laid.buckets:
        yield _bar(bucket)
    for wire in laid.wires:
        if wire.pill:
            yield flow_label(wire, wire.pill, laid)
    for words, box in laid.doors:
        yield _chip(box, "vpc-endpoint", "Gateway endpoint", words)
    if laid.gateway:
        yield _chip(laid.gateway, "internet-gateway", "Internet gateway", "")


def _head(network: Network, laid: VpcBox) -> Iterator[Element]:
    vpc = laid.view.vpc
    start = laid.gateway.right + 18 if laid.gateway else laid.box.x + 22
    room = laid.box.right - start - 24
    name = fit(clean(vpc.name or vpc.id), room * 0.6, 14, bold=True)
    yield text(f"VPC {name}", start, laid.box.y + 28, 14, "tx", weight=650)
    after = start + text_width(f"VPC {name}", 14, bold=True) + 12
    where = " · ".join(
        word for word in (", ".join(map(str, vpc.cidrs)), vpc.region or network.region) if word
    )
    yield text(where, after, laid.box.y + 28, 12, "mu mono", room=laid.box.right - after - 24)


def _internet(laid: VpcBox, box: Box) -> Iterator[Element]:
    group = element("g", class_="slate")
    group.append(rect(box, 14, "at ae", stroke_width=1.2))
    group.append(icon("internet", box.x + 30, box.middle, 1.2))
    group.append(text("Internet", box.x + 50, box.middle + 5, 14, "tx", weight=650))
    x = box.x + 150
    for address, why in _blocks(laid.wires).items():
        width = text_width(address, 11, mono=True) + 24
        told = fit(why, 260, 11)
        after = x + text_width(address, 11, mono=True) + 22
        width += text_width(told, 11) + 10 if told else 0
        if x + width > box.right - 20:
            break
        group.append(rect(Box(x, box.middle - 13, width, 26), 13, "surface ae", stroke_width=1.0))
        group.append(text(address, x + 12, box.middle + 4, 11, "tx mono"))
        if told:
            group.append(text(told, after, box.middle + 4, 11, "mu"))
        x += width + 10
    yield group
    if laid.gateway and not any(wire.trunk.side == "left" for wire in laid.wires):
        middle = laid.gateway.x + laid.gateway.w / 2
        link = element("g", class_="slate")
        path = f"M{number(middle)} {number(box.bottom)}V{number(laid.gateway.y)}"
        link.append(element("path", d=path, class_="wire al"))
        yield link


def _blocks(wires: Sequence[Wire]) -> dict[str, str]:
    """The blocks of addresses on the Internet that flows name, and what they are."""
    found: dict[str, str] = {}
    for wire in wires:
        first = wire.trunk.label.split(" ", 1)[0]
        outside = wire.trunk.target == NAT_END or INTERNET_END in (
            wire.trunk.target,
            *wire.trunk.sources,
        )
        if outside and "/" in first and not first[:1].isalpha():
            found.setdefault(first, wire.trunk.why)
    return found


def _band(network: Network, laid: BandBox) -> Element:
    group = element("g", class_=accent_of(laid.band.tier))
    group.append(rect(laid.box, 12, "at"))
    title = _band_title(laid.band)
    group.append(text(title, laid.box.x + 14, laid.box.y + 20, 12.5, "ai", weight=700))
    after = laid.box.x + 14 + text_width(title, 12.5, bold=True) + 14
    room = laid.box.right - after - 14
    group.append(text(_band_words(network, laid.band), after, laid.box.y + 20, 11, "mu", room=room))
    for cell in laid.cells:
        _cell(group, cell)
    return group


def _band_title(band: Band) -> str:
    title = _TITLES.get(band.tier, band.tier.capitalize())
    if band.tier == "other":
        return "Subnets"
    tagged = any(TAG_TIER in one.tags for one in band.subnets.values())
    return f"{title} tier" if tagged else f"{title} subnets"


def _band_words(network: Network, band: Band) -> str:
    """Where its routes lead and which network ACLs guard it: facts, not verdicts."""
    ways: dict[str, None] = {"local": None}
    for _, subnet in sorted(band.subnets.items()):
        table = table_of(network, subnet)
        for route in table.routes if table else ():
            ways[
                route.target_kind.replace("-", " ").replace("vpc endpoint", "gateway endpoint")
            ] = None
    here = {one.id for one in band.subnets.values()}
    acls = [one for _, one in sorted(network.network_acls.items()) if here & set(one.subnets)]
    known = listed(way for way in ways if way != "unknown").replace("nat ", "NAT ")
    words = f"routes: {known}{', others not known' if 'unknown' in ways else ''}"
    names = listed((one.name or one.id for one in acls), most=2)
    return f"{words} · network ACL {names}" if names else words


def _cell(group: Element, cell: Cell) -> None:
    group.append(rect(cell.box, 9, "surface ae", stroke_width=1.0))
    cidr = ", ".join(str(block) for block in cell.subnet.cidrs) or "no addresses"
    half = cell.box.w - 24
    group.append(text(cidr, cell.box.x + 12, cell.box.y + 19, 11, "tx mono", room=half * 0.62))
    name = cell.subnet.name or cell.subnet.id
    used = text_width(fit(cidr, half * 0.62, 11, mono=True), 11, mono=True)
    group.append(
        text(
            name,
            cell.box.right - 12,
            cell.box.y + 19,
            10.5,
            "mu",
            room=half - used - 10,
            anchor="end",
        )
    )


def _bar(bar: Bar) -> Element:
    item, box = bar.item, bar.box
    drawn = "more" if item.key.startswith("more ") else item.icon
    group = element("g", class_=accent_of(item.tier) if drawn != "nat-gateway" else "teal")
    group.append(element("title", clean(f"{item.name}: {item.words}")))
    group.append(rect(box, 10, "surface"))
    group.append(rect(box, 10, "at ae", stroke_width=1.2))
    group.append(icon(item.icon, box.x + 23, box.middle, 1.1))
    dots = bar.dots if len(bar.dots) > 1 or any(words for _, words in bar.dots) else ()
    start = box.x + 44
    first = min((x - 14 for x, _ in dots), default=box.right - 12)
    room = first - start
    group.append(text(item.name, start, box.middle - 3, 13, "tx", room=room, weight=600))
    group.append(text(item.words, start, box.middle + 13, 11, "mu", room=room))
    if len(dots) > 1:
        rail = f"M{number(dots[0][0])} {number(box.middle)}H{number(dots[-1][0])}"
        group.append(element("path", d=rail, class_="wire ae", stroke_width=1.2))
    for x, words in dots:
        group.append(element("circle", cx=x, cy=box.middle, r=4.0, class_="ad"))
        if words:
            group.append(text(words, x, box.middle - 8, 10.5, "mu", anchor="middle"))
    return group


def _chip(box: Box, kind: str, title: str, words: str) -> Element:
    group = element("g", class_="slate")
    group.append(rect(box, min(15, box.h / 2), "surface ae", stroke_width=1.4))
    if not words:
        group.append(icon(kind, box.x + 20, box.middle))
        group.append(
            text(title, box.x + 37, box.middle + 4, 11.5, "tx", room=box.w - 45, weight=600)
        )
        return group
    middle = box.x + box.w / 2
    group.append(
        text(
            words,
            middle,
            box.middle - 2,
            12,
            "tx mono",
            weight=600,
            anchor="middle",
            room=box.w - 10,
        )
    )
    group.append(text(title, middle, box.middle + 13, 10.5, "mu", anchor="middle", room=box.w - 6))
    return group


def legend(x: float, y: float, tiers: Sequence[str], *, wires: bool, added: bool) -> Element:
    """What the colours and signs mean, in one line."""
    group = element("g")
    for tier in tiers:
        swatch = element("g", class_=accent_of(tier))
        swatch.append(rect(Box(x, y - 9, 14, 11), 3, "at ae", stroke_width=1.2))
        group.append(swatch)
        label = _TITLES.get(tier, tier.capitalize() or "Other")
        group.append(text(label, x + 20, y, 11, "mu"))
        x += 20 + text_width(label, 11) + 22
    signs = [("dot", "runs in this zone")]
    signs += [("wire", "intended flow")] if wires else []
    signs += [("join", "joins that flow")] if wires else []
    signs += [("dash", "flow added by the design")] if added else []
    for sign, label in signs:
        group.append(_sign(sign, x, y - 4))
        group.append(text(label, x + 34, y, 11, "mu"))
        x += 34 + text_width(label, 11) + 22
    return group


def _sign(sign: str, x: float, y: float) -> Element:
    group = element("g", class_="slate")
    if sign == "dot":
        group.append(element("circle", cx=x + 22, cy=y, r=4.0, class_="ad"))
        return group
    dash = DASH if sign == "dash" else None
    line = f"M{number(x)} {number(y)}H{number(x + 21)}"
    group.append(element("path", d=line, class_="wire al", stroke_dasharray=dash))
    if sign == "join":
        group.append(element("circle", cx=x + 11, cy=y, r=3.4, class_="ad"))
    else:
        group.append(arrowhead(x + 28, y, 1, 0))
    return group
