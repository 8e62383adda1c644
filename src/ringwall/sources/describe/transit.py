"""Transit gateways and what is attached to them.

An attachment is told by up to four calls: ``describe-transit-gateway-attachments`` has its kind
and its route table, ``-vpc-attachments`` its subnets and options, ``-peering-attachments`` and
``-connects`` the far end. What only an uncalled one would tell stays unknown.
"""

from __future__ import annotations

from ringwall.model.beyond import AttachmentKind, TransitGateway, TransitGatewayAttachment
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, region_in, shown

_KINDS: dict[str, AttachmentKind] = {
    "vpc": "vpc",
    "vpn": "vpn",
    "vpn-concentrator": "vpn",
    "direct-connect-gateway": "direct-connect-gateway",
    "peering": "peering",
    "tgw-peering": "peering",
    "connect": "connect",
}
#: An attachment that is being changed carries traffic meanwhile.
_CARRIES = frozenset({"available", "modifying"})
_SUPPORT = {"enable": True, "disable": False}
#: The lists that tell an attachment's id, and the kind where the list has only one.
_LISTS: tuple[tuple[str, AttachmentKind | None], ...] = (
    ("transitgatewayattachments", None),
    ("transitgatewayvpcattachments", "vpc"),
    ("transitgatewaypeeringattachments", "peering"),
    ("transitgatewayconnects", "connect"),
)


def read_transit_gateways(dump: Dump, builder: NetworkBuilder) -> None:
    """Reads gateways and attachments; interfaces must have been read before."""
    for one in dump.items("transitgateways"):
        identity = one.need("TransitGatewayId")
        options = one.item("Options")
        tags = dump.tags(one, identity)
        builder.transit_gateways[identity] = TransitGateway(
            id=identity,
            region=region_in(one.text("TransitGatewayArn")) or one.region,
            account=one.text("OwnerId"),
            group_references=_references(options),
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
    found: dict[tuple[str, str], list[tuple[Item, AttachmentKind | None]]] = {}
    for name, kind in _LISTS:
        for one in dump.items(name):
            for gateway in _gateways(one):
                key = (one.need("TransitGatewayAttachmentId"), gateway)
                found.setdefault(key, []).append((one, kind))
    _join_by_id(found)
    for (identity, gateway), told in found.items():
        named = identity if identity not in builder.transit_attachments else ""
        name = named or f"{identity}@{gateway}"
        builder.transit_attachments[name] = _attachment(name, gateway, told, dump, builder)


def _gateways(item: Item) -> list[str]:
    """The gateways that an attachment belongs to: a peering between two stands at each of them."""
    sides = [item.item("RequesterTgwInfo"), item.item("AccepterTgwInfo")]
    named = [side.text("TransitGatewayId") for side in sides if side is not None]
    if any(named):
        return [one for one in dict.fromkeys(named) if one]
    return [item.text("TransitGatewayId")]


def _join_by_id(
    found: dict[tuple[str, str], list[tuple[Item, AttachmentKind | None]]],
) -> None:
    """``describe-transit-gateway-connects`` may leave out the gateway: its id says enough."""
    for identity, gateway in [key for key in found if not key[1]]:
        others = [key for key in found if key[0] == identity and key[1]]
        if others:
            found[others[0]] += found.pop((identity, gateway))


def _attachment(
    name: str,
    gateway: str,
    told: list[tuple[Item, AttachmentKind | None]],
    dump: Dump,
    builder: NetworkBuilder,
) -> TransitGatewayAttachment:
    items = [one for one, _ in told]
    kind = next((kind for _, kind in told if kind), None) or _kind(items[0])
    state = next((one.text("State") for one in items if "State" in one), "")
    options = next((one.item("Options") for one in items if "Options" in one), None)
    tags = {key: value for one in items for key, value in dump.tags(one, name).items()}
    found = TransitGatewayAttachment(
        id=name,
        gateway=gateway,
        kind=kind,
        resource=_resource(items, gateway, kind),
        subnets=_subnets(name, items, builder) if kind == "vpc" else (),
        available=state in _CARRIES if state else None,
        appliance_mode=_supports(options, "ApplianceModeSupport") is True,
        group_references=_references(options),
        name=tags.get("Name", ""),
        tags=tags,
        origin=items[0].origin,
    )
    if not gateway or not found.resource:
        message = f"the dump does not say what attachment `{shown(name)}` joins to what"
        affects = (name, gateway) if gateway else (name, *builder.transit_gateways)
        builder.gap("missing", name, message, affects=affects, origin=found.origin)
    if kind == "vpc" and found.available is not False:
        _check_vpc_attachment(found, options, builder)
    return found


def _kind(item: Item) -> AttachmentKind:
    return _KINDS.get(item.text("ResourceType"), "other")


def _resource(items: list[Item], gateway: str, kind: AttachmentKind) -> str:
    for one in items:
        if kind == "peering":
            others = [other for other in _gateways(one) if other != gateway]
            if others:
                return others[0]
        resource = one.text("VpcId") if kind == "vpc" else ""
        resource = resource or one.text("ResourceId")
        if resource:
            return resource
    return ""


def _subnets(name: str, items: list[Item], builder: NetworkBuilder) -> tuple[str, ...]:
    """As the attachment states them, else those in which its interfaces stand."""
    stated = [subnet for one in items for subnet in one.texts("SubnetIds")]
    seen = [
        card.subnet
        for card in builder.interfaces.values()
        if card.kind == "transit" and card.owner == name
    ]
    return tuple(dict.fromkeys(stated or seen))


def _check_vpc_attachment(
    found: TransitGatewayAttachment, options: Item | None, builder: NetworkBuilder
) -> None:
    """Without its own call, a VPC attachment has no options, and perhaps no subnets."""
    call = "`describe-transit-gateway-vpc-attachments` tells them"
    if not found.subnets:
        message = f"the subnets of attachment `{shown(found.id)}` are not in the dump; {call}"
    elif options is None:
        message = (
            f"the options of attachment `{shown(found.id)}` are not in the dump: taken not to be "
            f"in appliance mode; {call}"
        )
        builder.gap("missing", found.id, message, origin=found.origin)
        return
    else:
        return
    builder.gap("missing", found.id, message, affects=(found.id,), origin=found.origin)


def _supports(options: Item | None, key: str) -> bool | None:
    return _SUPPORT.get(options.text(key)) if options is not None else None


def _references(options: Item | None) -> bool | None:
    return _supports(options, "SecurityGroupReferencingSupport")
