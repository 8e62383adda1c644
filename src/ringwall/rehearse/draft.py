"""Draws the plan of a rehearsal: nodes and links first, then routes, then rulesets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, IPNetwork, networks_of, of_cidr, parse_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    WAY_KINDS,
    InternetGateway,
    Network,
    NetworkAcl,
    NetworkInterface,
    RouteTable,
    Subnet,
    Vpc,
    VpcEndpoint,
)
from ringwall.model.services import ICMP, TCP, icmp_set, whole_protocol
from ringwall.rehearse import rulesets
from ringwall.rehearse.groups import Groups
from ringwall.rehearse.plan import INTERNET, Link, Node, Plan, Seat
from ringwall.rehearse.roads import FAR, LAST, NEAR, Roads, lines_of
from ringwall.rehearse.seats import node_name, seats_of
from ringwall.rehearse.transit import Transit

_Thing = TypeVar("_Thing")
#: Marks, and tables, of what the Internet answers by the gateway that it came out of.
_MARKED = 500
#: Routing tables of subnets in their router.
_FIRST_TABLE = 1000
#: Metrics of the ways that lead from the Internet to the blocks of a VPC; the last leads nowhere.
_FIRST_WAY, _SECOND_WAY, _NO_WAY = 10, 20, 30


def internet() -> AddressSet:
    """Every address that the Internet routes (facts: ``special-purpose-addresses``)."""
    values = facts("special-purpose-addresses").values
    everything = IntervalSet.union_of(of_cidr(text) for text in values["internet"])
    return everything - IntervalSet.union_of(map(of_cidr, values["never-on-the-internet"]))


class Draft:
    """A plan while it is being drawn."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.nodes: dict[str, Node] = {}
        self.links: list[Link] = []
        self.left_out: list[str] = []
        self.seats: dict[str, Seat] = seats_of(network)
        self.bridges: dict[str, str] = {}
        self.doors: dict[str, str] = {}
        self.shelves: list[str] = []
        self._returns: dict[str, int] = {}
        self._sources: dict[str, dict[str, tuple[IPNetwork, ...]]] = {}
        self.transit = Transit(network, self.left_out)
        self.groups = Groups(network, self.seats, self.left_out)

    def plan(self) -> Plan:
        world = self._node(INTERNET, forwards=True)
        world.ip6 += ["rule add lookup local pref 10", "rule del pref 0"]
        for block in networks_of(internet()):
            _for_family(world, block, f"route add local {block} dev lo table local")
        world.ip += [_no_way(f"{seat.public}/32") for seat in self.seats.values() if seat.public]
        for vpc in _sorted(self.network.vpcs):
            self._vpc(vpc)
        for peering in _sorted(self.network.peerings):
            self._peering(peering.id)
        routers = {id: self.nodes[router_name(id)] for id in self.network.vpcs}
        self.transit.wire(lambda name: self._node(name, forwards=True), routers, self._wire)
        self.transit.route()
        for vpc in _sorted(self.network.vpcs):
            self._routes(vpc)
        world.ruleset = rulesets.way_back(self._returns)
        return Plan(
            self.nodes,
            tuple(self.links),
            self.seats,
            tuple(self.shelves),
            tuple(dict.fromkeys(self.left_out)),
        )

    # --- nodes and links ----------------------------------------------------------------

    def _node(self, name: str, *, forwards: bool = False) -> Node:
        self.nodes[name] = node = Node(name, forwards)
        node.ip.append("link set lo up")
        return node

    def _wire(self, router: Node, name: str, far: Node, far_name: str) -> None:
        """A link with link-local addresses at both ends, which IPv4 routes use as well."""
        self.links.append(Link(router.name, name, far.name, far_name))
        for node, link, address in ((router, name, NEAR), (far, far_name, FAR)):
            node.ip += [f"addr add {address}/64 dev {link} nodad", f"link set {link} up"]

    def _vpc(self, vpc: Vpc) -> None:
        router = self._node(router_name(vpc.id), forwards=True)
        world = self.nodes[INTERNET]
        for cidr in vpc.cidrs:
            _for_family(world, cidr, _no_way(str(cidr)))
        for subnet in _sorted(self.network.subnets):
            if subnet.vpc == vpc.id:
                self._subnet(router, subnet)
        for gateway in _sorted(self.network.internet_gateways):
            if vpc.id in gateway.vpcs:
                self._gateway(router, vpc, gateway)
        for endpoint in _sorted(self.network.endpoints):
            if endpoint.vpc == vpc.id and endpoint.kind == "gateway":
                self._shelf(router, vpc, endpoint)

    def _subnet(self, router: Node, subnet: Subnet) -> None:
        bridge = f"s{len(self.bridges)}"
        self.bridges[subnet.id] = bridge
        router.ip += [f"link add name {bridge} type bridge", f"link set {bridge} mtu {_mtu()}"]
        router.ip += [f"addr add {_first(cidr)} dev {bridge} nodad" for cidr in subnet.cidrs]
        router.ip.append(f"link set {bridge} up")
        for one in _sorted(self.network.interfaces):
            if one.subnet == subnet.id and self.seats[one.id].addresses:
                self._interface(router, bridge, subnet, one)

    def _interface(self, router: Node, bridge: str, subnet: Subnet, one: NetworkInterface) -> None:
        passes = one.kind == "nat-gateway" or (not one.source_dest_check and one.forwards is True)
        node = self._node(node_name(one), forwards=passes)
        port = f"e{len(self.links)}"
        self.links.append(Link(router.name, port, node.name, "eth0"))
        router.ip.append(f"link set {port} master {bridge} up")
        node.ip.append("link set eth0 up")
        families = {cidr.version: cidr for cidr in subnet.cidrs}
        for address in self.seats[one.id].addresses:
            cidr = families[6 if ":" in address else 4]
            node.ip.append(f"addr add {address}/{cidr.prefixlen} dev eth0 nodad")
            gateway = _first(cidr).partition("/")[0]
            _for_family(node, cidr, f"route replace {_default(cidr)} via {gateway} dev eth0")
        if one.kind not in WAY_KINDS:
            node.ruleset = self.groups.ruleset(one, subnet.vpc, passes=passes)

    def _gateway(self, router: Node, vpc: Vpc, gateway: InternetGateway) -> None:
        node = self._node(f"gateway {gateway.id}", forwards=True)
        number = len(self.doors)
        door = self.doors[gateway.id] = f"g{number}"
        self._wire(router, door, node, "vpc")
        world = self.nodes[INTERNET]
        self._wire(node, "out", world, f"i{number}")
        for cidr in vpc.cidrs:
            _for_family(node, cidr, f"route add {cidr} {_via(cidr, NEAR)} dev vpc")
        node.ip.append(f"route add 0.0.0.0/0 via inet6 {FAR} dev out")
        node.ip6.append(f"route add ::/0 via {FAR} dev out")
        if self.network.block_public_access:
            self.left_out.append("VPC Block Public Access is not played")
        if gateway.egress_only:
            node.ruleset = rulesets.egress_only_gateway()
        else:
            node.ruleset = self._translation(vpc, world, number)
        blocks = [cidr for cidr in vpc.cidrs if cidr.version == 6]
        way = f"via {NEAR} dev i{number} table"
        if gateway.egress_only:
            # What went out by it comes back by it, also where an internet gateway is the way in.
            mark = self._returns[f"i{number}"] = _MARKED + number
            world.ip6.append(f"rule add fwmark {mark} lookup {mark} pref 5")
            world.ip6 += [f"route add {block} {way} {mark}" for block in blocks]
        metric = _SECOND_WAY if gateway.egress_only else _FIRST_WAY
        world.ip6 += [f"route replace {block} {way} local metric {metric}" for block in blocks]

    def _translation(self, vpc: Vpc, world: Node, number: int) -> str:
        public: dict[str, str] = {}
        for one in _sorted(self.network.interfaces):
            subnet, seat = self.network.subnets.get(one.subnet), self.seats.get(one.id)
            if subnet is not None and subnet.vpc == vpc.id and seat is not None and seat.public:
                private = next(text for text in seat.addresses if ":" not in text)
                public[private] = seat.public
                world.ip.append(
                    f"route replace {seat.public}/32 via inet6 {NEAR} dev i{number} table local"
                )
        values = facts("special-purpose-addresses").values
        return rulesets.internet_gateway(
            public, map(parse_network, values["never-on-the-internet"])
        )

    def _shelf(self, router: Node, vpc: Vpc, endpoint: VpcEndpoint) -> None:
        """What a gateway endpoint leads to answers by itself, at the addresses of its list."""
        listed = self.network.prefix_lists.get(endpoint.prefix_list)
        entries = listed.entries if listed is not None else None
        if not entries:
            self.left_out.append(f"{endpoint.id}: the addresses behind it are not known")
            return
        node = self._node(f"endpoint {endpoint.id}")
        door = self.doors[endpoint.id] = f"g{len(self.doors)}"
        self._wire(router, door, node, "vpc")
        for block in networks_of(entries):
            _for_family(node, block, f"route add local {block} dev lo table local")
        for cidr in vpc.cidrs:
            _for_family(node, cidr, f"route add {cidr} {_via(cidr, NEAR)} dev vpc")
        node.ruleset = rulesets.storage(whole_protocol(TCP) | icmp_set(ICMP, 8, -1))
        self.shelves.append(node.name)

    def _peering(self, id: str) -> None:
        peering = self.network.peerings[id]
        sides = (peering.requester, peering.accepter)
        if peering.active is None:
            self.left_out.append(f"{id}: whether it is active is not known")
        if not peering.active or any(one.vpc not in self.network.vpcs for one in sides):
            return
        one, other = (self.nodes[router_name(side.vpc)] for side in sides)
        door = self.doors[id] = f"p{len(self.doors)}"
        self._wire(one, door, other, door)
        blocks = [self.network.vpcs[side.vpc].cidrs for side in sides]
        self._sources.setdefault(one.name, {})[door] = blocks[1]
        self._sources.setdefault(other.name, {})[door] = blocks[0]

    # --- routes and filters -------------------------------------------------------------

    def _routes(self, vpc: Vpc) -> None:
        router = self.nodes[router_name(vpc.id)]
        roads = Roads(
            self.network, vpc, self.seats, self.bridges, self.doors, self.transit, self.left_out
        )
        in_force: dict[str, NetworkAcl | None] = {}
        legs: dict[str, str] = {}
        for number, subnet in enumerate(_sorted(self.network.subnets), start=_FIRST_TABLE):
            if subnet.vpc != vpc.id:
                continue
            bridge = self.bridges[subnet.id]
            doors = [leg.door for leg in self.transit.legs if leg.subnet == subnet.id]
            legs |= dict.fromkeys(doors, bridge)
            table = self._table(subnet)
            if table is None:
                self.left_out.append(f"{subnet.id}: no route table is known for it")
            found = roads.of(table, subnet.zone)
            for batch, routes in zip((router.ip, router.ip6), found, strict=True):
                batch += [
                    f"rule add iif {link} lookup {number} pref 100" for link in (bridge, *doors)
                ]
                batch += lines_of(routes, number)
            in_force |= dict.fromkeys((bridge, *doors), self._acl(subnet))
            self._nats(subnet)
        router.ip.append(f"route add blackhole 0.0.0.0/0 metric {LAST}")
        router.ip6.append(f"route add blackhole ::/0 metric {LAST}")
        sources = self._sources.get(router.name, {})
        router.ruleset = rulesets.router(in_force, sources, legs)

    def _table(self, subnet: Subnet) -> RouteTable | None:
        tables = [one for one in _sorted(self.network.route_tables) if one.vpc == subnet.vpc]
        chosen = [one for one in tables if subnet.id in one.subnets]
        return next(iter(chosen or [one for one in tables if one.main]), None)

    def _acl(self, subnet: Subnet) -> NetworkAcl | None:
        for acl in _sorted(self.network.network_acls):
            if subnet.id in acl.subnets:
                for entry in acl.entries:
                    if not entry.certain:
                        self.left_out.append(f"{acl.id}: rule {entry.number} was not resolved")
                return acl
        self.left_out.append(f"{subnet.id}: no network ACL is known for it")
        return None

    def _nats(self, subnet: Subnet) -> None:
        low, high = facts("client-ports").values["managed"]
        for nat in _sorted(self.network.nat_gateways):
            seat = self.seats.get(nat.interface)
            if nat.subnet == subnet.id and seat is not None and _private(seat):
                self.nodes[seat.node].ruleset = rulesets.nat_gateway(_private(seat), (low, high))


def router_name(vpc: str) -> str:
    return f"router {vpc}"


def _no_way(block: str) -> str:
    """Inside the Internet, the block of a VPC is nobody else's: without a gateway it is nowhere."""
    return f"route replace blackhole {block} table local metric {_NO_WAY}"


def _private(seat: Seat) -> str:
    return next((text for text in seat.addresses if ":" not in text), "")


def _mtu() -> int:
    return int(facts("rehearsal").values["frame-bytes"])


def _first(cidr: IPNetwork) -> str:
    """The address of a VPC's router in a subnet, with its length: the first after the base."""
    return f"{cidr[1]}/{cidr.prefixlen}"


def _default(cidr: IPNetwork) -> str:
    return "0.0.0.0/0" if cidr.version == 4 else "::/0"


def _via(cidr: IPNetwork, hop: str) -> str:
    return f"via inet6 {hop}" if cidr.version == 4 else f"via {hop}"


def _for_family(node: Node, block: IPNetwork, line: str) -> None:
    (node.ip if block.version == 4 else node.ip6).append(line)


def _sorted(things: Mapping[str, _Thing]) -> list[_Thing]:
    return [things[key] for key in sorted(things)]
