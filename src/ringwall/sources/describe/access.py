"""VPC Block Public Access, and security groups that serve further VPCs."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ringwall.model.beyond import BlockPublicAccess, PublicAccessExclusion
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, region_in, shown

_MODES: dict[str, Literal["off", "block-bidirectional", "block-ingress"]] = {
    "": "off",
    "off": "off",
    "block-bidirectional": "block-bidirectional",
    "block-ingress": "block-ingress",
}
_EXCLUSIONS: dict[str, Literal["allow-bidirectional", "allow-egress"]] = {
    "allow-bidirectional": "allow-bidirectional",
    "allow-egress": "allow-egress",
}
#: An exclusion counts from when it has been made until its deletion is under way.
_NO_EXCLUSION = frozenset(
    {"create-in-progress", "create-failed", "delete-in-progress", "delete-complete"}
    | {"disable-in-progress", "disable-complete"}
)
_TIED = frozenset({"", "associated", "associating"})


def read_public_access(dump: Dump, builder: NetworkBuilder) -> None:
    """One switch per account and Region; VPCs and subnets must have been read before."""
    read = map(_exclusion, dump.items("vpcblockpublicaccessexclusions"))
    exclusions = [one for one in read if one is not None]
    for answer in dump.items("vpcblockpublicaccessoptions"):
        one = answer.item("VpcBlockPublicAccessOptions") or answer
        mode = one.text("InternetGatewayBlockMode")
        if mode not in _MODES:
            raise one.error("InternetGatewayBlockMode", f"`{shown(mode)}` is no mode of blocking")
        heeded = one.text("InternetGatewayExclusionsAllowed") != "not-allowed"
        builder.block_public_access.append(
            BlockPublicAccess(
                mode=_MODES[mode],
                region=one.text("AwsRegion") or one.region,
                exclusions=(*(exclusions if heeded else ()), *_elsewhere(one, builder)),
                origin=one.origin,
            )
        )
        if _MODES[mode] != "off" and "vpcblockpublicaccessexclusions" not in dump.seen and heeded:
            message = (
                f"VPC Block Public Access is on (`{mode}`), and what it leaves alone is not in the "
                "dump; `describe-vpc-block-public-access-exclusions` tells it"
            )
            affects = tuple(sorted(builder.internet_gateways))
            builder.gap("missing", mode, message, affects=affects, origin=one.origin)


def _exclusion(item: Item) -> PublicAccessExclusion | None:
    if item.text("State") in _NO_EXCLUSION:
        return None
    mode = item.text("InternetGatewayExclusionMode")
    if mode not in _EXCLUSIONS:
        message = f"`{shown(mode)}` is no mode of an exclusion"
        raise item.error("InternetGatewayExclusionMode", message)
    resource = item.need("ResourceArn").rpartition("/")[2]
    return PublicAccessExclusion(resource, _EXCLUSIONS[mode], item.origin)


def _elsewhere(item: Item, builder: NetworkBuilder) -> list[PublicAccessExclusion]:
    """The VPCs of other accounts: an account's switch leaves them alone."""
    account = item.text("AwsAccountId")
    region = item.text("AwsRegion") or region_in(item.source)
    return [
        PublicAccessExclusion(vpc.id, "allow-bidirectional", item.origin)
        for vpc in builder.vpcs.values()
        if account and vpc.account not in ("", account) and vpc.region in ("", region)
    ]


def read_group_ties(dump: Dump, builder: NetworkBuilder) -> None:
    """Adds the further VPCs of security groups; the groups must have been read before."""
    for one in dump.items("securitygroupvpcassociations"):
        identity, vpc = one.need("GroupId"), one.need("VpcId")
        group = builder.security_groups.get(identity)
        if one.text("State") not in _TIED or (group is not None and vpc == group.vpc):
            continue
        if group is None:
            message = f"group `{shown(identity)}` serves `{shown(vpc)}`, and is not in the dump"
            builder.gap("missing", identity, message, affects=(identity,), origin=one.origin)
        elif vpc not in group.vpcs:
            builder.security_groups[identity] = replace(group, vpcs=(*group.vpcs, vpc))
