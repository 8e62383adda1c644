"""Atoms: the coarsest pieces of the address and service lines that no rule cuts in two.

Every rule of a network matches an atom wholly or not at all, so one representative decides for
the whole atom, and a set of services is one integer with a bit per atom. That is what makes the
engine exact: nothing is sampled.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.addresses import ALL_ADDRESSES, ALL_V4, AddressSet, of_cidr, of_network
from ringwall.model.beyond import FirewallRule
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    CidrPeer,
    Network,
    SecurityGroupRule,
)
from ringwall.model.policy import Policy
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    icmp_set,
    port_range,
    whole_protocol,
)
from ringwall.prove.ends import internet_addresses, on_premises_addresses


@dataclass(frozen=True, slots=True)
class Atoms:
    """A line cut at ``starts`` (ascending, the first is the line's first place)."""

    starts: tuple[int, ...]
    last: int
    _masks: dict[IntervalSet, int] = field(default_factory=dict, compare=False)

    @classmethod
    def cut(cls, line: IntervalSet, sets: Iterable[IntervalSet]) -> Atoms:
        """The coarsest atoms of ``line`` (one interval) that refine every one of ``sets``."""
        first, last = line.intervals[0]
        cuts = {first}
        for one in sets:
            for low, high in one:
                cuts.add(low)
                cuts.add(high + 1)
        return cls(tuple(sorted(cut for cut in cuts if first <= cut <= last)), last)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def full(self) -> int:
        """The mask of the whole line."""
        return (1 << len(self.starts)) - 1

    def index(self, value: int) -> int:
        """The atom that holds a value."""
        return bisect_right(self.starts, value) - 1

    def mask(self, members: IntervalSet) -> int:
        """The atoms of a set, a bit each; raises ValueError on a set that cuts an atom."""
        known = self._masks.get(members)
        if known is not None:
            return known
        mask = 0
        for low, high in members:
            start, end = bisect_left(self.starts, low), bisect_left(self.starts, high + 1)
            if self.starts[start] != low or (high != self.last and self.starts[end] != high + 1):
                raise ValueError(f"the partition does not refine {low}-{high}")
            mask |= (1 << end) - (1 << start)
        self._masks[members] = mask
        return mask

    def indices(self, members: IntervalSet) -> Iterator[int]:
        """The atoms of a set in order; the set must not cut an atom."""
        for low, high in members:
            yield from range(self.index(low), self.index(high) + 1)

    def span(self, index: int) -> tuple[int, int]:
        """The first and last member of an atom."""
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else self.last
        return self.starts[index], end

    def set_of(self, mask: int) -> IntervalSet:
        """The set that a mask stands for."""
        spans = []
        while mask:
            low_bit = mask & -mask
            spans.append(self.span(low_bit.bit_length() - 1))
            mask ^= low_bit
        return IntervalSet.of(*spans)


@dataclass(frozen=True, slots=True)
class Partition:
    """The two lines of a network (and of the policy that it is judged by), cut into atoms."""

    addresses: Atoms
    services: Atoms


def partition(network: Network, policy: Policy | None = None) -> Partition:
    return Partition(
        Atoms.cut(ALL_ADDRESSES, _all_addresses(network, policy)),
        Atoms.cut(ALL_SERVICES, _all_services(network, policy)),
    )


def _all_addresses(network: Network, policy: Policy | None) -> Iterator[AddressSet]:
    yield from _address_sets(network)
    yield from _rule_addresses(network)
    yield from _policy_addresses(policy)


def _all_services(network: Network, policy: Policy | None) -> Iterator[ServiceSet]:
    yield from _service_sets(network)
    yield from _policy_services(policy)


def _rules(network: Network) -> Iterator[SecurityGroupRule]:
    for group in network.security_groups.values():
        yield from group.ingress
        yield from group.egress


def _address_sets(network: Network) -> Iterator[AddressSet]:
    yield ALL_V4
    yield internet_addresses()
    for vpc in network.vpcs.values():
        yield from map(of_network, vpc.cidrs)
    for subnet in network.subnets.values():
        yield from map(of_network, subnet.cidrs)
    for interface in network.interfaces.values():
        yield interface.addresses
    for side in (
        side for one in network.peerings.values() for side in (one.requester, one.accepter)
    ):
        yield from map(of_network, side.cidrs)
    yield from _premises(network)
    for table in network.route_tables.values():
        for route in table.routes:
            if not isinstance(route.destination, str):
                yield of_network(route.destination)
    for prefix_list in network.prefix_lists.values():
        if prefix_list.entries is not None:
            yield prefix_list.entries


def _premises(network: Network) -> Iterator[AddressSet]:
    """What lies, or is taken to lie, beyond VPN and Direct Connect gateways."""
    yield on_premises_addresses(network)
    for table in network.transit_route_tables.values():
        for route in table.routes:
            if not isinstance(route.destination, str):
                yield of_network(route.destination)
    for vpn in network.vpn_connections.values():
        yield from map(of_network, vpn.routes)
    for gateway in network.direct_connect_gateways.values():
        yield from map(of_network, gateway.prefixes)


def _rule_addresses(network: Network) -> Iterator[AddressSet]:
    for acl in network.network_acls.values():
        for entry in acl.entries:
            yield of_network(entry.cidr)
    for rule in _rules(network):
        if isinstance(rule.peer, CidrPeer):
            yield of_network(rule.peer.cidr)
    for wall in _wall_rules(network):
        yield wall.sources
        yield wall.destinations


def _wall_rules(network: Network) -> Iterator[FirewallRule]:
    for firewall in network.firewalls.values():
        yield from (*firewall.stateless, *firewall.stateful)


def by_protocol(services: ServiceSet) -> tuple[ServiceSet, ServiceSet]:
    """The protocols that a set holds as a whole, and (whole) those that it holds in part."""
    protocols = IntervalSet.of(*((low & ~0xFFFF, high | 0xFFFF) for low, high in services))
    cut = IntervalSet.of(
        *(
            (edge & ~0xFFFF, edge | 0xFFFF)
            for span in services
            for edge in span
            if not (span[0] <= edge & ~0xFFFF and edge | 0xFFFF <= span[1])
        )
    )
    return protocols - cut, cut


def _service_sets(network: Network) -> Iterator[ServiceSet]:
    for protocol in (ICMP, TCP, UDP, ICMPV6):
        yield whole_protocol(protocol)
    for protocol, request, answer in ((ICMP, 8, 0), (ICMPV6, 128, 129)):
        yield icmp_set(protocol, request, -1)
        yield icmp_set(protocol, answer, -1)
    for low, high in facts("client-ports").values.values():
        yield port_range(TCP, low, high)
        yield port_range(UDP, low, high)
    for interface in network.interfaces.values():
        if interface.client_ports is not None:
            yield port_range(TCP, *interface.client_ports)
            yield port_range(UDP, *interface.client_ports)
    for acl in network.network_acls.values():
        yield from (entry.services for entry in acl.entries)
    yield from (rule.services for rule in _rules(network))
    for balancer in network.load_balancers.values():
        for listener in balancer.listeners:
            yield port_range(TCP, listener.port, listener.port)
            yield port_range(UDP, listener.port, listener.port)
    for wall in _wall_rules(network):
        yield wall.services
        if wall.both_ways:
            yield from by_protocol(wall.services)
    yield from _target_ports(network)


def _target_ports(network: Network) -> Iterator[ServiceSet]:
    for group in network.target_groups.values():
        ports = [group.port, *(target.port for target in group.targets or ())]
        for port in (port for port in ports if port is not None):
            yield port_range(TCP, port, port)
            yield port_range(UDP, port, port)


def _policy_addresses(policy: Policy | None) -> Iterator[AddressSet]:
    """The blocks that a policy names; its other words name what the network has atoms for."""
    for selector in policy.selectors() if policy else ():
        for word in selector.spoken if selector.kind in ("address", "named") else ():
            with suppress(ValueError):
                yield of_cidr(word)


def _policy_services(policy: Policy | None) -> Iterator[ServiceSet]:
    if policy is not None:
        yield from policy.service_sets()
        for flow in policy.flows:
            yield port_range(TCP, *flow.client_ports)
            yield port_range(UDP, *flow.client_ports)
