"""Approvals: by persons of the policy, in their own name, about this manifest, and counted once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from policies import new_signer, policy, signer_table
from projects import Outcome, Project
from rewrite import read, resign
from timestamping import make_root, make_stamper, make_token

from auditkit.api.approve import approve
from auditkit.errors import ManifestError, UsageError
from auditkit.manifest.approval import decode_approval
from auditkit.manifest.bundle import Bundle, decode_bundle
from auditkit.signing.signer import Signer, seal
from auditkit.trust.load import PolicyTrust

OWNER = 'role = "model owner"'
TABLES = (
    signer_table("ci", "ci")
    + signer_table("Jane Doe", "jane", kind="person", rest=OWNER)
    + signer_table("Max Roe", "max", kind="person", rest=OWNER)
)
ONE = '[require.approvals]\n"model owner" = 1\n'
TWO = ONE.replace("1", "2")


@pytest.fixture
def jane() -> Signer:
    return new_signer()


@pytest.fixture
def max_roe() -> Signer:
    return new_signer("ecdsa-p256")


@pytest.fixture
def rules(
    project: Project, tmp_path: Path, jane: Signer, max_roe: Signer
) -> Callable[..., PolicyTrust]:
    def load(text: str = "", tables: str = TABLES, **files: Signer | bytes) -> PolicyTrust:
        held = {"ci": project.signer, "jane": jane, "max": max_roe, **files}
        return policy(tmp_path, tables + text, **held)  # type: ignore[arg-type]

    return load


def give(project: Project, signer: Signer, **options: Any) -> Path:
    named = {"name": "Jane Doe", "role": "model owner", "meaning": "approved for use", **options}
    (path,) = approve(project.folder, [signer], **named).written
    return path


def approvals(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.subject, each.status) for each in outcome.findings if each.check == "approval"]


def test_an_approval_names_person_role_meaning_and_time(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    path = give(project, jane)
    outcome = project.verify(trust=rules(ONE))
    assert outcome.verdict.exit_code == 0
    assert approvals(outcome) == [("Jane Doe", "passed"), ("model owner", "passed")]
    (approval,) = outcome.verdict.targets[0].approvals
    assert (approval.name, approval.role, approval.meaning) == (
        "Jane Doe",
        "model owner",
        "approved for use",
    )
    assert approval.bundle == path.name
    assert approval.known_since is None
    assert outcome.verdict.targets[0].signers == ("ci",), "persons are shown apart"
    names = [each.name for each in outcome.runs[0].attachments]
    assert names[:2] == ["manifest.sigstore.json", path.name]


def test_what_is_required_and_not_there_fails_but_the_data_is_checked(
    project: Project, rules: Callable[..., PolicyTrust]
) -> None:
    outcome = project.verify(trust=rules(ONE))
    assert [each[:3] for each in outcome.failed()] == [(3, "approval", "model owner")]
    assert outcome.dataset("train").condition == "intact"
    assert outcome.verdict.exit_code == 10


def test_no_approval_is_required_and_none_is_there(
    project: Project, rules: Callable[..., PolicyTrust]
) -> None:
    assert approvals(project.verify(trust=rules())) == [("manifest", "skipped")]


def test_persons_are_counted_and_not_approvals(
    project: Project, jane: Signer, max_roe: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    give(project, jane, meaning="reviewed")
    give(project, jane, meaning="approved")
    assert project.verify(trust=rules(TWO)).verdict.exit_code == 10
    give(project, max_roe, name="Max Roe")
    outcome = project.verify(trust=rules(TWO))
    assert outcome.verdict.exit_code == 0
    assert len(outcome.verdict.targets[0].approvals) == 3


def test_one_person_with_two_keys_is_one(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    spare = new_signer()
    tables = TABLES.replace('"jane.pub"', '"jane.pub", "spare.pub"')
    give(project, jane)
    give(project, spare)
    assert project.verify(trust=rules(TWO, tables, spare=spare)).verdict.exit_code == 10
    assert project.verify(trust=rules(ONE, tables, spare=spare)).verdict.exit_code == 0


def test_a_hybrid_approver_needs_all_keys(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    second = new_signer("ml-dsa-65")
    tables = TABLES.replace('["jane.pub"]', '["jane.pub", "second.pub"]\nrequire = "all"')
    trust = rules(ONE, tables, second=second)
    options = {"name": "Jane Doe", "role": "model owner", "meaning": "approved"}
    written = approve(project.folder, [jane, second], **options).written  # type: ignore[arg-type]
    assert len({each.name.split(".")[1] for each in written}) == 1
    assert project.verify(trust=trust).verdict.exit_code == 0
    written[1].unlink()
    assert ("Jane Doe", "failed") in approvals(project.verify(trust=trust))


@pytest.mark.parametrize("claim", [{"name": "Max Roe"}, {"role": "auditor"}, {"name": "jane doe"}])
def test_another_claimed_name_or_role_fails(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust], claim: dict[str, str]
) -> None:
    give(project, jane, **claim)
    outcome = project.verify(trust=rules())
    assert approvals(outcome) == [("Jane Doe", "failed")]
    assert any("the key is that of Jane Doe" in each.detail for each in outcome.findings)
    assert outcome.verdict.exit_code == 10
    assert outcome.verdict.targets[0].approvals == ()


def test_a_machine_cannot_approve(project: Project, rules: Callable[..., PolicyTrust]) -> None:
    robot = new_signer()
    give(project, robot)
    trust = rules(signer_table("robot", "robot"), robot=robot)
    outcome = project.verify(trust=trust)
    assert approvals(outcome) == [("robot", "failed")]
    assert any("a machine cannot approve" in each.detail for each in outcome.findings)


def _forged(project: Project, signer: Signer) -> Path:
    """Write an approval of what this key signed itself, which the program refuses to make."""
    other = new_signer()
    path = give(project, other)
    payload = read(path).payload
    path.unlink()
    path.write_bytes(seal(payload, signer).encode())
    return path


def test_whoever_signed_the_manifest_cannot_approve_it(
    project: Project, rules: Callable[..., PolicyTrust]
) -> None:
    with pytest.raises(UsageError, match="somebody else"):
        give(project, project.signer)
    both = 'statements = ["training-run", "approval"]\n' + OWNER
    tables = signer_table("Jane Doe", "ci", kind="person", rest=both) + signer_table(
        "spare", "jane"
    )
    _forged(project, project.signer)
    outcome = project.verify(trust=rules("", tables))
    assert approvals(outcome) == [("Jane Doe", "failed")]
    assert any("cannot approve it" in each.detail for each in outcome.findings)


def test_a_second_key_of_the_signer_does_not_help(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    both = 'statements = ["training-run", "approval"]\n' + OWNER
    tables = signer_table("Jane Doe", "ci", "jane", kind="person", rest=both)
    give(project, jane)
    assert approvals(project.verify(trust=rules("", tables))) == [("Jane Doe", "failed")]


def test_an_approval_of_another_manifest_fails(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    give(project, jane)
    resign(
        project.bundle, project.signer, lambda document: document["predicate"].update(metrics={})
    )
    outcome = project.verify(trust=rules())
    assert approvals(outcome) == [("Jane Doe", "failed")]
    assert any("approves another manifest" in each.detail for each in outcome.findings)


def test_a_stranger_is_not_at_hand_and_does_not_count(
    project: Project, rules: Callable[..., PolicyTrust]
) -> None:
    give(project, new_signer())
    assert approvals(project.verify(trust=rules()))[0][1] == "skipped"
    assert project.verify(trust=rules()).verdict.exit_code == 0
    assert project.verify(trust=rules(ONE)).verdict.exit_code == 10
    assert project.verify().verdict.exit_code == 0, "one trusted key knows nobody else"


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no bundle": lambda path: path.write_bytes(b"{}"),
    "a link": lambda path: (path.rename(path.with_suffix(".x")), path.symlink_to("/dev/zero")),
    "another signature": lambda path: path.write_bytes(
        Bundle(read(path).payload, b"x" * 64, read(path).keyid).encode()
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_approval_fails(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust], name: str
) -> None:
    DAMAGE[name](give(project, jane))
    outcome = project.verify(trust=rules())
    assert [each[:2] for each in outcome.failed()] == [(3, "approval")]
    assert outcome.dataset("train").condition == "intact"


def test_an_approver_whose_key_has_ended_is_an_open_matter_until_stamped(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    root = make_root()
    ended = OWNER + '\nrevoked-at = 2026-06-01T00:00:00Z\nreason = "retired"'
    authority = '[[authorities]]\nname = "stamper"\nroots = ["root.pem"]\n'
    tables = TABLES.replace(OWNER, ended, 1)
    path = give(project, jane)
    outcome = project.verify(trust=rules(ONE + authority, tables, root=root.pem))
    assert approvals(outcome) == [("Jane Doe", "indeterminate"), ("model owner", "indeterminate")]
    assert outcome.verdict.exit_code == 11
    document = json.loads(read(path).payload)
    document["predicate"]["approvedAt"] = "2026-03-01T00:00:00Z"
    sealed = seal(json.dumps(document).encode(), jane)
    path.write_bytes(sealed.encode())
    stamp = make_token(make_stamper(root), sealed.signature, datetime(2026, 3, 1, tzinfo=UTC))
    stem = path.name.removesuffix(".sigstore.json")
    (project.folder / f"{stem}.1.tsr").write_bytes(stamp)
    outcome = project.verify(trust=rules(ONE + authority, tables, root=root.pem))
    assert outcome.verdict.exit_code == 0
    assert outcome.verdict.targets[0].approvals[0].known_since == "2026-03-01T00:00:00Z"


def test_an_approval_that_is_older_than_it_says_fails(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    root = make_root()
    authority = '[[authorities]]\nname = "stamper"\nroots = ["root.pem"]\n'
    path = give(project, jane)
    stamp = make_token(make_stamper(root), read(path).signature, datetime(2026, 3, 1, tzinfo=UTC))
    stem = path.name.removesuffix(".sigstore.json")
    (project.folder / f"{stem}.1.tsr").write_bytes(stamp)
    outcome = project.verify(trust=rules(authority, root=root.pem))
    assert approvals(outcome) == [("Jane Doe", "failed")]


def test_the_manifest_must_be_authentic_first(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust], stranger: Signer
) -> None:
    give(project, jane)
    resign(project.bundle, stranger, lambda _: None)
    assert approvals(project.verify(trust=rules())) == [("manifest", "skipped")]


def test_an_approval_is_no_manifest_and_a_manifest_no_approval(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    path = give(project, jane)
    alone = project.verify(str(path), trust=rules())
    assert alone.verdict.exit_code == 10
    with pytest.raises(ManifestError, match="unknown predicateType"):
        decode_approval(read(project.bundle).payload)
    path.write_bytes(project.bundle.read_bytes())
    assert ("ci", "failed") in approvals(project.verify(trust=rules()))


def test_free_standing_bundles_keep_approvals_with_their_sidecars(
    project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    aside = project.root / "run.evidence"
    sidecars = [path for path in project.folder.iterdir() if path != project.bundle]
    aside.mkdir()
    for path in sidecars:
        path.rename(aside / path.name)
    emptied = project.folder
    bundle = project.bundle.rename(project.root / "run.sigstore.json")
    emptied.rmdir()
    options = {"name": "Jane Doe", "role": "model owner", "meaning": "approved"}
    (written,) = approve(bundle, [jane], **options).written  # type: ignore[arg-type]
    assert written.parent == aside
    assert project.verify(str(bundle), trust=rules(ONE)).verdict.exit_code == 0
    everything = project.verify(str(project.root), trust=rules(ONE))
    assert len(everything.verdict.targets) == 1, "an approval is no evidence of its own"


class TestMaking:
    def test_the_policy_knows_name_and_role(
        self, project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        result = approve(project.folder, [jane], meaning="reviewed", rules=rules().rules)
        assert (result.approval.name, result.approval.role) == ("Jane Doe", "model owner")
        assert decode_bundle(result.written[0].read_bytes()).payload

    def test_the_policy_refuses_another_name_a_machine_and_a_stranger(
        self, project: Project, jane: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        robot = new_signer()
        known = rules(signer_table("robot", "robot"), robot=robot).rules
        for signers, name, words in (
            ([jane], "Max Roe", "is that of Jane Doe"),
            ([robot], None, "does not let robot approve"),
            ([new_signer()], None, "knows nobody"),
        ):
            with pytest.raises(UsageError, match=words):
                approve(project.folder, signers, name=name, meaning="approved", rules=known)

    def test_without_a_policy_both_must_be_said(self, project: Project, jane: Signer) -> None:
        with pytest.raises(UsageError, match="name and role"):
            approve(project.folder, [jane], meaning="approved")

    @pytest.mark.parametrize("meaning", ["", "two\nlines", "x" * 501, "\x1b[2J"])
    def test_a_meaning_is_one_line(self, project: Project, jane: Signer, meaning: str) -> None:
        with pytest.raises(UsageError, match="not an approval"):
            give(project, jane, meaning=meaning)
