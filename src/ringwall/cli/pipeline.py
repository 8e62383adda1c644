"""The rooms wired together: a file in, a design or a network out. Verbs hold no wiring.

What is judged is always what was emitted: a spec is designed, printed as CloudFormation, and that
text is read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringwall.cli.conduct import refuse

if TYPE_CHECKING:
    from ringwall.design.build import Design
    from ringwall.model.network import Network
    from ringwall.model.policy import Policy
    from ringwall.model.verdict import Proof
    from ringwall.spec.load import SpecFile


@dataclass(frozen=True, slots=True)
class Designed:
    """A spec, what was designed from it, and the template as it was emitted."""

    file: SpecFile
    design: Design
    template: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """A design with the network that was read back from its template, and what holds there."""

    designed: Designed
    network: Network
    proofs: tuple[Proof, ...]

    @property
    def policy(self) -> Policy:
        return self.designed.design.policy


@dataclass(frozen=True, slots=True)
class Source:
    """A network to judge; ``designed`` is there when it came from a spec."""

    network: Network
    designed: Designed | None = None

    @property
    def policy(self) -> Policy | None:
        return self.designed.design.policy if self.designed else None


def design_of(path: Path) -> Designed:
    """Read a spec, design it and emit the template; raises InputError."""
    from ringwall.spec.load import load_spec

    check_readable(path)
    if not looks_like_spec(path):
        raise refuse(
            str(path),
            "RW-CLI-004",
            "this is not a spec: it holds a CloudFormation template or describe output",
            "judge it with `ringwall prove`, or name a ringwall.yaml",
        )
    return design(load_spec(path))


def policy_of(path: Path) -> Policy:
    """The policy in a file: a policy file, or what a spec asks for; raises InputError."""
    from ringwall.spec.policy_file import is_policy_text, parse_policy

    check_readable(path)
    if path.is_file() and looks_like_spec(path):
        from ringwall.spec.load import text_of

        text = text_of(path)
        if is_policy_text(text):
            return parse_policy(text, str(path))
    return design_of(path).design.policy


def design(file: SpecFile) -> Designed:
    """Design a spec that was read, and emit the template; raises InputError."""
    from ringwall.design.build import build
    from ringwall.emit.cloudformation import check_limits, template

    built = build(file)
    emitted = template(built.tree)
    for excess in check_limits(emitted):
        raise refuse(file.source, "RW-CLI-011", excess, "spread the services over two specs")
    return Designed(file, built, emitted)


def read_back(designed: Designed) -> Network:
    """The network in the emitted template; places in it are told as of ``ringwall emit``."""
    return read_changed(designed, designed.template, f"{designed.file.source} (emitted template)")


def read_changed(designed: Designed, template: Mapping[str, Any], label: str) -> Network:
    """The network in a changed copy of the template; ``label`` is what its places are told of."""
    from ringwall.emit.cloudformation import to_json
    from ringwall.sources.cloudformation import read_template

    return read_template(
        to_json(dict(template)),
        label,
        region=designed.file.spec.region,
        parameters=designed.design.tree.meant(),
    )


def check(path: Path) -> Checked:
    """The main job: spec, design, template, read back, proofs; raises InputError."""
    designed = design_of(path)
    return judge(designed, read_back(designed))


def judge(designed: Designed, network: Network) -> Checked:
    """What holds of a network under the policy of a design."""
    from ringwall.prove.judge import prove

    return Checked(designed, network, prove(network, designed.design.policy))


def source_of(
    path: Path, *, region: str | None = None, parameters: Mapping[str, str] | None = None
) -> Source:
    """A spec, a template, or a dump (file or folder), as a network; raises InputError."""
    from ringwall.sources.read import read_network

    check_readable(path)
    if path.is_file() and looks_like_spec(path):
        if region or parameters:
            raise refuse(
                str(path),
                "RW-CLI-005",
                "`--region` and `--parameter` are for templates, and this is a spec",
                "write the Region in the spec, or emit the template and prove that",
            )
        designed = design_of(path)
        return Source(read_back(designed), designed)
    return Source(read_network(path, region=region, parameters=parameters))


def check_readable(path: Path) -> None:
    """Tell early and plainly of a path that names nothing, or nothing that may be read."""
    if not path.exists():
        raise refuse(
            str(path),
            "RW-CLI-001",
            "there is no such file or folder",
            "`ringwall init` writes a spec" if path.suffix in {".yaml", ".yml"} else "",
        )
    if not path.is_dir() and not path.is_file():
        raise refuse(
            str(path),
            "RW-CLI-002",
            "this is a pipe or a device, which can be read only once",
            "save it as a file first",
        )
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            with path.open("rb") as stream:
                stream.read(1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise refuse(str(path), "RW-CLI-002", f"cannot be read: {reason}") from None


#: Keys that only one of the two kinds of file has at its top.
_SPEC_KEYS = {"name", "region", "frameworks", "network", "services", "egress", "guarantees"}
_OTHER_KEY = re.compile(r"""^["']?(AWSTemplateFormatVersion|Resources|Transform)["']?\s*:""", re.M)


def looks_like_spec(path: Path) -> bool:
    """Is this file meant as a ringwall.yaml? A broken file is one when its name says YAML.

    Raises InputError where the path is a folder.
    """
    if path.is_dir():
        raise refuse(str(path), "RW-CLI-003", "this is a folder", "name the spec inside it")
    named = path.suffix in {".yaml", ".yml"}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return named  # its reader says where the text breaks off
    if text.lstrip()[:1] in {"{", "["}:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return named
        return isinstance(document, dict) and bool(_SPEC_KEYS & document.keys())
    return named and not _OTHER_KEY.search(text)
