"""The one model of the network: AWS's nouns, with AWS's names.

Readers (``ringwall.sources``) build a :class:`Network`; everything that judges looks only at it.

Two conventions carry the third truth value through the whole project:

* A rule or route that the reader could not resolve wholly has ``certain=False`` and matches *more*
  than the real one could (an over-approximation). An optimistic reading uses such an allow, a
  pessimistic one does not; where the two readings differ, the verdict is *unknown*.
* Whatever is missing or not modelled is a :class:`Gap` on the Network. A gap that names a resource
  in ``affects`` makes every path through that resource unknown, with the gap's message as reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ringwall.model.addresses import AddressSet, IPNetwork
from ringwall.model.beyond import (
    BlockPublicAccess,
    DirectConnectGateway,
    NetworkFirewall,
    PeeringConnection,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    VpnConnection,
    VpnGateway,
)
from ringwall.model.intervals import EMPTY
from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.services import ServiceSet
from ringwall.model.tags import Tags, no_tags


@dataclass(frozen=True, slots=True)
class Vpc:
    id: str
    cidrs: tuple[IPNetwork, ...]
    name: str = ""
    region: str = ""
    account: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Subnet:
    id: str
    vpc: str
    zone: str
    cidrs: tuple[IPNetwork, ...]
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


TargetKind = Literal[
    "local",
    "internet-gateway",
    "egress-only-internet-gateway",
    "nat-gateway",
    "vpc-endpoint",
    "network-interface",
    "vpc-peering",
    "transit-gateway",
    "vpn-gateway",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. ``destination`` is a CIDR block, or the id of a prefix list."""

    destination: IPNetwork | str
    target_kind: TargetKind
    target: str
    blackhole: bool = False
    propagated: bool = False
    certain: bool = True
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class RouteTable:
    """``subnets`` are explicit associations only; ``main`` serves the VPC's other subnets.

    ``gateways`` are edge associations (an internet or VPN gateway's id). The local routes need
    not be listed: every route table has them, one per CIDR block of its VPC.
    """

    id: str
    vpc: str
    main: bool
    subnets: tuple[str, ...]
    routes: tuple[Route, ...]
    gateways: tuple[str, ...] = ()
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One rule of a network ACL; the implicit final deny is never listed.

    ``cidr`` is the source of an ingress rule and the destination of an egress rule. An uncertain
    entry (``certain=False``) holds the widest match that it could have.
    """

    number: int
    egress: bool
    allow: bool
    cidr: IPNetwork
    services: ServiceSet
    certain: bool = True
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    id: str
    vpc: str
    default: bool
    subnets: tuple[str, ...]
    entries: tuple[AclEntry, ...]
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class CidrPeer:
    cidr: IPNetwork

    def __str__(self) -> str:
        return str(self.cidr)


@dataclass(frozen=True, slots=True)
class GroupPeer:
    """The private addresses of the interfaces in a security group."""

    group: str

    def __str__(self) -> str:
        return self.group


@dataclass(frozen=True, slots=True)
class PrefixListPeer:
    prefix_list: str

    def __str__(self) -> str:
        return self.prefix_list


@dataclass(frozen=True, slots=True)
class AnyPeer:
    """Stands for a peer that the reader could not resolve; only in rules with ``certain=False``."""

    reason: str

    def __str__(self) -> str:
        return f"unresolved ({self.reason})"


Peer = CidrPeer | GroupPeer | PrefixListPeer | AnyPeer


@dataclass(frozen=True, slots=True)
class SecurityGroupRule:
    peer: Peer
    services: ServiceSet
    description: str = ""
    id: str = ""
    certain: bool = True
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """``vpcs`` are further VPCs of the Region that it was associated with (its own not listed)."""

    id: str
    vpc: str
    name: str
    ingress: tuple[SecurityGroupRule, ...]
    egress: tuple[SecurityGroupRule, ...]
    vpcs: tuple[str, ...] = ()
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


InterfaceKind = Literal[
    "instance", "load-balancer", "nat-gateway", "vpc-endpoint", "database", "cache", "function",
    "transit", "other",
]  # fmt: skip
#: Interfaces of AWS's own gateways: traffic passes them, none begins or ends there.
WAY_KINDS: frozenset[InterfaceKind] = frozenset({"nat-gateway", "transit"})


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """An end of traffic inside a VPC (or, see ``WAY_KINDS``, a gateway's place on the way).

    ``transit`` is what a transit gateway's attachment, a firewall's or a Gateway Load Balancer's
    endpoint stands on.
    ``addresses`` are the private addresses it has, or (``pinned=False``: a template, where AWS
    picks the address later) those it may have: every usable address of its subnet. ``public``
    says whether its private IPv4 address has a public one at the internet gateway (None: not
    known); ``public_addresses`` lists those that are known. ``owner`` is the id of the resource
    that the interface serves (an instance, an Auto Scaling group, a DB instance ...), ``service``
    and ``tier`` its place in a design. ``client_ports`` is the ephemeral range of clients on it
    (None: not known). ``forwards`` says whether an appliance behind the interface hands on,
    unchanged, what it receives for others (None: its own configuration decides, and is not known).
    """

    id: str
    subnet: str
    addresses: AddressSet
    groups: tuple[str, ...]
    kind: InterfaceKind = "other"
    pinned: bool = True
    public: bool | None = False
    public_addresses: AddressSet = EMPTY
    owner: str = ""
    service: str = ""
    tier: str = ""
    source_dest_check: bool = True
    forwards: bool | None = None
    client_ports: tuple[int, int] | None = None
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Workload:
    """What owns interfaces: its id is their ``owner``.

    ``zonal`` is True where the whole workload sits in one zone at a time and does not move by
    itself when that zone is lost (a single-AZ database), False where it runs in, or fails over
    to, every zone of its interfaces, None where that is not known. ``aliases`` are further words
    that the material names it by (AWS's id beside a Terraform address).
    """

    id: str
    type: str
    name: str = ""
    zonal: bool | None = None
    aliases: tuple[str, ...] = ()
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class InternetGateway:
    id: str
    vpcs: tuple[str, ...]
    egress_only: bool = False
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class NatGateway:
    """``interface`` is the id of its network interface (kind ``nat-gateway``) on the Network.

    A ``regional`` NAT gateway stands in no subnet (``subnet`` and ``interface`` may be empty) and
    has a route table of its own (``route_table``, else the VPC's main one); ``zones`` are those it
    serves (None: all, or not known to be fewer).
    """

    id: str
    vpc: str
    subnet: str
    interface: str
    public: bool = True
    regional: bool = False
    route_table: str = ""
    zones: tuple[str, ...] | None = None
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """A gateway endpoint routes a prefix list; an interface endpoint owns network interfaces.

    A ``firewall`` endpoint leads to a Network Firewall, a ``gateway-load-balancer`` endpoint to
    appliances that are not modelled; routes name both, and ``subnets`` says where they stand.
    """

    id: str
    vpc: str
    kind: Literal["gateway", "interface", "firewall", "gateway-load-balancer", "other"]
    service: str
    route_tables: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    prefix_list: str = ""
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class PrefixList:
    """``entries`` is None where the contents are not known (every use of it is then unknown)."""

    id: str
    name: str
    entries: AddressSet | None
    origin: Origin = IMPLICIT


def unlisted_prefix_list(service: str) -> str:
    """What stands for the id of AWS's prefix list of a service where nobody publishes the id."""
    return f"prefix list of {service}"


@dataclass(frozen=True, slots=True)
class Target:
    """A registered target: an instance, interface or workload id, or an address as text."""

    id: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """``targets`` is None where membership is not known."""

    id: str
    kind: Literal["instance", "ip", "lambda", "alb"]
    protocol: str
    port: int | None
    targets: tuple[Target, ...] | None
    preserve_client_ip: bool | None = None
    name: str = ""
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Listener:
    """``target_groups`` are those any of its rules forwards to (empty: redirect or fixed reply)."""

    protocol: str
    port: int
    target_groups: tuple[str, ...] = ()
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """Its interfaces have kind ``load-balancer`` and this id as ``owner``."""

    id: str
    name: str
    kind: Literal["application", "network", "gateway", "classic"]
    internet_facing: bool
    listeners: tuple[Listener, ...]
    cross_zone: bool = True
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket is reached at the addresses of S3 in its Region, not at an interface.

    ``blocks_public`` says whether its public access block is wholly on. ``only_through`` lists
    the VPC endpoints outside which its policy denies every read and write of objects (empty: no
    such rule; None: the policy was not understood).
    """

    id: str
    name: str
    region: str = ""
    blocks_public: bool | None = None
    only_through: tuple[str, ...] | None = ()
    service: str = ""
    tier: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the material does not say, or that Ringwall does not model.

    ``affects`` names the resources through which a verdict becomes unknown; empty means that the
    gap is on record and touches no path (a resource type that carries no traffic).
    """

    kind: Literal["missing", "unmodelled", "unresolved"]
    subject: str
    message: str
    affects: tuple[str, ...] = ()
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Everything one source says about one or more VPCs; each mapping is keyed by id."""

    source: str
    region: str = ""
    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    route_tables: Mapping[str, RouteTable] = field(default_factory=dict)
    network_acls: Mapping[str, NetworkAcl] = field(default_factory=dict)
    security_groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    interfaces: Mapping[str, NetworkInterface] = field(default_factory=dict)
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    internet_gateways: Mapping[str, InternetGateway] = field(default_factory=dict)
    nat_gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    endpoints: Mapping[str, VpcEndpoint] = field(default_factory=dict)
    prefix_lists: Mapping[str, PrefixList] = field(default_factory=dict)
    load_balancers: Mapping[str, LoadBalancer] = field(default_factory=dict)
    target_groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    peerings: Mapping[str, PeeringConnection] = field(default_factory=dict)
    transit_gateways: Mapping[str, TransitGateway] = field(default_factory=dict)
    transit_attachments: Mapping[str, TransitGatewayAttachment] = field(default_factory=dict)
    transit_route_tables: Mapping[str, TransitGatewayRouteTable] = field(default_factory=dict)
    vpn_gateways: Mapping[str, VpnGateway] = field(default_factory=dict)
    vpn_connections: Mapping[str, VpnConnection] = field(default_factory=dict)
    direct_connect_gateways: Mapping[str, DirectConnectGateway] = field(default_factory=dict)
    firewalls: Mapping[str, NetworkFirewall] = field(default_factory=dict)
    block_public_access: tuple[BlockPublicAccess, ...] = ()
    gaps: tuple[Gap, ...] = ()
