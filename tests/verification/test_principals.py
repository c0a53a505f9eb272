"""A policy decides by principals: who may sign what, how many must, and with which keys."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from policies import new_signer, policy, signer_table
from projects import Outcome, Project
from rewrite import read, resign

from auditkit.manifest.bundle import Bundle
from auditkit.manifest.dsse import pae
from auditkit.registry.notekeys import verifier_key
from auditkit.schemes import PAYLOAD_TYPE
from auditkit.signing.signer import Signer
from auditkit.trust.rules import Rules


def add_signature(project: Project, signer: Signer, *, stamps: tuple[bytes, ...] = ()) -> Path:
    """Sign the payload with another key, in a sibling bundle."""
    keyid = signer.public_key.keyid
    payload = read(project.bundle).payload
    bundle = Bundle(payload, signer.sign(pae(PAYLOAD_TYPE, payload)), keyid, stamps)
    path = project.folder / f"manifest.{keyid[:8]}.sigstore.json"
    path.write_bytes(bundle.encode())
    return path


def verify(project: Project, tmp_path: Path, text: str, **files: Signer | bytes) -> Outcome:
    trust = policy(tmp_path, text, **{"ci": project.signer, **files})
    return project.verify(trust=trust)


def signers(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.subject, each.status) for each in outcome.findings if each.check == "signer"]


CI = signer_table("ci", "ci")


def test_a_signer_of_the_policy_passes_and_the_verdict_names_policy_and_signer(
    project: Project, tmp_path: Path
) -> None:
    outcome = verify(project, tmp_path, CI)
    assert outcome.verdict.exit_code == 0
    assert signers(outcome) == [("ci", "passed")]
    assert outcome.verdict.targets[0].signers == ("ci",)
    assert outcome.verdict.trust.kind == "policy"
    assert outcome.verdict.trust.file == str(tmp_path / "trust.toml")


def test_nobody_of_the_policy_has_signed(project: Project, tmp_path: Path) -> None:
    outcome = verify(project, tmp_path, signer_table("other", "other"), other=new_signer())
    assert signers(outcome) == [("manifest", "failed")]
    assert outcome.verdict.exit_code == 10
    assert outcome.runs[0].statement is None


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ('projects = ["sample"]', "passed"),
        ('projects = ["other", "sam*"]', "passed"),
        ('projects = ["other"]', "failed"),
        ('projects = ["Sample"]', "failed"),
        ("projects = []", "failed"),
        ('statements = ["training-run"]', "passed"),
        ("statements = []", "failed"),
    ],
)
def test_a_signer_signs_what_it_may_and_nothing_else(
    project: Project, tmp_path: Path, rest: str, status: str
) -> None:
    backup = signer_table("backup", "backup") if status == "failed" else ""
    outcome = verify(
        project, tmp_path, signer_table("ci", "ci", rest=rest) + backup, backup=new_signer()
    )
    assert signers(outcome) == [("ci", status)]
    assert outcome.verdict.exit_code == (0 if status == "passed" else 10)


def test_a_project_is_read_from_the_signed_bytes(project: Project, tmp_path: Path) -> None:
    def change(document: dict) -> None:
        document["predicate"]["run"]["project"] = "other"

    text = signer_table("ci", "ci", rest='projects = ["sample"]')
    resign(project.bundle, project.signer, change)
    assert signers(verify(project, tmp_path, text)) == [("ci", "failed")]


STRANGE: dict[str, Callable[[dict], object]] = {
    "no predicate type": lambda document: document.pop("predicateType"),
    "another predicate type": lambda document: document.update(predicateType="urn:x:v1"),
    "an approval's type": lambda document: document.update(
        predicateType="urn:auditkit:approval:v1"
    ),
    "no run": lambda document: document["predicate"].pop("run"),
    "a project that is a number": lambda document: document["predicate"]["run"].update(project=1),
    "a predicate that is a list": lambda document: document.update(predicate=[]),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_payload_that_does_not_say_what_it_is_has_no_signer(
    project: Project, tmp_path: Path, name: str
) -> None:
    resign(project.bundle, project.signer, STRANGE[name])
    outcome = verify(project, tmp_path, signer_table("ci", "ci", rest='projects = ["sample"]'))
    assert signers(outcome) == [("ci", "failed")]
    assert outcome.statuses("manifest") == {"skipped"}


TWO = CI + signer_table("release", "release", "spare") + "[require]\nsignatures = 2\n"


def test_two_principals_are_two(project: Project, tmp_path: Path) -> None:
    release, spare = new_signer(), new_signer()
    add_signature(project, release)
    outcome = verify(project, tmp_path, TWO, release=release, spare=spare)
    assert outcome.verdict.exit_code == 0
    assert outcome.verdict.targets[0].signers == ("ci", "release")


def test_one_principal_with_two_keys_is_one(project: Project, tmp_path: Path) -> None:
    release, spare = new_signer(), new_signer()
    add_signature(project, release).replace(project.bundle)
    add_signature(project, spare)
    text = TWO.replace('name = "ci"', 'name = "elsewhere"')
    outcome = verify(project, tmp_path, text, release=release, spare=spare)
    assert ("manifest", "failed") in signers(outcome)
    assert outcome.verdict.exit_code == 10


def test_one_signature_in_two_bundles_is_one(project: Project, tmp_path: Path) -> None:
    copy = project.folder / f"manifest.{project.signer.public_key.keyid[:8]}.sigstore.json"
    shutil.copy(project.bundle, copy)
    outcome = verify(project, tmp_path, TWO, release=new_signer(), spare=new_signer())
    assert outcome.verdict.exit_code == 10
    detail = next(each.detail for each in outcome.findings if each.subject == "manifest")
    assert detail == "1 of 2 required signers count"


HYBRID = signer_table("hybrid", "ci", "second", rest='require = "all"')


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "ml-dsa-65"])
def test_a_hybrid_signer_needs_all_its_keys(
    project: Project, tmp_path: Path, algorithm: str
) -> None:
    second = new_signer(algorithm)
    alone = verify(project, tmp_path, HYBRID, second=second)
    assert alone.verdict.exit_code == 10
    assert signers(alone) == [("hybrid", "failed")]
    path = add_signature(project, second)
    both = verify(project, tmp_path, HYBRID, second=second)
    assert both.verdict.exit_code == 0
    path.write_bytes(path.read_bytes().replace(b'"sig": "', b'"sig": "AAAA'))
    broken = verify(project, tmp_path, HYBRID, second=second)
    assert broken.verdict.exit_code == 10


def test_a_signature_that_does_not_count_harms_nobody(project: Project, tmp_path: Path) -> None:
    gone = new_signer()
    add_signature(project, gone)
    revoked = 'revoked-at = 2026-01-01T00:00:00Z\nreason = "compromise"'
    text = CI + signer_table("gone", "gone", rest=revoked)
    outcome = verify(project, tmp_path, text, gone=gone)
    assert signers(outcome) == [("ci", "passed"), ("gone", "skipped")]
    assert outcome.verdict.exit_code == 0
    assert outcome.verdict.targets[0].signers == ("ci",)


WINDOWS = {
    'revoked-at = 2026-01-01T00:00:00Z\nreason = "compromise"': ("failed", 10),
    'revoked-at = 2026-01-01T00:00:00Z\nreason = "retired"': ("indeterminate", 11),
    'revoked-at = 2026-01-01T00:00:00Z\nreason = "superseded"': ("indeterminate", 11),
    "not-after = 2026-01-01T00:00:00Z": ("indeterminate", 11),
    "not-before = 2090-01-01T00:00:00Z": ("failed", 10),
    'revoked-at = 2090-01-01T00:00:00Z\nreason = "compromise"': ("passed", 0),
    "not-before = 2020-01-01T00:00:00Z\nnot-after = 2090-01-01T00:00:00Z": ("passed", 0),
}


@pytest.mark.parametrize("window", WINDOWS)
def test_without_a_token_validity_is_judged_now(
    project: Project, tmp_path: Path, window: str
) -> None:
    status, code = WINDOWS[window]
    outcome = verify(project, tmp_path, signer_table("ci", "ci", rest=window))
    assert signers(outcome) == [("ci", status)]
    assert outcome.verdict.exit_code == code


def test_a_window_of_one_key_leaves_the_others_alone(project: Project, tmp_path: Path) -> None:
    fresh = new_signer()
    table = signer_table("ci", "fresh").replace(
        '["fresh.pub"]',
        '["fresh.pub", { key = "ci.pub", not-after = 2026-01-01T00:00:00Z }]',
    )
    assert signers(verify(project, tmp_path, table, fresh=fresh)) == [("ci", "indeterminate")]
    add_signature(project, fresh)
    assert signers(verify(project, tmp_path, table, fresh=fresh)) == [("ci", "passed")]


def test_an_open_matter_that_could_suffice_is_not_a_failure(
    project: Project, tmp_path: Path
) -> None:
    old, stolen = new_signer(), new_signer()
    add_signature(project, old)
    add_signature(project, stolen)
    retired = 'revoked-at = 2026-01-01T00:00:00Z\nreason = "retired"'
    text = (
        CI
        + signer_table("old", "old", rest=retired)
        + signer_table("stolen", "stolen", rest=retired.replace("retired", "compromise"))
        + "[require]\nsignatures = 2"
    )
    outcome = verify(project, tmp_path, text, old=old, stolen=stolen)
    assert dict(signers(outcome)) == {
        "ci": "passed",
        "old": "indeterminate",
        "stolen": "skipped",
        "manifest": "indeterminate",
    }
    assert outcome.verdict.exit_code == 11


def test_steps_that_the_policy_requires_may_not_be_skipped(
    project: Project, tmp_path: Path
) -> None:
    log = verifier_key(new_signer().public_key, "a/log")
    logs = f'[[logs]]\norigin = "a/log"\nkeys = ["{log}"]\n'
    text = CI + logs + '[require]\nlog = true\nsteps = ["code", "lineage"]'
    outcome = verify(project, tmp_path, text)
    assert {each[:3] for each in outcome.failed()} == {
        (5, "log.inclusion", "policy"),
        (7, "lineage", "policy"),
        (8, "code", "policy"),
    }
    assert outcome.verdict.exit_code == 10


def test_the_run_in_the_future_is_an_open_matter(project: Project, tmp_path: Path) -> None:
    def change(document: dict) -> None:
        document["predicate"]["run"]["startedAt"] = "2090-01-01T00:00:00Z"

    resign(project.bundle, project.signer, change)
    outcome = verify(project, tmp_path, CI)
    assert ("timestamp", "indeterminate") in {(e.check, e.status) for e in outcome.findings}
    assert outcome.verdict.exit_code == 11


@pytest.mark.parametrize("began", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_a_clock_of_long_ago_proves_nothing(project: Project, tmp_path: Path, began: str) -> None:
    resign(
        project.bundle,
        project.signer,
        lambda document: document["predicate"]["run"].update(startedAt=began),
    )
    text = signer_table("ci", "ci", rest="not-before = 2026-01-01T00:00:00Z")
    assert verify(project, tmp_path, text).verdict.exit_code == 0


@pytest.mark.parametrize("began", ["2026-13-45T00:00:00Z", "0000-00-00T99:99:99Z"])
def test_a_time_that_is_none_is_said_to_be(project: Project, tmp_path: Path, began: str) -> None:
    resign(
        project.bundle,
        project.signer,
        lambda document: document["predicate"]["run"].update(startedAt=began),
    )
    outcome = verify(project, tmp_path, CI)
    assert outcome.verdict.exit_code != 0
    assert any("none of the calendar" in each.detail for each in outcome.findings)


def test_a_policy_of_one_key_is_the_one_key_shortcut(project: Project, tmp_path: Path) -> None:
    short, long = project.verify(), verify(project, tmp_path, CI)
    assert short.verdict.trust.note == "one key that may sign everything"
    assert [(e.step, e.check, e.status) for e in short.findings] == [
        (e.step, e.check, e.status) for e in long.findings
    ]


def test_rules_never_hold_a_private_key(project: Project, tmp_path: Path) -> None:
    trust = policy(tmp_path, CI, ci=project.signer)
    assert isinstance(trust.rules, Rules)
    assert "PRIVATE" not in repr(trust)
    assert "PRIVATE" not in json.dumps(project.verify(trust=trust).verdict.trust.note)
