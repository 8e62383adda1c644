"""The picture: well-formed, the same twice, nothing overlaps, text fits, colours can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest
import report_networks as made
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.report.layout import Bar, Box, VpcBox
from ringwall.report.metrics import text_width
from ringwall.report.theme import ACCENTS, GROUNDS
from ringwall.report.topology import lay_out, svg
from ringwall.report.wiring import INTERNET_END

NAMESPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    "a&b'\"<",
    "\x00\x1b[31m\x07",
    "\u202egnp.exe",
    "x" * 400,
    "שלום עולם",
    "数据库服务器集群名称很长很长很长",
    "\ud800\ufffe",
)


def bars_of(laid: VpcBox) -> list[Bar]:
    return [*(bar for band in laid.bands for bar in band.bars), *laid.buckets]


def draw(network: Network, policy: Policy, title: str = "clinic") -> ElementTree.Element:
    return ElementTree.fromstring(svg(network, policy, title=title))  # noqa: S314  # our own


@st.composite
def pictures(draw_from: st.DrawFn) -> tuple[Network, Policy]:
    """A tiered network of up to twelve services in 1-6 zones, with any flows between them."""
    tiers = st.sampled_from(("public", "app", "app", "data", "bucket"))
    names = [f"service-{at}" for at in range(draw_from(st.integers(0, 12)))]
    services = {name: draw_from(tiers) for name in names}
    network = made.tiered(
        services, zones=draw_from(st.integers(1, 6)), nat=draw_from(st.booleans())
    )
    ends = st.sampled_from(["internet", *names])
    targets = st.sampled_from(["internet", "203.0.113.0/24", "198.51.100.0/28", *names])
    flows = draw_from(
        st.lists(
            st.builds(made.flow, ends, targets, st.sampled_from((80, 443, 8080)), st.text(),
                      st.booleans()),
            max_size=24,
        )
    )  # fmt: skip
    return network, Policy(tuple(flows))


def test_the_picture_is_well_formed_and_says_itself_in_words() -> None:
    root = draw(made.CLINIC, made.CLINIC_POLICY)
    assert root.tag == f"{NAMESPACE}svg"
    assert root.get("role") == "img"
    ids = {one.get("id"): one.text or "" for one in root if one.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) == set(ids)
    assert ids["rw-map-title"] == "clinic"
    assert "web connects to api on tcp/8080" in ids["rw-map-desc"]


def test_everything_of_the_network_is_in_the_picture() -> None:
    words = " ".join(draw(made.CLINIC, made.CLINIC_POLICY).itertext())
    for name in (
        "web", "api", "inference", "records", "documents", "NAT gateways", "Internet gateway",
        "Gateway endpoint", "10.0.17.0/24", "us-east-1b", "203.0.113.0/24", "payment provider",
        "tcp/5432", "tcp/80, 443", "Public tier", "App tier", "Data tier",
    ):  # fmt: skip
        assert name in words, name


def test_the_same_network_gives_the_same_bytes() -> None:
    shuffled = replace(
        made.CLINIC,
        subnets=dict(reversed(made.CLINIC.subnets.items())),
        interfaces=dict(reversed(made.CLINIC.interfaces.items())),
        nat_gateways=dict(reversed(made.CLINIC.nat_gateways.items())),
    )
    first = svg(made.CLINIC, made.CLINIC_POLICY, title="t")
    assert first == svg(made.CLINIC, made.CLINIC_POLICY, title="t")
    assert first == svg(shuffled, made.CLINIC_POLICY, title="t")


def overlaps(laid: VpcBox) -> list[str]:
    """Boxes of one kind that share area, and bars outside their row."""
    found: list[str] = []
    bars = bars_of(laid)
    cells = [cell.box for band in laid.bands for cell in band.cells]
    pills = [wire.pill for wire in laid.wires if wire.pill]
    bands = [band.box for band in laid.bands]
    groups: dict[str, list[Box]] = {
        "bars": [bar.box for bar in bars],
        "cells": cells,
        "pills": pills,
        "bands": bands,
    }
    for name, boxes in groups.items():
        found += [f"{name} {a} {b}" for a, b in combinations(boxes, 2) if a.meets(b)]
    found += [f"pill on bar {pill}" for pill in pills for bar in bars if pill.meets(bar.box)]
    for band in laid.bands:
        found += [
            f"{bar.item.key} leaves its row" for bar in band.bars if not inside(bar.box, band.box)
        ]
    return found


def inside(inner: Box, outer: Box) -> bool:
    return (
        outer.x <= inner.x
        and inner.right <= outer.right + 0.01
        and outer.y <= inner.y
        and inner.bottom <= outer.bottom + 0.01
    )


def crossings(laid: VpcBox) -> list[str]:
    """Where a wire runs through a bar that is not one of its ends."""
    found: list[str] = []
    for wire in laid.wires:
        ys = [y for _, _, y in wire.joins] + [wire.end[1]]
        if INTERNET_END in (wire.trunk.target, *wire.trunk.sources):
            ys.append(wire.top)
        lines = [Box(wire.x, min(ys), 0.1, max(ys) - min(ys))]
        lines += [_level(x, wire.x, y) for _, x, y in wire.joins]
        if wire.trunk.target != INTERNET_END:
            lines.append(_level(wire.end[0], wire.x, wire.end[1]))
        ends = {wire.trunk.target, *wire.trunk.sources}
        for bar in bars_of(laid):
            if any(line.meets(bar.box) for line in lines) and bar.item.key not in ends:
                found.append(f"{wire.trunk.target} runs through {bar.item.key}")
    return found


def _level(a: float, b: float, y: float) -> Box:
    return Box(min(a, b), y - 0.05, abs(a - b), 0.1)


def shared_lanes(laid: VpcBox) -> list[str]:
    """Two trunks in one lane whose stretches meet: they would look like one."""
    spans = []
    for wire in laid.wires:
        ys = [y for _, _, y in wire.joins] + [wire.end[1]]
        ys += [wire.top] if INTERNET_END in wire.trunk.sources else []
        spans.append((wire.x, min(ys), max(ys)))
    return [
        f"{a} {b}"
        for a, b in combinations(spans, 2)
        if a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2]
    ]


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_nothing_overlaps_and_no_wire_runs_through_a_bar(drawn: tuple[Network, Policy]) -> None:
    for laid in lay_out(*drawn):
        assert not overlaps(laid)
        assert not crossings(laid)
        assert not shared_lanes(laid)


@settings(max_examples=40, deadline=None)
@given(pictures())
def test_every_flow_between_drawn_ends_is_drawn(drawn: tuple[Network, Policy]) -> None:
    network, policy = drawn
    wired = {
        (source, wire.trunk.target)
        for laid in lay_out(network, policy)
        for wire in laid.wires
        for source in wire.trunk.sources
    }
    keys = {one.service: f"service {one.service}" for one in network.interfaces.values()}
    keys |= {one.service: f"bucket {one.id}" for one in network.buckets.values()}
    drawn_keys = {bar.item.key for laid in lay_out(network, policy) for bar in bars_of(laid)}
    for flow in policy.flows:
        source, target = keys.get(flow.source.name), keys.get(flow.target.name)
        if source in drawn_keys and target in drawn_keys and source.startswith("service"):
            assert (source, target) in wired


def texts_with_room(root: ElementTree.Element) -> Iterator[tuple[str, float, float, Box]]:
    """Each text in a group that opens with a box: its words, its two ends, and the box."""
    for group in root.iter(f"{NAMESPACE}g"):
        shapes = [one for one in group if one.tag != f"{NAMESPACE}title"]
        if not shapes or shapes[0].tag != f"{NAMESPACE}rect":
            continue
        box = Box(*(float(shapes[0].get(key, "0")) for key in ("x", "y", "width", "height")))
        for one in shapes:
            if one.tag == f"{NAMESPACE}text":
                yield (one.text or "", *ends_of(one), box)


def ends_of(text: ElementTree.Element) -> tuple[float, float]:
    bold = float(text.get("font-weight", "400")) > 500
    mono = "mono" in (text.get("class") or "").split()
    width = text_width(text.text or "", float(text.get("font-size", "0")), mono=mono, bold=bold)
    x = float(text.get("x", "0"))
    start = {"middle": x - width / 2, "end": x - width}.get(text.get("text-anchor") or "", x)
    return start, start + width


def hostile_network(name: str) -> tuple[Network, Policy]:
    services = {name: "app", f"{name}2": "public", f"{name}3": "bucket"}
    network = made.tiered(services)
    vpc = replace(network.vpcs["vpc"], name=name)
    subnets = {
        key: replace(one, name=name, zone=name + one.zone) for key, one in network.subnets.items()
    }
    policy = Policy(
        (made.flow(f"{name}2", name, 443, name), made.flow(name, f"{name}3", 443, name))
    )
    return replace(network, vpcs={"vpc": vpc}, subnets=subnets), policy


@pytest.mark.parametrize("name", ["clinic", *HOSTILE])
def test_text_fits_its_box_whatever_it_says(name: str) -> None:
    root = draw(*hostile_network(name), title=name)
    width = float((root.get("viewBox") or "").split()[2])
    seen = 0
    for words, start, end, box in texts_with_room(root):
        seen += 1
        assert box.x - 0.2 <= start, words
        assert end <= box.right + 0.2, words
    assert seen > 20
    for text in root.iter(f"{NAMESPACE}text"):
        start, end = ends_of(text)
        assert start >= 0
        assert end <= width


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_and_nothing_else(name: str) -> None:
    root = draw(*hostile_network(name), title=name)
    tags = {one.tag.removeprefix(NAMESPACE) for one in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "g", "rect", "path", "circle", "text"}
    words = "".join(root.itertext())
    assert not any(mark in words for mark in "\x00\x1b\x07\u202e\ufffe")


def test_a_network_without_tags_is_drawn_by_its_routes() -> None:
    first, second = lay_out(made.untagged(), Policy(()))
    assert [band.band.tier for band in first.bands] == ["public", "isolated"]
    assert not overlaps(first)
    assert second.bands == ()
    words = " ".join(draw(made.untagged(), Policy(())).itertext())
    assert "jump host" in words
    assert "VPC spare" in words


def test_what_is_too_much_to_draw_is_counted() -> None:
    network = made.tiered({f"service-{at:02}": "app" for at in range(30)})
    words = [bar.item.name for bar in bars_of(lay_out(network, Policy(()))[0])]
    assert "and 17 more" in words


def test_what_cannot_be_drawn_is_said() -> None:
    lost = replace(made.tiered({"api": "app"}), subnets={})
    words = " ".join(draw(lost, Policy(())).itertext())
    assert "not drawn, for their subnets are not on record: api" in words
    many = made.tiered({f"bucket-{at}": "bucket" for at in range(10)})
    words = " ".join(draw(many, Policy(())).itertext())
    assert "not drawn: 2 more buckets: bucket-8 and bucket-9" in words


def test_an_empty_network_is_a_picture_too() -> None:
    assert draw(Network(source="empty"), Policy(())).get("viewBox")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_ground(scheme: int) -> None:
    grounds = [GROUNDS[one][scheme] for one in ("page", "panel", "surface")]
    tints = [shades["tint"][scheme] for shades in ACCENTS.values()]
    for ink in ("ink", "muted"):
        for ground in grounds + tints:
            assert contrast(GROUNDS[ink][scheme], ground) >= 4.5
    for shades in ACCENTS.values():
        for ground in [*grounds, shades["tint"][scheme]]:
            assert contrast(shades["ink"][scheme], ground) >= 4.5
            assert contrast(shades["line"][scheme], ground) >= 3
