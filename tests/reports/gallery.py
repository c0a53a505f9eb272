"""Evidence for the gallery of the documentation: realistic, made up, and the same every time."""

from __future__ import annotations

import datetime as dt
import uuid

import msgspec
from reports import samples
from reports.flights import statement

from auditkit.controls.assess import Framework
from auditkit.controls.load import builtin_packs
from auditkit.evidence import Evidence, RunEvidence
from auditkit.reports.options import Period, ReportOptions

PROJECT = "flights"
RUNS = 60


def plain() -> ReportOptions:
    """Return what a team asks for that names two frameworks, and no more."""
    packs = builtin_packs()
    frameworks = tuple(Framework(packs[each]) for each in ("eu-ai-act", "slsa-build"))
    return msgspec.structs.replace(samples.FULL, frameworks=frameworks)


def expired() -> Evidence:
    """Return a run one of whose inputs retention removed, which the store itself shows."""
    record = statement()
    gone = record.predicate.datasets[0]
    checks = tuple(
        msgspec.structs.replace(
            each,
            status="indeterminate",
            detail="version 41 was removed by VACUUM, as the table's own log says",
        )
        if each.subject == gone.name and each.step == 9
        else each
        for each in samples.findings(record)
    )
    judged = list(samples.verdicts(record))
    nothing = msgspec.structs.replace(judged[0].coverage, files=0, bytes=0, rows=0)
    judged[0] = msgspec.structs.replace(
        judged[0], condition="expired", status="indeterminate", coverage=nothing
    )
    return samples.evidence(
        samples.run_evidence(
            record, status="indeterminate", findings=checks, datasets=tuple(judged)
        )
    )


def quarter(number: int = RUNS) -> tuple[Evidence, ReportOptions]:
    """Return so many runs, some of them failed, and what was asked for."""
    runs = tuple(_run(each) for each in range(number))
    period = Period(
        project=PROJECT,
        since="2026-07-01T00:00:00Z",
        until="2026-10-01T00:00:00Z",
        source="evidence",
        logged=False,
    )
    whole = samples.evidence(*runs)
    verdict = msgspec.structs.replace(whole.verdict, verified_at="2026-10-05T08:12:27Z")
    return msgspec.structs.replace(whole, verdict=verdict), msgspec.structs.replace(
        plain(), generated_at="2026-10-05T08:12:30Z", period=period
    )


def _run(number: int) -> RunEvidence:
    """Return the run of one day; every twentieth is altered, every thirtieth has expired data."""
    at = dt.datetime(2026, 7, 1, 4, tzinfo=dt.UTC) + dt.timedelta(hours=36 * number)
    source = samples.failed() if number % 20 == 13 else expired() if number % 30 == 7 else None
    run = (source or samples.passed()).runs[0]
    record = statement()
    recorded = msgspec.structs.replace(
        record.predicate.run,
        id=_identifier(at, number),
        started_at=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        finished_at=f"{at + dt.timedelta(minutes=47):%Y-%m-%dT%H:%M:%SZ}",
    )
    capture = msgspec.structs.replace(
        record.predicate.capture, created_at=f"{at + dt.timedelta(minutes=48):%Y-%m-%dT%H:%M:%SZ}"
    )
    predicate = msgspec.structs.replace(record.predicate, run=recorded, capture=capture)
    whole = msgspec.structs.replace(record, predicate=predicate)
    made = samples.run_evidence(
        whole,
        status=run.verdict.status,
        findings=run.verdict.findings,
        datasets=run.verdict.datasets,
    )
    return msgspec.structs.replace(made, retention=None)


def _identifier(at: dt.datetime, number: int) -> str:
    """Return a UUIDv7 (RFC 9562) of that time."""
    value = int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0x2 << 62 | number
    return str(uuid.UUID(int=value))
