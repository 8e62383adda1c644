"""Each noun of the model, from the resources that make it."""

from __future__ import annotations

from planned import PlanText, Ref, Same
from planned_parts import (
    ALL_OUT,
    EVERYWHERE,
    VPC,
    acl_rule,
    add_instance,
    add_subnet,
    group_rule,
    passing,
    read,
    table_route,
    vpc_plan,
)

from ringwall.model.addresses import parse_network, show_addresses
from ringwall.model.network import CidrPeer, GroupPeer, Network, PrefixListPeer
from ringwall.model.services import show_services
from ringwall.prove.pairs import pairs


def routes_of(network: Network, table: str) -> list[tuple[str, str, str, bool]]:
    return [
        (str(one.destination), one.target_kind, one.target, one.certain)
        for one in network.route_tables[table].routes
    ]


def affected(network: Network) -> set[str]:
    return {name for gap in network.gaps for name in gap.affects}


def public_plan() -> PlanText:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24", map_public_ip_on_launch=True)
    plan.add("aws_internet_gateway.gw", vpc_id=VPC)
    plan.add("aws_security_group.web", name="web", vpc_id=VPC, egress=ALL_OUT,
             ingress=[group_rule(protocol="tcp", from_port=80, to_port=80,
                                 cidr_blocks=[EVERYWHERE])])  # fmt: skip
    return plan


def test_inline_routes_find_their_targets_by_kind() -> None:
    plan = public_plan()
    plan.add("aws_eip.nat", domain="vpc")
    plan.add("aws_nat_gateway.nat", allocation_id=Ref("aws_eip.nat.id"),
             subnet_id=Ref("aws_subnet.one.id"))  # fmt: skip
    plan.add("aws_egress_only_internet_gateway.v6", vpc_id=VPC)
    plan.add("aws_route_table.all", vpc_id=VPC, route=[
        table_route(cidr_block=EVERYWHERE, gateway_id=Ref("aws_internet_gateway.gw.id")),
        table_route(cidr_block="198.51.100.0/24", nat_gateway_id=Ref("aws_nat_gateway.nat.id")),
        table_route(ipv6_cidr_block="::/0",
                    egress_only_gateway_id=Ref("aws_egress_only_internet_gateway.v6.id")),
    ])  # fmt: skip
    network = read(plan)
    assert routes_of(network, "aws_route_table.all") == [
        ("0.0.0.0/0", "internet-gateway", "aws_internet_gateway.gw", True),
        ("198.51.100.0/24", "nat-gateway", "aws_nat_gateway.nat", True),
        ("::/0", "egress-only-internet-gateway", "aws_egress_only_internet_gateway.v6", True),
    ]
    assert network.nat_gateways["aws_nat_gateway.nat"].interface == "aws_nat_gateway.nat"


def test_a_public_instance_needs_route_and_address() -> None:
    plan = public_plan()
    add_instance(plan, "web", "one", "web")
    (arrives,) = [row for row in pairs(read(plan)) if row.services and row.source == "internet"]
    assert not arrives.possible_replies, "nothing leads back to the Internet"
    plan.add("aws_route_table.public", vpc_id=VPC)
    plan.add(
        "aws_route.out",
        route_table_id=Ref("aws_route_table.public.id"),
        destination_cidr_block=EVERYWHERE,
        gateway_id=Ref("aws_internet_gateway.gw.id"),
    )
    plan.add(
        "aws_main_route_table_association.main",
        vpc_id=VPC,
        route_table_id=Ref("aws_route_table.public.id"),
    )
    found = passing(read(plan))
    assert found[("internet", "aws_instance.web")] == "tcp/80"
    assert found[("aws_instance.web", "internet")] == "all"


def test_what_an_instance_says_of_its_address_goes_before_its_subnet() -> None:
    plan = public_plan()
    add_instance(plan, "shy", "one", "web", associate_public_ip_address=False)
    add_instance(
        plan, "fixed", "one", "web", private_ip="10.0.1.77", secondary_private_ips=["10.0.1.78"]
    )
    plan.add("aws_eip.shy", instance=Ref("aws_instance.shy.id"), public_ip="192.0.2.9")
    network = read(plan)
    shy, fixed = (network.interfaces[f"aws_instance.{one}"] for one in ("shy", "fixed"))
    assert (shy.public, show_addresses(shy.public_addresses)) == (True, "192.0.2.9")
    assert fixed.pinned
    assert show_addresses(fixed.addresses) == "10.0.1.77, 10.0.1.78"
    assert not shy.pinned
    assert shy.addresses.size == 251


def test_adopted_defaults_are_emptied_and_others_are_not() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_instance.web", subnet_id=Ref("aws_subnet.one.id"))
    network = read(plan)
    (group,) = network.interfaces["aws_instance.web"].groups
    assert [rule.peer for rule in network.security_groups[group].ingress] == [GroupPeer(group)]
    assert network.network_acls["aws_vpc.main.default_network_acl_id"].subnets == (
        "aws_subnet.one",
    )

    plan.add("aws_default_security_group.main", vpc_id=VPC)
    plan.add(
        "aws_default_network_acl.main",
        default_network_acl_id=Ref("aws_vpc.main.default_network_acl_id"),
        ingress=[acl_rule(protocol="tcp", from_port=22, to_port=22)],
    )
    plan.add(
        "aws_default_route_table.main",
        default_route_table_id=Ref("aws_vpc.main.default_route_table_id"),
        route=[],
    )
    plan.add(
        "aws_security_group_rule.more",
        type="ingress",
        protocol="tcp",
        from_port=1,
        to_port=2,
        security_group_id=Ref("aws_vpc.main.default_security_group_id"),
        cidr_blocks=["10.0.0.0/8"],
    )
    network = read(plan)
    card = network.interfaces["aws_instance.web"]
    assert card.groups == ("aws_default_security_group.main",)
    held = network.security_groups["aws_default_security_group.main"]
    assert [str(rule.peer) for rule in held.ingress] == ["10.0.0.0/8"]
    assert not held.egress
    acl = network.network_acls["aws_default_network_acl.main"]
    assert acl.default
    assert acl.subnets == ("aws_subnet.one",)
    assert [show_services(one.services) for one in acl.entries] == ["tcp/22"]
    assert network.route_tables["aws_default_route_table.main"].main
    assert not affected(network)


def test_rules_of_groups_in_every_form() -> None:
    plan = vpc_plan()
    plan.add(
        "aws_ec2_managed_prefix_list.offices", name="offices", entry=[{"cidr": "192.0.2.0/24"}]
    )
    plan.add(
        "aws_security_group.web",
        name="web",
        vpc_id=VPC,
        ingress=[group_rule(protocol="icmp", from_port=8, to_port=0, self=True)],
    )
    me = Ref("aws_security_group.web.id")
    plan.add(
        "aws_vpc_security_group_ingress_rule.v6",
        security_group_id=me,
        cidr_ipv6="::/0",
        ip_protocol="udp",
        from_port=53,
        to_port=53,
    )
    plan.add(
        "aws_vpc_security_group_ingress_rule.offices",
        security_group_id=me,
        prefix_list_id=Ref("aws_ec2_managed_prefix_list.offices.id"),
        ip_protocol="-1",
    )
    plan.add(
        "aws_vpc_security_group_egress_rule.self",
        security_group_id=me,
        referenced_security_group_id=me,
        ip_protocol="tcp",
        from_port=0,
        to_port=65535,
    )
    network = read(plan)
    group = network.security_groups["aws_security_group.web"]
    assert [(rule.peer, show_services(rule.services)) for rule in group.ingress] == [
        (GroupPeer("aws_security_group.web"), "icmp type 8 code 0"),
        (CidrPeer(parse_network("::/0")), "udp/53"),
        (PrefixListPeer("aws_ec2_managed_prefix_list.offices"), "all"),
    ]
    assert [(str(rule.peer), show_services(rule.services)) for rule in group.egress] == [
        ("aws_security_group.web", "tcp")
    ]
    entries = network.prefix_lists["aws_ec2_managed_prefix_list.offices"].entries
    assert entries is not None
    assert show_addresses(entries) == "192.0.2.0/24"


def test_rules_of_network_acls_as_resources() -> None:
    plan = vpc_plan()
    add_subnet(plan, "one", "10.0.1.0/24")
    plan.add("aws_network_acl.tight", vpc_id=VPC)
    plan.add(
        "aws_network_acl_association.one",
        subnet_id=Ref("aws_subnet.one.id"),
        network_acl_id=Ref("aws_network_acl.tight.id"),
    )
    plan.add(
        "aws_network_acl_rule.no",
        network_acl_id=Ref("aws_network_acl.tight.id"),
        egress=True,
        rule_number=90,
        rule_action="deny",
        protocol="6",
        cidr_block="10.0.0.0/8",
        from_port=1,
        to_port=2,
    )
    plan.add(
        "aws_network_acl_rule.ping",
        network_acl_id=Ref("aws_network_acl.tight.id"),
        egress=False,
        rule_number=10,
        rule_action="allow",
        protocol="icmp",
        cidr_block=EVERYWHERE,
        icmp_type=8,
        icmp_code=-1,
    )
    acl = read(plan).network_acls["aws_network_acl.tight"]
    assert acl.subnets == ("aws_subnet.one",)
    assert [(one.number, one.egress, one.allow, show_services(one.services))
            for one in acl.entries] == [
        (90, True, False, "tcp/1-2"), (10, False, True, "icmp type 8"),
    ]  # fmt: skip


def test_interfaces_of_their_own_belong_to_the_instance_they_are_tied_to() -> None:
    plan = public_plan()
    card = Ref("aws_network_interface.eth.id")
    plan.add(
        "aws_network_interface.eth",
        subnet_id=Ref("aws_subnet.one.id"),
        private_ips=["10.0.1.9"],
        security_groups=[Ref("aws_security_group.web.id")],
        source_dest_check=False,
    )
    plan.add(
        "aws_instance.box",
        tags={"Name": "box"},
        network_interface=[{"network_interface_id": card, "device_index": 0}],
    )
    plan.add("aws_eip.box", network_interface=card)
    plan.add("aws_route_table.inspect", vpc_id=VPC)
    plan.add(
        "aws_route.box",
        route_table_id=Ref("aws_route_table.inspect.id"),
        destination_cidr_block="10.0.9.0/24",
        network_interface_id=card,
    )
    network = read(plan)
    (eth,) = network.interfaces.values()
    assert (eth.id, eth.owner, eth.public) == (
        "aws_network_interface.eth",
        "aws_instance.box",
        True,
    )
    assert not eth.source_dest_check
    assert routes_of(network, "aws_route_table.inspect") == [
        ("10.0.9.0/24", "network-interface", "aws_network_interface.eth", True)
    ]
    assert not affected(network)


def test_load_balancers_reach_what_registers_with_them() -> None:
    plan = public_plan()
    add_subnet(plan, "two", "10.0.2.0/24", availability_zone="eu-west-1b")
    add_instance(plan, "app", "two", "web")
    plan.add(
        "aws_lb.front",
        name="front",
        load_balancer_type="network",
        internal=False,
        subnet_mapping=[
            {"subnet_id": Ref("aws_subnet.one.id")},
            {"subnet_id": Ref("aws_subnet.two.id")},
        ],
    )
    plan.add(
        "aws_lb_target_group.app",
        port=80,
        protocol="TCP",
        target_type="instance",
        preserve_client_ip="false",
    )
    plan.add(
        "aws_lb_target_group_attachment.app",
        port=80,
        target_group_arn=Ref("aws_lb_target_group.app.arn"),
        target_id=Ref("aws_instance.app.id"),
    )
    plan.add("aws_lb_target_group.ip", port=81, protocol="TCP", target_type="ip")
    plan.add(
        "aws_lb_target_group_attachment.ip",
        port=81,
        target_group_arn=Ref("aws_lb_target_group.ip.arn"),
        target_id=Ref("aws_instance.app.private_ip"),
    )
    plan.add("aws_lb_listener.tcp", load_balancer_arn=Ref("aws_lb.front.arn"), port=443,
             protocol="TCP", default_action=[{"type": "forward", "forward": [{"target_group": [
                 {"arn": Ref("aws_lb_target_group.app.arn")},
                 {"arn": Ref("aws_lb_target_group.ip.arn")},
             ]}]}])  # fmt: skip
    network = read(plan)
    front = network.load_balancers["aws_lb.front"]
    assert (front.kind, front.internet_facing, front.cross_zone) == ("network", True, False)
    (listener,) = front.listeners
    assert listener.target_groups == ("aws_lb_target_group.app", "aws_lb_target_group.ip")
    for name, kept in (("app", False), ("ip", None)):
        group = network.target_groups[f"aws_lb_target_group.{name}"]
        assert group.preserve_client_ip is kept
        assert [one.id for one in group.targets or ()] == ["aws_instance.app"]
    assert {one.subnet for one in network.interfaces.values() if one.owner == "aws_lb.front"} == {
        "aws_subnet.one", "aws_subnet.two",
    }  # fmt: skip


def test_stores_and_functions_stand_in_the_subnets_of_their_groups() -> None:
    plan = public_plan()
    add_subnet(plan, "two", "10.0.2.0/24", availability_zone="eu-west-1b")
    both = [Ref("aws_subnet.one.id"), Ref("aws_subnet.two.id")]
    groups = [Ref("aws_security_group.web.id")]
    plan.add("aws_db_subnet_group.data", name="data", subnet_ids=both)
    plan.add(
        "aws_db_instance.main",
        identifier="main",
        multi_az=True,
        db_subnet_group_name=Ref("aws_db_subnet_group.data.name"),
        vpc_security_group_ids=groups,
    )
    plan.add(
        "aws_rds_cluster.aurora",
        db_subnet_group_name=Same("data", ("aws_db_subnet_group.data.name",)),
        vpc_security_group_ids=groups,
    )
    plan.add(
        "aws_rds_cluster_instance.one",
        cluster_identifier=Ref("aws_rds_cluster.aurora.id"),
        publicly_accessible=True,
    )
    plan.add("aws_elasticache_subnet_group.c", name="c", subnet_ids=both)
    plan.add(
        "aws_elasticache_replication_group.c",
        replication_group_id="c",
        subnet_group_name=Ref("aws_elasticache_subnet_group.c.name"),
        security_group_ids=groups,
    )
    plan.add(
        "aws_lambda_function.f",
        function_name="f",
        vpc_config=[{"subnet_ids": both, "security_group_ids": groups}],
    )
    plan.add(
        "aws_ecs_service.s",
        name="s",
        network_configuration=[
            {"subnets": both, "security_groups": groups, "assign_public_ip": False}
        ],
    )
    network = read(plan)
    cards = [(one.owner, one.kind, one.public) for one in network.interfaces.values()]
    assert cards == [
        ("aws_rds_cluster.aurora", "database", True), ("aws_rds_cluster.aurora", "database", True),
        ("aws_db_instance.main", "database", False), ("aws_db_instance.main", "database", False),
        ("aws_elasticache_replication_group.c", "cache", False),
        ("aws_elasticache_replication_group.c", "cache", False),
        ("aws_lambda_function.f", "function", False), ("aws_lambda_function.f", "function", False),
        ("aws_ecs_service.s", "instance", False), ("aws_ecs_service.s", "instance", False),
    ]  # fmt: skip
    assert all(one.groups == ("aws_security_group.web",) for one in network.interfaces.values())
    assert network.workloads["aws_db_instance.main"].zonal is False


def test_gateway_and_interface_endpoints() -> None:
    plan = public_plan()
    plan.add("aws_route_table.private", vpc_id=VPC)
    plan.add("aws_vpc_endpoint.s3", vpc_id=VPC, service_name="com.amazonaws.eu-west-1.s3")
    plan.add(
        "aws_vpc_endpoint_route_table_association.s3",
        route_table_id=Ref("aws_route_table.private.id"),
        vpc_endpoint_id=Ref("aws_vpc_endpoint.s3.id"),
    )
    plan.add(
        "aws_vpc_endpoint.ssm",
        vpc_id=VPC,
        service_name="com.amazonaws.eu-west-1.ssm",
        vpc_endpoint_type="Interface",
        subnet_ids=[Ref("aws_subnet.one.id")],
        security_group_ids=[Ref("aws_security_group.web.id")],
    )
    network = read(plan)
    (route,) = network.route_tables["aws_route_table.private"].routes
    assert (route.target_kind, route.target) == ("vpc-endpoint", "aws_vpc_endpoint.s3")
    assert network.prefix_lists[str(route.destination)].name == "com.amazonaws.eu-west-1.s3"
    assert network.interfaces["aws_vpc_endpoint.ssm"].groups == ("aws_security_group.web",)


def test_buckets_with_their_policies() -> None:
    policy = (
        '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",'
        ' "Resource": "arn:aws:s3:::data/*",'
        ' "Condition": {"StringNotEquals": {"aws:sourceVpce": "vpce-0123456789abcdef0"}}}]}'
    )
    plan = PlanText().add("aws_s3_bucket.data", bucket="data")
    plan.add("aws_s3_bucket_policy.data", bucket=Ref("aws_s3_bucket.data.id"), policy=policy)
    plan.add(
        "aws_s3_bucket_public_access_block.data",
        bucket=Ref("aws_s3_bucket.data.id"),
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=False,
    )
    plan.add("aws_s3_bucket.other", bucket="other")
    plan.add("aws_s3_bucket_policy.other", bucket=Ref("aws_s3_bucket.other.id"), policy=Ref("x.y"))
    network = read(plan)
    data, other = network.buckets["aws_s3_bucket.data"], network.buckets["aws_s3_bucket.other"]
    assert (data.only_through, data.blocks_public) == (("vpce-0123456789abcdef0",), False)
    assert (other.only_through, other.blocks_public) == (None, True)


def test_an_instance_without_a_subnet_lies_in_a_vpc_that_nobody_knows() -> None:
    plan = PlanText().add("aws_security_group.web", name="web", ingress=[
        group_rule(protocol="tcp", from_port=22, to_port=22, cidr_blocks=[EVERYWHERE])
    ])  # fmt: skip
    plan.add(
        "aws_instance.web", ami="ami-1", vpc_security_group_ids=[Ref("aws_security_group.web.id")]
    )
    network = read(plan)
    assert network.security_groups["aws_security_group.web"].vpc == "default VPC"
    assert network.interfaces["aws_instance.web"].subnet == "default subnet"
    assert {"default VPC", "default subnet"} <= affected(network)
    assert passing(network)[("internet", "aws_instance.web")].startswith("unknown")


def test_what_is_only_looked_up_leaves_its_rest_open() -> None:
    plan = PlanText()
    plan.data("data.aws_vpc.shared", id="vpc-1", cidr_block="10.0.0.0/16")
    plan.data(
        "data.aws_subnet.shared",
        id="subnet-1",
        vpc_id="vpc-1",
        cidr_block="10.0.1.0/24",
        availability_zone="eu-west-1a",
        map_public_ip_on_launch=False,
    )
    plan.add(
        "aws_security_group.web",
        name="web",
        egress=ALL_OUT,
        vpc_id=Same("vpc-1", ("data.aws_vpc.shared.id",)),
        ingress=ALL_OUT,
    )
    for name in ("a", "b"):
        plan.add(
            f"aws_instance.{name}",
            vpc_security_group_ids=[Ref("aws_security_group.web.id")],
            subnet_id=Same("subnet-1", ("data.aws_subnet.shared.id",)),
        )
    network = read(plan)
    assert network.interfaces["aws_instance.a"].subnet == "data.aws_subnet.shared"
    found = passing(network)
    assert found[("aws_instance.a", "aws_instance.b")] == "all"
    assert "data.aws_vpc.shared.default_network_acl_id" in affected(network)
    assert "data.aws_vpc.shared.default_route_table_id" in affected(network)
