"""Which resources an attribute refers to, as the configuration of a plan tells it.

A plan holds no expressions, only the names in them: ``[aws_vpc.main.id, aws_vpc.main]`` for
``aws_vpc.main.id``, and the same for anything that a function makes of it. They are followed
through the variables and outputs of modules. What stays open is said: locals are not in a plan, and
an index that is computed shows as ``count.index`` or ``each.key`` at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ringwall.sources.terraform.document import (
    Key,
    ModuleConfig,
    Plan,
    Resource,
    module_key,
    module_path,
    parent_module,
    read_key,
)

_TOKEN = re.compile(r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]|[^.\[\]]+')
_BY_INDEX = ("count.index", "each.key", "each.value")
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Target:
    """A resource that is referred to, and the attribute of it ("" for the whole)."""

    resource: Resource
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a reference stands: a module instance, and the key of what holds it there.

    ``each`` is the expression behind ``each.value``.
    """

    module: str
    key: Key = None
    each: object = None


@dataclass(slots=True)
class Found:
    """What references lead to. ``doubts`` tell of parts that the plan does not show."""

    targets: list[Target] = field(default_factory=list)
    constants: list[object] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.targets += [one for one in other.targets if one not in self.targets]
        self.constants += other.constants
        self.doubts += [one for one in other.doubts if one not in self.doubts]


def tokens_of(reference: str) -> list[str]:
    """The parts of a reference: names, and keys with their brackets."""
    return _TOKEN.findall(reference)


def leaves(expression: object) -> Iterator[Mapping[str, object]]:
    """Every expression inside the expressions of nested blocks."""
    if isinstance(expression, list):
        for one in expression:
            yield from leaves(one)
    elif isinstance(expression, Mapping):
        if "references" in expression or "constant_value" in expression:
            yield expression
        else:
            for one in expression.values():
                yield from leaves(one)


def references_in(expression: Mapping[str, object]) -> list[str]:
    """The references of one expression, without those that only repeat the start of another."""
    listed = expression.get("references")
    names = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    return [
        one
        for one in dict.fromkeys(names)
        if not any(other.startswith((f"{one}.", f"{one}[")) for other in names)
    ]


class Resolver:
    """Follows references in one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._named: dict[tuple[str, str, str, str], list[Resource]] = {}
        self._calls: dict[tuple[str, str], list[str]] = {}
        for one in plan.resources:
            place = (one.module, one.mode, one.type, one.name)
            self._named.setdefault(place, []).append(one)
            self._note_modules(one.module)

    def _note_modules(self, address: str) -> None:
        while address:
            parent = parent_module(address)
            listed = self._calls.setdefault((parent, module_path(address)[-1]), [])
            if address in listed:
                return
            listed.append(address)
            address = parent

    def config_of(self, resource: Resource) -> Mapping[str, object]:
        """How a resource is written: its entry in the configuration; empty where it has none."""
        module = self.plan.modules.get(module_path(resource.module))
        mode = "data." if resource.mode == "data" else ""
        found = module.resources.get(f"{mode}{resource.type}.{resource.name}") if module else None
        return found or {}

    def scope_of(self, resource: Resource) -> Scope:
        return Scope(
            resource.module, resource.key, self.config_of(resource).get("for_each_expression")
        )

    def follow(self, expression: object, scope: Scope, seen: tuple[str, ...] = ()) -> Found:
        """Everything that an expression, or a tree of them, refers to."""
        found = Found()
        for leaf in leaves(expression):
            if "constant_value" in leaf:
                found.constants.append(leaf["constant_value"])
            names = references_in(leaf)
            indexed = any(one.startswith(_BY_INDEX) for one in names)
            for name in names:
                found.add(self._reference(name, scope, indexed, seen))
        return found

    def _reference(self, name: str, scope: Scope, indexed: bool, seen: tuple[str, ...]) -> Found:
        mark = f"{scope.module}|{name}"
        if mark in seen or len(seen) > _DEEPEST:
            return Found(doubts=[f"`{name}` leads back to itself"])
        seen = (*seen, mark)
        parts = tokens_of(name)
        if not parts:
            return Found(doubts=[f"`{name}` is not understood"])
        key = scope.key if indexed else None
        if name.startswith("each.value"):
            outer = self.follow(scope.each, replace(scope, each=None), seen)
            return _picked(outer, scope.key, parts[2:])
        if parts[0] in ("count", "each", "path", "terraform", "self"):
            return Found()
        if parts[0] == "local":
            return Found(doubts=[f"`{name}` is not in the plan, which leaves locals out"])
        if len(parts) < 2:
            return Found(doubts=[f"`{name}` is not understood"])
        if parts[0] == "var":
            return self._variable(parts[1], parts[2:], scope, key, seen)
        if parts[0] == "module":
            return self._output(parts[1:], scope, key, seen)
        if parts[0] == "data":
            return self._resources("data", parts[1:], scope, key)
        return self._resources("managed", parts, scope, key)

    def _resources(self, mode: str, parts: list[str], scope: Scope, key: Key) -> Found:
        if len(parts) < 2:
            return Found(doubts=[f"`{'.'.join(parts)}` is not understood"])
        held = self._named.get((scope.module, mode, parts[0], parts[1]), [])
        rest = parts[2:]
        if rest and rest[0].startswith("["):
            wanted = read_key(rest[0])
            rest = rest[1:]
            if wanted is not None:
                held = [one for one in held if one.key == wanted]
        elif key is not None and len(held) > 1:
            same = [one for one in held if one.key == key]
            if not same:
                names = f"{parts[0]}.{parts[1]}"
                targets = [Target(one, _path(rest)) for one in held]
                return Found(targets, doubts=[f"which `{names}` is meant is computed"])
            held = same
        return Found([Target(one, _path(rest)) for one in held])

    def _variable(
        self, name: str, rest: list[str], scope: Scope, key: Key, seen: tuple[str, ...]
    ) -> Found:
        if not scope.module:
            value = self.plan.variables.get(name)
            return Found(constants=[_inside(value, rest)])
        parent = parent_module(scope.module)
        path = module_path(scope.module)
        around = self.plan.modules.get(path[:-1])
        call = around.calls.get(path[-1], {}) if around else {}
        expressions = call.get("expressions")
        given = expressions.get(name) if isinstance(expressions, Mapping) else None
        if given is None:
            return Found(constants=[_inside(_default(self.plan.modules.get(path), name), rest)])
        outer = Scope(parent, module_key(scope.module), call.get("for_each_expression"))
        found = self.follow(given, outer, seen)
        found.constants = [_inside(one, rest) for one in found.constants]
        return _picked(found, key, rest)

    def _output(self, parts: list[str], scope: Scope, key: Key, seen: tuple[str, ...]) -> Found:
        call, rest = parts[0], parts[1:]
        held = self._calls.get((scope.module, call), [])
        if rest and rest[0].startswith("["):
            wanted = read_key(rest[0])
            rest = rest[1:]
            held = [one for one in held if wanted is None or module_key(one) == wanted]
        elif key is not None and len(held) > 1:
            held = [one for one in held if module_key(one) == key] or held
        found = Found()
        if not held:
            found.doubts.append(f"the module `{call}` holds no resource in this plan")
        for address in held:
            module = self.plan.modules.get(module_path(address))
            outputs = module.outputs if module else {}
            names = [rest[0]] if rest else list(outputs)
            if not rest:
                found.doubts.append(f"which output of the module `{call}` is meant is computed")
            for name in names:
                entry = outputs.get(name)
                expression = entry.get("expression") if isinstance(entry, Mapping) else None
                found.add(self.follow(expression, Scope(address), seen))
        return _picked(found, key, rest[1:])


def _path(parts: Iterable[str]) -> str:
    return "".join(one if one.startswith("[") else f".{one}" for one in parts).lstrip(".")


def _picked(found: Found, key: Key, rest: list[str]) -> Found:
    """The part of a list or a mapping that is meant: by the key that is written, else by our own.

    A list of several instances of one resource is taken to be in the order of their keys.
    """
    if rest and rest[0].startswith("["):
        written = read_key(rest[0])
        key, rest = (key if written is None else written), rest[1:]
    names = {(one.resource.module, one.resource.type, one.resource.name) for one in found.targets}
    same = [one for one in found.targets if key is not None and one.resource.key == key]
    if key is not None and len(found.targets) > 1 and len(names) == 1 and same:
        found.targets = same
    if rest:
        found.targets = [
            one if one.attribute else replace(one, attribute=_path(rest)) for one in found.targets
        ]
    return found


def _inside(value: object, rest: Iterable[str]) -> object:
    """A part of a constant; None where it has none of that name."""
    for part in rest:
        key = read_key(part) if part.startswith("[") else part
        if isinstance(value, Mapping):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _default(module: ModuleConfig | None, name: str) -> object:
    entry = module.variables.get(name) if module else None
    return entry.get("default") if isinstance(entry, Mapping) else None
