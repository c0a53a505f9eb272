"""Peak memory of capturing a CSV that is far larger than memory should be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.processes import auditkit, run

GIGABYTES = float(os.environ.get("BENCH_CSV_GB", "5"))
_ROWS_PER_CHUNK = 20_000


def measure() -> dict[str, float]:
    """Return size, seconds and peak megabytes of one capture, and of verifying it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = _write_csv(folder / "big.csv")
        environ = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
        figures = {"csv_gigabytes": size / 1e9}
        for label, command in (
            ("init", ["init", "--project", "bench"]),
            ("capture", ["capture", "-q", "--dataset", "big.csv"]),
            ("verify", ["verify", "-q"]),
        ):
            cost = run([auditkit(), *command], cwd=folder, environ=environ)
            if cost.exit_code != 0:
                raise RuntimeError(f"{label} exited with {cost.exit_code}")
            if label != "init":
                figures[f"csv_{label}_seconds"] = cost.seconds
                figures[f"csv_{label}_peak_mb"] = cost.peak_bytes / 1e6
    return figures


def _write_csv(path: Path) -> int:
    """Write rows of integers, doubles, dates and quoted text with line breaks in them."""
    lines = [
        f'{i},{i * 0.37:.6f},2013-{i % 12 + 1:02}-{i % 28 + 1:02},"text {i}\nand, ""more"""\n'
        for i in range(_ROWS_PER_CHUNK)
    ]
    chunk = "".join(lines).encode()
    with path.open("wb") as file:
        file.write(b"id,amount,day,remark\n")
        while file.tell() < GIGABYTES * 1e9:
            file.write(chunk)
        return file.tell()
