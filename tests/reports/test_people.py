"""Persons who approved stand in the report, apart from the signers and with what they said."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from reports import samples

from auditkit.api.targets import Target
from auditkit.api.verify import verify
from auditkit.evidence import Evidence
from auditkit.findings import ApprovalVerdict
from auditkit.reports.blocks import Badge, Quoted
from auditkit.reports.html import render_html
from auditkit.reports.language import language
from auditkit.reports.view import ReportView, build_view
from auditkit.reports.view.people import timestamps_table
from auditkit.trust.load import load_policy
from auditkit.verification.options import VerifyOptions

VECTORS = Path(__file__).parent.parent / "vectors" / "bundles"

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
    view = build_view(approved(JANE), samples.OPTIONS)
    facts = {fact.label: fact.value for fact in view.cover.facts}
    assert facts["Signed by"] == "churn CI"
    assert facts["Approved by"] == "Jane Doe (model owner): approved for <use>"
    ((name, role, meaning, when, badge),) = view.runs[0].approvals.rows
    assert (name, role, meaning) == ("Jane Doe", "model owner", "approved for <use>")
    assert "by the approver's clock" in when[0]
    assert "proven by" in when[1]
    assert getattr(badge, "word", None) == "Passed"


def test_an_open_approval_is_not_on_the_cover() -> None:
    open_matter = msgspec.structs.replace(JANE, status="indeterminate", known_since=None)
    view = build_view(approved(open_matter), samples.OPTIONS)
    assert "Approved by" not in {fact.label for fact in view.cover.facts}


def test_pages_escape_what_people_say() -> None:
    page = render_html(approved(JANE), samples.OPTIONS).decode()
    assert "approved for &lt;use&gt;" in page
    assert "<use>" not in page
    none = render_html(samples.passed(), samples.OPTIONS).decode()
    assert "No approval was found that counts." in none


def verified(case: str) -> Evidence:
    """Return what verification says about a vector."""
    folder = VECTORS / case
    trust = load_policy(folder / "trust.toml", source="flag")
    return verify([Target(folder / "evidence")], VerifyOptions(trust=trust, data_root=folder))


def shown(case: str) -> ReportView:
    """Return the report on a vector."""
    return build_view(verified(case), samples.OPTIONS)


def test_the_policy_and_each_signers_part_are_shown() -> None:
    report = shown("approved-passed")
    demands = {fact.label: fact.value for fact in report.demands}
    assert demands["Signers required"] == "1 signer"
    assert demands["Approvals required"] == "1 person as model owner"
    assert demands["Time stamp required"] == "no"
    assert report.policy.rows == (
        ("ci", "machine", "—", "training runs for any project"),
        ("Jane Doe", "person", "model owner", "approvals for any project"),
    )
    assert report.runs[0].signers[0].value == "ci"
    assert report.signed.rows[0][0][0] == "Jane Doe"


def test_a_key_alone_has_no_names() -> None:
    report = build_view(samples.passed(), samples.OPTIONS)
    assert [fact.label for fact in report.demands] == ["Trusted", "SHA-256 of the key file"]
    assert report.policy.rows == ()


@pytest.mark.parametrize(
    ("case", "rows"),
    [
        (
            "earliest-of-two-tokens-passed",
            [
                ("vector stamper", "2026-09-01 00:00:00 UTC", "Passed"),
                ("vector stamper", "2026-03-01 00:00:00 UTC", "Passed"),
            ],
        ),
        ("good-ed25519-passed", []),
    ],
)
def test_every_time_stamp_has_its_row(case: str, rows: list[tuple[str, str, str]]) -> None:
    found = [
        (who, when, outcome.word)
        for who, _, when, outcome in shown(case).runs[0].timestamps.rows
        if isinstance(outcome, Badge)
    ]
    assert found == rows


def test_a_time_stamp_names_its_signature() -> None:
    ((_, signature, _, _),) = shown("token-beside-the-bundle-passed").runs[0].timestamps.rows
    assert signature == ("ci, in", "manifest.sigstore.json")


def test_one_that_does_not_count_says_why_even_where_nothing_else_is_known() -> None:
    (run,) = verified("token-over-something-else-failed").runs
    (stamp,) = run.verdict.timestamps
    assert (stamp.signer, stamp.status, stamp.at) == ("ci", "skipped", None)
    assert run.statement is None
    verdict = msgspec.structs.replace(samples.passed().runs[0].verdict, timestamps=(stamp,))
    table = timestamps_table(language("en"), verdict)
    assert table.rows[0][:3] == (
        "not known",
        ("ci, in", "manifest.sigstore.json"),
        Quoted("the token is over something else than this signature"),
    )
