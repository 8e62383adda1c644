"""Load balancers of the second and the first generation, listeners, rules and target groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from ringwall.model.network import Listener, LoadBalancer, Target, TargetGroup
from ringwall.sources.terraform.groups import GROUP, default_group
from ringwall.sources.terraform.interfaces import Plan, place
from ringwall.sources.terraform.reading import Props, Reading
from ringwall.sources.terraform.targets import (
    TARGETS,
    Registrations,
    read_registrations,
)
from ringwall.sources.terraform.values import Unknown
from ringwall.sources.terraform.vpcs import SUBNET

BALANCER = ("aws_lb", "aws_alb")
LISTENER = ("aws_lb_listener", "aws_alb_listener")
CLASSIC = "aws_elb"
_RULE = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_KINDS: dict[str, Literal["application", "network", "gateway"]] = {
    "network": "network",
    "gateway": "gateway",
}
_TARGET_KINDS: dict[str, Literal["ip", "lambda", "alb"]] = {
    "ip": "ip",
    "lambda": "lambda",
    "alb": "alb",
}


def read_balancers(reading: Reading) -> None:
    """Fill in load balancers and target groups; call it after the workloads."""
    for props in reading.of_type(*BALANCER):
        _read_balancer(reading, props)
    rules = _rules_by_listener(reading)
    for props in reading.of_type(*LISTENER):
        _read_listener(reading, props, rules.get(props.id, []))
    registered = read_registrations(reading, CLASSIC)
    for props in reading.of_type(*TARGETS):
        _read_targets(reading, props, registered)
    for props in reading.of_type(CLASSIC):
        _read_classic(reading, props, registered)


def _rules_by_listener(reading: Reading) -> dict[str, list[Props]]:
    found: dict[str, list[Props]] = {}
    for props in reading.of_type(*_RULE):
        found.setdefault(props.one("listener_arn", *LISTENER), []).append(props)
    return found


def _facing(props: Props) -> bool | None:
    """Is it internet-facing, as it is unless it is internal? None: not known."""
    internal = props.truth("internal", False)
    if internal is None:
        message = "whether it faces the Internet is not known"
        props.reading.gap("unresolved", props.resource, message, affects=(props.id,))
        return None
    return not internal


def _read_balancer(reading: Reading, props: Props) -> None:
    kind = _KINDS.get(props.text("load_balancer_type", "application").lower(), "application")
    facing = _facing(props)
    subnets = (
        props.many("subnets", *SUBNET)
        if props.given("subnets")
        else tuple(props.gathered("subnet_mapping", "subnet_id", *SUBNET).ids)
    )
    groups = props.many("security_groups", *GROUP)
    plan = Plan(
        kind="load-balancer",
        subnets=subnets,
        groups=groups or (_fallback(reading, subnets) if kind == "application" else ()),
        public=facing,
        v6=props.text("ip_address_type").startswith("dualstack"),
        tags=props.tags(),
        name=props.name("name") or props.label,
        zonal=False,
        aliases=(props.label, props.text("name"), props.text("dns_name")),
    )
    place(props, plan)
    if kind == "gateway":
        message = "gateway load balancers are not modelled"
        reading.gap("unmodelled", props.resource, message, affects=(props.id,))
    reading.net.load_balancers[props.id] = LoadBalancer(
        id=props.id,
        name=plan.name,
        kind=kind,
        internet_facing=facing is not False,
        listeners=(),
        cross_zone=kind == "application"
        or props.truth("enable_cross_zone_load_balancing", False) is True,
        tags=props.tags(),
        origin=props.origin(),
    )


def _fallback(reading: Reading, subnets: tuple[str, ...]) -> tuple[str, ...]:
    """The default group, which a load balancer gets that names none."""
    vpcs = [reading.net.subnets[one].vpc for one in subnets if one in reading.net.subnets]
    return tuple(default_group(reading, vpc) for vpc in vpcs[:1])


def _read_listener(reading: Reading, props: Props, rules: list[Props]) -> None:
    named = props.named("load_balancer_arn", *BALANCER)
    port = props.number("port")
    groups = [*_forwards(props, "default_action")]
    for rule in rules:
        groups += _forwards(rule, "action")
    for name in named.ids:
        balancer = reading.net.load_balancers.get(name)
        if balancer is None:
            message = f"the load balancer `{name}` of this listener is not in the plan"
            reading.gap("missing", props.resource, message)
        elif named.doubt or not isinstance(port, int):
            message = f"a listener of `{name}` is not wholly known: {named.doubt or 'its port'}"
            reading.gap("unresolved", props.resource, message, affects=(name,))
        if balancer is not None and isinstance(port, int):
            listener = Listener(
                protocol=props.text("protocol", "HTTP"),
                port=port,
                target_groups=tuple(dict.fromkeys(groups)),
                origin=props.origin(),
            )
            listeners = (*balancer.listeners, listener)
            reading.net.load_balancers[name] = replace(balancer, listeners=listeners)


def _forwards(props: Props, key: str) -> Iterator[str]:
    """The target groups that the actions of a listener or a rule forward to."""
    for action in props.each(key):
        if action.given("target_group_arn"):
            yield from action.named("target_group_arn", *TARGETS).ids
        for forward in action.each("forward"):
            yield from forward.gathered("target_group", "arn", *TARGETS).ids
    if props.unknown(key) and not list(props.each(key)):
        message = f"what the listener does is not known: {props.unknown(key)}"
        props.reading.gap("unresolved", props.resource, message)


def _read_targets(reading: Reading, props: Props, registered: Registrations) -> None:
    kind = _TARGET_KINDS.get(props.text("target_type", "instance").lower())
    targets, reason = registered.of_group(props.id)
    if kind == "lambda":
        targets, reason = targets or (), ""
    if targets is None:
        message = f"what is registered with the target group is not known: {reason}"
        reading.gap("unresolved", props.resource, message)
    kept = props.text("preserve_client_ip")
    reading.net.target_groups[props.id] = TargetGroup(
        id=props.id,
        kind=kind or "instance",
        protocol=props.text("protocol", "HTTP"),
        port=props.count("port"),
        targets=targets,
        preserve_client_ip={"true": True, "false": False}.get(kept.lower()),
        name=props.name("name") or props.label,
        origin=props.origin(),
    )


def _read_classic(reading: Reading, props: Props, registered: Registrations) -> None:
    facing = _facing(props)
    subnets = props.many("subnets", *SUBNET)
    plan = Plan(
        kind="load-balancer",
        subnets=subnets,
        groups=props.many("security_groups", *GROUP) or _fallback(reading, subnets),
        public=facing,
        tags=props.tags(),
        name=props.name("name") or props.label,
        zonal=len(subnets) < 2,
        aliases=(props.label, props.text("name"), props.text("dns_name")),
    )
    place(props, plan)
    members, reason = registered.of_classic(props)
    if members is None:
        message = f"what is registered with the load balancer is not known: {reason}"
        reading.gap("unresolved", props.resource, message)
    listeners: list[Listener] = []
    for one in props.each("listener"):
        at, to = one.number("lb_port"), one.number("instance_port")
        if isinstance(at, Unknown) or isinstance(to, Unknown) or at is None or to is None:
            message = "the ports of a listener are not known"
            reading.gap("unresolved", props.resource, message, affects=(props.id,))
            continue
        group = f"{props.id}:{to}"
        reading.net.target_groups[group] = TargetGroup(
            id=group,
            kind="instance",
            protocol=one.text("instance_protocol", "TCP").upper(),
            port=to,
            targets=None if members is None else tuple(Target(name, to) for name in members),
            preserve_client_ip=False,
            name=group,
            origin=one.origin(),
        )
        listeners.append(Listener(one.text("lb_protocol").upper(), at, (group,), one.origin()))
    reading.net.load_balancers[props.id] = LoadBalancer(
        id=props.id,
        name=plan.name,
        kind="classic",
        internet_facing=facing is not False,
        listeners=tuple(listeners),
        cross_zone=props.truth("cross_zone_load_balancing", True) is True,
        tags=props.tags(),
        origin=props.origin(),
    )
