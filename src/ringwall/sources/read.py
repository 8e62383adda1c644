"""One door for every material: find out what a path holds, and give it to the right reader.

Reads a CloudFormation template (JSON or YAML), a Terraform plan or state (``terraform show -json``)
and a dump of ``describe-*`` answers (a file, or a folder of files). Each reader is imported when it
is needed.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from pathlib import Path

from ringwall.model.errors import InputError
from ringwall.model.network import Network
from ringwall.model.origin import Origin

_EXPECTED = (
    "expected a CloudFormation template (JSON or YAML), the JSON of `terraform show -json`, or that"
    " of `aws ec2 describe-*`: one file, or a folder of them"
)
_MARKS = ("Resources", "AWSTemplateFormatVersion")
_TEMPLATE_KEY = re.compile(rf"^[\"']?({'|'.join(_MARKS)})[\"']?\s*:", re.MULTILINE)
_PLAN_MARKS = ("planned_values", "resource_changes", "values", "terraform_version")
#: How far into a damaged file its first keys may stand.
_PLAN_START = 400
_SPEC_KEY = re.compile(r"^[\"']?services[\"']?\s*:", re.MULTILINE)
_TEMPLATE_ENDINGS = (".yaml", ".yml", ".template", ".json")
#: Larger files are no template; a dump may be larger.
_LONGEST_YAML = 4_000_000


def read_network(
    path: Path, *, region: str | None = None, parameters: Mapping[str, str] | None = None
) -> Network:
    """The Network that a file or folder describes.

    ``region`` and ``parameters`` are for templates: where the stack is made (left out: the facts'
    default) and values for its parameters. Raises InputError: RW-READ-001 nothing to read there,
    002 no text, 003 neither a template, a plan nor a dump, 004 parameters for what takes none, and
    whatever the reader finds (RW-CFN-nnn, RW-TF-nnn, RW-DUMP-nnn).
    """
    if path.is_dir():
        return _read_folder(path, region, parameters)
    text = _text(path)
    if _is_plan(text):
        return _plan(path, text, region, parameters)
    if _is_template(text):
        return _template(path, text, region, parameters)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return _dump(path, parameters)
    if _SPEC_KEY.search(text):
        message = "this is a spec of Ringwall, not a network"
        help = "`ringwall check` designs and proves it; `explain` and `prove` take it by its name"
        raise InputError.at(Origin(path.as_posix()), "RW-READ-003", message, help)
    message = "the file is neither a CloudFormation template nor a describe dump"
    raise InputError.at(Origin(path.as_posix()), "RW-READ-003", message, _EXPECTED)


def _read_folder(path: Path, region: str | None, parameters: Mapping[str, str] | None) -> Network:
    """A folder is a dump, unless the one thing in it is a template."""
    files = sorted(one for one in path.iterdir() if one.suffix in _TEMPLATE_ENDINGS)
    others = any(one.suffix == ".json" for one in path.rglob("*.json") if one not in files)
    if len(files) == 1 and not others:
        text = _text(files[0])
        if _is_plan(text):
            return _plan(files[0], text, region, parameters)
        if _is_template(text):
            return _template(files[0], text, region, parameters)
    if not files and not others:
        message = "the folder holds no JSON and no template"
        raise InputError.at(Origin(path.as_posix()), "RW-READ-001", message, _EXPECTED)
    return _dump(path, parameters)


def _template(
    path: Path, text: str, region: str | None, parameters: Mapping[str, str] | None
) -> Network:
    from ringwall.sources.cloudformation import read_template

    return read_template(text, path.as_posix(), region=region, parameters=parameters)


def _plan(
    path: Path, text: str, region: str | None, parameters: Mapping[str, str] | None
) -> Network:
    from ringwall.sources.terraform import read_plan

    if parameters:
        message = "parameters are for a CloudFormation template; this is a Terraform plan"
        help = "a plan is made for its variables: `terraform plan -var NAME=VALUE`"
        raise InputError.at(Origin(path.as_posix()), "RW-READ-004", message, help)
    return read_plan(text, path.as_posix(), region=region)


def _dump(path: Path, parameters: Mapping[str, str] | None) -> Network:
    from ringwall.sources.describe import read_describe

    if parameters:
        message = "parameters are for a CloudFormation template; this is a describe dump"
        raise InputError.at(Origin(path.as_posix()), "RW-READ-004", message)
    return read_describe(path)


def _text(path: Path) -> str:
    """The text of a file: UTF-8, or UTF-16 where a byte order mark says so (PowerShell's `>`)."""
    origin = Origin(path.as_posix())
    try:
        data = path.read_bytes()
    except FileNotFoundError as mistake:
        message = f"there is nothing at `{path.as_posix()}`"
        raise InputError.at(origin, "RW-READ-001", message, _EXPECTED) from mistake
    except OSError as mistake:
        message = f"the file cannot be read: {mistake.strerror or 'unknown reason'}"
        raise InputError.at(origin, "RW-READ-001", message) from mistake
    if data.startswith(b"PK\x03\x04"):
        message = "the file is an archive, as a plan is that Terraform has saved"
        help = "print what is in it: `terraform show -json PLANFILE > plan.json`"
        raise InputError.at(origin, "RW-READ-002", message, help)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as mistake:
        message = "the file is no UTF-8 text"
        raise InputError.at(origin, "RW-READ-002", message, _EXPECTED) from mistake


def _is_plan(text: str) -> bool:
    """Is this what ``terraform show -json`` prints? Damaged JSON counts where it starts so."""
    body = text.lstrip("\ufeff \t\r\n")
    if not body.startswith("{"):
        return False
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        start = body[:_PLAN_START]
        return "format_version" in start and any(mark in body for mark in _PLAN_MARKS)
    if not isinstance(document, dict):
        return False
    if "lineage" in document and "terraform_version" in document:
        return True  # a state as it lies on disk: the reader says what to do with it
    held = [mark for mark in _PLAN_MARKS if mark in document]
    return bool(held) and ("format_version" in document or "planned_values" in held)


def _is_template(text: str) -> bool:
    """Is there a section ``Resources`` at the top? Damaged JSON counts where it names one."""
    body = text.lstrip("\ufeff \t\r\n")
    if not body.startswith("{"):
        return len(text) <= _LONGEST_YAML and _TEMPLATE_KEY.search(text) is not None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return any(mark in body for mark in _MARKS)
    return isinstance(document, dict) and any(mark in document for mark in _MARKS)
