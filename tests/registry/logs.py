"""Stores that a test can break, registries in them, and statements to record."""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from keypool import key_signer

from auditkit.errors import ObjectNotFoundError, StoreError
from auditkit.registry.admission import bundle_record
from auditkit.registry.creation import create
from auditkit.registry.entries import EntryRecord
from auditkit.registry.integration import Integrator
from auditkit.registry.log import Entry, Log
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.staging import stage
from auditkit.registry.submission import put_blob, submit
from auditkit.registry.tiles import Tile, join_entries, split_entries
from auditkit.signing.signer import seal
from auditkit.stores.store import Head, Store


@dataclass
class MemoryStore:
    """The contract of a store, in a dictionary."""

    objects: dict[str, bytes] = field(default_factory=dict)
    location: str = "memory"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        del retain
        with self.lock:
            return self.objects.setdefault(key, content) is content

    def get(self, key: str, *, limit: int) -> bytes:
        if key not in self.objects:
            raise ObjectNotFoundError("is missing", path=key)
        if len(self.objects[key]) > limit:
            raise StoreError(f"has more than {limit} bytes", path=key)
        return self.objects[key]

    def alteration(self, key: str) -> None:
        del key

    def list(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in list(self.objects) if key.startswith(prefix)))

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)

    def read_head(self, key: str) -> Head | None:
        content = self.objects.get(key)
        return None if content is None else Head(content, str(hash(content)))

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        with self.lock:
            if self.read_head(key) != expected:
                return False
            self.objects[key] = content
            return True


class DiedError(Exception):
    """Stands for the end of the process."""


@dataclass
class Watched:
    """A store that counts requests, and dies at one of them: before it or after it took effect."""

    store: Store
    dies_at: int | None = None
    after: bool = False
    writes_only: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    dead: bool = False

    @property
    def location(self) -> str:
        return self.store.location

    @property
    def total(self) -> int:
        return self.calls.total()

    def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
        return self._do(f"put {key}", lambda: self.store.put_new(key, content, retain=retain))

    def get(self, key: str, *, limit: int) -> bytes:
        return self._do(f"get {key}", lambda: self.store.get(key, limit=limit))

    def alteration(self, key: str) -> str | None:
        return self.store.alteration(key)

    def list(self, prefix: str) -> Iterator[str]:
        return self._do(f"list {prefix}", lambda: iter(list(self.store.list(prefix))))

    def remove(self, key: str) -> None:
        self._do(f"remove {key}", lambda: self.store.remove(key))

    def read_head(self, key: str) -> Head | None:
        return self._do(f"get {key}", lambda: self.store.read_head(key))

    def swap_head(self, key: str, content: bytes, expected: Head | None) -> bool:
        return self._do(f"swap {key}", lambda: self.store.swap_head(key, content, expected))

    def _do(self, what: str, act):
        if self.dead:
            raise DiedError
        self.calls[what] += 1
        self.dead = self.dies_at is not None and self.total >= self.dies_at
        if self.dead and not self.after:
            raise DiedError
        result = act()
        if self.dead:
            raise DiedError
        return result


def new_registry(store: Store, key: LogSigner, name: str = "test") -> Registry:
    create(store, name, key)
    return Registry(store)


def run_id(number: int) -> str:
    """Return the UUIDv7 of a run by its number."""
    return str(uuid.UUID(int=(number << 80) | (7 << 76) | (2 << 62)))


def bundle(number: int = 0, *, word: str = "", key: int = 0, project: str = "churn") -> bytes:
    """Return the bundle of a statement about the run with this number; `word` tells two apart."""
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"run:{run_id(number)}", "digest": {"sha256": "0" * 64}}],
        "predicateType": "urn:auditkit:training-run:v1",
        "predicate": {
            "run": {"id": run_id(number), "project": project, "status": "completed"},
            "capture": {"createdAt": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z"},
            "parameters": {"word": word},
        },
    }
    return seal(json.dumps(document).encode(), key_signer("ed25519", key)).encode()


def record(registry: Registry, number: int = 0, **about: object) -> EntryRecord:
    """Record a statement and return its entry, as soon as that is acknowledged."""
    data = bundle(number, **about)
    put_blob(registry, data)
    entry = bundle_record(data)
    submit(registry, entry)
    return entry


def fill(registry: Registry, key: LogSigner, count: int, *, first: int = 0) -> tuple[Entry, ...]:
    """Record statements and integrate them all at once."""
    for number in range(first, first + count):
        record(registry, number)
    return Integrator(registry, key).integrate().entries


def append(registry: Registry, key: LogSigner, entries: list[bytes]) -> None:
    """Append anything at all, as whoever has the log's key can."""
    head, signed = registry.head()
    staged = stage(signed.checkpoint.origin, Log(registry.store, signed).reader.edge(), entries)
    for tile, data in staged.made():
        registry.store.put_new(tile.path, data)
    after = key.sign(staged.checkpoint)
    assert registry.store.swap_head("checkpoint", after.encode(), head)


def without_staging(store: MemoryStore) -> None:
    """Remove what the last append staged, which readers would otherwise find tiles in."""
    for name in [each for each in store.objects if each.startswith("staging/")]:
        del store.objects[name]


def rewrite(
    store: MemoryStore, tile: Tile, position: int, old: bytes = b"churn", new: bytes = b"chur"
) -> None:
    """Change one entry, and its length with it."""
    entries = list(split_entries(store.objects[tile.path], tile))
    entries[position] = entries[position].replace(old, new)
    store.objects[tile.path] = join_entries(entries)
