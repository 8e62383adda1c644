"""A Network in the making, for every reader.

A reader fills the dictionaries and calls :meth:`NetworkBuilder.gap` for whatever it does not
understand; :meth:`NetworkBuilder.build` looks for ids that nothing on the Network carries, puts
each on record as a gap, and freezes the lot. The builder adds no resource by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from ringwall.model.beyond import (
    BlockPublicAccess,
    DirectConnectGateway,
    NetworkFirewall,
    PeeringConnection,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    VpnConnection,
    VpnGateway,
)
from ringwall.model.network import (
    Bucket,
    Gap,
    GroupPeer,
    InternetGateway,
    LoadBalancer,
    NatGateway,
    Network,
    NetworkAcl,
    NetworkInterface,
    PrefixList,
    PrefixListPeer,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    TargetGroup,
    Vpc,
    VpcEndpoint,
    Workload,
)
from ringwall.model.origin import IMPLICIT, Origin
from ringwall.model.tags import TAG_CLIENT_PORTS, TAG_FORWARDS, TAG_SERVICE, TAG_TIER, Tags

GapKind = Literal["missing", "unmodelled", "unresolved"]


class Labels(NamedTuple):
    """What Ringwall's own tags say of a resource: see ``TAG_SERVICE`` and its neighbours."""

    service: str
    tier: str
    client_ports: tuple[int, int] | None


def labels_of(tags: Tags) -> Labels:
    """Service, tier and client ports from tags; a malformed port range counts as absent."""
    low, _, high = tags.get(TAG_CLIENT_PORTS, "").partition("-")
    ports = None
    if low.isascii() and low.isdigit() and high.isascii() and high.isdigit():
        span = (int(low), int(high))
        ports = span if span[0] <= span[1] <= 65535 else None
    return Labels(tags.get(TAG_SERVICE, ""), tags.get(TAG_TIER, ""), ports)


def forwards_of(tags: Tags) -> bool | None:
    """Does an appliance hand on what it receives? None where its tags do not say."""
    return {"all": True, "none": False}.get(tags.get(TAG_FORWARDS, "").strip().lower())


#: What the local route of a table may be replaced by.
_IN_PLACE_OF_LOCAL = frozenset({"network-interface", "nat-gateway", "vpc-endpoint"})


class _Use(NamedTuple):
    """One resource names another. ``affects``: what becomes unknown when the other is missing."""

    holder: str
    how: str
    target: str
    known: bool
    affects: tuple[str, ...]
    origin: Origin


@dataclass(slots=True)
class NetworkBuilder:
    """Grows as a reader runs; every dictionary is keyed by id, in the order of reading."""

    source: str
    region: str = ""
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    route_tables: dict[str, RouteTable] = field(default_factory=dict)
    network_acls: dict[str, NetworkAcl] = field(default_factory=dict)
    security_groups: dict[str, SecurityGroup] = field(default_factory=dict)
    interfaces: dict[str, NetworkInterface] = field(default_factory=dict)
    workloads: dict[str, Workload] = field(default_factory=dict)
    internet_gateways: dict[str, InternetGateway] = field(default_factory=dict)
    nat_gateways: dict[str, NatGateway] = field(default_factory=dict)
    endpoints: dict[str, VpcEndpoint] = field(default_factory=dict)
    prefix_lists: dict[str, PrefixList] = field(default_factory=dict)
    load_balancers: dict[str, LoadBalancer] = field(default_factory=dict)
    target_groups: dict[str, TargetGroup] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    peerings: dict[str, PeeringConnection] = field(default_factory=dict)
    transit_gateways: dict[str, TransitGateway] = field(default_factory=dict)
    transit_attachments: dict[str, TransitGatewayAttachment] = field(default_factory=dict)
    transit_route_tables: dict[str, TransitGatewayRouteTable] = field(default_factory=dict)
    vpn_gateways: dict[str, VpnGateway] = field(default_factory=dict)
    vpn_connections: dict[str, VpnConnection] = field(default_factory=dict)
    direct_connect_gateways: dict[str, DirectConnectGateway] = field(default_factory=dict)
    firewalls: dict[str, NetworkFirewall] = field(default_factory=dict)
    block_public_access: list[BlockPublicAccess] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    _said: set[Gap] = field(default_factory=set)

    def gap(
        self,
        kind: GapKind,
        subject: str,
        message: str,
        *,
        affects: tuple[str, ...] = (),
        origin: Origin = IMPLICIT,
    ) -> None:
        """Put on record what is missing, not modelled or not resolved; twice said counts once.

        ``affects`` names the resources through which every path is unknown from now on.
        """
        found = Gap(kind, subject, message, affects, origin)
        if found not in self._said:
            self._said.add(found)
            self.gaps.append(found)

    def build(self) -> Network:
        """The finished Network. Ids that lead nowhere become gaps of kind ``missing``."""
        for use in self._uses():
            if use.target and not use.known:
                self.gap(
                    "missing",
                    use.target,
                    f"`{use.holder}` {use.how} `{use.target}`, which is not on record",
                    affects=use.affects,
                    origin=use.origin,
                )
        tables = {name: self._without_replaced(one) for name, one in self.route_tables.items()}
        return Network(
            source=self.source,
            region=self.region,
            vpcs=dict(self.vpcs),
            subnets=dict(self.subnets),
            route_tables=tables,
            network_acls=dict(self.network_acls),
            security_groups=dict(self.security_groups),
            interfaces=dict(self.interfaces),
            workloads=dict(self.workloads),
            internet_gateways=dict(self.internet_gateways),
            nat_gateways=dict(self.nat_gateways),
            endpoints=dict(self.endpoints),
            prefix_lists=dict(self.prefix_lists),
            load_balancers=dict(self.load_balancers),
            target_groups=dict(self.target_groups),
            buckets=dict(self.buckets),
            peerings=dict(self.peerings),
            transit_gateways=dict(self.transit_gateways),
            transit_attachments=dict(self.transit_attachments),
            transit_route_tables=dict(self.transit_route_tables),
            vpn_gateways=dict(self.vpn_gateways),
            vpn_connections=dict(self.vpn_connections),
            direct_connect_gateways=dict(self.direct_connect_gateways),
            firewalls=dict(self.firewalls),
            block_public_access=tuple(self.block_public_access),
            gaps=tuple(self.gaps),
        )

    def _without_replaced(self, table: RouteTable) -> RouteTable:
        """A local route may be replaced: the VPC's own block then leads to an appliance or a NAT
        gateway (VPC User Guide, "Replace or restore the target for a local route"). On a Network
        every table has its local routes, so such a route is written as its block's two halves,
        which are longer and so decide before the local one."""
        home = self.vpcs.get(table.vpc)
        blocks = set(home.cidrs) if home is not None else set()
        routes: list[Route] = []
        for route in table.routes:
            block = route.destination
            replaced = route.target_kind in _IN_PLACE_OF_LOCAL and not route.propagated
            if isinstance(block, str) or block not in blocks or not replaced:
                routes.append(route)
            else:
                halves = block.subnets() if block.prefixlen < block.max_prefixlen else (block,)
                routes += [replace(route, destination=half) for half in halves]
        return table if len(routes) == len(table.routes) else replace(table, routes=tuple(routes))

    def _uses(self) -> Iterator[_Use]:
        yield from self._vpc_uses()
        yield from self._subnet_uses()
        yield from self._route_uses()
        yield from self._group_uses()
        yield from self._gateway_uses()
        yield from self._transit_uses()
        yield from self._balancer_uses()

    def _vpc_uses(self) -> Iterator[_Use]:
        held: list[Subnet | RouteTable | NetworkAcl | SecurityGroup | NatGateway | VpcEndpoint] = [
            *self.subnets.values(),
            *self.route_tables.values(),
            *self.network_acls.values(),
            *self.security_groups.values(),
            *self.nat_gateways.values(),
            *self.endpoints.values(),
        ]
        for one in held:
            yield _Use(
                one.id, "lies in VPC", one.vpc, one.vpc in self.vpcs, (one.id, one.vpc), one.origin
            )

    def _subnet_uses(self) -> Iterator[_Use]:
        rule_sets: list[RouteTable | NetworkAcl] = [
            *self.route_tables.values(),
            *self.network_acls.values(),
        ]
        for table in rule_sets:
            for subnet in table.subnets:
                # A rule set for a subnet that is not here decides nothing about those that are.
                known = subnet in self.subnets
                yield _Use(table.id, "serves subnet", subnet, known, (subnet,), table.origin)
        for card in self.interfaces.values():
            known = card.subnet in self.subnets
            affects = (card.id, card.subnet)
            yield _Use(card.id, "lies in subnet", card.subnet, known, affects, card.origin)
        for nat in self.nat_gateways.values():
            known = nat.subnet in self.subnets or nat.regional
            yield _Use(nat.id, "lies in subnet", nat.subnet, known, (nat.id,), nat.origin)

    def _route_uses(self) -> Iterator[_Use]:
        for table in self.route_tables.values():
            for gateway in table.gateways:
                known = gateway in self.internet_gateways or gateway in self.vpn_gateways
                how = "serves traffic that enters through"
                yield _Use(table.id, how, gateway, known, (gateway,), table.origin)
            for route in table.routes:
                known = self._has_target(route)
                affects = (route.target,)
                yield _Use(table.id, "routes to", route.target, known, affects, route.origin)
                if isinstance(route.destination, str):
                    listed = route.destination
                    known = listed in self.prefix_lists
                    how = "routes prefix list"
                    yield _Use(table.id, how, listed, known, (table.id,), route.origin)

    def _has_target(self, route: Route) -> bool:
        """Is the target here, or of a kind that the model has no noun for?"""
        if route.target_kind in ("internet-gateway", "egress-only-internet-gateway"):
            return route.target in self.internet_gateways
        if route.target_kind == "nat-gateway":
            return route.target in self.nat_gateways
        if route.target_kind == "vpc-endpoint":
            return route.target in self.endpoints
        if route.target_kind == "network-interface":
            return route.target in self.interfaces
        if route.target_kind == "vpc-peering":
            return route.target in self.peerings
        if route.target_kind == "transit-gateway":
            return route.target in self.transit_gateways
        if route.target_kind == "vpn-gateway":
            return route.target in self.vpn_gateways
        return True

    def _group_uses(self) -> Iterator[_Use]:
        for group in self.security_groups.values():
            for rule in (*group.ingress, *group.egress):
                peer = rule.peer
                if isinstance(peer, GroupPeer):
                    # Nobody here is a member of a group that is not here: no path depends on it.
                    known = peer.group in self.security_groups
                    yield _Use(group.id, "trusts group", peer.group, known, (), rule.origin)
                elif isinstance(peer, PrefixListPeer):
                    known = peer.prefix_list in self.prefix_lists
                    how, affects = "trusts prefix list", (group.id,)
                    yield _Use(group.id, how, peer.prefix_list, known, affects, rule.origin)
        for card in self.interfaces.values():
            for name in card.groups:
                known = name in self.security_groups
                yield _Use(card.id, "is in group", name, known, (card.id, name), card.origin)

    def _gateway_uses(self) -> Iterator[_Use]:
        for gateway in self.internet_gateways.values():
            for vpc in gateway.vpcs:
                known = vpc in self.vpcs
                yield _Use(gateway.id, "is attached to", vpc, known, (vpc,), gateway.origin)
        for nat in self.nat_gateways.values():
            known = nat.interface in self.interfaces or nat.regional
            yield _Use(nat.id, "has interface", nat.interface, known, (nat.id,), nat.origin)
        for endpoint in self.endpoints.values():
            for table in endpoint.route_tables:
                known = table in self.route_tables
                how, affects = "is routed in", (table,)
                yield _Use(endpoint.id, how, table, known, affects, endpoint.origin)
            known = endpoint.prefix_list in self.prefix_lists
            how, affects = "serves prefix list", (endpoint.id,)
            yield _Use(endpoint.id, how, endpoint.prefix_list, known, affects, endpoint.origin)

    def _transit_uses(self) -> Iterator[_Use]:
        for one in self.transit_attachments.values():
            known = one.gateway in self.transit_gateways
            yield _Use(one.id, "is attached to", one.gateway, known, (one.id,), one.origin)
            for subnet in one.subnets:
                # An attachment of a VPC that another account owns: nothing here depends on it,
                # unless the VPC itself is here.
                known = subnet in self.subnets or one.resource not in self.vpcs
                yield _Use(one.id, "stands in subnet", subnet, known, (one.id,), one.origin)
        for table in self.transit_route_tables.values():
            named = {*table.associated, *table.propagating}
            named |= {route.attachment for route in table.routes}
            for name in sorted(named):
                known = name in self.transit_attachments
                yield _Use(table.id, "names attachment", name, known, (name,), table.origin)
        for firewall in self.firewalls.values():
            for name in firewall.endpoints:
                known = name in self.endpoints
                yield _Use(firewall.id, "has endpoint", name, known, (name,), firewall.origin)

    def _balancer_uses(self) -> Iterator[_Use]:
        for balancer in self.load_balancers.values():
            for listener in balancer.listeners:
                for name in listener.target_groups:
                    known = name in self.target_groups
                    affects = (name,)
                    yield _Use(balancer.id, "forwards to", name, known, affects, listener.origin)
