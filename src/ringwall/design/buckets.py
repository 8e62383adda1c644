"""Data buckets: private, versioned, under our key, reachable through the VPC's S3 endpoint only.

The policy's ``DenyOutsideEndpoint`` refuses to read, write, delete or list objects unless the
request came through the gateway endpoint ``S3Endpoint``. So stolen credentials are of no use
outside the VPC, and a console session on the Internet sees no object. Two exceptions, both AWS's
own way of drawing such a perimeter: an AWS service that acts for a caller whom IAM already admits
(a query of Athena, a stack of CloudFormation), and an AWS service principal. Neither opens the
bucket by itself: without a permission elsewhere there is none.

It names actions on objects, never ``s3:*``: configuration, policy and lifecycle stay with IAM, so
nobody, not even the account's root, has to fight the policy to mend it. A role that AWS Backup or
replication assumes reaches S3 from outside the VPC and is refused: that must be a decision.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.design.blueprint import Blueprint, pascal
from ringwall.design.choices import OLD_VERSION_DAYS
from ringwall.design.keys import DATA_KEY
from ringwall.design.logs import ACCESS_LOGS, access_logs
from ringwall.design.policies import (
    Condition,
    Statement,
    deny,
    objects,
    tls_only,
    whole_bucket,
)
from ringwall.design.storage import add_bucket, under_key, unfinished_uploads
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Output, Ref, Tree, Value
from ringwall.spec.model import Bucket

#: The gateway endpoint through which alone objects are reached.
ENDPOINT = "S3Endpoint"

#: Every action on objects, and listing them.
_ON_OBJECTS = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject*",
    "s3:GetObject*",
    "s3:ListBucket*",
    "s3:ListMultipartUploadParts",
    "s3:PutObject*",
    "s3:RestoreObject",
]


def bucket_name(service: str) -> str:
    """The logical id of a bucket service."""
    return f"{pascal(service)}Bucket"


def buckets(blueprint: Blueprint, tree: Tree) -> None:
    """Add ``{Pascal}Bucket`` and ``{Pascal}BucketPolicy`` for every bucket of the spec."""
    for service in blueprint.spec.of_kind(Bucket):
        name = bucket_name(service)
        add_bucket(
            tree,
            name,
            labels=tags(blueprint, service, service=service),
            encryption=under_key(Attr(DATA_KEY, "Arn")),
            lifecycle=_lifecycle(),
            statements=_statements(name),
            access_logs=access_logs(name),
            after=(f"{ACCESS_LOGS}Policy",),
        )
        tree.tell(Output(f"{name}Name", f"The bucket {service}", Ref(name)))


def _lifecycle() -> list[Mapping[str, Value]]:
    return [
        {
            "Id": "remove-old-versions",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSION_DAYS},
        },
        unfinished_uploads(),
    ]


def _statements(name: str) -> list[Statement]:
    return [
        tls_only(name),
        deny(
            "DenyOldTls",
            ["s3:*"],
            whole_bucket(name),
            {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
            principal="*",
        ),
        deny(
            "DenyOutsideEndpoint",
            _ON_OBJECTS,
            whole_bucket(name),
            {
                "StringNotEquals": {"aws:SourceVpce": Ref(ENDPOINT)},
                "BoolIfExists": {
                    "aws:PrincipalIsAWSService": "false",
                    "aws:ViaAWSService": "false",
                },
            },
            principal="*",
        ),
        *_own_key_only(name),
    ]


def _own_key_only(name: str) -> list[Statement]:
    """A write that says nothing of encryption gets our key by default; one that names another way
    is refused. Each test is bound to the header's presence, for a negated test alone would refuse
    every request without it."""
    method = "s3:x-amz-server-side-encryption"
    key = f"{method}-aws-kms-key-id"
    ours = Attr(DATA_KEY, "Arn")
    present, absent = "false", "true"
    refused: list[tuple[str, Condition]] = [
        (
            "DenyOtherEncryption",
            {"Null": {method: present}, "StringNotEquals": {method: "aws:kms"}},
        ),
        ("DenyOtherKeys", {"Null": {key: present}, "StringNotEquals": {key: ours}}),
        # Asked for KMS without a key, S3 takes its own.
        ("DenyUnnamedKey", {"Null": {key: absent}, "StringEquals": {method: "aws:kms"}}),
    ]
    return [
        deny(sid, ["s3:PutObject"], objects(name), condition, principal="*")
        for sid, condition in refused
    ]
