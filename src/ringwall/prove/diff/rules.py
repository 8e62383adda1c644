"""Resources whose rules differ, and whether that matters to any connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ringwall.model.difference import RuleChange
from ringwall.model.network import (
    Network,
    NetworkAcl,
    NetworkInterface,
    RouteTable,
    SecurityGroup,
)
from ringwall.model.verdict import Layer, Step
from ringwall.prove.simulator_filters import acl_words, group_words
from ringwall.prove.simulator_routes import route_words

T = TypeVar("T")
#: A rule in words that say all that decides.
_Rules = dict[str, Step]


@dataclass(frozen=True, slots=True)
class Changed:
    """A resource that both networks have, with its rules in words, and the first network with
    the second's version of it."""

    kind: str
    resource: str
    before: _Rules
    after: _Rules
    tried: Network

    def told(self, matters: bool | None) -> RuleChange:
        added = tuple(step for words, step in self.after.items() if words not in self.before)
        removed = tuple(step for words, step in self.before.items() if words not in self.after)
        return RuleChange(self.kind, self.resource, added, removed, matters)


def changed_rules(before: Network, after: Network) -> Iterator[Changed]:
    """Groups, network ACLs, route tables and interfaces that stand in both under one id, and
    differ in what they decide."""
    yield from _changed(
        "security group", before.security_groups, after.security_groups, _of_group,
        lambda key, one: replace(before, security_groups={**before.security_groups, key: one}),
    )  # fmt: skip
    yield from _changed(
        "network ACL", before.network_acls, after.network_acls, _of_acl,
        lambda key, one: replace(before, network_acls={**before.network_acls, key: one}),
    )  # fmt: skip
    yield from _changed(
        "route table", before.route_tables, after.route_tables, _of_table,
        lambda key, one: replace(before, route_tables={**before.route_tables, key: one}),
    )  # fmt: skip
    yield from _changed(
        "interface", before.interfaces, after.interfaces, _of_interface,
        lambda key, one: replace(before, interfaces={**before.interfaces, key: one}),
    )  # fmt: skip


def _changed(
    kind: str,
    mine: Mapping[str, T],
    theirs: Mapping[str, T],
    rules: Callable[[T], _Rules],
    tried: Callable[[str, T], Network],
) -> Iterator[Changed]:
    for key in sorted(mine.keys() & theirs.keys()):
        before, after = rules(mine[key]), rules(theirs[key])
        if before.keys() != after.keys():
            yield Changed(kind, key, before, after, tried(key, theirs[key]))


def _of_group(group: SecurityGroup) -> _Rules:
    found: _Rules = {}
    for egress, rules in ((False, group.ingress), (True, group.egress)):
        for one in rules:
            words = group_words(replace(one, description=""), egress=egress)
            shown = _step("security-group", group.id, words, True)
            found[f"{words} {one.services.intervals} {one.certain}"] = replace(
                shown, origin=one.origin
            )
    return found


def _of_acl(acl: NetworkAcl) -> _Rules:
    found = {f"serves {one}": _step("network-acl", acl.id, f"serves {one}", None)
             for one in acl.subnets}  # fmt: skip
    for one in acl.entries:
        words = acl_words(one)
        shown = replace(_step("network-acl", acl.id, words, one.allow), origin=one.origin)
        found[f"{words} {one.egress} {one.services.intervals} {one.certain}"] = shown
    return found


def _of_table(table: RouteTable) -> _Rules:
    served = (*table.subnets, *table.gateways, *(("its VPC",) if table.main else ()))
    found = {f"serves {one}": _step("route", table.id, f"serves {one}", None) for one in served}
    for one in table.routes:
        words = route_words(one) + (", a blackhole" if one.blackhole else "")
        shown = replace(_step("route", table.id, words, True), origin=one.origin)
        found[f"{words} {one.propagated} {one.certain}"] = shown
    return found


_PUBLIC = {
    True: "has a public address",
    False: "has no public address",
    None: "may have a public address",
}


def _of_interface(one: NetworkInterface) -> _Rules:
    words = [
        *(f"carries {name}" for name in one.groups),
        f"stands in {one.subnet}",
        _PUBLIC[one.public],
        "" if one.source_dest_check else "takes what is meant for others",
    ]
    return {word: replace(_step("security-group", one.id, word, None), origin=one.origin)
            for word in words if word}  # fmt: skip


def _step(layer: Layer, resource: str, words: str, allowed: bool | None) -> Step:
    return Step(layer, resource, words, allowed)
