"""Route tables, routes and their associations, and the routes that gateway endpoints add."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.network import Route, RouteTable, TargetKind, VpcEndpoint
from ringwall.sources.cloudformation.nat import regional_gateways
from ringwall.sources.cloudformation.prefix_lists import need_prefix_list, service_prefix_list
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.vpn import propagated

ENDPOINT = "AWS::EC2::VPCEndpoint"
_TARGETS: dict[str, TargetKind] = {
    "GatewayId": "internet-gateway",
    "NatGatewayId": "nat-gateway",
    "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
    "VpcEndpointId": "vpc-endpoint",
    "NetworkInterfaceId": "network-interface",
    "InstanceId": "network-interface",
    "TransitGatewayId": "transit-gateway",
    "VpcPeeringConnectionId": "vpc-peering",
    "CarrierGatewayId": "unknown",
    "CoreNetworkArn": "unknown",
    "LocalGatewayId": "unknown",
    "VpcLatticeServiceNetworkArn": "unknown",
    "OdbNetworkArn": "unknown",
}
_GATEWAY_TYPES: dict[str, TargetKind] = {
    "AWS::EC2::InternetGateway": "internet-gateway",
    "AWS::EC2::VPNGateway": "vpn-gateway",
    "AWS::EC2::VPCEndpoint": "vpc-endpoint",
}
_GATEWAY_PREFIXES: dict[str, TargetKind] = {
    "igw-": "internet-gateway",
    "vgw-": "vpn-gateway",
    "vpce-": "vpc-endpoint",
}
EndpointKind = Literal["gateway", "interface", "gateway-load-balancer", "other"]
_ENDPOINTS: dict[str, EndpointKind] = {
    "gateway": "gateway",
    "interface": "interface",
    "gatewayloadbalancer": "gateway-load-balancer",
}
_EVERYWHERE = {
    "DestinationCidrBlock": parse_network("0.0.0.0/0"),
    "DestinationIpv6CidrBlock": parse_network("::/0"),
}


def main_table(vpc: str) -> str:
    """The id that stands for a VPC's main route table."""
    return f"{vpc}.MainRouteTable"


def read_route_tables(reading: Reading) -> None:
    """Fill in the route tables; call it after VPCs, subnets, gateways and prefix lists."""
    for vpc in reading.net.vpcs:
        name = main_table(vpc)
        reading.net.route_tables[name] = RouteTable(name, vpc, True, (), (), name="main")
    for resource, props in reading.of_type("AWS::EC2::RouteTable"):
        reading.net.route_tables[resource.id] = RouteTable(
            id=resource.id,
            vpc=props.ident("VpcId"),
            main=False,
            subnets=(),
            routes=(),
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
    for nat in regional_gateways(reading):
        reading.net.route_tables[nat.id] = RouteTable(
            nat.id, nat.vpc, False, (), (), name=nat.name, origin=nat.origin
        )
    for resource, props in reading.of_type("AWS::EC2::Route"):
        _read_route(reading, resource, props)
    _doubt_own_routes(reading)
    _read_associations(reading)
    _read_propagation(reading)


def _doubt_own_routes(reading: Reading) -> None:
    """A regional NAT gateway's own route table: what AWS puts there, no resource says."""
    for nat in regional_gateways(reading):
        table = reading.net.route_tables[nat.id]
        everywhere = _EVERYWHERE["DestinationCidrBlock"]
        if any(route.destination == everywhere for route in table.routes):
            continue
        gateways = (one.id for one in reading.net.internet_gateways.values() if nat.vpc in one.vpcs)
        target = next(gateways, f"internet gateway of {nat.vpc}")
        message = (
            "whether its own route table leads to the internet gateway is not in the template: "
            f"give it a route whose `RouteTableId` is `{nat.id}.RouteTableId`"
        )
        reading.net.gap("unresolved", nat.id, message, origin=nat.origin)
        route = Route(everywhere, "internet-gateway", target, certain=False, origin=nat.origin)
        reading.net.route_tables[nat.id] = replace(table, routes=(*table.routes, route))


def _read_route(reading: Reading, resource: Resource, props: Props) -> None:
    table = props.ident("RouteTableId")
    standing = reading.net.route_tables.get(table)
    if standing is None:
        message = f"the route table `{table}` of this route is not in the template"
        reading.gap("missing", resource, message)
        return
    where = _destination(reading, props)
    if where is None:
        return
    target_kind, target, why = _target(reading, props)
    reason = "; ".join(filter(None, (where.reason, why, resource.doubt)))
    if reason:
        reading.gap("unresolved", resource, f"the route is not wholly known: {reason}")
    route = Route(
        destination=where.network,
        target_kind=target_kind,
        target=target,
        certain=not reason,
        origin=reading.origin(resource),
    )
    reading.net.route_tables[table] = replace(standing, routes=(*standing.routes, route))


@dataclass(frozen=True, slots=True)
class _Where:
    network: IPNetwork | str
    reason: str = ""


def _destination(reading: Reading, props: Props) -> _Where | None:
    for key, everywhere in _EVERYWHERE.items():
        if props.get(key) is not None:
            found = props.cidr(key)
            if isinstance(found, Unknown):
                return _Where(everywhere, found.reason)
            return None if found is None else _Where(found)
    if props.get("DestinationPrefixListId") is not None:
        name = props.ident("DestinationPrefixListId")
        reason = "" if need_prefix_list(reading, name) else props.unknown("DestinationPrefixListId")
        return _Where(name, reason)
    message = f"the route `{props.id}` has no destination"
    help = "give it a `DestinationCidrBlock`"
    reading.complain(props.resource, props.resource.place, message, help)
    return None


def _target(reading: Reading, props: Props) -> tuple[TargetKind, str, str]:
    """What kind of thing the route leads to, its id, and why that is not known."""
    given = [key for key in _TARGETS if props.get(key) is not None]
    if not given:
        return "unknown", f"target of {props.id}", "it names no target"
    key = given[0]
    name = props.ident(key)
    if key == "GatewayId":
        return _gateway(reading, props, name)
    kind = _TARGETS[key]
    if key == "InstanceId":
        return kind, first_interface(reading, name), ""
    unknown = props.unknown(key)
    if kind == "vpc-endpoint" and unknown and name not in reading.stack.resources:
        message = f"which endpoint the route leads to is not known: {unknown}"
        reading.gap("unresolved", props.resource, message, affects=(name,))
    if kind == "unknown":
        reading.gap("unmodelled", props.resource, f"`{key}` is not modelled", affects=(name,))
    return kind, name, ""


def _gateway(reading: Reading, props: Props, name: str) -> tuple[TargetKind, str, str]:
    if name == "local":
        return "local", name, ""
    kind = _GATEWAY_TYPES.get(reading.type_of(name))
    if kind is None:
        matches = (one for prefix, one in _GATEWAY_PREFIXES.items() if name.startswith(prefix))
        kind = next(matches, None)
    if kind is not None:
        return kind, name, ""
    reason = props.unknown("GatewayId") or f"what kind of gateway `{name}` is, is not known"
    reading.gap("unresolved", props.resource, reason, affects=(name,))
    return "unknown", name, reason


def first_interface(reading: Reading, instance: str) -> str:
    """The id of an instance's first interface, as the workload readers name it."""
    for card in reading.net.interfaces.values():
        if card.owner == instance:
            return card.id
    return f"{instance}@"


def _read_associations(reading: Reading) -> None:
    taken: dict[str, str] = {}
    for resource, props in reading.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        table, subnet = props.ident("RouteTableId"), props.ident("SubnetId")
        standing = reading.net.route_tables.get(table)
        why = resource.doubt
        if subnet in taken:
            why = why or f"`{taken[subnet]}` is associated with it too"
        elif standing is None:
            why = why or f"the route table `{table}` is not in the template"
        if why:
            message = f"which route table serves `{subnet}` is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(subnet,))
        if standing is not None and subnet not in taken:
            subnets = (*standing.subnets, subnet)
            reading.net.route_tables[table] = replace(standing, subnets=subnets)
        taken[subnet] = table
    for resource, props in reading.of_type("AWS::EC2::GatewayRouteTableAssociation"):
        table, gateway = props.ident("RouteTableId"), props.ident("GatewayId")
        standing = reading.net.route_tables.get(table)
        if standing is None or resource.doubt:
            why = resource.doubt or f"the route table `{table}` is not in the template"
            message = f"what routes traffic that enters through `{gateway}` is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(gateway,))
        if standing is not None:
            gateways = (*standing.gateways, gateway)
            reading.net.route_tables[table] = replace(standing, gateways=gateways)


def _read_propagation(reading: Reading) -> None:
    for resource, props in reading.of_type("AWS::EC2::VPNGatewayRoutePropagation"):
        gateway = props.ident("VpnGatewayId")
        for table in props.idents("RouteTableIds"):
            standing = reading.net.route_tables.get(table)
            if standing is None:
                message = f"the route table `{table}` of this propagation is not in the template"
                reading.gap("missing", resource, message)
                continue
            routes = (*standing.routes, *propagated(reading, gateway, props))
            reading.net.route_tables[table] = replace(standing, routes=routes)


def read_gateway_endpoints(reading: Reading) -> None:
    """Fill in the VPC endpoints themselves, with the routes of the gateway ones."""
    for resource, props in reading.of_type(ENDPOINT):
        kind = _endpoint_kind(props)
        service = props.text("ServiceName")
        tables = props.idents("RouteTableIds") if kind == "gateway" else ()
        listed = ""
        if kind == "gateway":
            short = service.rpartition(".")[2]
            listed = service_prefix_list(reading, short) if short else ""
        reading.net.endpoints[resource.id] = VpcEndpoint(
            id=resource.id,
            vpc=props.ident("VpcId"),
            kind=kind,
            service=service,
            route_tables=tables,
            subnets=props.idents("SubnetIds"),
            prefix_list=listed,
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        for table in tables:
            _route_endpoint(reading, resource, table, listed)
        if kind == "other":
            message = "endpoints of this kind are not modelled"
            reading.gap("unmodelled", resource, message, affects=(resource.id,))
        if resource.doubt:
            reading.gap("unresolved", resource, resource.doubt, affects=(resource.id,))


def _endpoint_kind(props: Props) -> EndpointKind:
    return _ENDPOINTS.get(props.text("VpcEndpointType", "Gateway").lower(), "other")


def _route_endpoint(reading: Reading, resource: Resource, table: str, listed: str) -> None:
    standing = reading.net.route_tables.get(table)
    if standing is None:
        message = f"the route table `{table}` of this endpoint is not in the template"
        reading.gap("missing", resource, message)
        return
    route = Route(
        destination=listed,
        target_kind="vpc-endpoint",
        target=resource.id,
        certain=not resource.doubt,
        origin=reading.origin(resource),
    )
    reading.net.route_tables[table] = replace(standing, routes=(*standing.routes, route))
