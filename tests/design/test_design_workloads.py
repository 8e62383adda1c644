"""Load balancers, services and the flow log: what is built of them, and what must not move."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designs import of_type, order_of, properties, template_of, tree_of
from iam_requests import plain
from ringwall.design.balancers import rule_priorities
from ringwall.design.logs import flow_log_fields
from ringwall.emit.cloudformation import template
from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.spec.load import SpecFile
from ringwall.spec.model import Bucket, LoadBalancer, Postgres, Redis, Spec, Workload
from strategies import spec_files

SPEC = """
name: clinic
network: {zones: 2}
services:
  web: {kind: load-balancer}
  partners: {kind: load-balancer, listen: 8443, from: [203.0.113.0/24]}
  portal: {kind: service, port: 3000, from: [web], scale: {min: 2, max: 2}}
  api: {kind: service, from: [web, partners], paths: ["/v1/*", "/v1/models/*"], health: /up}
  inference: {kind: service, port: 8000, from: [api], instances: g6.xlarge}
  tiny: {kind: service, from: [api], instances: t4g.small, image: ami-0123456789abcdef0}
"""
TEMPLATE = template_of(SPEC)


def attributes(name: str, kind: str = "LoadBalancerAttributes") -> dict[str, object]:
    return {one["Key"]: one["Value"] for one in properties(TEMPLATE, name)[kind]}


def test_a_load_balancer_is_what_an_auditor_asks_for() -> None:
    expected = {
        "access_logs.s3.enabled": "true",
        "connection_logs.s3.enabled": "true",
        "deletion_protection.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "idle_timeout.timeout_seconds": "300",
    }
    found = attributes("WebLoadBalancer")
    assert {key: found[key] for key in expected} == expected
    waits = TEMPLATE["Resources"]["WebLoadBalancer"]["DependsOn"]
    assert waits == ["InternetGatewayAttachment", "AccessLogsBucketPolicy"]


def test_https_listens_with_a_current_policy_and_http_is_sent_there() -> None:
    https = properties(TEMPLATE, "PartnersHttpsListener")
    assert (https["Protocol"], https["Port"]) == ("HTTPS", 8443)
    assert "TLS13-1-2" in https["SslPolicy"]
    assert https["Certificates"] == [{"CertificateArn": {"Ref": "PartnersCertificateArn"}}]
    redirect = properties(TEMPLATE, "PartnersHttpListener")
    assert (redirect["Protocol"], redirect["Port"]) == ("HTTP", 80)
    action = redirect["DefaultActions"][0]["RedirectConfig"]
    assert action == {"Protocol": "HTTPS", "Port": "8443", "StatusCode": "HTTP_301"}


def test_the_certificate_parameter_takes_arns_of_acm_only() -> None:
    parameter = TEMPLATE["Parameters"]["WebCertificateArn"]
    good = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789abc"
    assert re.fullmatch(parameter["AllowedPattern"], good)
    for bad in ("", "arn:aws:iam::123456789012:server-certificate/x", f"{good}\n"):
        assert not re.fullmatch(parameter["AllowedPattern"], bad)
    assert "Default" not in parameter


def test_the_service_without_paths_gets_the_rest_and_paths_are_rules() -> None:
    default = properties(TEMPLATE, "WebHttpsListener")["DefaultActions"]
    assert default == [{"Type": "forward", "TargetGroupArn": {"Ref": "PortalTargetGroup"}}]
    rest = properties(TEMPLATE, "PartnersHttpsListener")["DefaultActions"][0]
    assert rest["FixedResponseConfig"]["StatusCode"] == "404"
    rules = of_type(TEMPLATE, "AWS::ElasticLoadBalancingV2::ListenerRule").values()
    found = {
        (rule["ListenerArn"]["Ref"], rule["Conditions"][0]["PathPatternConfig"]["Values"][0]): (
            rule["Actions"][0]["TargetGroupArn"]["Ref"]
        )
        for rule in rules
    }
    assert found == {
        ("WebHttpsListener", "/v1/*"): "ApiTargetGroup",
        ("WebHttpsListener", "/v1/models/*"): "ApiTargetGroup",
        ("PartnersHttpsListener", "/v1/*"): "ApiPartnersTargetGroup",
        ("PartnersHttpsListener", "/v1/models/*"): "ApiPartnersTargetGroup",
    }


PATHS = st.text("abc/*?", min_size=1, max_size=20).map(lambda text: f"/{text}")


@given(st.sets(PATHS, max_size=30))
def test_rules_have_distinct_priorities_and_the_more_specific_comes_first(paths: set[str]) -> None:
    priorities = rule_priorities(paths)
    assert set(priorities) == paths
    assert len(set(priorities.values())) == len(paths)
    low, high = facts("load-balancers").values["rule-priorities"]
    assert all(low <= one <= high for one in priorities.values())
    longer, shorter = "/v1/models/*", "/v1/*"
    both = rule_priorities({longer, shorter})
    assert both[longer] < both[shorter]


@given(st.sets(PATHS, max_size=5), PATHS)
def test_a_new_path_moves_no_rule(paths: set[str], added: str) -> None:
    before, after = rule_priorities(paths), rule_priorities(paths | {added})
    moved = {path for path in paths if before[path] != after[path]}
    # Only a path that shares its band and its place with the new one can move.
    assert all(before[path] in after.values() for path in moved)


def unchecked(services: dict[str, object]) -> SpecFile:
    """A spec that went past the checks, as a caller of the library may make it."""
    spec = Spec.model_validate({"name": "raw", "services": services})
    return SpecFile(spec, "made by hand", {})


@pytest.mark.parametrize(
    ("services", "code"),
    [
        (
            {
                "web": {"kind": "load-balancer"},
                "one": {"kind": "service", "from": ["web"]},
                "two": {"kind": "service", "from": ["web"]},
            },
            "RW-DESIGN-101",
        ),
        ({"one": {"kind": "service", "instances": "zz9.large"}}, "RW-DESIGN-102"),
    ],
)
def test_what_cannot_be_built_is_told_and_not_guessed(
    services: dict[str, object], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        tree_of(unchecked(services))
    [diagnostic] = caught.value.diagnostics
    assert diagnostic.code == code
    assert diagnostic.help


def test_a_target_group_serves_one_load_balancer() -> None:
    arns = properties(TEMPLATE, "ApiAutoScalingGroup")["TargetGroupARNs"]
    assert arns == [{"Ref": "ApiTargetGroup"}, {"Ref": "ApiPartnersTargetGroup"}]
    group = properties(TEMPLATE, "ApiTargetGroup")
    assert (group["Protocol"], group["Port"], group["HealthCheckPath"]) == ("HTTP", 8080, "/up")


@pytest.mark.parametrize("service", ["Portal", "Api", "Inference", "Tiny"])
def test_instances_are_what_an_auditor_asks_for(service: str) -> None:
    data = properties(TEMPLATE, f"{service}LaunchTemplate")["LaunchTemplateData"]
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert data["Monitoring"] == {"Enabled": True}
    [interface] = data["NetworkInterfaces"]
    assert interface["AssociatePublicIpAddress"] is False
    assert interface["Groups"] == [{"Fn::GetAtt": [f"{service}SecurityGroup", "GroupId"]}]
    assert "SecurityGroupIds" not in data
    [volume] = data["BlockDeviceMappings"]
    assert volume["Ebs"]["Encrypted"] is True
    assert volume["Ebs"]["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}
    assert volume["Ebs"]["VolumeType"] == "gp3"
    group = properties(TEMPLATE, f"{service}AutoScalingGroup")
    assert group["VPCZoneIdentifier"] == [{"Ref": "AppSubnet1"}, {"Ref": "AppSubnet2"}]
    assert all(tag["PropagateAtLaunch"] for tag in group["Tags"])
    tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
    assert tags["ringwall:client-ports"] == "32768-60999"


def test_images_follow_the_processor_and_the_accelerator() -> None:
    parameters = TEMPLATE["Parameters"]
    assert parameters["ApiImage"]["Default"].endswith("kernel-default-x86_64")
    assert "nvidia" in parameters["InferenceImage"]["Default"]
    assert "TinyImage" not in parameters
    tiny = properties(TEMPLATE, "TinyLaunchTemplate")["LaunchTemplateData"]
    assert tiny["ImageId"] == "ami-0123456789abcdef0"
    arm = template_of(SPEC.replace(", image: ami-0123456789abcdef0", ""))
    assert arm["Parameters"]["TinyImage"]["Default"].endswith("kernel-default-arm64")


def test_sizes_and_health() -> None:
    portal, inference = (
        properties(TEMPLATE, f"{name}AutoScalingGroup") for name in ("Portal", "Inference")
    )
    assert (portal["MinSize"], portal["MaxSize"]) == ("2", "2")
    assert (inference["MinSize"], inference["MaxSize"]) == ("2", "4")
    assert (portal["HealthCheckType"], inference["HealthCheckType"]) == ("ELB", "EC2")
    update = TEMPLATE["Resources"]["PortalAutoScalingGroup"]["UpdatePolicy"]
    # A group that cannot grow has nothing to scale.
    assert "PortalScalingPolicy" not in TEMPLATE["Resources"]
    assert "InferenceScalingPolicy" in TEMPLATE["Resources"]
    # A full group must go below its least to replace anything.
    assert update["AutoScalingRollingUpdate"]["MinInstancesInService"] == 1


def test_the_flow_log_takes_every_field_that_can_hold_a_value() -> None:
    flow_log = properties(TEMPLATE, "FlowLog")
    fields = re.findall(r"\$\{([a-z0-9-]+)\}", flow_log["LogFormat"])
    assert flow_log["LogFormat"] == " ".join(f"${{{field}}}" for field in fields)
    versions = facts("flow-log-fields").values["fields"]
    assert {versions[field] for field in fields} == {2, 3, 4, 5, 8, 9, 10, 11}
    assert {"az-id", "next-hop-az-id", "instance-tag", "instance-tag-2"} <= set(fields)
    assert (flow_log["TrafficType"], flow_log["MaxAggregationInterval"]) == ("ALL", 60)
    assert flow_log["TagFieldSpecifications"] == [
        {"ResourceType": "instance", "TagKeys": ["ringwall:service", "ringwall:tier"]}
    ]


def test_where_version_11_is_not_verified_it_is_left_out() -> None:
    whole = template_of(f"{SPEC}region: me-south-1\n")
    flow_log = properties(whole, "FlowLog")
    assert "next-hop" not in flow_log["LogFormat"]
    assert "TagFieldSpecifications" not in flow_log
    assert "encryption-status" in flow_log_fields("me-south-1")


#: Types that take no tags, or whose tags stand elsewhere in their properties.
UNTAGGED = {
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ServiceLinkedRole",
    "AWS::KMS::Alias",
    "AWS::S3::BucketPolicy",
    "Custom::EmptyDefaultSecurityGroup",
}


def _reached(role: dict[str, object]) -> set[str]:
    """The logical ids of stores that a role's policy speaks of."""
    kinds = r"(Bucket|Database|Cache)[.>]"
    return {name.rstrip(".>") for name, _ in re.findall(rf"<(\w+?{kinds})", str(plain(role)))}


@settings(max_examples=40, deadline=None)
@given(spec_files(most_apps=4, most_stores=2))
def test_a_role_reaches_the_stores_of_its_flows_and_no_other(file: SpecFile) -> None:
    whole = template(tree_of(file))
    suffixes = {Bucket: "Bucket", Postgres: "Database", Redis: "Cache"}
    pascal = {name: "".join(w.capitalize() for w in name.split("-")) for name in file.spec.services}
    for service in file.spec.of_kind(Workload):
        expected = {
            pascal[name] + suffixes[type(store)]
            for name, store in file.spec.services.items()
            if service in store.sources and type(store) in suffixes
        }
        role = properties(whole, f"{pascal[service]}Role")
        assert _reached(role) == expected


@settings(max_examples=40, deadline=None)
@given(spec_files(most_apps=4, most_stores=2))
def test_resources_can_be_made_in_some_order_and_every_one_is_tagged(file: SpecFile) -> None:
    tree = tree_of(file)
    assert len(order_of(tree)) == len(tree.resources)
    made = list(tree.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"))
    assert len(made) == len(file.spec.of_kind(LoadBalancer))
    for resource in tree.resources.values():
        if resource.type not in UNTAGGED:
            keys = [tag["Key"] for tag in resource.properties["Tags"]]
            assert "ringwall:data-class" in keys, resource.name
