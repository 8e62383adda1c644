"""Plans that are broken, strange or of another provider: located errors, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planned import PlanText, Ref, state_of
from planned_parts import ALL_OUT, VPC, add_instance, add_subnet, group_rule, read, vpc_plan

from ringwall.model.errors import Diagnostic, InputError
from ringwall.sources.read import read_network
from ringwall.sources.terraform import read_plan


def small() -> PlanText:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, egress=ALL_OUT,
             ingress=[group_rule(protocol="tcp", from_port=22, to_port=22)])  # fmt: skip
    add_instance(plan, "web", "one", "web")
    return plan


def codes(text: str) -> set[str]:
    with pytest.raises(InputError) as caught:
        read_plan(text, "plan.json")
    for one in caught.value.diagnostics:
        assert one.origin.source == "plan.json"
        assert one.message
    return {one.code for one in caught.value.diagnostics}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "RW-TF-001"),
        ('{"format_version": "1.2", "planned_values": {"root', "RW-TF-001"),
        ("[1, 2]", "RW-TF-002"),
        ('{"format_version": "1.2"}', "RW-TF-002"),
        ('{"planned_values": []}', "RW-TF-003"),
        ('{"planned_values": {"root_module": {"resources": {}}}}', "RW-TF-003"),
        ('{"planned_values": {"root_module": {"resources": [7]}}}', "RW-TF-003"),
        ('{"planned_values": {"root_module": {"resources": [{"type": "aws_vpc"}]}}}', "RW-TF-003"),
        ('{"errored": true, "planned_values": {"root_module": {}}}', "RW-TF-004"),
        ("[" * 100_000, "RW-TF-001"),
    ],
)
def test_what_is_no_plan_is_told(text: str, code: str) -> None:
    assert codes(text) == {code}


def test_a_file_that_breaks_off_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(json.loads(small().text()), indent=1)[:3000])
    with pytest.raises(InputError) as caught:
        read_network(path)
    (one,) = caught.value.diagnostics
    assert one.code == "RW-TF-001"
    assert one.origin.line is not None


def test_a_plan_in_the_forms_that_people_save(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(small().text().encode("utf-16"))
    assert "aws_instance.web" in read_network(path).interfaces
    path.write_bytes(b"PK\x03\x04" + bytes(20))
    with pytest.raises(InputError) as caught:
        read_network(path)
    assert "terraform show -json" in caught.value.diagnostics[0].help
    path.write_text('{"version": 4, "terraform_version": "1.9.8", "lineage": "a", "resources": []}')
    with pytest.raises(InputError) as caught:
        read_network(path)
    assert [one.code for one in caught.value.diagnostics] == ["RW-TF-002"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cidr_block", "10.0.0.0/99"),
        ("cidr_block", {"a": 1}),
        ("map_public_ip_on_launch", "perhaps"),
        ("vpc_id", ["a", "b"]),
    ],
)
def test_wrong_values_are_told_with_their_resource(key: str, value: object) -> None:
    plan = vpc_plan()
    given_values: dict[str, object] = {"vpc_id": VPC, "cidr_block": "10.0.1.0/24", key: value}
    plan.add("aws_subnet.one", **given_values)
    add_instance(plan, "web", "one")
    with pytest.raises(InputError) as caught:
        read(plan)
    assert {one.code for one in caught.value.diagnostics} == {"RW-TF-010"}
    assert caught.value.diagnostics[0].origin.pointer == f"aws_subnet.one/{key}"


def test_wrong_rules_are_all_told_at_once() -> None:
    plan = vpc_plan()
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, ingress=[
        group_rule(protocol="tcpp"), group_rule(protocol="tcp", from_port=9, to_port=2),
        group_rule(protocol="tcp", from_port=1, to_port=99999, cidr_blocks=["x"]),
    ])  # fmt: skip
    with pytest.raises(InputError) as caught:
        read(plan)
    assert len(caught.value.diagnostics) == 3


def test_a_plan_of_another_provider_holds_no_network() -> None:
    plan = PlanText().add("google_compute.vm", name="vm")
    plan.add("random_pet.name", length=2)
    network = read(plan)
    assert not network.vpcs
    assert not network.gaps
    assert not read_plan(state_of({}), "state.json").vpcs


def test_a_plan_without_configuration_says_what_it_cannot_tell() -> None:
    document = small().document()
    del document["configuration"]
    network = read_plan(json.dumps(document), "plan.json")
    affected = {name for gap in network.gaps for name in gap.affects}
    assert "aws_instance.web" in affected


def test_a_plan_without_changes_is_read_by_its_references() -> None:
    document = small().document()
    del document["resource_changes"]
    network = read_plan(json.dumps(document), "plan.json")
    card = network.interfaces["aws_instance.web"]
    assert (card.subnet, card.groups) == ("aws_subnet.one", ("aws_security_group.web",))


def test_unknown_types_on_a_way_make_it_unknown() -> None:
    plan = small().add("aws_ec2_carrier_gateway_route.x", subnet_id=Ref("aws_subnet.one.id"))
    plan.add("aws_some_new_thing.y", name="y")
    plan.add("aws_iam_role.z", name="z")
    gaps = {gap.subject: gap.affects for gap in read(plan).gaps}
    assert "aws_subnet.one" in gaps["aws_ec2_carrier_gateway_route.x"]
    assert gaps["aws_some_new_thing.y"] == ()
    assert "aws_iam_role.z" not in gaps


_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 70000), st.text(max_size=6),
    st.lists(st.one_of(st.none(), st.text(max_size=3), st.dictionaries(st.text(max_size=2),
             st.integers(), max_size=1)), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=1),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.integers(0, 10_000), junk=_JUNK)
def test_any_part_may_be_anything(where: int, junk: object) -> None:
    """One value of a plan, whichever, replaced by anything: a network or a located error."""
    document = json.loads(small().text())
    places = list(_places(document))
    holder, key = places[where % len(places)]
    holder[key] = junk
    told: tuple[Diagnostic, ...] = ()
    try:
        read_plan(json.dumps(document), "plan.json")
    except InputError as error:
        told = error.diagnostics
    assert all(one.origin.source == "plan.json" and one.message for one in told)


def _places(data: object) -> list[tuple[dict[str, object] | list[object], object]]:
    found: list[tuple[dict[str, object] | list[object], object]] = []
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        found.append((data, key))
        found += _places(data[key])
    return found
