"""Complaints: the code frame, its mark under tabs, wide characters and long lines, and JSON."""

from __future__ import annotations

import re
import time

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.report.diagnostics import render, to_json
from ringwall.report.documents import schema
from ringwall.report.words import clean, columns_of

SPEC = """name: clinic
services:
  web: {kind: load-balancer, from: internet}
  api: {prot: 8080, from: [wbe]}
\tbad: "tab, first"
"""


def shown(*diagnostics: Diagnostic, text: str | None = SPEC, color: bool = False) -> str:
    return render(InputError(diagnostics), color=color, texts=lambda _: text)


def at(line: int, column: int | None = None) -> Origin:
    return Origin("ringwall.yaml", "", line, column)


def test_a_diagnostic_points_at_the_value_and_the_related_place_and_tells_the_mend() -> None:
    one = Diagnostic(
        "RW-SPEC-004", "`wbe` names no service", at(4, 28), "did you mean `web`?",
        ((at(3, 3), "`web` is here"),),
    )  # fmt: skip
    assert shown(one) == (
        "error[RW-SPEC-004]: `wbe` names no service\n"
        "  --> ringwall.yaml:4:28\n"
        "  |\n"
        "4 |   api: {prot: 8080, from: [wbe]}\n"
        "  |                            ^^^\n"
        "note: `web` is here\n"
        "  --> ringwall.yaml:3:3\n"
        "  |\n"
        "3 |   web: {kind: load-balancer, from: internet}\n"
        "  |   ^^^\n"
        "help: did you mean `web`?\n"
        "\n"
        "1 mistake in ringwall.yaml\n"
    )


def test_the_mark_stands_under_the_value_after_tabs_and_wide_characters() -> None:
    found = shown(Diagnostic("RW-X-001", "no", at(5, 7)))
    assert '5 |     bad: "tab, first"\n  |          ^^^^^^^^^^^^\n' in found
    wide = shown(Diagnostic("RW-X-001", "no", at(1, 7)), text="名前: 'x'  # y")
    assert "1 | 名前: 'x'  # y\n  |         ^\n" in wide


def test_a_mark_on_white_space_stays_on_it() -> None:
    found = shown(Diagnostic("RW-X-001", "a tab", at(5, 1)))
    assert '5 |     bad: "tab, first"\n  | ^^^^\n' in found


def test_a_long_line_is_cut_around_the_mark() -> None:
    text = "key: [" + "aaaa, " * 60 + "wrong, " + "bbbb, " * 60 + "]"
    found = shown(Diagnostic("RW-X-001", "no", at(1, text.index("wrong") + 1)), text=text)
    frame, mark = found.splitlines()[3:5]
    start = mark.index("^")
    assert frame[start : start + 5] == "wrong"
    assert mark.count("^") == 5
    assert columns_of(frame) <= 100
    assert frame.count("…") == 2


def test_without_the_text_or_a_line_only_the_place_is_told() -> None:
    found = shown(Diagnostic("RW-X-001", "no", at(4, 28)), text=None)
    assert found.splitlines()[:2] == ["error[RW-X-001]: no", "  --> ringwall.yaml:4:28"]
    assert "|" not in shown(Diagnostic("RW-X-001", "no", Origin("dump", "Subnets/0")))
    assert "|" not in shown(Diagnostic("RW-X-001", "no", at(99)))


def test_the_last_line_counts() -> None:
    many = [Diagnostic("RW-X-001", "no", at(line)) for line in (1, 2, 3)]
    assert shown(*many).splitlines()[-1] == "3 mistakes in ringwall.yaml"


def test_json_has_the_same_and_keeps_to_its_schema() -> None:
    one = Diagnostic("RW-X-001", "no", at(4, 28), "yes", ((at(3), "here"),))
    document = to_json(InputError([one]))
    jsonschema.validate(document, schema("errors"))
    assert document["errors"][0]["place"] == "ringwall.yaml:4:28"  # type: ignore[index]


@given(st.text(max_size=200), st.integers(1, 5), st.integers(1, 220), st.text(max_size=60))
def test_no_text_breaks_a_frame(text: str, line: int, column: int, message: str) -> None:
    one = Diagnostic("RW-X-001", message, Origin("f", "", line, column), message)
    plain, painted = shown(one, text=text), shown(one, text=text, color=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert all(clean(row) == row for row in plain.split("\n"))


def test_a_mark_in_a_line_of_megabytes_is_told_at_once() -> None:
    text = "[" + '"a", ' * 400_000 + '"b"]'
    marks = [
        Diagnostic("RW-X-001", "no", at(1, 2 + 5 * index)) for index in range(0, 400_000, 4000)
    ]
    start = time.process_time()
    found = shown(*marks, Diagnostic("RW-X-002", "no", at(1, len(text) - 3)), text=text)
    assert time.process_time() - start < 2
    (*others, last) = [line for line in found.splitlines() if line.startswith("1 |")]
    assert all(line.endswith("…") for line in others)
    assert all(line[4] == "…" for line in others[1:])
    assert last[4] == "…"
    assert last.endswith('"b"]')
