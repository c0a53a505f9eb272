from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from reports import samples
from reports.hostile import HOSTILE, hostile

from auditkit.evidence import Evidence
from auditkit.findings import decode_verdict
from auditkit.manifest.model import Statement
from auditkit.reports import render
from auditkit.reports.attached import all_attachments
from auditkit.resources import schema

SCHEMA = Draft202012Validator(json.loads(schema("report.v1.json").read_text(encoding="utf-8")))


def document(evidence: Evidence) -> Any:
    """Return the report as a reader has it: valid against the published schema."""
    report = json.loads(render(evidence, "json", samples.FULL))
    SCHEMA.validate(report)
    return report


@pytest.mark.parametrize("name", ["passed", "failed", "indeterminate", "several"])
def test_reports_fit_their_schema_and_the_schema_is_strict(name: str) -> None:
    report = document(getattr(samples, name)())
    del report["runs"][0]["statement"]["predicate"]["run"]
    report["more"] = 1
    assert len(list(SCHEMA.iter_errors(report))) >= 2


def test_it_holds_verdict_and_statement_as_they_were() -> None:
    evidence = samples.failed()
    report = document(evidence)
    assert report["schema"] == "urn:auditkit:schema:report:v1"
    assert decode_verdict(json.dumps(report["verdict"]).encode()) == evidence.verdict
    run = report["runs"][0]
    decoded = msgspec.json.decode(json.dumps(run["statement"]).encode(), type=Statement)
    assert decoded == evidence.runs[0].statement
    assert run["checks"] == {"failed": 3, "indeterminate": 0, "passed": 25, "skipped": 4}
    assert [each["status"] for each in run["exceptions"]] == ["failed"] * 3
    assert (run["coverage"]["files"], run["coverage"]["files_total"]) == (15, 16)
    assert len(report["attachments"]) == len(all_attachments(evidence, samples.FULL))


def test_an_unauthenticated_run_has_no_statement() -> None:
    run = document(samples.unauthenticated())["runs"][0]
    assert run["authenticated"] is False
    assert run["statement"] is None
    assert run["datasets"] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_verbatim(text: str) -> None:
    run = document(hostile(text))["runs"][0]
    assert run["statement"]["predicate"]["datasets"][0]["location"] == text


def test_the_same_input_gives_the_same_bytes() -> None:
    first = render(samples.several(), "json", samples.OPTIONS)
    assert first == render(samples.several(), "json", samples.OPTIONS)


def test_attachment_names_are_safe_and_used_once() -> None:
    names = [each.name for each in all_attachments(hostile("../../etc/passwd"), samples.FULL)]
    assert len(names) == len(set(names))
    assert not [name for name in names if "/" in name or name.startswith(".")]
