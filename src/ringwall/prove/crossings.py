"""From VPC to VPC, and on premises: peering, transit gateways, VPN and Direct Connect gateways.

Sources: VPC Peering Guide ("How VPC peering connections work": no transit, no edge-to-edge),
Transit Gateway guide ("How transit gateways work", "Network ACLs for transit gateways",
"Appliance mode"), VPC User Guide ("Gateway route tables").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from ringwall.model.addresses import of_network
from ringwall.model.beyond import PeeringConnection, PeeringSide, TransitGatewayAttachment
from ringwall.model.network import Network, Subnet
from ringwall.prove.carriage import Carriage
from ringwall.prove.legs import LOST, Filter, Goal, Leg, Passing, References, Standing
from ringwall.prove.partition import Partition
from ringwall.prove.routing import Next
from ringwall.prove.transit import TransitTables

#: Among the places that a packet has seen: it began on premises.
_PREMISES = "on-premises"
CAME_ASHORE = frozenset({_PREMISES})
#: Through a transit gateway no egress rule knows the group of the other end.
_INGRESS_ONLY = References(None, False)


class Crossings(Carriage):
    """Carries packets by everything that joins private networks."""

    def __init__(self, network: Network, parts: Partition, gaps: dict[str, str]) -> None:
        super().__init__(network, parts, gaps)
        self.transit_tables = TransitTables(network, gaps)

    def beyond(self, step: Next, at: Standing, goal: Goal) -> list[Leg]:
        match step.kind:
            case "vpc-peering":
                return [self._peering(step.target, at, goal)]
            case "transit-gateway":
                return self._transit(step.target, at, goal)
            case "vpn-gateway":
                return [self._vpn(step.target, at, goal)]
        return [self.lost(at, goal)]

    # --- peering ------------------------------------------------------------------------

    def _peering(self, name: str, at: Standing, goal: Goal) -> Leg:
        peering = self.network.peerings.get(name)
        if peering is None or name in self.gaps:
            return self.unknown(at, goal, self.gaps.get(name, f"the peering {name} is not known"))
        there = peering.other(at.vpc)
        if there is None or peering.active is False or not self._fits(peering, there, at, goal):
            return self.lost(at, goal)
        sure = self.all
        if peering.active is None:
            sure = self.maybe(f"whether the peering {name} is active is not known")
        here = self.add(at, self.route(sure, name))
        kept = self._over_peering(peering)
        here = replace(here, leg=replace(here.leg, references=here.leg.references.also(kept)))
        if goal.subnet is None:
            return self.lost(at, goal)
        return self._cross(here, goal.subnet, goal.place).leg

    def _fits(
        self, peering: PeeringConnection, there: PeeringSide, at: Standing, goal: Goal
    ) -> bool:
        """A peering carries what goes from the one VPC's own blocks to the other's, no further."""
        if goal.subnet is None or goal.subnet.vpc != there.vpc:
            return False
        mine = peering.requester if there is peering.accepter else peering.accepter
        return self._holds(mine, at.source) and self._holds(there, goal.place)

    def _holds(self, side: PeeringSide, place: int) -> bool:
        known = self.network.vpcs.get(side.vpc)
        blocks = known.cidrs if known is not None else side.cidrs
        return any(place in of_network(one) for one in blocks)

    def _over_peering(self, peering: PeeringConnection) -> References:
        """References hold between two VPCs of one Region."""
        here, there = (self._region(one) for one in (peering.requester, peering.accepter))
        same = here == there if here and there else None
        if same and peering.active is None:
            same = None
        return References(same, same)

    def _region(self, side: PeeringSide) -> str:
        known = self.network.vpcs.get(side.vpc)
        return side.region or (known.region if known is not None else "")

    # --- transit gateways ---------------------------------------------------------------

    def _transit(self, name: str, at: Standing, goal: Goal) -> list[Leg]:
        """From a subnet to the transit gateway, by the VPC's attachment in the same zone."""
        if name not in self.network.transit_gateways or name in self.gaps:
            reason = self.gaps.get(name, f"the transit gateway {name} is not known")
            return [self._stray(at, goal, reason)]
        attachment = self.transit_tables.attachment(name, at.vpc)
        subnet = at.subnet
        if attachment is None or subnet is None or attachment.available is False:
            return [self.lost(at, goal)]
        if attachment.id in self.gaps:
            return [self._stray(at, goal, self.gaps[attachment.id])]
        places = self._places(attachment)
        if places is None:
            reason = f"a subnet of the attachment {attachment.id} is not known"
            return [self._stray(at, goal, reason)]
        door = next((one for one in places if one.zone == subnet.zone), None)
        if door is None:
            return [self.lost(at, goal)]
        here = at
        if attachment.available is None:
            here = self.add(here, self.route(self._unsure(attachment), attachment.id))
        if door.id == subnet.id:
            here = self.add(here, *self._out_and_in(subnet, at.source, goal.place))
        else:
            here = self._cross(here, door, goal.place)
        return self._in_gateway(name, attachment, here, subnet.zone, goal)

    def _places(self, attachment: TransitGatewayAttachment) -> list[Subnet] | None:
        found = [self.network.subnets.get(one) for one in attachment.subnets]
        known = [one for one in found if one is not None]
        return known if found and len(known) == len(found) else None

    def _unsure(self, attachment: TransitGatewayAttachment) -> Passing:
        return self.maybe(f"whether the attachment {attachment.id} is available is not known")

    def _out_and_in(self, subnet: Subnet, a: int, b: int) -> tuple[Filter, ...]:
        """A sender in the attachment's own subnet: its packets meet both halves of the ACL."""
        out = Filter("network-acl", self.acls.passing(subnet.id, True, b), subnet.id)
        into = Filter("network-acl", self.acls.passing(subnet.id, False, a), subnet.id)
        return (*self.crossing(subnet), out, into)

    def _in_gateway(
        self, gateway: str, came: TransitGatewayAttachment, at: Standing, zone: str, goal: Goal
    ) -> list[Leg]:
        """From one attachment of a transit gateway to the next."""
        # It has left its subnet, and that subnet's ACL has spoken.
        at = replace(at, subnet=None, vpc=gateway)
        place = f"{gateway} {came.id}"
        table = self.transit_tables.table(came.id, gateway)
        if table is None and came.gateway != gateway:
            reason = f"the peering attachment {came.id} is not listed at {gateway}"
            return [self._stray(at, goal, reason)]
        if table is None or place in at.seen:
            return [self.lost(at, goal)]
        here = replace(at, seen=at.seen | {place})
        onward = self.transit_tables.next(table, goal.place)
        if onward.reason:
            return [self._stray(here, goal, onward.reason)]
        if not onward.attachment:
            return [self.lost(here, goal)]
        leads = self.network.transit_attachments.get(onward.attachment)
        if leads is None or leads.id in self.gaps:
            name = onward.attachment
            reason = self.gaps.get(name, f"the attachment {name} is not known")
            return [self._adrift(here, reason)]
        if leads.available is False:
            return [self.lost(here, goal)]
        if leads.available is None:
            here = self.add(here, self.route(self._unsure(leads), leads.id))
        return self._out_of_gateway(gateway, came, leads, here, zone, goal)

    def _out_of_gateway(
        self,
        gateway: str,
        came: TransitGatewayAttachment,
        leads: TransitGatewayAttachment,
        at: Standing,
        zone: str,
        goal: Goal,
    ) -> list[Leg]:
        match leads.kind:
            case "vpc":
                kept = self._over_transit(gateway, came, leads, at)
                return self._deliver(leads, self._keep(at, kept), zone, goal)
            case "peering":
                # One record may stand for both sides of a peering.
                peer = leads.resource if leads.gateway == gateway else leads.gateway
                if peer not in self.network.transit_gateways or peer in self.gaps:
                    reason = f"the transit gateway {peer} is not known"
                    return [self._stray(at, goal, self.gaps.get(peer, reason))]
                return self._to_peer(peer, gateway, leads, self._keep(at, LOST), goal)
            case "vpn" | "direct-connect-gateway":
                return [self._ashore(leads, at, goal)]
        reason = f"what stands behind the attachment {leads.id} is not modelled"
        return [self._stray(at, goal, reason)]

    def _to_peer(
        self, peer: str, gateway: str, leads: TransitGatewayAttachment, at: Standing, goal: Goal
    ) -> list[Leg]:
        """From a transit gateway into its peer, by the peering attachment as that one has it."""
        back = self.transit_tables.back_to(peer, gateway, leads)
        if back.id in self.gaps:
            return [self._stray(at, goal, self.gaps[back.id])]
        if back.available is False:
            return [self.lost(at, goal)]
        if back.available is None:
            at = self.add(at, self.route(self._unsure(back), back.id))
        return self._in_gateway(peer, back, at, "", goal)

    def _ashore(self, leads: TransitGatewayAttachment, at: Standing, goal: Goal) -> Leg:
        """Out of AWS, by a transit gateway's VPN or Direct Connect attachment."""
        if goal.outside != "premises":
            return self._handed_on_there(leads.id, at, goal)
        here = self.add(at, self.route(self.all, leads.id))
        return replace(here.leg, exit=replace(here.leg.exit, kind="transit", gateway=leads.id))

    @staticmethod
    def _keep(at: Standing, kept: References) -> Standing:
        leg = replace(at.leg, references=at.leg.references.also(kept))
        return replace(at, leg=leg, transits=at.transits + 1)

    def _over_transit(
        self,
        gateway: str,
        came: TransitGatewayAttachment,
        leads: TransitGatewayAttachment,
        at: Standing,
    ) -> References:
        """Ingress rules may name groups across one transit gateway where all three support it."""
        if at.transits:
            return LOST
        told = (
            self.network.transit_gateways[gateway].group_references,
            came.group_references,
            leads.group_references,
        )
        if False in told:
            return LOST
        return References(None if None in told else True, False)

    def _stray(self, at: Standing, goal: Goal, reason: str) -> Leg:
        """What a transit gateway does with a packet is not known: it may come by any attachment."""
        if goal.subnet is not None and goal.subnet.id in self._doors:
            out = self.leaving(at, goal) if at.subnet is not None else ()
            return self._adrift(self.add(at, *out), reason)
        return self.unknown(at, goal, reason)

    @cached_property
    def _doors(self) -> frozenset[str]:
        """The subnets in which transit gateways' attachments stand."""
        attachments = self.network.transit_attachments.values()
        return frozenset(subnet for one in attachments for subnet in one.subnets)

    def _adrift(self, at: Standing, reason: str) -> Leg:
        """Through an attachment of which nothing is known: it may stand in the target's own
        subnet, and then no network ACL is asked."""
        here = self.add(at, self.route(self.maybe(reason), at.vpc))
        return replace(here.leg, references=here.leg.references.also(_INGRESS_ONLY))

    def _deliver(
        self, leads: TransitGatewayAttachment, at: Standing, zone: str, goal: Goal
    ) -> list[Leg]:
        """Into a VPC: in the zone that the packet came from, else (or in appliance mode) in any
        zone of the attachment."""
        places = self._places(leads)
        if leads.resource not in self.network.vpcs or not places:
            reason = f"where the attachment {leads.id} delivers is not known"
            return [self._adrift(at, reason)]
        near = [one for one in places if one.zone == zone] if not leads.appliance_mode else []
        found: list[Leg] = []
        for door in near or places:
            here = replace(at, subnet=door, vpc=door.vpc, public=None, foreign=True)
            if goal.subnet is not None and goal.subnet.id == door.id:
                here = self.add(here, *self.crossing(door))
            found += self.onward(here, goal)
        return found

    # --- on premises --------------------------------------------------------------------

    def _vpn(self, name: str, at: Standing, goal: Goal) -> Leg:
        gateway = self.network.vpn_gateways.get(name)
        if gateway is None or name in self.gaps:
            reason = self.gaps.get(name, f"the VPN gateway {name} is not known")
            return self.unknown(at, goal, reason)
        if at.vpc not in gateway.vpcs:
            return self.lost(at, goal)
        if goal.outside != "premises":
            return self._handed_on_there(name, at, goal)
        return self.leave(at, goal, "vpn", name, self.route(self._wired(name), name))

    def _handed_on_there(self, gateway: str, at: Standing, goal: Goal) -> Leg:
        """On premises, but bound for elsewhere; what came from there does not come by there."""
        if _PREMISES in at.seen:
            return self.lost(at, goal)
        reason = f"what lies behind {gateway} may hand it on"
        return self.unknown(self.inspected(at), goal, reason)

    def _wired(self, gateway: str) -> Passing:
        """Does anything stand behind a VPN gateway?"""
        vpns = self.network.vpn_connections.values()
        direct = self.network.direct_connect_gateways.values()
        if any(one.gateway == gateway and one.available is not False for one in vpns):
            return self.all
        if any(gateway in one.gateways for one in direct):
            return self.all
        return self.maybe(f"nothing is known to stand behind {gateway}")

    def from_premises(self, x: int, goal: Goal) -> list[Leg]:
        """Every way from on premises to an end inside a VPC.

        A gateway whose routes lead nowhere is no way in. Behind one that is, AWS may choose among
        several doors, and whoever is on premises among several gateways: all of them count.
        """
        vpc = goal.subnet.vpc if goal.subnet is not None else ""
        entries = [*self._by_vpn_gateways(x, vpc, goal), *self._by_attachments(x, goal)]
        open_ways = [leg for legs in entries if any(map(self._leads_on, legs)) for leg in legs]
        if not open_ways and vpc in self.gaps:
            return [self.unknown(Standing(x, None, vpc), goal, self.gaps[vpc])]
        return open_ways or [self.lost(Standing(x, None, vpc), goal)]

    def _by_vpn_gateways(self, x: int, vpc: str, goal: Goal) -> Iterator[list[Leg]]:
        for gateway in sorted(self.network.vpn_gateways.values(), key=lambda one: one.id):
            if vpc not in gateway.vpcs:
                continue
            at = Standing(x, None, vpc, seen=CAME_ASHORE)
            if gateway.id in self.gaps:
                yield [self.unknown(at, goal, self.gaps[gateway.id])]
                continue
            at = self.add(at, self.route(self._wired(gateway.id), gateway.id))
            yield self.enter(self.routing.edge(gateway.id, vpc), at, goal)

        named = {
            route.target
            for table in self.network.route_tables.values()
            if table.vpc == vpc
            for route in table.routes
            if route.target_kind == "vpn-gateway"
        }
        for name in sorted(named - self.network.vpn_gateways.keys()):
            yield [
                self.unknown(Standing(x, None, vpc), goal, f"the VPN gateway {name} is not known")
            ]

    def _by_attachments(self, x: int, goal: Goal) -> Iterator[list[Leg]]:
        for one in sorted(self.network.transit_attachments.values(), key=lambda one: one.id):
            if one.kind in ("vpn", "direct-connect-gateway") and one.available is not False:
                at = Standing(x, None, "", seen=CAME_ASHORE)
                yield self.by_transit(one, at, goal)

    def by_transit(self, came: TransitGatewayAttachment, at: Standing, goal: Goal) -> list[Leg]:
        """From on premises, by a transit gateway's attachment."""
        if came.id in self.gaps or came.gateway not in self.network.transit_gateways:
            reason = f"the transit gateway {came.gateway} is not known"
            return [self._stray(at, goal, self.gaps.get(came.id, reason))]
        if came.gateway in self.gaps:
            return [self._stray(at, goal, self.gaps[came.gateway])]
        if came.available is None:
            at = self.add(at, self.route(self._unsure(came), came.id))
        return self._in_gateway(came.gateway, came, at, "", goal)

    @staticmethod
    def _leads_on(leg: Leg) -> bool:
        return all(one.passing.possible for one in leg.filters if one.layer == "route")
