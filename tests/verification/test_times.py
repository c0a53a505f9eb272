"""Validity at a proven time: what tokens in and beside the bundle change, and what they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from policies import policy, signer_table
from projects import Outcome, Project
from rewrite import read, resign
from timestamping import make_root, make_stamper, make_token

from auditkit.manifest.bundle import Bundle

ROOT = make_root()
STAMPER = make_stamper(ROOT)
EARLY = datetime(2026, 3, 1, tzinfo=UTC)
MIDDLE = datetime(2026, 6, 1, tzinfo=UTC)
LATE = datetime(2026, 9, 1, tzinfo=UTC)
AUTHORITY = '[[authorities]]\nname = "stamper"\nroots = ["root.pem"]\n'
REQUIRED = "[require]\ntimestamp = true\n"


@pytest.fixture
def old(project: Project) -> Project:
    """A project whose run says it began in January, so that early tokens can be true."""
    began = "2026-01-02T00:00:00Z"
    resign(
        project.bundle,
        project.signer,
        lambda document: document["predicate"]["run"].update(startedAt=began),
    )
    return project


def inside(project: Project, *tokens: bytes) -> None:
    bundle = read(project.bundle)
    stamped = Bundle(bundle.payload, bundle.signature, bundle.keyid, tokens)
    project.bundle.write_bytes(stamped.encode())


def token(project: Project, at: datetime, **options: object) -> bytes:
    signature = read(project.bundle).signature
    return make_token(STAMPER, signature, at, **options)  # type: ignore[arg-type]


def verify(project: Project, folder: Path, rest: str = "", more: str = AUTHORITY) -> Outcome:
    text = signer_table("ci", "ci", rest=rest) + more
    return project.verify(trust=policy(folder, text, ci=project.signer, root=ROOT.pem))


def signer(outcome: Outcome) -> str:
    (status,) = outcome.statuses("signer")
    return status


def revoked(at: datetime, reason: str) -> str:
    return f'revoked-at = {at.isoformat()}\nreason = "{reason}"'


RULES = {
    "compromised after": (EARLY, revoked(MIDDLE, "compromise"), "passed", 0),
    "compromised before": (LATE, revoked(MIDDLE, "compromise"), "failed", 10),
    "retired after": (EARLY, revoked(MIDDLE, "retired"), "passed", 0),
    "retired before": (LATE, revoked(MIDDLE, "retired"), "indeterminate", 11),
    "expired after": (EARLY, f"not-after = {MIDDLE.isoformat()}", "passed", 0),
    "expired before": (LATE, f"not-after = {MIDDLE.isoformat()}", "indeterminate", 11),
    "not yet valid": (EARLY, f"not-before = {MIDDLE.isoformat()}", "failed", 10),
    "valid by then": (LATE, f"not-before = {MIDDLE.isoformat()}", "passed", 0),
}


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("place", ["in the bundle", "beside it"])
def test_a_key_is_judged_at_the_tokens_time(
    old: Project, tmp_path: Path, name: str, place: str
) -> None:
    at, window, status, code = RULES[name]
    if place == "in the bundle":
        inside(old, token(old, at))
    else:
        (old.folder / "manifest.1.tsr").write_bytes(token(old, at))
    outcome = verify(old, tmp_path, window)
    assert signer(outcome) == status
    assert outcome.verdict.exit_code == code


def test_the_earliest_valid_token_counts(old: Project, tmp_path: Path) -> None:
    inside(old, token(old, LATE))
    (old.folder / "manifest.1.tsr").write_bytes(token(old, MIDDLE))
    (old.folder / "manifest.2.tsr").write_bytes(token(old, EARLY, hash_name="sha1"))
    (old.folder / "manifest.3.tsr").write_bytes(b"junk")
    outcome = verify(old, tmp_path, revoked(MIDDLE + timedelta(days=1), "compromise"))
    assert outcome.verdict.exit_code == 0
    stamps = [each for each in outcome.findings if each.check == "timestamp"]
    assert [each.status for each in stamps] == ["passed", "skipped", "skipped"]
    assert "2026-06-01T00:00:00Z" in stamps[0].detail


def test_a_token_beside_another_bundle_does_not_count(old: Project, tmp_path: Path) -> None:
    (old.folder / "manifest.00000000.1.tsr").write_bytes(token(old, EARLY))
    (old.folder / "other.1.tsr").write_bytes(token(old, EARLY))
    (old.folder / "manifest.0.tsr").write_bytes(token(old, EARLY))
    outcome = verify(old, tmp_path, more=AUTHORITY + REQUIRED)
    assert outcome.verdict.exit_code == 10


def test_a_required_time_stamp_that_is_not_there_fails(old: Project, tmp_path: Path) -> None:
    outcome = verify(old, tmp_path, more=AUTHORITY + REQUIRED)
    assert [each[:3] for each in outcome.failed()] == [(3, "timestamp", "ci")]
    inside(old, token(old, MIDDLE))
    assert verify(old, tmp_path, more=AUTHORITY + REQUIRED).verdict.exit_code == 0


def test_an_authority_that_is_not_of_the_policy_does_not_count(
    old: Project, tmp_path: Path
) -> None:
    inside(old, token(old, EARLY))
    other = AUTHORITY.replace("root.pem", "other.pem") + REQUIRED
    trust = policy(
        tmp_path,
        signer_table("ci", "ci") + other,
        ci=old.signer,
        other=make_root("Other Root").pem,
    )
    assert old.verify(trust=trust).verdict.exit_code == 10


def test_without_authorities_tokens_say_nothing_and_harm_nothing(
    old: Project, tmp_path: Path
) -> None:
    inside(old, token(old, EARLY), b"junk")
    outcome = verify(old, tmp_path, more="")
    assert outcome.verdict.exit_code == 0
    assert outcome.statuses("timestamp") == {"skipped"}
    assert old.verify().verdict.exit_code == 0


def test_a_time_before_the_run_began_contradicts_it(old: Project, tmp_path: Path) -> None:
    began = datetime(2026, 1, 2, tzinfo=UTC)
    (old.folder / "manifest.1.tsr").write_bytes(token(old, began - timedelta(hours=1)))
    outcome = verify(old, tmp_path)
    assert [each[:3] for each in outcome.failed()] == [(3, "timestamp", "manifest")]
    assert outcome.verdict.exit_code == 10


def test_clocks_that_are_seconds_apart_do_not_contradict_each_other(
    old: Project, tmp_path: Path
) -> None:
    began = datetime(2026, 1, 2, tzinfo=UTC)
    (old.folder / "manifest.1.tsr").write_bytes(token(old, began - timedelta(seconds=30)))
    assert verify(old, tmp_path).verdict.exit_code == 0


def test_a_clock_far_ahead_is_contradicted_by_a_token(project: Project, tmp_path: Path) -> None:
    resign(
        project.bundle,
        project.signer,
        lambda document: document["predicate"]["run"].update(startedAt="2090-01-01T00:00:00Z"),
    )
    (project.folder / "manifest.1.tsr").write_bytes(token(project, LATE))
    assert verify(project, tmp_path).verdict.exit_code == 10


@pytest.mark.parametrize("kind", ["too many", "a link", "too large"])
def test_token_files_have_bounds(old: Project, tmp_path: Path, kind: str) -> None:
    for number in range(1, 22 if kind == "too many" else 1):
        (old.folder / f"manifest.{number}.tsr").write_bytes(b"x")
    if kind == "a link":
        (old.folder / "manifest.1.tsr").symlink_to("/dev/zero")
    if kind == "too large":
        (old.folder / "manifest.1.tsr").write_bytes(bytes(100_000))
    outcome = verify(old, tmp_path)
    assert [each[:2] for each in outcome.failed()] == [(1, "envelope")]


def test_a_thousand_tokens_in_a_bundle_are_not_all_looked_at(old: Project, tmp_path: Path) -> None:
    inside(old, *[b"x"] * 1000, token(old, EARLY))
    outcome = verify(old, tmp_path, more=AUTHORITY + REQUIRED)
    assert outcome.verdict.exit_code == 10
    stamps = [each for each in outcome.findings if each.check == "timestamp"]
    assert len(stamps) < 30
    assert any("981 more tokens" in each.detail for each in stamps)
