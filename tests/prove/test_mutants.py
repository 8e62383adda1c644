"""Does the suite notice wrong semantics? Every mutant is put in, and fast checks must fall.

The checks are drawn from what stands: the boards of the simulator's traces and random networks
(the engine against answers that the simulator gave before anything was changed), the published
answers to the acl-1 sample, the clinic example with and without seeded faults, and a few small
policies, templates and dumps whose answers stand here. A mutant counts as killed only by an
assertion; one that crashes is a badly written mutant and fails the test.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from mutant_boards import boards_beyond
from mutants import MUTANTS
from mutating import Mutant, put_in
from networks import OPEN_ACL, OPEN_GROUP, Board
from random_networks import networks
from random_wide import wide_networks
from test_engine_agrees import CLIENTS, KINDS, claimed, ends_of, spot
from test_simulator_beyond import CASES as BEYOND
from test_simulator_published import PORTS, SAMPLE, interfaces, published
from test_simulator_published import claimed as listed
from test_simulator_traces import (
    CASES,
    end_of,
    outward,
    packet_of,
    stored,
    three_tiers,
    two_subnets,
    with_balancer,
)

from ringwall.model.network import Network
from ringwall.model.policy import INTERNET, Flow, Guarantee, Never, Policy, Selector
from ringwall.model.services import ICMP, TCP, UDP, ServiceSet, has_ports, place_of, tcp
from ringwall.model.verdict import Packet, Verdict
from ringwall.prove.ends import End
from ringwall.prove.engine import Prover
from ringwall.prove.judge import prove
from ringwall.prove.legs import Spot
from ringwall.prove.simulator import trace, trace_reply
from ringwall.sources.cloudformation import read_template
from ringwall.sources.describe import read_describe

NETWORKS, WIDE, PACKETS = 40, 60, 40
#: Mutants that nothing can see, each with the reason.
SURVIVORS: dict[str, str] = {}


# --- the engine against answers of the unchanged simulator --------------------------------------


class Answer(NamedTuple):
    """What the simulator said of a packet (``back`` None: no matter)."""

    source: End
    target: End
    packet: Packet
    there: bool | None
    back: bool | None
    answered: bool


def asked(network: Network, packet: Packet, source: End, target: End) -> Answer:
    there = trace(network, packet, source, target).arrived
    echo = packet.protocol == ICMP and packet.port == 8 << 8
    answered = there is True and (packet.protocol in (TCP, UDP) or echo)
    answered = answered and not (target.bucket is not None and source.kind == "internet")
    back = trace_reply(network, packet, source, target).arrived if answered else None
    return Answer(source, target, packet, there, back, answered)


def more_boards() -> list[tuple[Board, str, str, str, str]]:
    """Boards that the traces do not show: board, source, target, service, address of either."""
    overlapping = (
        two_subnets()
        .vpc("vpc-2", "10.0.0.0/16")
        .subnet("far", "10.0.1.0/24", vpc="vpc-2")
        .acl("acl-far", "far", *OPEN_ACL, vpc="vpc-2")
        .table("rtb-far", "far", vpc="vpc-2", main=True)
        .eni("eni-far", "far", "10.0.1.20", groups="sg-open")
    )
    silent = two_subnets().group("sg-empty").gap("sg-empty")
    silent.eni("eni-b", "right", "10.0.1.10", groups="sg-empty")
    out = "198.51.100.7"
    list_or_block = outward().prefix_list("pl-one", "198.51.100.0/24")
    list_or_block.table("rtb-left", "left", "198.51.100.0/24 nat-1", "pl-one igw-1")
    by_dark_list = outward().prefix_list("pl-dark", known=False)
    by_dark_list.table("rtb-left", "left", "pl-dark nat-1")
    unsure = with_balancer().targets("tg-api", "HTTP:8080", known=False)
    unsure.acl("acl-app", "app", *OPEN_ACL).group("sg-api", *OPEN_GROUP)
    unsure.group("sg-web", *OPEN_GROUP)
    endpoint = two_subnets().eni("eni-a", "left", "10.0.0.9", groups="sg-open", kind="vpc-endpoint")
    peered = two_subnets().group("sg-one", "all from sg-open", "all to 0.0.0.0/0")
    peered.eni("eni-b", "right", "10.0.1.10", groups="sg-one sg-open")
    shut = two_subnets().acl("acl-right", "right", *OPEN_ACL, "10 deny tcp/443 to 10.0.0.0/24")
    shut_out = outward().acl("acl-right", "right", *OPEN_ACL, "10 deny tcp/443 to 198.51.100.0/24")
    shut_in = outward().acl("acl-right", "right", *OPEN_ACL, "10 deny tcp/443 from 10.0.0.0/24")
    mute = two_subnets().acl("acl-right", "right", "9 deny tcp to 10.0.0.0/8", *OPEN_ACL)
    one_way = three_tiers().table("rtb-public", "public")
    return [
        (overlapping, "eni-a", "eni-far", "tcp/443", ""),
        (silent, "eni-a", "eni-b", "tcp/443", ""),
        (list_or_block, "eni-a", "internet", "tcp/443", out),
        (by_dark_list, "eni-a", "internet", "tcp/443", out),
        (unsure, "eni-lb", "eni-api", "tcp/9090", ""),
        (with_balancer().group("sg-web", "all to 0.0.0.0/0"), "eni-lb", "eni-api", "tcp/443", ""),
        (endpoint, "eni-a", "eni-b", "tcp/443", ""),
        (peered, "eni-a", "eni-b", "tcp/443", ""),
        (shut, "eni-a", "eni-b", "tcp/443", ""),
        (mute, "eni-a", "eni-b", "tcp/443", ""),
        (shut_out, "eni-a", "internet", "tcp/443", out),
        (shut_in, "eni-a", "internet", "tcp/443", out),
        (two_subnets().gap("left"), "eni-a", "eni-b", "tcp/443", ""),
        (two_subnets().gap("rtb-1"), "eni-a", "internet", "tcp/443", out),
        (one_way, "internet", "eni-web", "tcp/443", ""),
        *open_boards(),
        *boards_beyond(),
    ]


def open_boards() -> list[tuple[Board, str, str, str, str]]:
    """Boards on which one thing alone decides, all else being open."""
    out, web = "198.51.100.7", "tcp/443"
    strangers = two_subnets().group("sg-b", "all from sg-b", "all to 0.0.0.0/0")
    strangers.eni("eni-b", "right", "10.0.1.10", groups="sg-b")
    narrow = two_subnets().group("sg-open", "all from 10.9.0.0/16", "all to 0.0.0.0/0")
    by_list = two_subnets().prefix_list("pl-one", "203.0.113.0/24")
    by_list.group("sg-open", "all from pl-one", "all to 0.0.0.0/0")
    inward = three_tiers().acl(
        "acl-public", "public", "9 allow tcp/443 from 0.0.0.0/0", "9 allow tcp/40000 to 0.0.0.0/0"
    )
    public = two_subnets().igw().table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    public.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public=True)
    elsewhere = two_subnets().igw("igw-1", "vpc-9").table("rtb-1", "", "0.0.0.0/0 igw-1", main=True)
    elsewhere.eni("eni-a", "left", "10.0.0.10", groups="sg-open", public=True)
    peered = two_subnets().vpc("vpc-2", "10.9.0.0/16").subnet("far", "10.9.0.0/24", vpc="vpc-2")
    peered.acl("acl-far", "far", *OPEN_ACL, vpc="vpc-2").group("sg-far", *OPEN_GROUP, vpc="vpc-2")
    peered.table("rtb-far", "far", vpc="vpc-2", main=True)
    peered.table("rtb-1", "", "10.9.0.0/16 pcx-1", main=True)
    peered.eni("eni-far", "far", "10.9.0.10", groups="sg-far")
    balancer = with_balancer().acl("acl-app", "app", *OPEN_ACL).acl("acl-data", "data", *OPEN_ACL)
    for group in ("sg-web", "sg-api", "sg-db"):
        balancer.group(group, *OPEN_GROUP)
    v6 = (
        Board("10.0.0.0/16", "2001:db8:1::/56")
        .subnet("left", "2001:db8:1::/64")
        .subnet("right", "2001:db8:1:1::/64")
        .acl("acl-left", "left", *OPEN_ACL, "101 allow all from ::/0", "101 allow all to ::/0")
        .acl("acl-right", "right", *OPEN_ACL)
        .group("sg-open", "all from ::/0", "all to ::/0")
        .table("rtb-1", "", main=True)
        .eni("eni-a", "left", "2001:db8:1::a", groups="sg-open")
        .eni("eni-b", "right", "2001:db8:1:1::b", groups="sg-open")
    )
    return [
        (strangers, "eni-a", "eni-b", web, ""),
        (three_tiers().group("sg-web", "all from sg-web"), "internet", "eni-web", web, ""),
        (narrow, "eni-a", "eni-b", web, ""),
        (by_list, "eni-a", "eni-b", web, ""),
        (
            outward().table("rtb-left", "left", "203.0.113.0/24 nat-1"),
            "eni-a",
            "internet",
            web,
            out,
        ),
        (outward().table("rtb-left", "left", "0.0.0.0/0 nat-1 ?"), "eni-a", "internet", web, out),
        (inward, "internet", "eni-web", web, ""),
        (public.acl("acl-left", "left", OPEN_ACL[1]), "eni-a", "internet", web, out),
        (elsewhere, "eni-a", "internet", web, out),
        (peered, "eni-a", "eni-far", web, ""),
        (balancer, "eni-lb", "eni-api", web, ""),
        (balancer, "eni-lb", "eni-db", "tcp/8080", ""),
        (v6, "eni-a", "eni-b", web, ""),
    ]


def drawn(kind: st.SearchStrategy[Network], count: int) -> list[Network]:
    found: list[Network] = []

    @seed(20261123)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(kind)
    def collect(network: Network) -> None:
        found.append(network)

    collect()
    return found


@cache
def answers() -> list[tuple[Network, list[Answer]]]:
    """Every network with what the simulator says of it; call it before anything is changed."""
    found = []
    for build in (*CASES.values(), *BEYOND.values()):
        question = build()
        network = question.board.network()
        source, mine = end_of(network, question.source, question.source_address)
        target, theirs = end_of(network, question.target, question.target_address)
        packet = packet_of(question.service, mine, theirs, question.client)
        found.append((network, [asked(network, packet, source, target)]))
    for board, one, other, service, address in more_boards():
        network = board.network()
        source, mine = end_of(network, one, "")
        target, theirs = end_of(network, other, address)
        packet = packet_of(service, mine, theirs, 40000)
        found.append((network, [asked(network, packet, source, target)]))
    chance = random.Random(7)  # noqa: S311  no secret
    for network in (*drawn(networks(), NETWORKS), *drawn(wide_networks(), WIDE)):
        found.append((network, list(some_packets(network, chance))))
    return found


def some_packets(network: Network, chance: random.Random) -> list[Answer]:
    prover, ends = Prover(network), ends_of(network)
    found: list[Answer] = []
    while len(found) < PACKETS:
        source, target = chance.choice(ends), chance.choice(ends)
        meetings = list(prover.meetings(source, target))
        if meetings:
            a, b = chance.choice(meetings)
            protocol, port = chance.choice(KINDS)
            client = chance.choice(CLIENTS) if has_ports(protocol) else None
            packet = Packet(a.place, b.place, protocol, port, client)
            found.append(asked(network, packet, source, target))
    return found


def agrees(prover: Prover, one: Answer) -> bool:
    a = spot(prover, one.source, one.packet.source)
    b = spot(prover, one.target, one.packet.destination)
    if "address" in (one.source.kind, one.target.kind) or one.source.bucket is not None:
        return True  # ends of questions, not of proofs
    if one.target.bucket and one.packet.destination not in one.target.addresses:
        return True  # addresses that nobody published: the small policies ask for those
    if one.target.interface and one.packet.destination not in one.target.interface.addresses:
        return True  # an address of its own seen from outside: the explanation's business
    place = place_of(one.packet.protocol, one.packet.port)
    if claimed(prover, prover.forward(a, b), place) != one.there:
        return False
    if not one.answered:
        return True
    heard = place_of(one.packet.protocol, one.packet.source_port or 0)
    return claimed(prover, prover.reply(a, b), heard) == one.back


def engine() -> None:
    for network, told in answers():
        prover = Prover(network)
        for one in told:
            assert agrees(prover, one), one


# --- the acl-1 sample, the clinic example -------------------------------------------------------


def acl_1() -> None:
    network = read_describe(SAMPLE / "account.json")
    prover, ends, lines = Prover(network), interfaces(network), published()
    for a, source in ends.items():
        for b, target in ends.items():
            if a == b:
                continue
            here, there = (Spot(one.addresses.first, one.interface) for one in (source, target))
            forward, reply = prover.forward(here, there), prover.reply(here, there)
            for sport in PORTS:
                for dport in PORTS:
                    arrives, answered = listed(lines.get((a, b), []), sport, dport)
                    found = claimed(prover, forward, place_of(TCP, dport))
                    assert found is arrives, f"{a} -> {b} {dport}"
                    heard = claimed(prover, reply, place_of(TCP, sport))
                    assert not arrives or heard is answered, f"{b} -> {a} {sport}"


@cache
def faults() -> Any:
    """The room next door: the clinic example and its seeded faults."""
    sys.path.append(str(Path(__file__).parents[1] / "proofs"))
    return import_module("test_seeded_faults")


def clean() -> None:
    design, template = faults().designed()
    proofs = prove(faults().read(template), design.policy)
    assert {proof.verdict for proof in proofs} == {Verdict.PROVED}


def seeded(name: str) -> Callable[[], None]:
    def check() -> None:
        (fault,) = (one for one in faults().FAULTS if one.name.startswith(name))
        faults().test_a_single_mistake_is_told(fault)

    return check


# --- small policies -----------------------------------------------------------------------------


def service(name: str) -> Selector:
    return Selector("service", name)


def flow(source: Selector, target: Selector, services: ServiceSet | None = None) -> Flow:
    return Flow(source, target, services or tcp(443), (32768, 60999))


class Judged(NamedTuple):
    board: Board
    flows: tuple[Flow, ...]
    claim: str
    verdict: Verdict
    guarantees: tuple[Guarantee, ...] = ()


def small_policies() -> list[Judged]:
    a, b, store = service("eni-a"), service("eni-b"), service("store")
    unsure = two_subnets().group("sg-open", "all from anyone ?", "all to 0.0.0.0/0")
    block = Selector("address", "203.0.113.0/24")
    dark = stored(only_through=("vpce-s3",)).s3(None)
    free = "1.0.0.0/8"
    named = stored(only_through=("vpce-s3",)).s3(None)
    named.group("sg-api", f"tcp/443 to {free}").acl("acl-app", "app", *OPEN_ACL)
    handed = with_balancer().acl("acl-app", "app", *OPEN_ACL)
    handed.group("sg-web", "tcp/443 from 0.0.0.0/0", "tcp/8080 to sg-api")
    never_api = (Never(INTERNET, service("eni-api")),)
    to_store = (flow(service("eni-api"), store),)
    violated, unknown, proved = Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.PROVED
    return [
        Judged(unsure, (), "RW-ONLY eni-a -> eni-b", unknown),
        Judged(unsure, (flow(a, b),), "RW-FLOW eni-a -> eni-b tcp/443", unknown),
        Judged(unsure, (), "RW-NEVER eni-a -> eni-b", unknown, (Never(a, b),)),
        Judged(two_subnets(), (flow(a, b),), "RW-ONLY eni-b -> eni-a", violated),
        Judged(open_one_way(), (flow(b, a),), "RW-ONLY eni-a -> eni-b", violated),
        Judged(narrow_out(), (flow(a, block),), "RW-ONLY eni-a -> internet", violated),
        Judged(dark, to_store, "RW-FLOW eni-api -> store tcp/443", proved),
        Judged(named, to_store, "RW-FLOW eni-api -> store tcp/443", violated),
        Judged(handed, (), "RW-NEVER internet -> eni-api", violated, never_api),
    ]


def open_one_way() -> Board:
    board = two_subnets().group("sg-a", "tcp/443 to 0.0.0.0/0").group("sg-b", "tcp/443 from sg-a")
    board.eni("eni-a", "left", "10.0.0.10", groups="sg-a")
    return board.eni("eni-b", "right", "10.0.1.10", groups="sg-b")


def narrow_out() -> Board:
    return outward().group("sg-open", "tcp/443 to 0.0.0.0/0")


def policies() -> None:
    for one in small_policies():
        proofs = prove(one.board.network(), Policy(one.flows, one.guarantees))
        told = {f"{proof.code} {proof.subject}": proof.verdict for proof in proofs}
        assert told.get(one.claim) is one.verdict, (one.claim, one.verdict, told)


# --- small inputs -------------------------------------------------------------------------------


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{kind}", "Properties": properties}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def entry(number: int, action: str, egress: bool, protocol: int, **more: Any) -> dict[str, Any]:
    return resource(
        "NetworkAclEntry",
        NetworkAclId=ref("Acl"),
        RuleNumber=number,
        RuleAction=action,
        Egress=egress,
        Protocol=protocol,
        CidrBlock="0.0.0.0/0",
        **more,
    )


def rule(port: int, **peer: Any) -> dict[str, Any]:
    return resource(
        "SecurityGroupIngress",
        GroupId={"Fn::GetAtt": ["Group", "GroupId"]},
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        **peer,
    )


TEMPLATE = {
    "Resources": {
        "Vpc": resource("VPC", CidrBlock="10.0.0.0/16"),
        "Home": resource(
            "Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.0.0/24", MapPublicIpOnLaunch=True
        ),
        "Acl": resource("NetworkAcl", VpcId=ref("Vpc")),
        "Tie": resource(
            "SubnetNetworkAclAssociation", SubnetId=ref("Home"), NetworkAclId=ref("Acl")
        ),
        "E1": entry(10, "deny", False, 6, PortRange={"From": 22, "To": 23}),
        "E2": entry(20, "allow", False, 1, Icmp={"Type": 3, "Code": 4}),
        "E3": entry(30, "allow", True, -1),
        "Table": resource("RouteTable", VpcId=ref("Vpc")),
        "Served": resource(
            "SubnetRouteTableAssociation", SubnetId=ref("Home"), RouteTableId=ref("Table")
        ),
        "Group": resource("SecurityGroup", VpcId=ref("Vpc"), GroupDescription="one"),
        "R1": rule(443, CidrIp="10.0.0.0/8"),
        "R2": rule(80, SourceSecurityGroupId={"Fn::GetAtt": ["Group", "GroupId"]}),
        "Host": resource(
            "Instance", SubnetId=ref("Home"), SecurityGroupIds=[ref("Group")], ImageId="ami-1"
        ),
    }
}


def rules_of(network: Network, acl: str) -> list[tuple[int, bool, bool, tuple[Any, ...]]]:
    entries = network.network_acls[acl].entries
    return [(one.number, one.egress, one.allow, one.services.intervals) for one in entries]


def place(protocol: int, number: int) -> int:
    return (protocol << 16) + number


EVERYTHING = ((0, (256 << 16) - 1),)
TEN = (10, False, False, ((place(6, 22), place(6, 23)),))
TWENTY = (20, False, True, ((place(1, 3 << 8 | 4), place(1, 3 << 8 | 4)),))
THIRTY = (30, True, True, EVERYTHING)


def template() -> None:
    network = read_template(json.dumps(TEMPLATE), "small.json", region="us-east-1")
    assert rules_of(network, "Acl") == [TEN, TWENTY, THIRTY]
    assert network.network_acls["Acl"].subnets == ("Home",)
    assert network.route_tables["Table"].subnets == ("Home",)
    group = network.security_groups["Group"]
    assert [str(one.peer) for one in group.egress] == ["0.0.0.0/0"]
    assert {str(one.peer) for one in group.ingress} == {"10.0.0.0/8", "Group"}
    (host,) = (one for one in network.interfaces.values() if one.owner == "Host")
    assert host.addresses.size == 251
    assert host.public is True


def dumped_entry(number: int, action: str, egress: bool, protocol: int, **more: Any) -> Any:
    found = entry(number, action, egress, protocol, **more)["Properties"]
    return found | {"Protocol": str(protocol)}


DUMP: dict[str, Any] = {
    "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}],
    "NetworkAcls": [
        {
            "NetworkAclId": "acl-1",
            "VpcId": "vpc-1",
            "IsDefault": False,
            "Associations": [{"SubnetId": "subnet-1"}],
            "Entries": [
                dumped_entry(10, "deny", False, 6, PortRange={"From": 22, "To": 23}),
                dumped_entry(20, "allow", False, 1, IcmpTypeCode={"Type": 3, "Code": 4}),
                dumped_entry(30, "allow", True, -1),
                dumped_entry(32767, "deny", True, -1),
            ],
        }
    ],
    "RouteTables": [
        {
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Associations": [{"Main": True}],
            "Routes": [
                {
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "NatGatewayId": "nat-1",
                    "State": "blackhole",
                },
                {
                    "DestinationCidrBlock": "10.9.0.0/16",
                    "GatewayId": "vgw-1",
                    "Origin": "EnableVgwRoutePropagation",
                },
            ],
        }
    ],
    "PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "own", "Cidrs": ["10.0.0.0/8"]}],
    "SecurityGroups": [
        {
            "GroupId": "sg-1",
            "GroupName": "one",
            "VpcId": "vpc-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 444,
                    "UserIdGroupPairs": [{"GroupId": "sg-1"}],
                    "PrefixListIds": [{"PrefixListId": "pl-1"}],
                }
            ],
            "IpPermissionsEgress": [
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
            ],
        }
    ],
    "NetworkInterfaces": [
        {
            "NetworkInterfaceId": "eni-1",
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "PrivateIpAddress": "10.0.0.10",
            "Groups": [{"GroupId": "sg-1"}],
            "Association": {"PublicIp": "203.0.113.9"},
        }
    ],
}


def dump() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dump.json"
        path.write_text(json.dumps(DUMP))
        network = read_describe(path)
    assert rules_of(network, "acl-1") == [TEN, TWENTY, THIRTY]
    blackhole, propagated = network.route_tables["rtb-1"].routes
    assert (blackhole.blackhole, blackhole.propagated) == (True, False)
    assert (propagated.blackhole, propagated.propagated) == (False, True)
    group = network.security_groups["sg-1"]
    assert {str(one.peer) for one in group.ingress} == {"sg-1", "pl-1"}
    assert [str(one.peer) for one in group.egress] == ["10.0.0.0/8"]
    assert [one.services.size for one in group.ingress] == [2, 2]
    assert network.interfaces["eni-1"].public is True


# --- the test -----------------------------------------------------------------------------------

CHECKS: dict[str, Callable[[], None]] = {
    "engine": engine,
    "published": acl_1,
    "clean": clean,
    "policies": policies,
    "template": template,
    "dump": dump,
}


def check_of(name: str) -> Callable[[], None]:
    kind, _, fault = name.partition(": ")
    return seeded(fault) if kind == "fault" else CHECKS[name]


def is_killed(mutant: Mutant) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        put_in(mutant, patch)
        for name in mutant.seen_by:
            try:
                check_of(name)()
            except AssertionError:
                return True
    return False


@pytest.mark.parametrize("name", sorted({name for one in MUTANTS for name in one.seen_by}))
def test_unchanged_code_passes(name: str) -> None:
    check_of(name)()


def test_mutants_are_killed() -> None:
    answers()
    faults().designed()
    survivors = [one.name for one in MUTANTS if not is_killed(one)]
    killed = len(MUTANTS) - len(survivors)
    print(f"\n{killed} of {len(MUTANTS)} mutants are killed; survivors: {survivors}")
    assert killed >= 0.95 * len(MUTANTS), survivors
    assert set(survivors) == set(SURVIVORS), survivors
    for name in sorted({name for one in MUTANTS for name in one.seen_by}):
        check_of(name)()  # what was put in is out again
