"""The matrix of all pairs against the exact engine, pair by pair."""

from __future__ import annotations

import os

from boards import outward
from hypothesis import HealthCheck, given, settings
from networks import OPEN_ACL, OPEN_GROUP, Board
from random_networks import networks

from ringwall.model.network import Network
from ringwall.prove.ends import interface_end
from ringwall.prove.engine import Prover
from ringwall.prove.legs import Spot
from ringwall.prove.matrix import Matrix
from ringwall.prove.matrix_sweep import ANSWERS, ARRIVES, MAY_ANSWER, MAY_ARRIVE

EXAMPLES = int(os.environ.get("RINGWALL_EXAMPLES", "60"))


def agree(network: Network, matrix: Matrix) -> None:
    """Every two faces of a matrix have the engine's own answers."""
    prover = Prover(network)
    client = [prover.client_ports(interface_end(network, one.interface)) for one in matrix.faces]
    for i, one in enumerate(matrix.faces):
        for j, other in enumerate(matrix.faces):
            if one.v6 != other.v6 or one.interface.id == other.interface.id:
                assert matrix.forward_masks(i, j) == (0, 0)
                continue
            a, b = Spot(one.place, one.interface), Spot(other.place, other.interface)
            forward, reply = prover.forward(a, b), prover.reply(a, b)
            told = f"{one.interface.id} {one.place} -> {other.interface.id} {other.place}"
            sets = tuple(map(prover.services, forward[:2]))
            assert matrix.forward(i, j) == sets, told
            assert matrix.reply(i, j) == tuple(map(prover.services, reply[:2])), told
            heard = [prover.answered(forward[at], reply[at], client[i]) for at in (0, 1)]
            kept = (
                (ARRIVES if forward.sure else 0)
                | (MAY_ARRIVE if forward.possible else 0)
                | (ANSWERS if heard[0] else 0)
                | (MAY_ANSWER if heard[1] else 0)
            )
            classes = matrix.classes.of_face
            assert matrix.reach[classes[i], classes[j]] == kept, told


@given(networks())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_pair_of_random_networks(network: Network) -> None:
    agree(network, Matrix.of(network))


@given(networks(full=True))
@settings(
    max_examples=max(EXAMPLES // 3, 1),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_every_pair_of_joined_networks(network: Network) -> None:
    agree(network, Matrix.of(network))


def two_vpcs() -> Board:
    """An instance behind a NAT gateway in each of two VPCs."""
    return (
        outward()
        .vpc("vpc-2", "10.2.0.0/16")
        .subnet("far", "10.2.0.0/24", vpc="vpc-2")
        .subnet("beside", "10.2.1.0/24", vpc="vpc-2")
        .acl("acl-far", "far", *OPEN_ACL, vpc="vpc-2")
        .acl("acl-beside", "beside", *OPEN_ACL, vpc="vpc-2")
        .group("sg-far", *OPEN_GROUP, vpc="vpc-2")
        .table("rtb-far", "", main=True, vpc="vpc-2")
        .eni("eni-c", "far", "10.2.0.10", groups="sg-far")
        .eni("eni-d", "beside", "10.2.1.10", groups="sg-far")
    )


def test_two_vpcs_without_a_way_are_not_asked_about() -> None:
    matrix = Matrix.of(two_vpcs().network())
    assert not matrix.passages.asked
    agree(matrix.network, matrix)


def test_nat_gateway_whose_own_route_leads_back_to_it() -> None:
    network = two_vpcs().table("rtb-right", "right", "0.0.0.0/0 nat-1").network()
    assert Matrix.of(network).passages.asked
    agree(network, Matrix.of(network))


def test_what_is_not_known_of_one_vpc_says_nothing_about_another() -> None:
    network = two_vpcs().gap("vpc-1").network()
    agree(network, Matrix.of(network))
