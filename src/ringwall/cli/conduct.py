"""How every verb behaves: exit codes, where things are printed, files written, mistakes told."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from ringwall.model.errors import InputError
from ringwall.model.origin import Origin

if TYPE_CHECKING:
    from ringwall.model.verdict import Proof

CLEAN, FINDINGS, BAD_INPUT, INCOMPLETE = 0, 1, 2, 3
#: EX_SOFTWARE of BSD's sysexits: a defect of the program itself.
FAULT = 70
INTERRUPTED = 130
#: What a shell reports for a program that a closed pipe ended.
PIPE_CLOSED = 141

Format = Literal["text", "json"]

#: What the diagnostics of the command line itself mean (``ringwall explain CODE``).
CODES: dict[str, str] = {
    "RW-CLI-001": "The path names nothing that stands.",
    "RW-CLI-002": "The path cannot be read: permission is wanting, or it is a pipe or a device.",
    "RW-CLI-003": "A folder stands where one file is needed.",
    "RW-CLI-004": "The verb needs a spec (ringwall.yaml), and the file is of another kind.",
    "RW-CLI-005": "The option is for CloudFormation templates, and the source is a spec.",
    "RW-CLI-006": "The output cannot be written at this place.",
    "RW-CLI-007": "The ports of a client are a profile's name or a range, LOW-HIGH.",
    "RW-CLI-008": "Ringwall gives out no such code.",
    "RW-CLI-009": "A file stands there already that would be lost; `--force` overwrites it.",
    "RW-CLI-010": "A file stands where a folder is to be.",
    "RW-CLI-011": "The template would be larger than CloudFormation takes.",
    "RW-CLI-020": "A rehearsal needs root, Linux namespaces, iproute2 and nftables.",
    "RW-CLI-030": "Nothing that was claimed can be written as a certificate.",
    "RW-CLI-031": "The file is no certificate.",
}

#: The path of a file or folder. Whether it exists is said by whoever reads it, with a code.
PATH = click.Path(path_type=Path)

format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, JSON for programs.",
)


class Verb(click.Command):
    """A command that tells bad input with its place and its mend, and ends with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:  # click's own signature
        try:
            return super().invoke(ctx)
        except InputError as error:
            tell(error, ctx.params.get("output_format", "text"))
            return BAD_INPUT


def tell(error: InputError, output_format: Format = "text") -> None:
    """Print what is wrong with the input, on stderr."""
    from ringwall.report.diagnostics import render, to_json

    if output_format == "json":
        click.echo(json.dumps(to_json(error), indent=2, ensure_ascii=False), err=True)
        return
    look = Look.of(sys.stderr)
    click.echo(
        render(error, color=look.color, width=look.width, texts=_text_of), err=True, nl=False
    )


def _text_of(source: str) -> str | None:
    """The text that a diagnostic points into, if it is a file that can still be read."""
    try:
        return Path(source).read_text(encoding="utf-8") if os.path.isfile(source) else None
    except (OSError, ValueError):
        return None


def notice(text: str) -> None:
    """A line beside the results, on stderr."""
    click.echo(f"ringwall: {text}", err=True)


@dataclass(frozen=True, slots=True)
class Look:
    """How text may look: colour never says anything that the words do not."""

    color: bool = False
    width: int = 100

    @classmethod
    def of(cls, stream: TextIO) -> Look:
        """Colour and the window's width on a terminal; elsewhere always the same plain text."""
        if not stream.isatty():
            return cls()
        window = shutil.get_terminal_size().columns
        return cls(not os.environ.get("NO_COLOR"), min(max(window, 60), 120))


def show(*texts: str) -> None:
    """Print results, a blank line between them."""
    click.echo("\n".join(texts), nl=False)


def show_json(document: object) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def refuse(source: str, code: str, message: str, help: str = "") -> InputError:
    """An error about an argument or a file as a whole."""
    return InputError.at(Origin(source), code, message, help)


def exit_code(proofs: Iterable[Proof], fail_on: str = "violated") -> int:
    """The exit code of a set of proofs: what is unknown counts as a finding only if asked."""
    from ringwall.model.verdict import Verdict

    verdicts = {proof.verdict for proof in proofs}
    if Verdict.VIOLATED in verdicts:
        return FINDINGS
    if Verdict.UNKNOWN in verdicts:
        return FINDINGS if fail_on == "unknown" else INCOMPLETE
    return CLEAN


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all; raises InputError where the place cannot be written.

    What stands there and is no plain file (a pipe, a device) is written to, never replaced.
    """
    path = path.resolve()
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".ringwall-", delete=False
        ) as draft:
            try:
                draft.write(text)
                draft.close()
                # A temporary file is private; a result is as open as the user's mask says.
                mask = os.umask(0)
                os.umask(mask)
                os.chmod(draft.name, 0o666 & ~mask)
                os.replace(draft.name, path)
            except BaseException:
                os.unlink(draft.name)
                raise
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> InputError:
    return refuse(
        str(path),
        "RW-CLI-006",
        f"cannot write here: {(error.strerror or str(error)).lower()}",
        "name a place in a folder that you may write to",
    )


def _pairs(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"`{one}` is not of the form NAME=VALUE")
        found[key] = value
    return found


fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(["violated", "unknown"]),
    default="violated",
    show_default=True,
    help="What ends with exit code 1; with `violated`, what stayed unknown ends with 3.",
)
verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="List every proof, and what is assumed."
)
region_option = click.option("--region", help="The Region of a template that does not say it.")
parameter_option = click.option(
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_pairs,
    help="The value of a template's parameter; may be given again.",
)
