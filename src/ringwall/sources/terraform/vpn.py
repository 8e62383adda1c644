"""What leads on premises: virtual private gateways, VPN connections, Direct Connect gateways."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.addresses import IPNetwork
from ringwall.model.beyond import DirectConnectGateway, VpnConnection, VpnGateway
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.values import Unknown
from ringwall.sources.terraform.vpcs import VPC

GATEWAY = "aws_vpn_gateway"
CONNECTION = "aws_vpn_connection"
DIRECT = "aws_dx_gateway"
DIRECT_ASSOCIATION = "aws_dx_gateway_association"
_TRANSIT = "aws_ec2_transit_gateway"
#: Traffic selectors of a connection: left out, they hold every address.
_SELECTORS = {
    "local_ipv4_network_cidr": "0.0.0.0/0",
    "remote_ipv4_network_cidr": "0.0.0.0/0",
    "local_ipv6_network_cidr": "::/0",
    "remote_ipv6_network_cidr": "::/0",
}


def read_vpn(reading: Reading) -> None:
    """Fill in the ways on premises; call it before the route tables and transit gateways."""
    attached: dict[str, list[str]] = {}
    for props in reading.of_type("aws_vpn_gateway_attachment"):
        gateway = props.one("vpn_gateway_id", GATEWAY)
        attached.setdefault(gateway, []).append(props.one("vpc_id", *VPC, affects=(gateway,)))
    for props in reading.of_type(GATEWAY):
        own = [props.one("vpc_id", *VPC)] if props.given("vpc_id") else []
        reading.net.vpn_gateways[props.id] = VpnGateway(
            id=props.id,
            vpcs=tuple(dict.fromkeys((*own, *attached.get(props.id, ())))),
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )
    _read_connections(reading)
    _read_direct_connect(reading)


def _read_connections(reading: Reading) -> None:
    routes: dict[str, list[IPNetwork]] = {}
    for props in reading.of_type("aws_vpn_connection_route"):
        link = props.one("vpn_connection_id", CONNECTION)
        block = props.cidr("destination_cidr_block")
        if isinstance(block, Unknown):
            message = f"a static route of `{link}` is not known: {block.reason}"
            reading.gap("unresolved", props.resource, message, affects=(link,))
        elif block is not None:
            routes.setdefault(link, []).append(block)
    for props in reading.of_type(CONNECTION):
        key = "transit_gateway_id" if props.given("transit_gateway_id") else "vpn_gateway_id"
        reading.net.vpn_connections[props.id] = VpnConnection(
            id=props.id,
            gateway=props.one(key, GATEWAY, _TRANSIT),
            customer_gateway=props.named("customer_gateway_id", "aws_customer_gateway").id,
            routes=tuple(routes.get(props.id, ())),
            dynamic=props.truth("static_routes_only", False) is not True,
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )
        if any(props.text(one, whole) != whole for one, whole in _SELECTORS.items()):
            message = "the traffic selectors of a VPN connection are not modelled"
            reading.gap("unmodelled", props.resource, message, affects=(props.id,))


def _read_direct_connect(reading: Reading) -> None:
    gateways: dict[str, list[str]] = {}
    prefixes: dict[str, list[IPNetwork]] = {}
    for props in reading.of_type(DIRECT_ASSOCIATION):
        name = props.one("dx_gateway_id", DIRECT)
        gateways.setdefault(name, []).append(
            props.one("associated_gateway_id", GATEWAY, _TRANSIT, affects=(name,))
        )
        prefixes.setdefault(name, []).extend(_prefixes(props))
    for props in reading.of_type(DIRECT):
        reading.net.direct_connect_gateways[props.id] = DirectConnectGateway(
            id=props.id,
            gateways=tuple(gateways.get(props.id, ())),
            prefixes=tuple(dict.fromkeys(prefixes.get(props.id, ()))),
            name=props.text("name") or props.label,
            origin=props.origin(),
        )


def _prefixes(props: Props) -> Iterator[IPNetwork]:
    for one in props.items("allowed_prefixes"):
        block = props.block("allowed_prefixes", one)
        if block is not None and not isinstance(block, Unknown):
            yield block
