"""Reports about all runs of a project in a time: which those are, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from auditkit.api.instants import parse_instant
from auditkit.api.select_targets import all_targets
from auditkit.api.selection import Selection
from auditkit.api.verify import verify
from auditkit.cli.flags import grouped
from auditkit.errors import NothingToVerifyError, UsageError
from auditkit.evidence import Evidence
from auditkit.reports.options import Period
from auditkit.verification.options import VerifyOptions


@dataclass(frozen=True, slots=True)
class PeriodFlags:
    """The flags that ask for all runs of a project, as given."""

    project: str | None
    since: str | None
    until: str | None

    def check(self, *others: object) -> None:
        """Raise UsageError unless they fit each other, and nothing else chooses the evidence."""
        if self.project is None and (self.since or self.until):
            raise UsageError(
                "--since and --until choose among the runs of a project",
                hint="Name it with --project.",
            )
        if self.project is not None and any(others):
            raise UsageError(
                "--project chooses the runs, and does not go with TARGET, --verdict, --retention",
                hint="Leave out one of them.",
            )


period_options = grouped(
    PeriodFlags,
    (
        click.option(
            "--project",
            metavar="P",
            help="Report on all runs of this project: those in the registry, or without one those "
            "here.",
        ),
        click.option(
            "--since",
            metavar="TIME",
            help="With --project: recorded since 2026-07-01, an instant, or 90d.",
        ),
        click.option("--until", metavar="TIME", help="With --project: recorded until then."),
    ),
)


def verified_period(
    evidence_dir: Path, flags: PeriodFlags, options: VerifyOptions
) -> tuple[Evidence, Period]:
    """Return the verified runs that `flags` ask for, and what they asked for.

    Raises:
        NothingToVerifyError: there is no such run.
        UsageError: a time cannot be understood.
        ConfigError, LogError, StoreError: see `all_targets`.
    """
    now = datetime.now(UTC)
    since, until = (
        None if text is None else parse_instant(text, now) for text in (flags.since, flags.until)
    )
    registry = options.log.registry if options.log else None
    place = str(evidence_dir) if registry is None else registry.store.location
    project = flags.project or ""
    selection = Selection(project=project, since=since, until=until)
    evidence = verify(all_targets(evidence_dir, options, selection), options)
    if not evidence.runs:
        raise NothingToVerifyError(
            f"no run of {project!r} was recorded in that time",
            hint="auditkit runs lists those that there are.",
            path=place,
        )
    logged = registry is not None
    return evidence, Period(project=project, since=since, until=until, source=place, logged=logged)
