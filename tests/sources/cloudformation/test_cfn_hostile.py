"""Bad input: always an InputError with a code and a place, never a traceback."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.model.errors import InputError
from ringwall.sources.cloudformation import read_template

VPC = "{Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}"


def resources(*lines: str) -> str:
    return "\n".join(["Resources:", *(f"  {line}" for line in lines)]) + "\n"


def nested(depth: int) -> str:
    return "Resources: " + "[" * depth + "]" * depth


def aliases(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(levels):
        uses = ", ".join([f"*a{level}"] * 10)
        lines.append(f"a{level + 1}: &a{level + 1} [{uses}]")
    return "\n".join([*lines, "Resources: {V: {Type: T, Properties: *a0}}"])


def deep_aliases(levels: int) -> str:
    """Each level nests the one before it 60 deep: no line is deep by itself."""
    lines = ["a0: &a0 x"]
    for level in range(levels):
        lines.append(f"a{level + 1}: &a{level + 1} {'[' * 60}*a{level}{']' * 60}")
    return "\n".join(lines)


def long_chain(count: int) -> str:
    lines = ["Conditions:"]
    for index in range(count):
        lines.append(f"  C{index}: !Not [!Condition C{index + 1}]")
    lines.append(f"  C{count}: !Equals [a, a]")
    lines.append("Resources: {V: {Type: 'AWS::EC2::VPC', Condition: C0}}")
    return "\n".join(lines)


CASES: dict[str, tuple[str, str, int | None]] = {
    # name: (text, code, line)
    "empty": ("", "RW-CFN-004", 1),
    "blank": ("  \n\n", "RW-CFN-004", 1),
    "a text": ("hello", "RW-CFN-004", 1),
    "a list": ("- a\n- b\n", "RW-CFN-004", 1),
    "no resources": ("Parameters: {}\n", "RW-CFN-004", 1),
    "resources are a list": ("Resources: [a]\n", "RW-CFN-004", 1),
    "resources are empty": ("Resources: {}\n", "RW-CFN-004", 1),
    "truncated JSON": ('{"Resources": {"V": {"Type": "AWS::EC2::VPC"', "RW-CFN-001", 1),
    "truncated JSON text": ('{"Resources": {\n"V', "RW-CFN-001", 2),
    "truncated YAML": ("Resources:\n  V: {Type: 'AWS::", "RW-CFN-001", None),
    "JSON with a comma too many": ('{"Resources": {"V": {},}}', "RW-CFN-001", 1),
    "JSON and more": ('{"Resources": {"V": {"Type": "T"}}} x', "RW-CFN-001", 1),
    "bad indentation": ("Resources:\n  V:\n   Type: T\n  W\n", "RW-CFN-001", None),
    "tabs": ("Resources:\n\tV: {Type: T}\n", "RW-CFN-001", 2),
    "a control character": ("Resources: \x01", "RW-CFN-001", 1),
    "two documents": (f"{resources('V: ' + VPC)}---\na: 1\n", "RW-CFN-001", 3),
    "an alias to nothing": (resources("V: *nothing"), "RW-CFN-001", 2),
    "an alias to itself": ("Resources: &r {V: *r}", "RW-CFN-001", 1),
    "an alias bomb": (aliases(9), "RW-CFN-002", None),
    "aliases into the deep": (deep_aliases(30), "RW-CFN-002", None),
    "deep YAML": (nested(100_000), "RW-CFN-002", 1),
    "deep JSON": ('{"a":' * 100_000, "RW-CFN-002", 1),
    "too long": ("# " + "x" * 4_000_001, "RW-CFN-002", None),
    "a long chain of conditions": (long_chain(5_000), "RW-CFN-002", None),
    "a key twice": (resources(f"V: {VPC}", f"V: {VPC}"), "RW-CFN-003", 3),
    "a JSON key twice": ('{"Resources": {"V": {},\n "V": {}}}', "RW-CFN-003", 2),
    "a property twice": (resources("V: {Type: T, Type: U}"), "RW-CFN-003", 2),
    "a key that is a list": (resources("? [a]\n  : b"), "RW-CFN-005", 2),
    "a resource that is a text": (resources("V: text"), "RW-CFN-005", 2),
    "a resource without a type": (resources("V: {Properties: {}}"), "RW-CFN-005", 2),
    "a type that is a list": (resources("V: {Type: [a]}"), "RW-CFN-005", 2),
    "properties that are a list": (resources("V: {Type: T, Properties: [a]}"), "RW-CFN-005", 2),
    "a foreign tag": (resources("V: !!python/object:os.system x"), "RW-CFN-011", 2),
    "an unknown condition": (resources("V: {Type: T, Condition: Nope}"), "RW-CFN-006", 2),
    "a circle of conditions": (
        "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n"
        + resources("V: {Type: T, Condition: A}"),
        "RW-CFN-008",
        1,
    ),
    "a circle of resources": (
        resources(
            "A: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}, DependsOn: B}",
            "B: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref A, CidrBlock: 10.0.0.0/24}}",
        ),
        "RW-CFN-008",
        2,
    ),
    "a value made from itself": (
        resources(
            "A: {Type: 'AWS::EC2::Subnet', Properties: {CidrBlock: !GetAtt B.CidrBlock}}",
            "B: {Type: 'AWS::EC2::Subnet', Properties: {CidrBlock: !GetAtt A.CidrBlock}}",
        ),
        "RW-CFN-008",
        2,
    ),
    "a block that is none": (
        resources("V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: nonsense}}"),
        "RW-CFN-010",
        2,
    ),
    "a block that is a list": (
        resources("V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: [a]}}"),
        "RW-CFN-010",
        2,
    ),
    "a port beyond 65535": (
        resources(
            "G:",
            "  Type: AWS::EC2::SecurityGroup",
            "  Properties:",
            "    SecurityGroupIngress:",
            "      - {CidrIp: 10.0.0.0/8, IpProtocol: tcp,",
            "         FromPort: 70000, ToPort: 70000}",
        ),
        "RW-CFN-010",
        7,
    ),
    "a protocol that is none": (
        resources(
            "G:",
            "  Type: AWS::EC2::SecurityGroup",
            "  Properties:",
            "    SecurityGroupIngress:",
            "      - {CidrIp: 10.0.0.0/8, IpProtocol: quick}",
        ),
        "RW-CFN-010",
        6,
    ),
    "rules that are texts": (
        resources(
            "G: {Type: 'AWS::EC2::SecurityGroup', Properties: {SecurityGroupIngress: [a, b]}}"
        ),
        "RW-CFN-010",
        2,
    ),
}


@pytest.mark.parametrize(("text", "code", "line"), CASES.values(), ids=CASES.keys())
def test_bad_input_is_told_with_its_place(text: str, code: str, line: int | None) -> None:
    with pytest.raises(InputError) as caught:
        read_template(text, "bad.yaml")
    first = caught.value.diagnostics[0]
    assert first.code == code
    assert first.origin.source == "bad.yaml"
    if line is not None:
        assert first.origin.line == line
    for one in caught.value.diagnostics:
        assert "\n" not in one.message
        assert not one.message.endswith(".")
        assert len(one.message) < 400


def test_every_wrong_property_is_told_at_once() -> None:
    text = resources(
        "V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: one}}",
        "W: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: two}}",
    )
    with pytest.raises(InputError) as caught:
        read_template(text, "bad.yaml")
    assert [one.origin.line for one in caught.value.diagnostics] == [2, 3]


def test_a_key_written_twice_points_at_both() -> None:
    with pytest.raises(InputError) as caught:
        read_template(resources(f"V: {VPC}", f"V: {VPC}"), "bad.yaml")
    ((origin, word),) = caught.value.diagnostics[0].related
    assert (origin.line, word) == (2, "the first one")


def test_parameters_given_wrongly() -> None:
    text = "Parameters: {Env: {Type: String, AllowedValues: [a, b]}}\n" + resources(f"V: {VPC}")
    with pytest.raises(InputError) as caught:
        read_template(text, "t.yaml", parameters={"Env": "c", "Evn": "a"})
    found = [(one.code, one.help) for one in caught.value.diagnostics]
    assert found == [
        ("RW-CFN-009", "it may be one of: a, b"),
        ("RW-CFN-009", "did you mean `Env`?"),
    ]


def test_a_megabyte_is_read_in_moderate_time() -> None:
    tags = [{"Key": f"k{index}", "Value": "v" * 20} for index in range(5)]
    made = {
        f"S{index}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "Tags": tags},
        }
        for index in range(2_000)
    }
    text = json.dumps({"Resources": made}, indent=1)
    assert len(text) > 1_000_000
    start = time.perf_counter()
    assert len(read_template(text, "big.json").subnets) == 2_000
    assert time.perf_counter() - start < 20


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::Sub", "Fn::If", "Fn::Join", "Fn::Cidr", "Key", "IpProtocol"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
_TYPES = st.sampled_from(
    """
    EC2::VPC EC2::Subnet EC2::Route EC2::NetworkAclEntry EC2::SecurityGroup EC2::Instance
    EC2::SecurityGroupIngress EC2::VPCEndpoint EC2::NatGateway EC2::LaunchTemplate EC2::PrefixList
    AutoScaling::AutoScalingGroup ElasticLoadBalancingV2::Listener S3::BucketPolicy S3::Bucket
    ElasticLoadBalancingV2::LoadBalancer ElasticLoadBalancingV2::TargetGroup RDS::DBInstance
    ElasticLoadBalancing::LoadBalancer RDS::DBCluster ElastiCache::ReplicationGroup
    Lambda::Function ECS::Service
    """.split()  # noqa: SIM905 - a list of these would be a page
).map("AWS::{}".format)
_KEYS = st.sampled_from(
    """
    CidrBlock VpcId SubnetId SubnetIds Tags Entries RouteTableId GatewayId Listeners Policies
    NetworkAclId RuleNumber Protocol PortRange Icmp RuleAction Egress SecurityGroupIngress
    SecurityGroupEgress GroupId IpProtocol FromPort CidrIp NetworkInterfaces LaunchTemplate
    LaunchTemplateData VPCZoneIdentifier TargetGroupARNs LoadBalancerArn Port DefaultActions
    PolicyDocument Bucket MultiAZ DBSubnetGroupName VpcConfig NetworkConfiguration Targets
    """.split()  # noqa: SIM905 - a list of these would be a page
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["A", "B", "C"]),
        st.fixed_dictionaries(
            {
                "Type": _TYPES,
                "Properties": st.dictionaries(_KEYS, _JUNK, max_size=6),
            }
        ),
        min_size=1,
    )
)
def test_junk_in_properties_never_breaks_the_reader(made: dict[str, object]) -> None:
    with suppress(InputError):
        read_template(json.dumps({"Resources": made}), "junk.json")
