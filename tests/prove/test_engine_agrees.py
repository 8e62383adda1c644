"""The set engine against the reference simulator, packet by packet, on random networks.

The two share the nouns and nothing else. For one packet the simulator says arrived, stopped or
not known; the engine must hold the packet's service in what surely passes, in nothing that may
pass, or between the two.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_networks import networks
from random_wide import wide_networks

from ringwall.model.network import WAY_KINDS, Network
from ringwall.model.services import ICMP, ICMPV6, TCP, UDP, has_ports, place_of
from ringwall.model.verdict import Packet, Trace
from ringwall.prove.ends import End, bucket_end, interface_end, on_premises_end, the_internet
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Passing, Spot
from ringwall.prove.simulator import trace, trace_reply

PORTS = [0, 21, 22, 53, 80, 81, 443, 444, 1023, 1024, 5432, 32767, 32768, 60999, 61000, 65535]
KINDS = [(TCP, port) for port in PORTS] + [
    (UDP, 53), (UDP, 443), (UDP, 40000), (ICMP, 8 << 8), (ICMP, 3 << 8 | 4), (47, 0), (50, 0),
    (ICMPV6, 128 << 8),
]  # fmt: skip
#: RINGWALL_EXAMPLES=20000 for a night's run: some packets per example.
EXAMPLES = int(os.environ.get("RINGWALL_EXAMPLES", "250"))
CLIENTS = [1024, 1025, 5432, 32767, 32768, 40000, 60999, 61000, 65535]


def ends_of(network: Network) -> list[End]:
    found = [
        interface_end(network, one)
        for one in network.interfaces.values()
        if one.kind not in WAY_KINDS
    ]
    premises = on_premises_end(network)
    return [
        the_internet(network),
        *([premises] if premises is not None else []),
        *found,
        *(bucket_end(network, one) for one in network.buckets.values()),
    ]


def claimed(prover: Prover, passing: Passing, place: int) -> bool | None:
    bit = 1 << prover.parts.services.index(place)
    if passing.sure & bit:
        return True
    return None if passing.possible & bit else False


def spot(prover: Prover, end: End, place: int) -> Spot:
    starts = prover.parts.addresses
    start = starts.starts[starts.index(place)]
    return Spot(start, end.interface, end.bucket, end.kind == "on-premises")


def told(network: Network, packet: Packet, walk: Trace) -> str:
    steps = "\n".join(f"  {s.allowed} {s.layer} {s.resource}: {s.rule}" for s in walk.steps)
    return f"{packet}\n{steps}\ngaps: {network.gaps}"


def hidden(network: Network, found: bool | None, walk: Trace) -> bool:
    """The one difference that is meant: a gap on something that stands in the way.

    The engine says nothing of what lies behind it, for the gap may hide where the way goes on;
    the simulator goes on by what is known, to show more of the way, and may be stopped there.
    """
    gaps = {name for gap in network.gaps for name in gap.affects}
    met = {hop.resource for hop in walk.hops} | {step.resource for step in walk.steps}
    return found is None and walk.arrived is False and bool(gaps & met)


@given(st.one_of(networks(), wide_networks()), st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_engine_and_simulator_agree(network: Network, data: st.DataObject) -> None:
    prover = Prover(network)
    ends = ends_of(network)
    for _ in range(12):
        source, target = data.draw(st.sampled_from(ends)), data.draw(st.sampled_from(ends))
        meetings = list(prover.meetings(source, target))
        if not meetings:
            continue
        a, b = data.draw(st.sampled_from(meetings))
        protocol, port = data.draw(st.sampled_from(KINDS))
        client = data.draw(st.sampled_from(CLIENTS)) if has_ports(protocol) else None
        packet = Packet(a.place, b.place, protocol, port, client)

        walk = trace(network, packet, source, target)
        found = claimed(prover, prover.forward(a, b), place_of(protocol, port))
        assert found == walk.arrived or hidden(network, found, walk), told(network, packet, walk)

        if target.bucket is not None and source.kind == "internet":
            continue
        if (protocol == ICMP and port != 8 << 8) or protocol not in (TCP, UDP, ICMP, ICMPV6):
            continue
        echo = place_of(ICMP, 0) if protocol == ICMP else place_of(ICMPV6, 129 << 8)
        heard = place_of(protocol, client or 0) if has_ports(protocol) else echo
        back = trace_reply(network, packet, source, target)
        found = claimed(prover, prover.reply(a, b), heard)
        if walk.arrived:
            assert found == back.arrived or hidden(network, found, back), "reply to " + told(
                network, packet, back
            )
        elif walk.arrived is None:  # what may not have come: none of the answer is surely lost
            assert found is not False or back.arrived is False, told(network, packet, back)
