"""Pieces of plans that several tests put together, and questions about what was read."""

from __future__ import annotations

from planned import PlanText, Ref

from ringwall.model.network import Network
from ringwall.model.services import show_services
from ringwall.model.verdict import PairReach
from ringwall.prove.pairs import pairs
from ringwall.sources.terraform import read_plan

EVERYWHERE = "0.0.0.0/0"


def group_rule(**given: object) -> dict[str, object]:
    """A block of ``ingress`` or ``egress`` of a security group, every attribute in it."""
    return {
        "cidr_blocks": [], "description": "", "from_port": 0, "ipv6_cidr_blocks": [],
        "prefix_list_ids": [], "protocol": "-1", "security_groups": [], "self": False,
        "to_port": 0, **given,
    }  # fmt: skip


def acl_rule(**given: object) -> dict[str, object]:
    """A block of ``ingress`` or ``egress`` of a network ACL, every attribute in it."""
    return {
        "action": "allow", "cidr_block": EVERYWHERE, "from_port": 0, "icmp_code": None,
        "icmp_type": None, "ipv6_cidr_block": "", "protocol": "-1", "rule_no": 100, "to_port": 0,
        **given,
    }  # fmt: skip


def table_route(**given: object) -> dict[str, object]:
    """A block of ``route`` of a route table, every attribute in it."""
    keys = (
        "carrier_gateway_id", "cidr_block", "core_network_arn", "destination_prefix_list_id",
        "egress_only_gateway_id", "gateway_id", "ipv6_cidr_block", "local_gateway_id",
        "nat_gateway_id", "network_interface_id", "transit_gateway_id", "vpc_endpoint_id",
        "vpc_peering_connection_id",
    )  # fmt: skip
    return dict.fromkeys(keys, "") | given


def vpc_plan(block: str = "10.0.0.0/16") -> PlanText:
    return PlanText().add("aws_vpc.main", cidr_block=block, tags={"Name": "main"})


VPC = Ref("aws_vpc.main.id")
ALL_OUT = [group_rule(cidr_blocks=[EVERYWHERE])]


def add_subnet(plan: PlanText, name: str, block: str, **more: object) -> PlanText:
    given: dict[str, object] = {
        "availability_zone": "eu-west-1a", "map_public_ip_on_launch": False, **more,
    }  # fmt: skip
    return plan.add(f"aws_subnet.{name}", vpc_id=VPC, cidr_block=block, **given)


def add_instance(plan: PlanText, name: str, subnet: str, *groups: str, **more: object) -> PlanText:
    return plan.add(
        f"aws_instance.{name}",
        ami="ami-1",
        source_dest_check=True,
        subnet_id=Ref(f"aws_subnet.{subnet}.id"),
        vpc_security_group_ids=[Ref(f"aws_security_group.{one}.id") for one in groups],
        tags={"Name": f"{name}-box"},
        **more,
    )


def read(plan: PlanText) -> Network:
    return read_plan(plan.text(), "plan.json")


def passing(network: Network) -> dict[tuple[str, str], str]:
    """What certainly passes between ends, in words; blocked pairs are left out."""
    return {
        (row.source, row.target): _words(row)
        for row in pairs(network)
        if row.services or row.possible
    }


def _words(row: PairReach) -> str:
    if row.possible != row.services:
        return f"unknown: {'; '.join(row.reasons)}"
    return show_services(row.services)
