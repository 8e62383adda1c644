"""Calls that the dump lacks: what they would tell is on record, and stays unknown.

Where rules are missing, the Network gets stand-ins that hold the widest rules there could be,
marked uncertain. So traffic that the missing rules cannot touch is still judged: a VPC always
routes its own addresses locally, and network ACLs never look at traffic inside one subnet.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from ringwall.model.beyond import VpnGateway
from ringwall.model.network import (
    AclEntry,
    InternetGateway,
    NetworkAcl,
    Route,
    RouteTable,
)
from ringwall.model.origin import Origin
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import shown

_EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))

#: Calls whose absence is said once: the list, the call, and what stays unknown.
_CALLS: tuple[tuple[str, str, str], ...] = (
    ("vpcs", "describe-vpcs", "which addresses a VPC routes to itself"),
    ("subnets", "describe-subnets", "which subnets there are, and in which zones"),
    ("securitygroups", "describe-security-groups", "what each interface lets through"),
    ("networkinterfaces", "describe-network-interfaces", "ends other than instances"),
    ("internetgateways", "describe-internet-gateways", "which VPCs have a way to the Internet"),
    ("natgateways", "describe-nat-gateways", "which NAT gateways there are"),
    ("vpcendpoints", "describe-vpc-endpoints", "which endpoints there are"),
)


def note_missing(dump: Dump, builder: NetworkBuilder) -> None:
    """Runs last of the readers, when all that the dump does say is on the builder."""
    origin = Origin(builder.source)
    for name, call, what in _CALLS:
        if name not in dump.seen:
            message = f"`{call}` is not in the dump: it would tell {what}"
            builder.gap("missing", call, message, origin=origin)
    for keys, where in dump.cut:
        message = f"the answer with {keys} stops before its end (`NextToken`): run the call again"
        affects = tuple(builder.subnets)
        builder.gap("missing", "NextToken", message, affects=affects, origin=where)
    _note_route_tables(builder, origin)
    _note_network_acls(builder, origin)
    _note_gateways(builder)


def _note_route_tables(builder: NetworkBuilder, origin: Origin) -> None:
    tables = list(builder.route_tables.values())
    with_main = {table.vpc for table in tables if table.main}
    tied = {subnet for table in tables for subnet in table.subnets}
    lost: dict[str, list[str]] = {}
    for subnet in builder.subnets.values():
        if subnet.vpc not in with_main and subnet.id not in tied:
            lost.setdefault(subnet.vpc, []).append(subnet.id)
    for vpc, subnets in lost.items():
        identity = f"{vpc}@routes-not-in-dump"
        reason = (
            f"`describe-route-tables` does not tell the routes of {_list(subnets)}: where traffic "
            f"that leaves `{shown(vpc)}` would go is not known"
        )
        builder.route_tables[identity] = RouteTable(
            id=identity,
            vpc=vpc,
            main=True,
            subnets=(),
            routes=tuple(
                Route(block, "unknown", reason, certain=False, origin=origin)
                for block in _EVERYWHERE
            ),
            origin=origin,
        )
        builder.gap("missing", vpc, reason, affects=_doors(builder, vpc), origin=origin)


def _doors(builder: NetworkBuilder, vpc: str) -> tuple[str, ...]:
    """What traffic passes to leave a VPC. The VPC itself is not named: inside, routes are local."""
    return (
        *(one.id for one in builder.internet_gateways.values() if vpc in one.vpcs),
        *(one.id for one in builder.nat_gateways.values() if one.vpc == vpc),
        *(one.id for one in builder.endpoints.values() if one.vpc == vpc and one.kind == "gateway"),
    )


def _note_network_acls(builder: NetworkBuilder, origin: Origin) -> None:
    tied = {subnet for acl in builder.network_acls.values() for subnet in acl.subnets}
    lost: dict[str, list[str]] = {}
    for subnet in builder.subnets.values():
        if subnet.id not in tied:
            lost.setdefault(subnet.vpc, []).append(subnet.id)
    for vpc, subnets in lost.items():
        identity = f"{vpc}@acl-not-in-dump"
        reason = (
            f"`describe-network-acls` does not tell the network ACL of {_list(subnets)}: what "
            "crosses their borders is not known"
        )
        builder.network_acls[identity] = NetworkAcl(
            id=identity,
            vpc=vpc,
            default=False,
            subnets=tuple(subnets),
            entries=tuple(
                AclEntry(number, egress, True, block, ALL_SERVICES, certain=False, origin=origin)
                for egress in (False, True)
                for number, block in enumerate(_EVERYWHERE, start=1)
            ),
            origin=origin,
        )
        builder.gap("missing", vpc, reason, affects=(identity,), origin=origin)


def _list(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(f"`{shown(name)}`" for name in listed[:3]) + more


def _note_gateways(builder: NetworkBuilder) -> None:
    """An active route to an internet or VPN gateway shows that it exists and is attached to that
    VPC: AWS marks the route a black hole otherwise."""
    for table in list(builder.route_tables.values()):
        for route in table.routes:
            if route.target_kind == "vpn-gateway" and not route.blackhole:
                _note_vpn_gateway(route, table.vpc, builder)
            egress_only = route.target_kind == "egress-only-internet-gateway"
            if route.target_kind != "internet-gateway" and not egress_only:
                continue
            if route.target in builder.internet_gateways or route.blackhole:
                continue
            message = (
                f"internet gateway `{shown(route.target)}` is known only by an active route to it; "
                "`describe-internet-gateways` would tell more"
            )
            builder.gap("missing", route.target, message, origin=route.origin)
            builder.internet_gateways[route.target] = InternetGateway(
                id=route.target, vpcs=(table.vpc,), egress_only=egress_only, origin=route.origin
            )


def _note_vpn_gateway(route: Route, vpc: str, builder: NetworkBuilder) -> None:
    known = builder.vpn_gateways.get(route.target)
    if known is not None:
        return
    message = (
        f"VPN gateway `{shown(route.target)}` is known only by an active route to it; "
        "`describe-vpn-gateways` and `describe-vpn-connections` would tell more"
    )
    builder.gap("missing", route.target, message, origin=route.origin)
    builder.vpn_gateways[route.target] = VpnGateway(route.target, (vpc,), origin=route.origin)
