"""VPCs, subnets, gateways to the Internet and prefix lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ringwall.model.addresses import AddressSet, IPNetwork, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import InternetGateway, PrefixList, Subnet, Vpc
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, network_at, region_in

#: States of an address block, or of an attachment, in which it carries traffic.
_HELD = frozenset({"", "associated", "associating", "attached", "attaching", "available"})


def read_places(dump: Dump, builder: NetworkBuilder) -> None:
    regions = _read_subnets(dump, builder)
    for one in dump.items("vpcs"):
        identity = one.need("VpcId")
        tags = dump.tags(one, identity)
        builder.vpcs[identity] = Vpc(
            id=identity,
            cidrs=_blocks(one),
            name=tags.get("Name", ""),
            region=one.text("Region") or regions.get(identity, "") or one.region,
            account=one.text("OwnerId"),
            tags=tags,
            origin=one.origin,
        )
    known = {vpc.region for vpc in builder.vpcs.values()} - {""}
    if len(known) == 1:
        builder.region = known.pop()
        for identity, vpc in builder.vpcs.items():
            builder.vpcs[identity] = replace(vpc, region=builder.region)


def _read_subnets(dump: Dump, builder: NetworkBuilder) -> dict[str, str]:
    """Returns the Region of each VPC, which only its zones tell."""
    regions: dict[str, str] = {}
    zone_of = zone_words(dump)
    for one in dump.items("subnets"):
        identity, vpc = one.need("SubnetId"), one.need("VpcId")
        tags, zone = dump.tags(one, identity), zone_of(one)
        regions.setdefault(vpc, region_in(one.text("AvailabilityZone")))
        builder.subnets[identity] = Subnet(
            id=identity,
            vpc=vpc,
            zone=zone,
            cidrs=_blocks(one),
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
    return regions


def zone_words(dump: Dump) -> Callable[[Item], str]:
    """How to name the zone of a subnet or address: by its name; by its id where accounts differ in
    what they call by a name, for then the name would make two zones one."""
    ids: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for one in dump.items("subnets"):
        name, identity = one.text("AvailabilityZone"), one.text("AvailabilityZoneId")
        if name and identity:
            ids.setdefault(name, set()).add(identity)
            names.setdefault(identity, name)
    by_id = any(len(found) > 1 for found in ids.values())

    def word(item: Item) -> str:
        name, identity = item.text("AvailabilityZone"), item.text("AvailabilityZoneId")
        if by_id:
            return identity or name
        return name or names.get(identity, "")

    return word


def _blocks(item: Item) -> tuple[IPNetwork, ...]:
    """Address blocks in use: those of the association sets, and the main one."""
    found: list[IPNetwork] = []
    stated = item.items("CidrBlockAssociationSet")
    for block in (*stated, *item.items("Ipv6CidrBlockAssociationSet")):
        state = block.item("CidrBlockState") or block.item("Ipv6CidrBlockState")
        if (state.text("State") if state else "") not in _HELD:
            continue
        cidr = block.network("CidrBlock") or block.network("Ipv6CidrBlock")
        if cidr is not None:
            found.append(cidr)
    main = None if stated else item.network("CidrBlock")
    if main is not None:
        found.insert(0, main)
    return tuple(dict.fromkeys(found))


def read_internet_gateways(dump: Dump, builder: NetworkBuilder) -> None:
    kinds = (
        ("internetgateways", "InternetGatewayId", False),
        ("egressonlyinternetgateways", "EgressOnlyInternetGatewayId", True),
    )
    for name, key, egress_only in kinds:
        for one in dump.items(name):
            identity = one.need(key)
            tags = dump.tags(one, identity)
            builder.internet_gateways[identity] = InternetGateway(
                id=identity,
                vpcs=_attached(one),
                egress_only=egress_only,
                name=tags.get("Name", ""),
                tags=tags,
                origin=one.origin,
            )


def _attached(item: Item) -> tuple[str, ...]:
    return tuple(
        one.need("VpcId") for one in item.items("Attachments") if one.text("State") in _HELD
    )


def read_prefix_lists(dump: Dump, builder: NetworkBuilder) -> None:
    """Both calls name their list ``PrefixLists``; only one of them tells the contents."""
    contents: dict[str, AddressSet] = {}
    names: dict[str, Item] = {}
    for one in (*dump.items("prefixlists"), *dump.items("managedprefixlists")):
        names.setdefault(one.need("PrefixListId"), one)
        _contents(one, one.need("PrefixListId"), contents)
    for one in dump.items("managedprefixlistentries"):
        _contents(one, one.need("PrefixListId"), contents)
    loose: list[Item] = []
    for one in dump.items("entries"):
        owner = dump.owner(one)
        cidr = one.block("Cidr")
        if owner and cidr is not None:
            contents[owner] = contents.get(owner, IntervalSet()) | cidr
        else:
            loose.append(one)
    if loose:
        builder.gap(
            "unresolved",
            "Entries",
            f"{len(loose)} prefix list entries do not say to which list they belong",
            origin=loose[0].origin,
        )
    for identity, one in names.items():
        entries = contents.get(identity)
        name = one.text("PrefixListName")
        builder.prefix_lists[identity] = PrefixList(identity, name, entries, one.origin)
        if entries is None:
            message = (
                f"the contents of prefix list `{identity}` are not in the dump; "
                "`get-managed-prefix-list-entries` tells them"
            )
            builder.gap("missing", identity, message, affects=(identity,), origin=one.origin)


def _contents(item: Item, identity: str, contents: dict[str, AddressSet]) -> None:
    if "Cidrs" not in item and "Entries" not in item:
        return
    found = [
        of_network(network_at(item, f"Cidrs/{index}", text))
        for index, text in enumerate(item.texts("Cidrs"))
    ]
    for entry in item.items("Entries"):
        block = entry.block("Cidr")
        if block is not None:
            found.append(block)
    contents[identity] = IntervalSet.union_of([contents.get(identity, IntervalSet()), *found])
