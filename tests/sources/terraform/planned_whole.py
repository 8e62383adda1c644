"""Plans with every attribute that the provider prints, from the few that a configuration names.

What a configuration leaves out stands in a real plan all the same: as ``null``, as the provider's
default, or among what is known after apply. The attributes are those of the provider's schema,
versions 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from planned import PlanText

_RULE = dict.fromkeys(
    ("description", "cidr_ipv4", "cidr_ipv6", "from_port", "to_port", "prefix_list_id",
     "referenced_security_group_id", "tags")
)  # fmt: skip
#: What the provider fills in by itself while it plans.
_FILLED: Mapping[str, Mapping[str, object]] = {
    "aws_eip": dict.fromkeys(
        ("address", "associate_with_private_ip", "customer_owned_ipv4_pool", "tags", "timeouts")
    ),
    "aws_instance": {
        "credit_specification": [], "get_password_data": False, "hibernation": None,
        "launch_template": [], "source_dest_check": True, "timeouts": None,
        "user_data_replace_on_change": False, "volume_tags": None,
    },
    "aws_internet_gateway": {"timeouts": None},
    "aws_lb": {
        "access_logs": [], "client_keep_alive": 3600, "connection_logs": [],
        "customer_owned_ipv4_pool": None, "desync_mitigation_mode": "defensive",
        "drop_invalid_header_fields": False, "enable_cross_zone_load_balancing": None,
        "enable_deletion_protection": False, "enable_http2": True, "idle_timeout": 60,
        "load_balancer_type": "application", "preserve_host_header": False, "timeouts": None,
        "xff_header_processing_mode": "append",
    },
    "aws_lb_listener": {"alpn_policy": None, "certificate_arn": None, "mutual_authentication": [],
                        "tags": None, "timeouts": None},
    "aws_lb_target_group": {
        "connection_termination": None, "deregistration_delay": "300",
        "lambda_multi_value_headers_enabled": False, "name_prefix": None,
        "proxy_protocol_v2": False, "slow_start": 0, "tags": None, "target_failover": [],
        "target_type": "instance",
    },
    "aws_lb_target_group_attachment": {"availability_zone": None},
    "aws_nat_gateway": {"connectivity_type": "public", "tags": None, "timeouts": None},
    "aws_network_acl_rule": {"icmp_code": None, "icmp_type": None, "ipv6_cidr_block": None},
    "aws_network_interface": {"description": None, "source_dest_check": True, "tags": None},
    "aws_route": dict.fromkeys(
        ("carrier_gateway_id", "core_network_arn", "destination_cidr_block",
         "destination_ipv6_cidr_block", "destination_prefix_list_id", "egress_only_gateway_id",
         "gateway_id", "local_gateway_id", "nat_gateway_id", "timeouts", "transit_gateway_id",
         "vpc_endpoint_id", "vpc_peering_connection_id")
    ),
    "aws_route_table": {"tags": None, "timeouts": None},
    "aws_route_table_association": {"gateway_id": None},
    "aws_security_group": {"description": "Managed by Terraform", "revoke_rules_on_delete": False,
                           "timeouts": None},
    "aws_security_group_rule": {
        "cidr_blocks": None, "description": None, "ipv6_cidr_blocks": None,
        "prefix_list_ids": None, "self": False, "timeouts": None,
    },
    "aws_subnet": {
        "assign_ipv6_address_on_creation": False, "customer_owned_ipv4_pool": None,
        "enable_dns64": False, "enable_lni_at_device_index": None, "ipv6_native": False,
        "map_customer_owned_ip_on_launch": None, "map_public_ip_on_launch": False,
        "outpost_arn": None, "tags": None, "timeouts": None,
    },
    "aws_vpc": {
        "assign_generated_ipv6_cidr_block": None, "enable_dns_support": True,
        "instance_tenancy": "default", "ipv4_ipam_pool_id": None, "ipv4_netmask_length": None,
        "ipv6_ipam_pool_id": None, "ipv6_netmask_length": None,
    },
    "aws_vpc_endpoint": {"auto_accept": None, "service_region": None, "timeouts": None},
    "aws_vpc_peering_connection": {"auto_accept": None, "timeouts": None},
    "aws_vpc_security_group_egress_rule": _RULE,
    "aws_vpc_security_group_ingress_rule": _RULE,
}  # fmt: skip
#: What is known after apply and stands in no table of :mod:`planned`.
_LATER = {
    "aws_eip": ("allocation_id", "association_id", "domain", "instance", "network_interface",
                "private_ip", "public_ip"),
    "aws_lb": ("dns_name", "internal", "ip_address_type", "security_groups", "subnet_mapping",
               "subnets", "vpc_id", "zone_id"),
    "aws_lb_listener": ("port", "protocol", "ssl_policy", "load_balancer_arn"),
    "aws_lb_target_group": ("health_check", "ip_address_type", "load_balancing_cross_zone_enabled",
                            "preserve_client_ip", "protocol_version", "stickiness"),
    "aws_nat_gateway": ("association_id", "network_interface_id", "private_ip", "public_ip",
                        "secondary_private_ip_address_count", "secondary_private_ip_addresses"),
    "aws_route": ("instance_owner_id",),
    "aws_security_group_rule": ("security_group_rule_id", "source_security_group_id"),
    "aws_vpc_endpoint": ("cidr_blocks", "dns_entry", "network_interface_ids", "policy",
                         "prefix_list_id", "route_table_ids", "security_group_ids", "state",
                         "subnet_ids"),
    "aws_vpc_peering_connection": ("accept_status", "peer_owner_id", "peer_region", "accepter",
                                   "requester"),
    "aws_vpc_security_group_egress_rule": ("security_group_rule_id",),
    "aws_vpc_security_group_ingress_rule": ("security_group_rule_id",),
}  # fmt: skip


@dataclass
class WholePlan(PlanText):
    """The same few lines, and what the provider adds to them."""

    def add(self, address: str, /, for_each: object = None, **attributes: object) -> WholePlan:
        super().add(address, for_each, **attributes)
        entry, change = self.resources[-1], self.changes[-1]["change"]
        values, kind = entry["values"], str(entry["type"])
        assert isinstance(values, dict)
        assert isinstance(change, dict)
        later = change["after_unknown"]
        filled: dict[str, object] = {"region": self.region, **_FILLED.get(kind, {})}
        for name, value in filled.items():
            if name not in attributes:
                values[name] = value
        for name in _LATER.get(kind, ()):
            if name not in attributes:
                later[name] = True
        if "tags" in attributes:
            values["tags_all"] = attributes["tags"]
        else:
            later["tags_all"] = True
        return self

    def document(self) -> dict[str, object]:
        return {
            **super().document(),
            "relevant_attributes": [],
            "timestamp": "2026-11-20T10:00:00Z",
            "applyable": True,
            "complete": True,
            "errored": False,
        }
