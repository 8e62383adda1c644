"""States, plans over what stands already, and what a plan takes away."""

from __future__ import annotations

import json

import pytest
from planned import PlanText, Ref, Same, state_of
from planned_parts import EVERYWHERE, VPC, add_instance, add_subnet, group_rule, read, vpc_plan

from ringwall.model.errors import InputError
from ringwall.prove.ends import resolve
from ringwall.sources.read import read_network
from ringwall.sources.terraform import read_plan

IDS = {"vpc": "vpc-0aaaaaaaaaaaaaaaa", "subnet": "subnet-0aaaaaaaaaaaaaaaa",
       "group": "sg-0aaaaaaaaaaaaaaaa", "box": "i-0aaaaaaaaaaaaaaaa",
       "card": "eni-0aaaaaaaaaaaaaaaa", "default": "sg-0bbbbbbbbbbbbbbbb"}  # fmt: skip


def standing() -> dict[str, dict[str, object]]:
    rule = group_rule(protocol="tcp", from_port=22, to_port=22, cidr_blocks=[EVERYWHERE])
    return {
        "aws_vpc.main": {
            "id": IDS["vpc"], "cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "",
            "default_security_group_id": IDS["default"], "owner_id": "123456789012",
            "assign_generated_ipv6_cidr_block": False,
        },
        "aws_subnet.one": {
            "id": IDS["subnet"], "vpc_id": IDS["vpc"], "cidr_block": "10.0.1.0/24",
            "availability_zone": "eu-north-1b", "map_public_ip_on_launch": False,
        },
        "aws_security_group.web": {
            "id": IDS["group"], "vpc_id": IDS["vpc"], "name": "web", "ingress": [rule],
            "egress": [],
        },
        "aws_security_group_rule.ssh": {
            "id": "sgrule-1", "security_group_id": IDS["group"], "type": "ingress",
            "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": [EVERYWHERE],
            "self": False, "source_security_group_id": None,
        },
        "aws_instance.web": {
            "id": IDS["box"], "subnet_id": IDS["subnet"], "private_ip": "10.0.1.9",
            "public_ip": "192.0.2.7", "vpc_security_group_ids": [IDS["group"], IDS["default"]],
            "primary_network_interface_id": IDS["card"], "source_dest_check": True,
            "associate_public_ip_address": True, "tags": {"Name": "the web"},
        },
    }  # fmt: skip


def test_a_state_names_everything_by_address_and_by_id() -> None:
    network = read_plan(state_of(standing()), "state.json")
    assert network.region == "eu-north-1"
    card = network.interfaces["aws_instance.web"]
    assert card.subnet == "aws_subnet.one"
    assert card.groups == ("aws_security_group.web", "aws_vpc.main.default_security_group_id")
    assert card.public
    words = ("aws_instance.web", "web", "the web", IDS["box"], "10.0.1.9", "192.0.2.7")
    for word in words:
        assert [end.id for end in resolve(network, word)] == ["aws_instance.web"], word
    assert not network.gaps


def test_a_rule_that_a_state_holds_twice_counts_once() -> None:
    network = read_plan(state_of(standing()), "state.json")
    (rule,) = network.security_groups["aws_security_group.web"].ingress
    assert rule.id == "aws_security_group_rule.ssh"


def changed(actions: dict[str, list[str]]) -> str:
    """A plan over the standing set-up: ``actions`` by address, the rest stays as it is."""
    listed = standing()
    state = json.loads(state_of(listed))
    kept = {name: one for name, one in listed.items() if "create" in actions.get(name, ["create"])}
    return json.dumps(
        {
            "format_version": "1.2",
            "planned_values": json.loads(state_of(kept))["values"],
            "prior_state": state,
            "resource_changes": [
                {
                    "address": name, "mode": "managed", "type": name.split(".")[0],
                    "name": name.split(".")[1],
                    "change": {
                        "actions": actions.get(name, ["no-op"]), "before": one,
                        "after": one if name in kept else None, "after_unknown": {},
                    },
                }
                for name, one in listed.items()
            ],
            "configuration": {"root_module": {"resources": [
                {"address": name, "type": name.split(".")[0], "name": name.split(".")[1],
                 "mode": "managed", "expressions": {"name": {"constant_value": "x"}}}
                for name in listed
            ]}},
        }
    )  # fmt: skip


def test_what_is_deleted_is_not_there() -> None:
    network = read_plan(changed({"aws_instance.web": ["delete"]}), "plan.json")
    assert not network.interfaces


def test_a_rule_that_goes_goes_from_its_group_too() -> None:
    network = read_plan(changed({}), "plan.json")
    assert len(network.security_groups["aws_security_group.web"].ingress) == 1
    network = read_plan(changed({"aws_security_group_rule.ssh": ["delete"]}), "plan.json")
    assert not network.security_groups["aws_security_group.web"].ingress


def test_new_things_join_those_that_stand() -> None:
    plan = PlanText()
    plan.add("aws_vpc.main", cidr_block="10.0.0.0/16")
    add_subnet(plan, "new", "10.0.2.0/24")
    document = plan.document()
    vpc = document["planned_values"]["root_module"]["resources"][0]
    vpc["values"] |= {"id": IDS["vpc"]}
    document["resource_changes"][0]["change"]["after_unknown"] = {}
    document["planned_values"]["root_module"]["resources"][1]["values"]["vpc_id"] = IDS["vpc"]
    document["resource_changes"][1]["change"]["after_unknown"].pop("vpc_id")
    network = read_plan(json.dumps(document), "plan.json")
    assert network.subnets["aws_subnet.new"].vpc == "aws_vpc.main"


def test_secrets_stay_unread() -> None:
    plan = vpc_plan()
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, ingress=[
        group_rule(protocol="tcp", from_port=22, to_port=22, cidr_blocks=["192.0.2.0/24"])
    ])  # fmt: skip
    document = plan.document()
    entry = document["planned_values"]["root_module"]["resources"][-1]
    entry["sensitive_values"] = {"ingress": [{"cidr_blocks": True}]}
    network = read_plan(json.dumps(document), "plan.json")
    (rule,) = network.security_groups["aws_security_group.web"].ingress
    assert not rule.certain
    assert "192.0.2" not in repr(network)


def test_the_region_is_the_providers(tmp_path) -> None:
    plan = vpc_plan()
    plan.region = "ap-southeast-2"
    path = tmp_path / "plan.json"
    path.write_text(plan.text())
    assert read_network(path, region="eu-west-1").region == "ap-southeast-2"
    document = plan.document()
    document["configuration"]["provider_config"]["aws"]["expressions"] = {
        "region": {"references": ["var.region"]}
    }
    path.write_text(json.dumps(document))
    assert read_network(path, region="eu-west-1").region == "eu-west-1"
    document["variables"] = {"region": {"value": "us-west-2"}}
    path.write_text(json.dumps(document))
    assert read_network(path).vpcs["aws_vpc.main"].region == "us-west-2"
    with pytest.raises(InputError) as caught:
        read_network(path, parameters={"a": "b"})
    assert caught.value.diagnostics[0].code == "RW-READ-004"


def test_replicas_and_groups_by_name_need_no_reference() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_db_subnet_group.data", name="data", subnet_ids=[Ref("aws_subnet.one.id")])
    plan.add("aws_db_instance.main", identifier="main", db_subnet_group_name="data")
    plan.add("aws_db_instance.copy", identifier="copy",
             replicate_source_db=Same("main", ("aws_db_instance.main.identifier",)))  # fmt: skip
    add_instance(plan, "app", "one")
    owners = [one.owner for one in read(plan).interfaces.values()]
    assert owners == ["aws_instance.app", "aws_db_instance.main", "aws_db_instance.copy"]
