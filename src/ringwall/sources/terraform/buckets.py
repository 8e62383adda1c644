"""Buckets, public access blocks, and the endpoints by which alone objects are reached."""

from __future__ import annotations

import json
from dataclasses import replace

from ringwall.model.network import Bucket
from ringwall.sources.builder import labels_of
from ringwall.sources.cloudformation.buckets import only_through
from ringwall.sources.cloudformation.values import Value, known_text
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.vpcs import region_of

BUCKET = "aws_s3_bucket"
_BLOCK = "aws_s3_bucket_public_access_block"
_POLICY = "aws_s3_bucket_policy"
_PARTS = (
    "block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets",
)  # fmt: skip


def read_buckets(reading: Reading) -> None:
    for props in reading.of_type(BUCKET):
        tags = props.tags()
        labels = labels_of(tags)
        reading.net.buckets[props.id] = Bucket(
            id=props.id,
            name=props.text("bucket") or props.text("bucket_prefix") or props.label,
            region=region_of(reading, props),
            # S3 turns the public access block on for new buckets.
            blocks_public=True,
            service=labels.service,
            tier=labels.tier,
            tags=tags,
            origin=props.origin(),
        )
    by_name = {one.text("bucket"): one.id for one in reading.of_type(BUCKET) if one.text("bucket")}
    for props in reading.of_type(_BLOCK):
        bucket = _bucket(reading, props, by_name)
        if bucket is not None:
            found = [props.truth(part, False) for part in _PARTS]
            whole: bool | None = None if None in found else True
            changed = replace(bucket, blocks_public=False if False in found else whole)
            reading.net.buckets[bucket.id] = changed
    for props in reading.of_type(_POLICY):
        bucket = _bucket(reading, props, by_name)
        if bucket is not None:
            only = _endpoints_of(props)
            reading.net.buckets[bucket.id] = replace(bucket, only_through=only)
            if only is None:
                message = f"the policy of `{bucket.id}` is not wholly known, or not understood"
                reading.gap("unmodelled", props.resource, message)


def _bucket(reading: Reading, props: Props, by_name: dict[str, str]) -> Bucket | None:
    named = props.named("bucket", BUCKET)
    bucket = reading.net.buckets.get(by_name.get(named.id, named.id))
    if bucket is None or named.doubt:
        message = f"the bucket `{named.id}` that this is about is not in the plan"
        reading.gap("missing", props.resource, named.doubt or message)
    return None if named.doubt else bucket


def _endpoints_of(props: Props) -> tuple[str, ...] | None:
    text = props.get("policy")
    if not isinstance(text, str):
        return None
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return only_through(
        _value(document), lambda data: props.reading.catalogue.address_of(known_text(data) or "")
    )


def _value(data: object) -> Value:
    """JSON as the values that policies are understood in."""
    if isinstance(data, dict):
        return Value({str(key): _value(one) for key, one in data.items()})
    if isinstance(data, list):
        return Value(tuple(_value(one) for one in data))
    if isinstance(data, str | int | float | bool) or data is None:
        return Value(data)
    return Value(str(data))
