"""Random small networks: one VPC, another beside it, few addresses and every kind of rule.

Blocks and ports come from short lists, so that rules meet, shadow and contradict each other.
"""

from __future__ import annotations

from ipaddress import ip_network

from hypothesis import strategies as st

from ringwall.model.addresses import of_address, of_cidr, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    AclEntry,
    AnyPeer,
    Bucket,
    CidrPeer,
    Gap,
    GroupPeer,
    InternetGateway,
    Listener,
    LoadBalancer,
    NatGateway,
    Network,
    NetworkAcl,
    NetworkInterface,
    PrefixList,
    PrefixListPeer,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Target,
    TargetGroup,
    Vpc,
    VpcEndpoint,
)
from ringwall.model.services import ALL_SERVICES, icmp_set, tcp, udp, whole_protocol

SUBNETS = {
    "subnet-a": ("10.0.0.0/24", "zone-1"),
    "subnet-b": ("10.0.1.0/24", "zone-2"),
    "subnet-c": ("10.0.2.0/24", "zone-1"),
    "subnet-d": ("10.1.0.0/24", "zone-1"),
}
#: The last subnet stands in a second VPC, which some routes join by peering.
VPCS = {"vpc-1": "10.0.0.0/16", "vpc-2": "10.1.0.0/16"}
HOME = [name for name in SUBNETS if name != "subnet-d"]
BLOCKS = [
    "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24",
    "10.0.2.0/24", "10.0.0.0/28", "10.0.1.10/32", "198.51.100.0/24", "52.216.0.0/15", "::/0",
]  # fmt: skip
SERVICES = [
    ALL_SERVICES, whole_protocol(6), tcp(443), tcp(22, 80), tcp(1024, 65535), tcp(32768, 60999),
    tcp(5432), tcp(0, 1023), udp(53), whole_protocol(17), icmp_set(1, 8, -1), icmp_set(1, -1, -1),
    icmp_set(1, 0, 0), whole_protocol(47),
]  # fmt: skip
GROUPS = ["sg-1", "sg-2", "sg-3"]

rarely = st.integers(0, 9).map(lambda n: n == 0)
blocks = st.sampled_from(BLOCKS).map(ip_network)
services = st.sampled_from(SERVICES)


@st.composite
def acl_entries(draw: st.DrawFn) -> AclEntry:
    return AclEntry(
        number=draw(st.integers(1, 40)),
        egress=draw(st.booleans()),
        allow=draw(st.sampled_from([True, True, True, False])),
        cidr=draw(blocks),
        services=draw(services),
        certain=not draw(rarely),
    )


@st.composite
def group_rules(draw: st.DrawFn) -> SecurityGroupRule:
    peer = draw(
        st.one_of(
            blocks.map(CidrPeer),
            st.sampled_from([*GROUPS, "sg-gone"]).map(GroupPeer),
            st.sampled_from(["pl-s3", "pl-own", "pl-dark"]).map(PrefixListPeer),
        )
    )
    if draw(rarely):
        return SecurityGroupRule(AnyPeer("a parameter"), draw(services), certain=False)
    return SecurityGroupRule(peer, draw(services))


@st.composite
def routes(draw: st.DrawFn) -> Route:
    kind, target = draw(
        st.sampled_from(
            [
                ("internet-gateway", "igw-1"), ("internet-gateway", "igw-1"),
                ("nat-gateway", "nat-1"), ("nat-gateway", "nat-1"), ("vpc-peering", "pcx-1"),
                ("network-interface", "eni-a-1"),
            ]
        )
    )  # fmt: skip
    destination = draw(
        st.sampled_from(["0.0.0.0/0", "0.0.0.0/0", "198.51.100.0/24", "10.0.1.0/24", "10.1.0.0/16"])
    )
    return Route(
        ip_network(destination),
        kind,
        target,
        blackhole=draw(rarely),
        propagated=draw(rarely),
        certain=not draw(rarely),
    )


@st.composite
def interfaces(draw: st.DrawFn, subnet: str, index: int) -> NetworkInterface:
    block = ip_network(SUBNETS[subnet][0])
    pinned = draw(st.booleans())
    addresses = of_address(block[10 + index])
    if not pinned:
        low, high = of_network(block).intervals[0]
        addresses = IntervalSet(((low + 4, high - 1),))
    kind = draw(
        st.sampled_from(["instance", "instance", "load-balancer", "database", "vpc-endpoint"])
    )
    public = draw(st.sampled_from([True, False, None]))
    return NetworkInterface(
        id=f"eni-{subnet[-1]}-{index}",
        subnet=subnet,
        addresses=addresses,
        groups=tuple(sorted(draw(st.sets(st.sampled_from(GROUPS), max_size=2)))),
        kind=kind,
        pinned=pinned,
        public=public,
        owner="lb-1" if kind == "load-balancer" else f"i-{subnet[-1]}-{index}",
    )


def _tables(draw: st.DrawFn) -> dict[str, RouteTable]:
    endpoint_route = Route("pl-s3", "vpc-endpoint", "vpce-s3")
    tables = {}
    for name, subnets, main in (("rtb-main", (), True), ("rtb-b", ("subnet-b",), False)):
        listed = draw(st.lists(routes(), max_size=3, unique_by=lambda one: str(one.destination)))
        if draw(st.booleans()):
            listed.append(endpoint_route)
        tables[name] = RouteTable(name, "vpc-1", main, subnets, tuple(listed))
    back = Route(ip_network("10.0.0.0/16"), "vpc-peering", "pcx-1", blackhole=draw(rarely))
    tables["rtb-far"] = RouteTable("rtb-far", "vpc-2", True, (), (back,) * draw(st.integers(0, 1)))
    return tables


def _gaps(draw: st.DrawFn) -> tuple[Gap, ...]:
    if not draw(rarely):
        return ()
    named = draw(
        st.sampled_from(
            ["acl-1", "sg-1", "subnet-b", "rtb-b", "nat-1", "igw-1", "vpce-s3", "eni-a-0", "vpc-1"]
        )
    )
    return (Gap("unmodelled", "thing", f"{named} is not modelled", (named,)),)


def _acls(draw: st.DrawFn) -> dict[str, NetworkAcl]:
    acls = {
        name: NetworkAcl(
            name, "vpc-1", False, subnets, tuple(draw(st.lists(acl_entries(), max_size=7)))
        )
        for name, subnets in (
            ("acl-1", ("subnet-a",)),
            ("acl-2", ("subnet-b", "subnet-c", "subnet-d")),
        )
    }
    if draw(rarely):
        del acls["acl-1"]
    return acls


def _groups(draw: st.DrawFn) -> dict[str, SecurityGroup]:
    rules = st.lists(group_rules(), max_size=4).map(tuple)
    return {name: SecurityGroup(name, "vpc-1", name, draw(rules), draw(rules)) for name in GROUPS}


def _balancer(draw: st.DrawFn) -> LoadBalancer:
    kind = draw(st.sampled_from(["application", "network"]))
    listeners = (Listener("HTTPS", 443, ("tg-1",)), Listener("TCP", 5432, ("tg-2",)))
    return LoadBalancer("lb-1", "front", kind, True, listeners)


def _target_groups(draw: st.DrawFn) -> dict[str, TargetGroup]:
    port = draw(st.sampled_from([5432, 5432, None]))
    targets = draw(st.sampled_from([(Target("10.0.2.10"),), (Target("eni-c-0", 443),), None]))
    return {
        "tg-1": TargetGroup("tg-1", "instance", "HTTP", 80, (Target("i-b-0"), Target("i-a-1"))),
        "tg-2": TargetGroup("tg-2", "ip", "TCP", port, targets),
    }


def _bucket(draw: st.DrawFn) -> Bucket:
    return Bucket(
        "store",
        "store",
        "us-east-1",
        blocks_public=draw(st.sampled_from([True, False, None])),
        only_through=draw(st.sampled_from([(), ("vpce-s3",), None])),
    )


S3 = "com.amazonaws.us-east-1.s3"


@st.composite
def small_networks(draw: st.DrawFn) -> Network:
    """A VPC with three subnets, a balancer, NAT, an S3 endpoint, a bucket; a peer beside it."""
    home = draw(st.sampled_from(HOME))
    address = of_address(ip_network(SUBNETS[home][0])[200])
    nat = NetworkInterface(
        "eni-nat", home, address, (), kind="nat-gateway", public=True, owner="nat-1"
    )
    places = (("subnet-a", 0), ("subnet-a", 1), ("subnet-b", 0), ("subnet-c", 0), ("subnet-d", 0))
    ends = [draw(interfaces(subnet, index)) for subnet, index in places]
    attached = ("vpc-1",) if not draw(rarely) else ()
    public = not draw(rarely)
    return Network(
        source="random",
        region="us-east-1",
        vpcs={
            name: Vpc(name, (ip_network(block),), region="us-east-1")
            for name, block in VPCS.items()
        },
        subnets={
            name: Subnet(name, "vpc-1" if name in HOME else "vpc-2", zone, (ip_network(block),))
            for name, (block, zone) in SUBNETS.items()
        },
        route_tables=_tables(draw),
        network_acls=_acls(draw),
        security_groups=_groups(draw),
        interfaces={one.id: one for one in [*ends, nat]},
        internet_gateways={"igw-1": InternetGateway("igw-1", attached)},
        nat_gateways={"nat-1": NatGateway("nat-1", "vpc-1", home, "eni-nat", public=public)},
        endpoints={"vpce-s3": VpcEndpoint("vpce-s3", "vpc-1", "gateway", S3, ("rtb-b",), "pl-s3")},
        prefix_lists={
            "pl-s3": PrefixList("pl-s3", S3, of_cidr("52.216.0.0/15")),
            "pl-own": PrefixList("pl-own", "own", of_cidr("10.0.1.0/24")),
            "pl-dark": PrefixList("pl-dark", "dark", None),
        },
        load_balancers={"lb-1": _balancer(draw)},
        target_groups=_target_groups(draw),
        buckets={"store": _bucket(draw)},
        gaps=_gaps(draw),
    )
