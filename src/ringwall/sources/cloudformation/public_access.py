"""VPC Block Public Access: the account's switch in this Region, and who is left alone by it."""

from __future__ import annotations

from typing import Literal, get_args

from ringwall.model.beyond import BlockPublicAccess, PublicAccessExclusion
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource

OPTIONS = "AWS::EC2::VPCBlockPublicAccessOptions"
EXCLUSION = "AWS::EC2::VPCBlockPublicAccessExclusion"
_Block = Literal["block-bidirectional", "block-ingress"]
_Allow = Literal["allow-bidirectional", "allow-egress"]


def read_public_access(reading: Reading) -> None:
    """Fill in Block Public Access; call it after the internet gateways.

    A mode that is not known makes every internet gateway unknown, and so do exclusions whose
    switch is set outside of the template.
    """
    gateways = tuple(reading.net.internet_gateways)
    switches = list(reading.of_type(OPTIONS))
    exclusions = tuple(_exclusions(reading, known=bool(switches), gateways=gateways))
    for resource, props in switches:
        mode = _choice(props, "InternetGatewayBlockMode", get_args(_Block))
        if not mode or resource.doubt or len(switches) > 1:
            why = resource.doubt or props.unknown("InternetGatewayBlockMode")
            why = why or "more than one resource sets it"
            message = f"how Block Public Access is set is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(resource.id, *gateways))
            continue
        reading.net.block_public_access.append(
            BlockPublicAccess(
                mode="block-ingress" if mode == "block-ingress" else "block-bidirectional",
                region=reading.stack.region,
                exclusions=exclusions,
                origin=reading.origin(resource),
            )
        )


def _exclusions(
    reading: Reading, *, known: bool, gateways: tuple[str, ...]
) -> list[PublicAccessExclusion]:
    found: list[PublicAccessExclusion] = []
    for resource, props in reading.of_type(EXCLUSION):
        named = props.ident("SubnetId") or props.ident("VpcId")
        mode = _choice(props, "InternetGatewayExclusionMode", get_args(_Allow))
        if not mode or resource.doubt:
            _tell(reading, resource, props, named)
            continue
        egress = mode == "allow-egress"
        found.append(
            PublicAccessExclusion(
                resource=named,
                mode="allow-egress" if egress else "allow-bidirectional",
                origin=reading.origin(resource),
            )
        )
        if not known:
            message = "how Block Public Access is set is not in the template"
            reading.gap("missing", resource, message, affects=(resource.id, *gateways))
    return found


def _tell(reading: Reading, resource: Resource, props: Props, named: str) -> None:
    why = resource.doubt or props.unknown("InternetGatewayExclusionMode") or "no mode is given"
    message = f"whether Block Public Access leaves `{named}` alone is not known: {why}"
    affects = tuple(filter(None, (resource.id, named)))
    reading.gap("unresolved", resource, message, affects=affects)


def _choice(props: Props, key: str, words: tuple[str, ...]) -> str:
    """One of AWS's words; empty where it is not known, or (with a complaint) none of them."""
    if props.unknown(key):
        return ""
    text = props.text(key)
    if text in words:
        return text
    message = f"`{key}` of `{props.id}` must be one of {', '.join(words)}"
    props.reading.complain(props.resource, props.place(key), message)
    return ""
