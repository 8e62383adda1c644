"""The filters of the reference simulator: network ACLs and security groups, every rule in order.

Written for reading, not for speed, and apart from the set engine, so that the two can be held
against each other. Semantics: VPC User Guide, "Network ACLs" and "Security groups".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from ringwall.prove.simulator_flight import Flight, both, gap_on, within

ACL_CODE = "SUBNET_ACL_RESTRICTION"
CLASSIC_ACL_CODE = "ELB_ACL_RESTRICTION"
GROUP_CODE = "ENI_SG_RULES_MISMATCH"
NO_RULES_CODE = "SG_HAS_NO_RULES"
REFERENCE_CODE = "SG_REFERENCES_NOT_PRESERVED"
TRANSIT_REFERENCE_CODE = "SG_REFERENCING_SUPPORT"


@dataclass(frozen=True, slots=True)
class References:
    """Whether rules that name a group can match at the target (``ingress``) and at the source
    (``egress``) of a packet, by the way that it takes; None where that is not known."""

    ingress: bool | None = True
    egress: bool | None = True
    why: str = ""
    code: str = REFERENCE_CODE

    def narrowed(
        self, ingress: bool | None, egress: bool | None, why: str, code: str = REFERENCE_CODE
    ) -> References:
        """These, after one more stretch of way; the first reason for a loss is kept."""
        first = self.why == "" and ingress is False
        return References(
            both(self.ingress, ingress),
            both(self.egress, egress),
            why if first else self.why,
            code if first else self.code,
        )


#: A packet that does not travel between private addresses all the way.
NO_REFERENCES = References(
    False, False, "a reference to a group matches private addresses only", REFERENCE_CODE
)


def acl_of(network: Network, subnet: str) -> NetworkAcl | None:
    for acl in sorted(network.network_acls.values(), key=lambda one: one.id):
        if subnet in acl.subnets:
            return acl
    return None


def acl_words(entry: AclEntry) -> str:
    verb, side = ("allow" if entry.allow else "deny"), ("to" if entry.egress else "from")
    return f"rule {entry.number} {verb} {show_services(entry.services)} {side} {entry.cidr}"


def acl_step(
    network: Network, subnet: str, flight: Flight, *, egress: bool, whole: Flight | None = None
) -> Step:
    """The subnet's network ACL on a packet that leaves (``egress``) or enters the subnet.

    Lowest number first, the first match decides, nothing matched is denied. Past an entry that
    only may match, both its word and that of what follows stay possible. ``whole`` is what the
    packet is a part of, if that is what a mend should let pass.
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
    wish = f"let {acl.id} pass {(whole or flight).words(egress=egress)}"
    if not decided:
        rule = f"no rule matches {flight.words(egress=egress)}: implicit deny"
        return Step("network-acl", acl.id, rule, False, code, acl.origin, wish)
    decider = possible[-1]
    mend = "" if allowed else f"{wish}, by a rule before {decider.number}"
    return Step("network-acl", acl.id, acl_words(decider), allowed, code, decider.origin, mend)


def acl_step_for_each(network: Network, subnet: str, flight: Flight, *, egress: bool) -> Step:
    """The network ACL on packets of every service of the flight: all of them have to pass."""
    acl = acl_of(network, subnet)
    rules = [entry.services for entry in acl.entries] if acl is not None else []
    steps = [
        acl_step(network, subnet, replace(flight, services=piece), egress=egress, whole=flight)
        for piece in _pieces(flight.services, rules)
    ]
    for wanted in (False, None):
        for step in steps:
            if step.allowed is wanted:
                return step
    return steps[0]


def classic_steps(network: Network, subnet: str, flight: Flight) -> tuple[Step, ...]:
    """The network ACL on what a Classic Load Balancer sends to a target in its own subnet."""
    found = (acl_step(network, subnet, flight, egress=egress) for egress in (True, False))
    return tuple(replace(one, code=one.code and CLASSIC_ACL_CODE) for one in found)


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
    references: References | None = None,
) -> Step:
    """The security groups of an interface on a packet to (``egress``) or from ``other``.

    One rule of one group that allows is enough. ``references`` says whether rules that name a
    group can match by the way that the packet takes (left out: inside one VPC, they can).
    """
    known = references or References()
    holds = known.egress if egress else known.ingress
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
            match = _rule_matches(network, rule, flight, other, egress, holds)
            if match is not False:
                words = group_words(rule, egress=egress)
                if match:
                    return Step("security-group", group_id, words, True, "", rule.origin)
                doubt = f"{words} may or may not match"
                maybe.append(Step("security-group", group_id, doubt, None, "", rule.origin))
            lost = lost or (holds is False and _lost_reference(rule, flight, other))
        gap = gap_on(network, group_id)
        if gap:
            maybe.append(Step("security-group", group_id, gap, None, origin=group.origin))
    if maybe:
        return maybe[0]
    return _refusal(network, interface, flight, egress, known if lost else None)


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
    rule: SecurityGroupRule,
    flight: Flight,
    other: End,
    egress: bool,
    holds: bool | None,
) -> bool | None:
    match = both(
        within(flight.services, rule.services),
        _peer_matches(network, rule, flight, other, egress, holds),
    )
    return None if match and not rule.certain else match


def _peer_matches(
    network: Network,
    rule: SecurityGroupRule,
    flight: Flight,
    other: End,
    egress: bool,
    holds: bool | None,
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
            return both(holds, _is_member(group, other))
        case AnyPeer():
            return None


def _is_member(group: str, other: End) -> bool | None:
    """Does ``other`` belong to a referenced group? Only interfaces do; at an address where none
    is known, one may stand."""
    if other.kind == "address":
        return None
    return other.interface is not None and group in other.interface.groups


def _lost_reference(rule: SecurityGroupRule, flight: Flight, other: End) -> bool:
    """Would this rule have matched, had the way kept what the packet's sender belongs to?"""
    return (
        isinstance(rule.peer, GroupPeer)
        and other.interface is not None
        and rule.peer.group in other.interface.groups
        and bool(flight.services & rule.services)
    )


def _refusal(
    network: Network,
    interface: NetworkInterface,
    flight: Flight,
    egress: bool,
    lost: References | None,
) -> Step:
    """The step of groups that let nothing through; ``lost`` is why a reference did not match."""
    resource = ", ".join(interface.groups) or interface.id
    way, what = "egress" if egress else "ingress", flight.words(egress=egress)
    groups = [network.security_groups.get(one) for one in interface.groups]
    origin = groups[0].origin if groups and groups[0] is not None else interface.origin
    code, mend = GROUP_CODE, f"let {' or '.join(interface.groups)} pass {what}"
    if not interface.groups:
        rule = "no security group, hence no rule that allows anything"
        mend = f"give {interface.id} a security group that passes {what}"
    elif not _has_rules(groups, egress=egress):
        rule, code = f"no {way} rules at all", NO_RULES_CODE
    else:
        rule = f"no {way} rule allows {what}"
    if lost is not None:
        rule, code = f"{rule}; {lost.why or NO_REFERENCES.why}", lost.code
        mend += ", by address"
    return Step("security-group", resource, rule, False, code, origin, mend)


def _has_rules(groups: list[SecurityGroup | None], *, egress: bool) -> bool:
    return any(bool(one.egress if egress else one.ingress) for one in groups if one is not None)
