"""What changed of a table's columns, change by change, and what it means to readers."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from projects import Outcome, Project
from row_tables import capture_tables

from auditkit.findings import Finding
from auditkit.signing.signer import Signer
from auditkit.verification import schema_check

TABLE = pa.table(
    {"id": pa.array([1, 2]), "label": pa.array(["a", "b"]), "at": pa.array([0, 1], pa.date32())},
    schema=pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("label", pa.string()),
            pa.field("at", pa.date32()),
        ]
    ),
)


@pytest.fixture
def table(tmp_path: Path, signer: Signer) -> Project:
    (tmp_path / "data").mkdir()
    pq.write_table(TABLE, tmp_path / "data/t.parquet")
    return capture_tables(tmp_path, signer)


def verify(project: Project, table: pa.Table) -> Outcome:
    pq.write_table(table, project.root / "data/t.parquet")
    return project.verify()


def schema_findings(outcome: Outcome) -> list[Finding]:
    return [each for each in outcome.findings if each.check == "dataset.schema"]


def with_column(name: str, type_: pa.DataType) -> pa.Table:
    index = TABLE.schema.get_field_index(name)
    return TABLE.set_column(index, name, TABLE[name].cast(type_))


CHANGES = {
    "added": (
        TABLE.append_column("more", pa.array([1.0, 2.0])),
        "compatible: 1 column added",
        [("more", "column 'more' added (float64)")],
    ),
    "removed": (
        TABLE.drop_columns(["label"]),
        "breaking: 1 column removed",
        [("label", "column 'label' removed (was string)")],
    ),
    "moved": (
        TABLE.select(["label", "id", "at"]),
        "compatible: 2 columns moved",
        [
            ("id", "column 'id' moved from position 1 to position 2"),
            ("label", "column 'label' moved from position 2 to position 1"),
        ],
    ),
    "retyped": (
        with_column("label", pa.binary()),
        "breaking: 1 type changed",
        [("label", "column 'label' changed from string to binary")],
    ),
    "renamed": (
        TABLE.rename_columns(["id", "Label", "at"]),
        "breaking: 1 column added, 1 column removed",
        [
            ("label", "column 'label' removed (was string)"),
            ("Label", "column 'Label' added (string)"),
        ],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_named_with_its_column(table: Project, name: str) -> None:
    changed, verdict, changes = CHANGES[name]
    outcome = verify(table, changed)
    assert outcome.verdict.exit_code == 10
    summary, *others = schema_findings(outcome)
    located = [each for each in others if each.location and each.location.column]
    assert (summary.detail, summary.status) == (verdict, "failed")
    assert summary.expected != summary.found
    assert [(each.location and each.location.column, each.detail) for each in located] == changes


def test_nullability_fails_with_another_value_and_passes_as_a_layout(table: Project) -> None:
    loose = TABLE.cast(pa.schema([pa.field("id", pa.int64()), *TABLE.schema.remove(0)]))
    outcome = verify(table, loose)
    assert outcome.dataset("t").condition == "relaid"
    (finding,) = schema_findings(outcome)
    assert finding.detail == (
        "the same columns, stored in another way: nullability of column 'id' changed from not null "
        "to nullable"
    )
    other = loose.set_column(0, "id", pa.array([1, None]))
    summary, change = schema_findings(verify(table, other))
    assert summary.detail == "breaking: 1 nullability changed"
    assert change.detail == "nullability of column 'id' changed from not null to nullable"


def test_many_changes_are_counted(table: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_check, "MOST_CHANGES", 3)
    wide = pa.table({f"c{i}": [1, 2] for i in range(20)})
    details = [each.detail for each in schema_findings(verify(table, wide))]
    assert details[0] == "breaking: 20 columns added, 3 columns removed"
    assert details[-1] == "20 more changes of columns"
    assert len(details) == 5


def test_many_changes_of_layout_are_cut(tmp_path: Path, signer: Signer) -> None:
    (tmp_path / "data").mkdir()
    wide = pa.table({f"c{i}": ["x"] for i in range(20)})
    pq.write_table(wide, tmp_path / "data/t.parquet")
    project = capture_tables(tmp_path, signer)
    large = wide.cast(pa.schema([(name, pa.large_string()) for name in wide.column_names]))
    (finding,) = schema_findings(verify(project, large))
    assert finding.status == "passed"
    assert finding.detail.endswith("; and 15 more")
