"""Small EC2 set-ups as configurations write them, one function each.

What must come out stands beside each name in ``test_terraform_outside``.
"""

from __future__ import annotations

from planned import PlanText, Ref, Same
from planned_parts import ALL_OUT, EVERYWHERE, VPC, acl_rule, group_rule, table_route
from planned_whole import WholePlan

INGRESS, EGRESS = (f"aws_vpc_security_group_{way}_rule" for way in ("ingress", "egress"))


def _network(block: str, name: str = "main", **more: object) -> WholePlan:
    plan = WholePlan(region="us-east-1")
    plan.add(f"aws_vpc.{name}", cidr_block=block, tags={"Name": name}, **more)
    return plan


def _subnet(plan: PlanText, name: str, block: str, vpc: str = "main", **more: object) -> None:
    given: dict[str, object] = {"availability_zone": "us-east-1a", **more}
    plan.add(f"aws_subnet.{name}", vpc_id=Ref(f"aws_vpc.{vpc}.id"), cidr_block=block, **given)


def _group(plan: PlanText, name: str, vpc: str = "main", **rules: object) -> None:
    plan.add(f"aws_security_group.{name}", name=name, vpc_id=Ref(f"aws_vpc.{vpc}.id"), **rules)


def _instance(plan: PlanText, name: str, subnet: str, group: str, **more: object) -> None:
    plan.add(
        f"aws_instance.{name}",
        ami="ami-0c55b159cbfafe1f0",
        instance_type="t3.micro",
        subnet_id=Ref(f"aws_subnet.{subnet}.id"),
        vpc_security_group_ids=[Ref(f"aws_security_group.{group}.id")],
        tags={"Name": f"{name}-server"},
        **more,
    )


def _table(plan: PlanText, name: str, *subnets: str, vpc: str = "main", **inline: object) -> None:
    plan.add(f"aws_route_table.{name}", vpc_id=Ref(f"aws_vpc.{vpc}.id"), **inline)
    for subnet in subnets:
        plan.add(
            f"aws_route_table_association.{subnet}",
            subnet_id=Ref(f"aws_subnet.{subnet}.id"),
            route_table_id=Ref(f"aws_route_table.{name}.id"),
        )


def _port(port: int, protocol: str = "tcp") -> dict[str, object]:
    return {"from_port": port, "to_port": port, "protocol": protocol}


def web_and_data() -> PlanText:
    """A web server with a public address; a database behind a NAT gateway, rules one by one."""
    plan = _network("10.0.0.0/16")
    plan.add("aws_internet_gateway.main", vpc_id=VPC)
    _subnet(plan, "public", "10.0.1.0/24", map_public_ip_on_launch=True)
    _subnet(plan, "private", "10.0.2.0/24")
    _table(plan, "public", "public")
    _table(plan, "private", "private")
    plan.add("aws_eip.nat", domain="vpc")
    plan.add(
        "aws_nat_gateway.main",
        allocation_id=Ref("aws_eip.nat.id"),
        subnet_id=Ref("aws_subnet.public.id"),
    )
    for name, via in (
        ("public", {"gateway_id": Ref("aws_internet_gateway.main.id")}),
        ("private", {"nat_gateway_id": Ref("aws_nat_gateway.main.id")}),
    ):
        plan.add(
            f"aws_route.{name}",
            route_table_id=Ref(f"aws_route_table.{name}.id"),
            destination_cidr_block=EVERYWHERE,
            **via,
        )
    for name in ("web", "db", "job"):
        _group(plan, name)
    web = Ref("aws_security_group.web.id")
    plan.add(
        f"{INGRESS}.https", security_group_id=web, cidr_ipv4=EVERYWHERE,
        from_port=443, to_port=443, ip_protocol="tcp",
    )  # fmt: skip
    plan.add(f"{EGRESS}.web", security_group_id=web, cidr_ipv4=EVERYWHERE, ip_protocol="-1")
    plan.add(
        f"{INGRESS}.postgres", security_group_id=Ref("aws_security_group.db.id"),
        referenced_security_group_id=web, from_port=5432, to_port=5432, ip_protocol="tcp",
    )  # fmt: skip
    plan.add(
        f"{EGRESS}.job", security_group_id=Ref("aws_security_group.job.id"),
        cidr_ipv4=EVERYWHERE, from_port=443, to_port=443, ip_protocol="tcp",
    )  # fmt: skip
    _instance(plan, "web", "public", "web")
    _instance(plan, "db", "private", "db", private_ip="10.0.2.20")
    _instance(plan, "job", "private", "job", associate_public_ip_address=False)
    return plan


def two_acls() -> PlanText:
    """Open groups, and all the work done by network ACLs, one inline and one rule by rule."""
    plan = _network("10.1.0.0/16")
    _subnet(plan, "app", "10.1.1.0/24")
    _subnet(plan, "data", "10.1.2.0/24")
    plan.add(
        "aws_network_acl.app",
        vpc_id=VPC,
        subnet_ids=[Ref("aws_subnet.app.id")],
        ingress=[acl_rule(rule_no=100, **_port(1024) | {"to_port": 65535})],
        egress=[
            acl_rule(rule_no=100, cidr_block="10.1.2.0/24", **_port(3306)),
            acl_rule(rule_no=110, **_port(443)),
        ],
    )
    plan.add("aws_network_acl.data", vpc_id=VPC)
    plan.add(
        "aws_network_acl_association.data",
        network_acl_id=Ref("aws_network_acl.data.id"),
        subnet_id=Ref("aws_subnet.data.id"),
    )
    rules: tuple[tuple[str, int, bool, str, str, int, int], ...] = (
        ("app", 200, False, "allow", "10.1.1.0/24", 3306, 3306),
        ("upper", 100, False, "deny", "10.1.1.128/25", 3306, 3306),
        ("back", 100, True, "allow", "10.1.1.0/24", 49152, 65535),
    )
    for name, number, egress, action, block, low, high in rules:
        plan.add(
            f"aws_network_acl_rule.{name}", network_acl_id=Ref("aws_network_acl.data.id"),
            rule_number=number, egress=egress, rule_action=action, protocol="tcp",
            cidr_block=block, from_port=low, to_port=high,
        )  # fmt: skip
    _group(plan, "open")
    for way in ("ingress", "egress"):
        plan.add(
            f"aws_security_group_rule.{way}", type=way, from_port=0, to_port=0, protocol="-1",
            cidr_blocks=[EVERYWHERE], security_group_id=Ref("aws_security_group.open.id"),
        )  # fmt: skip
    _instance(plan, "app", "app", "open", private_ip="10.1.1.10")
    _instance(plan, "late", "app", "open", private_ip="10.1.1.200")
    _instance(plan, "db", "data", "open", private_ip="10.1.2.20")
    return plan


def modules() -> PlanText:
    """A network module with counted subnets, an application module with counted instances."""
    plan = WholePlan(region="us-east-1")
    plan.add("module.net.aws_vpc.this", cidr_block="10.2.0.0/16", tags={"Name": "shop"})
    for index in range(2):
        plan.add(
            f"module.net.aws_subnet.private[{index}]",
            vpc_id=Ref("aws_vpc.this.id"),
            cidr_block=f"10.2.{index}.0/24",
            availability_zone=Same(
                f"us-east-1{'ab'[index]}", ("data.aws_availability_zones.all.names", "count.index")
            ),
        )
    plan.output("net", "vpc_id", "aws_vpc.this.id")
    plan.output("net", "private_subnet_ids", "aws_subnet.private")
    plan.output("app", "group_id", "aws_security_group.this.id")
    plan.pass_in("app", vpc_id=Ref("module.net.vpc_id"),
                 subnet_ids=Ref("module.net.private_subnet_ids"))  # fmt: skip
    plan.add("module.app.aws_security_group.this", name_prefix="app-", vpc_id=Ref("var.vpc_id"))
    own = Ref("aws_security_group.this.id")
    plan.add(
        "module.app.aws_security_group_rule.gossip", type="ingress", self=True,
        from_port=7946, to_port=7946, protocol="udp", security_group_id=own,
    )  # fmt: skip
    plan.add(
        "module.app.aws_security_group_rule.out", type="egress", from_port=0, to_port=65535,
        protocol="all", cidr_blocks=[EVERYWHERE], security_group_id=own,
    )  # fmt: skip
    for index in range(2):
        plan.add(
            f"module.app.aws_instance.node[{index}]",
            ami="ami-0c55b159cbfafe1f0",
            subnet_id=Ref("var.subnet_ids", "count.index"),
            vpc_security_group_ids=[own],
            tags={"Name": f"node-{index}"},
        )
    plan.add("aws_security_group.cache", name="cache", vpc_id=Ref("module.net.vpc_id"))
    for key, port in (("plain", 6379), ("tls", 6380)):
        plan.add(
            f'aws_security_group_rule.cache["{key}"]', type="ingress",
            from_port=port, to_port=port, protocol="6",
            source_security_group_id=Ref("module.app.group_id"),
            security_group_id=Ref("aws_security_group.cache.id"),
        )  # fmt: skip
    plan.add(
        "aws_instance.cache",
        ami="ami-0c55b159cbfafe1f0",
        subnet_id=Ref("module.net.private_subnet_ids[1]"),
        vpc_security_group_ids=[Ref("aws_security_group.cache.id")],
    )
    return plan


def balanced() -> PlanText:
    """An Application Load Balancer in two zones before two instances, which only it may ask."""
    plan = _network("10.3.0.0/16")
    plan.add("aws_internet_gateway.main", vpc_id=VPC)
    gateway = Ref("aws_internet_gateway.main.id")
    for index, zone in enumerate("ab"):
        _subnet(plan, f"public_{zone}", f"10.3.{index}.0/24", map_public_ip_on_launch=True,
                availability_zone=f"us-east-1{zone}")  # fmt: skip
    _subnet(plan, "app", "10.3.16.0/24")
    _table(plan, "public", "public_a", "public_b",
           route=[table_route(cidr_block=EVERYWHERE, gateway_id=gateway)])  # fmt: skip
    balancer, app = (Ref(f"aws_security_group.{one}.id") for one in ("balancer", "app"))
    _group(plan, "balancer",
           ingress=[group_rule(cidr_blocks=[EVERYWHERE], **_port(443)),
                    group_rule(cidr_blocks=["203.0.113.0/24"], **_port(8443))],
           egress=ALL_OUT)  # fmt: skip
    _group(plan, "app", ingress=[group_rule(security_groups=[balancer], **_port(8080))])
    plan.add(
        "aws_lb.front", name="front", internal=False, security_groups=[balancer],
        subnets=[Ref("aws_subnet.public_a.id"), Ref("aws_subnet.public_b.id")],
    )  # fmt: skip
    plan.add("aws_lb_target_group.app", name="app", port=8080, protocol="HTTP", vpc_id=VPC)
    plan.add(
        "aws_lb_listener.https", load_balancer_arn=Ref("aws_lb.front.arn"), port=443,
        protocol="HTTPS", default_action=[{
            "type": "forward", "order": 1, "target_group_arn": Ref("aws_lb_target_group.app.arn"),
            "authenticate_cognito": [], "authenticate_oidc": [], "fixed_response": [],
            "forward": [], "redirect": [],
        }],
    )  # fmt: skip
    for index in range(2):
        plan.add(
            f"aws_instance.app[{index}]", ami="ami-0c55b159cbfafe1f0",
            subnet_id=Ref("aws_subnet.app.id"), vpc_security_group_ids=[app],
            private_ip=f"10.3.16.{10 + index}",
        )  # fmt: skip
        plan.add(
            f"aws_lb_target_group_attachment.app[{index}]",
            target_group_arn=Ref("aws_lb_target_group.app.arn"),
            target_id=Ref("aws_instance.app", "count.index"),
            port=8080,
        )
    return plan


def peered() -> PlanText:
    """Two VPCs that peer; one subnet of the second has no way back. Adopted default groups."""
    plan = _network("10.4.0.0/16", "left")
    plan.add("aws_vpc.right", cidr_block="10.5.0.0/16")
    plan.add(
        "aws_vpc_peering_connection.both", vpc_id=Ref("aws_vpc.left.id"),
        peer_vpc_id=Ref("aws_vpc.right.id"), auto_accept=True,
    )  # fmt: skip
    peering = Ref("aws_vpc_peering_connection.both.id")
    _subnet(plan, "ops", "10.4.1.0/24", "left")
    _subnet(plan, "there", "10.5.1.0/24", "right")
    _subnet(plan, "mute", "10.5.2.0/24", "right")
    plan.add(
        "aws_default_route_table.left",
        default_route_table_id=Ref("aws_vpc.left.default_route_table_id"),
        route=[table_route(cidr_block="10.5.0.0/16", vpc_peering_connection_id=peering)],
    )
    _table(plan, "right", "there", vpc="right")
    plan.add(
        "aws_route.right", route_table_id=Ref("aws_route_table.right.id"),
        destination_cidr_block="10.4.1.0/24", vpc_peering_connection_id=peering,
    )  # fmt: skip
    plan.add("aws_default_security_group.left", vpc_id=Ref("aws_vpc.left.id"), egress=ALL_OUT)
    plan.add(
        "aws_default_security_group.right",
        vpc_id=Ref("aws_vpc.right.id"),
        ingress=[
            group_rule(cidr_blocks=["10.4.0.0/16"], **_port(22)),
            group_rule(cidr_blocks=["10.4.1.0/24"], protocol="icmp", from_port=8, to_port=0),
            group_rule(self=True),
        ],
    )
    for name, subnet, side in (("ops", "ops", "left"), ("far", "there", "right"),
                               ("lost", "mute", "right")):  # fmt: skip
        plan.add(
            f"aws_instance.{name}",
            ami="ami-0c55b159cbfafe1f0",
            subnet_id=Ref(f"aws_subnet.{subnet}.id"),
            **(
                {"vpc_security_group_ids": [Ref(f"aws_default_security_group.{side}.id")]}
                if name != "far"
                else {}
            ),
        )
    return plan


def lists_and_sixes() -> PlanText:
    """IPv6 outwards only, a prefix list of one's own, an interface with an Elastic IP."""
    plan = _network("10.6.0.0/16", assign_generated_ipv6_cidr_block=True)
    plan.data(
        "data.aws_ec2_managed_prefix_list.s3", id="pl-63a5400a", name="com.amazonaws.us-east-1.s3",
        entries=[{"cidr": "52.216.0.0/15", "description": ""}], owner_id="AWS",
        address_family="IPv4",
    )  # fmt: skip
    plan.add("aws_internet_gateway.main", vpc_id=VPC)
    plan.add("aws_egress_only_internet_gateway.main", vpc_id=VPC)
    _subnet(plan, "edge", "10.6.1.0/24")
    _subnet(plan, "inner", "10.6.2.0/24", ipv6_cidr_block=Ref("aws_vpc.main.ipv6_cidr_block"),
            assign_ipv6_address_on_creation=True)  # fmt: skip
    gateway = Ref("aws_internet_gateway.main.id")
    six = Ref("aws_egress_only_internet_gateway.main.id")
    _table(plan, "edge", "edge", route=[table_route(cidr_block=EVERYWHERE, gateway_id=gateway)])
    _table(plan, "inner", "inner",
           route=[table_route(ipv6_cidr_block="::/0", egress_only_gateway_id=six)])  # fmt: skip
    plan.add(
        "aws_ec2_managed_prefix_list.offices", name="offices", address_family="IPv4",
        max_entries=5, entry=[{"cidr": "198.51.100.0/24", "description": ""},
                              {"cidr": "10.6.2.0/24", "description": ""}],
    )  # fmt: skip
    _group(plan, "edge")
    plan.add(
        "aws_security_group_rule.offices", type="ingress", from_port=22, to_port=22,
        protocol="tcp", prefix_list_ids=[Ref("aws_ec2_managed_prefix_list.offices.id")],
        security_group_id=Ref("aws_security_group.edge.id"),
    )  # fmt: skip
    _group(plan, "inner", egress=[
        group_rule(cidr_blocks=[EVERYWHERE], **_port(22)),
        group_rule(ipv6_cidr_blocks=["::/0"], **_port(443)),
    ])  # fmt: skip
    plan.add(
        "aws_network_interface.edge",
        subnet_id=Ref("aws_subnet.edge.id"),
        private_ips=["10.6.1.50"],
        security_groups=[Ref("aws_security_group.edge.id")],
    )
    plan.add(
        "aws_instance.edge",
        ami="ami-0c55b159cbfafe1f0",
        network_interface=[{
            "device_index": 0, "network_interface_id": Ref("aws_network_interface.edge.id"),
            "delete_on_termination": False, "network_card_index": 0,
        }],
    )  # fmt: skip
    plan.add("aws_eip.edge", domain="vpc", network_interface=Ref("aws_network_interface.edge.id"))
    _instance(plan, "inner", "inner", "inner", ipv6_address_count=1)
    return plan
