"""``ringwall verify``: check a certificate with the small checker, not with the engine."""

from __future__ import annotations

from pathlib import Path

import click

from ringwall.cli.conduct import (
    CLEAN,
    FINDINGS,
    PATH,
    Format,
    Verb,
    format_option,
    parameter_option,
    region_option,
    show,
    show_json,
)


@click.command("verify", cls=Verb)
@click.argument("certificate", type=PATH)
@click.option(
    "--source", metavar="SOURCE", type=PATH,
    help="The network that the certificate must be about: a spec, template, plan or dump.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="List the claims in the checker's words.")
@region_option
@parameter_option
@format_option
def command(
    certificate: Path,
    source: Path | None,
    verbose: bool,
    region: str | None,
    parameters: dict[str, str],
    output_format: Format,
) -> int:
    """Check a CERTIFICATE that `ringwall prove --certificate` wrote.

    Every class of packets in it is judged again from the facts in it, by code that shares nothing
    with the engine. With `--source`, the facts must be those of that network as it is now.
    Accepted: exit code 0; refuted: 1, with the first thing that is not so.
    """
    from ringwall.cli.certify import read_certificate
    from ringwall.cli.pipeline import source_of
    from ringwall.prove.certificate_facts import network_facts
    from ringwall.verify.checker import check
    from ringwall.verify.walk import Refuted

    document = read_certificate(certificate)
    facts = None
    if source is not None:
        found = source_of(source, region=region, parameters=parameters)
        facts = network_facts(found.network)
    try:
        report = check(document, facts)
    except Refuted as refuted:
        if output_format == "json":
            show_json({"schema": "ringwall.verification/1", "accepted": False,
                       "reason": str(refuted)})  # fmt: skip
        else:
            show(f"refuted: {refuted}\n")
        return FINDINGS
    if output_format == "json":
        show_json({
            "schema": "ringwall.verification/1",
            "accepted": True,
            "digest": report.digest,
            "source_compared": facts is not None,
            "pairs": report.pairs,
            "classes": report.classes,
            "claims": list(report.claims),
        })  # fmt: skip
        return CLEAN
    compared = "the same as SOURCE has" if facts is not None else "not compared with any SOURCE"
    show(
        f"accepted: {len(report.claims)} claims, {report.pairs} pairs of ends, "
        f"{report.classes} classes of packets walked again\n"
        f"facts sha256:{report.digest}, {compared}\n",
        *(["\n".join(report.claims) + "\n"] if verbose else []),
    )
    return CLEAN
