"""Security groups of a template: peers, AWS's default rules, and what is in doubt."""

from __future__ import annotations

import pytest
from network_text import text_of

from ringwall.model.network import AnyPeer, GroupPeer, Network
from ringwall.sources.cloudformation import read_template

BASE = """
Parameters:
  Block: {Type: String}
  Elsewhere: {Type: "AWS::EC2::SecurityGroup::Id"}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Other:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: o, VpcId: !Ref Vpc, GroupName: other}
  List:
    Type: AWS::EC2::PrefixList
    Properties:
      PrefixListName: mine
      MaxEntries: 2
      AddressFamily: IPv4
      Entries: [{Cidr: 192.0.2.0/24}, {Cidr: 198.51.100.0/24}]
"""
GROUP = "  Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: g"


def group(ingress: str = "", egress: str = "") -> str:
    inline = f", SecurityGroupIngress: [{ingress}]" if ingress else ""
    inline += f", SecurityGroupEgress: [{egress}]" if egress else ""
    return f"{BASE}{GROUP}{inline}}}}}\n"


def read(text: str, **parameters: str) -> Network:
    return read_template(text, "t.yaml", parameters=parameters)


def rules(network: Network, name: str = "Group") -> list[str]:
    lines = text_of(network).splitlines()
    found: list[str] = []
    for line in lines[lines.index(f"group {name}") + 1 :]:
        if not line.startswith("  "):
            break
        found.append(line.strip())
    return found


INGRESS = [
    ("IpProtocol: tcp, FromPort: 80, ToPort: 81, CidrIp: 10.0.0.0/8", "tcp/80-81 10.0.0.0/8"),
    ("IpProtocol: TCP, FromPort: 80, ToPort: 80, CidrIp: 10.0.0.1/8", "tcp/80 10.0.0.0/8"),
    ("IpProtocol: '6', FromPort: '1', ToPort: '2', CidrIp: 10.0.0.0/8", "tcp/1-2 10.0.0.0/8"),
    ("IpProtocol: tcp, CidrIp: 10.0.0.0/8", "tcp 10.0.0.0/8"),
    ("IpProtocol: tcp, FromPort: -1, ToPort: -1, CidrIp: 10.0.0.0/8", "tcp 10.0.0.0/8"),
    ("IpProtocol: -1, CidrIp: 10.0.0.0/8", "all 10.0.0.0/8"),
    ("IpProtocol: -1, FromPort: 80, ToPort: 80, CidrIp: 10.0.0.0/8", "all 10.0.0.0/8"),
    ("IpProtocol: icmp, FromPort: 8, ToPort: -1, CidrIp: 10.0.0.0/8", "icmp type 8 10.0.0.0/8"),
    ("IpProtocol: icmp, FromPort: -1, ToPort: -1, CidrIp: 10.0.0.0/8", "icmp 10.0.0.0/8"),
    ("IpProtocol: icmpv6, FromPort: 128, CidrIpv6: '::/0'", "icmpv6 type 128 ::/0"),
    ("IpProtocol: 47, CidrIp: 10.0.0.0/8", "47 10.0.0.0/8"),
    ("IpProtocol: -1, SourceSecurityGroupId: !Ref Other", "all Other"),
    ("IpProtocol: -1, SourceSecurityGroupId: !GetAtt Other.GroupId", "all Other"),
    ("IpProtocol: -1, SourceSecurityGroupId: sg-0123", "all sg-0123"),
    ("IpProtocol: -1, SourceSecurityGroupName: other", "all Other"),
    ("IpProtocol: -1, SourceSecurityGroupName: !Ref Other", "all Other"),
    (
        "IpProtocol: -1, SourceSecurityGroupId: !GetAtt Vpc.DefaultSecurityGroup",
        "all Vpc.DefaultSecurityGroup",
    ),
    ("IpProtocol: -1, SourcePrefixListId: !Ref List", "all List"),
    ("IpProtocol: -1, SourcePrefixListId: pl-63a5400a", "all pl-63a5400a"),
]


@pytest.mark.parametrize(("rule", "expected"), INGRESS, ids=[row[0] for row in INGRESS])
def test_what_a_rule_matches(rule: str, expected: str) -> None:
    assert rules(read(group(ingress=f"{{{rule}}}")))[0] == f"in {expected}"


OPEN = [
    "IpProtocol: -1, CidrIp: !Ref Block",
    "IpProtocol: -1, CidrIp: !Sub '${Block}/32'",
    "IpProtocol: -1, SourceSecurityGroupId: !Ref Elsewhere",
    "IpProtocol: -1, SourceSecurityGroupId: !ImportValue group",
    "IpProtocol: -1, SourceSecurityGroupName: nobody",
    "IpProtocol: -1, SourcePrefixListId: !Ref Block",
    "IpProtocol: -1, CidrIp: '{{resolve:ssm:/block}}'",
]


@pytest.mark.parametrize("rule", OPEN)
def test_an_unknown_peer_may_be_anybody_and_the_rule_is_uncertain(rule: str) -> None:
    network = read(group(ingress=f"{{{rule}}}"))
    (found,) = network.security_groups["Group"].ingress
    assert isinstance(found.peer, AnyPeer)
    assert found.peer.reason
    assert not found.certain
    assert any(gap.subject == "Group" for gap in network.gaps)


def test_unknown_ports_widen_to_the_whole_protocol() -> None:
    rule = "{IpProtocol: tcp, FromPort: !Ref Block, ToPort: 80, CidrIp: 10.0.0.0/8}"
    assert rules(read(group(ingress=rule)))[0] == "in tcp 10.0.0.0/8 ?"


def test_a_rule_list_that_is_not_known_may_hold_any_rule() -> None:
    text = group() + "Conditions: {Sure: !Equals [!Ref Block, y]}\n"
    text = text.replace("GroupDescription: g", "GroupDescription: g, SecurityGroupIngress:"
                        " !If [Sure, [{IpProtocol: -1, CidrIp: 10.0.0.0/8}], []]")  # fmt: skip
    (found,) = read(text).security_groups["Group"].ingress
    assert not found.certain
    assert isinstance(found.peer, AnyPeer)
    assert rules(read(text, Block="y"))[0] == "in all 10.0.0.0/8"
    assert read(text, Block="n").security_groups["Group"].ingress == ()


def test_a_stale_reference_touches_no_path() -> None:
    network = read(group(ingress="{IpProtocol: -1, SourceSecurityGroupId: sg-gone}"))
    assert network.security_groups["Group"].ingress[0].peer == GroupPeer("sg-gone")
    gap = next(one for one in network.gaps if one.subject == "sg-gone")
    assert (gap.kind, gap.affects) == ("missing", ())


SEPARATE = """
  Out: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref Group, IpProtocol: tcp,
        FromPort: 5432, ToPort: 5432, DestinationSecurityGroupId: !Ref Other}}
"""
ALL_OUT = "{IpProtocol: -1, CidrIp: 0.0.0.0/0}"
LITTLE_OUT = "{IpProtocol: icmp, FromPort: 252, ToPort: 86, CidrIp: 255.255.255.255/32}"


@pytest.mark.parametrize(
    ("egress", "more", "expected"),
    [
        ("", "", ["out all 0.0.0.0/0"]),
        (LITTLE_OUT, "", ["out icmp type 252 code 86 255.255.255.255/32"]),
        ("", SEPARATE, ["out all 0.0.0.0/0 ?", "out tcp/5432 Other"]),
        (ALL_OUT, SEPARATE, ["out all 0.0.0.0/0 ?", "out tcp/5432 Other"]),
        (
            LITTLE_OUT,
            SEPARATE,
            ["out icmp type 252 code 86 255.255.255.255/32", "out tcp/5432 Other"],
        ),
    ],
    ids=["none", "inline", "separate", "inline wide and separate", "inline and separate"],
)
def test_egress_that_is_there_by_default(egress: str, more: str, expected: list[str]) -> None:
    network = read(group(egress=egress) + more)
    assert rules(network) == expected
    assert any(gap.subject == "Out" for gap in network.gaps) is any("?" in one for one in expected)


def test_the_default_group_trusts_itself_until_it_is_emptied() -> None:
    assert rules(read(BASE), "Vpc.DefaultSecurityGroup") == [
        "in all Vpc.DefaultSecurityGroup",
        "out all 0.0.0.0/0",
    ]
    for kind, key in (
        ("Custom::EmptyDefaultSecurityGroup", "SecurityGroup"),
        ("Custom::VpcRestrictDefaultSG", "DefaultSecurityGroupId"),
    ):
        custom = (
            f"  Empty: {{Type: '{kind}', Properties: {{ServiceToken: x,"
            f" {key}: !GetAtt Vpc.DefaultSecurityGroup}}}}\n"
        )
        assert rules(read(BASE + custom), "Vpc.DefaultSecurityGroup") == []


def test_rules_on_the_default_group_and_by_name() -> None:
    text = (
        BASE
        + """
  Self: {Type: AWS::EC2::SecurityGroupIngress, Properties: {IpProtocol: udp, FromPort: 1,
         ToPort: 1, GroupId: !GetAtt Vpc.DefaultSecurityGroup, CidrIp: 10.0.0.0/8}}
  ByName: {Type: AWS::EC2::SecurityGroupIngress, Properties: {IpProtocol: udp, FromPort: 2,
           ToPort: 2, GroupName: other, CidrIp: 10.0.0.0/8}}
"""
    )
    network = read(text)
    assert "in udp/1 10.0.0.0/8" in rules(network, "Vpc.DefaultSecurityGroup")
    assert rules(network, "Other")[0] == "in udp/2 10.0.0.0/8"


def test_a_rule_on_a_group_elsewhere_is_on_record() -> None:
    text = (
        BASE
        + """
  Far: {Type: AWS::EC2::SecurityGroupIngress, Properties: {IpProtocol: udp, FromPort: 1,
        ToPort: 1, GroupId: !Ref Elsewhere, CidrIp: 10.0.0.0/8}}
"""
    )
    gap = next(one for one in read(text).gaps if one.subject == "Far")
    assert gap.affects == ("Elsewhere",)


def test_a_rule_that_may_not_be_made_is_uncertain() -> None:
    text = (
        group()
        + """
  Maybe: {Type: AWS::EC2::SecurityGroupIngress, Condition: Sure, Properties: {IpProtocol: udp,
          FromPort: 1, ToPort: 1, GroupId: !Ref Group, CidrIp: 10.0.0.0/8}}
Conditions: {Sure: !Equals [!Ref Block, y]}
"""
    )
    assert rules(read(text))[0] == "in udp/1 10.0.0.0/8 ?"
    assert rules(read(text, Block="y"))[0] == "in udp/1 10.0.0.0/8"
    assert rules(read(text, Block="n")) == ["out all 0.0.0.0/0"]


def test_prefix_lists_hold_their_entries_or_are_unknown() -> None:
    network = read(BASE)
    assert network.prefix_lists["List"].entries is not None
    assert network.prefix_lists["List"].entries.size == 512
    text = BASE.replace("{Cidr: 192.0.2.0/24}", "{Cidr: !Ref Block}")
    assert read(text).prefix_lists["List"].entries is None
