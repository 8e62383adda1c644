"""Intended flows as wires of a drawing: one trunk per target and set of ports, joined by sources.

Wires run in gutters beside the rows, never across them: on the left what comes from or goes to
the Internet, on the right everything else. A source leaves its bar on one horizontal line and a
dot marks each trunk that it joins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ringwall.model.intervals import EMPTY
from ringwall.model.policy import Flow, Policy, Selector
from ringwall.model.services import ServiceSet, show_services
from ringwall.report.connections import connections
from ringwall.report.inventory import Part
from ringwall.report.words import clean

Side = Literal["left", "right"]

#: Two trunks in one lane keep this distance, so that they do not look like one.
_APART = 26.0

#: Keys of the two ends that are no part of the network's inventory.
INTERNET_END = "internet"
NAT_END = "nat gateways"


@dataclass(frozen=True, slots=True)
class Trunk:
    """``sources`` are keys of parts (or one of the two ends above), in drawing order; ``tips``
    say each flow in full, ``why`` what a block of addresses is; ``added`` marks a trunk that no
    person asked for."""

    side: Side
    target: str
    label: str
    sources: tuple[str, ...]
    added: bool
    tips: tuple[str, ...]
    why: str = ""


def _keys(selector: Selector, parts: Sequence[Part]) -> list[str]:
    if selector.kind == "service":
        return [one.key for one in parts if one.service == selector.name]
    if selector.kind == "tier":
        return [one.key for one in parts if one.service and one.tier == selector.name]
    return [INTERNET_END]


def _ends(flow: Flow, parts: Sequence[Part], nat: bool) -> list[tuple[str, str, str]]:
    """(source, target, note) per arrow of a flow; egress over NAT is drawn in two arrows."""
    found: list[tuple[str, str, str]] = []
    outside = flow.target.kind in {"internet", "address"}
    for source in _keys(flow.source, parts):
        if outside and nat and source != INTERNET_END:
            found += [(source, NAT_END, str(flow.target)), (NAT_END, INTERNET_END, "")]
            continue
        note = str(flow.target) if flow.target.kind == "address" else ""
        if flow.source.kind == "address":
            note = str(flow.source)
        found += [(source, target, note) for target in _keys(flow.target, parts)]
    return found


def tip(flow: Flow) -> str:
    why = f": {flow.why}" if flow.why else ""
    return clean(f"{flow.source} → {flow.target} {show_services(flow.services)}{why}")


def gather(policy: Policy, parts: Sequence[Part], *, nat: bool) -> tuple[Trunk, ...]:
    """The trunks of a network with these parts, in the order of their targets."""
    services: dict[tuple[str, str, str], ServiceSet] = {}
    asked: dict[tuple[str, str, str], bool] = {}
    tips: dict[tuple[str, str, str], list[str]] = {}
    why: dict[str, str] = {}
    for flow in policy.flows:
        if flow.target.kind == "address" and flow.why:
            why.setdefault(str(flow.target), clean(flow.why))
        for key in _ends(flow, parts, nat):
            carried = flow.services if key[:2] != (NAT_END, INTERNET_END) else EMPTY
            services[key] = services.get(key, EMPTY) | carried
            asked[key] = asked.get(key, False) or not flow.added
            tips.setdefault(key, []).append(tip(flow))
    order = {key: at for at, key in enumerate([INTERNET_END, NAT_END, *(p.key for p in parts)])}
    merged: dict[tuple[str, str, ServiceSet, Side], list[tuple[str, str, str]]] = {}
    for key in sorted(services, key=lambda one: (order[one[1]], order[one[0]], one[2])):
        source, target, note = key
        side: Side = "left" if INTERNET_END in (source, target) else "right"
        merged.setdefault((target, note, services[key], side), []).append(key)
    return tuple(
        Trunk(
            side=side,
            target=target,
            label=_label(note, carried),
            sources=tuple(key[0] for key in keys),
            added=not any(asked[key] for key in keys),
            tips=tuple(dict.fromkeys(text for key in keys for text in tips[key])),
            why=why.get(note, ""),
        )
        for (target, note, carried, side), keys in merged.items()
    )


def _label(note: str, services: ServiceSet) -> str:
    carried = ", ".join(str(one) for one in connections(services, services))
    return clean(f"{note} {carried}".strip())


@dataclass(frozen=True, slots=True)
class Run:
    """A trunk's vertical stretch; ``last`` asks for one of the outermost lanes."""

    low: float
    high: float
    last: bool = False


def assign_lanes(runs: Sequence[Run]) -> tuple[int, ...]:
    """A lane (0 is nearest to the rows) for each run: no two that share one touch.

    Short runs come first, so that long ones lie outside and cross less.
    """
    taken: list[list[Run]] = []
    lanes = [0] * len(runs)
    floor = 0
    for last in (False, True):
        chosen = [at for at, run in enumerate(runs) if run.last is last]
        for at in sorted(chosen, key=lambda one: (runs[one].high - runs[one].low, one)):
            lanes[at] = _first_free(taken, runs[at], floor)
        floor = len(taken)
    return tuple(lanes)


def _first_free(taken: list[list[Run]], run: Run, floor: int) -> int:
    for lane in range(floor, len(taken)):
        if all(
            run.low > other.high + _APART or run.high < other.low - _APART for other in taken[lane]
        ):
            taken[lane].append(run)
            return lane
    taken.append([run])
    return len(taken) - 1


def slots(trunks: Iterable[Trunk], key: str, side: Side) -> tuple[list[int], bool]:
    """Which trunks (by index) arrive at an end on one side, and whether any leaves it there."""
    arriving, leaving = [], False
    for at, trunk in enumerate(trunks):
        if trunk.side == side:
            if trunk.target == key:
                arriving.append(at)
            leaving = leaving or key in trunk.sources
    return arriving, leaving


#: Where each arrival and departure lies: (end, side, trunk index or -1 for leaving) -> y.
Heights = Mapping[tuple[str, Side, int], float]
