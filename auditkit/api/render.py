"""Render a report from verified evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from auditkit.errors import UsageError
from auditkit.evidence import Evidence
from auditkit.reports.options import ReportOptions
from auditkit.signing.pades import PdfSigning, sign_pdf
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


def check_signable(output: Path, *, verified_now: bool) -> None:
    """Return if a report at `output` may be signed.

    Raises:
        UsageError: it is no PDF, or shows a verdict that this run did not come to.
    """
    if form_of(output) != "pdf":
        raise UsageError("only a PDF report can be signed", hint="End the name in .pdf.")
    if not verified_now:
        raise UsageError(
            "a report on an earlier verdict is not signed",
            hint="Leave out --verdict, so that the evidence is verified now.",
        )


def render(
    evidence: Evidence, output: Path, options: ReportOptions, signing: PdfSigning | None = None
) -> Path:
    """Write the report that `output`'s name asks for, whole or not at all, and return its path.

    With `signing` it is a signed PDF.

    Raises:
        UsageError: there is no such language, or the report may not be signed.
        MissingDependencyError: PDF or a signature without the extra or its system libraries.
        RenderError: the report could not be rendered.
        SigningError: it could not be signed.
        TimestampError: no authority gave a time stamp for the signature.
        StorageError: it could not be written.
    """
    from auditkit.reports import render as render_bytes

    if signing is not None:
        check_signable(output, verified_now=evidence.verified_now)
    content = render_bytes(evidence, form_of(output), options)
    if signing is not None:
        content = sign_pdf(content, signing)
    replace(output, content)
    return output
