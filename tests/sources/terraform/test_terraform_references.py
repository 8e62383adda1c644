"""References through counts, keys, modules, variables and outputs; and what stays open is said."""

from __future__ import annotations

import pytest
from planned import PlanText, Ref
from planned_parts import ALL_OUT, VPC, add_instance, add_subnet, read, vpc_plan

from ringwall.model.network import Network
from ringwall.sources.terraform.document import module_key, module_path, parent_module, read_key
from ringwall.sources.terraform.references import references_in, tokens_of


def subnets_of(network: Network, *names: str) -> list[str]:
    return [one.subnet for one in network.interfaces.values() if one.owner in names]


def affected(network: Network) -> set[str]:
    return {name for gap in network.gaps for name in gap.affects}


def test_module_addresses_are_taken_apart() -> None:
    address = 'module.a["x.y"].module.b[2].module.c'
    assert module_path(address) == ("a", "b", "c")
    assert parent_module(address) == 'module.a["x.y"].module.b[2]'
    assert parent_module("module.a") == ""
    assert module_key('module.a["x.y"]') == "x.y"
    assert module_key("module.b[2]") == 2
    assert read_key('["it\\"s"]') == 'it"s'


def test_a_reference_is_split_at_dots_outside_of_keys() -> None:
    assert tokens_of('module.a["x.y"].out[0].id') == ["module", "a", '["x.y"]', "out", "[0]", "id"]
    names = {"references": ["aws_vpc.main.id", "aws_vpc.main", "aws_eip.gw", "count.index"]}
    assert references_in(names) == ["aws_vpc.main.id", "aws_eip.gw", "count.index"]


def test_count_pairs_instances_by_index() -> None:
    plan = vpc_plan()
    for index in range(3):
        add_subnet(plan, f"app[{index}]", f"10.0.{index}.0/24")
        plan.add(
            f"aws_instance.app[{index}]",
            subnet_id=Ref("aws_subnet.app", "count.index"),
            source_dest_check=True,
        )
    network = read(plan)
    for index in range(3):
        assert subnets_of(network, f"aws_instance.app[{index}]") == [f"aws_subnet.app[{index}]"]
    assert not affected(network)


def test_a_computed_index_past_the_end_stays_open() -> None:
    plan = vpc_plan()
    for index in range(2):
        add_subnet(plan, f"app[{index}]", f"10.0.{index}.0/24")
    plan.add("aws_instance.app[2]", subnet_id=Ref("aws_subnet.app", "count.index"))
    network = read(plan)
    assert "aws_instance.app[2]" in affected(network)


def test_for_each_pairs_instances_by_key() -> None:
    plan = vpc_plan()
    for index, key in enumerate("ab"):
        add_subnet(plan, f'app["{key}"]', f"10.0.{index}.0/24")
        plan.add(f'aws_instance.by_key["{key}"]', subnet_id=Ref("aws_subnet.app", "each.key"))
        plan.add(
            f'aws_instance.by_value["{key}"]',
            for_each=Ref("aws_subnet.app"),
            subnet_id=Ref("each.value.id", "each.value"),
        )
    network = read(plan)
    for key in "ab":
        owners = (f'aws_instance.by_key["{key}"]', f'aws_instance.by_value["{key}"]')
        assert subnets_of(network, *owners) == [f'aws_subnet.app["{key}"]'] * 2
    assert not affected(network)


def nested() -> PlanText:
    """A network module that is called twice, and a service module that is handed its parts."""
    plan = PlanText()
    for at, key in enumerate(("east", "west")):
        module = f'module.net["{key}"]'
        plan.add(f"{module}.aws_vpc.this", cidr_block=f"10.{at}.0.0/16")
        for index in range(2):
            plan.add(
                f"{module}.aws_subnet.private[{index}]",
                vpc_id=Ref("aws_vpc.this.id"),
                cidr_block=f"10.{at}.{index}.0/24",
                availability_zone="eu-west-1a",
            )
    plan.output("net", "vpc_id", "aws_vpc.this.id")
    plan.output("net", "subnets", "aws_subnet.private")
    return plan


def test_outputs_and_variables_lead_through_modules() -> None:
    plan = nested()
    plan.add(
        "module.app.module.inner.aws_instance.one",
        subnet_id=Ref("var.subnet"),
        vpc_security_group_ids=Ref("var.groups"),
    )
    plan.add("module.app.aws_security_group.own", name="own", vpc_id=Ref("var.vpc"))
    plan.pass_in("app", vpc=Ref('module.net["west"].vpc_id'),
                 subnets=Ref('module.net["west"].subnets'))  # fmt: skip
    plan.pass_in("app.inner", subnet=Ref("var.subnets[1]"), groups=Ref("aws_security_group.own.id"))
    network = read(plan)
    (card,) = network.interfaces.values()
    assert card.subnet == 'module.net["west"].aws_subnet.private[1]'
    assert card.groups == ("module.app.aws_security_group.own",)
    group = network.security_groups["module.app.aws_security_group.own"]
    assert group.vpc == 'module.net["west"].aws_vpc.this'
    assert not affected(network)


def test_a_local_is_told_where_only_one_thing_can_be_meant() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_security_group.web", name="web", vpc_id=Ref("local.vpc_id"))
    plan.add("aws_instance.web", subnet_id=Ref("local.subnet"),
             vpc_security_group_ids=Ref("local.groups"))  # fmt: skip
    network = read(plan)
    assert network.security_groups["aws_security_group.web"].vpc == "aws_vpc.main"
    assert subnets_of(network, "aws_instance.web") == ["aws_subnet.one"]


def test_a_local_stays_open_where_several_things_can_be_meant() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    add_subnet(plan, "two", "10.0.2.0/24")
    plan.add("aws_instance.web", subnet_id=Ref("local.subnet"))
    network = read(plan)
    assert "aws_instance.web" in affected(network)
    assert any("leaves locals out" in gap.message for gap in network.gaps)


def test_a_subnet_lies_in_the_vpc_that_holds_its_block() -> None:
    plan = vpc_plan().add("aws_vpc.other", cidr_block="10.9.0.0/16")
    plan.add("aws_subnet.one", vpc_id=Ref("local.vpc"), cidr_block="10.9.1.0/24",
             availability_zone="eu-west-1a")  # fmt: skip
    network = read(plan)
    assert network.subnets["aws_subnet.one"].vpc == "aws_vpc.other"
    assert not affected(network)


def test_references_in_a_circle_end() -> None:
    plan = nested()
    plan.add("module.a.aws_instance.one", subnet_id=Ref("var.subnet"))
    plan.output("a", "again", "var.subnet")
    plan.pass_in("a", subnet=Ref("module.a.again"))
    network = read(plan)
    assert "module.a.aws_instance.one" in affected(network)
    assert any("leads back to itself" in gap.message for gap in network.gaps)


def test_an_unknown_member_of_a_list_is_looked_up() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, egress=ALL_OUT)
    add_instance(plan, "web", "one", "web")
    document = plan.document()
    values = document["planned_values"]["root_module"]["resources"][-1]["values"]
    values["vpc_security_group_ids"] = ["sg-12345678", None]
    marks = document["resource_changes"][-1]["change"]["after_unknown"]
    marks["vpc_security_group_ids"] = [False, True]
    import json

    from ringwall.sources.terraform import read_plan

    network = read_plan(json.dumps(document), "plan.json")
    groups = network.interfaces["aws_instance.web"].groups
    assert groups == ("sg-12345678", "aws_security_group.web")


@pytest.mark.parametrize("form", ["flat", "blocks", "whole"])
def test_two_rules_that_each_name_a_group(form: str) -> None:
    """Flat references do not say which rule names which group; blocks that differ do."""
    from planned_parts import group_rule

    plan = vpc_plan()
    for name in ("a", "b"):
        plan.add(f"aws_security_group.{name}", name=name, vpc_id=VPC)
    rules = [
        group_rule(protocol="tcp", from_port=port, to_port=port,
                   security_groups=[Ref(f"aws_security_group.{name}.id")])
        for name, port in (("a", 22), ("b", 443))
    ]  # fmt: skip
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, ingress=rules)
    document = plan.document()
    if form != "flat":
        written = document["configuration"]["root_module"]["resources"][-1]["expressions"]
        written["ingress"] = [
            {
                "from_port": {"constant_value": port},
                "to_port": {"constant_value": port},
                "protocol": {"constant_value": "tcp"},
                "security_groups": {
                    "references": [f"aws_security_group.{name}.id", f"aws_security_group.{name}"]
                },
            }
            for name, port in (("a", 22), ("b", 443))
        ]
    if form == "whole":
        del document["planned_values"]["root_module"]["resources"][-1]["values"]["ingress"]
        document["resource_changes"][-1]["change"]["after_unknown"]["ingress"] = True
    import json

    from ringwall.model.services import show_services
    from ringwall.sources.terraform import read_plan

    network = read_plan(json.dumps(document), "plan.json")
    found = {
        (str(rule.peer), show_services(rule.services), rule.certain)
        for rule in network.security_groups["aws_security_group.web"].ingress
    }
    sure = {("aws_security_group.a", "tcp/22", True), ("aws_security_group.b", "tcp/443", True)}
    if form == "flat":
        ends = ("aws_security_group.a", "aws_security_group.b")
        assert found == {(one, port, False) for one in ends for port in ("tcp/22", "tcp/443")}
    else:
        assert found == sure
