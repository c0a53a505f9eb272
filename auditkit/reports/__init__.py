"""Reports: frozen evidence to HTML, PDF or JSON, without network, data or keys."""

from __future__ import annotations

from typing import Literal

from auditkit.evidence import Evidence
from auditkit.reports.data import render_json
from auditkit.reports.html import render_html
from auditkit.reports.pdf import render_pdf

Form = Literal["html", "pdf", "json"]


def render(evidence: Evidence, form: Form, *, generated_at: str) -> bytes:
    """Return the report on `evidence` in one form; the same input gives the same bytes.

    `generated_at` is RFC 3339 in UTC and is printed as the time of the report.

    Raises:
        RenderError: the pages could not be made.
        MissingDependencyError: PDF was asked for and its libraries are not installed.
        ValueError: `generated_at` is no RFC 3339 time.
    """
    if form == "html":
        return render_html(evidence, generated_at=generated_at)
    if form == "pdf":
        return render_pdf(evidence, generated_at=generated_at)
    return render_json(evidence, generated_at=generated_at)
