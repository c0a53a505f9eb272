"""Step 7: parents are there, somebody trusted signed them, and strangers count for nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from policies import policy, signer_table
from projects import Outcome, Project
from rewrite import replace_payload, resign
from stages import Stages

from auditkit.signing.signer import Signer


@pytest.fixture
def stages(tmp_path: Path, signer: Signer) -> Stages:
    return Stages(tmp_path / "project", signer)


def check(stages: Stages, target: Path, *parents: Path, **options: object) -> Outcome:
    where = parents or (stages.evidence,)
    return Project(stages.root, stages.signer).verify(str(target), parents=where, **options)


def lineage(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(each.check, each.subject, each.status) for each in outcome.findings if each.step == 7]


def detail(outcome: Outcome, check: str) -> str:
    return next(each.detail for each in outcome.findings if each.check == check)


def test_inputs_lead_back_to_the_runs_that_wrote_them(stages: Stages) -> None:
    runs = stages.pipeline()
    outcome = check(stages, runs["train"].path)
    assert outcome.verdict.exit_code == 0
    assert lineage(outcome) == [
        ("lineage.input", "train", "passed"),
        ("lineage", "chain", "passed"),
    ]
    assert f"is output train of run {runs['transform'].run_id}" in detail(outcome, "lineage.input")
    assert detail(outcome, "lineage").startswith("2 earlier runs lead here")
    graph = outcome.runs[0].lineage
    assert graph is not None
    assert {each.name for each in graph.runs} == {"ingest", "transform", "train"}


def test_without_parents_the_step_is_skipped(stages: Stages) -> None:
    runs = stages.pipeline()
    outcome = Project(stages.root, stages.signer).verify(str(runs["train"].path))
    assert lineage(outcome) == [("lineage", "manifest", "skipped")]
    assert outcome.runs[0].lineage is None


def test_the_first_run_begins_the_chain(stages: Stages) -> None:
    outcome = check(stages, stages.pipeline()["ingest"].path)
    assert lineage(outcome) == [("lineage.input", "raw", "skipped"), ("lineage", "chain", "passed")]
    assert "begins the chain" in detail(outcome, "lineage")


def test_a_rewritten_table_is_joined_by_its_rows(stages: Stages) -> None:
    stages.write("a.csv", "id,delay\n1,5\n")
    stages.write("b.jsonl", '{"id":1,"delay":5}\n')
    stages.record("ingest", {}, {"flights": "a.csv"})
    run = stages.record("train", {"flights": "b.jsonl"}, {"model": "a.csv"})
    outcome = check(stages, run.path)
    assert "has the rows of output flights" in detail(outcome, "lineage.input")


def test_a_declared_parent_is_found_by_digest(stages: Stages) -> None:
    runs = stages.pipeline()
    child = stages.record(
        "tune", {"x": "data/raw.csv"}, {"y": "models/model.bin"}, parents=(runs["train"].run_id,)
    )
    outcome = check(stages, child.path)
    assert ("lineage.parent", runs["train"].run_id, "passed") in lineage(outcome)
    assert "declared only" in detail(outcome, "lineage.parent")


def test_what_a_parent_wrote_and_this_run_read_is_named(stages: Stages) -> None:
    runs = stages.pipeline()
    child = stages.record(
        "score",
        {"weights": "models/model.bin"},
        {"y": "data/raw.csv"},
        parents=(runs["train"].run_id,),
    )
    assert "its output model is weights here" in detail(check(stages, child.path), "lineage.parent")


@pytest.mark.parametrize("generations", [1, 2])
def test_a_missing_parent_fails_however_far_back(stages: Stages, generations: int) -> None:
    stages.write("a", "a")
    run = gone = stages.record("base", {}, {"a": "a"})
    for number in range(generations):
        run = stages.record(f"tune-{number}", {}, {"a": "a"}, parents=(run.run_id,))
    shutil.rmtree(gone.path)
    outcome = check(stages, run.path)
    assert outcome.verdict.exit_code == 10
    assert outcome.failed() == [
        (7, "lineage.parent", gone.run_id, None),
        (7, "lineage", "chain", None),
    ]
    (finding,) = (
        each
        for each in outcome.findings
        if each.check == "lineage.parent" and each.status == "failed"
    )
    assert finding.expected == f"sha256:{gone.manifest}"
    assert ("named as a parent by run" in finding.detail) == (generations == 2)


def test_a_parent_signed_by_a_stranger_fails(stages: Stages, stranger: Signer) -> None:
    stages.write("a", "a")
    parent = stages.record("base", {}, {"a": "a"}, signer=stranger)
    child = stages.record("tune", {"a": "a"}, {"b": "a"}, parents=(parent.run_id,))
    outcome = check(stages, child.path)
    assert ("lineage.parent", parent.run_id, "failed") in lineage(outcome)
    assert "not signed by the trusted key" in detail(outcome, "lineage.parent")


def test_a_strangers_claim_on_an_input_counts_for_nothing(
    stages: Stages, stranger: Signer, tmp_path: Path
) -> None:
    runs = stages.pipeline()
    dropped = tmp_path / "dropped"
    claim = stages.record(
        "mine", {}, {"train": "data/train.csv"}, signer=stranger, evidence=dropped
    )
    outcome = check(stages, runs["train"].path, stages.evidence, dropped)
    assert outcome.verdict.exit_code == 0
    assert claim.run_id not in str(outcome.runs[0].lineage)
    only = check(stages, runs["train"].path, dropped)
    assert ("lineage.input", "train", "skipped") in lineage(only)


def test_a_strangers_earlier_claim_is_named_and_skipped(stages: Stages, stranger: Signer) -> None:
    stages.write("a", "a")
    claim = stages.record("mine", {}, {"a": "a"}, signer=stranger)
    run = stages.record("train", {"a": "a"}, {"b": "a"})
    outcome = check(stages, run.path)
    assert lineage(outcome) == [("lineage.input", "a", "skipped"), ("lineage", "chain", "passed")]
    assert f"run {claim.run_id} says so" in detail(outcome, "lineage.input")


def test_a_parent_that_was_edited_fails_under_its_new_digest_and_its_old(stages: Stages) -> None:
    runs = stages.pipeline()
    child = stages.record("tune", {}, {"y": "data/raw.csv"}, parents=(runs["train"].run_id,))
    bundle = runs["train"].path / "manifest.sigstore.json"
    replace_payload(bundle, lambda document: document["predicate"]["run"].update(name="better"))
    outcome = check(stages, child.path)
    assert ("lineage.parent", runs["train"].run_id, "failed") in lineage(outcome)
    assert "not among the evidence" in detail(outcome, "lineage.parent")


def test_a_parent_under_another_run_id_fails(stages: Stages) -> None:
    runs = stages.pipeline()
    child = stages.record("tune", {}, {"y": "data/raw.csv"}, parents=(runs["train"].run_id,))
    other = runs["ingest"].run_id

    def lie(document: dict) -> None:
        document["predicate"]["lineage"]["parents"][0]["run"] = other

    resign(child.path / "manifest.sigstore.json", stages.signer, lie)
    outcome = check(stages, child.path)
    assert ("lineage.parent", other, "failed") in lineage(outcome)
    assert "that of another run" in detail(outcome, "lineage.parent")


def test_a_circle_is_named_and_its_later_half_not_counted(stages: Stages) -> None:
    stages.write("x", "x")
    stages.write("y", "y")
    there = stages.record("there", {"x": "x"}, {"y": "y"})
    back = stages.record("back", {"y": "y"}, {"x": "x"})
    outcome = check(stages, back.path)
    assert outcome.verdict.exit_code == 0
    assert ("lineage", there.run_id, "skipped") in lineage(outcome)
    assert f"also an output of run {back.run_id}" in detail(outcome, "lineage")
    first = check(stages, there.path)
    assert lineage(first) == [("lineage.input", "x", "skipped"), ("lineage", "chain", "passed")]
    assert "was recorded later" in detail(first, "lineage.input")


def test_a_damaged_copy_does_not_hide_a_good_one(stages: Stages, tmp_path: Path) -> None:
    runs = stages.pipeline()
    child = stages.record("tune", {}, {"y": "data/raw.csv"}, parents=(runs["train"].run_id,))
    copy = tmp_path / "a-copy" / runs["train"].run_id
    shutil.copytree(runs["train"].path, copy)
    bundle = copy / "manifest.sigstore.json"
    bundle.write_bytes(bundle.read_bytes().replace(b'"sig": "', b'"sig": "AAAA'))
    outcome = check(stages, child.path, tmp_path / "a-copy", stages.evidence)
    assert outcome.verdict.exit_code == 0


def test_unreadable_evidence_among_the_parents_is_no_parent(stages: Stages) -> None:
    runs = stages.pipeline()
    broken = stages.evidence / "0192f7a4-6b3c-7d21-9a4e-5f60718293a4"
    broken.mkdir()
    (broken / "manifest.sigstore.json").write_text("{")
    assert check(stages, runs["train"].path).verdict.exit_code == 0


def test_a_policy_that_requires_lineage_fails_without_parents(
    stages: Stages, tmp_path: Path
) -> None:
    runs = stages.pipeline()
    trust = policy(
        tmp_path, signer_table("ci", "ci") + '[require]\nsteps = ["lineage"]\n', ci=stages.signer
    )
    target = str(runs["train"].path)
    without = Project(stages.root, stages.signer).verify(target, trust=trust)
    assert without.failed() == [(7, "lineage", "policy", None)]
    assert check(stages, runs["train"].path, trust=trust).verdict.exit_code == 0
