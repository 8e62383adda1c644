"""What the policies of buckets and keys let through, asked request by request."""

from __future__ import annotations

import pytest

from designs import of_type, properties, template_of
from iam_requests import decided, plain
from ringwall.spec.load import SpecFile
from ringwall.spec.model import Spec

SPEC = """
name: clinic
frameworks: [hipaa]
services:
  web: {kind: load-balancer}
  api: {kind: service, from: [web]}
  documents: {kind: bucket, from: [api]}
  records: {kind: postgres, from: [api]}
  cache: {kind: redis, from: [api]}
"""
TEMPLATE = template_of(SPEC)
BUCKET = "<DocumentsBucket.Arn>"
OBJECT = f"{BUCKET}/scan.pdf"
#: A request of an instance through the endpoint, over TLS.
INSIDE = {
    "aws__SourceVpce": "<S3Endpoint>",
    "aws__SecureTransport": "true",
    "s3__TlsVersion": "1.3",
    "aws__ViaAWSService": "false",
    "aws__PrincipalIsAWSService": "false",
}
OUTSIDE = {key: value for key, value in INSIDE.items() if key != "aws__SourceVpce"}
OURS = "<DataKey.Arn>"


def denied(action: str, resource: str = OBJECT, **context: str) -> list[str]:
    policy = properties(TEMPLATE, "DocumentsBucketPolicy")["PolicyDocument"]
    return decided(policy, "Deny", action, resource, **context)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", OBJECT),
        ("s3:GetObjectVersion", OBJECT),
        ("s3:PutObject", OBJECT),
        ("s3:DeleteObject", OBJECT),
        ("s3:DeleteObjectVersion", OBJECT),
        ("s3:AbortMultipartUpload", OBJECT),
        ("s3:ListBucket", BUCKET),
        ("s3:ListBucketVersions", BUCKET),
    ],
)
def test_objects_are_reached_through_the_endpoint_only(action: str, resource: str) -> None:
    assert denied(action, resource, **INSIDE) == []
    assert denied(action, resource, **OUTSIDE) == ["DenyOutsideEndpoint"]
    other = {**INSIDE, "aws__SourceVpce": "vpce-of-a-stranger"}
    assert denied(action, resource, **other) == ["DenyOutsideEndpoint"]


@pytest.mark.parametrize(
    "action",
    [
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
    ],
)
def test_nobody_is_locked_out_of_administration(action: str) -> None:
    assert denied(action, BUCKET, **OUTSIDE) == []


def test_aws_services_that_act_for_an_admitted_caller_pass() -> None:
    assert denied("s3:GetObject", **{**OUTSIDE, "aws__ViaAWSService": "true"}) == []
    assert denied("s3:GetObject", **{**OUTSIDE, "aws__PrincipalIsAWSService": "true"}) == []


def test_a_request_without_the_service_keys_is_still_denied() -> None:
    """Anonymous requests carry neither key: a test without IfExists would let them by."""
    assert denied("s3:GetObject", aws__SecureTransport="true") == ["DenyOutsideEndpoint"]


def test_clear_text_and_old_tls_are_refused_even_inside() -> None:
    assert denied("s3:GetObject", **{**INSIDE, "aws__SecureTransport": "false"}) == [
        "DenyClearText"
    ]
    assert denied("s3:GetObject", **{**INSIDE, "s3__TlsVersion": "1.1"}) == ["DenyOldTls"]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, []),
        ({"s3__x_amz_server_side_encryption": "aws:kms"}, ["DenyUnnamedKey"]),
        ({"s3__x_amz_server_side_encryption": "AES256"}, ["DenyOtherEncryption"]),
        (
            {
                "s3__x_amz_server_side_encryption": "aws:kms",
                "s3__x_amz_server_side_encryption_aws_kms_key_id": OURS,
            },
            [],
        ),
        (
            {
                "s3__x_amz_server_side_encryption": "aws:kms",
                "s3__x_amz_server_side_encryption_aws_kms_key_id": "arn:aws:kms:::key/theirs",
            },
            ["DenyOtherKeys"],
        ),
    ],
)
def test_objects_are_written_under_our_key_or_not_at_all(
    headers: dict[str, str], refused: list[str]
) -> None:
    assert denied("s3:PutObject", **INSIDE, **headers) == refused


def test_every_bucket_is_private_versioned_encrypted_and_outlives_the_stack() -> None:
    buckets = of_type(TEMPLATE, "AWS::S3::Bucket")
    assert set(buckets) == {"AccessLogsBucket", "FlowLogsBucket", "DocumentsBucket"}
    for name, bucket in buckets.items():
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        rule = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
        assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
        method = "AES256" if name == "AccessLogsBucket" else "aws:kms"
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == method
        assert ("LoggingConfiguration" in bucket) == (name != "AccessLogsBucket")
        resource = TEMPLATE["Resources"][name]
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
        assert resource["UpdateReplacePolicy"] == "Retain"
        policy = properties(TEMPLATE, f"{name}Policy")["PolicyDocument"]
        clear = decided(
            policy, "Deny", "s3:GetObject", f"<{name}.Arn>/x", aws__SecureTransport="false"
        )
        assert "DenyClearText" in clear


FLOW_LOG_OBJECT = "<FlowLogsBucket.Arn>/AWSLogs/aws-account-id=1/aws-service=vpcflowlogs/x.log.gz"
DELIVERY = {
    "aws__SourceAccount": "<AWS::AccountId>",
    "aws__SourceArn": "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:delivery-source:x",
    "s3__x_amz_acl": "bucket-owner-full-control",
}


def test_flow_logs_are_delivered_for_this_account_only() -> None:
    policy = properties(TEMPLATE, "FlowLogsBucketPolicy")["PolicyDocument"]
    assert decided(policy, "Allow", "s3:PutObject", FLOW_LOG_OBJECT, **DELIVERY) == [
        "AWSLogDeliveryWrite"
    ]
    stranger = {**DELIVERY, "aws__SourceAccount": "another"}
    assert decided(policy, "Allow", "s3:PutObject", FLOW_LOG_OBJECT, **stranger) == []
    acl = {key: value for key, value in DELIVERY.items() if key != "s3__x_amz_acl"}
    assert decided(policy, "Allow", "s3:GetBucketAcl", "<FlowLogsBucket.Arn>", **acl) == [
        "AWSLogDeliveryAclCheck"
    ]


def test_load_balancers_and_buckets_write_under_their_own_prefix() -> None:
    policy = properties(TEMPLATE, "AccessLogsBucketPolicy")["PolicyDocument"]
    bucket = "<AccessLogsBucket.Arn>"
    mine = f"{bucket}/load-balancers/AWSLogs/<AWS::AccountId>/elasticloadbalancing/x"
    theirs = f"{bucket}/load-balancers/AWSLogs/999999999999/elasticloadbalancing/x"
    assert decided(policy, "Allow", "s3:PutObject", mine) == ["LoadBalancersWriteLogs"]
    assert decided(policy, "Allow", "s3:PutObject", theirs) == []
    prefix = properties(TEMPLATE, "DocumentsBucket")["LoggingConfiguration"]["LogFilePrefix"]
    log = f"{bucket}/{prefix}2026-11-23"
    ours = {"aws__SourceAccount": "<AWS::AccountId>"}
    assert decided(policy, "Allow", "s3:PutObject", log, **ours) == ["BucketsWriteLogs"]


def key_policy(name: str) -> dict[str, object]:
    found = properties(TEMPLATE, name)["KeyPolicy"]
    assert isinstance(found, dict)
    return found


def test_keys_rotate_and_wait_before_they_go() -> None:
    for name, key in of_type(TEMPLATE, "AWS::KMS::Key").items():
        assert key["EnableKeyRotation"] is True
        assert key["PendingWindowInDays"] == 30
        assert TEMPLATE["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_no_key_is_open_to_anyone_and_no_service_acts_without_a_condition() -> None:
    for name in ("DataKey", "LogsKey"):
        for statement in plain(key_policy(name))["Statement"]:
            assert statement["Effect"] == "Allow"
            assert "*" not in str(statement["Principal"])
            assert "kms:*" not in statement["Action"]
            if "Service" in statement["Principal"]:
                assert statement["Condition"]


def test_data_is_decrypted_through_services_only() -> None:
    def ask(action: str, **context: str) -> list[str]:
        """Statements for the account's own principals."""
        policy = plain(key_policy("DataKey"))
        mine = [one for one in policy["Statement"] if one["Principal"]["AWS"].endswith(":root")]
        return decided({"Statement": mine}, "Allow", action, "*", **context)

    caller = {"kms__CallerAccount": "<AWS::AccountId>"}
    for directly in ("kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptTo"):
        assert ask(directly, **caller) == []
    assert ask("kms:PutKeyPolicy", **caller) == ["AccountAdministersKey"]
    for service in ("rds", "s3", "elasticache", "secretsmanager"):
        through = {**caller, "kms__ViaService": f"{service}.<AWS::Region>.amazonaws.com"}
        assert ask("kms:Decrypt", **through) == ["AccountUsesKeyThroughServices"]
        assert "AccountUsesKeyThroughServices" in ask("kms:CreateGrant", **through)
    elsewhere = {**caller, "kms__ViaService": "lambda.<AWS::Region>.amazonaws.com"}
    assert ask("kms:Decrypt", **elsewhere) == []


def test_auto_scaling_can_start_instances_on_encrypted_volumes() -> None:
    role = plain(properties(TEMPLATE, "ApiAutoScalingGroup")["ServiceLinkedRoleARN"])
    policy = plain(key_policy("DataKey"))
    mine = {"Statement": [one for one in policy["Statement"] if one["Principal"] == {"AWS": role}]}
    for action in ("kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt", "kms:ReEncryptFrom"):
        assert decided(mine, "Allow", action, "*") == ["AutoScalingUsesKey"]
    for_volume = {"kms__GrantIsForAWSResource": "true"}
    assert decided(mine, "Allow", "kms:CreateGrant", "*", **for_volume) == [
        "AutoScalingGrantsKeyToVolumes"
    ]
    assert decided(mine, "Allow", "kms:CreateGrant", "*") == []


def test_without_services_no_role_touches_the_key() -> None:
    spec = Spec.model_validate({"name": "bare", "services": {"documents": {"kind": "bucket"}}})
    whole = template_of(SpecFile(spec, "made by hand", {}))
    assert not of_type(whole, "AWS::IAM::ServiceLinkedRole")
    sids = [one["Sid"] for one in properties(whole, "DataKey")["KeyPolicy"]["Statement"]]
    assert sids == ["AccountAdministersKey", "AccountUsesKeyThroughServices"]


def test_every_log_group_under_the_logs_key_is_one_that_the_key_knows() -> None:
    statement = next(
        one for one in plain(key_policy("LogsKey"))["Statement"] if one["Sid"] == "LogGroupsUseKey"
    )
    groups = of_type(TEMPLATE, "AWS::Logs::LogGroup")
    assert {"ApiLogGroup", "CacheLogGroup", "RecordsPostgresqlLogGroup"} <= set(groups)
    for group in groups.values():
        assert group["RetentionInDays"] == 400
        context = (
            "arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:"
            + group["LogGroupName"]
        )
        assert decided(
            {"Statement": [statement]},
            "Allow",
            "kms:GenerateDataKey",
            "*",
            kms__EncryptionContext__aws__logs__arn=context,
        )


def test_flow_log_delivery_can_use_the_logs_key() -> None:
    assert "FlowLogDeliveryUsesKey" in decided(
        key_policy("LogsKey"), "Allow", "kms:GenerateDataKey", "*", **DELIVERY
    )
