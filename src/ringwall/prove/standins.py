"""Stand-ins for the addresses of an AWS-managed prefix list whose contents are not known.

AWS changes these lists without notice, and for some Regions no list is published. A rule that
names the list holds its addresses whatever they are, a rule for all of the Internet holds them
too, and a rule for private addresses holds none. So one public address that no narrower rule
names decides exactly as the real ones would, except where a rule names a public block that the
real ones happen to lie in: that is the assumption, and it is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.addresses import ALL_V4, AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import CidrPeer, Network, PrefixList
from ringwall.prove.ends import internet_addresses

_MANAGED = "com.amazonaws."


def stand_in_note(prefix_list: PrefixList) -> str:
    return (
        f"the addresses of {prefix_list.name} are not known: they are taken to lie in no public "
        "block that a rule names, other than the whole Internet"
    )


def with_stand_ins(network: Network) -> Network:
    """The network with one stand-in address for each AWS-managed list of unknown contents."""
    dark = [
        one
        for one in network.prefix_lists.values()
        if one.entries is None and one.name.startswith(_MANAGED)
    ]
    if not dark:
        return network
    free = (internet_addresses() & ALL_V4) - IntervalSet.union_of(_named(network))
    if free.size < len(dark):
        return network
    lists = dict(network.prefix_lists)
    for one in dark:
        chosen = IntervalSet(((free.first, free.first),))
        free -= chosen
        lists[one.id] = replace(one, entries=chosen)
    return replace(network, prefix_lists=lists)


def _named(network: Network) -> Iterator[AddressSet]:
    """The blocks that rules name, those that hold the whole Internet left out."""
    for block in _blocks(network):
        if not (internet_addresses() & ALL_V4) <= block:
            yield block


def _blocks(network: Network) -> Iterator[AddressSet]:
    for acl in network.network_acls.values():
        for entry in acl.entries:
            yield of_network(entry.cidr)
    for group in network.security_groups.values():
        for rule in (*group.ingress, *group.egress):
            if isinstance(rule.peer, CidrPeer):
                yield of_network(rule.peer.cidr)
    for table in network.route_tables.values():
        for route in table.routes:
            if not isinstance(route.destination, str):
                yield of_network(route.destination)
    for one in network.prefix_lists.values():
        if one.entries is not None:
            yield one.entries
