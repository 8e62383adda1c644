"""Evaluates a template's values: references, parameters, conditions and functions.

What the template alone does not say becomes a symbol with its reason, never a guess. What
CloudFormation itself would refuse raises InputError: RW-CFN-006 (an unknown name), -007 (wrong
arguments), -008 (a circle), -009 (a parameter given wrongly).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ringwall.facts.load import facts
from ringwall.model.errors import InputError
from ringwall.sources.cloudformation.functions import (
    cidr_blocks,
    partition_of,
    template_parts,
    url_suffix_of,
)
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
    parts_of,
    plain,
    shown,
    symbols_in,
    why_unknown,
)

_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_LISTS = ("CommaDelimitedList", "List<")
_LOGICAL = {"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition"}
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
class Resolver:
    """``given`` are the caller's parameter values. ``names`` grows with every resource named,
    ``notes`` with everything met that is not modelled; the caller empties both."""

    template: Template
    region: str
    given: Mapping[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _known: dict[str, Truth] = field(default_factory=dict)
    _under_way: list[str] = field(default_factory=list)

    # -- values ---------------------------------------------------------------------------

    def value(self, node: Value) -> Value:
        """The value with every function evaluated; symbols stand for what is not known."""
        data = node.data
        if isinstance(data, str):
            return node.with_data(_dynamic(data))
        if isinstance(data, tuple):
            items = (self.value(one) for one in data)
            return node.with_data(tuple(one for one in items if one.data != NoValue()))
        if not isinstance(data, Mapping):
            return node
        if len(data) == 1:
            ((name, argument),) = data.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument, node)
        for name in data:
            if name.startswith("Fn::"):
                self.notes.append(Note(node, f"`{name}` may change everything beside it"))
        found = {name: self.value(one) for name, one in data.items()}
        return node.with_data(
            {name: one for name, one in found.items() if one.data != NoValue()},
        )

    def _call(self, name: str, argument: Value, node: Value) -> Value:
        function = _FUNCTIONS.get(name)
        if function is None:
            self.notes.append(Note(node, f"`{name}` is not evaluated"))
            return node.with_data(Unresolved(name, f"`{name}` is not evaluated"))
        return Value(function(self, argument).data, node.line, node.column)

    def _texts(self, argument: Value, what: str, least: int, most: int) -> tuple[Value, ...]:
        """The arguments of a function as a list of the right length, not yet evaluated."""
        if not isinstance(argument.data, tuple) or not least <= len(argument.data) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            raise self._error(argument, "RW-CFN-007", f"`{what}` takes a list of {count} arguments")
        return argument.data

    def _error(self, place: Value, code: str, message: str, help: str = "") -> InputError:
        return InputError.at(self.template.origin(place), code, message, help)

    # -- references -----------------------------------------------------------------------

    def _ref(self, argument: Value) -> Value:
        name = known_text(self.value(argument).data)
        if name is None:
            raise self._error(argument, "RW-CFN-007", "`Ref` takes the name of one thing")
        return argument.with_data(self._named(name, argument))

    def _named(self, name: str, place: Value) -> Data:
        if name.startswith("AWS::"):
            return self._pseudo(name, place)
        if name in self.template.parameters:
            return self.parameter(name)
        if name in self.template.resources:
            return self._resource(name)
        return self._missing(name, place)

    def _resource(self, name: str) -> Symbol:
        self.names.append(name)
        condition = self.template.resources[name].condition
        if condition and self.condition(condition, self.template.resources[name].place) is False:
            return Unresolved(
                name, f"`{name}` is not made, for its condition `{condition}` is false"
            )
        return Ref(name)

    def _missing(self, name: str, place: Value) -> Symbol:
        if self.template.transforms or self.template.loops:
            return Unresolved(name, f"`{name}` is not in the template: a macro may add it")
        known = [*self.template.resources, *self.template.parameters]
        message = f"`{name}` is neither a resource nor a parameter of this template"
        raise self._error(place, "RW-CFN-006", message, did_you_mean(name, known))

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
        raise self._error(place, "RW-CFN-006", message, did_you_mean(name, [*known, *unknown]))

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
        return _dynamic(text)

    def _get_att(self, argument: Value) -> Value:
        name, attribute = self._attribute(argument)
        return argument.with_data(self._attr(name, attribute, argument))

    def _attribute(self, argument: Value) -> tuple[str, str]:
        if isinstance(argument.data, str) and "." in argument.data:
            name, _, attribute = argument.data.partition(".")
            return name, attribute
        if isinstance(argument.data, tuple) and len(argument.data) == 2:
            name_text = known_text(argument.data[0].data)
            attribute_text = known_text(self.value(argument.data[1]).data)
            if name_text and attribute_text:
                return name_text, attribute_text
        message = "`Fn::GetAtt` takes a resource and an attribute"
        help = "write `!GetAtt Name.Attribute` or a list of the two"
        raise self._error(argument, "RW-CFN-007", message, help)

    def _attr(self, name: str, attribute: str, place: Value) -> Data:
        if name not in self.template.resources:
            return self._missing(name, place)
        found = self._resource(name)
        if isinstance(found, Unresolved):
            return found
        declared = self.template.resources[name]
        copied = _REPEATED.get((declared.type, attribute))
        if copied:
            return self._property(name, copied, attribute, place)
        if (declared.type, attribute) == ("AWS::EC2::VPC", "Ipv6CidrBlocks"):
            return tuple(place.with_data(block) for block in self.ipv6_blocks(name))
        return Attr(name, attribute)

    def _property(self, name: str, key: str, attribute: str, place: Value) -> Data:
        declared = self.template.resources[name]
        entries = declared.properties.data
        if not isinstance(entries, Mapping) or key not in entries:
            return Attr(name, attribute)
        circle = f"{name}.{key}"
        if circle in self._under_way:
            message = f"`{circle}` is made from itself"
            raise self._error(place, "RW-CFN-008", message, "break the circle of references")
        self._under_way.append(circle)
        found = self.value(entries[key]).data
        self._under_way.pop()
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

    # -- text and lists -------------------------------------------------------------------

    def _sub(self, argument: Value) -> Value:
        text, extra = argument, {}
        if isinstance(argument.data, tuple):
            text, variables = self._texts(argument, "Fn::Sub", 2, 2)
            if not isinstance(variables.data, Mapping):
                message = "the second argument of `Fn::Sub` maps names to values"
                raise self._error(variables, "RW-CFN-007", message)
            extra = {name: self.value(one) for name, one in variables.data.items()}
        if not isinstance(text.data, str):
            raise self._error(argument, "RW-CFN-007", "`Fn::Sub` takes a text")
        parts: list[str | Symbol] = []
        for piece, variable in template_parts(text.data):
            parts += self._variable(piece, extra, argument) if variable else (piece,)
        return argument.with_data(_joined(parts))

    def _variable(
        self, name: str, extra: Mapping[str, Value], place: Value
    ) -> tuple[str | Symbol, ...]:
        if name in extra:
            data = extra[name].data
        elif "." in name:
            resource, _, attribute = name.partition(".")
            data = self._attr(resource, attribute, place)
        else:
            data = self._named(name, place)
        if isinstance(data, NoValue):
            return ()
        parts = parts_of(data)
        if parts is None:
            message = f"`${{{name}}}` is a list or a mapping, not a text"
            raise self._error(place, "RW-CFN-007", message)
        return parts

    def _join(self, argument: Value) -> Value:
        between, listed = self._texts(argument, "Fn::Join", 2, 2)
        delimiter = known_text(self.value(between).data)
        if delimiter is None and between.data is not None:
            raise self._error(between, "RW-CFN-007", "`Fn::Join` takes a text to put between")
        items = self._list(listed, "Fn::Join")
        if not isinstance(items, tuple):
            return argument.with_data(items)
        parts: list[str | Symbol] = []
        for index, item in enumerate(items):
            pieces = parts_of(item.data)
            if pieces is None and item.data is not None:
                raise self._error(item, "RW-CFN-007", "`Fn::Join` joins texts only")
            parts += [delimiter or "", *(pieces or ())] if index else (pieces or ())
        return argument.with_data(_joined(parts))

    def _list(self, node: Value, what: str) -> tuple[Value, ...] | Symbol:
        """A list argument, evaluated; a symbol where the list is not known."""
        data = self.value(node).data
        if isinstance(data, tuple | Ref | Attr | Unresolved):
            return data
        if isinstance(data, Concat):
            return Unresolved(shown(data), why_unknown(data))
        raise self._error(node, "RW-CFN-007", f"`{what}` takes a list")

    def _split(self, argument: Value) -> Value:
        between, text = self._texts(argument, "Fn::Split", 2, 2)
        delimiter = known_text(self.value(between).data)
        data = self.value(text).data
        parts = parts_of(data)
        if not delimiter or parts is None:
            raise self._error(argument, "RW-CFN-007", "`Fn::Split` takes a delimiter and a text")
        if isinstance(data, Unresolved | Attr | Ref):
            return argument.with_data(Unresolved(shown(data), why_unknown(data)))
        pieces: list[list[str | Symbol]] = [[]]
        for part in parts:
            if not isinstance(part, str):
                pieces[-1].append(part)
                continue
            first, *rest = part.split(delimiter)
            pieces[-1].append(first)
            pieces += [[one] for one in rest]
        return argument.with_data(tuple(argument.with_data(concat(one)) for one in pieces))

    def _select(self, argument: Value) -> Value:
        place, listed = self._texts(argument, "Fn::Select", 2, 2)
        index = self.value(place).data
        items = self._list(listed, "Fn::Select")
        number = known_text(index)
        if number is None and why_unknown(index):
            return argument.with_data(Unresolved(f"select-{shown(index)}", why_unknown(index)))
        if number is None or not number.isascii() or not number.isdigit():
            raise self._error(place, "RW-CFN-007", "`Fn::Select` takes an index from 0")
        if not isinstance(items, tuple):
            name = shown(items)[2:-1]
            return argument.with_data(Unresolved(f"{name}[{number}]", why_unknown(items)))
        if int(number) >= len(items):
            message = f"`Fn::Select` asks for entry {number} of a list of {len(items)}"
            raise self._error(place, "RW-CFN-007", message)
        return items[int(number)]

    def _cidr(self, argument: Value) -> Value:
        given = [self.value(one).data for one in self._texts(argument, "Fn::Cidr", 2, 3)]
        unknown = next((one for one in given if why_unknown(one)), None)
        if unknown is not None:
            return argument.with_data(Unresolved(f"cidr of {shown(unknown)}", why_unknown(unknown)))
        texts = [known_text(one) for one in given]
        if len(texts) == 2:
            reason = "`Fn::Cidr` without its third argument is not documented"
            return argument.with_data(Unresolved(f"cidr of {texts[0]}", reason))
        block, count, bits = texts
        if block is None or not _digits(count) or not _digits(bits):
            message = "`Fn::Cidr` takes a CIDR block and two numbers"
            raise self._error(argument, "RW-CFN-007", message)
        try:
            blocks = cidr_blocks(block, int(count or ""), int(bits or ""))
        except ValueError as mistake:
            message = f"`Fn::Cidr` cannot do this: {mistake}"
            raise self._error(argument, "RW-CFN-007", message) from mistake
        return argument.with_data(tuple(argument.with_data(one) for one in blocks))

    def _find_in_map(self, argument: Value) -> Value:
        given = self._texts(argument, "Fn::FindInMap", 3, 4)
        keys = [self.value(one).data for one in given[:3]]
        default = self._default(given[3]) if len(given) == 4 else None
        unknown = next((one for one in keys if why_unknown(one)), None)
        if unknown is not None:
            return argument.with_data(Unresolved(f"map of {shown(unknown)}", why_unknown(unknown)))
        name, first, second = (known_text(one) or "" for one in keys)
        mapping = self.template.mappings.get(name)
        if mapping is None and default is None and not self.template.transforms:
            message = f"`{name}` is no mapping of this template"
            help = did_you_mean(name, list(self.template.mappings))
            raise self._error(argument, "RW-CFN-006", message, help)
        found = _entry(_entry(mapping, first), second)
        if found is not None:
            return self.value(found)
        if default is not None:
            return default
        reason = f"the mapping `{name}` has no entry `{first}`, `{second}`"
        return argument.with_data(Unresolved(f"{name}.{first}.{second}", reason))

    def _default(self, node: Value) -> Value | None:
        if isinstance(node.data, Mapping) and "DefaultValue" in node.data:
            return self.value(node.data["DefaultValue"])
        return None

    def _get_azs(self, argument: Value) -> Value:
        data = self.value(argument).data
        if why_unknown(data):
            return argument.with_data(Unresolved(f"zones of {shown(data)}", why_unknown(data)))
        region = known_text(data) or self.region
        known = facts("regions").values.get(region)
        zones = known["zones"] if known else [f"{region}{letter}" for letter in "abcdef"]
        return argument.with_data(tuple(argument.with_data(zone) for zone in zones))

    def _import(self, argument: Value) -> Value:
        name = shown(self.value(argument).data)
        reason = f"`{name}` is the output of another stack"
        return argument.with_data(Unresolved(f"import:{name}", reason))

    def _base64(self, argument: Value) -> Value:
        data = self.value(argument).data
        text = known_text(data)
        if text is None:
            reason = why_unknown(data) or "the text to encode is not known"
            return argument.with_data(Unresolved("base64", reason))
        return argument.with_data(base64.b64encode(text.encode()).decode())

    def _length(self, argument: Value) -> Value:
        items = self._list(argument, "Fn::Length")
        if not isinstance(items, tuple):
            return argument.with_data(Unresolved(f"length of {shown(items)}", why_unknown(items)))
        return argument.with_data(len(items))

    def _to_json(self, argument: Value) -> Value:
        found = self.value(argument)
        symbol = next(iter(symbols_in(found)), None)
        if symbol is not None:
            return argument.with_data(Unresolved("json", why_unknown(symbol)))
        return argument.with_data(json.dumps(plain(found), separators=(",", ":")))

    def _transform(self, argument: Value) -> Value:
        entries = argument.data if isinstance(argument.data, Mapping) else {}
        name = known_text(entries["Name"].data) if "Name" in entries else None
        message = f"the macro `{name or 'Fn::Transform'}` runs at deployment"
        self.notes.append(Note(argument, message))
        return argument.with_data(Unresolved(f"macro:{name}", message))

    # -- conditions -----------------------------------------------------------------------

    def _if(self, argument: Value) -> Value:
        test, then, otherwise = self._texts(argument, "Fn::If", 3, 3)
        name = known_text(test.data)
        truth = self.truth(test) if name is None else self.condition(name, test)
        if truth is True:
            return self.value(then)
        if truth is False:
            return self.value(otherwise)
        both = self.value(then), self.value(otherwise)
        if plain(both[0]) == plain(both[1]):
            return both[0]
        return argument.with_data(Unresolved(f"if-{name}", truth.reason))

    def _logical(self, argument: Value) -> Value:
        raise self._error(argument, "RW-CFN-007", "a condition may not stand here: use `Fn::If`")

    def condition(self, name: str, place: Value) -> Truth:
        """Is a named condition true, under the parameters as they are known?"""
        if name in self._known:
            return self._known[name]
        written = self.template.conditions.get(name)
        if written is None:
            if self.template.transforms:
                return Unresolved(name, f"the condition `{name}` is not in the template")
            message = f"`{name}` is no condition of this template"
            help = did_you_mean(name, list(self.template.conditions))
            raise self._error(place, "RW-CFN-006", message, help)
        circle = f"condition {name}"
        if circle in self._under_way:
            message = f"the condition `{name}` is made from itself"
            raise self._error(written, "RW-CFN-008", message, "break the circle of conditions")
        self._under_way.append(circle)
        self._known[name] = self.truth(written)
        self._under_way.pop()
        return self._known[name]

    def truth(self, node: Value) -> Truth:
        """The truth of a condition's expression; Unresolved where it depends on the unknown."""
        if not isinstance(node.data, Mapping) or len(node.data) != 1:
            raise self._no_condition(node)
        ((name, argument),) = node.data.items()
        if name == "Condition":
            return self.condition(known_text(argument.data) or "", argument)
        if name == "Fn::Not":
            (one,) = self._texts(argument, name, 1, 1)
            found = self.truth(one)
            return found if isinstance(found, Unresolved) else not found
        if name in ("Fn::And", "Fn::Or"):
            return self._all_or_any(name, argument)
        if name == "Fn::Equals":
            return self._equal(argument)
        raise self._no_condition(node)

    def _no_condition(self, place: Value) -> InputError:
        message = "a condition is one of `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not`, `Condition`"
        return self._error(place, "RW-CFN-007", message)

    def _all_or_any(self, name: str, argument: Value) -> Truth:
        decides = name == "Fn::Or"
        found = [self.truth(one) for one in self._texts(argument, name, 1, 10)]
        if decides in found:
            return decides
        unknown = [one for one in found if isinstance(one, Unresolved)]
        return unknown[0] if unknown else not decides

    def _equal(self, argument: Value) -> Truth:
        left, right = (self.value(one) for one in self._texts(argument, "Fn::Equals", 2, 2))
        if plain(left) == plain(right):
            return True
        for side in (left, right):
            symbol = next(iter(symbols_in(side)), None)
            if symbol is not None:
                return Unresolved("condition", why_unknown(symbol))
        if isinstance(left.data, tuple | Mapping) or isinstance(right.data, tuple | Mapping):
            return False
        return known_text(left.data) == known_text(right.data)


def _digits(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit() and len(text) < 10


def _entry(node: Value | None, key: str) -> Value | None:
    return node.data.get(key) if node is not None and isinstance(node.data, Mapping) else None


def _dynamic(text: str) -> Data:
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


def _joined(parts: Iterable[str | Symbol]) -> Data:
    """Text put together; a dynamic reference around a symbol makes the whole a symbol."""
    data = concat(parts)
    if isinstance(data, str):
        return _dynamic(data)
    if isinstance(data, Concat) and "{{resolve:" in shown(data):
        return Unresolved(shown(data), f"`{shown(data)}` is resolved at deployment")
    return data


_FUNCTIONS: Mapping[str, Callable[[Resolver, Value], Value]] = {
    "Ref": Resolver._ref,
    "Fn::GetAtt": Resolver._get_att,
    "Fn::Sub": Resolver._sub,
    "Fn::Join": Resolver._join,
    "Fn::Split": Resolver._split,
    "Fn::Select": Resolver._select,
    "Fn::Cidr": Resolver._cidr,
    "Fn::FindInMap": Resolver._find_in_map,
    "Fn::If": Resolver._if,
    "Fn::GetAZs": Resolver._get_azs,
    "Fn::ImportValue": Resolver._import,
    "Fn::Base64": Resolver._base64,
    "Fn::Length": Resolver._length,
    "Fn::ToJsonString": Resolver._to_json,
    "Fn::Transform": Resolver._transform,
    "Fn::And": Resolver._logical,
    "Fn::Or": Resolver._logical,
    "Fn::Not": Resolver._logical,
    "Fn::Equals": Resolver._logical,
}
