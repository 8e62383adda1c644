"""The group of verbs, and what every ending of a command has in common.

Nothing but click is imported until a verb runs: ``ringwall --help`` knows the verbs by the table
below.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from ringwall import __version__
from ringwall.cli.conduct import BAD_INPUT, CLEAN, FAULT, INTERRUPTED, PIPE_CLOSED, notice

#: Verb, and its line in ``ringwall --help``: in the order in which a newcomer needs them.
VERBS: dict[str, str] = {
    "demo": "Show everything on a shipped example, then break it.",
    "init": "Write a commented ringwall.yaml: asks, or takes flags.",
    "check": "Design and prove a spec; print the plan and the proofs.",
    "emit": "Print the CloudFormation template of a spec.",
    "prove": "Prove a spec, template, Terraform plan or dump of an account.",
    "verify": "Check a certificate that `prove` wrote, without the engine.",
    "diff": "Show what two networks let through differently.",
    "explain": "Say why A can or cannot reach B, or what a code means.",
    "rehearse": "Play a network in the Linux kernel and send real packets through.",
    "report": "Write template, result, picture and page into a folder.",
    "schema": "Print the JSON Schema of ringwall.yaml, or of another document.",
}

EPILOG = """\b
Exit codes: 0 clean, 1 findings, 2 usage or bad input, 3 something stayed unknown,
70 a fault of Ringwall's own, 130 interrupted."""


class Verbs(click.Group):
    """Imports a verb's module when that verb runs, and not before."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"ringwall.cli.{cmd_name}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise click.UsageError(f"there is no verb `{args[0]}`{_nearest(args[0])}", ctx)
        return super().resolve_command(ctx, args)


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, VERBS, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


@click.group(
    cls=Verbs,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="ringwall %(version)s")
def app() -> None:
    """Design an AWS network from one short file, and prove what it lets through before it is
    deployed."""


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing escapes as a traceback."""
    try:
        code = app.main(list(args), prog_name="ringwall", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        notice("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (BrokenPipeError, SystemExit):
        # The reader of our output has gone (click turns a closed pipe into SystemExit): there is
        # nobody to tell, and Python must not try to flush what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # the fault barrier: the one place that catches everything
        return _fault(error)
    return code if isinstance(code, int) else CLEAN


def _fault(error: Exception) -> int:
    """Tell of a defect in Ringwall itself, in one line unless a traceback is asked for."""
    if os.environ.get("RINGWALL_DEBUG") == "1":
        traceback.print_exception(error)
    notice(
        f"this is a fault in Ringwall {__version__}, not in your input: "
        f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    )
    notice("please report it with the output of the same command under RINGWALL_DEBUG=1")
    return FAULT
