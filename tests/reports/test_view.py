"""What the report says: denominators, exceptions first, nothing unauthenticated as fact."""

from __future__ import annotations

import dataclasses
import re
from typing import get_args

import msgspec
import pytest
from reports import flights, samples
from reports.markup import parse

from auditkit.evidence import Evidence, InventoryExcerpt
from auditkit.findings import Condition, Overall, Status, Verdict, overall
from auditkit.manifest.model import Basis
from auditkit.reports.blocks import Cell, Phrase, Table
from auditkit.reports.html import render_html
from auditkit.reports.language import language
from auditkit.reports.tally import judged, totals
from auditkit.reports.view import ReportView, build_view
from auditkit.reports.wording import OVERALL, basis_badge, condition_badge, status_badge

ENGLISH = language("en")


def view(evidence: Evidence) -> ReportView:
    return build_view(evidence, samples.OPTIONS)


def column(table: Table, index: int) -> list[str]:
    """Return a column's cells as a reader sees them."""
    return [said(row[index]) for row in table.rows]


def said(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, tuple):
        return " ".join(map(said, cell))
    if isinstance(cell, Phrase):
        return " ".join(map(said, cell.pieces))
    words = (getattr(cell, name, None) for name in ("word", "quoted", "strong", "label", "meaning"))
    return next((each for each in words if each is not None), "")


def test_a_passed_run_notes_no_exception_and_counts_everything() -> None:
    summary = view(samples.passed()).summary
    assert summary.exceptions.rows == ()
    assert summary.exceptions.empty == "None noted."
    facts = {fact.label: fact.value for fact in summary.checked}
    assert facts["Data sets re-read in full"] == "5 of 5"
    assert facts["Files re-read"] == "16 of 16"
    assert facts["Rows re-read"] == "362,891 of 362,891"
    assert [row[1] for row in summary.outcomes.rows] == [
        "0 of 31",
        "0 of 31",
        "27 of 31",
        "4 of 31",
    ]


def test_exceptions_come_worst_first() -> None:
    base = samples.failed()
    run = base.runs[0]
    doubt = samples.finding(8, "code", "commit", "indeterminate", "the repository is shallow")
    verdict = msgspec.structs.replace(run.verdict, findings=(doubt, *run.verdict.findings))
    shown = view(samples.evidence(msgspec.structs.replace(run, verdict=verdict)))
    assert column(shown.summary.exceptions, 2) == ["Failed", "Failed", "Failed", "Indeterminate"]


def test_a_data_set_that_the_verdict_leaves_out_stays_in_the_denominator() -> None:
    run = samples.passed().runs[0]
    partial = msgspec.structs.replace(run.verdict, datasets=run.verdict.datasets[:1])
    run = msgspec.structs.replace(run, verdict=partial)
    covered = totals(verdict for _, verdict in judged(run))
    assert (covered.datasets_in_full, covered.datasets) == (1, 5)
    assert (covered.rows, covered.rows_total) == (235_743, 362_891)
    record = view(samples.evidence(run)).runs[0].record
    assert record is not None
    assert [each.condition.word for each in record.datasets] == ["Intact", *["Unchecked"] * 4]


def test_metadata_counts_as_nothing_re_read() -> None:
    shown = view(samples.indeterminate())
    facts = {fact.label: fact.value for fact in shown.summary.checked}
    assert facts["Data sets re-read in full"] == "0 of 5"
    assert facts["Bytes re-read"].startswith("0\u00a0bytes of 31.6\u00a0MB")
    assert "the bytes were not re-read" in facts["Mode"]


def test_a_file_that_grew_does_not_stand_in_for_one_that_is_missing() -> None:
    run = samples.passed().runs[0]
    first, *others = run.verdict.datasets
    coverage = first.coverage
    grown = msgspec.structs.replace(coverage, bytes=coverage.bytes * 2, rows=10**9, files=99)
    changed = (msgspec.structs.replace(first, coverage=grown), *others)
    run = msgspec.structs.replace(
        run, verdict=msgspec.structs.replace(run.verdict, datasets=changed)
    )
    covered = totals(verdict for _, verdict in judged(run))
    assert covered == totals(samples.passed().runs[0].verdict.datasets)
    record = view(samples.evidence(run)).runs[0].record
    assert record is not None
    assert column(record.coverage, 4) == ["9 of 9", "1 of 1", "2 of 2", "3 of 3", "1 of 1"]


def test_a_verdict_from_a_file_is_called_so_on_the_cover() -> None:
    assert view(samples.passed()).cover.notices == ()
    notices = view(samples.indeterminate()).cover.notices
    assert [each.split(".")[0] for each in notices] == ["Not verified by this run"]


def test_nothing_of_an_unauthenticated_manifest_is_shown() -> None:
    evidence = samples.unauthenticated()
    page = parse(render_html(evidence, samples.OPTIONS)).text
    statement = flights.statement()
    claims = {
        statement.predicate.run.id,
        str(statement.predicate.run.name),
        *(each.name for each in statement.predicate.datasets),
        *(each.location for each in statement.predicate.datasets),
        str(statement.predicate.code.commit),
    }
    assert [claim for claim in claims if claim in page] == []
    assert "flights" not in page
    assert "The manifest was not authenticated" in page
    assert view(evidence).runs[0].record is None


def test_every_step_is_listed_even_without_findings() -> None:
    run = samples.passed().runs[0]
    verdict = msgspec.structs.replace(
        run.verdict, findings=tuple(each for each in run.verdict.findings if each.step != 7)
    )
    steps = view(samples.evidence(msgspec.structs.replace(run, verdict=verdict))).runs[0].steps
    numbers = [name.split()[0] for name in column(steps, 0)]
    assert numbers == [str(step) for step in range(1, 11)]
    outcomes = dict(zip(numbers, column(steps, 2), strict=True))
    assert outcomes["7"] == "Not run"
    assert outcomes["5"] == "Skipped"
    assert outcomes["9"] == "Passed"


def test_long_lists_are_bounded_and_say_so() -> None:
    run = samples.failed().runs[0]
    many = tuple(
        samples.finding(9, "dataset.files", "flights_test", "failed", f"file {n} is missing")
        for n in range(1000)
    )
    entries = flights.entries("x", 300, 3000, 30_000)
    excerpts = (
        InventoryExcerpt(dataset=flights.DATASETS[0][0], entries=entries, total=1234),
        *run.inventories[1:],
    )
    run = msgspec.structs.replace(
        run,
        verdict=msgspec.structs.replace(
            run.verdict, findings=(*many, *samples.passed().runs[0].verdict.findings)
        ),
        inventories=excerpts,
    )
    shown = view(samples.evidence(run))
    assert len(shown.summary.exceptions.rows) == 12
    assert "988 more" in shown.summary.exceptions.note
    assert len(shown.runs[0].findings.rows) == 200
    assert shown.runs[0].findings.note.startswith("200 of 1,031 findings")
    record = shown.runs[0].record
    assert record is not None
    assert len(record.files[0].rows) == 200
    assert record.files[0].note.startswith("200 of 1,234 files")
    assert record.files[1].rows == ()
    assert "complete list" in record.files[1].empty
    assert record.datasets[2].differences is not None
    assert "25 of 1,000" in record.datasets[2].differences.note


def test_a_schema_is_shown_once() -> None:
    record = view(samples.passed()).runs[0].record
    assert record is not None
    assert [each.schema is not None for each in record.datasets] == [True, *[False] * 4]
    assert flights.DATASETS[0][0] in record.datasets[1].same_schema
    assert record.datasets[4].same_schema == ""


def test_single_fields_keep_their_own_basis() -> None:
    record = view(samples.passed()).runs[0].record
    assert record is not None
    marks = {fact.label: fact.basis and fact.basis.word for fact in record.datasets[0].facts}
    assert marks["Schema version"] == "declared"
    assert marks["Schema fingerprint"] == "observed"
    assert marks["Read at"] == "declared"
    assert all(fact.basis for fact in record.datasets[0].facts)
    table = dict(zip(column(record.basis, 0), column(record.basis, 1), strict=True))
    assert table["Parameters and metrics"] == "declared"
    assert table["All times in the manifest"] == "declared"


def test_the_limits_answer_for_this_run() -> None:
    answers = {row[0]: row[2] for row in view(samples.passed()).runs[0].limits.rows}
    assert answers["Stored bytes rot or are edited"] == "5 of 5 data sets were re-read in full."
    assert samples.KEYID[:12] in str(
        answers["Data is swapped and the manifest signed again with another key"]
    )
    assert "when it was signed is not shown" in str(answers["The signing key is stolen"])
    assert "before the run" in str(answers["Data is swapped before it is recorded"])
    untrusted = samples.evidence(samples.run_evidence(), trust=samples.NO_TRUST)
    answers = {row[0]: row[2] for row in view(untrusted).runs[0].limits.rows}
    assert (
        answers["Data is swapped and the manifest signed again with another key"]
        == "Not caught: no key was given."
    )


def test_several_runs_get_a_table_and_a_chapter_each() -> None:
    shown = view(samples.several())
    assert shown.summary.runs is not None
    assert column(shown.summary.runs, 0) == ["1", "2", "3"]
    headings = [chapter.heading for chapter in shown.chapters if chapter.heading]
    assert [each.number for each in headings] == ["4", "5", "6"]
    anchors = [each.anchor for chapter in shown.chapters for each in chapter.sections]
    assert len(anchors) == len(set(anchors))
    assert column(shown.summary.exceptions, 0) == [*["Run 2"] * 3, "Run 3"]
    assert [each.number for each in shown.contents][-4:] == ["7", "8", "A", "B"]


def test_no_runs_at_all_still_make_a_report() -> None:
    empty = samples.evidence()
    assert isinstance(empty.verdict, Verdict)
    assert empty.verdict.status == overall(()) == "indeterminate"
    assert b"The verdict is about no run." in render_html(empty, samples.OPTIONS)


def test_words_and_symbols_tell_statuses_apart_without_colour() -> None:
    statuses = [status_badge(ENGLISH, each) for each in get_args(Status)]
    bases = [basis_badge(ENGLISH, each) for each in get_args(Basis)]
    for badges in (statuses, bases):
        assert len({badge.word for badge in badges}) == len(badges)
        assert len({badge.symbol for badge in badges}) == len(badges)
    assert set(OVERALL) == set(get_args(Overall))
    tones = {condition_badge(ENGLISH, each).tone for each in get_args(Condition)}
    assert tones <= {badge.tone for badge in statuses}


@pytest.mark.parametrize("name", ["passed", "failed", "indeterminate", "several"])
def test_the_report_never_promises(name: str) -> None:
    page = parse(render_html(getattr(samples, name)(), samples.FULL)).text
    assert not re.search(r"complian|certif(?!i\b)|guarante", page, re.IGNORECASE)


def test_the_view_holds_only_plain_values() -> None:
    def walk(value: object) -> None:
        if dataclasses.is_dataclass(value):
            assert value.__hash__ is not None
            for field in dataclasses.fields(value):
                walk(getattr(value, field.name))
        elif isinstance(value, tuple):
            for item in value:
                walk(item)
        else:
            assert value is None or isinstance(value, str | int | float)

    walk(view(samples.several()))


@pytest.mark.parametrize("name", ["passed", "failed", "several", "unauthenticated"])
def test_no_table_is_ragged(name: str) -> None:
    def walk(value: object) -> None:
        if isinstance(value, Table):
            widths = {len(row) for row in value.rows} | {len(value.total or value.columns)}
            assert widths == {len(value.columns)}, value.caption
            assert sum(column.width for column in value.columns) == 100
        if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                walk(getattr(value, field.name))
        elif isinstance(value, tuple):
            for item in value:
                walk(item)

    walk(view(getattr(samples, name)()))
