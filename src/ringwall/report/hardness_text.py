"""Depth between tiers as a matrix, and what single mistakes would do, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ringwall.model.mistake import Depth, Hardness, Mistake, Tolerance
from ringwall.model.verdict import Verdict
from ringwall.report.connections import connections
from ringwall.report.paths_text import step_words
from ringwall.report.terminal import Tone, paint, table, wrap
from ringwall.report.words import clean, count, cut, listed, place


def hardness(found: Hardness, *, color: bool = False, width: int = 100) -> str:
    """The matrix, its weakest pair with what would open it, then each guarantee."""
    lines = [paint("Layers that stop what must not pass", "bold", color)]
    lines += _matrix(found.depths, width)
    weakest = weakest_of(found.depths)
    if weakest is not None:
        lines += ["", *_weakest(weakest, color, width)]
    lines += ["", paint("One mistake away", "bold", color)]
    if not found.tolerances:
        lines.append("  no guarantee forbids anything, so no mistake can break one")
    for one in found.tolerances:
        lines += _tolerance(one, color, width)
    return "\n".join(lines) + "\n"


def hardness_summary(found: Hardness) -> str:
    """One line that sums up."""
    weakest = weakest_of(found.depths)
    told = "nothing is forbidden between tiers"
    if weakest is not None:
        pair = f"{weakest.source} -> {weakest.target}"
        told = f"at least {count(len(weakest.layers), 'layer')} everywhere, fewest for {pair}"
    broken = sum(one.verdict is Verdict.VIOLATED for one in found.tolerances)
    away = sum(bool(one.breaking) for one in found.tolerances)
    dark = sum(one.verdict is Verdict.UNKNOWN or bool(one.unsure) for one in found.tolerances)
    words = [
        f"{count(number, 'guarantee')} {what}"
        for number, what in (
            (broken, "broken already"),
            (away, "one mistake away from breaking"),
            (dark, "not known"),
        )
        if number
    ]
    held = len(found.tolerances)
    fine = "no guarantee that a mistake could break"
    if held:
        fine = f"no single mistake breaks {'the' if held == 1 else f'any of {held}'} guarantee"
        fine += "s" if held > 1 else ""
    return clean(f"{told}; {', '.join(words) or fine}")


def weakest_of(depths: Sequence[Depth]) -> Depth | None:
    """The pair that the fewest layers, then the fewest single rules, keep apart."""
    return min(depths, key=lambda one: (len(one.layers), len(one.stops)), default=None)


def _matrix(depths: Sequence[Depth], width: int) -> list[str]:
    names = list(dict.fromkeys(name for one in depths for name in (one.source, one.target)))
    if len(names) > 8:
        rows = [[clean(one.source), clean(one.target), str(len(one.layers)),
                 listed(one.layers) or "none"] for one in depths]  # fmt: skip
        return table(["from", "to", "layers", "which"], rows, width=width)
    cells = {(one.source, one.target): str(len(one.layers)) for one in depths}
    rows = [
        [clean(source), *(cells.get((source, target), "-") for target in names)] for source in names
    ]
    return table(["from \\ to", *(clean(name) for name in names)], rows, width=width)


def _weakest(one: Depth, color: bool, width: int) -> list[str]:
    what = cut(", ".join(map(str, connections(one.services, one.services))), 60)
    layers = listed(one.layers) or "nothing"
    verb = "stop" if len(one.layers) > 1 else "stops"
    text = f"{one.source} to {one.target}: {layers} {verb} {what} from {one.one} to {one.other}"
    lines = wrap(clean(text), width, "weakest: ")
    if not one.stops:
        return [*lines, "  nothing stops it today"]
    alone = len(one.stops) == 1
    lines.append(
        "  the single change that would open it:" if alone
        else f"  no single change opens it; {count(len(one.stops), 'rule')} would have to change:"
    )  # fmt: skip
    for step in one.stops:
        lines += wrap(step_words(step), width, "    ")
        if place(step.origin) != "implicit":
            lines.append("      " + paint(place(step.origin), "place", color))
    return lines


def _tolerance(one: Tolerance, color: bool, width: int) -> list[str]:
    mark, tone, told = _verdict(one)
    lines = wrap(clean(f"{one.guarantee}: {told}"), width, f"  {mark}  ", " " * 6)
    lines[0] = lines[0].replace(mark, paint(mark, tone, color), 1)
    for mistakes, label in ((one.breaking, "✗"), (one.unsure, "?")):
        for mistake in mistakes:
            lines += wrap(clean(_mistake(mistake)), width, f"      {label} ")
            if place(mistake.origin) != "implicit":
                lines.append(" " * 8 + paint(place(mistake.origin), "place", color))
    return lines


def _verdict(one: Tolerance) -> tuple[str, Tone, str]:
    if one.verdict is Verdict.VIOLATED:
        return "✗ broken", "bad", "it does not hold as the network stands"
    if one.verdict is Verdict.UNKNOWN:
        return "? unknown", "warn", "whether it holds as the network stands is not known"
    of = f"of {count(one.tried, 'single change')}"
    if one.breaking:
        return "✗ one away", "bad", f"{len(one.breaking)} kinds {of} break it"
    if one.unsure:
        return "? unknown", "warn", f"{len(one.unsure)} kinds {of} may break it"
    return "✓ holds", "good", f"none {of} breaks it"


def _mistake(one: Mistake) -> str:
    return f"{one.kind} {one.resource}: {one.change}"
