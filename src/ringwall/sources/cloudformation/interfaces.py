"""Network interfaces for what runs in subnets: one per owner and subnet.

In a template AWS has not yet given addresses, so an interface may have every usable address of its
subnet, unless the template itself pins one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_address
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import InterfaceKind, NetworkInterface, Subnet, Workload
from ringwall.model.tags import TAG_FORWARDS, Tags, no_tags
from ringwall.sources.builder import labels_of
from ringwall.sources.cloudformation.groups import default_group
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.vpcs import SUBNET
from ringwall.sources.standins import free_id, usable

#: Kinds whose clients AWS runs: their ephemeral ports are AWS's, not an operating system's.
_MANAGED: tuple[InterfaceKind, ...] = ("load-balancer", "nat-gateway", "function")
#: Kinds that may have no security group at all.
_UNGUARDED: tuple[InterfaceKind, ...] = ("nat-gateway", "load-balancer")


#: What the tag ``TAG_FORWARDS`` says of an appliance; without it, its own configuration decides.
FORWARDS = {"all": True, "none": False}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make for one owner. ``public`` None: not known; ``"subnet"``: as the subnet says.

    ``v6`` says whether IPv6 addresses are given too (None: as the subnet says). ``card`` is the
    interface's id where the template names it, ``pinned`` its addresses where it pins them.
    """

    kind: InterfaceKind
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    public: bool | str | None = False
    v6: bool | None = False
    tags: Tags = field(default_factory=no_tags)
    name: str = ""
    zonal: bool | None = None
    source_dest_check: bool = True
    card: str = ""
    pinned: AddressSet = EMPTY
    owner: str = ""


def public_by_subnet(reading: Reading, subnet: str) -> bool | None:
    """Does the subnet give a public address to what is launched in it? None: not known."""
    props = reading.props(subnet, SUBNET)
    return None if props is None else props.truth("MapPublicIpOnLaunch", False)


def _v6_by_subnet(reading: Reading, subnet: str) -> bool:
    props = reading.props(subnet, SUBNET)
    return props is not None and props.truth("AssignIpv6AddressOnCreation", False) is not False


def place(reading: Reading, resource: Resource, plan: Plan) -> tuple[NetworkInterface, ...]:
    """Put a workload and its interfaces on the Network; hands the interfaces back.

    Without any subnet, the owner lies in the account's default VPC: a gap, and no interface.
    """
    owner = plan.owner or resource.id
    if owner not in reading.net.workloads:
        reading.net.workloads[owner] = Workload(
            id=owner,
            type=reading.type_of(owner) or resource.type,
            name=plan.name,
            zonal=plan.zonal,
            tags=plan.tags,
            origin=reading.origin(resource),
        )
    if not plan.subnets:
        message = f"`{resource.id}` names no subnet: it lies in the account's default VPC"
        reading.gap("unresolved", resource, message, affects=(owner,))
    cards = tuple(_cards(reading, resource, plan, owner))
    for card in cards:
        reading.net.interfaces[card.id] = card
    if resource.doubt:
        affects = (owner, *(card.id for card in cards))
        reading.gap("unresolved", resource, resource.doubt, affects=affects)
    return cards


def _cards(
    reading: Reading, resource: Resource, plan: Plan, owner: str
) -> Iterator[NetworkInterface]:
    labels = labels_of(plan.tags)
    ports = labels.client_ports
    if ports is None and plan.kind in _MANAGED:
        low, high = facts("client-ports").values["managed"]
        ports = (int(low), int(high))
    for name in plan.subnets:
        subnet = reading.net.subnets.get(name)
        v6 = _v6_by_subnet(reading, name) if plan.v6 is None else plan.v6
        room = EMPTY if subnet is None else usable(subnet, v6=v6)
        public = public_by_subnet(reading, name) if plan.public == "subnet" else plan.public
        yield NetworkInterface(
            id=plan.card or free_id(reading.net, f"{owner}@{name}"),
            subnet=name,
            addresses=plan.pinned or room,
            groups=plan.groups or _default_groups(reading, plan, subnet),
            kind=plan.kind,
            pinned=bool(plan.pinned),
            public=None if isinstance(public, str) else public,
            owner=owner,
            service=labels.service,
            tier=labels.tier,
            source_dest_check=plan.source_dest_check,
            forwards=FORWARDS.get(plan.tags.get(TAG_FORWARDS, "").strip().lower()),
            client_ports=ports,
            name=plan.name,
            tags=plan.tags,
            origin=reading.origin(resource),
        )


def _default_groups(reading: Reading, plan: Plan, subnet: Subnet | None) -> tuple[str, ...]:
    """What names no security group is in its VPC's default one."""
    if plan.kind in _UNGUARDED or subnet is None:
        return ()
    name = default_group(subnet.vpc)
    return (name,) if name in reading.net.security_groups else ()


def pinned_addresses(props: Props) -> AddressSet:
    """The private addresses that a template pins on an interface; empty where it pins none."""
    texts = [props.text("PrivateIpAddress")] if not props.unknown("PrivateIpAddress") else []
    texts += [
        one.text("PrivateIpAddress")
        for one in props.each("PrivateIpAddresses")
        if not one.unknown("PrivateIpAddress")
    ]
    found: list[AddressSet] = []
    for text in filter(None, texts):
        try:
            found.append(of_address(text))
        except ValueError:
            message = f"`{text}` is no address"
            props.reading.complain(props.resource, props.place("PrivateIpAddress"), message)
    return IntervalSet.union_of(found)
