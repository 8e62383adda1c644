"""CloudFormation's functions, one row each: an expression and what it must become."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.errors import InputError
from ringwall.sources.cloudformation.document import parse
from ringwall.sources.cloudformation.functions import cidr_blocks
from ringwall.sources.cloudformation.intrinsics import Resolver
from ringwall.sources.cloudformation.template import load_template
from ringwall.sources.cloudformation.values import Unresolved, plain

TEMPLATE = """
Parameters:
  Env: {Type: String, Default: prod}
  Count: {Type: Number, Default: 3}
  Open: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: "a, b ,c"}
  Ports: {Type: List<Number>, Default: "80,443"}
  OpenList: {Type: "List<AWS::EC2::Subnet::Id>"}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/image}
  Empty: {Type: String, Default: ""}
Mappings:
  Sizes:
    prod: {cidr: 10.0.0.0/16, list: [x, y]}
    us-east-1: {cidr: 10.1.0.0/16}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Test: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Not [!Condition Test]]
  Either: !Or [!Condition Test, !Condition Prod]
  Unsure: !Equals [!Ref Open, "yes"]
  NotUnsure: !Not [!Condition Unsure]
  DecidedOr: !Or [!Condition Unsure, !Condition Prod]
  DecidedAnd: !And [!Condition Unsure, !Condition Test]
  OpenAnd: !And [!Condition Unsure, !Condition Prod]
  SameSymbol: !Equals [!Ref Open, !Ref Open]
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: !FindInMap [Sizes, !Ref Env, cidr]}}
  V6: {Type: "AWS::EC2::VPCCidrBlock",
       Properties: {VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true}}
  Subnet: {Type: "AWS::EC2::Subnet",
           Properties: {VpcId: !Ref Vpc, AvailabilityZone: us-east-1c, CidrBlock: 10.0.1.0/24}}
  Gone: {Type: "AWS::EC2::VPC", Condition: Test, Properties: {CidrBlock: 10.9.0.0/16}}
"""


def resolver(region: str = "us-east-1", **parameters: str) -> Resolver:
    return Resolver(load_template(TEMPLATE, "t.yaml"), region, parameters)


def evaluated(expression: str, region: str = "us-east-1", **parameters: str) -> object:
    return plain(resolver(region, **parameters).value(parse(f"it: {expression}", "e")))["it"]  # type: ignore[index]


ROWS = [
    # Ref: parameters, pseudo parameters, resources
    ("!Ref Env", "prod"),
    ("{Ref: Env}", "prod"),
    ("!Ref Count", "3"),
    ("!Ref Zones", ["a", "b", "c"]),
    ("!Ref Ports", ["80", "443"]),
    ("!Ref Empty", ""),
    ("!Ref Open", "${Open}"),
    ("!Ref OpenList", "${OpenList}"),
    ("!Ref Image", "${Image}"),
    ("!Ref AWS::Region", "us-east-1"),
    ("!Ref AWS::Partition", "aws"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Ref AWS::AccountId", "${AWS::AccountId}"),
    ("!Ref Vpc", "${Vpc}"),
    ("!Ref Gone", "${Gone}"),
    # NoValue leaves lists and mappings
    ("[a, !Ref AWS::NoValue, b]", ["a", "b"]),
    ("{a: 1, b: !Ref AWS::NoValue}", {"a": 1}),
    ("{a: !If [Prod, !Ref AWS::NoValue, 1]}", {}),
    # GetAtt: both forms, and attributes that repeat a property
    ("!GetAtt Vpc.CidrBlock", "10.0.0.0/16"),
    ("!GetAtt [Vpc, CidrBlock]", "10.0.0.0/16"),
    ("{'Fn::GetAtt': [Vpc, CidrBlock]}", "10.0.0.0/16"),
    ("!GetAtt Subnet.AvailabilityZone", "us-east-1c"),
    ("!GetAtt Vpc.DefaultSecurityGroup", "${Vpc.DefaultSecurityGroup}"),
    ("!GetAtt Vpc.A.B", "${Vpc.A.B}"),
    # Sub
    ("!Sub 'x-${Env}-y'", "x-prod-y"),
    ("!Sub '${ Env }'", "prod"),
    ("!Sub '${!Env}'", "${Env}"),
    ("!Sub '${Vpc}/${Vpc.CidrBlock}'", "${Vpc}/10.0.0.0/16"),
    ("!Sub ['${a}-${Env}', {a: !Ref Count}]", "3-prod"),
    ("!Sub ['${Env}', {Env: mine}]", "mine"),
    ("!Sub 'com.amazonaws.${AWS::Region}.s3'", "com.amazonaws.us-east-1.s3"),
    ("!Sub '${Open}.x'", "${Open}.x"),
    ("!Sub '$Env {Env} $'", "$Env {Env} $"),
    # Join and Split
    ("!Join ['-', [a, !Ref Env, 1, true]]", "a-prod-1-true"),
    ("!Join ['', []]", ""),
    ("!Join [',', !Ref Zones]", "a,b,c"),
    ("!Join [',', !Ref OpenList]", "${OpenList}"),
    ("!Join ['-', [a, !Ref AWS::NoValue, b]]", "a-b"),
    ("!Split [',', 'a,b,']", ["a", "b", ""]),
    ("!Split ['--', 'a-b--c']", ["a-b", "c"]),
    ("!Split [',', !Sub '${Vpc},${Subnet}']", ["${Vpc}", "${Subnet}"]),
    ("!Split [',', !Ref Open]", "${Open}"),
    # Select
    ("!Select [1, [a, b]]", "b"),
    ("!Select ['0', !Ref Zones]", "a"),
    ("!Select [!Ref Count, [a, b, c, d]]", "d"),
    ("!Select [0, !Split ['/', '10.0.0.0/16']]", "10.0.0.0"),
    ("!Select [1, !Ref OpenList]", "${OpenList[1]}"),
    ("!Select [0, !GetAZs '']", "us-east-1a"),
    # Cidr
    ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
    ("!Cidr ['192.168.0.0/24', '6', '5']", [f"192.168.0.{32 * n}/27" for n in range(6)]),
    ("!Select [3, !Cidr [!GetAtt Vpc.CidrBlock, 4, 12]]", "10.0.48.0/20"),
    ("!Select [1, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 2, 64]]", "2600:1f00:0:1::/64"),
    ("!Cidr [!Ref Open, 2, 8]", "${cidr of ${Open}}"),
    # FindInMap
    ("!FindInMap [Sizes, prod, cidr]", "10.0.0.0/16"),
    ("!FindInMap [Sizes, !Ref AWS::Region, cidr]", "10.1.0.0/16"),
    ("!FindInMap [Sizes, prod, list]", ["x", "y"]),
    ("!FindInMap [Sizes, prod, none, {DefaultValue: !Ref Env}]", "prod"),
    ("!FindInMap [None, a, b, {DefaultValue: 5}]", 5),
    ("!FindInMap [Sizes, nowhere, cidr]", "${Sizes.nowhere.cidr}"),
    ("!FindInMap [Sizes, !Ref Open, cidr]", "${map of ${Open}}"),
    # If
    ("!If [Prod, 1, 2]", 1),
    ("!If [Test, 1, 2]", 2),
    ("!If [Unsure, 1, 2]", "${if-Unsure}"),
    ("!If [Unsure, [a], [a]]", ["a"]),
    ("!If [Both, a, b]", "a"),
    # what only deployment tells
    ("!ImportValue net-Vpc", "${import:net-Vpc}"),
    ("!ImportValue {'Fn::Sub': '${Env}-Vpc'}", "${import:prod-Vpc}"),
    ("'{{resolve:ssm:/a/b:1}}'", "${{{resolve:ssm:/a/b:1}}}"),
    ("!Sub '{{resolve:ssm:/a/${Env}}}'", "${{{resolve:ssm:/a/prod}}}"),
    # the rest
    ("!Base64 hello", "aGVsbG8="),
    ("{'Fn::Length': !Ref Zones}", 3),
    ("{'Fn::ToJsonString': {a: [1, !Ref Env]}}", '{"a":[1,"prod"]}'),
    ("{'Fn::Transform': {Name: 'AWS::Include'}}", "${macro:AWS::Include}"),
    ("{'Fn::Nonsense': 1}", "${Fn::Nonsense}"),
    ("{Ref: Env, Other: 1}", {"Ref": "Env", "Other": 1}),
]


@pytest.mark.parametrize(("expression", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_expression(expression: str, expected: object) -> None:
    assert evaluated(expression) == expected


CONDITIONS = [
    ("Prod", True),
    ("Test", False),
    ("Both", True),
    ("Either", True),
    ("Unsure", None),
    ("NotUnsure", None),
    ("DecidedOr", True),
    ("DecidedAnd", False),
    ("OpenAnd", None),
    ("SameSymbol", True),
]


@pytest.mark.parametrize(("name", "expected"), CONDITIONS)
def test_condition(name: str, expected: bool | None) -> None:
    found = resolver().condition(name, parse("x: 1", "e"))
    assert (None if isinstance(found, Unresolved) else found) is expected


def test_the_callers_parameters_override_defaults() -> None:
    assert evaluated("!If [Prod, 1, 2]", Env="dev") == 2
    assert evaluated("!If [Unsure, 1, 2]", Open="yes") == 1
    assert evaluated("!Ref OpenList", OpenList="s-1, s-2") == ["s-1", "s-2"]


@pytest.mark.parametrize(
    ("region", "name", "expected"),
    [
        ("cn-north-1", "AWS::Partition", "aws-cn"),
        ("cn-north-1", "AWS::URLSuffix", "amazonaws.com.cn"),
        ("us-gov-west-1", "AWS::Partition", "aws-us-gov"),
        ("eu-central-1", "AWS::Region", "eu-central-1"),
    ],
)
def test_pseudo_parameters_follow_the_region(region: str, name: str, expected: str) -> None:
    assert evaluated(f"!Ref {name}", region) == expected


def test_zones_of_known_and_unknown_regions() -> None:
    assert evaluated("!GetAZs ''", "ca-central-1") == [f"ca-central-1{one}" for one in "abd"]
    assert evaluated("!GetAZs xx-new-1") == [f"xx-new-1{one}" for one in "abcdef"]


MISTAKES = [
    ("!Ref Nowhere", "RW-CFN-006", "`Nowhere` is neither a resource nor a parameter"),
    ("!Ref AWS::Nothing", "RW-CFN-006", "no pseudo parameter"),
    ("!GetAtt Nowhere.Arn", "RW-CFN-006", "`Nowhere`"),
    ("!GetAtt Vpc", "RW-CFN-007", "a resource and an attribute"),
    ("!Sub '${Nowhere}'", "RW-CFN-006", "`Nowhere`"),
    ("!Sub [a]", "RW-CFN-007", "2 arguments"),
    ("!Sub '${Zones}'", "RW-CFN-007", "not a text"),
    ("!Join [a]", "RW-CFN-007", "2 arguments"),
    ("!Join ['', text]", "RW-CFN-007", "takes a list"),
    ("!Join ['', [{a: 1}]]", "RW-CFN-007", "texts only"),
    ("!Select [5, [a]]", "RW-CFN-007", "entry 5 of a list of 1"),
    ("!Select [x, [a]]", "RW-CFN-007", "index from 0"),
    ("!Split ['', a]", "RW-CFN-007", "a delimiter"),
    ("!FindInMap [Nowhere, a, b]", "RW-CFN-006", "no mapping"),
    ("!If [Nowhere, a, b]", "RW-CFN-006", "no condition"),
    ("!If [Prod, a]", "RW-CFN-007", "3 arguments"),
    ("!Equals [a, b]", "RW-CFN-007", "may not stand here"),
    ("!Cidr [10.0.0.0/24, 2, 8]", "RW-CFN-007", "holds 1 blocks of /24, not 2"),
    ("!Cidr [10.0.0.0/16, 257, 4]", "RW-CFN-007", "outside 1-256"),
    ("!Cidr [10.0.0.0/16, 1, 20]", "RW-CFN-007", "holds 0 blocks"),
    ("!Cidr [text, 1, 8]", "RW-CFN-007", "no CIDR block"),
]


@pytest.mark.parametrize(("expression", "code", "words"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_mistakes_are_located(expression: str, code: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluated(expression)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert words in found.message
    assert found.origin.line == 1


@given(
    block=st.sampled_from(["10.0.0.0/8", "10.20.0.0/16", "192.168.4.0/22", "2600:1f00::/56"]),
    count=st.integers(1, 256),
    bits=st.integers(1, 100),
)
def test_cidr_makes_the_first_subnets_of_their_length(block: str, count: int, bits: int) -> None:
    whole = ip_network(block)
    length = whole.max_prefixlen - bits
    fits = whole.prefixlen <= length and count <= 2 ** (length - whole.prefixlen)
    if not fits:
        with pytest.raises(ValueError, match=r"blocks of|host bits"):
            cidr_blocks(block, count, bits)
        return
    found = [ip_network(one) for one in cidr_blocks(block, count, bits)]
    subnets = whole.subnets(new_prefix=length)
    assert found == [next(subnets) for _ in range(count)]
