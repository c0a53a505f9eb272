"""Reports: frozen evidence to HTML, PDF, JSON or Markdown, without network, data or keys."""

from __future__ import annotations

from typing import Literal

from auditkit.evidence import Evidence
from auditkit.reports.data import render_json
from auditkit.reports.html import render_html
from auditkit.reports.language import language as load_language
from auditkit.reports.markdown import render_markdown
from auditkit.reports.options import Engagement, ReportOptions
from auditkit.reports.pdf import render_pdf

__all__ = ["Engagement", "Form", "ReportOptions", "render"]

Form = Literal["html", "pdf", "json", "markdown"]


def render(evidence: Evidence, form: Form, options: ReportOptions) -> bytes:
    """Return the report on `evidence` in one form; the same input gives the same bytes.

    Raises:
        RenderError: the pages could not be made.
        MissingDependencyError: PDF was asked for and its libraries are not installed.
        UsageError: there is no such language.
        ValueError: `options.generated_at` is no RFC 3339 time.
    """
    if form == "html":
        return render_html(evidence, options)
    if form == "pdf":
        return render_pdf(evidence, options)
    if form == "markdown":
        say = load_language(options.language)
        return render_markdown(evidence.verdict, say, verified_now=evidence.verified_now)
    return render_json(evidence, options)
