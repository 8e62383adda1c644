"""A template's sections, checked for shape, before anything is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from ringwall.model.errors import Diagnostic, InputError
from ringwall.model.origin import Origin
from ringwall.sources.cloudformation.document import parse
from ringwall.sources.cloudformation.foreach import expand, is_loop
from ringwall.sources.cloudformation.values import Value, known_text

_HELP = "a CloudFormation template has a section `Resources` that maps names to resources"


@dataclass(frozen=True, slots=True)
class Declared:
    """One resource as written. ``place`` carries the line of its name."""

    name: str
    type: str
    properties: Value
    condition: str
    depends_on: tuple[str, ...]
    place: Value


@dataclass(frozen=True, slots=True)
class Template:
    """``transforms`` names the macros that AWS runs over the template before it deploys it."""

    source: str
    parameters: Mapping[str, Value]
    mappings: Mapping[str, Value]
    conditions: Mapping[str, Value]
    resources: Mapping[str, Declared]
    transforms: tuple[str, ...] = ()
    loops: tuple[Value, ...] = field(default=())

    def origin(self, value: Value, pointer: str = "") -> Origin:
        return Origin(self.source, pointer, value.line, value.column)


def did_you_mean(word: str, known: list[str]) -> str:
    """A help line with the nearest known word, or nothing."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean `{near[0]}`?" if near else ""


def load_template(text: str, source: str) -> Template:
    """Read and check; raises InputError with every mistake of shape (RW-CFN-001 to -005, -011)."""
    root = parse(text, source)
    return _Shapes(source).template(root)


@dataclass(slots=True)
class _Shapes:
    source: str
    problems: list[Diagnostic] = field(default_factory=list)

    def template(self, root: Value) -> Template:
        sections = self._sections(root)
        parameters = self._section(sections, "Parameters")
        written = self._section(sections, "Resources")
        unfolded, loops = expand(written, parameters)
        found = Template(
            source=self.source,
            parameters=parameters,
            mappings=self._section(sections, "Mappings"),
            conditions=self._section(sections, "Conditions"),
            resources={
                name: one
                for name, value in unfolded.items()
                if not is_loop(name) and (one := self._resource(name, value)) is not None
            },
            transforms=_names(sections.get("Transform")),
            loops=loops,
        )
        for section in (found.parameters, found.mappings):
            for name, value in section.items():
                if not isinstance(value.data, Mapping):
                    self._wrong(value, name, "a mapping")
        if self.problems:
            raise InputError(self.problems)
        return found

    def _sections(self, root: Value) -> Mapping[str, Value]:
        if not isinstance(root.data, Mapping):
            raise self._no_template(
                root, "the file is no CloudFormation template: it is no mapping"
            )
        resources = root.data.get("Resources")
        if resources is None:
            message = "the file is no CloudFormation template: it has no section `Resources`"
            raise self._no_template(root, message)
        if not isinstance(resources.data, Mapping):
            raise self._no_template(resources, "`Resources` must map names to resources")
        if not resources.data:
            raise self._no_template(resources, "`Resources` is empty")
        return root.data

    def _no_template(self, place: Value, message: str) -> InputError:
        origin = Origin(self.source, line=place.line, column=place.column)
        return InputError.at(origin, "RW-CFN-004", message, _HELP)

    def _section(self, sections: Mapping[str, Value], name: str) -> Mapping[str, Value]:
        section = sections.get(name)
        if section is None or section.data is None:
            return {}
        if not isinstance(section.data, Mapping):
            self._wrong(section, name, "a mapping")
            return {}
        return section.data

    def _wrong(self, place: Value, what: str, wanted: str, help: str = "") -> None:
        origin = Origin(self.source, what, place.line, place.column)
        message = f"`{what}` must be {wanted}"
        self.problems.append(Diagnostic("RW-CFN-005", message, origin, help))

    def _resource(self, name: str, value: Value) -> Declared | None:
        if not isinstance(value.data, Mapping):
            self._wrong(value, name, "a mapping with a `Type`")
            return None
        kind = value.data.get("Type")
        if kind is None or not isinstance(kind.data, str) or not kind.data:
            help = "give the resource a type, such as `Type: AWS::EC2::VPC`"
            self._wrong(kind or value, f"{name}.Type", "the name of a resource type", help)
            return None
        properties = value.data.get("Properties")
        if properties is None or properties.data is None:
            properties = Value({}, value.line, value.column)
        if not isinstance(properties.data, Mapping):
            self._wrong(properties, f"{name}.Properties", "a mapping")
            return None
        condition = value.data.get("Condition")
        if condition is not None and not isinstance(condition.data, str):
            self._wrong(condition, f"{name}.Condition", "the name of a condition")
            return None
        return Declared(
            name=name,
            type=kind.data,
            properties=properties,
            condition=condition.data if condition and isinstance(condition.data, str) else "",
            depends_on=_names(value.data.get("DependsOn")),
            place=value,
        )


def _names(value: Value | None) -> tuple[str, ...]:
    """One name or a list of names; a transform may also be a mapping with a `Name`."""
    if value is None:
        return ()
    if isinstance(value.data, tuple):
        return tuple(name for one in value.data for name in _names(one))
    if isinstance(value.data, Mapping):
        return _names(value.data.get("Name"))
    text = known_text(value.data)
    return (text,) if text else ()
