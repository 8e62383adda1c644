"""What the simulator carries from filter to filter, and how three truth values are weighed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringwall.model.addresses import AddressSet, show_addresses
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Network, Subnet
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    ServiceSet,
    has_ports,
    place_of,
    show_services,
    whole_protocol,
)
from ringwall.model.verdict import Layer, Packet, Step

#: ICMP questions with a known answer: request type -> reply type.
_ICMP_ANSWERS = {(ICMP, 8): 0, (ICMP, 13): 14, (ICMPV6, 128): 129}


@dataclass(frozen=True, slots=True)
class Flight:
    """A packet as the filters see it at one place of its way.

    Each side is a set: one member where the value is known, more where it is one of several
    (the S3 addresses of a Region whose prefix list is not known; an answer of whatever type).
    ``lists`` are prefix lists that hold the destination for certain although their entries are
    not known. ``every`` asks a network ACL to pass each of the services, not just the one that
    the packet happens to have.
    """

    source: AddressSet
    destination: AddressSet
    services: ServiceSet
    lists: frozenset[str] = frozenset()
    every: bool = False

    def other(self, *, egress: bool) -> AddressSet:
        """The address that a rule of that direction looks at."""
        return self.destination if egress else self.source

    def words(self, *, egress: bool) -> str:
        place = self.other(egress=egress)
        where = show_addresses(place, most=2)
        if egress and self.lists and place.size > 1:
            where = f"an address of {', '.join(sorted(self.lists))}"
        return f"{show_services(self.services)} {'to' if egress else 'from'} {where}"


def single(place: int) -> IntervalSet:
    return IntervalSet(((place, place),))


def flight_of(packet: Packet) -> Flight:
    return Flight(
        single(packet.source),
        single(packet.destination),
        single(place_of(packet.protocol, packet.port)),
    )


def answer_services(packet: Packet) -> ServiceSet:
    """What an answer to this packet looks like to a filter.

    TCP and UDP: the client's port. ICMP echo and timestamp requests: the reply's type. Anything
    else is judged as its whole protocol, for nobody says what an answer would be.
    """
    if has_ports(packet.protocol):
        if packet.source_port is None:
            raise ValueError("a TCP or UDP packet needs a source port to be answered")
        return single(place_of(packet.protocol, packet.source_port))
    kind = _ICMP_ANSWERS.get((packet.protocol, packet.port >> 8))
    if kind is not None:
        return single(place_of(packet.protocol, kind << 8))
    return whole_protocol(packet.protocol)


def answer_packet(packet: Packet) -> Packet:
    """The answer to a packet; port 0 where :func:`answer_services` is a whole protocol."""
    services = answer_services(packet)
    port = services.first - place_of(packet.protocol)
    back = packet.port if has_ports(packet.protocol) else None
    return Packet(packet.destination, packet.source, packet.protocol, port, back)


def within(some: IntervalSet, block: IntervalSet) -> bool | None:
    """Is what lies somewhere in ``some`` inside ``block``? None: it may be or not."""
    if some <= block:
        return True
    return None if some & block else False


def both(first: bool | None, second: bool | None) -> bool | None:
    """Three-valued "and"."""
    if first is False or second is False:
        return False
    return True if first and second else None


def all_of(values: Iterable[bool | None]) -> bool | None:
    found: bool | None = True
    for value in values:
        found = both(found, value)
    return found


def gap_on(network: Network, *resources: str) -> str:
    """Why nothing can be said of these resources; empty where no gap names any of them."""
    messages = [gap.message for gap in network.gaps if set(resources) & set(gap.affects)]
    return "; ".join(dict.fromkeys(messages))


def gap_steps(network: Network, layer: Layer, *resources: str) -> tuple[Step, ...]:
    """An unknown step for each of the resources that a gap names."""
    known = [one for one in dict.fromkeys(resources) if one]
    return tuple(
        Step(layer, one, message, None) for one in known if (message := gap_on(network, one))
    )


def subnet_of(network: Network, subnet: str) -> Subnet | None:
    return network.subnets.get(subnet)


def vpc_of(network: Network, subnet: str) -> str:
    """The id of the subnet's VPC, empty where the subnet is not known."""
    found = network.subnets.get(subnet)
    return found.vpc if found is not None else ""
