"""Whoever can write to the store edits, drops, rolls back, forks: nobody is deceived."""

from __future__ import annotations

from pathlib import Path

import pytest
from keypool import key_signer
from registry.logs import MemoryStore, fill, new_registry, record, rewrite, without_staging

from auditkit.errors import LogError
from auditkit.merkle import EMPTY_ROOT
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.registry import Registry
from auditkit.registry.tiles import Tile


@pytest.fixture
def grown(registry: Registry, key: LogSigner) -> Registry:
    fill(registry, key, 20)
    fill(registry, key, 300, first=20)
    return registry


@pytest.fixture
def memory(tmp_path: Path) -> CheckpointMemory:
    return CheckpointMemory(tmp_path / "state" / "logs")


def test_a_rewritten_entry_has_no_proof(grown: Registry, store: MemoryStore) -> None:
    without_staging(store)
    rewrite(store, Tile(None, 0), 17)
    with pytest.raises(LogError, match="entry 17"):
        grown.log().receipt(17)
    with pytest.raises(LogError, match="do not add up"):
        list(grown.log().entries())
    assert grown.log().entry(18).index == 18


@pytest.mark.parametrize(
    ("tile", "index"), [("tile/0/000", 100), ("tile/1/000.p/1", 300), ("tile/0/001.p/64", 100)]
)
def test_an_edited_tile_proves_nothing(
    grown: Registry, store: MemoryStore, tile: str, index: int
) -> None:
    without_staging(store)
    data = bytearray(store.objects[tile])
    data[5] ^= 1
    store.objects[tile] = bytes(data)
    with pytest.raises(LogError, match="proof does not lead"):
        grown.log().receipt(index)


@pytest.mark.parametrize("tile", ["tile/0/001.p/64", "tile/1/000.p/1", "tile/entries/001.p/64"])
@pytest.mark.parametrize("damage", ["edited", "gone", "longer"])
def test_nothing_is_appended_to_a_damaged_edge(
    grown: Registry, store: MemoryStore, key: LogSigner, tile: str, damage: str
) -> None:
    without_staging(store)
    data = store.objects.pop(tile)
    if damage != "gone":
        changed = data[:40] + bytes([data[40] ^ 1]) + data[41:] if len(data) > 40 else b"?" * 32
        store.objects[tile] = changed if damage == "edited" else data + data
    waiting = record(grown, 1000)
    before = store.objects["checkpoint"]
    with pytest.raises(LogError):
        Integrator(grown, key).integrate()
    assert store.objects["checkpoint"] == before
    store.objects[tile] = data
    assert [each.record for each in Integrator(grown, key).integrate().entries] == [waiting]


def test_a_registry_that_was_rolled_back_is_not_appended_to(
    grown: Registry, store: MemoryStore, key: LogSigner, memory: CheckpointMemory
) -> None:
    integrator = Integrator(grown, key, memory)
    earlier = dict(store.objects)
    record(grown, 1000)
    integrator.integrate()
    store.objects = earlier
    record(grown, 1001)
    with pytest.raises(LogError, match="320 entries, fewer than the 321"):
        integrator.integrate()
    assert Integrator(grown, key).integrate().entries, "who has no memory cannot know"
    with pytest.raises(LogError, match="changed or dropped"):
        integrator.integrate()


def test_a_fork_is_refused_by_who_saw_the_other_branch(
    grown: Registry, store: MemoryStore, key: LogSigner, memory: CheckpointMemory
) -> None:
    branch = Registry(MemoryStore(dict(store.objects)))
    seen = grown.log().checkpoint
    fill(grown, key, 3, first=2000)
    fill(branch, key, 5, first=3000)
    for each in (grown, branch):
        each.log().check_extends(seen)
    assert memory.check(grown.log()) is None
    memory.remember(grown.log().signed)
    with pytest.raises(LogError, match="changed or dropped"):
        memory.check(branch.log())
    with pytest.raises(LogError, match="changed or dropped"):
        branch.log().check_extends(grown.log().checkpoint)


def test_two_checkpoints_of_one_size_are_a_fork(
    grown: Registry, store: MemoryStore, key: LogSigner, memory: CheckpointMemory
) -> None:
    branch = Registry(MemoryStore(dict(store.objects)))
    fill(grown, key, 1, first=2000)
    fill(branch, key, 1, first=3000)
    memory.remember(grown.log().signed)
    with pytest.raises(LogError, match="differ"):
        memory.remember(branch.log().signed)


def test_the_checkpoint_of_another_log_is_not_this_one(
    grown: Registry, store: MemoryStore, key: LogSigner
) -> None:
    other = new_registry(MemoryStore(), key, "other")
    fill(other, key, 20)
    with pytest.raises(LogError, match="not of 'other/"):
        other.log().check_extends(grown.log().checkpoint)
    record(grown, 1000)
    assert isinstance(other.store, MemoryStore)
    origin = grown.log().checkpoint.origin
    store.objects["checkpoint"] = other.store.objects["checkpoint"]
    with pytest.raises(LogError, match="not trusted"):
        Integrator(grown, key, origin=origin).integrate()
    fill(other, key, 1, first=7000)
    store.objects["checkpoint"] = other.store.objects["checkpoint"]
    without_staging(store)
    with pytest.raises(LogError):
        Integrator(grown, key).integrate()


def test_a_checkpoint_without_its_key_is_refused(grown: Registry, store: MemoryStore) -> None:
    stranger = LogSigner(key_signer("ed25519", 9))
    record(grown, 1000)
    with pytest.raises(LogError, match="not signed by a trusted key"):
        Integrator(grown, stranger).integrate()
    store.objects["checkpoint"] = stranger.sign(grown.log().checkpoint).encode()
    with pytest.raises(LogError, match="not signed by a trusted key"):
        Integrator(grown, LogSigner(key_signer("ed25519"))).integrate()


def test_a_truncated_log_does_not_extend_what_was_seen(
    grown: Registry, store: MemoryStore, key: LogSigner
) -> None:
    seen = grown.log().checkpoint
    store.objects["checkpoint"] = key.sign(Checkpoint(seen.origin, 0, EMPTY_ROOT)).encode()
    with pytest.raises(LogError, match="fewer than the 320"):
        grown.log().check_extends(seen)


def test_entries_since_a_checkpoint_continue_it(grown: Registry, key: LogSigner) -> None:
    seen = grown.log().checkpoint
    fill(grown, key, 300, first=5000)
    log = grown.log()
    assert [each.index for each in log.entries(seen)] == list(range(320, 620))
    assert list(log.entries(log.checkpoint)) == []
    with pytest.raises(LogError):
        next(log.entries(Checkpoint(seen.origin, 320, bytes(32))))


def test_what_is_remembered_only_grows(
    grown: Registry, key: LogSigner, memory: CheckpointMemory
) -> None:
    first = grown.log().signed
    assert memory.recall(first.checkpoint.origin) is None
    fill(grown, key, 1, first=5000)
    memory.remember(grown.log().signed)
    memory.remember(first)
    assert memory.recall(first.checkpoint.origin) == grown.log().signed
    (file,) = (each for each in memory.folder.iterdir() if not each.name.startswith("."))
    file.write_bytes(b"garbage")
    with pytest.raises(LogError, match="remembered is damaged"):
        memory.check(grown.log())
