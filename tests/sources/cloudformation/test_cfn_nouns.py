"""A whole template against a readable golden, and where each rule says it came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from network_text import text_of

from ringwall.model.addresses import of_cidr
from ringwall.model.network import Network
from ringwall.model.origin import IMPLICIT
from ringwall.sources.cloudformation import read_template
from ringwall.sources.cloudformation.document import parse
from ringwall.sources.cloudformation.values import plain

GOLDEN = Path(__file__).parent / "golden"
SHOP = (GOLDEN / "shop.yaml").read_text(encoding="utf-8")


def read(body: str, **parameters: str) -> Network:
    return read_template(body, "t.yaml", parameters=parameters)


def lines_of(network: Network, *starts: str) -> list[str]:
    """The lines of the text form that begin with one of these, blanks before them aside."""
    return [one.strip() for one in text_of(network).splitlines() if one.strip().startswith(starts)]


def test_the_shop_reads_as_its_golden_says() -> None:
    expected = (GOLDEN / "shop.txt").read_text(encoding="utf-8")
    assert text_of(read_template(SHOP, "shop.yaml")) == expected


def test_json_and_yaml_read_the_same() -> None:
    as_json = json.dumps(plain(parse(SHOP, "shop.yaml")))
    assert text_of(read_template(as_json, "shop.json")) == text_of(read_template(SHOP, "shop.yaml"))


def test_reading_twice_gives_the_same_network() -> None:
    assert read_template(SHOP, "shop.yaml") == read_template(SHOP, "shop.yaml")


def line_of(text: str, wanted: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if wanted in line)


def test_origins_point_at_the_rule_in_the_users_file() -> None:
    network = read_template(SHOP, "shop.yaml")
    web = network.security_groups["WebGroup"]
    assert web.ingress[0].origin.line == line_of(SHOP, "ToPort: 443, CidrIp: 0.0.0.0/0")
    assert web.ingress[1].origin.line == line_of(SHOP, "ToPort: 22")
    assert web.ingress[0].origin.pointer == "WebGroup/SecurityGroupIngress/0"
    assert web.egress[0].origin == IMPLICIT
    entry = network.network_acls["PublicAcl"].entries[1]
    assert (entry.origin.pointer, entry.origin.line) == ("PublicIn", line_of(SHOP, "PublicIn:"))
    route = network.route_tables["PublicRoutes"].routes[0]
    assert route.origin.line == line_of(SHOP, "PublicDefault:")
    assert network.subnets["PrivateA"].origin.line == line_of(SHOP, "PrivateA:")


def test_addresses_are_those_that_aws_leaves_usable() -> None:
    card = read_template(SHOP, "shop.yaml").interfaces["App@PrivateA"]
    kept = of_cidr("10.0.2.0/30") | of_cidr("10.0.2.255/32")
    assert card.addresses == of_cidr("10.0.2.0/24") - kept
    assert not card.pinned


def test_a_parameter_makes_the_uncertain_certain() -> None:
    network = read(SHOP, Office="198.51.100.0/24")
    assert lines_of(network, "in tcp/22") == ["in tcp/22 198.51.100.0/24"]
    assert lines_of(network, "in 90") == ["in 90 deny icmp type 8 198.51.100.0/24"]
    assert not [gap for gap in network.gaps if gap.kind == "unresolved" and "Office" in gap.message]


V6 = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Six: {Type: AWS::EC2::VPCCidrBlock,
        Properties: {VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true}}
  More: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Vpc, CidrBlock: 100.64.0.0/16}}
  Subnet:
    Type: AWS::EC2::Subnet
    DependsOn: Six
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.0.0/24
      AvailabilityZone: us-east-1a
      AssignIpv6AddressOnCreation: true
      Ipv6CidrBlock: !Select [0, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 1, 64]]
  Out: {Type: AWS::EC2::EgressOnlyInternetGateway, Properties: {VpcId: !Ref Vpc}}
  Routes: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Six0: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Routes,
         DestinationIpv6CidrBlock: "::/0", EgressOnlyInternetGatewayId: !Ref Out}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !Ref Vpc}}
  Host: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Subnet,
         SecurityGroupIds: [!Ref Group]}}
"""


def test_ipv6_gets_a_stand_in_block_that_is_on_record() -> None:
    network = read(V6)
    assert lines_of(network, "vpc", "subnet", "egress-only", "::/0") == [
        "vpc Vpc 10.0.0.0/16 100.64.0.0/16 2600:1f00::/56",
        "subnet Subnet 10.0.0.0/24 2600:1f00::/64 us-east-1a",
        "egress-only gateway Out at Vpc",
        "::/0 -> egress-only-internet-gateway Out",
    ]
    assert lines_of(network, "out all") == [
        "out all 0.0.0.0/0",
        "out all ::/0",
        "out all 0.0.0.0/0",
        "out all ::/0",
    ]
    assert lines_of(network, "in 10") == ["in 100 allow all 0.0.0.0/0", "in 101 allow all ::/0"]
    assert "2600:1f00::/56 stands in for it" in network.gaps[0].message
    assert of_cidr("2600:1f00::8/128") <= network.interfaces["Host@Subnet"].addresses


BASE = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24,
           AvailabilityZone: us-east-1a}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Vpc}}
"""


def resource(name: str, kind: str, **properties: str) -> str:
    inside = ", ".join(f"{key}: {value}" for key, value in properties.items())
    return f"  {name}: {{Type: '{kind}', Properties: {{{inside}}}}}\n"


ROUTES = [
    ("GatewayId: igw-1", "internet-gateway igw-1"),
    ("GatewayId: vgw-1", "vpn-gateway vgw-1"),
    ("GatewayId: vpce-1", "vpc-endpoint vpce-1"),
    ("NatGatewayId: nat-1", "nat-gateway nat-1"),
    ("TransitGatewayId: tgw-1", "transit-gateway tgw-1"),
    ("VpcPeeringConnectionId: pcx-1", "vpc-peering pcx-1"),
    ("NetworkInterfaceId: eni-1", "network-interface eni-1"),
    ("VpcEndpointId: vpce-9", "vpc-endpoint vpce-9"),
    ("CoreNetworkArn: arn-1", "unknown arn-1"),
    ("LocalGatewayId: lgw-1", "unknown lgw-1"),
    ("CarrierGatewayId: cagw-1", "unknown cagw-1"),
    ("GatewayId: !ImportValue x", "unknown import:x ?"),
    ("GatewayId: local", "local local"),
    ("InstanceId: !Ref Host", "network-interface Host@Subnet"),
]


@pytest.mark.parametrize(("target", "expected"), ROUTES, ids=[row[0] for row in ROUTES])
def test_every_kind_of_route_target(target: str, expected: str) -> None:
    host = resource("Host", "AWS::EC2::Instance", SubnetId="!Ref Subnet", SourceDestCheck="false")
    route = (
        "  Route: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table,"
        f" DestinationCidrBlock: 192.0.2.0/24, {target}}}}}\n"
    )
    network = read(BASE + host + route)
    assert lines_of(network, "192.0.2.0/24") == [f"192.0.2.0/24 -> {expected}"]


def test_a_route_with_an_open_destination_is_uncertain_and_matches_everything() -> None:
    text = "Parameters: {Where: {Type: String}}\n" + BASE
    text += resource(
        "Route",
        "AWS::EC2::Route",
        RouteTableId="!Ref Table",
        DestinationCidrBlock="!Ref Where",
        GatewayId="igw-1",
    )
    network = read(text)
    assert lines_of(network, "0.0.0.0/0 ->") == ["0.0.0.0/0 -> internet-gateway igw-1 ?"]


ENTRIES = [
    ("Protocol: -1", "all"),
    ("Protocol: '-1'", "all"),
    ("Protocol: 6, PortRange: {From: 80, To: 80}", "tcp/80"),
    ("Protocol: '17', PortRange: {From: '53', To: '53'}", "udp/53"),
    ("Protocol: 6", "tcp"),
    ("Protocol: 1, Icmp: {Type: 3, Code: 4}", "icmp type 3 code 4"),
    ("Protocol: 1, Icmp: {Type: -1, Code: -1}", "icmp"),
    ("Protocol: 58, Icmp: {Type: 128, Code: -1}", "icmpv6 type 128"),
    ("Protocol: 47", "47"),
    ("Protocol: !ImportValue p", "all"),
]


@pytest.mark.parametrize(("how", "expected"), ENTRIES, ids=[row[0] for row in ENTRIES])
def test_network_acl_entries(how: str, expected: str) -> None:
    text = BASE + (
        "  Entry: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl,"
        f" RuleNumber: 10, RuleAction: allow, CidrBlock: 10.0.0.0/8, {how}}}}}\n"
    )
    entry = read(text).network_acls["Acl"].entries[0]
    unsure = " ?" if not entry.certain else ""
    assert lines_of(read(text), "in 10 ") == [f"in 10 allow {expected} 10.0.0.0/8{unsure}"]
    assert entry.certain is ("ImportValue" not in how and how != "Protocol: 6")


def test_an_association_in_doubt_makes_the_subnet_unknown() -> None:
    text = "Parameters: {On: {Type: String}}\nConditions: {Sure: !Equals [!Ref On, y]}\n" + BASE
    text += (
        "  At: {Type: AWS::EC2::SubnetRouteTableAssociation, Condition: Sure,"
        " Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}}\n"
    )
    assert [gap.affects for gap in read(text).gaps] == [("Subnet",)]
    assert read(text, On="y").route_tables["Table"].subnets == ("Subnet",)
    assert read(text, On="n").route_tables["Table"].subnets == ()


def test_a_resource_whose_condition_is_false_is_absent() -> None:
    text = "Conditions: {Never: !Equals [a, b]}\n" + BASE
    text += "  Second: {Type: AWS::EC2::VPC, Condition: Never, Properties: {CidrBlock: x}}\n"
    assert list(read(text).vpcs) == ["Vpc"]


def test_loops_are_unfolded() -> None:
    text = "Transform: AWS::LanguageExtensions\n" + BASE
    text += """
  Fn::ForEach::Zones:
    - Zone
    - [a, b]
    - Private${Zone}:
        Type: AWS::EC2::Subnet
        Properties:
          VpcId: !Ref Vpc
          CidrBlock: !FindInMap [Blocks, !Ref Zone, cidr]
          AvailabilityZone: !Sub us-east-1${Zone}
Mappings:
  Blocks: {a: {cidr: 10.0.8.0/24}, b: {cidr: 10.0.9.0/24}}
"""
    assert lines_of(read(text), "subnet Private") == [
        "subnet Privatea 10.0.8.0/24 us-east-1a",
        "subnet Privateb 10.0.9.0/24 us-east-1b",
    ]


def test_macros_nested_stacks_and_folded_loops_are_on_record() -> None:
    text = "Transform: [Mine]\nParameters: {L: {Type: CommaDelimitedList}}\n" + BASE
    text += resource("Nested", "AWS::CloudFormation::Stack", TemplateURL="https://x")
    text += "  Fn::ForEach::X: [I, !Ref L, {'S${I}': {Type: 'AWS::EC2::VPC'}}]\n"
    text += resource("Odd", "AWS::EC2::VPC", CidrBlock="{'Fn::Transform': {Name: N}}")
    found = [(gap.kind, gap.subject, gap.affects) for gap in read(text).gaps]
    assert ("unmodelled", "Mine", ()) in found
    assert ("unmodelled", "Fn::ForEach", ()) in found
    assert ("unmodelled", "Nested", ("Nested",)) in found
    assert ("unmodelled", "Odd", ("Odd",)) in found


STRAYS = [
    ("AWS::EC2::VPCCidrBlock", "VpcId: !ImportValue v", ("import:v",)),
    ("AWS::EC2::SubnetCidrBlock", "SubnetId: subnet-1", ("subnet-1",)),
    ("AWS::EC2::VPCGatewayAttachment", "VpcId: !Ref Vpc, InternetGatewayId: igw-1", ("igw-1",)),
    ("AWS::EC2::EIPAssociation", "InstanceId: i-1", ("i-1",)),
    ("AWS::EC2::EIP", "InstanceId: i-1", ("i-1",)),
    ("AWS::EC2::NetworkInterfaceAttachment", "InstanceId: i-1, NetworkInterfaceId: eni-1",
     ("eni-1", "i-1")),
    ("AWS::EC2::Route", "RouteTableId: rtb-1, DestinationCidrBlock: 10.0.0.0/8, GatewayId: igw-1",
     ()),
    ("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId: rtb-1, SubnetId: !Ref Subnet",
     ("Subnet",)),
    ("AWS::EC2::SubnetNetworkAclAssociation", "NetworkAclId: acl-1, SubnetId: !Ref Subnet",
     ("Subnet",)),
    ("AWS::EC2::NetworkAclEntry", "NetworkAclId: acl-1, RuleNumber: 1, Protocol: -1,"
     " RuleAction: allow, CidrBlock: 10.0.0.0/8", ()),
    ("AWS::ElasticLoadBalancingV2::Listener", "LoadBalancerArn: arn, Port: 80", ()),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "ListenerArn: arn, Actions: []", ()),
    ("AWS::S3::BucketPolicy", "Bucket: elsewhere", ()),
    ("Mine::Net::Thing::MODULE", "", ("It",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "how", "affects"), STRAYS, ids=[row[0] for row in STRAYS])
def test_what_belongs_to_something_elsewhere_is_on_record(
    kind: str, how: str, affects: tuple[str, ...]
) -> None:
    text = f"{BASE}  It: {{Type: '{kind}', Properties: {{{how}}}}}\n"
    found = [gap.affects for gap in read(text).gaps if gap.subject == "It"]
    assert found[:1] == [affects]


def test_the_region_is_the_callers_choice() -> None:
    text = BASE + resource("Zone", "AWS::EC2::Subnet", VpcId="!Ref Vpc", CidrBlock="10.0.9.0/24",
                           AvailabilityZone="!Select [0, !GetAZs '']")  # fmt: skip
    network = read_template(text, "t.yaml", region="eu-central-1")
    assert network.region == "eu-central-1"
    assert network.subnets["Zone"].zone == "eu-central-1a"
    assert network.vpcs["Vpc"].region == "eu-central-1"
