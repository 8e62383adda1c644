"""NAT gateways and VPC endpoints."""

from __future__ import annotations

from typing import Literal

from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import NatGateway, NetworkInterface, VpcEndpoint, Workload
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.firewalls import firewall_endpoints
from ringwall.sources.describe.item import Item, shown
from ringwall.sources.describe.places import zone_words
from ringwall.sources.describe.spare import add_spares

_LEAVING = frozenset({"failed", "disassociating", "unassigning"})
_DEAD = frozenset({"deleted", "deleting", "failed", "rejected", "expired"})


def _is_dead(item: Item, identity: str, what: str, builder: NetworkBuilder) -> bool:
    state = item.text("State").lower()
    if state in _DEAD:
        message = f"{what} `{shown(identity)}` is {state}: it carries no traffic"
        builder.gap("unmodelled", identity, message, origin=item.origin)
    return state in _DEAD


def read_nat_gateways(dump: Dump, builder: NetworkBuilder) -> None:
    for one in dump.items("natgateways"):
        identity = one.need("NatGatewayId")
        if _is_dead(one, identity, "NAT gateway", builder):
            continue
        tags, subnet = dump.tags(one, identity), one.text("SubnetId")
        regional = one.text("AvailabilityMode").lower() == "regional"
        held = _nat_interfaces(one, identity, subnet, builder)
        if not regional and (not subnet or len(held) != 1):
            why = "has several interfaces" if len(held) > 1 else "is in no single subnet"
            message = (
                f"NAT gateway `{shown(identity)}` {why}; which way packets take is not modelled"
            )
            affects = (identity,)
            builder.gap("unmodelled", identity, message, affects=affects, origin=one.origin)
        builder.nat_gateways[identity] = NatGateway(
            id=identity,
            vpc=one.text("VpcId"),
            subnet=subnet,
            interface=held[0] if held else "",
            public=one.text("ConnectivityType", "public") == "public",
            regional=regional,
            route_table=one.text("RouteTableId"),
            zones=_zones(one, dump) if regional else None,
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        builder.workloads[identity] = Workload(
            identity,
            "AWS::EC2::NatGateway",
            tags.get("Name", ""),
            zonal=not regional,
            tags=tags,
            origin=one.origin,
        )


def _zones(nat: Item, dump: Dump) -> tuple[str, ...] | None:
    """The zones that a regional gateway serves; None where AWS adds zones by itself."""
    if nat.text("AutoProvisionZones").lower() == "enabled":
        return None
    zone_of = zone_words(dump)
    found: set[str] = set()
    for one in nat.items("NatGatewayAddresses"):
        zone = zone_of(one)
        if not zone:
            return None
        if one.text("Status") not in _LEAVING:
            found.add(zone)
    return tuple(sorted(found)) or None


def _nat_interfaces(nat: Item, identity: str, subnet: str, builder: NetworkBuilder) -> list[str]:
    """The gateway's interfaces; one that no other list shows is made from what is said here.

    Addresses may share an interface, so the same id counts once.
    """
    found: list[str] = []
    for one in nat.items("NatGatewayAddresses"):
        card = one.text("NetworkInterfaceId")
        private = one.address("PrivateIp")
        public = one.address("PublicIp") or EMPTY
        if not card or one.text("Status") in _LEAVING:
            continue
        found.append(card)
        if card not in builder.interfaces and subnet:
            builder.interfaces[card] = NetworkInterface(
                id=card,
                subnet=subnet,
                addresses=private or IntervalSet(),
                groups=(),
                kind="nat-gateway",
                public=bool(public),
                public_addresses=public,
                owner=identity,
                source_dest_check=False,
                origin=one.origin,
            )
    return list(dict.fromkeys(found))


def read_endpoints(dump: Dump, builder: NetworkBuilder) -> None:
    """Reads VPC endpoints; interfaces and prefix lists must have been read before."""
    firewalls = firewall_endpoints(dump)
    by_service = {one.name: one.id for one in builder.prefix_lists.values() if one.name}
    for one in dump.items("vpcendpoints"):
        identity = one.need("VpcEndpointId")
        if _is_dead(one, identity, "endpoint", builder):
            continue
        kind = "firewall" if identity in firewalls else _endpoint_kind(one)
        service = one.text("ServiceName")
        tags = dump.tags(one, identity)
        builder.endpoints[identity] = VpcEndpoint(
            id=identity,
            vpc=one.need("VpcId"),
            kind=kind,
            service=service,
            route_tables=one.texts("RouteTableIds"),
            subnets=one.texts("SubnetIds"),
            prefix_list=by_service.get(service, "") if kind == "gateway" else "",
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        if kind == "interface":
            builder.workloads[identity] = Workload(
                identity,
                "AWS::EC2::VPCEndpoint",
                tags.get("Name", ""),
                zonal=False,
                tags=tags,
                origin=one.origin,
            )
            groups = tuple(group.need("GroupId") for group in one.items("Groups"))
            subnets = one.texts("SubnetIds")
            add_spares(builder, identity, "vpc-endpoint", subnets, groups, one)
        elif kind == "other":
            what = shown(one.text("VpcEndpointType"))
            message = f"endpoint `{shown(identity)}` has type `{what}`: its paths are not followed"
            affects = (identity,)
            builder.gap("unmodelled", identity, message, affects=affects, origin=one.origin)
        elif kind == "gateway-load-balancer":
            message = (
                f"endpoint `{shown(identity)}` leads to appliances behind a Gateway Load Balancer: "
                "what they hand on is their own configuration"
            )
            affects = (identity,)
            builder.gap("unmodelled", identity, message, affects=affects, origin=one.origin)
        elif kind == "gateway" and not builder.endpoints[identity].prefix_list:
            message = (
                f"the prefix list of `{shown(service)}` is not in the dump; "
                "`describe-prefix-lists` tells it"
            )
            affects = (identity,)
            builder.gap("missing", identity, message, affects=affects, origin=one.origin)


def _endpoint_kind(
    item: Item,
) -> Literal["gateway", "interface", "firewall", "gateway-load-balancer", "other"]:
    """The type; the oldest dumps have none, and then there were gateway endpoints only."""
    word = item.text("VpcEndpointType", "Gateway").lower()
    if word == "gateway":
        return "gateway"
    if word == "gatewayloadbalancer":
        return "gateway-load-balancer"
    return "interface" if word == "interface" else "other"
