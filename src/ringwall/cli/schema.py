"""``ringwall schema``: what editors complete and check a spec with."""

from __future__ import annotations

import click

from ringwall.cli.conduct import CLEAN, Verb, show_json


@click.command("schema", cls=Verb)
def command() -> int:
    """Print the JSON Schema of ringwall.yaml.

    Editors complete and check a spec with it; see docs/spec.md for how to tell yours.
    """
    from ringwall.spec.schema import json_schema

    show_json(json_schema())
    return CLEAN
