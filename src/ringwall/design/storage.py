"""What every bucket of a design has in common, whether it holds data or logs."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.design.choices import UNFINISHED_UPLOAD_DAYS
from ringwall.design.policies import Statement, document
from ringwall.design.tree import Ref, Resource, Tree, Value

PRIVATE: Mapping[str, bool] = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
#: A key that only the caller holds is how objects are taken for ransom.
_NO_CALLER_KEYS: Mapping[str, Value] = {"EncryptionType": ["SSE-C"]}
#: Amazon's own keys: all that load balancers and S3's access logs can write under.
S3_KEYS: Mapping[str, Value] = {
    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
    "BlockedEncryptionTypes": _NO_CALLER_KEYS,
}


def under_key(arn: Value) -> Mapping[str, Value]:
    """Encryption under a KMS key; the bucket key spares KMS a request for every object."""
    return {
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn},
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": _NO_CALLER_KEYS,
    }


def unfinished_uploads() -> Mapping[str, Value]:
    return {
        "Id": "remove-unfinished-uploads",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED_UPLOAD_DAYS},
    }


def add_bucket(
    tree: Tree,
    name: str,
    *,
    labels: list[dict[str, str]],
    encryption: Mapping[str, Value],
    lifecycle: list[Mapping[str, Value]],
    statements: list[Statement],
    access_logs: Mapping[str, Value] | None = None,
    after: tuple[str, ...] = (),
) -> None:
    """Add a private, versioned bucket that outlives its stack, and its policy ``NAMEPolicy``.

    Its name is CloudFormation's choice. ``labels`` are its tags, ``access_logs`` is where its own
    requests are logged.
    """
    properties: dict[str, Value] = {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "VersioningConfiguration": {"Status": "Enabled"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": PRIVATE,
        "LifecycleConfiguration": {"Rules": lifecycle},
    }
    if access_logs is not None:
        properties["LoggingConfiguration"] = access_logs
    properties["Tags"] = labels
    tree.add(Resource(name, "AWS::S3::Bucket", properties, depends_on=after, protect="retain"))
    tree.add(
        Resource(
            f"{name}Policy",
            "AWS::S3::BucketPolicy",
            {"Bucket": Ref(name), "PolicyDocument": document(*statements)},
        )
    )
