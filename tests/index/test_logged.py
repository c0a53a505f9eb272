"""The index over a registry: it follows the log, and is made again where it does not fit it."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec
import pytest
from keypool import key_signer
from registry.logs import (
    MemoryStore,
    Watched,
    append,
    bundle,
    fill,
    new_registry,
    record,
    rewrite,
    run_id,
)

from auditkit.api.open_index import open_registry_index, project_runs
from auditkit.errors import LogError, StorageError, StoreError, StoreUnavailableError
from auditkit.index.database import index_file
from auditkit.index.logged import LogSource
from auditkit.manifest.bundle import decode_bundle
from auditkit.registry.admission import bundle_record
from auditkit.registry.authenticity import TrustedLog
from auditkit.registry.integration import Integrator
from auditkit.registry.layout import blob_key
from auditkit.registry.logkey import LogSigner
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.registry import Registry
from auditkit.registry.tiles import Tile
from auditkit.verification.log_view import LogTrust, Seen

NOBODY = LogTrust(())


@pytest.fixture(scope="session")
def key() -> LogSigner:
    return LogSigner(key_signer("ed25519"))


@pytest.fixture
def registry(key: LogSigner) -> Registry:
    return new_registry(MemoryStore(), key)


def listed(registry: Registry, cache: Path | None, trust: LogTrust = NOBODY) -> list[int | None]:
    """Return the numbers in the log of all runs that the index has, the earliest first."""
    with open_registry_index(registry, trust, cache=cache) as found:
        return [each.entry for each in project_runs(found.index, "churn")]


def database(registry: Registry, cache: Path) -> Path:
    return index_file(cache, LogSource(registry, registry.log()).identity)


def edit(registry: Registry, cache: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(database(registry, cache)) as connection:
        connection.execute(statement, values)
    connection.close()


def gets(watched: Watched) -> int:
    return sum(count for call, count in watched.calls.items() if call.startswith("get blobs/"))


def test_only_what_came_since_is_read(registry: Registry, key: LogSigner, tmp_path: Path) -> None:
    watched = Watched(registry.store)
    fill(registry, key, 300)
    assert len(listed(Registry(watched), tmp_path)) == 300
    fill(registry, key, 5, first=300)
    watched.calls.clear()
    assert listed(Registry(watched), tmp_path) == list(range(305))
    assert gets(watched) == 5
    watched.calls.clear()
    assert len(listed(Registry(watched), tmp_path)) == 305
    assert gets(watched) == 0


def test_runs_of_a_project_between_two_times(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    for number in range(6):
        record(registry, number, project="churn" if number % 2 else "other")
    Integrator(registry, key).integrate()
    with open_registry_index(registry, NOBODY, cache=tmp_path) as found:
        runs = project_runs(
            found.index, "churn", since="2026-01-01T00:00:01Z", until="2026-01-01T00:00:03Z"
        )
    assert [each.run for each in runs] == [run_id(1), run_id(3)]


def test_an_empty_registry_has_no_runs(registry: Registry, key: LogSigner, tmp_path: Path) -> None:
    assert listed(registry, tmp_path) == []
    fill(registry, key, 1)
    assert listed(registry, tmp_path) == [0]


def test_another_log_in_the_same_place_is_read_from_its_start(
    key: LogSigner, tmp_path: Path
) -> None:
    before = new_registry(MemoryStore(), key)
    fill(before, key, 3)
    assert len(listed(before, tmp_path)) == 3
    after = new_registry(MemoryStore(), key)
    fill(after, key, 2, first=7)
    assert listed(after, tmp_path) == [0, 1]


def test_a_log_that_was_rolled_back_is_read_again(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    store = registry.store
    assert isinstance(store, MemoryStore)
    fill(registry, key, 2)
    earlier = MemoryStore(dict(store.objects))
    fill(registry, key, 2, first=2)
    assert len(listed(registry, tmp_path)) == 4
    assert listed(Registry(earlier), tmp_path) == [0, 1]


@pytest.mark.parametrize(
    "state",
    [
        None,
        "",
        "{}",
        '{"origin":"another","size":2,"root":"' + "0" * 64 + '"}',
        '{"origin":"test","size":9007199254740991,"root":"' + "0" * 64 + '"}',
    ],
)
def test_an_index_whose_state_was_edited_is_made_again(
    registry: Registry, key: LogSigner, tmp_path: Path, state: str | None
) -> None:
    fill(registry, key, 3)
    listed(registry, tmp_path)
    edit(registry, tmp_path, "DELETE FROM runs WHERE position = 1")
    assert len(listed(registry, tmp_path)) == 2
    edit(registry, tmp_path, "UPDATE source SET state = ?", state)
    assert len(listed(registry, tmp_path)) == 3


def test_entries_that_the_log_has_not_are_looked_for_in_vain(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 3)
    listed(registry, tmp_path)
    checkpoint = registry.log().checkpoint
    state = {
        "origin": checkpoint.origin,
        "size": 3,
        "root": checkpoint.root.hex(),
        "missing": [3, 2**53 - 1, 1],
    }
    edit(registry, tmp_path, "UPDATE source SET state = ?", msgspec.json.encode(state).decode())
    assert listed(registry, tmp_path) == [0, 1, 2]


@pytest.mark.parametrize("value", [b"", b"\xc1", "text", 7])
@pytest.mark.parametrize("column", ["record", "facts"])
def test_rows_that_nobody_here_wrote_are_an_error_once(
    registry: Registry, key: LogSigner, tmp_path: Path, column: str, value: object
) -> None:
    fill(registry, key, 2)
    listed(registry, tmp_path)
    edit(registry, tmp_path, f"UPDATE runs SET {column} = ? WHERE position = 0", value)
    with pytest.raises(StorageError, match="index could not be used"):
        listed(registry, tmp_path)
    assert listed(registry, tmp_path) == [0, 1]


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_an_index_that_was_cut_off_is_made_again(
    registry: Registry, key: LogSigner, tmp_path: Path, size: int
) -> None:
    fill(registry, key, 3)
    listed(registry, tmp_path)
    os.truncate(database(registry, tmp_path), size)
    assert listed(registry, tmp_path) == [0, 1, 2]


def test_a_store_that_dies_leaves_an_index_that_goes_on(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 4)
    listed(registry, tmp_path)
    fill(registry, key, 60, first=4)
    for seconds in (2, 5, 9, 30):
        with pytest.raises(StoreUnavailableError):
            listed(Registry(Silent(registry.store, after=seconds)), tmp_path)
    assert len(listed(registry, tmp_path)) == 64


def test_a_bundle_that_was_missing_is_found_later(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    store = registry.store
    assert isinstance(store, MemoryStore)
    fill(registry, key, 3)
    name = blob_key(registry.log().entry(1).record.blob)
    kept = store.objects.pop(name)
    with open_registry_index(registry, NOBODY, cache=tmp_path) as found:
        assert (found.index.size, found.index.unreadable) == (2, 1)
    store.objects[name] = b"another"
    assert listed(registry, tmp_path) == [0, 2]
    store.objects[name] = kept
    assert listed(registry, tmp_path) == [0, 1, 2]
    with open_registry_index(registry, NOBODY, cache=tmp_path) as found:
        assert found.index.unreadable == 0


def test_a_bundle_that_does_not_hold_what_was_logged_is_not_listed(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    other = bundle(9)
    registry.store.put_new(blob_key(bundle_record(other).blob), other)
    logged = msgspec.structs.replace(bundle_record(bundle(1)), blob=bundle_record(other).blob)
    append(registry, key, [logged.encode()])
    with open_registry_index(registry, NOBODY, cache=tmp_path) as found:
        assert (found.index.size, found.index.unreadable) == (0, 1)


def test_entries_that_do_not_add_up_are_refused_and_leave_nothing_behind(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    store = registry.store
    assert isinstance(store, MemoryStore)
    fill(registry, key, 2)
    listed(registry, tmp_path)
    fill(registry, key, 2, first=2)
    kept = dict(store.objects)
    rewrite(store, Tile(None, 0, 4), 3)
    with pytest.raises(LogError):
        listed(registry, tmp_path)
    store.objects = kept
    assert listed(registry, tmp_path) == [0, 1, 2, 3]


def test_a_stranger_s_log_is_not_listed(registry: Registry, key: LogSigner, tmp_path: Path) -> None:
    fill(registry, key, 1)
    origin = registry.log().checkpoint.origin
    stranger = LogSigner(key_signer("ed25519", 1))
    with pytest.raises(LogError, match="not trusted"):
        listed(registry, tmp_path, LogTrust((TrustedLog("other/log", key.keys(origin)),)))
    with pytest.raises(LogError, match="not signed by a trusted key"):
        listed(registry, tmp_path, LogTrust((TrustedLog(origin, stranger.keys(origin)),)))
    assert listed(registry, tmp_path, LogTrust((TrustedLog(origin, key.keys(origin)),))) == [0]


def test_a_rolled_back_log_is_not_listed_where_it_was_seen(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    store = registry.store
    assert isinstance(store, MemoryStore)
    fill(registry, key, 2)
    earlier = Registry(MemoryStore(dict(store.objects)))
    fill(registry, key, 2, first=2)
    log = registry.log()
    logs = (TrustedLog(log.checkpoint.origin, key.keys(log.checkpoint.origin)),)
    brought = LogTrust(logs, (Seen(log.checkpoint, "from a report"),))
    with pytest.raises(LogError, match="fewer than the 4"):
        listed(earlier, tmp_path, brought)
    remembering = LogTrust(logs, memory=CheckpointMemory(tmp_path / "seen"))
    assert len(listed(registry, tmp_path, remembering)) == 4
    with pytest.raises(LogError, match="fewer than the 4"):
        listed(earlier, tmp_path, remembering)


def test_other_entries_than_manifests_are_passed_over(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    first, second = bundle(1), bundle(1, key=1)
    assert decode_bundle(first).payload == decode_bundle(second).payload
    for data in (first, second):
        registry.store.put_new(blob_key(bundle_record(data).blob), data)
    entries = [bundle_record(first), bundle_record(second, addendum=True)]
    append(registry, key, [each.encode() for each in entries])
    with open_registry_index(registry, NOBODY, cache=tmp_path) as found:
        assert (found.index.size, found.index.unreadable) == (1, 0)


class Silent(Watched):
    """A store that can no longer be reached after some requests."""

    def __init__(self, store: object, *, after: int) -> None:
        super().__init__(store)  # type: ignore[arg-type]
        self.left = after

    def get(self, key: str, *, limit: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise StoreUnavailableError("no answer", path=key)
        return self.store.get(key, limit=limit)


def test_what_is_refused_is_unreadable_and_not_fatal(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 2)

    class Refusing(Watched):
        def get(self, key: str, *, limit: int) -> bytes:
            if key.startswith("blobs/") and key.endswith(refused):
                raise StoreError("permission denied", path=key)
            return self.store.get(key, limit=limit)

    refused = registry.log().entry(0).record.blob[-62:]
    assert listed(Registry(Refusing(registry.store)), tmp_path) == [1]
    assert listed(registry, tmp_path) == [0, 1]
