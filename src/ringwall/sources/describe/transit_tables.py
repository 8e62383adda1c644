"""The route tables of transit gateways: which attachments use them, and where they lead.

Associations, propagations and routes come in several shapes: in the attachment itself, as the
answers of ``get-transit-gateway-route-table-associations``, ``-propagations`` and
``search-transit-gateway-routes`` (which do not say whose they are: the id stands beside the list,
or in the name of the file), and as lists of such answers that name the table. A table of which a
part is in none of them has routes that are not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.addresses import IPNetwork
from ringwall.model.beyond import TransitGateway, TransitGatewayRouteTable, TransitRoute
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown

_TABLE = "TransitGatewayRouteTableId"
_ATTACHMENT = "TransitGatewayAttachmentId"
_ASSOCIATED = frozenset({"", "associated", "associating"})
_ENABLED = frozenset({"", "enabled", "enabling"})
_DEAD = frozenset({"deleted", "deleting"})

#: Per part: the list of bare answers, lists of answers that name their table, the key inside.
_ASSOCIATIONS = ("associations", ("transitgatewayassociations",), "Associations")
_PROPAGATIONS = (
    "transitgatewayroutetablepropagations",
    ("transitgatewaypropagations",),
    "TransitGatewayRouteTablePropagations",
)
_ROUTES = ("routes", ("transitgatewaystaticroutes", "transitgatewayroutes"), "Routes")
_Part = tuple[str, tuple[str, ...], str]


def read_transit_tables(dump: Dump, builder: NetworkBuilder) -> None:
    """Reads the route tables; gateways and attachments must have been read before."""
    associations, told = _by_attachment(dump), _gather(dump, _ASSOCIATIONS)
    propagations, routes = _gather(dump, _PROPAGATIONS), _gather(dump, _ROUTES)
    lone = _lone_table(dump)
    for name, part in (("associations", told), ("propagations", propagations), ("routes", routes)):
        if lone and "" in part:
            part.setdefault(lone, []).extend(part.pop(""))
        _note_loose(name, part, dump, builder)
    for one in dump.items("transitgatewayroutetables"):
        identity, gateway = one.need(_TABLE), one.text("TransitGatewayId")
        if one.text("State") in _DEAD:
            continue
        held = [*associations.get(identity, ()), *told.get(identity, ())]
        tags = dump.tags(one, identity)
        builder.transit_route_tables[identity] = TransitGatewayRouteTable(
            id=identity,
            gateway=gateway,
            associated=_attachments(held, _ASSOCIATED, gateway, builder),
            propagating=_attachments(propagations.get(identity, []), _ENABLED, gateway, builder),
            routes=tuple(
                found
                for route in routes.get(identity, ())
                for found in _transit_routes(route, gateway, builder)
            ),
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        _note_unknown_parts(one, identity, routes.get(identity), identity in propagations, builder)
    _note_gateways(builder)
    _note_associations(dump, set(told), builder)


def _gather(dump: Dump, part: _Part) -> dict[str, list[Item]]:
    """What every table was answered, by its id; an answer may be empty."""
    bare, wrappers, key = part
    found: dict[str, list[Item]] = {}
    for name, owner in sorted(dump.answered):
        if name == bare:
            found.setdefault(owner, [])
    for one in dump.items(bare):
        found.setdefault(dump.owner(one), []).append(one)
    for name in wrappers:
        for wrapper in dump.items(name):
            found.setdefault(wrapper.need(_TABLE), []).extend(wrapper.items(key))
    return found


def _lone_table(dump: Dump) -> str:
    """The one route table of a dump: answers that name none can only be about that."""
    tables = dump.items("transitgatewayroutetables")
    return tables[0].need(_TABLE) if len(tables) == 1 else ""


def _note_loose(
    name: str, part: dict[str, list[Item]], dump: Dump, builder: NetworkBuilder
) -> None:
    loose = part.pop("", [])
    if loose:
        message = (
            f"{len(loose)} {name} do not say to which transit gateway route table they belong; "
            f"save the answer with its `{_TABLE}` beside it, or in a file of that name"
        )
        affects = tuple(one.need(_TABLE) for one in dump.items("transitgatewayroutetables"))
        builder.gap("unresolved", name, message, affects=affects, origin=loose[0].origin)


def _by_attachment(dump: Dump) -> dict[str, list[Item]]:
    """Attachments by the table that they say they use, with the state in the right place."""
    found: dict[str, list[Item]] = {}
    for one in dump.items("transitgatewayattachments"):
        tie = one.item("Association")
        if tie is not None and tie.text("State") in _ASSOCIATED and tie.text(_TABLE):
            found.setdefault(tie.text(_TABLE), []).append(one)
    return found


def _attachments(
    items: list[Item], live: frozenset[str], gateway: str, builder: NetworkBuilder
) -> tuple[str, ...]:
    """The attachments that are named in a live state, in the order of reading."""
    names = [
        _name(one.need(_ATTACHMENT), gateway, builder)
        for one in items
        if "Association" in one or one.text("State") in live
    ]
    return tuple(dict.fromkeys(names))


def _name(attachment: str, gateway: str, builder: NetworkBuilder) -> str:
    """A peering's attachment is one thing at each of its two gateways."""
    own = f"{attachment}@{gateway}"
    return own if own in builder.transit_attachments else attachment


def _transit_routes(item: Item, gateway: str, builder: NetworkBuilder) -> Iterator[TransitRoute]:
    """One route per attachment that it leads to: several where AWS spreads the traffic."""
    state = item.text("State")
    if state in _DEAD:
        return
    destination = _destination(item)
    propagated = item.text("Type") == "propagated"
    ties = [tie.need(_ATTACHMENT) for tie in item.items("TransitGatewayAttachments")]
    if state == "blackhole":
        yield TransitRoute(destination, "", True, propagated, origin=item.origin)
        return
    if not ties:
        raise item.error("TransitGatewayAttachments", "the route leads nowhere", "search again")
    for tie in dict.fromkeys(ties):
        name = _name(tie, gateway, builder)
        yield TransitRoute(destination, name, False, propagated, origin=item.origin)


def _destination(item: Item) -> IPNetwork | str:
    cidr = item.network("DestinationCidrBlock")
    if cidr is not None:
        return cidr
    listed = item.text("PrefixListId")
    if not listed:
        raise item.error("DestinationCidrBlock", "the route has no destination")
    return listed


def _note_unknown_parts(
    table: Item,
    identity: str,
    routes: list[Item] | None,
    propagations: bool,
    builder: NetworkBuilder,
) -> None:
    """A search that shows propagated routes shows them all; one that shows none may have asked
    for static routes only."""
    whole = any(one.text("Type") == "propagated" for one in routes or ())
    if routes is None:
        message = (
            f"the routes of `{shown(identity)}` are not in the dump; "
            "`search-transit-gateway-routes` tells them"
        )
    elif not propagations and not whole:
        message = (
            f"which attachments announce routes to `{shown(identity)}` is not in the dump; "
            "`get-transit-gateway-route-table-propagations` tells it"
        )
    else:
        return
    builder.gap("missing", identity, message, affects=(identity,), origin=table.origin)


def _note_gateways(builder: NetworkBuilder) -> None:
    """Gateways of which the dump holds no route table, and tables that show a gateway."""
    for table in builder.transit_route_tables.values():
        if table.gateway and table.gateway not in builder.transit_gateways:
            message = (
                f"transit gateway `{shown(table.gateway)}` is known only by its route table; "
                "`describe-transit-gateways` would tell more"
            )
            builder.gap("missing", table.gateway, message, origin=table.origin)
            builder.transit_gateways[table.gateway] = TransitGateway(
                id=table.gateway, origin=table.origin
            )
    shown_tables = {table.gateway for table in builder.transit_route_tables.values()}
    for gateway in builder.transit_gateways.values():
        if gateway.id not in shown_tables:
            message = (
                f"the route tables of transit gateway `{shown(gateway.id)}` are not in the dump "
                "(only its owner sees them); `describe-transit-gateway-route-tables` tells them"
            )
            affects = (gateway.id,)
            builder.gap("missing", gateway.id, message, affects=affects, origin=gateway.origin)


def _note_associations(dump: Dump, told: set[str], builder: NetworkBuilder) -> None:
    """An attachment that no table names may have none, unless nobody said which it has."""
    described = {one.need(_ATTACHMENT) for one in dump.items("transitgatewayattachments")}
    used = {name for table in builder.transit_route_tables.values() for name in table.associated}
    answered: dict[str, bool] = {}
    for table in builder.transit_route_tables.values():
        answered[table.gateway] = answered.get(table.gateway, True) and table.id in told
    for one in builder.transit_attachments.values():
        plain = one.id.partition("@")[0]
        if one.id in used or plain in described or answered.get(one.gateway, True):
            continue
        message = (
            f"which route table attachment `{shown(one.id)}` uses is not in the dump; "
            "`describe-transit-gateway-attachments` tells it"
        )
        builder.gap("missing", one.id, message, affects=(one.id,), origin=one.origin)
