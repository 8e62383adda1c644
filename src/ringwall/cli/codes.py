"""What the codes that Ringwall prints mean, gathered from whoever gives them out.

A claim (RW-ONLY) or a standing question (RW-DEAD) is documented by the function that makes it, a
diagnostic (RW-SPEC-004) by the ``CODES`` table of its room.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from inspect import cleandoc

from ringwall.cli.conduct import refuse

#: The modules whose ``CODES`` say what their diagnostics mean.
_TABLES = (
    "ringwall.cli.conduct",
    "ringwall.design.codes",
    "ringwall.prove.claims.spoken",
    "ringwall.prove.explain_question",
    "ringwall.sources.codes",
    "ringwall.spec.codes",
    "ringwall.spec.policy_codes",
)


def meanings() -> Mapping[str, str]:
    """Every code with its meaning, in order."""
    from ringwall.prove.judge import CLAIMS
    from ringwall.prove.standing.questions import QUESTIONS

    documented = {**CLAIMS, **QUESTIONS}
    found = {code: cleandoc(one.__doc__ or "") for code, one in documented.items()}
    for name in _TABLES:
        found |= import_module(name).CODES
    return dict(sorted(found.items()))


def meaning_of(code: str) -> str:
    """What one code means; raises InputError for a code that nothing gives out."""
    known = meanings()
    if code in known:
        text = known[code]
        return text if text.startswith(code) else f"{code}: {text}"
    near = get_close_matches(code, known, n=1)
    raise refuse(
        "command line",
        "RW-CLI-008",
        f"`{code}` is no code of Ringwall's",
        f"did you mean `{near[0]}`?" if near else f"the codes are {', '.join(known)}",
    )
