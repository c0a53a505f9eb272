"""The index over a registry: how fast it is made, and how long questions over many runs take.

A registry in a folder holds bundles of 10 KB in the shape of real work: of every hundred runs one
reads raw files and writes a folder, nine read that and write tables, and ninety train on a table.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from auditkit.api.lineage import trace
from auditkit.api.open_index import open_registry_index, project_runs
from auditkit.evidence import Direction
from auditkit.registry.admission import bundle_record
from auditkit.registry.creation import create
from auditkit.registry.layout import CHECKPOINT_KEY, blob_key
from auditkit.registry.log import Log
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.staging import stage
from auditkit.signing.keys import generate_private_key
from auditkit.signing.signer import seal, signer_for
from auditkit.stores.directory import DirectoryStore
from auditkit.verification.log_view import LogTrust
from benchmarks.processes import run

RUNS = int(os.environ.get("BENCH_LINEAGE_RUNS", "100000"))
ASKED = 40
GROUP = 100
_BATCH = 5_000
_PACKAGES = 120
"""So many make a bundle of 10 KB."""
_NOBODY = LogTrust(())


def measure() -> dict[str, float]:
    """Return the figures for `RUNS` runs, and the memory for a tenth of them."""
    with tempfile.TemporaryDirectory(prefix="auditkit-bench-") as name:
        folder = Path(name)
        figures = _index(folder / "tenth", RUNS // 10, "lineage_tenth")
        figures |= _index(folder / "all", RUNS, "lineage")
        return figures | _questions(folder / "all")


def _index(folder: Path, count: int, label: str) -> dict[str, float]:
    """Make a registry, then its index in a process of its own that times itself."""
    folder.mkdir()
    _fill(folder / "registry", count)
    command = [sys.executable, "-m", "benchmarks.lineage", str(folder)]
    cost = run(command, cwd=Path.cwd(), self_timed=True)
    if cost.exit_code != 0:
        raise RuntimeError(f"exit code {cost.exit_code}")
    return {
        f"{label}_index_manifests_per_second": count / cost.seconds,
        f"{label}_index_cpu_ms_per_manifest": cost.cpu_seconds * 1000 / count,
        f"{label}_index_peak_mb": cost.peak_bytes / 1e6,
    }


def _questions(folder: Path) -> dict[str, float]:
    """Return medians and worst cases in milliseconds, each with opening and matching the index."""
    step = RUNS // ASKED
    asked: dict[str, list[tuple[str, Direction]]] = {
        "upstream_of_a_model": [(f"sha256:{_digest('out', n)}", "upstream") for n in _models(step)],
        "downstream_of_raw_data": [
            (f"sha256:{_digest('raw', n - n % GROUP)}", "downstream") for n in _models(step)
        ],
        "both_ways_of_a_run": [(str(_run_id(n)), "both") for n in _models(step)],
    }
    figures: dict[str, float] = {}
    for label, questions in asked.items():
        times = [_ask(folder, target, direction) for target, direction in questions]
        figures[f"lineage_{label}_median_ms"] = statistics.median(times)
        figures[f"lineage_{label}_most_ms"] = max(times)
    began = time.perf_counter()
    with open_registry_index(_registry(folder), _NOBODY, cache=folder / "cache") as found:
        project_runs(found.index, "project-7")
    figures["lineage_runs_of_a_project_ms"] = (time.perf_counter() - began) * 1000
    return figures


def _ask(folder: Path, target: str, direction: Direction) -> float:
    began = time.perf_counter()
    with open_registry_index(_registry(folder), _NOBODY, cache=folder / "cache") as found:
        graph = trace(target, found.index, root=folder, direction=direction).graph
    seconds = time.perf_counter() - began
    if len(graph.runs) < (GROUP if direction == "downstream" else 3):
        raise RuntimeError(f"{target}: {len(graph.runs)} runs")
    return seconds * 1000


def _models(step: int) -> Iterator[int]:
    """Yield runs that train, spread over all groups."""
    return (n - n % GROUP + 10 + n // step % 90 for n in range(0, RUNS, step))


def _registry(folder: Path) -> Registry:
    return Registry(DirectoryStore(folder / "registry"))


def _fill(place: Path, count: int) -> None:
    """Record `count` runs; bundles are not flushed to the disk one by one, or it takes hours."""
    place.mkdir()
    store = DirectoryStore(place)
    signer = signer_for(generate_private_key("ed25519"))
    key = LogSigner(signer)
    create(store, "bench", key)
    for first in range(0, count, _BATCH):
        entries = []
        for number in range(first, min(first + _BATCH, count)):
            bundle = seal(json.dumps(_statement(number)).encode(), signer).encode()
            path = place / blob_key(sha256(bundle).hexdigest())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bundle)
            entries.append(bundle_record(bundle).encode())
        head, signed = Registry(store).head()
        staged = stage(signed.checkpoint.origin, Log(store, signed).reader.edge(), entries)
        for tile, data in staged.made():
            store.put_new(tile.path, data)
        if not store.swap_head(CHECKPOINT_KEY, key.sign(staged.checkpoint).encode(), head):
            raise RuntimeError("somebody else appends")


def _statement(number: int) -> dict[str, Any]:
    """Return a manifest of the run with this number: one of every hundred ingests, and so on."""
    base, place = number - number % GROUP, number % GROUP
    if place == 0:
        reads, writes = ("file", "raw", number), ("folder", "out", number)
    elif place < 10:
        reads, writes = ("folder", "out", base), ("file", "out", number)
    else:
        reads, writes = ("file", "out", base + 1 + place % 9), ("file", "out", number)
    day, second = divmod(number, 86_400)
    minute, hour = second // 60 % 60, second // 3600
    packages = [{"name": f"package-{each}", "version": "1.2.3"} for each in range(_PACKAGES)]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"run:{_run_id(number)}", "digest": {"sha256": "0" * 64}}],
        "predicateType": "urn:auditkit:training-run:v1",
        "predicate": {
            "run": {
                "id": str(_run_id(number)),
                "project": f"project-{base // GROUP % 100}",
                "name": ("ingest", "transform", "train")[min(place, 2) if place < 10 else 2],
                "status": "completed",
            },
            "capture": {
                "createdAt": f"2026-01-{1 + day:02}T{hour:02}:{minute:02}:{second % 60:02}Z"
            },
            "datasets": [_dataset("data", "train", *reads), _dataset("model", "output", *writes)],
            "parameters": {"lr": number / 1000, "optimiser": {"name": "sgd", "momentum": 0.9}},
            "metrics": {"auc": number % 1000 / 1000},
            "environment": {"packages": packages},
        },
    }


def _dataset(name: str, role: str, kind: str, word: str, number: int) -> dict[str, Any]:
    digest = _digest(word, number)
    return {
        "name": name,
        "role": role,
        "location": f"data/{word}-{number}",
        "inventory": {
            "root": {"dirHash" if kind == "folder" else "sha256": digest},
            "files": 1,
            "bytes": 1000,
            "list": {"name": f"{name}.inventory.parquet", "sha256": "0" * 64, "size": 1000},
        },
        "rows": 1000,
        "schema": {"fingerprint": _digest("schema", number % 7), "fields": []},
    }


def _digest(word: str, number: int) -> str:
    return sha256(f"{word} {number}".encode()).hexdigest()


def _run_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=(number << 80) | (7 << 76) | (2 << 62))


def _main(folder: Path) -> None:
    """Make the index, and print how many seconds that took."""
    began = time.perf_counter()
    with open_registry_index(_registry(folder), _NOBODY, cache=folder / "cache") as found:
        size = found.index.size
    print(time.perf_counter() - began)
    if size != found.log.checkpoint.size:
        sys.exit(f"{size} runs")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
