"""Hashing at the speed of the disk: few large files, many small ones, against other tools.

`BENCH_BIG_GB`, `BENCH_SMALL_FILES` and `BENCH_RUNS` change the size of the data and the number of
rounds; `TMPDIR` says where the data lies.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import peak_pss
from benchmarks.peers import Peers, digest_program
from benchmarks.processes import Cost, auditkit, interleaved, run

_BIG_BYTES = int(float(os.environ.get("BENCH_BIG_GB", "2")) * 1e9)
_BIG_FILES = 8
_SMALL_FILES = int(os.environ.get("BENCH_SMALL_FILES", "50000"))
_RUNS = int(os.environ.get("BENCH_RUNS", "7"))
_MIB = 1024 * 1024
_TOOLS = ("model_signing", "bagit", "bagit_sha256")


@dataclass(frozen=True, slots=True)
class _Bench:
    """A folder with an auditkit project and the peers in it."""

    folder: Path
    environ: Mapping[str, str]
    peers: Peers

    def auditkit(self, data: Path) -> dict[str, list[str]]:
        """Sign a record of `data`; return the commands that capture and verify it."""
        target = f"{data.name}.sigstore.json"
        dataset = ["capture", "--quiet", "--dataset", f"data=files:{data}"]
        self.run([auditkit(), *dataset, "-o", target])
        return {
            "capture": [auditkit(), *dataset, "--no-sign"],
            "verify": [auditkit(), "verify", "--quiet", target],
        }

    def run(self, command: Sequence[str]) -> None:
        if run(command, cwd=self.folder, environ=self.environ).exit_code != 0:
            raise RuntimeError(f"failed: {' '.join(command)}")


def measure() -> dict[str, float]:
    """Return median seconds, ratios to the peers, and peak megabytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
        bench = _Bench(folder, environ, Peers(folder))
        bench.run([auditkit(), "init", "--project", "bench"])
        return _big(bench) | _small(bench)


def _big(bench: _Bench) -> dict[str, float]:
    data = _write_big(bench.folder / "big")
    commands = {
        "openssl": digest_program("openssl", "sha256", data=data, files=1),
        "hashing": [sys.executable, "-m", "benchmarks.scanning", str(data), "files"],
        **bench.auditkit(data),
        "model_signing": bench.peers.model_signing(data),
        "bagit": bench.peers.bagit(data),
        "bagit_sha256": bench.peers.bagit(data, "sha256"),
    }
    pairs = {"hashing": ("openssl",), "capture": _TOOLS, "verify": _TOOLS}
    return _compare(bench, "big", commands, pairs)


def _small(bench: _Bench) -> dict[str, float]:
    data = _write_small(bench.folder / "small")
    commands = {
        "sha256sum": digest_program("sha256sum", data=data, files=1000),
        **bench.auditkit(data),
        "model_signing": bench.peers.model_signing(data),
        "bagit": bench.peers.bagit(data),
        "bagit_sha256": bench.peers.bagit(data, "sha256"),
    }
    peers = ("sha256sum", *_TOOLS)
    return _compare(bench, "small", commands, {"capture": peers, "verify": peers})


def _compare(
    bench: _Bench,
    label: str,
    commands: Mapping[str, Sequence[str]],
    pairs: Mapping[str, Sequence[str]],
) -> dict[str, float]:
    """Run in turn; a ratio is the median over the rounds, whose runs lie close in time."""
    root = Path(__file__).parent.parent
    environ = {**bench.environ, "PYTHONPATH": str(root)}
    costs = interleaved(
        commands, cwd=bench.folder, runs=_RUNS, environ=environ, self_timed={"hashing"}
    )
    figures = {
        f"{label}_{name}_seconds": statistics.median(each.seconds for each in found)
        for name, found in costs.items()
    }
    for ours, others in pairs.items():
        for other in others:
            figures[f"{label}_{ours}_speed_to_{other}"] = _ratio(costs[other], costs[ours])
    for name in ("capture", "verify"):
        peak = peak_pss(commands[name], cwd=bench.folder, environ=environ)
        figures[f"{label}_{name}_peak_mb"] = peak / 1e6
    return figures


def _ratio(other: Sequence[Cost], ours: Sequence[Cost]) -> float:
    return statistics.median(a.seconds / b.seconds for a, b in zip(other, ours, strict=True))


def _write_big(folder: Path) -> Path:
    folder.mkdir()
    size = _BIG_BYTES // _BIG_FILES
    for number in range(_BIG_FILES):
        with (folder / f"part-{number}.bin").open("wb") as file:
            for start in range(0, size, _MIB):
                file.write(os.urandom(min(_MIB, size - start)))
    return folder


def _write_small(folder: Path) -> Path:
    """Write files of 4 to 12 KB, a thousand to a folder."""
    source = random.Random(1)
    pool = source.randbytes(_MIB)
    for number in range(_SMALL_FILES):
        path = folder / f"{number // 1000:04}" / f"{number:07}.bin"
        size = source.randint(4_000, 12_000)
        start = source.randrange(_MIB - size)
        if number % 1000 == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(pool[start : start + size])
    return folder
