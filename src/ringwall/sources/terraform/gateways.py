"""NAT gateways, and VPC endpoints with the routes of the gateway ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ringwall.facts.load import facts
from ringwall.model.network import NatGateway, Route, VpcEndpoint
from ringwall.sources.aws_lists import aws_list_of
from ringwall.sources.terraform.catalogue import Named
from ringwall.sources.terraform.groups import GROUP
from ringwall.sources.terraform.interfaces import Plan, addresses_in, place
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.routes import ENDPOINT, TABLE
from ringwall.sources.terraform.vpcs import SUBNET, region_of, vpc_named

NAT = "aws_nat_gateway"
Kind = Literal["gateway", "interface", "firewall", "gateway-load-balancer", "other"]
_KINDS: dict[str, Kind] = {
    "gateway": "gateway",
    "interface": "interface",
    "gatewayloadbalancer": "gateway-load-balancer",
}


def read_nat_gateways(reading: Reading) -> None:
    for props in reading.of_type(NAT):
        public = props.text("connectivity_type", "public").lower() != "private"
        regional = props.text("availability_mode", "zonal").lower() == "regional"
        subnet = "" if regional else props.one("subnet_id", *SUBNET)
        held = reading.net.subnets.get(subnet)
        plan = Plan(
            kind="nat-gateway",
            subnets=(subnet,) if subnet else (),
            groups=(),
            public=public,
            public_addresses=addresses_in(props, "public_ip"),
            tags=props.tags(),
            name=props.name() or props.label,
            zonal=True,
            source_dest_check=False,
            pinned=addresses_in(props, "private_ip", "secondary_private_ip_addresses"),
        )
        cards = place(props, plan) if subnet else ()
        real = props.text("network_interface_id")
        if cards and real:
            reading.renamed[real] = cards[0].id
        reading.net.nat_gateways[props.id] = NatGateway(
            id=props.id,
            vpc=held.vpc if held else vpc_named(props),
            subnet=subnet,
            interface=cards[0].id if cards else "",
            public=public,
            regional=regional,
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )


def read_endpoints(reading: Reading) -> None:
    """Fill in the VPC endpoints that have interfaces; call it after subnets and groups."""
    subnets = _associated(reading, "subnet", "subnet_id", SUBNET)
    groups = _associated(reading, "security_group", "security_group_id", GROUP)
    for props in reading.of_type(ENDPOINT):
        kind = _kind(props)
        stands = dict.fromkeys((*props.many("subnet_ids", *SUBNET), *subnets.get(props.id, ())))
        guards = (*props.many("security_group_ids", *GROUP), *groups.get(props.id, ()))
        if kind != "gateway":
            plan = Plan(
                kind="vpc-endpoint" if kind == "interface" else "transit",
                subnets=tuple(stands),
                groups=tuple(dict.fromkeys(guards)),
                v6="dualstack" in props.text("ip_address_type"),
                tags=props.tags(),
                name=props.name() or props.label,
                zonal=False,
                aliases=(props.label,),
            )
            place(props, plan)
        reading.net.endpoints[props.id] = VpcEndpoint(
            id=props.id,
            vpc=vpc_named(props),
            kind=kind,
            service=props.text("service_name"),
            subnets=tuple(stands),
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )
        if kind == "other":
            message = "only gateway, interface and firewall endpoints are modelled"
            reading.gap("unmodelled", props.resource, message, affects=(props.id,))


def _kind(props: Props) -> Kind:
    return _KINDS.get(props.text("vpc_endpoint_type", "Gateway").lower(), "other")


def _associated(
    reading: Reading, what: str, key: str, types: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """What resources of their own tie to an endpoint, by its id."""
    found: dict[str, tuple[str, ...]] = {}
    for props in reading.of_type(f"aws_vpc_endpoint_{what}_association"):
        endpoint = props.one("vpc_endpoint_id", ENDPOINT)
        found[endpoint] = (*found.get(endpoint, ()), props.one(key, *types, affects=(endpoint,)))
    return found


def read_gateway_endpoints(reading: Reading) -> None:
    """Fill in the routes of gateway endpoints; call it after the route tables."""
    tables = _associated(reading, "route_table", "route_table_id", TABLE)
    for props in reading.of_type(ENDPOINT):
        endpoint = reading.net.endpoints[props.id]
        if endpoint.kind != "gateway":
            continue
        service = endpoint.service.rpartition(".")[2]
        if service not in facts("terraform").values["gateway_services"]:
            message = "the service of this gateway endpoint is not known"
            reading.gap("unresolved", props.resource, message, affects=(props.id,))
        own = props.names("route_table_ids", *TABLE)
        named = Named(tuple(dict.fromkeys((*own.ids, *tables.get(props.id, ())))), own.doubt)
        if named.doubt:
            reading.gap("unresolved", props.resource, named.doubt, affects=(props.id,))
        listed = aws_list_of(reading.net, region_of(reading, props), service) if service else ""
        routed = tuple(one for one in named.ids if one in reading.net.route_tables)
        reading.net.endpoints[props.id] = replace(endpoint, route_tables=routed, prefix_list=listed)
        for name in named.ids:
            _route(reading, props, name, listed, sure=not named.doubt)


def _route(reading: Reading, props: Props, name: str, listed: str, *, sure: bool) -> None:
    table = reading.net.route_tables.get(name)
    if table is None:
        message = f"the route table `{name}` of this endpoint is not in the plan"
        reading.gap("missing", props.resource, message)
        return
    route = Route(
        destination=listed,
        target_kind="vpc-endpoint",
        target=props.id,
        certain=sure,
        origin=props.origin(),
    )
    kept = [one for one in table.routes if (one.target, one.destination) != (props.id, listed)]
    reading.net.route_tables[name] = replace(table, routes=(*kept, route))
