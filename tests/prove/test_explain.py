"""Questions in a user's words, and whether the answers say what a person would want to know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import OPEN_ACL, OPEN_GROUP, Board, show

from ringwall.model.addresses import position
from ringwall.model.errors import InputError
from ringwall.model.services import TCP
from ringwall.model.verdict import Explanation, Packet, Reach, ReturnPorts
from ringwall.prove.ends import known_names, resolve
from ringwall.prove.explain import explain, explain_packet
from ringwall.prove.simulator import trace_reply


def house() -> Board:
    """Two zones: web behind a load balancer, api, db; the api goes out through a NAT gateway."""
    board = Board().igw().s3()
    for zone, third in (("zone-1", 0), ("zone-2", 100)):
        for tier, offset in (("public", 0), ("app", 1), ("data", 2)):
            board.subnet(f"{tier}-{zone[-1]}", f"10.0.{third + offset}.0/24", zone=zone)
    board.acl("acl-public", "public-1 public-2", *OPEN_ACL)
    board.acl("acl-app", "app-1 app-2", *OPEN_ACL)
    board.acl(
        "acl-data", "data-1 data-2",
        "100 allow tcp/5432 from 10.0.0.0/16", "100 allow tcp/32768-60999 to 10.0.0.0/16",
    )  # fmt: skip
    board.group("sg-lb", "tcp/443 from 0.0.0.0/0", "tcp/8080 to sg-api")
    board.group("sg-api", "tcp/8080 from sg-lb", "tcp/5432 to sg-db", "tcp/443 to 203.0.113.0/24")
    board.group("sg-db", "tcp/5432 from sg-api")
    board.table("rtb-public", "public-1 public-2", "0.0.0.0/0 igw-1")
    board.table("rtb-app", "app-1 app-2", "0.0.0.0/0 nat-1")
    board.table("rtb-main", "", main=True)
    board.nat("nat-1", "public-1", "10.0.0.200")
    board.balancer("front", "application", "HTTPS:443 tg-api")
    board.targets("tg-api", "HTTP:8080", "asg-api")
    for number, third in ((1, 0), (2, 100)):
        board.eni(
            f"eni-lb-{number}", f"public-{number}", f"10.0.{third}.20", groups="sg-lb",
            kind="load-balancer", owner="front", public=True, service="web", tier="public",
        )  # fmt: skip
        board.eni(
            f"eni-api-{number}", f"app-{number}", groups="sg-api", owner="asg-api",
            service="api", tier="app", client_ports=(32768, 60999),
        )  # fmt: skip
        board.eni(
            f"eni-db-{number}", f"data-{number}", f"10.0.{third + 2}.30", groups="sg-db",
            kind="database", owner="db", service="records", tier="data", name="db-node",
        )  # fmt: skip
    return board.workload("asg-api", "fleet").workload("db", "records-db")


def ask(board: Board, source: str, target: str, **more: object) -> Explanation:
    return explain(board.network(), source, target, **more)  # type: ignore[arg-type]  # test words


# --- what words name --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("internet", ["internet"]),
        ("api", ["eni-api-1", "eni-api-2"]),
        ("data", ["eni-db-1", "eni-db-2"]),
        ("public", ["eni-lb-1", "eni-lb-2"]),
        ("eni-db-2", ["eni-db-2"]),
        ("asg-api", ["eni-api-1", "eni-api-2"]),
        ("fleet", ["eni-api-1", "eni-api-2"]),
        ("db-node", ["eni-db-1", "eni-db-2"]),
        ("front", ["eni-lb-1", "eni-lb-2"]),
        ("nat-1", ["eni-nat-1"]),
        ("10.0.2.30", ["eni-db-1"]),
        ("10.0.1.7", ["eni-api-1"]),
        ("10.0.2.99", ["10.0.2.99"]),
        ("10.99.0.1", ["10.99.0.1"]),
        ("203.0.113.0/24", ["203.0.113.0/24"]),
        ("198.51.100.7", ["198.51.100.7"]),
        ("data-2", ["eni-db-2"]),
        ("sg-api", ["eni-api-1", "eni-api-2"]),
        ("igw-1", ["internet"]),
    ],
)
def test_words_name_ends(word: str, ids: list[str]) -> None:
    assert [end.id for end in resolve(house().network(), word)] == ids


def test_a_vpc_names_all_that_stands_in_it_but_its_ways_out() -> None:
    found = [end.id for end in resolve(house().network(), "vpc-1")]
    assert found == [f"eni-{one}-{number}" for one in ("api", "db", "lb") for number in (1, 2)]


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("on-premises", ["on-premises"]),
        ("vgw-1", ["on-premises"]),
        ("vpn-1", ["on-premises"]),
        ("192.168.7.7", ["on-premises"]),
        ("203.0.113.9", ["internet", "on-premises"]),
        ("203.0.115.9", ["internet"]),
    ],
)
def test_what_lies_behind_a_vpn_has_names(word: str, kinds: list[str]) -> None:
    board = house().vgw("vgw-1", "vpc-1").vpn("vpn-1", "vgw-1", "203.0.113.0/24")
    assert [end.kind for end in resolve(board.network(), word)] == kinds


def test_the_first_meaning_of_a_word_counts() -> None:
    board = house()
    board.eni("records", "app-1", "10.0.1.251", groups="sg-api", name="fleet")
    network = board.network()
    assert [end.id for end in resolve(network, "records")] == ["eni-db-1", "eni-db-2"]
    assert [end.id for end in resolve(network, "fleet")] == ["eni-api-1", "eni-api-2", "records"]


def test_public_address_names_its_interface() -> None:
    board = house().eni("eni-x", "app-1", "10.0.1.250", public_addresses="203.0.113.80")
    (end,) = resolve(board.network(), "203.0.113.80")
    assert (end.kind, end.id) == ("interface", "eni-x")
    assert end.addresses.first == position("203.0.113.80")


def test_every_known_name_resolves() -> None:
    network = house().network()
    for name in known_names(network):
        assert resolve(network, name), name


@pytest.mark.parametrize(
    ("source", "target", "more", "code", "help"),
    [
        ("apu", "records", {}, "RW-EXPLAIN-001", "did you mean `app` or `api`?"),
        ("api", "???", {}, "RW-EXPLAIN-001", "`internet`, `api`, `records`, `web`"),
        ("api", "web", {"protocol": "sctp"}, "RW-EXPLAIN-002", "use tcp, udp"),
        ("api", "web", {"port": 70000}, "RW-EXPLAIN-003", "from 0 to 65535"),
        ("api", "web", {"protocol": "icmp", "port": 300}, "RW-EXPLAIN-003", "from 0 to 255"),
        ("eni-db-1", "10.0.2.30", {}, "RW-EXPLAIN-004", "two different ends"),
        ("api", "2001:db8::7", {}, "RW-EXPLAIN-005", "IPv4 addresses only"),
    ],
)
def test_bad_questions_are_told(
    source: str, target: str, more: dict[str, object], code: str, help: str
) -> None:
    with pytest.raises(InputError) as told:
        ask(house(), source, target, **more)
    (one,) = told.value.diagnostics
    assert one.code == code
    assert help in one.help


# --- verdicts ---------------------------------------------------------------------------------


def test_reachable_in_the_same_zone() -> None:
    found = ask(house(), "api", "records", port=5432)
    assert found.verdict is Reach.REACHABLE
    assert (found.source, found.target) == ("api (eni-api-1)", "records (eni-db-1)")
    assert found.return_ports is ReturnPorts.ALL
    assert found.client_ports == (32768, 60999)
    assert found.assumptions == ("10.0.1.4 stands for api (eni-api-1)",)


def test_blocked_shows_every_blocker() -> None:
    found = ask(house(), "web", "records", port=5432)
    assert found.verdict is Reach.BLOCKED
    assert [step.layer for step in found.forward.blockers] == [
        "targets", "security-group", "security-group",
    ]  # fmt: skip


def test_blocked_because_no_answer_comes_back() -> None:
    found = ask(house(), "api", "records", port=5432, client_ports=(1024, 5000))
    assert found.forward.arrived is True
    assert found.return_ports is ReturnPorts.NONE
    assert found.verdict is Reach.BLOCKED
    assert found.reply is not None
    assert found.reply.blockers[0].resource == "acl-data"


def test_some_ports_get_answers() -> None:
    found = ask(house(), "api", "records", port=5432, client_ports=(1024, 65535))
    assert found.verdict is Reach.REACHABLE
    assert found.return_ports is ReturnPorts.SOME
    assert found.return_ranges == ((32768, 60999),)
    assert found.forward.packet.source_port == 32768
    assert found.reply is not None
    assert found.reply.arrived is False
    assert "the return path shown is that of the answer to client port 1024" in found.assumptions


def test_unknown_says_why() -> None:
    found = ask(house().gap("acl-data", "somebody else's"), "api", "records", port=5432)
    assert found.verdict is Reach.UNKNOWN
    assert found.forward.unknowns[0].rule == "somebody else's"


def test_a_block_is_sure_in_spite_of_unknowns() -> None:
    found = ask(house().gap("acl-data"), "web", "records", port=5432)
    assert found.verdict is Reach.BLOCKED


def test_pairs_that_differ_are_counted() -> None:
    board = (
        house().acl("acl-app", "app-1", *OPEN_ACL).acl("acl-odd", "app-2", "100 deny all to ::/0")
    )
    found = ask(board, "api", "records", port=5432)
    assert found.verdict is Reach.REACHABLE
    assert found.assumptions[-1].startswith(
        "2 of 4 pairs of interfaces are reachable; api (eni-api-2) to records (eni-db-2) is "
        "blocked (acl-odd: no rule matches tcp/5432 to 10.0.102.30: implicit deny"
    )


def test_port_that_the_target_offers() -> None:
    found = ask(house(), "api", "records")
    assert found.forward.packet.port == 5432
    assert found.assumptions[0].startswith("no port was asked for: 5432")
    assert ask(house(), "internet", "web").forward.packet.port == 443


def test_internet_is_shown_by_the_address_that_gets_furthest() -> None:
    found = ask(house(), "api", "internet", port=443)
    assert found.verdict is Reach.REACHABLE
    assert found.forward.packet.destination == position("203.0.113.7")
    assert "203.0.113.7 stands for internet" in found.assumptions
    assert any("10.0.1.4 to 198.51.100.7 is blocked" in one for one in found.assumptions)


def test_addresses_of_one_subnet_that_differ_are_told() -> None:
    board = house().acl(
        "acl-data", "data-1 data-2",
        "90 deny tcp from 10.0.1.128/25",
        "100 allow tcp/5432 from 10.0.0.0/16", "100 allow tcp/32768-60999 to 10.0.0.0/16",
    )  # fmt: skip
    found = ask(board, "eni-api-1", "eni-db-1", port=5432)
    assert found.verdict is Reach.REACHABLE
    assert found.assumptions[-1] == (
        "1 of 2 kinds of address are reachable; 10.0.1.128 to 10.0.2.30 is blocked "
        "(acl-data: rule 90 deny tcp from 10.0.1.128/25)"
    )


def test_two_ends_never_share_an_address() -> None:
    board = house().eni("eni-peer", "app-1", groups="sg-api", service="peer")
    packet = ask(board, "eni-api-1", "eni-peer", port=8080).forward.packet
    assert packet.source != packet.destination


def test_echo_and_whole_protocols() -> None:
    board = house().group("sg-db", "icmp/8 from sg-api").group("sg-api", "all to 10.0.0.0/16")
    board.acl("acl-data", "data-1 data-2", "1 allow icmp/8 from 0.0.0.0/0")
    found = ask(board, "api", "records", protocol="icmp")
    assert found.forward.arrived is True
    assert found.return_ports is ReturnPorts.NONE
    assert found.client_ports is None
    assert ask(board, "api", "records", protocol="47").verdict is Reach.BLOCKED


def test_all_protocols_are_as_open_as_the_worst() -> None:
    board = house()
    for name in ("sg-api", "sg-db"):
        board.group(name, *OPEN_GROUP)
    assert ask(board, "api", "records", protocol="all").verdict is Reach.BLOCKED
    board.acl("acl-data", "data-1 data-2", *OPEN_ACL)
    assert ask(board, "api", "records", protocol="all").verdict is Reach.REACHABLE
    board.acl("acl-data", "data-1 data-2", "50 deny udp/53 from 0.0.0.0/0", *OPEN_ACL)
    worst = ask(board, "api", "records", protocol="all")
    assert worst.verdict is Reach.BLOCKED
    assert "of all, udp/53 is shown" in worst.assumptions


def test_s3_at_addresses_that_nobody_published() -> None:
    board = house().s3(None).bucket("store", only_through=("vpce-s3",))
    board.table("rtb-app", "app-1 app-2", "pl-s3 vpce-s3").group("sg-api", "tcp/443 to pl-s3")
    found = ask(board, "api", "store", port=443)
    assert found.verdict is Reach.REACHABLE
    assert any(one.startswith("the addresses of com.amazonaws") for one in found.assumptions)


# --- NAT and load balancers in between --------------------------------------------------------


def test_nat_must_hear_answers_on_all_of_its_ports() -> None:
    narrow = (
        "90 allow all from 10.0.0.0/16",
        "100 allow tcp/32768-60999 from 0.0.0.0/0",
        "100 allow all to 0.0.0.0/0",
    )
    found = ask(
        house().acl("acl-public", "public-1 public-2", *narrow), "api", "internet", port=443
    )
    assert found.return_ports is ReturnPorts.SOME
    assert found.return_ranges == ((32768, 60999),)
    assert found.client_ports == (1024, 65535)
    assert any(
        "NAT gateway sends from any of its ports 1024-65535" in one for one in found.assumptions
    )


def test_through_a_load_balancer_to_its_target() -> None:
    found = ask(house(), "internet", "api", port=443)
    assert found.verdict is Reach.REACHABLE
    assert found.return_ports is ReturnPorts.ALL
    assert "through load balancer front" in found.assumptions
    assert show(found.forward) == (
        """\
198.51.100.7:1024 -> 10.0.0.20 tcp/443 arrives
  internet internet
  internet-gateway igw-1
    + route: attached to vpc-1
    + public-address eni-lb-1: has a public IPv4 address
  subnet public-1
    + network-acl acl-public: rule 100 allow all from 0.0.0.0/0
  load-balancer eni-lb-1
    + security-group sg-lb: allow tcp/443 from 0.0.0.0/0
    + listener front: listener HTTPS:443
    + listener front: listener HTTPS:443 forwards to tg-api: tcp/8080 from 10.0.0.20 [REMAP_EPHEMERAL_PORT]
    + targets front: asg-api is a target, port 8080
    + security-group sg-lb: allow tcp/8080 to sg-api
  subnet public-1
    + route rtb-public: 10.0.0.0/16 local
    + network-acl acl-public: rule 100 allow all to 0.0.0.0/0
  subnet app-1
    + network-acl acl-app: rule 100 allow all from 0.0.0.0/0
  instance eni-api-1
    + security-group sg-api: allow tcp/8080 from sg-lb
"""  # noqa: E501  (a trace is one step per line)
    )
    assert found.reply is not None
    assert [hop.resource for hop in found.reply.hops] == [
        "eni-api-1", "app-1", "public-1", "eni-lb-1", "public-1", "igw-1", "internet",
    ]  # fmt: skip


def test_the_targets_own_port_is_told() -> None:
    found = ask(house(), "internet", "api", port=8080)
    assert found.verdict is Reach.REACHABLE
    assert found.forward.packet.port == 443
    assert (
        "8080 is the target's own port: clients ask the load balancer at 443" in found.assumptions
    )


def test_balancer_must_hear_its_targets() -> None:
    board = house().acl(
        "acl-app", "app-1 app-2",
        "100 allow all from 0.0.0.0/0", "100 allow tcp/1024-40000 to 0.0.0.0/0",
    )  # fmt: skip
    found = ask(board, "internet", "api", port=443)
    assert found.return_ports is ReturnPorts.SOME
    assert found.return_ranges == ((1024, 40000),)


def test_second_leg_blocked() -> None:
    board = house().group("sg-api", "tcp/9999 from sg-lb", "all to 0.0.0.0/0")
    found = ask(board, "internet", "api", port=443)
    assert found.verdict is Reach.BLOCKED


def test_targets_that_are_not_known() -> None:
    found = ask(house().targets("tg-api", "HTTP:8080", known=False), "internet", "api", port=443)
    assert found.verdict is Reach.UNKNOWN
    assert any("targets of tg-api are not known" in step.rule for step in found.forward.unknowns)


def preserved(*rules: str, **more: object) -> Explanation:
    board = house().balancer("front", "network", "TCP:443 tg-api")
    board.targets("tg-api", "TCP:8080", "asg-api", **more)
    return ask(board.group("sg-api", *rules), "198.51.100.7", "api", port=443)


def test_network_balancer_preserves_the_clients_address() -> None:
    from_client = preserved("tcp/8080 from 198.51.100.0/24")
    assert from_client.verdict is Reach.REACHABLE
    assert preserved("tcp/8080 from sg-lb").verdict is Reach.REACHABLE
    assert preserved("tcp/8080 from 10.0.0.0/16").verdict is Reach.BLOCKED
    assert from_client.return_ports is ReturnPorts.ALL
    not_kept = preserved("tcp/8080 from 198.51.100.0/24", preserve_client_ip=False)
    assert not_kept.verdict is Reach.BLOCKED


def test_zones_apart_without_cross_zone() -> None:
    board = house().balancer("front", "network", "TCP:443 tg-api", cross_zone=False)
    del board.things["interfaces"]["eni-lb-1"]
    found = ask(board.group("sg-api", "tcp/8080 from sg-lb"), "internet", "eni-api-1", port=443)
    assert found.verdict is Reach.BLOCKED
    assert "ELB_NOT_CROSSZONE" in [step.code for step in found.forward.blockers]


# --- return ports, held against a try of every kind of port ------------------------------------

_ports = st.sampled_from([0, 1023, 1024, 1025, 5432, 32767, 32768, 40000, 60999, 61000, 65535])


@st.composite
def port_rules(draw: st.DrawFn) -> tuple[str, ...]:
    found = []
    for number in draw(st.lists(st.integers(1, 99), unique=True, max_size=5)):
        low, high = sorted((draw(_ports), draw(_ports)))
        verb = draw(st.sampled_from(["allow", "deny"]))
        found.append(f"{number} {verb} tcp/{low}-{high} to 10.0.0.0/16")
    return tuple(found)


@given(port_rules(), st.tuples(_ports, _ports).map(sorted))
@settings(max_examples=150, deadline=None)
def test_return_ranges_are_exact(rules: tuple[str, ...], clients: list[int]) -> None:
    board = house().acl("acl-data", "data-1 data-2", "100 allow all from 0.0.0.0/0", *rules)
    network = board.network()
    low, high = clients
    (source,), (target,) = resolve(network, "eni-api-1"), resolve(network, "eni-db-1")
    packet = Packet(source.addresses.first, target.addresses.first, TCP, 5432, low)
    found = explain_packet(network, source, target, packet, client_ports=(low, high))
    for edge in (0, 1023, 1024, 1025, 5432, 32767, 32768, 40000, 60999, 61000, 65535):
        for port in (edge - 1, edge, edge + 1):
            if low <= port <= high:
                asked = Packet(packet.source, packet.destination, TCP, 5432, port)
                heard = trace_reply(network, asked, source, target).arrived
                told = any(first <= port <= last for first, last in found.return_ranges)
                assert told is heard, port
    expected = ReturnPorts.SOME if found.return_ranges else ReturnPorts.NONE
    if found.return_ranges == ((low, high),):
        expected = ReturnPorts.ALL
    assert found.return_ports is expected
