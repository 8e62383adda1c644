"""The second exact engine, on decision diagrams, against the first: all pairs, as whole sets.

The two share the nouns and the written contract, no code. What surely passes must be the same set,
and nothing that one lets through for certain may be stopped or unknown for the other. Where a fact
is missing on the way, one of them may see further than the other that the packet is stopped
anyhow: "unknown" beside "blocked" contradicts nothing, and is all that may differ.
"""

from __future__ import annotations

import os

from bdd_compare import differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_networks import networks
from random_small import small_networks
from random_wide import wide_networks

from ringwall.model.network import Network

#: RINGWALL_EXAMPLES=5000 for a night's run: every pair of every example, both ways.
EXAMPLES = int(os.environ.get("RINGWALL_EXAMPLES", "60"))
COARSE = ("second unknown, first blocked", "second blocked, first unknown")


@given(st.one_of(small_networks(), networks(full=True), wide_networks()))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_all_pairs_of_random_networks(network: Network) -> None:
    found = [one for one in differences(network) if not any(kind in one for kind in COARSE)]
    assert not found, "\n".join(found[:5])


@given(small_networks())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_inside_one_vpc_nothing_differs(network: Network) -> None:
    assert not list(differences(network))
