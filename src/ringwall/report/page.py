"""One self-contained HTML page about one network: picture, proofs, flows, addresses, gaps.

It asks nothing of any server and runs no script; its content policy forbids both. It is built as
a tree, so that a name in it cannot become markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.model.verdict import Proof, Verdict
from ringwall.report import page_parts
from ringwall.report.markup import camel, element
from ringwall.report.page_style import VERDICT_CLASS, page_css
from ringwall.report.proofs_text import MARKS, summary
from ringwall.report.theme import drawing_css
from ringwall.report.topology import drawing


def html(
    network: Network,
    policy: Policy,
    proofs: Sequence[Proof],
    *,
    title: str,
    template_name: str | None = None,
    template_bytes: int = 0,
) -> str:
    """The page as text. ``template_name`` is a file beside the page, of ``template_bytes``."""
    sections = [
        one
        for one in (
            page_parts.findings(proofs),
            _map(network, policy, title),
            page_parts.proved(proofs),
            page_parts.layers(proofs),
            page_parts.flows(policy),
            page_parts.addresses(network, policy),
            page_parts.template(template_name, template_bytes),
            page_parts.gaps(network),
            page_parts.assumptions(proofs),
        )
        if one is not None
    ]
    page = element(
        "html",
        _head(title),
        element(
            "body",
            element("a", "Skip to the content", href="#content", class_="skip"),
            _header(network, proofs, title, sections),
            element("main", *sections, id="content"),
            element(
                "footer",
                "Made by Ringwall from ",
                page_parts.bdi(network.source),
                ". It says what the network lets through, as far as the sections above tell what"
                " was known and assumed; it is no statement of compliance.",
            ),
        ),
        lang="en",
    )
    return "<!DOCTYPE html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def _hash(sheet: str) -> str:
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _head(title: str) -> Element:
    sheet = page_css()
    allowed = " ".join((_hash(sheet), _hash(drawing_css())))
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'"
    secure = camel(element("meta"), **{"http-equiv": "Content-Security-Policy", "content": policy})
    return element(
        "head",
        element("meta", charset="utf-8"),
        secure,
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{title} · Ringwall"),
        element("style", sheet),
    )


def _header(
    network: Network, proofs: Sequence[Proof], title: str, sections: Sequence[Element]
) -> Element:
    made = element("header", element("h1", page_parts.bdi(title)))
    where = " · ".join(word for word in (network.region, network.source) if word)
    made.append(element("p", page_parts.bdi(where), class_="quiet"))
    if proofs:
        worst = next(
            one
            for one in (Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.PROVED)
            if any(proof.verdict is one for proof in proofs)
        )
        said = element(
            "p",
            element("span", MARKS[worst][0].split(" ", 1)[0], aria_hidden="true"),
            page_parts.bdi(summary(proofs)),
            class_=f"sum {VERDICT_CLASS[worst.value]}",
        )
        made.append(said)
        tally = element("ul", class_="counts", aria_label="Verdicts")
        for verdict in Verdict:
            number = sum(proof.verdict is verdict for proof in proofs)
            words = f"claims {verdict.value}" if number != 1 else f"claim {verdict.value}"
            tally.append(element("li", element("b", f"{number:,}"), words))
        made.append(tally)
    links = element("ul")
    for one in sections:
        heading = "".join(one[0].itertext())
        links.append(element("li", element("a", heading, href=f"#{one.get('id')}")))
    made.append(element("nav", links, aria_label="Sections"))
    return made


def _map(network: Network, policy: Policy, title: str) -> Element:
    picture = drawing(network, policy, title=title)
    figure = element("div", picture, class_="figure", role="region", tabindex="0")
    figure.set("aria-label", "Picture of the network")
    return page_parts.section("map", "The network", figure)
