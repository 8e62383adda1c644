"""``ringwall check``: the main job on one spec."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ringwall.cli.conduct import (
    PATH,
    Format,
    Look,
    Verb,
    exit_code,
    fail_on_option,
    format_option,
    show,
    show_json,
    verbose_option,
)


@click.command("check", cls=Verb)
@click.argument("file", type=PATH)
@format_option
@fail_on_option
@verbose_option
def command(file: Path, output_format: Format, fail_on: str, verbose: bool) -> int:
    """Design, emit, read back and prove FILE; print the plan and the proofs.

    Nothing is deployed and no account is asked: the proofs are made over the network that is
    read back from the emitted CloudFormation template.
    """
    from ringwall.cli.pipeline import check
    from ringwall.report import text
    from ringwall.report.documents import check_document

    checked = check(file)
    code = exit_code(checked.proofs, fail_on)
    if output_format == "json":
        show_json(check_document(checked.network, checked.policy, checked.proofs))
        return code
    look = Look.of(sys.stdout)
    show(
        text.plan(checked.network, checked.policy, color=look.color, width=look.width),
        text.proofs(checked.proofs, color=look.color, verbose=verbose, width=look.width),
        f"{text.summary(checked.proofs)}\nnext: ringwall {_next(file, code)}\n",
    )
    return code


def _next(file: Path, code: int) -> str:
    if code:
        return "explain CODE says what a claim means; --verbose lists what is assumed"
    return f"report {file} -o ringwall-report"
