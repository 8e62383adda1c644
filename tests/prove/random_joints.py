"""What joins the VPCs of the wide random networks to each other and to premises."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TypedDict

from hypothesis import strategies as st
from random_plan import BLOCKS, REGIONS, VPCS
from random_small import SERVICES, rarely

from ringwall.model.addresses import ALL_ADDRESSES, of_cidr
from ringwall.model.beyond import (
    BlockPublicAccess,
    DirectConnectGateway,
    FirewallRule,
    NetworkFirewall,
    PeeringConnection,
    PeeringSide,
    PublicAccessExclusion,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    TransitRoute,
    VpnConnection,
    VpnGateway,
)
from ringwall.model.services import ALL_SERVICES

maybe = st.sampled_from([True] * 8 + [False, None])
PREMISES = (ip_network("192.168.0.0/16"), ip_network("198.51.100.0/24"))


class Joints(TypedDict):
    peerings: dict[str, PeeringConnection]
    transit_gateways: dict[str, TransitGateway]
    transit_attachments: dict[str, TransitGatewayAttachment]
    transit_route_tables: dict[str, TransitGatewayRouteTable]
    vpn_gateways: dict[str, VpnGateway]
    vpn_connections: dict[str, VpnConnection]
    direct_connect_gateways: dict[str, DirectConnectGateway]
    firewalls: dict[str, NetworkFirewall]
    block_public_access: tuple[BlockPublicAccess, ...]


def _side(draw: st.DrawFn, vpc: str) -> PeeringSide:
    cidrs = tuple(ip_network(one) for one in VPCS[vpc])
    region = "" if draw(rarely) else REGIONS[vpc]
    return PeeringSide(vpc, cidrs if vpc != "vpc-3" else (), region)


def _peerings(draw: st.DrawFn) -> dict[str, PeeringConnection]:
    found = {}
    for name, one, other in (("pcx-1", "vpc-1", "vpc-2"), ("pcx-2", "vpc-2", "vpc-3")):
        found[name] = PeeringConnection(name, _side(draw, one), _side(draw, other), draw(maybe))
    return found


def _attachments(draw: st.DrawFn) -> dict[str, TransitGatewayAttachment]:
    homes = st.sampled_from(
        [("subnet-a", "subnet-b"), ("subnet-f", "subnet-b"), ("subnet-a",), ("subnet-f",)]
    )
    wanted = {
        "att-1": ("tgw-1", "vpc", "vpc-1", draw(homes)),
        "att-2": (
            "tgw-1", "vpc", "vpc-2",
            draw(st.sampled_from([("subnet-d", "subnet-e"), ("subnet-e",), ("subnet-d",)])),
        ),
        "att-3": ("tgw-2", "vpc", "vpc-3", ("subnet-g",)),
        "att-vpn": ("tgw-1", "vpn", "vpn-1", ()),
        "att-dx": ("tgw-1", "direct-connect-gateway", "dx-1", ()),
        "att-peer-1": ("tgw-1", "peering", "tgw-2", ()),
        "att-peer-2": ("tgw-2", "peering", "tgw-1", ()),
    }  # fmt: skip
    if draw(rarely):
        wanted["att-other"] = ("tgw-1", "connect", "x", ())
    for name in ("att-vpn", "att-dx", "att-peer-2", "att-2"):
        if draw(rarely):
            del wanted[name]
    return {
        name: TransitGatewayAttachment(
            name, gateway, kind, resource, subnets,
            available=True if not draw(rarely) else draw(st.sampled_from([False, None])),
            appliance_mode=draw(rarely),
            group_references=draw(st.sampled_from([True, True, False, None])),
        )
        for name, (gateway, kind, resource, subnets) in wanted.items()
    }  # type: ignore[arg-type]  # fmt: skip


_ROADS = {
    "tgw-1": {
        "10.0.0.0/16": ["att-1", "att-1", "none"],
        "10.1.0.0/16": ["att-2", "att-1", "none", "none"],
        "10.1.1.0/24": ["none", "none", "att-2", "att-1"],
        "10.2.0.0/16": ["att-peer-1", "att-peer-1", "att-2"],
        "2600:1f18:3::/56": ["att-peer-1", "none"],
        "192.168.0.0/16": ["att-vpn", "att-dx", "none", "none"],
        "192.168.128.0/17": ["none", "none", "att-vpn", "att-gone"],
        "0.0.0.0/0": ["none", "att-1", "att-1", "att-vpn", "att-2"],
        "::/0": ["none", "att-1", "att-2"],
        "pl-two": ["none", "none", "none", "att-2", "att-1"],
    },
    "tgw-2": {
        "10.0.0.0/8": ["att-peer-2", "att-peer-2", "none"],
        "10.2.0.0/16": ["att-3", "none"],
        "2600:1f18::/32": ["att-peer-2", "att-peer-2", "none"],
        "192.168.0.0/16": ["att-peer-2", "none"],
    },
}


def _roads(draw: st.DrawFn, gateway: str) -> tuple[TransitRoute, ...]:
    found = []
    for destination, targets in _ROADS[gateway].items():
        target = draw(st.sampled_from(targets))
        if target == "none":
            continue
        lost = draw(rarely) and draw(st.booleans())
        found.append(
            TransitRoute(
                destination if destination.startswith("pl-") else ip_network(destination),
                "" if lost else target,
                blackhole=lost,
                propagated=draw(rarely) and target != "att-other",
                certain=not (draw(rarely) and draw(rarely)),
            )
        )
    return tuple(found)


def _transit_tables(draw: st.DrawFn) -> dict[str, TransitGatewayRouteTable]:
    shared = draw(st.booleans())
    spokes = ("att-1", "att-2") if shared else ("att-1",)
    others = [name for name in ("att-2", "att-vpn", "att-dx", "att-peer-1") if name not in spokes]
    if draw(rarely):
        others = others[1:]
    announced = st.lists(
        st.sampled_from(["att-1", "att-2", "att-vpn", "att-dx", "att-1", "att-2"]), unique=True
    ).map(tuple)
    return {
        "trt-1": TransitGatewayRouteTable(
            "trt-1", "tgw-1", spokes, draw(announced), _roads(draw, "tgw-1")
        ),
        "trt-2": TransitGatewayRouteTable(
            "trt-2", "tgw-1", tuple(others), draw(announced), _roads(draw, "tgw-1")
        ),
        "trt-3": TransitGatewayRouteTable(
            "trt-3", "tgw-2", ("att-3", "att-peer-2"), ("att-3",), _roads(draw, "tgw-2")
        ),
    }


def _firewall_rule(draw: st.DrawFn, actions: tuple[str, ...]) -> FirewallRule:
    sides = st.sampled_from([ALL_ADDRESSES, ALL_ADDRESSES, *(of_cidr(one) for one in BLOCKS)])
    return FirewallRule(
        draw(st.integers(1, 9)),
        draw(st.sampled_from(actions)),  # type: ignore[arg-type]
        draw(sides),
        draw(sides),
        draw(st.sampled_from([ALL_SERVICES, *SERVICES])),
        source_ports=((1024, 65535),) if draw(rarely) else None,
        both_ways=draw(st.booleans()),
        certain=not draw(rarely),
    )


def _firewalls(draw: st.DrawFn) -> dict[str, NetworkFirewall]:
    if draw(rarely):
        return {}
    early = [
        _firewall_rule(draw, ("pass", "drop", "forward")) for _ in range(draw(st.integers(0, 2)))
    ]
    late = [_firewall_rule(draw, ("pass", "pass", "drop")) for _ in range(draw(st.integers(0, 3)))]
    wall = NetworkFirewall(
        "fw-1", "vpc-1", ("vpce-fw-1", "vpce-fw-2"), tuple(early),
        draw(st.sampled_from(["forward", "forward", "pass", "drop"])), tuple(late),
        strict=draw(st.booleans()),
        stateful_default=draw(st.sampled_from(["pass", "pass", "drop"])),
        opaque="a list of domains" if draw(rarely) else "",
    )  # fmt: skip
    return {"fw-1": wall}


def _access(draw: st.DrawFn) -> tuple[BlockPublicAccess, ...]:
    if not draw(rarely):
        return ()
    spared = draw(
        st.lists(st.sampled_from(["vpc-1", "subnet-a", "subnet-b", "subnet-d"]), max_size=2)
    )
    modes = st.sampled_from(["allow-bidirectional", "allow-egress"])
    return (
        BlockPublicAccess(
            draw(st.sampled_from(["off", "block-bidirectional", "block-ingress"])),
            draw(st.sampled_from(["us-east-1", "", "eu-west-1"])),
            tuple(PublicAccessExclusion(one, draw(modes)) for one in spared),
        ),
    )


def joints(draw: st.DrawFn) -> Joints:
    """Peerings, transit gateways, ways to premises, a firewall, Block Public Access."""
    vpns = {
        "vpn-1": VpnConnection("vpn-1", "tgw-1", routes=PREMISES[:1], available=draw(maybe)),
        "vpn-2": VpnConnection("vpn-2", "vgw-1", routes=PREMISES, available=draw(maybe)),
    }
    if draw(rarely):
        del vpns["vpn-2"]
    dx = DirectConnectGateway(
        "dx-1", ("tgw-1", "vgw-1") if draw(rarely) else ("tgw-1",), PREMISES[:1]
    )
    return Joints(
        peerings=_peerings(draw),
        transit_gateways={
            "tgw-1": TransitGateway(
                "tgw-1",
                "us-east-1",
                group_references=draw(st.sampled_from([True, True, False, None])),
            ),
            "tgw-2": TransitGateway("tgw-2", "eu-west-1", group_references=True),
        },
        transit_attachments=_attachments(draw),
        transit_route_tables=_transit_tables(draw),
        vpn_gateways={"vgw-1": VpnGateway("vgw-1", ("vpc-1",) if not draw(rarely) else ())},
        vpn_connections=vpns,
        direct_connect_gateways={"dx-1": dx},
        firewalls=_firewalls(draw),
        block_public_access=_access(draw),
    )
