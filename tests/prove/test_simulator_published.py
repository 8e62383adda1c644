"""The simulator against what another analyser published for a real account's network ACLs.

``expected-connectivity.txt`` lists every pair that can connect, with the TCP connections whose
answers are blocked marked by ``*``; pairs that it does not list cannot connect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ringwall.model.network import Network
from ringwall.model.services import TCP, UDP
from ringwall.model.verdict import Packet
from ringwall.prove.ends import End, resolve
from ringwall.prove.simulator import trace, trace_reply
from ringwall.sources.describe import read_describe

SAMPLE = Path(__file__).parent.parent / "data" / "snapshots" / "acl-1"
_LINE = re.compile(r"\S+\[(?P<a>[\d.]+)\] => \S+\[(?P<b>[\d.]+)\] : (?P<what>.*)")
PORTS = (1, 22, 80, 1023, 1024, 9079, 9080, 9081, 40000, 65535)


class Claim(NamedTuple):
    """A published line: which source and destination ports connect, and whether answers return."""

    any_protocol: bool
    source_ports: tuple[tuple[int, int], ...]
    target_ports: tuple[tuple[int, int], ...]
    answered: bool


@pytest.fixture(scope="module")
def network() -> Network:
    return read_describe(SAMPLE / "account.json")


def ranges(text: str, name: str) -> tuple[tuple[int, int], ...]:
    found = re.search(rf"{name}: ([\d,-]+)", text)
    if not found:
        return ((1, 65535),)
    pairs = (part.partition("-") for part in found[1].split(","))
    return tuple((int(low), int(high or low)) for low, _, high in pairs)


def published() -> dict[tuple[str, str], list[Claim]]:
    found: dict[tuple[str, str], list[Claim]] = {}
    for line in (SAMPLE / "expected-connectivity.txt").read_text().splitlines():
        match = _LINE.match(line)
        if match:
            what = match["what"]
            claim = Claim(
                "All Connections" in what,
                ranges(what, "src-ports"),
                ranges(what, "dst-ports"),
                "*" not in what,
            )
            found.setdefault((match["a"], match["b"]), []).append(claim)
    return found


def interfaces(network: Network) -> dict[str, End]:
    texts = sorted({one for pair in published() for one in pair})
    return {text: resolve(network, text)[0] for text in texts}


def pairs(network: Network) -> Iterator[tuple[str, str, End, End]]:
    ends = interfaces(network)
    for a, source in ends.items():
        for b, target in ends.items():
            if a != b:
                yield a, b, source, target


def claimed(claims: list[Claim], sport: int, dport: int) -> tuple[bool, bool]:
    """Whether a TCP packet is published as arriving, and as answered."""
    for one in claims:
        from_here = any(low <= sport <= high for low, high in one.source_ports)
        to_there = any(low <= dport <= high for low, high in one.target_ports)
        if one.any_protocol or (from_here and to_there):
            return True, one.answered
    return False, False


def test_sample_lists_internal_pairs() -> None:
    assert len(published()) == 14


def test_tcp_agrees_port_by_port(network: Network) -> None:
    lines = published()
    for a, b, source, target in pairs(network):
        for sport in PORTS:
            for dport in PORTS:
                packet = Packet(source.addresses.first, target.addresses.first, TCP, dport, sport)
                there = trace(network, packet, source, target).arrived
                back = trace_reply(network, packet, source, target).arrived
                arrives, answered = claimed(lines.get((a, b), []), sport, dport)
                assert there is arrives, f"{a} -> {b} {packet}"
                if arrives:
                    assert back is answered, f"answer to {a} -> {b} {packet}"


def test_other_protocols_agree(network: Network) -> None:
    lines = published()
    for a, b, source, target in pairs(network):
        packet = Packet(source.addresses.first, target.addresses.first, UDP, 9080, 9080)
        open_to_all = any(claim.any_protocol for claim in lines.get((a, b), []))
        assert trace(network, packet, source, target).arrived is open_to_all, f"{a} -> {b}"
