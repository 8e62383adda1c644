"""What a name in a template stands for: parameters, pseudo parameters, resources, attributes.

The first of three layers that together evaluate a template; see :mod:`.intrinsics`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.sources.cloudformation.functions import cidr_blocks, partition_of, url_suffix_of
from ringwall.sources.cloudformation.template import Template, did_you_mean
from ringwall.sources.cloudformation.values import (
    Attr,
    Concat,
    Data,
    NoValue,
    Ref,
    Symbol,
    Unresolved,
    Value,
    concat,
    known_text,
)

_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_LISTS = ("CommaDelimitedList", "List<")
#: Attributes that repeat a property of their resource.
_REPEATED = {
    ("AWS::EC2::VPC", "CidrBlock"): "CidrBlock",
    ("AWS::EC2::Subnet", "CidrBlock"): "CidrBlock",
    ("AWS::EC2::Subnet", "AvailabilityZone"): "AvailabilityZone",
    ("AWS::EC2::Subnet", "VpcId"): "VpcId",
    ("AWS::EC2::SecurityGroup", "VpcId"): "VpcId",
}
Truth = bool | Unresolved


@dataclass(frozen=True, slots=True)
class Note:
    """Something inside a resource that is not modelled."""

    place: Value
    message: str


@dataclass(slots=True)
class References(ABC):
    """``given`` are the caller's parameter values. ``names`` grows with every resource named,
    ``notes`` with everything met that is not modelled; the caller empties both."""

    template: Template
    region: str
    given: Mapping[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    known: dict[str, Truth] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)

    @abstractmethod
    def value(self, node: Value) -> Value:
        """The value with every function evaluated; symbols stand for what is not known."""

    @abstractmethod
    def condition(self, name: str, place: Value) -> Truth:
        """Is a named condition true, under the parameters as they are known?"""

    def arguments(self, argument: Value, what: str, least: int, most: int) -> tuple[Value, ...]:
        """The arguments of a function as a list of the right length, not yet evaluated."""
        if not isinstance(argument.data, tuple) or not least <= len(argument.data) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            raise self.error(argument, "RW-CFN-007", f"`{what}` takes a list of {count} arguments")
        return argument.data

    def error(self, place: Value, code: str, message: str, help: str = "") -> InputError:
        return InputError.at(self.template.origin(place), code, message, help)

    def named(self, name: str, place: Value) -> Data:
        if name.startswith("AWS::"):
            return self._pseudo(name, place)
        if name in self.template.parameters:
            return self.parameter(name)
        if name in self.template.resources:
            return self._resource(name)
        return self.missing(name, place)

    def _resource(self, name: str) -> Symbol:
        self.names.append(name)
        condition = self.template.resources[name].condition
        if condition and self.condition(condition, self.template.resources[name].place) is False:
            return Unresolved(
                name, f"`{name}` is not made, for its condition `{condition}` is false"
            )
        return Ref(name)

    def missing(self, name: str, place: Value) -> Symbol:
        if self.template.transforms or self.template.loops:
            return Unresolved(name, f"`{name}` is not in the template: a macro may add it")
        known = [*self.template.resources, *self.template.parameters]
        message = f"`{name}` is neither a resource nor a parameter of this template"
        raise self.error(place, "RW-CFN-006", message, did_you_mean(name, known))

    def _pseudo(self, name: str, place: Value) -> Data:
        known: dict[str, Data] = {
            "AWS::Region": self.region,
            "AWS::Partition": partition_of(self.region),
            "AWS::URLSuffix": url_suffix_of(self.region),
            "AWS::NoValue": NoValue(),
        }
        if name in known:
            return known[name]
        unknown = ("AWS::AccountId", "AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")
        if name in unknown:
            return Unresolved(name, f"`{name}` is known at deployment only")
        message = f"`{name}` is no pseudo parameter"
        raise self.error(place, "RW-CFN-006", message, did_you_mean(name, [*known, *unknown]))

    def parameter(self, name: str) -> Data:
        """A parameter's value: the caller's, else its default, else a symbol with the reason."""
        declared = self.template.parameters[name]
        entries = declared.data if isinstance(declared.data, Mapping) else {}
        kind = known_text(entries["Type"].data) if "Type" in entries else None
        kind = kind or "String"
        if kind.startswith("AWS::SSM::Parameter::Value"):
            reason = f"the parameter `{name}` is read from the Parameter Store at deployment"
            return Unresolved(name, reason)
        text = self.given.get(name)
        if text is None and "Default" in entries:
            default = entries["Default"].data
            text = known_text(default)
            if isinstance(default, tuple):
                text = ",".join(known_text(one.data) or "" for one in default)
        if text is None:
            return Unresolved(name, f"the parameter `{name}` has no default and was not given")
        if kind.startswith(_LISTS):
            parts = [part.strip() for part in text.split(",")] if text else []
            return tuple(declared.with_data(part) for part in parts)
        return dynamic(text)

    def attribute(self, name: str, attribute: str, place: Value) -> Data:
        if name not in self.template.resources:
            return self.missing(name, place)
        found = self._resource(name)
        if isinstance(found, Unresolved):
            return found
        declared = self.template.resources[name]
        copied = _REPEATED.get((declared.type, attribute))
        if copied:
            return self._property(name, copied, attribute, place)
        if (declared.type, attribute) == ("AWS::EC2::VPC", "Ipv6CidrBlocks"):
            return tuple(place.with_data(block) for block in self.ipv6_blocks(name))
        if (declared.type, attribute) == ("AWS::NetworkFirewall::Firewall", "EndpointIds"):
            return self._firewall_endpoints(name, place)
        return Attr(name, attribute)

    def _firewall_endpoints(self, name: str, place: Value) -> Data:
        """``ZONE:ENDPOINT`` for each subnet; which is which is known only where there is one."""
        entries = self.template.resources[name].properties.data
        if not isinstance(entries, Mapping) or "SubnetMappings" not in entries:
            return Attr(name, "EndpointIds")
        subnets = self.value(entries["SubnetMappings"]).data
        if not isinstance(subnets, tuple):
            return Attr(name, "EndpointIds")
        if len(subnets) == 1:
            _, _, attribute = firewall_endpoint(name, 0, 1).partition(".")
            return (place.with_data(Concat(("zone:", Attr(name, attribute)))),)
        reason = f"AWS lists the endpoints of `{name}` in no particular order"
        return tuple(
            place.with_data(Unresolved(f"{name}.EndpointIds[{index}]", reason))
            for index in range(len(subnets))
        )

    def _property(self, name: str, key: str, attribute: str, place: Value) -> Data:
        declared = self.template.resources[name]
        entries = declared.properties.data
        if not isinstance(entries, Mapping) or key not in entries:
            return Attr(name, attribute)
        circle = f"{name}.{key}"
        if circle in self.under_way:
            message = f"`{circle}` is made from itself"
            raise self.error(place, "RW-CFN-008", message, "break the circle of references")
        self.under_way.append(circle)
        found = self.value(entries[key]).data
        self.under_way.pop()
        return Attr(name, attribute) if isinstance(found, NoValue) else found

    def ipv6_blocks(self, vpc: str) -> tuple[str, ...]:
        """The VPC's IPv6 blocks; where AWS picks one, a stand-in out of its range."""
        found: list[str] = []
        for declared in self.template.resources.values():
            entries = declared.properties.data
            if declared.type != "AWS::EC2::VPCCidrBlock" or not isinstance(entries, Mapping):
                continue
            if not {"VpcId", "AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock", "Ipv6Pool"} & {
                *entries
            }:
                continue
            owner = self.value(entries["VpcId"]).data if "VpcId" in entries else None
            if owner != Ref(vpc) or "CidrBlock" in entries:
                continue
            own = self.value(entries["Ipv6CidrBlock"]).data if "Ipv6CidrBlock" in entries else None
            found.append(own if isinstance(own, str) else self._stand_in(vpc, len(found)))
        return tuple(found)

    def _stand_in(self, vpc: str, index: int) -> str:
        vpcs = [one.name for one in self.template.resources.values() if one.type == "AWS::EC2::VPC"]
        pool = str(facts("cfn-types").values["ipv6_stand_in"])
        place = vpcs.index(vpc) * 5 + index
        blocks = cidr_blocks(pool, min(place + 1, 256), 72)
        return blocks[min(place, 255)]


def firewall_endpoint(firewall: str, place: int, count: int) -> str:
    """The id that stands for the endpoint of a firewall in one of its subnets."""
    return f"{firewall}.Endpoint" if count == 1 else f"{firewall}.Endpoint{place + 1}"


def dynamic(text: str) -> Data:
    """Text with its dynamic references (``{{resolve:...}}``) as symbols."""
    if "{{resolve:" not in text:
        return text
    parts: list[str | Symbol] = []
    end = 0
    for found in _DYNAMIC.finditer(text):
        reason = f"`{found[0]}` is resolved at deployment"
        parts += [text[end : found.start()], Unresolved(found[0], reason)]
        end = found.end()
    return concat([*parts, text[end:]])
