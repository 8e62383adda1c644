"""``ringwall emit``: the template itself."""

from __future__ import annotations

from pathlib import Path

import click

from ringwall.cli.conduct import CLEAN, PATH, Verb, notice, write_file


@click.command("emit", cls=Verb)
@click.argument("file", type=PATH)
@click.option(
    "-o", "--output", type=PATH, default=Path("-"), help="Where to write; `-` is stdout.",
    show_default=True,
)  # fmt: skip
@click.option(
    "--format",
    "template_format",
    type=click.Choice(["yaml", "json"]),
    help="Left out: what the output's name says, else YAML.",
)
@click.option("--compact", is_flag=True, help="JSON without spaces, for the inline size limit.")
def command(file: Path, output: Path, template_format: str | None, compact: bool) -> int:
    """Print the CloudFormation template of the spec FILE: the same bytes for the same input."""
    from ringwall.cli.pipeline import design_of
    from ringwall.emit.cloudformation import to_json, to_yaml

    if compact and template_format == "yaml":
        raise click.UsageError("`--compact` is for JSON: leave `--format yaml` out")
    as_json = compact or (template_format or output.suffix.lstrip(".")) == "json"
    template = dict(design_of(file).template)
    text = to_json(template, compact=compact) if as_json else to_yaml(template)
    if output == Path("-"):
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_file(output, text)
        notice(f"wrote {output} ({len(text.encode()):,} bytes)")
    return CLEAN
