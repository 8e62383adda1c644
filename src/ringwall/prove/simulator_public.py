"""VPC Block Public Access in the reference simulator.

Semantics: VPC User Guide, "Block public access to VPCs and subnets": the switch is one per account
and Region and stands over every internet gateway and egress-only internet gateway.
"""

from __future__ import annotations

from typing import Literal

from ringwall.model.beyond import BlockPublicAccess, PublicAccessExclusion
from ringwall.model.network import Network
from ringwall.model.verdict import Step

BLOCKED_CODE = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"

#: Who opens the connection: the Internet; an interface by its own public address; a NAT gateway
#: or egress-only gateway, which let nobody in.
Opener = Literal["internet", "interface", "outbound-only"]


def block_public_access_steps(
    network: Network, vpc: str, subnet: str, opener: Opener
) -> tuple[Step, ...]:
    """What the switches of this VPC's Region say of a connection over an internet gateway.

    ``subnet`` is the one next to the gateway (empty: none, as with a regional NAT gateway).
    """
    known = network.vpcs.get(vpc)
    region = known.region if known is not None else ""
    return tuple(
        _step(switch, vpc, subnet, opener)
        for switch in network.block_public_access
        if switch.mode != "off" and (switch.region == region or not switch.region or not region)
    )


def _step(switch: BlockPublicAccess, vpc: str, subnet: str, opener: Opener) -> Step:
    resource = f"Block Public Access {switch.region}".strip()
    if switch.mode == "block-ingress" and opener == "outbound-only":
        rule = "block-ingress leaves what a NAT or egress-only gateway opens alone"
        return Step("block-public-access", resource, rule, True, "", switch.origin)
    for exclusion in switch.exclusions:
        if _lifts(exclusion, vpc, subnet, opener):
            rule = f"exclusion {exclusion.mode} on {exclusion.resource}"
            return Step("block-public-access", resource, rule, True, "", exclusion.origin)
    rule = f"{switch.mode} stops it"
    return Step("block-public-access", resource, rule, False, BLOCKED_CODE, switch.origin)


def _lifts(exclusion: PublicAccessExclusion, vpc: str, subnet: str, opener: Opener) -> bool:
    if exclusion.resource not in (vpc, subnet):
        return False
    return exclusion.mode == "allow-bidirectional" or opener != "internet"
