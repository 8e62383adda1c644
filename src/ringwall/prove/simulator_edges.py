"""The gateways, listeners and bucket policies of the reference simulator."""

from __future__ import annotations

from dataclasses import replace

from ringwall.facts.load import facts
from ringwall.model.addresses import ALL_V6, address_at, of_cidr
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import (
    Bucket,
    InternetGateway,
    Listener,
    LoadBalancer,
    Network,
    NetworkInterface,
    TargetGroup,
)
from ringwall.model.services import (
    ICMP,
    TCP,
    UDP,
    icmp_set,
    port_range,
    show_services,
    whole_protocol,
)
from ringwall.model.verdict import Step
from ringwall.prove.ends import internet_addresses
from ringwall.prove.simulator_flight import Flight, gap_on, gap_steps, within
from ringwall.prove.simulator_routes import Choice, table_choice

EGRESS_CODE = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
INGRESS_CODE = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
DETACHED_CODE = "BAD_STATE_ATTACHMENT"
PRIVATE_CODE = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
SHARED_CODE = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
NO_LISTENER_CODE = "ELBV2_LISTENERS_MISMATCH"
CLASSIC_NO_LISTENER_CODE = "ELB_LISTENERS_MISMATCH"
NAT_PROTOCOL_CODE = "PROTOCOL_RESTRICTION"
ENDPOINT_PROTOCOL_CODE = "VPCE_GATEWAY_PROTOCOL_RESTRICTION"
REMAP_CODE = "REMAP_EPHEMERAL_PORT"
NAT_SOURCE_CODE = "NGW_REQUIRES_SOURCE_IN_VPC"

_EDGE_KINDS = frozenset({"local", "network-interface", "vpc-endpoint"})

_LISTENER_PROTOCOLS = {
    "HTTP": (TCP,),
    "HTTPS": (TCP,),
    "TCP": (TCP,),
    "TLS": (TCP,),
    "SSL": (TCP,),
    "UDP": (UDP,),
    "QUIC": (UDP,),
    "TCP_UDP": (TCP, UDP),
    "TCP_QUIC": (TCP, UDP),
}


def listener_protocols(protocol: str) -> tuple[int, ...] | None:
    """The transports of a listener's or target group's protocol; None for one not known."""
    return _LISTENER_PROTOCOLS.get(protocol.upper())


def is_v6_flight(flight: Flight) -> bool:
    return bool(flight.destination & ALL_V6)


# --- internet gateways ------------------------------------------------------------------------


def gateway_into(network: Network, vpc: str) -> InternetGateway | None:
    """The internet gateway through which the Internet may open connections into a VPC."""
    gateways = sorted(network.internet_gateways.values(), key=lambda one: one.id)
    return next((one for one in gateways if vpc in one.vpcs and not one.egress_only), None)


def attached_step(network: Network, gateway: str, vpc: str) -> Step:
    found = network.internet_gateways.get(gateway)
    if found is None:
        return Step("route", gateway, f"gateway {gateway} is not in the material", None)
    gap = gap_on(network, gateway)
    if gap:
        return Step("route", gateway, gap, None, origin=found.origin)
    if vpc in found.vpcs:
        return Step("route", gateway, f"attached to {vpc}", True, origin=found.origin)
    return Step("route", gateway, f"not attached to {vpc}", False, DETACHED_CODE, found.origin)


def no_gateway_step(network: Network, vpc: str) -> Step:
    """The step of a VPC into which no internet gateway is known to lead."""
    gap = gap_on(network, vpc)
    if gap or not vpc:
        return Step("route", vpc or "unknown VPC", gap or "the VPC is not known", None)
    rule = f"no internet gateway is attached to {vpc}"
    return Step("route", vpc, rule, False, INGRESS_CODE)


def edge_choice(network: Network, gateway: str, vpc: str, flight: Flight) -> Choice | None:
    """The lookup in the route table at the gateway itself, which may send what comes in through a
    middlebox; None where the gateway has no such table."""
    tables = sorted(network.route_tables.values(), key=lambda one: one.id)
    table = next((one for one in tables if gateway in one.gateways and one.vpc == vpc), None)
    if table is None:
        return None
    choice = table_choice(network, vpc, table, gateway, flight)
    if choice.step.allowed is not True or choice.kind in _EDGE_KINDS:
        return choice
    rule = f"{choice.step.rule}: an edge route table leads to no such target"
    return Choice(replace(choice.step, rule=rule, allowed=None))


def public_step(interface: NetworkInterface | None, where: str, *, egress: bool) -> Step:
    """Does the interface have a public IPv4 address at the internet gateway?"""
    if interface is None:
        return Step("public-address", where, "no network interface is known at this address", None)
    if interface.public is None:
        reason = "it is not known whether this interface has a public IPv4 address"
        return Step("public-address", interface.id, reason, None, origin=interface.origin)
    if interface.public:
        return Step(
            "public-address", interface.id, "has a public IPv4 address", True, "", interface.origin
        )
    code = EGRESS_CODE if egress else INGRESS_CODE
    return Step(
        "public-address", interface.id, "no public IPv4 address", False, code, interface.origin
    )


def leaves_steps(gateway: str, flight: Flight) -> tuple[Step, ...]:
    """An internet gateway drops what is addressed to where the Internet does not route."""
    outside = within(flight.destination, internet_addresses())
    if outside is True:
        return ()
    if outside is None:
        return (Step("route", gateway, "part of the destination is not on the Internet", None),)
    shared = of_cidr(facts("special-purpose-addresses").values["shared-address-space"])
    code = SHARED_CODE if flight.destination <= shared else PRIVATE_CODE
    return (Step("route", gateway, "drops packets to private addresses", False, code),)


# --- NAT gateways and gateway endpoints -------------------------------------------------------


def nat_steps(network: Network, nat_id: str, vpc: str, flight: Flight) -> tuple[Step, ...]:
    """What a NAT gateway takes: TCP, UDP and ICMP over IPv4 from its own VPC."""
    nat = network.nat_gateways.get(nat_id)
    if nat is None:
        return (Step("route", nat_id, f"NAT gateway {nat_id} is not in the material", None),)
    steps = list(gap_steps(network, "route", nat_id))
    carried = within(
        flight.services, whole_protocol(TCP) | whole_protocol(UDP) | whole_protocol(ICMP)
    )
    if carried is not True:
        rule = "a NAT gateway passes TCP, UDP and ICMP only"
        steps.append(Step("route", nat_id, rule, carried, NAT_PROTOCOL_CODE, nat.origin))
    if vpc and nat.vpc and nat.vpc != vpc:
        rule = f"stands in {nat.vpc} and serves that VPC only"
        steps.append(Step("route", nat_id, rule, False, NAT_SOURCE_CODE, nat.origin))
    if is_v6_flight(flight):
        steps.append(Step("route", nat_id, "NAT64 is not modelled", None, "", nat.origin))
    return tuple(steps)


def endpoint_steps(
    network: Network, endpoint_id: str, vpc: str, flight: Flight
) -> tuple[Step, ...]:
    """What a gateway endpoint takes: TCP and ICMP echo from its own VPC."""
    endpoint = network.endpoints.get(endpoint_id)
    if endpoint is None:
        return (Step("route", endpoint_id, f"endpoint {endpoint_id} is not in the material", None),)
    if endpoint.kind != "gateway":
        reason = "routes to an endpoint that is not a gateway endpoint are not modelled yet"
        return (Step("route", endpoint_id, reason, None, origin=endpoint.origin),)
    steps = list(gap_steps(network, "route", endpoint_id))
    carried = within(flight.services, whole_protocol(TCP) | icmp_set(ICMP, 8, -1))
    if carried is not True:
        rule = "a gateway endpoint passes TCP and ICMP echo only"
        steps.append(Step("route", endpoint_id, rule, carried, ENDPOINT_PROTOCOL_CODE))
    if vpc and endpoint.vpc and vpc != endpoint.vpc:
        rule = f"stands in {endpoint.vpc} and serves that VPC only"
        steps.append(Step("route", endpoint_id, rule, False, origin=endpoint.origin))
    return tuple(steps)


# --- listeners and buckets --------------------------------------------------------------------


def listener_step(network: Network, interface: NetworkInterface, flight: Flight) -> Step:
    """Does a listener of the load balancer take this protocol and port?"""
    balancer = network.load_balancers.get(interface.owner)
    if balancer is None:
        name = interface.owner or interface.id
        return Step("listener", name, f"load balancer {name} is not in the material", None)
    gap = gap_on(network, balancer.id)
    if gap:
        return Step("listener", balancer.id, gap, None, origin=balancer.origin)
    doubt: Step | None = None
    for listener in balancer.listeners:
        words = f"listener {listener.protocol}:{listener.port}"
        protocols = listener_protocols(listener.protocol)
        if protocols is None:
            reason = f"{words} is of a protocol that is not modelled yet"
            doubt = doubt or Step("listener", balancer.id, reason, None, origin=listener.origin)
        elif flight.services <= listener_services(protocols, listener.port):
            return Step("listener", balancer.id, words, True, origin=listener.origin)
    return doubt or _no_listener(balancer, flight)


def listener_services(protocols: tuple[int, ...], port: int) -> IntervalSet:
    return IntervalSet.union_of(port_range(protocol, port, port) for protocol in protocols)


def _no_listener(balancer: LoadBalancer, flight: Flight) -> Step:
    code = CLASSIC_NO_LISTENER_CODE if balancer.kind == "classic" else NO_LISTENER_CODE
    rule = f"no listener takes {show_services(flight.services)}"
    return Step("listener", balancer.id, rule, False, code, balancer.origin)


def policy_step(network: Network, bucket: Bucket, endpoint: str) -> Step:
    """The bucket policy's condition on the way in; ``endpoint`` is empty for any other way."""
    gap = gap_on(network, bucket.id)
    if gap or bucket.only_through is None:
        reason = gap or "the bucket policy was not understood"
        return Step("bucket-policy", bucket.id, reason, None, origin=bucket.origin)
    if not bucket.only_through:
        rule = "the bucket policy asks for no endpoint"
        return Step("bucket-policy", bucket.id, rule, True, origin=bucket.origin)
    wanted = " or ".join(bucket.only_through)
    if endpoint in bucket.only_through:
        return Step(
            "bucket-policy", bucket.id, f"comes through {endpoint}", True, origin=bucket.origin
        )
    rule = f"denies all that does not come through {wanted}"
    return Step("bucket-policy", bucket.id, rule, False, origin=bucket.origin)


def public_access_step(network: Network, bucket: Bucket) -> Step:
    resource = f"{bucket.id} public access block"
    gap = gap_on(network, bucket.id)
    if gap or bucket.blocks_public is None:
        reason = gap or "it is not known whether the public access block is on"
        return Step("public-access-block", resource, reason, None, origin=bucket.origin)
    if bucket.blocks_public:
        rule = "stops all anonymous access"
        return Step("public-access-block", resource, rule, False, origin=bucket.origin)
    return Step("public-access-block", resource, "is not wholly on", True, origin=bucket.origin)


def targets_step(
    network: Network,
    source: NetworkInterface,
    target: NetworkInterface | None,
    flight: Flight,
) -> Step | None:
    """A load balancer opens connections to its registered targets only, an interface endpoint
    opens none; None for other sources.

    ``target`` is None for an end that is no interface.
    """
    if source.kind == "vpc-endpoint":
        rule = "an interface endpoint opens no connections"
        return Step("targets", source.id, rule, False, "", source.origin)
    balancer = network.load_balancers.get(source.owner)
    if source.kind != "load-balancer" or balancer is None:
        return None
    doubt = gap_on(network, balancer.id)
    if doubt:
        return Step("targets", balancer.id, doubt, None, origin=balancer.origin)
    for listener in balancer.listeners:
        if listener.target_groups and listener_protocols(listener.protocol) is None:
            words = f"listener {listener.protocol}:{listener.port}"
            doubt = doubt or f"{words} is of a protocol that is not modelled yet"
        for name in listener.target_groups:
            group = network.target_groups.get(name)
            if group is None or group.targets is None:
                doubt = doubt or f"the targets of {name} are not known"
                continue
            for member in group.targets:
                port = member.port if member.port is not None else group.port
                if port is None:
                    doubt = doubt or f"the port of a target of {name} is not known"
                elif _is_member(group, member.id, target) and _opens(listener, port, flight):
                    words = f"{member.id} is a target, port {port}"
                    return Step("targets", balancer.id, words, True, "", listener.origin)
    if doubt:
        return Step("targets", balancer.id, doubt, None, origin=balancer.origin)
    rule = f"{balancer.name or balancer.id} opens connections to its targets only"
    return Step("targets", balancer.id, rule, False, "", balancer.origin)


def _is_member(group: TargetGroup, member: str, target: NetworkInterface | None) -> bool:
    """Is the interface what a target of the group names: an address, or an instance?"""
    if target is None:
        return False
    if group.kind != "ip":
        return member in (target.id, target.owner)
    shown = [str(address_at(low)) for low, _ in target.addresses] if target.pinned else []
    return member in (target.id, *shown)


def _opens(listener: Listener, port: int, flight: Flight) -> bool:
    protocols = listener_protocols(listener.protocol) or ()
    return any(flight.services <= port_range(one, port, port) for one in protocols)
