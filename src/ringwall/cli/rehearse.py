"""``ringwall rehearse``: the network played by the Linux kernel, with real packets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ringwall.cli.conduct import (
    CLEAN,
    FINDINGS,
    INCOMPLETE,
    PATH,
    Format,
    Look,
    Verb,
    format_option,
    parameter_option,
    refuse,
    region_option,
    show,
    show_json,
)

if TYPE_CHECKING:
    from ringwall.cli.rehearsal import Rehearsal, Tried

#: Differences that are listed; more are counted.
_LISTED = 12


@click.command("rehearse", cls=Verb)
@click.argument("source", type=PATH)
@click.option(
    "--policy", "policy_file", metavar="FILE", type=PATH,
    help="Try the flows of this policy file or spec.",
)  # fmt: skip
@click.option(
    "--packets",
    type=click.IntRange(0, 4000),
    default=400,
    show_default=True,
    help="Packets at random, besides the flows.",
)
@region_option
@parameter_option
@format_option
def command(
    source: Path,
    policy_file: Path | None,
    packets: int,
    region: str | None,
    parameters: dict[str, str],
    output_format: Format,
) -> int:
    """Play SOURCE in the Linux kernel and send real packets through it.

    A namespace stands for each interface, router and gateway; routes, network ACLs, security
    groups and translation are the kernel's own. Every intended flow is tried, answers included,
    then packets at random; what happens must be what `ringwall prove` claims. Needs root, and
    leaves nothing behind.
    """
    from ringwall.cli.pipeline import policy_of, source_of
    from ringwall.rehearse.lab import lacking

    found = source_of(source, region=region, parameters=parameters)
    policy = policy_of(policy_file) if policy_file else found.policy
    lack = lacking()
    if lack is not None:
        said, mend = lack
        raise refuse(str(source), "RW-CLI-020", f"this cannot be rehearsed here: {said}", mend)

    from ringwall.cli.rehearsal import rehearse

    played = rehearse(found.network, policy, packets)
    if output_format == "json":
        show_json(_document(found.network.source, played))
    else:
        look = Look.of(sys.stdout)
        show(*_text(played, look))
    if played.differences or any(one.answers and not one.works for one in played.flows):
        return FINDINGS
    whole = all(one.works for one in played.flows) and not played.left_out
    return CLEAN if whole else INCOMPLETE


def _tally(tried: Tried) -> tuple[int, int, int]:
    outcomes = [one.outcome for one in tried.answers]
    arrived = sum(one.arrived for one in outcomes)
    return len(outcomes), arrived, sum(one.answered for one in outcomes)


def _text(played: Rehearsal, look: Look) -> list[str]:
    from ringwall.model.services import show_services
    from ringwall.report.terminal import paint, table

    rows = []
    for one in played.flows:
        sent, arrived, answered = _tally(one)
        ports = show_services(one.flow.services)
        name = f"{one.flow.source} -> {one.flow.target}"
        said = "✓ works" if one.works else "✗ fails" if sent else "? not played"
        rows.append([name, ports, str(sent), str(arrived), str(answered), said])
    blocks = []
    if rows:
        head = ["flow", "ports", "sent", "arrived", "answered", ""]
        title = paint(f"Flows ({len(rows)})", "bold", look.color)
        blocks.append("\n".join([title, *table(head, rows, width=look.width), ""]))
    if played.differences:
        told = [f"  {one}" for one in played.differences[:_LISTED]]
        more = len(played.differences) - _LISTED
        told += [f"  and {more} more"] if more > 0 else []
        title = paint("What the kernel did otherwise than the prover claims", "bold", look.color)
        blocks.append("\n".join([title, *told, ""]))
    if played.left_out:
        title = paint("Not played", "bold", look.color)
        blocks.append("\n".join([title, *(f"  {one}" for one in played.left_out), ""]))
    return [*blocks, _summary(played)]


def _summary(played: Rehearsal) -> str:
    arrived = sum(one.outcome.arrived for one in played.strangers)
    works = sum(one.works for one in played.flows)
    flows = f"{works} of {len(played.flows)} flows work for real; " if played.flows else ""
    verdict = "as proved" if not played.differences else "not all as proved"
    if played.left_out and not played.differences:
        verdict = "none against a proof"
    return (
        f"{flows}{len(played.strangers)} packets at random, of which {arrived} arrived, {verdict} "
        f"({played.namespaces} namespaces)\n"
    )


def _document(source: str, played: Rehearsal) -> dict[str, Any]:
    from ringwall.model.services import show_services

    flows = []
    for one in played.flows:
        sent, arrived, answered = _tally(one)
        flows.append(
            {
                "flow": f"{one.flow.source} -> {one.flow.target}",
                "services": show_services(one.flow.services),
                "sent": sent,
                "arrived": arrived,
                "answered": answered,
                "works": one.works,
            }
        )
    return {
        "schema": "ringwall.rehearsal/1",
        "source": source,
        "summary": _summary(played).strip(),
        "namespaces": played.namespaces,
        "flows": flows,
        "random": {
            "sent": len(played.strangers),
            "arrived": sum(one.outcome.arrived for one in played.strangers),
        },
        "differences": [str(one) for one in played.differences],
        "left_out": list(played.left_out),
    }
