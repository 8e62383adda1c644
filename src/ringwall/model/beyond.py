"""What joins a VPC to other networks, and what stands between: AWS's nouns, with AWS's names.

Peering, transit gateways, VPN and Direct Connect gateways lead out of a VPC by other ways than the
Internet; a Network Firewall stands on a way; Block Public Access is a switch over all of them.
The conventions for what is not known are those of :mod:`ringwall.model.network`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ringwall.model.addresses import AddressSet, IPNetwork
from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.services import ServiceSet
from ringwall.model.tags import Tags, no_tags


@dataclass(frozen=True, slots=True)
class PeeringSide:
    """One VPC of a peering connection; ``cidrs`` are its blocks as the connection names them
    (the VPC itself may stand in an account that the material does not show)."""

    vpc: str
    cidrs: tuple[IPNetwork, ...] = ()
    region: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class PeeringConnection:
    """``active`` is None where the material does not say (a template that asks for the peering
    of another account cannot know whether that account accepts)."""

    id: str
    requester: PeeringSide
    accepter: PeeringSide
    active: bool | None = True
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT

    def other(self, vpc: str) -> PeeringSide | None:
        """The side across from a VPC; None for a VPC that is on neither."""
        if vpc == self.requester.vpc:
            return self.accepter
        return self.requester if vpc == self.accepter.vpc else None


@dataclass(frozen=True, slots=True)
class TransitGateway:
    """``group_references`` is the gateway's own support for references to security groups
    (None: not known)."""

    id: str
    region: str = ""
    account: str = ""
    group_references: bool | None = None
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


AttachmentKind = Literal["vpc", "vpn", "direct-connect-gateway", "peering", "connect", "other"]


@dataclass(frozen=True, slots=True)
class TransitGatewayAttachment:
    """``resource`` is what is attached: a VPC, VPN connection, Direct Connect gateway, or (kind
    ``peering``) the other transit gateway.

    ``subnets`` hold the interfaces of a VPC attachment, one subnet per zone that it serves.
    ``available`` and ``group_references`` are None where the material does not say.
    """

    id: str
    gateway: str
    kind: AttachmentKind
    resource: str
    subnets: tuple[str, ...] = ()
    available: bool | None = True
    appliance_mode: bool = False
    group_references: bool | None = None
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A static route of a transit gateway's route table, or one that was propagated and is listed.

    ``attachment`` is empty for a blackhole.
    """

    destination: IPNetwork | str
    attachment: str = ""
    blackhole: bool = False
    propagated: bool = False
    certain: bool = True
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class TransitGatewayRouteTable:
    """``associated`` attachments look their packets up here; ``propagating`` ones add their own
    blocks: a VPC its CIDR blocks, a VPN connection its static routes (what a VPN connection or a
    Direct Connect gateway learns by BGP is known only where ``routes`` lists it).
    """

    id: str
    gateway: str
    associated: tuple[str, ...] = ()
    propagating: tuple[str, ...] = ()
    routes: tuple[TransitRoute, ...] = ()
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class VpnGateway:
    """A virtual private gateway: the AWS side of VPN connections and of Direct Connect."""

    id: str
    vpcs: tuple[str, ...]
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class VpnConnection:
    """Site-to-Site VPN. ``gateway`` is a virtual private gateway or a transit gateway.

    ``routes`` are its static routes, the blocks on premises; a connection with BGP
    (``dynamic``) learns others that the material may not list.
    """

    id: str
    gateway: str
    customer_gateway: str = ""
    routes: tuple[IPNetwork, ...] = ()
    dynamic: bool = False
    available: bool | None = True
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class DirectConnectGateway:
    """``gateways`` are the virtual private and transit gateways associated with it; ``prefixes``
    the blocks that a transit gateway's association is allowed to announce."""

    id: str
    gateways: tuple[str, ...] = ()
    prefixes: tuple[IPNetwork, ...] = ()
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


FirewallAction = Literal["pass", "drop", "forward"]


@dataclass(frozen=True, slots=True)
class FirewallRule:
    """A 5-tuple rule of a Network Firewall. An address set is the whole line for "any".

    ``services`` are destination ports by protocol (ICMP: all types); ``source_ports`` is None for
    any. ``forward`` hands a packet on to the stateful rules. ``both_ways`` is the stateful
    direction ``ANY``. ``certain=False``: the rule may match less than it says.
    """

    priority: int
    action: FirewallAction
    sources: AddressSet
    destinations: AddressSet
    services: ServiceSet
    source_ports: tuple[tuple[int, int], ...] | None = None
    both_ways: bool = False
    certain: bool = True
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class NetworkFirewall:
    """AWS Network Firewall with its policy.

    ``endpoints`` are the ids of its VPC endpoints (kind ``firewall``), one per zone. Stateless
    rules are judged first, by priority; what they forward meets the stateful ones. With
    ``strict`` order these go by priority, first match wins, and ``stateful_default`` decides what
    no rule names; with the default action order all pass rules go before all drop rules, and what
    no rule names passes. ``opaque`` says why the policy is not wholly understood (Suricata rules,
    domain lists, a managed rule group); then whatever the rules here would let through is not
    known, and with stateful opacity neither is what they drop.
    """

    id: str
    vpc: str
    endpoints: tuple[str, ...]
    stateless: tuple[FirewallRule, ...] = ()
    stateless_default: FirewallAction = "forward"
    stateful: tuple[FirewallRule, ...] = ()
    strict: bool = False
    stateful_default: Literal["pass", "drop"] = "pass"
    opaque: str = ""
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class PublicAccessExclusion:
    """A VPC or subnet (``resource``) that Block Public Access leaves alone."""

    resource: str
    mode: Literal["allow-bidirectional", "allow-egress"]
    origin: Origin = IMPLICIT


@dataclass(frozen=True, slots=True)
class BlockPublicAccess:
    """VPC Block Public Access of one account and Region.

    ``block-bidirectional`` stops whatever crosses an internet gateway or an egress-only one;
    ``block-ingress`` stops what comes in and is not the answer to a NAT gateway's or an
    egress-only gateway's own connections.
    """

    mode: Literal["off", "block-bidirectional", "block-ingress"] = "off"
    region: str = ""
    exclusions: tuple[PublicAccessExclusion, ...] = ()
    origin: Origin = IMPLICIT
