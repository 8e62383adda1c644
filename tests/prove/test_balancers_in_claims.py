"""Load balancers in claims: whose address a target sees, and which transport a listener has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from boards import with_balancer

from ringwall.model.network import Network
from ringwall.model.policy import Never, Policy, Selector
from ringwall.model.services import TCP, UDP, port_range
from ringwall.model.verdict import Packet, Proof, Verdict
from ringwall.prove.certificate import certify
from ringwall.prove.ends import resolve
from ringwall.prove.engine import Prover
from ringwall.prove.judge import prove
from ringwall.prove.simulator import trace

POLICY = Policy((), (Never(Selector("internet", "internet"), Selector("named", "eni-api")),))


def network(kept: bool | None, peer: str, kind: str = "network", by: str = "instance") -> Network:
    """A load balancer before eni-api, whose group admits one block on its own port."""
    found = with_balancer(kind).group("sg-api", f"tcp/8080 from {peer}").network()
    front, group = found.load_balancers["front"], found.target_groups["tg-api"]
    protocol = "TCP" if kind == "network" else "HTTP"
    listeners = tuple(replace(one, protocol=protocol) for one in front.listeners)
    targets = tuple(replace(one, id="eni-api") for one in group.targets or ())
    if by == "ip":
        targets = tuple(replace(one, id="10.0.1.10") for one in targets)
    told = replace(group, kind=by, protocol=protocol, targets=targets, preserve_client_ip=kept)
    return replace(
        found,
        load_balancers={"front": replace(front, listeners=listeners)},
        target_groups={"tg-api": told},
    )


def never(found: Network) -> Proof:
    return next(one for one in prove(found, POLICY) if one.code == "RW-NEVER")


@pytest.mark.parametrize(
    ("kept", "kind", "by", "sees_client"),
    [
        (None, "network", "instance", True),
        (True, "network", "instance", True),
        (False, "network", "instance", False),
        (None, "network", "ip", False),
        (True, "network", "ip", True),
        (None, "application", "instance", False),
    ],
)
def test_a_target_sees_its_client_or_the_load_balancer(
    kept: bool | None, kind: str, by: str, sees_client: bool
) -> None:
    from_client = never(network(kept, "203.0.113.0/24", kind, by))
    from_front = never(network(kept, "10.0.0.20/32", kind, by))
    assert (from_client.verdict is Verdict.VIOLATED) is sees_client
    assert (from_front.verdict is Verdict.VIOLATED) is not sees_client
    broken = from_client if sees_client else from_front
    assert "tcp/443 passes through the load balancer front" in broken.detail
    assert broken.witness is not None
    assert broken.witness.explanation.forward.arrived


def test_no_certificate_covers_a_client_seen_past_a_load_balancer() -> None:
    shut = network(None, "10.9.0.0/16")
    assert never(shut).verdict is Verdict.PROVED
    refused = certify(shut, POLICY).refused
    assert any("clients' addresses" in one.reason for one in refused)
    told = network(False, "10.9.0.0/16")
    refused = certify(told, POLICY).refused
    assert not any("clients' addresses" in one.reason for one in refused)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("TLS", {TCP: True, UDP: False}),
        ("QUIC", {TCP: False, UDP: True}),
        ("TCP_QUIC", {TCP: True, UDP: True}),
        ("ODD", {TCP: None, UDP: None}),
    ],
)
def test_the_transport_of_a_listener(protocol: str, expected: dict[int, bool | None]) -> None:
    found = network(None, "0.0.0.0/0")
    front = found.load_balancers["front"]
    listener = replace(front.listeners[0], protocol=protocol)
    found = replace(found, load_balancers={"front": replace(front, listeners=(listener,))})
    prover = Prover(found)
    source, (target,) = prover.internet().ends[0], resolve(found, "front")
    a, b = next(iter(prover.meetings(source, target)))
    way = prover.way(a, b).forward
    (passing,) = [one.passing for one in way if getattr(one, "layer", "") == "listener"]
    for transport, wanted in expected.items():
        mask = prover.parts.services.mask(port_range(transport, 443, 443))
        said = {(True, True): True, (False, True): None, (False, False): False}
        assert said[bool(passing.sure & mask), bool(passing.possible & mask)] is wanted
        packet = Packet(a.place, b.place, transport, 443, 40000)
        steps = trace(found, packet, source, target).steps
        assert [one.allowed for one in steps if one.layer == "listener"] == [wanted]
