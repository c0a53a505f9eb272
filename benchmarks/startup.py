"""How long people wait for small things: --version, and verifying a small run."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import auditkit, interleaved, median_seconds

RUNS = 15


def measure() -> dict[str, float]:
    """Return the ratio of --version to a bare interpreter, and seconds of a small verify."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
        (folder / "train.csv").write_text("a,b\n" + "1,2\n" * 1000)
        (folder / "model.bin").write_bytes(b"weights")
        for command in (
            ["init", "--project", "bench"],
            ["capture", "--dataset", "train.csv", "--output", "model.bin"],
        ):
            interleaved({"setup": [auditkit(), *command]}, cwd=folder, runs=0, environ=environ)
        costs = interleaved(
            {
                "bare": [sys.executable, "-c", "pass"],
                "version": [auditkit(), "--version"],
                "verify": [auditkit(), "verify"],
            },
            cwd=folder,
            runs=RUNS,
            environ=environ,
        )
    seconds = {name: median_seconds(values) for name, values in costs.items()}
    return {
        "bare_python_seconds": seconds["bare"],
        "version_seconds": seconds["version"],
        "version_to_bare_ratio": seconds["version"] / seconds["bare"],
        "verify_small_run_seconds": seconds["verify"],
    }
