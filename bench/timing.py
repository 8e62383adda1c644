"""The one stopwatch of the benchmarks."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Sequence


def median_seconds(command: Sequence[str], runs: int) -> float:
    """The median wall-clock time of a command, after one run to warm the disk's cache.

    Raises CalledProcessError when the command ends with anything but 0.
    """
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        # Only the benchmarks' own fixed commands come here.
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def show(runs: int, baseline: tuple[str, float], *others: tuple[str, float]) -> None:
    """Print medians, the first as the baseline of the others."""
    print(f"median of {runs} runs, {os.cpu_count()} cores, Python {platform.python_version()}")
    base = baseline[1]
    width = max(len(name) for name, _ in (baseline, *others))
    print(f"{baseline[0]:<{width}} {base * 1000:8.0f} ms  the baseline")
    for name, seconds in others:
        print(f"{name:<{width}} {seconds * 1000:8.0f} ms  {seconds / base:.2f} times the baseline")
