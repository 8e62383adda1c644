"""The sections of the page, each as a tree; a section with nothing to say is not made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element

from ringwall.facts.load import facts
from ringwall.model.network import Network
from ringwall.model.policy import Policy
from ringwall.model.services import show_services
from ringwall.model.verdict import Hop, Proof, Step, Trace, Verdict
from ringwall.report.inventory import views
from ringwall.report.markup import Child, element
from ringwall.report.page_style import VERDICT_CLASS
from ringwall.report.paths_text import hop_words, packet_words, step_words
from ringwall.report.proofs_text import KINDS, MARKS, ruling
from ringwall.report.text import gap_title, ordered_gaps
from ringwall.report.words import clean, count, listed, place, spans

_STEP = {True: ("✓ allowed", "good"), False: ("✗ blocked", "bad"), None: ("? unknown", "warn")}


def bdi(text: str) -> Element:
    """A name of somebody else's, kept from reordering the text around it."""
    return element("bdi", text)


def section(ident: str, title: str, *children: Child) -> Element:
    heading = element("h2", title, id=f"{ident}-title")
    return element("section", heading, *children, id=ident, aria_labelledby=f"{ident}-title")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Child]]) -> Element:
    """A table whose first cell in each row is the row's header. It scrolls sideways by keyboard
    too where it is wider than the page."""
    top = element("tr", *(element("th", word, scope="col") for word in head))
    body = element("tbody")
    for row in rows:
        first, *rest = row
        body.append(
            element(
                "tr",
                element("th", _cell(first), scope="row"),
                *(element("td", _cell(cell)) for cell in rest),
            )
        )
    made = element("table", element("caption", caption), element("thead", top), body)
    return element("div", made, class_="scroll", role="region", tabindex="0", aria_label=caption)


def _cell(cell: Child) -> Child:
    return bdi(cell) if isinstance(cell, str) else cell


def code(text: str) -> Element:
    return element("code", bdi(text))


def badge(verdict: Verdict) -> Element:
    return element("span", MARKS[verdict][0], class_=f"badge {VERDICT_CLASS[verdict.value]}")


def findings(proofs: Sequence[Proof]) -> Element | None:
    """What is violated, then what is unknown, each with its packet and the packet's way."""
    order = {Verdict.VIOLATED: 0, Verdict.UNKNOWN: 1}
    found = sorted(
        (one for one in proofs if one.verdict in order), key=lambda one: order[one.verdict]
    )
    if not found:
        return None
    violated = sum(one.verdict is Verdict.VIOLATED for one in found)
    told = [f"{violated} violated"] if violated else []
    told += [f"{len(found) - violated} unknown"] if violated < len(found) else []
    title = f"Findings: {listed(told)}"
    return section("findings", title, *(_finding(one) for one in found))


def _finding(proof: Proof) -> Element:
    unsure = " unsure" if proof.verdict is Verdict.UNKNOWN else ""
    made = element(
        "article",
        badge(proof.verdict),
        element("h3", code(proof.code), " ", bdi(proof.claim)),
        class_=f"finding{unsure}",
    )
    terms: list[tuple[str, Child]] = []
    if proof.detail:
        terms.append(("found", bdi(proof.detail)))
    terms += [("reason", bdi(reason)) for reason in proof.reasons]
    if place(proof.origin) != "implicit":
        terms.append(("asked at", code(place(proof.origin))))
    if proof.witness:
        terms.append(("packet", code(packet_words(proof.witness.packet))))
        label, step = ruling(proof)
        if step:
            terms.append((label, bdi(step_words(step))))
            terms.append(("at", code(place(step.origin))))
    listing = element("dl")
    for term, value in terms:
        listing.append(element("dt", term))
        listing.append(element("dd", value))
    made.append(listing)
    if proof.witness:
        made.append(trace("The packet's way", proof.witness.explanation.forward))
        reply = proof.witness.explanation.reply
        if reply and reply.blockers:
            made.append(trace("The reply's way", reply))
    return made


def trace(title: str, way: Trace) -> Element:
    """A packet's way, folded."""
    hops = element("ol", *(_hop(hop) for hop in way.hops), class_="trace")
    return element(
        "details",
        element("summary", title, " ", element("span", packet_words(way.packet), class_="quiet")),
        element("div", hops, class_="inner"),
    )


def _hop(hop: Hop) -> Element:
    made = element("li", bdi(hop_words(hop)))
    if hop.steps:
        made.append(element("ul", *(_step(step) for step in hop.steps), class_="steps"))
    return made


def _step(step: Step) -> Element:
    word, tone = _STEP[step.allowed]
    made = element("li", element("span", word, class_=tone), " ", bdi(step_words(step)))
    if place(step.origin) != "implicit":
        made.append(element("span", " ", code(place(step.origin)), class_="quiet"))
    return made


def proved(proofs: Sequence[Proof]) -> Element | None:
    """All claims by kind, folded: passes are kept, an auditor needs them."""
    if not proofs:
        return None
    folds: list[Element] = []
    for kind in dict.fromkeys(one.code for one in proofs):
        mine = [one for one in proofs if one.code == kind]
        rows = [
            (one.subject, badge(one.verdict), one.detail or one.claim, _place(one)) for one in mine
        ]
        tally = listed(
            f"{sum(one.verdict is verdict for one in mine)} {verdict.value}"
            for verdict in Verdict
            if any(one.verdict is verdict for one in mine)
        )
        head = ("subject", "verdict", "found", "asked at")
        words = KINDS.get(kind, kind)
        folds.append(
            element(
                "details",
                element(
                    "summary", f"{kind} {words} ", element("span", f"({tally})", class_="quiet")
                ),
                element("div", table(f"Claims {kind}: {words}", head, rows), class_="inner"),
            )
        )
    return section("proofs", "What was proved", *folds)


def _place(proof: Proof) -> Child:
    text = place(proof.origin)
    return code(text) if text != "implicit" else ""


def layers(proofs: Sequence[Proof]) -> Element | None:
    """What stops what nobody asked for, per pair of tiers."""
    mine = [one for one in proofs if one.code == "RW-LAYERS"]
    if not mine:
        return None
    rows = [(one.subject, badge(one.verdict), listed(one.layers), one.detail) for one in mine]
    head = ("from, to", "verdict", "layers at the weakest place", "found")
    note = "Independent layers that stop what no intended flow asks for"
    return section("layers", "Layers of defence", table(note, head, rows))


def flows(policy: Policy) -> Element | None:
    if not policy.flows:
        return None
    rows = [
        (
            f"{one.source} → {one.target}",
            code(show_services(one.services)),
            code(spans([one.client_ports])),
            one.why,
            "the design" if one.added else "you",
            code(place(one.origin)) if place(one.origin) != "implicit" else "",
        )
        for one in policy.flows
    ]
    head = ("flow", "ports", "client ports", "why", "asked by", "at")
    note = f"{count(len(rows), 'intended flow')}: everything else is closed"
    if any(one.added for one in policy.flows):
        note = f"{count(len(rows), 'intended flow')}, those that the design added included"
    return section("flows", "Intended flows", table(note, head, rows))


def addresses(network: Network, policy: Policy) -> Element | None:
    tables: list[Element] = []
    for view in views(network, policy):
        rows = [
            (
                band.tier,
                *(
                    code(", ".join(map(str, band.subnets[zone].cidrs)))
                    if zone in band.subnets
                    else "–"
                    for zone in view.zones
                ),
            )
            for band in view.bands
        ]
        blocks = listed(str(block) for block in view.vpc.cidrs)
        head = ("tier", *(zone or "zone not known" for zone in view.zones))
        tables.append(table(f"VPC {view.vpc.name or view.vpc.id}, {blocks}", head, rows))
    return section("addresses", "Address plan", *tables) if tables else None


def gaps(network: Network) -> Element:
    """What is not known or not modelled; said also when there is nothing."""
    title = "What is not known or not modelled"
    if not network.gaps:
        return section("gaps", title, element("p", "Nothing: all of the source was understood."))
    rows = [
        (
            one.subject,
            one.kind,
            one.message,
            listed(one.affects, most=6) or "no path",
            code(place(one.origin)) if place(one.origin) != "implicit" else "",
        )
        for one in ordered_gaps(network)
    ]
    head = ("subject", "kind", "what", "affects", "at")
    return section("gaps", title, table(gap_title(network).capitalize(), head, rows))


def assumptions(proofs: Sequence[Proof]) -> Element | None:
    found = dict.fromkeys(text for one in proofs for text in one.assumptions)
    if not found:
        return None
    return section(
        "assumptions", "Assumptions", element("ul", *(element("li", bdi(one)) for one in found))
    )


def template(name: str | None, size: int) -> Element | None:
    """The template's size, and what CloudFormation asks of a large one."""
    if name is None:
        return None
    limits = facts("quotas").values["cloudformation"]
    inline = int(limits["template-bytes-inline"]["default"])
    link = element("a", element("code", name), href=_relative(name))
    if size <= inline:
        fate = f" has {size:,} bytes: it can be given to CloudFormation as it is."
        return section("template", "The template", element("p", link, fate))
    fate = (
        f" has {size:,} bytes. CloudFormation takes at most {inline:,} in the request itself, so"
        " it must be uploaded to an S3 bucket first: "
    )
    tail = " does both; the console uploads by itself."
    command = (
        f"aws cloudformation deploy --template-file {name} --s3-bucket BUCKET --stack-name NAME"
    )
    return section(
        "template", "The template", element("p", link, fate, element("code", command), tail)
    )


def _relative(name: str) -> str:
    """A file beside the page, never an address elsewhere."""
    return f"./{quote(clean(name))}"
