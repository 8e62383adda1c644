"""Small dumps for tests: one VPC that is whole, and what a test puts in its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from ringwall.model.network import Network
from ringwall.sources.describe import read_describe

ALL = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

WHOLE: dict[str, Any] = {
    "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}],
    "Subnets": [
        {
            "SubnetId": f"subnet-{number}",
            "VpcId": "vpc-1",
            "CidrBlock": f"10.0.{number}.0/24",
            "AvailabilityZone": f"eu-west-1{zone}",
        }
        for number, zone in ((1, "a"), (2, "b"))
    ],
    "RouteTables": [
        {
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Associations": [{"Main": True}],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}],
        }
    ],
    "NetworkAcls": [
        {
            "NetworkAclId": "acl-1",
            "VpcId": "vpc-1",
            "IsDefault": True,
            "Associations": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
            "Entries": [
                {
                    "RuleNumber": number,
                    "Egress": egress,
                    "RuleAction": action,
                    "Protocol": "-1",
                    "CidrBlock": "0.0.0.0/0",
                }
                for egress in (True, False)
                for number, action in ((32767, "deny"), (100, "allow"))
            ],
        }
    ],
    "SecurityGroups": [
        {
            "GroupId": "sg-1",
            "GroupName": "one",
            "VpcId": "vpc-1",
            "OwnerId": "111122223333",
            "IpPermissions": [ALL],
            "IpPermissionsEgress": [ALL],
        }
    ],
    "NetworkInterfaces": [
        {
            "NetworkInterfaceId": "eni-1",
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "InterfaceType": "interface",
            "Status": "in-use",
            "Attachment": {"InstanceId": "i-1", "DeviceIndex": 0},
            "Groups": [{"GroupId": "sg-1"}],
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.10", "Primary": True}],
        }
    ],
    "Reservations": [{"Instances": [{"InstanceId": "i-1", "State": {"Name": "running"}}]}],
    "InternetGateways": [
        {
            "InternetGatewayId": "igw-1",
            "Attachments": [{"State": "available", "VpcId": "vpc-1"}],
        }
    ],
    "NatGateways": [],
    "VpcEndpoints": [],
}


def whole(**lists: Any) -> dict[str, Any]:
    """The whole dump with some of its lists in another form; None takes a list out."""
    found = {**copy.deepcopy(WHOLE), **lists}
    return {key: value for key, value in found.items() if value is not None}


def read(folder: Path, dump: object) -> Network:
    file = folder / "dump.json"
    file.write_text(json.dumps(dump), encoding="utf-8")
    return read_describe(file)


def interface(number: int, **keys: Any) -> dict[str, Any]:
    """One more interface in ``subnet-1``."""
    return {
        "NetworkInterfaceId": f"eni-{number}",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "Groups": [{"GroupId": "sg-1"}],
        "PrivateIpAddresses": [{"PrivateIpAddress": f"10.0.1.{number}", "Primary": True}],
        **keys,
    }


def affected(network: Network) -> set[str]:
    return {name for gap in network.gaps for name in gap.affects}


def messages(network: Network) -> str:
    return "\n".join(f"{gap.kind} {gap.subject}: {gap.message}" for gap in network.gaps)
