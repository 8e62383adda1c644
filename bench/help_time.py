"""How long ``ringwall --help`` takes, beside an empty Python: prints, asserts nothing."""

from __future__ import annotations

import sys

from timing import median_seconds, show

RUNS = 15


def main() -> None:
    show(
        RUNS,
        ("python -c pass", median_seconds([sys.executable, "-c", "pass"], RUNS)),
        ("ringwall --help", median_seconds([sys.executable, "-m", "ringwall", "--help"], RUNS)),
    )


if __name__ == "__main__":
    main()
