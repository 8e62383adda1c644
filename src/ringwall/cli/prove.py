"""``ringwall prove``: judge a network, wherever it comes from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ringwall.cli.conduct import (
    CLEAN,
    FINDINGS,
    INCOMPLETE,
    PATH,
    Format,
    Look,
    Verb,
    exit_code,
    fail_on_option,
    format_option,
    notice,
    parameter_option,
    region_option,
    show,
    show_json,
    verbose_option,
)

if TYPE_CHECKING:
    from ringwall.model.network import Network
    from ringwall.model.policy import Policy


@click.command("prove", cls=Verb)
@click.argument("source", type=PATH)
@click.option(
    "--policy", "policy_file", metavar="FILE", type=PATH,
    help="Judge SOURCE by the flows and guarantees of this policy file or spec.",
)  # fmt: skip
@click.option("--pairs", "as_pairs", is_flag=True, help="Print what passes between all ends.")
@click.option(
    "--depth", "as_depth", is_flag=True,
    help="Count layers between tiers, and try every single mistake on each guarantee.",
)  # fmt: skip
@click.option(
    "--certificate", metavar="FILE", type=PATH,
    help="Also write what is proved as a certificate for `ringwall verify`.",
)  # fmt: skip
@fail_on_option
@verbose_option
@region_option
@parameter_option
@format_option
def command(
    source: Path,
    policy_file: Path | None,
    certificate: Path | None,
    as_pairs: bool,
    as_depth: bool,
    fail_on: str,
    verbose: bool,
    region: str | None,
    parameters: dict[str, str],
    output_format: Format,
) -> int:
    """Prove SOURCE: a spec, a template, a Terraform plan or state, or a dump of an account.

    A spec brings its own policy; anything else is judged by `--policy FILE`. Without a policy the
    standing questions are answered: what the Internet and on-premises reach, what reaches each
    data store, what works only half, which rules never decide, which references are stale.
    """
    from ringwall.cli.pipeline import policy_of, source_of

    found = source_of(source, region=region, parameters=parameters)
    policy = policy_of(policy_file) if policy_file else found.policy
    if certificate is not None:
        if policy is None:
            raise click.UsageError("a certificate needs claims: give a policy (`--policy FILE`)")
        from ringwall.cli.certify import write_certificate

        write_certificate(certificate, found.network, policy)
    if as_pairs:
        return _show_pairs(found.network, output_format)
    if as_depth:
        return _show_depth(found.network, policy, output_format, fail_on)
    if policy is None:
        return _show_standing(found.network, output_format, fail_on, verbose)

    from ringwall.prove.judge import prove
    from ringwall.report import text
    from ringwall.report.documents import proofs_document

    proofs = prove(found.network, policy)
    if output_format == "json":
        show_json(proofs_document(found.network, proofs))
        return exit_code(proofs, fail_on)
    look = Look.of(sys.stdout)
    show(
        text.gaps(found.network, color=look.color, width=look.width),
        text.proofs(proofs, color=look.color, verbose=verbose, width=look.width),
        text.summary(proofs) + "\n",
    )
    return exit_code(proofs, fail_on)


def _show_standing(network: Network, output_format: Format, fail_on: str, verbose: bool) -> int:
    from ringwall.prove.standing.questions import standing
    from ringwall.report import text
    from ringwall.report.standing_document import standing_document
    from ringwall.report.standing_text import standing as told
    from ringwall.report.standing_text import standing_summary

    readings = standing(network)
    found = {one.standing for one in readings}
    if "finding" in found or ("unknown" in found and fail_on == "unknown"):
        code = FINDINGS
    else:
        code = INCOMPLETE if "unknown" in found else CLEAN
    if output_format == "json":
        show_json(standing_document(network, readings))
        return code
    notice("no policy was given: these are the standing questions (`--policy` judges an intent)")
    look = Look.of(sys.stdout)
    show(
        text.gaps(network, color=look.color, width=look.width),
        told(readings, color=look.color, verbose=verbose, width=look.width),
        standing_summary(readings) + "\n",
    )
    return code


def _show_depth(
    network: Network, policy: Policy | None, output_format: Format, fail_on: str
) -> int:
    from ringwall.model.verdict import Verdict
    from ringwall.prove.mistakes.hardness import hardness
    from ringwall.report.hardness_document import hardness_document
    from ringwall.report.hardness_text import hardness as told
    from ringwall.report.hardness_text import hardness_summary

    found = hardness(network, policy)
    worst = [
        Verdict.VIOLATED if one.breaking else Verdict.UNKNOWN if one.unsure else one.verdict
        for one in found.tolerances
    ]
    if Verdict.VIOLATED in worst or (Verdict.UNKNOWN in worst and fail_on == "unknown"):
        code = FINDINGS
    else:
        code = INCOMPLETE if Verdict.UNKNOWN in worst else CLEAN
    if output_format == "json":
        show_json(hardness_document(network, found))
        return code
    look = Look.of(sys.stdout)
    show(told(found, color=look.color, width=look.width), hardness_summary(found) + "\n")
    return code


def _show_pairs(network: Network, output_format: Format) -> int:
    from ringwall.prove.pairs import pairs
    from ringwall.report import text
    from ringwall.report.documents import pairs_document

    rows = pairs(network)
    if output_format == "json":
        show_json(pairs_document(rows, network.gaps))
        return CLEAN
    look = Look.of(sys.stdout)
    show(
        text.gaps(network, color=look.color, width=look.width),
        text.pairs(rows, color=look.color, width=look.width),
    )
    return CLEAN
