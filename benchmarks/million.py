"""Peak memory of a folder with very many tiny files, and how much of it each file costs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.memory import peak_pss
from benchmarks.processes import auditkit, run

_FILES = int(os.environ.get("BENCH_MANY_FILES", "1000000"))
_PER_FOLDER = 1000


def measure() -> dict[str, float]:
    """Return seconds and peak megabytes of capture and verify, and bytes more for each file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
        run([auditkit(), "init", "--project", "bench"], cwd=folder, environ=environ)
        base = _measure(folder, environ, "few", _FILES // 100)
        full = _measure(folder, environ, "many", _FILES)
    figures = {f"million_{label}": value for label, value in full.items()}
    figures["million_files"] = _FILES
    for command in ("capture", "verify"):
        more = full[f"{command}_peak_mb"] - base[f"{command}_peak_mb"]
        figures[f"million_{command}_bytes_per_file"] = more * 1e6 / (_FILES - _FILES // 100)
    return figures


def _measure(folder: Path, environ: dict[str, str], name: str, files: int) -> dict[str, float]:
    _write(folder / name, files)
    bundle = f"{name}.sigstore.json"
    dataset = ["capture", "--quiet", "--dataset", f"data=files:{name}"]
    commands = {
        "capture": ([auditkit(), *dataset, "-o", bundle], [auditkit(), *dataset, "--no-sign"]),
        "verify": ([auditkit(), "verify", "--quiet", bundle],) * 2,
    }
    figures = {}
    for label, (timed, watched) in commands.items():
        cost = run(timed, cwd=folder, environ=environ)
        if cost.exit_code != 0:
            raise RuntimeError(f"{label} exited with {cost.exit_code}")
        figures[f"{label}_seconds"] = cost.seconds
        figures[f"{label}_peak_mb"] = peak_pss(watched, cwd=folder, environ=environ) / 1e6
    return figures


def _write(folder: Path, files: int) -> None:
    for number in range(files):
        path = folder / f"{number // _PER_FOLDER:04}" / f"{number:07}.txt"
        if number % _PER_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(b"%d" % number)
