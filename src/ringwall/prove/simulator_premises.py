"""The ways in from on premises of the reference simulator: VPN gateways and transit gateways."""

from __future__ import annotations

from dataclasses import dataclass

from ringwall.model.beyond import TransitGatewayAttachment
from ringwall.model.network import Network
from ringwall.prove.simulator_flight import Flight, gap_on
from ringwall.prove.simulator_transit import onward

_PREMISES_KINDS = ("vpn", "direct-connect-gateway")


@dataclass(frozen=True, slots=True)
class Entry:
    """A gateway by which on premises may send into a VPC: a virtual private gateway, or
    (``attachment``) a transit gateway. ``unknown`` says why nothing is known of it."""

    gateway: str
    attachment: TransitGatewayAttachment | None = None
    unknown: str = ""


def entries_into(network: Network, vpc: str, flight: Flight) -> tuple[Entry, ...]:
    """Every way in from on premises to an address of a VPC, in the order of their ids."""
    gateways = sorted(network.vpn_gateways.values(), key=lambda one: one.id)
    found = [Entry(one.id) for one in gateways if vpc and vpc in one.vpcs]
    found += [
        Entry(one, unknown=f"VPN gateway {one} is not in the material")
        for one in _routed_gateways(network, vpc)
        if one not in network.vpn_gateways
    ]
    attachments = sorted(network.transit_attachments.values(), key=lambda one: one.id)
    for one in attachments:
        if one.kind not in _PREMISES_KINDS or one.available is False:
            continue
        doubt = gap_on(network, one.id, one.gateway)
        if one.gateway not in network.transit_gateways:
            doubt = doubt or f"the transit gateway {one.gateway} is not in the material"
        if doubt or _leads_in(network, one, flight):
            found.append(Entry(one.gateway, one, doubt))
    return tuple(found)


def _routed_gateways(network: Network, vpc: str) -> list[str]:
    """The VPN gateways that the VPC's own route tables name."""
    routes = (
        route
        for table in network.route_tables.values()
        if vpc and table.vpc == vpc
        for route in table.routes
    )
    return sorted({one.target for one in routes if one.target_kind == "vpn-gateway"})


def _leads_in(network: Network, attachment: TransitGatewayAttachment, flight: Flight) -> bool:
    """Does the transit gateway send what comes by this attachment on to a VPC, or may it?

    The VPC may be an inspection VPC that hands it on; a route to other places on premises, a
    blackhole or no route at all is no way in.
    """
    found = onward(network, attachment.gateway, attachment.id, flight)
    if found.step.allowed is not True:
        return found.step.allowed is None
    leaving = network.transit_attachments.get(found.attachment)
    return leaving is None or leaving.kind not in _PREMISES_KINDS
