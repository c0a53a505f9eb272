"""`auditkit schemas`: how the columns of data sets changed, version by version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from auditkit.api.schema_versions import (
    SchemaHistories,
    SchemaHistory,
    SchemaVersion,
    schema_versions,
)
from auditkit.cli.flags import grouped
from auditkit.cli.output import emit, json_option, plain, stderr
from auditkit.cli.progress import show_progress
from auditkit.cli.sources import SOURCE_OPTIONS, SourceFlags, opened_index, opened_registry
from auditkit.config import load_settings

if TYPE_CHECKING:
    from rich.console import Console


@click.command("schemas")
@click.argument("dataset", required=False)
@click.option("--project", metavar="P", help="Of this project.")
@grouped(SourceFlags, SOURCE_OPTIONS)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option
def list_schemas(
    source: SourceFlags, dataset: str | None, project: str | None, quiet: bool, as_json: bool
) -> None:
    """List the versions of data sets' schemas, and what changed from one to the next.

    Of the data set called DATASET, or of all. Versions are numbered as they first came up in a
    project: in the order of the registry's log, at the checkpoint that is named; without a registry
    in the order in which runs were recorded. What a team calls a version stands beside the number.
    Manifests are taken as they are; use verify to check them.
    """
    settings = load_settings()
    with show_progress(quiet=quiet or as_json) as progress:
        if source.names_registry(settings):
            with opened_registry(settings, source, progress) as logged:
                found = schema_versions(
                    logged.index,
                    project=project,
                    dataset=dataset,
                    checkpoint=logged.log.checkpoint,
                )
        else:
            with opened_index(settings, source, progress) as index:
                found = schema_versions(index, project=project, dataset=dataset)
    emit(as_json, found, lambda console: _draw(console, found))
    if not found.datasets and not as_json:
        stderr().print("no recorded data set fits that has a schema", style="yellow")


def _draw(console: Console, found: SchemaHistories) -> None:
    for history in found.datasets:
        _draw_history(console, history)
    if found.checkpoint is not None:
        at = found.checkpoint
        line = f"in the order of log {at.origin} at {at.size} entries, root {at.root}"
        console.print(plain(line), style="dim", markup=False)
    elif found.datasets:
        console.print("in the order of recording, as no log tells another", style="dim")


def _draw_history(console: Console, history: SchemaHistory) -> None:
    console.print(plain(f"{history.dataset} of {history.project}"), style="bold", markup=False)
    for version in history.versions:
        console.print(plain(f"  {_version(version)}"), markup=False)
        changed = version.changed
        if changed is None:
            if version.ordinal > 1:
                console.print("     what changed cannot be read", style="yellow")
            continue
        for change in changed.changes:
            console.print(plain(f"     {change}"), markup=False)
        if changed.more:
            console.print(f"     {changed.more:,} more changes", markup=False)


def _version(version: SchemaVersion) -> str:
    parts = [str(version.ordinal)]
    if version.changed is not None:
        parts.append(version.changed.verdict)
    if version.declared:
        parts.append(f"declared {', '.join(version.declared)}")
    if version.columns is not None:
        parts.append(f"{version.columns} column{'' if version.columns == 1 else 's'}")
    parts.append(f"{version.runs} run{'' if version.runs == 1 else 's'}")
    where = f"entry {version.entry}, " if version.entry is not None else ""
    first = f"first in {where}run {version.run}, {version.recorded_at[:10]}"
    return f"{', '.join((*parts, first))} ({version.fingerprint[:16]}…)"
