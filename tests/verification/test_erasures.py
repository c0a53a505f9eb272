"""Lawful erasure: it excuses what is gone, on the word of whoever may give it, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from policies import new_signer, policy, signer_table
from projects import Project
from rewrite import read, replace_payload, resign

from auditkit.api.erase import ErasureResult, attest_erasure
from auditkit.errors import UsageError
from auditkit.signing.signer import Signer
from auditkit.trust.load import PolicyTrust
from auditkit.verification.options import Mode

REASON = "erasure request 17"
OFFICER = 'role = "data protection officer"\nstatements = ["erasure"]'


@pytest.fixture
def officer() -> Signer:
    return new_signer()


@pytest.fixture
def rules(project: Project, tmp_path: Path, officer: Signer) -> Callable[..., PolicyTrust]:
    def load(officers: str = OFFICER, **files: Signer) -> PolicyTrust:
        tables = signer_table("ci", "ci")
        tables += signer_table("Ada Lane", "officer", kind="person", rest=officers)
        tables += "".join(signer_table(name, name) for name in files)
        return policy(tmp_path, tables, ci=project.signer, officer=officer, **files)

    return load


def attest(project: Project, signer: Signer, dataset: str, **options: Any) -> ErasureResult:
    named = {"name": "Ada Lane", "role": "data protection officer", "reason": REASON, **options}
    return attest_erasure(project.folder, dataset, [signer], **named)


def test_a_folder_that_is_gone_is_erased(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    attest(project, officer, "train")
    shutil.rmtree(project.root / "data/train")
    outcome = project.verify(trust=rules())
    assert outcome.verdict.exit_code == 0
    found = outcome.dataset("train")
    assert (found.condition, found.status) == ("erased", "skipped")
    assert found.note is not None
    assert found.note.startswith("erased, as Ada Lane (data protection officer) attested on 20")
    assert found.note.endswith(REASON)
    assert outcome.statuses("erasure") == {"passed"}
    names = [each.description for each in outcome.runs[0].attachments]
    assert "Signed erasure (Sigstore bundle)" in names


def test_some_of_the_files_may_be_gone_if_the_others_are_unchanged(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    attest(project, officer, "train")
    (project.root / "data/train/part-1.parquet").unlink()
    outcome = project.verify(trust=rules())
    assert outcome.verdict.exit_code == 0
    assert outcome.dataset("train").condition == "erased"
    assert outcome.dataset("train").coverage.files == 2
    gone = [each for each in outcome.findings if each.location and each.location.file]
    assert [(each.location.file, each.status) for each in gone if each.location] == [
        ("part-1.parquet", "skipped")
    ]


@pytest.mark.parametrize("damage", ["altered", "extra"])
def test_what_differs_is_never_excused(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust], damage: str
) -> None:
    attest(project, officer, "images")
    (project.root / "data/images/a.bin").unlink()
    name = "sub/b.bin" if damage == "altered" else "sub/c.bin"
    (project.root / "data/images" / name).write_bytes(b"c" * 1000)
    outcome = project.verify(trust=rules())
    assert outcome.verdict.exit_code == 10
    assert outcome.dataset("images").condition == "altered"


def test_data_that_is_still_there_is_checked_as_ever(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    attest(project, officer, "train")
    assert project.verify(trust=rules()).dataset("train").condition == "intact"


def test_derived_sidecars_may_go_and_others_may_not(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    result = attest(project, officer, "train")
    assert [each.name for each in result.sidecars] == ["train.blocks.parquet"]
    for path in result.sidecars:
        path.unlink()
    shutil.rmtree(project.root / "data/train")
    assert project.verify(trust=rules()).verdict.exit_code == 0
    (project.folder / "labels.blocks.parquet").unlink()
    outcome = project.verify(trust=rules())
    assert outcome.failed() == [(6, "sidecar", "labels.blocks.parquet", None)]


def test_a_sidecar_that_differs_fails_even_where_it_might_be_gone(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    (path,) = attest(project, officer, "train").sidecars
    path.write_bytes(b"x")
    assert (6, "sidecar", path.name, None) in project.verify(trust=rules()).failed()


def test_if_everything_is_erased_nothing_passes(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
) -> None:
    for name in ("train", "labels", "events", "images", "model", "predictions"):
        attest(project, officer, name)
    shutil.rmtree(project.root / "data")
    shutil.rmtree(project.root / "models")
    assert project.verify(trust=rules()).verdict.exit_code == 11


@pytest.mark.parametrize("mode", ["full", "metadata"])
def test_metadata_mode_excuses_and_still_never_passes(
    project: Project, officer: Signer, rules: Callable[..., PolicyTrust], mode: Mode
) -> None:
    attest(project, officer, "train")
    (project.root / "data/train/part-1.parquet").unlink()
    outcome = project.verify(trust=rules(), mode=mode)
    assert outcome.verdict.exit_code == (0 if mode == "full" else 11)


class TestWhatDoesNotCount:
    def check(self, project: Project, trust: PolicyTrust, words: str) -> None:
        shutil.rmtree(project.root / "data/train")
        outcome = project.verify(trust=trust)
        assert outcome.verdict.exit_code == 10
        assert outcome.dataset("train").condition == "missing"
        (finding,) = (each for each in outcome.findings if each.check == "erasure")
        assert finding.status == "skipped"
        assert words in finding.detail

    def test_by_whoever_only_signs_runs(
        self, project: Project, rules: Callable[..., PolicyTrust]
    ) -> None:
        attest(project, project.signer, "train", name="ci", role="robot")
        self.check(project, rules(), "may not sign urn:auditkit:erasure:v1")

    def test_by_a_stranger(self, project: Project, rules: Callable[..., PolicyTrust]) -> None:
        attest(project, new_signer(), "train")
        self.check(project, rules(), "not at hand")

    def test_in_another_persons_name(
        self, project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        attest(project, officer, "train", name="Max Roe")
        self.check(project, rules(), "the key is that of Ada Lane")

    def test_with_an_edited_payload(
        self, project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        (path,) = attest(project, officer, "images").written
        replace_payload(
            path, lambda document: document["predicate"]["dataset"].update(name="train")
        )
        self.check(project, rules(), "signature")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"name": "labels"}, "data that this manifest does not have"),
            ({"root": {"dirHash": "0" * 64}}, "data that this manifest does not have"),
            (
                {"sidecars": [{"name": "code.patch", "sha256": "0" * 64}]},
                "sidecars that this data set does not have",
            ),
        ],
    )
    def test_about_other_data(
        self,
        project: Project,
        officer: Signer,
        rules: Callable[..., PolicyTrust],
        change: dict[str, Any],
        words: str,
    ) -> None:
        (path,) = attest(project, officer, "train").written
        resign(path, officer, lambda document: document["predicate"]["dataset"].update(change))
        self.check(project, rules(), words)

    def test_about_another_manifest(
        self, project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        (path,) = attest(project, officer, "train").written

        def swap(document: dict[str, Any]) -> None:
            document["subject"][0]["digest"]["sha256"] = "0" * 64

        resign(path, officer, swap)
        self.check(project, rules(), "another manifest")

    def test_what_is_no_bundle(
        self, project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        (path,) = attest(project, officer, "train").written
        path.write_text("{")
        self.check(project, rules(), "not a Sigstore bundle")


class TestAttesting:
    def test_the_policy_knows_name_and_role(
        self, project: Project, officer: Signer, rules: Callable[..., PolicyTrust]
    ) -> None:
        result = attest_erasure(
            project.folder, "train", [officer], reason=REASON, rules=rules().rules
        )
        assert (result.erasure.name, result.erasure.role) == (
            "Ada Lane",
            "data protection officer",
        )
        assert read(result.written[0]).payload

    def test_the_policy_refuses_whoever_may_not(
        self, project: Project, rules: Callable[..., PolicyTrust]
    ) -> None:
        with pytest.raises(UsageError, match="does not let ci attest erasures"):
            attest(project, project.signer, "train", rules=rules().rules, name=None)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"dataset": "nothing"}, "no data set or output is named"),
            ({"name": None}, "name and role"),
            ({"reason": "two\nlines"}, "not an erasure"),
            ({"reason": ""}, "not an erasure"),
        ],
    )
    def test_what_cannot_be_attested(
        self, project: Project, officer: Signer, options: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(UsageError, match=words):
            attest(project, officer, **{"dataset": "train", **options})


def test_whoever_needs_two_keys_signs_with_both(project: Project, tmp_path: Path) -> None:
    first, second = new_signer(), new_signer("ecdsa-p256")
    tables = signer_table("ci", "ci")
    tables += signer_table(
        "Ada Lane", "first", "second", kind="person", rest=f'require = "all"\n{OFFICER}'
    )
    trust = policy(tmp_path, tables, ci=project.signer, first=first, second=second)
    shutil.rmtree(project.root / "data/train")
    options = {"name": "Ada Lane", "role": "data protection officer", "reason": REASON}
    result = attest_erasure(project.folder, "train", [first, second], **options)
    assert project.verify(trust=trust).dataset("train").condition == "erased"
    result.written[1].unlink()
    assert project.verify(trust=trust).dataset("train").condition == "missing"
