"""The command line: one thin file per verb, which wires the rooms together and imports late."""

from __future__ import annotations

import sys


def main() -> None:
    """The ``ringwall`` command."""
    try:
        # Imported here so that an interrupt during start-up is quiet too.
        from ringwall.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
