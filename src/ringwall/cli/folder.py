"""Write a report's files as one: all of them, or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ringwall.cli.conduct import cannot_write, refuse

if TYPE_CHECKING:
    from ringwall.cli.pipeline import Checked

#: Written last, and how a folder is known as ours.
RESULT = "result.json"


def report_files(checked: Checked) -> dict[str, str]:
    """Everything about one spec, by file name."""
    from ringwall.emit.cloudformation import to_json, to_yaml
    from ringwall.report.documents import check_document
    from ringwall.report.page import html
    from ringwall.report.topology import svg

    network, policy, proofs = checked.network, checked.policy, checked.proofs
    title = checked.designed.file.spec.name
    template = dict(checked.designed.template)
    as_json = to_json(template)
    page = html(
        network,
        policy,
        proofs,
        title=title,
        template_name="template.json",
        template_bytes=len(as_json.encode()),
    )
    result = check_document(network, policy, proofs)
    return {
        "template.json": as_json,
        "template.yaml": to_yaml(template),
        "topology.svg": svg(network, policy, title=title),
        "index.html": page,
        RESULT: json.dumps(result, indent=2, ensure_ascii=False) + "\n",
    }


def write_folder(files: Mapping[str, str], folder: Path, *, force: bool = False) -> None:
    """Write files into a folder: a new one, or one that an earlier report made.

    A new folder appears whole. In one that stands, each file is replaced whole and the result
    comes last, so that a result never speaks of files that are not there yet. Other files in it
    stay. Raises InputError where a file that we did not make would be lost.
    """
    folder = Path(os.path.abspath(folder))
    if folder.exists() and not force:
        _spare_foreign_files(files, folder)
    draft: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".ringwall-", dir=folder.parent))
        _fill(draft, files)
        if not folder.exists():
            draft.rename(folder)
            return
        for name in sorted(files, key=lambda name: (name == RESULT, name)):
            os.replace(draft / name, folder / name)
    except OSError as error:
        raise cannot_write(folder, error) from None
    finally:
        if draft:
            shutil.rmtree(draft, ignore_errors=True)


def _fill(draft: Path, files: Mapping[str, str]) -> None:
    mask = os.umask(0)
    os.umask(mask)
    for name, text in files.items():
        (draft / name).write_text(text, encoding="utf-8", newline="\n")
    draft.chmod(0o777 & ~mask)


def _spare_foreign_files(files: Mapping[str, str], folder: Path) -> None:
    if not folder.is_dir():
        raise refuse(
            str(folder), "RW-CLI-010", "this is a file, not a folder", "name another with `-o`"
        )
    standing = [name for name in files if (folder / name).exists()]
    if standing and not _is_ours(folder):
        raise refuse(
            str(folder / standing[0]),
            "RW-CLI-009",
            "this file was not made by `ringwall report`, and would be lost",
            "name another folder with `-o`, or overwrite it with `--force`",
        )


def _is_ours(folder: Path) -> bool:
    try:
        result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(result, dict) and str(result.get("schema", "")).startswith("ringwall.")
