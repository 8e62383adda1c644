"""A packet's way and the answer to one question, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ringwall.model.addresses import address_at
from ringwall.model.services import ServiceRange, has_ports
from ringwall.model.verdict import Explanation, Hop, Packet, Reach, ReturnPorts, Step, Trace
from ringwall.report.terminal import Tone, paint, wrap
from ringwall.report.words import clean, listed, place, spans

_STEP: dict[bool | None, tuple[str, Tone]] = {
    True: ("✓ allowed", "good"),
    False: ("✗ BLOCKED", "bad"),
    None: ("? unknown", "warn"),
}
_REACH: dict[Reach, tuple[str, Tone]] = {
    Reach.REACHABLE: ("✓ reachable", "good"),
    Reach.BLOCKED: ("✗ BLOCKED", "bad"),
    Reach.UNKNOWN: ("? unknown", "warn"),
}


def packet_words(packet: Packet) -> str:
    """``10.0.0.5 port 40000 to 10.0.1.7, tcp/443``."""
    from_port = f" port {packet.source_port}" if packet.source_port is not None else ""
    what = ServiceRange(packet.protocol, packet.port, packet.port)
    return f"{address_at(packet.source)}{from_port} to {address_at(packet.destination)}, {what}"


def deciding(steps: Sequence[Step]) -> Step | None:
    """The first step that blocks, else the first unknown one, else the last that allowed."""
    for wanted in (False, None):
        found = next((step for step in steps if step.allowed is wanted), None)
        if found:
            return found
    return steps[-1] if steps else None


def step_words(step: Step) -> str:
    code = f" [{step.code}]" if step.code else ""
    return clean(f"{step.layer} {step.resource}: {step.rule}{code}")


def hop_words(hop: Hop) -> str:
    name = f" ({hop.name})" if hop.name and hop.name != hop.resource else ""
    zone = f", {hop.zone}" if hop.zone else ""
    kind = f"{hop.kind.replace('-', ' ')} " if hop.kind not in {hop.resource, ""} else ""
    return clean(f"{kind}{hop.resource}{name}{zone}")


def hops(trace: Trace, *, color: bool, width: int, indent: str = "  ") -> list[str]:
    """Each hop with its steps; a step's place follows on its line or under it."""
    lines: list[str] = []
    for at, hop in enumerate(trace.hops, 1):
        opening = f"{indent}{at:>2}  "
        lines += wrap(hop_words(hop), width, opening)
        for step in hop.steps:
            lines += _step(step, color, width, f"{indent}      ")
    return lines


def _step(step: Step, color: bool, width: int, indent: str) -> list[str]:
    mark, tone = _STEP[step.allowed]
    opening = f"{indent}{mark}  "
    lines = wrap(step_words(step), width, opening)
    where = f"({place(step.origin)})"
    if where != "(implicit)":
        if len(lines[-1]) + len(where) + 2 <= width:
            lines[-1] += f"  {paint(where, 'dim', color)}"
        else:
            lines.append(" " * len(opening) + paint(where, "dim", color))
    lines[0] = lines[0].replace(mark, paint(mark, tone, color), 1)
    return lines


def explanation(answer: Explanation, *, color: bool, width: int = 100) -> str:
    """The way hop by hop, every blocker, the way back, what was assumed, and the verdict."""
    title = f"{answer.source} to {answer.target}"
    lines = [paint(clean(title), "bold", color), f"  {packet_words(answer.forward.packet)}", ""]
    lines += ["The way there:", *hops(answer.forward, color=color, width=width), ""]
    lines += _blockers(answer, color, width)
    if answer.reply is not None:
        lines += ["The way back:", f"  {packet_words(answer.reply.packet)}"]
        lines += [*hops(answer.reply, color=color, width=width), ""]
    lines += [*wrap(_return_words(answer), width, "Replies: "), ""]
    lines += _changes(answer, color, width)
    lines += _assumptions(answer.assumptions, width)
    return "\n".join([*lines, verdict_line(answer, color=color)]) + "\n"


def _assumptions(assumptions: Iterable[str], width: int) -> list[str]:
    shown = [line for one in assumptions for line in wrap(clean(one), width, "  - ")]
    return ["Assumed:", *shown, ""] if shown else []


def blockers(answer: Explanation) -> list[tuple[str, Step]]:
    """Every blocking step with its direction, ``forward`` or ``return``."""
    back = answer.reply.blockers if answer.reply else ()
    return [("forward", step) for step in answer.forward.blockers] + [
        ("return", step) for step in back
    ]


def _blockers(answer: Explanation, color: bool, width: int) -> list[str]:
    found = blockers(answer)
    if not found:
        return []
    lines = ["Blocked by:"]
    for at, (direction, step) in enumerate(found, 1):
        way = "on the way back: " if direction == "return" else ""
        lines += wrap(f"{way}{step_words(step)}", width, f"  {at:>2}  ")
        lines.append(f"      {paint(f'({place(step.origin)})', 'dim', color)}")
    return [*lines, ""]


def _changes(answer: Explanation, color: bool, width: int) -> list[str]:
    if not answer.changes:
        return []
    lines = ["To open this way, there and back:"]
    for one in answer.changes:
        lines += wrap(clean(one.words), width, "  - ")
        if (where := place(one.origin)) != "implicit":
            lines.append(f"    {paint(f'({where})', 'dim', color)}")
    return [*lines, ""]


def _return_words(answer: Explanation) -> str:
    packet = answer.forward.packet
    if not has_ports(packet.protocol) or answer.client_ports is None:
        word = "get back" if answer.return_ports is ReturnPorts.ALL else "do not get back"
        return f"{word if answer.return_ports is not ReturnPorts.SOME else 'get back in part'}"
    profile = spans([answer.client_ports])
    match answer.return_ports:
        case ReturnPorts.ALL:
            return f"get back to every client port of {profile}"
        case ReturnPorts.SOME:
            ranges = spans(answer.return_ranges)
            return f"get back only to client ports {ranges} of {profile}"
        case ReturnPorts.NONE:
            return f"get back to none of the client ports {profile}"


def verdict_line(answer: Explanation, *, color: bool) -> str:
    """The last line: one sentence."""
    mark, tone = _REACH[answer.verdict]
    packet = answer.forward.packet
    what = ServiceRange(packet.protocol, packet.port, packet.port)
    head = f"{paint(mark, tone, color)}: {clean(answer.source)} "
    there = f"{clean(answer.target)} on {what}"
    match answer.verdict:
        case Reach.REACHABLE:
            return f"{head}can reach {there}; replies {_return_words(answer)}"
        case Reach.BLOCKED:
            return f"{head}cannot reach {there}{_why(answer)}"
        case Reach.UNKNOWN:
            return f"{head}may or may not reach {there}{_unknown(answer)}"


def _why(answer: Explanation) -> str:
    found = blockers(answer)
    if not found:
        return ""
    layers = listed(dict.fromkeys(step.layer.replace("-", " ") for _, step in found))
    return f"; stopped by {layers}"


def _unknown(answer: Explanation) -> str:
    steps = [*answer.forward.unknowns, *(answer.reply.unknowns if answer.reply else ())]
    return f"; {clean(steps[0].rule)}" if steps else ""
