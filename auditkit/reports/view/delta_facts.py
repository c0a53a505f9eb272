"""Which version of a Delta table was recorded, as its log has it."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.manifest.delta import DeltaOperation
from auditkit.manifest.model import Dataset
from auditkit.reports.blocks import Fact
from auditkit.reports.language import Language
from auditkit.reports.text import NOTHING, plain
from auditkit.reports.view.basis import mark
from auditkit.reports.wording import basis_badge


def delta_facts(say: Language, record: Dataset) -> Iterator[Fact]:
    """Yield the facts about a version of a Delta table; nothing for other data."""
    version = record.delta
    if version is None:
        return
    basis, declared = mark(say, record, "/delta"), basis_badge(say, "declared")
    number = str(version.version)
    if version.requested:
        asked = plain(version.requested)
        number = say("{version}, asked for as {asked}", version=number, asked=asked)
    yield Fact(say("Delta version"), number, "text", basis)
    yield Fact(say("Delta table"), plain(version.table_id), "code", basis)
    if version.committed_at is not None:
        yield Fact(say("Committed at"), say.moment(version.committed_at), "text", declared)
    if version.deletion_vectors:
        rows = say.count(version.deleted_rows, "{number} row", "{number} rows")
        files = say.count(version.deletion_vectors, "{number} file", "{number} files")
        text = say("{rows} of {files}", rows=rows, files=files)
        yield Fact(say("Deleted by vectors"), text, "text", basis)
    if version.history:
        yield Fact(say("Last operation"), _operation(say, version.history[0]), "text", declared)


def _operation(say: Language, operation: DeltaOperation) -> str:
    name = plain(operation.operation or NOTHING)
    if operation.engine is None:
        return name
    return say("{operation} by {engine}", operation=name, engine=plain(operation.engine))
