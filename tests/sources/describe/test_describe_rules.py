"""VPCs, gateways, routes and rules: what AWS can say of them, and what is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from describe_dumps import WHOLE, affected, messages, read, whole

from ringwall.model.addresses import of_cidr
from ringwall.model.network import AnyPeer, GroupPeer, Network, PrefixListPeer
from ringwall.model.services import show_services


def test_address_blocks_in_use_only(tmp_path: Path) -> None:
    blocks = [
        {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "disassociated"}},
        {"CidrBlock": "10.2.0.0/16", "CidrBlockState": {"State": "failed"}},
    ]
    six = [{"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}}]
    vpc = {
        **WHOLE["Vpcs"][0],
        "CidrBlockAssociationSet": blocks,
        "Ipv6CidrBlockAssociationSet": six,
    }
    network = read(tmp_path, whole(Vpcs=[vpc]))
    assert list(map(str, network.vpcs["vpc-1"].cidrs)) == ["10.0.0.0/16", "2001:db8::/56"]


def test_internet_gateways(tmp_path: Path) -> None:
    gateways = [
        {"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]},
        {"InternetGatewayId": "igw-2", "Attachments": []},
        {"InternetGatewayId": "igw-3", "Attachments": [{"VpcId": "vpc-1", "State": "detached"}]},
    ]
    eigw = [
        {
            "EgressOnlyInternetGatewayId": "eigw-1",
            "Attachments": [{"VpcId": "vpc-1", "State": "attached"}],
        }
    ]
    network = read(tmp_path, whole(InternetGateways=gateways, EgressOnlyInternetGateways=eigw))
    assert {one.id: one.vpcs for one in network.internet_gateways.values()} == {
        "igw-1": ("vpc-1",), "igw-2": (), "igw-3": (), "eigw-1": ("vpc-1",),
    }  # fmt: skip
    assert network.internet_gateways["eigw-1"].egress_only


@pytest.mark.parametrize(("mode", "touched"), [("off", set()), ("block-ingress", {"igw-1"})])
def test_block_public_access(tmp_path: Path, mode: str, touched: set[str]) -> None:
    options = {"InternetGatewayBlockMode": mode}
    network = read(tmp_path, whole(VpcBlockPublicAccessOptions=options))
    assert affected(network) == touched


def test_prefix_lists_of_both_calls(tmp_path: Path) -> None:
    lists = [
        {"PrefixListId": "pl-1", "PrefixListName": "s3", "Cidrs": ["192.0.2.0/24"]},
        {"PrefixListId": "pl-2", "PrefixListName": "own", "MaxEntries": 5},
        {"PrefixListId": "pl-3", "PrefixListName": "dark"},
    ]
    contents = [{"PrefixListId": "pl-2", "Entries": [{"Cidr": "198.51.100.0/24"}]}]
    network = read(tmp_path, whole(PrefixLists=lists, ManagedPrefixListEntries=contents))
    assert network.prefix_lists["pl-1"].entries == of_cidr("192.0.2.0/24")
    assert network.prefix_lists["pl-2"].entries == of_cidr("198.51.100.0/24")
    assert network.prefix_lists["pl-3"].entries is None
    assert affected(network) == {"pl-3"}


TARGETS = [
    ({"GatewayId": "local"}, "local", "local"),
    ({"GatewayId": "igw-1"}, "internet-gateway", "igw-1"),
    ({"GatewayId": "vgw-1"}, "vpn-gateway", "vgw-1"),
    ({"GatewayId": "vpce-1"}, "vpc-endpoint", "vpce-1"),
    ({"NatGatewayId": "nat-1"}, "nat-gateway", "nat-1"),
    ({"TransitGatewayId": "tgw-1"}, "transit-gateway", "tgw-1"),
    ({"VpcPeeringConnectionId": "pcx-1"}, "vpc-peering", "pcx-1"),
    ({"NetworkInterfaceId": "eni-1", "InstanceId": "i-1"}, "network-interface", "eni-1"),
    ({"InstanceId": "i-1"}, "network-interface", "eni-1"),
    ({"CarrierGatewayId": "cagw-1"}, "unknown", "cagw-1"),
    ({"LocalGatewayId": "lgw-1"}, "unknown", "lgw-1"),
    ({"CoreNetworkArn": "arn:core"}, "unknown", "arn:core"),
    ({"GatewayId": "anonymous"}, "unknown", "anonymous"),
]


@pytest.mark.parametrize(("keys", "kind", "target"), TARGETS, ids=[str(one[0]) for one in TARGETS])
def test_route_targets(tmp_path: Path, keys: dict[str, str], kind: str, target: str) -> None:
    table = {
        **WHOLE["RouteTables"][0],
        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "State": "active", **keys}],
    }
    network = read(tmp_path, whole(RouteTables=[table]))
    (route,) = network.route_tables["rtb-1"].routes
    assert (route.target_kind, route.target) == (kind, target)
    if kind == "unknown":
        assert target in affected(network)


def test_ids_made_anonymous_are_known_by_their_lists(tmp_path: Path) -> None:
    table = {
        **WHOLE["RouteTables"][0],
        "Routes": [{"DestinationIpv6CidrBlock": "::/0", "GatewayId": "InternetGatewayId:4"}],
    }
    gateway = {"InternetGatewayId": "InternetGatewayId:4", "Attachments": [{"VpcId": "vpc-1"}]}
    network = read(tmp_path, whole(RouteTables=[table], InternetGateways=[gateway]))
    assert network.route_tables["rtb-1"].routes[0].target_kind == "internet-gateway"


def test_route_table_associations_states_and_origins(tmp_path: Path) -> None:
    table = {
        "RouteTableId": "rtb-2",
        "VpcId": "vpc-1",
        "Associations": [
            {"SubnetId": "subnet-1", "AssociationState": {"State": "associated"}},
            {"SubnetId": "subnet-2", "AssociationState": {"State": "disassociated"}},
            {"GatewayId": "igw-1"},
        ],
        "Routes": [
            {"DestinationPrefixListId": "pl-1", "GatewayId": "vgw-1", "State": "blackhole"},
            {
                "DestinationCidrBlock": "10.9.0.0/16",
                "GatewayId": "vgw-1",
                "Origin": "EnableVgwRoutePropagation",
            },
        ],
    }
    network = read(tmp_path, whole(RouteTables=[WHOLE["RouteTables"][0], table]))
    found = network.route_tables["rtb-2"]
    assert (found.main, found.subnets, found.gateways) == (False, ("subnet-1",), ("igw-1",))
    assert [(one.blackhole, one.propagated) for one in found.routes] == [
        (True, False), (False, True),
    ]  # fmt: skip
    assert found.routes[0].destination == "pl-1"


def test_an_active_route_shows_its_internet_gateway(tmp_path: Path) -> None:
    table = {
        **WHOLE["RouteTables"][0],
        "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-9", "State": "active"}],
    }
    network = read(tmp_path, whole(RouteTables=[table], InternetGateways=None))
    assert network.internet_gateways["igw-9"].vpcs == ("vpc-1",)


ACL_SERVICES = [
    ({"Protocol": "-1"}, "all"),
    ({"Protocol": "6"}, "tcp"),
    ({"Protocol": "6", "PortRange": {"From": 443, "To": 443}}, "tcp/443"),
    ({"Protocol": "17", "PortRange": {"From": 1, "To": 9}}, "udp/1-9"),
    ({"Protocol": "1", "IcmpTypeCode": {"Type": -1, "Code": -1}}, "icmp"),
    ({"Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}}, "icmp type 8"),
    ({"Protocol": "58", "IcmpTypeCode": {"Type": 1, "Code": 4}}, "icmpv6 type 1 code 4"),
    ({"Protocol": "50"}, "50"),
    ({"Protocol": 6, "PortRange": {"From": 80, "To": 80}}, "tcp/80"),
]


@pytest.mark.parametrize(("keys", "services"), ACL_SERVICES, ids=[one[1] for one in ACL_SERVICES])
def test_acl_entries(tmp_path: Path, keys: dict[str, Any], services: str) -> None:
    rule = {"RuleNumber": 7, "Egress": False, "RuleAction": "allow", "Ipv6CidrBlock": "::/0"}
    acl = {**WHOLE["NetworkAcls"][0], "Entries": [{**rule, "CidrBlock": None, **keys}]}
    network = read(tmp_path, whole(NetworkAcls=[acl]))
    (entry,) = network.network_acls["acl-1"].entries
    assert (show_services(entry.services), str(entry.cidr)) == (services, "::/0")


def test_acl_entries_are_sorted_and_the_final_denies_left_out(tmp_path: Path) -> None:
    rule = {"Egress": False, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}
    numbers = (32768, 300, 32767, 5)
    entries = [{**rule, "RuleNumber": number} for number in numbers]
    acl = {**WHOLE["NetworkAcls"][0], "Entries": entries}
    network = read(tmp_path, whole(NetworkAcls=[acl]))
    found = network.network_acls["acl-1"].entries
    assert [one.number for one in found] == [5, 300]
    assert found[0].origin.pointer == "NetworkAcls/0/Entries/3"


GROUP_SERVICES = [
    ({"IpProtocol": "-1", "FromPort": None, "ToPort": None}, "all"),
    ({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}, "all"),
    ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}, "tcp/443"),
    ({"IpProtocol": "6", "FromPort": 0, "ToPort": 65535}, "tcp"),
    ({"IpProtocol": "udp", "FromPort": -1, "ToPort": -1}, "udp"),
    ({"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}, "icmp"),
    ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}, "icmp type 8"),
    ({"IpProtocol": "icmp", "FromPort": 3, "ToPort": 4}, "icmp type 3 code 4"),
    ({"IpProtocol": "58"}, "icmpv6"),
    ({"IpProtocol": "icmpv6", "FromPort": 128, "ToPort": 0}, "icmpv6 type 128 code 0"),
    ({"IpProtocol": "47"}, "47"),
]


@pytest.mark.parametrize(
    ("keys", "services"), GROUP_SERVICES, ids=[str(one[0]) for one in GROUP_SERVICES]
)
def test_group_rules(tmp_path: Path, keys: dict[str, Any], services: str) -> None:
    permission = {**keys, "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "why"}]}
    group = {**WHOLE["SecurityGroups"][0], "IpPermissions": [permission]}
    (rule,) = read(tmp_path, whole(SecurityGroups=[group])).security_groups["sg-1"].ingress
    assert (show_services(rule.services), rule.description) == (services, "why")
    assert rule.origin.pointer == "SecurityGroups/0/IpPermissions/0/IpRanges/0"


def _paired(tmp_path: Path, pair: dict[str, Any]) -> Network:
    permission = {"IpProtocol": "-1", "UserIdGroupPairs": [pair]}
    group = {**WHOLE["SecurityGroups"][0], "IpPermissions": [permission]}
    return read(tmp_path, whole(SecurityGroups=[group]))


@pytest.mark.parametrize(
    "pair",
    [
        {"GroupId": "sg-1"},
        {"GroupId": "sg-1", "PeeringStatus": "active"},
        {"GroupName": "one"},
    ],
)
def test_group_references(tmp_path: Path, pair: dict[str, Any]) -> None:
    (rule,) = _paired(tmp_path, pair).security_groups["sg-1"].ingress
    assert (rule.peer, rule.certain) == (GroupPeer("sg-1"), True)


def test_a_group_that_is_not_in_the_dump_matches_whoever_carries_it(tmp_path: Path) -> None:
    """Interfaces say which groups they are in, whether or not the groups are described."""
    network = _paired(tmp_path, {"GroupId": "sg-9", "UserId": "999988887777"})
    (rule,) = network.security_groups["sg-1"].ingress
    assert (rule.peer, rule.certain) == (GroupPeer("sg-9"), True)
    assert "`sg-9`" in messages(network)
    assert affected(network) == set()


def test_a_group_that_only_a_name_tells_may_be_anybody(tmp_path: Path) -> None:
    network = _paired(tmp_path, {"GroupName": "elsewhere", "UserId": "999988887777"})
    (rule,) = network.security_groups["sg-1"].ingress
    assert isinstance(rule.peer, AnyPeer)
    assert not rule.certain
    assert "`elsewhere`" in messages(network)


def test_a_stale_reference_matches_nothing(tmp_path: Path) -> None:
    network = _paired(tmp_path, {"GroupId": "sg-9", "PeeringStatus": "deleted"})
    assert network.security_groups["sg-1"].ingress == ()
    assert "it matches nothing" in messages(network)


def test_rules_by_prefix_list(tmp_path: Path) -> None:
    permission = {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}
    group = {**WHOLE["SecurityGroups"][0], "IpPermissionsEgress": [permission]}
    network = read(tmp_path, whole(SecurityGroups=[group]))
    assert network.security_groups["sg-1"].egress[0].peer == PrefixListPeer("pl-1")
    assert "sg-1" in affected(network)
