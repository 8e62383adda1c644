"""The rows of ``pairs`` against rows made spot by spot, and the matrix on large bench networks."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from random_networks import networks
from test_matrix_agrees import agree

from ringwall.model.intervals import IntervalSet
from ringwall.model.network import WAY_KINDS, Network
from ringwall.model.verdict import PairReach
from ringwall.prove.ends import End, bucket_end, interface_end
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Spot
from ringwall.prove.matrix import Matrix
from ringwall.prove.pairs import pairs

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from big_networks import (
    Shape,
    big_network,
    with_changed_entry,
    with_changed_rule,
)

EXAMPLES = int(os.environ.get("RINGWALL_EXAMPLES", "30"))
LAX = [HealthCheck.too_slow, HealthCheck.data_too_large]
#: Few groups for many interfaces: faces share classes, and a new rule parts them.
SHARED = Shape(30, groups=6, rules=20, acls=3, entries=10, subnets=4, roles=3)


def spot_by_spot(prover: Prover, source: End, target: End) -> Iterator[PairReach]:
    seen: dict[int, dict[object, list[IntervalSet]]] = {}
    for a, b in prover.meetings(source, target):
        answer = prover.forward(a, b), prover.reply(a, b)
        seen.setdefault(a.place, {}).setdefault(answer, []).append(prover.addresses(b))
    alike: dict[object, list[IntervalSet]] = {}
    for start, answers in seen.items():
        view = tuple((answer, IntervalSet.union_of(found)) for answer, found in answers.items())
        alike.setdefault(view, []).append(prover.addresses(Spot(start)))
    for view, mine in alike.items():
        for (forward, reply), theirs in view:  # type: ignore[attr-defined]  # made just above
            yield PairReach(
                source.id,
                target.id,
                IntervalSet.union_of(mine),
                theirs,
                *(prover.services(one) for one in (*forward[:2], *reply[:2])),
                tuple(part for part in (forward.reason, reply.reason) if part),
            )


def expected(network: Network) -> list[PairReach]:
    prover = Prover(network)
    network = prover.network
    ends = [end for unit in prover.outsiders() for end in unit.ends]
    for one in network.interfaces.values():
        if one.kind not in WAY_KINDS:
            ends.append(interface_end(network, one))
    ends += [bucket_end(network, one) for one in network.buckets.values()]
    return [row for a in ends for b in ends for row in spot_by_spot(prover, a, b)]


@given(networks())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=LAX)
def test_pairs_of_random_networks(network: Network) -> None:
    assert list(pairs(network)) == expected(network)


@given(networks(full=True))
@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=LAX)
def test_pairs_of_joined_networks(network: Network) -> None:
    assert list(pairs(network)) == expected(network)


def test_pairs_of_networks_where_nobody_sits() -> None:
    network = big_network(SHARED)
    assert pairs(Network(source="nothing")) == ()
    bare = replace(network, interfaces={}, workloads={})
    assert list(pairs(bare)) == expected(bare)


def test_pairs_of_a_dense_network() -> None:
    network = big_network(SHARED)
    assert list(pairs(network)) == expected(network)


@pytest.mark.parametrize("seed", [1, 3])
def test_changes_where_faces_share_classes(seed: int) -> None:
    network = big_network(Shape(**{**_fields(SHARED), "seed": seed}))
    matrix = Matrix.of(network)
    assert len(matrix.classes) < len(matrix.faces)
    assert matrix.reach.any()
    for turn in range(3):
        network = with_changed_rule(network, 10 * seed + turn)
        before, matrix = matrix, matrix.changed(network)
        assert matrix.cells is not before.cells
        network = with_changed_entry(network, 10 * seed + turn)
        matrix = matrix.changed(network)
    agree(network, matrix)


def _fields(shape: Shape) -> dict[str, object]:
    return {name: getattr(shape, name) for name in shape.__slots__}


def test_sampled_pairs_of_a_large_network() -> None:
    network = big_network(Shape(600))
    matrix, prover = Matrix.of(network), Prover(network)
    dice = random.Random(1)  # noqa: S311 - a sample, not a secret
    places = range(len(matrix.faces))
    for i, j in ((dice.choice(places), dice.choice(places)) for _ in range(2000)):
        one, other = matrix.faces[i], matrix.faces[j]
        if one.v6 != other.v6 or one.interface is other.interface:
            continue
        a, b = Spot(one.place, one.interface), Spot(other.place, other.interface)
        for told, found in (
            (prover.forward(a, b), matrix.forward(i, j)),
            (prover.reply(a, b), matrix.reply(i, j)),
        ):
            assert found == (prover.services(told.sure), prover.services(told.possible))
