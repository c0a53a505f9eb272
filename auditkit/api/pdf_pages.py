"""Do the pages of a report say what the data attached to it says?

They are rendered again from that data. The same data, program and fonts give the same bytes, so
pages that differ by a byte are others than this program makes of the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from auditkit.api.pdf_evidence import OpenedPdf
from auditkit.api.verify import POLICY_NAME
from auditkit.controls.assess import Framework
from auditkit.controls.pack import Pack
from auditkit.errors import MissingDependencyError, RenderError, UsageError
from auditkit.evidence import Attachment, Evidence, RunEvidence
from auditkit.findings import Finding, Status
from auditkit.reports.attached import PACK_PREFIX, VERDICT_NAME
from auditkit.reports.data import AttachedFile, Report, ReportedRun
from auditkit.reports.handed import DATA_NAME, HASHES_NAME, Hashes
from auditkit.reports.options import ReportOptions
from auditkit.reports.pdf import typeset
from auditkit.stores.pdf import PdfContent
from auditkit.version import __version__

_MAX_DATA_BYTES: Final = 64 * 1024 * 1024


def check_pages(pdf: OpenedPdf, content: PdfContent) -> Finding:
    """Return whether rendering the attached data again gives the bytes that were signed.

    Only for a report of a signer who is trusted: what a stranger attaches could take any time.
    """
    try:
        report = _report(pdf.files)
    except (ValueError, OSError) as error:
        return _finding("failed", f"{DATA_NAME} is not the data of a report ({str(error)[:200]})")
    if report.generator.version != __version__:
        made = f"auditkit {report.generator.version}"
        return _finding("indeterminate", f"made by {made}, and only that version can make it again")
    if report.templates:
        return _finding("indeterminate", "made with templates of a team, which are not used here")
    try:
        pages, here = typeset(_evidence(report, pdf.files), _options(report, pdf.files))
        stated = _hashes(pdf.files).typesetting
    except MissingDependencyError as error:
        return _finding("indeterminate", f"the pages could not be rendered again: {error.message}")
    except (ValueError, LookupError, OSError, UsageError, RenderError) as error:
        return _finding("failed", f"the attached data makes no report ({str(error)[:200]})")
    with pdf.path.open("rb") as file:
        same = file.read(content.unsigned_end) == pages
    if same:
        return _finding("passed", f"all {content.pages} pages are what the attached data gives")
    if stated != here:
        detail = "they were set with other fonts or libraries, so they cannot be made again here"
        return _finding("indeterminate", detail)
    return _finding("failed", "the pages are not what the attached data gives")


def _report(files: Mapping[str, Path]) -> Report:
    path = files.get(DATA_NAME)
    if path is None:
        raise ValueError("it is missing")
    if path.stat().st_size > _MAX_DATA_BYTES:
        raise ValueError(f"it has more than {_MAX_DATA_BYTES} bytes")
    report = msgspec.json.decode(path.read_bytes(), type=Report)
    if len(report.runs) != len(report.verdict.targets):
        raise ValueError("its verdict is about other runs")
    return report


def _hashes(files: Mapping[str, Path]) -> Hashes:
    return msgspec.json.decode(files[HASHES_NAME].read_bytes(), type=Hashes)


def _options(report: Report, files: Mapping[str, Path]) -> ReportOptions:
    packs = (msgspec.json.decode(_content(files, name), type=Pack) for name in _packs(report))
    return ReportOptions(
        generated_at=report.generated_at,
        language=report.language,
        engagement=report.engagement,
        period=report.period,
        frameworks=tuple(Framework(each, report.set_aside.get(each.id, {})) for each in packs),
    )


def _packs(report: Report) -> Iterator[str]:
    names = (each.name for each in report.attachments)
    return (name for name in names if name.startswith(PACK_PREFIX) and name.endswith(".json"))


def _evidence(report: Report, files: Mapping[str, Path]) -> Evidence:
    attached = {each.name: each for each in report.attachments}
    policy = attached.get(POLICY_NAME)
    return Evidence(
        verdict=report.verdict,
        runs=tuple(_run(report, place, files) for place in range(len(report.runs))),
        verified_now=report.verified_now,
        policy=_attachment(policy, policy.name, files) if policy is not None else None,
    )


def _run(report: Report, place: int, files: Mapping[str, Path]) -> RunEvidence:
    run = report.runs[place]
    prefix = _prefix(report, run, place)
    about = {VERDICT_NAME, POLICY_NAME, *_packs(report)}
    return RunEvidence(
        verdict=report.verdict.targets[place],
        statement=run.statement,
        manifest_digest=run.manifest,
        keyid=run.keyid,
        signatures=run.signatures,
        inventories=run.inventories,
        packages=tuple((each.name, each.version) for each in run.packages),
        attachments=tuple(
            _attachment(each, each.name.removeprefix(prefix), files)
            for each in report.attachments
            if each.name.startswith(prefix) and each.name not in about
        ),
        lineage=run.lineage,
        retention=run.retention,
    )


def _prefix(report: Report, run: ReportedRun, place: int) -> str:
    """Return what the names of a run's files start with; see `attachment_prefix`."""
    if len(report.runs) == 1:
        return ""
    if run.statement is None:
        return f"target-{place + 1}."
    return f"{run.statement.predicate.run.id}."


def _attachment(each: AttachedFile, name: str, files: Mapping[str, Path]) -> Attachment:
    return Attachment(
        name=name,
        media_type=each.media_type,
        description=each.description,
        content=_content(files, each.name),
    )


def _content(files: Mapping[str, Path], name: str) -> bytes:
    return files[name].read_bytes()


def _finding(status: Status, detail: str) -> Finding:
    return Finding(step=6, check="report.pages", subject="report", status=status, detail=detail)
