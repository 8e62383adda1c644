"""Managed data stores: RDS and its kin, ElastiCache and MemoryDB, OpenSearch, Redshift."""

from __future__ import annotations

from ringwall.sources.cloudformation.interfaces import Plan, place
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource

_SUBNET_GROUPS = {
    "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::DocDB::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::Neptune::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
    "AWS::MemoryDB::SubnetGroup": "SubnetGroupName",
    "AWS::Redshift::ClusterSubnetGroup": "ClusterSubnetGroupName",
    "AWS::DAX::SubnetGroup": "SubnetGroupName",
    "AWS::DMS::ReplicationSubnetGroup": "ReplicationSubnetGroupIdentifier",
}
_INSTANCE = "AWS::RDS::DBInstance"
#: Clusters whose instances are resources of their own, and the type of those.
_CLUSTERS = {
    "AWS::RDS::DBCluster": _INSTANCE,
    "AWS::DocDB::DBCluster": "AWS::DocDB::DBInstance",
    "AWS::Neptune::DBCluster": "AWS::Neptune::DBInstance",
}


def read_databases(reading: Reading) -> None:
    """Fill in the data stores; call it after subnets, groups and gateways."""
    for kind, member in _CLUSTERS.items():
        for resource, props in reading.of_type(kind):
            _read_cluster(reading, resource, props, member)
    for resource, props in reading.of_type(_INSTANCE):
        if reading.type_of(props.ident("DBClusterIdentifier")) not in _CLUSTERS:
            _read_instance(reading, resource, props)
    for resource, props in reading.of_type("AWS::ElastiCache::ReplicationGroup"):
        _read_replication_group(reading, resource, props)
    for resource, props in reading.of_type("AWS::ElastiCache::CacheCluster"):
        _read_cache_cluster(reading, resource, props)
    for resource, props in reading.of_type("AWS::MemoryDB::Cluster"):
        copies = props.count("NumReplicasPerShard")
        subnets = _subnets_of(reading, props, "SubnetGroupName")
        _place(reading, resource, props, subnets, "SecurityGroupIds", "cache", copies == 0 or None)
    for resource, props in reading.of_type("AWS::Redshift::Cluster"):
        multi = props.truth("MultiAZ", False)
        subnets = _subnets_of(reading, props, "ClusterSubnetGroupName")
        public = props.truth("PubliclyAccessible", False)
        zonal = None if multi is None else not multi
        groups = "VpcSecurityGroupIds"
        _place(reading, resource, props, subnets, groups, "database", zonal, public=public)
    for resource, props in reading.of_type(
        "AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"
    ):
        _read_search_domain(reading, resource, props)


def _place(
    reading: Reading,
    resource: Resource,
    props: Props,
    subnets: tuple[str, ...],
    groups: str,
    kind: str,
    zonal: bool | None,
    *,
    public: bool | None = False,
) -> None:
    plan = Plan(
        kind="cache" if kind == "cache" else "database",
        subnets=subnets,
        groups=props.idents(groups),
        public=public,
        tags=props.tags(),
        name=props.name("DBInstanceIdentifier", "DBClusterIdentifier", "ClusterName"),
        zonal=zonal,
    )
    place(reading, resource, plan)


def _subnets_of(reading: Reading, props: Props, key: str) -> tuple[str, ...]:
    """The subnets of the subnet group that a property names, by reference or by name."""
    if props.get(key) is None:
        return ()
    name, text = props.ident(key), props.text(key)
    for kind, own in _SUBNET_GROUPS.items():
        for resource, group in reading.of_type(kind):
            if resource.id == name or (own in group and group.text(own).lower() == text.lower()):
                return group.idents("SubnetIds")
    # A group that stands elsewhere: its name stands for its subnets, which are then missing.
    return (name,)


def _read_cluster(reading: Reading, resource: Resource, props: Props, member: str) -> None:
    members = [
        (one, inner)
        for one, inner in reading.of_type(member)
        if inner.ident("DBClusterIdentifier") == resource.id
    ]
    public = _any_public(reading, [inner for _, inner in members] or [props])
    if props.get("DBClusterInstanceClass") is not None:
        zonal: bool | None = False
    elif any(one.doubt for one, _ in members):
        zonal = None
    else:
        zonal = len(members) < 2 if members else None
    subnets = _subnets_of(reading, props, "DBSubnetGroupName")
    groups = "VpcSecurityGroupIds"
    _place(reading, resource, props, subnets, groups, "database", zonal, public=public)


def _any_public(reading: Reading, members: list[Props]) -> bool | None:
    found = [_public(reading, one) for one in members]
    if True in found:
        return True
    return None if None in found else False


def _public(reading: Reading, props: Props) -> bool | None:
    """Has the instance a public address? Left out, it depends on the VPC having a gateway."""
    if props.get("PubliclyAccessible") is not None:
        return props.truth("PubliclyAccessible", False)
    gateways = [one for one in reading.net.internet_gateways.values() if not one.egress_only]
    return None if any(one.vpcs for one in gateways) else False


def _read_instance(reading: Reading, resource: Resource, props: Props) -> None:
    multi = props.truth("MultiAZ", False)
    subnets = _subnets_of(reading, props, "DBSubnetGroupName")
    source = reading.props(props.ident("SourceDBInstanceIdentifier"), _INSTANCE)
    if not subnets and source is not None:
        subnets = _subnets_of(reading, source, "DBSubnetGroupName")
    zonal = None if multi is None else not multi
    public = _public(reading, props)
    _place(reading, resource, props, subnets, "VPCSecurityGroups", "database", zonal, public=public)
    if props.items("DBSecurityGroups") and not props.items("VPCSecurityGroups"):
        message = "DB security groups belong to EC2-Classic and are not modelled"
        reading.gap("unmodelled", resource, message, affects=(resource.id,))


def _read_replication_group(reading: Reading, resource: Resource, props: Props) -> None:
    subnets = _subnets_of(reading, props, "CacheSubnetGroupName")
    groups = "SecurityGroupIds"
    _place(reading, resource, props, subnets, groups, "cache", _cache_zonal(props))


def _cache_zonal(props: Props) -> bool | None:
    """False where replicas stand in other zones and take over, True for a single node."""
    multi = props.truth("MultiAZEnabled", False)
    if multi is not False:
        return False if multi else None
    copies = props.count("NumCacheClusters")
    if copies is None and props.get("ReplicasPerNodeGroup") is not None:
        replicas = props.count("ReplicasPerNodeGroup")
        copies = None if replicas is None else replicas + 1
    if copies == 1 or props.truth("AutomaticFailoverEnabled", False) is False:
        return True
    return None


def _read_cache_cluster(reading: Reading, resource: Resource, props: Props) -> None:
    nodes = props.count("NumCacheNodes")
    spread = props.text("AZMode") == "cross-az"
    zonal = None if spread or (nodes or 1) > 1 else True
    subnets = _subnets_of(reading, props, "CacheSubnetGroupName")
    _place(reading, resource, props, subnets, "VpcSecurityGroupIds", "cache", zonal)


def _read_search_domain(reading: Reading, resource: Resource, props: Props) -> None:
    inside = props.inner("VPCOptions")
    if not inside.entries and not props.unknown("VPCOptions"):
        reading.gap("unmodelled", resource, "the domain lies outside of every VPC")
        return
    config = props.inner("ClusterConfig")
    if not config.entries:
        config = props.inner("ElasticsearchClusterConfig")
    aware = config.truth("ZoneAwarenessEnabled", False)
    plan = Plan(
        kind="database",
        subnets=inside.idents("SubnetIds"),
        groups=inside.idents("SecurityGroupIds"),
        tags=props.tags(),
        name=props.name("DomainName"),
        zonal=None if aware is None else not aware,
    )
    place(reading, resource, plan)
