"""From changed data to the report: column, rows, file and row group can be read off it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from projects import Outcome, Project
from reports import samples
from row_tables import TABLE, capture_tables, changed, write_parts

from auditkit.evidence import Evidence
from auditkit.reports.blocks import Quoted
from auditkit.reports.view import build_view
from auditkit.reports.view.datasets import DatasetView
from auditkit.signing.keys import generate_private_key
from auditkit.signing.signer import Signer, signer_for

ROWS = TABLE.slice(0, 5_000)


@pytest.fixture(scope="module")
def signer() -> Signer:
    return signer_for(generate_private_key("ed25519"))


def reported(outcome: Outcome) -> DatasetView:
    evidence = Evidence(verdict=outcome.verdict, runs=outcome.runs, verified_now=True)
    record = build_view(evidence, samples.OPTIONS).runs[0].record
    assert record is not None
    return record.datasets[0]


def altered(root: Path, signer: Signer, **options: object) -> DatasetView:
    """Record a table, change one label in it, and return what the report says of it."""
    write_parts(ROWS, root / "data/train", rows=2_000)
    project = capture_tables(root, signer, **options)
    write_parts(changed(ROWS, "label", 2_700, "x"), root / "data/train", rows=2_000)
    return reported(project.verify())


def exceptions(shown: DatasetView, check: str) -> list[tuple[object, object]]:
    """Return where and what, of the exceptions of one check."""
    assert shown.differences is not None
    return [(row[2], row[3]) for row in shown.differences.rows if row[0] == f"9 {check}"]


def test_a_changed_value(tmp_path: Path, signer: Signer) -> None:
    shown = altered(tmp_path, signer)
    _, (where, what) = exceptions(shown, "dataset.content")
    assert where == "file part-01.parquet, row group 0, column label, rows 2,000 to 3,999"
    assert what == Quoted("values changed")
    assert shown.altered is not None
    assert "Rows are counted from 0 over all files" in shown.altered.note


def test_an_added_row_of_a_bag(tmp_path: Path, signer: Signer) -> None:
    shown = altered(tmp_path, signer, content="bag", row_digests=True)
    _, (where, what) = exceptions(shown, "dataset.content")
    assert where == "file part-01.parquet, row group 0, row 2,700"
    assert what == Quoted("not recorded")
    facts = {fact.label: fact.value for fact in shown.facts}
    assert facts["Digests of single rows"].endswith("never handed over with a report")


def test_a_column_that_went(tmp_path: Path, signer: Signer) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(ROWS, tmp_path / "data/t.parquet")
    project: Project = capture_tables(tmp_path, signer)
    pq.write_table(ROWS.drop_columns(["value"]), tmp_path / "data/t.parquet")
    shown = reported(project.verify())
    (_, summary), (where, what) = exceptions(shown, "dataset.schema")
    assert summary == Quoted("breaking: 1 column removed")
    assert (where, what) == ("column value", Quoted("column 'value' removed (was int64)"))
    assert shown.changed_schema is not None
    assert shown.changed_schema.rows[0][:3] == ("value", "int64", "—")
