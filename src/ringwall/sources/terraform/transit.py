"""Transit gateways, their attachments and their route tables.

A gateway has a default route table that no resource makes; attachments join it and propagate to
it unless the gateway or the attachment says otherwise. Defaults are those of the provider
(resource pages of ``aws_ec2_transit_gateway`` and ``aws_ec2_transit_gateway_vpc_attachment``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringwall.model.addresses import IPNetwork, parse_network
from ringwall.model.beyond import (
    AttachmentKind,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from ringwall.model.origin import IMPLICIT, Origin
from ringwall.sources.terraform.catalogue import Named
from ringwall.sources.terraform.prefix_lists import LISTS, need_prefix_list
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.values import Unknown
from ringwall.sources.terraform.vpcs import SUBNET, VPC, region_of
from ringwall.sources.terraform.vpn import CONNECTION, DIRECT, DIRECT_ASSOCIATION

GATEWAY = "aws_ec2_transit_gateway"
TABLE = "aws_ec2_transit_gateway_route_table"
_VPC = "aws_ec2_transit_gateway_vpc_attachment"
_PEERING = "aws_ec2_transit_gateway_peering_attachment"
_CONNECT = "aws_ec2_transit_gateway_connect"
_ACCEPTERS = (f"{_VPC}_accepter", f"{_PEERING}_accepter")
ATTACHMENT = (_VPC, _PEERING, _CONNECT, *_ACCEPTERS, CONNECTION, DIRECT_ASSOCIATION)
_LOOKED_UP = {
    "aws_ec2_transit_gateway_vpn_attachment": ("vpn_connection_id", CONNECTION),
    "aws_ec2_transit_gateway_vpc_attachment": ("id", _VPC),
    "aws_ec2_transit_gateway_peering_attachment": ("id", _PEERING),
}
_DEFAULT = "association_default_route_table_id"
_EVERYWHERE = tuple(parse_network(text) for text in ("0.0.0.0/0", "::/0"))


@dataclass(slots=True)
class _Table:
    """A route table in the making."""

    gateway: str
    name: str = ""
    origin: Origin = IMPLICIT
    associated: list[str] = field(default_factory=list)
    propagating: list[str] = field(default_factory=list)
    routes: list[TransitRoute] = field(default_factory=list)


def read_transit(reading: Reading) -> None:
    """Fill in transit gateways; call it after VPCs, subnets and VPN connections."""
    tables: dict[str, _Table] = {}
    for props in reading.of_type(TABLE):
        gateway = props.one("transit_gateway_id", GATEWAY)
        tables[props.id] = _Table(gateway, props.name() or props.label, props.origin())
    for props in reading.of_type(GATEWAY):
        _read_gateway(reading, props, tables)
    joins = _Joins()
    for attachment in _attachments(reading, joins):
        reading.net.transit_attachments[attachment.id] = attachment
    _rename(reading)
    _associate(reading, tables, joins)
    _propagate(reading, tables, joins)
    for props in reading.of_type("aws_ec2_transit_gateway_route"):
        _add_routes(reading, props, tables, _destination(props))
    for props in reading.of_type("aws_ec2_transit_gateway_prefix_list_reference"):
        listed = props.one("prefix_list_id", *LISTS)
        need_prefix_list(reading, listed)
        _add_routes(reading, props, tables, listed)
    for name, table in tables.items():
        reading.net.transit_route_tables[name] = TransitGatewayRouteTable(
            id=name,
            gateway=table.gateway,
            associated=tuple(dict.fromkeys(table.associated)),
            propagating=tuple(dict.fromkeys(table.propagating)),
            routes=tuple(table.routes),
            name=table.name,
            origin=table.origin,
        )


@dataclass(slots=True)
class _Joins:
    """What each attachment does with its gateway's default route table."""

    associates: dict[str, bool] = field(default_factory=dict)
    propagates: dict[str, bool] = field(default_factory=dict)


def _switch(props: Props, key: str, default: bool | None) -> bool | None:
    """An option that is ``enable`` or ``disable``."""
    if props.unknown(key) and props.given(key):
        return None
    found = props.text(key)
    return found == "enable" if found else default


def _read_gateway(reading: Reading, props: Props, tables: dict[str, _Table]) -> None:
    reading.net.transit_gateways[props.id] = TransitGateway(
        id=props.id,
        region=region_of(reading, props),
        account=props.text("owner_id"),
        group_references=_switch(props, "security_group_referencing_support", False),
        name=props.name() or props.label,
        tags=props.tags(),
        origin=props.origin(),
    )
    made = f"{props.id}.{_DEFAULT}"
    options = ("default_route_table_association", "default_route_table_propagation")
    if any(_switch(props, one, True) is not False for one in options):
        tables[made] = _Table(props.id, "default", props.origin())
    for key in (_DEFAULT, "propagation_default_route_table_id"):
        real = props.text(key)
        if real and real not in {one.text("id") for one in reading.of_type(TABLE)}:
            reading.renamed[real] = made
    reading.renamed[f"{props.id}.propagation_default_route_table_id"] = made


def _attachments(reading: Reading, joins: _Joins) -> Iterator[TransitGatewayAttachment]:
    for props in reading.of_type(_VPC):
        yield _vpc_attachment(reading, props)
        own = "transit_gateway_default_route_table_association"
        joins.associates[props.id] = props.truth(own, True) is not False
        own = "transit_gateway_default_route_table_propagation"
        joins.propagates[props.id] = props.truth(own, True) is not False
    for props in reading.of_type(_PEERING):
        peer = props.one("peer_transit_gateway_id", GATEWAY)
        accepted = _accepted(reading, props.id) or props.text("state") == "available"
        yield _attachment(props, "peering", peer, available=accepted or None)
        joins.propagates[props.id] = False
    for props in reading.of_type(_CONNECT):
        yield _attachment(props, "connect", props.one("transport_attachment_id", *ATTACHMENT))
    for props in reading.of_type(CONNECTION):
        if props.given("transit_gateway_id"):
            name = f"{props.id}.transit_gateway_attachment_id"
            real = props.text("transit_gateway_attachment_id")
            if real:
                reading.renamed[real] = name
            yield _attachment(props, "vpn", props.id, name=name)
    for props in reading.of_type(DIRECT_ASSOCIATION):
        gateway = props.named("associated_gateway_id", GATEWAY).id
        if gateway in reading.net.transit_gateways:
            name = f"{props.id}.transit_gateway_attachment_id"
            what = props.named("dx_gateway_id", DIRECT).id
            yield _attachment(props, "direct-connect-gateway", what, gateway=gateway, name=name)


def _accepted(reading: Reading, attachment: str) -> bool:
    accepters = reading.of_type(*_ACCEPTERS)
    key = "transit_gateway_attachment_id"
    return any(attachment in one.named(key, _VPC, _PEERING).ids for one in accepters)


def _vpc_attachment(reading: Reading, props: Props) -> TransitGatewayAttachment:
    mode = _switch(props, "appliance_mode_support", False)
    if mode is None:
        message = "whether the attachment is in appliance mode is not known"
        reading.gap("unresolved", props.resource, message, affects=(props.id,))
    gateway = props.one("transit_gateway_id", GATEWAY)
    here = gateway in reading.net.transit_gateways or _accepted(reading, props.id)
    return TransitGatewayAttachment(
        id=props.id,
        gateway=gateway,
        kind="vpc",
        resource=props.one("vpc_id", *VPC),
        subnets=props.many("subnet_ids", *SUBNET),
        # The gateway of another account may have to accept it.
        available=True if here else None,
        appliance_mode=bool(mode),
        group_references=_switch(props, "security_group_referencing_support", True),
        name=props.name() or props.label,
        tags=props.tags(),
        origin=props.origin(),
    )


def _attachment(
    props: Props,
    kind: AttachmentKind,
    what: str,
    *,
    gateway: str = "",
    name: str = "",
    available: bool | None = True,
) -> TransitGatewayAttachment:
    return TransitGatewayAttachment(
        id=name or props.id,
        gateway=gateway or props.one("transit_gateway_id", GATEWAY),
        kind=kind,
        resource=what,
        available=available,
        name=props.name() or props.label,
        tags=props.tags(),
        origin=props.origin(),
    )


def _rename(reading: Reading) -> None:
    """Acceptances and look-ups are other words for the attachment that they are about."""
    for props in reading.of_type(*_ACCEPTERS):
        named = props.named("transit_gateway_attachment_id", _VPC, _PEERING)
        if named.id and not named.doubt:
            reading.renamed[props.id] = named.id
    for kind, (key, other) in _LOOKED_UP.items():
        for props in reading.data(kind):
            named = props.named(key, other)
            if named.id and not named.doubt and named.id != props.id:
                vpn = other == CONNECTION
                name = f"{named.id}.transit_gateway_attachment_id" if vpn else named.id
                reading.renamed[props.id] = name


def _associate(reading: Reading, tables: dict[str, _Table], joins: _Joins) -> None:
    taken: set[str] = set()
    for props in reading.of_type("aws_ec2_transit_gateway_route_table_association"):
        attachment = _named_attachment(props)
        table = props.named("transit_gateway_route_table_id", TABLE, GATEWAY)
        doubt = attachment.doubt or table.doubt
        if not doubt and table.id not in tables:
            doubt = f"the route table `{table.id}` is not in the plan"
        if doubt:
            message = f"which route table serves an attachment is not known: {doubt}"
            reading.gap("unresolved", props.resource, message, affects=attachment.ids)
        if table.id in tables and attachment.id:
            tables[table.id].associated.append(attachment.id)
        taken.update(attachment.ids)
    for props in reading.of_type(GATEWAY):
        if _switch(props, "default_route_table_association", True) is False:
            continue
        for one in reading.net.transit_attachments.values():
            joined = joins.associates.get(one.id, True) and one.id not in taken
            if one.gateway == props.id and joined:
                tables[f"{props.id}.{_DEFAULT}"].associated.append(one.id)


def _named_attachment(props: Props) -> Named:
    return props.named("transit_gateway_attachment_id", *ATTACHMENT)


def _propagate(reading: Reading, tables: dict[str, _Table], joins: _Joins) -> None:
    for props in reading.of_type("aws_ec2_transit_gateway_route_table_propagation"):
        attachment = _named_attachment(props)
        table = props.named("transit_gateway_route_table_id", TABLE, GATEWAY)
        doubt = attachment.doubt or table.doubt
        if doubt or table.id not in tables:
            message = f"a propagation is not wholly known: {doubt or table.id}"
            reading.gap("unresolved", props.resource, message, affects=table.ids)
        if table.id in tables and attachment.id:
            tables[table.id].propagating.append(attachment.id)
    for props in reading.of_type(GATEWAY):
        if _switch(props, "default_route_table_propagation", True) is False:
            continue
        for one in reading.net.transit_attachments.values():
            if one.gateway == props.id and joins.propagates.get(one.id, True):
                tables[f"{props.id}.{_DEFAULT}"].propagating.append(one.id)
    for name, made in tables.items():
        for one_of in dict.fromkeys(made.propagating):
            _tell_dynamic(reading, name, made, one_of)


def _tell_dynamic(reading: Reading, name: str, table: _Table, attachment: str) -> None:
    """What comes by BGP is not in a plan: an uncertain route for everything stands for it."""
    one = reading.net.transit_attachments.get(attachment)
    if one is None:
        return
    learns = one.kind in ("direct-connect-gateway", "connect")
    if one.kind == "vpn":
        link = reading.net.vpn_connections.get(one.resource)
        learns = link is None or link.dynamic
    if learns:
        message = f"the routes that `{attachment}` learns and propagates are not in the plan"
        reading.net.gap("unresolved", name, message, origin=one.origin)
        table.routes += [
            TransitRoute(block, attachment, propagated=True, certain=False, origin=one.origin)
            for block in _EVERYWHERE
        ]


def _destination(props: Props) -> IPNetwork | str | None:
    block = props.cidr("destination_cidr_block")
    return None if isinstance(block, Unknown) else block


def _add_routes(
    reading: Reading,
    props: Props,
    tables: dict[str, _Table],
    destination: IPNetwork | str | None,
) -> None:
    table = props.named("transit_gateway_route_table_id", TABLE, GATEWAY)
    blackhole = props.truth("blackhole", False)
    attachment = Named() if blackhole else _named_attachment(props)
    doubt = table.doubt or attachment.doubt
    if destination is None or blackhole is None or not (blackhole or attachment.id):
        doubt = doubt or "its destination or its target is not known"
    if doubt:
        reading.gap("unresolved", props.resource, f"the route is not wholly known: {doubt}")
    blocks = _EVERYWHERE if destination is None else (destination,)
    for name in table.ids:
        if name not in tables:
            message = f"the route table `{name}` of this route is not in the plan"
            reading.gap("missing", props.resource, message, affects=(name,))
            continue
        tables[name].routes += [
            TransitRoute(
                destination=block,
                attachment=attachment.id,
                blackhole=bool(blackhole),
                certain=not doubt,
                origin=props.origin(),
            )
            for block in blocks
        ]
