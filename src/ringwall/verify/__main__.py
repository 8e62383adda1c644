"""``python -m ringwall.verify CERTIFICATE [FACTS]``: the checker by itself, 0 if it accepts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .checker import check
from .walk import Refuted


def main(arguments: list[str]) -> int:
    """FACTS is a file with the facts of a network, or another certificate about it."""
    documents = [json.loads(Path(one).read_text(encoding="utf-8")) for one in arguments[:2]]
    if not documents:
        print("usage: python -m ringwall.verify CERTIFICATE [FACTS]", file=sys.stderr)
        return 2
    facts = documents[1].get("facts", documents[1]) if len(documents) == 2 else None
    try:
        report = check(documents[0], facts)
    except Refuted as refuted:
        print(f"refuted: {refuted}")
        return 1
    print(f"accepted: {len(report.claims)} claims over {report.classes} classes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
