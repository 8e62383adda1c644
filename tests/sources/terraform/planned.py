"""Plans in the shape that Terraform prints, from a few lines each.

A value is what it is; a :class:`Ref` stands for an expression whose value is known only after
apply, a :class:`Same` for one whose value is known already. Blocks are lists of mappings; the
``route`` of a table, and ``ingress`` and ``egress`` of a group or network ACL, are attributes in
the provider's schema, so the configuration holds one list of references for all their blocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Attributes that only the provider sets when a configuration leaves them out.
COMPUTED = {
    "aws_instance": (
        "subnet_id", "vpc_security_group_ids", "private_ip", "public_ip", "availability_zone",
        "associate_public_ip_address", "primary_network_interface_id", "security_groups",
        "ipv6_addresses", "ipv6_address_count", "secondary_private_ips", "network_interface",
    ),
    "aws_vpc": (
        "default_security_group_id", "default_network_acl_id", "default_route_table_id",
        "main_route_table_id", "ipv6_cidr_block", "enable_dns_hostnames",
    ),
    "aws_subnet": ("availability_zone", "availability_zone_id", "ipv6_cidr_block_association_id"),
    "aws_security_group": ("ingress", "egress", "vpc_id", "name_prefix"),
    "aws_route_table": ("route", "propagating_vgws"),
    "aws_route": ("network_interface_id", "instance_id", "origin", "state"),
    "aws_network_acl": ("ingress", "egress", "subnet_ids"),
    "aws_network_interface": (
        "private_ip", "private_ips", "private_ip_list", "security_groups", "ipv6_addresses",
        "attachment", "mac_address",
    ),
}  # fmt: skip
_FLAT = {"route", "ingress", "egress"}
_FLAT_TYPES = (
    "aws_security_group", "aws_route_table", "aws_network_acl", "aws_default_security_group",
    "aws_default_route_table", "aws_default_network_acl",
)  # fmt: skip


@dataclass(frozen=True)
class Ref:
    """An expression that names these; its value is not known yet."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@dataclass(frozen=True)
class Same:
    """An expression that names these; its value is known."""

    value: object
    names: tuple[str, ...]


@dataclass
class PlanText:
    """Collects resources; :meth:`text` is what ``terraform show -json`` would print."""

    resources: list[dict[str, object]] = field(default_factory=list)
    changes: list[dict[str, object]] = field(default_factory=list)
    modules: dict[tuple[str, ...], dict[str, object]] = field(default_factory=dict)
    prior: list[dict[str, object]] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    region: str = "eu-west-1"

    def add(self, address: str, /, for_each: object = None, **attributes: object) -> PlanText:
        """A resource that the plan creates."""
        module, kind, name, key = _split(address)
        known: dict[str, object] = {}
        later: dict[str, object] = {"id": True, "arn": True}
        for computed in COMPUTED.get(kind, ()):
            if computed not in attributes:
                later[computed] = True
        for key_, value in attributes.items():
            if _is_later(value):
                later[key_] = True
            else:
                known[key_] = _known(value)
                marks = _marks(value)
                if marks:
                    later[key_] = marks
        entry: dict[str, object] = {
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 1,
            "values": known, "sensitive_values": {},
        }  # fmt: skip
        if key is not None:
            entry["index"] = key
        self.resources.append({"module": module, **entry})
        change = {"actions": ["create"], "before": None, "after": known, "after_unknown": later}
        self.changes.append({"address": address, "type": kind, "name": name, "change": change})
        config = self.config(tuple(re.findall(r"module\.([\w-]+)", module)))
        listed = config["resources"]
        assert isinstance(listed, list)
        written = {
            "address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name,
            "provider_config_key": "aws", "schema_version": 1,
            "expressions": {
                one: _written(value, flat=one in _FLAT and kind in _FLAT_TYPES)
                for one, value in attributes.items()
            },
        }  # fmt: skip
        if for_each is not None:
            written["for_each_expression"] = _written(for_each)
        if not any(one["address"] == written["address"] for one in listed):
            listed.append(written)
        return self

    def data(self, address: str, **values: object) -> PlanText:
        """A data source that was read while planning."""
        kind, name = address.removeprefix("data.").split(".")
        self.prior.append(
            {"address": address, "mode": "data", "type": kind, "name": name,
             "values": values, "sensitive_values": {}}
        )  # fmt: skip
        return self

    def config(self, path: tuple[str, ...]) -> dict[str, object]:
        return self.modules.setdefault(
            path, {"resources": [], "outputs": {}, "variables": {}, "expressions": {}}
        )

    def output(self, module: str, name: str, *names: str) -> PlanText:
        outputs = self.config(tuple(module.split(".")))["outputs"]
        assert isinstance(outputs, dict)
        outputs[name] = {"expression": _written(Ref(*names))}
        return self

    def pass_in(self, module: str, **given: object) -> PlanText:
        """What a module is called with."""
        expressions = self.config(tuple(module.split(".")))["expressions"]
        assert isinstance(expressions, dict)
        expressions |= {name: _written(value) for name, value in given.items()}
        return self

    def document(self) -> dict[str, object]:
        prior: dict[str, object] = {"root_module": {"resources": self.prior}}
        return {
            "format_version": "1.2",
            "terraform_version": "1.9.8",
            "variables": {name: {"value": one} for name, one in self.variables.items()},
            "planned_values": {"root_module": _tree(self.resources, "")},
            "resource_changes": self.changes,
            "prior_state": {"format_version": "1.0", "values": prior},
            "configuration": {
                "provider_config": {
                    "aws": {
                        "name": "aws",
                        "expressions": {"region": {"constant_value": self.region}},
                    }
                },
                "root_module": self._config_tree(()),
            },
        }

    def text(self) -> str:
        return json.dumps(self.document())

    def _config_tree(self, path: tuple[str, ...]) -> dict[str, object]:
        own = self.modules.get(path, {"resources": [], "outputs": {}, "variables": {}})
        names = sorted({one[len(path)] for one in self.modules if len(one) > len(path)
                        and one[: len(path)] == path})  # fmt: skip
        calls = {
            name: {
                "source": f"./{name}",
                "expressions": self.config((*path, name))["expressions"],
                "module": self._config_tree((*path, name)),
            }
            for name in names
        }
        return {**{k: v for k, v in own.items() if k != "expressions"}, "module_calls": calls}


def state_of(resources: Mapping[str, Mapping[str, object]]) -> str:
    """``terraform show -json`` of a state: every value is known."""
    listed = []
    for address, values in resources.items():
        module, kind, name, key = _split(address)
        entry = {"module": module, "address": address, "mode": "managed", "type": kind,
                 "name": name, "values": dict(values), "sensitive_values": {}}  # fmt: skip
        listed.append(entry | ({} if key is None else {"index": key}))
    root = _tree(listed, "")
    return json.dumps({"format_version": "1.0", "values": {"root_module": root}})


def _tree(resources: list[dict[str, object]], address: str) -> dict[str, object]:
    own = [{k: v for k, v in one.items() if k != "module"} for one in resources
           if one["module"] == address]  # fmt: skip
    start = f"{address}." if address else ""
    step = re.compile(re.escape(start) + r'module\.[\w-]+(\[(\d+|"[^"]*")\])?')
    below = dict.fromkeys(
        found[0] for one in resources if (found := step.match(str(one["module"])))
    )
    found: dict[str, object] = {"resources": own}
    if below:
        found["child_modules"] = [{"address": one, **_tree(resources, one)} for one in below]
    return found


def _split(address: str) -> tuple[str, str, str, str | int | None]:
    found = re.fullmatch(r"((?:module\..+\.)?)(aws_\w+|\w+_\w+)\.([\w-]+)(?:\[(.+)\])?", address)
    assert found, address
    key = None if found[4] is None else json.loads(found[4])
    return found[1].rstrip("."), found[2], found[3], key


def _is_later(value: object) -> bool:
    """Is the whole value unknown? A set with an unknown member is, for Terraform."""
    return isinstance(value, Ref) or (
        isinstance(value, list) and any(isinstance(one, Ref) for one in value)
    )


def _known(value: object) -> object:
    if isinstance(value, Same):
        return value.value
    if isinstance(value, dict):
        return {key: _known(one) for key, one in value.items() if not _is_later(one)}
    if isinstance(value, list):
        return [_known(one) for one in value]
    return value


def _marks(value: object) -> object:
    if isinstance(value, dict):
        return {key: True if _is_later(one) else _marks(one) for key, one in value.items()
                if _is_later(one) or _marks(one)}  # fmt: skip
    if isinstance(value, list):
        marks = [_marks(one) or {} for one in value if isinstance(one, dict)]
        return marks if any(marks) else None
    return None


def _names(value: object) -> list[str]:
    if isinstance(value, Ref | Same):
        return list(value.names)
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for one in held for name in _names(one)]


def _listed(names: list[str]) -> list[str]:
    """References as Terraform lists them: each, and then what it starts with."""
    found: list[str] = []
    for name in names:
        found.append(name)
        parts = name.split(".")
        least = 3 if parts[0] in ("data", "module") else 2
        if parts[0] == "module":
            least = 2
        while len(parts) > least:
            parts = parts[:-1]
            found.append(".".join(parts))
        bare = re.sub(r"\[[^\]]*\]$", "", found[-1])
        if bare != found[-1]:
            found.append(bare)
    return list(dict.fromkeys(found))


def _written(value: object, *, flat: bool = False) -> object:
    names = _names(value)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        if not flat:
            return [{key: _written(one) for key, one in block.items()} for block in value]
        return {"references": _listed(names)} if names else {"constant_value": value}
    return {"references": _listed(names)} if names else {"constant_value": value}
