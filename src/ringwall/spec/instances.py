"""Instance types: which exist, and which CPU they have."""

from __future__ import annotations

from typing import Literal, cast

from ringwall.facts.load import facts
from ringwall.spec.words import listing, meant, nearest, quote

Architecture = Literal["x86_64", "arm64"]

#: The prefix of a type, and the table that lists its family's sizes, by kind of service.
_TABLES = {
    "service": ("", "sizes", "t3.medium"),
    "postgres": ("db.", "databases", "db.t4g.medium"),
    "redis": ("cache.", "caches", "cache.t4g.medium"),
}


def architecture(instance_type: str) -> Architecture:
    """The CPU architecture of an EC2 instance type; raises KeyError on an unknown family."""
    family = instance_type.partition(".")[0]
    return cast(Architecture, facts("instance-types").values["families"][family])


def bad_type(kind: str, text: str) -> tuple[str, str] | None:
    """What is wrong with an instance type for a kind of service: a message and the mend."""
    prefix, table, example = _TABLES[kind]
    known: dict[str, list[str]] = facts("instance-types").values[table]
    bare = text.removeprefix("cache.").removeprefix("db.")
    family, dot, size = bare.partition(".")
    if not dot or not family or not size:
        return f"{quote(text)} is no instance type", f"a family and a size: `{example}`"
    if text != prefix + bare:
        return (
            f"a `{kind}` does not run on {quote(text)}",
            f"write `{prefix}{bare}`" if size in known.get(family, ()) else _such_as(example),
        )
    unfit: dict[str, str] = facts("instance-types").values["unfit"]
    if kind == "service" and family in unfit:
        return f"a service cannot run on {quote(text)}, which {unfit[family]}", _such_as(example)
    if family not in known:
        near = nearest(family, list(known))
        help = f"did you mean `{prefix}{near}`?" if near else _such_as(example)
        return f"there is no instance family {quote(prefix + family)} for a `{kind}`", help
    if size not in known[family]:
        sizes = listing(known[family], last="and")
        return (
            f"{quote(prefix + family)} does not come in the size {quote(size)}",
            meant(size, known[family], otherwise=f"it comes in {sizes}"),
        )
    return None


def _such_as(example: str) -> str:
    return f"choose another, such as `{example}`"
