"""Which lists of the ``describe-*`` calls are read, and what the others stand for.

Names are compared without case, ``_`` and ``-``: ``NetworkAcls``, ``network_acls`` and
``network-acls`` are one list.
"""

from __future__ import annotations

from typing import NamedTuple


def canonical(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


#: Lists that are read, with the key that tells members apart (empty: members have none).
READ: dict[str, str] = {
    "vpcs": "VpcId",
    "subnets": "SubnetId",
    "routetables": "RouteTableId",
    "networkacls": "NetworkAclId",
    "securitygroups": "GroupId",
    "networkinterfaces": "NetworkInterfaceId",
    "reservations": "",
    "instances": "InstanceId",
    "internetgateways": "InternetGatewayId",
    "egressonlyinternetgateways": "EgressOnlyInternetGatewayId",
    "natgateways": "NatGatewayId",
    "vpcendpoints": "VpcEndpointId",
    "prefixlists": "",
    "managedprefixlists": "",
    "managedprefixlistentries": "",
    "addresses": "",
    "loadbalancers": "LoadBalancerArn",
    "loadbalancerdescriptions": "LoadBalancerName",
    "loadbalancerattributes": "",
    "loadbalancerlisteners": "",
    "loadbalancerrules": "",
    "loadbalancertargethealth": "",
    "listeners": "ListenerArn",
    "rules": "RuleArn",
    "targetgroups": "TargetGroupArn",
    "targetgroupattributes": "",
    "targethealthdescriptions": "",
    "attributes": "",
    "entries": "",
    "dbinstances": "DBInstanceArn",
    "dbclusters": "DBClusterArn",
    "dbsubnetgroups": "",
    "cacheclusters": "ARN",
    "replicationgroups": "ARN",
    "cachesubnetgroups": "",
    "domainstatuslist": "ARN",
    "functions": "FunctionArn",
    "buckets": "Name",
    "tags": "",
    "tagdescriptions": "",
}

#: Other services have lists of these names too; ours has this key in its members.
MARKS: dict[str, str] = {
    "addresses": "PublicIp",
    "attributes": "Key",
    "buckets": "Name",
    "entries": "Cidr",
    "functions": "FunctionName",
    "listeners": "ListenerArn",
    "rules": "RuleArn",
    "tags": "ResourceId",
}

#: Keys beside the lists that say nothing about a network.
ASIDE = frozenset(
    {"responsemetadata", "collectorversion", "provider", "configfilegitsha1", "maxresults"}
)

#: Keys that name what the other lists of the same answer belong to (see ``Dump.adopt``).
OWNER_KEYS = {
    "targethealthdescriptions": "TargetGroupArn",
    "attributes": "LoadBalancerArn",
    "entries": "PrefixListId",
}
OWNER_NAMES = frozenset(canonical(key) for key in OWNER_KEYS.values()) | {"targetgrouparn"}


class Unmodelled(NamedTuple):
    """A list that AWS knows and Ringwall does not follow.

    ``key`` holds the id of a member through which paths become unknown; empty where the list
    carries no traffic by itself.
    """

    key: str
    what: str


UNMODELLED: dict[str, Unmodelled] = {
    "vpngateways": Unmodelled("VpnGatewayId", "a VPN gateway"),
    "transitgateways": Unmodelled("TransitGatewayId", "a transit gateway"),
    "vpcpeeringconnections": Unmodelled("VpcPeeringConnectionId", "a VPC peering connection"),
    "carriergateways": Unmodelled("CarrierGatewayId", "a carrier gateway"),
    "localgateways": Unmodelled("LocalGatewayId", "a local gateway"),
    "firewalls": Unmodelled("", "a network firewall"),
    "vpnconnections": Unmodelled("", "a VPN connection"),
    "customergateways": Unmodelled("", "the far end of a VPN connection"),
    "transitgatewayattachments": Unmodelled("", "an attachment to a transit gateway"),
    "transitgatewayvpcattachments": Unmodelled("", "an attachment to a transit gateway"),
    "transitgatewayroutetables": Unmodelled("", "a transit gateway's route table"),
    "clientvpnendpoints": Unmodelled("", "a client VPN endpoint"),
    "classiclinkinstances": Unmodelled("", "an instance of EC2-Classic"),
    "securitygrouprules": Unmodelled("", "a rule, read from the security group that holds it"),
    "availabilityzones": Unmodelled("", "a zone, read from the subnets in it"),
    "dhcpoptions": Unmodelled("", "what DHCP tells instances"),
    "flowlogs": Unmodelled("", "a flow log"),
    "hosts": Unmodelled("", "a dedicated host"),
    "instancestatuses": Unmodelled("", "an instance's health"),
    "keypairs": Unmodelled("", "a key pair"),
    "movingaddressstatuses": Unmodelled("", "an address on its way from EC2-Classic"),
    "placementgroups": Unmodelled("", "a placement group"),
    "regions": Unmodelled("", "a Region"),
    "servicedetails": Unmodelled("", "a service that an endpoint could be made for"),
    "servicenames": Unmodelled("", "a service that an endpoint could be made for"),
    "volumes": Unmodelled("", "a disk"),
    "autoscalinggroups": Unmodelled("", "an Auto Scaling group, read from its instances"),
}
