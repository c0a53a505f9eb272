"""A cosigner never vouches for two histories of one log, whatever the log's keeper does."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from keypool import key_signer
from racing import in_threads
from registry.logs import DiedError, MemoryStore, Watched, append, fill, new_registry, record

from auditkit.api.cosign import Cosigner, Cosigning, attach, cosign
from auditkit.errors import KeyFileError, LogError, StoreError, UsageError
from auditkit.registry.authenticity import TrustedLog, authenticate
from auditkit.registry.checkpoint import Checkpoint, SignedCheckpoint, decode_checkpoint
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.note import MAX_SIGNATURES, Note, NoteSignature
from auditkit.registry.registry import Registry
from auditkit.signing.keys import Algorithm
from auditkit.verification.log_view import LogTrust, Seen

NAME = "witness.example/w1"
TIME = 1_790_000_000


def witness(folder: Path, algorithm: Algorithm = "ed25519", name: str = NAME) -> Cosigner:
    signer = key_signer(algorithm, 5)
    return Cosigner(signer, name, CheckpointMemory(folder / name.replace("/", "-")), lambda: TIME)


def trust(registry: Registry, key: LogSigner, *earlier: Checkpoint) -> LogTrust:
    log = key.trusted(registry.log().checkpoint.origin)
    return LogTrust((log,), tuple(Seen(each, "kept") for each in earlier))


def refused(result: Cosigning, words: str) -> bool:
    failed = [each for each in result.findings if each.status == "failed"]
    return result.signed is None and len(failed) == 1 and words in (failed[0].detail or "")


@pytest.mark.parametrize("algorithm", ["ed25519", "ml-dsa-44"])
def test_what_it_signs_counts_for_a_policy(
    registry: Registry, key: LogSigner, tmp_path: Path, algorithm: Algorithm
) -> None:
    fill(registry, key, 3)
    cosigner = witness(tmp_path, algorithm)
    result = cosign(registry, trust(registry, key), cosigner)
    assert [each.status for each in result.findings] == ["passed", "skipped"]
    log = key.trusted(registry.log().checkpoint.origin)
    required = TrustedLog(log.origin, log.keys, (cosigner.key,), needed=1)
    _, cosignatures = authenticate(registry.log().signed, [required])
    assert [(each.name, each.time) for each in cosignatures] == [(NAME, TIME)]


def test_it_signs_what_extends_the_last_one(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    for count in range(3):
        fill(registry, key, 2, first=2 * count)
        result = cosign(registry, trust(registry, key), witness(tmp_path))
        assert result.signed is not None
        again = cosign(registry, trust(registry, key), witness(tmp_path))
        assert again.signed == result.signed
    assert len(registry.log().signed.note.signatures) == 2
    assert "extends the checkpoint of 6 entries" in (again.findings[-1].detail or "")


def test_it_refuses_a_smaller_log(store: MemoryStore, key: LogSigner, tmp_path: Path) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 2)
    before = dict(store.objects)
    fill(registry, key, 1, first=2)
    cosign(registry, trust(registry, key), witness(tmp_path))
    store.objects.clear()
    store.objects |= before
    result = cosign(registry, trust(registry, key), witness(tmp_path))
    assert refused(result, "the log has 2 entries, fewer than the 3 it had")
    assert store.objects == before


@pytest.mark.parametrize("grown", [0, 1, 300])
def test_it_refuses_another_history(
    store: MemoryStore, key: LogSigner, tmp_path: Path, grown: int
) -> None:
    registry = new_registry(store, key)
    before = dict(store.objects)
    fill(registry, key, 3)
    cosign(registry, trust(registry, key), witness(tmp_path))
    store.objects.clear()
    store.objects |= before
    fill(registry, key, 3 + grown, first=100)
    result = cosign(registry, trust(registry, key), witness(tmp_path))
    assert refused(result, "not cosigned: the log of")


def test_it_refuses_what_does_not_extend_a_checkpoint_it_was_given(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 2)
    origin = registry.log().checkpoint.origin
    for kept in (Checkpoint(origin, 2, bytes(32)), Checkpoint("another/log", 1, bytes(32))):
        result = cosign(registry, trust(registry, key, kept), witness(tmp_path))
        assert refused(result, "does not extend")
    assert witness(tmp_path).memory.recall(origin) is None


def test_it_refuses_whom_it_does_not_know(registry: Registry, tmp_path: Path) -> None:
    stranger = LogSigner(key_signer("ed25519", 9))
    result = cosign(registry, trust(registry, stranger), witness(tmp_path))
    assert refused(result, "not signed by a trusted key")
    unknown = cosign(registry, LogTrust(()), witness(tmp_path))
    assert (unknown.status, unknown.signed) == ("indeterminate", None)


def test_it_refuses_tiles_that_do_not_add_up(
    store: MemoryStore, key: LogSigner, tmp_path: Path
) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 3)
    store.objects["tile/0/000.p/3"] = bytes(96)
    for name in [each for each in store.objects if each.startswith("staging/")]:
        del store.objects[name]
    assert refused(cosign(registry, trust(registry, key), witness(tmp_path)), "do not add up")


def test_a_cosigner_that_stops_has_signed_no_more_than_it_remembers(
    store: MemoryStore, key: LogSigner, tmp_path: Path
) -> None:
    registry = new_registry(store, key)
    fill(registry, key, 1)
    known = trust(registry, key)
    total = Watched(MemoryStore(dict(store.objects)))
    cosign(Registry(total), known, witness(tmp_path / "counted"))
    for request in range(1, total.total + 1):
        for after in (False, True):
            folder, own = tmp_path / f"{request}-{after}", MemoryStore(dict(store.objects))
            with pytest.raises(DiedError):
                cosign(Registry(Watched(own, request, after)), known, witness(folder))
            remembered = witness(folder).memory.recall(registry.log().checkpoint.origin)
            assert own.objects == store.objects or remembered is not None
            assert cosign(Registry(own), known, witness(folder)).signed is not None


def test_of_two_histories_at_once_one_is_signed(key: LogSigner, tmp_path: Path) -> None:
    """The keeper shows each of sixteen runs of one cosigner another tree of the same size."""
    first = MemoryStore()
    origin_of = new_registry(first, key)
    stores = [MemoryStore(dict(first.objects)) for _ in range(16)]
    registries = [Registry(each) for each in stores]
    for number, each in enumerate(registries):
        append(each, key, [f"history {number}".encode()])
    known = trust(origin_of, key)
    results = in_threads(lambda number: cosign(registries[number], known, witness(tmp_path)))
    assert sum(each.signed is not None for each in results) == 1


def test_integration_goes_on_beside_it(store: MemoryStore, key: LogSigner, tmp_path: Path) -> None:
    registry = new_registry(store, key)
    stop = threading.Event()

    def vouch() -> None:
        clock = itertools.count(TIME)
        own = witness(tmp_path)
        while not stop.is_set():
            cosign(registry, trust(registry, key), replace(own, clock=clock.__next__))

    thread = threading.Thread(target=vouch)
    thread.start()
    try:
        for number in range(10):
            record(registry, number)
            Integrator(registry, key).integrate_all()
    finally:
        stop.set()
        thread.join()
    assert registry.log().checkpoint.size == 10


def test_cosignatures_made_elsewhere_are_attached(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 2)
    known = trust(registry, key)
    before = registry.log().signed
    made = cosign(registry, known, witness(tmp_path), publish=False).signed
    assert made is not None
    assert registry.log().signed == before
    assert attach(registry, decode_checkpoint(made.encode()), known.logs) == 1
    assert attach(registry, made, known.logs) == 0
    assert registry.log().signed == made
    fill(registry, key, 1, first=2)
    with pytest.raises(UsageError, match="at another checkpoint"):
        attach(registry, made, known.logs)


def test_a_false_cosignature_is_not_attached(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 2)
    log = registry.log()
    cosigner = witness(tmp_path)
    required = TrustedLog(
        log.checkpoint.origin, key.trusted(log.checkpoint.origin).keys, (cosigner.key,), 1
    )
    false = NoteSignature(NAME, cosigner.key.key_id, bytes(72))
    note = Note(log.checkpoint.text, (*log.signed.note.signatures, false))
    with pytest.raises(LogError, match="does not verify"):
        attach(registry, SignedCheckpoint(log.checkpoint, note), [required])
    assert registry.log().signed == log.signed


def test_a_checkpoint_has_room_for_so_many(
    registry: Registry, key: LogSigner, tmp_path: Path
) -> None:
    fill(registry, key, 1)
    known = trust(registry, key)
    for number in range(MAX_SIGNATURES - 1):
        cosign(registry, known, witness(tmp_path, name=f"w{number}"))
    with pytest.raises(LogError, match="takes no more"):
        cosign(registry, known, witness(tmp_path, name="one-more"))
    assert len(registry.log().signed.note.signatures) == MAX_SIGNATURES


def test_who_cannot_cosign(registry: Registry, key: LogSigner, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="not a key of a cosigner"):
        cosign(registry, trust(registry, key), witness(tmp_path, "ecdsa-p256"))
    (tmp_path / "w").write_text("in the way")
    own = Cosigner(key_signer("ed25519"), "w", CheckpointMemory(tmp_path / "w"))
    with pytest.raises(StoreError, match="folder cannot be made"):
        cosign(registry, trust(registry, key), own)
