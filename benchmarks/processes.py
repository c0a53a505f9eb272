"""Timing whole processes: wall time and peak memory as the operating system accounts for them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """One finished process: wall seconds, peak resident bytes of the largest one, exit code.

    `cpu_seconds` are those of the process and of all it waited for, its start included.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    exit_code: int


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    self_timed: bool = False,
) -> Cost:
    """Run a command to its end and return what it cost.

    With `self_timed` its seconds are those that it prints itself.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environ) if environ is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if self_timed else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stdout is not None:
        with process.stdout as output:
            seconds = float(output.read() or "nan")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(seconds, cpu, usage.ru_maxrss * 1024, process.returncode)


def interleaved(
    commands: Mapping[str, Sequence[str]],
    *,
    cwd: Path,
    runs: int,
    environ: Mapping[str, str] | None = None,
    self_timed: Collection[str] = (),
) -> dict[str, list[Cost]]:
    """Run the commands in turn, `runs` times each after one uncounted round.

    Those named in `self_timed` print their own seconds.

    Raises:
        RuntimeError: a command failed, so that its time would mean nothing.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            cost = run(command, cwd=cwd, environ=environ, self_timed=name in self_timed)
            if cost.exit_code != 0:
                raise RuntimeError(f"{name} exited with {cost.exit_code}: {' '.join(command)}")
            if number:
                costs[name].append(cost)
    return costs


def median_seconds(costs: Sequence[Cost]) -> float:
    """Return the median wall time in seconds."""
    return statistics.median(cost.seconds for cost in costs)


def median_ratio(ours: Sequence[Cost], others: Sequence[Cost], what: str = "seconds") -> float:
    """Return the median of the rounds' ratios, whose runs lie close in time."""
    pairs = zip(ours, others, strict=True)
    return statistics.median(getattr(a, what) / getattr(b, what) for a, b in pairs)


def auditkit() -> str:
    """Return the path of the `auditkit` program beside this interpreter."""
    return str(Path(sys.executable).with_name("auditkit"))
