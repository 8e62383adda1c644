"""PostgreSQL on RDS: two zones, encrypted, TLS forced, no password in anybody's hand.

The instance has a name chosen ahead (:mod:`ringwall.design.names`), so that its log groups exist,
encrypted and with an end, before RDS would make plain ones that never expire. A change that would
replace the instance is thereby refused instead of carried out, which is right for a database.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.design.blueprint import Blueprint, group_name, pascal, subnet_name
from ringwall.design.choices import (
    BACKUP_WINDOW,
    DATABASE_USER,
    INSIGHTS_DAYS,
    LOG_DAYS,
    MAINTENANCE_WINDOW,
    MONITORING_SECONDS,
)
from ringwall.design.iam import database_name
from ringwall.design.keys import DATA_KEY, LOGS_KEY
from ringwall.design.names import database_id, database_log_group_name
from ringwall.design.policies import arn, same_account, trust
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Concat, Output, Pseudo, Ref, Resource, Tree, Value
from ringwall.facts.load import facts
from ringwall.spec.model import Postgres

#: The version is a bare major one: RDS picks its current minor version and keeps it current, and
#: CloudFormation compares versions by prefix. cfn-lint lists the bare numbers among the retired
#: versions, because the API that it asks names full versions only.
_BARE_MAJOR = {"cfn-lint": {"config": {"ignore_checks": ["W3691"]}}}


def databases(blueprint: Blueprint, tree: Tree) -> None:
    """Add every database of the spec with its subnets, parameters, log groups and monitoring."""
    spec = blueprint.spec
    for service, database in spec.of_kind(Postgres).items():
        name = database_name(service)
        tree.add(_subnet_group(blueprint, service))
        tree.add(_parameters(blueprint, service))
        groups = [_log_group(blueprint, service, log) for log in _known()["logs"]]
        for group in groups:
            tree.add(group)
        tree.add(_monitoring_role(blueprint, service))
        after = tuple(group.name for group in groups)
        tree.add(
            Resource(
                name,
                "AWS::RDS::DBInstance",
                _instance(blueprint, service, database),
                depends_on=after,
                protect="snapshot",
                attributes={"Metadata": _BARE_MAJOR},
            )
        )
        tree.tell(
            Output(f"{name}Endpoint", f"The database {service}", Attr(name, "Endpoint.Address"))
        )
        tree.tell(Output(f"{name}Port", f"The port of {service}", Attr(name, "Endpoint.Port")))
        tree.tell(
            Output(
                f"{name}SecretArn",
                f"The secret with the owner's name and password of {service}, rotated by RDS",
                Attr(name, "MasterUserSecret.SecretArn"),
            )
        )


def _known() -> Mapping[str, Value]:
    found: Mapping[str, Value] = facts("engines").values["postgres"]
    return found


def _subnet_group(blueprint: Blueprint, service: str) -> Resource:
    return Resource(
        f"{pascal(service)}SubnetGroup",
        "AWS::RDS::DBSubnetGroup",
        {
            "DBSubnetGroupDescription": f"{blueprint.spec.name}: where {service} runs",
            "SubnetIds": [Ref(subnet_name("data", zone)) for zone in blueprint.zones],
            "Tags": tags(blueprint, service, service=service),
        },
    )


def _parameters(blueprint: Blueprint, service: str) -> Resource:
    """Statements of definition are logged, never data: a log of statements would hold PHI."""
    return Resource(
        f"{pascal(service)}ParameterGroup",
        "AWS::RDS::DBParameterGroup",
        {
            "Family": _known()["family"],
            "Description": f"{blueprint.spec.name}: TLS forced, connections and definitions logged",
            "Parameters": {
                "log_connections": "1",
                "log_disconnections": "1",
                "log_statement": "ddl",
                "rds.force_ssl": "1",
                "ssl_min_protocol_version": "TLSv1.2",
            },
            "Tags": tags(blueprint, service, service=service),
        },
    )


def _log_group(blueprint: Blueprint, service: str, log: str) -> Resource:
    return Resource(
        f"{pascal(service)}{log.capitalize()}LogGroup",
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": database_log_group_name(blueprint.spec, service, log),
            "KmsKeyId": Attr(LOGS_KEY, "Arn"),
            "RetentionInDays": LOG_DAYS,
            "Tags": tags(blueprint, f"{service}-logs", service=service),
        },
        protect="retain",
    )


def _monitoring_role_name(service: str) -> str:
    return f"{pascal(service)}MonitoringRole"


def _monitoring_role(blueprint: Blueprint, service: str) -> Resource:
    instance = arn("rds", f"db:{database_id(blueprint.spec, service)}")
    return Resource(
        _monitoring_role_name(service),
        "AWS::IAM::Role",
        {
            "Description": f"{blueprint.spec.name}: lets RDS report on the host of {service}",
            "AssumeRolePolicyDocument": trust(
                "monitoring.rds.amazonaws.com",
                condition={
                    "StringEquals": same_account(),
                    "ArnLike": {"aws:SourceArn": instance},
                },
            ),
            "ManagedPolicyArns": [
                Concat(
                    (
                        "arn:",
                        Pseudo("partition"),
                        ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
                    )
                )
            ],
            "Tags": tags(blueprint, f"{service}-monitoring", service=service),
        },
    )


def _instance(blueprint: Blueprint, service: str, database: Postgres) -> Mapping[str, Value]:
    spec, known, key = blueprint.spec, _known(), Attr(DATA_KEY, "Arn")
    return {
        "DBInstanceIdentifier": database_id(spec, service),
        "DBInstanceClass": database.instances,
        "Engine": known["engine"],
        "EngineVersion": known["version"],
        "AutoMinorVersionUpgrade": True,
        "MultiAZ": True,
        # Where it runs, and who reaches it.
        "DBSubnetGroupName": Ref(f"{pascal(service)}SubnetGroup"),
        "VPCSecurityGroups": [Attr(group_name(service), "GroupId")],
        "PubliclyAccessible": False,
        "NetworkType": "IPV4",
        "Port": str(database.port),
        # What it stores.
        "AllocatedStorage": str(database.storage),
        **_room_to_grow(database.storage),
        "StorageType": "gp3",
        "StorageEncrypted": True,
        "KmsKeyId": key,
        # Who logs in: RDS makes, keeps and rotates the owner's password.
        "MasterUsername": DATABASE_USER,
        "ManageMasterUserPassword": True,
        "MasterUserSecret": {"KmsKeyId": key},
        "EnableIAMDatabaseAuthentication": True,
        "CACertificateIdentifier": known["certificate-authority"],
        "DBParameterGroupName": Ref(f"{pascal(service)}ParameterGroup"),
        # What survives.
        "BackupRetentionPeriod": database.backup_days,
        "PreferredBackupWindow": BACKUP_WINDOW,
        "PreferredMaintenanceWindow": MAINTENANCE_WINDOW,
        "CopyTagsToSnapshot": True,
        "DeleteAutomatedBackups": False,
        "DeletionProtection": True,
        # What is seen of it.
        "EnableCloudwatchLogsExports": known["logs"],
        "EnablePerformanceInsights": True,
        "PerformanceInsightsKMSKeyId": key,
        "PerformanceInsightsRetentionPeriod": INSIGHTS_DAYS,
        "MonitoringInterval": MONITORING_SECONDS,
        "MonitoringRoleArn": Attr(_monitoring_role_name(service), "Arn"),
        "Tags": tags(blueprint, service, service=service),
    }


def _room_to_grow(storage: int) -> Mapping[str, int]:
    """Storage grows by itself to twice its size; RDS wants a tenth at least, and has an end."""
    limits = facts("engines").values["postgres"]["storage-gib"]
    most = min(2 * storage, limits["max"])
    return {"MaxAllocatedStorage": most} if 10 * most >= 11 * storage else {}
