"""Random networks of three VPCs and all that joins them, most of it open.

The places stand still (see ``random_plan``); what joins them, and every rule, is drawn. Rules
start out open and routes lead somewhere sensible in most cases, so that a good share of packets
arrives, and what stops the others is one thing and not ten.
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from hypothesis import strategies as st
from random_joints import joints
from random_plan import (
    BLOCKS,
    DESTINATIONS,
    GROUP_HOMES,
    GROUPS,
    NAT_HOMES,
    PLACES,
    REGIONS,
    SUBNETS,
    VPCS,
    ZONES,
    vpc_of,
)
from random_small import S3, SERVICES, rarely

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
    TargetKind,
    Vpc,
    VpcEndpoint,
)
from ringwall.model.services import ALL_SERVICES

blocks = st.sampled_from(BLOCKS).map(ip_network)
services = st.sampled_from(SERVICES)
often = st.integers(0, 9).map(lambda n: n < 7)
EVERYBODY = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_KINDS: dict[str, TargetKind] = {
    "igw": "internet-gateway",
    "eigw": "egress-only-internet-gateway",
    "nat": "nat-gateway",
    "vpce": "vpc-endpoint",
    "eni": "network-interface",
    "pcx": "vpc-peering",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
}


@st.composite
def _entries(draw: st.DrawFn) -> tuple[AclEntry, ...]:
    number = st.integers(1, 40)
    found = [
        AclEntry(
            draw(number), draw(st.booleans()), draw(st.booleans()), draw(blocks),
            draw(services), certain=not draw(rarely),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    open_ = [
        AclEntry(100 + family, egress, True, block, ALL_SERVICES)
        for egress in (False, True)
        for family, block in enumerate(EVERYBODY)
        if draw(often) or draw(often)
    ]
    return (*found, *open_)


@st.composite
def _rule(draw: st.DrawFn) -> SecurityGroupRule:
    peer = draw(
        st.one_of(
            blocks.map(CidrPeer),
            st.sampled_from([*GROUPS, *GROUPS, "sg-gone"]).map(GroupPeer),
            st.sampled_from(["pl-s3", "pl-own", "pl-dark"]).map(PrefixListPeer),
        )
    )
    if draw(rarely):
        return SecurityGroupRule(AnyPeer("a parameter"), draw(services), certain=False)
    return SecurityGroupRule(peer, draw(services))


@st.composite
def _rules(draw: st.DrawFn) -> tuple[SecurityGroupRule, ...]:
    if draw(often):
        what = draw(st.sampled_from([ALL_SERVICES, ALL_SERVICES, *SERVICES]))
        return tuple(SecurityGroupRule(CidrPeer(one), what) for one in EVERYBODY)
    return tuple(draw(st.lists(_rule(), max_size=3)))


def _groups(draw: st.DrawFn) -> dict[str, SecurityGroup]:
    return {
        name: SecurityGroup(
            name, home, name, draw(_rules()), draw(_rules()), vpcs=("vpc-2",) if more else ()
        )
        for name, (home, more) in GROUP_HOMES.items()
    }


def _addresses(draw: st.DrawFn, subnet: str, index: int, pinned: bool) -> IntervalSet:
    found = []
    families = draw(st.sampled_from([(0, 1), (0, 1), (0,), (1,)]))
    for one in families:
        block = ip_network(SUBNETS[subnet][one])
        low, high = of_network(block).intervals[0]
        span = ((low + 4, high - 1),) if isinstance(block, IPv4Network) else ((low + 4, high),)
        found.append(of_address(block[10 + index]) if pinned else IntervalSet(span))
    return IntervalSet.union_of(found)


@st.composite
def _interface(draw: st.DrawFn, subnet: str, index: int) -> NetworkInterface:
    kind = draw(st.sampled_from(["instance"] * 4 + ["load-balancer", "database", "vpc-endpoint"]))
    pinned = draw(often)
    return NetworkInterface(
        id=f"eni-{subnet[-1]}-{index}",
        subnet=subnet,
        addresses=_addresses(draw, subnet, index, pinned),
        groups=tuple(sorted(draw(st.sets(st.sampled_from(GROUPS), min_size=1, max_size=2)))),
        kind=kind,
        pinned=pinned,
        public=draw(st.sampled_from([True, True, False, None])),
        owner="lb-1" if kind == "load-balancer" else f"i-{subnet[-1]}-{index}",
    )


@st.composite
def _box(draw: st.DrawFn) -> NetworkInterface:
    """A middlebox: what routes may lead through, and an end like any other."""
    return NetworkInterface(
        id="eni-box",
        subnet=(home := draw(st.sampled_from(["subnet-f", "subnet-f", "subnet-c", "subnet-d"]))),
        addresses=_addresses(draw, home, 60, pinned=True),
        groups=("sg-box",) if draw(often) or draw(often) else ("sg-1",),
        kind="instance",
        source_dest_check=draw(rarely),
        forwards=draw(st.sampled_from([True, True, True, None, False])),
        owner="i-box",
    )


@st.composite
def _routes(draw: st.DrawFn, vpc: str) -> tuple[Route, ...]:
    found = []
    for destination, targets in DESTINATIONS[vpc].items():
        for _ in range(draw(st.sampled_from([0, 1, 1, 1, 1, 2]))):
            target = draw(st.sampled_from(targets))
            if target == "none":
                continue
            found.append(
                Route(
                    destination if destination.startswith("pl-") else ip_network(destination),
                    _KINDS[target.partition("-")[0]],
                    target,
                    blackhole=draw(rarely) and draw(rarely),
                    propagated=draw(rarely) and target in ("vgw-1", "tgw-1"),
                    certain=not (draw(rarely) and draw(rarely)),
                )
            )
    unique = {(one.destination, one.target, one.propagated): one for one in found}
    return tuple(unique.values())


def _tables(draw: st.DrawFn) -> dict[str, RouteTable]:
    found = {}
    for vpc in VPCS:
        found[f"rtb-{vpc}"] = RouteTable(f"rtb-{vpc}", vpc, True, (), draw(_routes(vpc)))
    for subnet in ("subnet-b", "subnet-f", "subnet-e"):
        if draw(often):
            name, vpc = f"rtb-{subnet[-1]}", vpc_of(subnet)
            found[name] = RouteTable(name, vpc, False, (subnet,), draw(_routes(vpc)))
    if draw(st.integers(0, 3).map(lambda n: n == 0)):
        inward = draw(st.sampled_from(["eni-box", "vpce-fw-1", "vpce-fw-1"]))
        aside = draw(st.sampled_from(["10.0.0.0/24", "10.0.1.0/24", "2600:1f18:1::/64"]))
        route = Route(ip_network(aside), _KINDS[inward.partition("-")[0]], inward)
        gate = draw(st.sampled_from(["igw-1", "igw-1", "vgw-1"]))
        found["rtb-edge"] = RouteTable("rtb-edge", "vpc-1", False, (), (route,), (gate,))
    return found


def _gaps(draw: st.DrawFn) -> tuple[Gap, ...]:
    if not draw(rarely):
        return ()
    named = draw(
        st.sampled_from(
            [
                "acl-1", "sg-1", "subnet-b", "rtb-b", "rtb-vpc-1", "nat-1", "igw-1", "vpce-s3",
                "eni-a-0", "vpc-1", "pcx-1", "tgw-1", "att-1", "fw-1", "eni-box", "vgw-1",
                "vpce-fw-1", "rtb-edge", "eigw-1", "store", "lb-1", "nat-2",
            ]
        )
    )  # fmt: skip
    return (Gap("unmodelled", "thing", f"{named} is not modelled", (named,)),)


def _acls(draw: st.DrawFn) -> dict[str, NetworkAcl]:
    names = list(SUBNETS)
    return {
        f"acl-{number}": NetworkAcl(
            f"acl-{number}", vpc_of(mine[0]), False, tuple(mine), draw(_entries())
        )
        for number, mine in enumerate((names[:1], names[1:3], names[3:4], names[4:6], names[6:]), 1)
        if not (draw(rarely) and draw(rarely))
    }


def _balancer(draw: st.DrawFn) -> LoadBalancer:
    kind = draw(st.sampled_from(["application", "network", "classic", "classic"]))
    listeners = (Listener("HTTPS", 443, ("tg-1",)), Listener("TCP", 5432, ("tg-2",)))
    return LoadBalancer("lb-1", "front", kind, True, listeners)


def _target_groups(draw: st.DrawFn) -> dict[str, TargetGroup]:
    port = draw(st.sampled_from([5432, 5432, None]))
    targets = draw(
        st.sampled_from(
            [(Target("10.0.2.10"),), (Target("eni-c-0", 443),), (Target("i-a-1"),), None]
        )
    )
    instances = tuple(Target(name) for name in ("i-b-0", "i-a-1", "i-d-0", "i-a-0"))
    return {
        "tg-1": TargetGroup("tg-1", "instance", "HTTP", 80, instances),
        "tg-2": TargetGroup("tg-2", "ip", "TCP", port, targets),
    }


def _nats(draw: st.DrawFn) -> tuple[list[NatGateway], list[NetworkInterface]]:
    gateways, faces = [], []
    for name, homes in NAT_HOMES.items():
        home = draw(st.sampled_from(homes))
        vpc = vpc_of(home)
        if name == "nat-3" and draw(often):
            zones = draw(st.sampled_from([None, ("zone-1",), ("zone-1", "zone-2")]))
            gateways.append(
                NatGateway(
                    name, vpc, "", "", regional=True, zones=zones,
                    route_table=draw(st.sampled_from(["", "rtb-e"])),
                )
            )  # fmt: skip
            continue
        public = name != "nat-2" if not draw(rarely) else draw(st.booleans())
        address = of_address(ip_network(SUBNETS[home][0])[200 + int(name[-1])])
        face = f"eni-{name}"
        faces.append(
            NetworkInterface(face, home, address, (), kind="nat-gateway", public=public, owner=name)
        )
        gateways.append(NatGateway(name, vpc, home, face, public=public))
    return gateways, faces


def _bucket(draw: st.DrawFn) -> Bucket:
    return Bucket(
        "store",
        "store",
        REGIONS["vpc-1"],
        blocks_public=draw(st.sampled_from([True, False, None])),
        only_through=draw(st.sampled_from([(), (), ("vpce-s3",), None])),
    )


@st.composite
def wide_networks(draw: st.DrawFn) -> Network:
    """Three VPCs of two Regions, dual stack, and everything that the contract speaks of."""
    ends = [draw(_interface(subnet, index)) for subnet, index in PLACES]
    gateways, faces = _nats(draw)
    far = (
        "10.2.0.0/16" if not draw(rarely) else draw(st.sampled_from(["10.0.0.0/16", "10.1.0.0/16"]))
    )
    cidrs = {name: list(both) for name, both in VPCS.items()}
    cidrs["vpc-3"][0] = far
    places = {name: list(both) for name, both in SUBNETS.items()}
    places["subnet-g"][0] = far.replace(".0.0/16", ".9.0/24")
    moved = {
        "subnet-g": ip_network(places["subnet-g"][0]),
    }
    listed = [_moved(one, moved) for one in [*ends, draw(_box()), *faces]]
    attached = ("vpc-1",) if not draw(rarely) else ()
    return Network(
        source="random",
        region=REGIONS["vpc-1"],
        vpcs={
            name: Vpc(name, tuple(ip_network(one) for one in both), region=REGIONS[name])
            for name, both in cidrs.items()
        },
        subnets={
            name: Subnet(name, vpc_of(name), ZONES[name], tuple(ip_network(one) for one in both))
            for name, both in places.items()
        },
        route_tables=_tables(draw),
        network_acls=_acls(draw),
        security_groups=_groups(draw),
        interfaces={one.id: one for one in listed},
        internet_gateways={
            "igw-1": InternetGateway("igw-1", attached),
            "igw-2": InternetGateway("igw-2", ("vpc-2",)),
            "eigw-1": InternetGateway("eigw-1", ("vpc-1",), egress_only=True),
        },
        nat_gateways={one.id: one for one in gateways},
        endpoints={
            "vpce-s3": VpcEndpoint("vpce-s3", "vpc-1", "gateway", S3, ("rtb-b",), (), "pl-s3"),
            "vpce-fw-1": VpcEndpoint("vpce-fw-1", "vpc-1", "firewall", "fw", subnets=("subnet-f",)),
            "vpce-fw-2": VpcEndpoint("vpce-fw-2", "vpc-2", "firewall", "fw", subnets=("subnet-e",)),
            "vpce-lb": VpcEndpoint(
                "vpce-lb", "vpc-1", "gateway-load-balancer", "x", subnets=("subnet-f",)
            ),
        },
        prefix_lists={
            "pl-s3": PrefixList("pl-s3", S3, of_cidr("52.216.0.0/15")),
            "pl-own": PrefixList("pl-own", "own", of_cidr("10.0.1.0/24") | of_cidr("10.1.0.0/16")),
            "pl-two": PrefixList("pl-two", "two", of_cidr("10.1.0.0/16")),
            "pl-dark": PrefixList("pl-dark", "dark", None),
        },
        load_balancers={"lb-1": _balancer(draw)},
        target_groups=_target_groups(draw),
        buckets={"store": _bucket(draw)},
        gaps=_gaps(draw),
        **joints(draw),
    )


def _moved(one: NetworkInterface, moved: dict[str, IPv4Network]) -> NetworkInterface:
    """Interfaces of a subnet whose block was drawn stand at the same places of that block."""
    from dataclasses import replace

    if one.subnet not in moved:
        return one
    old = of_cidr(SUBNETS[one.subnet][0]).first
    shift = of_network(moved[one.subnet]).first - old
    spans = tuple(
        (low + shift, high + shift) if low < 1 << 32 else (low, high) for low, high in one.addresses
    )
    return replace(one, addresses=IntervalSet.of(*spans))
