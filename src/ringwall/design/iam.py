"""What a service may do: exactly what its flows need, and be managed by Systems Manager.

A service that the spec lets connect to a store gets the permissions that the connection takes: the
objects of a bucket, the secret and the login of a database, the login of a cache. There is no
permission without a flow, and the network alone opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.design.blueprint import Blueprint, pascal
from ringwall.design.buckets import bucket_name
from ringwall.design.keys import DATA_KEY
from ringwall.design.names import log_group_name
from ringwall.design.policies import Statement, allow, arn, document, objects, trust
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Concat, Pseudo, Ref, Resource, Value
from ringwall.spec.model import Bucket, Postgres, Redis, Spec


def role_name(service: str) -> str:
    """The logical id of a service's role."""
    return f"{pascal(service)}Role"


def database_name(service: str) -> str:
    """The logical id of a database."""
    return f"{pascal(service)}Database"


def cache_name(service: str) -> str:
    """The logical id of a cache."""
    return f"{pascal(service)}Cache"


def cache_user_name(cache: str, client: str) -> str:
    """The logical id of the user that a service is in a cache."""
    return f"{pascal(cache)}{pascal(client)}User"


def role(blueprint: Blueprint, service: str) -> Resource:
    """The role of a service's instances."""
    spec = blueprint.spec
    return Resource(
        role_name(service),
        "AWS::IAM::Role",
        {
            "Description": f"{spec.name}: what the instances of {service} may do",
            "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
            # AWS keeps this policy in step with its agent; ours would go stale.
            "ManagedPolicyArns": [
                Concat(
                    ("arn:", Pseudo("partition"), ":iam::aws:policy/AmazonSSMManagedInstanceCore")
                )
            ],
            "Policies": [
                {
                    "PolicyName": "flows",
                    "PolicyDocument": document(*_statements(spec, service)),
                }
            ],
            "Tags": tags(blueprint, f"{service}-role", service=service),
        },
    )


def instance_profile(service: str) -> Resource:
    return Resource(
        f"{pascal(service)}InstanceProfile",
        "AWS::IAM::InstanceProfile",
        {"Roles": [Ref(role_name(service))]},
    )


def _statements(spec: Spec, service: str) -> Iterator[Statement]:
    yield allow(
        "WriteOwnLogs",
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        arn("logs", "log-group:", log_group_name(spec, service), ":*"),
    )
    reached = {name: one for name, one in spec.services.items() if service in one.sources}
    for name, store in reached.items():
        if isinstance(store, Bucket):
            yield from _bucket(name)
        elif isinstance(store, Postgres):
            yield from _database(name, service)
        elif isinstance(store, Redis):
            yield _cache(name, service)
    kinds = {type(store) for store in reached.values()}
    if Bucket in kinds:
        yield _key_through("UseKeyOfBuckets", ["kms:Decrypt", "kms:GenerateDataKey"], "s3")
    if Postgres in kinds:
        yield _key_through("UseKeyOfSecrets", ["kms:Decrypt"], "secretsmanager")


def _bucket(bucket: str) -> Iterator[Statement]:
    name = bucket_name(bucket)
    yield allow(
        f"List{pascal(bucket)}",
        ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
        Attr(name, "Arn"),
    )
    yield allow(
        f"Use{pascal(bucket)}",
        [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
        objects(name),
    )


def _database(database: str, service: str) -> Iterator[Statement]:
    """The secret of the owner, with which a service sets up its schema and its own users; and a
    login without any secret as a user of the service's name, once that user is made and granted
    ``rds_iam``."""
    name = database_name(database)
    yield allow(
        f"ReadSecretOf{pascal(database)}",
        ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        Attr(name, "MasterUserSecret.SecretArn"),
    )
    yield allow(
        f"LogInTo{pascal(database)}",
        ["rds-db:connect"],
        arn("rds-db", "dbuser:", Attr(name, "DbiResourceId"), f"/{service}"),
    )


def _cache(cache: str, service: str) -> Statement:
    return allow(
        f"LogInTo{pascal(cache)}",
        ["elasticache:Connect"],
        [
            arn("elasticache", "replicationgroup:", Ref(cache_name(cache))),
            Attr(cache_user_name(cache, service), "Arn"),
        ],
    )


def _key_through(sid: str, actions: list[str], aws_service: str) -> Statement:
    through: Value = Concat((f"{aws_service}.", Pseudo("region"), ".amazonaws.com"))
    return allow(
        sid,
        actions,
        Attr(DATA_KEY, "Arn"),
        condition={"StringEquals": {"kms:ViaService": through}},
    )
