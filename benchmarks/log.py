"""A log of a million entries in a folder: appending, proving, and reading all of it again."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from auditkit.api.auditlog import audit_log
from auditkit.registry.frontier import Frontier
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.staging import Edge, stage
from auditkit.registry.submission import put_blob, submit
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import generate_private_key
from auditkit.signing.opening import open_signer
from auditkit.stores.directory import DirectoryStore
from auditkit.stores.store import Head, Store
from auditkit.verification.log_view import LogTrust
from benchmarks.log_entries import bundle_and_record, records
from benchmarks.memory import peak_pss
from benchmarks.processes import auditkit

_ENTRIES = int(os.environ.get("BENCH_LOG_ENTRIES", "1000000"))
_APPENDS = 30
_PROOFS = 200
_AT_ONCE = 65_536
_ORIGIN = "bench/00000000-0000-0000-0000-000000000000"

Result = TypeVar("Result")


def measure() -> dict[str, float]:
    """Return milliseconds of appends and proofs, entries a second, and peak memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_key_pair(folder / "log.pem", generate_private_key("ed25519"), None)
        key = LogSigner(open_signer(str(folder / "log.pem"), environ={}))
        few = _make(folder / "few", key, _ENTRIES // 10)
        many = _make(folder / "many", key, _ENTRIES)
        figures = {"log_entries": float(_ENTRIES), **_proofs(many), **_reading(many, key)}
        peaks = [_peak(each, key) for each in (few, many)]
        figures |= _appends(many, key)
    more = (peaks[1] - peaks[0]) / (_ENTRIES - _ENTRIES // 10)
    return {**figures, "log_verify_peak_mb": peaks[1] / 1e6, "log_verify_bytes_per_entry": more}


@dataclass
class _Clocked:
    """A store that counts the calls to it, and the time that they take."""

    store: Store
    calls: int = 0
    seconds: float = 0.0

    @property
    def location(self) -> str:
        return self.store.location

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        return self._clock(lambda: self.store.put_new(key, content, retain=retain))

    def get(self, key: str, *, limit: int) -> bytes:
        return self._clock(lambda: self.store.get(key, limit=limit))

    def alteration(self, key: str) -> str | None:
        return self.store.alteration(key)

    def list(self, prefix: str) -> Iterator[str]:
        return iter(self._clock(lambda: list(self.store.list(prefix))))

    def remove(self, key: str) -> None:
        self._clock(lambda: self.store.remove(key))

    def read_head(self, key: str) -> Head | None:
        return self._clock(lambda: self.store.read_head(key))

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        return self._clock(lambda: self.store.swap_head(key, content, expected))

    def _clock(self, act: Callable[[], Result]) -> Result:
        started = time.perf_counter()
        try:
            return act()
        finally:
            self.seconds += time.perf_counter() - started
            self.calls += 1


def _make(root: Path, key: LogSigner, count: int) -> Registry:
    """Write a log of so many entries, without their blobs and without waiting for the disk."""
    edge, made = Edge(Frontier()), None
    encoded = [each.encode() for each in records(count)]
    for start in range(0, count, _AT_ONCE):
        made = stage(_ORIGIN, edge, encoded[start : start + _AT_ONCE])
        for tile, data in made.made():
            _write(root / tile.path, data)
        edge = made.edge()
    if made is None:
        raise ValueError("a log without entries")
    _write(root / made.key, made.encode())
    _write(root / "checkpoint", key.sign(made.checkpoint).encode())
    return Registry(DirectoryStore(root))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _proofs(registry: Registry) -> dict[str, float]:
    """Time single proofs, of which each reads the checkpoint and every tile that it needs."""
    chosen = random.Random(0).sample(range(_ENTRIES), _PROOFS)
    times = []
    for index in chosen:
        started = time.perf_counter()
        registry.log().receipt(index)
        times.append(time.perf_counter() - started)
    return {"log_proof_ms": statistics.median(times) * 1e3}


def _reading(registry: Registry, key: LogSigner) -> dict[str, float]:
    """Time reading every tile and entry; blobs are left out."""
    started, spent = time.perf_counter(), time.process_time()
    result = audit_log(registry, LogTrust((key.trusted(_ORIGIN),)))
    if result.status != "passed" or result.entries != _ENTRIES:
        raise RuntimeError(f"the log was not read: {result.findings}")
    return {
        "log_verify_entries_per_second": _ENTRIES / (time.perf_counter() - started),
        "log_verify_entries_per_cpu_second": _ENTRIES / (time.process_time() - spent),
    }


def _appends(registry: Registry, key: LogSigner) -> dict[str, float]:
    """Time appends of one entry each, and what of that is not spent in the store."""
    whole, own, calls = [], [], []
    for number in range(_APPENDS):
        bundle, record = bundle_and_record(number, key.signer)
        put_blob(registry, bundle)
        submit(registry, record)
        store = _Clocked(registry.store)
        started = time.perf_counter()
        done = Integrator(Registry(store), key, origin=_ORIGIN).integrate()
        whole.append(time.perf_counter() - started)
        own.append(whole[-1] - store.seconds)
        calls.append(store.calls)
        if len(done.entries) != 1:
            raise RuntimeError(f"{len(done.entries)} entries were appended")
    return {
        "log_append_ms": statistics.median(whole) * 1e3,
        "log_append_own_ms": statistics.median(own) * 1e3,
        "log_append_requests": float(max(calls)),
    }


def _peak(registry: Registry, key: LogSigner) -> float:
    location = registry.store.location
    command = [auditkit(), "log", "verify", "--quiet", "--registry", location]
    vkey = str(key.keys(_ORIGIN)[0])
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "HOME": home, "XDG_STATE_HOME": home, "AUDITKIT_VERIFY_LOG": vkey}
        return float(peak_pss(command, cwd=Path(home), environ=environ))
