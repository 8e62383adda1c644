"""Tree → CloudFormation template, as JSON or YAML: the same bytes for the same tree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import yaml

from ringwall.design.tree import Output, Parameter, Resource, Tree
from ringwall.emit.intrinsics import Json, names_in, spell
from ringwall.facts.load import facts

Template = dict[str, Json]

#: What happens to a protected resource when it leaves the stack, and when it is replaced. A first
#: deployment that fails half-way takes what it made along, so that it can be tried again.
_PROTECTION = {
    "retain": {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"},
    "snapshot": {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"},
}


def template(tree: Tree) -> Template:
    """The template of a tree, in CloudFormation's order of sections.

    Raises ValueError where something refers to a resource or parameter that the tree does not have,
    or asks for a protection that does not exist.
    """
    _refuse_dangling(tree)
    whole: Template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": tree.description,
    }
    if groups := _parameter_groups(tree):
        whole["Metadata"] = {"AWS::CloudFormation::Interface": {"ParameterGroups": groups}}
    if tree.parameters:
        whole["Parameters"] = {name: _parameter(one) for name, one in tree.parameters.items()}
    whole["Resources"] = {name: _resource(one) for name, one in tree.resources.items()}
    if tree.outputs:
        whole["Outputs"] = {name: _output(one) for name, one in tree.outputs.items()}
    return whole


def to_json(whole: Template, *, compact: bool = False) -> str:
    """JSON text; compact has no needless byte, for the limits; both end without trailing blanks."""
    if compact:
        return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def to_yaml(whole: Template) -> str:
    """YAML text with long-form intrinsics, in the template's order, without anchors."""
    return yaml.dump(
        whole,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=120,
    )


def check_limits(whole: Template) -> list[str]:
    """What of a template CloudFormation would refuse for its size, in words; [] where nothing is.

    A template over the inline limit is no problem by itself: it is deployed from a bucket.
    """
    limits = facts("quotas").values["cloudformation"]
    counts = {
        "resources": (len(whole["Resources"]), "resources"),
        "parameters": (len(whole.get("Parameters", {})), "parameters"),
        "outputs": (len(whole.get("Outputs", {})), "outputs"),
        "description-bytes": (len(whole["Description"].encode()), "bytes of description"),
        "template-bytes-s3": (len(to_json(whole, compact=True).encode()), "bytes of compact JSON"),
    }
    return [
        f"the template has {count:,} {what}, CloudFormation takes {limits[limit]['default']:,}"
        for limit, (count, what) in counts.items()
        if count > limits[limit]["default"]
    ]


class _Dumper(yaml.SafeDumper):
    """YAML that a person writes: lists indented under their key, everything written out."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (PyYAML's signature)
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _resource(resource: Resource) -> Json:
    spelled: dict[str, Json] = {"Type": resource.type}
    if resource.depends_on:
        # What a property refers to is waited for anyway.
        implied = set(names_in(resource.properties))
        if explicit := [one for one in resource.depends_on if one not in implied]:
            spelled["DependsOn"] = explicit
    if resource.protect:
        if resource.protect not in _PROTECTION:
            raise ValueError(f"{resource.name}: no such protection: {resource.protect}")
        spelled |= _PROTECTION[resource.protect]
    spelled |= spell(resource.attributes)
    if resource.properties:
        spelled["Properties"] = spell(resource.properties)
    return spelled


def _parameter(parameter: Parameter) -> Json:
    spelled = {"Type": parameter.type, "Description": parameter.description}
    if parameter.default is not None:
        spelled["Default"] = parameter.default
    if parameter.allowed_pattern is not None:
        spelled["AllowedPattern"] = parameter.allowed_pattern
    return spelled


def _parameter_groups(tree: Tree) -> list[Json]:
    groups: dict[str, list[str]] = {}
    for parameter in tree.parameters.values():
        if parameter.group:
            groups.setdefault(parameter.group, []).append(parameter.name)
    return [{"Label": {"default": group}, "Parameters": names} for group, names in groups.items()]


def _output(output: Output) -> Json:
    spelled: dict[str, Json] = {
        "Description": output.description,
        "Value": spell(output.value),
    }
    if output.export:
        name = ["", [{"Ref": "AWS::StackName"}, f"-{output.name}"]]
        spelled["Export"] = {"Name": {"Fn::Join": name}}
    return spelled


def _spoken_of(tree: Tree) -> Iterator[tuple[str, str]]:
    """Who speaks of whom."""
    for resource in tree.resources.values():
        parts: Mapping[str, object] = {"is": resource.properties, "more": resource.attributes}
        for name in (*names_in(parts), *resource.depends_on):
            yield resource.name, name
    for output in tree.outputs.values():
        for name in names_in(output.value):
            yield f"output {output.name}", name


def _refuse_dangling(tree: Tree) -> None:
    known = tree.resources.keys() | tree.parameters.keys()
    if dangling := [f"{who} -> {name}" for who, name in _spoken_of(tree) if name not in known]:
        raise ValueError(f"the tree refers to what it does not hold: {', '.join(dangling)}")
