"""Which addresses outside a network are alike for one interface.

The Internet is cut into an atom for every block that any rule names. One interface is judged by its
own groups, its own subnet's ACL and the routes of its VPC, so most atoms are alike for it, and one
of them is asked for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ringwall.model.addresses import ALL_V6, AddressSet, of_network
from ringwall.model.network import CidrPeer, Network, NetworkInterface, PrefixListPeer, TargetKind
from ringwall.prove.ends import internet_addresses
from ringwall.prove.legs import Spot
from ringwall.prove.matrix_faces import Line

#: Routes to these need nothing but the addresses that the VPC's own rules and routes name.
_BY_ITSELF: frozenset[TargetKind] = frozenset(
    {"local", "internet-gateway", "egress-only-internet-gateway"}
)


class Outside:
    """The spots of one end outside the network's VPCs."""

    def __init__(self, network: Network, gaps: dict[str, str], spots: Sequence[Spot]) -> None:
        self._network = network
        places = tuple(one.place for one in spots)
        self._line = Line(places, places)
        self._secluded = _secluded(network, gaps)
        self._acl_of = {name: acl for acl in network.network_acls.values() for name in acl.subnets}
        self._of_vpc: dict[str, list[AddressSet]] = {}

    def alike(self, one: NetworkInterface) -> list[int]:
        """For each spot, the first one that the interface cannot tell from it, by index."""
        subnet = self._network.subnets.get(one.subnet)
        count = len(self._line)
        if subnet is None or subnet.vpc not in self._secluded:
            return list(range(count))
        if subnet.vpc not in self._of_vpc:
            self._of_vpc[subnet.vpc] = list(self._routed(subnet.vpc))
        sets = dict.fromkeys((*self._of_vpc[subnet.vpc], *self._filtered(one)))
        marks = [self._marked(members) for members in sets]
        telling = [one for one in marks if 0 < one.sum() < count]
        seen = np.array(telling, dtype=np.bool_).reshape(len(telling), count)
        columns = np.ascontiguousarray(np.packbits(seen, axis=0).T)
        first: dict[bytes, int] = {}
        return [first.setdefault(one.tobytes(), at) for at, one in enumerate(columns)]

    def _marked(self, members: AddressSet) -> NDArray[np.bool_]:
        found = np.zeros(len(self._line), dtype=np.bool_)
        for start, end in self._line.stretches(members):
            found[start:end] = True
        return found

    def _routed(self, vpc: str) -> Iterator[AddressSet]:
        """What the routes of a VPC tell apart, and the ACLs of its NAT gateways' subnets."""
        yield ALL_V6
        yield internet_addresses()
        for one in self._network.vpcs.values():
            yield from map(of_network, one.cidrs)
        for table in self._network.route_tables.values():
            for route in table.routes if table.vpc == vpc else ():
                if isinstance(route.destination, str):
                    yield from self._listed(route.destination)
                else:
                    yield of_network(route.destination)
        for nat in self._network.nat_gateways.values():
            if nat.vpc == vpc:
                yield from self._acl(nat.subnet)

    def _filtered(self, one: NetworkInterface) -> Iterator[AddressSet]:
        """What the ACL and the groups of an interface tell apart."""
        yield from self._acl(one.subnet)
        for name in one.groups:
            group = self._network.security_groups.get(name)
            for rule in (*group.ingress, *group.egress) if group is not None else ():
                match rule.peer:
                    case CidrPeer(cidr):
                        yield of_network(cidr)
                    case PrefixListPeer(prefix_list):
                        yield from self._listed(prefix_list)

    def _acl(self, subnet: str) -> Iterator[AddressSet]:
        acl = self._acl_of.get(subnet)
        yield from (of_network(one.cidr) for one in (acl.entries if acl is not None else ()))

    def _listed(self, name: str) -> Iterator[AddressSet]:
        known = self._network.prefix_lists.get(name)
        if known is not None and known.entries is not None:
            yield known.entries


def _secluded(network: Network, gaps: dict[str, str]) -> set[str]:
    """The VPCs from which no route leads, or may lead, to another private network."""
    mixed = {vpc for vpc in network.vpcs if vpc in gaps}
    nats = {one.id for one in network.nat_gateways.values() if one.public and one.id not in gaps}
    gateways = {one.id for one in network.endpoints.values() if one.kind == "gateway"}
    tabled = {table.vpc for table in network.route_tables.values() if table.main}
    for table in network.route_tables.values():
        for route in table.routes:
            known = {"nat-gateway": nats, "vpc-endpoint": gateways}.get(route.target_kind, set())
            harmless = route.target_kind in _BY_ITSELF or route.target in known
            if not harmless or not route.certain or table.id in gaps or route.target in gaps:
                mixed.add(table.vpc)
            if isinstance(route.destination, str) and route.destination not in network.prefix_lists:
                mixed.add(table.vpc)
    return {vpc for vpc in network.vpcs if vpc in tabled and vpc not in mixed}
