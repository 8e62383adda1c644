"""Small EC2 set-ups with the sets that must come out.

The set-ups and the forward and return sets are those of the acceptance tests of the public project
luhring/reach (``reach/analyzer/analyzer_test.go``), which were run against AWS; the plans are made
here. Return sets there are what network ACLs let back: here, whether replies get back.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from planned import PlanText, Ref, Same
from planned_parts import (
    ALL_OUT,
    EVERYWHERE,
    VPC,
    acl_rule,
    add_instance,
    add_subnet,
    group_rule,
    passing,
    read,
    vpc_plan,
)

from ringwall.cli.app import run
from ringwall.prove.pairs import pairs

NOBODY = [Ref("aws_security_group.no_rules.id")]


def group(plan: PlanText, name: str, **rules: object) -> None:
    plan.add(f"aws_security_group.{name}", name=f"aat_{name}", vpc_id=VPC, **rules)


GROUPS = {
    "no_rules": {},
    "udp_out": {
        "egress": [
            group_rule(from_port=0, to_port=65535, protocol="udp", security_groups=NOBODY)
        ]
    },
    "dns_in": {
        "ingress": [group_rule(from_port=53, to_port=53, protocol="udp", security_groups=NOBODY)]
    },
    "esp_out": {"egress": [group_rule(protocol="50", cidr_blocks=[EVERYWHERE])]},
    "esp_in": {"ingress": [group_rule(protocol="50", cidr_blocks=[EVERYWHERE])]},
    "tcp_out": {
        "egress": [group_rule(to_port=65535, protocol="tcp", cidr_blocks=[EVERYWHERE])]
    },
    "ssh_in": {
        "ingress": [group_rule(from_port=22, to_port=22, protocol="tcp", cidr_blocks=[EVERYWHERE])]
    },
    "all_out": {"egress": ALL_OUT},
    "all_in": {"ingress": [group_rule(cidr_blocks=[EVERYWHERE])]},
    "https_out": {
        "egress": [
            group_rule(
                from_port=443, to_port=443, protocol="tcp",
                cidr_blocks=Same(["10.0.1.0/24"], ("aws_subnet.one.cidr_block",)),
            )
        ]
    },
    "https_in": {
        "ingress": [
            group_rule(
                from_port=443, to_port=443, protocol="tcp",
                cidr_blocks=Same(["10.0.1.0/24"], ("aws_subnet.one.cidr_block",)),
            )
        ]
    },
    "pg_out": {
        "egress": [
            group_rule(from_port=5432, to_port=5432, protocol="tcp", security_groups=NOBODY)
        ]
    },
    "pg_in": {
        "ingress": [
            group_rule(from_port=5432, to_port=5432, protocol="tcp", security_groups=NOBODY)
        ]
    },
}  # fmt: skip


def set_up(subnets: int, source: list[str], target: list[str], acls: str = "") -> PlanText:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    if subnets == 2:
        add_subnet(plan, "two", "10.0.2.0/24")
    for name in dict.fromkeys(["no_rules", *source, *target]):
        group(plan, name, **GROUPS[name])
    add_acls(plan, acls)
    add_instance(plan, "source", "one", *source)
    add_instance(plan, "destination", "two" if subnets == 2 else "one", *target)
    return plan


def add_acls(plan: PlanText, kind: str) -> None:
    both = [Ref("aws_subnet.one.id"), Ref("aws_subnet.two.id")]
    every = {"none": [], "all": [acl_rule()], "tcp": [acl_rule(protocol="tcp", to_port=65535)]}
    if kind in every:
        rules = every[kind]
        given = {"ingress": rules, "egress": rules} if rules else {}
        plan.add("aws_network_acl.both", vpc_id=VPC, subnet_ids=both, **given)
    if kind == "tight":
        for name, other, subnet, block in (
            ("source", "egress", "one", "10.0.2.0/24"),
            ("destination", "ingress", "two", "10.0.1.0/24"),
        ):
            far = Same(block, (f"aws_subnet.{'two' if subnet == 'one' else 'one'}.cidr_block",))
            there = acl_rule(protocol="tcp", from_port=5432, to_port=5432, cidr_block=far)
            back = acl_rule(protocol="tcp", from_port=0, to_port=65535, cidr_block=far)
            ways = {other: [there], "ingress" if other == "egress" else "egress": [back]}
            plan.add(
                f"aws_network_acl.{name}", vpc_id=VPC,
                subnet_ids=[Ref(f"aws_subnet.{subnet}.id")], **ways,
            )  # fmt: skip


SCENARIOS = {
    "same subnet, no rules": (1, ["no_rules"], ["no_rules"], "", ""),
    "same subnet, several protocols": (
        1, ["no_rules", "udp_out", "esp_out", "tcp_out"],
        ["no_rules", "dns_in", "esp_in", "ssh_in"], "", "tcp/22, udp/53, 50",
    ),
    "same subnet, DNS by reference": (
        1, ["no_rules", "udp_out"], ["no_rules", "dns_in"], "", "udp/53",
    ),
    "same subnet, HTTPS by address": (1, ["https_out"], ["https_in"], "", "tcp/443"),
    "same subnet, SSH": (1, ["all_out"], ["ssh_in"], "", "tcp/22"),
    "same subnet, everything": (1, ["all_out"], ["all_in"], "", "all"),
    "same VPC, everything": (2, ["all_out"], ["all_in"], "all", "all"),
    "same VPC, network ACLs without rules": (2, ["all_out"], ["all_in"], "none", ""),
    "same VPC, network ACLs for another protocol": (2, ["esp_out"], ["all_in"], "tcp", ""),
    "same VPC, tight Postgres": (
        2, ["no_rules", "pg_out"], ["no_rules", "pg_in"], "tight", "tcp/5432",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_passes_is_what_aws_lets_pass(name: str) -> None:
    subnets, source, target, acls, expected = SCENARIOS[name]
    network = read(set_up(subnets, source, target, acls))
    found = passing(network)
    ends = ("aws_instance.source", "aws_instance.destination")
    assert found.get(ends, "") == expected
    assert set(found) == ({ends} if expected else set())
    replies = [row for row in pairs(network) if (row.source, row.target) == ends]
    assert all(row.services <= row.replies for row in replies if row.services)


def test_the_command_line_answers_by_every_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(set_up(2, ["no_rules", "pg_out"], ["no_rules", "pg_in"], "tight").text())
    for end in ("aws_instance.destination", "destination", "destination-box"):
        question = ["explain", str(path), "--from", "aws_instance.source", "--to", end]
        assert run([*question, "--port", "5432", "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["verdict"] == "reachable", end
    assert run(["prove", str(path), "--pairs", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert ("aws_instance.source", "aws_instance.destination") in {
        (row["from"], row["to"]) for row in document["pairs"] if row["verdict"] == "reachable"
    }
