"""Scope and exclusions: what was looked at out of what is recorded, drawn to scale."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.findings import Coverage, DatasetVerdict
from auditkit.manifest.model import Dataset
from auditkit.reports.blocks import Bar, Cell, Column, Fact, Table
from auditkit.reports.language import Language
from auditkit.reports.tally import judged, totals, within
from auditkit.reports.text import NOTHING, plain
from auditkit.reports.view.context import Context
from auditkit.reports.view.dataset_facts import bytes_covered, rows_covered
from auditkit.reports.wording import basis_badge, condition_badge, mode_text, mode_word


def coverage_table(context: Context) -> Table:
    """Return what was looked at per data set, out of what was recorded, with the totals."""
    say, pairs = context.say, judged(context.run)
    whole = totals(verdict for _, verdict in pairs)
    total = (
        say("Re-read in full"),
        "",
        say.of(whole.datasets_in_full, whole.datasets),
        "",
        say.of(whole.files, whole.files_total),
        say.share(say.size(whole.bytes), say.size(whole.bytes_total)),
        say.of(whole.rows, whole.rows_total) if whole.rows_total else NOTHING,
    )
    return Table(
        caption=say("What was looked at, out of what the manifest records"),
        columns=(
            Column(say("Data set"), 15),
            Column(say("Role"), 12),
            Column(say("Condition"), 14, "badge"),
            Column(say("Mode"), 10),
            Column(say("Files"), 9, "number"),
            Column(say("Bytes"), 20, "number"),
            Column(say("Rows"), 20, "number"),
        ),
        rows=tuple(_covered(say, record, verdict) for record, verdict in pairs),
        empty=say("The manifest records no data set."),
        total=total,
        basis=basis_badge(say, "observed"),
    )


def sizes_table(context: Context) -> Table:
    """Return bytes and rows of the data sets, drawn to one scale each."""
    say = context.say
    pairs = [(record, within(verdict.coverage)) for record, verdict in judged(context.run)]
    most_bytes = max((each.bytes_total for _, each in pairs), default=0)
    most_rows = max((each.rows_total or 0 for _, each in pairs), default=0)
    return Table(
        caption=say("Bytes and rows of the data sets"),
        columns=(
            Column(say("Data set"), 30),
            Column(say("Bytes"), 35),
            Column(say("Rows"), 35),
        ),
        rows=tuple(
            (
                plain(record.name),
                _drawn(_bytes(each), most_bytes, bytes_covered(say, each)),
                _drawn(_rows(each), most_rows, rows_covered(say, each)),
            )
            for record, each in pairs
        ),
        empty=say("The manifest records no data set."),
        note=say(
            "The outline is what is recorded, the filled part what was re-read; the longest "
            "outline of each column is its largest data set."
        ),
    )


def exclusions(context: Context) -> tuple[Fact, ...]:
    """Return what this verification left out, and what no digest covers."""
    return tuple(_exclusions(context))


def _exclusions(context: Context) -> Iterator[Fact]:
    say, verdict = context.say, context.evidence.verdict
    yield Fact(say("Mode"), mode_text(say, verdict.mode))
    if verdict.only:
        names = plain(", ".join(verdict.only))
        yield Fact(say("Restricted to"), names, "code")
    pairs = judged(context.run)
    left = [plain(record.name) for record, each in pairs if not totals((each,)).datasets_in_full]
    yield Fact(say("Data sets not re-read in full"), ", ".join(left) or say("none"))
    if context.statement is not None:
        globs = sorted(
            {
                glob
                for record in context.statement.predicate.datasets
                for glob in record.inventory.excluded
            }
        )
        yield Fact(say("Files left out at capture"), plain(", ".join(globs)) or say("none"))
    yield Fact(
        say("Never covered"),
        say("file modes, owners and times, and empty folders"),
    )


def _covered(say: Language, record: Dataset, verdict: DatasetVerdict) -> tuple[Cell, ...]:
    coverage = within(verdict.coverage)
    return (
        plain(record.name),
        plain(record.role),
        condition_badge(say, verdict.condition),
        mode_word(say, coverage.mode),
        say.of(coverage.files, coverage.files_total),
        bytes_covered(say, coverage),
        rows_covered(say, coverage),
    )


def _bytes(coverage: Coverage) -> tuple[int, int]:
    return (coverage.bytes if coverage.mode == "full" else 0, coverage.bytes_total)


def _rows(coverage: Coverage) -> tuple[int, int]:
    return (coverage.rows or 0 if coverage.mode == "full" else 0, coverage.rows_total or 0)


def _drawn(sizes: tuple[int, int], longest: int, meaning: str) -> Cell:
    """Return a bar for (re-read, recorded) on a scale on which `longest` fills it, and words."""
    read, recorded = sizes
    if not recorded:
        return NOTHING
    scale = 100 / longest
    return (Bar(recorded * scale, min(read, recorded) * scale, meaning), meaning)
