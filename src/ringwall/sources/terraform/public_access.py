"""VPC Block Public Access: the account's switch in a Region, and who is left alone by it."""

from __future__ import annotations

from typing import Literal

from ringwall.model.beyond import BlockPublicAccess, PublicAccessExclusion
from ringwall.sources.terraform.reading import Reading
from ringwall.sources.terraform.vpcs import SUBNET, VPC, region_of

_MODES: dict[str, Literal["off", "block-bidirectional", "block-ingress"]] = {
    "off": "off",
    "block-bidirectional": "block-bidirectional",
    "block-ingress": "block-ingress",
}


def read_public_access(reading: Reading) -> None:
    """Fill in Block Public Access; call it after the internet gateways."""
    exclusions: list[PublicAccessExclusion] = []
    for props in reading.of_type("aws_vpc_block_public_access_exclusion"):
        subnet = props.given("subnet_id")
        named = props.one("subnet_id", *SUBNET) if subnet else props.one("vpc_id", *VPC)
        mode = props.text("internet_gateway_exclusion_mode")
        if mode not in ("allow-bidirectional", "allow-egress"):
            message = f"how Block Public Access leaves `{named}` alone is not known"
            reading.gap("unresolved", props.resource, message, affects=(named,))
            continue
        egress = mode == "allow-egress"
        kind: Literal["allow-egress", "allow-bidirectional"] = (
            "allow-egress" if egress else "allow-bidirectional"
        )
        exclusions.append(PublicAccessExclusion(named, kind, props.origin()))
    gateways = tuple(reading.net.internet_gateways)
    for props in reading.of_type("aws_vpc_block_public_access_options"):
        found = _MODES.get(props.text("internet_gateway_block_mode"))
        if found is None:
            message = "how Block Public Access is set is not known"
            reading.gap("unresolved", props.resource, message, affects=gateways)
            continue
        reading.net.block_public_access.append(
            BlockPublicAccess(
                found, region_of(reading, props), tuple(exclusions), origin=props.origin()
            )
        )
    if exclusions and not reading.net.block_public_access:
        message = "how Block Public Access is set is not in the plan, only who is left alone"
        reading.net.gap("missing", "block-public-access", message, affects=gateways)
