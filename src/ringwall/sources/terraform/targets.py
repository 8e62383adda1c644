"""Who registers with which target group or classic load balancer, gathered in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringwall.model.network import Target
from ringwall.sources.terraform.catalogue import Named
from ringwall.sources.terraform.compute import CARD, INSTANCE, SCALING
from ringwall.sources.terraform.interfaces import first_card
from ringwall.sources.terraform.reading import Props, Reading

TARGETS = ("aws_lb_target_group", "aws_alb_target_group")
_ATTACHMENT = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_SERVICE = "aws_ecs_service"
_REGISTERED = (*INSTANCE, CARD, "aws_lb", "aws_alb", "aws_lambda_function")
_AS_GROUP = ("lb_target_group_arn", "alb_target_group_arn")


@dataclass(slots=True)
class Registrations:
    """``targets`` by target group, ``members`` by classic load balancer; ``open`` says why what is
    registered with one of them is not wholly known ("" as a key: with any)."""

    targets: dict[str, list[Target]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)

    def of_group(self, name: str) -> tuple[tuple[Target, ...] | None, str]:
        """What is registered with a target group; None and why where that is not known."""
        reason = self.open.get(name) or self.open.get("")
        if reason:
            return None, reason
        found = dict.fromkeys(self.targets.get(name, ()))
        return (tuple(found), "") if found else (None, "nothing in the plan registers with it")

    def of_classic(self, props: Props) -> tuple[tuple[str, ...] | None, str]:
        """What is registered with a classic load balancer; None and why where not known."""
        own = props.names("instances", *INSTANCE)
        reason = own.doubt or self.open.get(props.id) or self.open.get("")
        found = dict.fromkeys([*own.ids, *self.members.get(props.id, ())])
        if reason or not found:
            return None, reason or "nothing in the plan registers with it"
        return tuple(found), ""

    def add(self, groups: Named, target: Target) -> None:
        for name in groups.ids:
            self.targets.setdefault(name, []).append(target)
            if groups.doubt:
                self.open[name] = groups.doubt
        if groups.doubt and not groups.ids:
            self.open[""] = groups.doubt

    def join(self, balancers: Named, member: str) -> None:
        for name in balancers.ids:
            self.members.setdefault(name, []).append(member)
            if balancers.doubt:
                self.open[name] = balancers.doubt


def read_registrations(reading: Reading, classic: str) -> Registrations:
    """Look at every attachment, Auto Scaling group and container service once."""
    found = Registrations()
    for props in reading.of_type(*_ATTACHMENT):
        _read_attachment(reading, props, found)
    for props in reading.of_type(SCALING):
        if props.given("target_group_arns"):
            found.add(props.names("target_group_arns", *TARGETS), Target(props.id))
        if props.given("load_balancers"):
            found.join(props.names("load_balancers", classic), props.id)
    for props in reading.of_type("aws_autoscaling_attachment"):
        member = props.one("autoscaling_group_name", SCALING)
        key = next((one for one in _AS_GROUP if props.given(one)), "")
        if key:
            found.add(props.named(key, *TARGETS), Target(member))
        elif props.given("elb"):
            found.join(props.named("elb", classic), member)
    for props in reading.of_type("aws_elb_attachment"):
        found.join(props.named("elb", classic), props.one("instance", *INSTANCE))
    for props in reading.of_type(_SERVICE):
        _read_service(reading, props, found)
    return found


def _read_attachment(reading: Reading, props: Props, found: Registrations) -> None:
    groups = props.named("target_group_arn", *TARGETS)
    target = props.named("target_id", *_REGISTERED)
    for name in target.ids:
        known = name if reading.type_of(name) else first_card(reading, name)
        found.add(groups, Target(known, props.count("port")))
    if target.doubt or not target.ids:
        for group in groups.ids:
            found.open[group] = target.doubt or f"`{props.id}` names nothing that the plan shows"


def _read_service(reading: Reading, props: Props, found: Registrations) -> None:
    groups = props.gathered("load_balancer", "target_group_arn", *TARGETS)
    if props.id not in reading.net.workloads:
        for name in groups.ids:
            found.open[name] = f"the tasks of `{props.id}` share the interfaces of their hosts"
        return
    for one in props.each("load_balancer"):
        own = one.named("target_group_arn", *TARGETS)
        if own.ids:
            found.add(own, Target(props.id, one.count("container_port")))
