"""Reachability Analyzer's explanation codes: the facts, the page made of them, and our source.

``RINGWALL_RENEW=1`` writes the page anew from the facts.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from textwrap import wrap

from ringwall.facts.load import facts

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation-codes.md"
SOURCES = ROOT / "src" / "ringwall" / "prove"

HANDLING = {
    "emitted": "modelled, and said",
    "modelled": "modelled",
    "abstained": "abstained",
    "not-applicable": "does not arise",
}
SECTIONS = {
    "path": "Codes of a path that is not reachable",
    "configuration": "Codes of a question that cannot be asked",
    "filter": "Codes of search filters",
}


_OPENING = (
    "Reachability Analyzer explains a path that is not reachable by codes. This is every one of "
    "them, as AWS documents them (read on {}), and what Ringwall makes of the fact."
)
_MEANING = {
    "emitted": "it is judged, and the step of `ringwall explain` that it decides carries the code.",
    "modelled": "it is judged; the step says it in words, or another code says the same.",
    "abstained": "what hangs on it is unknown or not judged, for the reason that stands here.",
    "not-applicable": "it is about how questions are put to AWS's tool.",
}


def prose(text: str, indent: str = "") -> list[str]:
    """A paragraph after an empty line, at most 100 columns wide."""
    return ["", *wrap(text, 100, subsequent_indent=indent)]


def page() -> str:
    known = facts("explanation-codes")
    counts = {how: sum(one["handling"] == how for one in known.values.values()) for how in HANDLING}
    lines = ["# AWS's explanation codes", *prose(_OPENING.format(known.as_of))]
    for how, words in _MEANING.items():
        told = f"- **{HANDLING[how]}** ({counts[how]}): {words}"
        lines += prose(told, "  ")[0 if how == "emitted" else 1 :]
    lines += prose("AWS's tool judges IPv4 only; all of this holds for IPv6 here, too.")
    for section, title in SECTIONS.items():
        lines += ["", f"## {title}", "", "| code | Ringwall | where, or why not |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {HANDLING[one['handling']]} | {one['note']} |"
            for code, one in known.values.items()
            if one["section"] == section
        ]
    return "\n".join(lines) + "\n"


def emitted() -> set[str]:
    """Every word in the simulator's source that is one of AWS's codes."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted(SOURCES.glob("*.py"))
        if path.name.startswith(("simulator", "explain"))
    )
    return set(re.findall(r'^[A-Z_]+ = "([A-Z0-9]+(?:_[A-Z0-9]+)+)"$', text, re.MULTILINE))


def test_the_page_is_made_of_the_facts() -> None:
    if os.environ.get("RINGWALL_RENEW"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_simulator_says_no_code_that_aws_does_not_have() -> None:
    assert emitted() <= set(facts("explanation-codes").values)


def test_what_counts_as_said_is_said_and_nothing_else() -> None:
    known = facts("explanation-codes").values
    assert {code for code, one in known.items() if one["handling"] == "emitted"} == emitted()


def test_every_code_has_a_note() -> None:
    for code, one in facts("explanation-codes").values.items():
        assert one["handling"] in HANDLING, code
        assert one["section"] in SECTIONS, code
        assert one["note"], code


def test_every_code_that_is_said_shows_in_a_trace() -> None:
    """The goldens of the simulator and of explain hold an example of nearly every code."""
    goldens = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((Path(__file__).parent / "traces").rglob("*.txt"))
    )
    shown = set(re.findall(r"\[([A-Z0-9_]+)\]", goldens))
    assert emitted() - shown == NOT_IN_A_GOLDEN


#: Load balancers hand on in ``explain``, whose own tests show it.
NOT_IN_A_GOLDEN = {"ELB_NOT_CROSSZONE"}
