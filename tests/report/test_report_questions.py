"""What the answers to questions about a whole network look like, as text and as documents."""

from __future__ import annotations

from dataclasses import replace

import jsonschema

from ringwall.model.addresses import of_cidr
from ringwall.model.difference import Change, Difference, RuleChange
from ringwall.model.network import Network
from ringwall.model.origin import Origin
from ringwall.model.services import tcp
from ringwall.model.standing import Reading
from ringwall.model.verdict import ReturnPorts, Step
from ringwall.report.diff_document import difference_document
from ringwall.report.diff_text import difference, difference_summary, markdown
from ringwall.report.documents import schema
from ringwall.report.standing_document import standing_document
from ringwall.report.standing_text import MOST, standing, standing_summary

RULE = Step("security-group", "sg-1", "allow tcp/443 from 0.0.0.0/0", True,
            origin=Origin("dump.json", line=7, pointer="sg-1"))  # fmt: skip
OPEN = Reading("RW-INTERNET", "open", "internet -> web", "it arrives", "internet", "web", step=RULE,
               addresses=of_cidr("0.0.0.0/0"), services=tcp(443), replies=ReturnPorts.ALL,
               clients=(1024, 65535))  # fmt: skip
DEAD = Reading("RW-DEAD", "finding", "network ACL a in 120", "it never decides", step=RULE,
               others=(RULE,))  # fmt: skip
DARK = Reading("RW-STALE", "unknown", "interface eni\x1b[31m", "not in the material",
               reasons=("not in the material",))  # fmt: skip


def test_the_text_of_answers() -> None:
    assert standing([OPEN, DEAD, DARK]).splitlines() == [
        "RW-INTERNET what the Internet can reach",
        "  · open  internet (any IPv4 address) to web, tcp/443: it arrives",
        "      by security-group sg-1: allow tcp/443 from 0.0.0.0/0",
        "        dump.json:7 sg-1",
        "",
        "RW-STORES what can reach each data store: nothing",
        "",
        "RW-PREMISES what passes to and from on-premises: nothing",
        "",
        "RW-HALF what works only half: the answer is blocked: nothing",
        "",
        "RW-DEAD rules that never decide",
        "  ✗ finding  network ACL a in 120: it never decides",
        "      at security-group sg-1: allow tcp/443 from 0.0.0.0/0",
        "        dump.json:7 sg-1",
        "      behind security-group sg-1: allow tcp/443 from 0.0.0.0/0",
        "        dump.json:7 sg-1",
        "",
        "RW-STALE references to what is not there",
        "  ? unknown  interface eni\\x1b[31m: not in the material",
    ]


def test_colour_adds_nothing_to_the_words() -> None:
    plain, bright = (standing([OPEN, DEAD, DARK], color=color) for color in (False, True))
    assert "\x1b[1;31m✗ finding\x1b[0m" in bright
    for code in ("1;31", "33", "2", "1", "36", "0"):
        bright = bright.replace(f"\x1b[{code}m", "")
    assert bright == plain


def test_a_long_list_is_cut_at_a_terminal_only_and_says_so() -> None:
    many = [Reading("RW-DEAD", "finding", f"rule {n}", "dead") for n in range(MOST + 3)]
    assert "and 3 lines more (`--verbose`)" in standing(many)
    assert f"rule {MOST + 2}" in standing(many, verbose=True)


def test_the_summary_puts_findings_first() -> None:
    assert standing_summary([OPEN, DEAD, DARK]) == (
        "1 finding (1 RW-DEAD), 1 thing not known (1 RW-STALE); the Internet reaches web"
    )
    assert standing_summary([]) == "no findings; the Internet surely reaches nothing"


def test_the_document_keeps_to_its_schema() -> None:
    document = standing_document(Network(source="dump.json"), [OPEN, DEAD, DARK])
    jsonschema.validate(document, schema("standing"))
    assert document["counts"] == {"open": 1, "finding": 1, "unknown": 1}
    jsonschema.Draft202012Validator.check_schema(schema("standing"))


# --- differences ----------------------------------------------------------------------------

LOST = Change("lost", "internet", "w|eb`", tcp(443), "it passes no more",
              source_addresses=of_cidr("198.51.100.0/24"), before=ReturnPorts.ALL,
              step=RULE)  # fmt: skip
GAINED = Change("gained", "api", "db", tcp(5432), "it passes now", ends=("eni-1 -> eni-2",),
                after=ReturnPorts.SOME)  # fmt: skip
DOUBT = Change("unknown", "api", "db", tcp(22), "whether this differs is not known",
               reasons=("a rule could not be resolved",))  # fmt: skip
RULES = RuleChange("security group", "sg-1", (RULE,), (), False)
FOUND = Difference("a.json", "b.json", (LOST, GAINED, DOUBT), ("new",), ("old",), (RULES,))


def test_the_text_of_a_difference() -> None:
    assert difference(FOUND, width=90).splitlines() == [
        "+ gained  api to db, tcp/5432, eni-1 -> eni-2: it passes now, answers come back to some",
        "      client ports",
        "- lost  internet (198.51.100.0/24) to w|eb`, tcp/443: it passes no more",
        "      by security-group sg-1: allow tcp/443 from 0.0.0.0/0",
        "        dump.json:7 sg-1",
        "? unknown  api to db, tcp/22: whether this differs is not known",
        "      because a rule could not be resolved",
        "",
        "only in the second: new",
        "",
        "only in the first: old",
        "",
        "Rules that differ",
        "  security group sg-1: by itself changes no connection",
        "    + allow tcp/443 from 0.0.0.0/0",
        "        dump.json:7 sg-1",
    ]
    assert difference_summary(FOUND) == "3 connections differ: 1 gained, 1 lost, 1 unknown"


def test_nothing_differs() -> None:
    assert difference(Difference("a", "b", ())) == ""
    assert difference_summary(Difference("a", "b", ())) == "no connection differs"
    same = Difference("a", "b", (), rules=(RULES,))
    assert difference_summary(same) == "no connection differs; 1 resource with other rules"


def test_a_comment_obeys_nobodys_markdown() -> None:
    told = markdown(FOUND)
    assert "| `internet` 198.51.100.0/24 | `w¦eb'` | `tcp/443` |" in told
    assert all(row.count("|") == 5 for row in told.splitlines() if row.startswith("|"))
    evil = replace(DOUBT, reasons=("<img src=x> [a](b) | @all",))
    assert "<img" not in markdown(Difference("a", "b", (evil,)))
    assert "@all" not in markdown(Difference("a", "b", (evil,)))


def test_the_document_of_a_difference_keeps_to_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema("diff"))
    document = difference_document(FOUND)
    jsonschema.validate(document, schema("diff"))
    assert document["counts"] == {"gained": 1, "lost": 1, "changed": 0, "unknown": 1}
