"""What the reader does not model: put on record, type by type, so that nothing is lost silently."""

from __future__ import annotations

from collections.abc import Mapping

from ringwall.facts.load import facts
from ringwall.sources.cloudformation.attached import attached_types
from ringwall.sources.cloudformation.reading import Reading
from ringwall.sources.cloudformation.values import why_unknown

#: Types that the noun readers turn into nouns, rules, routes or associations.
_READ = frozenset(
    f"AWS::{one}"
    for one in (
        "AutoScaling::AutoScalingGroup",
        "AutoScaling::LaunchConfiguration",
        "DirectConnect::DirectConnectGateway",
        "DirectConnect::DirectConnectGatewayAssociation",
        "DocDB::DBCluster",
        "DocDB::DBInstance",
        "DocDB::DBSubnetGroup",
        "EC2::EIP",
        "EC2::EIPAssociation",
        "EC2::EgressOnlyInternetGateway",
        "EC2::GatewayRouteTableAssociation",
        "EC2::Instance",
        "EC2::InternetGateway",
        "EC2::LaunchTemplate",
        "EC2::NatGateway",
        "EC2::NetworkAcl",
        "EC2::NetworkAclEntry",
        "EC2::NetworkInterface",
        "EC2::NetworkInterfaceAttachment",
        "EC2::PrefixList",
        "EC2::Route",
        "EC2::RouteTable",
        "EC2::SecurityGroup",
        "EC2::SecurityGroupEgress",
        "EC2::SecurityGroupIngress",
        "EC2::SecurityGroupVpcAssociation",
        "EC2::Subnet",
        "EC2::SubnetCidrBlock",
        "EC2::SubnetNetworkAclAssociation",
        "EC2::SubnetRouteTableAssociation",
        "EC2::TransitGateway",
        "EC2::TransitGatewayAttachment",
        "EC2::TransitGatewayConnect",
        "EC2::TransitGatewayPeeringAttachment",
        "EC2::TransitGatewayRoute",
        "EC2::TransitGatewayRouteTable",
        "EC2::TransitGatewayRouteTableAssociation",
        "EC2::TransitGatewayRouteTablePropagation",
        "EC2::TransitGatewayVpcAttachment",
        "EC2::VPC",
        "EC2::VPCBlockPublicAccessExclusion",
        "EC2::VPCBlockPublicAccessOptions",
        "EC2::VPCCidrBlock",
        "EC2::VPCGatewayAttachment",
        "EC2::VPCPeeringConnection",
        "EC2::VPNConnection",
        "EC2::VPNConnectionRoute",
        "EC2::VPNGateway",
        "EC2::VPNGatewayRoutePropagation",
        "ElastiCache::CacheCluster",
        "ElastiCache::ReplicationGroup",
        "ElastiCache::SubnetGroup",
        "ElasticLoadBalancing::LoadBalancer",
        "ElasticLoadBalancingV2::Listener",
        "ElasticLoadBalancingV2::ListenerRule",
        "ElasticLoadBalancingV2::LoadBalancer",
        "ElasticLoadBalancingV2::TargetGroup",
        "Elasticsearch::Domain",
        "MemoryDB::Cluster",
        "MemoryDB::SubnetGroup",
        "Neptune::DBCluster",
        "Neptune::DBInstance",
        "Neptune::DBSubnetGroup",
        "NetworkFirewall::Firewall",
        "NetworkFirewall::FirewallPolicy",
        "NetworkFirewall::RuleGroup",
        "NetworkFirewall::VpcEndpointAssociation",
        "OpenSearchService::Domain",
        "RDS::DBCluster",
        "RDS::DBInstance",
        "RDS::DBSubnetGroup",
        "Redshift::Cluster",
        "Redshift::ClusterSubnetGroup",
        "S3::Bucket",
        "S3::BucketPolicy",
    )
) | {"Custom::EmptyDefaultSecurityGroup", "Custom::VpcRestrictDefaultSG"}


def is_read(kind: str) -> bool:
    """Does a noun reader take resources of this type?"""
    return kind in _READ or kind in attached_types()


def is_ignored(kind: str) -> bool:
    """Is the type known to carry no traffic inside a VPC?"""
    known = facts("cfn-types").values["no_traffic"]
    service = "::".join(kind.split("::")[:2]) + "::*"
    return kind in known or service in known


def record_unmodelled(reading: Reading) -> None:
    """A gap for every resource that no reader takes, and for what is odd inside the others."""
    blocking: Mapping[str, str] = facts("cfn-types").values["unmodelled"]
    for resource in reading.stack.resources.values():
        for note in reading.stack.notes[resource.id]:
            touched = () if is_ignored(resource.type) else (resource.id,)
            reading.gap("unmodelled", resource, note.message, affects=touched, at=note.place)
        if is_read(resource.type) or is_ignored(resource.type):
            continue
        message = _message(blocking, resource.type)
        if message:
            reading.gap("unmodelled", resource, message, affects=(resource.id,))
        else:
            message = f"the type `{resource.type}` is not known: what it carries is not modelled"
            reading.gap("unmodelled", resource, message)
    _record_whole(reading)


def _message(blocking: Mapping[str, str], kind: str) -> str:
    """The reason on record for a type, or for the longest beginning of its name."""
    if kind.endswith("::MODULE"):
        return blocking["AWS::CloudFormation::Module*"]
    found = [
        one for one in blocking if kind == one or (one[-1] == "*" and kind.startswith(one[:-1]))
    ]
    return blocking[max(found, key=len)] if found else ""


def _record_whole(reading: Reading) -> None:
    """What concerns the template as a whole: macros, loops that stay folded."""
    template = reading.stack.template
    for name in template.transforms:
        if name == "AWS::LanguageExtensions":
            continue
        message = f"the macro `{name}` may change the template before AWS deploys it"
        reading.net.gap("unmodelled", name, message)
    for loop in template.loops:
        message = f"the loop is not unfolded: {why_unknown(loop.data) or 'its members are open'}"
        reading.net.gap("unmodelled", "Fn::ForEach", message, origin=template.origin(loop))
