"""Every single mistake: one rule, route, association or attachment in its most permissive form.

Some mistakes come to the same, and some let through all that others would; of those the widest
stands for all. Replacing any one rule of a group by "allow all" leaves "allow all", and an entry
of a network ACL that allows all lets the most through in the first place. Where a guarantee holds
against the widest, it holds against each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import TypeVar

from ringwall.model.mistake import Mistake
from ringwall.model.network import (
    WAY_KINDS,
    AclEntry,
    Bucket,
    CidrPeer,
    Network,
    NetworkAcl,
    NetworkInterface,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
)
from ringwall.model.services import ALL_SERVICES
from ringwall.prove.simulator_routes import route_words

T = TypeVar("T")
_EVERYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_ANYBODY = tuple(SecurityGroupRule(CidrPeer(one), ALL_SERVICES) for one in _EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Tried:
    """A mistake, and how it is made in a network. ``family`` names mistakes that can all be made
    at once and then let through whatever any one of them would."""

    mistake: Mistake
    made: Callable[[Network], Network]
    family: str = ""


def single_mistakes(network: Network) -> Iterator[Tried]:
    """Every single mistake that can be made in a network, in the order of ids."""
    for group in _by_id(network.security_groups):
        yield from _of_group(group)
    for acl in _by_id(network.network_acls):
        if acl.subnets:
            yield from _of_acl(acl)
    for table in _by_id(network.route_tables):
        yield from _of_table(network, table)
    for subnet in _by_id(network.subnets):
        yield from _associations(network, subnet)
    yield from _attachments(network)
    yield from _buckets(network)


def _by_id(held: Mapping[str, T]) -> list[T]:
    return [one for _, one in sorted(held.items())]


# --- groups and network ACLs ------------------------------------------------------------


def _of_group(group: SecurityGroup) -> Iterator[Tried]:
    for egress, way in ((False, "ingress"), (True, "egress")):
        rules = group.egress if egress else group.ingress
        what = f"any one {way} rule replaced by one that allows all, from or to anywhere"
        first = rules[0].origin if rules else group.origin
        mistake = Mistake("security group rule", group.id, what, max(len(rules), 1), first)
        yield Tried(mistake, _open_group(group.id, egress), "security groups")


def _open_group(name: str, egress: bool) -> Callable[[Network], Network]:
    def made(network: Network) -> Network:
        group = network.security_groups[name]
        opened = replace(group, egress=_ANYBODY) if egress else replace(group, ingress=_ANYBODY)
        return replace(network, security_groups={**network.security_groups, name: opened})

    return made


def _of_acl(acl: NetworkAcl) -> Iterator[Tried]:
    for egress, way in ((False, "inbound"), (True, "outbound")):
        entries = [one for one in acl.entries if one.egress is egress]
        what = f"any one {way} rule replaced by one that allows all"
        first = entries[0].origin if entries else acl.origin
        mistake = Mistake("network ACL rule", acl.id, what, max(len(entries), 1), first)
        yield Tried(mistake, _open_acl(acl.id, egress), "network ACLs")


def _open_acl(name: str, egress: bool) -> Callable[[Network], Network]:
    def made(network: Network) -> Network:
        acl = network.network_acls[name]
        kept = tuple(one for one in acl.entries if one.egress is not egress)
        wide = tuple(
            AclEntry(number, egress, True, block, ALL_SERVICES)
            for number, block in enumerate(_EVERYWHERE, 1)
        )
        opened = replace(acl, entries=(*kept, *wide))
        return replace(network, network_acls={**network.network_acls, name: opened})

    return made


# --- routes and associations --------------------------------------------------------------


def _of_table(network: Network, table: RouteTable) -> Iterator[Tried]:
    """Each route led to the whole Internet: by the VPC's gateway, or by its own target."""
    gateways = [one.id for one in network.internet_gateways.values()
                if table.vpc in one.vpcs and not one.egress_only]  # fmt: skip
    forms: list[tuple[int, Route]] = []
    for at, route in enumerate(table.routes):
        if route.target_kind != "local":
            forms += [(at, replace(route, destination=block, blackhole=False, certain=True))
                      for block in _EVERYWHERE]  # fmt: skip
            forms += _to_gateways(at, gateways)
    # A table that only routes locally: one more route is as single a mistake.
    forms += _to_gateways(len(table.routes), gateways)
    for at, form in forms:
        old = table.routes[at] if at < len(table.routes) else None
        said = f"`{route_words(old)}` replaced by" if old is not None else "one more route,"
        what = f"{said} `{route_words(form)}`"
        place = old.origin if old is not None else table.origin
        yield Tried(Mistake("route", table.id, what, 1, place), _with_route(table.id, at, form))


def _to_gateways(at: int, gateways: list[str]) -> list[tuple[int, Route]]:
    return [
        (at, Route(block, "internet-gateway", name)) for name in gateways for block in _EVERYWHERE
    ]


def _with_route(name: str, at: int, form: Route) -> Callable[[Network], Network]:
    def made(network: Network) -> Network:
        table = network.route_tables[name]
        taken = (*table.routes[:at], form, *table.routes[at + 1 :])
        alone = tuple(
            one for i, one in enumerate(taken) if i == at or one.destination != form.destination
        )
        changed = replace(table, routes=alone)
        return replace(network, route_tables={**network.route_tables, name: changed})

    return made


def _associations(network: Network, subnet: Subnet) -> Iterator[Tried]:
    for table in _by_id(network.route_tables):
        if table.vpc == subnet.vpc and subnet.id not in table.subnets:
            what = f"associated with the route table {table.id}"
            mistake = Mistake("association", subnet.id, what, 1, subnet.origin)
            yield Tried(mistake, _with_table(subnet.id, table.id))
    for acl in _by_id(network.network_acls):
        if acl.vpc == subnet.vpc and subnet.id not in acl.subnets:
            what = f"associated with the network ACL {acl.id}"
            mistake = Mistake("association", subnet.id, what, 1, subnet.origin)
            yield Tried(mistake, _with_acl(subnet.id, acl.id))


def _with_table(subnet: str, name: str) -> Callable[[Network], Network]:
    def made(network: Network) -> Network:
        tables = {
            key: replace(one, subnets=_moved(one.subnets, subnet, key == name))
            for key, one in network.route_tables.items()
        }
        return replace(network, route_tables=tables)

    return made


def _with_acl(subnet: str, name: str) -> Callable[[Network], Network]:
    def made(network: Network) -> Network:
        acls = {
            key: replace(one, subnets=_moved(one.subnets, subnet, key == name))
            for key, one in network.network_acls.items()
        }
        return replace(network, network_acls=acls)

    return made


def _moved(subnets: tuple[str, ...], one: str, here: bool) -> tuple[str, ...]:
    rest = tuple(name for name in subnets if name != one)
    return (*rest, one) if here else rest


# --- attachments ----------------------------------------------------------------------------


def _attachments(network: Network) -> Iterator[Tried]:
    """A public address, and each further group of its VPC, for each owner's interfaces."""
    owners: dict[str, list[NetworkInterface]] = {}
    for one in _by_id(network.interfaces):
        if one.kind not in WAY_KINDS:
            owners.setdefault(one.service or one.owner or one.id, []).append(one)
    for name, held in sorted(owners.items()):
        ids = frozenset(one.id for one in held)
        if not all(one.public for one in held):
            mistake = Mistake("attachment", name, "given a public address", 1, held[0].origin)
            yield Tried(mistake, _public(ids), "public addresses")
        vpcs = {network.subnets[one.subnet].vpc for one in held if one.subnet in network.subnets}
        for group in _by_id(network.security_groups):
            if group.vpc in vpcs and any(group.id not in one.groups for one in held):
                what = f"put into the security group {group.id}"
                mistake = Mistake("attachment", name, what, 1, held[0].origin)
                yield Tried(mistake, _grouped(ids, group.id))


def _public(ids: frozenset[str]) -> Callable[[Network], Network]:
    return lambda network: replace(
        network,
        interfaces={
            key: replace(one, public=True) if key in ids else one
            for key, one in network.interfaces.items()
        },
    )


def _grouped(ids: frozenset[str], group: str) -> Callable[[Network], Network]:
    def joined(one: NetworkInterface) -> NetworkInterface:
        if one.id not in ids or group in one.groups:
            return one
        return replace(one, groups=(*one.groups, group))

    return lambda network: replace(
        network, interfaces={key: joined(one) for key, one in network.interfaces.items()}
    )


def _buckets(network: Network) -> Iterator[Tried]:
    for bucket in _by_id(network.buckets):
        for what, changed in (
            ("its public access block taken off", replace(bucket, blocks_public=False)),
            ("its policy no longer bound to an endpoint", replace(bucket, only_through=())),
        ):
            if changed != bucket:
                yield Tried(Mistake("bucket", bucket.id, what, 1, bucket.origin),
                            _with_bucket(bucket.id, changed))  # fmt: skip


def _with_bucket(name: str, changed: Bucket) -> Callable[[Network], Network]:
    return lambda network: replace(network, buckets={**network.buckets, name: changed})
