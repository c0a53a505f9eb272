"""A version of a Delta table beside the same files as plain Parquet.

`BENCH_ROWS` and `BENCH_RUNS` change the number of rows and of rounds; `TMPDIR` says where the data
lies.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deltalake import write_deltalake

from benchmarks.memory import peak_pss
from benchmarks.processes import auditkit, interleaved, median_ratio, median_seconds, run
from benchmarks.tables import batch

_ROWS = int(os.environ.get("BENCH_ROWS", "10000000"))
_RUNS = int(os.environ.get("BENCH_RUNS", "7"))
_COMMIT_ROWS = 1_000_000
_BUNDLE = "delta.sigstore.json"


def measure() -> dict[str, float]:
    """Return median seconds, ratios to the plain files, and peak megabytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
        _write(folder)
        delta, plain = _capture("delta:lake"), _capture("table:plain")
        for command in ([auditkit(), "init", "--project", "bench"], [*delta, "-o", _BUNDLE]):
            if run(command, cwd=folder, environ=environ).exit_code != 0:
                raise RuntimeError(f"failed: {' '.join(command)}")
        commands = {
            "parquet": [*plain, "--no-sign"],
            "capture": [*delta, "--no-sign"],
            "verify": [auditkit(), "verify", "--quiet", _BUNDLE],
        }
        peak = peak_pss(commands["capture"], cwd=folder, environ=environ)
        return {**_compare(commands, folder, environ), "delta_capture_peak_mb": peak / 1e6}


def _write(folder: Path) -> None:
    """Write the table, and its data files once more without a log."""
    for first in range(0, _ROWS, _COMMIT_ROWS):
        rows = batch(first, min(_COMMIT_ROWS, _ROWS - first))
        write_deltalake(folder / "lake", rows, mode="append")
    (folder / "plain").mkdir()
    for file in (folder / "lake").glob("*.parquet"):
        (folder / "plain" / file.name).hardlink_to(file)


def _capture(reference: str) -> list[str]:
    return [auditkit(), "capture", "--quiet", "--content", "bag", "--dataset", f"data={reference}"]


def _compare(
    commands: Mapping[str, list[str]], folder: Path, environ: Mapping[str, str]
) -> dict[str, float]:
    costs = interleaved(commands, cwd=folder, runs=_RUNS, environ=environ)
    figures = {f"delta_{name}_seconds": median_seconds(each) for name, each in costs.items()}
    for name in ("capture", "verify"):
        ours, parquet = costs[name], costs["parquet"]
        figures[f"delta_{name}_to_parquet"] = median_ratio(ours, parquet)
        figures[f"delta_{name}_cpu_to_parquet"] = median_ratio(ours, parquet, "cpu_seconds")
    return figures
