"""What differs between two networks: for a terminal, and as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from ringwall.model.difference import Change, ChangeKind, Difference, RuleChange
from ringwall.model.services import show_services
from ringwall.model.verdict import ReturnPorts, Step
from ringwall.report.paths_text import step_words
from ringwall.report.terminal import Tone, paint, wrap
from ringwall.report.words import blocks, clean, count, listed, place

_MARKS: dict[ChangeKind, tuple[str, Tone]] = {
    "gained": ("+ gained", "bad"),
    "lost": ("- lost", "warn"),
    "changed": ("~ changed", "warn"),
    "unknown": ("? unknown", "dim"),
}
_BACK = {
    ReturnPorts.ALL: "answers come back",
    ReturnPorts.SOME: "answers come back to some client ports",
    ReturnPorts.NONE: "no answer comes back",
}
#: More rules of one resource than a reader wants; JSON has all.
_MOST_RULES = 6


def difference(found: Difference, *, color: bool = False, width: int = 100) -> str:
    """Gained, lost, changed, then what is not known, then the rules behind it."""
    lines: list[str] = []
    for kind, (mark, tone) in _MARKS.items():
        for one in (one for one in found.changes if one.kind == kind):
            text = wrap(clean(f"{words(one)}: {outcome(one)}"), width, f"{mark}  ", " " * 6)
            text[0] = text[0].replace(mark, paint(mark, tone, color), 1)
            lines += text
            for reason in one.reasons:
                lines += wrap(clean(reason), width, "      because ")
            lines += _rule(one.step, color, width)
    lines += _units(found, width)
    if found.rules:
        lines += ["", paint("Rules that differ", "bold", color)]
        for rule in found.rules:
            lines += _rules(rule, color, width)
    return "\n".join(line for line in lines).lstrip("\n") + ("\n" if lines else "")


def difference_summary(found: Difference) -> str:
    """One line that sums up."""
    told = [
        f"{sum(one.kind == kind for one in found.changes)} {kind}"
        for kind in _MARKS
        if any(one.kind == kind for one in found.changes)
    ]
    if told:
        total = len(found.changes)
        return f"{count(total, 'connection')} {'differs' if total == 1 else 'differ'}: " + (
            ", ".join(told)
        )
    if found.rules:
        return f"no connection differs; {count(len(found.rules), 'resource')} with other rules"
    return "no connection differs"


def words(change: Change) -> str:
    """``internet (198.51.100.0/24) to web, tcp/443``."""
    source, target = change.source, change.target
    if change.source_addresses:
        source += f" ({blocks(change.source_addresses)})"
    if change.target_addresses:
        target += f" ({blocks(change.target_addresses)})"
    apart = f", {listed(change.ends, most=3)}" if change.ends else ""
    return f"{source} to {target}, {show_services(change.services)}{apart}"


def outcome(change: Change) -> str:
    """What became of it, and of its answers."""
    if change.kind == "gained" and change.after is not None:
        return f"{change.detail}, {_BACK[change.after]}"
    return change.detail


def _rule(step: Step | None, color: bool, width: int) -> list[str]:
    if step is None:
        return []
    lines = wrap(step_words(step), width, "      by ", " " * 9)
    where = place(step.origin)
    return lines if where == "implicit" else [*lines, " " * 8 + paint(where, "place", color)]


def _units(found: Difference, width: int) -> list[str]:
    lines: list[str] = []
    for names, told in ((found.appeared, "only in the second"), (found.gone, "only in the first")):
        if names:
            lines += ["", *wrap(clean(listed(names, most=12)), width, f"{told}: ")]
    return lines


def effect(rule: RuleChange) -> str:
    """Whether a change of rules matters by itself."""
    return {
        True: "by itself changes connections",
        False: "by itself changes no connection",
        None: "its own effect was not tried",
    }[rule.matters]


def _rules(rule: RuleChange, color: bool, width: int) -> list[str]:
    lines = wrap(clean(f"{rule.kind} {rule.resource}: {effect(rule)}"), width, "  ", " " * 6)
    for mark, steps in (("+", rule.added), ("-", rule.removed)):
        for step in steps[:_MOST_RULES]:
            lines += wrap(clean(step.rule), width, f"    {mark} ")
            where = place(step.origin)
            if where != "implicit":
                lines.append(" " * 8 + paint(where, "place", color))
        if len(steps) > _MOST_RULES:
            lines.append(f"    {mark} and {len(steps) - _MOST_RULES} more")
    return lines


# --- markdown -----------------------------------------------------------------------------


def markdown(found: Difference) -> str:
    """The same as a comment on a pull request: a table per kind, the rules folded away."""
    lines = [f"### Ringwall: {_md(difference_summary(found))}", "",
             f"`{_code(found.before)}` → `{_code(found.after)}`", ""]  # fmt: skip
    for kind, (mark, _) in _MARKS.items():
        mine = [one for one in found.changes if one.kind == kind]
        if mine:
            lines += [f"**{mark}** ({len(mine)})", "", "| from | to | what | |",
                      "|---|---|---|---|"]  # fmt: skip
            lines += [_row(one) for one in mine]
            lines.append("")
    for names, told in ((found.appeared, "Only after"), (found.gone, "Only before")):
        if names:
            lines += [f"{told}: {', '.join(f'`{_code(name)}`' for name in names)}", ""]
    lines += _folded(found.rules)
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(change: Change) -> str:
    source = _cell(change.source, blocks(change.source_addresses), bool(change.source_addresses))
    target = _cell(change.target, blocks(change.target_addresses), bool(change.target_addresses))
    told = _md(outcome(change))
    if change.ends:
        told += f" ({_md(listed(change.ends, most=3))})"
    if change.step is not None:
        told += f"<br>`{_code(step_words(change.step))}`"
    for reason in change.reasons:
        told += f"<br>{_md(reason)}"
    return f"| {source} | {target} | `{_code(show_services(change.services))}` | {told} |"


def _cell(name: str, where: str, shown: bool) -> str:
    return f"`{_code(name)}`" + (f" {_md(where)}" if shown else "")


def _folded(rules: Sequence[RuleChange]) -> list[str]:
    if not rules:
        return []
    lines = ["<details><summary>Rules that differ</summary>", ""]
    for rule in rules:
        lines.append(f"- {rule.kind} `{_code(rule.resource)}`: {effect(rule)}")
        for mark, steps in (("+", rule.added), ("−", rule.removed)):
            lines += [f"  - {mark} `{_code(step.rule)}`" for step in steps]
    return [*lines, "", "</details>"]


def _md(text: str) -> str:
    """Text of other people's in a table of Markdown: shown, never obeyed."""
    safe = clean(text)
    for character in "\\`*_{}[]<>|#@!~":
        safe = safe.replace(character, f"&#{ord(character)};")
    return safe


def _code(text: str) -> str:
    """The same inside backticks, where only backticks and the table's bars would end it."""
    return clean(text).replace("`", "'").replace("|", "¦")
