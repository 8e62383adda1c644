"""Load balancers, their listeners and target groups."""

from __future__ import annotations

from typing import Literal

from ringwall.model.network import (
    Listener,
    LoadBalancer,
    Target,
    TargetGroup,
    Workload,
)
from ringwall.sources.builder import NetworkBuilder
from ringwall.sources.describe.dump import Dump
from ringwall.sources.describe.item import Item, shown
from ringwall.sources.describe.spare import add_spares

Kind = Literal["application", "network", "gateway"]
_KINDS: dict[str, Kind] = {
    "application": "application",
    "network": "network",
    "gateway": "gateway",
}
_TARGET_KINDS: dict[str, Literal["instance", "ip", "lambda", "alb"]] = {
    "instance": "instance",
    "ip": "ip",
    "lambda": "lambda",
    "alb": "alb",
}
#: A target in these states gets no new connection.
_LEAVING = frozenset({"draining"})


def read_balancers(dump: Dump, builder: NetworkBuilder) -> None:
    attributes = _attributes(dump, "loadbalancerattributes", "LoadBalancerArn", builder)
    _read_target_groups(dump, builder)
    listeners = _listeners(dump)
    forwarded = _forwarded_by_rules(dump)
    for one in dump.items("loadbalancers"):
        identity = one.text("LoadBalancerArn") or one.need("LoadBalancerName")
        kind = _kind(one)
        own = listeners.get(identity)
        tags = dump.tags(one, identity)
        builder.load_balancers[identity] = LoadBalancer(
            id=identity,
            name=one.text("LoadBalancerName"),
            kind=kind,
            internet_facing=one.text("Scheme") == "internet-facing",
            listeners=tuple(_listener(item, forwarded) for item in own or ()),
            cross_zone=_crosses(one, identity, kind, attributes.get(identity), builder),
            tags=tags,
            origin=one.origin,
        )
        if own is None and not dump.seen & {"listeners", "loadbalancerlisteners"}:
            _lacks(builder, one, identity, "listeners", "describe-listeners")
        elif kind == "application" and not dump.seen & {"rules", "loadbalancerrules"}:
            _check_default_only(dump, one, identity, builder)
        if kind == "gateway":
            message = f"`{shown(identity)}` sends traffic to appliances: paths are not followed"
            affects = (identity,)
            builder.gap("unmodelled", identity, message, affects=affects, origin=one.origin)
        _own_interfaces(one, identity, builder)
    _read_classic(dump, builder)
    _note_strangers(builder)


def _kind(item: Item) -> Kind:
    word = item.text("Type", "application")
    if word not in _KINDS:
        raise item.error("Type", f"`{shown(word)}` is no type of load balancer")
    return _KINDS[word]


def _own_interfaces(item: Item, identity: str, builder: NetworkBuilder) -> None:
    zones = item.items("AvailabilityZones")
    subnets = tuple(dict.fromkeys(zone.need("SubnetId") for zone in zones if zone.text("SubnetId")))
    builder.workloads[identity] = Workload(
        id=identity,
        type="AWS::ElasticLoadBalancingV2::LoadBalancer",
        name=item.text("LoadBalancerName"),
        zonal=len(subnets) < 2 if subnets else None,
        tags=builder.load_balancers[identity].tags,
        origin=item.origin,
    )
    add_spares(
        builder, identity, "load-balancer", subnets, item.texts("SecurityGroups"), item,
        public=builder.load_balancers[identity].internet_facing,
    )  # fmt: skip


def _lacks(builder: NetworkBuilder, item: Item, identity: str, what: str, call: str) -> None:
    name = shown(item.text("LoadBalancerName"))
    message = f"the {what} of load balancer `{name}` are not in the dump; `{call}` tells them"
    builder.gap("missing", identity, message, affects=(identity,), origin=item.origin)


def _attributes(
    dump: Dump, name: str, key: str, builder: NetworkBuilder
) -> dict[str, dict[str, str]]:
    """Attributes by ARN: from wrappers, or from an answer saved together with its argument."""
    found: dict[str, dict[str, str]] = {}
    for wrapper in dump.items(name):
        own = found.setdefault(wrapper.need(key), {})
        own.update({one.text("Key"): one.text("Value") for one in wrapper.items("Attributes")})
    loose = 0
    for one in dump.items("attributes"):
        owner = dump.owner(one)
        if owner:
            found.setdefault(owner, {})[one.text("Key")] = one.text("Value")
        else:
            loose += 1
    if loose:
        message = f"{loose} attributes do not say whose they are, and were not read"
        builder.gap("unresolved", "Attributes", message, origin=dump.items("attributes")[0].origin)
    return found


def _crosses(
    item: Item, identity: str, kind: Kind, own: dict[str, str] | None, builder: NetworkBuilder
) -> bool:
    """Does it send to targets in other zones? Always so for an application load balancer."""
    value = (own or {}).get("load_balancing.cross_zone.enabled")
    if kind == "application":
        return True
    if value is None:
        _lacks(builder, item, identity, "attributes", "describe-load-balancer-attributes")
    return value == "true"


def _listeners(dump: Dump) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for wrapper in dump.items("loadbalancerlisteners"):
        owner = wrapper.need("LoadBalancerArn")
        found.setdefault(owner, []).extend(wrapper.items("Listeners"))
    for one in dump.items("listeners"):
        found.setdefault(one.need("LoadBalancerArn"), []).append(one)
    return found


def _forwarded_by_rules(dump: Dump) -> dict[str, list[str]]:
    """Target groups by listener: a rule's ARN is its listener's with one part more."""
    rules = list(dump.items("rules"))
    for wrapper in dump.items("loadbalancerrules"):
        rules += wrapper.items("Rules")
    found: dict[str, list[str]] = {}
    for one in rules:
        arn = one.need("RuleArn")
        listener = arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]
        found.setdefault(listener, []).extend(_forwards(one, "Actions"))
    return found


def _forwards(item: Item, key: str) -> list[str]:
    found: list[str] = []
    for action in item.items(key):
        if action.text("TargetGroupArn"):
            found.append(action.text("TargetGroupArn"))
        config = action.item("ForwardConfig")
        if config is not None:
            found += [one.need("TargetGroupArn") for one in config.items("TargetGroups")]
    return found


def _port(item: Item, key: str) -> int:
    port = item.number(key)
    if port is None or not 0 <= port <= 65535:
        raise item.error(key, f"`{key}` should be a port from 0 to 65535")
    return port


def _listener(item: Item, forwarded: dict[str, list[str]]) -> Listener:
    groups = _forwards(item, "DefaultActions") + forwarded.get(item.text("ListenerArn"), [])
    return Listener(
        protocol=item.text("Protocol"),
        port=_port(item, "Port"),
        target_groups=tuple(dict.fromkeys(groups)),
        origin=item.origin,
    )


def _check_default_only(dump: Dump, item: Item, identity: str, builder: NetworkBuilder) -> None:
    """Without the rules, a group that names this balancer and no listener shows there are some."""
    seen = {
        name for one in builder.load_balancers[identity].listeners for name in one.target_groups
    }
    groups = dump.items("targetgroups")
    hidden = [
        one.need("TargetGroupArn")
        for one in groups
        if identity in one.texts("LoadBalancerArns") and one.need("TargetGroupArn") not in seen
    ]
    if hidden or not groups:
        _lacks(builder, item, identity, "listener rules", "describe-rules")


def _read_target_groups(dump: Dump, builder: NetworkBuilder) -> None:
    health = _health(dump, builder)
    attributes = _attributes(dump, "targetgroupattributes", "TargetGroupArn", builder)
    for one in dump.items("targetgroups"):
        identity = one.need("TargetGroupArn")
        word = one.text("TargetType", "instance")
        if word not in _TARGET_KINDS:
            raise one.error("TargetType", f"`{shown(word)}` is no type of target")
        targets = health.get(identity)
        if targets is None:
            message = (
                f"the targets of `{shown(one.text('TargetGroupName'))}` are not in the dump; "
                "`describe-target-health` tells them"
            )
            affects = (identity,)
            builder.gap("missing", identity, message, affects=affects, origin=one.origin)
        builder.target_groups[identity] = TargetGroup(
            id=identity,
            kind=_TARGET_KINDS[word],
            protocol=one.text("Protocol"),
            port=_port(one, "Port") if "Port" in one else None,
            targets=targets,
            preserve_client_ip=_preserves(one, attributes.get(identity, {})),
            name=one.text("TargetGroupName"),
            origin=one.origin,
        )


def _preserves(item: Item, own: dict[str, str]) -> bool | None:
    """Do targets see the client's address? Only the attributes tell, where it is a choice."""
    protocol = item.text("Protocol")
    if protocol in ("HTTP", "HTTPS"):
        return False
    if protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
        return True
    value = own.get("preserve_client_ip.enabled")
    return None if value is None else value == "true"


def _health(dump: Dump, builder: NetworkBuilder) -> dict[str, tuple[Target, ...]]:
    found: dict[str, list[Item]] = {}
    for wrapper in dump.items("loadbalancertargethealth"):
        own = found.setdefault(wrapper.need("TargetGroupArn"), [])
        own += wrapper.items("TargetHealthDescriptions")
    loose: list[Item] = []
    for one in dump.items("targethealthdescriptions"):
        owner = dump.owner(one)
        if owner:
            found.setdefault(owner, []).append(one)
        else:
            loose.append(one)
    if loose:
        message = (
            f"{len(loose)} targets do not say to which group they belong; save the answer with "
            "its `TargetGroupArn` beside it"
        )
        builder.gap("unresolved", "TargetHealthDescriptions", message, origin=loose[0].origin)
    return {owner: tuple(_targets(items)) for owner, items in found.items()}


def _targets(items: list[Item]) -> list[Target]:
    found: list[Target] = []
    for one in items:
        target, state = one.item("Target"), one.item("TargetHealth")
        if target is None:
            raise one.error("Target", "`Target` is missing here")
        if state is not None and state.text("State") in _LEAVING:
            continue
        port = _port(target, "Port") if "Port" in target else None
        found.append(Target(target.need("Id"), port))
    return list(dict.fromkeys(found))


def _read_classic(dump: Dump, builder: NetworkBuilder) -> None:
    """Classic load balancers: each listener sends to one port of the same instances."""
    for one in dump.items("loadbalancerdescriptions"):
        identity = one.need("LoadBalancerName")
        tags, subnets = dump.tags(one, identity), one.texts("Subnets")
        public = one.text("Scheme") == "internet-facing"
        builder.load_balancers[identity] = LoadBalancer(
            id=identity,
            name=identity,
            kind="classic",
            internet_facing=public,
            listeners=_classic_listeners(one, identity, builder),
            tags=tags,
            origin=one.origin,
        )
        builder.workloads[identity] = Workload(
            id=identity,
            type="AWS::ElasticLoadBalancing::LoadBalancer",
            name=identity,
            zonal=len(subnets) < 2 if subnets else None,
            tags=tags,
            origin=one.origin,
        )
        groups = one.texts("SecurityGroups")
        add_spares(builder, identity, "load-balancer", subnets, groups, one, public=public)


def _classic_listeners(
    balancer: Item, identity: str, builder: NetworkBuilder
) -> tuple[Listener, ...]:
    """The listeners, with a target group ``NAME:PORT`` for each port of the instances."""
    targets = [each.need("InstanceId") for each in balancer.items("Instances")]
    listeners: list[Listener] = []
    for described in balancer.items("ListenerDescriptions"):
        item = described.item("Listener")
        if item is None:
            raise described.error("Listener", "`Listener` is missing here")
        port = _port(item, "InstancePort")
        group = f"{identity}:{port}"
        builder.target_groups[group] = TargetGroup(
            id=group,
            kind="instance",
            protocol=item.text("InstanceProtocol"),
            port=port,
            targets=tuple(Target(target, port) for target in targets),
            preserve_client_ip=False,
            name=group,
            origin=item.origin,
        )
        at = _port(item, "LoadBalancerPort")
        listeners.append(Listener(item.text("Protocol"), at, (group,), item.origin))
    return tuple(listeners)


def _note_strangers(builder: NetworkBuilder) -> None:
    """Interfaces of load balancers that the dump does not describe: no listener is known."""
    for card in builder.interfaces.values():
        if card.kind == "load-balancer" and card.owner not in builder.load_balancers:
            who = card.owner or card.id
            message = (
                f"load balancer `{shown(who)}` is not in the dump; `aws elbv2 "
                "describe-load-balancers` and `aws elb describe-load-balancers` tell it"
            )
            builder.gap("missing", who, message, affects=(card.id,), origin=card.origin)
