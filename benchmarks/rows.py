"""Digests of rows: what they cost beside decoding, in time and in memory.

`BENCH_ROWS` and `BENCH_RUNS` change the number of rows and of rounds; with `BENCH_TENFOLD=1` the
memory is measured again for ten times the rows. `TMPDIR` says where the data lies.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import peak_pss
from benchmarks.processes import Cost, auditkit, interleaved, median_ratio, median_seconds, run
from benchmarks.tables import write_table

_ROWS = int(os.environ.get("BENCH_ROWS", "10000000"))
_RUNS = int(os.environ.get("BENCH_RUNS", "7"))
_TENFOLD = os.environ.get("BENCH_TENFOLD") == "1"
_KINDS = ("sequence", "bag")
_DECODERS = ("scanner", "row_groups")


def measure() -> dict[str, float]:
    """Return ratios to decoding alone, rows a second, verify to capture, and peak megabytes."""
    with tempfile.TemporaryDirectory() as name:
        bench = _Bench(Path(name))
        bench.auditkit("init", "--project", "bench")
        data = bench.folder / "rows"
        data.mkdir()
        write_table(data / "part-0.parquet", _ROWS)
        commands = {kind: bench.commands(data, kind) for kind in _KINDS}
        figures = {"rows": float(_ROWS), **_calls(bench, data)}
        for kind in _KINDS:
            figures |= _commands(bench, kind, commands[kind])
            figures |= _memory(bench, f"rows_{kind}", commands[kind])
        if _TENFOLD:
            for number in range(1, 10):
                write_table(data / f"part-{number}.parquet", _ROWS, number * _ROWS)
            for kind in _KINDS:
                figures |= _memory(bench, f"rows_tenfold_{kind}", bench.commands(data, kind))
        return figures


@dataclass(frozen=True, slots=True)
class _Bench:
    """A folder with an auditkit project."""

    folder: Path

    @property
    def environ(self) -> Mapping[str, str]:
        root = Path(__file__).parent.parent
        return {
            **os.environ,
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PYTHONPATH": str(root),
        }

    def auditkit(self, *arguments: str) -> None:
        command = [auditkit(), *arguments]
        if run(command, cwd=self.folder, environ=self.environ).exit_code != 0:
            raise RuntimeError(f"failed: {' '.join(command)}")

    def commands(self, data: Path, kind: str) -> dict[str, list[str]]:
        """Sign a record of `data`; return the commands that capture and verify it."""
        bundle = f"{kind}-{len(list(data.iterdir()))}.sigstore.json"
        capture = ["capture", "--quiet", "--content", kind, "--dataset", f"data={data}"]
        self.auditkit(*capture, "-o", bundle)
        return {
            "capture": [auditkit(), *capture, "--no-sign"],
            "verify": [auditkit(), "verify", "--quiet", bundle],
        }

    def in_turn(self, commands: Mapping[str, Sequence[str]], *, timed: bool) -> _Costs:
        return interleaved(
            commands,
            cwd=self.folder,
            runs=_RUNS,
            environ=self.environ,
            self_timed=set(commands) if timed else (),
        )


_Costs = dict[str, list[Cost]]


def _calls(bench: _Bench, data: Path) -> dict[str, float]:
    """Time the calls alone, without the start of an interpreter and its imports."""
    python, file = sys.executable, str(data / "part-0.parquet")
    decoders = {how: [python, "-m", "benchmarks.decoding", file, how] for how in _DECODERS}
    scans = {kind: [python, "-m", "benchmarks.scanning", str(data), kind] for kind in _KINDS}
    costs = bench.in_turn(decoders | scans, timed=True)
    decoding = min((costs[how] for how in _DECODERS), key=median_seconds)
    figures = {f"rows_{name}_seconds": median_seconds(each) for name, each in costs.items()}
    for kind in _KINDS:
        figures[f"rows_{kind}_to_decoding"] = median_ratio(costs[kind], decoding)
        figures[f"rows_{kind}_cpu_to_decoding"] = median_ratio(costs[kind], decoding, "cpu_seconds")
        figures[f"rows_{kind}_rows_per_second"] = _ROWS / median_seconds(costs[kind])
    return figures


def _commands(bench: _Bench, kind: str, commands: Mapping[str, list[str]]) -> dict[str, float]:
    """Time whole commands, as people wait for them."""
    costs = bench.in_turn(commands, timed=False)
    capture, verify = costs["capture"], costs["verify"]
    return {
        f"rows_{kind}_capture_command_seconds": median_seconds(capture),
        f"rows_{kind}_verify_command_seconds": median_seconds(verify),
        f"rows_{kind}_verify_to_capture": median_ratio(verify, capture),
        f"rows_{kind}_verify_cpu_to_capture": median_ratio(verify, capture, "cpu_seconds"),
    }


def _memory(bench: _Bench, label: str, commands: Mapping[str, list[str]]) -> dict[str, float]:
    """Watch the whole process tree, in runs that are not timed."""
    peaks = {
        name: peak_pss(command, cwd=bench.folder, environ=bench.environ)
        for name, command in commands.items()
    }
    return {f"{label}_{name}_peak_mb": peak / 1e6 for name, peak in peaks.items()}
