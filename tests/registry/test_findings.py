"""What an auditor is told about each attack: a failed finding that names what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from registry.logs import (
    MemoryStore,
    Watched,
    append,
    bundle,
    fill,
    new_registry,
    record,
    rewrite,
    without_staging,
)

from auditkit.api.auditlog import audit_log, compare_log
from auditkit.digests import sha256_hex
from auditkit.errors import StoreError
from auditkit.findings import Finding
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.integration import Integrator
from auditkit.registry.layout import blob_key
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.tiles import Tile
from auditkit.verification.log_view import LogTrust, Seen

SIZE = 300


@dataclass(frozen=True)
class Kept:
    """A log of 300 entries, what it was at 200, and the checkpoint that an auditor kept."""

    store: MemoryStore
    before: dict[str, bytes]
    checkpoint: Checkpoint
    key: LogSigner

    def audit(self, *, blobs: bool = True) -> list[Finding]:
        """Return what failed."""
        origin = self.checkpoint.origin
        trust = LogTrust((self.key.trusted(origin),), (Seen(self.checkpoint, "kept"),))
        found = audit_log(Registry(self.store), trust, blobs=blobs)
        compared = compare_log(Registry(self.store), trust)
        every = dict.fromkeys((*found.findings, *compared.findings))
        return [each for each in every if each.status == "failed"]


@pytest.fixture(scope="module")
def grown(key: LogSigner) -> Kept:
    store = MemoryStore()
    registry = new_registry(store, key)
    fill(registry, key, 200)
    before = dict(store.objects)
    fill(registry, key, SIZE - 200, first=200)
    without_staging(store)
    return Kept(store, before, registry.log().checkpoint, key)


@pytest.fixture
def kept(grown: Kept) -> Kept:
    return Kept(MemoryStore(dict(grown.store.objects)), grown.before, grown.checkpoint, grown.key)


def put_back(kept: Kept) -> None:
    kept.store.objects.clear()
    kept.store.objects.update(kept.before)


def fork(kept: Kept) -> None:
    put_back(kept)
    fill(Registry(kept.store), kept.key, SIZE - 200, first=5000)


def truncate(kept: Kept) -> None:
    for name in ("tile/entries/001.p/44", "tile/0/001.p/44"):
        del kept.store.objects[name]


def swap_blobs(kept: Kept) -> None:
    one, other = (blob_key(sha256_hex(bundle(number))) for number in (7, 8))
    kept.store.objects[one] = kept.store.objects[other]


def drop_blob(kept: Kept) -> None:
    del kept.store.objects[blob_key(sha256_hex(bundle(123)))]


def another_log(kept: Kept) -> None:
    other = MemoryStore()
    fill(new_registry(other, kept.key), kept.key, 3)
    kept.store.objects["checkpoint"] = other.objects["checkpoint"]


def rewrite_entry(kept: Kept) -> None:
    rewrite(kept.store, Tile(None, 0), 17)


def rewrite_as_keeper(kept: Kept) -> None:
    """Whoever has the key appends an entry that does not say what its blob says."""
    entry = next(Registry(kept.store).log().entries()).record.encode()
    append(Registry(kept.store), kept.key, [entry.replace(b"churn", b"other")])


@pytest.mark.parametrize(
    ("attack", "check", "subject"),
    [
        (rewrite_entry, "log.tree", "entry 17"),
        (truncate, "log.tree", "tile/entries/001.p/44"),
        (swap_blobs, "log.blob", "entry 7"),
        (drop_blob, "log.blob", "entry 123"),
        (rewrite_as_keeper, "log.blob", f"entry {SIZE}"),
        (put_back, "log.consistency", "the log"),
        (fork, "log.consistency", "the log"),
        (another_log, "log.checkpoint", "another log"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_finding_names_it(
    kept: Kept, attack: Callable[[Kept], None], check: str, subject: str
) -> None:
    assert kept.audit() == []
    attack(kept)
    failed = {(each.check, each.subject) for each in kept.audit()}
    now = Registry(kept.store).log().checkpoint.origin
    names = {"the log": kept.checkpoint.origin, "another log": now}
    assert (check, names.get(subject, subject)) in failed


@dataclass
class FullStore(Watched):
    """A store whose disk is full after so many writes, until somebody makes room."""

    writes: int = 0
    room: int | None = None

    def _do(self, what: str, act):
        if what.startswith(("put ", "swap ")):
            self.writes += 1
            if self.room is not None and self.writes > self.room:
                raise StoreError("no space left on the device")
        return super()._do(what, act)


def test_a_full_disk_loses_nothing_that_was_acknowledged(grown: Kept) -> None:
    counted = FullStore(MemoryStore(dict(grown.store.objects)))
    record(Registry(counted), 9000)
    recorded = counted.writes
    Integrator(Registry(counted), grown.key).integrate()
    for room in range(counted.writes):
        store = FullStore(MemoryStore(dict(grown.store.objects)))
        store.room = room
        registry = Registry(store)
        with pytest.raises(StoreError, match="no space left"):
            record(registry, 9000)
            Integrator(registry, grown.key).integrate()
        store.room = None
        if room < recorded:
            record(registry, 9000)
        Integrator(registry, grown.key).integrate_all()
        log = registry.log()
        log.check_extends(grown.checkpoint)
        found = Counter(each.record.statement for each in log.entries())
        assert (len(found), set(found.values())) == (SIZE + 1, {1})
        assert list(registry.pending()) == []
