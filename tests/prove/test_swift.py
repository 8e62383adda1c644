"""The prover for many interfaces answers every question as the exact engine does."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from random_networks import networks

from ringwall.model.network import Network
from ringwall.model.policy import Flow, Policy, Selector
from ringwall.model.services import tcp
from ringwall.prove import swift
from ringwall.prove.diff.difference import difference
from ringwall.prove.engine import Prover
from ringwall.prove.standing.questions import standing
from ringwall.prove.swift import SwiftProver, prover_of

EXAMPLES = int(os.environ.get("RINGWALL_EXAMPLES", "20"))
#: Cuts services and addresses where no rule of the random networks does.
POLICY = Policy(
    (Flow(Selector("address", "10.0.0.128/25"), Selector("internet"), tcp(777), (1024, 65535)),)
)
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(networks(full=True))
@QUICK
def test_every_meeting_is_answered_alike(network: Network) -> None:
    plain, fast = Prover(network, POLICY), SwiftProver(network, POLICY)
    ends = [end for unit in (*plain.units(), *plain.outsiders()) for end in unit.ends]
    for source in ends:
        for target in ends:
            for a, b in plain.meetings(source, target):
                assert fast.forward(a, b)[:2] == plain.forward(a, b)[:2]
                assert fast.reply(a, b)[:2] == plain.reply(a, b)[:2]
                off = frozenset(("network-acl",))
                assert fast.forward(a, b, off) == plain.forward(a, b, off)


@given(networks(full=True), networks(full=True))
@QUICK
def test_questions_are_answered_alike(network: Network, other: Network) -> None:
    slow = standing(network), difference(network, other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swift, "MANY", 0)
        assert isinstance(prover_of(network), SwiftProver)
        assert (standing(network), difference(network, other)) == slow
