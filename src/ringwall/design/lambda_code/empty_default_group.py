"""Takes every rule out of a VPC's default security group; CloudFormation itself cannot."""

import json
import urllib.request
from importlib import import_module
from typing import Any


def empty(ec2: Any, group: str) -> None:
    """Revoke what the group allows, both ways; a group that is empty already stays as it is."""
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    if found["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=found["IpPermissions"])
    if found["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=found["IpPermissionsEgress"])


def answer(event: dict[str, Any], status: str, reason: str, resource: str) -> None:
    """Tell CloudFormation, which otherwise waits for an hour."""
    told = {
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": resource,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    body = json.dumps(told).encode()
    # No content type: the address is signed without one.
    headers = {"Content-Type": "", "Content-Length": str(len(body))}
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own HTTPS address
        event["ResponseURL"], data=body, headers=headers, method="PUT"
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


def handler(event: dict[str, Any], _context: object) -> None:
    group = event["ResourceProperties"].get("SecurityGroup", "")
    resource = event.get("PhysicalResourceId") or f"emptied-{group}"
    try:
        # Deleting the stack deletes the group with its VPC: there is nothing to bring back.
        if event["RequestType"] != "Delete":
            resource = f"emptied-{group}"
            empty(import_module("boto3").client("ec2"), group)
    except Exception as error:  # Whatever went wrong must reach CloudFormation, or it hangs.
        print(error)
        answer(event, "FAILED", f"{type(error).__name__}: {error}"[:500], resource)
    else:
        answer(event, "SUCCESS", f"no rule is left in {group}", resource)
