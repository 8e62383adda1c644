"""The ways on premises: VPN gateways and connections, Direct Connect gateways and interfaces.

The device configuration inside a VPN connection (XML, with the tunnels' keys) is never looked at.
"""

from __future__ import annotations

from ringwall.model.beyond import DirectConnectGateway, VpnConnection, VpnGateway
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown
from ringwall.sources.describe.text import Obj

_GONE = frozenset({"deleted", "deleting"})
_HELD = frozenset({"", "attached", "attaching"})
_CARRIES = frozenset({"available", "modifying"})
_ASSOCIATED = frozenset({"", "associated", "associating", "updating"})


def read_premises(dump: Dump, builder: NetworkBuilder) -> None:
    _read_vpn_gateways(dump, builder)
    _read_vpn_connections(dump, builder)
    _read_direct_connect(dump, builder)


def _read_vpn_gateways(dump: Dump, builder: NetworkBuilder) -> None:
    for one in dump.items("vpngateways"):
        identity = one.need("VpnGatewayId")
        if _is_gone(one, identity, "VPN gateway", builder):
            continue
        tags = dump.tags(one, identity)
        ties = one.items("VpcAttachments")
        if "VpcAttachments" not in one:
            message = f"the dump does not say to which VPC `{shown(identity)}` is attached"
            builder.gap("missing", identity, message, affects=(identity,), origin=one.origin)
        builder.vpn_gateways[identity] = VpnGateway(
            id=identity,
            vpcs=tuple(tie.need("VpcId") for tie in ties if tie.text("State") in _HELD),
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )


def _is_gone(item: Item, identity: str, what: str, builder: NetworkBuilder) -> bool:
    state = item.text("State")
    if state in _GONE:
        message = f"{what} `{shown(identity)}` is {state}: it carries no traffic"
        builder.gap("unmodelled", identity, message, origin=item.origin)
    return state in _GONE


def _read_vpn_connections(dump: Dump, builder: NetworkBuilder) -> None:
    for one in dump.items("vpnconnections"):
        identity = one.need("VpnConnectionId")
        if _is_gone(one, identity, "VPN connection", builder):
            continue
        options, state = one.item("Options"), one.text("State")
        tags = dump.tags(one, identity)
        routes = [
            route.network("DestinationCidrBlock")
            for route in one.items("Routes")
            if route.text("State") not in _GONE
        ]
        builder.vpn_connections[identity] = VpnConnection(
            id=identity,
            gateway=one.text("VpnGatewayId") or one.text("TransitGatewayId"),
            customer_gateway=one.text("CustomerGatewayId"),
            routes=tuple(dict.fromkeys(route for route in routes if route is not None)),
            dynamic=options is None or not options.flag("StaticRoutesOnly"),
            available=state in _CARRIES if state else None,
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        tunnels = one.items("VgwTelemetry")
        if tunnels and all(tunnel.text("Status") == "DOWN" for tunnel in tunnels):
            message = (
                f"every tunnel of VPN connection `{shown(identity)}` is down: paths are judged as "
                "if one were up"
            )
            builder.gap("unmodelled", identity, message, origin=one.origin)


def _read_direct_connect(dump: Dump, builder: NetworkBuilder) -> None:
    """Gateways with what they are associated with; a private virtual interface that ends at a VPN
    gateway stands there as a Direct Connect gateway of its own.

    ``prefixes`` stays empty: the prefixes of an association are those of AWS, announced to on
    premises (Direct Connect User Guide, "Allowed prefixes interactions"); which blocks lie there
    only BGP tells.
    """
    ties: dict[str, list[str]] = {}
    for tie in map(_pascal, dump.items("directconnectgatewayassociations")):
        state = tie.text("AssociationState") or tie.text("State")
        end = tie.item("AssociatedGateway")
        identity = end.text("Id") if end is not None else tie.text("VirtualGatewayId")
        if state in _ASSOCIATED and identity:
            ties.setdefault(tie.need("DirectConnectGatewayId"), []).append(identity)
    for one in map(_pascal, dump.items("directconnectgateways")):
        identity = one.need("DirectConnectGatewayId")
        state = one.text("DirectConnectGatewayState") or one.text("State")
        if state in _GONE:
            continue
        builder.direct_connect_gateways[identity] = DirectConnectGateway(
            id=identity,
            gateways=tuple(dict.fromkeys(ties.get(identity, ()))),
            name=one.text("DirectConnectGatewayName") or one.text("Name"),
            tags=one.tags(),
            origin=one.origin,
        )
    for one in map(_pascal, dump.items("virtualinterfaces")):
        gateway, state = one.text("VirtualGatewayId"), one.text("VirtualInterfaceState")
        if gateway and state not in _GONE:
            identity = one.need("VirtualInterfaceId")
            builder.direct_connect_gateways[identity] = DirectConnectGateway(
                identity, (gateway,), name=one.text("VirtualInterfaceName"), origin=one.origin
            )


def _pascal(item: Item) -> Item:
    """Direct Connect writes ``directConnectGatewayId`` where EC2 would write a capital letter."""
    return Item(_capital(item.data), item.source, item.pointer)


def _capital(data: Obj) -> Obj:
    found = Obj({key[:1].upper() + key[1:]: _capital_in(value) for key, value in data.items()})
    found.line = data.line
    return found


def _capital_in(value: object) -> object:
    if isinstance(value, Obj):
        return _capital(value)
    return [_capital_in(one) for one in value] if isinstance(value, list) else value
