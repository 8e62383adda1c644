"""Transit gateways, their attachments and their route tables.

A gateway has a route table that no resource names: its default one, which attachments join and
propagate to unless the gateway says otherwise. On the Network it is ``GATEWAY.DefaultRouteTable``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.beyond import (
    AttachmentKind,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from ringwall.model.origin import Origin
from ringwall.model.tags import Tags, no_tags
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.vpn import DIRECT_ASSOCIATION

GATEWAY = "AWS::EC2::TransitGateway"
TABLE = "AWS::EC2::TransitGatewayRouteTable"
VPC_ATTACHMENTS = ("AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment")
_EVERYWHERE = tuple(parse_network(text) for text in ("0.0.0.0/0", "::/0"))


@dataclass(slots=True)
class _Table:
    """A route table in the making."""

    gateway: str
    name: str = ""
    tags: Tags = field(default_factory=no_tags)
    origin: Origin = field(default_factory=lambda: Origin("implicit"))
    associated: list[str] = field(default_factory=list)
    propagating: list[str] = field(default_factory=list)
    routes: list[TransitRoute] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Defaults:
    """Where a gateway's attachments go by themselves: a table's id, empty for nowhere."""

    association: str
    propagation: str


def default_table(gateway: str) -> str:
    """The id that stands for a transit gateway's default route table."""
    return f"{gateway}.DefaultRouteTable"


def read_transit(reading: Reading) -> None:
    """Fill in transit gateways; call it after VPCs, subnets and VPN connections."""
    tables: dict[str, _Table] = {}
    for resource, props in reading.of_type(TABLE):
        gateway = props.ident("TransitGatewayId")
        origin = reading.origin(resource)
        tables[resource.id] = _Table(gateway, props.name(), props.tags(), origin)
        reading.doubt(resource)
    for attachment in _attachments(reading):
        reading.net.transit_attachments[attachment.id] = attachment
    defaults = {
        resource.id: _read_gateway(reading, resource, props, tables)
        for resource, props in reading.of_type(GATEWAY)
    }
    _associate(reading, tables, defaults)
    _propagate(reading, tables, defaults)
    _read_routes(reading, tables)
    for name, table in tables.items():
        reading.net.transit_route_tables[name] = TransitGatewayRouteTable(
            id=name,
            gateway=table.gateway,
            associated=tuple(table.associated),
            propagating=tuple(dict.fromkeys(table.propagating)),
            routes=tuple(table.routes),
            name=table.name,
            tags=table.tags,
            origin=table.origin,
        )


def _usual(of: str, key: str) -> bool | None:
    """AWS's own default of an option; None where its documents do not agree."""
    found: bool | None = facts("cfn-types").values["transit_defaults"][of][key]
    return found


def _read_gateway(
    reading: Reading, resource: Resource, props: Props, tables: dict[str, _Table]
) -> _Defaults:
    key = "SecurityGroupReferencingSupport"
    reading.net.transit_gateways[resource.id] = TransitGateway(
        id=resource.id,
        region=reading.stack.region,
        group_references=props.switch(key, _usual("gateway", key)),
        name=props.name(),
        tags=props.tags(),
        origin=reading.origin(resource),
    )
    reading.doubt(resource)
    chosen: list[str] = []
    for key, named in (
        ("DefaultRouteTableAssociation", "AssociationDefaultRouteTableId"),
        ("DefaultRouteTablePropagation", "PropagationDefaultRouteTableId"),
    ):
        wanted = props.switch(key, _usual("gateway", key))
        table = props.ident(named) or default_table(resource.id)
        if wanted is None:
            message = f"whether attachments join the default route table is not known (`{key}`)"
            touched = [one.id for one in _of_gateway(reading, resource.id)]
            reading.gap("unresolved", resource, message, affects=(resource.id, *touched))
        if wanted and table not in tables:
            tables[table] = _Table(resource.id, "default")
        chosen.append(table if wanted else "")
    return _Defaults(*chosen)


def _of_gateway(reading: Reading, gateway: str) -> Iterator[TransitGatewayAttachment]:
    every = reading.net.transit_attachments.values()
    return (one for one in every if one.gateway == gateway)


# --- attachments ---------------------------------------------------------------------------


def _attachments(reading: Reading) -> Iterator[TransitGatewayAttachment]:
    for resource, props in reading.of_type(*VPC_ATTACHMENTS):
        yield _vpc_attachment(reading, resource, props)
        reading.doubt(resource)
    for resource, props in reading.of_type("AWS::EC2::TransitGatewayPeeringAttachment"):
        # The other side has to accept it, which no template can do.
        peer = props.ident("PeerTransitGatewayId")
        yield _attachment(reading, resource, props, "peering", peer, available=None)
        reading.doubt(resource)
    for resource, props in reading.of_type("AWS::EC2::TransitGatewayConnect"):
        carrier = props.ident("TransportTransitGatewayAttachmentId")
        yield _connect(reading, resource, props, carrier)
        reading.doubt(resource)
    for connection in reading.net.vpn_connections.values():
        if reading.net.vpn_gateways.get(connection.gateway) is None and _is_transit(
            reading, connection.id
        ):
            yield TransitGatewayAttachment(
                id=f"{connection.id}.Attachment",
                gateway=connection.gateway,
                kind="vpn",
                resource=connection.id,
                available=connection.available,
                origin=connection.origin,
            )
    for resource, props in reading.of_type(DIRECT_ASSOCIATION):
        if reading.type_of(props.ident("AssociatedGatewayId")) == GATEWAY:
            yield _direct(reading, resource, props)


def _is_transit(reading: Reading, connection: str) -> bool:
    props = reading.props(connection)
    return props is not None and bool(props.ident("TransitGatewayId"))


def _vpc_attachment(reading: Reading, resource: Resource, props: Props) -> TransitGatewayAttachment:
    options = props.inner("Options")
    references, appliance = "SecurityGroupReferencingSupport", "ApplianceModeSupport"
    unknown = props.unknown("Options")
    mode = options.switch(appliance, _usual("attachment", appliance))
    if unknown or mode is None:
        message = f"whether it is in appliance mode is not known: {unknown or 'its option is open'}"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
    _tell_v6(reading, resource, props, options)
    here = reading.type_of(props.ident("TransitGatewayId")) == GATEWAY
    return TransitGatewayAttachment(
        id=resource.id,
        gateway=props.ident("TransitGatewayId"),
        kind="vpc",
        resource=props.ident("VpcId"),
        subnets=(*props.idents("SubnetIds"), *props.idents("AddSubnetIds")),
        # The gateway of another account may have to accept it.
        available=True if here and not resource.doubt else None,
        appliance_mode=bool(mode),
        group_references=None
        if unknown
        else options.switch(references, _usual("attachment", references)),
        name=props.name(),
        tags=props.tags(),
        origin=reading.origin(resource),
    )


def _tell_v6(reading: Reading, resource: Resource, props: Props, options: Props) -> None:
    """An attachment that does not carry IPv6 although IPv6 is routed to it."""
    key = "Ipv6Support"
    if options.switch(key, _usual("attachment", key)):
        return
    gateway, vpc = props.ident("TransitGatewayId"), props.ident("VpcId")
    for _, route in reading.of_type("AWS::EC2::Route"):
        if route.ident("TransitGatewayId") != gateway or "DestinationIpv6CidrBlock" not in route:
            continue
        table = reading.props(route.ident("RouteTableId"))
        if table is not None and table.ident("VpcId") == vpc:
            message = f"`{route.id}` routes IPv6 to it, and it is not sure to carry it (`{key}`)"
            reading.gap("unmodelled", resource, message, affects=(resource.id,))


def _attachment(
    reading: Reading,
    resource: Resource,
    props: Props,
    kind: AttachmentKind,
    what: str,
    *,
    gateway: str = "",
    available: bool | None = True,
) -> TransitGatewayAttachment:
    return TransitGatewayAttachment(
        id=resource.id,
        gateway=gateway or props.ident("TransitGatewayId"),
        kind=kind,
        resource=what,
        available=available,
        name=props.name(),
        tags=props.tags(),
        origin=reading.origin(resource),
    )


def _connect(
    reading: Reading, resource: Resource, props: Props, carrier: str
) -> TransitGatewayAttachment:
    """A Connect attachment rides on another one, and is at the gateway of that one."""
    below = reading.props(carrier)
    gateway = below.ident("TransitGatewayId") if below is not None else ""
    return _attachment(reading, resource, props, "connect", carrier, gateway=gateway)


def _direct(reading: Reading, resource: Resource, props: Props) -> TransitGatewayAttachment:
    return _attachment(
        reading,
        resource,
        props,
        "direct-connect-gateway",
        props.ident("DirectConnectGatewayId"),
        gateway=props.ident("AssociatedGatewayId"),
        available=None if resource.doubt else True,
    )


# --- route tables --------------------------------------------------------------------------


def _associate(
    reading: Reading, tables: Mapping[str, _Table], defaults: Mapping[str, _Defaults]
) -> None:
    taken: dict[str, str] = {}
    for resource, props in reading.of_type("AWS::EC2::TransitGatewayRouteTableAssociation"):
        name = props.ident("TransitGatewayRouteTableId")
        attachment = props.ident("TransitGatewayAttachmentId")
        standing = reading.net.transit_attachments.get(attachment)
        usual = defaults.get(standing.gateway) if standing is not None else None
        why = resource.doubt
        if attachment in taken:
            why = why or f"`{taken[attachment]}` is given to it too"
        elif name not in tables:
            why = why or f"the route table `{name}` is not in the template"
        elif usual is not None and usual.association not in ("", name):
            why = why or "the gateway gives it the default route table by itself"
        if why:
            message = f"which route table serves the attachment `{attachment}` is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(attachment,))
        if name in tables and attachment not in taken:
            tables[name].associated.append(attachment)
        taken[attachment] = name
    for one in reading.net.transit_attachments.values():
        usual = defaults.get(one.gateway)
        if one.id not in taken and usual is not None and usual.association:
            tables[usual.association].associated.append(one.id)


def _propagate(
    reading: Reading, tables: Mapping[str, _Table], defaults: Mapping[str, _Defaults]
) -> None:
    for one in reading.net.transit_attachments.values():
        usual = defaults.get(one.gateway)
        # Between transit gateways nothing is propagated.
        if usual is not None and usual.propagation and one.kind != "peering":
            tables[usual.propagation].propagating.append(one.id)
    for resource, props in reading.of_type("AWS::EC2::TransitGatewayRouteTablePropagation"):
        name = props.ident("TransitGatewayRouteTableId")
        if name not in tables:
            message = f"the route table `{name}` of this propagation is not in the template"
            reading.gap("missing", resource, message, affects=(name,) if name else ())
            continue
        tables[name].propagating.append(props.ident("TransitGatewayAttachmentId"))
        reading.doubt(resource, name)
    _tell_dynamic(reading, tables)


def _tell_dynamic(reading: Reading, tables: Mapping[str, _Table]) -> None:
    """What comes by BGP is not in a template: an uncertain route for everything stands for it."""
    for name, table in tables.items():
        for attachment in dict.fromkeys(table.propagating):
            one = reading.net.transit_attachments.get(attachment)
            if one is None or not _learns(reading, one):
                continue
            message = (
                f"the routes that `{attachment}` learns and propagates are not in the template"
            )
            reading.net.gap("unresolved", name, message, origin=one.origin)
            table.routes += [
                TransitRoute(block, attachment, propagated=True, certain=False, origin=one.origin)
                for block in _EVERYWHERE
            ]


def _learns(reading: Reading, one: TransitGatewayAttachment) -> bool:
    if one.kind == "vpn":
        connection = reading.net.vpn_connections.get(one.resource)
        return connection is None or connection.dynamic
    return one.kind in ("direct-connect-gateway", "connect")


def _read_routes(reading: Reading, tables: Mapping[str, _Table]) -> None:
    for resource, props in reading.of_type("AWS::EC2::TransitGatewayRoute"):
        name = props.ident("TransitGatewayRouteTableId")
        if name not in tables:
            message = f"the route table `{name}` of this route is not in the template"
            reading.gap("missing", resource, message, affects=(name,) if name else ())
            continue
        tables[name].routes += _routes(reading, resource, props)


def _routes(reading: Reading, resource: Resource, props: Props) -> Iterator[TransitRoute]:
    block = props.cidr("DestinationCidrBlock")
    attachment = props.ident("TransitGatewayAttachmentId")
    blackhole = props.truth("Blackhole", False)
    why = [block.reason] if isinstance(block, Unknown) else []
    if blackhole is None:
        why.append(props.unknown("Blackhole"))
    if not attachment and not blackhole:
        why.append("it names no attachment")
    reason = "; ".join(filter(None, (*why, resource.doubt)))
    if reason:
        reading.gap("unresolved", resource, f"the route is not wholly known: {reason}")
    if block is None:
        if "DestinationCidrBlock" not in props:
            message = f"the route `{props.id}` has no destination"
            help = "give it a `DestinationCidrBlock`"
            reading.complain(resource, resource.place, message, help)
        return
    blocks: tuple[IPNetwork, ...] = _EVERYWHERE if isinstance(block, Unknown) else (block,)
    for one in blocks:
        yield TransitRoute(
            destination=one,
            attachment="" if blackhole else attachment,
            blackhole=bool(blackhole),
            certain=not reason,
            origin=reading.origin(resource),
        )
