"""The sections one by one: what each is fed from, and what it says where there is no material."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from reports import flights, samples
from reports.markup import Element, parse

from auditkit.controls.assess import Framework
from auditkit.controls.load import builtin_packs
from auditkit.evidence import Evidence, RunEvidence
from auditkit.findings import ApprovalVerdict, Location, TimestampVerdict
from auditkit.reports import ReportOptions
from auditkit.reports.blocks import Badge, Link, Phrase, Strip
from auditkit.reports.html import render_html
from auditkit.reports.view import ReportView, RunView, build_view
from auditkit.reports.view.changes import merged

SECTIONS = [
    "Summary",
    "Addressee, intended use and restrictions",
    "Scope and exclusions",
    "Assertion of the responsible party",
    "Criteria",
    "Method",
    "Results per data set",
    "Exceptions",
    "Control mapping",
    "Lineage and chain of custody",
    "Observed, declared or derived",
    "What is caught, and what is not",
    "Sign-off",
    "How to verify independently",
    "Appendices",
]


def view(evidence: Evidence, options: ReportOptions = samples.OPTIONS) -> ReportView:
    return build_view(evidence, options)


def run_of(run: RunEvidence, options: ReportOptions = samples.OPTIONS) -> RunView:
    return view(samples.evidence(run), options).runs[0]


def with_verdict(run: RunEvidence, **changes: Any) -> RunEvidence:
    return msgspec.structs.replace(run, verdict=msgspec.structs.replace(run.verdict, **changes))


def page(evidence: Evidence, options: ReportOptions = samples.OPTIONS) -> Element:
    return parse(render_html(evidence, options))


@pytest.mark.parametrize("name", ["passed", "failed", "unauthenticated"])
def test_all_sixteen_parts_are_there_with_the_cover_as_the_first(name: str) -> None:
    found = [each.text.strip() for each in page(getattr(samples, name)()).all("h1", "h2")]
    assert found == [
        "Training-run evidence report",
        *(f"{number} {title}" for number, title in enumerate(SECTIONS, start=1)),
    ]


def test_a_section_without_material_says_so() -> None:
    text = " ".join(page(samples.passed()).text.split())
    for sentence in (
        "No addressee, intended use or restriction was stated for this report.",
        "This report was made without a framework.",
        "None noted.",
        "No framework was chosen, so the record was held against no controls.",
        "No time stamp was found: when these were signed is not proven.",
        "No approval was found that counts.",
        "No person has approved this manifest with a key that the verifier trusts.",
        "this report knows no period for which records are to be kept.",
        "Nothing was added: the evidence is as it was signed.",
    ):
        assert sentence in text


def test_what_the_maker_of_the_report_states_is_marked_as_declared() -> None:
    shown = view(samples.passed(), samples.FULL)
    assert [fact.label for fact in shown.use] == ["Addressee", "Intended use", "Restrictions"]
    assert {fact.basis and fact.basis.word for fact in shown.use} == {"declared"}
    assertion = shown.runs[0].assertion
    assert assertion.text.startswith("To the best of our knowledge")
    assert assertion.facts[0].value == "Operations research"
    assert {fact.basis and fact.basis.word for fact in assertion.facts} == {"declared"}


def test_controls_are_counted_linked_and_limited() -> None:
    evidence = samples.failed()
    shown = view(evidence, samples.FULL).runs[0].controls
    assert len(shown.outcomes.rows) == len(samples.FRAMEWORKS)
    for row, framework in zip(shown.outcomes.rows, samples.FRAMEWORKS, strict=True):
        counts = [int(str(cell).split(" of ")[0]) for cell in row[1:]]
        assert sum(counts) == len(framework.pack.controls)
        assert {str(cell).split(" of ")[1] for cell in row[1:]} == {str(sum(counts))}
    document = page(evidence, samples.FULL)
    ids = {each.attributes.get("id") for each in document.all()}
    links = [link for framework in shown.frameworks for link in links_in(framework.controls.rows)]
    assert len(links) > 100
    assert {link.anchor for link in links} <= ids
    for framework in shown.frameworks:
        assert all(row[2] for row in framework.controls.rows)


def links_in(value: object) -> Iterator[Link]:
    if isinstance(value, Link):
        yield value
    elif isinstance(value, Phrase):
        yield from links_in(value.pieces)
    elif isinstance(value, tuple):
        for item in value:
            yield from links_in(item)


def test_a_failed_check_leads_from_the_control_to_its_finding() -> None:
    evidence = samples.failed()
    options = framework("eu-ai-act")
    (shown,) = view(evidence, options).runs[0].controls.frameworks
    row = shown.controls.rows[1]
    findings = evidence.runs[0].verdict.findings
    numbers = [int(link.label.strip("[]")) for link in links_in(row)]
    assert {findings[number - 1].status for number in numbers} == {"failed"}


def framework(name: str, **changes: Any) -> ReportOptions:
    pack = msgspec.structs.replace(builtin_packs()[name], **changes)
    return ReportOptions(generated_at=samples.GENERATED_AT, frameworks=(Framework(pack),))


def test_a_pack_past_its_review_says_so_on_the_cover_and_in_its_section() -> None:
    late = framework("slsa-build", review_by=dt.date(2026, 9, 13))
    shown = view(samples.passed(), late)
    assert "SLSA Build" in shown.cover.notices[0]
    assert "past the day of its review" in shown.runs[0].controls.frameworks[0].notice
    assert "past its review" in str(shown.frameworks.rows[0][3])
    assert "past its review" in str(shown.runs[0].retention.rows[0][5])
    fresh = view(samples.passed(), framework("slsa-build", review_by=dt.date(2026, 9, 14)))
    assert fresh.cover.notices == ()
    assert fresh.runs[0].controls.frameworks[0].notice == ""


def test_controls_with_the_same_terms_share_a_row() -> None:
    table = view(samples.passed(), framework("eu-ai-act")).runs[0].retention
    ids = [each for row in table.rows for each in str(row[1]).split("; ")]
    assert sorted(ids) == sorted(each.id for each in builtin_packs()["eu-ai-act"].controls)
    assert len(table.rows) < 10
    assert "at least 6 months from when the log was made" in str(table.rows)


def test_until_when_data_can_be_read_what_decides_and_what_to_do() -> None:
    table = view(samples.passed()).runs[0].readable
    name, until, needed, outcome, why, action = table.rows[0]
    assert str(name).endswith(" @7")
    assert (until, needed) == ("2026-10-01", "2036-03-02")
    assert outcome == Badge("Lost too early", "✗", "failed")
    assert "delta.deletedFileRetentionDuration" in str(why)
    assert "Object Lock" in str(action)
    assert table.rows[1][1] == "no date known"
    assert table.rows[2][5] == "Nothing."
    assert "Needed for 10 years" in table.note


def test_a_report_says_if_the_stores_were_not_asked() -> None:
    found = samples.passed()
    (run,) = found.runs
    unasked = msgspec.structs.replace(run, retention=None)
    table = view(msgspec.structs.replace(found, runs=(unasked,))).runs[0].readable
    assert (table.rows, "were not asked" in table.empty) == ((), True)


def test_exceptions_have_condition_criterion_effect_owner_and_room_for_a_response() -> None:
    table = view(samples.failed()).runs[0].exceptions
    assert len(table.rows) == 3
    number, condition, criterion, owner = table.rows[0]
    assert number == Link("30", "finding-30")
    assert "rows 131,072 to 196,607" in str(condition)
    assert "The stored bytes have the recorded digests." in str(criterion)
    assert "data-office@example.com (○ declared)" in str(owner)
    assert "Response" in str(owner)


def test_without_a_declared_contact_the_owner_is_to_be_named() -> None:
    record = flights.statement(declarations=None, datasets=(flights.dataset(*flights.DATASETS[1]),))
    bad = samples.finding(9, "dataset.bytes", flights.DATASETS[1][0], "failed", "altered")
    table = run_of(samples.run_evidence(record, status="failed", findings=(bad,))).exceptions
    assert "Owner: to be named" in str(table.rows[0][3])


def stamped() -> RunEvidence:
    stamp = TimestampVerdict(
        signer="churn CI",
        bundle="manifest.sigstore.json",
        token="manifest.1.tsr",
        status="passed",
        detail="counts",
        authority="stamper",
        at="2026-03-02T10:20:00Z",
    )
    approval = ApprovalVerdict(
        name="Jane Doe",
        role="model owner",
        meaning="approved",
        approved_at="2026-03-03T10:00:00Z",
        bundle="approval.sigstore.json",
        keyids=("1" * 64,),
        status="passed",
    )
    run = samples.passed().runs[0]
    return with_verdict(run, timestamps=(stamp,), approvals=(approval,))


def test_the_timeline_is_in_order_and_says_whose_clock_it_is() -> None:
    events = run_of(stamped()).timeline
    assert [each.what for each in events] == [
        "Inputs were read and hashed",
        "The run started",
        "The manifest was made",
        "The run ended",
        "The signature of churn CI existed by now",
        "Approved by Jane Doe, model owner",
        "Verified",
        "This report was made",
    ]
    assert [each.basis.word for each in events] == [
        *["declared"] * 4,
        "observed",
        "declared",
        *["observed"] * 2,
    ]
    assert events[0].after == ""
    assert events[5].after.replace("\u00a0", " ") == "23 h 40 min later"
    assert events[6].after == "194 days later"
    assert "proven by stamper" in events[4].clock


def test_gaps_are_named() -> None:
    gaps = " ".join(run_of(samples.passed().runs[0]).gaps)
    assert "No time stamp was checked" in gaps
    assert "No log was checked" in gaps
    assert "Earlier runs are named and were not checked." in gaps
    assert "No time stamp was checked" not in " ".join(run_of(stamped()).gaps)
    unknown = view(samples.unauthenticated()).runs[0].gaps
    assert unknown[-1].startswith("The manifest was not authenticated")


def test_what_was_added_later_is_listed() -> None:
    rows = run_of(stamped()).additions.rows
    assert [row[1] for row in rows] == [
        "Time stamp by stamper",
        "Approval by Jane Doe, model owner",
    ]
    assert [row[2] for row in rows] == ["manifest.1.tsr", "approval.sigstore.json"]


def test_persons_sign_off_and_paper_has_lines() -> None:
    shown = view(samples.evidence(stamped()))
    assert "Jane Doe" in str(shown.signed.rows[0][0])
    assert len(shown.paper.rows) == 3
    none = view(samples.passed())
    assert none.signed.rows == ()


def located(column: str | None, *rows: tuple[int, int]) -> list[Any]:
    return [
        samples.finding(
            9,
            "dataset.content",
            flights.DATASETS[0][0],
            "failed",
            "values changed",
            location=Location(column=column, rows=each),
        )
        for each in rows
    ]


def test_changed_rows_are_drawn_to_scale_by_column() -> None:
    run = samples.passed().runs[0]
    found = (
        *located("distance_miles", (0, 65_535), (65_536, 131_071)),
        *located("carrier", (200_000, 235_742)),
        *located(None, (5, 5)),
    )
    record = run_of(with_verdict(run, findings=found)).record
    assert record is not None
    table = record.datasets[0].altered
    assert table is not None
    assert [row[0] for row in table.rows] == ["all columns", "carrier", "distance_miles"]
    strip = table.rows[2][1]
    assert isinstance(strip, Strip)
    ((begin, length),) = strip.marks
    assert begin == 0
    assert length == pytest.approx(100 * 131_072 / 235_743)
    assert table.rows[0][2] == ("row 5",)
    assert "235,743 rows" in table.note
    drawn = page(samples.evidence(with_verdict(run, findings=found)))
    titles = [each.text for each in drawn.all("title")]
    assert "distance_miles: rows 0 to 131,071" in titles


def test_rows_beyond_the_recorded_ones_still_fit_the_strip() -> None:
    run = with_verdict(samples.passed().runs[0], findings=tuple(located("carrier", (10, 999_999))))
    record = run_of(run).record
    assert record is not None
    table = record.datasets[0].altered
    assert table is not None
    strip = table.rows[0][1]
    assert isinstance(strip, Strip)
    assert all(begin + length <= 100.0001 for begin, length in strip.marks)


def test_stretches_that_touch_are_one() -> None:
    assert merged([(10, 19), (0, 4), (20, 29), (3, 5)]) == [(0, 5), (10, 29)]


def test_changed_columns_are_listed() -> None:
    change = samples.finding(
        9,
        "dataset.schema",
        flights.DATASETS[0][0],
        "failed",
        "column 'carrier' changed from string to int64",
        expected="string",
        found="int64",
        location=Location(column="carrier"),
    )
    record = run_of(with_verdict(samples.passed().runs[0], findings=(change,))).record
    assert record is not None
    table = record.datasets[0].changed_schema
    assert table is not None
    assert table.rows[0][:3] == ("carrier", "string", "int64")
    assert record.datasets[1].changed_schema is None


def test_bars_are_to_scale_and_say_it_in_words() -> None:
    record = view(samples.failed()).runs[0].record
    assert record is not None
    bars = [row[1][0] for row in record.sizes.rows if isinstance(row[1], tuple)]
    assert max(each.outline for each in bars) == pytest.approx(100)
    test = bars[2]
    assert test.filled / test.outline == pytest.approx(1_613_502 / 3_227_004)
    assert test.meaning.replace("\u00a0", " ") == "1.61 MB of 3.23 MB"


def test_every_picture_has_a_title_of_its_own() -> None:
    document = page(samples.failed(), samples.FULL)
    pictures = document.all("svg")
    assert len(pictures) > 10
    for each in pictures:
        assert each.children[0].tag == "title"
        assert each.children[0].text.strip()
        assert each.attributes["role"] == "img"


def test_the_code_holds_the_manifest_digest() -> None:
    evidence = samples.passed()
    record = view(evidence).runs[0].record
    assert record is not None
    assert record.qr is not None
    assert record.qr.text == f"sha256:{evidence.runs[0].manifest_digest}"
    assert {len(row) for row in record.qr.modules} == {len(record.qr.modules)}


def test_no_white_space_ends_a_cell() -> None:
    """WeasyPrint breaks such a line after its first word."""
    html = render_html(samples.failed(), samples.FULL).decode()
    for tag in ("td", "th", "span", "li"):
        assert f" </{tag}>" not in html
        assert f"\n</{tag}>" not in html.replace("</pre>\n</li>", "").replace("</p>\n</li>", "")


def test_statements_of_the_manifest_carry_their_mark() -> None:
    record = view(samples.passed()).runs[0].record
    assert record is not None
    facts = (*record.run, *record.code, *record.environment, *record.datasets[0].facts)
    assert [fact.label for fact in facts if fact.basis is None] == []
    tables = (record.splits, record.parameters, record.metrics, record.lock_files, record.variables)
    assert [table.caption for table in (*tables, *record.files) if table.basis is None] == []
