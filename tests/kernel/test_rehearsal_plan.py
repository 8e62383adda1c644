"""What a rehearsal would build, without building it: needs neither root nor Linux's tools."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest
from kernel_snapshots import snapshot

from ringwall.model.network import AclEntry, AnyPeer, NetworkAcl, SecurityGroupRule
from ringwall.model.services import (
    ALL_SERVICES,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    icmp_set,
    tcp,
    whole_protocol,
)
from ringwall.rehearse import frames, rulesets
from ringwall.rehearse.plan import plan


def test_the_same_network_gives_the_same_plan() -> None:
    assert plan(snapshot(7)) == plan(snapshot(7))


def test_network_acls_are_read_by_number_and_end_in_a_denial() -> None:
    everywhere = ip_network("0.0.0.0/0")
    entries = (
        AclEntry(200, False, True, everywhere, ALL_SERVICES),
        AclEntry(100, False, False, ip_network("10.0.0.0/24"), tcp(22, 80)),
        AclEntry(110, True, True, everywhere, icmp_set(ICMP, 8, -1)),
    )
    acl = NetworkAcl("acl-1", "vpc-1", False, ("subnet-a",), entries)
    text = rulesets.router({"s0": acl, "s1": None}, {}, {})
    assert [line.strip() for line in text.splitlines()[1:10]] == [
        "chain acl0_in {",
        "ip saddr 10.0.0.0/24 meta l4proto 6 th dport 22-80 drop",
        "meta nfproto ipv4 return",
        "drop",
        "}",
        "chain acl0_out {",
        "meta nfproto ipv4 meta l4proto 1 @th,0,16 2048-2303 return",
        "drop",
        "}",
    ]
    assert 'iifname "s0" oifname "s0" accept' in text
    assert 'oifname "s1" drop' in text
    assert "ct " not in text, "a router that tracks connections is no network ACL"


def test_what_cannot_be_played_is_said() -> None:
    network = snapshot(2)
    group = network.security_groups["sg-1"]
    unsure = SecurityGroupRule(AnyPeer("a parameter"), whole_protocol(TCP), certain=False)
    changed = replace(group, ingress=(*group.ingress, unsure))
    acls = {id: acl for id, acl in network.network_acls.items() if id != "acl-3"}
    drawn = plan(
        replace(
            network,
            security_groups={**network.security_groups, "sg-1": changed},
            network_acls=acls,
        )
    )
    assert drawn.left_out == (
        "a security group rule for unresolved (a parameter) was not resolved",
        "subnet-d: no network ACL is known for it",
    )


@pytest.mark.parametrize("protocol", [UDP, 47])
def test_the_number_of_a_probe_travels_in_its_payload(protocol: int) -> None:
    head = b"\x04\x00\x00\x35\x00\x00\x00\x00" if protocol == UDP else b""
    found = frames.heard(protocol, head + frames.payload(4711))
    assert found == (4711, 1024 if protocol == UDP else 0, False)
    answer = frames.heard(protocol, head + frames.payload(4711, frames.ANSWER))
    assert answer is not None
    assert answer.answer


def test_strange_packets_are_nobodys() -> None:
    assert frames.heard(TCP, bytes(20)) is None
    assert frames.heard(UDP, bytes(12)) is None
    assert frames.heard(UDP, bytes(3)) is None
    assert frames.heard(ICMPV6, b"\x80") is None
    ping = frames.heard(ICMP, frames.icmp(9, 8 << 8))
    assert ping == (9, 0, False)
