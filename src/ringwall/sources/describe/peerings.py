"""VPC peering connections."""

from __future__ import annotations

from ringwall.model.addresses import IPNetwork
from ringwall.model.beyond import PeeringConnection, PeeringSide
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown

#: States that AWS keeps on show for a while after the connection has ceased to be.
_GONE = frozenset({"deleted", "rejected", "failed", "expired"})


def read_peerings(dump: Dump, builder: NetworkBuilder) -> None:
    """A connection carries traffic in the state ``active`` and in no other (VPC Peering Guide,
    "VPC peering connection lifecycle")."""
    for one in dump.items("vpcpeeringconnections"):
        identity = one.need("VpcPeeringConnectionId")
        status = one.item("Status")
        code = status.text("Code") if status else ""
        tags = dump.tags(one, identity)
        sides = _side(one, "RequesterVpcInfo"), _side(one, "AccepterVpcInfo")
        builder.peerings[identity] = PeeringConnection(
            id=identity,
            requester=sides[0],
            accepter=sides[1],
            active=code == "active" if code else None,
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )
        if not all(side.vpc for side in sides):
            message = f"the dump does not say which VPCs `{shown(identity)}` joins"
            builder.gap("missing", identity, message, affects=(identity,), origin=one.origin)
        if code in _GONE:
            message = f"peering connection `{shown(identity)}` is {code}: it carries no traffic"
            builder.gap("unmodelled", identity, message, origin=one.origin)


def _side(connection: Item, key: str) -> PeeringSide:
    one = connection.item(key)
    if one is None:
        return PeeringSide(vpc="")
    blocks = [block.network("CidrBlock") for block in one.items("CidrBlockSet")]
    blocks = blocks or [one.network("CidrBlock")]
    blocks += [block.network("Ipv6CidrBlock") for block in one.items("Ipv6CidrBlockSet")]
    held: list[IPNetwork] = [block for block in blocks if block is not None]
    return PeeringSide(
        vpc=one.text("VpcId"),
        cidrs=tuple(dict.fromkeys(held)),
        region=one.text("Region"),
        account=one.text("OwnerId"),
    )
