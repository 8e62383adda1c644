"""Buckets: who is kept out by the policy, as far as the policy is understood."""

from __future__ import annotations

import json

import pytest

from ringwall.sources.cloudformation import read_template

EVERY_OBJECT = {"Fn::Sub": "${Docs.Arn}/*"}
OUTSIDE = {"StringNotEquals": {"aws:SourceVpce": {"Ref": "Way"}}}


def deny(condition: object, **more: object) -> dict[str, object]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [{"Fn::GetAtt": ["Docs", "Arn"]}, EVERY_OBJECT],
        **({"Condition": condition} if condition else {}),
        **more,
    }


def allow(principal: object, **more: object) -> dict[str, object]:
    grant = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": EVERY_OBJECT}
    return {**grant, "Principal": principal, **more}


def only_through(*statements: object, condition: str = "") -> tuple[str, ...] | None:
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "Docs"}, "PolicyDocument": {"Statement": [*statements]}},
        **({"Condition": condition} if condition else {}),
    }
    template = {
        "Parameters": {"Open": {"Type": "String"}},
        "Conditions": {"Sure": {"Fn::Equals": [{"Ref": "Open"}, "y"]}},
        "Resources": {
            "Docs": {"Type": "AWS::S3::Bucket"},
            "Way": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.us-east-1.s3"},
            },
            "Policy": policy,
        },
    }
    network = read_template(json.dumps(template), "t.json")
    found = network.buckets["Docs"].only_through
    gaps = [gap for gap in network.gaps if gap.subject == "Policy"]
    assert bool(gaps) is (found is None)
    return found


TLS = deny({"Bool": {"aws:SecureTransport": "false"}})
UNDERSTOOD: dict[str, tuple[list[dict[str, object]], tuple[str, ...]]] = {
    "nothing": ([], ()),
    "only TLS": ([TLS], ()),
    "only the endpoint": ([TLS, deny(OUTSIDE)], ("Way",)),
    "a wildcard that covers objects": ([deny(OUTSIDE, Action=["s3:Get*", "s3:Put*"])], ("Way",)),
    "everyone, the long way": ([deny(OUTSIDE, Principal={"AWS": "*"})], ("Way",)),
    "if it exists": (
        [deny({"StringNotEqualsIfExists": {"aws:SourceVpce": {"Ref": "Way"}}})],
        ("Way",),
    ),
    "two ways": (
        [deny({"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}})],
        ("vpce-1", "vpce-2"),
    ),
    "AWS's services spared": (
        [
            deny(
                {
                    **OUTSIDE,
                    "BoolIfExists": {
                        "aws:PrincipalIsAWSService": "false",
                        "aws:ViaAWSService": "false",
                    },
                }
            )
        ],
        ("Way",),
    ),
    "a role may read": ([allow({"AWS": "arn:aws:iam::1:role/r"})], ()),
    "encryption asked for": (
        [
            deny(
                {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
                Action="s3:PutObject",
            )
        ],
        (),
    ),
    "the bucket itself must stay": ([deny(None, Action="s3:DeleteBucket")], ()),
}


@pytest.mark.parametrize(("statements", "expected"), UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
def test_understood(statements: list[dict[str, object]], expected: tuple[str, ...]) -> None:
    assert only_through(*statements) == expected


NOT_UNDERSTOOD: dict[str, list[dict[str, object]]] = {
    "everybody may read": [allow("*")],
    "everybody may read, on a condition": [allow("*", Condition=OUTSIDE)],
    "nobody may do anything": [deny(None)],
    "an address decides": [deny({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
    "a VPC decides": [deny({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}})],
    "the caller decides": [deny({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})],
    "the endpoint and the caller": [
        deny({**OUTSIDE, "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/r"}})
    ],
    "one prefix only": [deny(OUTSIDE, Resource={"Fn::Sub": "${Docs.Arn}/secret*"})],
    "reading only": [deny(OUTSIDE, Action="s3:GetObject")],
    "one role only": [deny(OUTSIDE, Principal={"AWS": "arn:aws:iam::1:role/r"})],
    "everything but": [deny(OUTSIDE, NotAction="s3:GetObject")],
    "an endpoint that is not known": [
        deny({"StringNotEquals": {"aws:SourceVpce": {"Ref": "Open"}}})
    ],
    "two that exclude each other": [
        deny({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        deny({"StringNotEquals": {"aws:SourceVpce": "vpce-2"}}),
    ],
    "the wrong way round": [deny({"StringEquals": {"aws:SourceVpce": "vpce-1"}})],
}


@pytest.mark.parametrize("statements", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD.keys())
def test_not_understood(statements: list[dict[str, object]]) -> None:
    assert only_through(*statements) is None


def test_a_policy_that_may_not_be_made_is_not_understood() -> None:
    assert only_through(deny(OUTSIDE), condition="Sure") is None


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (None, True),
        (dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy"), True), False),
        (
            dict.fromkeys(
                (
                    "BlockPublicAcls",
                    "BlockPublicPolicy",
                    "IgnorePublicAcls",
                    "RestrictPublicBuckets",
                ),
                "true",
            ),
            True,
        ),
        ({"Fn::ImportValue": "x"}, None),
    ],
    ids=["left out", "half", "whole", "unknown"],
)
def test_the_public_access_block(block: object, expected: bool | None) -> None:
    properties = {} if block is None else {"PublicAccessBlockConfiguration": block}
    template = {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": properties}}}
    network = read_template(json.dumps(template), "t.json")
    assert network.buckets["B"].blocks_public is expected
