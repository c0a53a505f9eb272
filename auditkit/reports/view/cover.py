"""The cover: what this is about, how it came out, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditkit.evidence import Evidence, RunEvidence
from auditkit.reports.blocks import Badge, Fact
from auditkit.reports.text import count, duration, moment, number, plain
from auditkit.reports.view.basis import mark
from auditkit.reports.wording import (
    BASIS,
    NOT_AUTHENTICATED,
    OVERALL,
    READ_FROM_FILE,
    status_badge,
    tool_text,
)
from auditkit.version import __version__


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page. `head` and `manifest` also stand at the top of the following pages."""

    subject: str
    head: str
    manifest: str
    status: Badge
    sentence: str
    notices: tuple[str, ...]
    facts: tuple[Fact, ...]


def build_cover(evidence: Evidence) -> Cover:
    """Return the cover of a report about one run or several."""
    verdict = evidence.verdict
    notices = () if evidence.verified_now else (READ_FROM_FILE,)
    single = evidence.runs[0] if len(evidence.runs) == 1 else None
    if single is not None and single.statement is None:
        notices = (*notices, NOT_AUTHENTICATED)
    return Cover(
        subject=_subject(evidence, single),
        head=_head(evidence, single),
        manifest=_manifest(single),
        status=status_badge(verdict.status),
        sentence=OVERALL[verdict.status],
        notices=notices,
        facts=(
            *(identity_facts(single) if single else _several_facts(evidence)),
            Fact("Verified", f"{moment(verdict.verified_at)} by {tool_text(verdict)}"),
            Fact("Report made with", f"auditkit {__version__}"),
        ),
    )


def identity_facts(run: RunEvidence) -> tuple[Fact, ...]:
    """Return what names a run; of an unauthenticated one only where it was and its digest."""
    return tuple(_identity(run))


def _identity(run: RunEvidence) -> Iterator[Fact]:
    if run.statement is None:
        yield Fact("Evidence found at", plain(run.verdict.source), "code")
        if run.manifest_digest is not None:
            label = "SHA-256 of the payload, not authenticated"
            yield Fact(label, run.manifest_digest, "digest")
        return
    record = run.statement.predicate.run
    yield Fact("Run", record.id, "code", mark(record, "/id"))
    yield Fact("Project", plain(record.project), "text", BASIS["declared"])
    yield Fact("Period", _period(record.started_at, record.finished_at), "text", BASIS["declared"])
    yield Fact("Evidence", plain(run.verdict.source), "code")
    if run.manifest_digest is not None:
        yield Fact("Manifest (SHA-256)", run.manifest_digest, "digest")
    if run.verdict.signers:
        yield Fact("Signed by", plain(", ".join(run.verdict.signers)))
    if run.keyid is not None:
        yield Fact("Signed by key", run.keyid, "digest")
    for each in run.verdict.approvals:
        if each.status == "passed":
            yield Fact("Approved by", plain(f"{each.name} ({each.role}): {each.meaning}"))


def _several_facts(evidence: Evidence) -> Iterator[Fact]:
    records = [run.statement.predicate.run for run in evidence.runs if run.statement]
    starts = [each.started_at for each in records if each.started_at]
    ends = [each.finished_at for each in records if each.finished_at]
    yield Fact("Runs", number(len(evidence.runs)))
    if records:
        projects = sorted({each.project for each in records})
        yield Fact("Projects", plain(", ".join(projects)), "text", BASIS["declared"])
        period = _period(min(starts, default=None), max(ends, default=None))
        yield Fact("Period", period, "text", BASIS["declared"])


def _period(start: str | None, end: str | None) -> str:
    if start is None or end is None:
        return moment(start or end or "") or "not recorded"
    took = duration(start, end)
    return f"{moment(start)} to {moment(end)}{f' ({took})' if took else ''}"


def _subject(evidence: Evidence, single: RunEvidence | None) -> str:
    if single is None:
        return count(len(evidence.runs), "run")
    if single.statement is None:
        return "Evidence that was not authenticated"
    run = single.statement.predicate.run
    name = f", {plain(run.name, 100)}" if run.name else ""
    return f"{plain(run.project)}{name}"


def _head(evidence: Evidence, single: RunEvidence | None) -> str:
    if single is None:
        return count(len(evidence.runs), "run")
    if single.statement is None:
        return "Not authenticated"
    return f"Run {single.statement.predicate.run.id}"


def _manifest(single: RunEvidence | None) -> str:
    if single is None or single.manifest_digest is None:
        return ""
    what = "Payload" if single.statement is None else "Manifest"
    return f"{what} sha256:{single.manifest_digest[:16]}…"
