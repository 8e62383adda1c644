"""The way between two spots: every filter that a packet, and the reply to it, must pass.

A spot is an end of traffic narrowed to one address atom, so every filter on the way is decided
once for all of its addresses. Each filter belongs to a layer; leaving a layer out of the product
tells what the others stop alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringwall.facts.load import facts
from ringwall.model.addresses import is_v6
from ringwall.model.network import Bucket, LoadBalancer, Network, NetworkInterface, Subnet
from ringwall.model.services import ICMP, TCP, UDP, icmp_set, port_range, whole_protocol
from ringwall.model.verdict import Layer
from ringwall.prove.balancers import forwardings, listener_protocols, unsure_targets
from ringwall.prove.filters import Acls, Groups, Passing
from ringwall.prove.partition import Partition
from ringwall.prove.routing import Next, Routing


@dataclass(frozen=True, slots=True)
class Spot:
    """One end, narrowed to the addresses of one atom (``place`` is the atom's first address).

    Neither an interface nor a bucket: the Internet.
    """

    place: int
    interface: NetworkInterface | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    layer: Layer
    passing: Passing


@dataclass(frozen=True, slots=True)
class Way:
    """``via`` is the gateway that the packet leaves by, where there is one."""

    forward: tuple[Filter, ...]
    reply: tuple[Filter, ...]
    via: str = ""


#: Targets that lead out of a VPC by ways that are not modelled.
_BEYOND = ("vpc-peering", "transit-gateway", "vpn-gateway")


class Ways:
    """Builds the way between any two spots of a network."""

    def __init__(self, network: Network, parts: Partition) -> None:
        self.network = network
        self.parts = parts
        self._gaps = {name: gap.message for gap in network.gaps for name in gap.affects}
        self.acls = Acls(network, parts, self._gaps)
        self.groups = Groups(network, parts, self._gaps)
        self.routing = Routing(network, self._gaps)
        full = parts.services.full
        self._all = Passing(full, full)
        self._none = Passing(0, 0)
        self._listening = {
            one.id: self._listener_mask(one.id) for one in network.load_balancers.values()
        }
        self._targets = {one.id: self._target_masks(one) for one in network.load_balancers.values()}
        self._unsure_targets = {
            one.id: unsure_targets(network, one) for one in network.load_balancers.values()
        }
        low, high = facts("client-ports").values["managed"]
        self._nat_ports = {p: parts.services.mask(port_range(p, low, high)) for p in (TCP, UDP)}
        self._nat_protocols = {p: parts.services.mask(whole_protocol(p)) for p in (TCP, UDP, ICMP)}
        self.endpoint_services = parts.services.mask(whole_protocol(TCP) | icmp_set(ICMP, 8, -1))

    def way(self, source: Spot, target: Spot) -> Way:
        """The filters between two spots; one of them at least is inside a VPC or a bucket."""
        match source.interface, target.interface:
            case NetworkInterface() as one, NetworkInterface() as other:
                return self._inside(one, source.place, other, target.place)
            case NetworkInterface() as one, None:
                return self._outward(one, source.place, target)
            case None, NetworkInterface() as other:
                return self._inward(source.place, other, target.place)
        return Way((*self._public_access(target), *self._bucket(target, via="")), ())

    # --- inside a VPC -------------------------------------------------------------------

    def _inside(self, one: NetworkInterface, a: int, other: NetworkInterface, b: int) -> Way:
        near, far = self._subnet(one), self._subnet(other)
        doubts = [*self._doubts(one), *self._doubts(other)]
        guard = Filter("security-group", self.groups.passing(one, True, b, other))
        forward = [*doubts, *self._opening(one, other), guard]
        reply = list(doubts)
        if near is not None and far is not None and near.id != far.id:
            forward += self._between(near, far, a, b)
            reply += self._between(far, near, b, a)
        forward.append(Filter("security-group", self.groups.passing(other, False, a, one)))
        forward += self._listener(other)
        return Way(tuple(forward), tuple(reply))

    def _between(self, near: Subnet, far: Subnet, a: int, b: int) -> Iterator[Filter]:
        """From address atom ``a`` in one subnet to ``b`` in another, private to private."""
        yield self._route(self._private(near, far, b))
        for subnet in (near, far):
            yield from self._crossing(subnet)
        yield Filter("network-acl", self.acls.passing(near.id, True, b))
        yield Filter("network-acl", self.acls.passing(far.id, False, a))

    def _private(self, near: Subnet, far: Subnet, b: int) -> Passing:
        step = self.routing.next(near, b)
        if step.kind == "local":
            # Overlapping VPCs: the local route delivers at home, never to the other VPC.
            return self._all if near.vpc == far.vpc else self._none
        if step.kind == "unknown":
            return self._maybe(step.reason)
        if step.kind in ("none", "blackhole"):
            return self._none
        if near.vpc == far.vpc or step.kind == "network-interface":
            return self._maybe("middlebox routing is not modelled yet")
        if step.kind in _BEYOND:
            return self._maybe(f"routing through {step.target or step.kind} is not modelled yet")
        return self._none

    # --- between a VPC and the Internet -------------------------------------------------

    def _inward(self, x: int, other: NetworkInterface, b: int) -> Way:
        """From the Internet to an interface, and its reply back out."""
        subnet = self._subnet(other)
        doubts = list(self._doubts(other))
        if subnet is None:
            return Way(tuple(doubts), tuple(doubts))
        doubts += self._crossing(subnet)
        forward = [
            *doubts,
            self._route(self._ingress_gateway(subnet)),
            self._addressed(other, b),
            Filter("network-acl", self.acls.passing(subnet.id, False, x)),
            Filter("security-group", self.groups.passing(other, False, x, None)),
            *self._listener(other),
        ]
        back = self.routing.next(subnet, x)
        reply = [
            *doubts,
            Filter("network-acl", self.acls.passing(subnet.id, True, x)),
            self._route(self._answers_by(back, subnet)),
        ]
        return Way(tuple(forward), tuple(reply))

    def _ingress_gateway(self, subnet: Subnet) -> Passing:
        gateways = [
            one
            for one in self.network.internet_gateways.values()
            if subnet.vpc in one.vpcs and not one.egress_only
        ]
        if not gateways:
            return self._none
        unsure = self._gaps.get(gateways[0].id, "")
        edge = [
            table.id
            for table in self.network.route_tables.values()
            if any(one.id in table.gateways for one in gateways)
        ]
        if edge:
            unsure = f"the edge route table {edge[0]} is not modelled yet"
        return self._maybe(unsure) if unsure else self._all

    def _leave_by_gateway(self, step: Next, subnet: Subnet, a: int) -> Passing:
        """May a packet leave through the gateway that its route names?"""
        if step.kind == "unknown":
            return self._maybe(step.reason)
        if step.kind in _BEYOND or step.kind == "network-interface":
            return self._maybe(f"routing through {step.target or step.kind} is not modelled yet")
        if step.kind not in ("internet-gateway", "egress-only-internet-gateway"):
            return self._none
        if step.kind == "egress-only-internet-gateway" and not is_v6(a):
            return self._none
        attached, unsure = self._attached(step.target, subnet)
        if not attached:
            return self._none
        return self._maybe(unsure) if unsure else self._all

    def _answers_by(self, step: Next, subnet: Subnet) -> Passing:
        """An answer leaves as the question came: through the internet gateway."""
        if step.kind == "unknown":
            return self._maybe(step.reason)
        if step.kind in _BEYOND or step.kind == "network-interface":
            return self._maybe(f"routing through {step.target or step.kind} is not modelled yet")
        attached, unsure = self._attached(step.target, subnet)
        if step.kind != "internet-gateway" or not attached:
            return self._none
        return self._maybe(unsure) if unsure else self._all

    def _attached(self, gateway: str, subnet: Subnet) -> tuple[bool, str]:
        """Is the gateway (not known to be elsewhere) at the subnet's VPC, and what is unsure?"""
        found = self.network.internet_gateways.get(gateway)
        if found is None:
            return True, f"the gateway {gateway} is not known"
        return subnet.vpc in found.vpcs, self._gaps.get(gateway, "")

    def _addressed(self, one: NetworkInterface, place: int) -> Filter:
        """An internet gateway translates public IPv4 addresses; an IPv6 address is public."""
        public = True if is_v6(place) else one.public
        if public is None:
            passing = self._maybe(f"whether {one.id} has a public address is not known")
        else:
            passing = self._all if public else self._none
        return Filter("public-address", passing)

    def _outward(self, one: NetworkInterface, a: int, target: Spot) -> Way:
        """From an interface to the Internet or to S3, by whatever its route names."""
        x = target.place
        subnet = self._subnet(one)
        doubts = list(self._doubts(one))
        guard = Filter("security-group", self.groups.passing(one, True, x, None))
        if subnet is None:
            return Way((*doubts, guard), tuple(doubts))
        doubts += self._crossing(subnet)
        leave = Filter("network-acl", self.acls.passing(subnet.id, True, x))
        enter = Filter("network-acl", self.acls.passing(subnet.id, False, x))
        step = self.routing.next(subnet, x)
        forward, reply = [guard, leave], [enter]
        if step.kind == "vpc-endpoint":
            forward.insert(1, self._route(self._endpoint(step, subnet)))
        elif step.kind == "nat-gateway":
            there, back = self._through_nat(step, subnet, a, x)
            nat = self.network.nat_gateways.get(step.target)
            inside = nat is not None and nat.subnet == subnet.id
            forward, reply = [guard, leave, *there], back if inside else [*back, enter]
        else:
            forward.insert(1, self._route(self._leave_by_gateway(step, subnet, a)))
            if step.kind in ("internet-gateway", "none", "blackhole"):
                # Only an internet gateway asks for a public address; without any route, it would
                # be asked for if one were added, so it counts as a layer there too.
                forward.insert(2, self._addressed(one, a))
        via = None if step.kind == "unknown" else step.target
        forward += [*self._opening(one, None), *self._bucket(target, via)]
        return Way((*doubts, *forward), (*doubts, *reply), via=via or "")

    def _endpoint(self, step: Next, subnet: Subnet) -> Passing:
        endpoint = self.network.endpoints.get(step.target)
        if endpoint is None or step.target in self._gaps:
            reason = self._gaps.get(step.target, f"the endpoint {step.target} is not known")
            return self._maybe(reason)
        if endpoint.kind != "gateway":
            return self._maybe(f"routing through {endpoint.id} is not modelled yet")
        if endpoint.vpc != subnet.vpc:
            return self._none
        return Passing(self.endpoint_services, self.endpoint_services)

    def _through_nat(
        self, step: Next, subnet: Subnet, a: int, x: int
    ) -> tuple[list[Filter], list[Filter]]:
        nat = self.network.nat_gateways.get(step.target)
        inner = self.network.interfaces.get(nat.interface) if nat else None
        home = self.network.subnets.get(nat.subnet) if nat else None
        if nat is None or inner is None or home is None or step.target in self._gaps:
            reason = self._gaps.get(step.target, f"the NAT gateway {step.target} is not known")
            return [self._unknown(reason)], [self._unknown(reason)]
        if not nat.public:
            unknown = self._unknown(f"{nat.id} is a private NAT gateway, which is not modelled yet")
            return [unknown], [unknown]
        if nat.vpc != subnet.vpc:
            return [self._route(self._none)], []
        protocols = 0
        for mask in self._nat_protocols.values():
            protocols |= mask
        there = [
            self._route(Passing(protocols, protocols)),
            self._route(self._behind_nat(self.routing.next(home, x), home)),
            *self._crossing(home),
            Filter("network-acl", self.acls.passing(home.id, True, x)),
        ]
        back = [
            *self._crossing(home),
            Filter("network-acl", self._whole_nat_range(self.acls.passing(home.id, False, x))),
        ]
        if home.id != subnet.id:
            there.insert(0, Filter("network-acl", self.acls.passing(home.id, False, a)))
            back.append(Filter("network-acl", self.acls.passing(home.id, True, a)))
        return there, back

    def _behind_nat(self, step: Next, home: Subnet) -> Passing:
        if step.kind in ("none", "blackhole"):
            return self._none
        if step.kind != "internet-gateway":
            reason = (
                f"a NAT gateway that hands on to {step.target or step.kind} is not modelled yet"
            )
            return self._maybe(step.reason or reason)
        attached, unsure = self._attached(step.target, home)
        if not attached:
            return self._none
        return self._maybe(unsure) if unsure else self._all

    def _whole_nat_range(self, entering: Passing) -> Passing:
        """Replies reach the NAT gateway at a port of its own choosing: all of its range must pass.

        The result speaks of the client's ports again: all of a protocol, or none of it.
        """

        def whole(mask: int) -> int:
            kept = mask & self._nat_protocols[ICMP]
            for protocol, ports in self._nat_ports.items():
                if ports & ~mask == 0:
                    kept |= self._nat_protocols[protocol]
            return kept

        return Passing(whole(entering.sure), whole(entering.possible), entering.reason)

    # --- ends with a say of their own ---------------------------------------------------

    def _opening(self, one: NetworkInterface, other: NetworkInterface | None) -> Iterator[Filter]:
        """A load balancer opens connections to its registered targets and to nobody else, an
        interface endpoint to nobody at all."""
        if one.kind == "vpc-endpoint":
            yield Filter("targets", self._none)
        balancer = self.network.load_balancers.get(one.owner)
        if one.kind != "load-balancer" or balancer is None:
            return
        found = self._targets[balancer.id].get(other.id, 0) if other else 0
        unsure = self._unsure_targets[balancer.id]
        yield Filter(
            "targets",
            Passing(found, self.parts.services.full, unsure) if unsure else Passing(found, found),
        )

    def _target_masks(self, balancer: LoadBalancer) -> dict[str, int]:
        """Per target interface, the ports to which the balancer opens connections."""
        masks: dict[str, int] = {}
        for one in forwardings(self.network, balancer):
            mask = 0
            for protocol in listener_protocols(one.protocol):
                whole = whole_protocol(protocol)
                ports = whole if one.port is None else port_range(protocol, one.port, one.port)
                mask |= self.parts.services.mask(ports)
            masks[one.target.id] = masks.get(one.target.id, 0) | mask
        return masks

    def _listener(self, other: NetworkInterface) -> Iterator[Filter]:
        if other.kind == "load-balancer" and other.owner in self._listening:
            if other.owner in self._gaps:
                yield Filter("listener", self._maybe(self._gaps[other.owner]))
            else:
                mask = self._listening[other.owner]
                yield Filter("listener", Passing(mask, mask))

    def _listener_mask(self, balancer: str) -> int:
        mask = 0
        for one in self.network.load_balancers[balancer].listeners:
            for protocol in listener_protocols(one.protocol):
                mask |= self.parts.services.mask(port_range(protocol, one.port, one.port))
        return mask

    def _public_access(self, target: Spot) -> Iterator[Filter]:
        """S3's own addresses are open to the Internet; this wall stops requests of strangers."""
        if target.bucket is None:
            return
        by_answer = {
            True: self._none,
            False: self._all,
            None: self._maybe(f"the public access block of {target.bucket.id} is not known"),
        }
        yield Filter("public-access-block", by_answer[target.bucket.blocks_public])

    def _bucket(self, target: Spot, via: str | None) -> Iterator[Filter]:
        """A bucket's policy may turn away whatever does not come through its endpoint.

        ``via`` is None where it is not known which way the packet takes.
        """
        bucket = target.bucket
        if bucket is None:
            return
        if bucket.id in self._gaps:
            policy = self._maybe(self._gaps[bucket.id])
        elif bucket.only_through is None:
            policy = self._maybe(f"the policy of {bucket.id} was not understood")
        elif bucket.only_through and via is None:
            policy = self._maybe(f"by which way {bucket.id} is reached is not known")
        elif bucket.only_through and via not in bucket.only_through:
            policy = self._none
        else:
            policy = self._all
        yield Filter("bucket-policy", policy)

    # --- what is not known of a place -----------------------------------------------------

    def _doubts(self, one: NetworkInterface) -> Iterator[Filter]:
        """Whatever makes every packet of an end uncertain: its subnet, its VPC, its owner."""
        subnet = self._subnet(one)
        if subnet is None:
            yield self._unknown(f"the subnet {one.subnet} of {one.id} is not known")
        elif subnet.vpc in self._gaps:
            yield self._unknown(self._gaps[subnet.vpc])
        owner = one.owner if one.kind != "load-balancer" else ""
        for name in (one.id, owner):
            if name in self._gaps:
                yield Filter("security-group", self._maybe(self._gaps[name]))

    def _crossing(self, subnet: Subnet) -> Iterator[Filter]:
        """What makes every packet across a subnet's border uncertain."""
        if subnet.id in self._gaps:
            yield self._unknown(self._gaps[subnet.id])

    # --- small words --------------------------------------------------------------------

    def _subnet(self, interface: NetworkInterface) -> Subnet | None:
        return self.network.subnets.get(interface.subnet)

    def _route(self, passing: Passing) -> Filter:
        return Filter("route", passing)

    def _maybe(self, reason: str) -> Passing:
        return Passing(0, self.parts.services.full, reason)

    def _unknown(self, reason: str) -> Filter:
        return Filter("route", self._maybe(reason))
