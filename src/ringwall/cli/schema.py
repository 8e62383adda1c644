"""``ringwall schema``: what editors complete and check a spec or a policy with."""

from __future__ import annotations

import click

from ringwall.cli.conduct import CLEAN, Verb, show_json


@click.command("schema", cls=Verb)
@click.argument("kind", type=click.Choice(["spec", "policy"]), default="spec")
def command(kind: str) -> int:
    """Print the JSON Schema of ringwall.yaml, or (`policy`) of a policy file.

    Editors complete and check a file with it; see docs/spec.md for how to tell yours.
    """
    from ringwall.spec.policy_schema import policy_schema
    from ringwall.spec.schema import json_schema

    show_json(json_schema() if kind == "spec" else policy_schema())
    return CLEAN
