"""On random networks, whatever the engine proves is certified, or refused as not covered."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from ringwall.model.network import Network
from ringwall.model.policy import Flow, Never, Only, Policy, Selector
from ringwall.model.services import tcp
from ringwall.prove.certificate import Certified, certify
from ringwall.verify.checker import check

sys.path.insert(0, str(Path(__file__).parents[1] / "prove"))
from random_networks import networks

INTERNET = Selector("internet")


def policy_over(network: Network) -> Policy:
    """Flows between some ends, and every pair of ends that never may meet."""
    named = {one.service or one.owner or one.id for one in network.interfaces.values()}
    ends = [INTERNET, *(Selector("service", name) for name in sorted(named))]
    pairs = [(one, other) for one in ends for other in ends if one != other]
    flows = tuple(Flow(one, other, tcp(443), (32768, 60999)) for one, other in pairs[:6])
    words = [Selector("named", one.id) for one in list(network.interfaces.values())[:2]]
    guarantees = (
        *(Never(one, other) for one, other in pairs),
        *(Never(INTERNET, other, services=tcp(22)) for other in words),
        *(Only(other, INTERNET) for other in words),
    )
    return Policy(flows, guarantees)


def holds(found: Certified) -> None:
    """No disagreement between the engine and the checker, and nothing lost on the way to a file."""
    for one in found.refused:
        assert "does not agree" not in one.reason, one
    if found.document is not None:
        check(json.loads(json.dumps(found.document)))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks())
def test_small_networks(network: Network) -> None:
    holds(certify(network, policy_over(network)))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(full=True))
def test_networks_of_everything(network: Network) -> None:
    holds(certify(network, policy_over(network)))
