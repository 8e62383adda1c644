"""The resources that a template makes, evaluated: what the noun readers look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.sources.cloudformation.intrinsics import Resolver
from ringwall.sources.cloudformation.references import Note
from ringwall.sources.cloudformation.template import Declared, Template, did_you_mean
from ringwall.sources.cloudformation.values import (
    Ref,
    Unresolved,
    Value,
    symbols_in,
    why_unknown,
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One evaluated resource. ``doubt`` says why it may not exist at all (empty: it does)."""

    id: str
    type: str
    properties: Mapping[str, Value]
    place: Value
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """A resource whose condition is false."""

    id: str
    type: str
    condition: str
    place: Value


@dataclass(frozen=True, slots=True)
class Stack:
    """``resources`` by logical id, in the template's order; ``notes`` per resource's id."""

    template: Template
    region: str
    resources: Mapping[str, Resource]
    absent: tuple[Absent, ...]
    notes: Mapping[str, tuple[Note, ...]]
    resolver: Resolver
    by_type: Mapping[str, Sequence[Resource]]

    def of_type(self, *types: str) -> Iterator[Resource]:
        return (one for kind in types for one in self.by_type.get(kind, ()))

    def ipv6_blocks(self, vpc: str) -> tuple[str, ...]:
        return self.resolver.ipv6_blocks(vpc)


def evaluate(template: Template, region: str, given: Mapping[str, str]) -> Stack:
    """Evaluate every resource; raises InputError (RW-CFN-006 to -009)."""
    _check_given(template, given)
    resolver = Resolver(template, region, given)
    resources: dict[str, Resource] = {}
    absent: list[Absent] = []
    notes: dict[str, tuple[Note, ...]] = {}
    needs: dict[str, tuple[str, ...]] = {}
    for declared in template.resources.values():
        doubt = _doubt(resolver, declared)
        if doubt is None:
            absent.append(
                Absent(declared.name, declared.type, declared.condition, declared.place),
            )
            continue
        resolver.names.clear()
        resolver.notes.clear()
        found = resolver.value(declared.properties)
        properties = found.data if isinstance(found.data, Mapping) else {}
        if isinstance(found.data, Unresolved):
            resolver.notes.append(Note(found, why_unknown(found.data)))
        resources[declared.name] = Resource(
            declared.name, declared.type, properties, declared.place, doubt
        )
        notes[declared.name] = tuple(resolver.notes)
        needs[declared.name] = (*resolver.names, *declared.depends_on)
    if not template.transforms:
        # A macro may cut a circle before AWS sees it.
        _check_circles(template, needs)
    by_type: dict[str, list[Resource]] = {}
    for one in resources.values():
        by_type.setdefault(one.type, []).append(one)
    return Stack(template, region, resources, tuple(absent), notes, resolver, by_type)


def _doubt(resolver: Resolver, declared: Declared) -> str | None:
    """Why the resource may not be made; None where it certainly is not."""
    if not declared.condition:
        return ""
    truth = resolver.condition(declared.condition, declared.place)
    if isinstance(truth, Unresolved):
        return f"its condition `{declared.condition}` is not known: {truth.reason}"
    return "" if truth else None


def _check_given(template: Template, given: Mapping[str, str]) -> None:
    problems: list[Diagnostic] = []
    for name, text in given.items():
        declared = template.parameters.get(name)
        if declared is None:
            message = f"`{name}` is no parameter of this template"
            help = did_you_mean(name, list(template.parameters))
            problems.append(Diagnostic("RW-CFN-009", message, Origin(template.source), help))
            continue
        entries = declared.data if isinstance(declared.data, Mapping) else {}
        allowed = entries.get("AllowedValues")
        if allowed is None or not isinstance(allowed.data, tuple):
            continue
        texts = [str(one.data) for one in allowed.data]
        if text not in texts:
            message = f"the parameter `{name}` may not be `{text}`"
            help = f"it may be one of: {', '.join(texts[:8])}"
            origin = template.origin(allowed, name)
            problems.append(Diagnostic("RW-CFN-009", message, origin, help))
    if problems:
        raise InputError(problems)


def _check_circles(template: Template, needs: Mapping[str, tuple[str, ...]]) -> None:
    """AWS makes resources one after the other, so a circle of needs can never be made."""
    state: dict[str, bool] = {}
    for start in needs:
        path: list[tuple[str, Iterator[str]]] = [(start, iter(needs[start]))]
        if start in state:
            continue
        state[start] = False
        while path:
            name, rest = path[-1]
            following = next((one for one in rest if one in needs), None)
            if following is None:
                state[name] = True
                path.pop()
            elif following not in state:
                state[following] = False
                path.append((following, iter(needs[following])))
            elif not state[following]:
                _tell_circle(template, [one for one, _ in path], following)


def _tell_circle(template: Template, path: list[str], again: str) -> None:
    circle = [*path[path.index(again) :], again]
    place = template.resources[again].place
    raise InputError.at(
        template.origin(place, again),
        "RW-CFN-008",
        f"resources need each other in a circle: {' -> '.join(f'`{one}`' for one in circle[:8])}",
        "break the circle, for example with rules as resources of their own",
    )


def names_in(value: Value) -> tuple[str, ...]:
    """The resources that a value names by ``Ref``."""
    return tuple(one.name for one in symbols_in(value) if isinstance(one, Ref))
