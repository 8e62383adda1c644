"""Security groups and their rules, inline and as resources of their own.

The provider takes away AWS's rule that allows everything out of a new group, so a group allows out
what the plan writes and nothing else. It also empties a VPC's default group when it adopts it; one
that nobody adopts keeps AWS's own rules. Source: provider documentation, ``aws_security_group``
and ``aws_default_security_group``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
from ringwall.model.services import ALL_SERVICES, ServiceSet
from ringwall.sources.terraform.catalogue import Named
from ringwall.sources.terraform.prefix_lists import LISTS, need_prefix_list
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.services import Services, services_of
from ringwall.sources.terraform.values import Unknown
from ringwall.sources.terraform.vpcs import VPC, rename, stands_already, vpc_named

GROUP = ("aws_security_group", "aws_default_security_group")
_PART = "default_security_group_id"
_EVERYWHERE = tuple(CidrPeer(parse_network(text)) for text in ("0.0.0.0/0", "::/0"))
Direction = Literal["ingress", "egress"]
_DIRECTIONS: tuple[Direction, ...] = ("ingress", "egress")
_RULES = (
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A peer of a rule, and why the rule might not match it."""

    peer: Peer
    doubt: str = ""


def default_group(reading: Reading, vpc: str) -> str:
    """The id of a VPC's default security group."""
    made = f"{vpc}.{_PART}"
    return reading.renamed.get(made, made)


def read_groups(reading: Reading) -> None:
    """Fill in the security groups; call it after the VPCs and prefix lists."""
    for props in reading.of_type("aws_default_security_group"):
        rename(reading, vpc_named(props), _PART, props.id)
    for vpc in list(reading.net.vpcs):
        _hold_default(reading, vpc)
    for props in reading.of_type(*GROUP):
        _read_group(reading, props)
    for props in reading.data("aws_security_group"):
        _hold(reading, props, props.one("vpc_id", *VPC), (), ())
        message = "the rules of the group are not in the plan, which only looks it up"
        reading.gap("missing", props.resource, message, affects=(props.id,))
    _read_separate_rules(reading)
    for props in reading.of_type("aws_vpc_security_group_vpc_association"):
        name, vpc = props.one("security_group_id", *GROUP), props.one("vpc_id", *VPC)
        group = reading.net.security_groups.get(name)
        if group is not None:
            further = replace(group, vpcs=(*group.vpcs, vpc))
            reading.net.security_groups[name] = further


def _hold_default(reading: Reading, vpc: str) -> None:
    """AWS's own default group, where no resource adopts it."""
    name = default_group(reading, vpc)
    if name != f"{vpc}.{_PART}":
        return
    held = reading.net.vpcs[vpc]
    v6 = any(block.version == 6 for block in held.cidrs)
    everywhere = _EVERYWHERE if v6 else _EVERYWHERE[:1]
    reading.net.security_groups[name] = SecurityGroup(
        id=name,
        vpc=vpc,
        name="default",
        ingress=(SecurityGroupRule(GroupPeer(name), ALL_SERVICES),),
        egress=tuple(SecurityGroupRule(peer, ALL_SERVICES) for peer in everywhere),
    )
    if stands_already(reading, vpc):
        message = "the rules of this default group are not in the plan"
        reading.net.gap("missing", name, message, affects=(name,))


def _hold(
    reading: Reading,
    props: Props,
    vpc: str,
    ingress: tuple[SecurityGroupRule, ...],
    egress: tuple[SecurityGroupRule, ...],
) -> None:
    reading.net.security_groups[props.id] = SecurityGroup(
        id=props.id,
        vpc=vpc,
        name=props.name("name") or props.label,
        ingress=ingress,
        egress=egress,
        tags=props.tags(),
        origin=props.origin(),
    )


def _read_group(reading: Reading, props: Props) -> None:
    _hold(
        reading,
        props,
        vpc_named(props),
        tuple(_inline(reading, props, "ingress")),
        tuple(_inline(reading, props, "egress")),
    )


def _inline(reading: Reading, props: Props, key: Direction) -> Iterator[SecurityGroupRule]:
    blocks = list(props.each(key))
    later = [one for one in blocks if isinstance(one.get("security_groups"), Unknown)]
    if not blocks and props.unknown(key) and props.given(key):
        reason = props.unknown(key)
        message = f"the {key} rules of `{props.id}` are not known: {reason}"
        reading.gap("unresolved", props.resource, message)
        yield SecurityGroupRule(
            AnyPeer(reason), ALL_SERVICES, certain=False, origin=props.origin(key)
        )
    gone = _gone(reading, props, key) if props.expression(key) is None else set()
    for one in blocks:
        services = services_of(one)
        if services is None:
            continue
        for found in _inline_peers(one, lonely=len(later) == 1):
            if (found.peer, services.services) not in gone:
                yield _made(one, services, found)


def _inline_peers(rule: Props, *, lonely: bool) -> Iterator[_Found]:
    yield from _cidr_peers(rule, "cidr_blocks")
    yield from _cidr_peers(rule, "ipv6_cidr_blocks")
    yield from _list_peers(rule, rule.names("prefix_list_ids", *LISTS))
    groups = rule.names("security_groups", *GROUP)
    if rule.shared and not lonely and len(groups.ids) > 1 and rule.unknown("security_groups"):
        doubt = "the plan does not say which of the rules names which group"
        groups = Named(groups.ids, groups.doubt or doubt)
    yield from _group_peers(groups)
    myself = rule.truth("self", False)
    if myself is not False:
        doubt = "" if myself else "whether it names the group itself is not known"
        yield _Found(GroupPeer(rule.id), doubt)


def _cidr_peers(rule: Props, key: str) -> Iterator[_Found]:
    reason = rule.unknown(key)
    if reason and (rule.given(key) or rule.shared):
        yield _Found(AnyPeer(reason), reason)
    for one in rule.items(key):
        block = rule.block(key, one)
        if isinstance(block, Unknown):
            yield _Found(AnyPeer(block.reason), block.reason)
        elif block is not None:
            yield _Found(CidrPeer(block))


def _group_peers(named: Named) -> Iterator[_Found]:
    for name in named.ids:
        # A group of another account is written as ACCOUNT/GROUP.
        yield _Found(GroupPeer(name.rpartition("/")[2]), named.doubt)
    if named.doubt and not named.ids:
        yield _Found(AnyPeer(named.doubt), named.doubt)


def _list_peers(rule: Props, named: Named) -> Iterator[_Found]:
    for name in named.ids:
        need_prefix_list(rule.reading, name)
        yield _Found(PrefixListPeer(name), named.doubt)
    if named.doubt and not named.ids:
        yield _Found(AnyPeer(named.doubt), named.doubt)


def _made(rule: Props, services: Services, found: _Found, doubt: str = "") -> SecurityGroupRule:
    reason = "; ".join(dict.fromkeys(filter(None, (services.reason, found.doubt, doubt))))
    if reason:
        message = f"what a rule of `{rule.id}` matches is not wholly known: {reason}"
        rule.reading.gap("unresolved", rule.resource, message)
    return SecurityGroupRule(
        peer=found.peer,
        services=services.services,
        description=rule.text("description"),
        id="" if rule.path else rule.id,
        certain=not reason,
        origin=rule.origin(),
    )


def _read_separate_rules(reading: Reading) -> None:
    for props in reading.of_type(*_RULES):
        found = _separate(props)
        if found is not None:
            _add_rules(reading, props, *found)


def _separate(props: Props) -> tuple[Direction, Services, list[_Found]] | None:
    """What a rule that is a resource holds; None (and a complaint) where it is not valid."""
    if props.resource.type == "aws_security_group_rule":
        direction = props.text("type")
        services = services_of(props)
        if direction not in _DIRECTIONS:
            message = "`type` must be ingress or egress"
            props.reading.complain(props.resource, "type", message)
        keys = ("cidr_blocks", "ipv6_cidr_blocks")
        lists = props.names("prefix_list_ids", *LISTS)
        groups = props.named("source_security_group_id", *GROUP)
    else:
        direction = props.resource.type.split("_")[-2]
        services = services_of(props, "ip_protocol")
        keys = ("cidr_ipv4", "cidr_ipv6")
        lists = props.named("prefix_list_id", *LISTS)
        groups = props.named("referenced_security_group_id", *GROUP)
    if services is None or direction not in _DIRECTIONS:
        return None
    peers = [
        *(one for key in keys for one in _cidr_peers(props, key)),
        *_list_peers(props, lists),
        *_group_peers(groups),
    ]
    return "ingress" if direction == "ingress" else "egress", services, peers


def _gone(reading: Reading, group: Props, direction: Direction) -> set[tuple[Peer, ServiceSet]]:
    """Rules of a group that the plan deletes, which its state still repeats."""
    found: set[tuple[Peer, ServiceSet]] = set()
    for props in reading.deleted(*_RULES):
        rule = _separate(props)
        if rule is None or group.id not in props.named("security_group_id", *GROUP).ids:
            continue
        if rule[0] == direction:
            own = [GroupPeer(group.id)] if props.truth("self", False) is True else []
            found |= {(peer, rule[1].services) for peer in (*own, *(one.peer for one in rule[2]))}
    return found


def _add_rules(
    reading: Reading, props: Props, direction: Direction, services: Services, peers: list[_Found]
) -> None:
    owner = props.named("security_group_id", *GROUP)
    myself = props.truth("self", False) if props.resource.type == "aws_security_group_rule" else 0
    for name in owner.ids:
        group = reading.net.security_groups.get(name)
        if group is None:
            message = f"the group `{name}` of this rule is not in the plan"
            reading.gap("missing", props.resource, message, affects=(name,))
            continue
        own = [_Found(GroupPeer(name), "" if myself else "`self` is not known")]
        found = [*peers, *(own if myself or myself is None else ())]
        rules = tuple(_made(props, services, one, owner.doubt) for one in found)
        if direction == "ingress":
            kept = _without_copies(group.ingress, rules)
            reading.net.security_groups[name] = replace(group, ingress=(*kept, *rules))
        else:
            kept = _without_copies(group.egress, rules)
            reading.net.security_groups[name] = replace(group, egress=(*kept, *rules))
    if not owner.ids:
        message = f"the group of this rule is not known: {owner.doubt or 'it names none'}"
        reading.gap("unresolved", props.resource, message)


def _without_copies(
    held: tuple[SecurityGroupRule, ...], rules: tuple[SecurityGroupRule, ...]
) -> tuple[SecurityGroupRule, ...]:
    """The rules so far, less what a state repeats inline of rules that are resources themselves."""
    own = {(one.peer, one.services) for one in rules}
    return tuple(one for one in held if one.id or (one.peer, one.services) not in own)
