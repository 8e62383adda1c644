"""``ringwall explain``: one question and its answer, or what a code means."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from ringwall.cli.conduct import (
    CLEAN,
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

_CODE = re.compile(r"RW-[A-Z]+(-\d{3})?", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@click.command("explain", cls=Verb)
@click.argument("source", metavar="SOURCE|CODE", type=PATH)
@click.option("--from", "origin", metavar="A", help="Where the connection starts.")
@click.option("--to", "target", metavar="B", help="Where it should arrive.")
@click.option(
    "--protocol",
    default="tcp",
    show_default=True,
    help="tcp, udp, icmp, icmpv6, or a protocol's number.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Destination port (ICMP: type); left out: one that B offers to A.",
)
@click.option(
    "--client",
    metavar="PROFILE",
    help="Ports that A's clients send from: linux, windows, managed, any, or LOW-HIGH.",
)
@region_option
@parameter_option
@format_option
def command(
    source: Path,
    origin: str | None,
    target: str | None,
    protocol: str,
    port: int | None,
    client: str | None,
    region: str | None,
    parameters: dict[str, str],
    output_format: Format,
) -> int:
    """Say why A can or cannot reach B in SOURCE (a spec, template, plan or dump), hop by hop.

    A and B are `internet`, `on-premises`, a service, a tier, the id or name of an interface,
    instance, load balancer, database or bucket, the id of a subnet, VPC or security group, or an
    address. Every blocker is shown, not only the first, then the way back and the fewest changes
    that would open it. The exit code is 0 when there is an answer, reachable or blocked, and 3
    when something that decides is not known.

    With a CODE that Ringwall has printed (RW-ONLY, RW-SPEC-004 ...), say what it means.
    """
    if origin is None and target is None and _CODE.fullmatch(str(source)):
        return _explain_code(str(source).upper())
    if origin is None or target is None:
        raise click.UsageError("a question needs both ends: `--from A --to B`")

    from ringwall.cli.pipeline import source_of
    from ringwall.model.verdict import Reach
    from ringwall.prove.explain import explain
    from ringwall.report import text
    from ringwall.report.documents import explanation_document

    profile = None if client is None else client_ports(client)
    network = source_of(source, region=region, parameters=parameters).network
    answer = explain(network, origin, target, protocol=protocol, port=port, client_ports=profile)
    if output_format == "json":
        show_json(explanation_document(answer))
    else:
        look = Look.of(sys.stdout)
        show(text.explanation(answer, color=look.color, width=look.width))
    return INCOMPLETE if answer.verdict is Reach.UNKNOWN else CLEAN


def client_ports(text: str) -> tuple[int, int]:
    """The ephemeral range of a named profile, or the one that is written out."""
    from ringwall.facts.load import facts

    profiles = facts("client-ports").values
    if text in profiles:
        low, high = profiles[text]
        return int(low), int(high)
    found = _RANGE.fullmatch(text)
    if found:
        low, high = int(found[1]), int(found[2] or found[1])
        if 0 < low <= high <= 65535:
            return low, high
    raise refuse(
        "--client",
        "RW-CLI-007",
        f"`{text}` is neither a profile nor a range of ports",
        f"use one of {', '.join(profiles)}, or LOW-HIGH inside 1-65535",
    )


def _explain_code(code: str) -> int:
    from ringwall.cli.codes import meaning_of

    click.echo(meaning_of(code))
    return CLEAN
