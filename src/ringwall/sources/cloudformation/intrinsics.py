"""Evaluates a template's values: references, parameters, conditions and functions.

What the template alone does not say becomes a symbol with its reason, never a guess. What
CloudFormation itself would refuse raises InputError: RW-CFN-006 (an unknown name), -007 (wrong
arguments), -008 (a circle), -009 (a parameter given wrongly).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping

from ringwall.facts.load import facts
from ringwall.sources.cloudformation.conditions import Conditions
from ringwall.sources.cloudformation.functions import (
    cidr_blocks,
    template_parts,
)
from ringwall.sources.cloudformation.references import Note, dynamic
from ringwall.sources.cloudformation.template import did_you_mean
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


class Resolver(Conditions):
    """The third layer: every function. What it hands back is evaluated through and through."""

    __slots__ = ()

    # -- values ---------------------------------------------------------------------------

    def value(self, node: Value) -> Value:
        """The value with every function evaluated; symbols stand for what is not known."""
        data = node.data
        if isinstance(data, str):
            return node.with_data(dynamic(data))
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

    # -- references -----------------------------------------------------------------------

    def _ref(self, argument: Value) -> Value:
        name = known_text(self.value(argument).data)
        if name is None:
            raise self.error(argument, "RW-CFN-007", "`Ref` takes the name of one thing")
        return argument.with_data(self.named(name, argument))

    def _get_att(self, argument: Value) -> Value:
        name, attribute = self._pair(argument)
        return argument.with_data(self.attribute(name, attribute, argument))

    def _pair(self, argument: Value) -> tuple[str, str]:
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
        raise self.error(argument, "RW-CFN-007", message, help)

    # -- text and lists -------------------------------------------------------------------

    def _sub(self, argument: Value) -> Value:
        text, extra = argument, {}
        if isinstance(argument.data, tuple):
            text, variables = self.arguments(argument, "Fn::Sub", 2, 2)
            if not isinstance(variables.data, Mapping):
                message = "the second argument of `Fn::Sub` maps names to values"
                raise self.error(variables, "RW-CFN-007", message)
            extra = {name: self.value(one) for name, one in variables.data.items()}
        if isinstance(text.data, Mapping):
            # Only a macro's answer may stand here.
            return self.value(text)
        if not isinstance(text.data, str):
            raise self.error(argument, "RW-CFN-007", "`Fn::Sub` takes a text")
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
            data = self.attribute(resource, attribute, place)
        else:
            data = self.named(name, place)
        if isinstance(data, NoValue):
            return ()
        parts = parts_of(data)
        if parts is None:
            message = f"`${{{name}}}` is a list or a mapping, not a text"
            raise self.error(place, "RW-CFN-007", message)
        return parts

    def _join(self, argument: Value) -> Value:
        between, listed = self.arguments(argument, "Fn::Join", 2, 2)
        delimiter = known_text(self.value(between).data)
        if delimiter is None and between.data is not None:
            raise self.error(between, "RW-CFN-007", "`Fn::Join` takes a text to put between")
        items = self._list(listed, "Fn::Join")
        if not isinstance(items, tuple):
            return argument.with_data(items)
        parts: list[str | Symbol] = []
        for index, item in enumerate(items):
            pieces = parts_of(item.data)
            if pieces is None and item.data is not None:
                raise self.error(item, "RW-CFN-007", "`Fn::Join` joins texts only")
            parts += [delimiter or "", *(pieces or ())] if index else (pieces or ())
        return argument.with_data(_joined(parts))

    def _list(self, node: Value, what: str) -> tuple[Value, ...] | Symbol:
        """A list argument, evaluated; a symbol where the list is not known."""
        data = self.value(node).data
        if isinstance(data, tuple | Ref | Attr | Unresolved):
            return data
        if isinstance(data, Concat):
            return Unresolved(shown(data), why_unknown(data))
        raise self.error(node, "RW-CFN-007", f"`{what}` takes a list")

    def _split(self, argument: Value) -> Value:
        between, text = self.arguments(argument, "Fn::Split", 2, 2)
        delimiter = known_text(self.value(between).data)
        data = self.value(text).data
        parts = parts_of(data)
        if not delimiter or parts is None:
            raise self.error(argument, "RW-CFN-007", "`Fn::Split` takes a delimiter and a text")
        if isinstance(data, Unresolved | Attr | Ref):
            return argument.with_data(Unresolved(shown(data)[2:-1], why_unknown(data)))
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
        place, listed = self.arguments(argument, "Fn::Select", 2, 2)
        index = self.value(place).data
        items = self._list(listed, "Fn::Select")
        number = known_text(index)
        if number is None and why_unknown(index):
            return argument.with_data(Unresolved(f"select-{shown(index)}", why_unknown(index)))
        if number is None or not number.isascii() or not number.isdigit():
            raise self.error(place, "RW-CFN-007", "`Fn::Select` takes an index from 0")
        if not isinstance(items, tuple):
            name = shown(items)[2:-1]
            return argument.with_data(Unresolved(f"{name}[{number}]", why_unknown(items)))
        if int(number) >= len(items):
            message = f"`Fn::Select` asks for entry {number} of a list of {len(items)}"
            raise self.error(place, "RW-CFN-007", message)
        return items[int(number)]

    def _cidr(self, argument: Value) -> Value:
        given = [self.value(one).data for one in self.arguments(argument, "Fn::Cidr", 2, 3)]
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
            raise self.error(argument, "RW-CFN-007", message)
        try:
            blocks = cidr_blocks(block, int(count or ""), int(bits or ""))
        except ValueError as mistake:
            message = f"`Fn::Cidr` cannot do this: {mistake}"
            raise self.error(argument, "RW-CFN-007", message) from mistake
        return argument.with_data(tuple(argument.with_data(one) for one in blocks))

    def _find_in_map(self, argument: Value) -> Value:
        given = self.arguments(argument, "Fn::FindInMap", 3, 4)
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
            raise self.error(argument, "RW-CFN-006", message, help)
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
        test, then, otherwise = self.arguments(argument, "Fn::If", 3, 3)
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
        raise self.error(argument, "RW-CFN-007", "a condition may not stand here: use `Fn::If`")


def _digits(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit() and len(text) < 10


def _entry(node: Value | None, key: str) -> Value | None:
    return node.data.get(key) if node is not None and isinstance(node.data, Mapping) else None


def _joined(parts: Iterable[str | Symbol]) -> Data:
    """Text put together; a dynamic reference around a symbol makes the whole a symbol."""
    data = concat(parts)
    if isinstance(data, str):
        return dynamic(data)
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
