"""Ways out of a VPC, firewalls on a way, and Block Public Access."""

from __future__ import annotations

from planned import PlanText, Ref
from planned_parts import ALL_OUT, EVERYWHERE, VPC, add_subnet, group_rule, passing, read, vpc_plan

from ringwall.model.addresses import show_addresses
from ringwall.model.network import Network
from ringwall.model.services import show_services


def affected(network: Network) -> set[str]:
    return {name for gap in network.gaps for name in gap.affects}


def two_vpcs() -> PlanText:
    """Two VPCs with a box each that lets everything in and out, and a route table each."""
    plan = PlanText()
    for at, name in enumerate("ab"):
        vpc = Ref(f"aws_vpc.{name}.id")
        plan.add(f"aws_vpc.{name}", cidr_block=f"10.{at}.0.0/16")
        plan.add(f"aws_subnet.{name}", vpc_id=vpc, cidr_block=f"10.{at}.1.0/24",
                 availability_zone="eu-west-1a")  # fmt: skip
        rules = [group_rule(cidr_blocks=["10.0.0.0/8"])]
        plan.add(f"aws_security_group.{name}", name=name, vpc_id=vpc, ingress=rules, egress=rules)
        plan.add(f"aws_instance.{name}", subnet_id=Ref(f"aws_subnet.{name}.id"),
                 vpc_security_group_ids=[Ref(f"aws_security_group.{name}.id")])  # fmt: skip
        plan.add(f"aws_route_table.{name}", vpc_id=vpc)
        plan.add(f"aws_route_table_association.{name}", gateway_id=None,
                 subnet_id=Ref(f"aws_subnet.{name}.id"),
                 route_table_id=Ref(f"aws_route_table.{name}.id"))  # fmt: skip
    return plan


def add_routes(plan: PlanText, **target: object) -> None:
    for at, name in enumerate("ab"):
        plan.add(f"aws_route.{name}", route_table_id=Ref(f"aws_route_table.{name}.id"),
                 destination_cidr_block=f"10.{1 - at}.0.0/16", **target)  # fmt: skip


def test_peering_that_this_plan_accepts() -> None:
    plan = two_vpcs()
    plan.add(
        "aws_vpc_peering_connection.ab",
        vpc_id=Ref("aws_vpc.a.id"),
        peer_vpc_id=Ref("aws_vpc.b.id"),
        auto_accept=True,
    )
    add_routes(plan, vpc_peering_connection_id=Ref("aws_vpc_peering_connection.ab.id"))
    network = read(plan)
    peering = network.peerings["aws_vpc_peering_connection.ab"]
    assert (peering.active, peering.requester.vpc) == (True, "aws_vpc.a")
    assert [str(one) for one in peering.accepter.cidrs] == ["10.1.0.0/16"]
    assert passing(network)[("aws_instance.a", "aws_instance.b")] == "all"


def test_peering_that_somebody_has_to_accept() -> None:
    plan = two_vpcs()
    plan.add(
        "aws_vpc_peering_connection.ab",
        vpc_id=Ref("aws_vpc.a.id"),
        peer_vpc_id=Ref("aws_vpc.b.id"),
        auto_accept=False,
    )
    assert read(plan).peerings["aws_vpc_peering_connection.ab"].active is None
    plan.add(
        "aws_vpc_peering_connection_accepter.ab",
        auto_accept=True,
        vpc_peering_connection_id=Ref("aws_vpc_peering_connection.ab.id"),
    )
    assert read(plan).peerings["aws_vpc_peering_connection.ab"].active is True


def add_transit(plan: PlanText, **options: object) -> None:
    plan.add("aws_ec2_transit_gateway.hub", **options)
    for name in "ab":
        plan.add(
            f"aws_ec2_transit_gateway_vpc_attachment.{name}",
            transit_gateway_id=Ref("aws_ec2_transit_gateway.hub.id"),
            vpc_id=Ref(f"aws_vpc.{name}.id"),
            subnet_ids=[Ref(f"aws_subnet.{name}.id")],
        )


def test_a_transit_gateway_with_its_default_table() -> None:
    plan = two_vpcs()
    add_transit(plan)
    add_routes(plan, transit_gateway_id=Ref("aws_ec2_transit_gateway.hub.id"))
    network = read(plan)
    (table,) = network.transit_route_tables.values()
    both = tuple(f"aws_ec2_transit_gateway_vpc_attachment.{name}" for name in "ab")
    assert (table.associated, table.propagating) == (both, both)
    assert passing(network)[("aws_instance.a", "aws_instance.b")] == "all"


def test_a_transit_gateway_with_tables_of_its_own() -> None:
    plan = two_vpcs()
    add_transit(
        plan, default_route_table_association="disable", default_route_table_propagation="disable"
    )
    table = Ref("aws_ec2_transit_gateway_route_table.own.id")
    plan.add(
        "aws_ec2_transit_gateway_route_table.own",
        transit_gateway_id=Ref("aws_ec2_transit_gateway.hub.id"),
    )
    for name in "ab":
        attachment = Ref(f"aws_ec2_transit_gateway_vpc_attachment.{name}.id")
        plan.add(
            f"aws_ec2_transit_gateway_route_table_association.{name}",
            transit_gateway_attachment_id=attachment,
            transit_gateway_route_table_id=table,
        )
    plan.add(
        "aws_ec2_transit_gateway_route.to_b",
        destination_cidr_block="10.1.0.0/16",
        transit_gateway_attachment_id=attachment,
        transit_gateway_route_table_id=table,
    )
    plan.add(
        "aws_ec2_transit_gateway_route.hole",
        destination_cidr_block="10.0.0.0/16",
        blackhole=True,
        transit_gateway_route_table_id=table,
    )
    add_routes(plan, transit_gateway_id=Ref("aws_ec2_transit_gateway.hub.id"))
    network = read(plan)
    (own,) = network.transit_route_tables.values()
    assert [(str(one.destination), one.attachment, one.blackhole) for one in own.routes] == [
        ("10.1.0.0/16", "aws_ec2_transit_gateway_vpc_attachment.b", False),
        ("10.0.0.0/16", "", True),
    ]
    assert ("aws_instance.b", "aws_instance.a") not in passing(network)
    assert not affected(network)


def test_vpn_with_static_routes_and_propagation() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_vpn_gateway.vgw", vpc_id=VPC)
    plan.add("aws_customer_gateway.site", bgp_asn=65000)
    plan.add(
        "aws_vpn_connection.site",
        vpn_gateway_id=Ref("aws_vpn_gateway.vgw.id"),
        customer_gateway_id=Ref("aws_customer_gateway.site.id"),
        static_routes_only=True,
    )
    plan.add(
        "aws_vpn_connection_route.site",
        destination_cidr_block="192.168.0.0/16",
        vpn_connection_id=Ref("aws_vpn_connection.site.id"),
    )
    plan.add("aws_route_table.one", vpc_id=VPC)
    plan.add(
        "aws_vpn_gateway_route_propagation.one",
        vpn_gateway_id=Ref("aws_vpn_gateway.vgw.id"),
        route_table_id=Ref("aws_route_table.one.id"),
    )
    network = read(plan)
    assert network.vpn_gateways["aws_vpn_gateway.vgw"].vpcs == ("aws_vpc.main",)
    link = network.vpn_connections["aws_vpn_connection.site"]
    assert ([str(one) for one in link.routes], link.dynamic) == (["192.168.0.0/16"], False)
    (route,) = network.route_tables["aws_route_table.one"].routes
    assert (route.target_kind, route.propagated) == ("vpn-gateway", True)


def firewall_plan() -> PlanText:
    plan = vpc_plan()
    add_subnet(plan, "wall", "10.0.9.0/28")
    plan.add("aws_networkfirewall_rule_group.plain", type="STATELESS", rule_group=[{
        "rules_source": [{"stateless_rules_and_custom_actions": [{"stateless_rule": [{
            "priority": 1,
            "rule_definition": [{"actions": ["aws:pass"], "match_attributes": [{
                "protocols": [6], "source": [{"address_definition": "10.0.0.0/16"}],
                "destination": [{"address_definition": EVERYWHERE}],
                "destination_port": [{"from_port": 443, "to_port": 443}],
            }]}],
        }]}]}],
    }])  # fmt: skip
    plan.add("aws_networkfirewall_rule_group.full", type="STATEFUL", rule_group=[{
        "rule_variables": [{"ip_sets": [
            {"key": "SITE", "ip_set": [{"definition": ["192.0.2.0/24"]}]},
        ]}],
        "rules_source": [{"stateful_rule": [{
            "action": "DROP",
            "header": [{"protocol": "UDP", "source": "ANY", "source_port": "ANY",
                        "direction": "FORWARD", "destination": "$SITE",
                        "destination_port": "53"}],
            "rule_option": [{"keyword": "sid", "settings": ["1"]}],
        }]}],
    }])  # fmt: skip
    plan.add("aws_networkfirewall_firewall_policy.all", firewall_policy=[{
        "stateless_default_actions": ["aws:forward_to_sfe"],
        "stateless_fragment_default_actions": ["aws:drop"],
        "stateless_rule_group_reference": [
            {"priority": 1, "resource_arn": Ref("aws_networkfirewall_rule_group.plain.arn")},
        ],
        "stateful_rule_group_reference": [
            {"resource_arn": Ref("aws_networkfirewall_rule_group.full.arn")},
        ],
    }])  # fmt: skip
    plan.add(
        "aws_networkfirewall_firewall.wall",
        name="wall",
        vpc_id=VPC,
        firewall_policy_arn=Ref("aws_networkfirewall_firewall_policy.all.arn"),
        subnet_mapping=[{"subnet_id": Ref("aws_subnet.wall.id")}],
    )
    plan.add("aws_route_table.app", vpc_id=VPC)
    plan.add(
        "aws_route.app",
        route_table_id=Ref("aws_route_table.app.id"),
        destination_cidr_block=EVERYWHERE,
        vpc_endpoint_id=Ref("aws_networkfirewall_firewall.wall.firewall_status"),
    )
    return plan


def test_a_firewall_with_its_rules_and_endpoints() -> None:
    network = read(firewall_plan())
    wall = network.firewalls["aws_networkfirewall_firewall.wall"]
    endpoint = "aws_networkfirewall_firewall.wall@aws_subnet.wall"
    assert wall.endpoints == (endpoint,)
    assert network.endpoints[endpoint].subnets == ("aws_subnet.wall",)
    (plain,) = wall.stateless
    assert (plain.action, show_services(plain.services)) == ("pass", "tcp/443")
    assert show_addresses(plain.sources) == "10.0.0.0/16"
    (full,) = wall.stateful
    assert (full.action, show_services(full.services)) == ("drop", "udp/53")
    assert show_addresses(full.destinations) == "192.0.2.0/24"
    assert full.origin.line is None
    (route,) = network.route_tables["aws_route_table.app"].routes
    assert (route.target_kind, route.target, route.certain) == ("vpc-endpoint", endpoint, True)


def test_a_firewall_whose_policy_is_elsewhere_is_unknown() -> None:
    plan = firewall_plan()
    document_of = plan.resources[-3]
    assert document_of["address"] == "aws_networkfirewall_firewall.wall"
    values = document_of["values"]
    assert isinstance(values, dict)
    values["firewall_policy_arn"] = "arn:aws:network-firewall:eu-west-1:1:firewall-policy/other"
    change = plan.changes[-3]["change"]
    assert isinstance(change, dict)
    del change["after_unknown"]["firewall_policy_arn"]
    network = read(plan)
    assert "aws_networkfirewall_firewall.wall" in affected(network)
    assert any("is not in the plan" in gap.message for gap in network.gaps)


def test_block_public_access_and_who_is_left_alone() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_internet_gateway.gw", vpc_id=VPC)
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, egress=ALL_OUT)
    plan.add(
        "aws_vpc_block_public_access_exclusion.one",
        subnet_id=Ref("aws_subnet.one.id"),
        internet_gateway_exclusion_mode="allow-egress",
    )
    assert "aws_internet_gateway.gw" in affected(read(plan))
    plan.add(
        "aws_vpc_block_public_access_options.all", internet_gateway_block_mode="block-bidirectional"
    )
    network = read(plan)
    (switch,) = network.block_public_access
    assert (switch.mode, switch.region) == ("block-bidirectional", "eu-west-1")
    assert [(one.resource, one.mode) for one in switch.exclusions] == [
        ("aws_subnet.one", "allow-egress")
    ]
