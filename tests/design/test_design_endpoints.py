"""Endpoints: what services need of AWS, without a way out."""

from __future__ import annotations

import pytest
from design_tables import built, example

from ringwall.design.build import Design
from ringwall.design.tree import Attr, Concat, Pseudo, Ref

SERVICES = (
    "name: a\n%s\nservices:\n  web: {kind: load-balancer}\n  api: {kind: service, from: [web]}\n"
)


def interfaces(design: Design) -> dict[str, str]:
    """Logical id to the service's name."""
    return {
        one.name: one.properties["ServiceName"].parts[-1]
        for one in design.tree.of_type("AWS::EC2::VPCEndpoint")
        if one.properties["VpcEndpointType"] == "Interface"
    }


def test_services_get_logs_and_sessions_and_secrets_where_a_store_has_one() -> None:
    assert interfaces(built(SERVICES % "")) == {
        "LogsEndpoint": ".logs",
        "SsmEndpoint": ".ssm",
        "SsmmessagesEndpoint": ".ssmmessages",
    }
    with_store = built(SERVICES % "" + "  records: {kind: postgres, from: [api]}\n")
    assert "SecretsmanagerEndpoint" in interfaces(with_store)


def test_a_list_in_the_spec_is_taken_as_it_is() -> None:
    design = built(SERVICES % "network: {endpoints: [ecr.api, bedrock-runtime]}")
    assert interfaces(design) == {
        "EcrApiEndpoint": ".ecr.api",
        "BedrockRuntimeEndpoint": ".bedrock-runtime",
    }


def test_with_none_there_is_no_group_for_them() -> None:
    design = built(SERVICES % "network: {endpoints: []}")
    assert not interfaces(design)
    assert "EndpointsSecurityGroup" not in design.tree.resources


@pytest.mark.parametrize("name", ["SsmEndpoint", "LogsEndpoint"])
def test_an_interface_endpoint_is_private_and_for_this_account(name: str) -> None:
    made = example("clinic").tree.resources[name].properties
    assert made["PrivateDnsEnabled"] is True
    assert made["SubnetIds"] == [Ref("AppSubnet1"), Ref("AppSubnet2"), Ref("AppSubnet3")]
    assert made["SecurityGroupIds"] == [Ref("EndpointsSecurityGroup")]
    (statement,) = made["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": Pseudo("account")}}
    tags = {one["Key"]: one["Value"] for one in made["Tags"]}
    assert (tags["ringwall:service"], tags["ringwall:tier"]) == ("endpoints", "app")


def test_the_gateway_endpoint_leads_from_the_app_tier_to_this_designs_buckets() -> None:
    made = example("clinic").tree.resources["S3Endpoint"].properties
    assert made["RouteTableIds"] == [Ref(f"AppRouteTable{zone}") for zone in (1, 2, 3)]
    objects, buckets = made["PolicyDocument"]["Statement"]
    assert objects["Resource"] == [Concat((Attr("DocumentsBucket", "Arn"), "/", "*"))]
    assert buckets["Resource"] == [Attr("DocumentsBucket", "Arn")]


def test_without_a_bucket_there_is_no_gateway_endpoint() -> None:
    assert "S3Endpoint" not in example("minimal").tree.resources
