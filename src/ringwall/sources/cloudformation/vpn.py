"""What leads on premises: virtual private gateways, VPN connections, Direct Connect gateways."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.beyond import DirectConnectGateway, VpnConnection, VpnGateway
from ringwall.model.network import Route
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown

VPN_GATEWAY = "AWS::EC2::VPNGateway"
ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"
DIRECT_ASSOCIATION = "AWS::DirectConnect::DirectConnectGatewayAssociation"
_EVERYWHERE = parse_network("0.0.0.0/0")
#: Traffic selectors of a connection: left out, they hold every address.
_SELECTORS = (
    "LocalIpv4NetworkCidr", "RemoteIpv4NetworkCidr",
    "LocalIpv6NetworkCidr", "RemoteIpv6NetworkCidr",
)  # fmt: skip


def read_vpn(reading: Reading) -> None:
    """Fill in the ways on premises; call it before the route tables and transit gateways."""
    _read_gateways(reading)
    _read_connections(reading)
    _read_direct_connect(reading)


def _read_gateways(reading: Reading) -> None:
    attached: dict[str, list[str]] = {}
    for resource, props in reading.of_type(ATTACHMENT):
        gateway = props.ident("VpnGatewayId")
        if not gateway:
            continue
        attached.setdefault(gateway, []).append(props.ident("VpcId"))
        if reading.type_of(gateway) != VPN_GATEWAY:
            message = f"the VPN gateway `{gateway}` is not in the template"
            reading.gap("missing", resource, message, affects=(gateway,))
        if resource.doubt:
            message = f"whether `{gateway}` is attached is not known: {resource.doubt}"
            reading.gap("unresolved", resource, message, affects=(gateway,))
    for resource, props in reading.of_type(VPN_GATEWAY):
        reading.net.vpn_gateways[resource.id] = VpnGateway(
            id=resource.id,
            vpcs=tuple(attached.get(resource.id, ())),
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        reading.doubt(resource)


def _read_connections(reading: Reading) -> None:
    routes = _static_routes(reading)
    for resource, props in reading.of_type("AWS::EC2::VPNConnection"):
        reading.net.vpn_connections[resource.id] = VpnConnection(
            id=resource.id,
            gateway=props.ident("VpnGatewayId") or props.ident("TransitGatewayId"),
            customer_gateway=props.ident("CustomerGatewayId"),
            routes=tuple(routes.get(resource.id, ())),
            dynamic=props.truth("StaticRoutesOnly", False) is not True,
            available=None if resource.doubt else True,
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        for key in _SELECTORS:
            block = props.cidr(key)
            if isinstance(block, Unknown) or (block is not None and block.prefixlen):
                message = f"`{key}` narrows what the connection carries, which is not modelled"
                reading.gap("unmodelled", resource, message, affects=(resource.id,))
        reading.doubt(resource)


def _static_routes(reading: Reading) -> dict[str, list[IPNetwork]]:
    found: dict[str, list[IPNetwork]] = {}
    for resource, props in reading.of_type("AWS::EC2::VPNConnectionRoute"):
        connection = props.ident("VpnConnectionId")
        block = props.cidr("DestinationCidrBlock")
        if isinstance(block, Unknown) or resource.doubt:
            why = block.reason if isinstance(block, Unknown) else resource.doubt
            message = f"a static route of `{connection}` is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(connection,))
        elif block is not None:
            found.setdefault(connection, []).append(block)
        if reading.type_of(connection) != "AWS::EC2::VPNConnection":
            message = f"the VPN connection `{connection}` of this route is not in the template"
            reading.gap("missing", resource, message)
    return found


def _read_direct_connect(reading: Reading) -> None:
    gateways: dict[str, list[str]] = {}
    prefixes: dict[str, list[IPNetwork]] = {}
    for resource, props in reading.of_type(DIRECT_ASSOCIATION):
        name = props.ident("DirectConnectGatewayId")
        gateways.setdefault(name, []).append(props.ident("AssociatedGatewayId"))
        prefixes.setdefault(name, []).extend(_allowed(reading, props))
        reading.doubt(resource, name)
    for resource, props in reading.of_type("AWS::DirectConnect::DirectConnectGateway"):
        reading.net.direct_connect_gateways[resource.id] = DirectConnectGateway(
            id=resource.id,
            gateways=tuple(gateways.get(resource.id, ())),
            prefixes=tuple(prefixes.get(resource.id, ())),
            name=props.name("DirectConnectGatewayName"),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        reading.doubt(resource)


def _allowed(reading: Reading, props: Props) -> Iterator[IPNetwork]:
    key = "AllowedPrefixesToDirectConnectGateway"
    for index, value in enumerate(props.items(key)):
        one = Props(reading, props.resource, {"Cidr": value}, f"{key}/{index}")
        block = one.cidr("Cidr")
        if isinstance(block, Unknown):
            message = f"a prefix that the association allows is not known: {block.reason}"
            reading.gap("unresolved", props.resource, message)
        elif block is not None:
            yield block


def propagated(reading: Reading, gateway: str, props: Props) -> tuple[Route, ...]:
    """The routes that a VPN gateway puts into a table that lets it.

    Static routes of its connections are in the template; what BGP brings is not, and stands as
    one uncertain route for everything.
    """
    own = [one for one in reading.net.vpn_connections.values() if one.gateway == gateway]
    origin = props.origin()
    doubt = props.resource.doubt
    listed = dict.fromkeys(block for one in own for block in one.routes)
    found = [
        Route(block, "vpn-gateway", gateway, propagated=True, certain=not doubt, origin=origin)
        for block in listed
    ]
    if not own or any(one.dynamic for one in own):
        message = f"the routes that `{gateway}` learns and propagates are not in the template"
        reading.gap("unresolved", props.resource, message)
        found.append(
            Route(_EVERYWHERE, "vpn-gateway", gateway, propagated=True, certain=False,
                  origin=origin)
        )  # fmt: skip
    elif doubt:
        reading.gap("unresolved", props.resource, f"the propagation is not certain: {doubt}")
    return tuple(found)
