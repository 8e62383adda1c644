"""EC2: instances, network interfaces, elastic addresses, Auto Scaling groups, NAT gateways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ringwall.model.network import NetworkInterface
from ringwall.model.tags import Tags
from ringwall.sources.cloudformation.interfaces import Plan, pinned_addresses, place
from ringwall.sources.cloudformation.nat import read_nat_gateways
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource

INSTANCE = "AWS::EC2::Instance"
GROUP = "AWS::AutoScaling::AutoScalingGroup"
CARD = "AWS::EC2::NetworkInterface"
_TEMPLATE = "AWS::EC2::LaunchTemplate"
_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"


@dataclass(frozen=True, slots=True)
class Launch:
    """How instances are launched. ``public`` is ``"subnet"`` where only the subnet decides."""

    groups: tuple[str, ...] = ()
    public: bool | str | None = "subnet"
    subnet: str = ""
    v6: bool | None = None
    tags: Tags | None = None
    known: bool = True


def read_compute(reading: Reading) -> None:
    """Fill in EC2's workloads; call it after subnets and security groups."""
    owners = _card_owners(reading)
    for resource, props in reading.of_type(CARD):
        _read_card(reading, resource, props, owners.get(resource.id, ""))
    for resource, props in reading.of_type(INSTANCE):
        _read_instance(reading, resource, props)
    for resource, props in reading.of_type(GROUP):
        _read_group(reading, resource, props)
    read_nat_gateways(reading)
    _read_elastic_addresses(reading)


def _card_owners(reading: Reading) -> dict[str, str]:
    """Which instance each declared interface is attached to."""
    found: dict[str, str] = {}
    for resource, props in reading.of_type("AWS::EC2::NetworkInterfaceAttachment"):
        card, instance = props.ident("NetworkInterfaceId"), props.ident("InstanceId")
        found[card] = instance
        if (reading.type_of(card), reading.type_of(instance)) != (CARD, INSTANCE):
            message = f"`{card}` or `{instance}`, which this ties, is not in the template"
            reading.gap("missing", resource, message, affects=(card, instance))
    for resource, props in reading.of_type(INSTANCE):
        for one in props.each("NetworkInterfaces"):
            if "NetworkInterfaceId" in one:
                found[one.ident("NetworkInterfaceId")] = resource.id
    return found


def _read_card(reading: Reading, resource: Resource, props: Props, owner: str) -> None:
    instance = reading.props(owner, INSTANCE)
    tags = {**(instance.tags() if instance else {}), **props.tags()}
    plan = Plan(
        kind="instance" if owner else "other",
        subnets=props.idents("SubnetId"),
        groups=props.idents("GroupSet"),
        v6=True if _wants_v6(props) else None,
        tags=tags,
        name=instance.name() if instance else props.name(),
        zonal=True,
        source_dest_check=props.truth("SourceDestCheck", True) is not False,
        card=resource.id,
        pinned=pinned_addresses(props),
        owner=owner,
    )
    place(reading, resource, plan)
    if props.unknown("SourceDestCheck"):
        message = "whether the interface checks its source and destination is not known"
        reading.gap("unresolved", resource, message, affects=(resource.id,))


def _wants_v6(props: Props) -> bool:
    count = props.count("Ipv6AddressCount")
    return bool(count) or bool(props.items("Ipv6Addresses"))


def _read_instance(reading: Reading, resource: Resource, props: Props) -> None:
    launch = launch_of(reading, props)
    tags = {**(launch.tags or {}), **props.tags()}
    cards = [one for one in props.each("NetworkInterfaces") if "NetworkInterfaceId" not in one]
    attached = any("NetworkInterfaceId" in one for one in props.each("NetworkInterfaces"))
    base = Plan(
        kind="instance",
        subnets=(props.ident("SubnetId") or launch.subnet,),
        groups=props.idents("SecurityGroupIds") or props.idents("SecurityGroups") or launch.groups,
        public=launch.public,
        v6=True if _wants_v6(props) else launch.v6,
        tags=tags,
        name=props.name(),
        zonal=True,
        source_dest_check=props.truth("SourceDestCheck", True) is not False,
        pinned=pinned_addresses(props),
    )
    if not cards and not attached:
        place(reading, resource, replace(base, subnets=tuple(filter(None, base.subnets))))
    for one in cards:
        plan = replace(
            base,
            subnets=tuple(filter(None, (one.ident("SubnetId") or base.subnets[0],))),
            groups=one.idents("GroupSet") or base.groups,
            public=_chosen_public(one, launch.public, only_if_one=len(cards) == 1),
            v6=True if _wants_v6(one) else base.v6,
            pinned=pinned_addresses(one),
        )
        place(reading, resource, plan)
    for _, reason in props.symbols("NetworkInterfaces"):
        message = f"its interfaces are not known: {reason}"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
    if not launch.known:
        message = "its launch template is not in this template"
        reading.gap("missing", resource, message, affects=(resource.id,))
    if props.unknown("SourceDestCheck"):
        message = "whether the instance checks its source and destination is not known"
        reading.gap("unresolved", resource, message, affects=(resource.id,))


def _chosen_public(
    card: Props, default: bool | str | None, *, only_if_one: bool
) -> bool | str | None:
    """A public address as the interface chooses; a second interface never gets one by itself."""
    if card.get("AssociatePublicIpAddress") is not None:
        return card.truth("AssociatePublicIpAddress", False)
    first = card.count("DeviceIndex") in (0, None)
    return default if only_if_one and first else False


def launch_of(reading: Reading, props: Props) -> Launch:
    """What a launch template or configuration, if one is named, says of the network."""
    if props.get("LaunchConfigurationName") is not None:
        found = reading.props(props.ident("LaunchConfigurationName"), _CONFIGURATION)
        if found is None:
            return Launch(known=False)
        public: bool | str | None = "subnet"
        if found.get("AssociatePublicIpAddress") is not None:
            public = found.truth("AssociatePublicIpAddress", False)
        return Launch(groups=found.idents("SecurityGroups"), public=public)
    named = _launch_template(props)
    if named is None:
        return Launch()
    data = _template_data(reading, named)
    return Launch(known=False) if data is None else _from_data(data)


def _launch_template(props: Props) -> Props | None:
    if props.get("LaunchTemplate") is not None:
        return props.inner("LaunchTemplate")
    mixed = props.inner("MixedInstancesPolicy").inner("LaunchTemplate")
    named = mixed.inner("LaunchTemplateSpecification")
    return named if named.entries else None


def _template_data(reading: Reading, named: Props) -> Props | None:
    name = named.ident("LaunchTemplateId")
    found = reading.props(name, _TEMPLATE)
    if found is None:
        wanted = named.text("LaunchTemplateName")
        if not wanted:
            return None
        found = reading.props(named.ident("LaunchTemplateName"), _TEMPLATE)
        for _, one in reading.of_type(_TEMPLATE):
            if one.text("LaunchTemplateName") == wanted:
                found = one
    return None if found is None else found.inner("LaunchTemplateData")


def _from_data(data: Props) -> Launch:
    cards = list(data.each("NetworkInterfaces"))
    first = cards[0] if cards else Props(data.reading, data.resource, {})
    public: bool | str | None = "subnet"
    if first.get("AssociatePublicIpAddress") is not None:
        public = first.truth("AssociatePublicIpAddress", False)
    tags: dict[str, str] = {}
    for one in data.each("TagSpecifications"):
        if one.text("ResourceType") in ("instance", "network-interface"):
            tags |= one.tags()
    groups = data.idents("SecurityGroupIds") or data.idents("SecurityGroups")
    return Launch(
        groups=first.idents("Groups") or groups,
        public=public,
        subnet=first.ident("SubnetId"),
        v6=True if _wants_v6(first) else None,
        tags=tags,
    )


def _read_group(reading: Reading, resource: Resource, props: Props) -> None:
    launch = launch_of(reading, props)
    if props.get("InstanceId") is not None:
        launch = Launch(known=False)
    subnets = props.idents("VPCZoneIdentifier")
    own = {
        one.text("Key"): one.text("Value")
        for one in props.each("Tags")
        if one.truth("PropagateAtLaunch", False) is not False
    }
    plan = Plan(
        kind="instance",
        subnets=subnets,
        groups=launch.groups,
        public=launch.public,
        v6=launch.v6,
        tags={**(launch.tags or {}), **own},
        name=own.get("Name") or props.text("AutoScalingGroupName"),
        zonal=False,
    )
    place(reading, resource, plan)
    if not launch.known:
        message = "how its instances are launched is not in the template"
        reading.gap("missing", resource, message, affects=(resource.id,))


def _read_elastic_addresses(reading: Reading) -> None:
    """What an elastic address is given to is public; where that is in doubt, not known."""
    for resource, props in reading.of_type("AWS::EC2::EIP", "AWS::EC2::EIPAssociation"):
        keys = ("NetworkInterfaceId", "InstanceId")
        holder = next((props.ident(key) for key in keys if props.get(key) is not None), "")
        if not holder:
            continue
        cards = _first_cards(reading.net.interfaces, holder)
        for card in cards:
            if card.public is not True:
                public = None if resource.doubt else True
                reading.net.interfaces[card.id] = replace(card, public=public)
        if not cards:
            message = f"what the address is given to, `{holder}`, is not in the template"
            reading.gap("missing", resource, message, affects=(holder,))


def _first_cards(
    cards: Mapping[str, NetworkInterface], holder: str
) -> tuple[NetworkInterface, ...]:
    """The interface itself, or an instance's first one."""
    if holder in cards:
        return (cards[holder],)
    return tuple(card for card in cards.values() if card.owner == holder)[:1]
