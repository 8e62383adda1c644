"""Two networks held against each other: every sure difference is told, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from boards import outward, three_tiers, two_subnets
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from networks import OPEN_ACL, Board
from random_networks import networks

from ringwall.model.addresses import of_cidr
from ringwall.model.difference import Difference
from ringwall.model.network import Network
from ringwall.model.services import place_of, show_services, tcp
from ringwall.model.verdict import ReturnPorts
from ringwall.prove.diff.difference import difference
from ringwall.prove.engine import Prover


def told(before: Board | Network, after: Board | Network) -> list[tuple[str, str, str]]:
    found = compared(before, after)
    return [
        (one.kind, f"{one.source} -> {one.target}", show_services(one.services))
        for one in found.changes
    ]


def compared(before: Board | Network, after: Board | Network) -> Difference:
    sides = [one.network() if isinstance(one, Board) else one for one in (before, after)]
    return difference(*sides)


def tiers_with(*rules: str) -> Board:
    return three_tiers().group("sg-db", "tcp/5432 from sg-api", *rules)


# --- gained, lost, changed ------------------------------------------------------------------


def test_a_network_does_not_differ_from_itself() -> None:
    for board in (three_tiers(), outward(), two_subnets()):
        found = compared(board, board)
        assert (found.changes, found.rules, found.appeared, found.gone) == ((), (), (), ())


def test_gained_and_lost_are_each_other_backwards() -> None:
    before = two_subnets().group("sg-open", "tcp/80 from 10.0.0.0/16", "all to 0.0.0.0/0")
    after = two_subnets().group("sg-open", "tcp/80-81 from 10.0.0.0/16", "all to 0.0.0.0/0")
    both = ["eni-a -> eni-b", "eni-b -> eni-a"]
    assert told(before, after) == [("gained", pair, "tcp/81") for pair in both]
    assert told(after, before) == [("lost", pair, "tcp/81") for pair in both]
    (one, _) = compared(before, after).changes
    assert one.after is ReturnPorts.ALL
    assert one.step is not None
    assert one.step.rule == "allow tcp/80-81 from 10.0.0.0/16"
    (one, _) = compared(after, before).changes
    assert one.step is not None
    assert one.step.allowed is False


def test_only_the_addresses_that_differ_are_told() -> None:
    def board(block: str) -> Board:
        return three_tiers().group("sg-web", f"tcp/443 from {block}", "tcp/8080 to sg-api")

    (one,) = compared(board("198.51.100.0/24"), board("198.51.100.0/25")).changes
    assert (one.kind, one.services) == ("lost", tcp(443))
    assert one.source_addresses == of_cidr("198.51.100.128/25")


def test_other_answers_are_a_change() -> None:
    before = two_subnets()
    after = two_subnets().acl(
        "acl-right", "right", "100 allow all from 0.0.0.0/0",
        "100 allow tcp/32768-60999 to 0.0.0.0/0", "110 allow tcp/1-1023 to 0.0.0.0/0",
    )  # fmt: skip
    changes = compared(before, after).changes
    (answers,) = [one for one in changes if one.kind == "changed" and one.source == "eni-a"]
    assert (answers.before, answers.after) == (ReturnPorts.ALL, ReturnPorts.SOME)
    assert "now they come back to client ports 32768-60999" in answers.detail
    assert answers.step is not None
    assert answers.step.resource == "acl-right"


def test_answers_count_at_the_ports_of_the_clients_only() -> None:
    """Whether port 80 of a client hears anything is no difference to anybody."""

    def board(*more: str) -> Board:
        return two_subnets().acl("acl-right", "right", "100 allow tcp from 0.0.0.0/0",
                                 "100 allow tcp/1024-65535 to 0.0.0.0/0", *more)  # fmt: skip

    changes = told(board(), board("110 allow tcp/80 to 0.0.0.0/0"))
    assert changes == [("gained", "eni-b -> eni-a", "tcp/80")]


def test_a_doubt_is_told_apart() -> None:
    board = two_subnets().group("sg-open", "tcp/80 from 10.0.0.0/16", "all to 0.0.0.0/0")
    doubt = two_subnets().group("sg-open", "tcp/80 from 10.0.0.0/16", "tcp/22 from anyone ?",
                                "all to 0.0.0.0/0")  # fmt: skip
    found = compared(board, doubt)
    assert {one.kind for one in found.changes} == {"unknown"}
    assert not found.sure
    assert all(one.reasons for one in found.changes)
    assert not compared(doubt, doubt).changes, "the same doubt is no difference"


# --- who is who -------------------------------------------------------------------------------


def test_services_are_the_same_whatever_their_ids() -> None:
    def board(prefix: str) -> Board:
        return (
            two_subnets(groups=False)
            .group(f"sg-{prefix}", "all from 0.0.0.0/0", "all to 0.0.0.0/0")
            .eni("eni-a", "left", "10.0.0.10")
            .eni("eni-b", "right", "10.0.1.10")
            .eni(f"{prefix}-1", "left", "10.0.0.20", groups=f"sg-{prefix}", service="web")
            .eni(f"{prefix}-2", "right", groups=f"sg-{prefix}", service="db")
        )

    assert not compared(board("x"), board("y")).changes
    after = board("y").acl(
        "acl-right", "right", "100 allow tcp/80 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0"
    )
    lost = [(kind, pair) for kind, pair, _ in told(board("x"), after) if kind == "lost"]
    assert ("lost", "web -> db") in lost


def test_a_name_tag_joins_what_no_id_does() -> None:
    def board(name: str) -> Board:
        return two_subnets().eni(name, "left", "10.0.0.20", groups="sg-open", name="gate")

    found = compared(board("LogicalId"), board("i-0123"))
    assert (found.changes, found.appeared, found.gone) == ((), (), ())


def test_what_only_one_has_is_named_and_all_its_connections_are_told() -> None:
    after = two_subnets().eni("eni-c", "left", "10.0.0.30", groups="sg-open")
    found = compared(two_subnets(), after)
    assert (found.appeared, found.gone) == (("eni-c",), ())
    assert {one.kind for one in found.changes} == {"gained"}
    assert all("eni-c" in (one.source, one.target) for one in found.changes)


def test_single_ends_are_named_where_not_all_fare_alike() -> None:
    def board(groups: str) -> Board:
        return (
            two_subnets().group("sg-shut")
            .eni("eni-1", "left", "10.0.0.40", groups="sg-open", owner="pool")
            .eni("eni-2", "left", "10.0.0.41", groups=groups, owner="pool")
        )  # fmt: skip

    changes = compared(board("sg-open"), board("sg-shut")).changes
    assert all(one.kind == "lost" for one in changes)
    ends = {one.ends for one in changes if (one.source, one.target) == ("eni-a", "pool")}
    assert ends == {("eni-a -> eni-2",)}


# --- rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "matters"), [("tcp/5432 from 10.0.1.0/24", True), ("tcp/22 from sg-web", False)]
)
def test_a_rule_that_changes_no_connection_is_said_to(rule: str, matters: bool) -> None:
    found = compared(tiers_with(), tiers_with(rule))
    assert [(one.resource, one.matters) for one in found.rules] == [("sg-db", matters)] or matters
    if not matters:
        assert not found.changes
    (one,) = found.rules
    assert [step.rule for step in one.added] == [f"allow {rule}"]


def test_every_kind_of_rule_is_told() -> None:
    after = (
        outward().acl("acl-left", "left", *OPEN_ACL, "90 deny tcp/9 from 0.0.0.0/0")
        .table("rtb-left", "left", "0.0.0.0/0 nat-1", "192.168.0.0/16 nat-1 blackhole")
        .eni("eni-a", "left", "10.0.0.10", groups="")
    )  # fmt: skip
    rules = {one.kind: one for one in compared(outward(), after).rules}
    assert set(rules) == {"network ACL", "route table", "interface"}
    assert [step.rule for step in rules["interface"].removed] == ["carries sg-open"]
    assert "a blackhole" in rules["route table"].added[0].rule


# --- nothing is missed, nothing is invented -----------------------------------------------------


def _thinned(network: Network, pick: int) -> Network:
    """The network without one rule of a network ACL or group."""
    fields = {"network_acls": "entries", "security_groups": "ingress"}
    cut = [
        (kind, key, at)
        for kind, field in fields.items()
        for key, one in getattr(network, kind).items()
        for at in range(len(getattr(one, field)))
    ]
    assume(cut)
    kind, key, at = cut[pick % len(cut)]
    one = getattr(network, kind)[key]
    rules = getattr(one, fields[kind])
    changed = replace(one, **{fields[kind]: (*rules[:at], *rules[at + 1 :])})
    return replace(network, **{kind: {**getattr(network, kind), key: changed}})


_PLACES = [place_of(6, 22), place_of(6, 443), place_of(6, 40000), place_of(17, 53), place_of(47)]


@settings(max_examples=40, deadline=None)
@given(networks(), st.integers(0, 200))
def test_every_sure_difference_is_told_and_no_other(before: Network, pick: int) -> None:
    after = _thinned(before, pick)
    old, new = Prover(before), Prover(after)
    expected: set[tuple[str, str, str, int]] = set()
    mine = {end.id: (unit.name, end) for unit in old.units() for end in unit.ends}
    for source, one in mine.values():
        for target, other in mine.values():
            for a, b in old.meetings(one, other):
                here = old.forward(a, b)
                for c, d in new.meetings(one, other):
                    if not (old.addresses(a) & new.addresses(c)
                            and old.addresses(b) & new.addresses(d)):  # fmt: skip
                        continue
                    there = new.forward(c, d)
                    for place in _PLACES:
                        bit = 1 << old.parts.services.index(place)
                        tib = 1 << new.parts.services.index(place)
                        if here.sure & bit and not there.possible & tib:
                            expected.add(("lost", source, target, place))
                        if there.sure & tib and not here.possible & bit:
                            expected.add(("gained", source, target, place))
    found = {
        (one.kind, one.source, one.target, place)
        for one in difference(before, after).changes
        if one.kind in ("lost", "gained")
        if "internet" not in (one.source, one.target)
        for place in _PLACES
        if place in one.services
    }
    assert found == expected
