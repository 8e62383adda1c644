"""Databases, caches, search domains, functions and buckets.

None of these calls names network interfaces. Caches and search domains are found by what AWS
writes on their interfaces; a database is found by subnet and groups, where only one fits. Where
the dump shows no interface, one per subnet stands for it, at any address that is free there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ringwall.model.network import Bucket, InterfaceKind, Workload
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, region_in, shown
from ringwall.sources.describe.spare import add_spares


@dataclass(frozen=True, slots=True)
class _Store:
    """What is needed to give a store its workload and its interfaces."""

    item: Item
    id: str
    type: str
    kind: InterfaceKind
    zonal: bool | None
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    public: bool = False
    vpc: str = ""


def read_stores(dump: Dump, builder: NetworkBuilder) -> None:
    found = [*_databases(dump), *_clusters(dump), *_caches(dump), *_domains(dump, builder)]
    found += [*_functions(dump), *_kubernetes(dump, builder)]
    stores = _inside(_distinct(found, builder), builder)
    _match_databases(stores, builder)
    for store in stores:
        tags = dump.tags(store.item, _arn(store.item))
        builder.workloads[store.id] = Workload(
            id=store.id,
            type=store.type,
            name=tags.get("Name", ""),
            zonal=store.zonal,
            tags=tags,
            origin=store.item.origin,
        )
        if not store.subnets:
            message = (
                f"the subnets of `{shown(store.id)}` are not in the dump; the call that describes "
                "its subnet group tells them"
            )
            affects = (store.id,)
            builder.gap("missing", store.id, message, affects=affects, origin=store.item.origin)
        add_spares(
            builder, store.id, store.kind, store.subnets, store.groups, store.item,
            public=store.public,
        )  # fmt: skip
    _read_buckets(dump, builder)


def _groups(item: Item, key: str, inner: str) -> tuple[str, ...]:
    return tuple(one.need(inner) for one in item.items(key))


def _group_subnets(group: Item | None) -> tuple[str, ...]:
    return _groups(group, "Subnets", "SubnetIdentifier") if group else ()


def _group_vpc(group: Item | None) -> str:
    return group.text("VpcId") if group else ""


def _arn(item: Item) -> str:
    keys = ("DBInstanceArn", "DBClusterArn", "ARN", "FunctionArn", "arn")
    return next((item.text(key) for key in keys if key in item), "")


def _distinct(stores: list[_Store], builder: NetworkBuilder) -> list[_Store]:
    """Plain names are ids; where a store of another Region or kind has the name, the ARN is."""
    found: dict[str, _Store] = {}
    for store in stores:
        taken = store.id in found or store.id in builder.workloads
        identity = _arn(store.item) if taken else store.id
        if identity and identity not in found:
            found[identity] = replace(store, id=identity)
        else:
            message = f"`{shown(store.id)}` is described twice; this one is not read"
            affects = (store.id,)
            builder.gap("unresolved", store.id, message, affects=affects, origin=store.item.origin)
    return list(found.values())


def _inside(stores: list[_Store], builder: NetworkBuilder) -> list[_Store]:
    """Without the subnets that the dump puts into another VPC than the store's."""
    found: list[_Store] = []
    for store in stores:
        strange = [
            name
            for name in store.subnets
            if store.vpc and name in builder.subnets and builder.subnets[name].vpc != store.vpc
        ]
        for name in strange:
            message = (
                f"`{shown(store.id)}` is said to use subnet `{shown(name)}` of another VPC: "
                "not read as one of its subnets"
            )
            builder.gap("unresolved", store.id, message, origin=store.item.origin)
        kept = tuple(name for name in store.subnets if name not in strange)
        found.append(replace(store, subnets=kept))
    return found


def _databases(dump: Dump) -> list[_Store]:
    """Instances that stand alone; the members of a cluster belong to it."""
    return [
        _Store(
            item=one,
            id=one.need("DBInstanceIdentifier"),
            type="AWS::RDS::DBInstance",
            kind="database",
            zonal=not one.flag("MultiAZ") if "MultiAZ" in one else None,
            subnets=_group_subnets(one.item("DBSubnetGroup")),
            groups=_groups(one, "VpcSecurityGroups", "VpcSecurityGroupId"),
            public=one.flag("PubliclyAccessible"),
            vpc=_group_vpc(one.item("DBSubnetGroup")),
        )
        for one in dump.items("dbinstances")
        if not one.text("DBClusterIdentifier")
    ]


def _clusters(dump: Dump) -> list[_Store]:
    """A cluster is one store: it fails over between its members, wherever they are."""
    members: dict[str, list[Item]] = {}
    for one in dump.items("dbinstances"):
        name = one.text("DBClusterIdentifier")
        if name:
            members.setdefault(name, []).append(one)
    described = {one.need("DBClusterIdentifier"): one for one in dump.items("dbclusters")}
    groups = {one.text("DBSubnetGroupName"): one for one in dump.items("dbsubnetgroups")}
    found: list[_Store] = []
    for name in {**described, **members}:
        own, cluster = members.get(name, []), described.get(name)
        item = cluster or own[0]
        subnets = _group_subnets(own[0].item("DBSubnetGroup")) if own else ()
        if not subnets and cluster is not None:
            subnets = _group_subnets(groups.get(cluster.text("DBSubnetGroup")))
        zones = {one.text("AvailabilityZone") for one in own} - {""}
        several = len(zones) > 1 or (cluster is not None and cluster.flag("MultiAZ"))
        found.append(
            _Store(
                item=item,
                id=name,
                type="AWS::RDS::DBCluster",
                kind="database",
                zonal=not several if zones or cluster else None,
                subnets=subnets,
                groups=_groups(item, "VpcSecurityGroups", "VpcSecurityGroupId"),
                public=any(one.flag("PubliclyAccessible") for one in own),
            )
        )
    return found


def _match_databases(stores: Iterable[_Store], builder: NetworkBuilder) -> None:
    """Gives RDS's interfaces, which name nobody, to the one database that they fit."""
    databases = [store for store in stores if store.kind == "database"]
    for identity, card in builder.interfaces.items():
        if card.kind != "database" or card.owner:
            continue
        fits = [
            store.id
            for store in databases
            if card.subnet in store.subnets and set(card.groups) == set(store.groups)
        ]
        if len(fits) == 1:
            builder.interfaces[identity] = replace(card, owner=fits[0])
            continue
        names = " or ".join(f"`{shown(name)}`" for name in fits[:3]) or "a database not in the dump"
        message = f"interface `{shown(identity)}` belongs to {names}: the dump does not say"
        builder.gap("unresolved", identity, message, origin=card.origin)


def _caches(dump: Dump) -> list[_Store]:
    """A replication group is one cache; a cluster outside any is one of its own."""
    groups = {one.text("CacheSubnetGroupName"): one for one in dump.items("cachesubnetgroups")}
    described = {one.need("ReplicationGroupId"): one for one in dump.items("replicationgroups")}
    members: dict[str, list[Item]] = {}
    for one in dump.items("cacheclusters"):
        name = one.text("ReplicationGroupId") or one.need("CacheClusterId")
        members.setdefault(name, []).append(one)
    found: list[_Store] = []
    for name in {**described, **members}:
        own, group = members.get(name, []), described.get(name)
        first = own[0] if own else None
        multi = group.text("MultiAZ") if group else ""
        alone = first is not None and not first.text("ReplicationGroupId")
        zonal = {"enabled": False, "disabled": True}.get(multi, True if alone else None)
        subnets = groups.get(first.text("CacheSubnetGroupName")) if first else None
        found.append(
            _Store(
                item=group or own[0],
                id=name,
                type="AWS::ElastiCache::" + ("CacheCluster" if alone else "ReplicationGroup"),
                kind="cache",
                zonal=zonal,
                subnets=_group_subnets(subnets),
                groups=_groups(first, "SecurityGroups", "SecurityGroupId") if first else (),
            )
        )
    return found


def _domains(dump: Dump, builder: NetworkBuilder) -> list[_Store]:
    found: list[_Store] = []
    for one in dump.items("domainstatuslist"):
        name, place = one.need("DomainName"), one.item("VPCOptions")
        if place is None:
            message = f"search domain `{shown(name)}` lies outside every VPC: not judged"
            builder.gap("unmodelled", name, message, origin=one.origin)
            continue
        cluster = one.item("ElasticsearchClusterConfig") or one.item("ClusterConfig")
        aware = cluster is not None and cluster.flag("ZoneAwarenessEnabled")
        found.append(
            _Store(
                item=one,
                id=name,
                type="AWS::OpenSearchService::Domain",
                kind="database",
                zonal=not aware if cluster else None,
                subnets=place.texts("SubnetIds"),
                groups=place.texts("SecurityGroupIds"),
            )
        )
    return found


def _functions(dump: Dump) -> list[_Store]:
    """Functions inside a VPC; the others have no end in it."""
    found: list[_Store] = []
    for one in dump.items("functions"):
        place = one.item("VpcConfig")
        subnets = place.texts("SubnetIds") if place else ()
        if place is not None and subnets:
            found.append(
                _Store(
                    item=one,
                    id=one.need("FunctionName"),
                    type="AWS::Lambda::Function",
                    kind="function",
                    zonal=len(subnets) < 2,
                    subnets=subnets,
                    groups=place.texts("SecurityGroupIds"),
                )
            )
    return found


def _kubernetes(dump: Dump, builder: NetworkBuilder) -> list[_Store]:
    """The interfaces of EKS control planes: ``describe-cluster``, an answer or a list of them."""
    answers = [one.item("cluster") or one for one in dump.items("cluster")]
    found: list[_Store] = []
    for one in (*answers, *dump.items("clusters")):
        name, place = one.need("name"), one.item("resourcesVpcConfig")
        if place is None:
            continue
        if place.flag("endpointPublicAccess"):
            message = (
                f"the public endpoint of cluster `{shown(name)}` lies outside every VPC: not judged"
            )
            builder.gap("unmodelled", name, message, origin=one.origin)
        groups = (place.text("clusterSecurityGroupId"), *place.texts("securityGroupIds"))
        found.append(
            _Store(
                item=one,
                id=name,
                type="AWS::EKS::Cluster",
                kind="other",
                zonal=False,
                subnets=place.texts("subnetIds"),
                groups=tuple(dict.fromkeys(group for group in groups if group)),
                vpc=place.text("vpcId"),
            )
        )
    return found


def _read_buckets(dump: Dump, builder: NetworkBuilder) -> None:
    """``list-buckets`` names them and no more: policy and public access are not known."""
    for one in dump.items("buckets"):
        name = one.need("Name")
        tags = dump.tags(one, name)
        builder.buckets[name] = Bucket(
            id=name,
            name=name,
            region=region_in(one.text("BucketRegion")) or builder.region,
            only_through=None,
            tags=tags,
            origin=one.origin,
        )
