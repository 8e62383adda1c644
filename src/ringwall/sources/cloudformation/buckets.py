"""Buckets, and what their policies say about the way by which objects are reached.

A policy is understood only where nothing in it could change the answer to one question: through
which VPC endpoints alone can objects be read and written? Everything else makes it ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ringwall.model.network import Bucket
from ringwall.sources.builder import labels_of
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.values import Attr, Data, Ref, Value, shown

_BUCKET = "AWS::S3::Bucket"
_POLICY = "AWS::S3::BucketPolicy"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
#: What a policy must deny for it to keep objects away from a caller.
_OBJECT_ACTIONS = ("s3:GetObject", "s3:PutObject")
_ENDPOINT = "aws:sourcevpce"
_ENDPOINT_TESTS = ("stringnotequals", "stringnotequalsifexists", "stringnotlike")
#: Conditions that exempt AWS's own services, which bring no caller's traffic from elsewhere.
_EXEMPT = {
    ("bool", "aws:viaawsservice", "false"),
    ("boolifexists", "aws:viaawsservice", "false"),
    ("bool", "aws:principalisawsservice", "false"),
    ("boolifexists", "aws:principalisawsservice", "false"),
}
#: Keys that tell how a request is made, never whence: a client can always make it the right way.
_MANNERS = {
    "aws:securetransport",
    "s3:authtype",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}
_NEGATED = ("NotAction", "NotPrincipal", "NotResource")


def read_buckets(reading: Reading) -> None:
    for resource, props in reading.of_type(_BUCKET):
        tags = props.tags()
        labels = labels_of(tags)
        reading.net.buckets[resource.id] = Bucket(
            id=resource.id,
            name=props.text("BucketName") or labels.service or resource.id,
            region=reading.stack.region,
            blocks_public=_blocks_public(props),
            service=labels.service,
            tier=labels.tier,
            tags=tags,
            origin=reading.origin(resource),
        )
        if resource.doubt:
            reading.gap("unresolved", resource, resource.doubt, affects=(resource.id,))
    for resource, props in reading.of_type(_POLICY):
        name = props.ident("Bucket")
        bucket = reading.net.buckets.get(name)
        if bucket is None:
            message = f"the bucket `{name}` of this policy is not in the template"
            reading.gap("missing", resource, message)
            continue
        document = props.get("PolicyDocument")
        only = None if resource.doubt else only_through(document, reading.ident)
        if only is None:
            message = f"the policy of `{name}` says something about access that is not understood"
            reading.gap("unmodelled", resource, message)
        reading.net.buckets[name] = replace(bucket, only_through=only)


def _blocks_public(props: Props) -> bool | None:
    """Is the public access block wholly on? Left out, S3 turns it on for new buckets."""
    if "PublicAccessBlockConfiguration" not in props:
        return True
    if props.unknown("PublicAccessBlockConfiguration"):
        return None
    block = props.inner("PublicAccessBlockConfiguration")
    found = [block.truth(key, False) for key in _BLOCKS]
    if False in found:
        return False
    return None if None in found else True


def only_through(document: Value | None, ident: Callable[[Data], str]) -> tuple[str, ...] | None:
    """The endpoints outside which a policy denies every read and write of objects.

    Empty: it has no such rule. None: it might, and is not understood. ``ident`` tells the id that
    a value stands for.
    """
    if document is None or not isinstance(document.data, Mapping):
        return None
    statements = document.data.get("Statement")
    if statements is None:
        return ()
    listed = statements.data if isinstance(statements.data, tuple) else (statements,)
    through: tuple[str, ...] = ()
    for statement in listed:
        if not isinstance(statement.data, Mapping):
            return None
        found = _statement(statement.data, ident)
        if found is None:
            return None
        if found and through and set(found) != set(through):
            # Each keeps out whoever comes through the other's endpoints: nobody may be left.
            return None
        through = found or through
    return through


def _statement(
    entries: Mapping[str, Value], ident: Callable[[Data], str]
) -> tuple[str, ...] | None:
    """The endpoints outside which a statement denies objects; empty for one that does not matter.

    None: it might matter, and is not understood.
    """
    effect = shown(entries["Effect"].data) if "Effect" in entries else ""
    if any(key in entries for key in _NEGATED) or effect not in ("Allow", "Deny"):
        return None
    if effect == "Allow":
        return None if _everybody(entries) else ()
    actions = _texts(entries.get("Action"))
    if not any(_matches(actions, one) for one in _OBJECT_ACTIONS):
        return ()
    tests = _conditions(entries)
    if tests is None:
        return None
    if any(key in _MANNERS for _, key, _ in tests):
        # One test about the manner of a request spares every request that is made as it asks.
        return ()
    if not _everybody(entries) or not _on_every_object(entries):
        return None
    return _endpoints(tests, ident)


def _endpoints(
    tests: list[tuple[str, str, Value]], ident: Callable[[Data], str]
) -> tuple[str, ...] | None:
    """The endpoints that a denial's tests spare; None where they test anything else too."""
    through: list[str] = []
    for test, key, value in tests:
        if (
            key == _ENDPOINT
            and test in _ENDPOINT_TESTS
            and isinstance(value.data, str | Ref | Attr)
        ):
            through.append(ident(value.data))
        elif (test, key, shown(value.data).lower()) not in _EXEMPT:
            return None
    return tuple(dict.fromkeys(through)) or None


def _conditions(entries: Mapping[str, Value]) -> list[tuple[str, str, Value]] | None:
    """A statement's condition as (test, key, value), names in lower case; None where not read."""
    if "Condition" not in entries:
        return []
    block = entries["Condition"].data
    if not isinstance(block, Mapping):
        return None
    found: list[tuple[str, str, Value]] = []
    for test, keys in block.items():
        if not isinstance(keys.data, Mapping):
            return None
        for key, value in keys.data.items():
            values = value.data if isinstance(value.data, tuple) else (value,)
            found += [(test.lower(), key.lower(), one) for one in values]
    return found


def _texts(value: Value | None) -> list[str]:
    if value is None:
        return []
    if isinstance(value.data, tuple):
        return [text for one in value.data for text in _texts(one)]
    if isinstance(value.data, Mapping):
        return [text for one in value.data.values() for text in _texts(one)]
    return [shown(value.data)]


def _everybody(entries: Mapping[str, Value]) -> bool:
    return "*" in _texts(entries.get("Principal"))


def _on_every_object(entries: Mapping[str, Value]) -> bool:
    """Does the statement cover reading and writing, and every object?"""
    actions, resources = _texts(entries.get("Action")), _texts(entries.get("Resource"))
    covers_all = any(text == "*" or text.endswith("/*") for text in resources)
    return covers_all and all(_matches(actions, one) for one in _OBJECT_ACTIONS)


def _matches(patterns: Iterable[str], action: str) -> bool:
    for pattern in patterns:
        wanted = ".*".join(re.escape(part) for part in pattern.lower().split("*"))
        if re.fullmatch(wanted, action.lower()):
            return True
    return False
