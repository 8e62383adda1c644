"""``ringwall report``: everything about one spec, as files in a folder."""

from __future__ import annotations

from pathlib import Path

import click

from ringwall.cli.conduct import PATH, Verb, exit_code, notice


@click.command("report", cls=Verb)
@click.argument("file", type=PATH)
@click.option(
    "-o", "--output", type=PATH, default=Path("ringwall-report"), show_default=True,
    help="The folder; made if it does not stand.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files that an earlier report did not make.")
def command(file: Path, output: Path, force: bool) -> int:
    """Write the template, the result, a topology picture and one page to read into a folder.

    The files are template.json, template.yaml, result.json, topology.svg and index.html; the page
    needs no network and nothing beside it.
    """
    from ringwall.cli.folder import report_files, write_folder
    from ringwall.cli.pipeline import check

    checked = check(file)
    write_folder(report_files(checked), output, force=force)
    notice(f"wrote {output}/: open {output / 'index.html'} in a browser")
    return exit_code(checked.proofs)
