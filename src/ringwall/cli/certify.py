"""Certificates, at the edge of the command line: written by one verb and read by another."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringwall.cli.conduct import notice, refuse, write_file

if TYPE_CHECKING:
    from ringwall.model.network import Network
    from ringwall.model.policy import Policy
    from ringwall.prove.certificate import Refusal


def write_certificate(path: Path, network: Network, policy: Policy) -> None:
    """Certify what is proved of a network, and tell what could not be.

    Raises InputError RW-CLI-030 where nothing could be certified, -006 where the file cannot be
    written.
    """
    from ringwall.prove.certificate import certify

    found = certify(network, policy)
    if found.document is None:
        raise refuse(
            network.source,
            "RW-CLI-030",
            f"nothing that is claimed here can be certified: {_most_common(found.refused)}",
            "`ringwall prove` without `--certificate` tells what is proved",
        )
    write_file(path, json.dumps(found.document, separators=(",", ":")) + "\n")
    notice(f"certified {len(found.document['claims'])} proofs in {path}")
    for reason, count in Counter(one.reason for one in found.refused).most_common(5):
        notice(f"not certified ({count}): {reason}")


def _most_common(refused: list[Refusal]) -> str:
    common = Counter(one.reason for one in refused).most_common(1)
    return common[0][0] if common else "the policy asks for no flow and no guarantee of a kind"


def read_certificate(path: Path) -> dict[str, Any]:
    """The certificate in a file; raises InputError RW-CLI-001, -002 or -031."""
    from ringwall.cli.pipeline import check_readable

    check_readable(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "schema" not in document:
        raise refuse(
            str(path),
            "RW-CLI-031",
            "this is no certificate",
            "write one with `ringwall prove SOURCE --certificate FILE`",
        )
    return document
