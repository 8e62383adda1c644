"""A dump of two VPCs and everything that can join them to each other and to other networks."""

from __future__ import annotations

import copy
from typing import Any

from describe_dumps import ALL, WHOLE

FIREWALL = "arn:aws:network-firewall:eu-west-1:111122223333:firewall/wall"
POLICY = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/rules"
GROUP = "arn:aws:network-firewall:eu-west-1:111122223333:{}-rulegroup/{}"

_SECOND: dict[str, list[Any]] = {
    "Vpcs": [{"VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16", "OwnerId": "111122223333"}],
    "Subnets": [
        {
            "SubnetId": "subnet-3",
            "VpcId": "vpc-2",
            "CidrBlock": "10.2.1.0/24",
            "AvailabilityZone": "eu-west-1a",
        }
    ],
    "RouteTables": [
        {"RouteTableId": "rtb-2", "VpcId": "vpc-2", "Associations": [{"Main": True}], "Routes": []}
    ],
    "NetworkAcls": [
        {**WHOLE["NetworkAcls"][0], "NetworkAclId": "acl-2", "VpcId": "vpc-2",
         "Associations": [{"SubnetId": "subnet-3"}]}
    ],
    "SecurityGroups": [
        {"GroupId": "sg-2", "GroupName": "two", "VpcId": "vpc-2", "OwnerId": "111122223333",
         "IpPermissions": [ALL], "IpPermissionsEgress": [ALL]}
    ],
    "NetworkInterfaces": [
        {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-3", "VpcId": "vpc-2",
         "Groups": [{"GroupId": "sg-2"}], "Attachment": {"InstanceId": "i-2"},
         "PrivateIpAddresses": [{"PrivateIpAddress": "10.2.1.10"}]}
    ],
    "Reservations": [{"Instances": [{"InstanceId": "i-2", "State": {"Name": "running"}}]}],
}  # fmt: skip

PEERING: dict[str, Any] = {
    "VpcPeeringConnections": [
        {
            "VpcPeeringConnectionId": "pcx-1",
            "Status": {"Code": "active"},
            "RequesterVpcInfo": {
                "VpcId": "vpc-1",
                "OwnerId": "111122223333",
                "Region": "eu-west-1",
                "CidrBlock": "10.0.0.0/16",
                "CidrBlockSet": [{"CidrBlock": "10.0.0.0/16"}],
            },
            "AccepterVpcInfo": {
                "VpcId": "vpc-2",
                "OwnerId": "111122223333",
                "Region": "eu-west-1",
                "CidrBlock": "10.2.0.0/16",
                "Ipv6CidrBlockSet": [{"Ipv6CidrBlock": "2001:db8:2::/56"}],
            },
        }
    ]
}


def attachment(number: int, vpc: str, **keys: Any) -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": f"tgw-attach-{number}",
        "TransitGatewayId": "tgw-1",
        "ResourceType": "vpc",
        "ResourceId": vpc,
        "State": "available",
        "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"},
        **keys,
    }


def vpc_attachment(number: int, vpc: str, subnet: str, **options: str) -> dict[str, Any]:
    return {
        "TransitGatewayAttachmentId": f"tgw-attach-{number}",
        "TransitGatewayId": "tgw-1",
        "VpcId": vpc,
        "State": "available",
        "SubnetIds": [subnet],
        "Options": options,
    }


TRANSIT: dict[str, Any] = {
    "TransitGateways": [
        {
            "TransitGatewayId": "tgw-1",
            "TransitGatewayArn": "arn:aws:ec2:eu-west-1:111122223333:transit-gateway/tgw-1",
            "OwnerId": "111122223333",
            "Options": {"SecurityGroupReferencingSupport": "enable"},
        }
    ],
    "TransitGatewayAttachments": [attachment(1, "vpc-1"), attachment(2, "vpc-2")],
    "TransitGatewayVpcAttachments": [
        vpc_attachment(1, "vpc-1", "subnet-1", SecurityGroupReferencingSupport="enable"),
        vpc_attachment(2, "vpc-2", "subnet-3", ApplianceModeSupport="enable"),
    ],
    "TransitGatewayRouteTables": [
        {
            "TransitGatewayRouteTableId": "tgw-rtb-1",
            "TransitGatewayId": "tgw-1",
            "State": "available",
        }
    ],
    "TransitGatewayPropagations": [
        {
            "TransitGatewayRouteTableId": "tgw-rtb-1",
            "TransitGatewayRouteTablePropagations": [
                {"TransitGatewayAttachmentId": "tgw-attach-1", "State": "enabled"},
                {"TransitGatewayAttachmentId": "tgw-attach-2", "State": "disabled"},
            ],
        }
    ],
    "TransitGatewayStaticRoutes": [
        {
            "TransitGatewayRouteTableId": "tgw-rtb-1",
            "Routes": [
                {
                    "DestinationCidrBlock": "10.2.0.0/16",
                    "State": "active",
                    "Type": "static",
                    "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-2"}],
                },
                {"DestinationCidrBlock": "10.9.0.0/16", "State": "blackhole", "Type": "static"},
            ],
        }
    ],
}

PREMISES: dict[str, Any] = {
    "VpnGateways": [
        {
            "VpnGatewayId": "vgw-1",
            "State": "available",
            "VpcAttachments": [
                {"VpcId": "vpc-1", "State": "attached"},
                {"VpcId": "vpc-2", "State": "detached"},
            ],
        }
    ],
    "VpnConnections": [
        {
            "VpnConnectionId": "vpn-1",
            "VpnGatewayId": "vgw-1",
            "CustomerGatewayId": "cgw-1",
            "State": "available",
            "Options": {"StaticRoutesOnly": True},
            "CustomerGatewayConfiguration": "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
            "Routes": [
                {"DestinationCidrBlock": "192.168.0.0/16", "State": "available"},
                {"DestinationCidrBlock": "192.0.2.0/24", "State": "deleted"},
            ],
            "VgwTelemetry": [{"Status": "UP"}, {"Status": "DOWN"}],
        }
    ],
    "CustomerGateways": [{"CustomerGatewayId": "cgw-1", "IpAddress": "198.51.100.1"}],
    "directConnectGateways": [
        {
            "directConnectGatewayId": "dx-1",
            "directConnectGatewayName": "far",
            "directConnectGatewayState": "available",
        }
    ],
    "directConnectGatewayAssociations": [
        {
            "directConnectGatewayId": "dx-1",
            "associationState": "associated",
            "associatedGateway": {"id": "tgw-1", "type": "transitGateway"},
            "allowedPrefixesToDirectConnectGateway": [{"cidr": "10.0.0.0/8"}],
        }
    ],
}

FIREWALLS: dict[str, Any] = {
    "VpcEndpoints": [
        {
            "VpcEndpointId": "vpce-1",
            "VpcId": "vpc-1",
            "VpcEndpointType": "GatewayLoadBalancer",
            "SubnetIds": ["subnet-2"],
        }
    ],
    "Firewalls": [
        {
            "Firewall": {
                "FirewallName": "wall",
                "FirewallArn": FIREWALL,
                "FirewallPolicyArn": POLICY,
                "VpcId": "vpc-1",
                "SubnetMappings": [{"SubnetId": "subnet-2"}],
            },
            "FirewallStatus": {
                "Status": "READY",
                "SyncStates": {
                    "eu-west-1b": {
                        "Attachment": {
                            "SubnetId": "subnet-2",
                            "EndpointId": "vpce-1",
                            "Status": "READY",
                        }
                    }
                },
            },
        }
    ],
    "FirewallPolicies": [
        {
            "FirewallPolicyResponse": {"FirewallPolicyArn": POLICY, "FirewallPolicyName": "rules"},
            "FirewallPolicy": {
                "StatelessDefaultActions": ["aws:forward_to_sfe"],
                "StatelessFragmentDefaultActions": ["aws:drop"],
                "StatelessRuleGroupReferences": [
                    {"ResourceArn": GROUP.format("stateless", "first"), "Priority": 10}
                ],
                "StatefulRuleGroupReferences": [
                    {"ResourceArn": GROUP.format("stateful", "then"), "Priority": 1}
                ],
                "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"},
                "StatefulDefaultActions": ["aws:drop_strict"],
            },
        }
    ],
    "RuleGroups": [
        {
            "RuleGroupResponse": {
                "RuleGroupArn": GROUP.format("stateless", "first"),
                "Type": "STATELESS",
            },
            "RuleGroup": {
                "RulesSource": {
                    "StatelessRulesAndCustomActions": {
                        "StatelessRules": [
                            {
                                "Priority": 20,
                                "RuleDefinition": {
                                    "Actions": ["aws:drop"],
                                    "MatchAttributes": {
                                        "Sources": [{"AddressDefinition": "10.0.1.0/24"}],
                                        "Destinations": [{"AddressDefinition": "0.0.0.0/0"}],
                                        "DestinationPorts": [{"FromPort": 23, "ToPort": 23}],
                                        "Protocols": [6],
                                    },
                                },
                            },
                            {
                                "Priority": 10,
                                "RuleDefinition": {
                                    "Actions": ["aws:pass", "count"],
                                    "MatchAttributes": {
                                        "SourcePorts": [{"FromPort": 53, "ToPort": 53}],
                                        "TCPFlags": [{"Flags": ["SYN"]}],
                                    },
                                },
                            },
                        ]
                    }
                }
            },
        },
        {
            "RuleGroupResponse": {
                "RuleGroupArn": GROUP.format("stateful", "then"),
                "Type": "STATEFUL",
            },
            "RuleGroup": {
                "RuleVariables": {
                    "IPSets": {"WEB": {"Definition": ["10.0.2.0/24", "!10.0.2.9/32"]}},
                    "PortSets": {"HTTP": {"Definition": ["80", "8000:8010"]}},
                },
                "ReferenceSets": {
                    "IPSetReferences": {
                        "LIST": {"ReferenceArn": "arn:aws:ec2:eu-west-1:1:prefix-list/pl-1"}
                    }
                },
                "RulesSource": {
                    "StatefulRules": [
                        {
                            "Action": action,
                            "Header": {
                                "Protocol": protocol,
                                "Source": source,
                                "SourcePort": "ANY",
                                "Direction": direction,
                                "Destination": destination,
                                "DestinationPort": port,
                            },
                            "RuleOptions": [{"Keyword": "sid", "Settings": ["1"]}, *options],
                        }
                        for action, protocol, source, direction, destination, port, options in (
                            ("PASS", "TCP", "$HOME_NET", "FORWARD", "$WEB", "$HTTP", []),
                            ("ALERT", "IP", "ANY", "FORWARD", "ANY", "ANY", []),
                            (
                                "REJECT",
                                "UDP",
                                "@LIST",
                                "ANY",
                                "[10.0.0.0/8,!10.1.0.0/16]",
                                "53",
                                [],
                            ),
                            ("PASS", "TLS", "$NOBODY", "FORWARD", "$EXTERNAL_NET", "443", []),
                            (
                                "DROP",
                                "ICMP",
                                "ANY",
                                "FORWARD",
                                "ANY",
                                "ANY",
                                [{"Keyword": "itype"}],
                            ),
                        )
                    ]
                },
            },
        },
    ],
    "PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "own", "Cidrs": ["10.7.0.0/16"]}],
}

ACCESS: dict[str, Any] = {
    "VpcBlockPublicAccessOptions": {
        "AwsAccountId": "111122223333",
        "AwsRegion": "eu-west-1",
        "InternetGatewayBlockMode": "block-ingress",
    },
    "VpcBlockPublicAccessExclusions": [
        {
            "ExclusionId": "vpcbpa-exclude-1",
            "InternetGatewayExclusionMode": "allow-egress",
            "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1",
            "State": "create-complete",
        }
    ],
    "SecurityGroupVpcAssociations": [{"GroupId": "sg-1", "VpcId": "vpc-2", "State": "associated"}],
}


def two(*parts: dict[str, Any], **lists: Any) -> dict[str, Any]:
    """Two whole VPCs with further lists; None takes a list out."""
    found = copy.deepcopy(WHOLE)
    for key, more in copy.deepcopy(_SECOND).items():
        found[key] = [*found[key], *more]
    for part in (*parts, lists):
        found.update(copy.deepcopy(part))
    return {key: value for key, value in found.items() if value is not None}


def all_of_it() -> dict[str, Any]:
    return two(PEERING, TRANSIT, PREMISES, FIREWALLS, ACCESS)
