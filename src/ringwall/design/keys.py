"""Two rotated KMS keys: one for data (volumes, databases, caches, buckets, secrets), one for logs.

Who can really use them, and how:

* RDS, ElastiCache, S3 and Secrets Manager act with the caller's own permissions. So the key policy
  lets this account's principals use the data key, as far as their IAM policies say so too, and only
  *through* those services (``kms:ViaService``): nobody decrypts anything by calling KMS directly.
* Auto Scaling starts instances under its service-linked role, whose own policy says nothing of
  KMS: without a statement in the key policy, no instance with an encrypted volume ever starts. A
  role with a suffix of its own (``ScalingServiceRole``) exists from the start, where the account's
  common one may not (a key policy may not name a role that does not exist), and keeps other groups
  of the account off this key.
* CloudWatch Logs and flow-log delivery use the logs key as service principals, held to this
  account's log groups and deliveries.

The account administers both keys (a key that nobody can administer is lost). Whoever may rewrite a
key policy can grant themselves the rest: that is what CloudTrail watches.
"""

from __future__ import annotations

from ringwall.design.blueprint import Blueprint
from ringwall.design.choices import KEY_WAIT_DAYS
from ringwall.design.names import scaling_role_suffix
from ringwall.design.policies import (
    Statement,
    account_root,
    allow,
    arn,
    document,
    same_account,
)
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Concat, Output, Pseudo, Ref, Resource, Tree
from ringwall.spec.model import Spec, Workload

DATA_KEY = "DataKey"
LOGS_KEY = "LogsKey"
SCALING_ROLE = "ScalingServiceRole"

#: Not `kms:Create*`: a grant would hand out the use of a key past every condition below.
_ADMINISTER = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:Delete*",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Revoke*",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
]
_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
#: ElastiCache's requests come under either of its names.
_DATA_SERVICES = ("dax", "ec2", "elasticache", "rds", "s3", "secretsmanager")


def keys(blueprint: Blueprint, tree: Tree) -> None:
    """Add ``DataKey``, ``LogsKey``, their aliases, and the role that uses the data key."""
    spec = blueprint.spec
    scaling = bool(spec.of_kind(Workload))
    if scaling:
        tree.add(_scaling_role(spec))
    _key(blueprint, tree, LOGS_KEY, "logs", "logs", _logs_policy(spec))
    # A new role takes some seconds to be known to KMS, which refuses a policy that names a role
    # it does not know. The minute that the other key takes is enough.
    after = (SCALING_ROLE, LOGS_KEY) if scaling else ()
    _key(blueprint, tree, DATA_KEY, "data", "data at rest", _data_policy(scaling), after)
    for name, what in ((DATA_KEY, "data at rest"), (LOGS_KEY, "logs")):
        tree.tell(Output(f"{name}Arn", f"The key that encrypts {what}", Attr(name, "Arn")))


def _key(
    blueprint: Blueprint,
    tree: Tree,
    name: str,
    word: str,
    what: str,
    statements: list[Statement],
    after: tuple[str, ...] = (),
) -> None:
    tree.add(
        Resource(
            name,
            "AWS::KMS::Key",
            {
                "Description": f"{blueprint.spec.name}: encrypts {what}",
                "EnableKeyRotation": True,
                "PendingWindowInDays": KEY_WAIT_DAYS,
                "KeyPolicy": document(*statements),
                "Tags": tags(blueprint, f"{word}-key"),
            },
            depends_on=after,
            protect="retain",
        )
    )
    tree.add(
        Resource(
            f"{name}Alias",
            "AWS::KMS::Alias",
            # The stack's name keeps two stacks of one account and Region apart.
            {
                "AliasName": Concat(("alias/", Pseudo("stack-name"), f"/{word}")),
                "TargetKeyId": Ref(name),
            },
        )
    )


def _scaling_role(spec: Spec) -> Resource:
    return Resource(
        SCALING_ROLE,
        "AWS::IAM::ServiceLinkedRole",
        {
            "AWSServiceName": "autoscaling.amazonaws.com",
            "CustomSuffix": scaling_role_suffix(spec),
            "Description": f"{spec.name}: starts instances on volumes under {DATA_KEY}",
        },
    )


def scaling_role_arn() -> Concat:
    """The ARN of the role under which Auto Scaling starts this design's instances."""
    return arn(
        "iam",
        "role/aws-service-role/autoscaling.amazonaws.com/",
        Ref(SCALING_ROLE),
        region=False,
    )


def _administration() -> Statement:
    return allow("AccountAdministersKey", _ADMINISTER, "*", principal={"AWS": account_root()})


def _data_policy(scaling: bool) -> list[Statement]:
    through = [Concat((f"{one}.", Pseudo("region"), ".amazonaws.com")) for one in _DATA_SERVICES]
    statements = [
        _administration(),
        allow(
            "AccountUsesKeyThroughServices",
            [*_USE, "kms:CreateGrant"],
            "*",
            principal={"AWS": account_root()},
            condition={
                "StringEquals": {
                    "kms:CallerAccount": Pseudo("account"),
                    "kms:ViaService": through,
                }
            },
        ),
    ]
    if scaling:
        role = {"AWS": scaling_role_arn()}
        statements += [
            allow("AutoScalingUsesKey", _USE, "*", principal=role),
            allow(
                "AutoScalingGrantsKeyToVolumes",
                ["kms:CreateGrant"],
                "*",
                principal=role,
                condition={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
        ]
    return statements


def _logs_policy(spec: Spec) -> list[Statement]:
    groups = [
        arn("logs", f"log-group:{prefix}*")
        for prefix in (
            f"/{spec.name}/",
            f"/aws/vendedlogs/{spec.name}/",
            f"/aws/rds/instance/{spec.name}-",
        )
    ]
    return [
        _administration(),
        allow(
            "LogGroupsUseKey",
            _USE,
            "*",
            principal={"Service": Concat(("logs.", Pseudo("region"), ".amazonaws.com"))},
            condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        ),
        allow(
            "FlowLogDeliveryUsesKey",
            _USE,
            "*",
            principal={"Service": "delivery.logs.amazonaws.com"},
            condition={
                "StringEquals": same_account(),
                "ArnLike": {"aws:SourceArn": arn("logs", "*")},
            },
        ),
        allow(
            "AccountReadsLogsThroughS3",
            ["kms:Decrypt", "kms:DescribeKey"],
            "*",
            principal={"AWS": account_root()},
            condition={
                "StringEquals": {
                    "kms:CallerAccount": Pseudo("account"),
                    "kms:ViaService": Concat(("s3.", Pseudo("region"), ".amazonaws.com")),
                }
            },
        ),
    ]
