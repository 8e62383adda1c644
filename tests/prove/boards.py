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
