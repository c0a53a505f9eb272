"""`auditkit runs`: which runs are recorded, and which of them fit a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, get_args

import click

from auditkit.api.instants import parse_instant
from auditkit.api.last_checks import LastChecks
from auditkit.cli.flags import grouped
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.progress import show_progress
from auditkit.cli.sources import SOURCE_OPTIONS, SourceFlags, opened_index
from auditkit.config import load_settings, trust_from
from auditkit.index.conditions import parse_condition
from auditkit.index.search import RunList, RunListing, RunQuery, VerifiedAs, search
from auditkit.schemes import OUTPUT_ROLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

_OPTIONS = (
    click.option("--project", metavar="P", help="Of this project."),
    click.option("--name", metavar="N", help="With this name."),
    click.option(
        "--status", type=click.Choice(["completed", "failed", "interrupted"]), help="So ended."
    ),
    click.option("--dataset", metavar="NAME", help="With an input or output of this name."),
    click.option(
        "--digest",
        metavar="DIGEST",
        help="That read or wrote this: first digits of a file's, folder's or content digest, or "
        "the whole SHA-256 of a file in a folder.",
    ),
    click.option("--commit", metavar="COMMIT", help="Of this commit; its first digits do."),
    click.option(
        "--param",
        "parameters",
        multiple=True,
        metavar="COND",
        help="With such a parameter: 'lr>0.1', 'optimiser.name=sgd'.",
    ),
    click.option(
        "--metric", "metrics", multiple=True, metavar="COND", help="With such a metric: 'auc>=0.9'."
    ),
    click.option("--since", metavar="TIME", help="Recorded since: 2026-03-01, an instant, or 90d."),
    click.option("--until", metavar="TIME", help="Recorded until then."),
    click.option(
        "--verified",
        type=click.Choice(get_args(VerifiedAs)),
        help="Whose last recorded verification ended so; never: that have none.",
    ),
    click.option(
        "--stale", metavar="AGE", help="That did not pass a verification in full for so long: 90d."
    ),
)


@dataclass(frozen=True, slots=True)
class RunsFlags:
    """The filters as given."""

    project: str | None
    name: str | None
    status: str | None
    dataset: str | None
    digest: str | None
    commit: str | None
    parameters: tuple[str, ...]
    metrics: tuple[str, ...]
    since: str | None
    until: str | None
    verified: VerifiedAs | None
    stale: str | None

    def query(self) -> RunQuery:
        """Return what they ask for; raises UsageError for one that cannot be understood."""
        now = datetime.now(UTC)
        return RunQuery(
            project=self.project,
            name=self.name,
            status=self.status,
            dataset=self.dataset,
            digest=self.digest,
            commit=self.commit,
            parameters=tuple(map(parse_condition, self.parameters)),
            metrics=tuple(map(parse_condition, self.metrics)),
            since=None if self.since is None else parse_instant(self.since, now),
            until=None if self.until is None else parse_instant(self.until, now),
            verified=self.verified,
            stale_since=None if self.stale is None else parse_instant(self.stale, now),
        )


@click.command("runs")
@grouped(RunsFlags, _OPTIONS)
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most so many."
)
@grouped(SourceFlags, SOURCE_OPTIONS)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def list_runs(
    flags: RunsFlags, source: SourceFlags, limit: int, quiet: bool, as_json: bool
) -> None:
    """List recorded runs, the latest first: those in the registry, or without one those here.

    Filters narrow the list down; all that are given have to hold. Manifests are taken as they are;
    use verify to check them. Verifications count if they are signed by somebody whom you trust to
    say so; without trust they are marked with a question mark.
    """
    query, settings = flags.query(), load_settings()
    trust = trust_from(settings, None, source.trust)
    with (
        show_progress(quiet=quiet or as_json) as progress,
        opened_index(settings, source, progress) as index,
    ):
        checks = LastChecks(index, trust.rules if trust else None, datetime.now(UTC))
        if query.digest is not None:
            index.read_folders(progress)
        runs = tuple(islice(search(index.database, query, checks), limit + 1))
        found = RunList(runs=runs[:limit], more=len(runs) > limit, unreadable=index.unreadable)
    emit(as_json, found, lambda console: _draw(console, found.runs))
    if not as_json:
        _remark(found)


def _remark(found: RunList) -> None:
    console = stderr()
    if not found.runs:
        console.print("no recorded run fits", style="yellow")
    if found.more:
        console.print("there are more: narrow them down, or raise --limit", style="yellow")
    if found.unreadable:
        what = "1 manifest" if found.unreadable == 1 else f"{found.unreadable} manifests"
        console.print(f"{what} could not be read; auditkit verify tells why", style="yellow")


def _draw(console: Console, found: Sequence[RunListing]) -> None:
    """Print one line for each run, however wide: cut columns would hide what is searched for."""
    titles = ("recorded", "run", "project", "name", "ended", "commit", "verified", "read", "wrote")
    rows = [titles, *(tuple(map(plain, _cells(run))) for run in found)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(titles))]
    for row in rows if found else ():
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        console.print(line.rstrip(), style="bold" if row is titles else "", markup=False)


def _cells(run: RunListing) -> tuple[str, ...]:
    read = [each.name for each in run.datasets if each.role != OUTPUT_ROLE]
    wrote = [each.name for each in run.datasets if each.role == OUTPUT_ROLE]
    return (
        f"{run.recorded_at[:10]} {run.recorded_at[11:16]}",
        run.run,
        run.project,
        run.name or "",
        run.status,
        _commit(run),
        _verified(run),
        ", ".join(read),
        ", ".join(wrote),
    )


def _verified(run: RunListing) -> str:
    last = run.verification
    if last is None:
        return "never"
    return f"{last.at[:10]} {last.status}{'' if last.by else '?'}"


def _commit(run: RunListing) -> str:
    return f"{run.commit[:8]}{'+' if run.dirty else ''}" if run.commit else ""
