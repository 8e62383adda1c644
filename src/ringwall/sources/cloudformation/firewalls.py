"""Network Firewall: firewalls, their endpoints, and the policy that each applies.

The rules themselves are read in :mod:`.firewall_rules`. AWS lists a firewall's endpoints in no
particular order, so ``EndpointIds`` says which endpoint is meant only where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ringwall.model.addresses import ALL_ADDRESSES, AddressSet, of_network
from ringwall.model.beyond import FirewallAction, FirewallRule, NetworkFirewall
from ringwall.model.intervals import IntervalSet
from ringwall.model.network import VpcEndpoint
from ringwall.model.origin import Origin
from ringwall.model.services import ALL_SERVICES
from ringwall.sources.cloudformation.firewall_rules import (
    Variables,
    either_way,
    stateful_rules,
    stateless_action,
    stateless_rules,
    variables_of,
)
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.references import firewall_endpoint
from ringwall.sources.cloudformation.stack import Resource

FIREWALL = "AWS::NetworkFirewall::Firewall"
POLICY = "AWS::NetworkFirewall::FirewallPolicy"
RULE_GROUP = "AWS::NetworkFirewall::RuleGroup"
#: Default actions of the strict order by what they do; those that only alert do nothing here.
_DROPS = ("aws:drop_strict",)
_DROPS_LATER = ("aws:drop_established", "aws:drop_established_app_layer")


@dataclass(frozen=True, slots=True)
class _Policy:
    stateless: tuple[FirewallRule, ...] = ()
    stateless_default: FirewallAction = "forward"
    stateful: tuple[FirewallRule, ...] = ()
    strict: bool = False
    stateful_default: Literal["pass", "drop"] = "pass"
    opaque: str = ""


def read_firewalls(reading: Reading) -> None:
    """Fill in the firewalls and their endpoints; call it after VPCs and subnets."""
    for resource, props in reading.of_type(FIREWALL):
        _read_firewall(reading, resource, props)
    for resource, props in reading.of_type("AWS::NetworkFirewall::VpcEndpointAssociation"):
        name = props.ident("FirewallArn")
        subnet = props.inner("SubnetMapping").ident("SubnetId")
        _endpoint(reading, resource, resource.id, props.ident("VpcId"), subnet)
        firewall = reading.net.firewalls.get(name)
        if firewall is None:
            message = f"the firewall `{name}` of this endpoint is not in the template"
            reading.gap("missing", resource, message, affects=(resource.id,))
        else:
            more = replace(firewall, endpoints=(*firewall.endpoints, resource.id))
            reading.net.firewalls[name] = more
        reading.doubt(resource)


def _read_firewall(reading: Reading, resource: Resource, props: Props) -> None:
    vpc = props.ident("VpcId")
    subnets = [one.ident("SubnetId") for one in props.each("SubnetMappings")]
    unknown = [reason for _, reason in props.symbols("SubnetMappings")]
    endpoints = [
        _endpoint(
            reading, resource, firewall_endpoint(resource.id, place, len(subnets)), vpc, subnet
        )
        for place, subnet in enumerate(subnets)
    ]
    if unknown:
        message = f"the subnets of the firewall are not known: {unknown[0]}"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
    for key in ("TransitGatewayId", "ProxySettings"):
        if key in props:
            message = f"a firewall with `{key}` is not modelled"
            touched = props.idents(key) if key == "TransitGatewayId" else ()
            reading.gap("unmodelled", resource, message, affects=(resource.id, *touched))
    found = _policy(reading, props, vpc)
    reading.net.firewalls[resource.id] = NetworkFirewall(
        id=resource.id,
        vpc=vpc,
        endpoints=tuple(endpoints),
        stateless=_numbered(found.stateless),
        stateless_default=found.stateless_default,
        stateful=_numbered(found.stateful) if found.strict else found.stateful,
        strict=found.strict,
        stateful_default=found.stateful_default,
        opaque=found.opaque,
        name=props.name("FirewallName"),
        tags=props.tags(),
        origin=reading.origin(resource),
    )
    if found.opaque:
        reading.gap("unmodelled", resource, f"not all of its policy is understood: {found.opaque}")
    reading.doubt(resource, *endpoints)


def _endpoint(reading: Reading, resource: Resource, name: str, vpc: str, subnet: str) -> str:
    reading.net.endpoints[name] = VpcEndpoint(
        id=name,
        vpc=vpc,
        kind="firewall",
        service="network-firewall",
        subnets=(subnet,) if subnet else (),
        origin=reading.origin(resource),
    )
    return name


def _numbered(rules: tuple[FirewallRule, ...]) -> tuple[FirewallRule, ...]:
    """Rules of several groups in the order in which they are judged, counted through."""
    return tuple(replace(rule, priority=number) for number, rule in enumerate(rules, 1))


# --- the policy ----------------------------------------------------------------------------


def _policy(reading: Reading, firewall: Props, vpc: str) -> _Policy:
    name = firewall.ident("FirewallPolicyArn")
    props = reading.props(name, POLICY)
    resource = reading.stack.resources.get(name)
    if props is None or resource is None:
        why = f"its policy `{name}` is not in the template"
        return _Policy(stateless=either_way(firewall.origin()), opaque=why)
    inner = props.inner("FirewallPolicy")
    doubt = resource.doubt or props.unknown("FirewallPolicy")
    if doubt:
        return _Policy(stateless=either_way(props.origin()), opaque=doubt)
    order = inner.inner("StatefulEngineOptions").text("RuleOrder", "DEFAULT_ACTION_ORDER")
    stateless, dark = _stateless(reading, inner)
    variables = _home(reading, vpc) | variables_of(inner.inner("PolicyVariables"))
    stateful, opaque = _stateful(reading, inner, variables, strict=order == "STRICT_ORDER")
    if "TLSInspectionConfigurationArn" in inner:
        opaque.append("it opens TLS connections")
    last, default = _stateful_default(inner, strict=order == "STRICT_ORDER")
    if order not in ("STRICT_ORDER", "DEFAULT_ACTION_ORDER"):
        opaque.append("the order of its rules is not known")
    _tell_fragments(reading, resource, inner)
    return _Policy(
        stateless=tuple(stateless),
        stateless_default=stateless_action(inner, "StatelessDefaultActions") or "forward",
        stateful=(*stateful, *last),
        strict=order == "STRICT_ORDER",
        stateful_default=default,
        opaque="; ".join(dict.fromkeys((*dark, *opaque))),
    )


def _home(reading: Reading, vpc: str) -> Variables:
    """``HOME_NET`` is the firewall's VPC unless somebody says otherwise."""
    found = reading.net.vpcs.get(vpc)
    if found is None:
        return Variables()
    home: AddressSet = IntervalSet.union_of(map(of_network, found.cidrs))
    return Variables({"HOME_NET": home, "EXTERNAL_NET": ALL_ADDRESSES - home})


def _group(reading: Reading, reference: Props, kind: str) -> tuple[Props | None, str]:
    """A rule group of the template, or why it is not known."""
    name = reference.ident("ResourceArn")
    props = reading.props(name, RULE_GROUP)
    resource = reading.stack.resources.get(name)
    if props is None or resource is None:
        return None, f"the rule group `{name}` is not in the template"
    if resource.doubt:
        return None, resource.doubt
    if props.text("Type") != kind:
        return None, f"the rule group `{name}` is not {kind.lower()}"
    if "RuleGroup" not in props or props.unknown("RuleGroup"):
        return None, f"the rules of `{name}` are not in the template"
    return props, ""


def _in_order(policy: Props, key: str) -> tuple[list[Props], list[str]]:
    """References to rule groups by priority, and why there may be others."""
    listed = list(policy.each(key))
    listed.sort(key=lambda one: one.count("Priority") or 0)
    dark = [reason for _, reason in policy.symbols(key)]
    return listed, dark


def _stateless(reading: Reading, policy: Props) -> tuple[list[FirewallRule], list[str]]:
    key = "StatelessRuleGroupReferences"
    listed, dark = _in_order(policy, key)
    found: list[FirewallRule] = []
    for _ in dark:
        found += either_way(policy.origin(key))
    for reference in listed:
        group, why = _group(reading, reference, "STATELESS")
        if group is None:
            dark.append(why)
            found += either_way(reference.origin("ResourceArn"))
        else:
            found += stateless_rules(group)
    return found, dark


def _stateful(
    reading: Reading, policy: Props, usual: Variables, *, strict: bool
) -> tuple[list[FirewallRule], list[str]]:
    listed, dark = _in_order(policy, "StatefulRuleGroupReferences")
    found: list[FirewallRule] = []
    for reference in listed:
        group, why = _group(reading, reference, "STATEFUL")
        if group is None:
            dark.append(why)
            continue
        if "Override" in reference:
            dark.append(f"what `{group.id}` drops is overridden")
            continue
        rules, why = stateful_rules(group, usual, strict=strict)
        found += rules
        dark += filter(None, (why,))
    return found, dark


def _stateful_default(
    policy: Props, *, strict: bool
) -> tuple[tuple[FirewallRule, ...], Literal["pass", "drop"]]:
    """What happens to what no stateful rule names (only the strict order may drop it)."""
    key = "StatefulDefaultActions"
    words = [one.text("Word") for one in _each_word(policy, key)]
    if not strict:
        return (), "pass"
    if any(word in _DROPS for word in words):
        return (), "drop"
    if any(word in _DROPS_LATER or "$" in word for word in words):
        # Connections may begin, and are cut once they stand: neither passed nor stopped.
        return (_uncertain_drop(policy.origin(key)),), "pass"
    return (), "pass"


def _each_word(policy: Props, key: str) -> list[Props]:
    return [
        Props(policy.reading, policy.resource, {"Word": value}, f"{policy.path}/{key}/{index}")
        for index, value in enumerate(policy.items(key))
    ]


def _uncertain_drop(origin: Origin) -> FirewallRule:
    return FirewallRule(
        0, "drop", ALL_ADDRESSES, ALL_ADDRESSES, ALL_SERVICES, certain=False, origin=origin
    )


def _tell_fragments(reading: Reading, resource: Resource, policy: Props) -> None:
    whole = policy.items("StatelessDefaultActions")
    parts = policy.items("StatelessFragmentDefaultActions")
    if [one.data for one in whole] != [one.data for one in parts]:
        message = "fragments of packets have a default action of their own, which is not modelled"
        reading.gap("unmodelled", resource, message)
