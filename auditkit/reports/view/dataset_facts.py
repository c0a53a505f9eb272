"""What is recorded about one data set, and how much of it was re-read, as labelled facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditkit.findings import Coverage, DatasetVerdict
from auditkit.manifest.model import Dataset, Declared
from auditkit.manifest.model import Table as TableRecord
from auditkit.reports.blocks import Fact
from auditkit.reports.tally import within
from auditkit.reports.text import NOTHING, count, exact_size, moment, of, plain, size
from auditkit.reports.view.basis import mark
from auditkit.reports.view.dvc_facts import dvc_facts
from auditkit.reports.wording import BASIS, MODE

_DIGEST: Final = {"sha512": "SHA-512", "blake3": "BLAKE3"}


def dataset_facts(record: Dataset, verdict: DatasetVerdict) -> tuple[Fact, ...]:
    """Return location, extent, coverage, digests and format of a data set."""
    return (*_facts(record, verdict), *dvc_facts(record), *_table_facts(record))


def declared_facts(declared: Declared | None) -> tuple[Fact, ...]:
    """Return what the team states about a data set."""
    if declared is None:
        return ()
    personal = {True: "yes", False: "no", None: None}[declared.personal_data]
    pairs = (
        ("Source", declared.source),
        ("Licence", declared.licence),
        ("Purpose", declared.purpose),
        ("Personal data", personal),
        ("Contact", declared.contact),
        ("Notes", declared.notes),
    )
    return tuple(
        Fact(label, plain(value), "text", BASIS["declared"])
        for label, value in pairs
        if value is not None
    )


def rows_covered(coverage: Coverage) -> str:
    """Return the rows re-read out of those recorded, a dash where none are recorded."""
    if coverage.rows_total is None:
        return NOTHING
    return of(coverage.rows or 0, coverage.rows_total)


def _facts(record: Dataset, verdict: DatasetVerdict) -> Iterator[Fact]:
    inventory = record.inventory
    yield Fact("Recorded location", plain(record.location), "code", mark(record, "/location"))
    if verdict.location is not None and verdict.location != record.location:
        yield Fact("Re-read from", plain(verdict.location), "code")
    yield Fact("Recorded", _extent(record), "text", mark(record, "/inventory"))
    yield Fact("Re-read", _covered(within(verdict.coverage)), "text", BASIS["observed"])
    for kind, root in sorted(inventory.root.items()):
        label = "Root (dirHash)" if kind == "dirHash" else "SHA-256 of the file"
        yield Fact(label, root, "digest", mark(record, "/inventory"))
    yield Fact("SHA-256 of the file list", inventory.list.sha256, "digest", BASIS["observed"])
    if inventory.digests:
        further = ", ".join(_DIGEST[name] for name in inventory.digests)
        yield Fact("In the list, beside SHA-256", further, "text", BASIS["observed"])
    if inventory.excluded:
        globs = plain(", ".join(inventory.excluded))
        yield Fact("Left out on request", globs, "code", BASIS["declared"])
    yield Fact("Read at", moment(record.read_at), "text", BASIS["declared"])
    if record.watch is not None:
        text = f"{count(record.watch.changed_count, 'file')} changed while the command ran"
        changed = plain(", ".join(record.watch.changed[:10]))
        yield Fact(
            "Watched", f"{text}{': ' if changed else ''}{changed}", "text", BASIS["observed"]
        )


def _extent(record: Dataset) -> str:
    inventory = record.inventory
    rows = "" if record.rows is None else f", {count(record.rows, 'row')}"
    return f"{count(inventory.files, 'file')}, {exact_size(inventory.bytes)}{rows}"


def _covered(coverage: Coverage) -> str:
    parts = [
        f"{of(coverage.files, coverage.files_total)} files",
        f"{size(coverage.bytes)} of {size(coverage.bytes_total)}",
    ]
    if coverage.rows_total is not None:
        parts.append(f"{rows_covered(coverage)} rows")
    return f"{', '.join(parts)}; {MODE[coverage.mode]}"


def _table_facts(record: Dataset) -> Iterator[Fact]:
    if record.table is not None:
        yield Fact("Format", _format(record.table), "text", mark(record, "/table"))
        if record.table.written_by:
            writers = plain(", ".join(record.table.written_by))
            yield Fact("Written by", writers, "text", mark(record, "/table"))
        if record.table.csv is not None:
            yield Fact("CSV dialect", _dialect(record.table), "text", mark(record, "/table"))
    if record.schema is not None:
        fingerprint = record.schema.fingerprint
        yield Fact("Schema fingerprint", fingerprint, "digest", mark(record, "/schema"))
    if record.content is not None:
        label = f"Content digest ({record.content.kind})"
        yield Fact(label, record.content.digest, "digest", mark(record, "/content"))
    if record.schema_version is not None:
        version = plain(record.schema_version)
        yield Fact("Schema version", version, "text", mark(record, "/schemaVersion"))


def _format(table: TableRecord) -> str:
    names = {"parquet": "Parquet", "arrow": "Arrow", "csv": "CSV", "jsonl": "JSON Lines"}
    parts = [names[table.kind], count(table.parts, "part")]
    if table.compression:
        parts.append(plain(", ".join(table.compression)))
    if table.row_groups is not None:
        parts.append(count(table.row_groups, "row group"))
    if table.partitioning:
        parts.append(f"partitioned by {plain(', '.join(each.name for each in table.partitioning))}")
    return ", ".join(parts)


def _dialect(table: TableRecord) -> str:
    dialect = table.csv
    if dialect is None:
        return NOTHING
    escape = f", escape {plain(dialect.escape)}" if dialect.escape else ""
    header = "with header" if dialect.header else "no header"
    return (
        f"delimiter {plain(repr(dialect.delimiter))}, quote {plain(dialect.quote) or 'none'}"
        f"{escape}, {header}, {plain(dialect.encoding)}"
    )
