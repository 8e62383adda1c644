"""The VPC, its subnets, and the emptied default security group."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from design_tables import built, example
from hypothesis import HealthCheck, given, settings

from ringwall.design.build import build
from ringwall.design.default_group import code
from ringwall.design.lambda_code import empty_default_group
from ringwall.design.tree import Attr, Pseudo, ZoneName
from ringwall.spec.load import SpecFile
from strategies import spec_files


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec_files())
def test_each_tier_has_a_subnet_in_each_zone_with_a_table_and_an_acl(file: SpecFile) -> None:
    tree = build(file).tree
    subnets = list(tree.of_type("AWS::EC2::Subnet"))
    zones = file.spec.network.zones
    assert len(subnets) == 3 * zones
    assert {one.properties["AvailabilityZone"] for one in subnets} == {
        ZoneName(zone) for zone in range(zones)
    }
    assert not any(one.properties["MapPublicIpOnLaunch"] for one in subnets)
    for kind in ("SubnetRouteTableAssociation", "SubnetNetworkAclAssociation"):
        tied = [one.properties["SubnetId"].name for one in tree.of_type(f"AWS::EC2::{kind}")]
        assert sorted(tied) == sorted(one.name for one in subnets)


def test_no_way_to_the_internet_stands_where_nobody_uses_one() -> None:
    design = built(
        "name: a\nservices:\n  one: {kind: service}\n  two: {kind: service, from: [one]}\n"
    )
    assert not list(design.tree.of_type("AWS::EC2::InternetGateway"))
    assert not list(design.tree.of_type("AWS::EC2::Route"))


def test_the_function_may_touch_the_default_group_only() -> None:
    role = example("clinic").tree.resources["EmptyDefaultGroupRole"]
    statements = role.properties["Policies"][0]["PolicyDocument"]["Statement"]
    by_action = {json.dumps(one["Action"]): one["Resource"] for one in statements}
    revoke = by_action['["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]']
    assert revoke.parts[-1] == Attr("Vpc", "DefaultSecurityGroup")
    assert Pseudo("account") in revoke.parts
    assert [action for action, where in by_action.items() if where == "*"] == [
        '"ec2:DescribeSecurityGroups"'
    ]


def test_the_program_fits_into_a_template() -> None:
    assert len(code().encode()) < 4096
    compile(code(), "index.py", "exec")


class Ec2:
    """A stand-in for the EC2 client that keeps one group's rules."""

    def __init__(self, ingress: list[Any], egress: list[Any], fault: Exception | None = None):
        self.rules = {"IpPermissions": ingress, "IpPermissionsEgress": egress}
        self.fault = fault
        self.calls: list[str] = []

    def describe_security_groups(self, GroupIds: list[str]) -> Any:
        assert GroupIds == ["sg-1"]
        if self.fault:
            raise self.fault
        return {"SecurityGroups": [self.rules]}

    def revoke_security_group_ingress(self, GroupId: str, IpPermissions: list[Any]) -> None:
        assert (GroupId, IpPermissions) == ("sg-1", self.rules["IpPermissions"])
        self.calls.append("ingress")

    def revoke_security_group_egress(self, GroupId: str, IpPermissions: list[Any]) -> None:
        assert (GroupId, IpPermissions) == ("sg-1", self.rules["IpPermissionsEgress"])
        self.calls.append("egress")


def run(monkeypatch: pytest.MonkeyPatch, ec2: Ec2, kind: str, **more: str) -> dict[str, Any]:
    """Call the function as Lambda does; what it tells CloudFormation comes back."""
    told: list[dict[str, Any]] = []

    def opened(request: Any, timeout: float) -> Any:
        assert request.full_url == "https://cloudformation.example/answer"
        assert request.get_method() == "PUT"
        assert timeout
        told.append(json.loads(request.data))
        return SimpleNamespace(close=lambda: None)

    library = SimpleNamespace(client=lambda name: ec2 if name == "ec2" else None)
    monkeypatch.setattr(empty_default_group, "import_module", lambda _: library)
    monkeypatch.setattr("urllib.request.urlopen", opened)
    event = {
        "RequestType": kind,
        "ResponseURL": "https://cloudformation.example/answer",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "DefaultSecurityGroup",
        "ResourceProperties": {"ServiceToken": "arn", "SecurityGroup": "sg-1"},
        **more,
    }
    empty_default_group.handler(event, None)
    (answer,) = told
    assert (answer["StackId"], answer["RequestId"]) == ("stack", "request")
    return answer


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_it_takes_every_rule_out(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    ec2 = Ec2([{"IpProtocol": "-1"}], [{"IpProtocol": "-1"}])
    answer = run(monkeypatch, ec2, kind)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "emptied-sg-1")
    assert ec2.calls == ["ingress", "egress"]


def test_an_empty_group_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = Ec2([], [])
    assert run(monkeypatch, ec2, "Create")["Status"] == "SUCCESS"
    assert ec2.calls == []


def test_deleting_touches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = Ec2([{"IpProtocol": "-1"}], [], fault=AssertionError("nobody asked"))
    answer = run(monkeypatch, ec2, "Delete", PhysicalResourceId="emptied-sg-1")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "emptied-sg-1")


def test_a_failure_is_told_to_cloudformation(monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = Ec2([], [], fault=RuntimeError("you are not authorized " + "x" * 1000))
    answer = run(monkeypatch, ec2, "Create")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("RuntimeError: you are not authorized")
    assert len(answer["Reason"]) == 500
