"""A network as namespaces, links, routes and rulesets: what to build, with nothing built yet.

One node (a namespace) stands for each interface, router of a VPC, gateway, and for the Internet.
A subnet is a bridge in its router, so traffic inside a subnet meets no network ACL; its route
table is a routing table of the router, chosen by the bridge that a packet comes in by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringwall.model.network import Network

INTERNET = "internet"


@dataclass(slots=True)
class Node:
    """``ip`` and ``ip6`` are lines for ``ip -batch`` (the second with ``-6``)."""

    name: str
    forwards: bool = False
    ip: list[str] = field(default_factory=list)
    ip6: list[str] = field(default_factory=list)
    ruleset: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A wire between two nodes, with the name that it has in each."""

    node: str
    name: str
    far_node: str
    far_name: str


@dataclass(frozen=True, slots=True)
class Seat:
    """Where an interface stands in the rehearsal, and the addresses that it was given.

    ``public`` is its IPv4 address on the Internet, empty where it has none.
    """

    node: str
    addresses: tuple[str, ...]
    public: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """``seats`` are keyed by interface id; ``shelves`` are the nodes behind gateway endpoints;
    ``left_out`` says what of the network is not played, and so stops or misses packets."""

    nodes: Mapping[str, Node]
    links: tuple[Link, ...]
    seats: Mapping[str, Seat]
    shelves: tuple[str, ...]
    left_out: tuple[str, ...]


def plan(network: Network) -> Plan:
    """What to build for a network; the same network gives the same plan."""
    from ringwall.rehearse.draft import Draft

    return Draft(network).plan()
