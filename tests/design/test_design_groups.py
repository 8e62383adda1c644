"""Security groups: exactly one rule each way for each flow, and no allow-all."""

from __future__ import annotations

from collections import Counter

import pytest
from design_tables import built, example, file_of, group_rules, group_table, same_as_golden
from hypothesis import HealthCheck, given, settings

from ringwall.design.addresses import address_plan
from ringwall.design.blueprint import Blueprint, group_name
from ringwall.design.build import Design, build
from ringwall.design.flows import flows
from ringwall.design.groups import description, grouped
from ringwall.model.errors import InputError
from ringwall.model.policy import Selector
from ringwall.model.services import show_services
from ringwall.spec.load import SpecFile
from strategies import spec_files

NOWHERE = ("127.0.0.1/32", "everything")


@pytest.mark.parametrize("name", ["chat", "clinic", "large", "minimal"])
def test_the_groups_of_the_examples(name: str) -> None:
    same_as_golden(f"{name}-groups.txt", group_table(example(name)))


def bucket(file: SpecFile, end: Selector) -> bool:
    service = file.spec.services.get(end.name)
    return service is not None and service.kind == "bucket"


def expected(design: Design, file: SpecFile) -> Counter[tuple[str, str, str, str]]:
    """Both halves of every flow: group, way, peer, traffic."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    lists = set()
    for flow in design.policy.flows:
        traffic = show_services(flow.services)
        ends = {"in": flow.target, "out": flow.source}
        for way, mine in ends.items():
            peer = ends["out" if way == "in" else "in"]
            if mine.kind != "service" or bucket(file, mine):
                continue
            group = group_name(mine.name)
            if peer.kind == "internet":
                found[group, way, "0.0.0.0/0", traffic] += 1
            elif peer.kind == "address":
                found[group, way, peer.name, traffic] += 1
            elif bucket(file, peer):
                lists.add((group, way, "S3PrefixListId", traffic))
            else:
                found[group, way, group_name(peer.name), traffic] += 1
    return found + Counter(lists)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec_files())
def test_the_rules_are_the_two_halves_of_every_flow_and_no_more(file: SpecFile) -> None:
    design = build(file)
    rules = [rule[:4] for rule in group_rules(design.tree)]
    real = Counter(rule for rule in rules if rule[2:] != NOWHERE)
    assert real == expected(design, file)
    for group in {rule[0] for rule in rules}:
        out = [rule for rule in rules if rule[:2] == (group, "out")]
        assert out, f"{group} would get AWS's allow-all egress"


def test_no_group_is_left_with_the_egress_that_aws_adds() -> None:
    for group in example("clinic").tree.of_type("AWS::EC2::SecurityGroup"):
        assert group.properties["SecurityGroupEgress"]


@pytest.mark.parametrize(
    ("region", "id"),
    [("us-east-1", "pl-63a5400a"), ("eu-west-1", "pl-6da54004"), ("af-south-1", None)],
)
def test_the_prefix_list_has_a_default_only_where_its_id_is_known(
    region: str, id: str | None
) -> None:
    design = built(
        f"name: a\nregion: {region}\nservices:\n  web: {{kind: load-balancer}}\n"
        "  api: {kind: service, from: [web]}\n  files: {kind: bucket, from: [api]}\n"
    )
    parameter = design.tree.parameters["S3PrefixListId"]
    assert parameter.default == id
    assert f"com.amazonaws.{region}.s3" in parameter.description


def test_without_a_bucket_there_is_no_prefix_list() -> None:
    assert "S3PrefixListId" not in example("minimal").tree.parameters


def test_descriptions_hold_only_what_aws_takes() -> None:
    assert description("Zahlungsdienst „Ü“ – `live`") == "Zahlungsdienst live"
    assert len(description("x" * 300)) == 255


def test_too_many_rules_in_a_group_are_told_before_aws_does() -> None:
    blocks = ", ".join(f"203.0.{at}.0/24" for at in range(0, 62, 2))
    text = (
        "name: a\nservices:\n"
        f"  web: {{kind: load-balancer, from: [{blocks}]}}\n"
        "  api: {kind: service, from: [web]}\n"
    )
    file = file_of(text)
    with pytest.raises(InputError) as caught:
        grouped(Blueprint(file, address_plan(file), flows(file)))
    (only,) = caught.value.diagnostics
    assert only.code == "RW-DESIGN-002"
    assert only.message == (
        "the security group of `web` needs 62 incoming rules, "
        "and AWS allows 60 (at most 1000 on request)"
    )
    assert "fewer, wider address blocks" in only.help
