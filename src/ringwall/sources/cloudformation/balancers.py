"""Load balancers of the second and the first generation, listeners, rules and target groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from ringwall.model.network import Listener, LoadBalancer, Target, TargetGroup
from ringwall.sources.cloudformation.interfaces import Plan, place
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.targets import Registrations, read_registrations

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
Kind = Literal["application", "network", "gateway"]


def read_balancers(reading: Reading) -> None:
    """Fill in load balancers and target groups; call it after the workloads."""
    for resource, props in reading.of_type(BALANCER):
        _read_balancer(reading, resource, props)
    rules = _rules_by_listener(reading)
    for resource, props in reading.of_type(LISTENER):
        _read_listener(reading, resource, props, rules.get(resource.id, []))
    registered = read_registrations(reading)
    for resource, props in reading.of_type(TARGETS):
        _read_targets(reading, resource, props, registered)
    for resource, props in reading.of_type(CLASSIC):
        _read_classic(reading, resource, props, registered)


def _rules_by_listener(reading: Reading) -> dict[str, list[Props]]:
    found: dict[str, list[Props]] = {}
    for resource, props in reading.of_type(_RULE):
        listener = props.ident("ListenerArn")
        found.setdefault(listener, []).append(props)
        if reading.type_of(listener) != LISTENER:
            message = f"the listener `{listener}` of this rule is not in the template"
            reading.gap("missing", resource, message)
    return found


def _kind(props: Props) -> Kind:
    found = props.text("Type", "application").lower()
    if found == "network":
        return "network"
    return "gateway" if found == "gateway" else "application"


def _read_balancer(reading: Reading, resource: Resource, props: Props) -> None:
    kind = _kind(props)
    facing = _facing(reading, resource, props)
    mapped = tuple(one.ident("SubnetId") for one in props.each("SubnetMappings"))
    subnets = tuple(filter(None, props.idents("Subnets") or mapped))
    v6 = props.text("IpAddressType").startswith("dualstack")
    plan = Plan(
        kind="load-balancer",
        subnets=subnets,
        groups=props.idents("SecurityGroups"),
        public=facing,
        v6=v6,
        tags=props.tags(),
        name=props.name("Name"),
        zonal=False,
    )
    if kind == "application" and not plan.groups:
        vpcs = [reading.net.subnets[one].vpc for one in subnets if one in reading.net.subnets]
        plan = replace(plan, groups=tuple(f"{vpc}.DefaultSecurityGroup" for vpc in vpcs[:1]))
    place(reading, resource, plan)
    if kind == "gateway":
        message = "gateway load balancers are not modelled"
        reading.gap("unmodelled", resource, message, affects=(resource.id,))
    cross = _attributes(props).get("load_balancing.cross_zone.enabled")
    reading.net.load_balancers[resource.id] = LoadBalancer(
        id=resource.id,
        name=props.name("Name"),
        kind=kind,
        internet_facing=facing is not False,
        listeners=(),
        cross_zone=kind == "application" if cross is None else cross == "true",
        tags=props.tags(),
        origin=reading.origin(resource),
    )


def _facing(reading: Reading, resource: Resource, props: Props) -> bool | None:
    """Is it internet-facing, as it is unless its scheme says otherwise? None: not known."""
    reason = props.unknown("Scheme")
    if reason:
        message = f"whether it faces the Internet is not known: {reason}"
        reading.gap("unresolved", resource, message, affects=(resource.id,))
        return None
    return props.text("Scheme", "internet-facing").lower() != "internal"


def _attributes(props: Props) -> dict[str, str]:
    keys = ("LoadBalancerAttributes", "TargetGroupAttributes")
    return {
        one.text("Key"): one.text("Value").lower()
        for key in keys
        if key in props
        for one in props.each(key)
    }


def _read_listener(reading: Reading, resource: Resource, props: Props, rules: list[Props]) -> None:
    name = props.ident("LoadBalancerArn")
    balancer = reading.net.load_balancers.get(name)
    if balancer is None:
        message = f"the load balancer `{name}` of this listener is not in the template"
        reading.gap("missing", resource, message)
        return
    port = props.number("Port")
    if not isinstance(port, int) or resource.doubt:
        why = resource.doubt or props.unknown("Port") or "it is not given"
        message = f"a listener of `{name}` is not wholly known: {why}"
        reading.gap("unresolved", resource, message, affects=(name,))
    if not isinstance(port, int):
        return
    groups = [*_forwards(reading, props, "DefaultActions", name)]
    for rule in rules:
        groups += _forwards(reading, rule, "Actions", name)
        if rule.resource.doubt:
            message = f"a rule of `{name}`'s listener may not be made: {rule.resource.doubt}"
            reading.gap("unresolved", rule.resource, message, affects=(name,))
    listener = Listener(
        protocol=props.text("Protocol", "HTTP"),
        port=port,
        target_groups=tuple(dict.fromkeys(groups)),
        origin=reading.origin(resource),
    )
    listeners = (*balancer.listeners, listener)
    reading.net.load_balancers[name] = replace(balancer, listeners=listeners)


def _forwards(reading: Reading, props: Props, key: str, balancer: str) -> Iterator[str]:
    """The target groups that a list of actions of a load balancer's listener forwards to."""
    for action in props.each(key):
        if action.get("TargetGroupArn") is not None:
            yield action.ident("TargetGroupArn")
        for one in action.inner("ForwardConfig").each("TargetGroups"):
            if one.get("TargetGroupArn") is not None:
                yield one.ident("TargetGroupArn")
    for _, reason in props.symbols(key):
        message = f"what the listener does is not known: {reason}"
        reading.gap("unresolved", props.resource, message, affects=(balancer,))


def _target_kind(props: Props) -> Literal["instance", "ip", "lambda", "alb"]:
    found = props.text("TargetType", "instance").lower()
    if found == "ip":
        return "ip"
    if found == "lambda":
        return "lambda"
    return "alb" if found == "alb" else "instance"


def _read_targets(
    reading: Reading, resource: Resource, props: Props, registered: Registrations
) -> None:
    kind = _target_kind(props)
    targets, reason = registered.of_group(props)
    if kind == "lambda":
        targets, reason = targets or (), ""
    if targets is None:
        message = f"what is registered with the target group is not known: {reason}"
        reading.gap("unresolved", resource, message)
    if resource.doubt:
        reading.gap("unresolved", resource, resource.doubt, affects=(resource.id,))
    kept = _attributes(props).get("preserve_client_ip.enabled")
    reading.net.target_groups[resource.id] = TargetGroup(
        id=resource.id,
        kind=kind,
        protocol=props.text("Protocol", "HTTP"),
        port=props.count("Port"),
        targets=targets,
        preserve_client_ip=None if kept is None else kept == "true",
        name=props.name("Name"),
        origin=reading.origin(resource),
    )


def _read_classic(
    reading: Reading, resource: Resource, props: Props, registered: Registrations
) -> None:
    facing = _facing(reading, resource, props)
    subnets = props.idents("Subnets")
    plan = Plan(
        kind="load-balancer",
        subnets=subnets,
        groups=props.idents("SecurityGroups"),
        public=facing,
        tags=props.tags(),
        name=props.name("LoadBalancerName"),
        zonal=len(subnets) < 2,
    )
    if not plan.groups:
        vpcs = [reading.net.subnets[one].vpc for one in subnets if one in reading.net.subnets]
        plan = replace(plan, groups=tuple(f"{vpc}.DefaultSecurityGroup" for vpc in vpcs[:1]))
    place(reading, resource, plan)
    listeners: list[Listener] = []
    members = registered.of_classic(props)
    if members is None:
        message = "what is registered with the load balancer is not wholly in the template"
        reading.gap("unresolved", resource, message)
    for one in props.each("Listeners"):
        at, to = one.number("LoadBalancerPort"), one.number("InstancePort")
        if not isinstance(at, int) or not isinstance(to, int):
            message = "the ports of a listener are not known"
            reading.gap("unresolved", resource, message, affects=(resource.id,))
            continue
        group = f"{resource.id}:{to}"
        reading.net.target_groups[group] = TargetGroup(
            id=group,
            kind="instance",
            protocol=one.text("InstanceProtocol") or one.text("Protocol"),
            port=to,
            targets=None if members is None else tuple(Target(name, to) for name in members),
            preserve_client_ip=False,
            name=group,
            origin=one.origin("InstancePort"),
        )
        listeners.append(
            Listener(one.text("Protocol"), at, (group,), one.origin("LoadBalancerPort"))
        )
    reading.net.load_balancers[resource.id] = LoadBalancer(
        id=resource.id,
        name=props.name("LoadBalancerName"),
        kind="classic",
        internet_facing=facing is not False,
        listeners=tuple(listeners),
        cross_zone=props.truth("CrossZone", False) is True,
        tags=props.tags(),
        origin=reading.origin(resource),
    )
