"""How long ``ringwall check`` takes on each example, beside cfn-lint on the template it emits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from timing import median_seconds, show

RUNS = 5
EXAMPLES = Path(__file__).parents[1] / "examples"
BIN = Path(sys.executable).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for spec in sorted(EXAMPLES.glob("*/ringwall.yaml")):
            template = Path(folder) / f"{spec.parent.name}.json"
            emit = [sys.executable, "-m", "ringwall", "emit", str(spec), "-o", str(template)]
            subprocess.run(emit, check=True, capture_output=True)  # noqa: S603 - our own command
            check = [sys.executable, "-m", "ringwall", "check", str(spec)]
            print(f"\nexamples/{spec.parent.name} ({template.stat().st_size:,} bytes as JSON)")
            show(
                RUNS,
                ("cfn-lint", median_seconds([str(BIN / "cfn-lint"), str(template)], RUNS)),
                ("ringwall emit", median_seconds(emit, RUNS)),
                ("ringwall check", median_seconds(check, RUNS)),
            )


if __name__ == "__main__":
    main()
