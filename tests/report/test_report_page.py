"""The page: one file, no request, no script, names as text, and in order for assistive readers."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
import report_networks as made
from test_report_topology import HOSTILE, contrast, hostile_network

from ringwall.facts.load import facts
from ringwall.model.network import Gap, Network
from ringwall.model.policy import Policy
from ringwall.model.verdict import Proof, Verdict
from ringwall.report.page import html
from ringwall.report.page_style import VERDICT_COLOURS
from ringwall.report.theme import GROUNDS

VOID = {"meta"}


class Page(HTMLParser):
    """The tags of a page with their attributes; fails on tags that do not pair up."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.sheets: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.sheets if self.open[-1:] == ["style"] else self.words).append(data)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def page(bad: bool = True, **more: object) -> str:
    proofs = made.proofs(bad=bad)
    return html(made.CLINIC, made.CLINIC_POLICY, proofs, title="clinic", **more)  # type: ignore[arg-type]


def test_the_summary_is_on_top_and_all_sections_are_there() -> None:
    found = Page(page())
    text = found.text
    assert "1 of 2 flows broken" in text
    assert text.index("1 of 2 flows broken") < text.index("Findings: 2 violated and 1 unknown")
    ids = [one["id"] for one in found.of("section")]
    assert ids == [
        "findings",
        "map",
        "proofs",
        "layers",
        "flows",
        "addresses",
        "gaps",
        "assumptions",
    ]
    for words in ("payment provider", "10.0.17.0/24", "template.json:60:5 PublicAcl",
                  "the routes of `rtb-9` are not known", "no statement of compliance"):  # fmt: skip
        assert words in text


def test_the_page_asks_nothing_of_anybody_and_runs_nothing() -> None:
    text = page(template_name="template.json", template_bytes=9)
    found = Page(text)
    assert not found.of("script")
    assert not found.of("link")
    assert not found.of("img")
    for tag, attributes in found.tags:
        assert "style" not in attributes, tag
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("href", "src", "xlink:href", "action"):
            assert attributes.get(key, "#").startswith(("#", "./")), attributes
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_content_policy_allows_these_two_sheets_and_no_more() -> None:
    found = Page(page())
    policy = next(one["content"] for one in found.of("meta") if "http-equiv" in one)
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    hashes = {
        base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode() for sheet in found.sheets
    }
    assert allowed == hashes
    assert len(hashes) == 2
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_landmarks_headers_and_ids_are_in_order() -> None:
    found = Page(page())
    for tag in ("header", "main", "footer", "nav", "h1"):
        assert len(found.of(tag)) == 1, tag
    assert all("scope" in one for one in found.of("th"))
    assert len(found.of("caption")) == len(found.of("table"))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in found.of("a"):
        assert link["href"].removeprefix("#") in ids
    for _, attributes in found.tags:
        for one in attributes.get("aria-labelledby", "").split():
            assert one in ids


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page() == page()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    network, policy = hostile_network(name)
    gapped = Network(
        source=name,
        region=name,
        **{
            field: getattr(network, field)
            for field in ("vpcs", "subnets", "interfaces", "buckets", "route_tables")
        },
        gaps=(Gap("missing", name, name, (name,)),),
    )
    proof = Proof("RW-ONLY", name, name, Verdict.VIOLATED, name, reasons=(name,), layers=(name,))
    text = html(gapped, policy, [proof], title=name, template_name=name, template_bytes=10**6)
    found = Page(text)
    assert not found.of("script")
    assert not any(mark in text for mark in "\x00\x1b\x07\u202e\ufffe")
    text.encode("utf-8")
    plain = Page(html(*hostile_network("plain"), [], title="plain"))
    assert {tag for tag, _ in plain.tags} <= {tag for tag, _ in found.tags} | {"p"}


def test_a_large_template_says_how_to_upload_it() -> None:
    limit = facts("quotas").values["cloudformation"]["template-bytes-inline"]["default"]
    small = Page(page(template_name="template.json", template_bytes=limit)).text
    large = Page(page(template_name="template.json", template_bytes=limit + 1)).text
    assert "S3" not in small.split("The template")[-1].split("What is not known")[0]
    assert "uploaded to an S3 bucket" in large


def test_a_network_without_policy_or_proofs_has_a_page_too() -> None:
    found = Page(html(made.untagged(), Policy(()), [], title="dump"))
    assert [one["id"] for one in found.of("section")] == ["map", "addresses", "gaps"]
    assert "Nothing: all of the source was understood." in found.text


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_verdict_colours_can_be_read(scheme: int) -> None:
    for tone in ("good", "bad", "warn"):
        for ground in (GROUNDS["page"][scheme], VERDICT_COLOURS[f"{tone}-tint"][scheme]):
            assert contrast(VERDICT_COLOURS[tone][scheme], ground) >= 4.5
