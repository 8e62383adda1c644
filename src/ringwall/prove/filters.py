"""Network ACLs and security groups as functions from a peer to a set of services.

Neither looks at source ports, so each is decided by the peer's address atom (and, for groups, by
the peer's own groups) alone, and gives a mask of service atoms. Every answer is a pair: what
surely passes, and what may pass if every unresolved fact falls out in its favour.
"""

from __future__ import annotations

from typing import NamedTuple

from ringwall.model.addresses import of_network
from ringwall.model.network import (
    AclEntry,
    CidrPeer,
    GroupPeer,
    Network,
    NetworkAcl,
    NetworkInterface,
    PrefixListPeer,
    SecurityGroupRule,
)
from ringwall.prove.legs import Passing
from ringwall.prove.partition import Partition


class _Members(NamedTuple):
    """The groups of a peer, and whether a reference to one of them surely matches it."""

    groups: tuple[str, ...]
    sure: bool


class Acls:
    """The network ACL of each subnet."""

    def __init__(self, network: Network, parts: Partition, gaps: dict[str, str]) -> None:
        self._parts = parts
        self._gaps = gaps
        self._of_subnet = {
            subnet: acl for acl in network.network_acls.values() for subnet in acl.subnets
        }
        self._sorted = {
            (acl.id, egress): sorted(
                (one for one in acl.entries if one.egress is egress), key=lambda one: one.number
            )
            for acl in network.network_acls.values()
            for egress in (False, True)
        }
        self._known: dict[tuple[str, bool, int], Passing] = {}

    def passing(self, subnet: str, egress: bool, peer: int) -> Passing:
        """What the subnet's ACL passes to (egress) or from the atom that starts at ``peer``."""
        acl = self._of_subnet.get(subnet)
        if acl is None:
            return Passing(0, self._parts.services.full, f"no network ACL is known for {subnet}")
        key = (acl.id, egress, peer)
        if key not in self._known:
            self._known[key] = self._evaluate(acl, egress, peer)
        return self._known[key]

    def _evaluate(self, acl: NetworkAcl, egress: bool, peer: int) -> Passing:
        full = self._parts.services.full
        if acl.id in self._gaps:
            return Passing(0, full, self._gaps[acl.id])
        sure, sure_left = 0, full
        possible, possible_left = 0, full
        reason = ""
        for entry in self._sorted[acl.id, egress]:
            if not self._matches(entry, peer):
                continue
            mask = self._parts.services.mask(entry.services)
            if entry.allow:
                possible |= mask & possible_left
                if entry.certain:
                    sure |= mask & sure_left
            if entry.certain:
                sure_left &= ~mask
                possible_left &= ~mask
            else:
                reason = reason or f"rule {entry.number} of {acl.id} could not be resolved"
                if not entry.allow:
                    sure_left &= ~mask
        return Passing(sure, possible, reason if sure != possible else "")

    @staticmethod
    def _matches(entry: AclEntry, peer: int) -> bool:
        return peer in of_network(entry.cidr)


class Groups:
    """The security groups of interfaces."""

    def __init__(self, network: Network, parts: Partition, gaps: dict[str, str]) -> None:
        self._network = network
        self._parts = parts
        self._gaps = gaps
        self._known: dict[tuple[object, ...], Passing] = {}

    def passing(
        self,
        holder: NetworkInterface,
        egress: bool,
        peer: int,
        other: NetworkInterface | None,
        references: bool | None = True,
    ) -> Passing:
        """What the holder's groups pass to (egress) or from a peer.

        ``other`` is the peer's interface where it has one; ``references`` says whether a rule
        that names one of its groups matches it on this way (None: not known).
        """
        full = self._parts.services.full
        if holder.id in self._gaps:
            return Passing(0, full, self._gaps[holder.id])
        if not holder.groups and self._unguarded(holder):
            return Passing(full, full)
        members = self._membership(other, references)
        key = (holder.groups, egress, peer, members)
        if key not in self._known:
            self._known[key] = self._evaluate(holder.groups, egress, peer, members)
        return self._known[key]

    def _unguarded(self, holder: NetworkInterface) -> bool:
        """NAT gateways have no groups; a network load balancer may have been made without."""
        if holder.kind == "nat-gateway":
            return True
        balancer = self._network.load_balancers.get(holder.owner)
        return balancer is not None and balancer.kind == "network"

    @staticmethod
    def _membership(other: NetworkInterface | None, references: bool | None) -> _Members | None:
        """The peer's groups; None for a peer that references never match."""
        if other is None or references is False:
            return None
        return _Members(other.groups, references is True)

    def _evaluate(
        self, groups: tuple[str, ...], egress: bool, peer: int, members: _Members | None
    ) -> Passing:
        full = self._parts.services.full
        sure, possible, reason = 0, 0, ""
        for name in groups:
            group = self._network.security_groups.get(name)
            if group is None or name in self._gaps:
                possible = full
                reason = reason or self._gaps.get(name, f"security group {name} is not known")
            for rule in (group.egress if egress else group.ingress) if group else ():
                match = self._matches(rule, peer, members)
                if match is False:
                    continue
                mask = self._parts.services.mask(rule.services)
                possible |= mask
                if match and rule.certain:
                    sure |= mask
                else:
                    reason = reason or f"a rule of {name} could not be resolved ({rule.peer})"
        return Passing(sure, possible, reason if sure != possible else "")

    def _matches(self, rule: SecurityGroupRule, peer: int, members: _Members | None) -> bool | None:
        """Does the rule's peer hold this one? None where that is not known."""
        match rule.peer:
            case CidrPeer(cidr):
                return peer in of_network(cidr)
            case GroupPeer(group):
                if members is None or group not in members.groups:
                    return False
                return True if members.sure else None
            case PrefixListPeer(prefix_list):
                known = self._network.prefix_lists.get(prefix_list)
                if known is None or known.entries is None:
                    return None
                return peer in known.entries
        return None
