"""A Network arranged for the eye: VPCs, tiers as rows, zones as columns, services in them.

Nothing is judged here. Where the material carries Ringwall's tags they give tier and service;
elsewhere a subnet's row follows from its routes (public, private, isolated) and a workload stands
for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringwall.model.network import (
    WAY_KINDS,
    InterfaceKind,
    NatGateway,
    Network,
    NetworkInterface,
    RouteTable,
    Subnet,
    Vpc,
)
from ringwall.model.policy import Policy
from ringwall.model.tags import TAG_TIER

TIER_ORDER = ("public", "app", "private", "data", "isolated")
KIND_WORDS: Mapping[InterfaceKind, str] = {
    "instance": "instances",
    "load-balancer": "load balancer",
    "nat-gateway": "NAT gateway",
    "vpc-endpoint": "interface endpoints",
    "database": "database",
    "cache": "cache",
    "function": "function",
    "other": "interface",
}
EVERYWHERE = "0.0.0.0/0", "::/0"


@dataclass(frozen=True, slots=True)
class Part:
    """What is drawn as one thing: a service, or a workload that belongs to none.

    ``kind`` is an interface kind, or ``bucket``. ``interfaces`` are sorted by zone and id.
    ``service`` is empty where the material names none; ``key`` is unique in the network.
    """

    key: str
    name: str
    kind: str
    tier: str
    service: str
    interfaces: tuple[NetworkInterface, ...] = ()

    @property
    def words(self) -> str:
        words = next((words for one, words in KIND_WORDS.items() if one == self.kind), self.kind)
        alone = not self.service and all(one.pinned for one in self.interfaces)
        return words.removesuffix("s") if alone else words


@dataclass(frozen=True, slots=True)
class Band:
    """One row: at most one subnet per zone, and the parts with an interface in them."""

    tier: str
    subnets: Mapping[str, Subnet]
    parts: tuple[Part, ...]

    def zones_of(self, part: Part) -> tuple[str, ...]:
        """The zones of this row in which the part has an interface, in order."""
        home = {subnet.id: zone for zone, subnet in self.subnets.items()}
        return tuple(sorted({home[one.subnet] for one in part.interfaces if one.subnet in home}))


@dataclass(frozen=True, slots=True)
class VpcView:
    vpc: Vpc
    zones: tuple[str, ...]
    bands: tuple[Band, ...]


def tier_rank(tier: str) -> tuple[int, str]:
    return (TIER_ORDER.index(tier) if tier in TIER_ORDER else len(TIER_ORDER), tier)


def table_of(network: Network, subnet: Subnet) -> RouteTable | None:
    """The route table that serves a subnet: its own, else the VPC's main one."""
    tables = [one for one in network.route_tables.values() if one.vpc == subnet.vpc]
    for one in tables:
        if subnet.id in one.subnets:
            return one
    return next((one for one in tables if one.main), None)


def exposure(network: Network, subnet: Subnet) -> str:
    """``public`` (a default route to an internet gateway), ``private`` (another way out of the
    VPC), ``isolated`` (none); ``other`` where the routes are not known."""
    table = table_of(network, subnet)
    if table is None:
        return "other"
    ways = [one for one in table.routes if one.target_kind not in {"local", "vpc-endpoint"}]
    for route in ways:
        if route.target_kind == "internet-gateway" and str(route.destination) in EVERYWHERE:
            return "public"
    if any(one.target_kind == "unknown" for one in ways):
        return "other"
    return "private" if ways else "isolated"


def tier_of(network: Network, subnet: Subnet, *, tagged: bool) -> str:
    if tagged:
        return subnet.tags.get(TAG_TIER, "other")
    return exposure(network, subnet)


def parts(network: Network, policy: Policy) -> tuple[Part, ...]:
    """Everything that is drawn or listed as one thing, callers before those they call."""
    groups: dict[tuple[str, str], list[NetworkInterface]] = {}
    for one in network.interfaces.values():
        if one.kind not in WAY_KINDS:
            groups.setdefault(_group_key(one), []).append(one)
    found = [_part(network, key, members) for key, members in groups.items()]
    for bucket in network.buckets.values():
        name = bucket.service or bucket.name or bucket.id
        found.append(Part(f"bucket {bucket.id}", name, "bucket", bucket.tier, bucket.service))
    ranks = _depths(policy)
    return tuple(
        sorted(found, key=lambda one: (tier_rank(one.tier), ranks.get(one.service, 99), one.key))
    )


def _group_key(one: NetworkInterface) -> tuple[str, str]:
    return ("service", one.service) if one.service else ("owner", one.owner or one.id)


def _part(network: Network, key: tuple[str, str], members: list[NetworkInterface]) -> Part:
    sort, name = key
    first = members[0]
    if sort == "owner":
        workload = network.workloads.get(name)
        balancer = network.load_balancers.get(name)
        given = (workload.name if workload else "") or (balancer.name if balancer else "")
        name = given or (first.name if first.owner == "" else "") or name
    ordered = sorted(members, key=lambda one: (_zone(network, one), one.id))
    return Part(
        key=" ".join(key),
        name=name,
        kind=first.kind,
        tier=first.tier,
        service=first.service,
        interfaces=tuple(ordered),
    )


def _zone(network: Network, one: NetworkInterface) -> str:
    subnet = network.subnets.get(one.subnet)
    return subnet.zone if subnet else ""


def _depths(policy: Policy) -> dict[str, int]:
    """How far each service stands from the first callers along the intended flows."""
    depths: dict[str, int] = {}
    arrows = [
        (flow.source.name, flow.target.name)
        for flow in policy.flows
        if flow.source.kind == flow.target.kind == "service"
    ]
    for source, target in arrows:
        depths.setdefault(source, 0)
        depths.setdefault(target, 0)
    for _ in range(len(depths)):
        changed = False
        for source, target in arrows:
            if source != target and depths[target] <= depths[source] < len(depths):
                depths[target] = depths[source] + 1
                changed = True
        if not changed:
            break
    return depths


def views(network: Network, policy: Policy) -> tuple[VpcView, ...]:
    """One view per VPC, in the order of their ids."""
    everything = parts(network, policy)
    return tuple(_view(network, vpc, everything) for _, vpc in sorted(network.vpcs.items()))


def _view(network: Network, vpc: Vpc, everything: Iterable[Part]) -> VpcView:
    mine = sorted(
        (one for one in network.subnets.values() if one.vpc == vpc.id),
        key=lambda one: (one.zone, [(net.version, net) for net in one.cidrs], one.id),
    )
    tagged = any(TAG_TIER in one.tags for one in mine)
    rows: dict[str, list[dict[str, Subnet]]] = {}
    for subnet in mine:
        layers = rows.setdefault(tier_of(network, subnet, tagged=tagged), [])
        free = next((row for row in layers if subnet.zone not in row), None)
        if free is None:
            layers.append({subnet.zone: subnet})
        else:
            free[subnet.zone] = subnet
    bands = tuple(
        _band(tier, row, everything) for tier in sorted(rows, key=tier_rank) for row in rows[tier]
    )
    return VpcView(vpc, tuple(sorted({one.zone for one in mine})), bands)


def _band(tier: str, row: Mapping[str, Subnet], everything: Iterable[Part]) -> Band:
    here = {subnet.id for subnet in row.values()}
    inside = tuple(
        part for part in everything if any(one.subnet in here for one in part.interfaces)
    )
    return Band(tier, row, inside)


def nat_gateways(network: Network, band: Band) -> dict[str, tuple[NatGateway, ...]]:
    """The NAT gateways of a row by zone."""
    found: dict[str, tuple[NatGateway, ...]] = {}
    for zone, subnet in sorted(band.subnets.items()):
        here = tuple(one for one in network.nat_gateways.values() if one.subnet == subnet.id)
        if here:
            found[zone] = here
    return found
