"""Write docs/spec.md from the JSON Schema, so that the reference cannot fall behind the code.

``make docs`` runs it; a test holds the page against :func:`page`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringwall.spec.schema import json_schema

PAGE = Path(__file__).parents[1] / "docs" / "spec.md"
HEAD = """\
# What `ringwall.yaml` says

This page is made from the JSON Schema that `ringwall schema` prints (`make docs`).

To let an editor complete and check the file, save the schema beside it and name it in the first
line (this is how the YAML language server, which most editors use, finds it):

```
ringwall schema > ringwall.schema.json
sed -i '1i # yaml-language-server: $schema=ringwall.schema.json' ringwall.yaml
```

Lists with one entry may be written without brackets: `from: internet`. Anchors, aliases, merge
keys and tags are refused: a spec says everything where it stands.
"""
SECTIONS = {
    "NetworkSpec": "`network`",
    "LoadBalancer": "A service of kind `load-balancer`",
    "Workload": "A service of kind `service`",
    "Scale": "`scale` of a `service`",
    "Postgres": "A service of kind `postgres`",
    "Redis": "A service of kind `redis`",
    "Bucket": "A service of kind `bucket`",
    "Egress": "An entry of `egress`",
    "NeverGuarantee": "Guarantee `never`",
    "LayersGuarantee": "Guarantee `layers`",
    "SurvivesGuarantee": "Guarantee `survives`",
}

Schema = dict[str, Any]


def page() -> str:
    """The whole page; raises KeyError when the schema has a part that no section tells of."""
    schema = json_schema()
    parts = {name: SECTIONS[name] for name in schema["$defs"]}
    lines = [HEAD, "## The file", "", schema["description"], "", *_table(schema)]
    for name in (one for one in SECTIONS if one in parts):
        part = schema["$defs"][name]
        lines += ["", f"## {SECTIONS[name]}", "", part["description"], "", *_table(part)]
    return "\n".join(lines) + "\n"


def _table(part: Schema) -> Iterator[str]:
    yield "| key | value | left out | meaning |"
    yield "|---|---|---|---|"
    needed = part.get("required", [])
    for key, value in part["properties"].items():
        cells = (
            f"`{key}`",
            _value(value),
            "must be written" if key in needed else _default(value),
            value.get("description", ""),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None:
        return "see there"
    if isinstance(default, dict):
        return "the defaults of its keys" if default else "none"
    return f"`{json.dumps(default)}`" if default != [] else "none"


def _value(value: Schema) -> str:
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        words = [f"`{word}`" for word in value["enum"]]
        return ", ".join(words) if len(words) < 8 else f"one of {len(words)}, such as {words[0]}"
    if "$ref" in value:
        return SECTIONS[value["$ref"].rsplit("/", 1)[-1]].split(" of ")[0]
    choices = value.get("oneOf") or value.get("anyOf")
    if choices:
        found = [_value(one) for one in choices if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(found))
    if value["type"] == "array":
        return f"list of {_value(value['items'])}"
    if value["type"] == "object":
        return "names, each with a value"
    if value["type"] == "integer" and "minimum" in value:
        return f"{value['minimum']} to {value['maximum']}"
    return {"string": "text", "integer": "number", "boolean": "true or false"}[value["type"]]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
