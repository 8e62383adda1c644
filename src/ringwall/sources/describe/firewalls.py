"""AWS Network Firewall: firewalls with their endpoints, policies and rule groups.

``describe-firewall``, ``describe-firewall-policy`` and ``describe-rule-group`` answer about one
thing each; a dump holds as many such answers as there are things, one after the other or as lists.
Where the policy or a stateless group is not in the dump, every path through the firewall is
unknown; where a stateful one is not understood, whatever meets the stateful rules is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet
from ringwall.model.beyond import FirewallAction, FirewallRule, NetworkFirewall
from ringwall.model.network import VpcEndpoint
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.firewall_rules import (
    StatefulGroup,
    action_in,
    stateful_rules,
    stateless_rules,
)
from ringwall.sources.describe.firewall_words import Words
from ringwall.sources.describe.item import Item, shown

_DROPS = frozenset({"aws:drop_strict"})
#: These let a connection be made and stop what is said on it.
_DROPS_LATER = frozenset({"aws:drop_established", "aws:drop_established_app_layer"})


@dataclass(slots=True)
class _Answers:
    """Policies and rule groups by ARN: the whole answers."""

    policies: dict[str, Item] = field(default_factory=dict)
    groups: dict[str, Item] = field(default_factory=dict)


@dataclass(slots=True)
class _Policy:
    """What a policy comes to, for one firewall."""

    stateless: list[FirewallRule] = field(default_factory=list)
    stateless_default: FirewallAction = "forward"
    stateful: list[FirewallRule] = field(default_factory=list)
    strict: bool = False
    drops: bool = False
    opaque: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def firewall_endpoints(dump: Dump) -> dict[str, str]:
    """The firewalls (by ARN) that endpoints lead to: as the firewalls say it, or the endpoints."""
    found: dict[str, str] = {}
    for one in dump.items("vpcendpoints"):
        tags = one.tags()
        if tags.get("AWSNetworkFirewallManaged") == "true":
            found[one.need("VpcEndpointId")] = tags.get("Firewall", "")
    for answer in _answers(dump, "firewall", "firewalls", "Firewall"):
        arn = _arn(answer, "Firewall", "FirewallArn", "FirewallName")
        found.update((name, arn) for name, _ in _places(answer))
    return found


def read_firewalls(dump: Dump, builder: NetworkBuilder) -> None:
    """Reads firewalls; endpoints, VPCs and prefix lists must have been read before."""
    known = _Answers(
        _by_arn(dump, "firewallpolicy", "firewallpolicies", "FirewallPolicy"),
        _by_arn(dump, "rulegroup", "rulegroups", "RuleGroup"),
    )
    described = set()
    for answer in _answers(dump, "firewall", "firewalls", "Firewall"):
        arn = _arn(answer, "Firewall", "FirewallArn", "FirewallName")
        described.add(arn)
        _read_firewall(answer, arn, known, builder)
    for one in dump.items("firewalls"):
        arn = one.text("FirewallArn")
        if arn and arn not in described:
            message = f"only the name of firewall `{shown(arn)}` is known; `describe-firewall`"
            builder.gap("missing", arn, f"{message} tells the rest", origin=one.origin)


def _answers(dump: Dump, single: str, several: str, key: str) -> list[Item]:
    """The answers that tell more than a name: an answer holds the thing under its own name."""
    return [one for one in (*dump.items(single), *dump.items(several)) if key in one]


def _arn(answer: Item, *keys: str) -> str:
    """The ARN of the thing in an answer, or its name; ``keys``: where it is, and how called."""
    inner = answer.item(keys[0])
    if inner is None:
        raise answer.error(keys[0], f"`{keys[0]}` is missing here")
    return inner.text(keys[1]) or inner.need(keys[2])


def _by_arn(dump: Dump, single: str, several: str, key: str) -> dict[str, Item]:
    return {
        _arn(one, f"{key}Response", f"{key}Arn", f"{key}Name"): one
        for one in _answers(dump, single, several, key)
    }


def _places(answer: Item) -> list[tuple[str, str]]:
    """Endpoints with their subnets: AWS keeps them by zone."""
    status = answer.item("FirewallStatus")
    states = status.item("SyncStates") if status is not None else None
    found: list[tuple[str, str]] = []
    for zone in sorted(states.data) if states is not None else ():
        state = states.item(zone) if states is not None else None
        tie = state.item("Attachment") if state is not None else None
        if tie is not None and tie.text("EndpointId"):
            found.append((tie.need("EndpointId"), tie.text("SubnetId")))
    return found


def _read_firewall(answer: Item, arn: str, known: _Answers, builder: NetworkBuilder) -> None:
    item = answer.item("Firewall") or answer
    places, vpc = _places(answer), item.text("VpcId")
    for name, subnet in places:
        if name not in builder.endpoints:
            builder.endpoints[name] = VpcEndpoint(
                id=name,
                vpc=vpc,
                kind="firewall",
                service="network-firewall",
                subnets=(subnet,) if subnet else (),
                origin=answer.origin,
            )
    tagged = [
        one.id
        for one in builder.endpoints.values()
        if one.kind == "firewall" and one.tags.get("Firewall") == arn
    ]
    policy = _policy(item, vpc, known, builder)
    tags = item.tags()
    builder.firewalls[arn] = NetworkFirewall(
        id=arn,
        vpc=vpc,
        endpoints=tuple(dict.fromkeys([*(name for name, _ in places), *tagged])),
        stateless=tuple(policy.stateless),
        stateless_default=policy.stateless_default,
        stateful=tuple(policy.stateful),
        strict=policy.strict,
        stateful_default="drop" if policy.drops else "pass",
        opaque="; ".join(policy.opaque),
        name=item.text("FirewallName"),
        tags=tags,
        origin=item.origin,
    )
    for what in policy.missing:
        message = f"{what} of firewall `{shown(arn)}` is not in the dump: what passes is not known"
        builder.gap("missing", arn, message, affects=(arn,), origin=item.origin)
    if policy.opaque:
        message = f"firewall `{shown(arn)}`: {'; '.join(policy.opaque)}"
        builder.gap("unmodelled", arn, message, origin=item.origin)


def _policy(item: Item, vpc: str, known: _Answers, builder: NetworkBuilder) -> _Policy:
    found = _Policy()
    named = item.text("FirewallPolicyArn")
    answer = known.policies.get(named)
    body = answer.item("FirewallPolicy") if answer is not None else None
    if body is None:
        found.missing.append(f"policy `{shown(named)}`")
        return found
    found.stateless_default = action_in(body, "StatelessDefaultActions")
    for reference in sorted(body.items("StatelessRuleGroupReferences"), key=_priority):
        group = reference.need("ResourceArn")
        source = _source(known.groups.get(group))
        if source is None:
            found.missing.append(f"stateless rule group `{shown(group)}`")
        else:
            found.stateless += stateless_rules(source, len(found.stateless))
    options = body.item("StatefulEngineOptions")
    found.strict = options is not None and options.text("RuleOrder") == "STRICT_ORDER"
    _stateful_part(body, vpc, known, builder, found)
    if body.text("TLSInspectionConfigurationArn"):
        found.opaque.append("the policy inspects TLS")
    return found


def _priority(reference: Item) -> int:
    return reference.number("Priority") or 0


def _source(answer: Item | None) -> Item | None:
    group = answer.item("RuleGroup") if answer is not None else None
    return group.item("RulesSource") if group is not None else None


def _stateful_part(
    body: Item, vpc: str, known: _Answers, builder: NetworkBuilder, found: _Policy
) -> None:
    references = body.items("StatefulRuleGroupReferences")
    if found.strict:
        references = sorted(references, key=_priority)
    for reference in references:
        arn = reference.need("ResourceArn")
        answer = known.groups.get(arn)
        source = _source(answer)
        if answer is None or source is None:
            group = StatefulGroup(opaque=f"the rules of group {shown(arn)} are not in the dump")
        else:
            words = _words(body, answer, vpc, builder)
            group = stateful_rules(source, arn, words, len(found.stateful))
        found.stateful += group.rules
        found.opaque += [group.opaque] if group.opaque else []
    defaults = set(body.texts("StatefulDefaultActions"))
    found.drops = found.strict and bool(defaults & (_DROPS | _DROPS_LATER))
    if found.strict and defaults & _DROPS_LATER and not defaults & _DROPS:
        found.stateful.append(
            FirewallRule(
                len(found.stateful), "pass", ALL_ADDRESSES, ALL_ADDRESSES, ALL_SERVICES,
                certain=False, origin=body.origin,
            )
        )  # fmt: skip


def _words(policy: Item, answer: Item, vpc: str, builder: NetworkBuilder) -> Words:
    """Variables: the group's own, else the policy's, else what AWS sets by the firewall's VPC."""
    group = answer.item("RuleGroup") or answer
    home = builder.vpcs.get(vpc)
    addresses: dict[str, tuple[str, ...]] = {"EXTERNAL_NET": ("!$HOME_NET",)}
    if home is not None:
        addresses["HOME_NET"] = tuple(map(str, home.cidrs))
    ports: dict[str, tuple[str, ...]] = {}
    shared, own = policy.item("PolicyVariables"), group.item("RuleVariables")
    addresses |= _definitions(shared, "RuleVariables") | _definitions(own, "IPSets")
    ports |= _definitions(own, "PortSets")
    references = group.item("ReferenceSets")
    named = references.item("IPSetReferences") if references is not None else None
    lists: dict[str, AddressSet | None] = {}
    for name in named.data if named is not None else ():
        one = named.item(name) if named is not None else None
        listed = one.need("ReferenceArn").rpartition("/")[2] if one is not None else ""
        known = builder.prefix_lists.get(listed)
        lists[name] = known.entries if known is not None else None
    return Words(addresses, ports, lists)


def _definitions(item: Item | None, key: str) -> dict[str, tuple[str, ...]]:
    sets = item.item(key) if item is not None else None
    found: dict[str, tuple[str, ...]] = {}
    for name in sets.data if sets is not None else ():
        one = sets.item(name) if sets is not None else None
        if one is not None:
            found[name] = one.texts("Definition")
    return found
