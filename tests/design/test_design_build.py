"""The whole design: the same for the same file, within quotas, and linked to its facts."""

from __future__ import annotations

import json
from ipaddress import IPv4Network

import pytest
from design_tables import EXAMPLES, example
from hypothesis import HealthCheck, given, settings

from ringwall.design import build as building
from ringwall.design.build import build
from ringwall.design.codes import CODES
from ringwall.design.quotas import ceiling, quota
from ringwall.emit.cloudformation import template, to_json
from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.spec.load import SpecFile, load_spec
from strategies import spec_files


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec_files())
def test_every_spec_becomes_a_template_and_the_same_one_twice(file: SpecFile) -> None:
    first, second = build(file), build(file)
    assert to_json(template(first.tree)) == to_json(template(second.tree))
    assert first.policy == second.policy


@pytest.mark.parametrize("name", ["chat", "clinic", "large", "minimal"])
def test_an_example_stays_far_inside_the_limits(name: str) -> None:
    tree = example(name).tree
    assert len(tree.resources) <= 250
    assert len(to_json(template(tree), compact=True)) < quota("cloudformation", "template-bytes-s3")


def test_a_stack_that_is_too_large_is_told_with_a_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "quota", lambda *_: 5)
    with pytest.raises(InputError) as caught:
        build(load_spec(EXAMPLES / "minimal" / "ringwall.yaml"))
    assert {one.code for one in caught.value.diagnostics} == {"RW-DESIGN-003"}
    assert all(one.help for one in caught.value.diagnostics)


def test_every_code_that_the_room_uses_is_explained() -> None:
    room = EXAMPLES.parent / "src" / "ringwall" / "design"
    used = {
        word
        for path in room.glob("*.py")
        if path.name != "codes.py"
        for word in path.read_text(encoding="utf-8").split('"')
        if word.startswith("RW-DESIGN-")
    }
    assert used == set(CODES)


def test_quotas_are_defaults_with_ceilings() -> None:
    assert quota("vpc", "acl-rules-per-direction") == 20
    assert ceiling("vpc", "acl-rules-per-direction") == 40
    assert quota("vpc", "subnets-per-vpc") == ceiling("vpc", "subnets-per-vpc") == 200


def test_prefix_lists_are_well_formed_and_say_what_is_not_known() -> None:
    seen = set()
    for region, lists in facts("prefix-lists").values.items():
        assert region in facts("regions").values
        for service, one in lists.items():
            assert service in {"s3", "dynamodb"}
            assert one["id"].startswith("pl-")
            assert len(one["id"]) == 11
            assert (region, one["id"]) not in seen, "a Region has one list of an id"
            seen.add((region, one["id"]))
            if one["cidrs"] is None:
                continue
            blocks = [IPv4Network(block) for block in one["cidrs"]]
            assert blocks == sorted(blocks)
            assert one["seen"]
    json.dumps(facts("quotas").values)
