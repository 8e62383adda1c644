"""What joins VPCs to other networks and what stands between: whole, and one oddity at a time."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_text import text_of

from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.sources.cloudformation import read_template
from ringwall.sources.cloudformation.firewall_text import address_set, port_set

GOLDEN = Path(__file__).parent / "golden"
BEYOND = (GOLDEN / "beyond.yaml").read_text(encoding="utf-8")
BASE = """
Parameters: {P: {Type: String}}
Conditions: {Maybe: !Equals [!Ref P, x]}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24,
      AvailabilityZone: us-east-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24,
      AvailabilityZone: us-east-1b}}
  Igw: {Type: AWS::EC2::InternetGateway}
  At: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc,
       InternetGatewayId: !Ref Igw}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
"""


def one(name: str, kind: str, properties: str = "", condition: str = "") -> str:
    when = f"Condition: {condition}, " if condition else ""
    return f"  {name}: {{Type: 'AWS::{kind}', {when}Properties: {{{properties}}}}}\n"


def read(*parts: str) -> Network:
    return read_template(BASE + "".join(parts), "t.yaml")


def affected(network: Network) -> set[str]:
    return {name for gap in network.gaps for name in gap.affects}


def test_the_whole_reads_as_its_golden_says() -> None:
    found = text_of(read_template(BEYOND, "beyond.yaml"))
    path = GOLDEN / "beyond.txt"
    if os.environ.get("RINGWALL_RENEW"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_edge_tables_and_tags_of_appliances() -> None:
    network = read_template(BEYOND, "beyond.yaml")
    assert network.route_tables["EdgeRoutes"].gateways == ("Internet",)
    box = network.interfaces["Box@HubA"]
    assert (box.forwards, box.source_dest_check) == (True, False)
    assert network.endpoints["Scanner"].subnets == ("HubA",)
    assert network.endpoints["Second"].subnets == ("SpokeA",)
    (route,) = [one for one in network.route_tables["HubRoutes"].routes if one.propagated]
    assert (route.certain, route.target) == (True, "Door")


@pytest.mark.parametrize(("word", "forwards"), [("all", True), ("none", False), ("some", None)])
def test_only_the_two_words_say_what_an_appliance_does(word: str, forwards: bool | None) -> None:
    tags = f"SubnetId: !Ref A, Tags: [{{Key: 'ringwall:forwards', Value: {word}}}]"
    network = read(one("Card", "EC2::NetworkInterface", tags))
    assert network.interfaces["Card"].forwards is forwards


TRANSIT = one("Tgw", "EC2::TransitGateway") + one(
    "Join", "EC2::TransitGatewayAttachment",
    "TransitGatewayId: !Ref Tgw, VpcId: !Ref Vpc, SubnetIds: [!Ref A]",
)  # fmt: skip
OWN = one("Own", "EC2::TransitGatewayRouteTable", "TransitGatewayId: !Ref Tgw")
SERVED = "TransitGatewayRouteTableId: !Ref Own, TransitGatewayAttachmentId: !Ref Join"


def test_an_attachment_joins_the_default_table_by_itself() -> None:
    table = read(TRANSIT).transit_route_tables["Tgw.DefaultRouteTable"]
    assert (table.associated, table.propagating) == (("Join",), ("Join",))


def test_a_table_that_the_gateway_names_is_its_default() -> None:
    named = TRANSIT.replace("Properties: {}", "Properties: {AssociationDefaultRouteTableId: Own}")
    network = read(named, OWN)
    assert network.transit_route_tables["Own"].associated == ("Join",)
    assert network.transit_route_tables["Tgw.DefaultRouteTable"].propagating == ("Join",)


DOUBTS = [
    ("two tables", TRANSIT + OWN + one("X", "EC2::TransitGatewayRouteTableAssociation", SERVED),
     "Join"),
    ("a perhaps association", TRANSIT.replace("Properties: {}",
     "Properties: {DefaultRouteTableAssociation: disable}", 1) + OWN
     + one("X", "EC2::TransitGatewayRouteTableAssociation", SERVED, "Maybe"), "Join"),
    ("a perhaps propagation", TRANSIT + OWN
     + one("X", "EC2::TransitGatewayRouteTablePropagation", SERVED, "Maybe"), "Own"),
    ("an open default", TRANSIT.replace("Properties: {}",
     "Properties: {DefaultRouteTableAssociation: !Ref P}", 1), "Join"),
    ("a perhaps gateway", one("Tgw", "EC2::TransitGateway", "", "Maybe"), "Tgw"),
    ("a gateway elsewhere", one("Join", "EC2::TransitGatewayAttachment",
     "TransitGatewayId: tgw-1, VpcId: !Ref Vpc, SubnetIds: [!Ref A]"), "Join"),
    ("IPv6 over an attachment that may not carry it", TRANSIT + one("R", "EC2::Route",
     "RouteTableId: !Ref Table, DestinationIpv6CidrBlock: '::/0', TransitGatewayId: !Ref Tgw"),
     "Join"),
    ("a perhaps peering", one("Peer", "EC2::VPCPeeringConnection",
     "VpcId: !Ref Vpc, PeerVpcId: vpc-9", "Maybe"), "Peer"),
    ("a perhaps VPN gateway", one("Vgw", "EC2::VPNGateway", "Type: ipsec.1", "Maybe"), "Vgw"),
    ("selectors of a VPN", one("Vpn", "EC2::VPNConnection",
     "Type: ipsec.1, VpnGatewayId: vgw-1, CustomerGatewayId: cgw-1,"
     " LocalIpv4NetworkCidr: 10.9.0.0/16"), "Vpn"),
    ("an exclusion alone", one("Not", "EC2::VPCBlockPublicAccessExclusion",
     "VpcId: !Ref Vpc, InternetGatewayExclusionMode: allow-egress"), "Igw"),
    ("an open switch", one("Bpa", "EC2::VPCBlockPublicAccessOptions",
     "InternetGatewayBlockMode: !Ref P"), "Igw"),
    ("a perhaps switch", one("Bpa", "EC2::VPCBlockPublicAccessOptions",
     "InternetGatewayBlockMode: block-ingress", "Maybe"), "Igw"),
    ("a perhaps group elsewhere", one("G", "EC2::SecurityGroup", "VpcId: !Ref Vpc")
     + one("S", "EC2::SecurityGroupVpcAssociation", "GroupId: !Ref G, VpcId: vpc-2", "Maybe"),
     "G"),
    ("a firewall at a transit gateway", one("Fw", "NetworkFirewall::Firewall",
     "FirewallPolicyArn: x, TransitGatewayId: tgw-1"), "tgw-1"),
    ("an open kind of NAT", one("Nat", "EC2::NatGateway",
     "SubnetId: !Ref A, ConnectivityType: !Ref P"), "Nat"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), [row[1:] for row in DOUBTS], ids=[r[0] for r in DOUBTS])
def test_doubt_makes_what_it_touches_unknown(text: str, name: str) -> None:
    assert name in affected(read(text))


def test_a_group_in_a_second_vpc() -> None:
    group = one("G", "EC2::SecurityGroup", "VpcId: !Ref Vpc")
    more = one("S", "EC2::SecurityGroupVpcAssociation", "GroupId: !GetAtt G.GroupId, VpcId: vpc-2")
    assert read(group, more).security_groups["G"].vpcs == ("vpc-2",)


def test_a_regional_nat_gateway_with_a_route_of_its_own() -> None:
    nat = one("Nat", "EC2::NatGateway", "VpcId: !Ref Vpc, AvailabilityMode: regional,"
              " AvailabilityZoneAddresses: [{AvailabilityZone: us-east-1a}]")  # fmt: skip
    out = one("Out", "EC2::Route", "RouteTableId: !GetAtt Nat.RouteTableId,"
              " DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw")  # fmt: skip
    network = read(nat, out)
    found = network.nat_gateways["Nat"]
    assert (found.zones, found.route_table) == (("us-east-1a",), "Nat")
    assert [route.certain for route in network.route_tables["Nat"].routes] == [True]


def test_what_a_vpn_learns_is_an_uncertain_route() -> None:
    network = read(
        one("Vgw", "EC2::VPNGateway", "Type: ipsec.1"),
        one("Vpn", "EC2::VPNConnection",
            "Type: ipsec.1, VpnGatewayId: !Ref Vgw, CustomerGatewayId: c"),
        one("Let", "EC2::VPNGatewayRoutePropagation",
            "RouteTableIds: [!Ref Table], VpnGatewayId: !Ref Vgw"),
    )  # fmt: skip
    (route,) = network.route_tables["Table"].routes
    assert (route.propagated, route.certain, str(route.destination)) == (True, False, "0.0.0.0/0")


def wall(default: str, *groups: str, rules: str = "") -> Network:
    listed = ", ".join(f"{{ResourceArn: !Ref {name}, Priority: {n}}}"
                       for n, name in enumerate(groups, 1))  # fmt: skip
    return read(
        one("Fw", "NetworkFirewall::Firewall", "FirewallPolicyArn: !Ref Policy, VpcId: !Ref Vpc,"
            " SubnetMappings: [{SubnetId: !Ref A}]"),
        one("Policy", "NetworkFirewall::FirewallPolicy", "FirewallPolicy: {"
            "StatelessDefaultActions: ['aws:forward_to_sfe'],"
            " StatelessFragmentDefaultActions: ['aws:forward_to_sfe'],"
            f" StatefulRuleGroupReferences: [{listed}]{default}}}"),
        rules,
    )  # fmt: skip


def stateful(name: str, source: str) -> str:
    return one(
        name, "NetworkFirewall::RuleGroup", f"Type: STATEFUL, RuleGroup: {{RulesSource: {source}}}"
    )


STRICT = ", StatefulEngineOptions: {RuleOrder: STRICT_ORDER}"


@pytest.mark.parametrize(
    "source", ["{RulesString: 'pass tcp any any -> any any (sid:1;)'}",
               "{RulesSourceList: {GeneratedRulesType: ALLOWLIST, Targets: [x]}}",
               "{StatefulRules: [{Action: PASS, Header: {Protocol: TCP, Source: '$WHO'}}]}",
               "{StatefulRules: [{Action: PASS, Header: {Protocol: TCP, Source: '@set'}}]}",
               "{StatefulRules: !Ref P}"]
)  # fmt: skip
def test_what_is_no_five_tuple_is_opaque(source: str) -> None:
    found = wall("", "G", rules=stateful("G", source)).firewalls["Fw"]
    assert found.opaque
    assert "`G`" in found.opaque


def test_groups_of_the_strict_order_go_by_priority() -> None:
    rule = "{{StatefulRules: [{{Action: {0}, Header: {{Protocol: TCP, DestinationPort: '{1}'}}}}]}}"
    rules = stateful("One", rule.format("DROP", 1)) + stateful("Two", rule.format("PASS", 2))
    found = wall(STRICT, "Two", "One", rules=rules).firewalls["Fw"]
    assert [(one.priority, one.action) for one in found.stateful] == [(1, "pass"), (2, "drop")]
    assert found.strict
    assert found.stateful_default == "pass"


def test_established_drops_let_connections_begin() -> None:
    default = f"{STRICT}, StatefulDefaultActions: ['aws:drop_established']"
    (last,) = wall(default).firewalls["Fw"].stateful
    assert (last.action, last.certain) == ("drop", False)


@pytest.mark.parametrize("strict", [True, False])
def test_an_alert_may_end_the_judging_in_the_strict_order_only(strict: bool) -> None:
    source = "{StatefulRules: [{Action: ALERT, Header: {Protocol: TCP}}]}"
    found = wall(STRICT if strict else "", "G", rules=stateful("G", source)).firewalls["Fw"]
    assert [(one.action, one.certain) for one in found.stateful] == [("pass", False)] * strict


def test_addresses_and_ports_as_suricata_writes_them() -> None:
    known = {"NET": address_set("[10.0.0.0/8,!10.1.0.0/16]", {})}
    assert address_set("!$NET", known) == address_set("any", {}) - known["NET"]
    assert address_set("[!10.0.0.0/8]", {}) == address_set("!10.0.0.0/8", {})
    assert port_set("[80,100:200,!150,65000:]", {}).intervals == (
        (80, 80), (100, 149), (151, 200), (65000, 65535),
    )  # fmt: skip
    for wrong in ("[" * 20, "x", "70000", "9:1", "$", "!" * 500 + "1"):
        with pytest.raises(ValueError, match=r"."):
            port_set(wrong, {})


HOSTILE = [
    ("a switch that is a number", one("T", "EC2::TransitGateway", "DnsSupport: 1,"
     " DefaultRouteTableAssociation: 7")),
    ("a mode that is none", one("Bpa", "EC2::VPCBlockPublicAccessOptions",
     "InternetGatewayBlockMode: maybe")),
    ("no mode", one("Bpa", "EC2::VPCBlockPublicAccessOptions")),
    ("a transit route to a list", TRANSIT + OWN + one("R", "EC2::TransitGatewayRoute",
     "TransitGatewayRouteTableId: !Ref Own, DestinationCidrBlock: [a]")),
    ("a transit route to nowhere", TRANSIT + OWN + one("R", "EC2::TransitGatewayRoute",
     "TransitGatewayRouteTableId: !Ref Own, TransitGatewayAttachmentId: !Ref Join")),
    ("a static route to a word", one("R", "EC2::VPNConnectionRoute",
     "VpnConnectionId: x, DestinationCidrBlock: word")),
    ("a port beyond 65535", one("Fw", "NetworkFirewall::Firewall",
     "FirewallPolicyArn: !Ref Po") + one("Po", "NetworkFirewall::FirewallPolicy",
     "FirewallPolicy: {StatelessRuleGroupReferences: [{ResourceArn: !Ref G, Priority: 1}]}")
     + one("G", "NetworkFirewall::RuleGroup", "Type: STATELESS, RuleGroup: {RulesSource:"
     " {StatelessRulesAndCustomActions: {StatelessRules: [{Priority: 1, RuleDefinition:"
     " {Actions: ['aws:pass'], MatchAttributes: {DestinationPorts: [{FromPort: 70000}]}}}]}}}")),
    ("subnets that are texts", one("Fw", "NetworkFirewall::Firewall",
     "FirewallPolicyArn: x, SubnetMappings: [a]")),
]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_wrong_shapes_are_told_with_their_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    first = caught.value.diagnostics[0]
    assert first.code == "RW-CFN-010"
    assert first.origin.line is not None
    assert first.origin.line > 10


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from("ABC"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Ref", "Fn::If", "SubnetId", "Priority"]), inner,
                          max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip
_TYPES = st.sampled_from(
    """
    EC2::VPCPeeringConnection EC2::TransitGateway EC2::TransitGatewayAttachment
    EC2::TransitGatewayPeeringAttachment EC2::TransitGatewayRouteTable EC2::TransitGatewayConnect
    EC2::TransitGatewayRouteTableAssociation EC2::TransitGatewayRouteTablePropagation
    EC2::TransitGatewayRoute EC2::VPNGateway EC2::VPNConnection EC2::VPNConnectionRoute
    EC2::VPNGatewayRoutePropagation EC2::SecurityGroupVpcAssociation EC2::NatGateway
    EC2::VPCBlockPublicAccessOptions EC2::VPCBlockPublicAccessExclusion EC2::RouteTable
    NetworkFirewall::Firewall NetworkFirewall::FirewallPolicy NetworkFirewall::RuleGroup
    NetworkFirewall::VpcEndpointAssociation DirectConnect::DirectConnectGatewayAssociation
    """.split()  # noqa: SIM905 - a list of these would be a page
).map("AWS::{}".format)
_KEYS = st.sampled_from(
    """
    VpcId PeerVpcId PeerOwnerId PeerRegion TransitGatewayId SubnetIds Options Tags GroupId
    TransitGatewayRouteTableId TransitGatewayAttachmentId DestinationCidrBlock Blackhole
    VpnGatewayId StaticRoutesOnly RouteTableIds VpnConnectionId InternetGatewayBlockMode
    AvailabilityMode AvailabilityZoneAddresses FirewallPolicyArn SubnetMappings FirewallPolicy
    RuleGroup Type FirewallArn SubnetMapping AssociatedGatewayId DirectConnectGatewayId
    AllowedPrefixesToDirectConnectGateway DefaultRouteTableAssociation
    """.split()  # noqa: SIM905 - a list of these would be a page
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("ABC"),
        st.fixed_dictionaries(
            {"Type": _TYPES, "Properties": st.dictionaries(_KEYS, _JUNK, max_size=6)}
        ),
        min_size=1,
    )
)
def test_junk_in_properties_never_breaks_the_reader(made: dict[str, object]) -> None:
    with suppress(InputError):
        read_template(json.dumps({"Resources": made}), "junk.json")
