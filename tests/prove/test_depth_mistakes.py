"""Depth between tiers, and every single mistake held against every guarantee."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from boards import three_tiers, two_subnets
from hypothesis import given, settings
from networks import OPEN_ACL, Board
from random_networks import networks

from ringwall.cli.pipeline import source_of
from ringwall.model.network import Network
from ringwall.model.policy import INTERNET, Never, Policy, Selector
from ringwall.model.verdict import Verdict
from ringwall.prove.claims.case import Case
from ringwall.prove.claims.never import never
from ringwall.prove.mistakes.elements import single_mistakes
from ringwall.prove.mistakes.hardness import hardness

EXAMPLES = Path(__file__).parents[2] / "examples"


def exposed() -> Board:
    """A database with a public address on a public subnet: its group alone keeps it."""
    return (
        two_subnets().igw()
        .table("rtb-left", "left", "0.0.0.0/0 igw-1")
        .group("sg-pg", "tcp/5432 from 10.0.0.0/16", "all to 0.0.0.0/0")
        .eni("eni-pg", "left", "10.0.0.30", groups="sg-pg", kind="database", public=True)
    )  # fmt: skip


def breaking(network: Network) -> list[tuple[str, str, str]]:
    (one,) = hardness(network, None).tolerances
    return [(each.kind, each.resource, each.change) for each in one.breaking]


@pytest.mark.parametrize("name", ["minimal", "clinic", "chat"])
def test_no_single_mistake_opens_the_data_of_a_shipped_design(name: str) -> None:
    found = source_of(EXAMPLES / name / "ringwall.yaml")
    result = hardness(found.network, found.policy)
    (data,) = (one for one in result.tolerances if one.guarantee == "never internet -> data")
    assert (data.verdict, data.breaking, data.unsure) == (Verdict.PROVED, (), ())
    assert data.tried > 100
    assert min(len(one.layers) for one in result.depths) >= 2


def test_the_mistakes_that_open_a_database_are_named() -> None:
    assert breaking(exposed().network()) == [
        ("security group rule", "sg-pg",
         "any one ingress rule replaced by one that allows all, from or to anywhere"),
        ("attachment", "eni-pg", "put into the security group sg-open"),
    ]  # fmt: skip


def test_a_route_an_address_and_an_association_are_mistakes_too() -> None:
    board = exposed().group("sg-pg", "tcp/5432 from 0.0.0.0/0", "all to 0.0.0.0/0")
    hidden = board.eni("eni-pg", "left", "10.0.0.30", groups="sg-pg", kind="database")
    assert breaking(hidden.network()) == [("attachment", "eni-pg", "given a public address")]
    shut = board.eni("eni-pg", "right", "10.0.1.30", groups="sg-pg", kind="database", public=True)
    shut.acl("acl-right", "right", "100 allow all from 10.0.0.0/16", "100 allow all to 0.0.0.0/0")
    assert breaking(shut.network()) == [
        ("network ACL rule", "acl-right", "any one inbound rule replaced by one that allows all"),
        ("association", "right", "associated with the network ACL acl-left"),
    ]


def test_a_bucket_loses_its_walls_one_at_a_time() -> None:
    found = source_of(EXAMPLES / "clinic" / "ringwall.yaml").network
    bucket = next(one for one in found.buckets.values() if one.service == "documents")
    bare = replace(found, buckets={**found.buckets, bucket.id: replace(bucket, only_through=())})
    policy = Policy((), (Never(INTERNET, Selector("service", "documents")),), closed=False)
    (one,) = hardness(bare, policy).tolerances
    assert [each.change for each in one.breaking] == ["its public access block taken off"]


def test_what_is_broken_already_is_said_and_what_is_unknown_too() -> None:
    board = exposed().group("sg-pg", "tcp/5432 from 0.0.0.0/0", "all to 0.0.0.0/0")
    (one,) = hardness(board.network(), None).tolerances
    assert (one.verdict, one.breaking, one.tried) == (Verdict.VIOLATED, (), 0)
    (one,) = hardness(board.gap("eni-pg").network(), None).tolerances
    assert one.verdict is Verdict.UNKNOWN


def test_depth_names_the_one_rule_that_stands_alone() -> None:
    board = exposed().group("sg-open", "tcp/80 from 10.0.0.0/16", "all to 0.0.0.0/0")
    depths = {(one.source, one.target): one for one in hardness(board.network(), None).depths}
    alone = depths["internet", "eni-pg"]
    assert alone.layers == ("security-group",)
    assert [step.resource for step in alone.stops] == ["sg-pg"]


def test_tiers_are_the_rows_where_there_are_any() -> None:
    board = three_tiers()
    for name, subnet, group, tier in (("eni-web", "public", "sg-web", "front"),
                                      ("eni-db", "data", "sg-db", "back")):  # fmt: skip
        board.eni(name, subnet, "10.0.0.10" if tier == "front" else "10.0.2.10", groups=group,
                  tier=tier)  # fmt: skip
    pairs = {(one.source, one.target) for one in hardness(board.network(), None).depths}
    assert ("front", "back") in pairs
    assert {name for pair in pairs for name in pair} == {"internet", "front", "back", "untagged"}


@settings(max_examples=12, deadline=None)
@given(networks())
def test_a_whole_family_at_one_stroke_says_what_each_would(network: Network) -> None:
    """Where a guarantee holds with all groups (or ACLs, or addresses) open, it holds with one."""
    tried = [one for one in single_mistakes(network) if one.family]
    units = list(Case.of(network, Policy(())).units.values())
    guarantee = Never(INTERNET, Selector("service", units[-1].name)) if units else None
    if guarantee is None:
        return
    for family in {one.family for one in tried}:
        opened = network
        for one in tried:
            opened = one.made(opened) if one.family == family else opened
        if never(Case.of(opened, Policy(())), guarantee).verdict is not Verdict.PROVED:
            continue
        for one in tried:
            if one.family == family:
                case = Case.of(one.made(network), Policy(()))
                assert never(case, guarantee).verdict is Verdict.PROVED, one.mistake


def test_open_acls_are_no_mistake_where_the_group_holds() -> None:
    board = exposed().acl("acl-left", "left", *OPEN_ACL)
    assert not any(kind == "network ACL rule" for kind, _, _ in breaking(board.network()))
