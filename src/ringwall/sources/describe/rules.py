"""Network ACLs and security groups, rule by rule."""

from __future__ import annotations

from ringwall.model.network import (
    AclEntry,
    AnyPeer,
    CidrPeer,
    GroupPeer,
    NetworkAcl,
    Peer,
    PrefixListPeer,
    SecurityGroup,
    SecurityGroupRule,
)
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    ServiceSet,
    has_ports,
    icmp_set,
    port_range,
    protocol_number,
    whole_protocol,
)
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown

#: The highest number that a rule of one's own can have; AWS lists its final denies above it.
_LAST_RULE = 32766


def read_network_acls(dump: Dump, builder: NetworkBuilder) -> None:
    for one in dump.items("networkacls"):
        identity = one.need("NetworkAclId")
        tags = dump.tags(one, identity)
        found = [entry for entry in map(_entry, one.items("Entries")) if entry is not None]
        builder.network_acls[identity] = NetworkAcl(
            id=identity,
            vpc=one.need("VpcId"),
            default=one.flag("IsDefault"),
            subnets=tuple(each.need("SubnetId") for each in one.items("Associations")),
            entries=tuple(sorted(found, key=lambda entry: (entry.egress, entry.number))),
            name=tags.get("Name", ""),
            tags=tags,
            origin=one.origin,
        )


def _entry(item: Item) -> AclEntry | None:
    number = item.number("RuleNumber")
    if number is None or number < 1:
        raise item.error("RuleNumber", "an entry needs a `RuleNumber` from 1 on")
    if number > _LAST_RULE:
        return None
    action = item.text("RuleAction")
    if action not in ("allow", "deny"):
        raise item.error("RuleAction", f"`{shown(action)}` is neither `allow` nor `deny`")
    if "Egress" not in item:
        raise item.error("Egress", "`Egress` is missing, so the entry has no direction")
    cidr = item.network("CidrBlock") or item.network("Ipv6CidrBlock")
    if cidr is None:
        raise item.error("CidrBlock", "the entry has neither `CidrBlock` nor `Ipv6CidrBlock`")
    return AclEntry(
        number=number,
        egress=item.flag("Egress"),
        allow=action == "allow",
        cidr=cidr,
        services=_acl_services(item),
        origin=item.origin,
    )


def _acl_services(item: Item) -> ServiceSet:
    protocol = _protocol(item, "Protocol")
    ports, icmp = item.item("PortRange"), item.item("IcmpTypeCode")
    if has_ports(protocol) and ports is not None:
        return _ports(ports, protocol, "From", "To")
    if protocol in (ICMP, ICMPV6) and icmp is not None:
        return _messages(icmp, protocol, "Type", "Code")
    return whole_protocol(protocol)


def _protocol(item: Item, key: str) -> int:
    value = item.data.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        raise item.error(key, f"`{key}` is missing or no text, so the rule has no protocol")
    try:
        return protocol_number(value)
    except ValueError:
        raise item.error(
            key,
            f"`{shown(value)}` is no protocol",
            "use `tcp`, `udp`, `icmp`, `icmpv6`, a number or -1",
        ) from None


def _ports(item: Item, protocol: int, low_key: str, high_key: str) -> ServiceSet:
    low, high = item.number(low_key), item.number(high_key)
    if (low, high) in ((None, None), (-1, -1)):
        return whole_protocol(protocol)
    if low is None or high is None:
        missing = low_key if low is None else high_key
        raise item.error(missing, f"`{missing}` is missing, so the rule has half a port range")
    try:
        return port_range(protocol, low, high)
    except ValueError:
        message = f"{low} to {high} is no port range within 0 to 65535"
        raise item.error(low_key, message) from None


def _messages(item: Item, protocol: int, type_key: str, code_key: str) -> ServiceSet:
    kind, code = item.number(type_key), item.number(code_key)
    kind, code = -1 if kind is None else kind, -1 if code is None else code
    try:
        if kind == -1 and code != -1:
            raise ValueError("a code without a type")
        return icmp_set(protocol, kind, code)
    except ValueError:
        message = f"type {kind} with code {code} is no kind of ICMP message"
        raise item.error(type_key, message) from None


def read_security_groups(dump: Dump, builder: NetworkBuilder) -> None:
    known: dict[str, Item] = {one.need("GroupId"): one for one in dump.items("securitygroups")}
    for identity, one in known.items():
        tags = dump.tags(one, identity)
        builder.security_groups[identity] = SecurityGroup(
            id=identity,
            vpc=one.text("VpcId"),
            name=one.text("GroupName"),
            ingress=_rules(one, "IpPermissions", known, builder),
            egress=_rules(one, "IpPermissionsEgress", known, builder),
            tags=tags,
            origin=one.origin,
        )


def _rules(
    group: Item, key: str, known: dict[str, Item], builder: NetworkBuilder
) -> tuple[SecurityGroupRule, ...]:
    """One rule per peer: AWS lists the peers that share protocol and ports together."""
    found: list[SecurityGroupRule] = []
    for permission in group.items(key):
        services = _group_services(permission)
        for peer, item in _plain_peers(permission):
            found.append(_rule(peer, services, item))
        for pair in permission.items("UserIdGroupPairs"):
            other = _group_peer(pair, group, known, builder)
            if other is not None:
                found.append(_rule(other, services, pair))
    return tuple(found)


def _rule(peer: Peer, services: ServiceSet, item: Item) -> SecurityGroupRule:
    return SecurityGroupRule(
        peer=peer,
        services=services,
        description=item.text("Description"),
        certain=not isinstance(peer, AnyPeer),
        origin=item.origin,
    )


def _group_services(item: Item) -> ServiceSet:
    protocol = _protocol(item, "IpProtocol")
    if has_ports(protocol):
        return _ports(item, protocol, "FromPort", "ToPort")
    if protocol in (ICMP, ICMPV6):
        return _messages(item, protocol, "FromPort", "ToPort")
    return whole_protocol(protocol)


def _plain_peers(permission: Item) -> list[tuple[Peer, Item]]:
    found: list[tuple[Peer, Item]] = []
    for key, inner in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for one in permission.items(key):
            cidr = one.network(inner)
            if cidr is None:
                raise one.error(inner, f"`{inner}` is missing here")
            found.append((CidrPeer(cidr), one))
    for one in permission.items("PrefixListIds"):
        found.append((PrefixListPeer(one.need("PrefixListId")), one))
    return found


def _group_peer(
    pair: Item, group: Item, known: dict[str, Item], builder: NetworkBuilder
) -> Peer | None:
    """The group that a rule names; None for a stale reference, which matches nothing."""
    identity = pair.text("GroupId") or _named(pair, group, known)
    peering = pair.text("PeeringStatus")
    holder = group.text("GroupId")
    if peering not in ("", "active"):
        message = (
            f"a rule of `{holder}` names `{shown(identity)}` over a peering that is "
            f"`{shown(peering)}`: it matches nothing"
        )
        builder.gap("unresolved", identity, message, origin=pair.origin)
        return None
    if identity:
        # Every interface says which groups it is in: a group that is not described matches those.
        return GroupPeer(identity)
    wanted = shown(pair.text("GroupName")) or "a group without id"
    reason = f"`{holder}` names group `{shown(wanted)}`, which is not in the dump"
    builder.gap("missing", wanted, f"{reason}: who is in it is not known", origin=pair.origin)
    return AnyPeer(reason)


def _named(pair: Item, group: Item, known: dict[str, Item]) -> str:
    """Old dumps name a group of the same VPC by its name only."""
    name = pair.text("GroupName")
    same = [
        identity
        for identity, one in known.items()
        if name and one.text("GroupName") == name and one.text("VpcId") == group.text("VpcId")
    ]
    return same[0] if len(same) == 1 else ""
