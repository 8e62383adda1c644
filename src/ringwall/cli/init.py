"""``ringwall init``: the file to start from."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from ringwall.cli.conduct import CLEAN, PATH, Verb, notice, refuse, write_file

if TYPE_CHECKING:
    from ringwall.spec.starter import Answers


@click.command("init", cls=Verb)
@click.option(
    "-o", "--output", type=PATH, default=Path("ringwall.yaml"), show_default=True,
    help="Where to write; `-` is stdout.",
)  # fmt: skip
@click.option("--name", help="Names the design; part of AWS's names.")
@click.option("--region", help="The AWS Region.")
@click.option("--cidr", help="The VPC's IPv4 block, /16 to /21.")
@click.option("--zones", type=int, help="Availability Zones to spread over.")
@click.option("--nat", help="NAT gateways for egress: per-zone, single or none.")
@click.option("--framework", "frameworks", multiple=True, help="soc2 or hipaa; may be given again.")
@click.option("--service", "services", multiple=True, help="A service of yours; again for more.")
@click.option("--postgres/--no-postgres", default=None, help="With a PostgreSQL database.")
@click.option("--redis/--no-redis", default=None, help="With a Redis cache.")
@click.option("--bucket/--no-bucket", default=None, help="With an S3 bucket.")
@click.option("--certificate", help="ARN of the load balancer's ACM certificate.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: flags, and defaults for the rest.")
@click.option("--force", is_flag=True, help="Overwrite the file that stands there.")
def command(output: Path, yes: bool, force: bool, **flags: Any) -> int:  # click gives the flags
    """Write a commented ringwall.yaml.

    On a terminal, what no flag says is asked; elsewhere, and with --yes, it has a safe default.
    """
    from ringwall.spec.starter import Answers, starter

    if output != Path("-") and output.exists() and not force:
        raise refuse(
            str(output),
            "RW-CLI-009",
            "this file stands already",
            "name another with `-o`, or overwrite it with `--force`",
        )
    given = {key: value for key, value in flags.items() if value not in (None, ())}
    for key, allowed in _choices().items():
        for word in _listed(given.get(key, ())):
            if word not in allowed:
                raise click.UsageError(f"`{word}` is not one of {', '.join(allowed)}")
    if sys.stdin.isatty() and sys.stderr.isatty() and not yes:
        given = _ask(Answers(), given)
    text = starter(replace(Answers(), **given))
    if output == Path("-"):
        click.echo(text, nl=False)
        return CLEAN
    write_file(output, text)
    notice(f"wrote {output}; next: ringwall check {output}")
    return CLEAN


def _choices() -> dict[str, tuple[str, ...]]:
    from ringwall.spec.model import Framework, Nat

    return {"nat": get_args(Nat), "frameworks": get_args(Framework)}


def _listed(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _ask(default: Answers, given: dict[str, Any]) -> dict[str, Any]:
    """Ask for what no flag has said; return takes the default."""

    def text(key: str, question: str, choices: tuple[str, ...] = ()) -> None:
        if key not in given:
            kind = click.Choice(choices) if choices else None
            standing = getattr(default, key)
            asked[key] = click.prompt(question, default=standing, type=kind, err=True)

    def words(key: str, question: str) -> None:
        if key not in given:
            standing = " ".join(getattr(default, key))
            answer = str(click.prompt(question, default=standing, err=True))
            asked[key] = tuple(answer.replace(",", " ").split())

    def sure(key: str, question: str) -> None:
        if key not in given:
            asked[key] = click.confirm(question, default=getattr(default, key), err=True)

    asked: dict[str, Any] = dict(given)
    text("name", "Name")
    text("region", "AWS Region")
    words("services", "Services of yours")
    sure("postgres", "A PostgreSQL database?")
    sure("redis", "A Redis cache?")
    sure("bucket", "An S3 bucket?")
    text("nat", "NAT gateways, for connections out", _choices()["nat"])
    words("frameworks", "Frameworks to be audited under")
    return asked
