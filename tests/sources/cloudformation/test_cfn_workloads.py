"""What runs in subnets: its interfaces, whether it is public, what the loss of a zone does."""

from __future__ import annotations

import pytest
from network_text import text_of

from ringwall.model.addresses import of_address
from ringwall.model.network import Network, NetworkInterface
from ringwall.sources.cloudformation import read_template

BASE = """
Parameters:
  Open: {Type: String}
  Nets: {Type: "List<AWS::EC2::Subnet::Id>"}
Conditions:
  Sure: !Equals [!Ref Open, y]
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24,
      AvailabilityZone: us-east-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24,
      AvailabilityZone: us-east-1b}}
  Pub: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24,
        AvailabilityZone: us-east-1a, MapPublicIpOnLaunch: true}}
  Maybe: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.3.0/24,
          AvailabilityZone: us-east-1a, MapPublicIpOnLaunch: !Ref Open}}
  G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: g}}
  H: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: h}}
  Nodes: {Type: AWS::RDS::DBSubnetGroup, Properties: {SubnetIds: [!Ref A, !Ref B],
          DBSubnetGroupName: Nodes-Name, DBSubnetGroupDescription: d}}
  Caches: {Type: AWS::ElastiCache::SubnetGroup, Properties: {SubnetIds: [!Ref A, !Ref B]}}
"""
IGW = """
  Igw: {Type: AWS::EC2::InternetGateway}
  At: {Type: AWS::EC2::VPCGatewayAttachment,
       Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw}}
"""


def one(name: str, kind: str, properties: str) -> str:
    return f"  {name}: {{Type: 'AWS::{kind}', Properties: {{{properties}}}}}\n"


def read(*more: str, **parameters: str) -> Network:
    return read_template(BASE + "".join(more), "t.yaml", parameters=parameters)


def cards(network: Network, owner: str) -> list[NetworkInterface]:
    return [card for card in network.interfaces.values() if card.owner == owner]


INSTANCES = [
    # properties, subnet, groups, public
    ("SubnetId: !Ref A, SecurityGroupIds: [!Ref G]", "A", "G", False),
    ("SubnetId: !Ref Pub, SecurityGroupIds: [!Ref G]", "Pub", "G", True),
    ("SubnetId: !Ref Maybe, SecurityGroupIds: [!Ref G]", "Maybe", "G", None),
    ("SubnetId: !Ref A", "A", "Vpc.DefaultSecurityGroup", False),
    ("NetworkInterfaces: [{SubnetId: !Ref A, GroupSet: [!Ref H], DeviceIndex: 0,"
     " AssociatePublicIpAddress: true}]", "A", "H", True),
    ("NetworkInterfaces: [{SubnetId: !Ref Pub, GroupSet: [!Ref H], DeviceIndex: 0,"
     " AssociatePublicIpAddress: 'false'}]", "Pub", "H", False),
    ("NetworkInterfaces: [{SubnetId: !Ref Pub, DeviceIndex: '0',"
     " AssociatePublicIpAddress: !Ref Open}]", "Pub", "Vpc.DefaultSecurityGroup", None),
    ("SubnetId: !Ref A, LaunchTemplate: {LaunchTemplateId: !Ref Lt, Version: 1}", "A", "H", True),
    ("SubnetId: !Ref A, LaunchTemplate: {LaunchTemplateName: lt-name, Version: 1}", "A", "H", True),
    ("SubnetId: !Select [0, !Ref Nets], SecurityGroupIds: [!Ref G]", "Nets[0]", "G", None),
]  # fmt: skip
LAUNCH = one(
    "Lt",
    "EC2::LaunchTemplate",
    "LaunchTemplateName: lt-name, LaunchTemplateData: {NetworkInterfaces: [{Groups: [!Ref H],"
    " DeviceIndex: 0, AssociatePublicIpAddress: true}], TagSpecifications: [{ResourceType:"
    " instance, Tags: [{Key: 'ringwall:service', Value: api}]}]}",
)


@pytest.mark.parametrize(("how", "subnet", "group", "public"), INSTANCES)
def test_an_instances_interface(how: str, subnet: str, group: str, public: bool | None) -> None:
    network = read(LAUNCH, one("Host", "EC2::Instance", how))
    (card,) = cards(network, "Host")
    assert (card.id, card.subnet, card.groups) == (f"Host@{subnet}", subnet, (group,))
    assert card.public is public
    assert network.workloads["Host"].zonal is True


def test_elastic_addresses_make_public() -> None:
    host = one("Host", "EC2::Instance", "SubnetId: !Ref A")
    by_instance = one("Eip", "EC2::EIP", "InstanceId: !Ref Host")
    bound = one("Eip", "EC2::EIP", "Domain: vpc") + one(
        "Bound",
        "EC2::EIPAssociation",
        "InstanceId: !Ref Host, AllocationId: !GetAtt Eip.AllocationId",
    )
    maybe = bound.replace("Bound: {", "Bound: {Condition: Sure, ")
    assert [card.public for card in cards(read(host, by_instance), "Host")] == [True]
    assert [card.public for card in cards(read(host, bound), "Host")] == [True]
    assert [card.public for card in cards(read(host, maybe), "Host")] == [None]
    assert [card.public for card in cards(read(host, maybe, Open="n"), "Host")] == [False]


def test_declared_interfaces_belong_to_their_instance() -> None:
    network = read(
        one("Card", "EC2::NetworkInterface", "SubnetId: !Ref A, GroupSet: [!Ref G],"
            " PrivateIpAddress: 10.0.0.10, SourceDestCheck: false"),
        one("Second", "EC2::NetworkInterface", "SubnetId: !Ref B, GroupSet: [!Ref H]"),
        one("Tie", "EC2::NetworkInterfaceAttachment", "InstanceId: !Ref Host, DeviceIndex: 1,"
            " NetworkInterfaceId: !Ref Second"),
        one("Host", "EC2::Instance", "NetworkInterfaces: [{NetworkInterfaceId: !Ref Card,"
            " DeviceIndex: 0}]"),
        one("Bound", "EC2::EIPAssociation", "NetworkInterfaceId: !Ref Second, AllocationId: e"),
    )  # fmt: skip
    first, second = cards(network, "Host")
    assert (first.id, first.pinned, first.source_dest_check) == ("Card", True, False)
    assert first.addresses == of_address("10.0.0.10")
    assert (second.id, second.pinned, second.public) == ("Second", False, True)


def test_an_auto_scaling_group_spreads_over_its_subnets() -> None:
    tags = "Tags: [{Key: 'ringwall:tier', Value: app, PropagateAtLaunch: true}, {Key:" \
           " 'ringwall:client-ports', Value: 32768-60999, PropagateAtLaunch: true}, {Key: Name," \
           " Value: hidden, PropagateAtLaunch: false}]"  # fmt: skip
    group = one(
        "Asg",
        "AutoScaling::AutoScalingGroup",
        f"VPCZoneIdentifier: [!Ref A, !Ref Pub], MixedInstancesPolicy: {{LaunchTemplate:"
        f" {{LaunchTemplateSpecification: {{LaunchTemplateId: !Ref Lt, Version: 1}}}}}}, {tags}",
    )
    found = cards(read(LAUNCH, group), "Asg")
    assert [card.id for card in found] == ["Asg@A", "Asg@Pub"]
    for card in found:
        assert (card.service, card.tier, card.client_ports) == ("api", "app", (32768, 60999))
        assert (card.groups, card.public, card.name) == (("H",), True, "")


def test_a_launch_configuration_is_read_too() -> None:
    network = read(
        one("Lc", "AutoScaling::LaunchConfiguration",
            "SecurityGroups: [!Ref G], AssociatePublicIpAddress: false"),
        one("Asg", "AutoScaling::AutoScalingGroup",
            "VPCZoneIdentifier: [!Ref Pub], LaunchConfigurationName: !Ref Lc"),
    )  # fmt: skip
    (card,) = cards(network, "Asg")
    assert (card.groups, card.public) == (("G",), False)


DATABASES = [
    ("RDS::DBInstance", "DBSubnetGroupName: !Ref Nodes, MultiAZ: true", False, False),
    ("RDS::DBInstance", "DBSubnetGroupName: !Ref Nodes", True, False),
    ("RDS::DBInstance", "DBSubnetGroupName: nodes-name, MultiAZ: !Ref Open", None, False),
    ("RDS::DBInstance", "DBSubnetGroupName: !Ref Nodes, PubliclyAccessible: true", True, True),
    ("RDS::DBInstance", "DBSubnetGroupName: !Ref Nodes, PubliclyAccessible: !Ref Open", True, None),
    ("RDS::DBCluster", "DBSubnetGroupName: !Ref Nodes, DBClusterInstanceClass: x", False, False),
    ("ElastiCache::ReplicationGroup", "CacheSubnetGroupName: !Ref Caches, MultiAZEnabled: true",
     False, False),
    ("ElastiCache::ReplicationGroup", "CacheSubnetGroupName: !Ref Caches, NumCacheClusters: 1",
     True, False),
    ("ElastiCache::ReplicationGroup", "CacheSubnetGroupName: !Ref Caches, NumCacheClusters: 2,"
     " AutomaticFailoverEnabled: true", None, False),
    ("ElastiCache::CacheCluster", "CacheSubnetGroupName: !Ref Caches, NumCacheNodes: 1",
     True, False),
    ("OpenSearchService::Domain", "VPCOptions: {SubnetIds: [!Ref A, !Ref B]}, ClusterConfig:"
     " {ZoneAwarenessEnabled: true}", False, False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "how", "zonal", "public"), DATABASES)
def test_data_stores(kind: str, how: str, zonal: bool | None, public: bool | None) -> None:
    network = read(one("Store", kind, how))
    found = cards(network, "Store")
    assert [card.subnet for card in found] == ["A", "B"]
    assert network.workloads["Store"].zonal is zonal
    assert {card.public for card in found} == {public}


def test_a_database_says_nothing_of_its_publicity() -> None:
    """Left out, it depends on the VPC having an internet gateway: then it is not known."""
    database = one("Db", "RDS::DBInstance", "DBSubnetGroupName: !Ref Nodes")
    assert {card.public for card in cards(read(database), "Db")} == {False}
    assert {card.public for card in cards(read(IGW, database), "Db")} == {None}


@pytest.mark.parametrize(("count", "zonal"), [(0, None), (1, True), (2, False)])
def test_a_cluster_survives_with_a_second_instance(count: int, zonal: bool | None) -> None:
    members = [
        one(f"I{index}", "RDS::DBInstance", "DBClusterIdentifier: !Ref Cluster")
        for index in range(count)
    ]
    cluster = one("Cluster", "RDS::DBCluster", "DBSubnetGroupName: !Ref Nodes")
    network = read(cluster, *members)
    assert list(network.workloads) == ["Cluster"]
    assert network.workloads["Cluster"].zonal is zonal


ATTACHED = [
    ("Lambda::Function", "VpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!Ref G]}",
     "function"),
    ("ECS::Service", "NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref A],"
     " SecurityGroups: [!Ref G]}}", "instance"),
    ("EFS::MountTarget", "SubnetId: !Ref A, SecurityGroups: [!Ref G]", "other"),
    ("EC2::VPCEndpoint", "VpcId: !Ref Vpc, VpcEndpointType: Interface, ServiceName: s,"
     " SubnetIds: [!Ref A], SecurityGroupIds: [!Ref G]", "vpc-endpoint"),
    ("EKS::Cluster", "ResourcesVpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!Ref G]}",
     "other"),
    ("ElastiCache::ServerlessCache", "SubnetIds: [!Ref A], SecurityGroupIds: [!Ref G]", "cache"),
    ("MSK::Cluster", "BrokerNodeGroupInfo: {ClientSubnets: [!Ref A], SecurityGroups: [!Ref G]}",
     "other"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "how", "expected"), ATTACHED, ids=[row[0] for row in ATTACHED])
def test_what_else_has_interfaces(kind: str, how: str, expected: str) -> None:
    (card,) = cards(read(one("It", kind, how)), "It")
    assert (card.id, card.kind, card.groups, card.public) == ("It@A", expected, ("G",), False)


def test_a_function_outside_of_every_vpc_touches_no_path() -> None:
    network = read(one("F", "Lambda::Function", "Runtime: python3.13"))
    assert "F" not in network.workloads
    assert not [gap for gap in network.gaps if gap.subject == "F"]


def test_what_names_no_subnet_lies_in_the_default_vpc() -> None:
    network = read(one("Host", "EC2::Instance", "ImageId: ami-1"))
    (gap,) = [gap for gap in network.gaps if gap.subject == "Host"]
    assert gap.affects == ("Host",)
    assert not cards(network, "Host")


def test_a_workload_that_may_not_be_made_makes_its_paths_unknown() -> None:
    host = one("Host", "EC2::Instance", "SubnetId: !Ref A")
    network = read(host.replace("Host: {", "Host: {Condition: Sure, "))
    (gap,) = [gap for gap in network.gaps if gap.subject == "Host"]
    assert gap.affects == ("Host", "Host@A")


def balancer(*more: str, properties: str = "") -> Network:
    lb = f"Subnets: [!Ref A, !Ref B], SecurityGroups: [!Ref G]{properties}"
    return read(
        one("Lb", "ElasticLoadBalancingV2::LoadBalancer", lb),
        one("Tg", "ElasticLoadBalancingV2::TargetGroup", "Port: 80, Protocol: HTTP"),
        *more,
    )


def lines(network: Network, *starts: str) -> list[str]:
    return [line.strip() for line in text_of(network).splitlines() if line.startswith(starts)]


@pytest.mark.parametrize(
    ("scheme", "public", "facing"),
    [
        ("", True, True),
        (", Scheme: internal", False, False),
        (", Scheme: internet-facing", True, True),
        (", Scheme: !Ref Open", None, True),
    ],
)
def test_a_load_balancers_scheme(scheme: str, public: bool | None, facing: bool) -> None:
    network = balancer(properties=scheme)
    assert {card.public for card in cards(network, "Lb")} == {public}
    assert network.load_balancers["Lb"].internet_facing is facing
    assert {card.client_ports for card in cards(network, "Lb")} == {(1024, 65535)}


def test_listeners_collect_the_groups_of_their_rules() -> None:
    network = balancer(
        one("Tg2", "ElasticLoadBalancingV2::TargetGroup", "Port: 81, Protocol: HTTP,"
            " TargetType: ip, Targets: [{Id: 10.0.0.9, Port: 81}]"),
        one("Main", "ElasticLoadBalancingV2::Listener", "LoadBalancerArn: !Ref Lb, Port: 443,"
            " Protocol: HTTPS, DefaultActions: [{Type: forward, ForwardConfig: {TargetGroups:"
            " [{TargetGroupArn: !Ref Tg}]}}]"),
        one("More", "ElasticLoadBalancingV2::ListenerRule", "ListenerArn: !Ref Main, Priority: 1,"
            " Conditions: [], Actions: [{Type: forward, TargetGroupArn: !Ref Tg2}]"),
        one("Http", "ElasticLoadBalancingV2::Listener", "LoadBalancerArn: !GetAtt"
            " Lb.LoadBalancerArn, Port: 80, Protocol: HTTP, DefaultActions: [{Type: redirect}]"),
    )  # fmt: skip
    assert lines(network, "load balancer", "  HTTP", "target group") == [
        "load balancer Lb application internet-facing",
        "HTTPS 443 -> Tg Tg2",
        "HTTP 80 -> nothing",
        "target group Tg HTTP 80: unknown",
        "target group Tg2 HTTP 81: 10.0.0.9",
    ]


def test_targets_come_from_whatever_registers() -> None:
    network = balancer(
        one("Asg", "AutoScaling::AutoScalingGroup",
            "VPCZoneIdentifier: [!Ref A], TargetGroupARNs: [!Ref Tg]"),
        one("Svc", "ECS::Service", "NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref A]"
            "}}, LoadBalancers: [{TargetGroupArn: !Ref Tg, ContainerPort: 8080}]"),
    )  # fmt: skip
    assert lines(network, "target group") == ["target group Tg HTTP 80: Asg Svc"]


def test_a_network_load_balancer_may_have_no_group() -> None:
    network = read(
        one("Nlb", "ElasticLoadBalancingV2::LoadBalancer",
            "Type: network, SubnetMappings: [{SubnetId: !Ref A, AllocationId: e}]")
    )  # fmt: skip
    (card,) = cards(network, "Nlb")
    assert (card.groups, network.load_balancers["Nlb"].cross_zone) == ((), False)


def test_classic_load_balancers() -> None:
    network = read(
        one("Elb", "ElasticLoadBalancing::LoadBalancer", "Subnets: [!Ref A], SecurityGroups: [!Ref"
            " G], Listeners: [{LoadBalancerPort: 443, InstancePort: 8443, Protocol: HTTPS}],"
            " Scheme: internal"),
        one("Asg", "AutoScaling::AutoScalingGroup",
            "VPCZoneIdentifier: [!Ref A], LoadBalancerNames: [!Ref Elb]"),
    )  # fmt: skip
    assert lines(network, "load balancer", "  HTTPS", "target group") == [
        "load balancer Elb classic internal",
        "HTTPS 443 -> Elb:8443",
        "target group Elb:8443 HTTPS 8443: Asg",
    ]


def test_nat_gateways_private_and_regional() -> None:
    network = read(
        one("Own", "EC2::NatGateway", "SubnetId: !Ref A, ConnectivityType: private"),
        one("Wide", "EC2::NatGateway", "VpcId: !Ref Vpc, AvailabilityMode: regional"),
    )
    assert (network.nat_gateways["Own"].public, network.nat_gateways["Own"].vpc) == (False, "Vpc")
    assert [card.public for card in cards(network, "Own")] == [False]
    wide = network.nat_gateways["Wide"]
    assert (wide.regional, wide.vpc, wide.route_table, wide.zones) == (True, "Vpc", "Wide", None)
    (route,) = network.route_tables["Wide"].routes
    assert not route.certain, "no resource says what AWS puts into its own route table"


def test_subnets_from_outside_are_missing_not_forgotten() -> None:
    network = read(one("Asg", "AutoScaling::AutoScalingGroup", "VPCZoneIdentifier: !Ref Nets"))
    (card,) = cards(network, "Asg")
    assert (card.subnet, bool(card.addresses)) == ("Nets", False)
    gap = next(one for one in network.gaps if one.subject == "Nets")
    assert gap.affects == ("Asg@Nets", "Nets")
