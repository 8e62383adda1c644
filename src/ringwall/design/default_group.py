"""The VPC's default security group, emptied.

AWS makes one with every VPC, and it lets its members talk to each other and out to anywhere. A
resource that forgets to name its groups lands in it. CloudFormation cannot touch its rules, so a
custom resource does: a small function with the right to revoke this one group's rules and nothing
else. It calls the EC2 API from outside the VPC, so it needs no way out of it.
"""

from __future__ import annotations

from importlib.resources import files

from ringwall.design.blueprint import Blueprint
from ringwall.design.choices import LOG_DAYS
from ringwall.design.keys import LOGS_KEY
from ringwall.design.names import log_group_name
from ringwall.design.policies import allow, arn, document, trust
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Ref, Resource, Tree
from ringwall.facts.load import facts

FUNCTION = "EmptyDefaultGroupFunction"
ROLE = "EmptyDefaultGroupRole"
LOG_GROUP = "EmptyDefaultGroupLogs"
_WORD = "empty-default-group"


def code() -> str:
    """The function's program, as it goes into the template."""
    path = files("ringwall.design").joinpath("lambda_code", "empty_default_group.py")
    return path.read_text(encoding="utf-8")


def default_group(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: the log group, the role, the function, and the order to empty the group."""
    tree.add(
        Resource(
            LOG_GROUP,
            "AWS::Logs::LogGroup",
            {
                "LogGroupName": log_group_name(blueprint.spec, _WORD),
                "RetentionInDays": LOG_DAYS,
                "KmsKeyId": Attr(LOGS_KEY, "Arn"),
                "Tags": tags(blueprint, _WORD),
            },
        )
    )
    tree.add(_role(blueprint))
    tree.add(
        Resource(
            FUNCTION,
            "AWS::Lambda::Function",
            {
                "Description": "Takes every rule out of the VPC's default security group",
                "Runtime": facts("lambda-runtimes").values["python"],
                "Architectures": ["arm64"],
                "Handler": "index.handler",
                "Code": {"ZipFile": code()},
                "Role": Attr(ROLE, "Arn"),
                "Timeout": 60,
                "MemorySize": 256,
                "LoggingConfig": {"LogFormat": "Text", "LogGroup": Ref(LOG_GROUP)},
                "Tags": tags(blueprint, _WORD),
            },
        )
    )
    tree.add(
        Resource(
            "DefaultSecurityGroup",
            "Custom::EmptyDefaultSecurityGroup",
            {
                "ServiceToken": Attr(FUNCTION, "Arn"),
                "ServiceTimeout": "300",
                "SecurityGroup": Attr("Vpc", "DefaultSecurityGroup"),
            },
        )
    )


def _role(blueprint: Blueprint) -> Resource:
    statements = document(
        # EC2 offers no narrower right for describing.
        allow("FindTheRules", ["ec2:DescribeSecurityGroups"], "*"),
        allow(
            "RevokeTheRules",
            ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
            arn("ec2", "security-group/", Attr("Vpc", "DefaultSecurityGroup")),
        ),
        allow(
            "WriteTheLog",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            Attr(LOG_GROUP, "Arn"),
        ),
    )
    return Resource(
        ROLE,
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "Policies": [{"PolicyName": _WORD, "PolicyDocument": statements}],
            "Tags": tags(blueprint, _WORD),
        },
    )
