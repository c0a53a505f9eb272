"""Persons who approved stand in the report, apart from the signers and with what they said."""

from __future__ import annotations

import msgspec
from reports import samples

from auditkit.evidence import Evidence
from auditkit.findings import ApprovalVerdict
from auditkit.reports.html import render_html
from auditkit.reports.view import build_view

JANE = ApprovalVerdict(
    name="Jane Doe",
    role="model owner",
    meaning="approved for <use>",
    approved_at="2026-03-02T10:00:00Z",
    bundle="approval.00000000.11111111.sigstore.json",
    keyids=("1" * 64,),
    status="passed",
    known_since="2026-03-02T10:00:05Z",
)


def approved(*approvals: ApprovalVerdict) -> Evidence:
    run = samples.passed().runs[0]
    verdict = msgspec.structs.replace(run.verdict, approvals=approvals, signers=("churn CI",))
    return samples.evidence(msgspec.structs.replace(run, verdict=verdict))


def test_an_approval_is_shown_on_the_cover_and_in_full() -> None:
    view = build_view(approved(JANE), generated_at=samples.GENERATED_AT)
    facts = {fact.label: fact.value for fact in view.cover.facts}
    assert facts["Signed by"] == "churn CI"
    assert facts["Approved by"] == "Jane Doe (model owner): approved for <use>"
    record = view.runs[0].record
    assert record is not None
    ((name, role, meaning, when, badge),) = record.people.rows
    assert (name, role, meaning) == ("Jane Doe", "model owner", "approved for <use>")
    assert "by the approver's clock" in when[0]
    assert "proven by" in when[1]
    assert getattr(badge, "word", None) == "Passed"


def test_an_open_approval_is_not_on_the_cover() -> None:
    open_matter = msgspec.structs.replace(JANE, status="indeterminate", known_since=None)
    view = build_view(approved(open_matter), generated_at=samples.GENERATED_AT)
    assert "Approved by" not in {fact.label for fact in view.cover.facts}


def test_pages_escape_what_people_say() -> None:
    page = render_html(approved(JANE), generated_at=samples.GENERATED_AT).decode()
    assert "approved for &lt;use&gt;" in page
    assert "<use>" not in page
    none = render_html(samples.passed(), generated_at=samples.GENERATED_AT).decode()
    assert "No approval was found that counts." in none
