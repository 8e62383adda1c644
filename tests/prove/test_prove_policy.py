"""Policies in the network's own words: what they select, and that no word fails in silence."""

from __future__ import annotations

import pytest
from boards import three_tiers

from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.policy import Selector
from ringwall.model.verdict import Proof, Verdict
from ringwall.prove.claims.case import Case
from ringwall.prove.judge import prove
from ringwall.spec.policy_file import parse_policy

HOLDS, BROKEN, OPEN = Verdict.PROVED, Verdict.VIOLATED, Verdict.UNKNOWN


def network() -> Network:
    return three_tiers().network()


def judged(text: str) -> tuple[Proof, ...]:
    return prove(network(), parse_policy(text, "p.yaml"))


def guaranteed(line: str, more: str = "") -> Proof:
    (proof,) = judged(f"guarantees:\n  - {line}\n{more}")
    return proof


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("never: internet -> eni-db", HOLDS),
        ("never: internet -> eni-web", BROKEN),
        ("never: internet -> eni-web tcp/22", HOLDS),
        ("never: internet -> eni-web tcp/400-450", BROKEN),
        ("never: 198.51.100.0/24 -> eni-web udp", HOLDS),
        ("never: 10.0.1.10 -> 10.0.2.10 tcp/5432", BROKEN),
        ("never: 10.0.1.10 -> 10.0.2.10 tcp/5433", HOLDS),
        ("never: 10.0.1.99 -> eni-db", OPEN),
        ("only: eni-api -> eni-db tcp/5432", HOLDS),
        ("only: eni-api -> eni-db tcp/5432-5433", HOLDS),
        ("only: eni-api -> eni-db tcp/5433", BROKEN),
        ("only: eni-api -> 10.0.2.77 tcp/5432", OPEN),
        ("only: eni-api -> eni-db", BROKEN),
        ("survives: zone", HOLDS),
    ],
)
def test_guarantees(line: str, verdict: Verdict) -> None:
    if line.startswith("survives"):
        proofs = judged(f"guarantees:\n  - {line}\n")
        assert not proofs, "no flow, nothing to survive"
        return
    proof = guaranteed(line)
    assert proof.verdict is verdict, proof
    assert proof.origin.line == 2
    assert (proof.witness is not None) is (verdict is BROKEN)
    assert bool(proof.reasons) is (verdict is OPEN)


def test_a_flow_gives_leave_to_the_ends_that_it_names_and_to_no_others() -> None:
    leave = "flows:\n  - {}\nguarantees:\n  - only: 198.51.100.0/24 -> eni-web\n"
    for source, verdict in (("internet", HOLDS), ("198.51.100.0/24", HOLDS),
                            ("198.51.100.0/25", BROKEN), ("203.0.113.0/24", BROKEN)):  # fmt: skip
        *_, proof = judged(leave.format(f"{source} -> eni-web tcp/443"))
        assert proof.verdict is verdict, source


def test_one_name_may_stand_for_many() -> None:
    ends = "ends: {outside: [198.51.100.7, 203.0.113.0/24], inner: [eni-api, 10.0.2.0/24]}\n"
    assert guaranteed("never: outside -> inner", ends).verdict is HOLDS
    assert guaranteed("never: inner -> inner", ends).verdict is BROKEN
    case = Case.of(network(), parse_policy(f"guarantees: [never: a -> b]\n{ends}"))
    inner = Selector("named", "inner", ("eni-api", "10.0.2.0/24"))
    assert [unit.name for unit in case.select(inner)] == ["eni-api", "eni-db"]


def test_nothing_but_the_flows_anywhere() -> None:
    flows = "flows:\n  - internet -> eni-web tcp/443\n  - eni-web -> eni-api tcp/8080\n"
    closed = flows + "guarantees: [{only: flows}]\n"
    broken = {one.subject for one in judged(closed) if one.verdict is BROKEN}
    assert broken == {"eni-api -> eni-db", "eni-api -> eni-web"}
    assert {one.code for one in judged(flows)} == {"RW-FLOW"}


@pytest.mark.parametrize(
    ("clients", "verdict"), [("linux", HOLDS), ("windows", BROKEN), ("40000-50000", HOLDS)]
)
def test_a_flow_must_answer_the_ports_of_its_clients(clients: str, verdict: Verdict) -> None:
    text = f"- always: eni-api -> eni-db tcp/5432\n    clients: {clients}"
    proof = guaranteed(text.removeprefix("- "))
    assert proof.verdict is verdict
    if proof.witness is not None:
        assert proof.witness.packet.source_port == 61000, "the first port that hears no answer"
        assert proof.witness.explanation.reply is not None
        assert not proof.witness.explanation.reply.arrived


def test_layers_between_two_ends() -> None:
    proof = guaranteed("layers: 2\n    between: internet -> eni-db")
    assert (proof.verdict, proof.subject) == (HOLDS, "internet -> eni-db")
    assert guaranteed("layers: 3\n    between: eni-web -> eni-db").verdict is BROKEN
    nobody = guaranteed("layers: 1\n    between: internet -> 10.0.9.9")
    assert nobody.verdict is OPEN


def test_every_word_that_names_nothing_is_told_with_its_place() -> None:
    with pytest.raises(InputError) as caught:
        judged(
            "ends: {office: [198.51.100.0/24, eni-wbe]}\n"
            "flows:\n  - {from: eni-wep, to: eni-db, port: 1}\n"
            "guarantees:\n  - never: office -> eni-dd\n  - never: on-premises -> eni-db\n"
        )
    told = [(one.code, one.origin.line, one.message) for one in caught.value.diagnostics]
    assert told == [
        ("RW-PROVE-001", 3, "`eni-wep` names nothing in this network"),
        ("RW-PROVE-001", 5, "`office` stands for `eni-wbe`, which names nothing in this network"),
        ("RW-PROVE-001", 5, "`eni-dd` names nothing in this network"),
        ("RW-PROVE-001", 6, "`on-premises` names nothing in this network"),
    ]
    assert "`eni-web`" in caught.value.diagnostics[0].help
