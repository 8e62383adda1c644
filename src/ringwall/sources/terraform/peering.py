"""VPC peering connections."""

from __future__ import annotations

from ringwall.model.beyond import PeeringConnection, PeeringSide
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.vpcs import VPC, region_of

PEERING = "aws_vpc_peering_connection"
_ACCEPTER = "aws_vpc_peering_connection_accepter"


def read_peerings(reading: Reading) -> None:
    """Fill in peering connections; call it after the VPCs.

    Whether the other side accepts is known where this plan accepts for it, or the state says so.
    """
    accepted: set[str] = set()
    for props in reading.of_type(_ACCEPTER):
        named = props.one("vpc_peering_connection_id", PEERING)
        reading.renamed[props.id] = named
        if props.truth("auto_accept", False) or props.text("accept_status") == "active":
            accepted.add(named)
        if not reading.type_of(named):
            _read_foreign(reading, props, named, accepted=named in accepted)
    for props in reading.of_type(PEERING):
        status = props.text("accept_status")
        active: bool | None = None
        if status == "active" or props.truth("auto_accept", False) or props.id in accepted:
            active = True
        elif status in ("deleted", "rejected", "expired", "failed", "deleting"):
            active = False
        reading.net.peerings[props.id] = PeeringConnection(
            id=props.id,
            requester=_side(reading, props.one("vpc_id", *VPC), region_of(reading, props)),
            accepter=_side(
                reading,
                props.one("peer_vpc_id", *VPC),
                props.text("peer_region") or region_of(reading, props),
                props.text("peer_owner_id"),
            ),
            active=active,
            name=props.name() or props.label,
            tags=props.tags(),
            origin=props.origin(),
        )
        if active is None:
            message = "whether the other side accepts the peering is not in the plan"
            reading.gap("unresolved", props.resource, message)


def _side(reading: Reading, vpc: str, region: str, account: str = "") -> PeeringSide:
    held = reading.net.vpcs.get(vpc)
    if held is None:
        return PeeringSide(vpc, region=region, account=account)
    return PeeringSide(vpc, held.cidrs, held.region, account or held.account)


def _read_foreign(reading: Reading, props: Props, named: str, *, accepted: bool) -> None:
    """A connection that another account asked for, of which only the acceptance is here."""
    reading.net.peerings[named] = PeeringConnection(
        id=named,
        requester=_side(reading, props.named("peer_vpc_id", *VPC).id, props.text("peer_region")),
        accepter=_side(reading, props.named("vpc_id", *VPC).id, region_of(reading, props)),
        active=accepted or None,
        name=props.name() or props.label,
        tags=props.tags(),
        origin=props.origin(),
    )
    message = "the other side of the peering is not in the plan"
    reading.gap("missing", props.resource, message, affects=(named,))
