"""What is wrong with the shape of a spec, in our words: pydantic finds it, this says it.

Pydantic's own messages speak of types, unions and tags; a user wrote keys and values. Each kind of
error has one small function that words it, with its place and its mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

from pydantic_core import ErrorDetails

from ringwall.model.errors import Diagnostic
from ringwall.model.origin import Origin
from ringwall.spec import model
from ringwall.spec.source import Document, Key, Value
from ringwall.spec.words import listing, meant, nearest, quote

_KIND_CLASSES: dict[str, type[model.ServiceBase]] = {
    get_args(one.model_fields["kind"].annotation)[0]: one
    for one in (model.LoadBalancer, model.Workload, model.Postgres, model.Redis, model.Bucket)
}
#: The kinds of service, in the order in which they are told.
KINDS: tuple[str, ...] = tuple(_KIND_CLASSES)
_GUARANTEE_CLASSES: dict[str, type[model.Strict]] = {
    "never": model.NeverGuarantee,
    "layers": model.LayersGuarantee,
    "survives": model.SurvivesGuarantee,
}
#: What people call a kind elsewhere.
_OTHER_WORDS = {
    "alb": "load-balancer", "elb": "load-balancer", "nlb": "load-balancer", "lb": "load-balancer",
    "app": "service", "asg": "service", "ec2": "service", "instance": "service",
    "workload": "service", "container": "service", "server": "service", "worker": "service",
    "rds": "postgres", "aurora": "postgres", "database": "postgres", "db": "postgres",
    "valkey": "redis", "elasticache": "redis", "cache": "redis", "memcached": "redis",
    "s3": "bucket", "storage": "bucket",
}  # fmt: skip
#: What people call a key elsewhere.
_OTHER_KEYS = {
    "sources": "from", "source": "from", "clients": "from", "allow": "from", "type": "kind",
    "instance": "instances", "instance_type": "instances", "size": "instances", "ami": "image",
    "cert": "certificate", "path": "paths", "reason": "why", "cidr": "to", "vpc": "network",
    "destination": "to", "azs": "zones", "availability_zones": "zones",
}  # fmt: skip
_SAMPLES = {
    "name": "name: clinic",
    "services": "services: {web: {kind: load-balancer}, api: {kind: service, from: [web]}}",
    "to": "to: 203.0.113.0/24",
    "port": "port: 443",
    "why": "why: payment provider",
    "never": "never: internet -> data",
}


def file_path(loc: tuple[int | str, ...]) -> Key:
    """A path of keys in the file from pydantic's, which names a union's member in between."""
    path = tuple(part for part in loc if part != "[key]")
    if len(path) > 2 and path[0] in ("services", "guarantees"):
        return (*path[:2], *path[3:])
    return path


def translate(error: ErrorDetails, document: Document) -> Diagnostic:
    """One complaint of pydantic's as a diagnostic at its place in the file."""
    path = file_path(error["loc"])
    if error["loc"][-1:] == ("[key]",):
        return _bad_name(document, path, str(path[-1]), document.keys.get(path))
    word = _WORDINGS.get(error["type"])
    if word is None:
        message = f"{quote(_last(path))} cannot be {_what(value_at(document, path))}"
        return Diagnostic("RW-SPEC-009", message, place(document, path))
    return word(document, path, error)


def value_at(document: Document, path: Key) -> Value:
    """The value under a path, or None where the file has none."""
    found: Value = document.values
    for part in path:
        if isinstance(found, dict) and isinstance(part, str):
            found = found.get(part)
        elif isinstance(found, tuple) and isinstance(part, int) and part < len(found):
            found = found[part]
        else:
            return None
    return found


def place(document: Document, path: Key) -> Origin:
    """The place of a value, or of the nearest thing above it that the file writes."""
    while path and path not in document.origins:
        path = path[:-1]
    return document.origins[path]


def keys_of(document: Document, path: Key) -> tuple[str, ...]:
    """The keys that may stand at a place, as a user writes them."""
    found = _class_at(document, path)
    if found is None:
        return ()
    return tuple(one.alias or name for name, one in found.model_fields.items())


def _class_at(document: Document, path: Key) -> type[model.Strict] | None:
    match path:
        case ():
            return model.Spec
        case ("network",):
            return model.NetworkSpec
        case ("services", str()):
            kind = value_at(document, (*path, "kind"))
            return _KIND_CLASSES.get(kind) if isinstance(kind, str) else None
        case ("services", str(), "scale"):
            return model.Scale
        case ("egress", str(), int()):
            return model.Egress
        case ("guarantees", int()):
            written = value_at(document, path)
            return next(
                (
                    one
                    for key, one in _GUARANTEE_CLASSES.items()
                    if isinstance(written, dict) and key in written
                ),
                None,
            )
    return None


def _last(path: Key) -> str:
    """The nearest key that a path names."""
    return next((part for part in reversed(path) if isinstance(part, str)), "the file")


def _inside(path: Key) -> str:
    """`` in `services.api` `` for what lies inside something, nothing for the top."""
    names = [part for part in path if isinstance(part, str)]
    return f" in `{'.'.join(quote(name, ticks=False) for name in names)}`" if names else ""


def _what(value: Value) -> str:
    """A value in words: ``the text `80` ``, ``a list``."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, tuple):
        return "a list"
    if isinstance(value, str):
        return f"the text {quote(value)}"
    if isinstance(value, bool):
        return quote(value)
    return f"the number {quote(value)}"


def _unknown_key(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
    *above, last = path
    key, parent = str(last), tuple(above)
    known = keys_of(document, parent)
    help = meant(key, known)
    other = _OTHER_KEYS.get(key)
    if other in known:
        help = f"it is called `{other}` here"
    elif not help and key in model.NetworkSpec.model_fields and parent == ():
        help = f"it belongs under `network`: `network: {{{key}: ...}}`"
    elif not help and key in model.GUARANTEES and parent[:1] == ("guarantees",):
        help = "one entry of the list makes one guarantee: start another with `- `"
    where = document.keys.get(path, place(document, path))
    return Diagnostic(
        "RW-SPEC-006",
        f"unknown key {quote(key)}{_inside(parent)}",
        where,
        help or f"known here: {listing(known, last='and')}",
    )


def _missing(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
    key = str(path[-1])
    sample = _SAMPLES.get(key, f"{key}: ...")
    return Diagnostic(
        "RW-SPEC-007",
        f"{quote(key)} is missing{_inside(path[:-1])}",
        place(document, path[:-1]),
        f"add `{sample}`",
    )


def _wrong_type(wanted: str) -> Callable[[Document, Key, ErrorDetails], Diagnostic]:
    def word(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
        value = value_at(document, path)
        item = bool(path) and isinstance(path[-1], int)
        subject = f"an entry of {quote(_last(path))}" if item else quote(_last(path))
        found = "empty" if value is None else f"not {_what(value)}"
        message = f"{subject} must be {wanted}, {found}"
        if value is None:
            message = f"{subject} is empty, and must be {wanted}"
        return Diagnostic(
            "RW-SPEC-008", message, place(document, path), _type_help(path, value, wanted)
        )

    return word


def _type_help(path: Key, value: Value, wanted: str) -> str:
    key = _last(path)
    if value is None:
        return "write a value, or take the key away"
    if wanted == _NUMBER and isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return f"take the quotes away: `{key}: {int(value)}`"
    if wanted == _TEXT and isinstance(value, bool | int | float):
        return f'put it in quotes: `"{quote(value, ticks=False)}"`'
    if wanted == _LIST and isinstance(value, str) and key in _LISTS_OF_WORDS:
        return f"put it in brackets: `{key}: [{quote(value, ticks=False)}]`"
    return _TYPE_HELP[wanted]


_NUMBER, _TEXT, _LIST, _BLOCK = "a whole number", "a text", "a list", "a block of keys"
_TYPE_HELP = {
    _NUMBER: "write it in digits, without quotes",
    _TEXT: "write one word, or a text in quotes",
    _LIST: "start each entry on a line of its own with `- `; `[]` is the empty list",
    _BLOCK: "write its keys in braces, `{key: value}`, or indented below it",
}
_LISTS_OF_WORDS = ("frameworks", "endpoints", "paths")


def _out_of_range(document: Document, path: Key, error: ErrorDetails) -> Diagnostic:
    limits = error.get("ctx", {})
    bound = f"at least {limits['ge']}" if "ge" in limits else f"at most {limits.get('le')}"
    value = value_at(document, path)
    return Diagnostic(
        "RW-SPEC-009",
        f"{quote(_last(path))} must be {bound}, not {quote(value)}",
        place(document, path),
        f"choose a number that is {bound}",
    )


def _not_among(document: Document, path: Key, error: ErrorDetails) -> Diagnostic:
    value = value_at(document, path)
    if path[-1] == "tier":
        return _wrong_tier(document, path, value)
    choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    key = _last(path)
    help = meant(value, choices) if isinstance(value, str) else ""
    return Diagnostic(
        "RW-SPEC-009",
        f"{quote(key)} must be {listing(choices)}, not {quote(value)}",
        place(document, path),
        help or "write one of these",
    )


_HOMES = {
    "public": "the public tier holds load balancers and NAT gateways, and nothing else",
    "app": "the app tier holds your own services, and nothing else",
    "data": "the data tier holds stores, and nothing else",
}


def _wrong_tier(document: Document, path: Key, value: Value) -> Diagnostic:
    kind = str(value_at(document, (*path[:-1], "kind")))
    home = _KIND_CLASSES[kind].model_fields["tier"].default
    message = f"a `{kind}` belongs to the {home} tier, not to {quote(value)}"
    why = _HOMES.get(value, "") if isinstance(value, str) else ""
    help = f"leave `tier` out, or write `tier: {home}`"
    return Diagnostic(
        "RW-SPEC-011",
        message,
        place(document, path),
        f"{help}; {why}" if why else help,
        ((place(document, (*path[:-1], "kind")), f"a `{kind}` by this"),),
    )


def _no_tag(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
    value = value_at(document, path)
    if path[0] == "guarantees":
        keys = value if isinstance(value, dict) else {}
        near = next((near for key in keys if (near := nearest(key, model.GUARANTEES))), None)
        return Diagnostic(
            "RW-SPEC-012",
            "a guarantee is one of `never`, `layers` or `survives`",
            place(document, path),
            f"did you mean `{near}`?" if near else "for example `- {never: internet -> data}`",
        )
    if isinstance(value, dict) and "kind" in value:
        return _bad_kind(document, path, value["kind"])
    return Diagnostic(
        "RW-SPEC-012",
        f"{quote(path[-1])} does not say its `kind`",
        place(document, path),
        "add `kind: service` for code of your own, or `load-balancer`, `postgres`, `redis`, "
        "`bucket`",
    )


def _bad_tag(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
    return _bad_kind(document, path, value_at(document, (*path, "kind")))


def _bad_kind(document: Document, path: Key, kind: Value) -> Diagnostic:
    help = ""
    if isinstance(kind, str):
        other = _OTHER_WORDS.get(kind.lower())
        help = f"did you mean `{other}`?" if other else meant(kind, KINDS)
    return Diagnostic(
        "RW-SPEC-012",
        f"{quote(kind)} is no kind of service",
        place(document, (*path, "kind")),
        help or f"the kinds are {listing(KINDS, last='and')}",
    )


def _bad_text(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
    value = value_at(document, path)
    if path == ("name",):
        return _bad_name(document, path, str(value), place(document, path))
    return Diagnostic(
        "RW-SPEC-009",
        f"{quote(_last(path))} says too little: {quote(value)}",
        place(document, path),
        "an auditor reads this: give the reason in a few words",
    )


def _bad_name(document: Document, path: Key, name: str, where: Origin | None) -> Diagnostic:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-")
    if len(name) > 31 and slug == name:
        message, help = f"the name {quote(name)} has more than 31 characters", "shorten it"
    else:
        message = f"{quote(name)} cannot be a name"
        help = "a name has lower-case letters, digits and single hyphens, and starts with a letter"
        help += f": `{slug[:31].rstrip('-')}`" if slug else ""
    return Diagnostic("RW-SPEC-010", message, where or place(document, path), help)


def _too_few(document: Document, path: Key, _: ErrorDetails) -> Diagnostic:
    return Diagnostic(
        "RW-SPEC-007",
        f"{quote(_last(path))} is empty",
        place(document, path),
        "add at least one, such as `api: {kind: service}`",
    )


_WORDINGS: dict[str, Callable[[Document, Key, ErrorDetails], Diagnostic]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "int_type": _wrong_type(_NUMBER),
    "string_type": _wrong_type(_TEXT),
    "tuple_type": _wrong_type(_LIST),
    "dict_type": _wrong_type(_BLOCK),
    "model_type": _wrong_type(_BLOCK),
    "model_attributes_type": _wrong_type(_BLOCK),
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "literal_error": _not_among,
    "union_tag_not_found": _no_tag,
    "union_tag_invalid": _bad_tag,
    "string_pattern_mismatch": _bad_text,
    "string_too_long": _bad_text,
    "string_too_short": _bad_text,
    "too_short": _too_few,
}
