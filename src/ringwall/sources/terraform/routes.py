"""Route tables: what AWS makes beside a VPC, those of the plan, their routes and what they serve.

The provider empties a main route table that it adopts (``aws_default_route_table``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.network import Route, RouteTable, TargetKind
from ringwall.sources.terraform.catalogue import Named
from ringwall.sources.terraform.compute import CARD, INSTANCE
from ringwall.sources.terraform.interfaces import first_card
from ringwall.sources.terraform.prefix_lists import LISTS, need_prefix_list
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.values import Unknown
from ringwall.sources.terraform.vpcs import (
    SUBNET,
    VPC,
    rename,
    stand_in_gateway,
    stands_already,
    vpc_named,
)

TABLE = ("aws_route_table", "aws_default_route_table")
GATEWAY = ("aws_internet_gateway", "aws_vpn_gateway")
ENDPOINT = "aws_vpc_endpoint"
_PART = "default_route_table_id"
_EVERYWHERE = tuple(parse_network(text) for text in ("0.0.0.0/0", "::/0"))
_FIREWALL = "aws_networkfirewall_firewall"
#: The attributes that name a target, with its kind and the types it may have.
_TARGETS: dict[str, tuple[TargetKind, tuple[str, ...]]] = {
    "gateway_id": ("internet-gateway", (*GATEWAY, ENDPOINT)),
    "nat_gateway_id": ("nat-gateway", ("aws_nat_gateway",)),
    "egress_only_gateway_id": (
        "egress-only-internet-gateway", ("aws_egress_only_internet_gateway",)
    ),
    "vpc_endpoint_id": ("vpc-endpoint", (ENDPOINT, _FIREWALL)),
    "network_interface_id": ("network-interface", (CARD, *INSTANCE)),
    "instance_id": ("network-interface", INSTANCE),
    "transit_gateway_id": ("transit-gateway", ("aws_ec2_transit_gateway",)),
    "vpc_peering_connection_id": ("vpc-peering", ("aws_vpc_peering_connection",)),
    "carrier_gateway_id": ("unknown", ("aws_ec2_carrier_gateway",)),
    "local_gateway_id": ("unknown", ()),
    "core_network_arn": ("unknown", ()),
}  # fmt: skip
_BY_PREFIX: dict[str, TargetKind] = {
    "vgw-": "vpn-gateway",
    "vpce-": "vpc-endpoint",
    "eigw-": "egress-only-internet-gateway",
}


@dataclass(frozen=True, slots=True)
class _Leads:
    """Where a route leads."""

    kind: TargetKind
    target: str
    doubt: str = ""


def read_route_tables(reading: Reading) -> None:
    """Fill in the route tables; call it after gateways, interfaces and prefix lists."""
    for props in reading.of_type("aws_default_route_table"):
        made = props.one("default_route_table_id", *VPC)
        vpc = made.removesuffix(f".{_PART}") if made.endswith(_PART) else vpc_named(props)
        rename(reading, vpc, _PART, props.id)
        _hold(reading, props, vpc, main=True)
    for vpc in reading.net.vpcs:
        _hold_main(reading, vpc)
    for props in reading.of_type("aws_route_table"):
        _hold(reading, props, vpc_named(props), main=False)
    for props in reading.of_type("aws_route"):
        _add_route(reading, props)
    _serve(reading)
    _propagate(reading)


def _hold_main(reading: Reading, vpc: str) -> None:
    """AWS's own main route table, where no resource adopts it: it holds no routes but local ones.

    That of a VPC which stands already may hold any; one to the Internet stands for them.
    """
    name = reading.renamed.get(f"{vpc}.{_PART}", f"{vpc}.{_PART}")
    if name in reading.net.route_tables:
        return
    routes: tuple[Route, ...] = ()
    if stands_already(reading, vpc):
        message = f"which route tables serve the subnets of `{vpc}` is not in the plan"
        reading.net.gap("missing", name, message, affects=(name,))
        gateway = stand_in_gateway(vpc)
        if gateway in reading.net.internet_gateways:
            routes = tuple(
                Route(block, "internet-gateway", gateway, certain=False) for block in _EVERYWHERE
            )
    reading.net.route_tables[name] = RouteTable(name, vpc, True, (), routes, name="main")


def _hold(reading: Reading, props: Props, vpc: str, *, main: bool) -> None:
    gone = {
        destination
        for one in reading.deleted("aws_route")
        if props.expression("route") is None and props.id in one.named("route_table_id", *TABLE).ids
        for destination in _destinations(one, "destination_")
    }
    routes = [
        _route(block, one, leads)
        for block in props.each("route")
        for one in _destinations(block, "")
        if one not in gone
        for leads in _leads(block)
    ]
    if props.unknown("route") and props.given("route") and not routes:
        message = f"the routes of the table are not known: {props.unknown('route')}"
        reading.gap("unresolved", props.resource, message, affects=(props.id,))
    reading.net.route_tables[props.id] = RouteTable(
        id=props.id,
        vpc=vpc,
        main=main,
        subnets=(),
        routes=tuple(routes),
        name=props.name() or props.label,
        tags=props.tags(),
        origin=props.origin(),
    )


def _destinations(block: Props, prefix: str) -> Iterator[IPNetwork | str]:
    """The destination of a route: a block, or a prefix list."""
    missing = ""
    for key in (f"{prefix}cidr_block", f"{prefix}ipv6_cidr_block"):
        found = block.cidr(key)
        if isinstance(found, Unknown):
            missing = missing or (found.reason if block.given(key) else "")
        elif found is not None:
            yield found
            return
    listed = block.named("destination_prefix_list_id", *LISTS)
    if listed.id:
        need_prefix_list(block.reading, listed.id)
        yield listed.id
    doubt = listed.doubt or ("" if listed.id else missing)
    if doubt:
        message = f"where a route leads from is not known: {doubt}"
        block.reading.gap("unresolved", block.resource, message, affects=(block.id,))


def _leads(block: Props) -> Iterator[_Leads]:
    """The targets of a route: one, unless the plan leaves several open."""
    reading = block.reading
    found: list[_Leads] = []
    for key, (kind, types) in _TARGETS.items():
        if not block.given(key) or block.text(key) == "local":
            continue
        named = block.named(key, *types)
        for name in named.ids:
            target = first_card(reading, name) if kind == "network-interface" else name
            leads = _kind(reading, kind, target)
            found += [_Leads(leads, one, named.doubt) for one in _standing(block, key, target)]
        if not named.ids:
            found.append(_Leads("unknown", named.doubt or key, named.doubt))
    if not found and block.text("gateway_id") != "local":
        found.append(_Leads("unknown", "no target that the plan shows", "its target is not known"))
    sure = len(found) == 1
    yield from (one if sure else replace(one, doubt=one.doubt or "several fit") for one in found)


def _kind(reading: Reading, kind: TargetKind, target: str) -> TargetKind:
    if kind != "internet-gateway":
        return kind
    made = {"aws_vpn_gateway": "vpn-gateway", ENDPOINT: "vpc-endpoint"}
    by_type = made.get(reading.type_of(target))
    if by_type == "vpn-gateway":
        return "vpn-gateway"
    if by_type == "vpc-endpoint":
        return "vpc-endpoint"
    return next((one for text, one in _BY_PREFIX.items() if target.startswith(text)), kind)


def _standing(block: Props, key: str, target: str) -> tuple[str, ...]:
    """What a target is on the Network; a firewall is met at its endpoints.

    One endpoint is meant: that in the subnet which the expression names too, where it names one.
    """
    reading = block.reading
    firewall = reading.net.firewalls.get(target)
    if reading.type_of(target) != _FIREWALL or firewall is None:
        return (target,)
    named = block.named(key, *SUBNET).ids
    near = [f"{target}@{one}" for one in named if f"{target}@{one}" in firewall.endpoints]
    return tuple(near) if len(near) == 1 else firewall.endpoints or (target,)


def _route(props: Props, destination: IPNetwork | str, leads: _Leads) -> Route:
    if leads.doubt:
        message = f"where a route to `{destination}` leads is not known: {leads.doubt}"
        props.reading.gap("unresolved", props.resource, message)
    return Route(
        destination=destination,
        target_kind=leads.kind,
        target=leads.target,
        certain=not leads.doubt,
        origin=props.origin(),
    )


def _add_route(reading: Reading, props: Props) -> None:
    tables = props.named("route_table_id", *TABLE)
    routes = [
        _route(props, one, leads)
        for one in _destinations(props, "destination_")
        for leads in _leads(props)
    ]
    if tables.doubt or not routes:
        message = tables.doubt or "the destination of the route is not known"
        reading.gap("unresolved", props.resource, message, affects=() if routes else tables.ids)
    for name in tables.ids:
        table = reading.net.route_tables.get(name)
        if table is None:
            message = f"the route table `{name}` of this route is not in the plan"
            reading.gap("missing", props.resource, message, affects=(name,))
            continue
        more = [replace(one, certain=one.certain and not tables.doubt) for one in routes]
        # A state repeats inline the routes that are resources themselves.
        own = {one.destination for one in more}
        kept = [
            one
            for one in table.routes
            if one.destination not in own or not one.origin.pointer.startswith(f"{name}/")
        ]
        reading.net.route_tables[name] = replace(table, routes=(*kept, *more))


def _serve(reading: Reading) -> None:
    taken: dict[str, str] = {}
    for props in reading.of_type("aws_route_table_association"):
        if props.given("gateway_id"):
            gateway = props.one("gateway_id", *GATEWAY)
            table = props.one("route_table_id", *TABLE, affects=(gateway,))
            _hold_edge(reading, props, table, gateway)
            continue
        subnets = props.named("subnet_id", *SUBNET)
        tables = props.named("route_table_id", *TABLE)
        doubt = subnets.doubt or tables.doubt
        if doubt or any(one in taken for one in subnets.ids):
            message = f"which route table serves a subnet is not known: {doubt or 'two claim it'}"
            affects = subnets.ids
            reading.gap("unresolved", props.resource, message, affects=affects)
        for subnet in subnets.ids if not subnets.doubt else ():
            taken[subnet] = tables.id
            _serve_one(reading, props, tables, subnet)
    for props in reading.of_type("aws_main_route_table_association"):
        _make_main(reading, props)


def _serve_one(reading: Reading, props: Props, tables: Named, subnet: str) -> None:
    table = reading.net.route_tables.get(tables.id)
    if table is None:
        message = f"the route table `{tables.id}` that serves `{subnet}` is not in the plan"
        reading.gap("missing", props.resource, message, affects=(subnet,))
    elif subnet not in table.subnets:
        served = replace(table, subnets=(*table.subnets, subnet))
        reading.net.route_tables[table.id] = served


def _hold_edge(reading: Reading, props: Props, table: str, gateway: str) -> None:
    held = reading.net.route_tables.get(table)
    if held is None:
        message = f"what routes traffic that enters through `{gateway}` is not in the plan"
        reading.gap("missing", props.resource, message, affects=(gateway,))
    else:
        reading.net.route_tables[table] = replace(held, gateways=(*held.gateways, gateway))


def _make_main(reading: Reading, props: Props) -> None:
    vpc = props.one("vpc_id", *VPC)
    chosen = props.one("route_table_id", *TABLE, affects=(vpc,))
    if chosen not in reading.net.route_tables:
        message = f"the main route table of `{vpc}` is not in the plan"
        reading.gap("missing", props.resource, message, affects=(vpc,))
        return
    for table in list(reading.net.route_tables.values()):
        if table.vpc == vpc:
            main = table.id == chosen
            reading.net.route_tables[table.id] = replace(table, main=main)


def _propagate(reading: Reading) -> None:
    """Routes that a VPN gateway adds: those of its connections, as far as they are listed."""
    pairs: list[tuple[Props, str, str]] = []
    for props in reading.of_type("aws_vpn_gateway_route_propagation"):
        gateway = props.one("vpn_gateway_id", "aws_vpn_gateway")
        pairs.append((props, props.one("route_table_id", *TABLE), gateway))
    for props in reading.of_type(*TABLE):
        for gateway in props.many("propagating_vgws", "aws_vpn_gateway"):
            pairs.append((props, props.id, gateway))
    for props, name, gateway in {one[1:]: one for one in pairs}.values():
        table = reading.net.route_tables.get(name)
        if table is None:
            continue
        routes: list[Route] = []
        for link in reading.net.vpn_connections.values():
            if link.gateway != gateway:
                continue
            routes += [
                Route(block, "vpn-gateway", gateway, propagated=True, origin=link.origin)
                for block in link.routes
            ]
            if link.dynamic:
                message = f"the routes that `{link.id}` learns by BGP are not in the plan"
                reading.gap("missing", props.resource, message, affects=(name,))
        reading.net.route_tables[name] = replace(table, routes=(*table.routes, *routes))
