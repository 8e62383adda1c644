"""Boards beyond one VPC on which one thing alone decides, for the mutants that need them."""

from __future__ import annotations

from boards import inspection, outward, peered, three_vpcs, two_subnets
from networks import OPEN_ACL, Board

OUT, WEB = "198.51.100.7", "tcp/443"
#: Board, source, target, service, address of either.
Asked = tuple[Board, str, str, str, str]


def _blackhole() -> Board:
    """The longest prefix is a blackhole."""
    board = three_vpcs()
    return board.transit_table(
        "tgw-rtb", "tgw-1", "att-1 att-2", "att-1 att-2", "10.2.0.0/24 blackhole"
    )


def _third_behind_peering() -> Board:
    """vpc-1 routes to vpc-3 over its peering with vpc-2, which holds vpc-3's block too."""
    board = peered().vpc("vpc-2", "10.2.0.0/16", "10.3.0.0/16").vpc("vpc-3", "10.3.0.0/16")
    board.subnet("third", "10.3.0.0/24", vpc="vpc-3").acl("acl-3", "third", *OPEN_ACL, vpc="vpc-3")
    board.group("sg-third", "all from 0.0.0.0/0", "all to 0.0.0.0/0", vpc="vpc-3")
    board.eni("eni-c", "third", "10.3.0.10", groups="sg-third")
    board.table("rtb-third", "third", vpc="vpc-3")
    return board.table("rtb-left", "left", "10.3.0.0/16 pcx-1", "10.2.0.0/16 pcx-1")


def _boxed(group: str) -> Board:
    """a to b through an appliance in a group."""
    board = two_subnets().subnet("between", "10.0.2.0/24")
    board.acl("acl-between", "between", *OPEN_ACL).group("sg-shut", "all to 0.0.0.0/0")
    board.table("rtb-left", "left", "10.0.1.0/24 eni-box")
    board.table("rtb-right", "right", "10.0.0.0/24 eni-box")
    return board.eni(
        "eni-box", "between", "10.0.2.10",
        groups=group, source_dest_check=False, forwards=True,
    )  # fmt: skip


def _walled(*rules: str, **policy: object) -> Board:
    """a to b of one VPC through a firewall, which the groups of b know nothing of."""
    board = two_subnets().subnet("between", "10.0.2.0/24").acl("acl-between", "between", *OPEN_ACL)
    board.endpoint("vpce-fw", "firewall", "between").firewall("fw-1", "vpce-fw", *rules, **policy)
    board.table("rtb-left", "left", "10.0.1.0/24 vpce-fw")
    return board.table("rtb-right", "right", "10.0.0.0/24 vpce-fw")


def _natted() -> Board:
    """a to b by a private NAT gateway of their VPC."""
    board = two_subnets().subnet("natted", "10.0.3.0/24").acl("acl-natted", "natted", *OPEN_ACL)
    board.nat("nat-1", "natted", "10.0.3.9", public=False)
    return board.table("rtb-left", "left", "10.0.1.0/24 nat-1")


def _edged() -> Board:
    """In from the Internet by an edge route table, to an appliance that hands nothing on."""
    board = _boxed("sg-open").igw()
    board.eni("eni-box", "between", "10.0.2.10", groups="sg-open", source_dest_check=True)
    board.table("rtb-edge", "", "10.0.0.0/24 eni-box").edge("rtb-edge", "igw-1")
    board.table("rtb-left", "left", "0.0.0.0/0 igw-1")
    return board.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public=True)


def boards_beyond() -> list[Asked]:
    egress = three_vpcs(group_references=True).group("sg-open", "all to sg-far")
    egress.eni("eni-b", "right", "10.2.0.10", groups="sg-far sg-open")
    egress.group("sg-far", "all from 0.0.0.0/0", vpc="vpc-2")
    by_name = _walled().group("sg-ref", "all from sg-open", "all to 0.0.0.0/0")
    by_name.eni("eni-b", "right", "10.0.1.10", groups="sg-ref")
    order = inspection(
        "stateful 9 drop tcp/443 any any", "stateful 1 pass tcp/443 any any",
        strict=True, stateful_default="drop",
    )  # fmt: skip
    both = inspection("stateful 1 drop tcp/443 any any", "stateful 2 pass tcp/443 any any")
    elsewhere = outward().public_access("block-bidirectional", region="eu-west-1")
    own = _natted().group("sg-own", "all from 10.0.3.0/24")
    own.eni("eni-b", "right", "10.0.1.10", groups="sg-own")
    named = _natted().group("sg-own", "all from sg-open")
    named.eni("eni-b", "right", "10.0.1.10", groups="sg-own")
    return [
        (_third_behind_peering(), "eni-a", "eni-c", WEB, ""),
        (_blackhole(), "eni-a", "eni-b", WEB, ""),
        (egress, "eni-a", "eni-b", WEB, ""),
        (_boxed("sg-shut"), "eni-a", "eni-b", WEB, ""),
        (by_name, "eni-a", "eni-b", WEB, ""),
        (order, "eni-a", "eni-b", WEB, ""),
        (both, "eni-a", "eni-b", WEB, ""),
        (elsewhere, "eni-a", "internet", WEB, OUT),
        (own, "eni-a", "eni-b", WEB, ""),
        (named, "eni-a", "eni-b", WEB, ""),
        (_edged(), "internet", "eni-a", WEB, ""),
    ]
