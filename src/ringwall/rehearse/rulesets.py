"""Network ACLs, security groups and gateways as nftables rulesets: text, nothing is run here.

Network ACLs go into a router's namespace, where nothing ever asks for connection tracking, so the
kernel keeps no state there at all. Security groups go into the namespace of the interface that
carries them, and remember connections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ringwall.model.addresses import AddressSet, IPNetwork, networks_of
from ringwall.model.network import AclEntry, NetworkAcl
from ringwall.model.services import ICMP, ICMPV6, ServiceSet, has_ports, ranges_of

#: A rule of a security group as it is played: the peer's addresses, and what is allowed.
Allowed = tuple[AddressSet, ServiceSet]

_FAMILY = {4: "ip", 6: "ip6"}
#: Router and neighbour discovery (RFC 4861), which no AWS filter touches.
_DISCOVERY = "meta l4proto ipv6-icmp icmpv6 type 133-137 accept"


def _service_matches(services: ServiceSet) -> Iterator[str]:
    """One match per stretch of a service set; the empty match is everything."""
    for one in ranges_of(services):
        if one.protocol == -1:
            yield ""
        elif one.whole:
            yield f"meta l4proto {one.protocol} "
        elif has_ports(one.protocol):
            yield f"meta l4proto {one.protocol} th dport {one.low}-{one.high} "
        elif one.protocol in (ICMP, ICMPV6):
            # The first two bytes of the header are type and code: our own line of services.
            yield f"meta l4proto {one.protocol} @th,0,16 {one.low}-{one.high} "


def _block_match(block: IPNetwork, side: str) -> str:
    if block.prefixlen == 0:
        return f"meta nfproto ipv{block.version} "
    return f"{_FAMILY[block.version]} {side} {block} "


# --- network ACLs -----------------------------------------------------------------------------


def router(
    bridges: Mapping[str, NetworkAcl | None],
    sources: Mapping[str, Iterable[IPNetwork]],
    legs: Mapping[str, str],
) -> str:
    """The filters of one VPC's router.

    ``bridges`` gives the network ACL in force on the link of each subnet (None: none is known,
    and nothing passes), ``sources`` the addresses that may come in at all by a link. ``legs`` are
    the links among them that lead to transit gateways, with the bridge of their subnet: what
    comes by one for that very subnet meets no network ACL, what goes the other way does.
    """
    acls = sorted({acl.id: acl for acl in bridges.values() if acl is not None}.items())
    chains = {id: f"acl{number}" for number, (id, _) in enumerate(acls)}
    lines = ["table inet acls {"]
    for id, acl in acls:
        for way, egress in (("in", False), ("out", True)):
            entries = [one for one in acl.entries if one.egress is egress]
            lines += [f"  chain {chains[id]}_{way} {{"]
            lines += [f"    {rule}" for one in sorted(entries, key=_number) for rule in _entry(one)]
            lines += ["    drop", "  }"]
    for link, blocks in sorted(sources.items()):
        lines += [f"  chain from_{link} {{"]
        lines += [f"    {_block_match(block, 'saddr')}return" for block in blocks]
        lines += ["    drop", "  }"]
    lines += ["  chain forward {", "    type filter hook forward priority filter; policy drop;"]
    lines += [f'    iifname "{link}" jump from_{link}' for link in sorted(sources)]
    inside = [*((link, link) for link in sorted(bridges) if link not in legs), *legs.items()]
    lines += [f'    iifname "{one}" oifname "{other}" accept' for one, other in inside]
    for side, way in (("iifname", "out"), ("oifname", "in")):
        for link, in_force in sorted(bridges.items()):
            verdict = f"jump {chains[in_force.id]}_{way}" if in_force is not None else "drop"
            lines += [f'    {side} "{link}" {verdict}']
    return "\n".join([*lines, "    accept", "  }", "}", ""])


def _number(entry: AclEntry) -> int:
    return entry.number


def _entry(entry: AclEntry) -> Iterator[str]:
    where = _block_match(entry.cidr, "daddr" if entry.egress else "saddr")
    verdict = "return" if entry.allow else "drop"
    for what in _service_matches(entry.services):
        yield f"{where}{what}{verdict}"


# --- security groups --------------------------------------------------------------------------


def interface(
    ingress: Iterable[Allowed], egress: Iterable[Allowed], forwards: tuple[str, ...] | None
) -> str:
    """The security groups of an end, by connection tracking.

    ``forwards`` is None for an end that hands nothing on; for an appliance it holds the two
    lists of :func:`allowances` that judge what passes through it, references left out.
    """
    lines = ["table inet groups {"]
    for name, side, rules in (("input", "saddr", ingress), ("output", "daddr", egress)):
        lines += [
            f"  chain {name} {{",
            f"    type filter hook {name} priority filter; policy drop;",
            '    iifname "lo" accept' if name == "input" else '    oifname "lo" accept',
            f"    {_DISCOVERY}",
            "    ct state established,related accept",
            *(f"    {one}accept" for one in allowances(rules, side)),
            "  }",
        ]
    if forwards is not None:
        lines += ["  chain forward {", "    type filter hook forward priority filter; policy drop;"]
        lines += ["    ct state established,related accept", "    jump enters", "    jump leaves"]
        lines += ["    accept", "  }", *forwards]
    return "\n".join([*lines, "}", ""])


def passing_through(ingress: Iterable[Allowed], egress: Iterable[Allowed]) -> tuple[str, ...]:
    """The chains by which an appliance's groups judge what it hands on."""
    lines: list[str] = []
    for name, side, rules in (("enters", "saddr", ingress), ("leaves", "daddr", egress)):
        lines += [f"  chain {name} {{", *(f"    {one}return" for one in allowances(rules, side))]
        lines += ["    drop", "  }"]
    return tuple(lines)


def allowances(rules: Iterable[Allowed], side: str) -> Iterator[str]:
    """The matches of allow rules on one ``side`` (``saddr`` or ``daddr``), without a verdict."""
    for addresses, services in rules:
        for where in _set_matches(addresses, side):
            for what in _service_matches(services):
                yield f"{where}{what}"


def _set_matches(addresses: AddressSet, side: str) -> Iterator[str]:
    for block in networks_of(addresses):
        yield _block_match(block, side)


# --- gateways ---------------------------------------------------------------------------------


def internet_gateway(public: Mapping[str, str], unrouted: Iterable[IPNetwork]) -> str:
    """1:1 translation between private and public IPv4 addresses; IPv6 passes as it is.

    ``public`` gives the public address of each private one; ``unrouted`` are blocks that the
    Internet does not carry.
    """
    there = _addresses(f"{private} : {shown}" for private, shown in sorted(public.items()))
    back = _addresses(f"{shown} : {private}" for private, shown in sorted(public.items()))
    blocks = list(unrouted)
    never = {
        version: _addresses(str(one) for one in blocks if one.version == version)
        for version in (4, 6)
    }
    lines = [
        "table inet gateway {",
        f"  map shown {{ type ipv4_addr : ipv4_addr; {there} }}",
        f"  map meant {{ type ipv4_addr : ipv4_addr; {back} }}",
        f"  set never {{ type ipv4_addr; flags interval; {never[4]} }}",
        f"  set owners {{ type ipv4_addr; {_addresses(sorted(public))} }}",
        "  chain raw {",
        "    type filter hook prerouting priority raw; policy accept;",
        '    iifname "vpc" ip daddr @never drop',
        '    iifname "vpc" meta nfproto ipv4 ip saddr != @owners drop',
        "    meta nfproto ipv6 notrack",
        "  }",
        "  chain enters {",
        "    type nat hook prerouting priority dstnat; policy accept;",
        '    iifname "out" dnat ip to ip daddr map @meant',
        "  }",
        "  chain leaves {",
        "    type nat hook postrouting priority srcnat; policy accept;",
        '    oifname "out" snat ip to ip saddr map @shown',
        "  }",
        "  chain forward {",
        "    type filter hook forward priority filter; policy accept;",
        "    meta nfproto ipv4 ct state invalid drop",
        "  }",
    ]
    return "\n".join([*lines, "}", ""])


def egress_only_gateway() -> str:
    """IPv6 outwards, and inwards only what answers it."""
    lines = [
        "table inet gateway {",
        "  chain forward {",
        "    type filter hook forward priority filter; policy drop;",
        '    iifname "vpc" meta nfproto ipv6 ct state new,established,related accept',
        '    iifname "out" meta nfproto ipv6 ct state established,related accept',
        "  }",
    ]
    return "\n".join([*lines, "}", ""])


def way_back(marks: Mapping[str, int]) -> str:
    """On the Internet: the answer to what came in by one of these links carries its mark."""
    lines = ["table ip6 world {", "  chain seen {"]
    lines += ["    type filter hook prerouting priority mangle; policy accept;"]
    lines += [f'    iifname "{link}" ct mark set {mark}' for link, mark in sorted(marks.items())]
    lines += ["  }", "  chain back {", "    type route hook output priority mangle; policy accept;"]
    lines += ["    meta mark set ct mark"] if marks else []
    return "\n".join([*lines, "  }", "}", ""])


def nat_gateway(address: str, ports: tuple[int, int]) -> str:
    """IPv4 of TCP, UDP and ICMP outwards from one address and these ports, answers back."""
    low, high = ports
    lines = [
        "table inet nat {",
        "  chain input {",
        "    type filter hook input priority filter; policy drop;",
        f"    {_DISCOVERY}",
        "  }",
        "  chain forward {",
        "    type filter hook forward priority filter; policy drop;",
        "    meta nfproto ipv4 meta l4proto { tcp, udp, icmp } ct state invalid drop",
        "    meta nfproto ipv4 meta l4proto { tcp, udp, icmp } accept",
        "  }",
        "  chain leaves {",
        "    type nat hook postrouting priority srcnat; policy accept;",
        f"    ip saddr {address} accept",
        f"    meta l4proto {{ tcp, udp }} snat ip to {address}:{low}-{high}",
        f"    meta l4proto icmp snat ip to {address}",
        "  }",
    ]
    return "\n".join([*lines, "}", ""])


def storage(services: ServiceSet) -> str:
    """What stands behind a gateway endpoint: it takes these services and opens nothing itself."""
    lines = ["table inet storage {", "  chain input {"]
    lines += ["    type filter hook input priority filter; policy drop;", f"    {_DISCOVERY}"]
    lines += [f"    {what}accept" for what in _service_matches(services)]
    return "\n".join([*lines, "  }", "}", ""])


def _addresses(found: Iterable[str]) -> str:
    """An ``elements`` clause, or nothing: nftables takes no empty one."""
    listed = ", ".join(found)
    return f"elements = {{ {listed} }}" if listed else ""
