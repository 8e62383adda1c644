"""Security groups as they are played: every peer as the addresses that stand for it here."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.model.addresses import AddressSet, of_address, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    CidrPeer,
    GroupPeer,
    Network,
    NetworkInterface,
    PrefixListPeer,
    SecurityGroup,
    SecurityGroupRule,
)
from ringwall.rehearse import rulesets
from ringwall.rehearse.plan import Seat


class Groups:
    """The rulesets of interfaces; what cannot be played is noted in ``left_out``."""

    def __init__(self, network: Network, seats: Mapping[str, Seat], left_out: list[str]) -> None:
        self._network = network
        self._seats = seats
        self._left_out = left_out

    def ruleset(self, one: NetworkInterface, vpc: str, *, passes: bool) -> str:
        """The ruleset for the namespace of an interface; ``passes`` for an appliance."""
        held = self._held(one)
        rules = [[rule for group in held for rule in side(group)] for side in (_ingress, _egress)]
        ingress = [self._allowed(rule, vpc, entering=True) for rule in rules[0]]
        egress = [self._allowed(rule, vpc, entering=False) for rule in rules[1]]
        through: tuple[str, ...] | None = None
        if passes:
            plain = [[r for r in side if not isinstance(r.peer, GroupPeer)] for side in rules]
            into, out = ([self._allowed(r, vpc, entering=True) for r in side] for side in plain)
            through = rulesets.passing_through(into, out)
        return rulesets.interface(ingress, egress, through)

    def _held(self, one: NetworkInterface) -> list[SecurityGroup]:
        found = []
        for name in one.groups:
            group = self._network.security_groups.get(name)
            if group is None:
                self._left_out.append(f"{one.id}: its security group {name} is not known")
            else:
                found.append(group)
        return found

    def _allowed(self, rule: SecurityGroupRule, vpc: str, *, entering: bool) -> rulesets.Allowed:
        if not rule.certain:
            self._left_out.append(f"a security group rule for {rule.peer} was not resolved")
            return IntervalSet(), rule.services
        match rule.peer:
            case CidrPeer(cidr):
                return of_network(cidr), rule.services
            case GroupPeer(group):
                return self._members(group, vpc, entering=entering), rule.services
            case PrefixListPeer(name):
                listed = self._network.prefix_lists.get(name)
                if listed is not None and listed.entries is not None:
                    return listed.entries, rule.services
        self._left_out.append(f"the addresses of {rule.peer} are not known")
        return IntervalSet(), rule.services

    def _members(self, group: str, vpc: str, *, entering: bool) -> AddressSet:
        """The private addresses of a group's interfaces in this VPC, in one peered with it, and
        (for what enters) in one behind a transit gateway that carries references."""
        near = {vpc, *self._peers(vpc), *(self._behind_transit(vpc) if entering else ())}
        return IntervalSet.union_of(
            of_address(address)
            for one in self._network.interfaces.values()
            if group in one.groups
            and one.id in self._seats
            and self._network.subnets[one.subnet].vpc in near
            for address in self._seats[one.id].addresses
        )

    def _peers(self, vpc: str) -> list[str]:
        """The VPCs of the same Region to which an active peering leads."""
        regions = {one.id: one.region for one in self._network.vpcs.values()}
        return [
            other.vpc
            for one in self._network.peerings.values()
            if one.active and (other := one.other(vpc)) is not None
            if other.vpc in regions and regions[other.vpc] == regions.get(vpc, "")
        ]

    def _behind_transit(self, vpc: str) -> list[str]:
        """The VPCs at a transit gateway of this one's, where all three support references."""
        held = [
            one
            for one in self._network.transit_attachments.values()
            if one.kind == "vpc" and one.available and one.group_references
        ]
        gateways = {
            id for id, one in self._network.transit_gateways.items() if one.group_references
        }
        mine = {one.gateway for one in held if one.resource == vpc} & gateways
        return [one.resource for one in held if one.gateway in mine]


def _ingress(group: SecurityGroup) -> tuple[SecurityGroupRule, ...]:
    return group.ingress


def _egress(group: SecurityGroup) -> tuple[SecurityGroupRule, ...]:
    return group.egress
