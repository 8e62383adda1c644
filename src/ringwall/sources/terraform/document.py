"""The JSON of ``terraform show -json``: which resources there will be, and what is said of each.

Three parts of a plan are read together: ``planned_values`` (what is known), ``resource_changes``
(what is not known yet, and what is deleted) and ``configuration`` (which resource an attribute
refers to). Of a state there is only ``values``. Format: "JSON Output Format", Terraform internals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ringwall.model.errors import InputError
from ringwall.model.origin import Origin
from ringwall.sources.terraform.values import Data, merged

_STEP = re.compile(r'module\.([\w-]+)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)')
_HELP = "make the file anew: `terraform show -json PLANFILE > plan.json`"
#: Kinds of change after which a resource is not there.
_GONE = (["delete"], ["forget"])
Key = str | int | None


@dataclass(frozen=True, slots=True)
class Resource:
    """One instance of a resource or data source.

    ``module`` is the address of the module instance that it stands in ("" for the root), ``key``
    its ``count`` index or ``for_each`` key. ``values`` holds what is known and marks what is not;
    ``complete`` says whether a key that ``values`` lacks is surely not set.
    """

    address: str
    module: str
    mode: str
    type: str
    name: str
    key: Key
    values: Mapping[str, Data]
    complete: bool
    provider: str = ""


@dataclass(frozen=True, slots=True)
class ModuleConfig:
    """One module as it is written: not its instances."""

    resources: Mapping[str, Mapping[str, object]]
    outputs: Mapping[str, object]
    variables: Mapping[str, object]
    calls: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """``resources`` in the order of the file; ``modules`` by path of names; ``is_state``: no plan.

    ``variables`` are the root module's, with the values that the plan was made for.
    """

    source: str
    resources: tuple[Resource, ...]
    modules: Mapping[tuple[str, ...], ModuleConfig] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    providers: Mapping[str, object] = field(default_factory=dict)
    deleted: tuple[Resource, ...] = ()
    is_state: bool = False


def module_path(address: str) -> tuple[str, ...]:
    """The names of the modules in the address of a module instance."""
    return tuple(found[1] for found in _STEP.finditer(address))


def parent_module(address: str) -> str:
    """The address of the module instance around this one ("" for the root)."""
    steps = list(_STEP.finditer(address))
    return address[: steps[-1].start()].rstrip(".") if steps else ""


def module_key(address: str) -> Key:
    """The ``count`` index or ``for_each`` key of a module instance; None where it has neither."""
    steps = list(_STEP.finditer(address))
    return read_key(steps[-1][2] or "") if steps else None


def read_key(text: str) -> Key:
    """A key as an address writes it, in brackets; None for anything else."""
    inner = text.removeprefix("[").removesuffix("]")
    if inner.isascii() and inner.isdigit():
        return int(inner)
    if len(inner) > 1 and inner[0] == inner[-1] == '"':
        try:
            return str(json.loads(inner))
        except ValueError:
            return inner[1:-1]
    return None


def load_plan(text: str, source: str) -> Plan:
    """Parse a plan or a state; raises InputError.

    RW-TF-001: no JSON, or cut off; 002: neither a plan nor a state; 003: a part has the wrong
    shape; 004: Terraform itself says that the plan is not complete.
    """
    document = _parse(text, source)
    top = _Part(document, source, "")
    if document.get("errored") is True:
        message = "the plan is of a run that failed, so it does not hold every resource"
        raise InputError.at(Origin(source, "errored"), "RW-TF-004", message, _HELP)
    planned = top.inner("planned_values")
    values = planned if planned else top.inner("values")
    if "lineage" in document:
        message = "this is a state as Terraform keeps it, not as it prints it"
        help = "print it: `terraform show -json > state.json`"
        raise InputError.at(Origin(source), "RW-TF-002", message, help)
    if not planned and "values" not in document and "resource_changes" not in document:
        message = "this is neither a plan nor a state of Terraform"
        help = "expected `planned_values` or `values` at the top: `terraform show -json`"
        raise InputError.at(Origin(source), "RW-TF-002", message, help)
    changes = {one.text("address"): one for one in top.each("resource_changes")}
    resources = [*_resources(values.inner("root_module"), changes, bool(planned))]
    if not planned and changes:
        resources = [made for one in changes.values() if (made := _from_change(one))]
    known = {one.address for one in resources}
    prior = top.inner("prior_state").inner("values").inner("root_module")
    resources += [
        one
        for one in _resources(prior, {}, False)
        if one.mode == "data" and one.address not in known
    ]
    configuration = top.inner("configuration")
    modules: dict[tuple[str, ...], ModuleConfig] = {}
    _read_config(configuration.inner("root_module"), (), modules)
    return Plan(
        source=source,
        resources=tuple(resources),
        modules=modules,
        variables={
            name: one.get("value")
            for name, one in top.inner("variables").held.items()
            if isinstance(one, Mapping)
        },
        providers=configuration.inner("provider_config").held,
        deleted=tuple(_deleted(changes.values())),
        is_state=not planned and not changes,
    )


def _parse(text: str, source: str) -> Mapping[str, object]:
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as mistake:
        message = f"the JSON of the plan breaks off or is damaged: {mistake.msg.lower()}"
        place = Origin(source, "", mistake.lineno, mistake.colno)
        raise InputError.at(place, "RW-TF-001", message, _HELP) from mistake
    except (RecursionError, ValueError) as mistake:
        message = "the JSON is nested too deep, or holds a number too long to read"
        raise InputError.at(Origin(source), "RW-TF-001", message, _HELP) from mistake
    if not isinstance(document, dict):
        message = "this is neither a plan nor a state of Terraform: the top is no mapping"
        raise InputError.at(Origin(source), "RW-TF-002", message, _HELP)
    return document


@dataclass(frozen=True, slots=True)
class _Part:
    """A mapping inside the document, with its place for complaints."""

    held: Mapping[str, object]
    source: str
    path: str

    def _wrong(self, key: str, wanted: str) -> InputError:
        place = f"{self.path}/{key}".lstrip("/")
        message = f"`{key}` must be {wanted}"
        return InputError.at(Origin(self.source, place), "RW-TF-003", message, _HELP)

    def inner(self, key: str) -> _Part:
        found = self.held.get(key)
        if found is None:
            found = {}
        if not isinstance(found, Mapping):
            raise self._wrong(key, "a mapping")
        return _Part(found, self.source, f"{self.path}/{key}".lstrip("/"))

    def __bool__(self) -> bool:
        return bool(self.held)

    def each(self, key: str) -> Iterator[_Part]:
        found = self.held.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            raise self._wrong(key, "a list")
        for index, one in enumerate(found):
            if not isinstance(one, Mapping):
                raise self._wrong(f"{key}/{index}", "a mapping")
            yield _Part(one, self.source, f"{self.path}/{key}/{index}".lstrip("/"))

    def text(self, key: str, default: str | None = None) -> str:
        found = self.held.get(key, default)
        if not isinstance(found, str):
            raise self._wrong(key, "a text")
        return found


def _resources(
    module: _Part, changes: Mapping[str, _Part], plan: bool, address: str = ""
) -> Iterator[Resource]:
    for one in module.each("resources"):
        change = changes.get(one.text("address"))
        marks = change.inner("change").held.get("after_unknown") if change else None
        values = one.inner("values").held
        yield _resource(one, address, values, marks, complete=change is not None or not plan)
    for child in module.each("child_modules"):
        yield from _resources(child, changes, plan, child.text("address", address))


def _resource(
    one: _Part, module: str, values: object, marks: object, *, complete: bool
) -> Resource:
    held = merged(values, marks, one.held.get("sensitive_values"))
    key = one.held.get("index")
    return Resource(
        address=one.text("address"),
        module=module,
        mode=one.text("mode", "managed"),
        type=one.text("type"),
        name=one.text("name"),
        key=key if isinstance(key, str | int) else None,
        values=held if isinstance(held, Mapping) else {},
        complete=complete,
        provider=one.text("provider_name", ""),
    )


def _from_change(one: _Part) -> Resource | None:
    """A resource of a document that holds changes and no planned values; None where it goes."""
    change = one.inner("change")
    if change.held.get("actions") in _GONE:
        return None
    module = one.text("module_address", "")
    after = change.held.get("after") or {}
    return _resource(one, module, after, change.held.get("after_unknown"), complete=True)


def _deleted(changes: Iterable[_Part]) -> Iterator[Resource]:
    """What the plan deletes or replaces, as it was before."""
    for one in changes:
        change = one.inner("change")
        actions = change.held.get("actions")
        if isinstance(actions, list) and "delete" in actions:
            before = change.held.get("before") or {}
            yield _resource(one, one.text("module_address", ""), before, None, complete=True)


def _read_config(
    module: _Part, path: tuple[str, ...], found: dict[tuple[str, ...], ModuleConfig]
) -> None:
    calls = {
        name: module.inner("module_calls").inner(name) for name in module.inner("module_calls").held
    }
    found[path] = ModuleConfig(
        resources={one.text("address"): one.held for one in module.each("resources")},
        outputs=module.inner("outputs").held,
        variables=module.inner("variables").held,
        calls={name: one.held for name, one in calls.items()},
    )
    for name, call in calls.items():
        _read_config(call.inner("module"), (*path, name), found)
