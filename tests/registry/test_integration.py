"""How a log grows: each statement once, in a few requests, by several at the same time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from keypool import key_signer
from registry.logs import (
    MemoryStore,
    Watched,
    bundle,
    fill,
    new_registry,
    record,
)
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from auditkit.errors import KeyFileError, LogError, TargetNotFoundError, UsageError
from auditkit.registry.admission import bundle_record, token_record
from auditkit.registry.creation import create
from auditkit.registry.integration import Integrator
from auditkit.registry.layout import blob_key, pending_key
from auditkit.registry.log import Entry
from auditkit.registry.logkey import LogSigner
from auditkit.registry.registry import Registry
from auditkit.registry.submission import put_blob, submit
from auditkit.stores.directory import DirectoryStore


def entries(registry: Registry) -> list[Entry]:
    return list(registry.log().entries())


def test_a_registry_is_made_once(store: MemoryStore, key: LogSigner) -> None:
    with pytest.raises(TargetNotFoundError, match="no registry"):
        Registry(store).log()
    (verifier,) = create(store, "churn", key)
    checkpoint = Registry(store).log().checkpoint
    assert (checkpoint.origin, checkpoint.size) == (verifier.name, 0)
    assert verifier.name.startswith("churn/")
    assert entries(Registry(store)) == []
    with pytest.raises(UsageError, match="already"):
        create(store, "churn", key)
    assert create(MemoryStore(), "churn", key)[0].name != verifier.name


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a/b", "../a", "a\n", "x" * 129])
def test_what_cannot_name_a_registry(store: MemoryStore, key: LogSigner, name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        create(store, name, key)
    with pytest.raises(KeyFileError):
        create(store, "churn", LogSigner(key_signer("rsa-pss")))
    assert store.objects == {}


def test_what_is_recorded_waits_and_is_integrated(
    registry: Registry, store: MemoryStore, key: LogSigner
) -> None:
    entry = record(registry, 1)
    assert list(registry.pending()) == [entry.id]
    assert registry.receipt(entry.id) is None
    result = Integrator(registry, key).integrate()
    assert result.entries == (Entry(0, entry),)
    assert (result.contended, result.more, result.refused) == (False, False, ())
    assert list(registry.pending()) == []
    assert entries(registry) == [Entry(0, entry)]
    assert registry.blob(entry.blob) == bundle(1)
    assert registry.log().entry(0).record == entry
    before = dict(store.objects)
    assert Integrator(registry, key).integrate().entries == ()
    assert store.objects == before


@pytest.mark.parametrize("total", [1, 255, 256, 257, 513])
def test_other_programs_read_the_log(tmp_path: Path, key: LogSigner, total: int) -> None:
    registry = new_registry(DirectoryStore(tmp_path), key)
    known = [entry.record for entry in fill(registry, key, total - 1)]
    known.append(record(registry, total))
    Integrator(registry, key).integrate()
    assert [each.record for each in entries(registry)] == known
    peer = TilesReader(LocalBackend(tmp_path))
    peer.set_size(total)
    checkpoint = registry.log().checkpoint
    assert peer.calculate_root_hash() == checkpoint.root
    assert peer.get_entry(total - 1) == known[-1].encode()
    proof = peer.get_inclusion_proof(total - 1, total)
    assert tuple(proof.node_hashes) == registry.log().receipt(total - 1).proof


def test_the_same_statement_is_logged_once(registry: Registry, key: LogSigner) -> None:
    entry = record(registry, 1)
    assert record(registry, 1) == entry
    fill(registry, key, 2, first=10)
    first = registry.receipt(entry.id)
    record(registry, 1)
    assert list(registry.pending()) == [entry.id]
    result = Integrator(registry, key).integrate()
    assert result.entries == ()
    assert list(registry.pending()) == []
    assert registry.receipt(entry.id) == first
    assert [each.record.id for each in entries(registry)].count(entry.id) == 1


@pytest.mark.parametrize("integrated", [False, True])
def test_another_signature_over_the_same_payload_is_an_addendum(
    registry: Registry, key: LogSigner, integrated: bool
) -> None:
    first = record(registry, 1)
    if integrated:
        Integrator(registry, key).integrate()
    second = record(registry, 1, key=2)
    assert first.statement == second.statement
    Integrator(registry, key).integrate()
    found = [each.record for each in entries(registry)]
    assert [(each.type, each.blob) for each in sorted(found, key=lambda each: each.type)] == [
        ("addendum", second.blob),
        ("manifest", first.blob),
    ]
    record(registry, 1, key=2)
    assert Integrator(registry, key).integrate().entries == ()


def test_two_payloads_of_one_run_are_both_recorded(registry: Registry, key: LogSigner) -> None:
    both = record(registry, 1), record(registry, 1, word="another")
    Integrator(registry, key).integrate()
    assert {each.record for each in entries(registry)} == set(both)


def test_tokens_are_recorded(registry: Registry, key: LogSigner) -> None:
    manifest = record(registry, 1)
    token = token_record(b"token", manifest.statement)
    put_blob(registry, b"token")
    submit(registry, token)
    Integrator(registry, key).integrate()
    assert token in {each.record for each in entries(registry)}


def test_batches_are_bounded_and_in_the_order_of_their_times(
    registry: Registry, key: LogSigner
) -> None:
    for number in range(5):
        record(registry, number)
    integrator = Integrator(registry, key, batch=3)
    first = integrator.integrate()
    assert (len(first.entries), first.more) == (3, True)
    second = integrator.integrate()
    assert (len(second.entries), second.more) == (2, False)
    for batch in (first, second):
        times = [each.record.time for each in batch.entries]
        assert times == sorted(times)


def test_what_is_refused_stays_and_hinders_nobody(
    registry: Registry, store: MemoryStore, key: LogSigner
) -> None:
    good = record(registry, 1)
    wrong = bundle_record(bundle(2))
    other = bundle_record(bundle(3))
    store.objects |= {
        pending_key("0" * 64): b"not a record",
        pending_key("1" * 64): good.encode(),
        pending_key("2" * 64): b"x" * 5000,
        pending_key(wrong.id): wrong.encode(),
        pending_key(other.id): other.encode(),
        blob_key(other.blob): b"swapped",
        "pending/odd": b"",
    }
    result = Integrator(registry, key, batch=2).integrate()
    assert [each.record for each in result.entries] == [good]
    reasons = {each.entry_id: each.reason for each in result.refused}
    assert set(reasons) == {"0" * 64, "1" * 64, "2" * 64, wrong.id, other.id, "odd"}
    assert "missing" in reasons[wrong.id]
    assert "differs" in reasons[other.id]
    assert set(registry.pending()) == set(reasons)
    store.objects[blob_key(other.blob)] = bundle(3)
    assert [each.record for each in Integrator(registry, key).integrate().entries] == [other]


def test_what_lies_where_something_belongs_is_put_right(
    registry: Registry, store: MemoryStore, key: LogSigner
) -> None:
    """Whoever can write to the store can put objects where ours will go."""
    entry = bundle_record(bundle(1))
    rehearsal = MemoryStore(dict(store.objects))
    record(Registry(rehearsal), 1)
    Integrator(Registry(rehearsal), key).integrate()
    made = rehearsal.objects.keys() - store.objects.keys()
    assert {each.partition("/")[0] for each in made} == {"blobs", "tile", "staging", "receipts"}
    store.objects |= dict.fromkeys(made, b"planted")
    store.objects[pending_key(entry.id)] = b"planted"
    assert record(registry, 1) == entry
    Integrator(registry, key).integrate()
    assert {**store.objects} == rehearsal.objects


def test_an_integration_takes_few_requests(store: MemoryStore, key: LogSigner) -> None:
    """Apart from the bundle's own blob. Nothing is gained by caching between integrations."""
    watched = Watched(store)
    registry = new_registry(watched, key)
    fill(registry, key, 254)
    most = 0
    for number in range(1000, 1005):  # over the end of a tile
        record(registry, number)
        watched.calls.clear()
        assert len(Integrator(registry, key).integrate().entries) == 1
        blobs = sum(n for what, n in watched.calls.items() if "blobs/" in what)
        most = max(most, watched.total - blobs)
    assert most <= 14, Counter(watched.calls)


def test_many_integrate_at_once_and_nothing_is_lost(tmp_path: Path, key: LogSigner) -> None:
    registry = new_registry(DirectoryStore(tmp_path), key)
    numbers = count()

    def recorder(_: int) -> list[str]:
        return [record(registry, next(numbers)).id for _ in range(4)]

    def integrator(_: int) -> int:
        contended = 0
        for _ in range(12):
            contended += Integrator(registry, key, batch=5).integrate().contended
        return contended

    with ThreadPoolExecutor(20) as pool:
        integrators = pool.map(integrator, range(4))
        acknowledged = [each for ids in pool.map(recorder, range(16)) for each in ids]
        assert sum(integrators) >= 0
    while Integrator(registry, key).integrate().more:
        pass
    found = [each.record.id for each in entries(registry)]
    assert sorted(found) == sorted(acknowledged)
    assert all(registry.receipt(each) is not None for each in acknowledged)
    Integrator(registry, key).clean()
    assert len(list(registry.store.list("staging/"))) == 1


def test_a_log_is_integrated_with_its_own_key_only(registry: Registry, key: LogSigner) -> None:
    record(registry, 1)
    stranger = LogSigner(key_signer("ed25519", 5))
    with pytest.raises(LogError, match="not signed by a trusted key"):
        Integrator(registry, stranger).integrate()
    assert Integrator(registry, key).integrate().entries
