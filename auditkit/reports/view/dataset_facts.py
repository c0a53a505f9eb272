"""What is recorded about one data set, and how much of it was re-read, as labelled facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from auditkit.findings import Coverage, DatasetVerdict
from auditkit.manifest.model import CsvDialect, Dataset, Declared
from auditkit.manifest.model import Table as TableRecord
from auditkit.reports.blocks import Fact
from auditkit.reports.language import Language
from auditkit.reports.tally import within
from auditkit.reports.text import NOTHING, plain
from auditkit.reports.view.basis import mark
from auditkit.reports.view.delta_facts import delta_facts
from auditkit.reports.view.dvc_facts import dvc_facts
from auditkit.reports.wording import basis_badge, mode_text

_FORMATS: Final = {"parquet": "Parquet", "arrow": "Arrow", "csv": "CSV", "jsonl": "JSON Lines"}
_DIGEST: Final = {"sha512": "SHA-512", "blake3": "BLAKE3"}


def dataset_facts(say: Language, record: Dataset, verdict: DatasetVerdict) -> tuple[Fact, ...]:
    """Return location, extent, coverage, digests and format of a data set."""
    return (
        *_extent(say, record, verdict),
        *_digests(say, record),
        *delta_facts(say, record),
        *dvc_facts(say, record),
        *_table_facts(say, record),
        *_reading(say, record),
    )


def declared_facts(say: Language, declared: Declared | None) -> tuple[Fact, ...]:
    """Return what the team states about a data set."""
    if declared is None:
        return ()
    personal = {True: say("yes"), False: say("no"), None: None}[declared.personal_data]
    pairs = (
        (say("Source"), declared.source),
        (say("Licence"), declared.licence),
        (say("Purpose"), declared.purpose),
        (say("Personal data"), personal),
        (say("Contact"), declared.contact),
        (say("Notes"), declared.notes),
    )
    basis = basis_badge(say, "declared")
    return tuple(
        Fact(label, plain(value), "text", basis) for label, value in pairs if value is not None
    )


def rows_covered(say: Language, coverage: Coverage) -> str:
    """Return the rows re-read out of those recorded, a dash where none are recorded."""
    if coverage.rows_total is None:
        return NOTHING
    return say.of(coverage.rows or 0, coverage.rows_total)


def bytes_covered(say: Language, coverage: Coverage) -> str:
    """Return the bytes re-read out of those recorded."""
    return say.share(say.size(coverage.bytes), say.size(coverage.bytes_total))


def _extent(say: Language, record: Dataset, verdict: DatasetVerdict) -> Iterator[Fact]:
    location, inventory = mark(say, record, "/location"), mark(say, record, "/inventory")
    yield Fact(say("Recorded location"), plain(record.location), "code", location)
    if verdict.location is not None and verdict.location != record.location:
        observed = basis_badge(say, "observed")
        yield Fact(say("Re-read from"), plain(verdict.location), "code", observed)
    yield Fact(say("Recorded"), _recorded(say, record), "text", inventory)
    covered = _covered(say, within(verdict.coverage))
    yield Fact(say("Re-read"), covered, "text", basis_badge(say, "observed"))


def _recorded(say: Language, record: Dataset) -> str:
    inventory = record.inventory
    parts = [
        say.count(inventory.files, "{number} file", "{number} files"),
        say.exact_size(inventory.bytes),
    ]
    if record.rows is not None:
        parts.append(say.count(record.rows, "{number} row", "{number} rows"))
    return ", ".join(parts)


def _covered(say: Language, coverage: Coverage) -> str:
    parts = [
        say("{count} files", count=say.of(coverage.files, coverage.files_total)),
        bytes_covered(say, coverage),
    ]
    if coverage.rows_total is not None:
        parts.append(say("{count} rows", count=rows_covered(say, coverage)))
    return f"{', '.join(parts)}; {mode_text(say, coverage.mode)}"


def _digests(say: Language, record: Dataset) -> Iterator[Fact]:
    inventory, basis = record.inventory, mark(say, record, "/inventory")
    for kind, root in sorted(inventory.root.items()):
        label = say("Root (dirHash)") if kind == "dirHash" else say("SHA-256 of the file")
        yield Fact(label, root, "digest", basis)
    yield Fact(say("SHA-256 of the file list"), inventory.list.sha256, "digest", basis)
    if inventory.digests:
        further = ", ".join(_DIGEST[name] for name in inventory.digests)
        yield Fact(say("In the list, beside SHA-256"), further, "text", basis)
    if inventory.excluded:
        globs = plain(", ".join(inventory.excluded))
        yield Fact(say("Left out on request"), globs, "code", basis_badge(say, "declared"))
    if record.content is not None:
        label = say("Content digest ({kind})", kind=record.content.kind)
        yield Fact(label, record.content.digest, "digest", mark(say, record, "/content"))
        if record.content.row_digests is not None:
            text = say("kept beside the manifest, and never handed over with a report")
            basis = mark(say, record, "/content")
            yield Fact(say("Digests of single rows"), text, "text", basis)


def _table_facts(say: Language, record: Dataset) -> Iterator[Fact]:
    if record.table is not None:
        basis = mark(say, record, "/table")
        yield Fact(say("Format"), _format(say, record.table), "text", basis)
        if record.table.written_by:
            yield Fact(say("Written by"), plain(", ".join(record.table.written_by)), "text", basis)
        if record.table.csv is not None:
            yield Fact(say("CSV dialect"), _dialect(say, record.table.csv), "text", basis)
    if record.schema is not None:
        fingerprint = record.schema.fingerprint
        yield Fact(say("Schema fingerprint"), fingerprint, "digest", mark(say, record, "/schema"))
    if record.schema_version is not None:
        version = plain(record.schema_version)
        yield Fact(say("Schema version"), version, "text", mark(say, record, "/schemaVersion"))


def _reading(say: Language, record: Dataset) -> Iterator[Fact]:
    if record.cites is not None:
        derived = basis_badge(say, "derived")
        cited = say(
            "{name} of run {run}; not read by this run",
            name=record.cites.dataset,
            run=record.cites.run,
        )
        yield Fact(say("On the word of"), cited, "text", derived)
        yield Fact(say("Manifest of that run"), record.cites.manifest, "digest", derived)
    yield Fact(say("Read at"), say.moment(record.read_at), "text", basis_badge(say, "declared"))
    if record.watch is not None:
        text = say.count(
            record.watch.changed_count,
            "{number} file changed while the command ran",
            "{number} files changed while the command ran",
        )
        changed = plain(", ".join(record.watch.changed[:10]))
        text = f"{text}: {changed}" if changed else text
        yield Fact(say("Watched"), text, "text", basis_badge(say, "observed"))


def _format(say: Language, table: TableRecord) -> str:
    parts = [
        _FORMATS[table.kind],
        say.count(table.parts, "{number} part", "{number} parts"),
    ]
    if table.compression:
        parts.append(plain(", ".join(table.compression)))
    if table.row_groups is not None:
        parts.append(say.count(table.row_groups, "{number} row group", "{number} row groups"))
    if table.partitioning:
        names = plain(", ".join(each.name for each in table.partitioning))
        parts.append(say("partitioned by {names}", names=names))
    return ", ".join(parts)


def _dialect(say: Language, dialect: CsvDialect) -> str:
    parts = [
        say("delimiter {character}", character=plain(repr(dialect.delimiter))),
        say("quote {character}", character=plain(dialect.quote) or say("none")),
    ]
    if dialect.escape:
        parts.append(say("escape {character}", character=plain(dialect.escape)))
    parts.append(say("with header") if dialect.header else say("no header"))
    parts.append(plain(dialect.encoding))
    return ", ".join(parts)
