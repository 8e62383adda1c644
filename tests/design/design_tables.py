"""Designs as a person reads them, and a network ACL as AWS evaluates it, in the plainest way.

The evaluator works on the tree's own resources: numbers and text, none of the code under test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from ringwall.design.build import Design, build
from ringwall.design.tree import Attr, Ref, Resource, Tree
from ringwall.spec.load import SpecFile, load_spec, parse_spec

EXAMPLES = Path(__file__).parents[2] / "examples"
GOLDENS = Path(__file__).parent / "goldens"
NUMBERS = {"tcp": 6, "udp": 17}


@cache
def example(name: str) -> Design:
    return build(load_spec(EXAMPLES / name / "ringwall.yaml"))


def built(text: str) -> Design:
    return build(parse_spec(text))


def file_of(text: str) -> SpecFile:
    return parse_spec(text)


def same_as_golden(name: str, text: str) -> None:
    """RINGWALL_RENEW=1 writes it anew; read the difference before you commit it."""
    path = GOLDENS / name
    if os.environ.get("RINGWALL_RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True))
             for row in rows)  # fmt: skip
    return "".join(f"{line.rstrip()}\n" for line in lines)


def acl_rules(tree: Tree, tier: str, egress: bool) -> list[dict[str, object]]:
    """The entries of a tier's network ACL in one direction, lowest number first."""
    acl = Ref(f"{tier.capitalize()}NetworkAcl")
    found = [
        dict(one.properties)
        for one in tree.of_type("AWS::EC2::NetworkAclEntry")
        if one.properties["NetworkAclId"] == acl and one.properties["Egress"] is egress
    ]
    return sorted(found, key=lambda rule: rule["RuleNumber"])


def passes(rules: list[dict[str, object]], remote: IPv4Address, protocol: int, port: int) -> bool:
    """The first rule that matches decides; without any, no."""
    for rule in rules:
        ports = rule.get("PortRange")
        if (
            remote in IPv4Network(str(rule["CidrBlock"]))
            and rule["Protocol"] in (-1, protocol)
            and (ports is None or ports["From"] <= port <= ports["To"])
        ):
            return rule["RuleAction"] == "allow"
    return False


def edges(rules: list[dict[str, object]], low: int = 0, high: int = 65535) -> list[int]:
    """Ports between which no rule changes its mind: to test these is to test every port."""
    found = {low, high}
    for rule in rules:
        if "PortRange" in rule:
            first, last = rule["PortRange"]["From"], rule["PortRange"]["To"]
            found |= {first - 1, first, last, last + 1}
    return sorted(port for port in found if low <= port <= high)


def acl_table(design: Design) -> str:
    rows = [["acl", "way", "rule", "", "peer", "traffic"]]
    for tier in ("public", "app", "data"):
        for egress in (False, True):
            for rule in acl_rules(design.tree, tier, egress):
                block = str(rule["CidrBlock"])
                rows.append(
                    [
                        tier,
                        "out" if egress else "in",
                        str(rule["RuleNumber"]),
                        str(rule["RuleAction"]),
                        _peer_name(design, block),
                        _traffic(rule),
                    ]
                )
    return aligned(rows)


def _peer_name(design: Design, block: str) -> str:
    for tier, one in design.plan.blocks.items():
        if str(one) == block:
            return f"{block} ({tier})"
    return f"{block} (vpc)" if str(design.plan.vpc) == block else block


def _traffic(rule: dict[str, object]) -> str:
    word = {-1: "everything", 6: "tcp", 17: "udp"}[rule["Protocol"]]
    ports = rule.get("PortRange")
    if ports is None:
        return word
    low, high = ports["From"], ports["To"]
    return f"{word}/{low}" if low == high else f"{word}/{low}-{high}"


def group_rules(tree: Tree) -> Iterator[tuple[str, str, str, str, str]]:
    """Every rule of every group: group, ``in`` or ``out``, peer, traffic, description."""
    for group in tree.of_type("AWS::EC2::SecurityGroup"):
        for way, key in (("in", "SecurityGroupIngress"), ("out", "SecurityGroupEgress")):
            for rule in group.properties.get(key, []):
                yield group.name, way, _group_peer(rule), *_group_traffic(rule)
        yield from _references(tree, group)


def _references(tree: Tree, group: Resource) -> Iterator[tuple[str, str, str, str, str]]:
    for way, word in (("in", "Ingress"), ("out", "Egress")):
        for one in tree.of_type(f"AWS::EC2::SecurityGroup{word}"):
            if one.properties["GroupId"] == Attr(group.name, "GroupId"):
                rule = one.properties
                yield group.name, way, _group_peer(rule), *_group_traffic(rule)


def _group_peer(rule: dict[str, object]) -> str:
    for key in ("SourceSecurityGroupId", "DestinationSecurityGroupId"):
        if key in rule:
            return rule[key].resource
    if "DestinationPrefixListId" in rule:
        return rule["DestinationPrefixListId"].name
    return str(rule["CidrIp"])


def _group_traffic(rule: dict[str, object]) -> tuple[str, str]:
    word, low, high = rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")
    ports = "" if low is None else f"/{low}" if low == high else f"/{low}-{high}"
    return ("everything" if word == "-1" else f"{word}{ports}"), str(rule["Description"])


def group_table(design: Design) -> str:
    rows = [["group", "way", "peer", "traffic", "why"]]
    rows += [list(rule) for rule in group_rules(design.tree)]
    return aligned(rows)
