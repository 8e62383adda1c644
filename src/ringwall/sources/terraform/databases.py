"""Managed data stores: RDS and its kin, ElastiCache and MemoryDB, OpenSearch, Redshift."""

from __future__ import annotations

from ringwall.model.network import InterfaceKind
from ringwall.sources.terraform.groups import GROUP
from ringwall.sources.terraform.interfaces import Plan, place
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.vpcs import SUBNET

_SUBNET_GROUPS = (
    "aws_db_subnet_group",
    "aws_docdb_subnet_group",
    "aws_neptune_subnet_group",
    "aws_elasticache_subnet_group",
    "aws_memorydb_subnet_group",
    "aws_redshift_subnet_group",
    "aws_dax_subnet_group",
    "aws_dms_replication_subnet_group",
)
_INSTANCE = "aws_db_instance"
#: Clusters whose instances are resources of their own, and the type of those.
_CLUSTERS = {
    "aws_rds_cluster": "aws_rds_cluster_instance",
    "aws_docdb_cluster": "aws_docdb_cluster_instance",
    "aws_neptune_cluster": "aws_neptune_cluster_instance",
}
_VPC_GROUPS = "vpc_security_group_ids"


def read_databases(reading: Reading) -> None:
    """Fill in the data stores; call it after subnets, groups and gateways."""
    for kind, member in _CLUSTERS.items():
        for props in reading.of_type(kind):
            _read_cluster(reading, props, kind, member)
    for props in reading.of_type(_INSTANCE):
        _read_instance(reading, props)
    for props in reading.of_type("aws_elasticache_replication_group"):
        _place(props, "subnet_group_name", "security_group_ids", "cache", _cache_zonal(props))
    for props in reading.of_type("aws_elasticache_cluster"):
        if not props.given("replication_group_id"):
            nodes = props.count("num_cache_nodes") or 1
            zonal = None if props.text("az_mode") == "cross-az" or nodes > 1 else True
            _place(props, "subnet_group_name", "security_group_ids", "cache", zonal)
    for props in reading.of_type("aws_memorydb_cluster"):
        zonal = props.count("num_replicas_per_shard") == 0 or None
        _place(props, "subnet_group_name", "security_group_ids", "cache", zonal)
    for props in reading.of_type("aws_redshift_cluster"):
        public = props.truth("publicly_accessible", False)
        multi = props.truth("multi_az", False)
        zonal = None if multi is None else not multi
        _place(props, "cluster_subnet_group_name", _VPC_GROUPS, "database", zonal, public)
    for props in reading.of_type("aws_dax_cluster"):
        _place(props, "subnet_group_name", "security_group_ids", "cache", None)
    for props in reading.of_type("aws_opensearch_domain", "aws_elasticsearch_domain"):
        _read_search_domain(reading, props)


def _place(
    props: Props,
    subnets: str,
    groups: str,
    kind: InterfaceKind,
    zonal: bool | None,
    public: bool | None = False,
) -> None:
    name = props.text("identifier") or props.text("cluster_identifier") or props.text("name")
    plan = Plan(
        kind=kind,
        subnets=_subnets_of(props, subnets),
        groups=props.many(groups, *GROUP),
        public=public,
        tags=props.tags(),
        name=props.name() or props.label,
        zonal=zonal,
        aliases=(props.label, name or props.text("cluster_id"), props.text("replication_group_id")),
    )
    place(props, plan)


def _subnets_of(props: Props, key: str) -> tuple[str, ...]:
    """The subnets of the subnet group that an attribute names, by reference or by name."""
    reading = props.reading
    if not props.given(key):
        return ()
    named = props.named(key, *_SUBNET_GROUPS)
    if named.doubt:
        reading.gap("unresolved", props.resource, named.doubt, affects=(props.id,))
    group = reading.props_at(named.id, *_SUBNET_GROUPS)
    for one in reading.of_type(*_SUBNET_GROUPS):
        if group is None and named.id and one.text("name") == named.id:
            group = one
    if group is None:
        return (named.id,) if named.id else ()
    return group.many("subnet_ids", *SUBNET, affects=(props.id,))


def _read_cluster(reading: Reading, props: Props, kind: str, member: str) -> None:
    members = [
        one
        for one in reading.of_type(member)
        if props.id in one.named("cluster_identifier", kind).ids
    ]
    public = _any_public([_public(one) for one in members])
    zonal: bool | None = len(members) < 2 if members else None
    if props.given("db_cluster_instance_class"):
        zonal = False
    _place(props, "db_subnet_group_name", _VPC_GROUPS, "database", zonal, public)


def _any_public(found: list[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False


def _public(props: Props) -> bool | None:
    """Has the instance a public address? The provider leaves it out unless it is asked for."""
    return props.truth("publicly_accessible", False)


def _read_instance(reading: Reading, props: Props) -> None:
    named = props.named("replicate_source_db", _INSTANCE).id
    by_name = {one.text("identifier"): one.id for one in reading.of_type(_INSTANCE)}
    source = reading.props_at(by_name.get(named, named), _INSTANCE) if named else None
    multi = props.truth("multi_az", False)
    zonal = None if multi is None else not multi
    public = _public(props)
    if source is not None and not props.given("db_subnet_group_name"):
        # A replica in the same Region stands in the subnet group of its source.
        plan = Plan(
            kind="database",
            subnets=_subnets_of(source, "db_subnet_group_name"),
            groups=props.many(_VPC_GROUPS, *GROUP),
            public=public,
            tags=props.tags(),
            name=props.name() or props.label,
            zonal=zonal,
            aliases=(props.label, props.text("identifier")),
        )
        place(props, plan)
        return
    _place(props, "db_subnet_group_name", _VPC_GROUPS, "database", zonal, public)


def _cache_zonal(props: Props) -> bool | None:
    """False where replicas stand in other zones and take over, True for a single node."""
    multi = props.truth("multi_az_enabled", False)
    if multi is not False:
        return False if multi else None
    copies = props.count("num_cache_clusters") or props.count("number_cache_clusters")
    replicas = props.count("replicas_per_node_group")
    if copies is None and replicas is not None:
        copies = replicas + 1
    alone = props.truth("automatic_failover_enabled", False) is False
    return True if copies == 1 or alone else None


def _read_search_domain(reading: Reading, props: Props) -> None:
    if not props.given("vpc_options"):
        reading.gap("unmodelled", props.resource, "the domain lies outside of every VPC")
        return
    inside = props.inner("vpc_options")
    aware = props.inner("cluster_config").truth("zone_awareness_enabled", False)
    plan = Plan(
        kind="database",
        subnets=inside.many("subnet_ids", *SUBNET),
        groups=inside.many("security_group_ids", *GROUP),
        tags=props.tags(),
        name=props.name() or props.label,
        zonal=None if aware is None else not aware,
        aliases=(props.label, props.text("domain_name")),
    )
    place(props, plan)
