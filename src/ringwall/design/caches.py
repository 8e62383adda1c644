"""Caches on ElastiCache (Valkey, which speaks Redis's protocol): two zones, encrypted, only TLS.

Clients log in with a token signed by their role (IAM authentication): every service that the spec
lets connect is a user of its own, there is no shared password, and nothing to rotate or leak.

Only the engine's own log is delivered. The slow log quotes commands with their values.
"""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.design.blueprint import Blueprint, group_name, pascal, subnet_name
from ringwall.design.choices import (
    BACKUP_WINDOW,
    CACHE_NODES,
    LOG_DAYS,
    MAINTENANCE_WINDOW,
)
from ringwall.design.iam import cache_name, cache_user_name
from ringwall.design.keys import DATA_KEY, LOGS_KEY
from ringwall.design.names import cache_group_id, cache_user_id, vended_log_group_name
from ringwall.design.tags import tags
from ringwall.design.tree import Attr, Output, Ref, Resource, Tree, Value
from ringwall.facts.load import facts
from ringwall.spec.model import Redis

#: Everything on every key, but what administers the server or empties it; INFO, which counts as
#: dangerous, is what client libraries ask when they connect.
_APPLICATION = "on ~* +@all -@admin -@dangerous +info"


def caches(blueprint: Blueprint, tree: Tree) -> None:
    """Add every cache of the spec with its subnets, users and log group."""
    spec = blueprint.spec
    for service, cache in spec.of_kind(Redis).items():
        name = cache_name(service)
        tree.add(_subnet_group(blueprint, service))
        users = [_user(blueprint, service, client) for client in cache.sources]
        for user in users:
            tree.add(user)
        tree.add(_user_group(blueprint, service, users))
        tree.add(_log_group(blueprint, service))
        tree.add(
            Resource(
                name,
                "AWS::ElastiCache::ReplicationGroup",
                _replication_group(blueprint, service, cache),
                protect="snapshot",
            )
        )
        address, port = "PrimaryEndPoint.Address", "PrimaryEndPoint.Port"
        tree.tell(
            Output(f"{name}Endpoint", f"The cache {service} (TLS, IAM login)", Attr(name, address))
        )
        tree.tell(Output(f"{name}Port", f"The port of {service}", Attr(name, port)))


def _known() -> Mapping[str, str]:
    found: Mapping[str, str] = facts("engines").values["cache"]
    return found


def _subnet_group(blueprint: Blueprint, service: str) -> Resource:
    return Resource(
        f"{pascal(service)}SubnetGroup",
        "AWS::ElastiCache::SubnetGroup",
        {
            "Description": f"{blueprint.spec.name}: where {service} runs",
            "SubnetIds": [Ref(subnet_name("data", zone)) for zone in blueprint.zones],
            "Tags": tags(blueprint, service, service=service),
        },
    )


def _user(blueprint: Blueprint, service: str, client: str) -> Resource:
    # Under IAM authentication the two must be the same.
    user = cache_user_id(blueprint.spec, service, client)
    return Resource(
        cache_user_name(service, client),
        "AWS::ElastiCache::User",
        {
            "Engine": _known()["engine"],
            "UserId": user,
            "UserName": user,
            "AuthenticationMode": {"Type": "iam"},
            "AccessString": _APPLICATION,
            "Tags": tags(blueprint, service, service=service),
        },
    )


def _user_group(blueprint: Blueprint, service: str, users: list[Resource]) -> Resource:
    return Resource(
        f"{pascal(service)}UserGroup",
        "AWS::ElastiCache::UserGroup",
        {
            "Engine": _known()["engine"],
            "UserGroupId": cache_group_id(blueprint.spec, service),
            "UserIds": [Ref(user.name) for user in users],
            "Tags": tags(blueprint, service, service=service),
        },
    )


def _log_group(blueprint: Blueprint, service: str) -> Resource:
    return Resource(
        f"{pascal(service)}LogGroup",
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": vended_log_group_name(blueprint.spec, service),
            "KmsKeyId": Attr(LOGS_KEY, "Arn"),
            "RetentionInDays": LOG_DAYS,
            "Tags": tags(blueprint, f"{service}-logs", service=service),
        },
        protect="retain",
    )


def _replication_group(blueprint: Blueprint, service: str, cache: Redis) -> Mapping[str, Value]:
    known = _known()
    return {
        "ReplicationGroupDescription": f"{blueprint.spec.name}: {service}",
        "Engine": known["engine"],
        "EngineVersion": known["version"],
        "AutoMinorVersionUpgrade": True,
        "CacheNodeType": cache.instances,
        "NumCacheClusters": CACHE_NODES,
        "MultiAZEnabled": True,
        "AutomaticFailoverEnabled": True,
        "CacheSubnetGroupName": Ref(f"{pascal(service)}SubnetGroup"),
        "SecurityGroupIds": [Attr(group_name(service), "GroupId")],
        "Port": cache.port,
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": Ref(DATA_KEY),
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "UserGroupIds": [Ref(f"{pascal(service)}UserGroup")],
        "SnapshotRetentionLimit": cache.backup_days,
        "SnapshotWindow": BACKUP_WINDOW,
        "PreferredMaintenanceWindow": MAINTENANCE_WINDOW,
        "LogDeliveryConfigurations": [
            {
                "LogType": "engine-log",
                "LogFormat": "json",
                "DestinationType": "cloudwatch-logs",
                "DestinationDetails": {
                    "CloudWatchLogsDetails": {"LogGroup": Ref(f"{pascal(service)}LogGroup")}
                },
            }
        ],
        "Tags": tags(blueprint, service, service=service),
    }
