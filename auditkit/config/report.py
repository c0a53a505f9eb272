"""What reports are made with, as flags and configuration say it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from auditkit.config.packs import frameworks_from
from auditkit.config.settings import Settings
from auditkit.config.templates import templates_from
from auditkit.provenance.identity import utc_now
from auditkit.reports.language import SOURCE
from auditkit.reports.language import language as load_language
from auditkit.reports.options import Engagement, ReportOptions


def report_options_from(
    settings: Settings,
    frameworks: Sequence[str] = (),
    language: str | None = None,
    templates: Path | None = None,
) -> ReportOptions:
    """Return the options of a report that is made now.

    Raises:
        ConfigError: a framework or template cannot be used; see `frameworks_from` and
            `templates_from`.
        UsageError: there is no such language.
        RenderError: its catalogue is wrong.
    """
    stated = settings.file.report
    return ReportOptions(
        generated_at=utc_now(),
        language=load_language(language or stated.language or SOURCE).tag,
        engagement=Engagement(
            addressee=stated.addressee,
            purpose=stated.purpose,
            restrictions=stated.restrictions,
            responsible=stated.responsible,
            assertion=stated.assertion,
        ),
        frameworks=frameworks_from(settings, frameworks),
        templates=templates_from(settings, templates),
    )
