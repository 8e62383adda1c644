"""Route tables."""

from __future__ import annotations

from ringwall.model.addresses import IPNetwork
from ringwall.model.network import Route, RouteTable, TargetKind
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown

_PROPAGATED = frozenset({"EnableVgwRoutePropagation", "Advertisement"})
_LIVE = frozenset({"", "associated", "associating"})

#: Where a route may lead, in the order of trust: an interface says more than its instance.
_TARGETS: tuple[tuple[str, TargetKind], ...] = (
    ("NatGatewayId", "nat-gateway"),
    ("TransitGatewayId", "transit-gateway"),
    ("VpcPeeringConnectionId", "vpc-peering"),
    ("EgressOnlyInternetGatewayId", "egress-only-internet-gateway"),
    ("VpcEndpointId", "vpc-endpoint"),
    ("NetworkInterfaceId", "network-interface"),
    ("CarrierGatewayId", "unknown"),
    ("LocalGatewayId", "unknown"),
    ("CoreNetworkArn", "unknown"),
    ("OdbNetworkArn", "unknown"),
)
_PREFIXES: tuple[tuple[str, TargetKind], ...] = (
    ("igw-", "internet-gateway"),
    ("vgw-", "vpn-gateway"),
    ("vpce-", "vpc-endpoint"),
    ("eigw-", "egress-only-internet-gateway"),
    ("tgw-", "transit-gateway"),
    ("pcx-", "vpc-peering"),
)


def read_route_tables(dump: Dump, builder: NetworkBuilder) -> None:
    """Reads the route tables; interfaces and gateways must have been read before."""
    vpn = {one.text("VpnGatewayId") for one in dump.items("vpngateways")}
    for one in dump.items("routetables"):
        identity = one.need("RouteTableId")
        tags = dump.tags(one, identity)
        ties = [tie for tie in one.items("Associations") if _lives(tie)]
        builder.route_tables[identity] = RouteTable(
            id=identity,
            vpc=one.need("VpcId"),
            main=any(tie.flag("Main") for tie in ties),
            subnets=tuple(tie.need("SubnetId") for tie in ties if tie.text("SubnetId")),
            gateways=tuple(tie.need("GatewayId") for tie in ties if tie.text("GatewayId")),
            routes=tuple(_route(route, builder, vpn) for route in one.items("Routes")),
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )


def _lives(tie: Item) -> bool:
    state = tie.item("AssociationState")
    return (state.text("State") if state else "") in _LIVE


def _route(item: Item, builder: NetworkBuilder, vpn: set[str]) -> Route:
    kind, target = _target(item, builder, vpn)
    blackhole = item.text("State") == "blackhole"
    if kind == "unknown" and not blackhole:
        builder.gap(
            "unmodelled",
            target,
            f"a route leads to `{shown(target)}`, which Ringwall does not follow",
            affects=(target,),
            origin=item.origin,
        )
    return Route(
        destination=_destination(item),
        target_kind=kind,
        target=target,
        blackhole=blackhole,
        propagated=item.text("Origin") in _PROPAGATED,
        origin=item.origin,
    )


def _destination(item: Item) -> IPNetwork | str:
    cidr = item.network("DestinationCidrBlock") or item.network("DestinationIpv6CidrBlock")
    if cidr is not None:
        return cidr
    listed = item.text("DestinationPrefixListId")
    if not listed:
        raise item.error("DestinationCidrBlock", "the route has no destination")
    return listed


def _target(item: Item, builder: NetworkBuilder, vpn: set[str]) -> tuple[TargetKind, str]:
    for key, kind in _TARGETS:
        target = item.text(key)
        if target:
            return kind, target
    gateway = item.text("GatewayId")
    if gateway:
        return _gateway_kind(gateway, builder, vpn), gateway
    instance = item.text("InstanceId")
    if instance:
        return "network-interface", _first_interface(instance, builder)
    if item.text("State") == "blackhole":
        return "unknown", "a target that is gone"
    raise item.error("GatewayId", "the route leads nowhere", "run `describe-route-tables` again")


def _gateway_kind(gateway: str, builder: NetworkBuilder, vpn: set[str]) -> TargetKind:
    """By what the dump holds under this id first: ids may have been made anonymous."""
    if gateway == "local":
        return "local"
    if gateway in builder.internet_gateways:
        egress_only = builder.internet_gateways[gateway].egress_only
        return "egress-only-internet-gateway" if egress_only else "internet-gateway"
    if gateway in builder.endpoints:
        return "vpc-endpoint"
    if gateway in vpn:
        return "vpn-gateway"
    for prefix, kind in _PREFIXES:
        if gateway.startswith(prefix):
            return kind
    return "unknown"


def _first_interface(instance: str, builder: NetworkBuilder) -> str:
    """The interface that a route to an instance means; interfaces are held first device first."""
    own = [one.id for one in builder.interfaces.values() if one.owner == instance]
    return own[0] if own else instance
