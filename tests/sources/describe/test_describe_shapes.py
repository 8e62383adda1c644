"""The shapes that dumps come in, and what a dump lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from describe_dumps import WHOLE, affected, interface, messages, read, whole

from ringwall.sources.describe import read_describe


def test_the_whole_dump_has_no_gaps(tmp_path: Path) -> None:
    network = read(tmp_path, whole())
    assert network.gaps == ()
    assert network.region == "eu-west-1"
    assert network.vpcs["vpc-1"].account == "111122223333"


def test_files_and_names_do_not_matter(tmp_path: Path) -> None:
    one = read(tmp_path, whole())
    folder = tmp_path / "many" / "eu-west-1"
    folder.mkdir(parents=True)
    for number, (key, value) in enumerate(WHOLE.items()):
        (folder / f"{number}.JSON").write_text(json.dumps({key: value}), encoding="utf-8")
    many = read_describe(tmp_path / "many")
    card = many.interfaces["eni-1"]
    assert replace(one.interfaces["eni-1"], origin=card.origin) == card
    assert many.gaps == ()
    assert card.origin.source == "eu-west-1/5.JSON"


def test_snake_case_keys_and_flat_instances(tmp_path: Path) -> None:
    dump = whole(Reservations=None, NetworkInterfaces=None)
    names = {"Vpcs": "vpcs", "NetworkAcls": "network_acls", "RouteTables": "route_tables"}
    dump = {names.get(key, key): value for key, value in dump.items()}
    card = {**WHOLE["NetworkInterfaces"][0], "Attachment": {"DeviceIndex": 0}}
    dump["instances"] = [
        {
            "InstanceId": "i-1",
            "State": {"Name": "running"},
            "NetworkInterfaces": [card],
            "Tags": [{"Key": "Name", "Value": "web"}],
        }
    ]
    network = read(tmp_path, {"collector_version": "1", "provider": "aws", **dump})
    assert (network.interfaces["eni-1"].owner, network.interfaces["eni-1"].name) == ("i-1", "web")
    assert network.route_tables["rtb-1"].main
    assert "`describe-network-interfaces` is not in the dump" in messages(network)


def test_interfaces_are_not_read_twice(tmp_path: Path) -> None:
    card = WHOLE["NetworkInterfaces"][0]
    instance = {"InstanceId": "i-1", "State": {"Name": "running"}, "NetworkInterfaces": [card]}
    network = read(tmp_path, whole(Reservations=[{"Instances": [instance]}]))
    assert list(network.interfaces) == ["eni-1"]
    assert network.interfaces["eni-1"].origin.pointer == "NetworkInterfaces/0"


def test_answers_nested_per_region_and_appended(tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    text = json.dumps({"eu-west-1": {"Vpcs": WHOLE["Vpcs"]}}) + "\n" + json.dumps(whole(Vpcs=None))
    file.write_text(text, encoding="utf-16")
    network = read_describe(file)
    assert network.vpcs["vpc-1"].origin.pointer == "eu-west-1/Vpcs/0"
    assert network.gaps == ()


def test_unknown_keys_are_on_record_and_touch_nothing(tmp_path: Path) -> None:
    network = read(tmp_path, whole(FluxCapacitors=[{"Id": 1}], Note="hello", Rules=[{"Name": "x"}]))
    assert {gap.subject for gap in network.gaps} == {"FluxCapacitors", "Note", "Rules"}
    assert affected(network) == set()


def test_tags_listed_apart(tmp_path: Path) -> None:
    tags = [
        {"ResourceId": "vpc-1", "Key": "Name", "Value": "prod"},
        {"ResourceId": "i-1", "Key": "ringwall:service", "Value": "api"},
        {"ResourceId": "i-1", "Key": "ringwall:client-ports", "Value": "40000-50000"},
    ]
    network = read(tmp_path, whole(Tags=tags))
    assert network.vpcs["vpc-1"].name == "prod"
    card = network.interfaces["eni-1"]
    assert (card.service, card.client_ports) == ("api", (40000, 50000))


def test_the_same_resource_twice(tmp_path: Path) -> None:
    again = [{**WHOLE["Vpcs"][0], "Tags": []}]
    assert read(tmp_path, whole(vpcs=again)).gaps == ()
    other = [{**WHOLE["Vpcs"][0], "CidrBlock": "10.9.0.0/16"}]
    network = read(tmp_path, whole(vpcs=other))
    assert "described twice and differently" in messages(network)
    assert affected(network) == {"vpc-1"}


def test_an_answer_that_stops_early(tmp_path: Path) -> None:
    network = read(tmp_path, whole(NextToken="abc"))
    assert affected(network) == {"subnet-1", "subnet-2"}


MISSING = [
    ("RouteTables", "describe-route-tables"),
    ("NetworkAcls", "describe-network-acls"),
    ("SecurityGroups", "describe-security-groups"),
    ("NetworkInterfaces", "describe-network-interfaces"),
    ("InternetGateways", "describe-internet-gateways"),
    ("NatGateways", "describe-nat-gateways"),
    ("VpcEndpoints", "describe-vpc-endpoints"),
    ("Vpcs", "describe-vpcs"),
    ("Subnets", "describe-subnets"),
]


@pytest.mark.parametrize(("key", "call"), MISSING)
def test_missing_calls_are_named(tmp_path: Path, key: str, call: str) -> None:
    network = read(tmp_path, whole(**{key: None}))
    assert f"`{call}`" in messages(network)
    assert all(gap.kind == "missing" for gap in network.gaps)


def test_missing_rules_leave_uncertain_ones(tmp_path: Path) -> None:
    network = read(tmp_path, whole(RouteTables=None, NetworkAcls=None))
    (table,) = network.route_tables.values()
    (acl,) = network.network_acls.values()
    assert not any(one.certain for one in (*table.routes, *acl.entries))
    assert acl.subnets == ("subnet-1", "subnet-2")
    assert affected(network) == {"igw-1", acl.id}


def test_ids_that_lead_nowhere(tmp_path: Path) -> None:
    card = interface(60, SubnetId="subnet-9", Groups=[{"GroupId": "sg-9"}])
    network = read(tmp_path, whole(NetworkInterfaces=[card], Reservations=[]))
    assert affected(network) == {"eni-60", "subnet-9", "sg-9"}


def test_what_is_known_and_not_followed(tmp_path: Path) -> None:
    network = read(
        tmp_path,
        whole(
            CarrierGateways=[{"CarrierGatewayId": "cagw-1"}],
            DhcpOptions=[{"DhcpOptionsId": "dopt-1"}],
        ),
    )
    assert affected(network) == {"cagw-1"}
    assert {gap.kind for gap in network.gaps} == {"unmodelled"}
