"""What a report is made with, beside the evidence: its reader, its frameworks, its language."""

from __future__ import annotations

import msgspec

from auditkit.controls.assess import Framework
from auditkit.reports.language import SOURCE
from auditkit.reports.templates import Templates


class Engagement(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a report is made and why, as whoever makes it declares. None is left open."""

    addressee: str | None = None
    purpose: str | None = None
    restrictions: str | None = None
    responsible: str | None = None
    assertion: str | None = None


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """All runs of one project that say they were recorded in a time, and where they were listed.

    `since` and `until` are RFC 3339 in UTC and belong to it; None is open. `source` is the place of
    the registry or the evidence folder, and `logged` tells which it was.
    """

    project: str
    since: str | None = None
    until: str | None = None
    source: str
    logged: bool


class ReportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the evidence; the same options and evidence give the same bytes.

    `generated_at` is RFC 3339 in UTC and is printed as the time of the report.
    """

    generated_at: str
    language: str = SOURCE
    engagement: Engagement = Engagement()
    frameworks: tuple[Framework, ...] = ()
    templates: Templates | None = None
    period: Period | None = None
