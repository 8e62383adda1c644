"""Databases and caches: what an auditor asks of each, and the edges of their names and sizes."""

from __future__ import annotations

import pytest

from designs import of_type, properties, template_of
from iam_requests import plain
from ringwall.design.names import cache_user_id, database_id, identifier, scaling_role_suffix
from ringwall.spec.model import Spec

SPEC = """
name: clinic
services:
  web: {kind: load-balancer}
  api: {kind: service, from: [web]}
  worker: {kind: service, from: [api]}
  records: {kind: postgres, from: [api, worker], port: 5433, storage: 50, backup_days: 14}
  cache: {kind: redis, from: [api, worker], backup_days: 3}
"""
TEMPLATE = template_of(SPEC)


def test_a_database_is_what_an_auditor_asks_for() -> None:
    database = properties(TEMPLATE, "RecordsDatabase")
    expected = {
        "Engine": "postgres",
        "MultiAZ": True,
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "KmsKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]},
        "ManageMasterUserPassword": True,
        "MasterUserSecret": {"KmsKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]}},
        "EnableIAMDatabaseAuthentication": True,
        "AutoMinorVersionUpgrade": True,
        "CopyTagsToSnapshot": True,
        "DeleteAutomatedBackups": False,
        "DeletionProtection": True,
        "EnablePerformanceInsights": True,
        "PerformanceInsightsKMSKeyId": {"Fn::GetAtt": ["DataKey", "Arn"]},
        "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
        "Port": "5433",
        "AllocatedStorage": "50",
        "MaxAllocatedStorage": 100,
        "BackupRetentionPeriod": 14,
    }
    assert {key: database[key] for key in expected} == expected
    assert "MasterUserPassword" not in database
    assert database["MasterUsername"] not in {"postgres", "admin", "rdsadmin"}
    assert database["VPCSecurityGroups"] == [{"Fn::GetAtt": ["RecordsSecurityGroup", "GroupId"]}]
    assert TEMPLATE["Resources"]["RecordsDatabase"]["DeletionPolicy"] == "Snapshot"


def test_the_database_forces_tls_and_logs_no_data() -> None:
    parameters = properties(TEMPLATE, "RecordsParameterGroup")["Parameters"]
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["log_statement"] == "ddl"
    assert "log_min_duration_statement" not in parameters


def test_log_groups_stand_before_the_database_and_under_its_name() -> None:
    database = TEMPLATE["Resources"]["RecordsDatabase"]
    for group in database["DependsOn"]:
        log = properties(TEMPLATE, group)["LogGroupName"].rsplit("/", 1)
        assert log[0] == f"/aws/rds/instance/{database['Properties']['DBInstanceIdentifier']}"
        assert log[1] in database["Properties"]["EnableCloudwatchLogsExports"]


@pytest.mark.parametrize(("storage", "most"), [(20, 40), (40000, 65536), (65536, None)])
def test_storage_grows_as_far_as_rds_allows(storage: int, most: int | None) -> None:
    whole = template_of(SPEC.replace("storage: 50", f"storage: {storage}"))
    assert properties(whole, "RecordsDatabase").get("MaxAllocatedStorage") == most


def test_a_cache_is_what_an_auditor_asks_for() -> None:
    cache = properties(TEMPLATE, "CacheCache")
    expected = {
        "Engine": "valkey",
        "MultiAZEnabled": True,
        "AutomaticFailoverEnabled": True,
        "NumCacheClusters": 2,
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": {"Ref": "DataKey"},
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "UserGroupIds": [{"Ref": "CacheUserGroup"}],
        "SnapshotRetentionLimit": 3,
        "AutoMinorVersionUpgrade": True,
        "Port": 6379,
    }
    assert {key: cache[key] for key in expected} == expected
    assert [log["LogType"] for log in cache["LogDeliveryConfigurations"]] == ["engine-log"]


def test_every_client_of_a_cache_is_a_user_without_a_password() -> None:
    users = of_type(TEMPLATE, "AWS::ElastiCache::User")
    assert set(users) == {"CacheApiUser", "CacheWorkerUser"}
    for user in users.values():
        assert user["UserId"] == user["UserName"]
        assert user["AuthenticationMode"] == {"Type": "iam"}
        assert "-@admin" in user["AccessString"]
    group = properties(TEMPLATE, "CacheUserGroup")
    assert group["UserIds"] == [{"Ref": "CacheApiUser"}, {"Ref": "CacheWorkerUser"}]


def test_stores_run_in_the_data_subnets() -> None:
    subnets = [{"Ref": f"DataSubnet{zone}"} for zone in (1, 2, 3)]
    assert properties(TEMPLATE, "RecordsSubnetGroup")["SubnetIds"] == subnets
    assert properties(TEMPLATE, "CacheSubnetGroup")["SubnetIds"] == subnets


def test_monitoring_is_trusted_for_this_database_only() -> None:
    trust = plain(properties(TEMPLATE, "RecordsMonitoringRole")["AssumeRolePolicyDocument"])
    source = trust["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert source.endswith(":db:clinic-records")


@pytest.mark.parametrize(
    ("frameworks", "expected"), [("[]", "confidential"), ("[hipaa]", "phi"), ("[soc2]", None)]
)
def test_the_data_class_follows_the_frameworks(frameworks: str, expected: str | None) -> None:
    whole = template_of(f"{SPEC}frameworks: {frameworks}\n")
    tags = {one["Key"]: one["Value"] for one in properties(whole, "RecordsDatabase")["Tags"]}
    assert tags == {
        "Name": "clinic-records",
        "ringwall:service": "records",
        "ringwall:tier": "data",
        "ringwall:data-class": expected or "confidential",
    }


def test_long_names_are_cut_and_stay_apart() -> None:
    long = "x" * 30
    spec = Spec.model_validate(
        {
            "name": f"{long}n",
            "region": "ap-southeast-2",
            "services": {f"{long}a": {"kind": "redis"}, f"{long}b": {"kind": "redis"}},
        }
    )
    ids = {cache_user_id(spec, f"{long}{cache}", "api") for cache in "ab"}
    assert len(ids) == 2
    assert all(len(one) <= 40 for one in ids)
    assert len(database_id(spec, f"{long}a")) == 63
    assert len(scaling_role_suffix(spec)) <= 35
    assert identifier("clinic", "cache", limit=40) == "clinic-cache"
