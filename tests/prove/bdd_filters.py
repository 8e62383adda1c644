"""Network ACLs, security groups and firewalls of the second engine, each as a set of packets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bdd_sets import ALL, DOUBT, NONE, PASS, STOP, Header, Set, Tri, choose, known, union

from ringwall.model.addresses import of_network
from ringwall.model.beyond import FirewallRule, NetworkFirewall
from ringwall.model.network import (
    CidrPeer,
    GroupPeer,
    Network,
    NetworkAcl,
    NetworkInterface,
    PrefixListPeer,
    SecurityGroupRule,
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who a group's rule is asked about: the groups of the interface there, and whether a
    reference to one of them holds on this way (None: not known)."""

    groups: tuple[str, ...] = ()
    references: bool | None = False


STRANGER = Peer()


class Filters:
    """Every filter of one network; ``header`` says which packet is judged."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._gapped = {one for gap in network.gaps for one in gap.affects}
        self._acl_of = {
            subnet: acl for acl in network.network_acls.values() for subnet in acl.subnets
        }
        self._seen: dict[tuple[object, ...], Tri] = {}

    def acl(self, subnet: str, egress: bool, header: Header) -> Tri:
        """The network ACL of a subnet: what it lets out to, or in from, the far address."""
        key = (subnet, egress, header)
        if key not in self._seen:
            self._seen[key] = self._acl(self._found(subnet), egress, header)
        return self._seen[key]

    def _found(self, subnet: str) -> NetworkAcl | None:
        acl = self._acl_of.get(subnet)
        if acl is not None or subnet not in self._network.subnets:
            return acl
        home = self._network.subnets[subnet].vpc
        defaults = (one for one in self._network.network_acls.values() if one.default)
        return next((one for one in defaults if one.vpc == home), None)

    def _acl(self, acl: NetworkAcl | None, egress: bool, header: Header) -> Tri:
        if acl is None or acl.id in self._gapped:
            return DOUBT
        rest = STOP
        mine = [one for one in acl.entries if one.egress is egress]
        for entry in sorted(mine, key=lambda one: one.number, reverse=True):
            far = of_network(entry.cidr)
            block = header.goes_to(far) if egress else header.came_from(far)
            match = block & header.asks(entry.services)
            verdict = PASS if entry.allow else STOP
            if not entry.certain:
                verdict = Tri(verdict.sure & rest.sure, verdict.possible | rest.possible)
            rest = choose(match, verdict, rest)
        return rest

    def groups(self, holder: NetworkInterface, egress: bool, peer: Peer, header: Header) -> Tri:
        """What the security groups of an interface let out to, or in from, a peer."""
        found = DOUBT if holder.id in self._gapped else STOP
        for name in holder.groups:
            group = self._network.security_groups.get(name)
            if group is None or name in self._gapped:
                found |= DOUBT
            if group is not None:
                for rule in group.egress if egress else group.ingress:
                    found |= self._rule(rule, egress, peer, header)
        return found

    def _rule(self, rule: SecurityGroupRule, egress: bool, peer: Peer, header: Header) -> Tri:
        who = self._who(rule, egress, peer, header)
        if not rule.certain:
            who = who.doubted
        return who.within(header.asks(rule.services))

    def _who(self, rule: SecurityGroupRule, egress: bool, peer: Peer, header: Header) -> Tri:
        side = header.goes_to if egress else header.came_from
        match rule.peer:
            case CidrPeer(cidr):
                return known(side(of_network(cidr)))
            case PrefixListPeer(name):
                listed = self._network.prefix_lists.get(name)
                if listed is None or listed.entries is None:
                    return DOUBT
                return known(side(listed.entries))
            case GroupPeer(name):
                if name not in peer.groups or peer.references is False:
                    return STOP
                return PASS if peer.references else DOUBT
            case _:
                return DOUBT


@dataclass(frozen=True, slots=True)
class Stateless:
    """Which packets a firewall's stateless rules may pass, drop or hand on (never none of all)."""

    passes: Set
    drops: Set
    forwards: Set

    @property
    def surely_passes(self) -> Set:
        return self.passes & ~self.drops & ~self.forwards

    @property
    def surely_forwards(self) -> Set:
        return self.forwards & ~self.drops & ~self.passes

    @property
    def surely_drops(self) -> Set:
        return self.drops & ~self.passes & ~self.forwards


def _matches(rule: FirewallRule, header: Header) -> Set:
    straight = header.came_from(rule.sources) & header.goes_to(rule.destinations)
    if rule.both_ways:
        straight |= header.came_from(rule.destinations) & header.goes_to(rule.sources)
    return straight & header.asks(rule.services)


def _vague(rule: FirewallRule) -> bool:
    return not rule.certain or rule.source_ports is not None


def stateless(firewall: NetworkFirewall, header: Header) -> Stateless:
    """The first match decides; a rule that may not match leaves the later ones possible too."""
    kinds = ("pass", "drop", "forward")
    may = {one: ALL if one == firewall.stateless_default else NONE for one in kinds}
    for rule in sorted(firewall.stateless, key=lambda one: one.priority, reverse=True):
        match = _matches(rule, header)
        for one in kinds:
            taken = ALL if one == rule.action else may[one] if _vague(rule) else NONE
            may[one] = match.ite(taken, may[one])
    return Stateless(may["pass"], may["drop"], may["forward"])


def stateful(firewall: NetworkFirewall, header: Header) -> Tri:
    """What the stateful rules let pass of that which is handed on to them."""
    if firewall.opaque:
        return DOUBT
    if not firewall.strict:
        passes = _any(firewall.stateful, "pass", header)
        drops = _any(firewall.stateful, "drop", header)
        return Tri(passes.sure | ~drops.possible, passes.possible | ~drops.sure)
    rest = PASS if firewall.stateful_default == "pass" else STOP
    for rule in sorted(firewall.stateful, key=lambda one: one.priority, reverse=True):
        verdict = STOP if rule.action == "drop" else PASS
        if _vague(rule):
            verdict = Tri(verdict.sure & rest.sure, verdict.possible | rest.possible)
        rest = choose(_matches(rule, header), verdict, rest)
    return rest


def _any(rules: Iterable[FirewallRule], action: str, header: Header) -> Tri:
    mine = [one for one in rules if one.action == action]
    return Tri(
        union(_matches(one, header) for one in mine if not _vague(one)),
        union(_matches(one, header) for one in mine),
    )


def through(firewall: NetworkFirewall, header: Header) -> Tri:
    """What of new connections a firewall lets pass."""
    first, then = stateless(firewall, header), stateful(firewall, header)
    sure_of_rest = ~first.forwards | then.sure
    return Tri(~first.drops & sure_of_rest, first.passes | (first.forwards & then.possible))
