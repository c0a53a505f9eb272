"""Run measurements, print them, and keep them in a file that programs read."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from pathlib import Path

SUITES = (
    "startup",
    "bundles",
    "bytes",
    "rows",
    "delta",
    "s3",
    "million",
    "csv_memory",
    "log",
    "report",
    "lineage",
)
RESULTS = Path(__file__).parent / "results.json"


def main(names: list[str]) -> None:
    """Measure the suites named, or all of them; figures of the others are kept."""
    # Installed programs start from compiled modules; without them every start is measured wrong.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    figures: dict[str, float] = {}
    if names and RESULTS.exists():
        figures = json.loads(RESULTS.read_text())["figures"]
    for name in names or SUITES:
        found = importlib.import_module(f"benchmarks.{name}").measure()
        for label, value in found.items():
            print(f"{name:<12} {label:<42} {value:12.3f}", flush=True)
        figures |= found
    document = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(document, indent=1) + "\n")
    print(f"wrote {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
