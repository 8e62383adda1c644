"""Damaged dumps: a located message, never a traceback, never silence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from describe_beyond import all_of_it
from describe_dumps import WHOLE, read, whole
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.sources.describe import read_describe

TEXTS: list[tuple[str, bytes, str, str]] = [
    ("empty", b"", "RW-DUMP-003", "this is not JSON"),
    ("cut off", b'{"Vpcs": [{"VpcId": "vpc-1"', "RW-DUMP-003", "this is not JSON"),
    ("words", b"An error occurred (AccessDenied)", "RW-DUMP-003", "this is not JSON"),
    ("tail", b'{"Vpcs": []} and so on', "RW-DUMP-003", "this is not JSON"),
    ("NUL", b'{"Vpcs": [\x00]}', "RW-DUMP-002", "NUL byte"),
    ("Latin-1", b'{"Vpcs": "\xe9"}', "RW-DUMP-002", "not UTF-8 text"),
    ("odd UTF-16", b"\xff\xfe{\x00\x00", "RW-DUMP-002", "not UTF-16 text"),
    ("NaN", b'{"Vpcs": [{"VpcId": NaN}]}', "RW-DUMP-004", "`NaN` is no number"),
    ("infinite", b'{"Vpcs": [{"VpcId": 1e999}]}', "RW-DUMP-004", "`1e999` is no number"),
    ("huge", b'{"Vpcs": ' + b"9" * 5000 + b"}", "RW-DUMP-004", "`99999999\xe2\x80\xa6`"),
    ("deep", b'{"Vpcs": ' + b"[" * 100_000, "RW-DUMP-003", "nested too deeply"),
    ("deep objects", b'{"a":' * 100_000, "RW-DUMP-003", "nested too deeply"),
    ("twice", b'{"Vpcs": [],\n "Vpcs": []}', "RW-DUMP-004", "the key `Vpcs` stands twice"),
    ("half", b'{"Vpcs": [{"VpcId": "\\ud800"}]}', "RW-DUMP-004", "half a character"),
    ("list", b'[{"VpcId": "vpc-1"}]', "RW-DUMP-006", "it is a list"),
    ("value", b'"Vpcs"', "RW-DUMP-006", "it is a single value"),
    ("other", b'{"name": "package", "version": "1"}', "RW-DUMP-005", "no list of a `describe`"),
]


@pytest.mark.parametrize(("data", "code", "message"), [one[1:] for one in TEXTS],
                         ids=[one[0] for one in TEXTS])  # fmt: skip
def test_no_dump_at_all(tmp_path: Path, data: bytes, code: str, message: str) -> None:
    file = tmp_path / "dump.json"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_describe(file)
    (told,) = caught.value.diagnostics
    assert told.code == code
    assert message.encode().decode() in told.message or message.encode("latin-1").decode() in (
        told.message
    )
    assert "\n" not in told.message
    assert told.help


def _acl(**keys: Any) -> dict[str, Any]:
    entry = {**WHOLE["NetworkAcls"][0]["Entries"][1], **keys}
    return whole(NetworkAcls=[{**WHOLE["NetworkAcls"][0], "Entries": [entry]}])


def _group(**keys: Any) -> dict[str, Any]:
    return whole(SecurityGroups=[{**WHOLE["SecurityGroups"][0], "IpPermissions": [keys]}])


def _card(**keys: Any) -> dict[str, Any]:
    return whole(NetworkInterfaces=[{**WHOLE["NetworkInterfaces"][0], **keys}])


def _route(**keys: Any) -> dict[str, Any]:
    return whole(RouteTables=[{**WHOLE["RouteTables"][0], "Routes": [keys]}])


def _subnet(**keys: Any) -> dict[str, Any]:
    return whole(Subnets=[{**WHOLE["Subnets"][0], **keys}])


VALUES: list[tuple[dict[str, Any], str, str]] = [
    (whole(Vpcs={"VpcId": "vpc-1"}), "Vpcs", "`Vpcs` should be a list"),
    (whole(Vpcs=["vpc-1"]), "Vpcs/0", "`Vpcs/0` should be an object, and is text"),
    (whole(Vpcs=[{"CidrBlock": "10.0.0.0/16"}]), "Vpcs/0/VpcId", "`VpcId` is missing"),
    (whole(Vpcs=[{"VpcId": 7}]), "Vpcs/0/VpcId", "should be text, and is a number"),
    (whole(Vpcs=[{"VpcId": "v\x00"}]), "Vpcs/0/VpcId", "holds a control character: `v?`"),
    (_subnet(CidrBlock="10.0.0/24"), "Subnets/0/CidrBlock", "`10.0.0/24` is no CIDR block"),
    (_subnet(CidrBlock="10.0.0.0/99"), "Subnets/0/CidrBlock", "is no CIDR block"),
    (_subnet(Tags={"Name": "x"}), "Subnets/0/Tags", "should be a list, and is an object"),
    (_acl(RuleNumber="100"), "NetworkAcls/0/Entries/0/RuleNumber", "should be a whole number"),
    (_acl(RuleNumber=0), "NetworkAcls/0/Entries/0/RuleNumber", "from 1 on"),
    (_acl(RuleAction="permit"), "NetworkAcls/0/Entries/0/RuleAction", "`permit` is neither"),
    (_acl(Egress=None), "NetworkAcls/0/Entries/0/Egress", "no direction"),
    (_acl(Egress="true"), "NetworkAcls/0/Entries/0/Egress", "should be true or false"),
    (_acl(Protocol="foo"), "NetworkAcls/0/Entries/0/Protocol", "`foo` is no protocol"),
    (_acl(Protocol="999"), "NetworkAcls/0/Entries/0/Protocol", "`999` is no protocol"),
    (_acl(CidrBlock=None), "NetworkAcls/0/Entries/0/CidrBlock", "has neither `CidrBlock`"),
    (_acl(Protocol="6", PortRange={"From": 80}), "NetworkAcls/0/Entries/0/PortRange/To", "half"),
    (
        _acl(Protocol="6", PortRange={"From": 443, "To": 80}),
        "NetworkAcls/0/Entries/0/PortRange/From",
        "443 to 80 is no port range",
    ),
    (
        _group(IpProtocol="tcp", FromPort=0, ToPort=70000),
        "SecurityGroups/0/IpPermissions/0/FromPort",
        "0 to 70000 is no port range",
    ),
    (
        _group(IpProtocol="icmp", FromPort=-1, ToPort=3),
        "SecurityGroups/0/IpPermissions/0/FromPort",
        "type -1 with code 3",
    ),
    (_group(IpRanges=[]), "SecurityGroups/0/IpPermissions/0/IpProtocol", "no protocol"),
    (
        _group(IpProtocol="-1", IpRanges=[{"CidrIp": "any"}]),
        "SecurityGroups/0/IpPermissions/0/IpRanges/0/CidrIp",
        "`any` is no CIDR block",
    ),
    (
        _card(PrivateIpAddresses=[{"PrivateIpAddress": "10.0.1"}]),
        "NetworkInterfaces/0/PrivateIpAddresses/0/PrivateIpAddress",
        "`10.0.1` is no IP address",
    ),
    (_card(SubnetId=None), "NetworkInterfaces/0/SubnetId", "`SubnetId` is missing"),
    (_card(Groups="sg-1"), "NetworkInterfaces/0/Groups", "should be a list, and is text"),
    (_card(Attachment=[]), "NetworkInterfaces/0/Attachment", "should be an object, and is a list"),
    (_route(GatewayId="igw-1"), "RouteTables/0/Routes/0/DestinationCidrBlock", "no destination"),
    (_route(DestinationCidrBlock="0.0.0.0/0"), "RouteTables/0/Routes/0/GatewayId", "nowhere"),
    (
        whole(Listeners=[{"ListenerArn": "l", "LoadBalancerArn": "b", "Port": 1 << 40}],
              LoadBalancers=[{"LoadBalancerArn": "b", "LoadBalancerName": "b"}]),
        "Listeners/0/Port",
        "a port from 0 to 65535",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("dump", "pointer", "message"), VALUES, ids=[one[2] for one in VALUES])
def test_wrong_values_are_told_with_their_place(
    tmp_path: Path, dump: dict[str, Any], pointer: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, dump)
    (told,) = caught.value.diagnostics
    assert message in told.message
    assert told.origin.source == "dump.json"
    assert told.origin.pointer == pointer
    assert "\n" not in told.message


def test_syntax_errors_have_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    file.write_text('{"Vpcs": [\n  {"VpcId": "vpc-1",}\n]}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_describe(file)
    origin = caught.value.diagnostics[0].origin
    assert (origin.line, origin.column) in {(2, 20), (2, 21)}


def test_bad_values_have_the_line_of_their_object(tmp_path: Path) -> None:
    file = tmp_path / "dump.json"
    text = json.dumps(_subnet(CidrBlock="nonsense"), indent=1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_describe(file)
    line = caught.value.diagnostics[0].origin.line
    assert line is not None
    assert '"SubnetId": "subnet-1"' in text.splitlines()[line]


def test_nothing_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError) as caught:
            read_describe(path)
        assert caught.value.diagnostics[0].code in {"RW-DUMP-001", "RW-DUMP-005"}


RICH = whole(
    Reservations=[{"Instances": [{"InstanceId": "i-1", "State": {"Name": "stopped"}}]}],
    NatGateways=[
        {
            "NatGatewayId": "nat-1",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-1",
            "State": "available",
            "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-9", "PrivateIp": "10.0.1.9"}],
        }
    ],
    VpcEndpoints=[
        {
            "VpcEndpointId": "vpce-1",
            "VpcId": "vpc-1",
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.eu-west-1.kms",
            "SubnetIds": ["subnet-1"],
            "Groups": [{"GroupId": "sg-1"}],
        }
    ],
    PrefixLists=[{"PrefixListId": "pl-1", "PrefixListName": "s3", "Cidrs": ["192.0.2.0/24"]}],
    LoadBalancers=[
        {
            "LoadBalancerArn": "arn:x:loadbalancer/net/a/1",
            "LoadBalancerName": "a",
            "Type": "network",
            "AvailabilityZones": [{"SubnetId": "subnet-2"}],
        }
    ],
    Listeners=[
        {
            "ListenerArn": "arn:x:listener/net/a/1/2",
            "LoadBalancerArn": "arn:x:loadbalancer/net/a/1",
            "Port": 443,
            "Protocol": "TCP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "tg"}],
        }
    ],
    TargetGroups=[{"TargetGroupArn": "tg", "TargetType": "ip", "Protocol": "TCP", "Port": 443}],
    DBInstances=[
        {
            "DBInstanceIdentifier": "db",
            "MultiAZ": True,
            "DBSubnetGroup": {"Subnets": [{"SubnetIdentifier": "subnet-2"}]},
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
        }
    ],
    DomainStatusList=[{"DomainName": "find", "VPCOptions": {"SubnetIds": ["subnet-1"]}}],
    Functions=[{"FunctionName": "f", "VpcConfig": {"SubnetIds": ["subnet-2"]}}],
    CacheClusters=[{"CacheClusterId": "c", "CacheSubnetGroupName": "g"}],
)
JUNK = st.sampled_from(
    [None, True, -1, 1 << 70, 1.5, "", "x", "10.0.0.0/8", "::/0", "\x00", [], [None], {}, {"a": 1}]
)


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += _places(inner, (*path, index))
    return found


MATERIALS = (RICH, all_of_it())
PLACES = [(number, path) for number, dump in enumerate(MATERIALS) for path in _places(dump)]


@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.one_of(st.just("drop"), JUNK)), min_size=1, max_size=3
    )
)
def test_damage_gives_a_network_or_a_message(
    tmp_path: Path, damage: list[tuple[tuple[int, tuple[str | int, ...]], object]]
) -> None:
    number = damage[0][0][0]
    dump = copy.deepcopy(MATERIALS[number])
    for (_, path), value in damage:
        _damage(dump, path, value)
    told = _told(lambda: read(tmp_path, dump))
    assert all(code.startswith("RW-DUMP-") for code in told)


def _told(run: Callable[[], Network]) -> list[str]:
    """The codes of the messages; any other exception passes through and fails the test."""
    try:
        run()
    except InputError as error:
        return [one.code for one in error.diagnostics]
    return []


def _damage(dump: Any, path: tuple[str | int, ...], value: object) -> None:
    for step in path[:-1]:
        try:
            dump = dump[step]
        except (KeyError, IndexError, TypeError):
            return
    last = path[-1]
    if isinstance(dump, dict) and isinstance(last, str):
        if value == "drop":
            dump.pop(last, None)
        else:
            dump[last] = copy.deepcopy(value)
    elif isinstance(dump, list) and isinstance(last, int) and last < len(dump):
        dump[last] = copy.deepcopy(value)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 3000), st.binary(max_size=4))
def test_broken_bytes_give_a_network_or_a_message(tmp_path: Path, at: int, put: bytes) -> None:
    data = json.dumps(WHOLE, indent=1).encode()
    file = tmp_path / "dump.json"
    file.write_bytes(data[:at] + put + data[at + len(put) + 1 :])
    assert all(code.startswith("RW-DUMP-") for code in _told(lambda: read_describe(file)))
