"""What network ACLs and route tables let through beyond the flows of their subnets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.facts.load import facts
from ringwall.model.addresses import AddressSet, of_network
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import Subnet
from ringwall.model.policy import Flow, Selector
from ringwall.model.services import ServiceSet, has_ports, port_range, ranges_of
from ringwall.model.tags import TAG_TIER
from ringwall.model.verdict import Layer, Step
from ringwall.prove.claims.case import Case, is_storage, words
from ringwall.prove.ends import internet_addresses
from ringwall.prove.simulator_filters import acl_words

OUTSIDE = "internet"


@dataclass(frozen=True, slots=True)
class Slack:
    """What is loose in one resource; nothing where ``detail`` and ``reasons`` are empty.

    The looseness is the services in ``leak`` between ``subnet`` and the atom at ``place``, which
    lies in the tier ``peer``.
    """

    resource: str
    layer: Layer
    detail: str = ""
    reasons: tuple[str, ...] = ()
    subnet: str = ""
    place: int = 0
    peer: str = ""
    egress: bool = False
    leak: int = 0
    cause: Step | None = None


@dataclass(frozen=True, slots=True)
class _Leg:
    """A flow as tiers see it. ``outside`` holds its addresses where an end is on the Internet."""

    source: str
    target: str
    services: ServiceSet
    replies: ServiceSet
    outside: AddressSet
    storage: bool


def acl_slack(case: Case) -> Iterator[Slack]:
    """One result per network ACL that has subnets, in the order of their ids."""
    legs = list(_legs(case))
    for acl in sorted(case.network.network_acls.values(), key=lambda one: one.id):
        homes = [case.network.subnets[one] for one in acl.subnets if one in case.network.subnets]
        if homes:
            yield _loosest(acl.id, "network-acl", _acl_slacks(case, acl.id, homes, legs))


def route_slack(case: Case) -> Iterator[Slack]:
    """One result per route table that serves subnets, in the order of their ids."""
    legs = list(_legs(case))
    serving: dict[str, list[Subnet]] = {}
    for subnet in case.network.subnets.values():
        table = case.prover.table(subnet)
        if table is not None:
            serving.setdefault(table.id, []).append(subnet)
    for table_id, homes in sorted(serving.items()):
        yield _loosest(table_id, "route", _route_slacks(case, table_id, homes, legs))


def tier_of(case: Case, subnet: Subnet) -> str:
    """A subnet's tier by its tag, else by what stands in it."""
    if TAG_TIER in subnet.tags:
        return subnet.tags[TAG_TIER]
    tiers = {one.tier for one in case.network.interfaces.values() if one.subnet == subnet.id}
    return tiers.pop() if len(tiers) == 1 else ""


# --- flows as tiers see them ------------------------------------------------------------


def _legs(case: Case) -> Iterator[_Leg]:
    for flow in case.policy.flows:
        replies = ServiceSet.union_of(
            port_range(one.protocol, *flow.client_ports)
            for one in ranges_of(flow.services)
            if has_ports(one.protocol)
        )
        storage = any(map(is_storage, case.select(flow.target)))
        for source in _tiers(case, flow.source):
            for target in _tiers(case, flow.target):
                outside = internet_addresses() if storage else _outside(case, flow)
                yield _Leg(source, target, flow.services, replies, outside, storage)


def _tiers(case: Case, selector: Selector) -> list[str]:
    if selector.kind in ("internet", "address"):
        return [OUTSIDE]
    units = case.select(selector)
    return sorted({OUTSIDE if is_storage(unit) else unit.tier for unit in units})


def _outside(case: Case, flow: Flow) -> AddressSet:
    named = case.outside(flow.source) | case.outside(flow.target)
    return named or internet_addresses()


def _host_nat(case: Case, tier: str, homes: list[Subnet]) -> bool:
    """Does a NAT gateway stand in one of a tier's subnets that share an ACL or a route table?"""
    names = {home.id for home in homes if tier_of(case, home) == tier}
    return any(nat.subnet in names for nat in case.network.nat_gateways.values())


# --- network ACLs -----------------------------------------------------------------------


def _acl_slacks(case: Case, acl: str, homes: list[Subnet], legs: list[_Leg]) -> Iterator[Slack]:
    prover = case.prover
    for home in homes:
        own = tier_of(case, home)
        nat = _host_nat(case, own, homes)
        for tier, place in _peers(case, home):
            for egress in (True, False):
                passing = prover.through_acl(home.id, egress, place)
                asked = prover.parts.services.mask(_asked(own, tier, place, egress, nat, legs))
                way = "out to" if egress else "in from"
                leak = passing.sure & ~asked
                if leak:
                    what = f"it lets {words(prover, leak)} {way} {tier or 'an untagged subnet'}"
                    detail = f"{what}, and no flow asks for it"
                    cause = _entry(case, acl, egress, place, leak)
                    slack = Slack(acl, "network-acl", detail, (), home.id, place, tier, egress)
                    yield replace(slack, leak=leak, cause=cause)
                elif passing.possible & ~asked:
                    yield Slack(acl, "network-acl", reasons=(passing.reason,))


def _entry(case: Case, acl: str, egress: bool, place: int, leak: int) -> Step | None:
    """The first rule of an ACL that lets some of the leak pass."""
    entries = (one for one in case.network.network_acls[acl].entries if one.egress is egress)
    for one in sorted(entries, key=lambda one: one.number):
        held = case.prover.parts.services.mask(one.services) & leak
        if one.allow and one.certain and held and place in of_network(one.cidr):
            return Step("network-acl", acl, acl_words(one), True, "", one.origin)
    return None


def _peers(case: Case, home: Subnet) -> Iterator[tuple[str, int]]:
    """The tier and first address of every atom that packets to or from a subnet may have."""
    atoms = case.prover.parts.addresses
    for other in case.network.subnets.values():
        if other.id != home.id and other.vpc == home.vpc:
            for cidr in other.cidrs:
                for index in atoms.indices(of_network(cidr)):
                    yield tier_of(case, other), atoms.starts[index]
    for index in atoms.indices(internet_addresses()):
        yield OUTSIDE, atoms.starts[index]


def _asked(
    tier: str, peer: str, place: int, egress: bool, nat: bool, legs: list[_Leg]
) -> ServiceSet:
    """What the flows, and the replies to them, ask of a tier's border with one peer."""
    found: list[ServiceSet] = []
    for leg in legs:
        if peer == OUTSIDE and place not in leg.outside:
            continue
        there, back = (leg.services, leg.replies) if egress else (leg.replies, leg.services)
        if (leg.source, leg.target) == (tier, peer):
            found.append(there)
        if (leg.source, leg.target) == (peer, tier):
            found.append(back)
        if nat and leg.target == OUTSIDE and not leg.storage:
            found += _through_nat(leg, peer, egress)
    return IntervalSet.union_of(found)


def _through_nat(leg: _Leg, peer: str, egress: bool) -> list[ServiceSet]:
    """What a NAT gateway in the subnet must pass for a flow that leads out through it."""
    if peer == leg.source:
        return [leg.replies if egress else leg.services]
    if peer == OUTSIDE:
        low, high = facts("client-ports").values["managed"]
        ports = [port_range(one.protocol, low, high) for one in ranges_of(leg.services)]
        return [leg.services] if egress else ports
    return []


# --- route tables -----------------------------------------------------------------------


def _route_slacks(case: Case, table: str, homes: list[Subnet], legs: list[_Leg]) -> Iterator[Slack]:
    atoms = case.prover.parts.addresses
    for home in homes:
        tier = tier_of(case, home)
        nat = _host_nat(case, tier, homes)
        for index in atoms.indices(internet_addresses()):
            place = atoms.starts[index]
            step = case.prover.next(home, place)
            if step.kind in ("none", "blackhole", "local"):
                continue
            if step.kind == "unknown":
                yield Slack(table, "route", reasons=(step.reason,))
            elif not _leads_out(tier, place, step.kind, nat, legs):
                what = f"it leads from {tier or home.id} to {step.target}"
                detail = f"{what}, and no flow goes that way"
                slack = Slack(table, "route", detail, (), home.id, place, OUTSIDE, True)
                yield replace(slack, leak=case.prover.parts.services.full)


def _leads_out(tier: str, place: int, kind: str, nat: bool, legs: list[_Leg]) -> bool:
    """Does a flow of the tier go out to, or come in from, that address in that way?

    Subnets that take connections from some of the Internet, or that hold NAT gateways, may lead
    to the internet gateway as a whole: which of it is used is for the other guards to narrow.
    """
    for leg in legs:
        inward = leg.source == OUTSIDE and leg.target == tier
        if kind == "internet-gateway" and (inward or (nat and leg.target == OUTSIDE)):
            return True
        if place not in leg.outside:
            continue
        if leg.storage and leg.source == tier and kind == "vpc-endpoint":
            return True
        if leg.storage or OUTSIDE not in (leg.source, leg.target):
            continue
        if tier in (leg.source, leg.target):
            return True
    return False


def _loosest(resource: str, layer: Layer, found: Iterator[Slack]) -> Slack:
    """The first certain looseness, else every doubt, else none."""
    reasons: dict[str, None] = {}
    for one in found:
        if one.detail:
            return one
        reasons.update(dict.fromkeys(one.reasons))
    return Slack(resource, layer, reasons=tuple(reasons))
