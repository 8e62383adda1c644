"""Network interfaces and instances: the ends of traffic.

A stopped instance keeps its interfaces, and so does the Network: who starts it changes no rule,
so paths are judged as if it ran, and that is on record. The same holds for an interface that is
attached to nothing. A terminated instance has none left and is put on record only.
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.facts.load import facts
from ringwall.model.addresses import V6_BASE, AddressSet
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import NetworkInterface, Workload
from ringwall.sources.builder import NetworkBuilder, forwards_of, labels_of
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown
from ringwall.sources.describe.owners import Owners

_GONE = frozenset({"terminated", "shutting-down"})
_IDLE = frozenset({"stopped", "stopping"})
#: Kinds whose own connections leave from the ports that AWS manages (facts: ``client-ports``).
_MANAGED = frozenset({"load-balancer", "nat-gateway", "function"})


def read_interfaces(dump: Dump, builder: NetworkBuilder) -> None:
    owners = Owners(dump)
    instances = _read_instances(dump, builder)
    found: list[tuple[Item, str]] = [(one, "") for one in dump.items("networkinterfaces")]
    listed = {one.need("NetworkInterfaceId") for one, _ in found}
    for instance in instances:
        for one in instance.items("NetworkInterfaces"):
            if one.need("NetworkInterfaceId") not in listed:
                found.append((one, instance.need("InstanceId")))
    for one, holder in sorted(found, key=lambda pair: _device(pair[0])):
        _read_interface(one, holder, owners, dump, builder)
    _join_addresses(dump, builder)
    served = {one.owner for one in builder.interfaces.values()}
    for instance in instances:
        identity = instance.need("InstanceId")
        if identity not in served:
            message = (
                f"the interfaces of instance `{shown(identity)}` are not in the dump; "
                "`describe-network-interfaces` tells them"
            )
            affects = (identity,)
            builder.gap("missing", identity, message, affects=affects, origin=instance.origin)
    _note_strange_subnets(dump, builder)


def _note_strange_subnets(dump: Dump, builder: NetworkBuilder) -> None:
    """A subnet that another account shares: nobody sees all of it but that account."""
    holders = {one.text("SubnetId"): one.text("OwnerId") for one in dump.items("subnets")}
    noted: set[str] = set()
    for one in dump.items("networkinterfaces"):
        subnet, account = one.text("SubnetId"), one.text("OwnerId")
        holder = holders.get(subnet, "")
        if account and holder and account != holder and subnet not in noted:
            noted.add(subnet)
            message = (
                f"subnet `{shown(subnet)}` of account `{shown(holder)}` is shared with "
                f"`{shown(account)}`: ends that the accounts of this dump do not see are not judged"
            )
            builder.gap("missing", subnet, message, origin=one.origin)


def _device(item: Item) -> int:
    attachment = item.item("Attachment")
    return (attachment.number("DeviceIndex") if attachment else None) or 0


def _read_instances(dump: Dump, builder: NetworkBuilder) -> list[Item]:
    """The instances that have interfaces; one workload each."""
    kept: list[Item] = []
    for one in dump.items("instances"):
        identity = one.need("InstanceId")
        status = one.item("State")
        state = status.text("Name") if status else ""
        if state in _GONE:
            message = f"instance `{shown(identity)}` is {state}: it carries no traffic"
            builder.gap("unmodelled", identity, message, origin=one.origin)
            continue
        if state in _IDLE:
            message = f"instance `{shown(identity)}` is {state}: paths are judged as if it ran"
            builder.gap("unmodelled", identity, message, origin=one.origin)
        tags = dump.tags(one, identity)
        builder.workloads[identity] = Workload(
            id=identity,
            type="AWS::EC2::Instance",
            name=tags.get("Name", ""),
            zonal=True,
            tags=tags,
            origin=one.origin,
        )
        kept.append(one)
    return kept


def _read_interface(
    item: Item, holder: str, owners: Owners, dump: Dump, builder: NetworkBuilder
) -> None:
    identity = item.need("NetworkInterfaceId")
    owner = owners.of(item, holder)
    tags = dump.tags(item, identity)
    addresses, public, open_to = _addresses(item, builder)
    builder.interfaces[identity] = NetworkInterface(
        id=identity,
        subnet=item.need("SubnetId"),
        addresses=addresses,
        groups=tuple(one.need("GroupId") for one in item.items("Groups")),
        kind=owner.kind,
        public=open_to,
        public_addresses=public,
        owner=owner.id,
        source_dest_check=item.flag("SourceDestCheck", True),
        name=tags.get("Name", ""),
        tags=tags,
        origin=item.origin,
    )
    if item.text("Status") == "available":
        message = f"interface `{shown(identity)}` is attached to nothing: judged as if it were"
        builder.gap("unmodelled", identity, message, origin=item.origin)


def _addresses(item: Item, builder: NetworkBuilder) -> tuple[AddressSet, AddressSet, bool | None]:
    """Private (and IPv6) addresses, public ones, and whether the private IPv4 ones have any."""
    bare: list[AddressSet] = []
    mapped: list[AddressSet] = []
    public: list[AddressSet] = []
    for one in item.items("PrivateIpAddresses") or [item]:
        private, outside = one.address("PrivateIpAddress"), _public_of(one)
        if private is not None:
            (mapped if outside else bare).append(private)
        if outside:
            public.append(outside)
    for one in item.items("Ipv4Prefixes"):
        block = one.block("Ipv4Prefix")
        if block is not None:
            bare.append(block)
    open_to: bool | None = bool(public)
    if mapped and bare:
        identity = item.need("NetworkInterfaceId")
        message = f"only some private addresses of `{shown(identity)}` have a public one"
        builder.gap("unmodelled", identity, message, origin=item.origin)
        open_to = None
    return IntervalSet.union_of([*bare, *mapped, *_v6(item)]), IntervalSet.union_of(public), open_to


def _public_of(item: Item) -> AddressSet:
    association = item.item("Association")
    found = association.address("PublicIp") if association else None
    return found or EMPTY


def _v6(item: Item) -> list[AddressSet]:
    found = [one.address("Ipv6Address") for one in item.items("Ipv6Addresses")]
    found += [one.block("Ipv6Prefix") for one in item.items("Ipv6Prefixes")]
    return [one for one in found if one is not None]


def _join_addresses(dump: Dump, builder: NetworkBuilder) -> None:
    """Elastic IP addresses, where the interface does not name its own."""
    for one in dump.items("addresses"):
        public, card = one.address("PublicIp"), one.text("NetworkInterfaceId")
        interface = builder.interfaces.get(card)
        if public is None or not card:
            continue
        if interface is None:
            message = f"a public address belongs to `{shown(card)}`, which is not in the dump"
            builder.gap("missing", card, message, affects=(card,), origin=one.origin)
        elif not public <= interface.public_addresses:
            private = interface.addresses & IntervalSet(((0, V6_BASE - 1),))
            builder.interfaces[card] = replace(
                interface,
                public=True if private.size == 1 else None,
                public_addresses=interface.public_addresses | public,
            )


def label_interfaces(dump: Dump, builder: NetworkBuilder) -> None:
    """Gives each interface what its owner's tags and kind say, where its own say nothing."""
    ports = facts("client-ports").values
    windows = {
        one.text("InstanceId")
        for one in dump.items("instances")
        if one.text("Platform").lower() == "windows"
    }
    for identity, card in builder.interfaces.items():
        workload = builder.workloads.get(card.owner)
        shared = workload.tags if workload else {}
        own, owner = labels_of(card.tags), labels_of(shared)
        forwards = forwards_of(card.tags)
        clients = own.client_ports or owner.client_ports
        if clients is None and card.owner in windows:
            clients = (ports["windows"][0], ports["windows"][1])
        elif clients is None and card.kind in _MANAGED:
            clients = (ports["managed"][0], ports["managed"][1])
        builder.interfaces[identity] = replace(
            card,
            service=own.service or owner.service,
            tier=own.tier or owner.tier,
            client_ports=clients,
            forwards=forwards_of(shared) if forwards is None else forwards,
            name=card.name or (workload.name if workload else ""),
        )
