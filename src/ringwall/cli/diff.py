"""``ringwall diff``: what two networks let through differently."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ringwall.cli.conduct import (
    CLEAN,
    FINDINGS,
    INCOMPLETE,
    PATH,
    Look,
    Verb,
    parameter_option,
    region_option,
    show,
    show_json,
)


@click.command("diff", cls=Verb)
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@region_option
@parameter_option
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json", "md"]), default="text",
    show_default=True, help="Text for people, JSON for programs, md for a pull request.",
)  # fmt: skip
def command(
    before: Path,
    after: Path,
    region: str | None,
    parameters: dict[str, str],
    output_format: str,
) -> int:
    """Show which connections AFTER has that BEFORE has not, and the reverse.

    Each is a spec, a template, a Terraform plan or state, or a dump of an account. What is
    compared is what passes and what is answered, not text: a rule that is written otherwise and
    does the same is no difference. The exit code is 0 where nothing differs, 1 where a connection
    surely does, and 3 where it is only not known.
    """
    from ringwall.cli.pipeline import source_of
    from ringwall.prove.diff.difference import difference
    from ringwall.report import diff_text
    from ringwall.report.diff_document import difference_document

    networks = [
        source_of(one, region=region, parameters=parameters).network for one in (before, after)
    ]
    found = difference(*networks)
    unsure = INCOMPLETE if found.changes else CLEAN
    code = FINDINGS if found.sure else unsure
    if output_format == "json":
        show_json(difference_document(found))
        return code
    if output_format == "md":
        show(diff_text.markdown(found))
        return code
    look = Look.of(sys.stdout)
    text = diff_text.difference(found, color=look.color, width=look.width)
    show(*([text] if text else []), diff_text.difference_summary(found) + "\n")
    return code
