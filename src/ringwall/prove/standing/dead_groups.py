"""Rules of security groups that allow nothing of their own, and groups that guard nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    CidrPeer,
    GroupPeer,
    Network,
    PrefixListPeer,
    SecurityGroup,
    SecurityGroupRule,
)
from ringwall.model.services import ALL_SERVICES
from ringwall.model.standing import Reading
from ringwall.model.verdict import Step
from ringwall.prove.ends import internet_addresses, on_premises_addresses, on_premises_end
from ringwall.prove.partition import Atoms
from ringwall.prove.simulator_filters import group_words
from ringwall.prove.standing.dead_acls import CODE

#: More rules than any quota lets a group have; comparing each with all would take too long.
MOST_RULES = 2000
_JOINS = ("vpc-peering", "transit-gateway", "vpn-gateway", "unknown")


def dead_groups(network: Network) -> Iterator[Reading]:
    """Groups that no interface carries (AWS's ``default`` left out), rules that others of the same
    group cover wholly, and rules whose peer nothing can be.

    A reference to a group is covered by the same reference, or by a block that holds the whole VPC
    of that group: then it allows nothing of its own whoever joins the group later.
    """
    carried = {name for one in network.interfaces.values() for name in one.groups}
    for group in sorted(network.security_groups.values(), key=lambda one: one.id):
        if group.id not in carried:
            if network.interfaces and group.name != "default":
                step = Step("security-group", group.id, "guards nothing", None, origin=group.origin)
                told = "no interface carries it, so none of its rules decides"
                yield Reading(CODE, "finding", f"security group {group.id}", told, step=step)
            continue
        for egress in (False, True):
            yield from _side(network, group, egress, carried)


def _side(
    network: Network, group: SecurityGroup, egress: bool, carried: set[str]
) -> Iterator[Reading]:
    rules = group.egress if egress else group.ingress
    space = _space(network, group.vpc)
    unmatched: set[int] = set()
    for at, rule in enumerate(rules):
        why = _unmatched(network, rule, space, carried)
        if why:
            unmatched.add(at)
            yield _reading(group, rule, egress, why)
    if len(rules) > MOST_RULES:
        told = f"its {len(rules)} rules are too many to hold each against all"
        subject = f"security group {group.id} {'out' if egress else 'in'}"
        yield Reading(CODE, "unknown", subject, told, reasons=(told,))
        return
    alive = [rule for at, rule in enumerate(rules) if at not in unmatched]
    yield from _covered(network, group, alive, egress)


def _covered(
    network: Network, group: SecurityGroup, rules: list[SecurityGroupRule], egress: bool
) -> Iterator[Reading]:
    cells = _Cells.of(network, rules)
    found: list[Reading] = []
    # From the last to the first: of two alike, the later one is told.
    for rule in reversed(rules):
        if cells.spare(rule):
            cells.take_out(rule)
            mine = cells.of_rule(rule)
            covers = [one for one in rules if one is not rule and cells.shares(one, mine)]
            whole = [one for one in covers if mine.keys() <= cells.of_rule(one).keys()]
            told = f"it allows nothing of its own: {_listed(whole[:1] or covers, egress)}"
            found.append(_reading(group, rule, egress, told, tuple(whole[:1] or covers[:3])))
    yield from reversed(found)


def _listed(rules: list[SecurityGroupRule], egress: bool) -> str:
    words = " and ".join(group_words(one, egress=egress) for one in rules[:2])
    return f"`{words}` {'covers' if len(rules) == 1 else 'cover'} it"


@dataclass(slots=True)
class _Cells:
    """How many rules allow each cell: a peer's atom (or a reference) with a mask of services."""

    network: Network
    places: Atoms
    services: Atoms
    references: tuple[str, ...]
    counts: dict[tuple[int | str, int], int]
    _known: dict[int, dict[tuple[int | str, int], None]]

    @classmethod
    def of(cls, network: Network, rules: list[SecurityGroupRule]) -> _Cells:
        blocks = [found for one in rules if (found := _addresses(network, one)) is not None]
        places = Atoms.cut(ALL_ADDRESSES, blocks)
        services = Atoms.cut(ALL_SERVICES, [one.services for one in rules])
        named = tuple(dict.fromkeys(str(one.peer) for one in rules if _by_name(network, one)))
        cells = cls(network, places, services, named, {}, {})
        for rule in rules:
            for cell in cells.of_rule(rule):
                cells.counts[cell] = cells.counts.get(cell, 0) + 1
        return cells

    def of_rule(self, rule: SecurityGroupRule) -> dict[tuple[int | str, int], None]:
        """The cells of a rule; none for one that is not known for sure."""
        if id(rule) not in self._known:
            peers = list(self._peers(rule)) if rule.certain else []
            bits = list(_bits(self.services.mask(rule.services)))
            self._known[id(rule)] = {(peer, bit): None for peer in peers for bit in bits}
        return self._known[id(rule)]

    def _peers(self, rule: SecurityGroupRule) -> Iterator[int | str]:
        held = _addresses(self.network, rule)
        if held is None:
            if _by_name(self.network, rule):
                yield str(rule.peer)
            return
        yield from self.places.indices(held)
        for name in self.references:
            home = self.network.security_groups.get(name)
            vpc = self.network.vpcs.get(home.vpc) if home else None
            if vpc is not None and all(of_network(one) <= held for one in vpc.cidrs):
                yield name

    def spare(self, rule: SecurityGroupRule) -> bool:
        """Is every cell of the rule allowed by another one, too?"""
        mine = self.of_rule(rule)
        return bool(mine) and all(self.counts[cell] > 1 for cell in mine)

    def take_out(self, rule: SecurityGroupRule) -> None:
        for cell in self.of_rule(rule):
            self.counts[cell] -= 1

    def shares(self, rule: SecurityGroupRule, cells: dict[tuple[int | str, int], None]) -> bool:
        return any(cell in cells for cell in self.of_rule(rule))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _by_name(network: Network, rule: SecurityGroupRule) -> bool:
    """Is the peer known by its name alone: a group, or a list of unknown contents?"""
    return isinstance(rule.peer, GroupPeer | PrefixListPeer) and _addresses(network, rule) is None


def _addresses(network: Network, rule: SecurityGroupRule) -> AddressSet | None:
    """The addresses of a rule's peer; None where it is a group, or not known."""
    match rule.peer:
        case CidrPeer(cidr):
            return of_network(cidr)
        case PrefixListPeer(name):
            known = network.prefix_lists.get(name)
            return known.entries if known is not None else None
    return None


def _unmatched(
    network: Network, rule: SecurityGroupRule, space: AddressSet | None, carried: set[str]
) -> str:
    """Why no packet can ever match the rule's peer, or nothing."""
    if isinstance(rule.peer, GroupPeer):
        known = rule.peer.group in network.security_groups
        if known and rule.peer.group not in carried and network.interfaces:
            return f"nothing can match it: no interface carries {rule.peer.group}"
        return ""
    if isinstance(rule.peer, CidrPeer) and (
        rule.peer.cidr.is_loopback or rule.peer.cidr.is_reserved
    ):
        # Written on purpose: a rule for nobody stands in place of the one that allows all.
        return ""
    held = _addresses(network, rule)
    if space is not None and held and not held & space:
        return f"nothing can match it: no way joins this VPC to {rule.peer}"
    return ""


def _space(network: Network, vpc: str) -> AddressSet | None:
    """All the addresses that a VPC can exchange packets with; None where that is not known."""
    home = network.vpcs.get(vpc)
    tables = [one for one in network.route_tables.values() if one.vpc == vpc]
    kinds = {route.target_kind for table in tables for route in table.routes}
    joined = any(vpc in (one.requester.vpc, one.accepter.vpc) for one in network.peerings.values())
    if home is None or not tables or joined or kinds & set(_JOINS):
        return None
    found = [of_network(one) for one in home.cidrs]
    if (
        any(vpc in one.vpcs for one in network.internet_gateways.values())
        or "vpc-endpoint" in kinds
    ):
        found.append(internet_addresses())
    if on_premises_end(network) is not None:
        found.append(on_premises_addresses(network))
    return IntervalSet.union_of(found)


def _reading(
    group: SecurityGroup,
    rule: SecurityGroupRule,
    egress: bool,
    told: str,
    covers: tuple[SecurityGroupRule, ...] = (),
) -> Reading:
    words = group_words(rule, egress=egress)
    return Reading(
        CODE,
        "finding",
        f"security group {group.id} {'out' if egress else 'in'} {rule.id or words}",
        told,
        step=_step(group, rule, egress),
        others=tuple(_step(group, one, egress) for one in covers),
    )


def _step(group: SecurityGroup, rule: SecurityGroupRule, egress: bool) -> Step:
    return Step("security-group", group.id, group_words(rule, egress=egress), True,
                origin=rule.origin)  # fmt: skip
