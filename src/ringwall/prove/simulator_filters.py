"""The filters of the reference simulator: network ACLs and security groups, every rule in order.

Written for reading, not for speed, and apart from the set engine, so that the two can be held
against each other. Semantics: VPC User Guide, "Network ACLs" and "Security groups".
"""

from __future__ import annotations

from dataclasses import replace

from ringwall.model.addresses import of_network
from ringwall.model.network import (
    AclEntry,
    AnyPeer,
    CidrPeer,
    GroupPeer,
    Network,
    NetworkAcl,
    NetworkInterface,
    PrefixListPeer,
    SecurityGroup,
    SecurityGroupRule,
)
from ringwall.model.services import ServiceSet, show_services
from ringwall.model.verdict import Step
from ringwall.prove.ends import End
from ringwall.prove.simulator_flight import Flight, both, gap_on, vpc_of, within

ACL_CODE = "SUBNET_ACL_RESTRICTION"
GROUP_CODE = "ENI_SG_RULES_MISMATCH"
REFERENCE_CODE = "SG_REFERENCES_NOT_PRESERVED"


def acl_of(network: Network, subnet: str) -> NetworkAcl | None:
    for acl in sorted(network.network_acls.values(), key=lambda one: one.id):
        if subnet in acl.subnets:
            return acl
    return None


def acl_words(entry: AclEntry) -> str:
    verb, side = ("allow" if entry.allow else "deny"), ("to" if entry.egress else "from")
    return f"rule {entry.number} {verb} {show_services(entry.services)} {side} {entry.cidr}"


def acl_step(network: Network, subnet: str, flight: Flight, *, egress: bool) -> Step:
    """The subnet's network ACL on a packet that leaves (``egress``) or enters the subnet.

    Lowest number first, the first match decides, nothing matched is denied. Past an entry that
    only may match, both its word and that of what follows stay possible.
    """
    acl = acl_of(network, subnet)
    if acl is None:
        return Step("network-acl", subnet, "no network ACL is known for this subnet", None)
    gap = gap_on(network, acl.id)
    if gap:
        return Step("network-acl", acl.id, gap, None, origin=acl.origin)
    possible: list[AclEntry] = []
    decided = False
    entries = [entry for entry in acl.entries if entry.egress == egress]
    for entry in sorted(entries, key=lambda one: one.number):
        match = both(
            within(flight.other(egress=egress), of_network(entry.cidr)),
            within(flight.services, entry.services),
        )
        if match is False:
            continue
        possible.append(entry)
        if match and entry.certain:
            decided = True
            break
    words = {entry.allow for entry in possible} | (set() if decided else {False})
    if words == {True, False}:
        reason = f"{acl_words(possible[0])} may or may not match {flight.words(egress=egress)}"
        return Step("network-acl", acl.id, reason, None, origin=possible[0].origin)
    allowed = words == {True}
    code = "" if allowed else ACL_CODE
    if not decided:
        rule = f"no rule matches {flight.words(egress=egress)}: implicit deny"
        return Step("network-acl", acl.id, rule, False, code, acl.origin)
    decider = possible[-1]
    return Step("network-acl", acl.id, acl_words(decider), allowed, code, decider.origin)


def acl_step_for_each(network: Network, subnet: str, flight: Flight, *, egress: bool) -> Step:
    """The network ACL on packets of every service of the flight: all of them have to pass."""
    acl = acl_of(network, subnet)
    rules = [entry.services for entry in acl.entries] if acl is not None else []
    steps = [
        acl_step(network, subnet, replace(flight, services=piece), egress=egress)
        for piece in _pieces(flight.services, rules)
    ]
    for wanted in (False, None):
        for step in steps:
            if step.allowed is wanted:
                return step
    return steps[0]


def _pieces(services: ServiceSet, rules: list[ServiceSet]) -> list[ServiceSet]:
    """The set cut where any rule begins or ends: inside a piece all services fare alike."""
    pieces = [services]
    for rule in rules:
        pieces = [part for one in pieces for part in (one & rule, one - rule) if part]
    return pieces


def group_words(rule: SecurityGroupRule, *, egress: bool) -> str:
    told = f" ({rule.description})" if rule.description else ""
    return f"allow {show_services(rule.services)} {'to' if egress else 'from'} {rule.peer}{told}"


def group_step(
    network: Network,
    interface: NetworkInterface,
    flight: Flight,
    other: End,
    *,
    egress: bool,
    references: bool = True,
) -> Step:
    """The security groups of an interface on a packet to (``egress``) or from ``other``.

    One rule of one group that allows is enough. ``references`` is False where the packet does
    not travel between private addresses all the way, so that references to groups cannot match.
    """
    doubt = gap_on(network, interface.id)
    if doubt:
        # What is not known of an interface may be its groups: no rule of theirs can be trusted.
        return Step("security-group", interface.id, doubt, None, origin=interface.origin)
    exempt = _without_groups(network, interface)
    if exempt is not None:
        return exempt
    maybe: list[Step] = []
    lost = False
    for group_id in interface.groups:
        group = network.security_groups.get(group_id)
        if group is None:
            reason = f"security group {group_id} is not in the material"
            maybe.append(Step("security-group", group_id, reason, None))
            continue
        for rule in group.egress if egress else group.ingress:
            match = _rule_matches(network, interface, rule, flight, other, egress, references)
            step = Step(
                "security-group", group_id, group_words(rule, egress=egress), match, "", rule.origin
            )
            if match:
                return step
            if match is None:
                maybe.append(replace(step, rule=f"{step.rule} may or may not match"))
            lost = lost or _lost_reference(rule, flight, other, references)
        gap = gap_on(network, group_id)
        if gap:
            maybe.append(Step("security-group", group_id, gap, None, origin=group.origin))
    if maybe:
        return maybe[0]
    return _refusal(network, interface, flight, egress=egress, lost=lost)


def _without_groups(network: Network, interface: NetworkInterface) -> Step | None:
    """The step of an interface that AWS does not filter by security groups."""
    if interface.kind == "nat-gateway":
        return Step("security-group", interface.id, "a NAT gateway has no security groups", True)
    if interface.kind == "load-balancer" and not interface.groups:
        owner = network.load_balancers.get(interface.owner)
        if owner is None:
            reason = f"load balancer {interface.owner or interface.id} is not in the material"
            return Step("security-group", interface.id, reason, None)
        if owner.kind == "network":
            reason = "no security group on this network load balancer"
            return Step("security-group", interface.id, reason, True)
    return None


def _rule_matches(
    network: Network,
    interface: NetworkInterface,
    rule: SecurityGroupRule,
    flight: Flight,
    other: End,
    egress: bool,
    references: bool,
) -> bool | None:
    match = both(
        within(flight.services, rule.services),
        _peer_matches(network, interface, rule, flight, other, egress, references),
    )
    return None if match and not rule.certain else match


def _peer_matches(
    network: Network,
    interface: NetworkInterface,
    rule: SecurityGroupRule,
    flight: Flight,
    other: End,
    egress: bool,
    references: bool,
) -> bool | None:
    address = flight.other(egress=egress)
    match rule.peer:
        case CidrPeer(cidr):
            return within(address, of_network(cidr))
        case PrefixListPeer(prefix_list):
            if egress and prefix_list in flight.lists:
                return True
            known = network.prefix_lists.get(prefix_list)
            if known is None or known.entries is None or gap_on(network, prefix_list):
                return None
            return within(address, known.entries)
        case GroupPeer(group):
            return _group_matches(network, interface, group, other) if references else False
        case AnyPeer():
            return None


def _group_matches(
    network: Network, interface: NetworkInterface, group: str, other: End
) -> bool | None:
    """Does ``other`` belong to a referenced group?

    Only interfaces do. Across VPCs a reference holds over peering, and over a transit gateway
    that supports it: neither is modelled, so there it is not known.
    """
    if other.kind == "address":
        return None
    if other.interface is None or group not in other.interface.groups:
        return False
    here, there = vpc_of(network, interface.subnet), vpc_of(network, other.interface.subnet)
    if here and there and here != there:
        joined = any(
            route.target_kind in ("vpc-peering", "transit-gateway")
            for table in network.route_tables.values()
            if table.vpc in (here, there)
            for route in table.routes
        )
        return None if joined else False
    return True


def _lost_reference(rule: SecurityGroupRule, flight: Flight, other: End, references: bool) -> bool:
    """Would this rule have matched, had the packet kept its private addresses?"""
    return (
        not references
        and isinstance(rule.peer, GroupPeer)
        and other.interface is not None
        and rule.peer.group in other.interface.groups
        and bool(flight.services & rule.services)
    )


def _refusal(
    network: Network, interface: NetworkInterface, flight: Flight, *, egress: bool, lost: bool
) -> Step:
    resource = ", ".join(interface.groups) or interface.id
    way = "egress" if egress else "ingress"
    groups = [network.security_groups.get(one) for one in interface.groups]
    origin = groups[0].origin if groups and groups[0] is not None else interface.origin
    if not interface.groups:
        rule = "no security group, hence no rule that allows anything"
    elif not _has_rules(groups, egress=egress):
        rule = f"no {way} rules at all"
    else:
        rule = f"no {way} rule allows {flight.words(egress=egress)}"
    if lost:
        rule += "; a reference to a group matches private addresses only"
    return Step(
        "security-group", resource, rule, False, REFERENCE_CODE if lost else GROUP_CODE, origin
    )


def _has_rules(groups: list[SecurityGroup | None], *, egress: bool) -> bool:
    return any(bool(one.egress if egress else one.ingress) for one in groups if one is not None)
