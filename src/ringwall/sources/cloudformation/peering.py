"""VPC peering connections.

Between VPCs of one account CloudFormation accepts a peering by itself, and with a role of the
other account there too; without one, the template cannot know whether anybody ever accepts.
"""

from __future__ import annotations

from ringwall.model.beyond import PeeringConnection, PeeringSide
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.values import Unresolved

PEERING = "AWS::EC2::VPCPeeringConnection"
_SAME_ACCOUNT = "AWS::AccountId"


def read_peerings(reading: Reading) -> None:
    """Fill in the peering connections; call it after the VPCs."""
    for resource, props in reading.of_type(PEERING):
        requester = PeeringSide(props.ident("VpcId"), region=reading.stack.region)
        accepter = _accepter(reading, props)
        reading.net.peerings[resource.id] = PeeringConnection(
            id=resource.id,
            requester=requester,
            accepter=accepter,
            active=_active(props, resource),
            name=props.name(),
            tags=props.tags(),
            origin=reading.origin(resource),
        )
        for side in (requester, accepter):
            _tell_stranger(reading, resource, side)
        reading.doubt(resource)


def _accepter(reading: Reading, props: Props) -> PeeringSide:
    region = props.text("PeerRegion", reading.stack.region)
    return PeeringSide(
        vpc=props.ident("PeerVpcId"),
        region="" if props.unknown("PeerRegion") else region,
        account="" if props.unknown("PeerOwnerId") else props.text("PeerOwnerId"),
    )


def _active(props: Props, resource: Resource) -> bool | None:
    if resource.doubt:
        return None
    owner = props.get("PeerOwnerId")
    at_home = owner is None or (
        isinstance(owner.data, Unresolved) and owner.data.name == _SAME_ACCOUNT
    )
    return True if at_home or "PeerRoleArn" in props else None


def _tell_stranger(reading: Reading, resource: Resource, side: PeeringSide) -> None:
    if side.vpc in reading.net.vpcs:
        return
    name = side.vpc or "VPC that it does not name"
    message = f"the blocks of the peer `{name}` are not in the template"
    reading.gap("missing", resource, message, affects=(resource.id,))
