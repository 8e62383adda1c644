"""What AWS would not have said: the same address twice, more than a quota; and local routes that
were replaced, zones that two accounts name differently."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from describe_beyond import two
from describe_dumps import WHOLE, affected, interface, messages, read, whole

from ringwall.model.errors import InputError
from ringwall.sources.describe import read_describe


def test_quotas_that_aws_would_not_exceed(tmp_path: Path) -> None:
    rules = [{"CidrIp": f"10.0.{one >> 8}.{one & 255}/32"} for one in range(1001)]
    dump = whole()
    dump["SecurityGroups"][0]["IpPermissions"] = [
        {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": rules}
    ]
    network = read(tmp_path, dump)
    assert "`sg-1` has 1,001 ingress rules" in messages(network)
    assert affected(network) == set()
    assert len(network.security_groups["sg-1"].ingress) == 1001


def test_subnets_that_overlap_are_unknown(tmp_path: Path) -> None:
    dump = whole()
    dump["Subnets"][1]["CidrBlock"] = "10.0.1.128/25"
    network = read(tmp_path, dump)
    assert "both hold 10.0.1.128/25" in messages(network)
    assert affected(network) == {"subnet-1", "subnet-2"}


def test_the_same_blocks_in_two_vpcs_are_nothing_odd(tmp_path: Path) -> None:
    dump = two()
    dump["Vpcs"][1]["CidrBlock"], dump["Subnets"][2]["CidrBlock"] = "10.0.0.0/16", "10.0.1.0/24"
    dump["NetworkInterfaces"][1]["PrivateIpAddresses"] = [{"PrivateIpAddress": "10.0.1.10"}]
    assert read(tmp_path, dump).gaps == ()


def test_interfaces_that_share_an_address_are_unknown(tmp_path: Path) -> None:
    cards = [WHOLE["NetworkInterfaces"][0], interface(10)]
    network = read(tmp_path, whole(NetworkInterfaces=cards))
    assert "`eni-1` and `eni-10` both have 10.0.1.10" in messages(network)
    assert affected(network) == {"eni-1", "eni-10"}


def test_an_interface_outside_its_subnet_is_unknown(tmp_path: Path) -> None:
    dump = whole(NetworkInterfaces=[interface(10, SubnetId="subnet-2")], Reservations=[])
    network = read(tmp_path, dump)
    assert "which is not in its subnet" in messages(network)
    assert affected(network) == {"eni-10"}


@pytest.mark.parametrize(
    ("route", "blocks"),
    [
        ({"NetworkInterfaceId": "eni-1"}, ["10.0.0.0/17", "10.0.128.0/17"]),
        ({"GatewayId": "local"}, ["10.0.0.0/16"]),
        ({"GatewayId": "igw-1"}, ["10.0.0.0/16"]),
    ],
)
def test_a_replaced_local_route_decides(
    tmp_path: Path, route: dict[str, str], blocks: list[str]
) -> None:
    """On a Network the local routes are always there, so that a replacement must be longer."""
    table = copy.deepcopy(WHOLE["RouteTables"][0])
    table["Routes"] = [{"DestinationCidrBlock": "10.0.0.0/16", "State": "active", **route}]
    table["Associations"] = [{"Main": True}, {"GatewayId": "igw-1"}]
    network = read(tmp_path, whole(RouteTables=[table]))
    found = network.route_tables["rtb-1"]
    assert [str(one.destination) for one in found.routes] == blocks
    assert found.gateways == ("igw-1",)


def _zones(identities: tuple[str, str]) -> dict[str, Any]:
    dump = two()
    for number, identity in ((0, identities[0]), (2, identities[1])):
        dump["Subnets"][number]["AvailabilityZoneId"] = identity
    return dump


def test_zones_that_two_accounts_name_differently_go_by_their_ids(tmp_path: Path) -> None:
    network = read(tmp_path, _zones(("euw1-az1", "euw1-az1")))
    assert network.subnets["subnet-1"].zone == "eu-west-1a"
    network = read(tmp_path, _zones(("euw1-az1", "euw1-az3")))
    assert network.subnets["subnet-1"].zone == "euw1-az1"
    assert network.subnets["subnet-3"].zone == "euw1-az3"
    assert network.vpcs["vpc-1"].region == "eu-west-1"


def test_entries_of_a_prefix_list_in_a_file_of_its_name(tmp_path: Path) -> None:
    lists = [{"PrefixListId": "pl-0a1b", "PrefixListName": "own", "MaxEntries": 5}]
    (tmp_path / "all.json").write_text(json.dumps(whole(PrefixLists=lists)), encoding="utf-8")
    entries = {"Entries": [{"Cidr": "10.7.0.0/16"}, {"Cidr": "2001:db8::/32"}]}
    (tmp_path / "entries-pl-0a1b.json").write_text(json.dumps(entries), encoding="utf-8")
    network = read_describe(tmp_path)
    assert network.gaps == ()
    held = network.prefix_lists["pl-0a1b"].entries
    assert held is not None
    assert held.size == (1 << 16) + (1 << 96)


def test_nesting_that_no_call_has(tmp_path: Path) -> None:
    nested: dict[str, Any] = {}
    for _ in range(200):
        nested = {"Tags": nested}
    doubles = [{"VpcId": "vpc-1", "Deep": nested}, {"VpcId": "vpc-1", "Deep": nested, "x": 1}]
    with pytest.raises(InputError) as caught:
        read(tmp_path, whole(Vpcs=doubles))
    assert caught.value.diagnostics[0].code == "RW-DUMP-003"
    lists: list[Any] = []
    for _ in range(900):
        lists = [lists]
    doubles = [{"VpcId": "vpc-1", "Deep": lists}, {"VpcId": "vpc-1", "Deep": [lists]}]
    assert affected(read(tmp_path, whole(Vpcs=doubles))) >= {"vpc-1"}
