"""Load balancers of the second and the first generation, listeners, rules and target groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from ringwall.model.network import Listener, LoadBalancer, Target, TargetGroup
from ringwall.sources.cloudformation.compute import GROUP, INSTANCE
from ringwall.sources.cloudformation.interfaces import Plan, place
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.values import Unresolved

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_SERVICE = "AWS::ECS::Service"
Kind = Literal["application", "network", "gateway"]


def read_balancers(reading: Reading) -> None:
    """Fill in load balancers and target groups; call it after the workloads."""
    for resource, props in reading.of_type(BALANCER):
        _read_balancer(reading, resource, props)
    for resource, props in reading.of_type(LISTENER):
        _read_listener(reading, resource, props)
    for resource, props in reading.of_type(TARGETS):
        _read_targets(reading, resource, props)
    for resource, props in reading.of_type(CLASSIC):
        _read_classic(reading, resource, props)


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


def _read_listener(reading: Reading, resource: Resource, props: Props) -> None:
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
    groups = [*_forwards(reading, props, "DefaultActions")]
    for rule, inner in reading.of_type(_RULE):
        if inner.ident("ListenerArn") == resource.id:
            groups += _forwards(reading, inner, "Actions")
            if rule.doubt:
                message = f"a rule of `{name}`'s listener may not be made: {rule.doubt}"
                reading.gap("unresolved", rule, message, affects=(name,))
    listener = Listener(
        protocol=props.text("Protocol", "HTTP"),
        port=port,
        target_groups=tuple(dict.fromkeys(groups)),
        origin=reading.origin(resource),
    )
    listeners = (*balancer.listeners, listener)
    reading.net.load_balancers[name] = replace(balancer, listeners=listeners)


def _forwards(reading: Reading, props: Props, key: str) -> Iterator[str]:
    """The target groups that a list of actions forwards to."""
    for action in props.each(key):
        if action.get("TargetGroupArn") is not None:
            yield action.ident("TargetGroupArn")
        for one in action.inner("ForwardConfig").each("TargetGroups"):
            if one.get("TargetGroupArn") is not None:
                yield one.ident("TargetGroupArn")
    for _, reason in props.symbols(key):
        message = f"what the listener does is not known: {reason}"
        affects = (props.ident("LoadBalancerArn"),) if "LoadBalancerArn" in props else ()
        reading.gap("unresolved", props.resource, message, affects=affects)


def _target_kind(props: Props) -> Literal["instance", "ip", "lambda", "alb"]:
    found = props.text("TargetType", "instance").lower()
    if found == "ip":
        return "ip"
    if found == "lambda":
        return "lambda"
    return "alb" if found == "alb" else "instance"


def _read_targets(reading: Reading, resource: Resource, props: Props) -> None:
    kind = _target_kind(props)
    targets, reason = _targets(reading, resource, props)
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


def _targets(
    reading: Reading, resource: Resource, props: Props
) -> tuple[tuple[Target, ...] | None, str]:
    """What the template registers with a target group; None and why where that is not known."""
    for _, reason in props.symbols("Targets"):
        return None, reason
    found = [Target(one.ident("Id"), one.count("Port")) for one in props.each("Targets")]
    for one, group in reading.of_type(GROUP):
        for value in group.items("TargetGroupARNs"):
            if isinstance(value.data, Unresolved):
                return None, value.data.reason
        if resource.id in group.idents("TargetGroupARNs"):
            found.append(Target(one.id))
    for one, service in reading.of_type(_SERVICE):
        for bound in service.each("LoadBalancers"):
            if bound.ident("TargetGroupArn") != resource.id:
                continue
            if one.id not in reading.net.workloads:
                return None, f"the tasks of `{one.id}` share the interfaces of their hosts"
            found.append(Target(one.id, bound.count("ContainerPort")))
    if found:
        return tuple(dict.fromkeys(found)), ""
    return None, "nothing in the template registers with it"


def _read_classic(reading: Reading, resource: Resource, props: Props) -> None:
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
    members = _classic_members(reading, resource, props)
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


def _classic_members(reading: Reading, resource: Resource, props: Props) -> tuple[str, ...] | None:
    found = [*props.idents("Instances")]
    for one, group in reading.of_type(GROUP):
        if resource.id in group.idents("LoadBalancerNames"):
            found.append(one.id)
    if found and all(reading.type_of(name) in (GROUP, INSTANCE) for name in found):
        return tuple(dict.fromkeys(found))
    message = "what is registered with the load balancer is not wholly in the template"
    reading.gap("unresolved", resource, message)
    return None
