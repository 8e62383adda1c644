"""Every certificate is accepted as it was issued, and refuted with anything changed in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ringwall.cli.pipeline import source_of
from ringwall.model.addresses import of_cidr
from ringwall.prove.certificate import certify
from ringwall.prove.certificate_facts import network_facts
from ringwall.verify.checker import Report, check, digest
from ringwall.verify.walk import Refuted

EXAMPLES = Path(__file__).parents[2] / "examples"
Document = dict[str, Any]


@cache
def issued(name: str) -> str:
    source = source_of(EXAMPLES / name / "ringwall.yaml", region=None, parameters={})
    assert source.policy is not None
    found = certify(source.network, source.policy)
    assert not found.refused
    return json.dumps(found.document)


def a_copy(name: str = "minimal") -> Document:
    document: Document = json.loads(issued(name))
    return document


def resealed(document: Document) -> Document:
    """With the digest made anew: what is wrong must be found in what is said."""
    return document | {"digest": digest(document["facts"])}


def refuted(document: Document) -> str:
    with pytest.raises(Refuted) as caught:
        check(document)
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(one.name for one in EXAMPLES.iterdir()))
def test_every_shipped_design_is_certified_whole(name: str) -> None:
    report = check(a_copy(name))
    kinds = {claim.split()[0] for claim in report.claims}
    assert kinds == {"RW-FLOW", "RW-NEVER", "RW-ONLY"}
    assert report.classes > report.pairs / 2
    source = source_of(EXAMPLES / name / "ringwall.yaml", region=None, parameters={})
    again = network_facts(source.network)
    assert isinstance(check(a_copy(name), again), Report)


def test_a_certificate_about_another_network_is_refuted() -> None:
    with pytest.raises(Refuted, match="another network"):
        check(a_copy("minimal"), a_copy("clinic")["facts"])


def test_issuing_twice_gives_the_same_bytes() -> None:
    first = issued("minimal")
    issued.cache_clear()
    assert issued("minimal") == first


# --- one change at a time --------------------------------------------------------------------

Change = Callable[[Document, st.DataObject], None]


def pick(data: st.DataObject, items: Any) -> int:
    assume(len(items) > 0)
    return data.draw(st.integers(0, len(items) - 1))


def flip_a_verdict(document: Document, data: st.DataObject) -> None:
    table = document[data.draw(st.sampled_from(["vectors", "replies"]))]
    runs = table[pick(data, table)]
    run = runs[pick(data, runs)]
    run[2] = data.draw(st.sampled_from([one for one in (0, 1, 2) if one != run[2]]))


def shift_a_cut(document: Document, data: st.DataObject) -> None:
    starts = document["partition"][data.draw(st.sampled_from(["addresses", "services"]))]
    starts[1 + pick(data, starts[1:])] += data.draw(st.sampled_from([-1, 1]))


def drop_a_cut(document: Document, data: st.DataObject) -> None:
    starts = document["partition"][data.draw(st.sampled_from(["addresses", "services"]))]
    del starts[pick(data, starts)]


def add_a_cut(document: Document, data: st.DataObject) -> None:
    starts = document["partition"]["addresses"]
    new = data.draw(st.integers(1, (1 << 32) - 1))
    assume(new not in starts)
    document["partition"]["addresses"] = sorted([*starts, new])


def delete_a_class(document: Document, data: st.DataObject) -> None:
    rows = document["grids"][pick(data, document["grids"])]
    del rows[pick(data, rows)]


def swap_two_classes(document: Document, data: st.DataObject) -> None:
    rows = [row for grid in document["grids"] for row in grid]
    one, other = rows[pick(data, rows)], rows[pick(data, rows)]
    assume(one[4] != other[4])
    one[4], other[4] = other[4], one[4]


def stretch_a_class(document: Document, data: st.DataObject) -> None:
    rows = document["grids"][pick(data, document["grids"])]
    row = rows[pick(data, rows)]
    row[data.draw(st.sampled_from([0, 1, 2, 3]))] += data.draw(st.sampled_from([-1, 1]))


def delete_a_pair(document: Document, data: st.DataObject) -> None:
    del document["pairs"][pick(data, document["pairs"])]


def repeat_a_pair(document: Document, data: st.DataObject) -> None:
    document["pairs"].append(document["pairs"][pick(data, document["pairs"])])


def mistake_a_pair(document: Document, data: st.DataObject) -> None:
    pair = document["pairs"][pick(data, document["pairs"])]
    other = pick(data, document["grids"])
    assume(document["grids"][other] != document["grids"][pair[2]])
    pair[2] = other


def narrow_an_end(document: Document, data: st.DataObject) -> None:
    runs = document["ends"][pick(data, document["ends"])][2]
    del runs[pick(data, runs)]


def rename_an_end(document: Document, data: st.DataObject) -> None:
    document["ends"][pick(data, document["ends"])][1] += "x"


def shorten_a_vector(document: Document, data: st.DataObject) -> None:
    runs = document["vectors"][pick(data, document["vectors"])]
    del runs[pick(data, runs)]


def name_another_rule(document: Document, data: st.DataObject) -> None:
    acls = [one for one in document["deciders"] if one[0] == "network-acl"]
    acls[pick(data, acls)][2] = "1"


def name_another_place(document: Document, data: st.DataObject) -> None:
    document["deciders"][pick(data, document["deciders"])][1] += "x"


def add_an_unused_entry(document: Document, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(["vectors", "replies", "deciders", "grids", "ends"]))
    document[table].append(document[table][0])


def drop_a_claim(document: Document, data: st.DataObject) -> None:
    alone = [
        one for one in document["claims"]
        if one["code"] == "RW-ONLY" and one["source"] != one["target"]
        and "internet" not in (one["source"]["kind"], one["target"]["kind"])
        and not one["allowed"]
    ]  # fmt: skip
    document["claims"].remove(alone[pick(data, alone)])


def claim_what_is_not_so(document: Document, data: st.DataObject) -> None:
    """No leave for what is open: each claim with one of its services taken away."""
    only = [one for one in document["claims"] if one.get("allowed")]
    del only[pick(data, only)]["allowed"][0]


def ask_for_more(document: Document, data: st.DataObject) -> None:
    flows = [one for one in document["claims"] if one["code"] == "RW-FLOW"]
    flows[pick(data, flows)]["services"] = [[0, (256 << 16) - 1]]


def call_it_violated(document: Document, data: st.DataObject) -> None:
    document["claims"][pick(data, document["claims"])]["verdict"] = "violated"


def change_the_schema(document: Document, data: st.DataObject) -> None:
    document["schema"] = data.draw(st.sampled_from(["", "ringwall.certificate/2", None]))


CHANGES: list[Change] = [
    flip_a_verdict, shift_a_cut, drop_a_cut, add_a_cut, delete_a_class, swap_two_classes,
    stretch_a_class, delete_a_pair, repeat_a_pair, mistake_a_pair, narrow_an_end, rename_an_end,
    shorten_a_vector, name_another_rule, name_another_place, add_an_unused_entry, drop_a_claim,
    claim_what_is_not_so, ask_for_more, call_it_violated, change_the_schema,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_one_change_is_enough_to_be_refuted(change: Change, data: st.DataObject) -> None:
    document = a_copy()
    change(document, data)
    refuted(document)


# --- other facts -----------------------------------------------------------------------------


def rules_of(document: Document) -> list[tuple[list[Document], int]]:
    facts = document["facts"]
    lists = [one["routes"] for one in facts["tables"].values()]
    for holders in (facts["acls"], facts["groups"]):
        lists += [one[side] for one in holders.values() for side in ("in", "out")]
    return [(each, index) for each in lists for index in range(len(each))]


def test_no_fact_can_be_changed_behind_the_digest() -> None:
    for number in range(len(rules_of(a_copy()))):
        document = a_copy()
        rules, index = rules_of(document)[number]
        del rules[index]
        assert "digest" in refuted(document)


def test_a_dropped_rule_is_noticed_even_under_a_digest_of_its_own() -> None:
    """All but those that decide nothing: a certificate without them is true of its network too."""
    accepted = []
    for number in range(len(rules_of(a_copy()))):
        document = a_copy()
        rules, index = rules_of(document)[number]
        gone = rules[index]
        del rules[index]
        try:
            check(resealed(document))
        except Refuted:
            continue
        accepted.append(gone)
    idle = [one for acl in a_copy()["facts"]["acls"].values() if not acl["subnets"]
            for side in ("in", "out") for one in acl[side]]  # fmt: skip
    loopback = [of_cidr("127.0.0.1/32").first] * 2
    denies = [one for one in accepted if one.get("allow") is False]
    for one in accepted:
        assert one in idle or one["block"] == loopback or one in denies


def test_widened_rules_are_noticed_even_under_a_digest_of_their_own() -> None:
    """One layer that opens is held by the others (that is their point); all of them are not."""
    anything = [[0, (256 << 16) - 1]]
    for name, group in a_copy()["facts"]["groups"].items():
        document = a_copy()
        facts = document["facts"]
        if not group["in"] or not any(
            name in one["groups"] for one in facts["interfaces"].values()
        ):
            continue
        opened = [*facts["groups"][name]["in"]]
        opened += [rule for one in facts["groups"].values() for rule in one["out"]]
        opened += [rule for one in facts["acls"].values() for way in ("in", "out")
                   for rule in one[way]]  # fmt: skip
        for rule in opened:
            rule["services"] = anything
            if "allow" in rule:
                rule["allow"] = True
        refuted(resealed(document))


def test_an_unsure_fact_takes_the_proof_away() -> None:
    document = a_copy()
    group = next(
        name for name, one in document["facts"]["groups"].items() if one["in"] and one["out"]
    )
    document["facts"]["doubts"] = [group]
    refuted(resealed(document))


# --- anything at all -------------------------------------------------------------------------

_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_junk_anywhere_is_refuted_and_never_breaks_the_checker(data: st.DataObject) -> None:
    document = a_copy()
    node: Any = document
    keys = [one for one in document if one not in ("about", "facts")]
    key: Any = data.draw(st.sampled_from(keys))
    while data.draw(st.booleans()) and isinstance(node[key], dict | list) and node[key]:
        node = node[key]
        key = data.draw(
            st.sampled_from(sorted(node)) if isinstance(node, dict)
            else st.integers(0, len(node) - 1)
        )  # fmt: skip
    # The words beside a claim are for people; the checker puts claims in words of its own.
    assume(key not in ("subject", "claim", "assumptions"))
    junk = data.draw(_JUNK)
    assume(junk != node[key] and (junk, node[key]) not in [("", ""), (False, 0), (True, 1)])
    # An empty word where no rule decides may be left out: nothing hangs on it.
    assume(node[key] != "" or junk is not None)
    before = copy.deepcopy(node[key])
    node[key] = junk
    try:
        check(document)
    except Refuted:
        return
    assert json.dumps(junk) == json.dumps(before), f"{key}: {before} became {junk}"


def test_a_claim_about_ends_that_nobody_has_is_refuted() -> None:
    document = a_copy()
    selectors = [one[side] for one in document["claims"] for side in ("source", "target")]
    (first, *_) = [one for one in selectors if one["kind"] == "unit"]
    first["name"] = "nobody"
    assert "a claim about nothing" in refuted(document)


def test_an_answer_names_nothing_that_stops_it() -> None:
    document = a_copy()
    document["replies"][0][0][3] = 0
    assert "what stops an answer is not named" in refuted(document)
