"""Interfaces, gateways, balancers and stores: what AWS can say of them, and what is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from describe_dumps import WHOLE, affected, interface, messages, read, whole

from ringwall.facts.load import facts
from ringwall.model.addresses import of_cidr, show_addresses
from ringwall.model.network import Target
from ringwall.sources.describe import read_describe


def test_all_addresses_of_an_interface(tmp_path: Path) -> None:
    card = interface(
        20,
        PrivateIpAddresses=[
            {"PrivateIpAddress": "10.0.1.20", "Association": {"PublicIp": "198.51.100.1"}},
            {"PrivateIpAddress": "10.0.1.21", "Association": {"PublicIp": "198.51.100.2"}},
        ],
        Ipv6Addresses=[{"Ipv6Address": "2001:db8::5"}],
        Ipv6Prefixes=[{"Ipv6Prefix": "2001:db8:0:1::/80"}],
        SourceDestCheck=False,
    )
    found = read(tmp_path, whole(NetworkInterfaces=[card])).interfaces["eni-20"]
    assert show_addresses(found.addresses) == "10.0.1.20/31, 2001:db8::5, 2001:db8:0:1::/80"
    assert show_addresses(found.public_addresses) == "198.51.100.1, 198.51.100.2"
    assert (found.public, found.source_dest_check) == (True, False)


def test_only_some_addresses_public(tmp_path: Path) -> None:
    card = interface(
        20,
        PrivateIpAddresses=[
            {"PrivateIpAddress": "10.0.1.20", "Association": {"PublicIp": "198.51.100.1"}},
            {"PrivateIpAddress": "10.0.1.21"},
        ],
    )
    network = read(tmp_path, whole(NetworkInterfaces=[card]))
    assert network.interfaces["eni-20"].public is None
    assert "only some private addresses" in messages(network)


def test_elastic_addresses_join_their_interface(tmp_path: Path) -> None:
    address = {"PublicIp": "198.51.100.7", "NetworkInterfaceId": "eni-1", "AllocationId": "e"}
    free = {"PublicIp": "198.51.100.8", "AllocationId": "f"}
    network = read(tmp_path, whole(Addresses=[address, free]))
    card = network.interfaces["eni-1"]
    assert (card.public, show_addresses(card.public_addresses)) == (True, "198.51.100.7")


LAMBDA = "AWS Lambda VPC ENI-resize-0a1b2c3d-1111-2222-3333-444455556666"
OWNERS = [
    ({"Attachment": {"InstanceId": "i-7"}}, "instance", "i-7"),
    ({"Description": "ELB app/web/0123"}, "load-balancer", "app/web/0123"),
    ({"Description": "ELB old"}, "load-balancer", "old"),
    ({"InterfaceType": "network_load_balancer", "Description": "ELB net/n/1"}, "load-balancer",
     "net/n/1"),
    ({"InterfaceType": "natGateway", "Description": "Interface for NAT Gateway nat-1"},
     "nat-gateway", "nat-1"),
    ({"InterfaceType": "nat_gateway"}, "nat-gateway", ""),
    ({"InterfaceType": "vpc_endpoint", "Description": "VPC Endpoint Interface vpce-1"},
     "vpc-endpoint", "vpce-1"),
    ({"InterfaceType": "lambda", "Description": LAMBDA}, "function", "resize"),
    ({"Description": "RDSNetworkInterface", "RequesterId": "amazon-rds"}, "database", ""),
    ({"Description": "ElastiCache redis-001"}, "cache", "redis-001"),
    ({"Description": "ES logs", "RequesterId": "amazon-elasticsearch"}, "database", "logs"),
    ({"Description": "EFS mount target for fs-1 (fsmt-1)"}, "other", "fs-1"),
    ({"RequesterId": "amazon-elasticache", "Description": "new words"}, "cache", ""),
    ({"Description": "mine"}, "other", ""),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "kind", "owner"), OWNERS, ids=[str(one[0]) for one in OWNERS])
def test_kinds_and_owners(tmp_path: Path, keys: dict[str, Any], kind: str, owner: str) -> None:
    card = read(tmp_path, whole(NetworkInterfaces=[interface(20, **keys)])).interfaces["eni-20"]
    assert (card.kind, card.owner) == (kind, owner)


def test_client_ports(tmp_path: Path) -> None:
    instance = {"InstanceId": "i-1", "State": {"Name": "running"}, "Platform": "windows"}
    cards = [
        WHOLE["NetworkInterfaces"][0],
        interface(20, InterfaceType="nat_gateway"),
        interface(21, Attachment={"InstanceId": "i-2"}),
    ]
    network = read(
        tmp_path, whole(NetworkInterfaces=cards, Reservations=[{"Instances": [instance]}])
    )
    ports = facts("client-ports").values
    assert network.interfaces["eni-1"].client_ports == tuple(ports["windows"])
    assert network.interfaces["eni-20"].client_ports == tuple(ports["managed"])
    assert network.interfaces["eni-21"].client_ports is None


def test_states_of_instances(tmp_path: Path) -> None:
    cards = [interface(20, Attachment={"InstanceId": "i-stopped"})]
    instances = [
        {"InstanceId": f"i-{state}", "State": {"Name": state}}
        for state in ("stopped", "terminated", "running")
    ]
    network = read(
        tmp_path, whole(NetworkInterfaces=cards, Reservations=[{"Instances": instances}])
    )
    assert set(network.workloads) == {"i-stopped", "i-running"}
    assert "`i-stopped` is stopped: paths are judged as if it ran" in messages(network)
    assert "`i-terminated` is terminated: it carries no traffic" in messages(network)
    assert affected(network) == {"i-running"}, "its interfaces are nowhere in the dump"


def _nat(**keys: Any) -> dict[str, Any]:
    address = {"NetworkInterfaceId": "eni-9", "PrivateIp": "10.0.1.9", "PublicIp": "198.51.100.9"}
    return {
        "NatGatewayId": "nat-1",
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "State": "available",
        "NatGatewayAddresses": [address],
        **keys,
    }


def test_nat_gateways_bring_their_interface(tmp_path: Path) -> None:
    network = read(tmp_path, whole(NatGateways=[_nat()]))
    card = network.interfaces["eni-9"]
    assert (card.kind, card.owner, card.public) == ("nat-gateway", "nat-1", True)
    assert network.nat_gateways["nat-1"].interface == "eni-9"
    assert network.gaps == ()


def test_nat_gateways_that_are_gone_private_or_regional(tmp_path: Path) -> None:
    nats = [
        _nat(NatGatewayId="nat-2", State="deleted"),
        _nat(NatGatewayId="nat-3", ConnectivityType="private"),
        _nat(NatGatewayId="nat-4", SubnetId=None, NatGatewayAddresses=[]),
    ]
    network = read(tmp_path, whole(NatGateways=nats))
    assert set(network.nat_gateways) == {"nat-3", "nat-4"}
    assert not network.nat_gateways["nat-3"].public
    assert affected(network) == {"nat-4"}


def test_endpoints(tmp_path: Path) -> None:
    endpoints = [
        {
            "VpcEndpointId": "vpce-1",
            "VpcId": "vpc-1",
            "VpcEndpointType": "Gateway",
            "ServiceName": "com.amazonaws.eu-west-1.s3",
            "RouteTableIds": ["rtb-1"],
        },
        {
            "VpcEndpointId": "vpce-2",
            "VpcId": "vpc-1",
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.eu-west-1.kms",
            "SubnetIds": ["subnet-2"],
            "Groups": [{"GroupId": "sg-1"}],
        },
        {"VpcEndpointId": "vpce-3", "VpcId": "vpc-1", "VpcEndpointType": "GatewayLoadBalancer"},
    ]
    lists = [{"PrefixListId": "pl-1", "PrefixListName": "com.amazonaws.eu-west-1.s3", "Cidrs": []}]
    network = read(tmp_path, whole(VpcEndpoints=endpoints, PrefixLists=lists))
    assert network.endpoints["vpce-1"].prefix_list == "pl-1"
    assert network.endpoints["vpce-1"].route_tables == ("rtb-1",)
    card = network.interfaces["vpce-2@subnet-2"]
    assert (card.pinned, card.groups, card.addresses.size) == (False, ("sg-1",), 251)
    assert affected(network) == {"vpce-3"}


ARN = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/77"
LISTENER = ARN.replace(":loadbalancer/", ":listener/") + "/88"
BALANCER = {
    "LoadBalancerArn": ARN,
    "LoadBalancerName": "web",
    "Type": "application",
    "Scheme": "internet-facing",
    "AvailabilityZones": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
    "SecurityGroups": ["sg-1"],
}
HEARD = {
    "ListenerArn": LISTENER,
    "LoadBalancerArn": ARN,
    "Protocol": "HTTPS",
    "Port": 443,
    "DefaultActions": [{"Type": "forward", "TargetGroupArn": "tg-1"}],
}
GROUPS = [
    {"TargetGroupArn": name, "TargetGroupName": name, "TargetType": "ip", "Protocol": "HTTP",
     "Port": 80, "LoadBalancerArns": [ARN]}
    for name in ("tg-1", "tg-2")
]  # fmt: skip
HEALTH = [
    {
        "TargetGroupArn": name,
        "TargetHealthDescriptions": [
            {"Target": {"Id": "10.0.1.10", "Port": 8080}, "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "10.0.1.11", "Port": 8080}, "TargetHealth": {"State": "draining"}},
        ],
    }
    for name in ("tg-1", "tg-2")
]


def test_balancers_with_their_rules(tmp_path: Path) -> None:
    rule = {
        "RuleArn": LISTENER.replace(":listener/", ":listener-rule/") + "/99",
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": "tg-2"}]}}],
    }  # fmt: skip
    card = interface(30, Description="ELB app/web/77", InterfaceType="interface")
    network = read(
        tmp_path,
        whole(
            LoadBalancers=[BALANCER],
            Listeners=[HEARD],
            Rules=[rule],
            TargetGroups=GROUPS,
            LoadBalancerTargetHealth=HEALTH,
            NetworkInterfaces=[WHOLE["NetworkInterfaces"][0], card],
        ),
    )
    found = network.load_balancers[ARN]
    assert (found.listeners[0].port, found.listeners[0].target_groups) == (443, ("tg-1", "tg-2"))
    assert (found.internet_facing, found.cross_zone) == (True, True)
    assert network.target_groups["tg-1"].targets == (Target("10.0.1.10", 8080),)
    assert network.interfaces["eni-30"].owner == ARN
    assert network.interfaces["eni-30"].name == "web"
    assert network.gaps == ()


def test_balancers_without_their_other_calls(tmp_path: Path) -> None:
    alone = read(tmp_path, whole(LoadBalancers=[BALANCER]))
    assert affected(alone) == {ARN}
    assert {card.id for card in alone.interfaces.values() if card.owner == ARN} == {
        f"{ARN}@subnet-1", f"{ARN}@subnet-2",
    }  # fmt: skip
    without_rules = whole(
        LoadBalancers=[BALANCER],
        Listeners=[HEARD],
        TargetGroups=GROUPS,
        LoadBalancerTargetHealth=HEALTH,
    )
    assert affected(read(tmp_path, without_rules)) == {ARN}, "some rule forwards to tg-2"
    one_group = {**without_rules, "TargetGroups": GROUPS[:1]}
    assert affected(read(tmp_path, one_group)) == set(), "every group is accounted for"


def test_an_interface_of_a_balancer_that_is_not_described(tmp_path: Path) -> None:
    card = interface(30, Description="ELB app/web/77")
    network = read(tmp_path, whole(NetworkInterfaces=[card]))
    assert affected(network) >= {"eni-30"}


def test_plain_answers_saved_with_their_argument(tmp_path: Path) -> None:
    for number, wrapper in enumerate(HEALTH):
        (tmp_path / f"health-{number}.json").write_text(json.dumps(wrapper), encoding="utf-8")
    (tmp_path / "rest.json").write_text(json.dumps(whole(TargetGroups=GROUPS)), encoding="utf-8")
    network = read_describe(tmp_path)
    assert network.target_groups["tg-2"].targets == (Target("10.0.1.10", 8080),)
    (tmp_path / "health-1.json").write_text(
        json.dumps({"TargetHealthDescriptions": HEALTH[1]["TargetHealthDescriptions"]}),
        encoding="utf-8",
    )
    lost = read_describe(tmp_path)
    assert lost.target_groups["tg-2"].targets is None
    assert "targets do not say to which group they belong" in messages(lost)


def test_client_addresses_kept_by_network_balancers(tmp_path: Path) -> None:
    groups = [
        {"TargetGroupArn": protocol, "Protocol": protocol, "Port": 1, "TargetType": "instance"}
        for protocol in ("TCP", "UDP", "HTTP", "TLS")
    ]
    attributes = [
        {
            "TargetGroupArn": "TLS",
            "Attributes": [{"Key": "preserve_client_ip.enabled", "Value": "true"}],
        }
    ]
    network = read(tmp_path, whole(TargetGroups=groups, TargetGroupAttributes=attributes))
    kept = {one.id: one.preserve_client_ip for one in network.target_groups.values()}
    assert kept == {"TCP": None, "UDP": True, "HTTP": False, "TLS": True}


def test_classic_balancers(tmp_path: Path) -> None:
    classic = {
        "LoadBalancerName": "old",
        "Scheme": "internal",
        "Subnets": ["subnet-1"],
        "SecurityGroups": ["sg-1"],
        "Instances": [{"InstanceId": "i-1"}],
        "ListenerDescriptions": [
            {"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP",
                          "InstancePort": 8080}}
        ],
    }  # fmt: skip
    network = read(tmp_path, whole(LoadBalancerDescriptions=[classic]))
    found = network.load_balancers["old"]
    assert (found.kind, found.listeners[0].target_groups) == ("classic", ("old:8080",))
    assert network.target_groups["old:8080"].targets == (Target("i-1", 8080),)
    assert network.interfaces["old@subnet-1"].kind == "load-balancer"


def _database(name: str, **keys: Any) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceArn": f"arn:aws:rds:eu-west-1:1:db:{name}",
        "MultiAZ": False,
        "DBSubnetGroup": {
            "VpcId": "vpc-1",
            "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}],
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
        **keys,
    }


def test_databases_by_their_interface_or_one_per_subnet(tmp_path: Path) -> None:
    plain = read(tmp_path, whole(DBInstances=[_database("db")]))
    assert plain.workloads["db"].zonal is True
    spare = [card for card in plain.interfaces.values() if card.owner == "db"]
    assert [card.id for card in spare] == ["db@subnet-1", "db@subnet-2"]
    assert [card.addresses.size for card in spare] == [250, 251], "10.0.1.10 is taken"
    cards = [interface(40, Description="RDSNetworkInterface")]
    found = read(tmp_path, whole(DBInstances=[_database("db")], NetworkInterfaces=cards))
    assert [card.id for card in found.interfaces.values() if card.owner == "db"] == ["eni-40"]
    two = [_database("db"), _database("db2", MultiAZ=True)]
    unclear = read(tmp_path, whole(DBInstances=two, NetworkInterfaces=cards))
    assert unclear.interfaces["eni-40"].owner == ""
    assert "belongs to `db` or `db2`: the dump does not say" in messages(unclear)
    assert unclear.workloads["db2"].zonal is False


def test_a_cluster_is_one_store(tmp_path: Path) -> None:
    members = [
        _database(f"m{number}", DBClusterIdentifier="aurora", AvailabilityZone=f"eu-west-1{zone}")
        for number, zone in enumerate("ab")
    ]
    cluster = {
        "DBClusterIdentifier": "aurora",
        "MultiAZ": True,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
    }
    network = read(tmp_path, whole(DBInstances=members, DBClusters=[cluster]))
    stores = {one.id: one.zonal for one in network.workloads.values() if "RDS" in one.type}
    assert stores == {"aurora": False}


def test_caches_domains_and_functions(tmp_path: Path) -> None:
    subnets = [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}]
    groups = [{"SecurityGroupId": "sg-1"}]
    network = read(
        tmp_path,
        whole(
            ReplicationGroups=[{"ReplicationGroupId": "redis", "MultiAZ": "enabled"}],
            CacheClusters=[
                {"CacheClusterId": "redis-001", "ReplicationGroupId": "redis",
                 "CacheSubnetGroupName": "group", "SecurityGroups": groups},
                {"CacheClusterId": "alone", "CacheSubnetGroupName": "elsewhere"},
            ],
            CacheSubnetGroups=[{"CacheSubnetGroupName": "group", "Subnets": subnets}],
            DomainStatusList=[
                {"DomainName": "find", "ClusterConfig": {"ZoneAwarenessEnabled": True},
                 "VPCOptions": {"SubnetIds": ["subnet-2"], "SecurityGroupIds": ["sg-1"]}},
            ],
            Functions=[
                {"FunctionName": "f", "VpcConfig": {"SubnetIds": ["subnet-1"],
                                                    "SecurityGroupIds": ["sg-1"]}},
                {"FunctionName": "outside"},
            ],
            NetworkInterfaces=[interface(50, Description="ElastiCache redis-001")],
            Buckets=[{"Name": "papers"}],
        ),
    )  # fmt: skip
    zonal = {one.id: one.zonal for one in network.workloads.values() if one.id != "i-1"}
    assert zonal == {"redis": False, "alone": True, "find": False, "f": True}
    assert network.interfaces["eni-50"].owner == "redis"
    assert network.interfaces["f@subnet-1"].kind == "function"
    assert network.buckets["papers"].only_through is None
    assert "alone" in affected(network)


@pytest.mark.parametrize(("kind", "v6"), [("ipv4", False), ("dualstack", True)])
def test_stand_in_interfaces_have_ipv6_where_their_owner_has(
    tmp_path: Path, kind: str, v6: bool
) -> None:
    block = {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    subnet = {**WHOLE["Subnets"][0], "Ipv6CidrBlockAssociationSet": [block]}
    balancer = {**BALANCER, "IpAddressType": kind}
    network = read(tmp_path, whole(LoadBalancers=[balancer], Subnets=[subnet, WHOLE["Subnets"][1]]))
    found = network.interfaces[f"{ARN}@subnet-1"].addresses
    assert bool(found & of_cidr("2001:db8::/64")) is v6
