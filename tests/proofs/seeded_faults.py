"""Realistic single mistakes, each put into the emitted template of the clinic example.

A fault edits the template in place, as a hurried person would. Beside it stands what must come of
it: the code and the subject of the claims that fall, and whether the mistake opens something (a
packet arrives that must not), breaks something (a packet is lost that must arrive), or costs depth
(another layer still holds).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Template = dict[str, Any]
Effect = Literal["opens", "breaks", "costs depth"]


@dataclass(frozen=True)
class Fault:
    name: str
    edit: Callable[[dict[str, Any]], None]
    effect: Effect
    #: ``CODE subject`` of claims that must fall; a prefix will do.
    falls: tuple[str, ...]


def properties(resources: dict[str, Any], name: str) -> dict[str, Any]:
    found = resources[name]["Properties"]
    assert isinstance(found, dict)
    return found


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda resources: resources.pop(name) and None


def change(name: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda resources: properties(resources, name).update(values)


def ports(low: int, high: int) -> dict[str, int]:
    return {"From": low, "To": high}


def group_rule(group: str, port: int, **peer: Any) -> Callable[[dict[str, Any]], None]:
    """A careless ingress rule, added as a resource of its own."""

    def edit(resources: dict[str, Any]) -> None:
        for index, (key, value) in enumerate(peer.items()):
            for place, one in enumerate(value if isinstance(value, list) else [value]):
                resources[f"Careless{index}{place}"] = {
                    "Type": "AWS::EC2::SecurityGroupIngress",
                    "Properties": {
                        "GroupId": {"Fn::GetAtt": [group, "GroupId"]},
                        "IpProtocol": "tcp",
                        "FromPort": port,
                        "ToPort": port,
                        key: one,
                    },
                }

    return edit


def acl_rule(acl: str, number: int, cidr: str, egress: bool, span: dict[str, int] | None) -> Any:
    def edit(resources: dict[str, Any]) -> None:
        entry: dict[str, Any] = {
            "NetworkAclId": {"Ref": acl},
            "Egress": egress,
            "RuleNumber": number,
            "RuleAction": "allow",
            "CidrBlock": cidr,
            "Protocol": -1 if span is None else 6,
        }
        if span is not None:
            entry["PortRange"] = span
        resources["Careless"] = {"Type": "AWS::EC2::NetworkAclEntry", "Properties": entry}

    return edit


def route(table: str, target: dict[str, Any], *blocks: str) -> Callable[[dict[str, Any]], None]:
    def edit(resources: dict[str, Any]) -> None:
        for index, block in enumerate(blocks):
            resources[f"CarelessRoute{index}"] = {
                "Type": "AWS::EC2::Route",
                "Properties": {
                    "RouteTableId": {"Ref": table},
                    "DestinationCidrBlock": block,
                    **target,
                },
            }

    return edit


def together(*edits: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def edit(resources: dict[str, Any]) -> None:
        for one in edits:
            one(resources)

    return edit


def swap_numbers(one: str, other: str) -> Callable[[dict[str, Any]], None]:
    def edit(resources: dict[str, Any]) -> None:
        first, second = properties(resources, one), properties(resources, other)
        first["RuleNumber"], second["RuleNumber"] = second["RuleNumber"], first["RuleNumber"]

    return edit


def open_egress(group: str) -> Callable[[dict[str, Any]], None]:
    """All of TCP to everywhere (AWS's own allow-all rule goes when another egress rule comes)."""
    rules = [{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "CidrIp": "0.0.0.0/0"}]
    return lambda resources: properties(resources, group).update(SecurityGroupEgress=rules)


def put_group(template: str, group: str) -> Callable[[dict[str, Any]], None]:
    def edit(resources: dict[str, Any]) -> None:
        data = properties(resources, template)["LaunchTemplateData"]
        data["NetworkInterfaces"][0]["Groups"] = [{"Fn::GetAtt": [group, "GroupId"]}]

    return edit


def public_instances(template: str) -> Callable[[dict[str, Any]], None]:
    def edit(resources: dict[str, Any]) -> None:
        data = properties(resources, template)["LaunchTemplateData"]
        data["NetworkInterfaces"][0]["AssociatePublicIpAddress"] = True

    return edit


GATEWAY = {"GatewayId": {"Ref": "InternetGateway"}}
NAT = {"NatGatewayId": {"Ref": "NatGateway1"}}

FAULTS = [
    # --- network ACLs -------------------------------------------------------------------
    Fault(
        "the ACL entry that lets the balancer reach the api is dropped",
        drop("AppNetworkAclIn1000"), "breaks", ("RW-FLOW web -> api tcp/8080",),
    ),
    Fault(
        "the data tier's reply range is narrowed to Windows' ephemeral ports",
        change("DataNetworkAclOut2000", PortRange=ports(49152, 60999)),
        "breaks", ("RW-FLOW api -> records tcp/5432", "RW-FLOW api -> cache tcp/6379"),
    ),
    Fault(
        "the reply range to browsers starts at 32768",
        change("PublicNetworkAclOut10000", PortRange=ports(32768, 65535)),
        "breaks", ("RW-FLOW internet -> web tcp/443",),
    ),
    Fault(
        "the public tier no longer hears replies to the NAT gateway",
        drop("PublicNetworkAclIn10000"), "breaks", ("RW-FLOW api -> 203.0.113.0/24 tcp/443",),
    ),
    Fault(
        "a reply range ends one port short",
        change("AppNetworkAclIn3000", PortRange=ports(32768, 60998)),
        "breaks", ("RW-FLOW api -> records tcp/5432",),
    ),
    Fault(
        "the ACL allows TCP where the flow needs it under the wrong protocol",
        change("DataNetworkAclIn2000", Protocol=17), "breaks", ("RW-FLOW api -> records tcp/5432",),
    ),
    Fault(
        "an allow rule is numbered behind the denial of the VPC",
        swap_numbers("DataNetworkAclIn2000", "DataNetworkAclIn9000"),
        "breaks", ("RW-FLOW api -> records tcp/5432",),
    ),
    Fault(
        "the data tier's ACL allows everything from anywhere",
        acl_rule("DataNetworkAcl", 50, "0.0.0.0/0", False, None),
        "costs depth", ("RW-ALONE network ACL DataNetworkAcl",),
    ),
    Fault(
        "the public tier may send to PostgreSQL: the denial stands behind the allow",
        acl_rule("PublicNetworkAcl", 90, "10.20.128.0/18", True, ports(5432, 5432)),
        "costs depth", ("RW-ALONE network ACL PublicNetworkAcl",),
    ),
    Fault(
        "tcp 0-65535 from the world into the app tier",
        acl_rule("AppNetworkAcl", 500, "0.0.0.0/0", False, ports(0, 65535)),
        "costs depth", ("RW-ALONE network ACL AppNetworkAcl",),
    ),
    Fault(
        "the data subnets fall back to the VPC's default ACL",
        drop("DataSubnet1Acl"), "costs depth", ("RW-ALONE network ACL",),
    ),
    # --- security groups ----------------------------------------------------------------
    Fault(
        "PostgreSQL is opened to the world",
        group_rule("RecordsSecurityGroup", 5432, CidrIp="0.0.0.0/0"),
        "costs depth", ("RW-ALONE security groups of records",),
    ),
    Fault(
        "PostgreSQL is opened to both halves of the world",
        group_rule("RecordsSecurityGroup", 5432, CidrIp=["0.0.0.0/1", "128.0.0.0/1"]),
        "costs depth", ("RW-ALONE security groups of records",),
    ),
    Fault(
        "PostgreSQL is opened to the load balancer",
        group_rule(
            "RecordsSecurityGroup", 5432,
            SourceSecurityGroupId={"Fn::GetAtt": ["WebSecurityGroup", "GroupId"]},
        ),
        "costs depth", ("RW-ALONE security groups of records",),
    ),
    Fault(
        "the api is opened to the whole VPC",
        group_rule("ApiSecurityGroup", 8080, CidrIp="10.20.0.0/16"),
        "costs depth", ("RW-ALONE security groups of api",),
    ),
    Fault(
        "the load balancer listens to SSH in its group",
        group_rule("WebSecurityGroup", 22, CidrIp="0.0.0.0/0"),
        "costs depth", ("RW-ALONE security groups of web",),
    ),
    Fault(
        "inference may open TCP connections to everywhere",
        open_egress("InferenceSecurityGroup"),
        "opens", ("RW-ONLY inference -> internet", "RW-ALONE security groups of inference"),
    ),
    Fault(
        "inference is started in the api's security group",
        put_group("InferenceLaunchTemplate", "ApiSecurityGroup"),
        "opens", ("RW-ONLY inference -> records", "RW-FLOW api -> inference tcp/8000"),
    ),
    Fault(
        "the reference from web to api is dropped",
        drop("ApiIngressFromWeb"), "breaks", ("RW-FLOW web -> api tcp/8080",),
    ),
    Fault(
        "the egress rule from api to records names the wrong port",
        change("ApiEgressToRecords", FromPort=5433, ToPort=5433),
        "breaks", ("RW-FLOW api -> records tcp/5432",),
    ),
    Fault(
        "inference may use the database: both groups agree, and the tier's ACL cannot tell",
        together(
            group_rule(
                "RecordsSecurityGroup", 5432,
                SourceSecurityGroupId={"Fn::GetAtt": ["InferenceSecurityGroup", "GroupId"]},
            ),
            open_egress("InferenceSecurityGroup"),
        ),
        "opens", ("RW-ONLY inference -> records",),
    ),
    # --- routes and addresses -----------------------------------------------------------
    Fault(
        "the data tier gets a default route to the internet gateway",
        route("DataRouteTable", GATEWAY, "0.0.0.0/0"),
        "costs depth", ("RW-ALONE route table DataRouteTable",),
    ),
    Fault(
        "the data tier gets two half routes to the internet gateway",
        route("DataRouteTable", GATEWAY, "0.0.0.0/1", "128.0.0.0/1"),
        "costs depth", ("RW-ALONE route table DataRouteTable",),
    ),
    Fault(
        "the app tier's narrow NAT route becomes a default route",
        change("AppRoute1To203x0x113x0p24", DestinationCidrBlock="0.0.0.0/0"),
        "costs depth", ("RW-ALONE route table AppRouteTable1",),
    ),
    Fault(
        "one zone's NAT route points at another zone's gateway",
        change("AppRoute2To203x0x113x0p24", NatGatewayId={"Ref": "NatGateway1"}),
        "breaks", ("RW-ZONE api -> 203.0.113.0/24 tcp/443",),
    ),
    Fault(
        "one zone's NAT route is dropped",
        drop("AppRoute3To203x0x113x0p24"), "breaks", ("RW-FLOW api -> 203.0.113.0/24 tcp/443",),
    ),
    Fault(
        "the public route to the internet gateway is dropped",
        drop("PublicInternetRoute"), "breaks", ("RW-FLOW internet -> web tcp/443",),
    ),
    Fault(
        "an app subnet is put on the public route table",
        change("AppSubnet1Routes", RouteTableId={"Ref": "PublicRouteTable"}),
        "breaks", ("RW-FLOW api -> 203.0.113.0/24 tcp/443", "RW-ALONE route table"),
    ),
    # --- workloads and stores -----------------------------------------------------------
    Fault(
        "the listener no longer forwards to the api",
        lambda resources: properties(resources, "WebHttpsListener").update(
            DefaultActions=[
                {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
            ]
        ),
        "breaks", ("RW-FLOW web -> api tcp/8080",),
    ),
    Fault(
        "the database is no longer Multi-AZ",
        change("RecordsDatabase", MultiAZ=False), "breaks", ("RW-ZONE api -> records tcp/5432",),
    ),
    Fault(
        "the api runs in one zone only",
        change("ApiAutoScalingGroup", VPCZoneIdentifier=[{"Ref": "AppSubnet1"}]),
        "breaks", ("RW-ZONE web -> api tcp/8080",),
    ),
    Fault(
        "the gateway endpoint is taken off the app tier's route tables",
        change("S3Endpoint", RouteTableIds=[{"Ref": "DataRouteTable"}]),
        "breaks", ("RW-FLOW api -> documents tcp/443",),
    ),
    Fault(
        "the bucket loses the policy that ties it to the endpoint",
        drop("DocumentsBucketPolicy"), "costs depth", ("RW-LAYERS internet -> data",),
    ),
    Fault(
        "the bucket's public access block is switched off, and its policy with it",
        together(
            change("DocumentsBucket", PublicAccessBlockConfiguration={"BlockPublicAcls": False}),
            drop("DocumentsBucketPolicy"),
        ),
        "opens", ("RW-NEVER internet -> data",),
    ),
    Fault(
        "instances get public addresses",
        public_instances("ApiLaunchTemplate"),
        "costs depth", ("RW-ALONE public address of api",),
    ),
]  # fmt: skip
