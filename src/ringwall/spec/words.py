"""How the messages about a spec are worded: quoting, listing, guessing what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

_LONGEST = 60
#: Above this share of common letters, one word may be a slip for another.
_NEAR = 0.6
_YAML_WORDS = {"None": "null", "True": "true", "False": "false"}


def quote(value: object, *, ticks: bool = True) -> str:
    """The user's own word in backticks: on one line, and not longer than a message can bear."""
    text = _YAML_WORDS[str(value)] if value is None or isinstance(value, bool) else str(value)
    word = " ".join(text.replace("`", "'").split())
    if len(word) > _LONGEST:
        word = word[: _LONGEST - 1] + "…"
    return f"`{word}`" if ticks else word


def listing(words: Iterable[str], *, last: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``, each in backticks."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant, or None where none is near; the first of equals."""
    if len(word) > _LONGEST:
        return None
    matcher = SequenceMatcher(a="", b=word.casefold(), autojunk=False)
    best, near = _NEAR, None
    for one in known:
        matcher.set_seq1(one.casefold())
        if matcher.real_quick_ratio() > best and matcher.ratio() > best:
            best, near = matcher.ratio(), one
    return near


def meant(word: str, known: Sequence[str], *, otherwise: str = "") -> str:
    """A help text: ``did you mean `api`?``, or else what is said where nothing is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else otherwise
