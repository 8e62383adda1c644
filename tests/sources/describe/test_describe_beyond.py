"""What joins VPCs to other networks: peering, transit gateways, the ways on premises, sharing."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from describe_beyond import (
    ACCESS,
    PEERING,
    PREMISES,
    TRANSIT,
    all_of_it,
    attachment,
    two,
    vpc_attachment,
)
from describe_dumps import affected, interface, messages, read, whole

from ringwall.model.beyond import PublicAccessExclusion
from ringwall.model.errors import InputError
from ringwall.sources.describe import read_describe


def test_a_dump_of_everything_has_no_gaps(tmp_path: Path) -> None:
    assert read(tmp_path, all_of_it()).gaps == ()


def test_peerings(tmp_path: Path) -> None:
    peering = read(tmp_path, two(PEERING)).peerings["pcx-1"]
    assert (peering.requester.vpc, peering.accepter.vpc) == ("vpc-1", "vpc-2")
    assert list(map(str, peering.accepter.cidrs)) == ["10.2.0.0/16", "2001:db8:2::/56"]
    assert (peering.active, peering.requester.region) == (True, "eu-west-1")


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ({"Code": "pending-acceptance"}, False),
        ({"Code": "deleted"}, False),
        ({"Code": "provisioning"}, False),
        (None, None),
    ],
)
def test_peerings_that_carry_nothing(
    tmp_path: Path, status: dict[str, str] | None, active: bool | None
) -> None:
    one = {**PEERING["VpcPeeringConnections"][0], "Status": status}
    network = read(tmp_path, two(VpcPeeringConnections=[one]))
    assert network.peerings["pcx-1"].active is active


def test_a_peering_without_its_vpcs_is_unknown(tmp_path: Path) -> None:
    one = {**PEERING["VpcPeeringConnections"][0], "AccepterVpcInfo": None}
    assert affected(read(tmp_path, two(VpcPeeringConnections=[one]))) == {"pcx-1"}


def test_two_accounts_see_one_peering(tmp_path: Path) -> None:
    """Each side knows its own options only; what both say together counts."""
    mine = PEERING["VpcPeeringConnections"][0]
    far = {**mine["AccepterVpcInfo"], "PeeringOptions": {"AllowDnsResolutionFromRemoteVpc": True}}
    for account, one in (("1", mine), ("2", {**mine, "AccepterVpcInfo": far})):
        folder = tmp_path / "accounts" / account / "eu-west-1"
        folder.mkdir(parents=True)
        text = json.dumps({"VpcPeeringConnections": [one]})
        (folder / "VpcPeeringConnections.json").write_text(text, encoding="utf-8")
    (tmp_path / "rest.json").write_text(json.dumps(two()), encoding="utf-8")
    assert read_describe(tmp_path).gaps == ()


def test_transit_gateways(tmp_path: Path) -> None:
    network = read(tmp_path, two(TRANSIT))
    gateway = network.transit_gateways["tgw-1"]
    assert (gateway.region, gateway.group_references) == ("eu-west-1", True)
    first, second = network.transit_attachments.values()
    assert (first.kind, first.resource, first.subnets) == ("vpc", "vpc-1", ("subnet-1",))
    assert (first.available, first.appliance_mode, first.group_references) == (True, False, True)
    assert (second.appliance_mode, second.group_references) == (True, None)
    table = network.transit_route_tables["tgw-rtb-1"]
    assert table.associated == ("tgw-attach-1", "tgw-attach-2")
    assert table.propagating == ("tgw-attach-1",)
    one, hole = table.routes
    assert (str(one.destination), one.attachment, one.propagated) == (
        "10.2.0.0/16",
        "tgw-attach-2",
        False,
    )
    assert (hole.attachment, hole.blackhole) == ("", True)


ROUTES = TRANSIT["TransitGatewayStaticRoutes"][0]["Routes"]
PROPAGATIONS = TRANSIT["TransitGatewayPropagations"][0]["TransitGatewayRouteTablePropagations"]
SEARCH = {"Routes": ROUTES, "AdditionalRoutesAvailable": False}
TABLE = {"TransitGatewayRouteTableId": "tgw-rtb-1"}
PLAIN: dict[str, Any] = {"TransitGatewayStaticRoutes": None, "TransitGatewayPropagations": None}


@pytest.mark.parametrize("name", ["routes.json", "search-tgw-rtb-1.json"])
def test_answers_saved_one_by_one(tmp_path: Path, name: str) -> None:
    """The id stands beside the list, in the file's name, or is that of the one table there is."""
    (tmp_path / "rest.json").write_text(json.dumps(two(TRANSIT, **PLAIN)), encoding="utf-8")
    beside = TABLE if name == "routes.json" else {}
    (tmp_path / name).write_text(json.dumps({**SEARCH, **beside}), encoding="utf-8")
    told = {"TransitGatewayRouteTablePropagations": PROPAGATIONS}
    (tmp_path / "propagations.json").write_text(json.dumps(told), encoding="utf-8")
    network, other = read_describe(tmp_path), read(tmp_path / "..", two(TRANSIT))
    assert network.gaps == ()
    table, wanted = (
        network.transit_route_tables["tgw-rtb-1"],
        other.transit_route_tables["tgw-rtb-1"],
    )
    assert [(one.destination, one.attachment) for one in table.routes] == [
        (one.destination, one.attachment) for one in wanted.routes
    ]
    assert (table.associated, table.propagating) == (wanted.associated, wanted.propagating)


def test_answers_of_no_table_make_every_table_unknown(tmp_path: Path) -> None:
    tables = [
        {"TransitGatewayRouteTableId": f"tgw-rtb-{number}", "TransitGatewayId": "tgw-1"}
        for number in (1, 2)
    ]
    network = read(tmp_path, {**two(TRANSIT, TransitGatewayRouteTables=tables), **SEARCH})
    assert "do not say to which transit gateway route table" in messages(network)
    assert {"tgw-rtb-1", "tgw-rtb-2"} <= affected(network)


def test_associations_of_their_own_call(tmp_path: Path) -> None:
    listed = [{"TransitGatewayAttachmentId": f"tgw-attach-{one}", "State": "associated"}
              for one in (1, 2)]  # fmt: skip
    dump = two(TRANSIT, TransitGatewayAttachments=None, Associations=listed, **TABLE)
    network = read(tmp_path, dump)
    assert network.gaps == ()
    table = network.transit_route_tables["tgw-rtb-1"]
    assert table.associated == ("tgw-attach-1", "tgw-attach-2")


def test_propagated_routes_show_a_whole_search(tmp_path: Path) -> None:
    tie = [{"TransitGatewayAttachmentId": "tgw-attach-1"}]
    route = {"DestinationCidrBlock": "10.0.0.0/16", "State": "active", "Type": "propagated",
             "TransitGatewayAttachments": tie}  # fmt: skip
    network = read(tmp_path, {**two(TRANSIT, **PLAIN), "Routes": [*ROUTES, route], **TABLE})
    assert network.gaps == ()
    assert network.transit_route_tables["tgw-rtb-1"].routes[-1].propagated


LACKING = [
    ("TransitGatewayStaticRoutes", {"tgw-rtb-1"}),
    ("TransitGatewayPropagations", {"tgw-rtb-1"}),
    ("TransitGatewayRouteTables", {"tgw-1"}),
    ("TransitGatewayAttachments", {"tgw-attach-1", "tgw-attach-2"}),
    ("TransitGatewayVpcAttachments", {"tgw-attach-1", "tgw-attach-2"}),
    ("TransitGateways", set()),
]


@pytest.mark.parametrize(("key", "touched"), LACKING, ids=[one[0] for one in LACKING])
def test_a_missing_part_is_unknown_and_never_none(
    tmp_path: Path, key: str, touched: set[str]
) -> None:
    network = read(tmp_path, two(TRANSIT, **{key: None}))
    assert affected(network) == touched
    assert {gap.kind for gap in network.gaps} == {"missing"}


def test_the_interfaces_tell_the_subnets_of_an_attachment(tmp_path: Path) -> None:
    cards = [
        interface(
            90 + number,
            SubnetId=subnet,
            PrivateIpAddresses=[{"PrivateIpAddress": address}],
            InterfaceType="transit_gateway",
            Description=f"Network Interface for Transit Gateway Attachment tgw-attach-{number}",
        )
        for number, subnet, address in ((1, "subnet-1", "10.0.1.9"), (2, "subnet-3", "10.2.1.9"))
    ]
    dump = two(TRANSIT, TransitGatewayVpcAttachments=None)
    dump["NetworkInterfaces"] += cards
    network = read(tmp_path, dump)
    assert network.transit_attachments["tgw-attach-2"].subnets == ("subnet-3",)
    assert network.interfaces["eni-91"].kind == "transit"
    assert affected(network) == set()


def test_a_search_that_stops_early(tmp_path: Path) -> None:
    dump = {**two(TRANSIT), **SEARCH, "AdditionalRoutesAvailable": True, **TABLE}
    assert "stops before its end" in messages(read(tmp_path, dump))


def test_both_gateways_list_a_peering_under_one_id(tmp_path: Path) -> None:
    sides = [
        attachment(7, "tgw-2", ResourceType="peering"),
        attachment(7, "tgw-1", ResourceType="peering", TransitGatewayId="tgw-2",
                   Association={"TransitGatewayRouteTableId": "tgw-rtb-2"}),
    ]  # fmt: skip
    tables = [
        {"TransitGatewayRouteTableId": f"tgw-rtb-{one}", "TransitGatewayId": f"tgw-{one}"}
        for one in (1, 2)
    ]
    tie = [{"TransitGatewayAttachmentId": "tgw-attach-7"}]
    route = {"DestinationCidrBlock": "10.0.0.0/16", "State": "active", "Type": "static",
             "TransitGatewayAttachments": tie}  # fmt: skip
    answers = [
        {"TransitGatewayRouteTableId": f"tgw-rtb-{one}", "Routes": [route]} for one in (1, 2)
    ]
    dump = two(
        TRANSIT,
        TransitGatewayAttachments=[*TRANSIT["TransitGatewayAttachments"], *sides],
        TransitGatewayRouteTables=tables,
        TransitGatewayStaticRoutes=answers,
    )
    network = read(tmp_path, dump)
    here = network.transit_attachments["tgw-attach-7"]
    there = network.transit_attachments["tgw-attach-7@tgw-2"]
    assert (here.gateway, here.resource) == ("tgw-1", "tgw-2")
    assert (there.gateway, there.resource) == ("tgw-2", "tgw-1")
    first, second = network.transit_route_tables.values()
    assert [one.attachment for one in (*first.routes, *second.routes)] == [here.id, there.id]
    assert second.associated == (there.id,)


def test_ways_on_premises(tmp_path: Path) -> None:
    network = read(tmp_path, two(TRANSIT, PREMISES))
    assert network.vpn_gateways["vgw-1"].vpcs == ("vpc-1",)
    vpn = network.vpn_connections["vpn-1"]
    assert (vpn.gateway, vpn.customer_gateway, vpn.dynamic) == ("vgw-1", "cgw-1", False)
    assert vpn.routes == (ip_network("192.168.0.0/16"),)
    direct = network.direct_connect_gateways["dx-1"]
    assert (direct.name, direct.gateways) == ("far", ("tgw-1",))
    # The allowed prefixes lie in AWS: they are what on premises is told.
    assert direct.prefixes == ()


def test_a_private_virtual_interface_reaches_its_gateway(tmp_path: Path) -> None:
    one = {
        "virtualInterfaceId": "dxvif-1",
        "virtualInterfaceType": "private",
        "virtualGatewayId": "vgw-1",
        "virtualInterfaceState": "available",
    }
    network = read(tmp_path, two(PREMISES, virtualInterfaces=[one]))
    assert network.direct_connect_gateways["dxvif-1"].gateways == ("vgw-1",)


def test_tunnels_that_are_down_count_as_up(tmp_path: Path) -> None:
    one = {**PREMISES["VpnConnections"][0], "VgwTelemetry": [{"Status": "DOWN"}]}
    network = read(tmp_path, two(PREMISES, VpnConnections=[one]))
    assert network.vpn_connections["vpn-1"].available
    assert "paths are judged as if one were up" in messages(network)


def test_an_active_route_shows_its_vpn_gateway(tmp_path: Path) -> None:
    table = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [{"Main": True}],
        "Routes": [
            {
                "DestinationCidrBlock": "192.168.0.0/16",
                "GatewayId": "vgw-1",
                "State": "active",
                "Origin": "EnableVgwRoutePropagation",
            }
        ],
    }
    network = read(tmp_path, whole(RouteTables=[table]))
    assert network.vpn_gateways["vgw-1"].vpcs == ("vpc-1",)
    assert "`describe-vpn-gateways`" in messages(network)
    assert network.route_tables["rtb-1"].routes[0].propagated


def test_block_public_access_and_its_exclusions(tmp_path: Path) -> None:
    (found,) = read(tmp_path, two(ACCESS)).block_public_access
    assert (found.mode, found.region) == ("block-ingress", "eu-west-1")
    (exclusion,) = found.exclusions
    assert (exclusion.resource, exclusion.mode) == ("subnet-1", "allow-egress")


def test_exclusions_that_do_not_count(tmp_path: Path) -> None:
    one = {**ACCESS["VpcBlockPublicAccessExclusions"][0], "State": "delete-complete"}
    dump = two(ACCESS, VpcBlockPublicAccessExclusions=[one])
    assert read(tmp_path, dump).block_public_access[0].exclusions == ()
    dump = two(ACCESS)
    dump["VpcBlockPublicAccessOptions"]["InternetGatewayExclusionsAllowed"] = "not-allowed"
    assert read(tmp_path, dump).block_public_access[0].exclusions == ()


def test_an_account_blocks_no_other_accounts_vpcs(tmp_path: Path) -> None:
    dump = two(ACCESS)
    dump["Vpcs"][1]["OwnerId"] = "444455556666"
    (found,) = read(tmp_path, dump).block_public_access
    wanted = PublicAccessExclusion("vpc-2", "allow-bidirectional", found.origin)
    assert wanted in found.exclusions


def test_exclusions_that_are_not_in_the_dump(tmp_path: Path) -> None:
    network = read(tmp_path, two(ACCESS, VpcBlockPublicAccessExclusions=None))
    assert affected(network) == {"igw-1"}


def test_groups_serve_further_vpcs(tmp_path: Path) -> None:
    assert read(tmp_path, two(ACCESS)).security_groups["sg-1"].vpcs == ("vpc-2",)
    ties = [{"GroupId": "sg-1", "VpcId": "vpc-2", "State": "disassociated"}]
    network = read(tmp_path, two(SecurityGroupVpcAssociations=ties))
    assert network.security_groups["sg-1"].vpcs == ()
    ties = [{"GroupId": "sg-9", "VpcId": "vpc-2", "State": "associated"}]
    assert affected(read(tmp_path, two(SecurityGroupVpcAssociations=ties))) == {"sg-9"}


def test_regional_nat_gateways(tmp_path: Path) -> None:
    nat = {
        "NatGatewayId": "nat-1",
        "VpcId": "vpc-1",
        "State": "available",
        "AvailabilityMode": "regional",
        "RouteTableId": "rtb-1",
        "AutoProvisionZones": "disabled",
        "NatGatewayAddresses": [
            {
                "AllocationId": "eipalloc-1",
                "PublicIp": "198.51.100.7",
                "AvailabilityZone": "eu-west-1b",
            }
        ],
    }
    network = read(tmp_path, whole(NatGateways=[nat]))
    found = network.nat_gateways["nat-1"]
    assert (found.regional, found.route_table, found.zones) == (True, "rtb-1", ("eu-west-1b",))
    assert network.gaps == ()
    network = read(tmp_path, whole(NatGateways=[{**nat, "AutoProvisionZones": "enabled"}]))
    assert network.nat_gateways["nat-1"].zones is None


@pytest.mark.parametrize(
    ("word", "forwards"), [("all", True), ("None", False), ("some", None), (None, None)]
)
def test_appliances_say_what_they_hand_on(
    tmp_path: Path, word: str | None, forwards: bool | None
) -> None:
    tags = [{"Key": "ringwall:forwards", "Value": word}] if word else []
    instance = {"InstanceId": "i-1", "State": {"Name": "running"}, "Tags": tags}
    network = read(tmp_path, whole(Reservations=[{"Instances": [instance]}]))
    assert network.interfaces["eni-1"].forwards is forwards


def test_kubernetes_clusters(tmp_path: Path) -> None:
    place = {
        "subnetIds": ["subnet-1", "subnet-2"],
        "securityGroupIds": ["sg-1"],
        "vpcId": "vpc-1",
        "endpointPublicAccess": True,
    }
    cluster = {"name": "apps", "arn": "arn:aws:eks:eu-west-1:1:cluster/apps",
               "resourcesVpcConfig": place}  # fmt: skip
    card = interface(70, Description="Amazon EKS apps", SubnetId="subnet-2")
    network = read(tmp_path, {**whole(), "cluster": cluster})
    assert network.workloads["apps"].type == "AWS::EKS::Cluster"
    assert network.interfaces["apps@subnet-2"].groups == ("sg-1",)
    assert "public endpoint of cluster `apps`" in messages(network)
    network = read(tmp_path, {**whole(NetworkInterfaces=[card]), "clusters": [cluster]})
    assert network.interfaces["eni-70"].owner == "apps"
    assert "apps@subnet-2" not in network.interfaces


def test_shared_subnets_are_on_record(tmp_path: Path) -> None:
    dump = whole(NetworkInterfaces=[interface(60, OwnerId="444455556666")], Reservations=[])
    dump["Subnets"][0]["OwnerId"] = "111122223333"
    assert "is shared with `444455556666`" in messages(read(tmp_path, dump))


def test_one_id_in_two_regions_is_refused(tmp_path: Path) -> None:
    for region in ("eu-west-1", "us-east-1"):
        folder = tmp_path / "accounts" / "111122223333" / region
        folder.mkdir(parents=True)
        (folder / "dump.json").write_text(json.dumps(whole()), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_describe(tmp_path)
    (told,) = caught.value.diagnostics
    assert (told.code, told.origin.line) == ("RW-DUMP-009", 1)
    assert "an id belongs to one Region" in told.message


def test_vpcs_of_two_regions_are_one_network(tmp_path: Path) -> None:
    for region, number in (("eu-west-1", 1), ("us-east-1", 2)):
        folder = tmp_path / "accounts" / "111122223333" / region
        folder.mkdir(parents=True)
        vpc = {"VpcId": f"vpc-{number}", "CidrBlock": f"10.{number}.0.0/16"}
        (folder / "Vpcs.json").write_text(json.dumps({"Vpcs": [vpc]}), encoding="utf-8")
    network = read_describe(tmp_path)
    assert [one.region for one in network.vpcs.values()] == ["eu-west-1", "us-east-1"]
    assert network.region == ""


def test_an_attachment_to_nothing_makes_its_gateway_unknown(tmp_path: Path) -> None:
    lost = attachment(3, "", ResourceId=None)
    dump = two(TRANSIT)
    dump["TransitGatewayAttachments"].append(lost)
    dump["TransitGatewayVpcAttachments"].append(
        {**vpc_attachment(3, "", "subnet-1"), "VpcId": None}
    )
    assert {"tgw-attach-3", "tgw-1"} <= affected(read(tmp_path, dump))
