"""The resource tree: what every pass of the design adds to, and every emitter prints.

A tree is CloudFormation-shaped on purpose (types and property names are AWS's own), but holds
references as values, not as CloudFormation's spelling of them, so that another emitter can spell
them its own way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: A property value: a scalar, a list or mapping of values, or one of the references below.
Value = Any


@dataclass(frozen=True, slots=True)
class Ref:
    """The id (CloudFormation's ``Ref``) of a resource, or a parameter's value."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr:
    """An attribute of a resource (CloudFormation's ``Fn::GetAtt``)."""

    resource: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Pseudo:
    """A fact of the deployment: ``region``, ``account``, ``partition``, ``url-suffix``,
    ``stack-name``."""

    name: str


@dataclass(frozen=True, slots=True)
class Concat:
    """Text with values inside."""

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ZoneName:
    """The name of the Region's Availability Zone number ``index`` (from 0)."""

    index: int


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource. ``protect`` keeps its data when the stack or the resource goes:
    ``retain`` or ``snapshot``."""

    name: str
    type: str
    properties: Mapping[str, Value]
    depends_on: tuple[str, ...] = ()
    protect: str = ""
    #: Extra resource attributes such as ``UpdatePolicy`` and ``CreationPolicy``.
    attributes: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A question to whoever deploys. ``group`` is the heading under which a console asks it.

    ``meant`` stands for the answer, where there is no default, when the tree is judged before
    anybody has deployed it.
    """

    name: str
    type: str
    description: str
    default: str | None = None
    allowed_pattern: str | None = None
    group: str = ""
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    description: str
    value: Value
    export: bool = False


@dataclass(slots=True)
class Tree:
    """Grows as the passes run; names are unique and in the order of their making."""

    name: str
    description: str
    resources: dict[str, Resource] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)

    def add(self, resource: Resource) -> Ref:
        """Add a resource; raises ValueError when its name is taken."""
        if resource.name in self.resources or resource.name in self.parameters:
            raise ValueError(f"the tree already holds {resource.name}")
        self.resources[resource.name] = resource
        return Ref(resource.name)

    def ask(self, parameter: Parameter) -> Ref:
        """Add a parameter, or take the one that stands if it is the same."""
        standing = self.parameters.setdefault(parameter.name, parameter)
        if standing != parameter:
            raise ValueError(f"the tree already holds another parameter {parameter.name}")
        return Ref(parameter.name)

    def meant(self) -> dict[str, str]:
        """The answers meant for parameters that have no default."""
        return {
            one.name: one.meant
            for one in self.parameters.values()
            if one.default is None and one.meant
        }

    def tell(self, output: Output) -> None:
        self.outputs[output.name] = output

    def of_type(self, kind: str) -> Iterator[Resource]:
        return (one for one in self.resources.values() if one.type == kind)
