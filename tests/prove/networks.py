"""Small networks, written the way one would draw them on a board.

Rules read like the traces that they give: ``100 allow tcp/443 from 10.0.0.0/16``,
``tcp/443 to sg-web``, ``0.0.0.0/0 nat-1``. A trailing ``?`` makes a rule or route uncertain.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from ringwall.model.addresses import ALL_ADDRESSES, of_address, of_cidr, of_network
from ringwall.model.beyond import (
    BlockPublicAccess,
    DirectConnectGateway,
    FirewallRule,
    NetworkFirewall,
    PeeringConnection,
    PeeringSide,
    PublicAccessExclusion,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
    VpnConnection,
    VpnGateway,
)
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import (
    AclEntry,
    AnyPeer,
    Bucket,
    CidrPeer,
    Gap,
    GroupPeer,
    InternetGateway,
    Listener,
    LoadBalancer,
    NatGateway,
    Network,
    NetworkAcl,
    NetworkInterface,
    Peer,
    PrefixList,
    PrefixListPeer,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    Target,
    TargetGroup,
    TargetKind,
    Vpc,
    VpcEndpoint,
    Workload,
)
from ringwall.model.services import (
    ICMP,
    ICMPV6,
    ServiceSet,
    has_ports,
    icmp_set,
    port_range,
    protocol_number,
    whole_protocol,
)
from ringwall.model.verdict import Trace

OPEN_ACL = ("100 allow all from 0.0.0.0/0", "100 allow all to 0.0.0.0/0")
OPEN_GROUP = ("all from 0.0.0.0/0", "all to 0.0.0.0/0")

_TARGETS: dict[str, TargetKind] = {
    "local": "local",
    "igw": "internet-gateway",
    "eigw": "egress-only-internet-gateway",
    "nat": "nat-gateway",
    "vpce": "vpc-endpoint",
    "eni": "network-interface",
    "pcx": "vpc-peering",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
}


def services(text: str) -> ServiceSet:
    """``all``, ``tcp``, ``tcp/443``, ``udp/1024-65535``, ``icmp/8``, ``47``."""
    name, _, ports = text.partition("/")
    protocol = protocol_number(name)
    if not ports:
        return whole_protocol(protocol)
    if protocol in (ICMP, ICMPV6):
        return icmp_set(protocol, int(ports), -1)
    assert has_ports(protocol)
    low, _, high = ports.partition("-")
    return port_range(protocol, int(low), int(high or low))


def peer(text: str) -> Peer:
    if text.startswith("sg-"):
        return GroupPeer(text)
    if text.startswith("pl-"):
        return PrefixListPeer(text)
    return AnyPeer("a parameter") if text == "anyone" else CidrPeer(ip_network(text))


class Board:
    """A network under construction; every method adds one thing and gives the board back."""

    def __init__(self, cidr: str = "10.0.0.0/16", *more: str) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.gaps: list[Gap] = []
        self.switches: list[BlockPublicAccess] = []
        self.vpc("vpc-1", cidr, *more)

    def _add(self, kind: str, thing: Any) -> Board:
        self.things.setdefault(kind, {})[thing.id] = thing
        return self

    def vpc(self, name: str, *cidrs: str) -> Board:
        blocks = tuple(ip_network(one) for one in cidrs)
        return self._add("vpcs", Vpc(name, blocks, region="us-east-1"))

    def subnet(self, name: str, *cidrs: str, zone: str = "zone-1", vpc: str = "vpc-1") -> Board:
        blocks = tuple(ip_network(one) for one in cidrs)
        return self._add("subnets", Subnet(name, vpc, zone, blocks))

    def acl(self, name: str, subnets: str, *rules: str, vpc: str = "vpc-1") -> Board:
        entries = tuple(self._entry(one) for one in rules)
        return self._add(
            "network_acls", NetworkAcl(name, vpc, False, tuple(subnets.split()), entries)
        )

    @staticmethod
    def _entry(text: str) -> AclEntry:
        number, verb, what, way, where, *doubt = text.split()
        assert verb in ("allow", "deny")
        assert way in ("from", "to")
        return AclEntry(
            int(number), way == "to", verb == "allow", ip_network(where), services(what), not doubt
        )

    def group(self, name: str, *rules: str, vpc: str = "vpc-1") -> Board:
        sides: dict[str, list[SecurityGroupRule]] = {"from": [], "to": []}
        for text in rules:
            what, way, who, *doubt = text.split()
            sides[way].append(SecurityGroupRule(peer(who), services(what), certain=not doubt))
        return self._add(
            "security_groups",
            SecurityGroup(name, vpc, name, tuple(sides["from"]), tuple(sides["to"])),
        )

    def table(
        self, name: str, subnets: str, *routes: str, main: bool = False, vpc: str = "vpc-1"
    ) -> Board:
        found = tuple(self._route(one) for one in routes)
        return self._add("route_tables", RouteTable(name, vpc, main, tuple(subnets.split()), found))

    @staticmethod
    def _route(text: str) -> Route:
        where, target, *marks = text.split()
        kind = _TARGETS.get(target.partition("-")[0], "unknown")
        return Route(
            where if where.startswith("pl-") else ip_network(where),
            kind,
            target,
            blackhole="blackhole" in marks,
            propagated="propagated" in marks,
            certain="?" not in marks,
        )

    def eni(self, id: str, subnet: str, /, *addresses: str, groups: str = "", **more: Any) -> Board:
        """An interface at addresses; with none, at any usable address of its subnet."""
        pinned = bool(addresses)
        places = IntervalSet.union_of(of_address(one) for one in addresses)
        if not pinned:
            low, high = of_network(self.things["subnets"][subnet].cidrs[0]).intervals[0]
            places = IntervalSet(((low + 4, high - 1),))
        public = more.pop("public_addresses", "")
        found = NetworkInterface(
            id,
            subnet,
            places,
            tuple(groups.split()),
            pinned=pinned,
            public_addresses=of_address(public) if public else EMPTY,
            **({"kind": "instance", "public": bool(public)} | more),
        )
        return self._add("interfaces", found)

    def workload(self, name: str, label: str) -> Board:
        return self._add("workloads", Workload(name, "instance", label))

    def igw(self, name: str = "igw-1", vpcs: str = "vpc-1", *, egress_only: bool = False) -> Board:
        return self._add(
            "internet_gateways", InternetGateway(name, tuple(vpcs.split()), egress_only)
        )

    def regional_nat(self, name: str, vpc: str = "vpc-1", **more: Any) -> Board:
        """A NAT gateway that stands in no subnet."""
        return self._add("nat_gateways", NatGateway(name, vpc, "", "", True, True, **more))

    def nat(self, name: str, subnet: str, address: str, *, public: bool = True) -> Board:
        """A NAT gateway and its interface, ``eni-NAME``."""
        self.eni(f"eni-{name}", subnet, address, kind="nat-gateway", public=public, owner=name)
        vpc = self.things["subnets"][subnet].vpc
        return self._add("nat_gateways", NatGateway(name, vpc, subnet, f"eni-{name}", public))

    # --- to other networks ----------------------------------------------------------------------

    def peering(self, name: str, one: str, other: str, *regions: str, **more: Any) -> Board:
        """A peering connection; ``regions`` are those of its sides, us-east-1 if left out."""
        near, far = regions or ("us-east-1", "us-east-1")
        sides = PeeringSide(one, (), near), PeeringSide(other, (), far)
        return self._add("peerings", PeeringConnection(name, *sides, **more))

    def transit(self, name: str, **more: Any) -> Board:
        return self._add("transit_gateways", TransitGateway(name, "us-east-1", **more))

    def attach(self, name: str, gateway: str, kind: Any, resource: str, **more: Any) -> Board:
        """An attachment; ``subnets`` as one text."""
        subnets = tuple(more.pop("subnets", "").split())
        found = TransitGatewayAttachment(name, gateway, kind, resource, subnets, **more)
        return self._add("transit_attachments", found)

    def transit_table(
        self, name: str, gateway: str, associated: str, propagating: str, *routes: str
    ) -> Board:
        """Routes read ``10.0.0.0/8 att-1``, ``10.9.0.0/16 blackhole``; ``?`` as everywhere."""
        found = []
        for text in routes:
            where, target, *marks = text.split()
            place = where if where.startswith("pl-") else ip_network(where)
            hole = target == "blackhole"
            found.append(
                TransitRoute(
                    place, "" if hole else target, hole, "propagated" in marks, "?" not in marks
                )
            )
        table = TransitGatewayRouteTable(
            name, gateway, tuple(associated.split()), tuple(propagating.split()), tuple(found)
        )
        return self._add("transit_route_tables", table)

    def vgw(self, name: str, *vpcs: str) -> Board:
        return self._add("vpn_gateways", VpnGateway(name, vpcs))

    def vpn(self, name: str, gateway: str, *routes: str, **more: Any) -> Board:
        blocks = tuple(ip_network(one) for one in routes)
        return self._add("vpn_connections", VpnConnection(name, gateway, "", blocks, **more))

    def direct_connect(self, name: str, *gateways: str) -> Board:
        return self._add("direct_connect_gateways", DirectConnectGateway(name, gateways))

    def endpoint(self, name: str, kind: Any, subnet: str) -> Board:
        """An endpoint that routes lead to, in its subnet."""
        vpc = self.things["subnets"][subnet].vpc
        return self._add("endpoints", VpcEndpoint(name, vpc, kind, "", (), (subnet,)))

    def firewall(self, name: str, endpoints: str, *rules: str, **more: Any) -> Board:
        """Rules read ``stateless 10 forward tcp/443 10.0.0.0/8 any``, sources before targets."""
        sides: dict[str, list[FirewallRule]] = {"stateless": [], "stateful": []}
        for text in rules:
            part, number, action, what, source, target, *marks = text.split()
            sides[part].append(
                FirewallRule(
                    int(number),
                    action,  # type: ignore[arg-type]  # a literal
                    ALL_ADDRESSES if source == "any" else of_cidr(source),
                    ALL_ADDRESSES if target == "any" else of_cidr(target),
                    services(what),
                    both_ways="both" in marks,
                    certain="?" not in marks,
                )
            )
        doors = tuple(endpoints.split())
        vpc = self.things["endpoints"][doors[0]].vpc
        found = NetworkFirewall(
            name,
            vpc,
            doors,
            stateless=tuple(sides["stateless"]),
            stateful=tuple(sides["stateful"]),
            **more,
        )
        return self._add("firewalls", found)

    def public_access(self, mode: Any, *exclusions: str, region: str = "us-east-1") -> Board:
        """Block Public Access; exclusions read ``subnet allow-egress``."""
        found = []
        for text in exclusions:
            resource, what = text.split()
            found.append(PublicAccessExclusion(resource, what))  # type: ignore[arg-type]  # a literal
        self.switches.append(BlockPublicAccess(mode, region, tuple(found)))
        return self

    # --- services -------------------------------------------------------------------------------

    def s3(self, entries: str | None = "52.216.0.0/15") -> Board:
        """S3's prefix list, and a gateway endpoint that routes it."""
        known = of_cidr(entries) if entries else None
        name = "com.amazonaws.us-east-1.s3"
        self._add("prefix_lists", PrefixList("pl-s3", name, known))
        return self._add(
            "endpoints", VpcEndpoint("vpce-s3", "vpc-1", "gateway", name, prefix_list="pl-s3")
        )

    def prefix_list(self, name: str, *cidrs: str, known: bool = True) -> Board:
        entries = IntervalSet.union_of(of_cidr(one) for one in cidrs)
        return self._add("prefix_lists", PrefixList(name, name, entries if known else None))

    def bucket(self, name: str, **more: Any) -> Board:
        return self._add("buckets", Bucket(name, name, "us-east-1", **more))

    def balancer(self, name: str, kind: str, *listeners: str, cross_zone: bool = True) -> Board:
        """Listeners read ``HTTPS:443 tg-api``."""
        found = []
        for text in listeners:
            door, *groups = text.split()
            protocol, _, port = door.partition(":")
            found.append(Listener(protocol, int(port), tuple(groups)))
        return self._add(
            "load_balancers",
            LoadBalancer(name, name, kind, True, tuple(found), cross_zone),  # type: ignore[arg-type]  # a literal
        )

    def targets(
        self, name: str, door: str, *members: str, known: bool = True, **more: Any
    ) -> Board:
        """A target group: ``HTTP:8080``, and the ids or addresses of its members."""
        protocol, _, port = door.partition(":")
        kind = more.pop("kind", "instance")
        found = tuple(Target(one) for one in members) if known else None
        return self._add(
            "target_groups", TargetGroup(name, kind, protocol, int(port), found, **more)
        )

    def gap(self, resource: str, message: str = "something is not modelled") -> Board:
        self.gaps.append(Gap("unmodelled", resource, message, (resource,)))
        return self

    def edge(self, table: str, gateway: str) -> Board:
        tables = self.things["route_tables"]
        tables[table] = replace(tables[table], gateways=(gateway,))
        return self

    def network(self) -> Network:
        return Network(
            source="board",
            region="us-east-1",
            gaps=tuple(self.gaps),
            block_public_access=tuple(self.switches),
            **self.things,
        )


_MARKS = {True: "+", False: "x", None: "?"}


def show(trace: Trace) -> str:
    """A trace as text: hops, under each its steps with ``+`` passes, ``x`` stops, ``?`` unknown."""
    outcome = {True: "arrives", False: "is stopped", None: "is not known to arrive"}
    lines = [f"{trace.packet} {outcome[trace.arrived]}"]
    for hop in trace.hops:
        lines.append(f"  {hop.kind} {hop.resource}")
        for step in hop.steps:
            code = f" [{step.code}]" if step.code else ""
            where = "" if step.resource == hop.resource else f" {step.resource}"
            lines.append(f"    {_MARKS[step.allowed]} {step.layer}{where}: {step.rule}{code}")
    return "\n".join(lines) + "\n"
