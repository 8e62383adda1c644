"""The answers to the standing questions, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ringwall.model.addresses import ALL_V4, ALL_V6, AddressSet
from ringwall.model.services import show_services
from ringwall.model.standing import Reading, Standing
from ringwall.report.paths_text import step_words
from ringwall.report.terminal import Tone, paint, wrap
from ringwall.report.words import blocks, clean, count, listed, place

#: What each question asks, in the words of a heading, and what stands there for no answer.
ASKED: dict[str, tuple[str, str]] = {
    "RW-INTERNET": ("what the Internet can reach", "nothing"),
    "RW-STORES": ("what can reach each data store", "nothing"),
    "RW-PREMISES": ("what passes to and from on-premises", "nothing"),
    "RW-HALF": ("what works only half: the answer is blocked", "nothing"),
    "RW-DEAD": ("rules that never decide", "none"),
    "RW-STALE": ("references to what is not there", "none"),
}
_MARKS: dict[Standing, tuple[str, Tone]] = {
    "open": ("· open", "dim"),
    "finding": ("✗ finding", "bad"),
    "unknown": ("? unknown", "warn"),
}
#: More of one kind than anybody reads at a terminal; ``--verbose`` and JSON show all.
MOST = 12


def standing(
    readings: Sequence[Reading], *, color: bool = False, verbose: bool = False, width: int = 100
) -> str:
    """Question by question: findings first, then what is open, then what is not known."""
    lines: list[str] = []
    for code, (asked, none) in ASKED.items():
        mine = [one for one in readings if one.code == code]
        lines.append(paint(f"{code} {asked}", "bold", color) + ("" if mine else f": {none}"))
        for kind in ("finding", "open", "unknown"):
            groups = _alike([one for one in mine if one.standing == kind])
            shown = groups if verbose else groups[:MOST]
            for group in shown:
                lines += _group(group, color, width)
            if len(shown) < len(groups):
                lines.append(f"  and {count(len(groups) - len(shown), 'line')} more (`--verbose`)")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def standing_summary(readings: Sequence[Reading]) -> str:
    """One line that sums up, findings first."""
    told: list[str] = []
    for kind, word in (("finding", "finding"), ("unknown", "thing")):
        mine = [one for one in readings if one.standing == kind]
        by_code = [
            f"{sum(one.code == code for one in mine)} {code}"
            for code in ASKED
            if any(one.code == code for one in mine)
        ]
        if mine:
            what = count(len(mine), word) + (" not known" if kind == "unknown" else "")
            told.append(f"{what} ({', '.join(by_code)})")
    open_to = {
        one.target for one in readings if (one.code, one.standing) == ("RW-INTERNET", "open")
    }
    reached = (
        f"the Internet reaches {listed(sorted(open_to), most=4)}"
        if open_to
        else ("the Internet surely reaches nothing")
    )
    return clean("; ".join([", ".join(told) or "no findings", reached]))


def _alike(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Readings that differ in their source only are told as one."""
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for one in readings:
        rule = (one.step.resource, one.step.rule) if one.step and one.source else one.subject
        key = (one.target, one.services, one.detail, one.replies, one.addresses, rule)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _group(group: Sequence[Reading], color: bool, width: int) -> list[str]:
    first = group[0]
    mark, tone = _MARKS[first.standing]
    opening = f"  {mark}  "
    text = f"{_ends(group)}: {first.detail}"
    lines = wrap(clean(text), width, opening, " " * 6)
    lines[0] = lines[0].replace(mark, paint(mark, tone, color), 1)
    for step, label in (
        *([(first.step, "by " if first.source else "at ")] if first.step else []),
        *((other, "behind ") for other in first.others),
    ):
        lines += wrap(step_words(step), width, f"      {label}", " " * 8)
        where = place(step.origin)
        if where != "implicit":
            lines.append(" " * 8 + paint(where, "place", color))
    return lines


def _ends(group: Sequence[Reading]) -> str:
    first = group[0]
    if not first.source:
        return first.subject
    sources = listed([_source(one) for one in group], most=6)
    return f"{sources} to {first.target}, {show_services(first.services)}"


def _source(reading: Reading) -> str:
    if not reading.addresses or reading.source == "on-premises":
        return reading.source
    return f"{reading.source} ({_from(reading.addresses)})"


def _from(addresses: AddressSet) -> str:
    """``anywhere`` for more than half of a family: what is left out are special blocks."""
    for family, word in ((ALL_V4, "any IPv4 address"), (ALL_V6, "any IPv6 address")):
        if addresses <= family and addresses.size * 2 > (1 << 32 if family is ALL_V4 else 1 << 125):
            return word
    if (addresses & ALL_V4).size > 1 << 31:
        return "any address"
    return blocks(addresses)
