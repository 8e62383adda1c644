"""Wrong semantics, one small mistake each, to be put into our own code by a test.

A mutant names a function, a piece of its text, and what to put in its place: the function is
compiled anew from the changed text and stands, for one test, wherever the right one stood.
Beside each mutant stand the checks that must notice it (see test_mutants.py).
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from dataclasses import dataclass
from importlib import import_module

import pytest


@dataclass(frozen=True)
class Mutant:
    """``where`` is ``module:function`` or ``module:Class.method`` under ``ringwall``."""

    name: str
    where: str
    old: str
    new: str
    seen_by: tuple[str, ...] = ("engine",)


def put_in(mutant: Mutant, patch: pytest.MonkeyPatch) -> None:
    """Put the mutant in the place of the right function, in every module that holds it."""
    module_name, _, path = mutant.where.partition(":")
    module = import_module(f"ringwall.{module_name}")
    owner, _, name = path.rpartition(".")
    holder = getattr(module, owner) if owner else module
    right = inspect.getattr_static(holder, name)
    text = textwrap.dedent(inspect.getsource(getattr(holder, name)))
    assert mutant.old in text, f"`{mutant.name}`: its text no longer stands in {mutant.where}"
    space = dict(vars(module))
    changed = "from __future__ import annotations\n" + text.replace(mutant.old, mutant.new)
    exec(compile(changed, mutant.where, "exec"), space)  # noqa: S102  the text is our own
    wrong = space[name]
    if owner:
        patch.setattr(holder, name, wrong)
        return
    # A function that calls a name of its module must find later changes there too.
    for one in [one for key, one in sys.modules.items() if key.startswith("ringwall.")]:
        for key, value in list(vars(one).items()):
            if value is right:
                patch.setattr(one, key, wrong)
