"""Who registers with which target group or classic load balancer, gathered in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringwall.model.network import Target
from ringwall.sources.cloudformation.compute import GROUP, INSTANCE
from ringwall.sources.cloudformation.reading import Props, Reading
from ringwall.sources.cloudformation.stack import Resource
from ringwall.sources.cloudformation.values import Unresolved

_SERVICE = "AWS::ECS::Service"


@dataclass(slots=True)
class Registrations:
    """``targets`` by target group and ``members`` by classic load balancer; ``hosted`` names the
    service whose tasks a target group reaches at interfaces that are not known. ``open`` says why
    some Auto Scaling group's list is not known: it may hold any target group."""

    targets: dict[str, list[Target]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    hosted: dict[str, str] = field(default_factory=dict)
    open: str = ""

    def of_group(self, props: Props) -> tuple[tuple[Target, ...] | None, str]:
        """What is registered with a target group; None and why where that is not known."""
        for _, reason in props.symbols("Targets"):
            return None, reason
        if self.open:
            return None, self.open
        if props.id in self.hosted:
            service = self.hosted[props.id]
            return None, f"the tasks of `{service}` share the interfaces of their hosts"
        own = [Target(one.ident("Id"), one.count("Port")) for one in props.each("Targets")]
        found = dict.fromkeys([*own, *self.targets.get(props.id, ())])
        return (tuple(found), "") if found else (None, "nothing in the template registers with it")

    def of_classic(self, props: Props) -> tuple[str, ...] | None:
        """What is registered with a classic load balancer; None where it is not all known."""
        found = dict.fromkeys([*props.idents("Instances"), *self.members.get(props.id, ())])
        known = all(props.reading.type_of(name) in (GROUP, INSTANCE) for name in found)
        return tuple(found) if found and known else None


def read_registrations(reading: Reading) -> Registrations:
    """Look at every Auto Scaling group and container service once."""
    found = Registrations()
    for resource, props in reading.of_type(GROUP):
        for value in props.items("TargetGroupARNs"):
            if isinstance(value.data, Unresolved):
                found.open = found.open or value.data.reason
        for name in props.idents("TargetGroupARNs"):
            found.targets.setdefault(name, []).append(Target(resource.id))
        for name in props.idents("LoadBalancerNames"):
            found.members.setdefault(name, []).append(resource.id)
    for resource, props in reading.of_type(_SERVICE):
        _read_service(reading, resource, props, found)
    return found


def _read_service(reading: Reading, resource: Resource, props: Props, found: Registrations) -> None:
    for bound in props.each("LoadBalancers"):
        name = bound.ident("TargetGroupArn")
        if resource.id in reading.net.workloads:
            target = Target(resource.id, bound.count("ContainerPort"))
            found.targets.setdefault(name, []).append(target)
        else:
            found.hosted[name] = resource.id
