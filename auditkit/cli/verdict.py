"""A verdict as people read it on a terminal: failures first, everything counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditkit.api.targets import read_manifest
from auditkit.cli.output import plain, stdout
from auditkit.findings import (
    DatasetVerdict,
    Finding,
    Location,
    Status,
    TargetVerdict,
    TimestampVerdict,
    Trust,
    Verdict,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLE: dict[Status, str] = {
    "passed": "green",
    "failed": "bold red",
    "indeterminate": "yellow",
    "skipped": "dim",
}
_MARK: dict[Status, str] = {
    "passed": "ok",
    "failed": "FAILED",
    "indeterminate": "??",
    "skipped": "--",
}
_NOTED = {"intact", "relaid", "expired", "altered"}
_SHOWN = 20


def draw_verdict(console: Console, verdict: Verdict) -> None:
    """Print every target, its exceptions, its data sets with coverage, and what was trusted."""
    for target in verdict.targets:
        _draw_target(console, target)
    _draw_checkpoints(console, verdict)
    console.print(f"trust: {describe_trust(verdict.trust)}", markup=False, style="dim")
    if verdict.only:
        console.print(f"restricted to: {', '.join(verdict.only)}", markup=False, style="yellow")
    if verdict.against == "latest":
        text = "tables with versions were read as they are now (--against latest)"
        console.print(text, markup=False, style="yellow")
    if len(verdict.targets) > 1:
        things = "targets" if any(map(_is_report, verdict.targets)) else "runs"
        counts = Counter(target.status for target in verdict.targets)
        summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        console.print(
            _styled(
                f"{verdict.status.upper()}: {len(verdict.targets)} {things}, {summary}", verdict
            )
        )


def draw_inspection(paths: Sequence[Path]) -> None:
    """Print manifests as they are, marked as unchecked."""
    console = stdout()
    for path in paths:
        found = read_manifest(path)
        console.print(f"UNCHECKED manifest {found.digest} in {path}", style="yellow", markup=False)
        text = json.dumps(json.loads(found.payload), indent=1, ensure_ascii=True)
        console.print(text, markup=False)


def _draw_target(console: Console, target: TargetVerdict) -> None:
    name = "the report itself" if _is_report(target) else "not authenticated"
    if target.run is not None:
        which = f"run {target.run}" if target.run not in target.source else "run"
        name = f"{which} {target.name or ''}".rstrip() + f" of {target.project}"
    console.print(f"{plain(target.source)}: {plain(name)}", markup=False, style="bold")
    exceptions = [each for each in target.findings if each.status in ("failed", "indeterminate")]
    exceptions.sort(key=lambda each: each.status != "failed")
    for finding in exceptions[:_SHOWN]:
        draw_finding(console, finding)
    if len(exceptions) > _SHOWN:
        console.print(
            f"   … and {len(exceptions) - _SHOWN:,} more; all of them with --json", markup=False
        )
    for dataset in target.datasets:
        _draw_dataset(console, dataset)
    _draw_people(console, target)
    counts = Counter(finding.status for finding in target.findings)
    summary = ", ".join(f"{counts[status]} {status}" for status in STYLE if counts[status])
    console.print(_styled(f"{target.status.upper()}: {summary}", target))


def _is_report(target: TargetVerdict) -> bool:
    return any(each.check.startswith("report.") for each in target.findings)


def _draw_people(console: Console, target: TargetVerdict) -> None:
    """Print who signed and since when that is proven, and apart from them who approved."""
    if target.signers:
        console.print(f"   signed by {plain(', '.join(target.signers))}", markup=False)
    for stamp in _earliest(target):
        line = f"{stamp.bundle} existed by {stamp.at}, says {stamp.authority}"
        console.print(f"   {plain(line)}", markup=False)
    for approval in target.approvals:
        when = approval.approved_at + " by the approver's clock"
        if approval.known_since is not None:
            when = f"{approval.known_since} at the latest, proven"
        word = "approved by" if approval.status == "passed" else "perhaps approved by"
        said = f"{approval.name} ({approval.role}): {approval.meaning}, {when}"
        console.print(f"   {word} {plain(said)}", markup=False)


def _earliest(target: TargetVerdict) -> Iterator[TimestampVerdict]:
    """Yield the time stamp that counts for each signature over the manifest."""
    approvals = {approval.bundle for approval in target.approvals}
    by_bundle: dict[str, list[TimestampVerdict]] = {}
    for stamp in target.timestamps:
        if stamp.status == "passed" and stamp.bundle not in approvals:
            by_bundle.setdefault(stamp.bundle, []).append(stamp)
    for stamps in by_bundle.values():
        yield min(stamps, key=lambda stamp: stamp.at or "")


def _draw_checkpoints(console: Console, verdict: Verdict) -> None:
    """Print each log's checkpoint once: the next verification begins with it."""
    for each in dict.fromkeys(target.checkpoint for target in verdict.targets if target.checkpoint):
        line = f"log {each.origin}: {each.size} entries, root {each.root}"
        if each.cosigners:
            line += f", cosigned by {', '.join(each.cosigners)}"
        console.print(plain(line), markup=False, style="dim")


def draw_finding(console: Console, finding: Finding) -> None:
    """Print one finding, with what was expected and found."""
    from rich.text import Text

    line = Text.assemble(
        (f" {_MARK[finding.status]:>6} ", STYLE[finding.status]),
        f"{finding.check} ",
        (plain(finding.subject), "bold"),
        f"{_where(finding.location)}: {plain(finding.detail)}",
    )
    console.print(line)
    for label, value in (("expected", finding.expected), ("found", finding.found)):
        if value is not None:
            console.print(f"          {label} {plain(value)}", markup=False, style="dim")


def _draw_dataset(console: Console, dataset: DatasetVerdict) -> None:
    from rich.text import Text

    coverage = dataset.coverage
    rows = ""
    if coverage.rows is not None and coverage.rows_total is not None:
        rows = f", {coverage.rows:,}/{coverage.rows_total:,} rows"
    console.print(
        Text.assemble(
            (f" {_MARK[dataset.status]:>6} ", STYLE[dataset.status]),
            (plain(dataset.name), "bold"),
            f" ({plain(dataset.role)}) {dataset.condition}: re-read "
            f"{coverage.files:,}/{coverage.files_total:,} files, "
            f"{coverage.bytes:,}/{coverage.bytes_total:,} bytes{rows}",
            f" ({plain(dataset.note)})"
            if dataset.note and (dataset.condition in _NOTED or dataset.status == "skipped")
            else "",
        )
    )


def _where(location: Location | None) -> str:
    if location is None:
        return ""
    parts = [
        f"column {plain(location.column)!r}" if location.column is not None else "",
        _rows(*location.rows) if location.rows else "",
        f"file {plain(location.file)}" if location.file is not None else "",
        f"row group {location.row_group}" if location.row_group is not None else "",
    ]
    return " " + ", ".join(part for part in parts if part)


def _rows(first: int, last: int) -> str:
    return f"row {first:,}" if first == last else f"rows {first:,}-{last:,}"


def describe_trust(trust: Trust) -> str:
    """Return in one line what was trusted, and where that came from."""
    if trust.kind == "none":
        return trust.note or "none"
    what = f"policy sha256:{trust.sha256}"
    if trust.kind == "key":
        what = f"{trust.algorithm} key {trust.keyid}"
    return f"{what} from {trust.source} ({trust.file}); {trust.note}"


def _styled(text: str, of: Verdict | TargetVerdict) -> Text:
    from rich.text import Text

    return Text(text, style=STYLE[of.status])
