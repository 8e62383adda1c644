"""Templates that none of us wrote: what is read, and that nothing in them is lost silently."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from network_text import text_of

from ringwall.model.network import Network
from ringwall.sources.cloudformation import read_template
from ringwall.sources.cloudformation.template import load_template
from ringwall.sources.cloudformation.unmodelled import is_ignored

TEMPLATES = Path(__file__).parents[2] / "data" / "templates"
GOLDEN = Path(__file__).parent / "golden"
ALL = sorted(TEMPLATES.glob("*/template.*"))

#: Types that leave no noun of their own: they only change another one, or name its parts.
PARTS = {
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::EC2::EIP",
    "AWS::EC2::Route",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::RDS::DBSubnetGroup",
    "AWS::S3::BucketPolicy",
}


def read(path: Path, **parameters: str) -> Network:
    return read_template(path.read_text(encoding="utf-8"), path.name, parameters=parameters)


def on_record(network: Network) -> set[str]:
    """Every id of a noun, and every resource that a rule, a route or a gap came from."""
    tables = [*network.route_tables.values(), *network.network_acls.values()]
    groups = network.security_groups.values()
    nouns = [
        getattr(network, name)
        for name in network.__slots__
        if name not in ("source", "region", "gaps")
    ]
    rules = [
        *(route for table in network.route_tables.values() for route in table.routes),
        *(entry for acl in network.network_acls.values() for entry in acl.entries),
        *(rule for group in groups for rule in (*group.ingress, *group.egress)),
    ]
    found = {name for noun in nouns for name in noun}
    found |= {rule.origin.pointer.split("/")[0] for rule in rules}
    found |= {subnet for table in tables for subnet in table.subnets}
    return found | {gap.subject for gap in network.gaps}


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.parent.name)
def test_vendored_files_are_the_ones_on_record(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest in (path.parent / "SOURCE.md").read_text(encoding="utf-8")
    assert (path.parent / "LICENSE").is_file()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.parent.name)
def test_nothing_is_lost_silently(path: Path) -> None:
    network = read(path)
    declared = load_template(path.read_text(encoding="utf-8"), path.name)
    seen = on_record(network)
    # Conditions that are false under the defaults take resources away: those need no record.
    absent = {name for name, one in declared.resources.items() if one.condition}
    lost = {
        f"{name} {one.type}"
        for name, one in declared.resources.items()
        if not (name in seen or name in absent or one.type in PARTS or is_ignored(one.type))
    }
    assert not lost


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.parent.name)
def test_each_reads_as_its_golden_says(path: Path) -> None:
    golden = GOLDEN / f"{path.parent.name}.txt"
    assert text_of(read(path)) == golden.read_text(encoding="utf-8")


def test_the_production_vpc_keeps_management_out_until_it_is_named() -> None:
    path = TEMPLATES / "nist-vpc-production" / "template.yaml"
    open_entry = next(
        entry
        for acl in read(path).network_acls.values()
        for entry in acl.entries
        if not entry.certain
    )
    assert str(open_entry.cidr) == "0.0.0.0/0"
    zones = {"pRegionAZ1Name": "us-east-1a", "pRegionAZ2Name": "us-east-1b"}
    named = read(path, pManagementCIDR="10.10.0.0/16", **zones)
    assert all(entry.certain for acl in named.network_acls.values() for entry in acl.entries)
    assert not named.gaps


def test_a_condition_chooses_nat_gateways_or_instances() -> None:
    path = TEMPLATES / "quickstart-vpc" / "template.json"
    assert len(read(path).nat_gateways) == 2
    without = read_template(
        path.read_text(encoding="utf-8"), "vpc", parameters={"NumberOfAZs": "4"}
    )
    assert len(without.nat_gateways) == 4
    assert len(without.subnets) == 8
