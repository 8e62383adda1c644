"""Our own templates: whatever the design decides must stand on the Network that is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringwall.design.build import build
from ringwall.design.tree import Attr, Ref, Tree
from ringwall.emit.cloudformation import template, to_json, to_yaml
from ringwall.model.network import Network
from ringwall.sources.cloudformation import read_template
from ringwall.spec.load import load_spec

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/ringwall.yaml"))
NOUNS = {
    "AWS::EC2::VPC": "vpcs",
    "AWS::EC2::Subnet": "subnets",
    "AWS::EC2::RouteTable": "route_tables",
    "AWS::EC2::NetworkAcl": "network_acls",
    "AWS::EC2::SecurityGroup": "security_groups",
    "AWS::EC2::InternetGateway": "internet_gateways",
    "AWS::EC2::NatGateway": "nat_gateways",
    "AWS::EC2::VPCEndpoint": "endpoints",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "load_balancers",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "target_groups",
    "AWS::AutoScaling::AutoScalingGroup": "workloads",
    "AWS::RDS::DBInstance": "workloads",
    "AWS::ElastiCache::ReplicationGroup": "workloads",
    "AWS::S3::Bucket": "buckets",
}


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda path: path.parent.name)
def designed(request: pytest.FixtureRequest) -> tuple[Tree, Network]:
    file = load_spec(request.param)
    tree = build(file).tree
    region = file.spec.region
    return tree, read_template(to_json(template(tree)), "template.json", region=region)


def named(value: object) -> str:
    if isinstance(value, Ref):
        return value.name
    return value.resource if isinstance(value, Attr) else str(value)


def test_every_noun_of_the_tree_is_on_the_network(designed: tuple[Tree, Network]) -> None:
    tree, network = designed
    for kind, noun in NOUNS.items():
        declared = [one.name for one in tree.of_type(kind)]
        assert set(declared) <= set(getattr(network, noun)), kind


def test_every_security_group_rule_is_on_the_network(designed: tuple[Tree, Network]) -> None:
    tree, network = designed
    for way, side in (("Ingress", "ingress"), ("Egress", "egress")):
        wanted: dict[str, int] = {}
        for group in tree.of_type("AWS::EC2::SecurityGroup"):
            inline = group.properties.get(f"SecurityGroup{way}", [])
            wanted[group.name] = len(inline)
        for rule in tree.of_type(f"AWS::EC2::SecurityGroup{way}"):
            wanted[named(rule.properties["GroupId"])] += 1
        found = {name: len(getattr(network.security_groups[name], side)) for name in wanted}
        assert found == wanted


def test_every_network_acl_entry_is_on_the_network(designed: tuple[Tree, Network]) -> None:
    tree, network = designed
    wanted = {
        (
            named(one.properties["NetworkAclId"]),
            bool(one.properties.get("Egress", False)),
            int(one.properties["RuleNumber"]),
        )
        for one in tree.of_type("AWS::EC2::NetworkAclEntry")
    }
    found = {
        (acl.id, entry.egress, entry.number)
        for acl in network.network_acls.values()
        if not acl.default
        for entry in acl.entries
    }
    assert found == wanted


def test_nothing_of_ours_is_in_doubt(designed: tuple[Tree, Network]) -> None:
    _, network = designed
    assert all(
        rule.certain
        for group in network.security_groups.values()
        for rule in (*group.ingress, *group.egress)
    )
    assert all(one.certain for acl in network.network_acls.values() for one in acl.entries)
    assert all(one.certain for table in network.route_tables.values() for one in table.routes)
    assert all(bucket.only_through is not None for bucket in network.buckets.values())
    assert not [gap for gap in network.gaps if gap.affects]
    assert all(card.public is not None for card in network.interfaces.values())


def test_the_default_group_is_empty_and_nothing_private_is_public(
    designed: tuple[Tree, Network],
) -> None:
    _, network = designed
    for vpc in network.vpcs:
        default = network.security_groups[f"{vpc}.DefaultSecurityGroup"]
        assert (default.ingress, default.egress) == ((), ())
    public = {card.kind for card in network.interfaces.values() if card.public}
    assert public <= {"load-balancer", "nat-gateway"}


def test_every_interface_is_named_by_service_and_tier(designed: tuple[Tree, Network]) -> None:
    _, network = designed
    for card in network.interfaces.values():
        assert card.tier, card.id
        if card.kind != "nat-gateway":
            assert card.service, card.id


def test_json_and_yaml_carry_the_same_network(designed: tuple[Tree, Network]) -> None:
    tree, network = designed
    again = read_template(to_yaml(template(tree)), "template.yaml", region=network.region)
    assert list(again.interfaces) == list(network.interfaces)
    for name, group in network.security_groups.items():
        assert len(again.security_groups[name].ingress) == len(group.ingress)
    assert [gap.message for gap in again.gaps] == [gap.message for gap in network.gaps]
