"""Step 5: in the log or not, nothing dropped since, one manifest for one run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from keypool import key_signer
from policies import policy, signer_table
from projects import Outcome, Project
from registry.logs import MemoryStore, append, fill, new_registry, rewrite, without_staging
from registry.logs import record as record_sample

from auditkit.api.record import Recording, record
from auditkit.errors import StoreUnavailableError
from auditkit.findings import Finding
from auditkit.manifest.bundle import decode_bundle
from auditkit.registry.admission import bundle_record
from auditkit.registry.checkpoint import Checkpoint
from auditkit.registry.integration import Integrator
from auditkit.registry.logkey import LogSigner
from auditkit.registry.memory import CheckpointMemory
from auditkit.registry.submission import put_blob, submit
from auditkit.registry.tiles import Tile
from auditkit.signing.signer import Signer, seal
from auditkit.verification.log_view import LogTrust, LogView, Seen

KEY = LogSigner(key_signer("ecdsa-p256", 7))
STRANGER = LogSigner(key_signer("ecdsa-p256", 8))


class Logged:
    """A project whose run is in a log with five others, and a verifier who trusts that log."""

    def __init__(self, project: Project, state: Path) -> None:
        self.project = project
        self.store = MemoryStore()
        self.registry = new_registry(self.store, KEY)
        fill(self.registry, KEY, 5)
        origin = self.registry.log().checkpoint.origin
        self.trust = LogTrust((KEY.trusted(origin),), memory=CheckpointMemory(state))

    def integrate(self) -> None:
        Integrator(self.registry, KEY).integrate()

    def record(self, *, integrate: bool = True) -> None:
        integrator = Integrator(self.registry, KEY) if integrate else None
        record(self.project.folder, Recording(self.registry, self.trust.logs, integrator))

    def verify(self, trust: LogTrust | None = None, **options: object) -> Outcome:
        view = LogView(trust or self.trust, self.registry)
        return self.project.verify(log=view, **options)

    def offline(self, trust: LogTrust | None = None, **options: object) -> Outcome:
        return self.project.verify(log=LogView(trust or self.trust), **options)

    def swap_checkpoint(self, key: LogSigner, checkpoint: Checkpoint) -> None:
        self.store.objects["checkpoint"] = key.sign(checkpoint).encode()


@pytest.fixture
def logged(project: Project, tmp_path: Path) -> Logged:
    return Logged(project, tmp_path / "state")


def step5(outcome: Outcome) -> dict[str, str]:
    return {each.check.removeprefix("log."): each.status for each in own(outcome)}


def own(outcome: Outcome) -> list[Finding]:
    return [each for each in outcome.findings if each.step == 5]


def detail(outcome: Outcome, check: str) -> str:
    return " | ".join(each.detail for each in own(outcome) if each.check == f"log.{check}")


def test_a_recorded_run_is_found(logged: Logged) -> None:
    logged.record()
    outcome = logged.verify()
    assert outcome.verdict.status == "passed"
    assert step5(outcome) == {
        "checkpoint": "passed",
        "inclusion": "passed",
        "consistency": "passed",
        "conflict": "passed",
    }
    assert "entry 5 of 6" in detail(outcome, "inclusion")
    found = outcome.verdict.targets[0].checkpoint
    assert found is not None
    assert (found.size, found.root) == (6, logged.registry.log().checkpoint.root.hex())
    assert found.note.encode() == logged.store.objects["checkpoint"]


def test_a_run_that_is_not_there_fails(logged: Logged) -> None:
    outcome = logged.verify()
    assert outcome.verdict.exit_code == 10
    assert step5(outcome)["inclusion"] == "failed"


def test_a_run_that_waits_is_indeterminate_unless_a_log_is_required(
    logged: Logged, tmp_path: Path
) -> None:
    logged.record(integrate=False)
    outcome = logged.verify()
    assert outcome.verdict.exit_code == 11
    assert "waits to be integrated" in detail(outcome, "inclusion")
    view = LogView(logged.trust, logged.registry)
    strict = logged.project.verify(trust=_policy(logged, tmp_path), log=view)
    assert step5(strict)["inclusion"] == "failed"


def _policy(logged: Logged, folder: Path, rest: str = "log = true"):
    origin = logged.registry.log().checkpoint.origin
    text = (
        signer_table("ci", "ci")
        + f'[[logs]]\norigin = "{origin}"\nkeys = ["{KEY.keys(origin)[0]}"]\n[require]\n{rest}\n'
    )
    return policy(folder, text, ci=logged.project.signer)


def test_the_first_time_a_rollback_is_not_excluded(logged: Logged, tmp_path: Path) -> None:
    logged.record()
    fresh = replace(logged.trust, memory=CheckpointMemory(tmp_path / "fresh"))
    (logged.project.folder / "manifest.tlog-proof").unlink()
    outcome = logged.verify(fresh)
    assert step5(outcome)["consistency"] == "skipped"
    assert "rollback is not excluded" in detail(outcome, "consistency")
    assert outcome.verdict.status == "passed"
    outcome = logged.verify(replace(fresh, memory=None, required=True))
    assert step5(outcome)["consistency"] == "indeterminate"
    assert outcome.verdict.exit_code == 11
    assert "6 entries (remembered)" in detail(logged.verify(fresh), "consistency")


def test_a_rollback_is_caught_by_who_saw_more(logged: Logged) -> None:
    logged.record()
    before = dict(logged.store.objects)
    fill(logged.registry, KEY, 3, first=100)
    logged.verify()
    logged.store.objects = before
    outcome = logged.verify()
    assert outcome.verdict.exit_code == 10
    assert "fewer than the 9" in detail(outcome, "consistency")
    assert step5(outcome)["inclusion"] == "passed"


def test_a_dropped_manifest_is_caught_by_its_own_receipt(logged: Logged) -> None:
    """Whoever has the log's key makes a log without it: the receipt is a witness."""
    before = dict(logged.store.objects)
    logged.record()
    logged.store.objects = before
    fill(logged.registry, KEY, 4, first=200)
    outcome = logged.verify(replace(logged.trust, memory=None))
    assert step5(outcome)["inclusion"] == "failed"
    failed = [each for each in own(outcome) if each.status == "failed"]
    assert any("of the receipt" in each.detail for each in failed)


@pytest.mark.parametrize("kept", ["signed", "by hand"])
def test_an_earlier_checkpoint_is_held_against_the_log(logged: Logged, kept: str) -> None:
    old = logged.registry.log().checkpoint
    logged.record()
    seen = Seen(old, kept)
    assert "5 entries" in detail(
        logged.verify(replace(logged.trust, earlier=(seen,))), "consistency"
    )
    for other in (replace(old, root=bytes(32)), replace(old, origin="another/log")):
        outcome = logged.verify(replace(logged.trust, earlier=(Seen(other, kept),)))
        assert outcome.verdict.exit_code == 10


def test_another_logs_checkpoint_and_anothers_key_are_refused(logged: Logged) -> None:
    logged.record()
    current = logged.registry.log().checkpoint
    logged.swap_checkpoint(STRANGER, current)
    outcome = logged.verify()
    assert step5(outcome)["checkpoint"] == "failed"
    assert step5(outcome)["inclusion"] == "skipped"
    assert outcome.verdict.exit_code == 10
    logged.swap_checkpoint(KEY, replace(current, origin="other/log"))
    assert "not trusted" in detail(logged.verify(), "checkpoint")
    logged.store.objects["checkpoint"] = b"nothing"
    assert step5(logged.verify())["checkpoint"] == "failed"
    del logged.store.objects["checkpoint"]
    assert "no registry" in detail(logged.verify(), "checkpoint")


def test_without_a_trusted_log_nothing_is_concluded(logged: Logged) -> None:
    logged.record()
    outcome = logged.verify(LogTrust(()))
    assert outcome.verdict.exit_code == 11
    assert step5(outcome) == {"checkpoint": "indeterminate", "inclusion": "skipped"}
    outcome = logged.offline(LogTrust(()))
    assert step5(outcome) == {"inclusion": "skipped"}
    assert outcome.verdict.status == "passed"


def test_a_registry_that_cannot_be_reached_is_indeterminate(
    logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged.record()

    def unreachable(*_: object, **__: object) -> None:
        raise StoreUnavailableError("no route to host")

    for name in ("read_head", "get"):
        with monkeypatch.context() as patch:
            patch.setattr(MemoryStore, name, unreachable)
            outcome = logged.verify()
        assert outcome.verdict.exit_code == 11
        assert "failed" not in step5(outcome).values()


def test_edited_entries_leave_the_other_steps_alone(logged: Logged) -> None:
    logged.record()
    without_staging(logged.store)
    rewrite(logged.store, Tile(None, 0, 6), 2)
    outcome = logged.verify()
    assert step5(outcome)["inclusion"] == "passed"
    assert step5(outcome)["conflict"] == "failed"
    assert "auditkit log verify" in detail(outcome, "conflict")
    rewrite(logged.store, Tile(None, 0, 6), 5, b"sample", b"sampl")
    assert step5(logged.verify())["inclusion"] == "failed"


def _again(logged: Logged, signer: Signer) -> None:
    """Record another manifest of the same run."""
    payload = json.loads(decode_bundle(logged.project.bundle.read_bytes()).payload)
    payload["predicate"]["metrics"]["loss"] = 0
    data = seal(json.dumps(payload).encode(), signer).encode()
    put_blob(logged.registry, data)
    submit(logged.registry, bundle_record(data))
    logged.integrate()


def test_two_manifests_of_one_run_by_a_trusted_signer_fail(logged: Logged) -> None:
    logged.record()
    _again(logged, logged.project.signer)
    outcome = logged.verify()
    (finding,) = (each for each in own(outcome) if each.check == "log.conflict")
    assert (finding.status, finding.subject) == ("failed", "entry 6")
    manifest = outcome.verdict.targets[0].manifest
    assert finding.expected == manifest != finding.found


def test_a_stranger_cannot_contradict_a_run(logged: Logged, stranger: Signer) -> None:
    logged.record()
    _again(logged, stranger)
    outcome = logged.verify()
    assert outcome.verdict.status == "passed"
    assert "signed by nobody that is trusted" in detail(outcome, "conflict")
    blob = list(logged.registry.log().entries())[-1].record.blob
    del logged.store.objects[f"blobs/sha256/{blob[:2]}/{blob[2:]}"]
    assert step5(logged.verify())["conflict"] == "indeterminate"


def test_offline_the_receipt_speaks(logged: Logged) -> None:
    logged.record()
    outcome = logged.offline()
    assert outcome.verdict.status == "passed"
    assert step5(outcome)["inclusion"] == "passed"
    assert step5(outcome)["conflict"] == "skipped"
    assert "by its receipt" in detail(outcome, "inclusion")
    assert outcome.verdict.targets[0].checkpoint is not None


def test_offline_a_fork_of_the_same_size_is_caught(logged: Logged) -> None:
    before = dict(logged.store.objects)
    fill(logged.registry, KEY, 1, first=300)
    assert logged.trust.memory is not None
    logged.trust.memory.remember(logged.registry.log().signed)
    logged.store.objects = before
    logged.record()
    outcome = logged.offline()
    assert step5(outcome)["consistency"] == "failed"
    assert "forked" in detail(outcome, "consistency")


def test_offline_another_size_needs_the_registry(logged: Logged) -> None:
    logged.record()
    logged.offline()
    fill(logged.registry, KEY, 1, first=300)
    logged.verify()
    outcome = logged.offline()
    assert step5(outcome)["consistency"] == "skipped"
    assert step5(logged.offline(replace(logged.trust, required=True)))["consistency"] == (
        "indeterminate"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"index 5", b"index 4"), (b"@v1", b"@v2"), (b"extra e", b"extra f"), (b"\n6\n", b"\n7\n")],
)
def test_a_receipt_that_was_edited_fails(logged: Logged, old: bytes, new: bytes) -> None:
    logged.record()
    path = logged.project.folder / "manifest.tlog-proof"
    path.write_bytes(path.read_bytes().replace(old, new))
    assert logged.offline().verdict.exit_code == 10
    outcome = logged.verify()
    assert outcome.verdict.status == "passed", "the registry itself proves it"
    assert "not counted" in detail(outcome, "inclusion")


def test_the_receipt_of_another_run_proves_nothing(logged: Logged) -> None:
    logged.record()
    path = logged.project.folder / "manifest.tlog-proof"
    path.write_bytes(logged.registry.log().receipt(0).encode())
    assert "does not say what the manifest says" in detail(logged.offline(), "inclusion")


def test_an_entry_that_says_something_else_fails(logged: Logged) -> None:
    """Whoever has the log's key cannot move a run into another project unseen."""
    true = bundle_record(logged.project.bundle.read_bytes())
    false = json.loads(true.encode()) | {"project": "other"}
    append(logged.registry, KEY, [json.dumps(false, separators=(",", ":")).encode()])
    outcome = logged.verify()
    assert "does not say what the manifest says" in detail(outcome, "inclusion")
    assert outcome.verdict.exit_code == 10


def test_a_policy_that_requires_a_log_is_fulfilled_by_a_receipt(
    logged: Logged, tmp_path: Path
) -> None:
    trust = _policy(logged, tmp_path)
    assert logged.project.verify(trust=trust).verdict.exit_code == 10
    logged.record()
    view = LogView(LogTrust(trust.rules.logs))
    assert logged.project.verify(trust=trust, log=view).verdict.status == "passed"
    assert logged.project.verify(trust=trust).verdict.exit_code == 10


def test_a_missing_cosignature_fails(logged: Logged) -> None:
    logged.record()
    (log,) = logged.trust.logs
    witness = LogSigner(key_signer("ecdsa-p256"), (key_signer("ml-dsa-44"),)).keys("w")[1]
    trust = replace(logged.trust, logs=(replace(log, cosigners=(witness,), needed=1),))
    outcome = logged.verify(trust)
    assert "0 of 1 required cosigners" in detail(outcome, "checkpoint")


def test_many_targets_read_the_log_once(logged: Logged) -> None:
    logged.record()
    reads = 0
    real = logged.store.read_head

    def counted(key: str):
        nonlocal reads
        reads += 1
        return real(key)

    logged.store.read_head = counted  # type: ignore[method-assign]
    view = LogView(logged.trust, logged.registry)
    bundle = str(logged.project.bundle)
    outcome = logged.project.verify(bundle, bundle, bundle, log=view)
    assert outcome.verdict.status == "passed"
    assert reads == 1


def test_records_of_strangers_are_no_obstacle(logged: Logged) -> None:
    record_sample(logged.registry, 900, key=5)
    logged.record()
    assert logged.verify().verdict.status == "passed"
