"""Rules of network ACLs that never decide a packet: earlier ones take all that they match."""

from __future__ import annotations

from collections.abc import Iterator

from ringwall.model.addresses import ALL_ADDRESSES, of_network
from ringwall.model.network import AclEntry, Network, NetworkAcl
from ringwall.model.services import ALL_SERVICES
from ringwall.model.standing import Reading
from ringwall.model.verdict import Step
from ringwall.prove.partition import Atoms
from ringwall.prove.simulator_filters import acl_words

CODE = "RW-DEAD"


def dead_acls(network: Network) -> Iterator[Reading]:
    """Network ACLs without a subnet (AWS's default ones left out), and entries that never decide.

    Exact: the entries cut the addresses and the services into atoms, and an entry that finds every
    atom of its own already taken by surer, earlier ones is dead.
    """
    for acl in sorted(network.network_acls.values(), key=lambda one: one.id):
        homes = [one for one in acl.subnets if one in network.subnets]
        if not homes:
            if not acl.default and network.subnets:
                told = f"no subnet uses it, so none of its {len(acl.entries)} rules decides"
                step = Step("network-acl", acl.id, "serves no subnet", None, origin=acl.origin)
                yield Reading(CODE, "finding", f"network ACL {acl.id}", told, step=step)
            continue
        for egress in (False, True):
            entries = [one for one in acl.entries if one.egress is egress]
            yield from _dead(acl, sorted(entries, key=lambda one: one.number))


def _dead(acl: NetworkAcl, entries: list[AclEntry]) -> Iterator[Reading]:
    places = Atoms.cut(ALL_ADDRESSES, [of_network(one.cidr) for one in entries])
    services = Atoms.cut(ALL_SERVICES, [one.services for one in entries])
    left = [services.full] * len(places)
    for at, entry in enumerate(entries):
        mask = services.mask(entry.services)
        mine = list(places.indices(of_network(entry.cidr)))
        if not any(left[index] & mask for index in mine):
            yield _reading(acl, entry, _takers(entry, entries[:at]))
        elif entry.certain:
            for index in mine:
                left[index] &= ~mask


def _takers(entry: AclEntry, earlier: list[AclEntry]) -> list[AclEntry]:
    """The sure entries before this one that share packets with it, those that matter first."""
    block = of_network(entry.cidr)
    shared = [
        one
        for one in earlier
        if one.certain and of_network(one.cidr) & block and one.services & entry.services
    ]
    whole = [
        one for one in shared if block <= of_network(one.cidr) and entry.services <= one.services
    ]
    return whole[:1] or shared


def _reading(acl: NetworkAcl, entry: AclEntry, takers: list[AclEntry]) -> Reading:
    way = "out" if entry.egress else "in"
    against = [one for one in takers if one.allow is not entry.allow]
    numbers = ", ".join(str(one.number) for one in takers[:3])
    more = f" and {len(takers) - 3} more" if len(takers) > 3 else ""
    told = f"it never decides: rule {numbers}{more} takes all of it first"
    if against:
        told += f" and says {'deny' if entry.allow else 'allow'}"
    return Reading(
        CODE,
        "finding",
        f"network ACL {acl.id} {way} {entry.number}",
        told,
        step=_step(acl, entry),
        others=tuple(_step(acl, one) for one in takers[:3]),
    )


def _step(acl: NetworkAcl, entry: AclEntry) -> Step:
    return Step("network-acl", acl.id, acl_words(entry), entry.allow, origin=entry.origin)
