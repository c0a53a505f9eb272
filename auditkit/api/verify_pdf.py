"""What is to be said of a PDF report itself: its signature, and what is attached to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from auditkit.api.opening import OpenedTargets
from auditkit.api.pdf_evidence import OpenedPdf
from auditkit.api.pdf_pages import check_pages
from auditkit.api.targets import Target
from auditkit.api.verify import shown_source
from auditkit.findings import Finding, Status, TargetVerdict, Verdict, decode_verdict, overall
from auditkit.reports.attached import VERDICT_NAME
from auditkit.reports.handed import HASHES_NAME, Hashes
from auditkit.stores.pdf import PdfContent, PdfSignature
from auditkit.verification.options import VerifyOptions
from auditkit.verification.pdf_signature_check import check_pdf_signature

_MAX_LIST_BYTES: Final = 16 * 1024 * 1024
_CHECK: Final = "report.attachments"


def with_reports(verdict: Verdict, opened: OpenedTargets, options: VerifyOptions) -> Verdict:
    """Return the verdict on the evidence of `opened` with one on each report that brought some.

    An inspection says nothing about reports either.
    """
    if not opened.pdfs or options.mode == "inspect":
        return verdict
    by_target = dict(zip(opened.targets, verdict.targets, strict=True))
    reports = (
        _judged(pdf, [by_target[each] for each in pdf.targets], options) for pdf in opened.pdfs
    )
    targets = (*reports, *verdict.targets)
    status = overall(each.status for each in targets)
    return msgspec.structs.replace(verdict, targets=targets, status=status)


def _judged(pdf: OpenedPdf, runs: Sequence[TargetVerdict], options: VerifyOptions) -> TargetVerdict:
    findings = (*_findings(pdf, runs, options),)
    return TargetVerdict(
        source=shown_source(Target(pdf.path)),
        status=overall(each.status for each in findings),
        findings=findings,
    )


def _findings(
    pdf: OpenedPdf, runs: Sequence[TargetVerdict], options: VerifyOptions
) -> Iterator[Finding]:
    content = pdf.content
    if content is None:
        yield _finding("failed", pdf.problem, check="report.file", step=1)
        return
    projects = [run.project for run in runs if run.project is not None]

    def covered(signature: PdfSignature) -> bytes:
        return _covered(pdf.path, signature)

    signature = check_pdf_signature(content, covered, options.trust, projects, options.now)
    yield from signature
    yield from _attachments(pdf, content)
    yield from _evidence(pdf, runs)
    by_check = {each.check: each.status for each in signature if each.status != "skipped"}
    if by_check.get("report.signer") == "passed" and "failed" not in by_check.values():
        yield check_pages(pdf, content)
    else:
        detail = "pages are compared with the data only where somebody trusted signed both"
        yield _finding("skipped", detail, check="report.pages")


def _covered(path: Path, signature: PdfSignature) -> bytes:
    with path.open("rb") as file:
        parts = []
        for start, length in signature.covered:
            file.seek(start)
            parts.append(file.read(length))
    return b"".join(parts)


def _attachments(pdf: OpenedPdf, content: PdfContent) -> Iterator[Finding]:
    """Hold what is attached against the list of digests that is attached, too."""
    listed = _listed(pdf.files)
    if isinstance(listed, str):
        yield _finding("failed", listed, subject=HASHES_NAME)
        return
    bad = [*_differences(pdf, listed)]
    yield from bad
    if bad:
        return
    signed = any(each.kind == "signature" and each.intact for each in content.signatures)
    detail = f"all {len(listed)} attachments are as {HASHES_NAME} lists them"
    if signed:
        yield _finding("passed", detail)
    else:
        yield _finding("skipped", f"{detail}, and nobody signed that list")


def _listed(files: Mapping[str, Path]) -> Mapping[str, str] | str:
    """Return the digests by name, or what is wrong with the list."""
    path = files.get(HASHES_NAME)
    if path is None:
        return f"{HASHES_NAME}, the list of the attachments, is missing"
    if path.stat().st_size > _MAX_LIST_BYTES:
        return f"the list has more than {_MAX_LIST_BYTES} bytes"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Hashes).files
    except ValueError as error:
        return f"not a list of digests ({str(error)[:200]})"


def _differences(pdf: OpenedPdf, listed: Mapping[str, str]) -> Iterator[Finding]:
    there = pdf.files.keys() - {HASHES_NAME}
    for name in sorted(listed.keys() - there):
        yield _finding("failed", "is listed and not attached", subject=name)
    for name in sorted(there - listed.keys()):
        yield _finding("failed", "is attached and not listed", subject=name)
    for name in pdf.repeated:
        yield _finding("failed", "is attached more than once", subject=name)
    for name in sorted(there & listed.keys()):
        with pdf.files[name].open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != listed[name]:
            finding = _finding("failed", "is not what was listed", subject=name)
            expected, found = f"sha256:{listed[name]}", f"sha256:{found}"
            yield msgspec.structs.replace(finding, expected=expected, found=found)


def _evidence(pdf: OpenedPdf, runs: Sequence[TargetVerdict]) -> Iterator[Finding]:
    """Say which runs of the report's verdict came without evidence, and so were not verified."""
    path = pdf.files.get(VERDICT_NAME)
    if path is None:
        return
    try:
        stated = decode_verdict(path.read_bytes()).targets
    except ValueError as error:
        yield _finding("failed", f"not a verdict ({str(error)[:200]})", subject=VERDICT_NAME)
        return
    have = {run.manifest for run in runs}
    for target in stated:
        if target.manifest not in have:
            which = target.run or target.manifest or "a run"
            yield _finding("indeterminate", f"the evidence of {which} is not attached")


def _finding(
    status: Status, detail: str, *, check: str = _CHECK, step: int = 6, subject: str = "report"
) -> Finding:
    return Finding(step=step, check=check, subject=subject[:200], status=status, detail=detail)
