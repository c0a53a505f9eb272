"""Render a report from verified evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from auditkit.errors import UsageError
from auditkit.evidence import Evidence
from auditkit.reports.options import ReportOptions
from auditkit.stores.atomic import replace

Form = Literal["html", "pdf", "json", "markdown"]


def form_of(path: Path) -> Form:
    """Return the form that a file name asks for; raises UsageError for another ending."""
    forms: dict[str, Form] = {
        ".html": "html",
        ".htm": "html",
        ".pdf": "pdf",
        ".json": "json",
        ".md": "markdown",
    }
    form = forms.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            f"cannot tell the form of the report from the name {path.name!r}",
            hint="End the name in .html, .pdf, .json or .md.",
        )
    return form


def render(evidence: Evidence, output: Path, options: ReportOptions) -> Path:
    """Write the report that `output`'s name asks for, whole or not at all, and return its path.

    Raises:
        UsageError: there is no such language.
        MissingDependencyError: PDF without the extra or its system libraries.
        RenderError: the report could not be rendered.
        StorageError: it could not be written.
    """
    from auditkit.reports import render as render_bytes

    content = render_bytes(evidence, form_of(output), options)
    replace(output, content)
    return output
