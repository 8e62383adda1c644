"""The boards that many cases of the simulator's traces start from."""

from __future__ import annotations

from networks import OPEN_ACL, OPEN_GROUP, Board


def three_tiers() -> Board:
    """web (public), api (app) and db (data), filtered by groups and network ACLs alike."""
    return (
        Board()
        .subnet("public", "10.0.0.0/24")
        .subnet("app", "10.0.1.0/24")
        .subnet("data", "10.0.2.0/24")
        .acl("acl-public", "public", *OPEN_ACL)
        .acl(
            "acl-app",
            "app",
            "100 allow tcp/8080 from 10.0.0.0/24",
            "110 allow tcp/32768-60999 from 10.0.2.0/24",
            "120 allow tcp/1024-65535 from 0.0.0.0/0",
            "100 allow tcp/5432 to 10.0.2.0/24",
            "110 allow tcp/1024-65535 to 10.0.0.0/24",
            "120 allow tcp/443 to 0.0.0.0/0",
        )
        .acl(
            "acl-data",
            "data",
            "100 allow tcp/5432 from 10.0.1.0/24",
            "100 allow tcp/32768-60999 to 10.0.1.0/24",
        )
        .group("sg-web", "tcp/443 from 0.0.0.0/0", "tcp/8080 to sg-api")
        .group("sg-api", "tcp/8080 from sg-web", "tcp/5432 to sg-db", "tcp/443 to 0.0.0.0/0")
        .group("sg-db", "tcp/5432 from sg-api")
        .table("rtb-main", "", main=True)
        .table("rtb-public", "public", "0.0.0.0/0 igw-1")
        .igw()
        .eni("eni-web", "public", "10.0.0.10", groups="sg-web", public=True)
        .eni("eni-api", "app", "10.0.1.10", groups="sg-api")
        .eni("eni-db", "data", "10.0.2.10", groups="sg-db", kind="database")
    )


def two_subnets(*, groups: bool = True) -> Board:
    """a and b in subnets of their own; everything open."""
    board = (
        Board()
        .subnet("left", "10.0.0.0/24")
        .subnet("right", "10.0.1.0/24")
        .acl("acl-left", "left", *OPEN_ACL)
        .acl("acl-right", "right", *OPEN_ACL)
        .table("rtb-1", "", main=True)
        .eni("eni-a", "left", "10.0.0.10", groups="sg-open")
        .eni("eni-b", "right", "10.0.1.10", groups="sg-open" if groups else "")
    )
    return board.group("sg-open", *OPEN_GROUP)


def outward() -> Board:
    """An instance behind a NAT gateway of another subnet; everything open."""
    return (
        two_subnets()
        .igw()
        .nat("nat-1", "right", "10.0.1.200")
        .table("rtb-left", "left", "0.0.0.0/0 nat-1")
        .table("rtb-right", "right", "0.0.0.0/0 igw-1")
    )


def with_balancer(kind: str = "application") -> Board:
    return (
        three_tiers()
        .balancer("front", kind, "HTTPS:443 tg-api", "TCP_UDP:53")
        .targets("tg-api", "HTTP:8080", "eni-api")
        .eni(
            "eni-lb", "public", "10.0.0.20",
            groups="sg-web", kind="load-balancer", owner="front", public=True,
        )
    )  # fmt: skip


def _v6(blocks: tuple[str, ...]) -> tuple[list[list[str]], list[list[str]]]:
    """VPC blocks and addresses of IPv6 for two VPCs, or none."""
    if not blocks:
        return [[], []], [[], []]
    return [[one] for one in blocks], [[blocks[0][:-3] + "a"], [blocks[1][:-3] + "b"]]


def _two_vpcs(*v6: str) -> Board:
    """a in vpc-1 and b in vpc-2, nothing between the two; everything open."""
    (one, two), (a, b) = _v6(v6)
    wide = [f"101 allow all {way} ::/0" for way in ("from", "to")]
    return (
        Board("10.0.0.0/16", *one)
        .vpc("vpc-2", "10.2.0.0/16", *two)
        .subnet("left", "10.0.0.0/24", *(text.replace("/56", "/64") for text in one))
        .subnet("right", "10.2.0.0/24", *(text.replace("/56", "/64") for text in two), vpc="vpc-2")
        .acl("acl-left", "left", *OPEN_ACL, *wide)
        .acl("acl-right", "right", *OPEN_ACL, *wide, vpc="vpc-2")
        .group("sg-open", *OPEN_GROUP, "all from ::/0", "all to ::/0")
        .group("sg-far", *OPEN_GROUP, "all from ::/0", "all to ::/0", vpc="vpc-2")
        .eni("eni-a", "left", "10.0.0.10", *a, groups="sg-open")
        .eni("eni-b", "right", "10.2.0.10", *b, groups="sg-far")
    )


def peered(*v6: str) -> Board:
    """a and b in two VPCs that peer with each other."""
    there, back = ["10.2.0.0/16 pcx-1"], ["10.0.0.0/16 pcx-1"]
    if v6:
        there, back = [*there, f"{v6[1]} pcx-1"], [*back, f"{v6[0]} pcx-1"]
    return (
        _two_vpcs(*v6)
        .peering("pcx-1", "vpc-1", "vpc-2")
        .table("rtb-left", "left", *there)
        .table("rtb-right", "right", *back, vpc="vpc-2")
    )


def three_vpcs(*v6: str, **support: bool) -> Board:
    """a and b in two VPCs at one transit gateway, each with a door of its own in zone-1."""
    routes = ["10.0.0.0/8 tgw-1", *(["fd00::/8 tgw-1"] if v6 else [])]
    wide = [f"101 allow all {way} ::/0" for way in ("from", "to")]
    return (
        _two_vpcs(*v6)
        .subnet("left-2", "10.0.1.0/24", zone="zone-2")
        .subnet("left-door", "10.0.9.0/28")
        .subnet("right-door", "10.2.9.16/28", vpc="vpc-2")
        .acl("acl-left-2", "left-2 left-door", *OPEN_ACL, *wide)
        .acl("acl-right-door", "right-door", *OPEN_ACL, *wide, vpc="vpc-2")
        .table("rtb-left", "left left-2 left-door", *routes)
        .table("rtb-right", "right right-door", *routes, vpc="vpc-2")
        .transit("tgw-1", **support)
        .attach("att-1", "tgw-1", "vpc", "vpc-1", subnets="left-door", **support)
        .attach("att-2", "tgw-1", "vpc", "vpc-2", subnets="right-door", **support)
        .transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "att-1 att-2")
    )


def _third_vpc(board: Board) -> Board:
    """vpc-3 with a door to the transit gateway."""
    return (
        board.vpc("vpc-3", "10.3.0.0/16")
        .subnet("door", "10.3.0.0/28", vpc="vpc-3")
        .subnet("inner", "10.3.1.0/24", vpc="vpc-3")
        .acl("acl-3", "door inner", *OPEN_ACL, vpc="vpc-3")
        .attach("att-3", "tgw-1", "vpc", "vpc-3", subnets="door")
    )


def egress_vpc() -> Board:
    """All of vpc-1's way to the Internet goes through a NAT gateway in vpc-3."""
    return (
        _third_vpc(three_vpcs())
        .igw("igw-1", "vpc-3")
        .nat("nat-1", "inner", "10.3.1.9")
        .table("rtb-left", "left left-2 left-door", "0.0.0.0/0 tgw-1")
        .table("rtb-door", "door", "0.0.0.0/0 nat-1", "10.0.0.0/8 tgw-1", vpc="vpc-3")
        .table("rtb-inner", "inner", "0.0.0.0/0 igw-1", "10.0.0.0/8 tgw-1", vpc="vpc-3")
        .transit_table("tgw-rtb", "tgw-1", "att-1 att-2", "", "0.0.0.0/0 att-3")
        .transit_table("tgw-rtb-3", "tgw-1", "att-3", "att-1 att-2")
    )


def inspection(*rules: str, **policy: object) -> Board:
    """All between vpc-1 and vpc-2 goes through a Network Firewall in vpc-3."""
    return (
        _third_vpc(three_vpcs())
        .endpoint("vpce-fw", "firewall", "inner")
        .firewall("fw-1", "vpce-fw", *rules, **policy)
        .table("rtb-door", "door", "0.0.0.0/0 vpce-fw", vpc="vpc-3")
        .table("rtb-inner", "inner", "0.0.0.0/0 tgw-1", vpc="vpc-3")
        .transit_table("tgw-rtb", "tgw-1", "att-1", "", "0.0.0.0/0 att-3")
        .transit_table("tgw-rtb-2", "tgw-1", "att-2", "", "0.0.0.0/0 att-3")
        .transit_table("tgw-rtb-3", "tgw-1", "att-3", "att-1 att-2")
    )


def office() -> Board:
    """A VPC with a VPN to an office."""
    return (
        two_subnets()
        .vgw("vgw-1", "vpc-1")
        .vpn("vpn-1", "vgw-1", "192.168.0.0/16")
        .table("rtb-1", "", "192.168.0.0/16 vgw-1 propagated", main=True)
    )
