"""Security groups: each VPC's default group, those that the template makes, and their rules.

Egress needs care. A group without egress rules of its own gets AWS's rule that allows everything
out. When a resource ``AWS::EC2::SecurityGroupEgress`` adds a rule to such a group, CloudFormation
has been seen to take that rule away (aws/aws-cdk issue 987; aws-cloudformation/
cfn-language-discussion issue 157), but AWS documents it nowhere. So it is read as uncertain.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ringwall.model.addresses import parse_network
from ringwall.model.network import (
    AnyPeer,
    CidrPeer,
    GroupPeer,
    Peer,
    PrefixListPeer,
    SecurityGroup,
    SecurityGroupRule,
)
from ringwall.model.origin import Origin
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.cloudformation.prefix_lists import need_prefix_list
from ringwall.sources.cloudformation.reading import Props, Reading, Unknown
from ringwall.sources.cloudformation.rules import group_services
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.values import Attr, Value, shown, why_unknown

GROUP = "AWS::EC2::SecurityGroup"
_EMPTIED = {
    "Custom::EmptyDefaultSecurityGroup": "SecurityGroup",
    "Custom::VpcRestrictDefaultSG": "DefaultSecurityGroupId",
}
_EVERYWHERE = tuple(CidrPeer(parse_network(text)) for text in ("0.0.0.0/0", "::/0"))
_PREFIX_LIST_KEYS = ("SourcePrefixListId", "DestinationPrefixListId")
_GROUP_KEYS = ("SourceSecurityGroupId", "DestinationSecurityGroupId")
Direction = Literal["ingress", "egress"]


def default_group(vpc: str) -> str:
    """The id that stands for a VPC's default security group."""
    return f"{vpc}.DefaultSecurityGroup"


def read_groups(reading: Reading) -> None:
    """Fill in the security groups; call it after the VPCs."""
    for vpc in reading.net.vpcs:
        name = default_group(vpc)
        reading.net.security_groups[name] = SecurityGroup(
            id=name,
            vpc=vpc,
            name="default",
            ingress=(SecurityGroupRule(GroupPeer(name), ALL_SERVICES),),
            egress=_allow_all(reading, vpc),
        )
    for resource, props in reading.of_type(GROUP):
        _read_group(reading, resource, props)
    added = _read_separate_rules(reading)
    _doubt_default_egress(reading, added)
    _empty_default_groups(reading)
    _read_further_vpcs(reading)


def _read_further_vpcs(reading: Reading) -> None:
    """VPCs that a group serves beside its own."""
    for resource, props in reading.of_type("AWS::EC2::SecurityGroupVpcAssociation"):
        name, vpc = props.ident("GroupId"), props.ident("VpcId")
        group = reading.net.security_groups.get(name)
        if group is None or resource.doubt:
            why = resource.doubt or "it is not in the template"
            message = f"whether the group `{name}` serves `{vpc}` too is not known: {why}"
            reading.gap("unresolved", resource, message, affects=(name,) if name else ())
        if group is not None and vpc:
            reading.net.security_groups[name] = replace(group, vpcs=(*group.vpcs, vpc))


def _allow_all(reading: Reading, vpc: str) -> tuple[SecurityGroupRule, ...]:
    """AWS's own egress rules: IPv4 always, IPv6 where the VPC has a block of it."""
    found = reading.net.vpcs.get(vpc)
    v6 = found is None or any(block.version == 6 for block in found.cidrs)
    peers = _EVERYWHERE if v6 else _EVERYWHERE[:1]
    return tuple(SecurityGroupRule(peer, ALL_SERVICES) for peer in peers)


def _read_group(reading: Reading, resource: Resource, props: Props) -> None:
    vpc = props.ident("VpcId")
    if not vpc:
        message = "no VPC is given: the group is made in the account's default VPC"
        reading.gap("unresolved", resource, message)
    egress = _inline(reading, props, "SecurityGroupEgress", "egress")
    reading.net.security_groups[resource.id] = SecurityGroup(
        id=resource.id,
        vpc=vpc,
        name=props.name("GroupName"),
        ingress=_inline(reading, props, "SecurityGroupIngress", "ingress"),
        egress=egress or _allow_all(reading, vpc),
        tags=props.tags(),
        origin=reading.origin(resource),
    )


def _inline(
    reading: Reading, props: Props, key: str, direction: Direction
) -> tuple[SecurityGroupRule, ...]:
    found: list[SecurityGroupRule] = []
    for rule in props.each(key):
        made = _rule(reading, rule, direction)
        if made is not None:
            found.append(made)
    for value, reason in props.symbols(key):
        message = f"rules of `{props.id}` are not known: {reason}"
        reading.gap("unresolved", props.resource, message, at=value)
        origin = reading.origin(props.resource, value, key)
        found.append(SecurityGroupRule(AnyPeer(reason), ALL_SERVICES, certain=False, origin=origin))
    return tuple(found)


def _rule(reading: Reading, rule: Props, direction: Direction) -> SecurityGroupRule | None:
    services = group_services(rule)
    if services is None:
        return None
    peer, why = _peer(reading, rule, direction)
    if peer is None:
        return None
    reason = "; ".join(filter(None, (services.reason, why, rule.resource.doubt)))
    if reason:
        message = f"what the {direction} rule matches is not wholly known: {reason}"
        at = next(iter(rule.entries.values()), rule.resource.place)
        reading.gap("unresolved", rule.resource, message, at=at)
    return SecurityGroupRule(
        peer=peer,
        services=services.services,
        description=rule.text("Description"),
        id="" if rule.path else rule.id,
        certain=not reason,
        origin=_origin(reading, rule),
    )


def _origin(reading: Reading, rule: Props) -> Origin:
    if not rule.path:
        return reading.origin(rule.resource)
    first = min(rule.entries.values(), key=lambda one: (one.line, one.column))
    return reading.origin(rule.resource, first, rule.path)


def _peer(reading: Reading, rule: Props, direction: Direction) -> tuple[Peer | None, str]:
    """The rule's peer and, where it is not known, the reason; None after a complaint."""
    for key in ("CidrIp", "CidrIpv6"):
        if rule.get(key) is not None:
            return _cidr_peer(rule, key)
    for key in _GROUP_KEYS:
        if rule.get(key) is not None:
            return _group_peer(reading, rule, key)
    for key in _PREFIX_LIST_KEYS:
        value = rule.get(key)
        if value is not None:
            return _prefix_peer(reading, value)
    if rule.get("SourceSecurityGroupName") is not None:
        return _named_peer(reading, rule)
    message = f"the {direction} rule of `{rule.id}` names no address block, group or prefix list"
    reading.gap("unresolved", rule.resource, f"{message}: AWS makes no rule of it")
    return None, ""


def _cidr_peer(rule: Props, key: str) -> tuple[Peer | None, str]:
    found = rule.cidr(key)
    if isinstance(found, Unknown):
        return AnyPeer(found.reason), found.reason
    return (CidrPeer(found), "") if found is not None else (None, "")


def _group_peer(reading: Reading, rule: Props, key: str) -> tuple[Peer | None, str]:
    value = rule.get(key)
    name = rule.ident(key)
    if value is None or not name:
        return None, ""
    if name in reading.stack.resources or isinstance(value.data, str):
        return GroupPeer(name), ""
    if isinstance(value.data, Attr) and value.data.attribute == "DefaultSecurityGroup":
        return GroupPeer(name), ""
    reason = why_unknown(value.data)
    return AnyPeer(reason), reason


def _prefix_peer(reading: Reading, value: Value) -> tuple[Peer | None, str]:
    name = reading.ident(value.data)
    if need_prefix_list(reading, name):
        return PrefixListPeer(name), ""
    reason = why_unknown(value.data) or f"the prefix list `{name}` is not in the template"
    if isinstance(value.data, str):
        return PrefixListPeer(name), ""
    return AnyPeer(reason), reason


def _named_peer(reading: Reading, rule: Props) -> tuple[Peer | None, str]:
    """A source group by name: of this template, or one that stands elsewhere."""
    value = rule.place("SourceSecurityGroupName")
    name = shown(value.data)
    ident = reading.ident(value.data)
    if reading.type_of(ident) == GROUP:
        return GroupPeer(ident), ""
    for resource, props in reading.of_type(GROUP):
        if props.text("GroupName") == name:
            return GroupPeer(resource.id), ""
    reason = why_unknown(value.data) or f"no group named `{name}` is in the template"
    return AnyPeer(reason), reason


def _read_separate_rules(reading: Reading) -> dict[str, list[Resource]]:
    """Rules that are resources of their own; hands back the egress ones by their group."""
    added: dict[str, list[Resource]] = {}
    kinds: tuple[tuple[str, Direction], ...] = (
        ("AWS::EC2::SecurityGroupIngress", "ingress"),
        ("AWS::EC2::SecurityGroupEgress", "egress"),
    )
    for kind, direction in kinds:
        for resource, props in reading.of_type(kind):
            owner = props.ident("GroupId") or _by_name(reading, props)
            group = reading.net.security_groups.get(owner)
            made = _rule(reading, props, direction)
            if group is None:
                why = props.unknown("GroupId") or "it is not in the template"
                message = f"the group `{owner}` of this {direction} rule is not known: {why}"
                reading.gap("missing", resource, message, affects=(owner,) if owner else ())
            elif made is not None and direction == "ingress":
                ingress = (*group.ingress, made)
                reading.net.security_groups[owner] = replace(group, ingress=ingress)
            elif made is not None:
                added.setdefault(owner, []).append(resource)
                egress = (*group.egress, made)
                reading.net.security_groups[owner] = replace(group, egress=egress)
    return added


def _by_name(reading: Reading, props: Props) -> str:
    name = props.ident("GroupName")
    if reading.type_of(name) == GROUP:
        return name
    matches = (res.id for res, one in reading.of_type(GROUP) if one.text("GroupName") == name)
    return next(matches, name)


def _doubt_default_egress(reading: Reading, added: dict[str, list[Resource]]) -> None:
    """The allow-all rule of a group that separate resources add egress rules to is uncertain."""
    for name, resources in added.items():
        group = reading.net.security_groups[name]
        wide = [
            rule
            for rule in group.egress
            if rule.peer in _EVERYWHERE and rule.services == ALL_SERVICES and not rule.id
        ]
        if not wide:
            continue
        message = (
            f"`{resources[0].id}` adds an egress rule to `{name}`: CloudFormation may then take"
            " away the rule that allows everything out; give the group egress rules of its own"
        )
        reading.gap("unresolved", resources[0], message)
        egress = tuple(
            replace(rule, certain=False) if rule in wide else rule for rule in group.egress
        )
        reading.net.security_groups[name] = replace(group, egress=egress)


def _empty_default_groups(reading: Reading) -> None:
    for kind, key in _EMPTIED.items():
        for resource, props in reading.of_type(kind):
            name = props.ident(key)
            group = reading.net.security_groups.get(name)
            if group is None or resource.doubt:
                why = resource.doubt or "it is not in the template"
                message = f"whether the group `{name}` is emptied is not known: {why}"
                reading.gap("unresolved", resource, message, affects=(name,) if group else ())
            else:
                emptied = replace(group, ingress=(), egress=())
                reading.net.security_groups[name] = emptied
