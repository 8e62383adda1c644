"""NAT gateways and VPC endpoints."""

from __future__ import annotations

from typing import Literal

from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import NatGateway, NetworkInterface, VpcEndpoint, Workload
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown
from ringwall.sources.describe.spare import add_spares

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
        held = _nat_interfaces(one, identity, subnet, builder)
        if not subnet or len(held) != 1:
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
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        builder.workloads[identity] = Workload(
            identity, "AWS::EC2::NatGateway", tags.get("Name", ""), True, tags, one.origin
        )


def _nat_interfaces(nat: Item, identity: str, subnet: str, builder: NetworkBuilder) -> list[str]:
    """The gateway's interfaces; one that no other list shows is made from what is said here.

    Addresses may share an interface, so the same id counts once.
    """
    found: list[str] = []
    for one in nat.items("NatGatewayAddresses"):
        card = one.text("NetworkInterfaceId")
        private = one.address("PrivateIp")
        public = one.address("PublicIp") or EMPTY
        if not card or one.text("Status") in ("failed", "disassociating", "unassigning"):
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
    by_service = {one.name: one.id for one in builder.prefix_lists.values() if one.name}
    for one in dump.items("vpcendpoints"):
        identity = one.need("VpcEndpointId")
        if _is_dead(one, identity, "endpoint", builder):
            continue
        kind = _endpoint_kind(one)
        service = one.text("ServiceName")
        tags = dump.tags(one, identity)
        builder.endpoints[identity] = VpcEndpoint(
            id=identity,
            vpc=one.need("VpcId"),
            kind=kind,
            service=service,
            route_tables=one.texts("RouteTableIds"),
            prefix_list=by_service.get(service, "") if kind == "gateway" else "",
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        if kind == "interface":
            builder.workloads[identity] = Workload(
                identity, "AWS::EC2::VPCEndpoint", tags.get("Name", ""), False, tags, one.origin
            )
            groups = tuple(group.need("GroupId") for group in one.items("Groups"))
            subnets = one.texts("SubnetIds")
            add_spares(builder, identity, "vpc-endpoint", subnets, groups, one)
        elif kind == "other":
            what = shown(one.text("VpcEndpointType"))
            message = f"endpoint `{shown(identity)}` has type `{what}`: its paths are not followed"
            affects = (identity,)
            builder.gap("unmodelled", identity, message, affects=affects, origin=one.origin)
        elif not builder.endpoints[identity].prefix_list:
            message = (
                f"the prefix list of `{shown(service)}` is not in the dump; "
                "`describe-prefix-lists` tells it"
            )
            affects = (identity,)
            builder.gap("missing", identity, message, affects=affects, origin=one.origin)


def _endpoint_kind(item: Item) -> Literal["gateway", "interface", "other"]:
    """The type; the oldest dumps have none, and then there were gateway endpoints only."""
    word = item.text("VpcEndpointType", "Gateway").lower()
    if word == "gateway":
        return "gateway"
    return "interface" if word == "interface" else "other"
