"""One network under one policy: what every claim needs to look up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ringwall.model.addresses import ALL_V4, AddressSet, of_cidr, position
from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.policy import Flow, Policy, Selector
from ringwall.model.services import TCP, has_ports, port_range, show_services, whole_protocol
from ringwall.model.verdict import Packet, Trace, Witness
from ringwall.prove.ends import (
    End,
    internet_addresses,
    internet_end,
    resolve,
    s3_prefix_list,
)
from ringwall.prove.engine import Prover, Unit
from ringwall.prove.explain import explain_packet
from ringwall.prove.legs import Passing, Spot
from ringwall.prove.simulator import trace, trace_reply
from ringwall.prove.standins import stand_in_note
from ringwall.prove.swift import prover_of

#: Addresses that a reader knows for examples; a witness uses one where it may.
_PLAIN = tuple(position(text) for text in ("198.51.100.7", "203.0.113.7", "2001:db8::7"))


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two ends of two units, each narrowed to one atom of its addresses."""

    source: Unit
    target: Unit
    one: End
    other: End
    a: Spot
    b: Spot


@dataclass(frozen=True, slots=True)
class Case:
    """``given`` is the network as it was read, ``network`` what is judged: with stand-ins."""

    given: Network
    network: Network
    policy: Policy
    prover: Prover
    units: dict[str, Unit]
    _flows: dict[tuple[str, str], list[Flow]] = field(default_factory=dict)
    _selected: dict[Selector, tuple[Unit, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, network: Network, policy: Policy) -> Case:
        prover = prover_of(network, policy)
        return cls(
            network, prover.network, policy, prover, {unit.name: unit for unit in prover.units()}
        )

    def select(self, selector: Selector) -> tuple[Unit, ...]:
        """The units that a selector names; none where the network has no such thing.

        A unit holds only those of its ends, and of their addresses, that are named.
        """
        if selector.kind in ("named", "on-premises"):
            if selector not in self._selected:
                self._selected[selector] = spoken_units(self.network, self.units, selector)
            return self._selected[selector]
        if selector.kind == "internet":
            return (self.prover.internet(),)
        if selector.kind == "address":
            block = of_cidr(selector.name) & internet_addresses()
            return (Unit("internet", "internet", (internet_end(block),)),)
        if selector.kind == "tier":
            return tuple(unit for unit in self.units.values() if unit.tier == selector.name)
        return tuple(unit for name, unit in self.units.items() if name == selector.name)

    @staticmethod
    def nothing_is(selector: Selector) -> str:
        """Why nothing can be said of a selector that names no end."""
        if selector.kind == "named":
            return f"nothing is known to stand at `{selector}`"
        return f"nothing in the network is `{selector}`"

    def meetings(
        self, sources: Iterable[Unit], targets: Iterable[Unit]
    ) -> Iterator[tuple[Meeting, Passing]]:
        """Every meeting of units, each with each, and what passes there one way."""
        listed = list(targets)
        for source in sources:
            for target in listed:
                for one in source.ends:
                    for other in target.ends:
                        for a, b in self.prover.meetings(one, other):
                            yield (
                                Meeting(source, target, one, other, a, b),
                                self.prover.forward(a, b),
                            )

    # --- what is intended ---------------------------------------------------------------

    def flows_between(self, source: Unit, target: Unit) -> list[Flow]:
        """The flows from one unit to another, address blocks on the Internet included.

        Buckets share S3's addresses: a flow to one opens the way to all of them, and to the part
        of the Internet that is S3; between buckets, policies decide and not the network.
        """
        key = (source.name, target.name)
        if key not in self._flows:
            self._flows[key] = [
                flow
                for flow in self.policy.flows
                if self.names(flow.source, source) and self._reaches(flow.target, target)
            ]
        return self._flows[key]

    def names(self, selector: Selector, unit: Unit) -> bool:
        """Does the selector name a unit, or any part of it?"""
        if selector.kind in ("internet", "address"):
            return unit.tier == "internet"
        if selector.kind == "tier":
            return unit.tier == selector.name
        if selector.kind == "service":
            return unit.name == selector.name
        return any(one.name == unit.name for one in self.select(selector))

    def within(self, selector: Selector, unit: Unit, spot: Spot) -> bool:
        """Is the spot of a unit that a selector names among the ends and addresses it names?"""
        if selector.kind == "address":
            return spot.place in of_cidr(selector.name)
        if selector.kind != "named":
            return True
        whole = self.units.get(unit.name)
        for one in self.select(selector):
            if one.name == unit.name:
                return one == whole or any(_stands(end, spot) for end in one.ends)
        return False

    def outside(self, selector: Selector) -> AddressSet:
        """The addresses on the Internet that a selector names."""
        if selector.kind == "address":
            return of_cidr(selector.name)
        return AddressSet.union_of(
            end.addresses
            for unit in self.select(selector)
            for end in unit.ends
            if end.kind == "internet"
        )

    def everybody(self, selector: Selector) -> bool:
        """Does the selector name all of the Internet?"""
        return selector.kind == "internet" or (
            (internet_addresses() & ALL_V4) <= self.outside(selector)
        )

    def _reaches(self, selector: Selector, target: Unit) -> bool:
        if self.names(selector, target):
            return True
        if not is_storage(target):
            return False
        # S3's addresses are public: who may go to a block that holds them may go there too.
        public = selector.kind in ("internet", "address")
        return public or any(map(is_storage, self.select(selector)))

    def intended(self, meeting: Meeting) -> int:
        """The services that any flow wants at a meeting."""
        mask = 0
        for flow in self.flows_between(meeting.source, meeting.target):
            if self.within(flow.source, meeting.source, meeting.a) and (
                self._lies_within(flow.target, meeting.target, meeting.b)
            ):
                mask |= self.prover.parts.services.mask(flow.services)
        if meeting.target.tier == "internet":
            mask |= self._to_storage(meeting)
        return mask

    def open_to_all(self, target: Unit) -> int:
        """What flows ask of a target from the whole Internet: then anybody may ask it."""
        mask = 0
        for flow in self.policy.flows:
            if self.everybody(flow.source) and self.names(flow.target, target):
                mask |= self.prover.parts.services.mask(flow.services)
        return mask

    def open_everywhere(self, source: Unit) -> int:
        """What flows ask of the whole Internet for a source: a rule for that names everybody."""
        mask = 0
        for flow in self.policy.flows:
            if self.everybody(flow.target) and self.names(flow.source, source):
                mask |= self.prover.parts.services.mask(flow.services)
        return mask

    def _lies_within(self, selector: Selector, unit: Unit, spot: Spot) -> bool:
        """As :meth:`within`; buckets share their addresses, so a flow to one names them all."""
        return spot.bucket is not None or self.within(selector, unit, spot)

    def _to_storage(self, meeting: Meeting) -> int:
        """What flows to buckets want of the part of the Internet that is S3."""
        if meeting.b.place not in self._storage_addresses():
            return 0
        mask = 0
        for flow in self.policy.flows:
            wants = any(map(is_storage, self.select(flow.target)))
            if wants and self.names(flow.source, meeting.source):
                mask |= self.prover.parts.services.mask(flow.services)
        return mask

    def _storage_addresses(self) -> AddressSet:
        return AddressSet.union_of(
            one.entries
            for one in self.network.prefix_lists.values()
            if one.entries is not None and one.name.endswith(".s3")
        )

    def storage_notes(self, flow: Flow) -> tuple[str, ...]:
        """What is assumed about the addresses of the buckets that a flow leads to."""
        lists = {
            known.id: known
            for unit in self.select(flow.target)
            for end in unit.ends
            if end.bucket is not None
            and (known := s3_prefix_list(self.given, end.bucket)) is not None
        }
        return tuple(stand_in_note(one) for one in lists.values() if one.entries is None)

    # --- witnesses ----------------------------------------------------------------------

    def witness(
        self, meeting: Meeting, mask: int, clients: tuple[int, int] | None = None
    ) -> Witness:
        """A packet out of ``mask`` at a meeting, with its way as the simulator sees it.

        ``clients`` are the client's ports (None: those that are usual at its end); the packet is
        sent from one at which no answer is heard, if there is one.
        """
        ports = clients or self.prover.client_ports(meeting.one)
        one, other, packet = self._sample(meeting, mask, ports)
        told = explain_packet(self.network, one, other, packet, client_ports=ports)
        return Witness(packet, told)

    def ways(self, meeting: Meeting, mask: int) -> Iterator[Trace]:
        """The way of a witness's packet, then that of its answer: no more than what a rule that
        decides is read from. Asking for each way costs its walk."""
        ports = self.prover.client_ports(meeting.one)
        one, other, packet = self._sample(meeting, mask, ports)
        yield trace(self.network, packet, one, other)
        yield trace_reply(self.network, packet, one, other)

    def _sample(
        self, meeting: Meeting, mask: int, ports: tuple[int, int]
    ) -> tuple[End, End, Packet]:
        """Two ends and a packet out of ``mask`` between them."""
        a, b = meeting.a, meeting.b
        place = self._telling(mask)
        protocol, port = place >> 16, place & 65535
        packet = Packet(
            source=self._plain(a),
            destination=self._plain(b),
            protocol=protocol,
            port=port,
            source_port=self._sent_from(meeting, protocol, ports),
        )
        one = replace(meeting.one, addresses=meeting.one.addresses & self.prover.addresses(a))
        other = replace(meeting.other, addresses=meeting.other.addresses & self.prover.addresses(b))
        return one, other, packet

    def _sent_from(self, meeting: Meeting, protocol: int, ports: tuple[int, int]) -> int | None:
        if not has_ports(protocol):
            return None
        heard = self.prover.services(self.prover.reply(meeting.a, meeting.b).sure)
        deaf = port_range(protocol, *ports) - heard
        return deaf.first & 65535 if deaf else ports[0]

    def _plain(self, spot: Spot) -> int:
        if spot.interface is None and spot.bucket is None:
            members = self.prover.addresses(spot)
            return next((place for place in _PLAIN if place in members), spot.place)
        return spot.place

    def _telling(self, mask: int) -> int:
        """The place on the service line that tells a reader most: a port that flows use, else
        the first of TCP, else the first of all."""
        services = self.prover.parts.services
        wanted = 0
        for flow in self.policy.flows:
            wanted |= services.mask(flow.services)
        tcp = services.mask(whole_protocol(TCP))
        narrow = mask & wanted or mask & tcp or mask
        bit = narrow & -narrow
        start, end = services.span(bit.bit_length() - 1)
        return start + 1 if start == TCP << 16 and end > start else start


def words(prover: Prover, mask: int) -> str:
    """A mask in words, such as ``tcp/22, tcp/443``."""
    return show_services(prover.services(mask))


def spoken_units(
    network: Network, units: Mapping[str, Unit], selector: Selector
) -> tuple[Unit, ...]:
    """The units, and the parts of them, that the words of a ``named`` selector name.

    Private addresses at which nothing is known to stand are left out: nothing can be said of them.
    """
    homes = {end.id: unit for unit in units.values() for end in unit.ends}
    found: dict[str, dict[str, End]] = {}
    for word in selector.spoken:
        for end in ends_called(network, word):
            home = homes.get(end.id)
            name = home.name if home is not None else end.kind
            if home is None and end.kind not in ("internet", "on-premises"):
                continue
            # A public address names an interface; it is judged at its private ones.
            at = end.addresses if end.interface is None else (
                end.addresses & end.interface.addresses or end.interface.addresses)  # fmt: skip
            mine = found.setdefault(name, {})
            key = end.kind if end.kind == "internet" else end.id
            held = mine[key].addresses | at if key in mine else at
            mine[key] = replace(end, addresses=held)
    return tuple(
        Unit(name, units[name].tier if name in units else name, tuple(ends.values()))
        for name, ends in found.items()
    )


def ends_called(network: Network, word: str) -> tuple[End, ...]:
    """The ends that a word names; none where it names nothing."""
    try:
        return resolve(network, word)
    except InputError:
        return ()


def _stands(end: End, spot: Spot) -> bool:
    """Is the spot a part of the end?"""
    mine = end.interface.id if end.interface else end.bucket.id if end.bucket else None
    one = spot.interface.id if spot.interface else spot.bucket.id if spot.bucket else None
    return mine == one and (spot.bucket is not None or spot.place in end.addresses)


def is_storage(unit: Unit) -> bool:
    """Is the unit one or more buckets?"""
    return any(end.bucket is not None for end in unit.ends)
