"""Recording evidence: everything once, safely again, and never at the expense of the training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from keypool import key_signer
from projects import capture_sample
from registry.logs import MemoryStore, Watched, new_registry

from auditkit.api.approve import approve
from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.api.record import Recording, record, unrecorded
from auditkit.api.sign import sign
from auditkit.datasets.base import Reference
from auditkit.digests import sha256_hex
from auditkit.errors import (
    EnvelopeError,
    LogError,
    SidecarError,
    StoreError,
    StoreUnavailableError,
    TargetNotFoundError,
    UsageError,
)
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.receipt import decode_receipt
from auditkit.registry.registry import Registry
from auditkit.stores.evidence import EvidenceFolder

KEY = LogSigner(key_signer("ed25519", 7))


class Unreachable(MemoryStore):
    """A store that cannot be reached."""

    def put_new(self, *_: object, **__: object) -> bool:
        raise StoreUnavailableError("no route to host")

    def read_head(self, *_: object) -> None:
        raise StoreUnavailableError("no route to host")


@pytest.fixture
def registry() -> Registry:
    return new_registry(MemoryStore(), KEY)


@pytest.fixture
def recording(registry: Registry) -> Recording:
    """The registry, whose log is trusted, without its key."""
    return Recording(registry, (KEY.trusted(registry.log().checkpoint.origin),))


@pytest.fixture
def with_key(recording: Recording) -> Recording:
    return replace(recording, integrator=Integrator(recording.registry, KEY))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Evidence with two signatures, an approval and a token file."""
    capture_sample(tmp_path, key_signer("ed25519"))
    (folder,) = (tmp_path / "evidence").iterdir()
    sign(folder, key_signer("ecdsa-p256"))
    approve(folder, [key_signer("ed25519", 3)], meaning="approved", name="Jane", role="owner")
    (folder / "manifest.1.tsr").write_bytes(b"token")
    return folder


def test_everything_is_stored_and_logged(with_key: Recording, folder: Path) -> None:
    result = record(folder, with_key)
    entries = [each.record for each in with_key.registry.log().entries()]
    assert sorted(each.type for each in entries) == ["addendum", "addendum", "approval", "manifest"]
    assert result.entries == 4
    stored = {
        sha256_hex(path.read_bytes()) for path in folder.iterdir() if path.suffix != ".tlog-proof"
    }
    for digest in stored:
        assert with_key.registry.blob(digest)
    manifest = next(each for each in entries if each.type == "manifest")
    assert (manifest.run, manifest.statement) == (result.run, result.manifest)
    assert {each.statement for each in entries if each.type == "addendum"} == {manifest.statement}


def test_the_receipt_lies_beside_the_bundle(with_key: Recording, folder: Path) -> None:
    result = record(folder, with_key)
    assert result.receipt_path == folder / "manifest.tlog-proof"
    receipt = decode_receipt(result.receipt_path.read_bytes())
    assert receipt.verified().statement == result.manifest
    assert EvidenceFolder.open(folder).bundle_names[0] == "manifest.sigstore.json"


def test_without_the_key_it_waits_and_the_receipt_comes_later(
    recording: Recording, folder: Path
) -> None:
    assert record(folder, recording).receipt is None
    assert len(list(recording.registry.pending())) == 4
    assert unrecorded(folder.parent) == [folder]
    Integrator(recording.registry, KEY).integrate()
    assert record(folder, recording).receipt is not None
    assert list(recording.registry.pending()) == []
    assert unrecorded(folder.parent) == []


def test_recording_again_changes_nothing(with_key: Recording, folder: Path) -> None:
    first = record(folder, with_key)
    store = with_key.registry.store
    assert isinstance(store, MemoryStore)
    before = dict(store.objects)
    again = record(folder, with_key)
    assert store.objects == before
    assert again == first


def test_a_receipt_that_nobody_trusted_signed_does_not_count(
    recording: Recording, folder: Path
) -> None:
    """Otherwise whoever can write to the store could keep a run out of the log."""
    record(folder, recording)
    Integrator(recording.registry, KEY).integrate()
    for other in (replace(recording, logs=()), replace(recording, logs=(_stranger(),))):
        record(folder, other)
        assert len(list(recording.registry.pending())) == 4
        Integrator(recording.registry, KEY).integrate()
        assert recording.registry.log().checkpoint.size == 4


def _stranger():
    return LogSigner(key_signer("ed25519", 8)).trusted("someone/else")


def test_a_further_signature_is_recorded_later(with_key: Recording, folder: Path) -> None:
    record(folder, with_key)
    sign(folder, key_signer("ed25519", 4))
    record(folder, with_key)
    assert with_key.registry.log().checkpoint.size == 5


def test_personal_data_and_patches_are_not_locked_away(recording: Recording, folder: Path) -> None:
    kept: dict[str, bool] = {}

    class Remembering(MemoryStore):
        def put_new(self, key: str, content: bytes, *, retain: bool = False) -> bool:
            kept[sha256_hex(content)] = retain
            return super().put_new(key, content, retain=retain)

    record(folder, replace(recording, registry=new_registry(Remembering(), KEY)))
    locked = {
        path.name.partition(".")[2]: kept[sha256_hex(path.read_bytes())]
        for path in folder.iterdir()
        if not path.name.startswith("approval")
    }
    assert locked["inventory.parquet"]
    assert locked["sigstore.json"]
    assert not locked["blocks.parquet"]
    (approval,) = folder.glob("approval.*.sigstore.json")
    assert not kept[sha256_hex(approval.read_bytes())]


def test_what_is_damaged_is_not_recorded(recording: Recording, folder: Path) -> None:
    sidecar = folder / "train.inventory.parquet"
    good = sidecar.read_bytes()
    sidecar.write_bytes(good[:-1] + b"?")
    with pytest.raises(SidecarError, match="differs"):
        record(folder, recording)
    sidecar.unlink()
    with pytest.raises(SidecarError, match="missing"):
        record(folder, recording)
    sidecar.write_bytes(good)
    (folder / "manifest.00000000.sigstore.json").write_bytes(b"{}")
    with pytest.raises((EnvelopeError, LogError)):
        record(folder, recording)
    assert list(recording.registry.pending()) == []


def test_unsigned_evidence_is_not_recorded(recording: Recording, tmp_path: Path) -> None:
    result = capture_run(replace(options(tmp_path), signers=()))
    with pytest.raises(UsageError, match="not signed"):
        record(result.path, recording)
    with pytest.raises(UsageError, match="unsigned"):
        capture_run(replace(options(tmp_path, recording), signers=()))


def options(root: Path, recording: Recording | None = None) -> CaptureOptions:
    (root / "data.csv").write_text("a\n1\n")
    return CaptureOptions(
        project="sample",
        root=root,
        signers=(key_signer("ed25519"),),
        evidence_dir=root / "evidence",
        recording=recording,
        datasets=(DatasetRequest(name="data", reference=Reference("data.csv"), base=root),),
    )


def test_a_capture_records_at_once(with_key: Recording, tmp_path: Path) -> None:
    result = capture_run(options(tmp_path, with_key))
    assert result.recorded is not None
    assert result.recorded.receipt is not None
    assert unrecorded(tmp_path / "evidence") == []


def test_a_registry_that_cannot_be_reached_keeps_nobody_from_going_on(tmp_path: Path) -> None:
    recording = Recording(Registry(Unreachable()))
    result = capture_run(options(tmp_path, recording))
    assert (result.recorded, result.problems) == (None, ())
    assert any("auditkit record --pending" in each for each in result.warnings)
    assert any("does not answer" in each for each in result.warnings)
    assert unrecorded(tmp_path / "evidence") == [result.path]
    with pytest.raises(StoreError):
        record(result.path, recording)


def test_a_recording_gives_up_when_its_time_is_over(recording: Recording, folder: Path) -> None:
    watched = Watched(recording.registry.store)
    with pytest.raises(StoreUnavailableError, match="longer than 0 seconds"):
        record(folder, replace(recording, registry=Registry(watched), seconds=0.0))
    assert not any("pending/" in what for what in watched.calls)


def test_before_a_run_it_is_known_whether_there_is_a_registry(tmp_path: Path) -> None:
    with pytest.raises(TargetNotFoundError, match="no registry"):
        capture_run(options(tmp_path, Recording(Registry(MemoryStore()))))
    assert not (tmp_path / "evidence").exists()


def test_a_damaged_log_is_a_problem_and_the_evidence_waits(
    with_key: Recording, tmp_path: Path
) -> None:
    store = with_key.registry.store
    capture_run(options(tmp_path, with_key))
    assert isinstance(store, MemoryStore)
    for name in [each for each in store.objects if each.startswith(("tile/", "staging/"))]:
        del store.objects[name]
    with pytest.raises(LogError, match="recording"):
        capture_run(options(tmp_path, with_key))
    assert len(list(with_key.registry.pending())) == 1
