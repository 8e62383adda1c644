"""Text for people: goldens to read, and that no meaning hangs on colour."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import report_networks as made

from ringwall.model.addresses import of_cidr
from ringwall.model.intervals import EMPTY
from ringwall.model.policy import Policy
from ringwall.model.services import ALL_SERVICES, tcp, whole_protocol
from ringwall.model.verdict import PairReach, Reach, Verdict
from ringwall.report import text
from ringwall.report.terminal import table
from ringwall.report.words import blocks, clean, columns_of, count, cut, listed

GOLDENS = Path(__file__).parent / "goldens"


def check(name: str, found: str) -> None:
    """Compare with a golden; ``RINGWALL_RENEW=1`` renews it (read the difference!)."""
    path = GOLDENS / name
    if os.environ.get("RINGWALL_RENEW"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_the_plan_reads_like_a_plan() -> None:
    check("plan.txt", text.plan(made.CLINIC, made.CLINIC_POLICY))


def test_violations_come_first_with_their_packet() -> None:
    found = text.proofs(made.proofs(bad=True), color=False)
    check("proofs-bad.txt", found)
    marks = [found.index(word) for word in ("✗ VIOLATED", "? unknown", "✓ proved")]
    assert marks == sorted(marks)


def test_proved_claims_are_counted_or_listed() -> None:
    check("proofs-good.txt", text.proofs(made.proofs(bad=False), color=False))
    check("proofs-verbose.txt", text.proofs(made.proofs(bad=False), color=False, verbose=True))


@pytest.mark.parametrize("verdict", list(Reach))
def test_an_explanation_goes_hop_by_hop_and_ends_with_its_verdict(verdict: Reach) -> None:
    found = text.explanation(made.answer(verdict), color=False)
    check(f"explanation-{verdict.value}.txt", found)
    assert verdict.value in found.splitlines()[-1].lower()


def _pair(services: object, possible: object, replies: object) -> PairReach:
    return PairReach(
        "web", "api", of_cidr("10.0.0.0/24"), of_cidr("10.0.16.0/28"),
        services, possible, replies, possible, ("the route of `rtb-9` is not known",),  # type: ignore[arg-type]
    )  # fmt: skip


def test_pairs_say_what_is_certain_and_what_is_only_possible() -> None:
    rows = [
        _pair(tcp(443), tcp(443), tcp(1024, 65535)),
        _pair(EMPTY, ALL_SERVICES, EMPTY),
        _pair(EMPTY, EMPTY, EMPTY),
        _pair(ALL_SERVICES - tcp(25), ALL_SERVICES, ALL_SERVICES),
        _pair(whole_protocol(1), whole_protocol(1), EMPTY),
    ]
    check("pairs.txt", text.pairs(rows, color=False))


def test_gaps_that_touch_paths_come_first() -> None:
    check("gaps.txt", text.gaps(made.CLINIC))


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        (False, "2 flows proved, nothing else is open, 3 guarantees hold"),
        (
            True,
            "1 of 2 flows broken, 1 pair of ends may be open beyond them,"
            " 1 of 3 guarantees violated: never web -> data",
        ),
    ],
)
def test_the_summary_is_one_line_with_the_bad_news_in_it(bad: bool, line: str) -> None:
    assert text.summary(made.proofs(bad=bad)) == line
    assert text.summary(()) == "nothing was judged"


def _everything(color: bool) -> str:
    shown = [text.proofs(made.proofs(bad=True), color=color, verbose=True)]
    shown += [text.explanation(made.answer(one), color=color) for one in Reach]
    shown += [text.plan(made.CLINIC, made.CLINIC_POLICY, color=color)]
    shown += [text.gaps(made.CLINIC, color=color)]
    return "".join(shown)


def test_colour_adds_nothing_but_colour() -> None:
    assert "\x1b" not in _everything(color=False)
    assert re.sub(r"\x1b\[[0-9;]*m", "", _everything(color=True)) == _everything(color=False)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_nothing_claims_compliance(verdict: Verdict) -> None:
    assert "complian" not in _everything(color=False).lower()
    assert verdict.value in _everything(color=False).lower()


@pytest.mark.parametrize("width", [60, 100, 140])
def test_lines_keep_the_width_where_words_allow(width: int) -> None:
    for line in text.proofs(made.proofs(bad=True), color=False, width=width).splitlines():
        assert columns_of(line) <= width or len(line.split()) < 4


def test_an_untagged_network_has_a_plan_too() -> None:
    found = text.plan(made.untagged(), Policy(()))
    assert "jump host" in found
    assert "isolated" in found
    assert "VPC spare 10.2.0.0/16" in found


def test_names_of_others_cannot_steer_the_terminal() -> None:
    assert clean("a\x1b[31m\r\nb\u202ec") == "a\\x1b[31m\\x0d\\x0ab\\u202ec"
    assert clean("größe 数据 שלום") == "größe 数据 שלום"


def test_small_words() -> None:
    assert [count(1, "flow"), count(1204, "flow")] == ["1 flow", "1,204 flows"]
    assert listed(["a", "b", "c", "d"], most=2) == "a, b and 2 more"
    assert [cut("数据库", 4), columns_of("数据库")] == ["数…", 6]
    assert blocks(of_cidr("10.0.0.0/24") | of_cidr("10.0.1.0/25")) == "10.0.0.0-10.0.1.127"


def test_tables_wrap_their_last_column_and_align_wide_names() -> None:
    rows = [["数据", "one two three four five six seven eight"], ["a", "b"]]
    lines = table(["name", "why"], rows, width=40)
    assert lines == [
        "  name  why",
        "  数据  one two three four five six",
        "        seven eight",
        "  a     b",
    ]
