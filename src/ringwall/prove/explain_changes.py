"""The fewest changes that would open a way: one for each element that stands against it.

Every step of a way has to allow a packet, so each element that stops it must change, and no
other need: the set is the smallest for the way shown. Filters say themselves what would let the
packet pass; for gateways and routes the explanation code says what is missing. A changed route
leads elsewhere, and what stands there is for the next question.
"""

from __future__ import annotations

from ringwall.model.addresses import address_at
from ringwall.model.services import ServiceRange
from ringwall.model.verdict import Change, Packet, Step, Trace

#: What would help, by the code of the step; ``service`` and ``target`` are the packet's.
_BY_CODE = {
    "BAD_STATE": "activate {resource}",
    "BAD_STATE_ATTACHMENT": "attach {resource}, or make its attachment work",
    "BAD_STATE_ROUTE": "give the route to {target} in {resource} a target that exists",
    "ELBV2_LISTENERS_MISMATCH": "add a listener for {service} to {resource}",
    "ELB_LISTENERS_MISMATCH": "add a listener for {service} to {resource}",
    "ELB_NOT_CROSSZONE": "switch on the cross-zone load balancing of {resource}",
    "ENI_SOURCE_DEST_CHECK_RESTRICTION": "switch off the source/destination check of {resource}",
    "FIREWALL_RULES_RESTRICTION": "let {resource} pass {service} to {target}",
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": "give {resource} a public address and a gateway",
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS": "give {resource} a public address at this gateway",
    "NO_ROUTE_TO_DESTINATION": "give {resource} a route that leads to {target}",
    "REGIONAL_NGW_ROUTE_AZ_RESTRICTION": "let {resource} serve the packet's zone",
    "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION": "associate the attachment with a table of {resource}",
    "TGW_ROUTE_AZ_RESTRICTION": "give {resource} a subnet in the packet's zone",
    "TGW_RTB_BAD_STATE_ROUTE": "replace the blackhole for {target} in {resource}",
    "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT": "give {resource} a route to {target}",
    "VPC_BLOCK_PUBLIC_ACCESS_ENABLED": "exclude this VPC or subnet from {resource}",
}


def changes_for(forward: Trace, reply: Trace) -> tuple[Change, ...]:
    """One change for each element that stops the question or the answer, in the order met."""
    found: dict[tuple[str, str], Change] = {}
    for trace in (forward, reply):
        for step in trace.blockers:
            change = Change(_words(step, trace.packet), step.resource, step.origin)
            found.setdefault((change.words, change.resource), change)
    return tuple(found.values())


def _words(step: Step, packet: Packet) -> str:
    if step.mend:
        return step.mend
    wish = _BY_CODE.get(step.code)
    if wish is None:
        return f"change what {step.resource} decides ({step.rule})"
    service = ServiceRange(packet.protocol, packet.port, packet.port)
    target = address_at(packet.destination)
    return wish.format(resource=step.resource, service=service, target=target)
