"""``ringwall schema``: what files are written by, and what answers are read by."""

from __future__ import annotations

import click

from ringwall.cli.conduct import CLEAN, Verb, show_json

#: What a user writes.
WRITTEN = ("spec", "policy")
#: What Ringwall prints with ``--format json``, by the verb's name for it.
PRINTED = (
    "check",
    "proofs",
    "pairs",
    "depth",
    "standing",
    "explanation",
    "diff",
    "certificate",
    "verification",
    "rehearsal",
    "errors",
)


@click.command("schema", cls=Verb)
@click.argument("kind", type=click.Choice([*WRITTEN, *PRINTED]), metavar="[KIND]", default="spec")
def command(kind: str) -> int:
    """Print the JSON Schema of ringwall.yaml, or of another KIND of document.

    \b
    spec           ringwall.yaml (left out: this one)
    policy         a policy file for `prove --policy`
    check          what `check --format json` prints
    proofs         what `prove` prints with a policy
    pairs          what `prove --pairs` prints
    depth          what `prove --depth` prints
    standing       what `prove` prints without a policy
    explanation    what `explain` prints
    diff           what `diff` prints
    certificate    what `prove --certificate` writes
    verification   what `verify` prints
    rehearsal      what `rehearse` prints
    errors         what any verb says of bad input

    Editors complete and check a file with the first two; see docs/spec.md for how to tell yours.
    """
    if kind in PRINTED:
        from ringwall.report.documents import schema

        show_json(schema(kind))
        return CLEAN
    from ringwall.spec.policy_schema import policy_schema
    from ringwall.spec.schema import json_schema

    show_json(json_schema() if kind == "spec" else policy_schema())
    return CLEAN
