"""Ends of traffic, and what the words of a question name.

An end is an interface, the Internet, a bucket, all that lies on premises (behind VPN and Direct
Connect), or a private address at which nothing is known to stand. Pods and other ends come to this
list later; layers and simulator look at the kind only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import Final, Literal

from ringwall.facts.load import facts
from ringwall.model.addresses import (
    ALL_V4,
    ALL_V6,
    AddressSet,
    IPNetwork,
    of_cidr,
    of_network,
    show_addresses,
)
from ringwall.model.errors import InputError
from ringwall.model.intervals import EMPTY, IntervalSet
from ringwall.model.network import WAY_KINDS, Bucket, Network, NetworkInterface, PrefixList
from ringwall.model.origin import Origin

EndKind = Literal["interface", "internet", "bucket", "address", "on-premises"]

COMMAND_LINE = Origin("command line")


@dataclass(frozen=True, slots=True)
class End:
    """One end of traffic. ``addresses`` are those that it has, or (unpinned, Internet) may have.

    An interface that was named by its public address carries only that in ``addresses``: it is
    then meant as the Internet sees it. A bucket carries its Region's S3 addresses, nothing where
    those are not known.
    """

    kind: EndKind
    id: str
    name: str = ""
    interface: NetworkInterface | None = None
    bucket: Bucket | None = None
    addresses: AddressSet = EMPTY

    def __str__(self) -> str:
        return self.name or self.id


@cache
def internet_addresses() -> AddressSet:
    """Every address that the Internet routes (facts: ``special-purpose-addresses``).

    Documentation blocks (203.0.113.0/24 and its like) count as Internet: people use them in
    examples, and no network gains anything from a proof that leaves them out.
    """
    values = facts("special-purpose-addresses").values
    everything = IntervalSet.union_of(of_cidr(text) for text in values["internet"])
    return everything - IntervalSet.union_of(
        of_cidr(text) for text in values["never-on-the-internet"]
    )


def vpc_addresses(network: Network) -> AddressSet:
    """Every address inside a VPC of the network."""
    return IntervalSet.union_of(
        of_network(cidr) for vpc in network.vpcs.values() for cidr in vpc.cidrs
    )


#: The word for what lies behind VPN and Direct Connect, and the id of that end.
ON_PREMISES: Final = "on-premises"
_PREMISES_KINDS = ("vpn", "direct-connect-gateway")


def on_premises_addresses(network: Network) -> AddressSet:
    """Every address that may stand on premises, whether or not the network has a way there.

    The private blocks (facts: ``special-purpose-addresses``), what VPN connections and Direct
    Connect gateways name, and what routes lead there; whatever a VPC of the network holds stands
    in that VPC. Default routes tell nothing of where an address stands.
    """
    private = facts("special-purpose-addresses").values["private"]
    found = [of_cidr(text) for text in private]
    for block in _premises_blocks(network):
        if not isinstance(block, str):
            found += [of_network(block)] if block.prefixlen else []
        elif (known := network.prefix_lists.get(block)) is not None:
            found.append(known.entries or EMPTY)
    return IntervalSet.union_of(found) - vpc_addresses(network)


def _premises_blocks(network: Network) -> Iterator[IPNetwork | str]:
    """Blocks, and ids of prefix lists, that something in the network says lie on premises."""
    for connection in network.vpn_connections.values():
        yield from connection.routes
    for gateway in network.direct_connect_gateways.values():
        yield from gateway.prefixes
    for table in network.route_tables.values():
        yield from (one.destination for one in table.routes if one.target_kind == "vpn-gateway")
    attachments = network.transit_attachments
    for transit in network.transit_route_tables.values():
        for route in transit.routes:
            beyond = attachments.get(route.attachment)
            if beyond is not None and beyond.kind in _PREMISES_KINDS:
                yield route.destination


def on_premises_end(network: Network) -> End | None:
    """What lies behind VPN and Direct Connect, as one end; None where nothing leads there.

    A virtual private gateway that serves a VPC counts as a way, and so does a route to one, even
    where nothing is known to lie behind it; so does a VPN or Direct Connect attachment.
    """
    leads = (
        any(one.vpcs for one in network.vpn_gateways.values())
        or any(one.kind in _PREMISES_KINDS for one in network.transit_attachments.values())
        or any(
            route.target_kind == "vpn-gateway"
            for table in network.route_tables.values()
            for route in table.routes
        )
    )
    if not leads:
        return None
    return End(ON_PREMISES, ON_PREMISES, ON_PREMISES, addresses=on_premises_addresses(network))


def s3_prefix_list(network: Network, bucket: Bucket) -> PrefixList | None:
    """The managed prefix list of S3 in the bucket's Region, if the network lists it."""
    wanted = f"com.amazonaws.{bucket.region or network.region}.s3"
    for one in sorted(network.prefix_lists.values(), key=lambda one: one.id):
        if one.name == wanted:
            return one
    return None


def internet_end(addresses: AddressSet | None = None) -> End:
    """The Internet, or the part of it that ``addresses`` hold."""
    if addresses is None or addresses == internet_addresses():
        return End("internet", "internet", "internet", addresses=internet_addresses())
    return End("internet", show_addresses(addresses), addresses=addresses)


def the_internet(network: Network) -> End:
    """The Internet as a network sees it: what stands in one of its own VPCs is not outside."""
    outside = internet_addresses() - vpc_addresses(network)
    return End("internet", "internet", "internet", addresses=outside)


def interface_end(network: Network, interface: NetworkInterface) -> End:
    return End(
        "interface",
        interface.id,
        _interface_name(network, interface),
        interface=interface,
        addresses=interface.addresses,
    )


def bucket_end(network: Network, bucket: Bucket) -> End:
    prefix_list = s3_prefix_list(network, bucket)
    entries = prefix_list.entries if prefix_list is not None else None
    return End(
        "bucket", bucket.id, bucket.name or bucket.id, bucket=bucket, addresses=entries or EMPTY
    )


def resolve(network: Network, text: str) -> tuple[End, ...]:
    """The ends that a word of the user's names, in the order of their ids.

    Tried in this order, the first that names anything wins: ``internet`` and ``on-premises``; a
    service; a tier; an interface, owner, load balancer, endpoint, NAT gateway or bucket by id; the
    same by name; every interface in a subnet, VPC or security group by id; what lies behind an
    internet, VPN or Direct Connect gateway or a VPN connection, by id; an address or block.
    Raises InputError RW-EXPLAIN-001 where nothing fits.
    """
    word = text.strip()
    if word == "internet":
        return (the_internet(network),)
    if word == ON_PREMISES and (premises := on_premises_end(network)) is not None:
        return (premises,)
    for find in (_by_service, _by_tier, _by_id, _by_name, _by_place, _by_gateway, _by_address):
        found = find(network, word)
        if found:
            return tuple(sorted(found, key=lambda end: (end.kind, end.id)))
    raise InputError.at(
        COMMAND_LINE,
        "RW-EXPLAIN-001",
        f"`{word}` names nothing in this network",
        _hint(network, word),
    )


def known_names(network: Network) -> tuple[str, ...]:
    """Every word that :func:`resolve` takes, addresses left out."""
    names = {"internet"}
    for interface in network.interfaces.values():
        names |= {interface.id, interface.service, interface.tier, interface.owner}
        names |= {
            interface.name,
            interface.tags.get("Name", ""),
            *_labels(network, interface.owner),
        }
    for bucket in network.buckets.values():
        names |= {bucket.id, bucket.name, bucket.service, bucket.tier, bucket.tags.get("Name", "")}
    names |= {
        one.id for one in network.nat_gateways.values() if one.interface in network.interfaces
    }
    if on_premises_end(network) is not None:
        names.add(ON_PREMISES)
        names |= {*network.vpn_gateways, *network.vpn_connections}
        names |= set(network.direct_connect_gateways)
    names |= set(network.internet_gateways)
    names |= {word for one in network.interfaces.values() for word in _places(network, one)}
    return tuple(sorted(names - {""}))


def _hint(network: Network, word: str) -> str:
    if word == ON_PREMISES:
        return "no VPN or Direct Connect gateway leads out of this network"
    names = known_names(network)
    close = get_close_matches(word, names, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f"`{name}`" for name in close) + "?"
    services = sorted({one.service for one in network.interfaces.values() if one.service})
    shown = (services or [name for name in names if name != "internet"])[:8]
    listed = ", ".join(f"`{name}`" for name in ["internet", *shown])
    return f"name a service, tier, interface, instance, load balancer, bucket or address: {listed}"


def _ends(
    network: Network,
    interfaces: Callable[[NetworkInterface], bool],
    buckets: Callable[[Bucket], bool],
) -> list[End]:
    found = [interface_end(network, one) for one in network.interfaces.values() if interfaces(one)]
    return found + [bucket_end(network, one) for one in network.buckets.values() if buckets(one)]


def _by_service(network: Network, word: str) -> list[End]:
    return _ends(network, lambda one: one.service == word, lambda one: one.service == word)


def _by_tier(network: Network, word: str) -> list[End]:
    # A NAT gateway opens and takes no connections of its own: it is a way, not an end.
    return _ends(
        network,
        lambda one: one.tier == word and one.kind not in WAY_KINDS,
        lambda one: one.tier == word,
    )


def _by_id(network: Network, word: str) -> list[End]:
    nat = network.nat_gateways.get(word)
    return _ends(
        network,
        lambda one: word in (one.id, one.owner) or (nat is not None and nat.interface == one.id),
        lambda one: one.id == word,
    )


def _by_name(network: Network, word: str) -> list[End]:
    return _ends(
        network,
        lambda one: word in (one.name, one.tags.get("Name"), *_labels(network, one.owner)),
        lambda one: word in (one.name, one.tags.get("Name")),
    )


def _by_place(network: Network, word: str) -> list[End]:
    return _ends(
        network,
        lambda one: one.kind not in WAY_KINDS and word in _places(network, one),
        lambda _: False,
    )


def _by_gateway(network: Network, word: str) -> list[End]:
    """What lies behind an internet gateway, or behind VPN or Direct Connect."""
    if word in network.internet_gateways:
        return [the_internet(network)]
    beyond = (network.vpn_gateways, network.vpn_connections, network.direct_connect_gateways)
    premises = on_premises_end(network)
    return [premises] if premises and any(word in known for known in beyond) else []


def _places(network: Network, interface: NetworkInterface) -> tuple[str, ...]:
    """The ids of what an interface stands in: its subnet, VPC and security groups."""
    subnet = network.subnets.get(interface.subnet)
    vpc = (subnet.vpc,) if subnet is not None else ()
    return (interface.subnet, *vpc, *interface.groups)


def _by_address(network: Network, word: str) -> list[End]:
    try:
        wanted = of_cidr(word)
    except ValueError:
        return []
    private = [
        replace(interface_end(network, one), addresses=one.addresses & wanted)
        for one in network.interfaces.values()
        if one.addresses & wanted
    ]
    public = [
        replace(interface_end(network, one), addresses=one.public_addresses & wanted)
        for one in network.interfaces.values()
        if wanted.size == 1 and one.public_addresses & wanted
    ]
    if public or wanted <= vpc_addresses(network):
        return public or private or [_bare(wanted)]
    found: list[End] = []
    premises = on_premises_end(network)
    if premises is not None and wanted <= premises.addresses:
        found.append(replace(premises, id=show_addresses(wanted), name="", addresses=wanted))
    outside = wanted & internet_addresses()
    if outside:
        # A site may use public addresses: the Internet leads there as well as its VPN.
        found.append(internet_end(outside))
    return found or private or [_bare(wanted)]


def _bare(addresses: AddressSet) -> End:
    return End("address", show_addresses(addresses), addresses=addresses)


def _interface_name(network: Network, interface: NetworkInterface) -> str:
    labels = _labels(network, interface.owner)
    candidates = (interface.service, interface.name, interface.tags.get("Name", ""), *labels)
    return next((one for one in candidates if one), interface.owner or interface.id)


def _labels(network: Network, owner: str) -> tuple[str, ...]:
    """The names that people know an owner of interfaces by."""
    known = (
        network.workloads.get(owner),
        network.load_balancers.get(owner),
        network.endpoints.get(owner),
        network.nat_gateways.get(owner),
    )
    found = [label for one in known if one for label in (one.name, one.tags.get("Name", ""))]
    workload = network.workloads.get(owner)
    found += workload.aliases if workload else ()
    return tuple(label for label in found if label)


def family(addresses: AddressSet, version: int) -> AddressSet:
    """The part of a set that is IPv4 or IPv6."""
    return addresses & (ALL_V4 if version == 4 else ALL_V6)
