"""The second engine's walk: one set of packets sent out, split by routes, gathered where it ends.

Nothing is enumerated: a walk carries every packet that is still under way (surely, or possibly)
and hands each part on to where its route leads. What ends somewhere is an :class:`Arrival` with
its :class:`Trail`, from which answers and references between groups are judged later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bdd_filters import STRANGER, Filters, Peer, Stateless, stateless, through
from bdd_guards import Guards
from bdd_sets import (
    ALL,
    Header,
    Set,
    Tri,
    exists,
    known,
    told,
    union,
)
from bdd_tables import INSIDE, UNSURE, Tables
from bdd_transit import Carrying

from ringwall.model.addresses import ALL_V4, ALL_V6, of_network
from ringwall.model.network import (
    InternetGateway,
    NatGateway,
    Network,
    NetworkInterface,
    Route,
    RouteTable,
    VpcEndpoint,
)
from ringwall.model.services import ICMP, TCP, UDP, icmp_set, whole_protocol
from ringwall.prove.ends import End, internet_addresses

NATTED = whole_protocol(TCP) | whole_protocol(UDP) | whole_protocol(ICMP)


#: Between two ends that no reference to a group joins.
APART = (False, False)


@dataclass(frozen=True, slots=True)
class Trail:
    """What a packet passed. ``nats`` are the gateways that changed its source, in order;
    ``exit`` what kind of gateway led out ("" inside the VPCs), ``leaves`` which one
    led to premises, with its VPC or transit gateway; ``joins`` what led to other VPCs, each with
    whether references to groups hold across it (outward, inward); ``unknown`` says that the way
    itself is not known."""

    seen: tuple[str, ...] = ()
    nats: tuple[NatGateway, ...] = ()
    boxes: tuple[str, ...] = ()
    firewalls: tuple[tuple[str, Stateless], ...] = ()
    joins: tuple[tuple[bool | None, bool | None], ...] = ()
    exit: str = ""
    leaves: tuple[str, str] = ("", "")
    unknown: bool = False

    def references(self, egress: bool) -> bool | None:
        """Whether a rule that names a group of the other end holds on this way."""
        if self.nats or self.boxes or self.firewalls or len(self.joins) > 1:
            return False
        held = self.joins[0][0 if egress else 1] if self.joins else True
        return None if self.unknown and held else held


@dataclass(frozen=True, slots=True)
class Arrival:
    alive: Tri
    trail: Trail


@dataclass
class Walk:
    """Packets with one header on their way to one target.

    ``answering`` walks take back what gateways and middleboxes (``remembered``) let pass before;
    ``bare`` ones ask the routes only, and no filter.
    A target is an end, or the place of a NAT gateway (an interface, nothing asked of it).
    """

    network: Network
    filters: Filters
    guards: Guards
    tables: Tables
    header: Header
    source: End
    target: End
    answering: bool = False
    bare: bool = False
    remembered: tuple[str, ...] = ()
    gapped: set[str] = field(default_factory=set)

    @property
    def greeted(self) -> bool:
        """Are the target's own guards asked? Not about answers."""
        return not (self.answering or self.bare)

    def __post_init__(self) -> None:
        self.gapped = {one for gap in self.network.gaps for one in gap.affects}
        self.carrying = Carrying(self.network, self.tables, self.header)

    # --- small questions ---

    def clear(self, *names: str) -> Tri:
        """Passes, or is not known where something has a gap."""
        return told(None) if self.gapped & set(names) else told(True)

    def vpc(self, subnet: str) -> str:
        return self.network.subnets[subnet].vpc

    @property
    def place(self) -> NetworkInterface | None:
        return self.target.interface

    def crossing(self, here: str, there: str) -> Tri:
        """The network ACLs between two subnets of a VPC; none inside one."""
        if here == there:
            return told(True)
        return self.out(here) & self.into(there)

    def out(self, subnet: str) -> Tri:
        return self._acl(subnet, egress=True)

    def into(self, subnet: str) -> Tri:
        return self._acl(subnet, egress=False)

    def _acl(self, subnet: str, egress: bool) -> Tri:
        if self.bare:
            return told(True)
        return self.filters.acl(subnet, egress, self.header) & self.clear(subnet)

    def strange(self, alive: Tri) -> Iterator[Arrival]:
        """In by a way that nobody knows."""
        yield from self._unknown(alive, Trail())

    def _unknown(self, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """The way is not known: it may lead anywhere, but the target's own guards still stand."""
        alive = alive.doubted
        if self.place is not None:
            alive &= self.into(self.place.subnet)
        yield from self._arrive(alive.doubted, replace(trail, unknown=True))

    def _arrive(self, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        if self.greeted and self.place is not None:
            sender = self.source.interface
            peer = Peer(sender.groups if sender else (), trail.references(egress=False))
            alive &= self.guards.admits(self.place, peer, self.header)
        if not alive.empty:
            yield Arrival(alive, trail)

    # --- one subnet after the other ---

    def start(self, subnet: str, alive: Tri) -> list[Arrival]:
        """Packets that an interface in a subnet sends."""
        return list(self.stand(subnet, alive, Trail()))

    def stand(self, subnet: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """Packets that stand in a subnet, about to leave it."""
        if alive.empty:
            return
        if self.place is not None and self.place.subnet == subnet:
            yield from self._arrive(alive & self._balancer_acl(subnet, trail), trail)
            return
        home = self.network.vpcs[self.vpc(subnet)]
        table = self.tables.of_subnet(subnet)
        inside = union(self.header.goes_to(of_network(one)) for one in home.cidrs)
        if table is not None and table.id in self.gapped:
            yield from self._unknown(alive & self.out(subnet), trail)
            return
        left = alive
        for block, choice in self.tables.choices(table, home, self.header):
            part = alive.within(block)
            left = left.within(~block)
            if part.empty:
                continue
            if choice is UNSURE:
                yield from self._unknown(part & self.out(subnet), trail)
            elif isinstance(choice, Route):
                yield from self._route(choice, subnet, inside, part, trail)
        if table is None and not left.empty:
            yield from self._unknown(left & self.out(subnet), trail)

    def _balancer_acl(self, subnet: str, trail: Trail) -> Tri:
        """A classic load balancer's packets to its own subnet meet the network ACL all the same."""
        asker = self.target.interface if self.answering else self.source.interface
        if trail != Trail() or asker is None or asker.kind != "load-balancer":
            return told(True)
        balancer = self.network.load_balancers.get(asker.owner)
        if balancer is None or balancer.kind != "classic":
            return told(True)
        return self.out(subnet) & self.into(subnet)

    def _route(
        self, route: Route, subnet: str, inside: Set, alive: Tri, trail: Trail
    ) -> Iterator[Arrival]:
        if route.blackhole:
            return
        if route.target_kind == "local":
            yield from self.deliver(self.vpc(subnet), alive & self.out(subnet), trail)
            return
        if route.target_kind not in INSIDE:
            # AWS takes no other route inside a VPC's own blocks: what it would do is not known.
            yield from self._unknown(alive.within(inside) & self.out(subnet), trail)
            alive = alive.within(~inside)
        match route.target_kind:
            case "network-interface":
                yield from self.middlebox(route.target, subnet, alive, trail)
            case "vpc-endpoint":
                yield from self._endpoint(route.target, subnet, alive, trail)
            case "nat-gateway":
                yield from self._nat(route.target, subnet, alive, trail)
            case "internet-gateway" | "egress-only-internet-gateway":
                yield from self._outward(route, subnet, alive, trail)
            case "vpc-peering":
                yield from self._peering(route.target, subnet, alive, trail)
            case "transit-gateway":
                yield from self._transit(route.target, subnet, alive, trail)
            case "vpn-gateway":
                yield from self._vpn(route.target, subnet, alive, trail)
            case _:
                yield from self._unknown(alive & self.out(subnet), trail)

    def deliver(self, vpc: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """By the local route (or a gateway) to the target, if it stands in this VPC."""
        if self.place is not None and self.vpc(self.place.subnet) == vpc:
            yield from self._arrive(alive & self.into(self.place.subnet), trail)

    # --- what stands on the way inside a VPC ---

    def middlebox(
        self, name: str, subnet: str, alive: Tri, trail: Trail, vpc: str = ""
    ) -> Iterator[Arrival]:
        """``subnet`` is empty for what comes from a gateway of ``vpc``."""
        box = self.network.interfaces.get(name)
        left = alive & self.out(subnet) if subnet else alive
        if box is None:
            yield from self._unknown(left, trail)
            return
        if self.vpc(box.subnet) != (vpc or self.vpc(subnet)) or name in trail.seen:
            return
        alive = (
            alive & self.crossing(subnet, box.subnet) if subnet else alive & self.into(box.subnet)
        )
        if self.place is not None and box.id == self.place.id:
            yield from self._arrive(alive, trail)
            return
        if box.source_dest_check:
            return
        alive &= self.clear(name)
        if name not in self.remembered and not self.bare:
            alive &= self.filters.groups(box, False, STRANGER, self.header)
            alive &= self.filters.groups(box, True, STRANGER, self.header)
        alive &= told(box.forwards)
        on = replace(trail, seen=(*trail.seen, name), boxes=(*trail.boxes, name))
        yield from self.stand(box.subnet, alive, on)

    def _endpoint(self, name: str, subnet: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        endpoint = self.network.endpoints.get(name)
        if endpoint is None or endpoint.kind not in ("gateway", "firewall"):
            yield from self._unknown(alive & self.out(subnet), trail)
        elif endpoint.kind == "firewall":
            yield from self.firewall(endpoint, subnet, alive, trail)
        else:
            yield from self._store(endpoint, subnet, alive & self.clear(name), trail)

    def _store(
        self, endpoint: VpcEndpoint, subnet: str, alive: Tri, trail: Trail
    ) -> Iterator[Arrival]:
        """Through a gateway endpoint, from its own VPC only."""
        carried = whole_protocol(TCP) | icmp_set(ICMP, 8, -1)
        alive = alive.within(self.header.asks(carried)) & self.out(subnet)
        sender = self.source.interface
        if sender is None or self.target.kind not in ("bucket", "internet"):
            return
        known_as = trail.nats[-1].vpc if trail.nats else self.vpc(sender.subnet)
        if not endpoint.vpc == self.vpc(subnet) == known_as:
            return
        done = replace(trail, exit=endpoint.id)
        yield from self._arrive(alive, done)

    def firewall(
        self, endpoint: VpcEndpoint, subnet: str, alive: Tri, trail: Trail, vpc: str = ""
    ) -> Iterator[Arrival]:
        """``subnet`` is empty for what comes from a gateway of ``vpc``."""
        name = endpoint.id
        left = alive & self.out(subnet) if subnet else alive
        wall = next((one for one in self.network.firewalls.values() if name in one.endpoints), None)
        if wall is None or not endpoint.subnets or endpoint.subnets[0] not in self.network.subnets:
            yield from self._unknown(left, trail)
            return
        if endpoint.vpc != (vpc or self.vpc(subnet)) or name in trail.seen:
            return
        stands = endpoint.subnets[0]
        alive = alive & self.crossing(subnet, stands) if subnet else alive & self.into(stands)
        if self.gapped & {name, wall.id}:
            yield from self._unknown(alive, trail)
            return
        passing = stateless(wall, self.header)
        if self.greeted:
            alive &= through(wall, self.header)
        on = replace(
            trail,
            seen=(*trail.seen, name),
            firewalls=(*trail.firewalls, (wall.id, passing)),
        )
        yield from self.stand(stands, alive, on)

    def _nat(self, name: str, subnet: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        nat = self.network.nat_gateways.get(name)
        if nat is None:
            yield from self._unknown(alive & self.out(subnet), trail)
            return
        if name in self.gapped:
            yield from self._unknown(alive & self.out(subnet), trail)
            return
        # An answer that a NAT gateway takes for a question of its own never gets home.
        if nat.vpc != self.vpc(subnet) or name in trail.seen or self.answering:
            return
        alive = alive.within(self.header.asks(NATTED) & self.header.goes_to(ALL_V4))
        on = replace(trail, seen=(*trail.seen, name), nats=(*trail.nats, nat))
        if nat.regional:
            yield from self._regional(nat, subnet, alive & self.out(subnet), on)
            return
        if nat.subnet not in self.network.subnets:
            yield from self._unknown(alive & self.out(subnet), trail)
            return
        alive &= self.crossing(subnet, nat.subnet)
        if nat.public:
            table = self.tables.of_subnet(nat.subnet)
            yield from self._behind(nat, table, alive & self.out(nat.subnet), on)
            return
        yield from self._renamed(nat, alive, on)

    def _renamed(self, nat: NatGateway, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """Goes on with the private address of a NAT gateway (any, where it has not got one yet)."""
        face = self.network.interfaces.get(nat.interface)
        if face is None:
            yield from self._unknown(alive, trail)
            return
        bits = self.header.source
        mine = self.header.came_from(face.addresses)
        rest = Tri(exists(alive.sure, bits) & mine, exists(alive.possible, bits) & mine)
        for one in self.stand(nat.subnet, rest, trail):
            # Every address that it may have must do.
            sure = ~exists(mine & ~one.alive.sure, bits)
            back = Tri(alive.sure & sure, alive.possible & exists(one.alive.possible, bits))
            if not back.empty:
                yield Arrival(back, one.trail)

    def _regional(
        self, nat: NatGateway, subnet: str, alive: Tri, trail: Trail
    ) -> Iterator[Arrival]:
        zone = self.network.subnets[subnet].zone
        if nat.zones is not None and zone not in nat.zones:
            return
        named = self.tables.named(nat.route_table) if nat.route_table else None
        table = named if nat.route_table else self.tables.main(nat.vpc)
        yield from self._behind(nat, table, alive, trail)

    def _behind(
        self, nat: NatGateway, table: RouteTable | None, alive: Tri, trail: Trail
    ) -> Iterator[Arrival]:
        """From a public NAT gateway to the internet gateway."""
        if table is None or table.id in self.gapped:
            yield from self._unknown(alive, trail)
            return
        home = self.network.vpcs[nat.vpc]
        for block, choice in self.tables.choices(table, home, self.header):
            part = alive.within(block)
            if isinstance(choice, Route) and choice.target_kind == "internet-gateway":
                yield from self._outward(choice, nat.subnet, part, trail, nat)
            elif choice is UNSURE or not choice.blackhole:
                yield from self._unknown(part, trail)

    # --- to other networks ---

    def _outward(
        self,
        route: Route,
        subnet: str,
        alive: Tri,
        trail: Trail,
        nat: NatGateway | None = None,
    ) -> Iterator[Arrival]:
        """Out by an internet gateway, or one that is egress-only."""
        if route.blackhole:
            return
        gateway = self.network.internet_gateways.get(route.target)
        if nat is None:
            alive &= self.out(subnet)
        if gateway is None:
            yield from self._unknown(alive, trail)
            return
        home = nat.vpc if nat else self.vpc(subnet)
        if home not in gateway.vpcs:
            return
        only = route.target_kind == "egress-only-internet-gateway" or gateway.egress_only
        alive = alive.within(self.header.goes_to(internet_addresses())) & self.clear(gateway.id)
        if only:
            alive = alive.within(self.header.goes_to(ALL_V6))
        if nat is None:
            alive &= self._public(home, only, trail)
        if not self.answering:
            alive &= self._opened(home, subnet, nat is not None, only)
        far = self.vpc(self.place.subnet) if self.place is not None else home
        if far != home and self.gateway_of(far, only=False) is not None:
            # IPv6 is not translated: out by one gateway and in by another, over the Internet.
            there = alive.within(self.header.goes_to(ALL_V6)) & self.into(self.place.subnet)
            yield from self._arrive(there.doubted, replace(trail, joins=(APART, APART)))
        if self.target.kind in ("internet", "bucket"):
            yield from self._arrive(alive, replace(trail, exit="only" if only else "igw"))

    def _opened(self, home: str, subnet: str, nat: bool, only: bool) -> Tri:
        sender = self.source.interface
        beside = subnet if nat or sender is None else sender.subnet
        return told(self.access(home, beside, "nat" if nat else "only" if only else "own"))

    def _public(self, home: str, only: bool, trail: Trail) -> Tri:
        """The sender needs a public IPv4 address, and to stand beside the gateway."""
        sender = self.source.interface
        if sender is None or self.vpc(sender.subnet) != home or trail.joins or trail.nats:
            return told(False)
        v6 = known(self.header.goes_to(ALL_V6))
        return v6 if only else v6 | told(sender.public)

    def access(self, vpc: str, subnet: str, what: str) -> bool:
        """Block Public Access on ``own`` connections outward, those of a ``nat`` or egress-``only``
        gateway, or those ``in``."""
        region = self.network.vpcs[vpc].region
        for switch in self.network.block_public_access:
            if switch.mode == "off" or (switch.region and region and switch.region != region):
                continue
            modes = {one.mode for one in switch.exclusions if one.resource in (vpc, subnet)}
            spared = "allow-bidirectional" in modes or ("allow-egress" in modes and what != "in")
            free = switch.mode == "block-ingress" and what in ("nat", "only")
            if not spared and not free:
                return False
        return True

    def _peering(self, name: str, subnet: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        alive &= self.out(subnet)
        peering = self.network.peerings.get(name)
        if peering is None:
            yield from self._unknown(alive, trail)
            return
        home = self.vpc(subnet)
        far = peering.other(home)
        if far is None or peering.active is False:
            return
        near = peering.other(far.vpc)
        assert near is not None
        mine, theirs = self.carrying.blocks(near), self.carrying.blocks(far)
        alive = alive.within(self.header.came_from(mine) & self.header.goes_to(theirs))
        alive &= self.clear(name) & told(True if peering.active else None)
        same = self.carrying.same_region(near, far)
        yield from self.deliver(far.vpc, alive, replace(trail, joins=(*trail.joins, (same, same))))

    def _vpn(self, name: str, subnet: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        alive &= self.out(subnet)
        gateway = self.network.vpn_gateways.get(name)
        if gateway is None:
            yield from self._unknown(alive, trail)
        elif self.vpc(subnet) in gateway.vpcs:
            alive &= self.clear(name) & told(self.carrying.serves(name))
            yield from self._premises(alive, replace(trail, leaves=(name, self.vpc(subnet))))

    def _premises(self, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """Over the border; what those on premises do with a packet to others, nobody says."""
        if self.target.kind == "on-premises":
            yield from self._arrive(alive, replace(trail, exit="premises"))
        elif self.source.kind != "on-premises":
            yield from self._unknown(alive, trail)

    def _transit(self, name: str, subnet: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """Into a transit gateway by this VPC's attachment, in this subnet's zone."""
        if name not in self.network.transit_gateways:
            yield from self._unknown(alive & self.out(subnet), trail)
            return
        mine = self.carrying.attachment_of(name, self.vpc(subnet))
        if name in self.gapped or (mine is not None and mine.id in self.gapped):
            yield from self._unknown(alive & self.out(subnet), trail)
            return
        if mine is None or mine.available is False:
            return
        zone = self.network.subnets[subnet].zone
        door = self.carrying.in_zone(mine, zone)
        if door is None:
            return
        alive &= self.out(subnet) & self.into(door)
        alive &= told(True if mine.available else None)
        yield from self.carried(mine.id, name, zone, alive, trail)

    def carried(
        self, entry: str, gateway: str, zone: str, alive: Tri, trail: Trail
    ) -> Iterator[Arrival]:
        """By the transit gateway's table of an attachment to another; zone "" for none."""
        place = f"{gateway} {entry}"
        if place in trail.seen:
            return
        trail = replace(trail, seen=(*trail.seen, place))
        for block, road in self.carrying.roads(entry, gateway):
            part = alive.within(block)
            if part.empty:
                continue
            if road is UNSURE:
                yield from self._unknown(part, trail)
                continue
            attachment = self.network.transit_attachments.get(str(road))
            strange = attachment is None or attachment.kind in ("connect", "other")
            if attachment is None or strange or attachment.id in self.gapped:
                yield from self._unknown(part, trail)
                continue
            if attachment.available is False:
                continue
            part &= told(True if attachment.available else None)
            yield from self._handed(entry, attachment.id, zone, part, trail)

    def _handed(
        self, entry: str, exit_: str, zone: str, alive: Tri, trail: Trail
    ) -> Iterator[Arrival]:
        attachments = self.network.transit_attachments
        attachment = attachments[exit_]
        if attachment.kind in ("vpn", "direct-connect-gateway"):
            on = replace(trail, leaves=(attachment.id, attachment.gateway))
            yield from self._premises(alive, on)
            return
        if attachment.kind == "peering":
            other = self.carrying.across(attachment)
            if other is None or self.gapped & {other.id, other.gateway}:
                yield from self._unknown(alive, trail)
                return
            if other.available is False:
                return
            alive &= told(True if other.available else None)
            joined = replace(trail, joins=(*trail.joins, APART))
            yield from self.carried(other.id, attachment.resource, zone, alive, joined)
            return
        inward = self.carrying.references(attachments[entry], attachment)
        trail = replace(trail, joins=(*trail.joins, (False, inward)))
        doors = self.carrying.doors(attachment, zone)
        if not doors:
            yield from self._unknown(alive, trail)
            return
        found = [list(self.stand(door, alive, trail)) for door in doors]
        yield from agreed(found)

    # --- from outside ---

    def entered(self, gateway: str, vpc: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        """In by an internet or VPN gateway, whose own route table may lead aside first."""
        edge = self.tables.of_gateway(gateway)
        if edge is None:
            yield from self.deliver(vpc, alive, trail)
            return
        if edge.id in self.gapped:
            yield from self._unknown(alive, trail)
            return
        home = self.network.vpcs[vpc]
        for block, choice in self.tables.choices(edge, home, self.header):
            part = alive.within(block)
            if choice is UNSURE:
                yield from self._unknown(part, trail)
            elif isinstance(choice, Route) and not choice.blackhole:
                yield from self._edged(choice, vpc, part, trail)

    def _edged(self, route: Route, vpc: str, alive: Tri, trail: Trail) -> Iterator[Arrival]:
        endpoint = self.network.endpoints.get(route.target)
        if route.target_kind == "local":
            yield from self.deliver(vpc, alive, trail)
        elif route.target_kind == "network-interface":
            yield from self.middlebox(route.target, "", alive, trail, vpc)
        elif endpoint is not None and endpoint.kind == "firewall":
            yield from self.firewall(endpoint, "", alive, trail, vpc)
        else:
            yield from self._unknown(alive, trail)

    def gateway_of(self, vpc: str, only: bool) -> InternetGateway | None:
        found = (one for one in self.network.internet_gateways.values() if vpc in one.vpcs)
        return next((one for one in found if one.egress_only is only), None)


def agreed(found: list[list[Arrival]], parts: list[Set] | None = None) -> Iterator[Arrival]:
    """Several ways, one of which is taken: sure is only what is sure on every one of them.

    ``parts`` says for which packets each way is one at all (all of them, if left out).
    """
    sure = ALL
    for arrivals, part in zip(found, parts or [ALL] * len(found), strict=True):
        sure &= ~part | union(one.alive.sure for one in arrivals)
    for arrivals, part in zip(found, parts or [ALL] * len(found), strict=True):
        for one in arrivals:
            alive = Tri(one.alive.sure & sure, one.alive.possible).within(part)
            yield Arrival(alive, one.trail)
