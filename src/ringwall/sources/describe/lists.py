"""Which lists of the ``describe-*`` calls are read, and what the others stand for.

Names are compared without case, ``_`` and ``-``: ``NetworkAcls``, ``network_acls`` and
``network-acls`` are one list.
"""

from __future__ import annotations

import re
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
    "cluster": "",
    "clusters": "",
    "buckets": "Name",
    "vpcpeeringconnections": "VpcPeeringConnectionId",
    "transitgateways": "TransitGatewayId",
    "transitgatewayattachments": "TransitGatewayAttachmentId",
    "transitgatewayvpcattachments": "TransitGatewayAttachmentId",
    "transitgatewaypeeringattachments": "TransitGatewayAttachmentId",
    "transitgatewayconnects": "TransitGatewayAttachmentId",
    "transitgatewayroutetables": "TransitGatewayRouteTableId",
    "transitgatewayroutetablepropagations": "",
    "transitgatewaypropagations": "",
    "transitgatewayassociations": "",
    "transitgatewaystaticroutes": "",
    "transitgatewayroutes": "",
    "associations": "",
    "routes": "",
    "vpngateways": "VpnGatewayId",
    "vpnconnections": "VpnConnectionId",
    "customergateways": "CustomerGatewayId",
    "directconnectgateways": "",
    "directconnectgatewayassociations": "",
    "virtualinterfaces": "",
    "firewall": "",
    "firewalls": "",
    "firewallpolicy": "",
    "firewallpolicies": "",
    "rulegroup": "",
    "rulegroups": "",
    "vpcblockpublicaccessoptions": "",
    "vpcblockpublicaccessexclusions": "ExclusionId",
    "securitygroupvpcassociations": "",
    "tags": "",
    "tagdescriptions": "",
}

#: Other services have lists of these names too; ours has this key in its members.
MARKS: dict[str, str] = {
    "addresses": "PublicIp",
    "associations": "TransitGatewayAttachmentId",
    "attributes": "Key",
    "buckets": "Name",
    "cluster": "resourcesVpcConfig",
    "clusters": "resourcesVpcConfig",
    "entries": "Cidr",
    "functions": "FunctionName",
    "listeners": "ListenerArn",
    "routes": "DestinationCidrBlock",
    "rulegroup": "RulesSource",
    "rules": "RuleArn",
    "tags": "ResourceId",
    "transitgatewayroutes": "TransitGatewayRouteTableId",
}

#: Calls that describe one thing answer with an object instead of a list; what tells its id stands
#: beside it, so the whole answer is read.
SINGLE = frozenset(
    {"cluster", "firewall", "firewallpolicy", "rulegroup", "vpcblockpublicaccessoptions"}
)
#: Keys of the same answers that are read together with the object.
BESIDE = frozenset({"firewallstatus", "firewallpolicyresponse", "rulegroupresponse", "updatetoken"})

#: Resources that several accounts or Regions see, each with what it may know: descriptions are
#: joined. Any other id stands for one resource of one Region.
SHARED = frozenset(
    {
        "vpcs",
        "subnets",
        "routetables",
        "networkacls",
        "securitygroups",
        "networkinterfaces",
        "vpcpeeringconnections",
        "transitgateways",
        "transitgatewayattachments",
        "transitgatewayvpcattachments",
        "transitgatewaypeeringattachments",
        "transitgatewayconnects",
        "transitgatewayroutetables",
    }
)
#: Of these, the ones that two Regions see under one id.
ACROSS_REGIONS = frozenset(
    {
        "vpcpeeringconnections",
        "transitgatewayattachments",
        "transitgatewaypeeringattachments",
        "buckets",
        "loadbalancerdescriptions",
    }
)

#: Keys beside the lists that say nothing about a network.
ASIDE = frozenset(
    {
        "responsemetadata",
        "collectorversion",
        "provider",
        "configfilegitsha1",
        "maxresults",
        "additionalroutesavailable",
        "updatetoken",
    }
)

#: Keys that name what the other lists of the same answer belong to (see ``Dump.adopt``).
OWNER_KEYS = {
    "targethealthdescriptions": "TargetGroupArn",
    "attributes": "LoadBalancerArn",
    "entries": "PrefixListId",
    "transitgatewayroutetablepropagations": "TransitGatewayRouteTableId",
    "associations": "TransitGatewayRouteTableId",
    "routes": "TransitGatewayRouteTableId",
}
OWNER_NAMES = frozenset(canonical(key) for key in OWNER_KEYS.values()) | {"targetgrouparn"}
#: The ids of owners as they are written, to be found in a file's name where the answer lacks them.
OWNER_IDS = {
    "entries": re.compile(r"pl-[0-9a-f]+"),
    "transitgatewayroutetablepropagations": re.compile(r"tgw-rtb-[0-9a-f]+"),
    "associations": re.compile(r"tgw-rtb-[0-9a-f]+"),
    "routes": re.compile(r"tgw-rtb-[0-9a-f]+"),
}


class Unmodelled(NamedTuple):
    """A list that AWS knows and Ringwall does not follow.

    ``key`` holds the id of a member through which paths become unknown; empty where the list
    carries no traffic by itself.
    """

    key: str
    what: str


UNMODELLED: dict[str, Unmodelled] = {
    "carriergateways": Unmodelled("CarrierGatewayId", "a carrier gateway"),
    "localgateways": Unmodelled("LocalGatewayId", "a local gateway"),
    "transitgatewayconnectpeers": Unmodelled("", "a peer behind a Connect attachment"),
    "transitgatewaymulticastdomains": Unmodelled("", "a multicast domain"),
    "clientvpnendpoints": Unmodelled("", "a client VPN endpoint"),
    "classiclinkinstances": Unmodelled("", "an instance of EC2-Classic"),
    "securitygrouprules": Unmodelled("", "a rule, read from the security group that holds it"),
    "availabilityzones": Unmodelled("", "a zone, read from the subnets in it"),
    "dhcpoptions": Unmodelled("", "what DHCP tells instances"),
    "connections": Unmodelled("", "a line of Direct Connect"),
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
