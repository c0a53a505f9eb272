"""Peak memory of a whole process tree, as the sum of proportional set sizes (Linux)."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_INTERVAL_SECONDS = 0.02


def peak_pss(command: Sequence[str], *, cwd: Path, environ: Mapping[str, str] | None = None) -> int:
    """Run a command and return the most bytes its processes had together at any sample.

    The sum of PSS counts a page that several processes share once (proc(5), smaps_rollup).
    Sampling costs time of its own, so nothing is timed meanwhile.

    Raises:
        RuntimeError: the command failed.
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environ) if environ is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0
    while True:
        peak = max(peak, sum(_pss(each) for each in _tree(process.pid)))
        try:
            code = process.wait(_INTERVAL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        if code != 0:
            raise RuntimeError(f"exit code {code}: {' '.join(command)}")
        return peak


def _tree(root: int) -> list[int]:
    found = [root]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += [int(child) for child in _read(task).split()]
    return found


def _pss(process: int) -> int:
    for line in _read(Path(f"/proc/{process}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended while we looked
        return ""
