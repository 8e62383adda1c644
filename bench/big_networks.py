"""Large random networks for the benchmarks: rules that overlap, shadow and refer to each other.

Everything comes from a seed. The shape is the reference workload of the all-pairs benchmark: 200
security groups of 50 rules, 60 network ACLs of 20, several groups on each interface, some
interfaces with an IPv6 address beside the IPv4 one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice

from ringwall.model.addresses import IPNetwork, of_address, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    AclEntry,
    CidrPeer,
    GroupPeer,
    InternetGateway,
    Network,
    NetworkAcl,
    NetworkInterface,
    Peer,
    PrefixList,
    PrefixListPeer,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Vpc,
)
from ringwall.model.services import (
    ALL_SERVICES,
    ServiceSet,
    icmp_set,
    tcp,
    udp,
    whole_protocol,
)

V4 = IPv4Network("10.0.0.0/16")
V6 = IPv6Network("2001:db8:0:ff00::/56")
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
PORTS = (
    21, 22, 25, 53, 80, 88, 111, 123, 135, 139, 389, 443, 445, 465, 514, 587, 636, 873, 993, 1433,
    1521, 2049, 2181, 2379, 3000, 3128, 3260, 3306, 3389, 4317, 5000, 5044, 5432, 5601, 5672, 5900,
    6379, 6443, 7001, 8080, 8443, 8500, 9000, 9042, 9090, 9092, 9200, 10250, 11211, 27017,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of everything. ``roles`` is the number of distinct group sets that interfaces are
    given (None: every interface draws its own, so hardly two are alike: the hardest case)."""

    interfaces: int
    groups: int = 200
    rules: int = 50
    acls: int = 60
    entries: int = 20
    subnets: int = 120
    roles: int | None = None
    dual_stack: float = 0.3
    seed: int = 3


def big_network(shape: Shape) -> Network:
    """A VPC of the given shape, the same for the same shape and seed."""
    dice = random.Random(shape.seed)  # noqa: S311 - a benchmark, not a secret
    subnets = _subnets(shape)
    services = _services(dice)
    blocks = _blocks(dice, list(subnets.values()))
    lists = _prefix_lists(dice, blocks)
    names = [f"sg-{index:04}" for index in range(shape.groups)]
    groups = {
        name: _group(dice, name, shape.rules, _Pool(services, blocks, names, list(lists)))
        for name in names
    }
    return Network(
        source="bench",
        region="us-east-1",
        vpcs={"vpc-1": Vpc("vpc-1", (V4, V6), region="us-east-1")},
        subnets=subnets,
        route_tables=_tables(list(subnets)),
        network_acls=_acls(dice, shape, list(subnets), services, blocks),
        security_groups=groups,
        interfaces=_interfaces(dice, shape, list(subnets.values()), names),
        internet_gateways={"igw-1": InternetGateway("igw-1", ("vpc-1",))},
        prefix_lists=lists,
    )


def with_changed_rule(network: Network, turn: int) -> Network:
    """The network with one rule of one group replaced, another group each turn; the new rule
    names a block and ports that no rule named before."""
    dice = random.Random(turn)  # noqa: S311 - a benchmark, not a secret
    name = dice.choice(sorted(network.security_groups))
    group = network.security_groups[name]
    block = ip_network((int(V4.network_address) + dice.randrange(1 << 15), 23 + turn % 6), False)
    rule = SecurityGroupRule(CidrPeer(block), tcp(20_000 + turn, 20_000 + 3 * turn), id="new")
    changed = replace(group, ingress=(*group.ingress[1:], rule))
    return replace(network, security_groups={**network.security_groups, name: changed})


def with_changed_entry(network: Network, turn: int) -> Network:
    """The network with one entry of one network ACL denying what it allowed, or the reverse."""
    dice = random.Random(turn)  # noqa: S311 - a benchmark, not a secret
    name = dice.choice(sorted(network.network_acls))
    acl = network.network_acls[name]
    first, *others = acl.entries
    entries = (replace(first, allow=not first.allow), *others)
    return replace(
        network, network_acls={**network.network_acls, name: replace(acl, entries=entries)}
    )


@dataclass(frozen=True, slots=True)
class _Pool:
    services: list[ServiceSet]
    blocks: list[IPNetwork]
    groups: list[str]
    lists: list[str]


def _subnets(shape: Shape) -> dict[str, Subnet]:
    prefix = 16 + (shape.subnets - 1).bit_length()
    found = {}
    sixes = V6.subnets(new_prefix=64)
    for index, four in enumerate(islice(V4.subnets(new_prefix=prefix), shape.subnets)):
        name = f"subnet-{index:04}"
        found[name] = Subnet(name, "vpc-1", ZONES[index % 3], (four, next(sixes)))
    return found


def _services(dice: random.Random) -> list[ServiceSet]:
    """What rules open: single ports, ranges, ephemeral ports, ICMP, another protocol."""
    ranges = []
    for _ in range(40):
        low = dice.choice(PORTS)
        ranges.append(tcp(low, min(65535, low + dice.choice((1, 9, 99, 999)))))
    return [
        *map(tcp, PORTS), *map(tcp, PORTS), *map(tcp, PORTS), *ranges,
        udp(53), udp(123), udp(514), udp(500), udp(4500), udp(33434, 33523),
        tcp(1024, 65535), tcp(32768, 60999), udp(1024, 65535), tcp(0, 65535),
        icmp_set(1, 8, -1), icmp_set(1, 3, 4), icmp_set(58, 128, -1), whole_protocol(50),
    ]  # fmt: skip


def _blocks(dice: random.Random, subnets: list[Subnet]) -> list[IPNetwork]:
    """Peers of many sizes, from one address to everything; most lie in the VPC."""
    found: list[IPNetwork] = [ip_network(text) for text in ("10.0.0.0/8", "10.0.0.0/16")]
    for prefix in (17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 32):
        for _ in range(40):
            found.append(ip_network((dice.randrange(1 << 16) + (10 << 24), prefix), strict=False))
    for subnet in subnets:
        found += subnet.cidrs
    for prefix in (57, 58, 59, 60, 62, 126):
        for _ in range(20):
            four = int(V6.network_address) + (dice.randrange(len(subnets)) << 64)
            found.append(ip_network((four + dice.randrange(1 << 12), prefix), strict=False))
    public = [(dice.randrange(20, 200) << 24 | dice.randrange(1 << 24), p) for p in range(8, 33)]
    return found + [ip_network(one, strict=False) for one in public]


def _prefix_lists(dice: random.Random, blocks: list[IPNetwork]) -> dict[str, PrefixList]:
    return {
        name: PrefixList(
            name, name, IntervalSet.union_of(of_network(dice.choice(blocks)) for _ in range(8))
        )
        for name in (f"pl-{index}" for index in range(10))
    }


def _group(dice: random.Random, name: str, rules: int, pool: _Pool) -> SecurityGroup:
    half = rules // 2
    egress = [_rule(dice, name, pool, index) for index in range(half)]
    ingress = [_rule(dice, name, pool, index) for index in range(half, rules)]
    if dice.random() < 0.3:
        egress[0] = SecurityGroupRule(CidrPeer(ip_network("0.0.0.0/0")), ALL_SERVICES)
    return SecurityGroup(name, "vpc-1", name, tuple(ingress), tuple(egress))


def _rule(dice: random.Random, name: str, pool: _Pool, index: int) -> SecurityGroupRule:
    roll = dice.random()
    peer: Peer
    if roll < 0.35:
        peer = GroupPeer(name if roll < 0.02 else dice.choice(pool.groups))
    elif roll < 0.4:
        peer = PrefixListPeer(dice.choice(pool.lists))
    else:
        peer = CidrPeer(dice.choice(pool.blocks))
    return SecurityGroupRule(peer, dice.choice(pool.services), id=f"{name}-{index}")


def _acls(
    dice: random.Random,
    shape: Shape,
    subnets: list[str],
    services: list[ServiceSet],
    blocks: list[IPNetwork],
) -> dict[str, NetworkAcl]:
    share = {
        index: tuple(subnets[index :: shape.acls]) if index < len(subnets) else ()
        for index in range(shape.acls)
    }
    found = {}
    for index in range(shape.acls):
        name = f"acl-{index:03}"
        entries = tuple(
            entry
            for egress in (False, True)
            for entry in _entries(dice, shape.entries // 2, egress, services, blocks)
        )
        found[name] = NetworkAcl(name, "vpc-1", index == 0, share[index], entries)
    return found


def _entries(
    dice: random.Random,
    count: int,
    egress: bool,
    services: list[ServiceSet],
    blocks: list[IPNetwork],
) -> list[AclEntry]:
    """Some denials and narrow grants, then wide grants: the order is what decides."""
    found = []
    for index in range(count - 4):
        allow = dice.random() < 0.6
        found.append(
            AclEntry(100 + index, egress, allow, dice.choice(blocks), dice.choice(services[-60:]))
        )
    low = dice.choice((1024, 1024, 32768))
    wide = (
        (ip_network("10.0.0.0/16"), tcp(dice.choice((0, 0, 443)), 10250)),
        (ip_network("0.0.0.0/0"), tcp(low, 65535)),
        (V6, tcp(0, 65535)),
        (ip_network("10.0.0.0/16"), dice.choice((udp(0, 65535), ALL_SERVICES))),
    )
    for index, (block, opened) in enumerate(wide[:count]):
        found.append(AclEntry(200 + index, egress, True, block, opened))
    return found


def _tables(subnets: list[str]) -> dict[str, RouteTable]:
    out = Route(ip_network("0.0.0.0/0"), "internet-gateway", "igw-1")
    third = tuple(subnets[::3])
    return {
        "rtb-main": RouteTable("rtb-main", "vpc-1", True, (), ()),
        "rtb-public": RouteTable("rtb-public", "vpc-1", False, third, (out,)),
    }


def _interfaces(
    dice: random.Random, shape: Shape, subnets: list[Subnet], groups: list[str]
) -> dict[str, NetworkInterface]:
    roles = [_draw_groups(dice, groups) for _ in range(shape.roles or 0)]
    hosts = {one.id: _host_numbers(dice, one, shape) for one in subnets}
    found = {}
    for index in range(shape.interfaces):
        subnet = subnets[index % len(subnets)]
        four, six = subnet.cidrs
        offset = hosts[subnet.id][index // len(subnets)]
        addresses = of_address(four[offset])
        if dice.random() < shape.dual_stack:
            addresses = addresses | of_address(six[offset])
        name = f"eni-{index:05}"
        found[name] = NetworkInterface(
            name,
            subnet.id,
            addresses,
            dice.choice(roles) if roles else _draw_groups(dice, groups),
            kind=dice.choice(("instance", "instance", "instance", "database", "function")),
            public=dice.random() < 0.1,
            owner=f"i-{index:05}",
        )
    return found


def _host_numbers(dice: random.Random, subnet: Subnet, shape: Shape) -> list[int]:
    """Where in its subnet each interface stands, all over it."""
    usable = range(4, subnet.cidrs[0].num_addresses - 1)
    return dice.sample(usable, -(-shape.interfaces // shape.subnets))


def _draw_groups(dice: random.Random, groups: list[str]) -> tuple[str, ...]:
    return tuple(sorted(dice.sample(groups, min(len(groups), dice.choice((1, 2, 2, 3, 3, 4, 5))))))
