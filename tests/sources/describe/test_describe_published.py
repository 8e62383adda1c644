"""Set-ups that Batfish's own tests publish, with the dispositions asserted there.

Facts from github.com/batfish/batfish (``AwsConfiguration*Test.java``), written down anew: who has
which address and route, and what each flow comes to. Batfish asks one way, Ringwall both: so the
first blocker's direction and layer are what is compared. Where AWS's documents say otherwise than
Batfish, the reason stands beside the case.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from describe_dumps import ALL

from ringwall.cli.app import run

SAMPLE = Path(__file__).parents[2] / "data" / "snapshots" / "transit-gateway-peering"
SSH = {**ALL, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}


def asked(source: Path, a: str, b: str, port: int = 22) -> tuple[str, list[tuple[str, str, str]]]:
    """The verdict, and of every blocker its direction, layer and resource."""
    words = ["explain", source.as_posix(), "--from", a, "--to", b, "--port", str(port)]
    said = io.StringIO()
    with redirect_stdout(said):
        run([*words, "--format", "json"])
    told = json.loads(said.getvalue())
    blockers = [(one["direction"], one["layer"], one["resource"]) for one in told["blockers"]]
    return told["verdict"], blockers


def vpc(name: str, block: str, *subnets: tuple[str, str, str]) -> dict[str, list[Any]]:
    """A VPC with an instance ``i-SUBNET`` in each of its subnets (name, block, address)."""
    everything = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1", "RuleAction": "allow"}
    return {
        "Vpcs": [{"VpcId": name, "CidrBlock": block}],
        "Subnets": [
            {"SubnetId": f"subnet-{one}", "VpcId": name, "CidrBlock": inner,
             "AvailabilityZone": "us-east-2" + "ab"[number]}
            for number, (one, inner, _) in enumerate(subnets)
        ],
        "NetworkAcls": [
            {"NetworkAclId": f"acl-{name}", "VpcId": name, "IsDefault": True,
             "Associations": [{"SubnetId": f"subnet-{one}"} for one, _, _ in subnets],
             "Entries": [{**everything, "RuleNumber": 100, "Egress": way} for way in (True, False)]}
        ],
        "SecurityGroups": [
            {"GroupId": f"sg-{name}", "GroupName": "ssh", "VpcId": name,
             "IpPermissions": [SSH], "IpPermissionsEgress": [ALL]}
        ],
        "NetworkInterfaces": [
            {"NetworkInterfaceId": f"eni-{one}", "SubnetId": f"subnet-{one}", "VpcId": name,
             "Groups": [{"GroupId": f"sg-{name}"}], "PrivateIpAddress": address,
             "Attachment": {"InstanceId": f"i-{one}", "DeviceIndex": 0}}
            for one, _, address in subnets
        ],
        "Instances": [
            {"InstanceId": f"i-{one}", "State": {"Name": "running"}} for one, _, _ in subnets
        ],
    }  # fmt: skip


def table(vpc_id: str, **routes: str) -> dict[str, Any]:
    """The main route table; ``pcx_1="10.0.0.0/16"`` leads a block to ``pcx-1``."""
    keys = {"pcx": "VpcPeeringConnectionId", "tgw": "TransitGatewayId", "vgw": "GatewayId"}
    return {
        "RouteTableId": f"rtb-{vpc_id}",
        "VpcId": vpc_id,
        "Associations": [{"Main": True}],
        "Routes": [
            {"DestinationCidrBlock": block, "State": "active", "Origin": "CreateRoute",
             keys[name.partition("_")[0]]: name.replace("_", "-")}
            for name, block in routes.items()
        ],
    }  # fmt: skip


def saved(folder: Path, *vpcs: dict[str, list[Any]], **lists: list[Any]) -> Path:
    dump: dict[str, list[Any]] = {
        "InternetGateways": [], "NatGateways": [], "VpcEndpoints": [], **lists
    }  # fmt: skip
    for one in vpcs:
        for key, members in one.items():
            dump.setdefault(key, []).extend(members)
    file = folder / "dump.json"
    file.write_text(json.dumps(dump), encoding="utf-8")
    return file


# --- two peered transit gateways in two accounts and Regions (TransitGatewayPeeringTest) ---------

BAT, FISH = "tgw-rtb-05d2952671d1f460a", "tgw-rtb-00be87593fb2cd0ae"


@pytest.mark.parametrize(
    ("a", "b", "direction", "stopped"),
    [
        ("bat", "fish", "forward", BAT),  # NO_ROUTE at the gateway of bat
        ("fish", "bat", "forward", FISH),  # NO_ROUTE at the gateway of fish
        ("fish", "bat2", "forward", BAT),  # NO_ROUTE at the gateway of bat, after the peering
        ("bat2", "fish", "return", BAT),  # arrives; Batfish did not ask for the answer
    ],
)
def test_transit_gateways_that_peer(a: str, b: str, direction: str, stopped: str) -> None:
    verdict, blockers = asked(SAMPLE, a, b)
    assert verdict == "blocked"
    assert blockers[0] == (direction, "route", stopped)


def test_a_group_denies_what_arrives_over_two_transit_gateways() -> None:
    """DENIED_IN at the instance of fish: its group allows ssh, ping and traceroute."""
    _, blockers = asked(SAMPLE, "bat2", "fish", 443)
    assert ("forward", "security-group", "sg-fish") in blockers
    assert not any(one[:2] == ("forward", "route") for one in blockers)


# --- three VPCs, two of them with the same block (VpcPeeringTest) --------------------------------


def _side(name: str, block: str) -> dict[str, str]:
    return {"VpcId": name, "CidrBlock": block, "Region": "us-east-2"}


def _peerings(folder: Path) -> Path:
    blocks = {"vpc-A": "10.10.0.0/16", "vpc-B": "192.168.0.0/16", "vpc-C": "192.168.0.0/16"}
    return saved(
        folder,
        vpc("vpc-A", blocks["vpc-A"], ("A", "10.10.10.0/24", "10.10.10.157")),
        vpc("vpc-B", blocks["vpc-B"], ("B", "192.168.1.0/24", "192.168.1.106")),
        vpc("vpc-C", blocks["vpc-C"], ("C", "192.168.2.0/24", "192.168.2.7")),
        RouteTables=[
            table("vpc-A", pcx_B="192.168.1.0/24", pcx_C="192.168.2.0/24"),
            table("vpc-B", pcx_B="10.10.0.0/16"),
            table("vpc-C", pcx_C="10.10.0.0/16"),
        ],
        VpcPeeringConnections=[
            {"VpcPeeringConnectionId": f"pcx-{one}", "Status": {"Code": "active"},
             "RequesterVpcInfo": _side("vpc-A", blocks["vpc-A"]),
             "AccepterVpcInfo": _side(f"vpc-{one}", blocks[f"vpc-{one}"])}
            for one in "BC"
        ],
    )  # fmt: skip


@pytest.mark.parametrize(("a", "b"), [("A", "B"), ("B", "A"), ("A", "C"), ("C", "A")])
def test_peered_vpcs(tmp_path: Path, a: str, b: str) -> None:
    """Routed both ways; the target's group decides (DENIED_IN for Batfish's flow)."""
    source = _peerings(tmp_path)
    assert asked(source, f"i-{a}", f"i-{b}") == ("reachable", [])
    verdict, blockers = asked(source, f"i-{a}", f"i-{b}", 443)
    assert (verdict, blockers) == ("blocked", [("forward", "security-group", f"sg-vpc-{b}")])


def test_peering_is_not_transitive_and_home_comes_first(tmp_path: Path) -> None:
    """B and C share a block: what B sends to C's address stays at home."""
    verdict, blockers = asked(_peerings(tmp_path), "i-B", "i-C")
    assert (verdict, blockers[0][:2]) == ("blocked", ("forward", "route"))


def test_an_unused_block_of_a_peer_has_no_route(tmp_path: Path) -> None:
    """NO_ROUTE at A's own subnet: only two /24 lead to the peers."""
    verdict, blockers = asked(_peerings(tmp_path), "i-A", "192.168.100.1")
    assert (verdict, blockers[0]) == ("blocked", ("forward", "route", "rtb-vpc-A"))


# --- a transit gateway that is not in every zone (TransitGatewayTest) ----------------------------


def _attachment(name: str) -> list[dict[str, Any]]:
    both = {"TransitGatewayAttachmentId": f"tgw-attach-{name}", "TransitGatewayId": "tgw-1",
            "State": "available"}  # fmt: skip
    tie = {"TransitGatewayRouteTableId": f"tgw-rtb-{name}", "State": "associated"}
    return [
        {**both, "ResourceType": "vpc", "ResourceId": f"vpc-{name}", "Association": tie},
        {**both, "VpcId": f"vpc-{name}", "SubnetIds": [f"subnet-{name}"], "Options": {}},
    ]


def _transit(folder: Path) -> Path:
    """As in TransitGatewayMultiTableTest, each VPC has a table that the other one announces to."""
    attached = {name: _attachment(name) for name in "AB"}
    return saved(
        folder,
        vpc("vpc-A", "10.10.0.0/16", ("A", "10.10.10.0/24", "10.10.10.157"),
            ("A2", "10.10.20.0/24", "10.10.20.154")),
        vpc("vpc-B", "192.168.0.0/16", ("B", "192.168.1.0/24", "192.168.1.106")),
        RouteTables=[table("vpc-A", tgw_1="192.168.0.0/16"), table("vpc-B", tgw_1="10.10.0.0/16")],
        TransitGateways=[{"TransitGatewayId": "tgw-1", "OwnerId": "1"}],
        TransitGatewayAttachments=[one[0] for one in attached.values()],
        TransitGatewayVpcAttachments=[one[1] for one in attached.values()],
        TransitGatewayRouteTables=[
            {"TransitGatewayRouteTableId": f"tgw-rtb-{one}", "TransitGatewayId": "tgw-1"}
            for one in "AB"
        ],
        TransitGatewayPropagations=[
            {"TransitGatewayRouteTableId": f"tgw-rtb-{one}", "TransitGatewayRouteTablePropagations":
             [{"TransitGatewayAttachmentId": f"tgw-attach-{other}", "State": "enabled"}]}
            for one, other in ("AB", "BA")
        ],
        TransitGatewayStaticRoutes=[
            {"TransitGatewayRouteTableId": f"tgw-rtb-{one}", "Routes": []} for one in "AB"
        ],
    )  # fmt: skip


@pytest.mark.parametrize(("a", "b"), [("A", "B"), ("B", "A")])
def test_vpcs_over_a_transit_gateway(tmp_path: Path, a: str, b: str) -> None:
    source = _transit(tmp_path)
    assert asked(source, f"i-{a}", f"i-{b}") == ("reachable", [])
    assert asked(source, f"i-{a}", f"i-{b}", 443)[1] == [
        ("forward", "security-group", f"sg-vpc-{b}")
    ]


def test_no_way_to_a_transit_gateway_from_a_zone_that_it_is_not_in(tmp_path: Path) -> None:
    verdict, blockers = asked(_transit(tmp_path), "i-A2", "i-B")
    assert (verdict, blockers[0][:2]) == ("blocked", ("forward", "route"))


def test_into_a_zone_that_the_transit_gateway_is_not_in(tmp_path: Path) -> None:
    """Batfish stops this at the VPC. AWS delivers it, by the attachment's other zone and the local
    route (Transit Gateway guide, "How transit gateways work"); the answer finds no way back."""
    verdict, blockers = asked(_transit(tmp_path), "i-B", "i-A2")
    assert verdict == "blocked"
    assert {direction for direction, _, _ in blockers} == {"return"}


# --- a VPN whose far side announces the default route (VpnGatewayTest) ---------------------------


def _vpn(folder: Path) -> Path:
    routes = table("vpc-1", vgw_1="0.0.0.0/0")
    routes["Routes"][0]["Origin"] = "EnableVgwRoutePropagation"
    return saved(
        folder,
        vpc("vpc-1", "10.0.0.0/16", ("1", "10.0.1.0/24", "10.0.1.204")),
        RouteTables=[routes],
        VpnGateways=[
            {"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}
        ],
        VpnConnections=[
            {"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available",
             "Options": {"StaticRoutesOnly": False}, "Routes": []}
        ],
    )  # fmt: skip


def test_from_and_to_on_premises(tmp_path: Path) -> None:
    source = _vpn(tmp_path)
    assert asked(source, "on-premises", "i-1") == ("reachable", [])
    assert asked(source, "on-premises", "i-1", 443)[1] == [
        ("forward", "security-group", "sg-vpc-1")
    ]
    assert asked(source, "i-1", "on-premises", 443)[0] == "reachable"


def test_the_internet_does_not_enter_by_a_vpn(tmp_path: Path) -> None:
    assert asked(_vpn(tmp_path), "internet", "i-1")[0] == "blocked"


# --- a public and a private subnet, the latter with a static VPN (PublicPrivateSubnetTest) -------

SITE = "19.168.0.7"


def _scenario(folder: Path) -> Path:
    """The site has public addresses of its own: they lie behind the VPN, and on the Internet."""
    parts = vpc("vpc-1", "10.0.0.0/16", ("public", "10.0.0.0/24", "10.0.0.47"),
                ("private", "10.0.1.0/24", "10.0.1.204"))  # fmt: skip
    parts["NetworkInterfaces"][0]["Association"] = {"PublicIp": "13.58.55.60"}
    out = table("vpc-1", vgw_1="0.0.0.0/0") | {"RouteTableId": "rtb-public"}
    out["Routes"][0]["GatewayId"] = "igw-1"
    return saved(
        folder,
        parts,
        RouteTables=[table("vpc-1", vgw_1="0.0.0.0/0"),
                     out | {"Associations": [{"Main": False, "SubnetId": "subnet-public"}]}],
        InternetGateways=[{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}],
        VpnGateways=[
            {"VpnGatewayId": "vgw-1", "VpcAttachments": [{"VpcId": "vpc-1", "State": "attached"}]}
        ],
        VpnConnections=[
            {"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available",
             "Options": {"StaticRoutesOnly": True},
             "Routes": [{"DestinationCidrBlock": "19.168.0.0/16", "State": "available"}]}
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ("i-private", "10.0.0.47", "reachable"),
        ("i-private", "13.58.55.60", "blocked"),  # into the VPN, never to the Internet: NO_ROUTE
        ("i-public", "10.0.1.204", "reachable"),
        ("igw-1", "13.58.55.60", "reachable"),  # a gateway's id is what lies behind it
        ("i-public", "8.8.8.8", "reachable"),
        ("i-public", SITE, "reachable"),  # EXITS_NETWORK by the internet gateway
        (SITE, "i-public", "reachable"),
        ("i-private", SITE, "reachable"),  # EXITS_NETWORK by the VPN gateway
        ("vgw-1", "10.0.1.204", "reachable"),
        ("vpn-1", "10.0.1.204", "reachable"),
        ("vgw-1", "10.0.0.47", "blocked"),  # arrives; its answer leaves by the internet gateway
    ],
)
def test_a_site_with_public_addresses(tmp_path: Path, a: str, b: str, verdict: str) -> None:
    """Batfish's flows are of no protocol that the groups allow, so all that it asserts to arrive
    is DENIED_IN there; here port 22 is asked, which they allow."""
    assert asked(_scenario(tmp_path), a, b)[0] == verdict


# --- a NAT gateway and who asks it (NatGatewayTest) ----------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ("i-0a128d26e59be60f3", "8.8.8.8", "reachable"),
        ("internet", "3.135.127.225", "blocked"),  # no session
        ("i-0b31b509174d7f5de", "10.1.250.210", "blocked"),  # from its own subnet
    ],
)
def test_a_nat_gateway_is_a_way_and_not_an_end(a: str, b: str, verdict: str) -> None:
    assert asked(SAMPLE.parent / "nat-gateway", a, b, 80)[0] == verdict
