"""A question in the user's words, made into services, client ports and single addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_network, position
from ringwall.model.errors import InputError
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import CidrPeer, GroupPeer, Network, PrefixListPeer
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    has_ports,
    ports_of,
    protocol_number,
    ranges_of,
)
from ringwall.prove.ends import COMMAND_LINE, End, family, internet_addresses
from ringwall.prove.simulator_filters import acl_of

#: A protocol and its port, or ICMP ``type << 8 | code``.
Service = tuple[int, int]

CODES = {
    "RW-EXPLAIN-001": "A word of the question names nothing in the network.",
    "RW-EXPLAIN-002": "The protocol asked for does not exist.",
    "RW-EXPLAIN-003": "The port or ICMP type asked for does not exist.",
    "RW-EXPLAIN-004": "Both words of the question name one and the same end.",
    "RW-EXPLAIN-005": "The two ends share no address family: one has IPv4 addresses only.",
}

_ECHO_REQUEST = {ICMP: 8, ICMPV6: 128}
#: Kept for experiments by RFC 3692: it stands for the protocols that no rule names.
_ANY_OTHER = 253
_HTTPS = 443
_MANAGED_KINDS = frozenset({"load-balancer", "nat-gateway", "function"})


def parse_protocol(text: str | int) -> int:
    """A protocol's number, -1 for all; raises InputError RW-EXPLAIN-002."""
    try:
        return protocol_number(text)
    except ValueError:
        raise InputError.at(
            COMMAND_LINE,
            "RW-EXPLAIN-002",
            f"`{text}` is not a protocol",
            "use tcp, udp, icmp, icmpv6, all, or a number from 0 to 255",
        ) from None


def check_port(protocol: int, port: int | None) -> None:
    """Raises InputError RW-EXPLAIN-003 on a port or ICMP type that cannot be."""
    most = 255 if protocol in _ECHO_REQUEST else 65535
    if port is None or 0 <= port <= most:
        return
    what = "an ICMP type" if protocol in _ECHO_REQUEST else "a port"
    raise InputError.at(
        COMMAND_LINE, "RW-EXPLAIN-003", f"`{port}` is not {what}", f"use a number from 0 to {most}"
    )


def services_asked(
    network: Network,
    protocol: int,
    port: int | None,
    sources: tuple[End, ...],
    targets: tuple[End, ...],
) -> tuple[tuple[Service, ...], tuple[str, ...]]:
    """The services of a question, and what was assumed to find them."""
    if protocol == -1:
        told = "all protocols and ports are asked for: the answer is that of the worst"
        return _every_service(network, (*sources, *targets)), (told,)
    if protocol in _ECHO_REQUEST:
        kind = _ECHO_REQUEST[protocol] if port is None else port
        told = f"{'type' if port is not None else 'echo request, type'} {kind} with code 0"
        return ((protocol, kind << 8),), (told,)
    if not has_ports(protocol):
        return ((protocol, 0),), ()
    if port is not None:
        return ((protocol, port),), ()
    found, why = _port_agreed(network, protocol, sources, targets)
    return ((protocol, found),), (f"no port was asked for: {found} is {why}",)


def _port_agreed(
    network: Network, protocol: int, sources: tuple[End, ...], targets: tuple[End, ...]
) -> tuple[int, str]:
    """The port that the targets offer: a listener's, else one that their groups name."""
    groups = {one for end in sources if end.interface for one in end.interface.groups}
    offered: list[tuple[int, int]] = []
    for end in targets:
        if end.interface is None:
            continue
        balancer = network.load_balancers.get(end.interface.owner)
        if balancer is not None and balancer.listeners:
            return balancer.listeners[0].port, f"the first listener of {balancer.id}"
        for group in end.interface.groups:
            known = network.security_groups.get(group)
            for rule in known.ingress if known is not None else ():
                meant = isinstance(rule.peer, GroupPeer) and rule.peer.group in groups
                for low, high in ports_of(rule.services, protocol):
                    if low == high:
                        offered.append((0 if meant else 1, low))
    if offered:
        return min(offered)[1], "a port that the target's security groups name"
    return _HTTPS, "the usual one"


def _every_service(network: Network, ends: tuple[End, ...]) -> tuple[Service, ...]:
    """One service for every stretch between the boundaries of the rules at the ends."""
    found: list[Service] = [(ICMP, 8 << 8), (_ANY_OTHER, 0)]
    rules = list(_services_named(network, ends))
    for protocol in (TCP, UDP):
        cuts = port_cuts(rules, protocol, (0, 65535))
        found += [(protocol, low) for low, _ in cuts]
    return tuple(found)


def _services_named(network: Network, ends: tuple[End, ...]) -> Iterator[ServiceSet]:
    for end in ends:
        if end.interface is None:
            continue
        acl = acl_of(network, end.interface.subnet)
        for entry in acl.entries if acl is not None else ():
            yield entry.services
        for group in end.interface.groups:
            known = network.security_groups.get(group)
            for rule in (*known.ingress, *known.egress) if known is not None else ():
                yield rule.services


def port_cuts(
    rules: Iterable[ServiceSet], protocol: int, within: tuple[int, int]
) -> list[tuple[int, int]]:
    """A port range cut where any rule begins or ends: inside a piece all ports fare alike."""
    low, high = within
    starts = {low}
    for services in rules:
        for first, last in ports_of(services, protocol):
            starts |= {one for one in (first, last + 1) if low <= one <= high}
    marks = [*sorted(starts), high + 1]
    return [(start, after - 1) for start, after in pairwise(marks)]


# --- clients --------------------------------------------------------------------------------


def client_range(source: End) -> tuple[tuple[int, int], str]:
    """The ephemeral ports of the clients at an end, and what was assumed (empty: nothing)."""
    interface = source.interface
    if interface is not None and interface.client_ports is not None:
        return interface.client_ports, ""
    profiles = facts("client-ports").values
    profile = "managed" if interface is not None and interface.kind in _MANAGED_KINDS else "any"
    low, high = profiles[profile]
    told = f"clients at {source} use ports {low}-{high}: nothing says which"
    return (int(low), int(high)), "" if profile == "managed" else told


# --- single addresses -----------------------------------------------------------------------


def blocks_named(network: Network) -> tuple[AddressSet, ...]:
    """Every block of addresses by which some rule, route or list tells addresses apart."""
    found: dict[AddressSet, None] = {}
    for acl in network.network_acls.values():
        found |= {of_network(entry.cidr): None for entry in acl.entries}
    for group in network.security_groups.values():
        for rule in (*group.ingress, *group.egress):
            if isinstance(rule.peer, CidrPeer):
                found[of_network(rule.peer.cidr)] = None
            elif isinstance(rule.peer, PrefixListPeer):
                found[_entries(network, rule.peer.prefix_list)] = None
    for table in network.route_tables.values():
        for route in table.routes:
            if isinstance(route.destination, str):
                found[_entries(network, route.destination)] = None
            else:
                found[of_network(route.destination)] = None
    for vpc in network.vpcs.values():
        found |= {of_network(cidr): None for cidr in vpc.cidrs}
    return tuple(block for block in found if block)


def _entries(network: Network, prefix_list: str) -> AddressSet:
    known = network.prefix_lists.get(prefix_list)
    return (known.entries if known is not None else None) or EMPTY


def representatives(addresses: AddressSet, blocks: tuple[AddressSet, ...]) -> list[int]:
    """One address of the set for every way in which the blocks can hold an address.

    Examples that people know (198.51.100.7) stand for their kind where they can.
    """
    if addresses.size <= 1:
        return [low for low, _ in addresses]
    cuts = {low for low, _ in addresses}
    cutting = [block for block in blocks if block & addresses and not addresses <= block]
    for block in cutting:
        for low, high in block:
            cuts |= {one for one in (low, high + 1) if one in addresses}
    examples = [position(text) for text in facts("special-purpose-addresses").values["examples"]]
    kinds: dict[tuple[bool, ...], int] = {}
    for one in [*(one for one in examples if one in addresses), *sorted(cuts)]:
        kinds.setdefault(tuple(one in block for block in cutting), one)
    return list(kinds.values())


def address_pairs(
    source: End, target: End, blocks: tuple[AddressSet, ...]
) -> list[tuple[int, int]]:
    """The pairs of single addresses, each of one family, by which two ends are judged."""
    found: list[tuple[int, int]] = []
    for version in (4, 6):
        ours = representatives(family(addresses_of(source), version), blocks)
        theirs = representatives(family(addresses_of(target), version), blocks)
        found += [
            (one, _apart(one, other, addresses_of(target))) for one in ours for other in theirs
        ]
    return found


def _apart(source: int, target: int, possible: AddressSet) -> int:
    """Two ends never share an address, though a template lets both have any of one subnet."""
    return target + 1 if source == target and target + 1 in possible else target


def addresses_of(end: End) -> AddressSet:
    """The addresses to judge an end by; S3 at unknown addresses is somewhere on the Internet."""
    return end.addresses or (internet_addresses() if end.kind == "bucket" else EMPTY)


def as_source(end: End) -> End:
    """An interface named by its public address still sends from its private ones."""
    interface = end.interface
    if interface is None or end.addresses & interface.addresses:
        return end
    return End(end.kind, end.id, end.name, interface, end.bucket, interface.addresses)


def label(end: End) -> str:
    """An end in words: its name, and its id where that says more."""
    return end.id if end.name in ("", end.id) else f"{end.name} ({end.id})"


def show_service(service: Service) -> str:
    protocol, port = service
    place = protocol * 65536 + port
    return str(ranges_of(IntervalSet(((place, place),)))[0])
