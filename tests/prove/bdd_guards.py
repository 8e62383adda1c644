"""What stands at the ends in the second engine: groups, listeners, targets, bucket policies."""

from __future__ import annotations

from bdd_filters import Filters, Peer
from bdd_sets import ALL, DOUBT, PASS, STOP, Header, Tri, known, told

from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import Bucket, LoadBalancer, Network, NetworkInterface
from ringwall.model.services import port_range, whole_protocol
from ringwall.prove.balancers import forwardings, listener_protocols, unsure_targets
from ringwall.prove.ends import End


class Guards:
    """The guards of a network's ends."""

    def __init__(self, network: Network, filters: Filters) -> None:
        self._network = network
        self._filters = filters
        self._gapped = {one for gap in network.gaps for one in gap.affects}

    def _clear(self, *names: str) -> Tri:
        return told(None) if self._gapped & set(names) else PASS

    def _stands(self, one: NetworkInterface) -> Tri:
        subnet = self._network.subnets[one.subnet]
        return self._clear(one.id, subnet.id, subnet.vpc)

    def admits(self, one: NetworkInterface, peer: Peer, header: Header) -> Tri:
        """What an interface takes in."""
        found = self._filters.groups(one, False, peer, header)
        if one.kind == "load-balancer":
            balancer = self._network.load_balancers.get(one.owner)
            if balancer is not None and balancer.kind == "network" and not one.groups:
                found = PASS
            found &= self._listens(balancer, header, one)
        return found & self._stands(one)

    def _listens(self, balancer: LoadBalancer | None, header: Header, one: NetworkInterface) -> Tri:
        if balancer is None or one.owner in self._gapped:
            return DOUBT
        return known(
            header.asks(
                IntervalSet.union_of(
                    port_range(protocol, one.port, one.port)
                    for one in balancer.listeners
                    for protocol in listener_protocols(one.protocol)
                )
            )
        )

    def sends(self, one: NetworkInterface, target: End, peer: Peer, header: Header) -> Tri:
        """What an interface sends out."""
        if one.kind == "vpc-endpoint":
            return STOP
        found = self._filters.groups(one, True, peer, header)
        if one.kind == "load-balancer":
            balancer = self._network.load_balancers.get(one.owner)
            if balancer is not None and balancer.kind == "network" and not one.groups:
                found = PASS
            found &= self._forwards(balancer, target, header, one)
        return found & self._stands(one)

    def _forwards(
        self, balancer: LoadBalancer | None, target: End, header: Header, sender: NetworkInterface
    ) -> Tri:
        if balancer is None or sender.owner in self._gapped:
            return DOUBT
        sure = possible = EMPTY
        for one in forwardings(self._network, balancer):
            if target.interface is None or one.target.id != target.interface.id:
                continue
            for protocol in listener_protocols(one.protocol):
                if one.port is None:
                    possible |= whole_protocol(protocol)
                else:
                    sure |= port_range(protocol, one.port, one.port)
        if unsure_targets(self._network, balancer):
            # Coarse, and agreed to be: a target that nobody knows may be anything, anywhere.
            return Tri(header.asks(sure), ALL)
        return Tri(header.asks(sure), header.asks(sure | possible))

    def policy(self, bucket: Bucket, by: str | None, anonymous: bool) -> Tri:
        """A bucket's policy and public access block, for what comes by an endpoint (``""``:
        by none, None: by a way that is not known)."""
        found = self._clear(bucket.id)
        if anonymous:
            found &= told(None if bucket.blocks_public is None else not bucket.blocks_public)
        if bucket.only_through is None or (by is None and bucket.only_through):
            return found & DOUBT
        return found & told(not bucket.only_through or by in bucket.only_through)
