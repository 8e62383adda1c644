"""The standing questions: each answer is right, and what is called dead makes no difference."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from boards import three_tiers, two_subnets
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from networks import OPEN_ACL, OPEN_GROUP, Board, services
from random_networks import networks

from ringwall.model.addresses import of_cidr, position
from ringwall.model.network import AclEntry, Network, NetworkAcl
from ringwall.model.services import show_services, tcp
from ringwall.model.standing import Reading
from ringwall.model.verdict import PairReach, ReturnPorts
from ringwall.prove.pairs import pairs
from ringwall.prove.standing.dead_acls import dead_acls
from ringwall.prove.standing.dead_groups import dead_groups
from ringwall.prove.standing.dead_routes import dead_routes
from ringwall.prove.standing.questions import QUESTIONS, standing


def told(network: Network, code: str) -> list[tuple[str, str, str]]:
    """Standing, subject and services of one question's answers."""
    return [
        (one.standing, one.subject, show_services(one.services))
        for one in standing(network)
        if one.code == code
    ]


def dead(network: Network) -> list[str]:
    return [one.subject for one in standing(network) if one.code == "RW-DEAD"]


# --- who reaches what -------------------------------------------------------------------


def test_what_the_internet_and_the_services_reach() -> None:
    network = three_tiers().network()
    assert told(network, "RW-INTERNET") == [("open", "internet -> eni-web", "tcp/443")]
    assert told(network, "RW-STORES") == [("open", "eni-api -> eni-db", "tcp/5432")]
    (reading,) = (one for one in standing(network) if one.code == "RW-INTERNET")
    assert reading.replies is ReturnPorts.ALL
    assert reading.clients == (1024, 65535)
    assert reading.step is not None
    assert reading.step.rule == "allow tcp/443 from 0.0.0.0/0"


def test_a_store_that_the_internet_reaches_is_a_finding() -> None:
    board = two_subnets().igw().table("rtb-left", "left", "0.0.0.0/0 igw-1")
    board.eni("eni-pg", "left", "10.0.0.30", groups="sg-pg", kind="database", public=True)
    network = board.group("sg-pg", "tcp/5432 from 198.51.100.0/24", "all to 0.0.0.0/0").network()
    (finding,) = (one for one in standing(network) if one.code == "RW-STORES" and
                  one.standing == "finding")  # fmt: skip
    assert (finding.target, finding.services) == ("eni-pg", tcp(5432))
    assert finding.addresses == of_cidr("198.51.100.0/24")


def test_the_addresses_that_reach_are_told_apart() -> None:
    board = two_subnets().igw().table("rtb-left", "left", "0.0.0.0/0 igw-1")
    board.eni("eni-c", "left", "10.0.0.30", groups="sg-c", public=True)
    board.group("sg-c", "tcp/22 from 198.51.100.0/24", "tcp/443 from 0.0.0.0/0")
    rows = [one for one in standing(board.network()) if one.code == "RW-INTERNET"]
    narrow = of_cidr("198.51.100.0/24")
    assert {(show_services(one.services), one.addresses <= narrow) for one in rows} == {
        ("tcp/22, tcp/443", True),
        ("tcp/443", False),
    }


@pytest.mark.parametrize(
    ("back", "replies"),
    [("100 allow tcp/32768-60999 to 0.0.0.0/0", ReturnPorts.SOME),
     ("100 allow tcp/443 to 0.0.0.0/0", ReturnPorts.NONE),
     ("100 allow tcp/1024-65535 to 0.0.0.0/0", None)],
)  # fmt: skip
def test_what_works_only_half(back: str, replies: ReturnPorts | None) -> None:
    board = two_subnets(groups=True).acl(
        "acl-right", "right", "100 allow tcp/80 from 0.0.0.0/0", back
    )
    found = [one for one in standing(board.network()) if one.code == "RW-HALF"]
    by_answers = {one.standing for one in found if one.subject == "eni-b -> eni-a"}
    assert by_answers == ({"finding"} if replies is ReturnPorts.NONE else {"open"})
    found = [one for one in found if one.standing == "finding"]
    if replies is None:
        assert not found
        return
    (one,) = [one for one in found if one.subject == "eni-a -> eni-b"]
    assert (one.standing, one.services, one.replies) == ("finding", tcp(80), replies)
    assert one.step is not None
    assert one.step.resource == "acl-right"
    assert one.step.allowed is False


def test_what_is_not_known_is_said() -> None:
    board = three_tiers().group("sg-db", "tcp/5432 from sg-api", "tcp/22 from anyone ?")
    kinds = told(board.network(), "RW-STORES")
    assert ("unknown", "eni-web -> eni-db", "tcp/22") not in kinds, "the network ACL stops it"
    open_acl = board.acl("acl-data", "data", *OPEN_ACL).acl("acl-app", "app", *OPEN_ACL)
    open_acl.group("sg-api", *OPEN_GROUP)
    assert ("unknown", "eni-api -> eni-db", "tcp/22") in told(open_acl.network(), "RW-STORES")


def test_a_balancer_tells_to_whom_it_hands_on() -> None:
    from boards import with_balancer

    rows = [one for one in standing(with_balancer().network()) if one.code == "RW-INTERNET"]
    assert any("handed on to eni-api" in one.detail for one in rows)


# --- dead rules ---------------------------------------------------------------------------


def group(*rules: str) -> list[str]:
    board = two_subnets().group("sg-open", *rules).group("sg-b").igw()
    network = board.eni("eni-c", "left", "10.0.0.50", groups="sg-b").network()
    return [one.subject.removeprefix("security group ") for one in dead_groups(network)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["tcp/22 from 10.0.0.0/8", "tcp/22 from 0.0.0.0/0"],
         ["sg-open in allow tcp/22 from 10.0.0.0/8"]),
        (["tcp/22 from 0.0.0.0/0", "tcp/22 from 0.0.0.0/0"],
         ["sg-open in allow tcp/22 from 0.0.0.0/0"]),
        (["tcp/22 from 0.0.0.0/1", "tcp/22 from 128.0.0.0/1", "tcp/20-30 from 0.0.0.0/0"],
         ["sg-open in allow tcp/22 from 0.0.0.0/1", "sg-open in allow tcp/22 from 128.0.0.0/1"]),
        (["tcp/22 from 0.0.0.0/1", "tcp/22 from 128.0.0.0/1", "tcp/22 from 10.0.0.0/8"],
         ["sg-open in allow tcp/22 from 10.0.0.0/8"]),
        (["tcp/22 from 10.0.0.0/9", "tcp/22 from 10.64.0.0/10"],
         ["sg-open in allow tcp/22 from 10.64.0.0/10"]),
        (["tcp/20-30 from 10.0.0.0/16", "tcp/25-40 from 10.0.0.0/16"], []),
        (["tcp/22 from sg-b", "tcp/22 from 10.0.0.0/16"], ["sg-open in allow tcp/22 from sg-b"]),
        (["tcp/22 from sg-b", "tcp/22 from 10.0.0.0/17"], []),
        (["tcp/22 from 0.0.0.0/0", "tcp/22 to 10.0.0.0/8"], []),
        (["tcp/22 from anyone ?", "tcp/22 from 10.0.0.0/8"], []),
        (["tcp/22 from 192.168.7.0/24"], ["sg-open in allow tcp/22 from 192.168.7.0/24"]),
        (["all to 127.0.0.1/32"], []),
    ],
)  # fmt: skip
def test_dead_rules_of_groups(rules: list[str], expected: list[str]) -> None:
    assert group(*rules) == expected


def test_a_reference_that_nothing_can_match() -> None:
    board = two_subnets().group("sg-open", "tcp/22 from sg-none").group("sg-none")
    assert dead(board.network()) == [
        "security group sg-none",
        "security group sg-open in allow tcp/22 from sg-none",
    ]


def test_dead_entries_of_network_acls() -> None:
    board = two_subnets().acl(
        "acl-left", "left",
        "100 deny tcp/22 from 10.0.0.0/8", "110 allow tcp from 10.0.0.0/8",
        "120 allow tcp/22 from 10.1.0.0/16", "130 allow tcp/80 from 10.0.0.0/16",
        "140 allow all from 0.0.0.0/0", "150 deny udp from 0.0.0.0/0",
        "100 allow all to 0.0.0.0/0",
    )  # fmt: skip
    rows = list(dead_acls(board.acl("acl-none", "", *OPEN_ACL).network()))
    assert [one.subject for one in rows] == [
        "network ACL acl-left in 120", "network ACL acl-left in 130",
        "network ACL acl-left in 150", "network ACL acl-none",
    ]  # fmt: skip
    assert rows[0].detail == "it never decides: rule 100 takes all of it first and says deny"
    assert rows[1].detail == "it never decides: rule 110 takes all of it first"


def test_dead_routes() -> None:
    board = outward_board()
    rows = list(dead_routes(board.network()))
    assert [(one.subject, [step.rule for step in one.others]) for one in rows] == [
        ("route table rtb-left 10.0.0.0/16 igw-1", []),
        ("route table rtb-left 192.168.0.0/16 vgw-1",
         ["192.168.0.0/17 to nat gateway nat-1", "192.168.128.0/17 to nat gateway nat-1"]),
        ("route table rtb-left 172.16.0.0/12 vgw-1", ["172.16.0.0/12 to nat gateway nat-1"]),
        ("route table rtb-none", []),
    ]  # fmt: skip


def outward_board() -> Board:
    return (
        two_subnets().igw().nat("nat-1", "right", "10.0.1.200")
        .table("rtb-left", "left", "10.0.0.0/16 igw-1", "192.168.0.0/16 vgw-1",
               "192.168.0.0/17 nat-1", "192.168.128.0/17 nat-1", "172.16.0.0/12 vgw-1 propagated",
               "172.16.0.0/12 nat-1", "0.0.0.0/0 nat-1")
        .table("rtb-none", "", "0.0.0.0/0 igw-1")
    )  # fmt: skip


# --- dead means: it makes no difference ---------------------------------------------------


def connections(network: Network) -> set[PairReach]:
    """What passes, without the words that say why something is unknown."""
    return {replace(one, reasons=()) for one in pairs(network)}


def cells(rows: set[PairReach], at: list[int]) -> dict[object, object]:
    """The rows sampled at some addresses: how rows are cut is no difference."""
    found: dict[object, object] = {}
    for row in rows:
        for a in at:
            for b in at:
                if a in row.source_addresses and b in row.target_addresses:
                    found[row.source, row.target, a, b] = (
                        row.services, row.possible, row.replies, row.possible_replies,
                    )  # fmt: skip
    return found


@settings(max_examples=25, deadline=None)
@given(networks())
def test_without_its_dead_rules_a_network_lets_pass_the_same(network: Network) -> None:
    for acl in network.network_acls.values():
        # AWS holds no two entries of one number and direction, and a reading names one by them.
        assume(len({(one.number, one.egress) for one in acl.entries}) == len(acl.entries))
    lean = network
    acls = [one for one in dead_acls(network) if one.subject.split()[-1].isdigit()]
    for reading in acls:
        name, way, number = reading.subject.split()[2:]
        acl = lean.network_acls[name]
        kept = tuple(one for one in acl.entries
                     if (one.number, one.egress) != (int(number), way == "out"))  # fmt: skip
        lean = replace(lean, network_acls={**lean.network_acls, name: replace(acl, entries=kept)})
    at = sorted({low for one in connections(network) for low, _ in one.source_addresses})[:40]
    assert cells(connections(network), at) == cells(connections(lean), at)


_BLOCKS = ["10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/16", "0.0.0.0/0"]
_SERVICES = ["tcp", "tcp/22", "tcp/20-30", "tcp/31-65535", "all", "udp"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(_BLOCKS), st.sampled_from(_SERVICES), st.booleans()), max_size=7
    )
)
def test_an_entry_is_dead_exactly_when_it_decides_no_packet(
    rules: list[tuple[str, str, bool]],
) -> None:
    entries = tuple(
        AclEntry(number, False, allow, ip_network(block), services(what))
        for number, (block, what, allow) in enumerate(rules, 1)
    )
    acl = NetworkAcl("acl", "vpc-1", False, ("left",), entries)
    base = two_subnets().network()
    network = replace(base, network_acls={"acl": acl})
    deciding: set[int] = set()
    for address in ("10.0.0.1", "10.1.0.1", "10.200.0.1", "8.8.8.8"):
        for what in ("tcp/22", "tcp/20", "tcp/5", "tcp/40", "udp/1", "47"):
            hit = [
                one.number
                for one in entries
                if position(address) in of_cidr(str(one.cidr)) and services(what) <= one.services
            ]
            deciding |= set(hit[:1])  # fmt: skip
    found = {int(one.subject.split()[-1]) for one in dead_acls(network)}
    assert found == {one.number for one in entries} - deciding


# --- stale references -----------------------------------------------------------------------


def stale(board: Board) -> list[tuple[str, str]]:
    rows: list[Reading] = [one for one in standing(board.network()) if one.code == "RW-STALE"]
    return [(one.standing, one.detail) for one in rows]


def test_stale_references() -> None:
    board = (
        two_subnets().igw("igw-1", "vpc-other")
        .table("rtb-left", "left", "0.0.0.0/0 igw-1", "10.9.0.0/16 nat-1 blackhole",
               "10.8.0.0/16 pcx-1", "10.7.0.0/16 pcx-1")
        .group("sg-open", "tcp/22 from sg-gone", *OPEN_GROUP)
        .balancer("front", "application", "HTTPS:443 tg-1")
        .targets("tg-1", "HTTP:80", "i-gone", "eni-a")
    )  # fmt: skip
    gone = "is not in the material: it was deleted, or left out"
    assert stale(board) == [
        ("unknown", f"the security group sg-gone {gone}"),
        ("finding", "igw-1 is not attached to vpc-1"),
        ("finding", "it is a blackhole: nat-1 is gone"),
        ("unknown", f"the vpc peering pcx-1 {gone}"),
        ("finding", "its registered target i-gone does not exist: nothing can be handed on to it"),
    ]


def test_a_sound_network_has_nothing_stale_and_nothing_dead() -> None:
    network = three_tiers().network()
    assert told(network, "RW-STALE") == []
    assert [one for one in dead(network) if "acl-app in 1" not in one] == []


def test_every_question_is_documented() -> None:
    for code, ask in QUESTIONS.items():
        assert (ask.__doc__ or "").startswith(f"{code}: ")


@settings(max_examples=15, deadline=None)
@given(networks())
def test_any_network_gets_its_answers(network: Network) -> None:
    readings = standing(network)
    assert all(one.detail and one.subject for one in readings)
    assert readings == standing(network), "the same network, the same answers"
