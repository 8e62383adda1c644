"""The exact engine: what passes between any two ends, as sets, with the layers kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.facts.load import facts
from ringwall.model.addresses import V6_BASE
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import WAY_KINDS, Network, NetworkInterface, RouteTable, Subnet
from ringwall.model.policy import Policy
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    ServiceSet,
    icmp_set,
    port_range,
    whole_protocol,
)
from ringwall.model.verdict import Layer
from ringwall.prove.ends import (
    End,
    bucket_end,
    interface_end,
    internet_addresses,
    on_premises_end,
    the_internet,
)
from ringwall.prove.legs import Fork, Part, Passing, Spot, Way, product
from ringwall.prove.partition import Partition, partition
from ringwall.prove.routing import Next
from ringwall.prove.standins import with_stand_ins
from ringwall.prove.ways import Ways

NO_LAYERS: frozenset[Layer] = frozenset()


@dataclass(frozen=True, slots=True)
class Unit:
    """Ends that are judged together: a service, or whatever carries no service's name."""

    name: str
    tier: str
    ends: tuple[End, ...]


class Prover:
    """Answers for one network; every answer is remembered.

    Raises nothing on a damaged network: what is missing shows as possible, not as sure.
    """

    def __init__(self, network: Network, policy: Policy | None = None) -> None:
        self.network = network = with_stand_ins(network)
        self.parts: Partition = partition(network, policy)
        self._ways = Ways(network, self.parts)
        self._way: dict[tuple[object, ...], Way] = {}
        self._client_masks: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self._pings = self._ping_masks()
        known = IntervalSet.union_of(map(whole_protocol, (TCP, UDP, ICMP, ICMPV6)))
        self._other_protocols = self.parts.services.full & ~self.parts.services.mask(known)
        self._managed = tuple(facts("client-ports").values["managed"])
        self._any = tuple(facts("client-ports").values["any"])
        self._stores = tuple(facts("client-ports").values["linux"])

    # --- ends ---------------------------------------------------------------------------

    def units(self) -> tuple[Unit, ...]:
        """Every unit by name; NAT gateways are ways, not ends."""
        named: dict[str, list[End]] = {}
        tiers: dict[str, str] = {}
        for one in self.network.interfaces.values():
            if one.kind not in WAY_KINDS:
                name = one.service or one.owner or one.id
                named.setdefault(name, []).append(interface_end(self.network, one))
                tiers.setdefault(name, one.tier)
        for bucket in self.network.buckets.values():
            name = bucket.service or bucket.id
            named.setdefault(name, []).append(bucket_end(self.network, bucket))
            tiers.setdefault(name, bucket.tier)
        return tuple(Unit(name, tiers[name], tuple(ends)) for name, ends in sorted(named.items()))

    def internet(self) -> Unit:
        return Unit("internet", "internet", (the_internet(self.network),))

    def premises(self) -> Unit | None:
        """What lies behind VPN and Direct Connect gateways; None where no way leads there."""
        end = on_premises_end(self.network)
        return None if end is None else Unit(end.name, end.name, (end,))

    def outsiders(self) -> tuple[Unit, ...]:
        """Everybody who stands in no VPC: the Internet, and on premises where there is a way."""
        premises = self.premises()
        return (self.internet(),) if premises is None else (self.internet(), premises)

    def spots(self, end: End) -> Iterator[Spot]:
        """An end, atom by atom."""
        for index in self.parts.addresses.indices(end.addresses):
            start = self.parts.addresses.starts[index]
            yield Spot(start, end.interface, end.bucket, end.kind == "on-premises")

    def addresses(self, spot: Spot) -> IntervalSet:
        """All the addresses that a spot stands for."""
        return IntervalSet((self.parts.addresses.span(self.parts.addresses.index(spot.place)),))

    def meetings(self, source: End, target: End) -> Iterator[tuple[Spot, Spot]]:
        """Every pair of spots of two ends that can send each other packets at all."""
        if (source.kind, source.id) == (target.kind, target.id) or source.bucket is not None:
            return
        if source.interface is None and target.interface is None:
            outside = {source.kind, target.kind} != {"internet", "bucket"}
            if outside or source.kind != "internet":
                return
        targets = list(self.spots(target))
        for a in self.spots(source):
            for b in targets:
                if (a.place < V6_BASE) == (b.place < V6_BASE):
                    yield a, b

    # --- answers ------------------------------------------------------------------------

    def way(self, a: Spot, b: Spot) -> Way:
        key = (_key(a), _key(b))
        if key not in self._way:
            self._way[key] = self._ways.way(a, b)
        return self._way[key]

    def forward(self, a: Spot, b: Spot, off: frozenset[Layer] = NO_LAYERS) -> Passing:
        """The services that arrive, with the layers in ``off`` letting everything pass."""
        return product(self.way(a, b).forward, off, self.parts.services.full)

    def reply(self, a: Spot, b: Spot, off: frozenset[Layer] = NO_LAYERS) -> Passing:
        """The *client's* ports (per protocol) at which ``a`` hears an answer from ``b``."""
        return product(self.way(a, b).reply, off, self.parts.services.full)

    def stoppers(self, a: Spot, b: Spot, service: int) -> tuple[Layer, ...]:
        """The layers that surely stop the service atom at index ``service`` on its way."""
        bit = 1 << service
        return tuple(
            dict.fromkeys(layer for one in self.way(a, b).forward for layer in _stopping(one, bit))
        )

    def carried(self, a: Spot, b: Spot) -> int:
        """What can be asked at all of a public address: behind a gateway endpoint is S3 or
        DynamoDB, and an endpoint carries TCP and ICMP echo only."""
        behind = self.way(a, b).via in self.network.endpoints
        return self._ways.endpoint_services if behind else self.parts.services.full

    # --- single guards ------------------------------------------------------------------

    def through_groups(self, holder: NetworkInterface, egress: bool, peer: Spot) -> Passing:
        """What the holder's security groups alone pass to (egress) or from a peer."""
        return self._ways.groups.passing(holder, egress, peer.place, peer.interface)

    def through_acl(self, subnet: str, egress: bool, place: int) -> Passing:
        """What a subnet's network ACL alone passes to (egress) or from an address."""
        return self._ways.acls.passing(subnet, egress, place)

    def table(self, subnet: Subnet) -> RouteTable | None:
        """The route table in force in a subnet."""
        return self._ways.routing.table(subnet)

    def next(self, subnet: Subnet, place: int) -> Next:
        """Where a subnet's route table sends an address."""
        return self._ways.routing.next(subnet, place)

    # --- replies ------------------------------------------------------------------------

    def answered(self, forward: int, reply: int, client_ports: tuple[int, int]) -> int:
        """The part of ``forward`` whose reply reaches *some* client port of the range."""
        return self._with_reply(forward, reply, client_ports, whole=False)

    def wholly_answered(self, forward: int, reply: int, client_ports: tuple[int, int]) -> int:
        """The part of ``forward`` whose reply reaches *every* client port of the range."""
        return self._with_reply(forward, reply, client_ports, whole=True)

    def _with_reply(self, forward: int, reply: int, ports: tuple[int, int], whole: bool) -> int:
        kept = forward & reply & self._other_protocols
        for block, wanted in self._port_masks(ports):
            fits = wanted & ~reply == 0 if whole else wanted & reply != 0
            kept |= forward & block if fits else 0
        for block, asked, told in self._pings:
            if told & ~reply == 0:
                kept |= forward & asked
            if block & ~reply == 0:
                kept |= forward & block
        return kept

    def _port_masks(self, ports: tuple[int, int]) -> tuple[tuple[int, int], ...]:
        """Per protocol with ports: all of it, and the part that is these client ports."""
        if ports not in self._client_masks:
            mask = self.parts.services.mask
            self._client_masks[ports] = tuple(
                (mask(whole_protocol(one)), mask(port_range(one, *ports))) for one in (TCP, UDP)
            )
        return self._client_masks[ports]

    def _ping_masks(self) -> tuple[tuple[int, int, int], ...]:
        """Per ICMP: all of it, its echo request, its echo reply."""
        mask = self.parts.services.mask
        return tuple(
            (
                mask(whole_protocol(one)),
                mask(icmp_set(one, request, -1)),
                mask(icmp_set(one, answer, -1)),
            )
            for one, request, answer in ((ICMP, 8, 0), (ICMPV6, 128, 129))
        )

    def client_ports(self, end: End | Spot) -> tuple[int, int]:
        """The ephemeral range of clients on an end: its own, or the widest that is usual."""
        interface: NetworkInterface | None = end.interface
        if interface is None:
            low, high = self._any
        elif interface.client_ports is not None:
            low, high = interface.client_ports
        elif interface.kind in ("load-balancer", "nat-gateway", "function"):
            low, high = self._managed
        elif interface.kind in ("database", "cache"):
            low, high = self._stores
        else:
            low, high = self._any
        return low, high

    def services(self, mask: int) -> ServiceSet:
        return self.parts.services.set_of(mask)

    def internet_part(self, addresses: IntervalSet) -> IntervalSet:
        return addresses & internet_addresses()


def _stopping(part: Part, bit: int) -> tuple[Layer, ...]:
    """The layers of a part that surely stop a service: in a fork, those that do in each branch."""
    branches = part.branches if isinstance(part, Fork) else ((part,),)
    each = [
        tuple(one.layer for one in branch if not one.passing.possible & bit) for branch in branches
    ]
    return tuple(layer for layer in each[0] if all(layer in other for other in each))


def _key(spot: Spot) -> tuple[object, ...]:
    return (
        spot.place,
        spot.interface.id if spot.interface else None,
        spot.bucket.id if spot.bucket else None,
        spot.premises,
    )
