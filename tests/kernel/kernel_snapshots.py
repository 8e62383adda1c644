"""Random snapshots that a kernel can play, and random questions about them.

Every fact is known (no gaps, nothing uncertain), every interface has addresses of its own, and
blocks and ports come from short lists, so that rules meet, shadow and contradict each other. A
seed gives the same snapshot on every machine.
"""

from __future__ import annotations

from ipaddress import ip_network
from random import Random

from ringwall.cli.referee import Question, connection, ends, question
from ringwall.model.addresses import of_address, of_cidr
from ringwall.model.beyond import (
    PeeringConnection,
    PeeringSide,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
)
from ringwall.model.intervals import EMPTY
from ringwall.model.network import (
    AclEntry,
    CidrPeer,
    GroupPeer,
    InternetGateway,
    NatGateway,
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
    VpcEndpoint,
)
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    icmp_set,
    tcp,
    udp,
    whole_protocol,
)
from ringwall.rehearse.plan import Plan

GRE, ESP = 47, 50
VPCS = {
    "vpc-1": ("10.0.0.0/16", "2600:1f00:0:100::/56"),
    "vpc-2": ("10.1.0.0/16", "2600:1f00:0:200::/56"),
    "vpc-3": ("10.2.0.0/16", "2600:1f00:0:300::/56"),
}
SUBNETS = {
    "subnet-a": ("vpc-1", "10.0.0.0/24", "2600:1f00:0:100::/64"),
    "subnet-b": ("vpc-1", "10.0.1.0/24", "2600:1f00:0:101::/64"),
    "subnet-c": ("vpc-1", "10.0.2.0/24", "2600:1f00:0:102::/64"),
    "subnet-d": ("vpc-2", "10.1.0.0/24", "2600:1f00:0:200::/64"),
    "subnet-e": ("vpc-3", "10.2.0.0/24", "2600:1f00:0:300::/64"),
    "subnet-f": ("vpc-3", "10.2.1.0/24", "2600:1f00:0:301::/64"),
}
ZONES = {"subnet-a": "zone-1", "subnet-b": "zone-2", "subnet-c": "zone-1", "subnet-d": "zone-1",
         "subnet-e": "zone-1", "subnet-f": "zone-2"}  # fmt: skip
PLACES = ("subnet-a", "subnet-a", "subnet-b", "subnet-c", "subnet-c", "subnet-d", "subnet-e",
          "subnet-f")  # fmt: skip
V4 = ("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/24",
      "10.0.2.10/32", "10.1.0.0/16", "198.51.100.0/24", "128.0.0.0/1")  # fmt: skip
V6 = ("::/0", "::/0", "2600:1f00:0:100::/56", "2600:1f00:0:101::/64", "2600:1f00:0:100::10/128",
      "2a00::/12")  # fmt: skip
SERVICES = [
    ALL_SERVICES, ALL_SERVICES, whole_protocol(TCP), whole_protocol(TCP), tcp(443), tcp(22, 80),
    tcp(1024, 65535), tcp(32768, 60999), tcp(0, 1023), udp(53), udp(1024, 65535),
    whole_protocol(UDP), icmp_set(ICMP, 8, -1), icmp_set(ICMP, 0, 0), whole_protocol(ICMP),
    whole_protocol(ICMPV6), icmp_set(ICMPV6, 128, -1), whole_protocol(GRE),
]  # fmt: skip
GROUPS = ("sg-1", "sg-2", "sg-3")
OUTSIDE = {
    4: ("198.51.100.7", "8.8.8.8", "130.1.2.3", "52.216.0.9"),
    6: ("2a00::7", "3fff::9"),
}
PORTS = (21, 22, 53, 80, 81, 443, 1023, 1024, 5432, 32768, 61000, 65535)
CLIENTS = (22, 443, 1023, 1024, 5432, 32767, 32768, 40000, 60999, 61000, 65535)


def snapshot(seed: int) -> Network:
    """Three VPCs: peering, a transit gateway, internet and NAT gateways, S3 by an endpoint."""
    draw = Random(seed)  # noqa: S311  # to be drawn again, not to be secret
    home = draw.choice(("subnet-a", "subnet-b", "subnet-c"))
    block = ip_network(SUBNETS[home][1])
    nat = NetworkInterface(
        "eni-nat",
        home,
        of_address(block[200]),
        (),
        kind="nat-gateway",
        public=draw.random() < 0.8,
        owner="nat-1",
    )
    found = [_interface(draw, subnet, number) for number, subnet in enumerate(PLACES)]
    sides = [PeeringSide(name, region="us-east-1") for name in ("vpc-1", "vpc-2")]
    attachments = _attachments(draw)
    return Network(
        source=f"snapshot {seed}",
        region="us-east-1",
        vpcs={
            name: Vpc(name, tuple(map(ip_network, blocks)), region="us-east-1")
            for name, blocks in VPCS.items()
        },
        subnets={
            name: Subnet(name, vpc, ZONES[name], tuple(map(ip_network, blocks)))
            for name, (vpc, *blocks) in SUBNETS.items()
        },
        route_tables=_tables(draw),
        network_acls=_acls(draw),
        security_groups={
            name: SecurityGroup(name, "vpc-1", name, _rules(draw), _rules(draw)) for name in GROUPS
        },
        interfaces={one.id: one for one in [*found, nat]},
        internet_gateways=_gateways(draw),
        nat_gateways={
            "nat-1": NatGateway("nat-1", "vpc-1", home, "eni-nat", public=nat.public is True)
        },
        endpoints={
            "vpce-s3": VpcEndpoint(
                "vpce-s3", "vpc-1", "gateway", "com.amazonaws.us-east-1.s3", (), (), "pl-s3"
            )
        },
        prefix_lists={
            "pl-s3": PrefixList("pl-s3", "com.amazonaws.us-east-1.s3", of_cidr("52.216.0.0/15")),
            "pl-own": PrefixList("pl-own", "own", of_cidr("10.0.1.0/24") | of_cidr("8.0.0.0/8")),
        },
        transit_gateways={
            "tgw-1": TransitGateway("tgw-1", "us-east-1", group_references=draw.random() < 0.7)
        },
        transit_attachments=attachments,
        transit_route_tables=_transit_tables(draw),
        peerings={"pcx-1": PeeringConnection("pcx-1", *sides, active=draw.random() < 0.85)},
    )


def _interface(draw: Random, subnet: str, number: int) -> NetworkInterface:
    v4, v6 = (ip_network(block) for block in SUBNETS[subnet][1:])
    addresses = of_address(v4[10 + number % 2])
    if draw.random() < 0.8:
        addresses |= of_address(v6[16 + number % 2])
    public = draw.random() < 0.5
    known = of_address(f"203.0.113.{10 + number}") if draw.random() < 0.5 else EMPTY
    return NetworkInterface(
        id=f"eni-{subnet[-1]}-{number % 2}",
        subnet=subnet,
        addresses=addresses,
        groups=tuple(sorted(draw.sample(GROUPS, draw.choice((1, 1, 2))))),
        kind="instance",
        public=public,
        public_addresses=known if public else EMPTY,
        owner=f"i-{number}",
    )


def _gateways(draw: Random) -> dict[str, InternetGateway]:
    attached = ("vpc-1",) if draw.random() < 0.95 else ()
    found = [InternetGateway("igw-1", attached), InternetGateway("igw-2", ("vpc-2",))]
    found.append(InternetGateway("eigw-1", ("vpc-1",), egress_only=True))
    return {one.id: one for one in found}


def _tables(draw: Random) -> dict[str, RouteTable]:
    placed = {"rtb-main": (), "rtb-a": ("subnet-a",), "rtb-b": ("subnet-b",)}
    tables = {
        name: RouteTable(name, "vpc-1", name == "rtb-main", subnets, _routes(draw))
        for name, subnets in placed.items()
    }
    back = [Route(ip_network("0.0.0.0/0"), "internet-gateway", "igw-2")]
    for block in VPCS["vpc-1"]:
        if draw.random() < 0.8:
            back.append(Route(ip_network(block), "vpc-peering", "pcx-1"))
    away = [
        Route(ip_network(where), "transit-gateway", "tgw-1")
        for where, often in (("0.0.0.0/0", 0.7), ("10.0.0.0/16", 0.5), ("2600:1f00::/40", 0.8))
        if draw.random() < often
    ]
    tables["rtb-e"] = RouteTable("rtb-e", "vpc-3", True, (), tuple(away))
    tables["rtb-d"] = RouteTable("rtb-d", "vpc-2", True, (), tuple(back))
    return tables


def _attachments(draw: Random) -> dict[str, TransitGatewayAttachment]:
    """Of two VPCs at one transit gateway; not every zone of theirs need be served."""
    placed = {
        "att-1": ("vpc-1", ("subnet-b", "subnet-c")),
        "att-3": ("vpc-3", ("subnet-e", "subnet-f")),
    }
    return {
        id: TransitGatewayAttachment(
            id,
            "tgw-1",
            "vpc",
            vpc,
            subnets if draw.random() < 0.7 else subnets[:1],
            available=draw.random() < 0.95,
            appliance_mode=draw.random() < 0.2,
            group_references=draw.random() < 0.7,
        )
        for id, (vpc, subnets) in placed.items()
    }


def _transit_tables(draw: Random) -> dict[str, TransitGatewayRouteTable]:
    """One table for both attachments, or one for each; routes learnt, static, and to nowhere."""
    both = ("att-1", "att-3")
    found = {}
    shared = draw.random() < 0.5
    for id, served in (("trt-1", both),) if shared else (("trt-1", both[:1]), ("trt-3", both[1:])):
        routes = [
            TransitRoute(ip_network(where), attachment, blackhole=not attachment)
            for where, attachment, often in (
                ("0.0.0.0/0", "att-1", 0.7), ("::/0", "att-1", 0.4), ("10.0.1.0/24", "", 0.15),
                ("10.2.0.0/16", "att-3", 0.3), ("10.2.1.0/24", "att-3", 0.2),
            )
            if draw.random() < often
        ]  # fmt: skip
        learnt = tuple(one for one in both if draw.random() < 0.8)
        found[id] = TransitGatewayRouteTable(id, "tgw-1", served, learnt, tuple(routes))
    return found


def _routes(draw: Random) -> tuple[Route, ...]:
    ways = {
        "0.0.0.0/0": (("internet-gateway", "igw-1"), ("nat-gateway", "nat-1")),
        "198.51.100.0/24": (("nat-gateway", "nat-1"), ("internet-gateway", "igw-1")),
        "::/0": (("internet-gateway", "igw-1"), ("egress-only-internet-gateway", "eigw-1")),
        "10.1.0.0/16": (("vpc-peering", "pcx-1"),),
        "2600:1f00:0:200::/56": (("vpc-peering", "pcx-1"),),
        "10.2.0.0/16": (("transit-gateway", "tgw-1"),),
        "2600:1f00:0:300::/56": (("transit-gateway", "tgw-1"),),
        "pl-s3": (("vpc-endpoint", "vpce-s3"),),
    }
    often = {"198.51.100.0/24": 0.3, "pl-s3": 0.4}
    found = []
    for where, choices in ways.items():
        if draw.random() < often.get(where, 0.8):
            kind, target = draw.choice(choices)
            destination = where if where.startswith("pl-") else ip_network(where)
            lost = draw.random() < 0.05
            found.append(Route(destination, kind, target, blackhole=lost))
    return tuple(found)


def _acls(draw: Random) -> dict[str, NetworkAcl]:
    placed = {
        "acl-1": ("vpc-1", ("subnet-a",)),
        "acl-2": ("vpc-1", ("subnet-b", "subnet-c")),
        "acl-3": ("vpc-2", ("subnet-d",)),
        "acl-4": ("vpc-3", ("subnet-e",)),
        "acl-5": ("vpc-3", ("subnet-f",)),
    }
    return {
        name: NetworkAcl(name, vpc, False, subnets, _entries(draw))
        for name, (vpc, subnets) in placed.items()
    }


def _entries(draw: Random) -> tuple[AclEntry, ...]:
    numbers = draw.sample(range(1, 90), 10)
    found = []
    for number in numbers:
        block = ip_network(draw.choice(V4 if draw.random() < 0.6 else V6))
        allow = draw.random() < 0.6
        found.append(AclEntry(number, draw.random() < 0.5, allow, block, draw.choice(SERVICES)))
    for egress in (False, True):
        for number, block in ((100, "0.0.0.0/0"), (101, "::/0")):
            if draw.random() < 0.7:
                found.append(AclEntry(number, egress, True, ip_network(block), ALL_SERVICES))
    return tuple(found)


def _rules(draw: Random) -> tuple[SecurityGroupRule, ...]:
    found = []
    for _ in range(draw.choice((2, 3, 4))):
        peer: Peer = CidrPeer(ip_network(draw.choice((*V4, *V6))))
        throw = draw.random()
        if throw < 0.3:
            peer = GroupPeer(draw.choice(GROUPS))
        elif throw < 0.4:
            peer = PrefixListPeer(draw.choice(("pl-s3", "pl-own")))
        found.append(SecurityGroupRule(peer, draw.choice(SERVICES)))
    if draw.random() < 0.5:
        for block in ("0.0.0.0/0", "::/0"):
            found.append(SecurityGroupRule(CidrPeer(ip_network(block)), ALL_SERVICES))
    return tuple(found)


def questions(network: Network, plan: Plan, seed: int, most: int) -> list[Question]:
    """Random questions, no two of which are one connection to whoever tracks them."""
    draw = Random(seed)  # noqa: S311  # to be drawn again, not to be secret
    standing = ends(network, plan)
    found: list[Question] = []
    asked: set[tuple[object, ...]] = set()
    for _ in range(most * 2):
        source, target = draw.sample(standing, 2)
        version = draw.choice((4, 4, 6))
        protocol, port = _service(draw, version, "internet" in (source.kind, target.kind))
        one = question(
            plan,
            source,
            target,
            protocol=protocol,
            port=port,
            client_port=draw.choice(CLIENTS),
            version=version,
            outside=draw.choice(OUTSIDE[version]),
        )
        if one is None or len(found) == most:
            continue
        key = connection(one.probe)
        if key not in asked:
            asked.add(key)
            found.append(one)
    return found


def _service(draw: Random, version: int, outside: bool) -> tuple[int, int]:
    throw = draw.random()
    if throw < 0.55:
        return TCP, draw.choice(PORTS)
    if throw < 0.75:
        return UDP, draw.choice(PORTS)
    if throw < 0.92 or outside:
        return (ICMP, 8 << 8) if version == 4 else (ICMPV6, 128 << 8)
    return draw.choice((GRE, ESP)), 0
