"""Network interfaces for what a plan puts into subnets: one per owner and subnet.

AWS has mostly not given addresses yet, so an interface may have every usable address of its subnet,
unless the plan pins one. The only interface of an owner in one subnet has the owner's address as
its id, otherwise ids read ``OWNER@SUBNET``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_address
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import InterfaceKind, NetworkInterface, Subnet, Workload
from ringwall.model.tags import Tags, no_tags
from ringwall.sources.builder import labels_of
from ringwall.sources.standins import free_id, usable
from ringwall.sources.terraform.groups import default_group
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.vpcs import SUBNET

#: Kinds whose clients AWS runs: their ephemeral ports are AWS's, not an operating system's.
_MANAGED: tuple[InterfaceKind, ...] = ("load-balancer", "nat-gateway", "function")
#: Kinds that have no security group unless one is given.
_UNGUARDED: tuple[InterfaceKind, ...] = ("nat-gateway", "load-balancer", "transit")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make for one owner. ``public`` None: not known; ``"subnet"``: as the subnet says.

    ``v6`` says whether IPv6 addresses are given too (None: as the subnet says). ``card`` is the
    interface's id where it has one of its own, ``pinned`` its addresses where the plan pins them,
    ``aliases`` further words for the owner.
    """

    kind: InterfaceKind
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    public: bool | str | None = False
    public_addresses: AddressSet = EMPTY
    v6: bool | None = False
    tags: Tags = field(default_factory=no_tags)
    name: str = ""
    zonal: bool | None = None
    source_dest_check: bool = True
    card: str = ""
    pinned: AddressSet = EMPTY
    owner: str = ""
    aliases: tuple[str, ...] = ()


def public_by_subnet(reading: Reading, subnet: str) -> bool | None:
    """Does the subnet give a public address to what is launched in it? None: not known."""
    props = reading.props_at(subnet, *SUBNET)
    if props is None:
        return None
    default = props.resource.type == "aws_default_subnet"
    return props.truth("map_public_ip_on_launch", default)


def _v6_by_subnet(reading: Reading, subnet: str) -> bool:
    props = reading.props_at(subnet, *SUBNET)
    return props is not None and props.truth("assign_ipv6_address_on_creation", False) is not False


def place(props: Props, plan: Plan) -> tuple[NetworkInterface, ...]:
    """Put a workload and its interfaces on the Network; hands the interfaces back.

    Without any subnet there is no interface, and a gap.
    """
    reading = props.reading
    owner = plan.owner or props.id
    if owner not in reading.net.workloads:
        real = (props.text("id"), *plan.aliases)
        reading.net.workloads[owner] = Workload(
            id=owner,
            type=reading.type_of(owner) or props.resource.type,
            name=plan.name,
            zonal=plan.zonal,
            aliases=tuple(dict.fromkeys(one for one in real if one and one != owner)),
            tags=plan.tags,
            origin=props.origin(),
        )
    if not plan.subnets:
        message = f"`{props.id}` names no subnet that the plan shows"
        reading.gap("unresolved", props.resource, message, affects=(owner,))
    cards = tuple(_cards(props, plan, owner))
    for card in cards:
        reading.net.interfaces[card.id] = card
    return cards


def _cards(props: Props, plan: Plan, owner: str) -> Iterator[NetworkInterface]:
    reading = props.reading
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
        only = len(plan.subnets) == 1 and owner not in reading.net.interfaces
        own = owner if only else free_id(reading.net, f"{owner}@{name}")
        yield NetworkInterface(
            id=plan.card or own,
            subnet=name,
            addresses=plan.pinned or room,
            groups=plan.groups or _default_groups(reading, plan, subnet),
            kind=plan.kind,
            pinned=bool(plan.pinned),
            public=None if isinstance(public, str) else public,
            public_addresses=plan.public_addresses,
            owner=owner,
            service=labels.service,
            tier=labels.tier,
            source_dest_check=plan.source_dest_check,
            client_ports=ports,
            name=plan.name,
            tags=plan.tags,
            origin=props.origin(),
        )


def _default_groups(reading: Reading, plan: Plan, subnet: Subnet | None) -> tuple[str, ...]:
    """What names no security group is in its VPC's default one."""
    if plan.kind in _UNGUARDED or subnet is None:
        return ()
    name = default_group(reading, subnet.vpc)
    return (name,) if name in reading.net.security_groups else ()


def addresses_in(props: Props, *keys: str) -> AddressSet:
    """The addresses that these attributes hold; those that are not known yet are left out."""
    found: list[AddressSet] = []
    for key in keys:
        for one in props.items(key):
            if not isinstance(one, str) or not one:
                continue
            try:
                found.append(of_address(one.partition("/")[0]))
            except ValueError:
                message = f"`{one}` is no address"
                props.reading.complain(props.resource, key, message)
    return IntervalSet.union_of(found)


def first_card(reading: Reading, name: str) -> str:
    """The id of the interface that a word names: its own, or its owner's first one."""
    wanted = reading.renamed.get(name, name).removesuffix(".primary_network_interface_id")
    wanted = wanted.removesuffix(".network_interface_id")
    if wanted in reading.net.interfaces:
        return wanted
    held = reading.net.interfaces.values()
    return next((one.id for one in held if one.owner == wanted), wanted)
