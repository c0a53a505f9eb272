"""From facts to an outcome: what counts, what does not, and what outweighs the rest."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import flights, samples

from auditkit.controls import facts
from auditkit.controls.assess import OUTCOMES, Framework, answer, assess, judge
from auditkit.controls.load import builtin_packs
from auditkit.controls.standing import Answer, Standing
from auditkit.evidence import RunEvidence
from auditkit.findings import ApprovalVerdict
from auditkit.manifest import model

STANDINGS = st.sampled_from(get_args(Standing))
REACHES = st.sampled_from(["whole", "part"])
BETTER = {"absent": 0, "contradicted": 0, "unchecked": 1, "declared": 2, "shown": 3}


def known(fact: facts.Fact, run: RunEvidence | None = None) -> Answer:
    run = run or samples.run_evidence()
    assert run.statement is not None
    return answer(fact, run, run.statement.predicate)


def standing(fact: facts.Fact, run: RunEvidence | None = None) -> str:
    return known(fact, run).standing


def recorded(**changes: Any) -> RunEvidence:
    """Return a run whose manifest has these parts instead of its own."""
    return samples.run_evidence(flights.statement(**changes))


def found(*added: Any, without: str = "") -> RunEvidence:
    """Return a run with these findings besides its own."""
    run = samples.run_evidence()
    kept = tuple(each for each in run.verdict.findings if each.check != without)
    verdict = msgspec.structs.replace(run.verdict, findings=(*kept, *added))
    return msgspec.structs.replace(run, verdict=verdict)


@given(st.lists(STANDINGS, min_size=1), REACHES)
def test_a_failed_check_outweighs_everything(standings: Any, reach: Any) -> None:
    outcome, _ = judge([*standings, "contradicted"], reach)
    assert outcome == "not-evidenced"


@given(st.lists(STANDINGS), REACHES)
def test_supported_needs_every_fact_shown_and_the_whole_control(standings: Any, reach: Any) -> None:
    outcome, reason = judge(standings, reach)
    assert (outcome == "supported") == (
        reach == "whole" and bool(standings) and set(standings) == {"shown"}
    )
    assert str(reason).endswith(".")


@given(st.lists(STANDINGS, min_size=1), REACHES, st.data())
def test_better_facts_never_make_a_worse_outcome(standings: Any, reach: Any, data: Any) -> None:
    place = data.draw(st.integers(0, len(standings) - 1))
    better = data.draw(
        st.sampled_from(
            [each for each in BETTER if BETTER[each] > BETTER[standings[place]]] or ["shown"]
        )
    )
    if "contradicted" in standings or better == "contradicted":
        return
    improved = [*standings[:place], better, *standings[place + 1 :]]
    before, after = judge(standings, reach)[0], judge(improved, reach)[0]
    assert OUTCOMES.index(after) <= OUTCOMES.index(before)


def test_every_kind_of_fact_has_an_answer_in_an_authenticated_run() -> None:
    samples_of = {
        "check": {"id": "envelope"},
        "declared": {"field": "source"},
        "declarations": {"field": "owner"},
    }
    for kind in get_args(facts.Fact):
        tag = kind.__struct_config__.tag
        said = known(kind(**samples_of.get(tag, {})))
        assert str(said.reason).endswith(".")
        assert "{" not in str(said.reason)


def test_without_authentication_nothing_is_evidenced() -> None:
    for pack in builtin_packs().values():
        for each in assess(Framework(pack), samples.unauthenticated().runs[0]):
            assert (each.outcome, each.answers) == ("not-evidenced", ())


def test_a_control_set_aside_says_why_and_is_not_looked_at() -> None:
    pack = builtin_packs()["eu-ai-act"]
    run = samples.passed().runs[0]
    aside = {
        each.control.id: each for each in assess(Framework(pack, {"Art. 72": "No market."}), run)
    }["Art. 72"]
    assert (aside.outcome, aside.answers) == ("not-applicable", ())
    assert "No market." in str(aside.reason)


def test_data_counts_only_where_it_was_read_again_and_is_unchanged() -> None:
    assert standing(facts.Datasets()) == "shown"
    assert standing(facts.Outputs()) == "shown"
    assert standing(facts.Datasets(role="test")) == "shown"
    assert standing(facts.Datasets(role="holdout")) == "absent"
    assert standing(facts.Outputs(), recorded(datasets=())) == "absent"
    altered = samples.failed().runs[0]
    said = known(facts.Datasets(), altered)
    assert said.standing == "contradicted"
    assert {altered.verdict.findings[place].status for place in said.findings} == {"failed"}
    assert standing(facts.Outputs(), altered) == "shown"
    assert standing(facts.Datasets(role="validation"), altered) == "shown"
    assert standing(facts.Datasets(), samples.indeterminate().runs[0]) == "unchecked"


def test_data_that_the_verdict_leaves_out_is_unchecked() -> None:
    run = samples.run_evidence()
    left = msgspec.structs.replace(run.verdict, datasets=run.verdict.datasets[:1])
    said = known(facts.Datasets(), msgspec.structs.replace(run, verdict=left))
    assert (said.standing, dict(said.reason.values)) == ("unchecked", {"found": 1, "total": 4})


def test_a_check_counts_if_it_passed_wherever_it_had_to_be_made() -> None:
    assert standing(facts.Check(id="dataset.rows")) == "shown"
    assert standing(facts.Check(id="dataset.bytes"), samples.indeterminate().runs[0]) == "unchecked"
    assert standing(facts.Check(id="dataset.bytes"), samples.failed().runs[0]) == "contradicted"
    assert standing(facts.Check(id="timestamp")) == "absent"
    skipped = samples.finding(9, "dataset.rows", "another", "skipped", "not counted")
    assert standing(facts.Check(id="dataset.rows"), found(skipped)) == "unchecked"


def test_one_time_stamp_that_counts_is_enough() -> None:
    good = samples.finding(3, "timestamp", "a", "passed", "by an authority of the policy")
    other = samples.finding(3, "timestamp", "b", "skipped", "by an unknown authority")
    said = known(facts.Check(id="timestamp"), found(good, other))
    assert (said.standing, len(said.findings)) == ("shown", 1)


def test_a_check_covers_what_it_is_divided_into_and_no_other() -> None:
    inclusion = samples.finding(5, "log.inclusion", "-", "passed", "in the log")
    assert standing(facts.Check(id="log"), found(inclusion, without="log")) == "shown"
    assert standing(facts.Check(id="lo"), found(inclusion)) == "absent"


def approved(*roles: str, status: Any = "passed") -> RunEvidence:
    run = samples.run_evidence()
    verdicts = tuple(
        ApprovalVerdict(
            name=f"Person {role}",
            role=role,
            meaning="reviewed",
            approved_at="2026-03-03T08:00:00Z",
            bundle="approval.sigstore.json",
            keyids=("0" * 64,),
            status=status,
        )
        for role in roles
    )
    verdict = msgspec.structs.replace(run.verdict, approvals=verdicts)
    return msgspec.structs.replace(run, verdict=verdict)


def test_approvals_count_by_role() -> None:
    both = approved("validator", "owner")
    assert (
        str(known(facts.Approval(), both).reason) == "Approved by Person validator, Person owner."
    )
    assert standing(facts.Approval(role="owner"), both) == "shown"
    assert standing(facts.Approval(role="auditor"), both) == "absent"
    assert standing(facts.Approval()) == "absent"
    assert standing(facts.Approval(), approved("owner", status="indeterminate")) == "unchecked"


def test_a_failed_approval_is_not_made_good_by_another() -> None:
    run = approved("owner")
    failed = samples.finding(3, "approval", "x", "failed", "the signature does not verify")
    verdict = msgspec.structs.replace(run.verdict, findings=(*run.verdict.findings, failed))
    assert (
        standing(facts.Approval(), msgspec.structs.replace(run, verdict=verdict)) == "contradicted"
    )


def test_what_the_team_says_is_declared_and_never_shown() -> None:
    for fact in (
        facts.DeclaredOfData(field="source"),
        facts.DeclaredOfRun(field="owner"),
        facts.Parameters(names=("seed",)),
        facts.Metrics(),
        facts.Splits(),
        facts.Duration(),
        facts.Parents(),
    ):
        assert standing(fact) == "declared"


def test_what_is_not_recorded_is_absent() -> None:
    bare = flights.statement().predicate
    environment = msgspec.structs.replace(
        bare.environment, packages=None, lock_files=(), container=None
    )
    code = model.Code(basis="observed", status="absent", reason="no repository")
    run = msgspec.structs.replace(bare.run, command=(), started_at=None, ci=None)
    capture = msgspec.structs.replace(bare.capture, inputs_read="after-run")
    empty = recorded(
        environment=environment,
        code=code,
        run=run,
        capture=capture,
        datasets=(),
        splits=(),
        parameters={},
        metrics={},
        lineage=model.Lineage(),
        declarations=None,
    )
    for fact in (
        facts.PackagesRecorded(),
        facts.LockFiles(),
        facts.ContainerRecorded(),
        facts.CodeRecorded(),
        facts.Command(),
        facts.Duration(),
        facts.CiJobRecorded(),
        facts.ReadBeforeRun(),
        facts.Datasets(),
        facts.DeclaredOfData(field="source"),
        facts.DeclaredOfRun(field="owner"),
        facts.Splits(),
        facts.Parameters(),
        facts.Metrics(),
        facts.Parents(),
        facts.Copies(),
    ):
        bundleless = msgspec.structs.replace(empty, attachments=())
        assert standing(fact, bundleless) == "absent", fact


def test_a_parameter_that_is_named_must_be_there() -> None:
    said = known(facts.Parameters(names=("seed", "momentum")))
    assert (said.standing, said.reason.values["names"]) == ("absent", "momentum")


@pytest.mark.parametrize(
    ("status", "expected"),
    [("passed", "shown"), ("failed", "contradicted"), ("skipped", "declared")],
)
def test_earlier_runs_are_shown_once_they_were_found(status: Any, expected: str) -> None:
    checked = samples.finding(7, "lineage.parent", "parent", status, "looked for")
    assert standing(facts.Parents(), found(checked, without="lineage")) == expected


def test_code_with_changes_that_were_not_kept_is_not_shown() -> None:
    clean = flights.statement().predicate.code
    assert standing(facts.CodeRecorded()) == "shown"
    dirty = msgspec.structs.replace(clean, dirty=True, patch=None)
    assert standing(facts.CodeRecorded(), recorded(code=dirty)) == "unchecked"
    missing = samples.finding(8, "code", "commit", "failed", "the commit is not there")
    assert standing(facts.CodeRecorded(), found(missing, without="code")) == "contradicted"
