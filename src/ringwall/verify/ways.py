"""The ways that a certificate covers: inside one VPC, and between a VPC and the Internet.

Between VPCs only what has no way on (or stops at a gateway to the Internet) is covered; peering,
transit gateways, VPN, appliances, firewalls, private and regional NAT gateways and edge route
tables raise :class:`NotCovered`.
"""

from __future__ import annotations

from .walk import (
    CARRIED,
    ENDPOINT,
    ICMP,
    TCP,
    UDP,
    V6,
    Filter,
    NotCovered,
    Spot,
    Walk,
    ports,
    whole,
)

#: A route that ends here for a packet to another VPC: the gateway leads to the Internet only.
_OUTWARD = ("internet-gateway", "egress-only-internet-gateway")


def question(walk: Walk, source: Spot, target: Spot) -> list[Filter]:
    """The filters on the way of a packet that opens a connection, in the order they are met."""
    if source[0] == "interface" and target[0] == "interface":
        return _inside(walk, source, target)
    if source[0] == "interface":
        return _outward(walk, source, target)[0]
    if target[0] == "interface":
        return _inward(walk, source, target)
    return [*_public_block(walk, target), *_bucket(walk, target, "")]


def answer(walk: Walk, source: Spot, target: Spot) -> list[Filter]:
    """The filters on the answer's way; their masks speak of the asker's own ports."""
    if source[0] == "interface" and target[0] == "interface":
        doubts = [*walk.doubted(source[1]), *walk.doubted(target[1])]
        return [*doubts, *_private(walk, target, source)[0]]
    if source[0] == "interface":
        return _outward(walk, source, target)[1]
    if target[0] == "interface":
        return _back_out(walk, source, target)
    return []


def goes_by_endpoint(walk: Walk, source: Spot, target: Spot) -> bool:
    """Does a packet to a public address leave through a gateway endpoint?"""
    if source[0] != "interface" or target[0] == "interface":
        return False
    via = _outward(walk, source, target)[2]
    return bool(via) and via in walk.facts["endpoints"]


# --- from interface to interface -------------------------------------------------------------


def _inside(walk: Walk, source: Spot, target: Spot) -> list[Filter]:
    (_, one, a), (_, other, b) = source, target
    between, home = _private(walk, source, target)
    return [
        *walk.doubted(one),
        *walk.doubted(other),
        *walk.opening(one, other),
        walk.groups(one, "out", b, other if home else None),
        *between,
        walk.groups(other, "in", a, one if home else None),
        *walk.listener(other),
    ]


def _private(walk: Walk, source: Spot, target: Spot) -> tuple[list[Filter], bool]:
    """From subnet to subnet, and whether both lie in one VPC (so that references hold)."""
    (_, one, a), (_, other, b) = source, target
    near, far = walk.home(one), walk.home(other)
    if near == far:
        if any(_is_classic(walk, name) for name in (one, other)):
            raise NotCovered("a classic load balancer beside its targets")
        return [], True
    at_home = walk.vpc(near) == walk.vpc(far)
    kind, target_id = walk.next(near, b)
    step = walk.across(near, far, a, b)
    if kind == "local" and at_home:
        return step, True
    stopped = kind in ("local", "none", "blackhole", *_OUTWARD)
    if stopped or _ends_at(walk, kind, target_id, near, b):
        return [walk.gate("route", near, False), *step], at_home
    if kind == "unknown" and at_home:
        return [walk.maybe("route", near), *step], True
    raise NotCovered(f"a route from {near} by {kind} {target_id}".strip())


def _ends_at(walk: Walk, kind: str, name: str, near: str, b: int) -> bool:
    """Does a packet to a private address get no further than this gateway?"""
    if name in walk.doubts:
        return False
    if kind == "vpc-endpoint":
        known = walk.facts["endpoints"].get(name)
        return known is not None and known["kind"] == "gateway"
    if kind == "nat-gateway":
        nat = walk.facts["nats"].get(name)
        if nat is None or not _plain_nat(walk, nat):
            return False
        # Another NAT gateway's VPC, or its own table leads nowhere but to the Internet.
        beyond = walk.next(nat["subnet"], b)[0]
        gone = beyond in ("none", "blackhole", "internet-gateway")
        return nat["vpc"] != walk.vpc(near) or (gone and nat["subnet"] == near)
    return False


def _is_classic(walk: Walk, name: str) -> bool:
    card = walk.facts["interfaces"][name]
    balancer = walk.facts["balancers"].get(card["owner"])
    return (
        card["kind"] == "load-balancer" and balancer is not None and balancer["kind"] == "classic"
    )


# --- out to the Internet or to a bucket ------------------------------------------------------


def _outward(
    walk: Walk, source: Spot, target: Spot
) -> tuple[list[Filter], list[Filter], str | None]:
    """There, back, and the gateway on the way (None: not known)."""
    (_, one, a), x = source, target[2]
    near = walk.home(one)
    kind, name = walk.next(near, x)
    doubts = walk.doubted(one)
    leave = [*walk.crossing(near), walk.acl(near, "out", x)]
    enter = [*walk.crossing(near), walk.acl(near, "in", x)]
    v6 = walk.addresses.starts[a] >= V6
    via: str | None = ""
    if kind == "nat-gateway" and not v6:
        there, back, via = _by_nat(walk, name, near, a, x)
    elif kind in _OUTWARD:
        there, via = _by_gateway(walk, kind, name, one, near, v6)
        there, back = [*there, *leave], enter
        if via:
            _no_edge(walk, name, walk.vpc(near))
    elif kind == "vpc-endpoint":
        there, via = _by_endpoint(walk, name, near)
        there, back = [*there, *leave], enter
    elif kind == "unknown":
        there, back, via = [walk.maybe("route", near), *leave], enter, None
    elif kind in ("none", "blackhole"):
        there = [walk.gate("route", near, False), _public(walk, one, v6), *leave]
        back = enter
    elif kind == "local" or (kind == "nat-gateway" and _is_known(walk, name)):
        there, back = [walk.gate("route", near, False), *leave], enter
    else:
        raise NotCovered(f"a route from {near} by {kind} {name}")
    guard = walk.groups(one, "out", x, None)
    ends = [*walk.opening(one, None), *_bucket(walk, target, via)]
    return [*doubts, guard, *there, *ends], [*doubts, *back], via


def _by_gateway(
    walk: Walk, kind: str, name: str, one: str, near: str, v6: bool
) -> tuple[list[Filter], str]:
    one_way = kind == "egress-only-internet-gateway"
    gateway = walk.facts["gateways"].get(name)
    if gateway is None:
        raise NotCovered(f"the gateway {name} is not known")
    doubted = name in walk.doubts
    if not (doubted or walk.vpc(near) in gateway["vpcs"]) or (one_way and not v6):
        told = [] if one_way else [_public(walk, one, v6)]
        return [walk.gate("route", near, False), *told], ""
    doubt = walk.maybe("route", name) if doubted else walk.gate("route", name, True)
    asked = [] if one_way else [_public(walk, one, v6)]
    return [doubt, *asked, *_switches(walk, near, "one-way" if one_way else "inside")], name


def _by_endpoint(walk: Walk, name: str, near: str) -> tuple[list[Filter], str]:
    endpoint = walk.facts["endpoints"].get(name)
    if endpoint is None or name in walk.doubts or endpoint["kind"] != "gateway":
        raise NotCovered(f"the endpoint {name}")
    if endpoint["vpc"] != walk.vpc(near):
        return [walk.gate("route", near, False)], ""
    mask = walk.mask(ENDPOINT)
    return [Filter("route", name, mask, mask)], name


def _is_known(walk: Walk, nat: str) -> bool:
    return nat in walk.facts["nats"] and nat not in walk.doubts


def _plain_nat(walk: Walk, nat: dict[str, object]) -> bool:
    """A public NAT gateway in a subnet that is known."""
    known = nat["subnet"] in walk.facts["subnets"] and nat["interface"] in walk.facts["interfaces"]
    return bool(nat["public"]) and not nat["regional"] and known


def _by_nat(
    walk: Walk, name: str, near: str, a: int, x: int
) -> tuple[list[Filter], list[Filter], str]:
    nat = walk.facts["nats"].get(name)
    if nat is None or name in walk.doubts or not _plain_nat(walk, nat):
        raise NotCovered(f"the NAT gateway {name}")
    enter = [*walk.crossing(near), walk.acl(near, "in", x)]
    if nat["vpc"] != walk.vpc(near):
        leave = [*walk.crossing(near), walk.acl(near, "out", x)]
        return [walk.gate("route", near, False), *leave], enter, ""
    home = nat["subnet"]
    kind, gateway = walk.next(home, x)
    carried = walk.mask(CARRIED)
    there: list[Filter] = []
    if home != near:
        there += [*walk.crossing(near, home), walk.acl(near, "out", x), walk.acl(home, "in", a)]
    there.append(Filter("route", name, carried, carried))
    there.append(_behind_nat(walk, kind, gateway, nat["vpc"], name))
    there += _switches(walk, home, "one-way")
    there += [*walk.crossing(home), walk.acl(home, "out", x)]
    # The answer comes to a port of the gateway's choosing: all of its range must be open.
    acl = walk.acl(home, "in", x)
    sure, possible = _all_of_range(walk, acl.sure), _all_of_range(walk, acl.possible)
    heard = acl._replace(sure=sure, possible=possible)
    back = [*walk.crossing(home), heard]
    if walk.next(home, a)[0] != "local" and home != near:
        raise NotCovered(f"a route from {home} back to {near}")
    _no_edge(walk, gateway, nat["vpc"])
    return there, [*back, *walk.across(home, near, x, a)], name


def _behind_nat(walk: Walk, kind: str, gateway: str, vpc: str, nat: str) -> Filter:
    if kind in ("none", "blackhole"):
        return walk.gate("route", nat, False)
    found = walk.facts["gateways"].get(gateway)
    if kind != "internet-gateway" or found is None:
        raise NotCovered(f"a NAT gateway that hands on to {gateway or kind}")
    if gateway in walk.doubts:
        return walk.maybe("route", nat)
    return walk.gate("route", nat, vpc in found["vpcs"])


def _all_of_range(walk: Walk, mask: int) -> int:
    low, high = walk.facts["nat_ports"]
    kept = mask & walk.mask(whole(ICMP))
    for protocol in (TCP, UDP):
        wanted = walk.mask(ports(low, high, protocol))
        kept |= walk.mask(whole(protocol)) if wanted & ~mask == 0 else 0
    return kept


# --- in from the Internet --------------------------------------------------------------------


def _inward(walk: Walk, source: Spot, target: Spot) -> list[Filter]:
    x, (_, other, b) = source[2], target
    far = walk.home(other)
    vpc = walk.vpc(far)
    public = _public(walk, other, walk.addresses.starts[b] >= V6)
    gateways = sorted(
        name
        for name, one in walk.facts["gateways"].items()
        if vpc in one["vpcs"] and not one["egress_only"]
    )
    if not gateways:
        border = [walk.gate("route", vpc, False), public, walk.gate("route", vpc, False)]
    else:
        name = gateways[0]
        _no_edge(walk, name, vpc)
        doubt = walk.maybe("route", name) if name in walk.doubts else walk.gate("route", name, True)
        border = [doubt, public, *_switches(walk, far, "outside")]
    return [
        *walk.doubted(other),
        *border,
        *walk.crossing(far),
        walk.acl(far, "in", x),
        walk.groups(other, "in", x, None),
        *walk.listener(other),
    ]


def _back_out(walk: Walk, source: Spot, target: Spot) -> list[Filter]:
    x, (_, other, _b) = source[2], target
    far = walk.home(other)
    kind, name = walk.next(far, x)
    leave = [*walk.crossing(far), walk.acl(far, "out", x)]
    doubts = walk.doubted(other)
    if kind == "internet-gateway":
        gateway = walk.facts["gateways"].get(name)
        if gateway is None:
            raise NotCovered(f"the gateway {name} is not known")
        door = walk.gate("route", name, walk.vpc(far) in gateway["vpcs"])
        return [*doubts, walk.maybe("route", name) if name in walk.doubts else door, *leave]
    if kind in ("network-interface", "vpc-peering", "transit-gateway", "vpn-gateway"):
        raise NotCovered(f"a route from {far} by {kind} {name}")
    if kind == "vpc-endpoint" and walk.facts["endpoints"].get(name, {}).get("kind") != "gateway":
        raise NotCovered(f"the endpoint {name}")
    if kind == "nat-gateway" and not _is_known(walk, name):
        raise NotCovered(f"the NAT gateway {name}")
    if kind == "unknown":
        return [*doubts, walk.maybe("route", far), *leave]
    return [*doubts, walk.gate("route", far, False), *leave]


def _no_edge(walk: Walk, gateway: str, vpc: str) -> None:
    for name, table in walk.facts["tables"].items():
        if gateway in table["gateways"] and table["vpc"] == vpc:
            raise NotCovered(f"the edge route table {name}")


def _public(walk: Walk, name: str, v6: bool) -> Filter:
    """An internet gateway translates public IPv4 addresses; an IPv6 address is public."""
    public = True if v6 else walk.facts["interfaces"][name]["public"]
    if public is None:
        return walk.maybe("public-address", name)
    return walk.gate("public-address", name, public)


def _switches(walk: Walk, subnet: str, opened: str) -> list[Filter]:
    """Block Public Access at the border next to a subnet."""
    vpc = walk.vpc(subnet)
    region = walk.facts["vpcs"].get(vpc, {"region": ""})["region"]
    found = []
    for one in walk.facts["switches"]:
        if one["region"] and region and one["region"] != region:
            continue
        lifted = {mode for resource, mode in one["exclusions"] if resource in (subnet, vpc)}
        stops = opened == "outside" or "allow-egress" not in lifted
        stops = stops and "allow-bidirectional" not in lifted
        stops = stops and not (one["mode"] == "block-ingress" and opened == "one-way")
        found.append(walk.gate("block-public-access", subnet, not stops))
    return found


# --- buckets ---------------------------------------------------------------------------------


def _public_block(walk: Walk, target: Spot) -> list[Filter]:
    blocks = walk.facts["buckets"][target[1]]["blocks_public"]
    if blocks is None:
        return [walk.maybe("public-access-block", "")]
    return [walk.gate("public-access-block", "", not blocks)]


def _bucket(walk: Walk, target: Spot, via: str | None) -> list[Filter]:
    """A bucket's policy may turn away what does not come through its endpoint."""
    if target[0] != "bucket":
        return []
    doors = walk.facts["buckets"][target[1]]["only_through"]
    if target[1] in walk.doubts or doors is None or (doors and via is None):
        return [walk.maybe("bucket-policy", "")]
    return [walk.gate("bucket-policy", "", not doors or via in doors)]
