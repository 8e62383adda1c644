"""What a network interface serves: AWS says it in the interface's type, attachment or description.

The descriptions are those that AWS's services give to the interfaces they make; no call lists
them all, so an interface with another description keeps the kind that its type tells.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ringwall.model.network import InterfaceKind
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item


class Owner(NamedTuple):
    """``id`` is empty where only the kind is known."""

    id: str
    kind: InterfaceKind


class _Pattern(NamedTuple):
    form: re.Pattern[str]
    kind: InterfaceKind


_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DESCRIBED: tuple[_Pattern, ...] = (
    _Pattern(re.compile(r"ELB (.+)"), "load-balancer"),
    _Pattern(re.compile(r"Interface for NAT Gateway (\S+)"), "nat-gateway"),
    _Pattern(re.compile(r"VPC Endpoint Interface (\S+)"), "vpc-endpoint"),
    _Pattern(re.compile(rf"AWS Lambda VPC ENI-(.+?)(?:-{_UUID})?"), "function"),
    _Pattern(re.compile(r"(?:Amazon )?ElastiCache[ :+]\s*(\S+)"), "cache"),
    _Pattern(re.compile(r"ES (\S+)"), "database"),
    _Pattern(re.compile(r"(?:RDS|Redshift)NetworkInterface()"), "database"),
    _Pattern(re.compile(r"EFS mount target for (fs-\S+).*"), "other"),
    _Pattern(re.compile(r"Network Interface for Transit Gateway Attachment (\S+)"), "transit"),
    _Pattern(re.compile(r"Amazon EKS (\S+)"), "other"),
)
#: By the interface's type, written in either of the two ways that AWS's clients have.
_TYPES: dict[str, InterfaceKind] = {
    "natgateway": "nat-gateway",
    "loadbalancer": "load-balancer",
    "networkloadbalancer": "load-balancer",
    "gatewayloadbalancer": "load-balancer",
    "vpcendpoint": "vpc-endpoint",
    "gatewayloadbalancerendpoint": "transit",
    "networkfirewall": "transit",
    "transitgateway": "transit",
    "transitgatewayattachment": "transit",
    "lambda": "function",
}
_REQUESTERS: dict[str, InterfaceKind] = {
    "amazon-elb": "load-balancer",
    "amazon-rds": "database",
    "amazon-redshift": "database",
    "amazon-elasticache": "cache",
    "amazon-elasticsearch": "database",
}


class Owners:
    """Answers for one dump: links that a resource states itself come before descriptions."""

    def __init__(self, dump: Dump) -> None:
        self._links: dict[str, Owner] = {}
        self._balancers: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        for nat in dump.items("natgateways"):
            for address in nat.items("NatGatewayAddresses"):
                card = address.text("NetworkInterfaceId")
                self._links[card] = Owner(nat.need("NatGatewayId"), "nat-gateway")
        for endpoint in dump.items("vpcendpoints"):
            passed = endpoint.text("VpcEndpointType").lower() == "gatewayloadbalancer"
            for card in endpoint.texts("NetworkInterfaceIds"):
                kind: InterfaceKind = "transit" if passed else "vpc-endpoint"
                self._links[card] = Owner(endpoint.need("VpcEndpointId"), kind)
        for balancer in dump.items("loadbalancers"):
            arn = balancer.text("LoadBalancerArn")
            self._balancers[arn.partition(":loadbalancer/")[2]] = arn
        for cache in dump.items("cacheclusters"):
            group = cache.text("ReplicationGroupId")
            if group:
                self._groups[cache.need("CacheClusterId")] = group

    def of(self, item: Item, instance: str = "") -> Owner:
        """Whose interface this is; ``instance`` is the one under which it was listed."""
        linked = self._links.get(item.text("NetworkInterfaceId"))
        if linked is not None:
            return linked
        attachment = item.item("Attachment")
        held = instance or (attachment.text("InstanceId") if attachment else "")
        if held:
            return Owner(held, "instance")
        by_type = _TYPES.get(item.text("InterfaceType").replace("_", "").lower())
        for form, kind in _DESCRIBED:
            found = form.fullmatch(item.text("Description").strip())
            if found:
                return Owner(self._full(found.group(1), kind), by_type or kind)
        by_requester = _REQUESTERS.get(item.text("RequesterId"))
        return Owner("", by_type or by_requester or "other")

    def _full(self, word: str, kind: InterfaceKind) -> str:
        """The id under which the rest of the dump speaks of the owner."""
        if kind == "load-balancer":
            return self._balancers.get(word, word)
        if kind == "cache":
            return self._groups.get(word, word)
        return word
