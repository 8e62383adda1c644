"""What the command line prints: the plan, proofs, explanations, pairs and gaps as text.

Every function returns whole lines that end in a line break (:func:`summary` is one bare line).
Colour and width are the caller's choice; no meaning hangs on colour alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ringwall.model.network import Gap, Network
from ringwall.model.policy import Flow, Policy
from ringwall.model.services import show_services
from ringwall.model.verdict import PairReach, Reach, ReturnPorts
from ringwall.report.connections import Connection, connections, pair_verdict
from ringwall.report.inventory import Part, VpcView, parts, views
from ringwall.report.paths_text import explanation
from ringwall.report.proofs_text import proofs, summary
from ringwall.report.terminal import Tone, paint, table, wrap
from ringwall.report.words import blocks, cidrs, clean, count, listed, place, spans

__all__ = ["explanation", "gaps", "pairs", "plan", "proofs", "summary"]


def plan(network: Network, policy: Policy, *, color: bool = False, width: int = 100) -> str:
    """Addresses per tier and zone, the services, and the intended flows."""
    lines: list[str] = []
    for view in views(network, policy):
        lines += [*_addresses(view, network, color, width), ""]
    lines += _services(network, policy, color, width)
    written = [one for one in policy.flows if not one.added]
    added = [one for one in policy.flows if one.added]
    lines += _flows("Flows that you wrote", written, color, width)
    lines += _flows("Flows that the design added", added, color, width)
    return "\n".join(lines).rstrip("\n") + "\n"


def _addresses(view: VpcView, network: Network, color: bool, width: int) -> list[str]:
    vpc = view.vpc
    blocks = listed(str(block) for block in vpc.cidrs)
    where = vpc.region or network.region
    title = " ".join(word for word in ("VPC", vpc.name or vpc.id, blocks, where) if word)
    rows = [
        [
            clean(band.tier),
            *(
                ", ".join(str(block) for block in band.subnets[zone].cidrs)
                if zone in band.subnets
                else "-"
                for zone in view.zones
            ),
        ]
        for band in view.bands
    ]
    head = ["tier", *(clean(zone) or "no zone" for zone in view.zones)]
    return [paint(clean(title), "bold", color), *table(head, rows, width=width)]


def _services(network: Network, policy: Policy, color: bool, width: int) -> list[str]:
    everything = parts(network, policy)
    rows = [_service(network, one) for one in everything if one.kind != "bucket" or one.service]
    others = [clean(one.name) for one in everything if one.kind == "bucket" and not one.service]
    if not rows and not others:
        return []
    lines = [paint("Services", "bold", color)]
    lines += table(["name", "tier", "kind", "where"], rows, width=width)
    if others:
        lines += wrap(f"besides: {count(len(others), 'bucket')}: {listed(others)}", width, "  ")
    return [*lines, ""]


def _service(network: Network, part: Part) -> list[str]:
    zones = dict.fromkeys(
        network.subnets[one.subnet].zone for one in part.interfaces if one.subnet in network.subnets
    )
    where = f"{count(len(zones), 'zone')}: {listed(zones)}" if zones else _nowhere(part)
    if part.interfaces and all(one.pinned for one in part.interfaces):
        found = [text for one in part.interfaces for text in cidrs(one.addresses)]
        bare = [text.removesuffix("/32").removesuffix("/128") for text in found]
        where = f"{where}; {listed(bare, most=4)}" if bare else where
    return [clean(part.name), clean(part.tier) or "-", part.words, clean(where)]


def _nowhere(part: Part) -> str:
    return "subnets not on record" if part.interfaces else "outside the VPC"


def _flows(title: str, flows: Sequence[Flow], color: bool, width: int) -> list[str]:
    if not flows:
        return []
    rows = [
        [
            clean(f"{one.source} -> {one.target}"),
            show_services(one.services),
            spans([one.client_ports]),
            clean(one.why),
        ]
        for one in flows
    ]
    head = ["flow", "ports", "client ports", "why"]
    heading = paint(f"{title} ({len(flows)})", "bold", color)
    return [heading, *table(head, rows, width=width), ""]


_REACH: dict[Reach, tuple[str, Tone]] = {
    Reach.REACHABLE: ("✓ reachable", "good"),
    Reach.UNKNOWN: ("? unknown", "warn"),
    Reach.BLOCKED: ("✗ blocked", "dim"),
}


def pairs(rows: Iterable[PairReach], *, color: bool, width: int = 100) -> str:
    """What passes or may pass between ends; blocked pairs are counted, not listed."""
    tally: Counter[Reach] = Counter()
    last = ""
    lines: list[str] = []
    for row in rows:
        verdict = pair_verdict(row)
        tally[verdict] += 1
        if verdict is Reach.BLOCKED:
            continue
        title = clean(f"{row.source} -> {row.target}")
        if title != last:
            lines.append(paint(title, "bold", color))
            last = title
        lines += _pair(row, verdict, color, width)
    total = sum(tally.values())
    found = count(total, "pair of ends and address blocks", "pairs of ends and address blocks")
    told = ", ".join(f"{tally[one]} {one.value}" for one in Reach)
    return "\n".join([*lines, *([""] if lines else []), f"{found}: {told}"]) + "\n"


def _pair(row: PairReach, verdict: Reach, color: bool, width: int) -> list[str]:
    mark, tone = _REACH[verdict]
    sure = connections(row.services, row.replies)
    maybe = connections(row.possible, row.possible_replies)
    ends = f"from {blocks(row.source_addresses)} to {blocks(row.target_addresses)}"
    lines = [f"  {paint(mark, tone, color)}  {ends}"]
    for one in sure:
        lines += wrap(_connection(one), width, "      certainly ")
    if maybe != sure:
        for one in maybe:
            lines += wrap(_connection(one), width, "      possibly ")
        for reason in row.reasons:
            lines += wrap(clean(reason), width, "      because ")
    return lines


def _connection(one: Connection) -> str:
    ports = " to all client ports" if one.protocol in {"tcp", "udp"} else ""
    match one.return_ports:
        case ReturnPorts.ALL:
            return f"{one}, replies get back{ports}"
        case ReturnPorts.SOME:
            back = f"to client ports {spans(one.return_ranges)}" if ports else "in part"
            return f"{one}, replies get back {back}"
        case ReturnPorts.NONE:
            return f"{one}, no reply gets back"


def ordered_gaps(network: Network) -> list[Gap]:
    """What touches paths first, then by kind and subject."""
    return sorted(network.gaps, key=lambda one: (not one.affects, one.kind, one.subject))


def gap_title(network: Network) -> str:
    """``5 things not known or not modelled, 2 of them on paths``."""
    total, touching = len(network.gaps), sum(bool(one.affects) for one in network.gaps)
    word = count(total, "thing") + " not known or not modelled"
    return f"{word}, {touching} of them on paths" if total else "nothing missing or unmodelled"


def gaps(network: Network, *, color: bool = False, width: int = 100) -> str:
    """What the material does not say, or Ringwall does not model."""
    lines = [paint(gap_title(network), "bold", color)]
    for gap in ordered_gaps(network):
        touch = f"; affects {listed(gap.affects, most=4)}" if gap.affects else ""
        mark = "! " if gap.affects else "  "
        where = f" ({place(gap.origin)})" if place(gap.origin) != "implicit" else ""
        lines += wrap(
            clean(f"{gap.kind}: {gap.message}{touch}{where}"), width, f"  {mark}", "      "
        )
    return "\n".join(lines) + "\n"
