"""Network ACLs: every packet of every flow passes, and nothing that no flow asks for."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from itertools import product

import pytest
from design_tables import acl_rules, acl_table, built, edges, example, passes, same_as_golden
from hypothesis import HealthCheck, given, settings

from ringwall.design.addresses import reserved
from ringwall.design.build import Design, build
from ringwall.model.errors import InputError
from ringwall.model.policy import Flow, Selector
from ringwall.model.services import ranges_of
from ringwall.spec.load import SpecFile, parse_spec
from strategies import spec_files

TCP, UDP = 6, 17
TIERS = ("public", "app", "data")
S3 = IPv4Address("52.216.1.1")
SOMEWHERE = IPv4Address("93.184.216.34")
#: A packet at the edge of a tier's subnets: tier, outgoing?, the far address, its ports.
Packet = tuple[str, bool, IPv4Address, tuple[int, int]]

WIDE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", ["chat", "clinic", "large", "minimal"])
def test_the_tables_of_the_examples(name: str) -> None:
    same_as_golden(f"{name}-acls.txt", acl_table(example(name)))


def tier_of(file: SpecFile, end: Selector) -> str | None:
    if end.name == "endpoints":
        return "app"
    service = file.spec.services.get(end.name) if end.kind == "service" else None
    return None if service is None or service.kind == "bucket" else service.tier


def addresses(design: Design, file: SpecFile, end: Selector) -> list[IPv4Address]:
    """Addresses that stand for an end: both extremes of its subnets, or of its block."""
    tier = tier_of(file, end)
    if tier:
        subnets = design.plan.subnets[tier]
        return [subnets[0][4], subnets[-1][-2]]
    if end.kind == "address":
        block = IPv4Network(end.name)
        inside = [block[0], block[-1]]
        return [SOMEWHERE] if block.prefixlen == 0 else inside
    return [S3 if end.kind == "service" else SOMEWHERE]


def way(design: Design, file: SpecFile, flow: Flow) -> Iterator[Packet]:
    """The packets of a flow at each edge that they cross, told step by step."""
    (service,) = ranges_of(flow.services)
    port, client = (service.low, service.high), flow.client_ports
    source, target = tier_of(file, flow.source), tier_of(file, flow.target)
    nat = [design.plan.subnets["public"][0][4]]
    pairs = product(addresses(design, file, flow.source), addresses(design, file, flow.target))
    for here, there in pairs:
        if source:
            yield source, True, there, port
            yield source, False, there, client
        if target:
            yield target, False, here, port
            yield target, True, here, client
        if source and flow.target.kind == "address":
            assert nat
            yield "public", False, here, port
            yield "public", True, there, port
            yield "public", False, there, (1024, 65535)
            yield "public", True, here, client


def check_flows_pass(file: SpecFile) -> None:
    design = build(file)
    tables = {(tier, out): acl_rules(design.tree, tier, out) for tier in TIERS
              for out in (False, True)}  # fmt: skip
    for flow in design.policy.flows:
        (service,) = ranges_of(flow.services)
        for tier, out, far, (low, high) in way(design, file, flow):
            rules = tables[tier, out]
            closed = [
                port
                for port in edges(rules, low, high)
                if not passes(rules, far, service.protocol, port)
            ]
            assert not closed, (str(flow.source), str(flow.target), tier, out, str(far), closed)


@WIDE
@given(spec_files())
def test_every_packet_of_every_flow_passes_to_every_port_of_its_client(file: SpecFile) -> None:
    check_flows_pass(file)


@WIDE
@given(spec_files())
def test_nothing_passes_between_public_and_data(file: SpecFile) -> None:
    design = build(file)
    for here, there in (("public", "data"), ("data", "public")):
        for out in (False, True):
            rules = acl_rules(design.tree, here, out)
            assert rules[0]["RuleAction"] == "deny"
            for subnet in design.plan.subnets[there]:
                for protocol, port in product((1, TCP, UDP, 47), edges(rules)):
                    for far in (subnet[4], subnet[-2]):
                        assert not passes(rules, far, protocol, port)


def asked(design: Design, file: SpecFile) -> set[tuple[str, bool, str, int, int, int]]:
    """Who may pass where, as plain facts: tier, outgoing?, the far side's block, ports."""
    blocks = {tier: str(block) for tier, block in design.plan.blocks.items()}
    found = set()
    for flow in design.policy.flows:
        (service,) = ranges_of(flow.services)
        source, target = tier_of(file, flow.source), tier_of(file, flow.target)
        near = blocks.get(source or "", flow.source.name or "0.0.0.0/0")
        far = flow.target.name if flow.target.kind == "address" else "0.0.0.0/0"
        far = blocks.get(target or "", far)
        port, client = (service.low, service.high), flow.client_ports
        facts = []
        if source:
            facts += [(source, True, far, port), (source, False, far, client)]
        if target:
            facts += [(target, False, near, port), (target, True, near, client)]
        if source and flow.target.kind == "address":
            facts += [
                ("public", False, near, port),
                ("public", True, far, port),
                ("public", False, far, (1024, 65535)),
                ("public", True, near, client),
            ]
        found |= {(tier, out, peer, service.protocol, *ports) for tier, out, peer, ports in facts}
    return found


def check_exact(file: SpecFile) -> None:
    design = build(file)
    vpc, facts = design.plan.vpc, asked(design, file)
    places = [block[at] for block in (*design.plan.blocks.values(), reserved(design.plan))
              for at in (5, -5)]  # fmt: skip
    places += [S3, SOMEWHERE, IPv4Address("203.0.113.5"), IPv4Address("198.51.100.200")]
    for tier, out in product(TIERS, (False, True)):
        rules = acl_rules(design.tree, tier, out)
        for far, protocol, port in product(places, (TCP, UDP), edges(rules)):
            intended = any(
                (tier, out, protocol) == (at, way, number)
                and far in IPv4Network(peer)
                and (far in vpc) <= IPv4Network(peer).subnet_of(vpc)
                and low <= port <= high
                for at, way, peer, number, low, high in facts
            )
            assert passes(rules, far, protocol, port) == intended, (tier, out, str(far), port)


@WIDE
@given(spec_files(most_apps=5, most_stores=2))
def test_a_table_means_exactly_what_the_flows_ask_for(file: SpecFile) -> None:
    check_exact(file)


def ten_services(*, ports: range = range(8000, 8100, 10)) -> str:
    """Ten services on ten ports, each behind the load balancer and each called by its neighbour."""
    lines = ["name: ten", "services:", "  web: {kind: load-balancer}"]
    for at, port in enumerate(ports):
        before = f", s{(at - 1) % len(ports)}"
        paths = "" if at == 0 else f", paths: [/s{at}/*]"
        lines.append(f"  s{at}: {{kind: service, port: {port}, from: [web{before}]{paths}}}")
    lines += [
        "  records: {kind: postgres, from: [s0, s1]}",
        "  cache: {kind: redis, from: [s2]}",
        "  documents: {kind: bucket, from: [s3]}",
        "egress:",
        "  s1: [{to: 203.0.113.0/24, port: 443, why: payments}]",
    ]
    return "\n".join(lines)


def test_ten_services_on_ten_ports_fit_and_mean_the_same() -> None:
    """Ports that the public tier and the app tier both need are said once for both."""
    file = parse_spec(ten_services())
    design = build(file)
    same_as_golden("ten-services-acls.txt", acl_table(design))
    for tier, out in product(TIERS, (False, True)):
        assert len(acl_rules(design.tree, tier, out)) <= 19
    check_flows_pass(file)
    check_exact(file)


def test_what_cannot_fit_is_told_with_places_and_a_mend() -> None:
    with pytest.raises(InputError) as caught:
        built(ten_services(ports=range(8000, 8400, 20)))
    first = caught.value.diagnostics[0]
    assert first.code == "RW-DESIGN-001"
    assert first.message == (
        "the network ACL of the public tier needs 25 outbound rules, "
        "and AWS allows 20 with its own final one"
    )
    assert "neighbouring ports" in first.help
    assert first.origin.line is not None
    assert first.related


def test_neighbouring_ports_are_the_mend() -> None:
    design = built(ten_services(ports=range(8000, 8020)))
    assert len(acl_rules(design.tree, "public", True)) < 10


def test_a_zone_changes_no_rule_and_a_service_at_the_end_moves_none() -> None:
    text = ten_services(ports=range(8000, 8040, 10))
    before = built(text)
    wider = built(text.replace("name: ten", "name: ten\nnetwork: {zones: 4}"))
    assert acl_table(before) == acl_table(wider)
    later = built(
        text.replace(
            "egress:", "  late: {kind: service, port: 9500, from: [web], paths: [/z]}\negress:"
        )
    )
    kept = {one.name: one for one in later.tree.of_type("AWS::EC2::NetworkAclEntry")}
    for one in before.tree.of_type("AWS::EC2::NetworkAclEntry"):
        number = one.properties["RuleNumber"]
        if number < 10000:
            assert kept[one.name] == one


@WIDE
@given(spec_files())
def test_numbers_are_aws_numbers_and_bands_keep_their_order(file: SpecFile) -> None:
    design = build(file)
    for tier, out in product(TIERS, (False, True)):
        rules = acl_rules(design.tree, tier, out)
        numbers = [rule["RuleNumber"] for rule in rules]
        assert len(set(numbers)) == len(numbers) <= 19
        assert all(1 <= number <= 32766 for number in numbers)
        (rest,) = [rule for rule in rules if rule["RuleNumber"] == 9000]
        assert (rest["RuleAction"], rest["CidrBlock"]) == ("deny", str(design.plan.vpc))
        inside = [IPv4Network(rule["CidrBlock"]).subnet_of(design.plan.vpc)
                  for rule in rules if rule["RuleNumber"] < 9000]  # fmt: skip
        assert all(inside)
