"""The Linux kernel as referee: real packets through real routing tables, filters and NAT.

What the prover and the simulator claim of random snapshots must be what happens to TCP, UDP,
ICMP, GRE and ESP in network namespaces. RINGWALL_PROBES=100000 for a night's run.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from kernel_snapshots import questions, snapshot

from ringwall.cli.referee import Answer, Question, ask, claims, question
from ringwall.model.addresses import is_v6
from ringwall.model.network import Network
from ringwall.model.services import TCP, has_ports
from ringwall.prove.ends import interface_end
from ringwall.prove.engine import Prover
from ringwall.prove.simulator import trace, trace_reply
from ringwall.rehearse.lab import Lab, lacking

PER_SNAPSHOT = 400
PROBES = int(os.environ.get("RINGWALL_PROBES", "6000"))
_GATEWAYS = ("internet-gateway", "egress-only-internet-gateway")


@pytest.fixture(autouse=True, scope="module")
def _kernel() -> None:
    lack = lacking()
    if lack is not None:
        said, mend = lack
        warnings.warn(f"THE KERNEL WAS NOT ASKED: {said}; {mend}", stacklevel=1)
        pytest.skip(f"the kernel was not asked: {said}; {mend}")


def over_the_internet(prover: Prover, one: Question) -> bool:
    """IPv6 from VPC to VPC by way of their gateways to the Internet, there or back.

    It works in the kernel; the prover says that it may (docs/kernel-referee.md).
    """
    packet = one.packet
    stands = [end.interface.subnet for end in (one.source, one.target) if end.interface]
    if len(stands) < 2 or not is_v6(packet.source):
        return False
    subnets = [prover.network.subnets[id] for id in stands]
    ways = [
        prover.next(subnet, place).kind
        for subnet, place in zip(subnets, (packet.destination, packet.source), strict=True)
    ]
    return subnets[0].vpc != subnets[1].vpc and any(kind in _GATEWAYS for kind in ways)


def simulated(network: Network, answer: Answer) -> tuple[bool | None, bool | None]:
    """What the simulator says; a NAT gateway's port is the one that the target saw."""
    one, told = answer.question, answer.outcome
    walk = trace(network, one.packet, one.source, one.target)
    if not told.arrived or not (has_ports(one.packet.protocol) or answer.reply is not None):
        return walk.arrived, None
    port = told.seen[1] or None if told.seen and one.target.kind == "internet" else None
    back = trace_reply(network, one.packet, one.source, one.target, nat_port=port)
    return walk.arrived, back.arrived


def differences(prover: Prover, answers: list[Answer]) -> list[str]:
    found = []
    for one in answers:
        told = one.outcome
        if told.answered and not told.arrived:
            found.append(f"answered by somebody else: {one}")
        if not one.agrees:
            found.append(f"prover: {one}")
        forward, reply = simulated(prover.network, one)
        wrong = forward is not None and forward is not told.arrived
        if wrong or (reply is not None and reply is not told.answered):
            found.append(f"simulator ({forward}, {reply}): {one}")
    return found


@pytest.mark.parametrize("seed", range(max(1, PROBES // PER_SNAPSHOT)))
def test_what_was_claimed_is_what_happens(seed: int) -> None:
    network = snapshot(seed)
    prover = Prover(network)
    with Lab(network) as lab:
        answers = ask(lab, prover, questions(network, lab.plan, seed, PER_SNAPSHOT))
    assert len(answers) == PER_SNAPSHOT
    assert lab.plan.left_out == ()
    assert not differences(prover, answers), f"seed {seed}"


def test_a_wrong_rule_is_noticed() -> None:
    """The referee bites: a kernel that plays another network contradicts the prover."""
    network = snapshot(0)
    prover = Prover(network)
    acls = {
        id: replace(acl, entries=tuple(replace(e, egress=not e.egress) for e in acl.entries))
        for id, acl in network.network_acls.items()
    }
    with Lab(replace(network, network_acls=acls)) as lab:
        asked = questions(network, lab.plan, 0, PER_SNAPSHOT)
        outcomes = lab.ask([one.probe for one in asked])
    found = [Answer(q, *claims(prover, q), told) for q, told in zip(asked, outcomes, strict=True)]
    assert sum(not one.agrees for one in found) >= 5


def test_questions_and_answers_are_told_apart() -> None:
    """Some questions arrive and stay without an answer, and some never arrive."""
    seen = set()
    for seed in range(2):
        network = snapshot(seed)
        with Lab(network) as lab:
            for outcome in lab.ask(
                [q.probe for q in questions(network, lab.plan, seed, PER_SNAPSHOT)]
            ):
                seen.add((outcome.probe.protocol, outcome.arrived, outcome.answered))
    assert {(TCP, True, True), (TCP, True, False), (TCP, False, False)} <= seen


def test_ipv6_goes_from_vpc_to_vpc_over_the_internet() -> None:
    network = snapshot(113)
    prover = Prover(network)
    with Lab(network) as lab:
        asked = [
            one
            for one in questions(network, lab.plan, 113, PER_SNAPSHOT)
            if over_the_internet(prover, one)
        ]
        assert asked
        assert all(one.agrees for one in ask(lab, prover, asked))


def _fail_within(network: Network) -> None:
    with Lab(network) as lab:
        probes = [q.probe for q in questions(network, lab.plan, 1, 50)]
        lab.ask([*probes, replace(probes[0], target="nowhere")])


def test_nothing_is_left_behind() -> None:
    """No link, no rule and no open file in the machine's own namespace, also after a failure."""
    before = Path("/proc/net/dev").read_text().count(":"), len(os.listdir("/proc/self/fd"))
    network = snapshot(1)
    with pytest.raises(KeyError):
        _fail_within(network)
    after = Path("/proc/net/dev").read_text().count(":"), len(os.listdir("/proc/self/fd"))
    assert before == after


def test_a_missing_family_is_no_question() -> None:
    network = snapshot(0)
    with Lab(network) as lab:
        plan = lab.plan
    ends = [interface_end(network, one) for one in network.interfaces.values()]
    only_v4 = [end for end in ends if not any(":" in a for a in plan.seats[end.id].addresses)]
    assert only_v4
    assert question(plan, only_v4[0], ends[0], protocol=TCP, port=22, version=6) is None
