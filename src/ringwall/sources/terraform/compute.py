"""EC2: instances, network interfaces, elastic addresses, Auto Scaling groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ringwall.model.addresses import AddressSet
from ringwall.model.intervals import EMPTY
from ringwall.model.network import NetworkInterface
from ringwall.model.tags import Tags
from ringwall.sources.terraform.groups import GROUP
from ringwall.sources.terraform.interfaces import Plan, addresses_in, first_card, place
from ringwall.sources.terraform.launch import Launch, launch_of
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.vpcs import DEFAULT_SUBNET, DEFAULT_VPC, SUBNET

INSTANCE = ("aws_instance", "aws_spot_instance_request")
CARD = "aws_network_interface"
SCALING = "aws_autoscaling_group"
_CARD_ADDRESSES = ("private_ips", "private_ip_list", "private_ip", "ipv6_addresses")
_PRIVATE = ("private_ip", "secondary_private_ips", "ipv6_addresses")


@dataclass(frozen=True, slots=True)
class _Tie:
    """Which instance a declared interface is attached to, and at which place."""

    instance: str
    index: int


def read_compute(reading: Reading) -> None:
    """Fill in EC2's workloads; call it after subnets and security groups."""
    ties = _ties(reading)
    for props in reading.of_type(*INSTANCE):
        _read_instance(reading, props, ties)
    for props in reading.of_type(CARD):
        _read_card(reading, props, ties.get(props.id))
    for props in reading.of_type(SCALING):
        _read_scaling_group(reading, props)
    _attach_groups(reading)
    _read_elastic_addresses(reading)


def _ties(reading: Reading) -> dict[str, _Tie]:
    found: dict[str, _Tie] = {}
    for props in reading.of_type("aws_network_interface_attachment"):
        card = props.one("network_interface_id", CARD)
        instance = props.one("instance_id", *INSTANCE, affects=(card,))
        found[card] = _Tie(instance, props.count("device_index") or 1)
    for props in reading.of_type(*INSTANCE):
        for key in ("network_interface", "primary_network_interface"):
            for one in props.each(key):
                card = one.one("network_interface_id", CARD)
                found[card] = _Tie(props.id, one.count("device_index") or 0)
    for props in reading.of_type(CARD):
        for one in props.each("attachment"):
            instance = one.named("instance", *INSTANCE).id
            if instance:
                found.setdefault(props.id, _Tie(instance, one.count("device_index") or 0))
    return found


def _name(props: Props) -> str:
    return props.name() or props.label


def _labels(props: Props) -> tuple[str, ...]:
    """The words that name a resource beside its address: its name, and AWS's id."""
    return (props.label,)


def wants_v6(props: Props) -> bool:
    return bool(props.count("ipv6_address_count")) or bool(props.items("ipv6_addresses"))


def _read_instance(reading: Reading, props: Props, ties: dict[str, _Tie]) -> None:
    first = any(one.instance == props.id and one.index == 0 for one in ties.values())
    launch = launch_of(props)
    tags: Tags = {**(launch.tags or {}), **props.tags()}
    if not first:
        _place_own(reading, props, launch, tags)
    elif props.id not in reading.net.workloads:
        place(props, replace(_plan(props, launch, tags), subnets=()))
        reading.net.gaps = [
            one for one in reading.net.gaps if (one.subject, one.affects) != (props.id, (props.id,))
        ]
    if not launch.known:
        message = "how the instance is launched is not in the plan"
        reading.gap("missing", props.resource, message, affects=(props.id,))


def _plan(props: Props, launch: Launch, tags: Tags) -> Plan:
    return Plan(
        kind="instance",
        subnets=(),
        groups=(),
        public=_public(props, launch.public),
        public_addresses=addresses_in(props, "public_ip"),
        v6=True if wants_v6(props) else launch.v6,
        tags=tags,
        name=_name(props),
        zonal=True,
        source_dest_check=props.truth("source_dest_check", True) is not False,
        pinned=addresses_in(props, *_PRIVATE),
        aliases=_labels(props),
    )


def _public(props: Props, default: bool | str | None) -> bool | str | None:
    """A public address: as the instance asks for, else as its launch template or subnet says."""
    if addresses_in(props, "public_ip"):
        return True
    if props.given("associate_public_ip_address"):
        return props.truth("associate_public_ip_address", False)
    return default


def _place_own(reading: Reading, props: Props, launch: Launch, tags: Tags) -> None:
    """The interface that AWS makes with the instance."""
    subnet = props.one("subnet_id", *SUBNET) if props.given("subnet_id") else launch.subnet
    groups = props.many("vpc_security_group_ids", *GROUP) or _classic_groups(reading, props)
    plan = _plan(props, launch, tags)
    if not subnet and DEFAULT_VPC in reading.net.vpcs:
        subnet = DEFAULT_SUBNET
        plan = replace(plan, public=None if plan.public == "subnet" else plan.public)
    made = place(
        props, replace(plan, subnets=(subnet,) if subnet else (), groups=groups or launch.groups)
    )
    real = props.text("primary_network_interface_id")
    if real and made:
        reading.renamed[real] = made[0].id
    if props.unknown("source_dest_check") and props.given("source_dest_check"):
        message = "whether the instance checks source and destination is not known"
        reading.gap("unresolved", props.resource, message, affects=(props.id,))


def _classic_groups(reading: Reading, props: Props) -> tuple[str, ...]:
    """``security_groups`` of an instance: groups by name, in the default VPC."""
    if not props.given("security_groups"):
        return ()
    found = props.names("security_groups", *GROUP)
    by_name = {one.text("name"): one.id for one in reading.of_type(*GROUP) if one.text("name")}
    return tuple(by_name.get(name, name) for name in found.ids)


def _read_card(reading: Reading, props: Props, tie: _Tie | None) -> None:
    owner = tie.instance if tie else ""
    instance = reading.props_at(owner, *INSTANCE) if owner else None
    tags: Tags = {**(instance.tags() if instance else {}), **props.tags()}
    subnet = props.one("subnet_id", *SUBNET)
    first = tie is not None and tie.index == 0
    public = bool(instance is not None and first and addresses_in(instance, "public_ip"))
    check = props.truth("source_dest_check", True)
    if instance is not None and first and instance.given("source_dest_check"):
        check = check is not False and instance.truth("source_dest_check", True) is not False
    plan = Plan(
        kind="instance" if owner else "other",
        subnets=(subnet,) if subnet else (),
        groups=props.many("security_groups", *GROUP),
        public=public,
        public_addresses=addresses_in(instance, "public_ip") if instance and public else EMPTY,
        v6=True if wants_v6(props) else None,
        tags=tags,
        name=props.tags().get("Name", "") or (_name(instance) if instance else props.label),
        zonal=True,
        source_dest_check=check is not False,
        card=props.id,
        pinned=addresses_in(props, *_CARD_ADDRESSES),
        owner=owner,
        aliases=(props.label,) if not owner else (),
    )
    place(props, plan)
    real = props.text("id")
    if real:
        reading.renamed[real] = props.id


def _attach_groups(reading: Reading) -> None:
    """Groups that a resource of their own puts onto an interface."""
    for props in reading.of_type("aws_network_interface_sg_attachment"):
        card = first_card(reading, props.one("network_interface_id", CARD, *INSTANCE))
        group = props.one("security_group_id", *GROUP, affects=(card,))
        held = reading.net.interfaces.get(card)
        if held is None:
            message = f"the interface `{card}` of this group is not in the plan"
            reading.gap("missing", props.resource, message, affects=(card,))
        elif group not in held.groups:
            groups = (*held.groups, group)
            reading.net.interfaces[card] = replace(held, groups=groups)


def _read_scaling_group(reading: Reading, props: Props) -> None:
    launch = launch_of(props)
    subnets = props.many("vpc_zone_identifier", *SUBNET)
    own = {
        one.text("key"): one.text("value")
        for one in props.each("tag")
        if one.truth("propagate_at_launch", False) is not False
    }
    tags: Tags = {**(launch.tags or {}), **own}
    plan = Plan(
        kind="instance",
        subnets=subnets or ((launch.subnet,) if launch.subnet else ()),
        groups=launch.groups,
        public=launch.public,
        v6=launch.v6,
        tags=tags,
        name=own.get("Name") or props.text("name") or props.label,
        zonal=False,
        aliases=(props.label, props.text("name")),
    )
    place(props, plan)
    if not launch.known:
        message = "how its instances are launched is not in the plan"
        reading.gap("missing", props.resource, message, affects=(props.id,))


def _read_elastic_addresses(reading: Reading) -> None:
    """What an elastic address is given to is public."""
    pools = {one.id: addresses_in(one, "public_ip") for one in reading.of_type("aws_eip")}
    for props in reading.of_type("aws_eip", "aws_eip_association"):
        own = props.resource.type == "aws_eip"
        keys = ("instance", "network_interface") if own else ("instance_id", "network_interface_id")
        key = next((one for one in keys if props.given(one)), "")
        if not key:
            continue
        named = props.named(key, *INSTANCE, CARD)
        address = props.id if own else props.named("allocation_id", "aws_eip").id
        for holder in named.ids:
            card = reading.net.interfaces.get(first_card(reading, holder))
            if card is None:
                message = f"what the address is given to, `{holder}`, is not in the plan"
                reading.gap("missing", props.resource, message, affects=(holder,))
            else:
                _make_public(reading, card, pools, address, sure=not named.doubt)


def _make_public(
    reading: Reading,
    card: NetworkInterface,
    pools: Mapping[str, AddressSet],
    address: str,
    *,
    sure: bool,
) -> None:
    if not sure:
        public = card.public or None
        reading.net.interfaces[card.id] = replace(card, public=public)
        return
    held = pools.get(address) or EMPTY
    # An elastic address takes the place of the one that AWS gave at launch.
    reading.net.interfaces[card.id] = replace(card, public=True, public_addresses=held)
