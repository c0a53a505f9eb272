"""Reports on all runs of a project in a time: what they say, and of what."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import msgspec
import pikepdf
import pytest
from reports import samples
from reports.hostile import HOSTILE, hostile
from reports.markup import parse

from auditkit.evidence import Evidence
from auditkit.reports import render
from auditkit.reports.options import Period, ReportOptions

PERIOD = Period(
    project="flights",
    since="2026-07-01T00:00:00Z",
    until="2026-10-01T00:00:00Z",
    source="s3://registry/flights",
    logged=True,
)


def options(**changes: Any) -> ReportOptions:
    period = msgspec.structs.replace(PERIOD, **changes)
    return msgspec.structs.replace(samples.FULL, period=period)


def page(evidence: Evidence, **changes: Any) -> str:
    html = render(evidence, "html", options(**changes))
    parse(html)
    return html.decode()


def test_it_sums_up_and_lists_every_run() -> None:
    html = page(samples.several())
    runs = len(samples.several().runs)
    assert "flights, 2026-07-01 00:00:00 UTC to 2026-10-01 00:00:00 UTC" in html
    assert f"{runs} of {runs}" in html
    assert "s3://" in html
    numbers = re.findall(r'<h2 id="[a-z_0-9-]+"><span class="ordinal">(\d+)</span>', html)
    assert numbers == [str(number) for number in range(1, 13)]
    anchors = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= anchors


def test_a_folder_shows_nothing_of_what_was_taken_out_of_it() -> None:
    assert "What was taken out of it does not show." in page(samples.several(), logged=False)


@pytest.mark.parametrize("name", ["passed", "failed", "unauthenticated"])
def test_a_period_may_have_one_run(name: str) -> None:
    html = page(getattr(samples, name)())
    assert "Evidence report on the training runs of a period" in html
    if name == "unauthenticated":
        assert samples.RUN_ID not in html


def test_in_german_and_as_pdf() -> None:
    chosen = msgspec.structs.replace(options(), language="de")
    content = render(samples.several(), "pdf", chosen)
    with pikepdf.open(io.BytesIO(content)) as document:
        data = json.loads(document.attachments["evidence.json"].get_file().read_bytes())
        assert str(document.docinfo["/Title"]).startswith("Nachweisbericht zu den Trainingsläufen")
    assert data["period"]["project"] == "flights"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_runs_and_places_are_text(text: str) -> None:
    html = page(hostile(text), source=text)
    assert "<script>" not in html
    assert "<img" not in html
    assert not any(each in html for each in "\u202e\u2066\x1b\x9b\x00")
    assert max(len(line) for line in html.splitlines()) < 9_000
