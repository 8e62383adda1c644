"""The picture of a network: VPC, zones, tiers, services and the intended flows, as SVG.

The same network gives the same bytes. Colours follow the reader's light or dark preference, or a
``data-theme`` of ``light`` or ``dark`` on the picture or anything around it.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.model.services import show_services
from ringwall.report.arrange import MOST_BUCKETS, arrange
from ringwall.report.drawing import legend, vpc_elements
from ringwall.report.inventory import Part, parts, tier_rank, views
from ringwall.report.layout import MARGIN, VpcBox
from ringwall.report.markup import SVG, camel, element, number
from ringwall.report.metrics import text_width
from ringwall.report.shapes import text
from ringwall.report.theme import drawing_css
from ringwall.report.words import count, listed

_TITLE_H = 66.0
_LEGEND_H = 44.0


def svg(network: Network, policy: Policy, *, title: str) -> str:
    """The picture as a file of its own."""
    root = drawing(network, policy, title=title)
    root.set("xmlns", SVG)
    _, _, width, height = root.attrib["viewBox"].split()
    root.attrib.update(width=width, height=height)
    return tostring(root, encoding="unicode") + "\n"


def lay_out(network: Network, policy: Policy) -> tuple[VpcBox, ...]:
    """Every VPC of the network, one below the other; the buckets stand beside the one that
    reaches S3 inside AWS (else beside the first)."""
    everything = parts(network, policy)
    buckets = _buckets(everything)
    seen = views(network, policy)
    homes = [one.vpc for _, one in sorted(network.endpoints.items()) if one.kind == "gateway"]
    home = homes[0] if homes else next((view.vpc.id for view in seen), "")
    y = MARGIN + _TITLE_H
    made: list[VpcBox] = []
    for view in seen:
        laid = arrange(
            network,
            policy,
            view,
            everything,
            corner=(MARGIN, y),
            buckets=buckets if view.vpc.id == home else [],
        )
        made.append(laid)
        y = laid.bottom + 36
    return tuple(made)


def _buckets(everything: tuple[Part, ...]) -> list[Part]:
    """The buckets to draw, those of services first."""
    return _all_buckets(everything)[:MOST_BUCKETS]


def _all_buckets(everything: tuple[Part, ...]) -> list[Part]:
    found = [one for one in everything if one.kind == "bucket"]
    return sorted(found, key=lambda one: (not one.service, one.key))


def drawing(network: Network, policy: Policy, *, title: str) -> Element:
    """The picture as an element, to be put into a page."""
    laid = lay_out(network, policy)
    tiers = sorted({band.band.tier for vpc in laid for band in vpc.bands}, key=tier_rank)
    wires = [wire for vpc in laid for wire in vpc.wires]
    words = _words(network, policy)
    bottom = max((vpc.bottom for vpc in laid), default=MARGIN + _TITLE_H)
    width = max([720.0, text_width(title, 22, bold=True), *(vpc.right for vpc in laid)]) + MARGIN
    notes = _not_drawn(network, policy)
    height = bottom + _LEGEND_H + 20 * len(notes) + MARGIN / 2
    root = element(
        "svg",
        element("title", title, id="rw-map-title"),
        element("desc", _described(network, policy), id="rw-map-desc"),
        element("style", drawing_css()),
        class_="rw-map",
        role="img",
        aria_labelledby="rw-map-title rw-map-desc",
    )
    camel(root, viewBox=f"0 0 {number(width)} {number(height)}")
    root.append(element("rect", width=width, height=height, class_="page"))
    room = width - 2 * MARGIN
    root.append(text(title, MARGIN, MARGIN + 20, 22, "tx", room=room, weight=700))
    root.append(text(words, MARGIN, MARGIN + 44, 13, "mu", room=room))
    for vpc in laid:
        root.extend(vpc_elements(network, vpc))
    added = any(wire.trunk.added for wire in wires)
    root.append(legend(MARGIN + 4, bottom + 34, tiers, wires=bool(wires), added=added))
    for at, note in enumerate(notes):
        root.append(text(note, MARGIN + 4, bottom + 58 + 20 * at, 11, "mu", room=room))
    return root


def _not_drawn(network: Network, policy: Policy) -> list[str]:
    """What the picture leaves out, said in it."""
    everything = parts(network, policy)
    lost = [
        one.name
        for one in everything
        if one.interfaces and all(end.subnet not in network.subnets for end in one.interfaces)
    ]
    more = [one.name for one in _all_buckets(everything)[MOST_BUCKETS:]]
    notes = [f"not drawn, for their subnets are not on record: {listed(lost)}"] if lost else []
    return notes + (
        [f"not drawn: {count(len(more), 'more bucket')}: {listed(more)}"] if more else []
    )


def _words(network: Network, policy: Policy) -> str:
    services = [one for one in parts(network, policy) if one.service]
    zones = {one.zone for one in network.subnets.values()}
    told = [network.region] if network.region else []
    told += [count(len(zones), "zone"), count(len(network.subnets), "subnet")]
    told += [count(len(services), "service")] if services else []
    told += [count(len(policy.flows), "intended flow")] if policy.flows else []
    return " · ".join(told)


def _described(network: Network, policy: Policy) -> str:
    """The picture in words, for who cannot see it."""
    sentences = [_words(network, policy) + "."]
    for view in views(network, policy):
        for band in view.bands:
            names = listed(one.name for one in band.parts) or "nothing"
            sentences.append(f"{view.vpc.name or view.vpc.id}, {band.tier}: {names}.")
    sentences += [
        f"{flow.source} connects to {flow.target} on {show_services(flow.services)}."
        for flow in policy.flows
    ]
    return " ".join(sentences)
