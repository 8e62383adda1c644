"""How long ``ringwall --help`` takes, beside an empty Python: prints, asserts nothing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

RUNS = 15


def median_seconds(command: list[str]) -> float:
    """The median wall-clock time of a command, after one run to warm the disk's cache."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - fixed commands
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    empty = median_seconds([sys.executable, "-c", "pass"])
    shown = median_seconds([sys.executable, "-m", "ringwall", "--help"])
    print(f"median of {RUNS} runs, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print(f"python -c pass     {empty * 1000:7.0f} ms   1.0")
    print(f"ringwall --help    {shown * 1000:7.0f} ms   {shown / empty:.1f} times the baseline")


if __name__ == "__main__":
    main()
