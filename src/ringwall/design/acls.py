"""Network ACLs: one per tier, derived from the flows' crossings and from nothing else.

A table is an ordered list. Rules stand in bands, so that a person finds them and a later rule has
room:

======  ==========================================================================
100     denials between public and data, whatever else is said below
1000    allowed crossings to and from the public tier's block
2000    ... the app tier's block
3000    ... the data tier's block
4000    denials that make room for the shared rules (only where rules are shared)
5000    shared rules: one rule for several tiers' blocks (likewise)
9000    denial of the rest of the VPC, so that what follows speaks of the Internet only
10000   allowed crossings to and from the Internet
======  ==========================================================================

Rules speak of a tier's whole block, used and unused zones alike, so a new zone changes none. Only
IPv4 has rules, because the VPC has no IPv6. Network ACLs are not evaluated inside one subnet.

AWS takes 20 rules a direction, its own final denial included. Neighbouring ports of one peer are
one rule, and what a wider rule holds is left out. Where that is not enough, ports that several
tiers need are said once for a block that covers them, with denials before it for whatever else
lies in that block: the meaning stays exactly the same. A table is never made to fit by opening
more; where it does not fit, that is an error with its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, collapse_addresses
from itertools import combinations

from ringwall.design.addresses import reserved
from ringwall.design.blueprint import AddressPlan, Blueprint, subnet_name
from ringwall.design.crossings import Crossing, crossings
from ringwall.design.network import TIERS, VPC
from ringwall.design.quotas import quota
from ringwall.design.tags import tags
from ringwall.design.tree import Ref, Resource, Tree, Value
from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.network import AclEntry
from ringwall.model.policy import Flow
from ringwall.model.services import (
    ALL_SERVICES,
    NO_SERVICES,
    ServiceRange,
    ServiceSet,
    has_ports,
    ranges_of,
    whole_protocol,
)
from ringwall.spec.model import Tier

_APART, _PEERS, _CLOSED, _SHARED, _REST, _OUTSIDE = 100, 1000, 4000, 5000, 9000, 10000
_STEP = 10
#: Tiers between which nothing may ever pass.
_OPPOSITE: dict[Tier, Tier] = {"public": "data", "data": "public"}
_WORDS = {False: "inbound", True: "outbound"}


class _Table:
    """Entries in the making: each band counts on from its first number."""

    def __init__(self, egress: bool) -> None:
        self.egress = egress
        self.entries: list[AclEntry] = []
        self._next: dict[int, int] = {}

    def add(self, band: int, allow: bool, cidr: IPv4Network, services: ServiceSet) -> None:
        number = self._next.get(band, band)
        self._next[band] = number + _STEP
        self.entries.append(AclEntry(number, self.egress, allow, cidr, services))

    def allow(self, band: int, cidr: IPv4Network, ranges: Iterable[ServiceRange]) -> None:
        for one in ranges:
            self.add(band, True, cidr, _services(one))

    def done(self) -> tuple[AclEntry, ...]:
        return tuple(sorted(self.entries, key=lambda entry: entry.number))


def acl_entries(blueprint: Blueprint) -> dict[Tier, tuple[AclEntry, ...]]:
    """Each tier's rules, both directions, lowest number first.

    Raises InputError where a table cannot be made to fit the quota.
    """
    asked: dict[tuple[Tier, bool], list[Crossing]] = defaultdict(list)
    for one in sorted(crossings(blueprint), key=_growth):
        asked[one.tier, one.egress].append(one)
    found: dict[Tier, tuple[AclEntry, ...]] = {}
    problems: list[Diagnostic] = []
    for tier in TIERS:
        tables = [table(blueprint.plan, tier, way, asked[tier, way]) for way in (False, True)]
        for entries, way in zip(tables, (False, True), strict=True):
            if len(entries) > _room():
                problems.append(_too_many(blueprint, tier, way, len(entries), asked[tier, way]))
        found[tier] = (*tables[0], *tables[1])
    if problems:
        raise InputError(problems)
    return found


def _growth(one: Crossing) -> int:
    """What a growing file adds to goes last, so that its rules come at the end of their bands and
    the rules of what runs already stay where they are."""
    if one.reply:
        return 0
    if one.flow.added or one.flow.target.kind == "address":
        return 1
    return 2


def table(
    plan: AddressPlan, tier: Tier, egress: bool, asked: Sequence[Crossing]
) -> tuple[AclEntry, ...]:
    """One direction of one tier's rules: plain where it fits the quota, else the shortest that
    means the same."""
    plain = _build(plan, tier, egress, asked, ())
    if len(plain) <= _room():
        return plain
    tables = [plain]
    for several in (2, 3):
        for sharing in combinations(TIERS, several):
            tables.append(_build(plan, tier, egress, asked, sharing))
    return min(tables, key=len)


def _room() -> int:
    """AWS's final denial takes one of the quota's rules."""
    return quota("vpc", "acl-rules-per-direction") - 1


def _build(
    plan: AddressPlan,
    tier: Tier,
    egress: bool,
    asked: Sequence[Crossing],
    sharing: tuple[Tier, ...],
) -> tuple[AclEntry, ...]:
    """The rules, with the ports that all of ``sharing`` need said once."""
    made = _Table(egress)
    opposite = _OPPOSITE.get(tier)
    if opposite:
        made.add(_APART, False, plan.blocks[opposite], ALL_SERVICES)
    peers = {peer: _union(one for one in asked if one.peer == plan.blocks[peer]) for peer in TIERS}
    shared = _shared(peers, sharing)
    for place, peer in enumerate(TIERS):
        mine = [one for one in asked if one.peer == plan.blocks[peer]]
        rest = peers[peer]
        if peer in sharing:
            # The part that is said once leaves this peer's own band, if that spares a rule.
            less = rest - shared
            rest = less if len(ranges_of(less)) < len(ranges_of(rest)) else rest
        made.allow(_PEERS * (place + 1), plan.blocks[peer], _in_order(rest, mine))
    if shared:
        cover = _cover(plan, sharing)
        for block in _others(plan, sharing, opposite):
            if block.subnet_of(cover):
                made.add(_CLOSED, False, block, ALL_SERVICES)
        made.allow(_SHARED, cover, _in_order(shared, asked))
    made.add(_REST, False, plan.vpc, ALL_SERVICES)
    for block, services in _outside(plan, asked):
        made.add(_OUTSIDE, True, block, services)
    return made.done()


def _union(those: Iterable[Crossing]) -> ServiceSet:
    return ServiceSet.union_of(one.services for one in those)


def _shared(peers: dict[Tier, ServiceSet], sharing: tuple[Tier, ...]) -> ServiceSet:
    """What each of the sharing peers needs."""
    if not sharing:
        return NO_SERVICES
    common = peers[sharing[0]]
    for peer in sharing[1:]:
        common = common & peers[peer]
    return common


def _cover(plan: AddressPlan, sharing: tuple[Tier, ...]) -> IPv4Network:
    """The smallest block that holds all of the sharing tiers' blocks."""
    cover = plan.blocks[sharing[0]]
    while not all(plan.blocks[peer].subnet_of(cover) for peer in sharing):
        cover = cover.supernet()
    return cover


def _others(
    plan: AddressPlan, sharing: tuple[Tier, ...], denied: Tier | None
) -> Iterator[IPv4Network]:
    """The parts of the VPC that share nothing and are not denied above already."""
    for tier in TIERS:
        if tier not in sharing and tier != denied:
            yield plan.blocks[tier]
    yield reserved(plan)


def _in_order(services: ServiceSet, asked: Sequence[Crossing]) -> list[ServiceRange]:
    """The ranges in the order in which the crossings first ask for them."""
    met = {
        one: next(place for place, crossing in enumerate(asked) if crossing.services & piece)
        for one in ranges_of(services)
        if (piece := _services(one))
    }
    return sorted(met, key=lambda one: met[one])


def _outside(plan: AddressPlan, asked: Sequence[Crossing]) -> list[tuple[IPv4Network, ServiceSet]]:
    """The rules for the Internet: nothing that a wider block allows already, adjacent blocks as
    one, in the order in which the crossings first ask for them."""
    outer = [one for one in asked if not one.peer.subnet_of(plan.vpc)]
    wanted = {one.peer: _union(it for it in outer if it.peer == one.peer) for one in outer}
    blocks: dict[ServiceRange, list[IPv4Network]] = defaultdict(list)
    for block, services in wanted.items():
        wider = ServiceSet.union_of(
            theirs for other, theirs in wanted.items() if block != other and block.subnet_of(other)
        )
        for one in ranges_of(services):
            if not _services(one) <= wider:
                blocks[one].append(block)
    rules = [
        (block, _services(one))
        for one, those in blocks.items()
        for block in collapse_addresses(those)
    ]
    return sorted(rules, key=lambda rule: _first(rule, outer))


def _first(rule: tuple[IPv4Network, ServiceSet], asked: Sequence[Crossing]) -> int:
    block, services = rule
    return next(
        place
        for place, one in enumerate(asked)
        if one.peer.subnet_of(block) and one.services & services
    )


def _services(one: ServiceRange) -> ServiceSet:
    if one.protocol == -1:
        return ALL_SERVICES
    base = whole_protocol(one.protocol).first
    return ServiceSet(((base + one.low, base + one.high),))


def _too_many(
    blueprint: Blueprint, tier: Tier, egress: bool, count: int, asked: Sequence[Crossing]
) -> Diagnostic:
    """The complaint, at the first service that the table serves, with the places of some more."""
    written: dict[str, Flow] = {}
    for one in asked:
        if not one.flow.added:
            written.setdefault(one.flow.target.name, one.flow)
    places = list(dict.fromkeys(flow.origin for flow in written.values()))
    place = places[0] if places else blueprint.file.origin("services")
    most = quota("vpc", "acl-rules-per-direction")
    return Diagnostic(
        "RW-DESIGN-001",
        f"the network ACL of the {tier} tier needs {count} {_WORDS[egress]} rules, and AWS allows "
        f"{most} with its own final one",
        place,
        "let services use the same port or neighbouring ports (8080, 8081), which become one rule, "
        "or name fewer, wider address blocks",
        tuple((other, "this asks for some of them too") for other in places[1:6]),
    )


def acls(blueprint: Blueprint, tree: Tree) -> None:
    """The pass: ``PublicNetworkAcl`` and so on, their entries, their subnets.

    An entry is named by its direction and number, so that whatever changes in it is changed in
    place: AWS refuses two entries of one number, even for the moment of a replacement.
    """
    for tier, entries in acl_entries(blueprint).items():
        name = acl_name(tier)
        acl = Resource(
            name,
            "AWS::EC2::NetworkAcl",
            {"VpcId": Ref(VPC), "Tags": tags(blueprint, f"{tier}-acl", tier=tier)},
        )
        tree.add(acl)
        for entry in entries:
            tree.add(_entry(name, entry))
        for zone in blueprint.zones:
            subnet = subnet_name(tier, zone)
            tree.add(
                Resource(
                    f"{subnet}Acl",
                    "AWS::EC2::SubnetNetworkAclAssociation",
                    {"SubnetId": Ref(subnet), "NetworkAclId": Ref(name)},
                )
            )


def acl_name(tier: Tier) -> str:
    """The logical id of a tier's network ACL."""
    return f"{tier.capitalize()}NetworkAcl"


def _entry(acl: str, entry: AclEntry) -> Resource:
    (only,) = ranges_of(entry.services)
    properties: dict[str, Value] = {
        "NetworkAclId": Ref(acl),
        "Egress": entry.egress,
        "RuleNumber": entry.number,
        "RuleAction": "allow" if entry.allow else "deny",
        "CidrBlock": str(entry.cidr),
        "Protocol": only.protocol,
    }
    if has_ports(only.protocol):
        properties["PortRange"] = {"From": only.low, "To": only.high}
    way = "Out" if entry.egress else "In"
    return Resource(f"{acl}{way}{entry.number}", "AWS::EC2::NetworkAclEntry", properties)
