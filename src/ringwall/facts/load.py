"""The one loader of facts: every file under ``data/`` says when and where its facts were taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """One file of facts. ``as_of`` is an ISO date, ``source`` names the document."""

    name: str
    as_of: str
    source: str
    values: Any


@cache
def facts(name: str) -> Facts:
    """The facts in ``data/NAME.json``; raises KeyError on an unknown name or a header amiss."""
    path = files("ringwall.facts").joinpath("data", f"{name}.json")
    if not path.is_file():
        raise KeyError(f"no facts named {name}")
    document = json.loads(path.read_text(encoding="utf-8"))
    return Facts(name, document["as_of"], document["source"], document["values"])
