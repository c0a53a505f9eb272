"""The same rows in other files: what is no change, and what only looks like none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from projects import Project
from row_tables import ROWS, TABLE, capture_tables, write_parts

from auditkit.signing.signer import Signer

RELAID: dict[str, Callable[[Path], Any]] = {
    "recompressed": lambda folder: write_parts(TABLE, folder, compression="zstd"),
    "compacted": lambda folder: write_parts(TABLE, folder, rows=ROWS),
    "split again": lambda folder: write_parts(TABLE, folder, rows=7_001),
    "other row groups": lambda folder: write_parts(TABLE, folder, row_group_size=1_234),
    "without dictionaries": lambda folder: write_parts(TABLE, folder, use_dictionary=False),
    "renamed in the same order": lambda folder: [
        path.rename(path.with_name(f"x-{path.name}")) for path in sorted(folder.iterdir())
    ],
    "dictionary columns": lambda folder: write_parts(
        TABLE.set_column(2, "label", TABLE["label"].dictionary_encode()), folder
    ),
    "large strings, not null": lambda folder: write_parts(
        TABLE.cast(
            pa.schema(
                [
                    pa.field("id", pa.int64(), nullable=False),
                    pa.field("value", pa.int64()),
                    pa.field("label", pa.large_string(), metadata={"note": "x"}),
                ]
            )
        ),
        folder,
    ),
}


@pytest.mark.parametrize("name", RELAID)
def test_the_same_rows_in_other_files_are_relaid(train: Project, name: str) -> None:
    RELAID[name](train.root / "data/train")
    outcome = train.verify()
    assert outcome.failed() == []
    assert outcome.verdict.exit_code == 0
    found = outcome.dataset("train")
    assert (found.condition, found.status) == ("relaid", "passed")
    assert found.note
    details = [each.detail for each in outcome.findings if each.check == "dataset.bytes"]
    assert details == [f"layout changed: {found.note}; every row is as recorded"]
    assert outcome.statuses("dataset.content") == {"passed"}


def test_metadata_mode_never_says_relaid(train: Project) -> None:
    RELAID["recompressed"](train.root / "data/train")
    outcome = train.verify(mode="metadata")
    assert outcome.dataset("train").condition == "altered"
    assert outcome.statuses("dataset.content") == {"skipped"}


def with_metadata(key: str, value: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        write_parts(TABLE.replace_schema_metadata({key: value}), folder, rows=ROWS)

    return write


NOT_RELAID: dict[str, Callable[[Path], Any]] = {
    "a column added": lambda folder: write_parts(
        TABLE.append_column("more", pa.array([0] * ROWS)), folder
    ),
    "columns in another order": lambda folder: write_parts(
        TABLE.select(["label", "id", "value"]), folder
    ),
    "a column renamed": lambda folder: write_parts(
        TABLE.rename_columns(["id", "value", "Label"]), folder
    ),
    "a narrower type": lambda folder: write_parts(
        TABLE.set_column(0, "id", TABLE["id"].cast(pa.int32())), folder
    ),
    "binary for text": lambda folder: write_parts(
        TABLE.set_column(2, "label", TABLE["label"].cast(pa.binary())), folder
    ),
    "files in another order": lambda folder: (folder / "part-00.parquet").rename(
        folder / "part-09.parquet"
    ),
    "a file that is no data": lambda folder: (
        write_parts(TABLE, folder, rows=ROWS),
        (folder / "_metadata").write_bytes(b"x"),
    ),
    "a file of another kind": lambda folder: (
        write_parts(TABLE, folder, rows=ROWS),
        (folder / "note.txt").write_text("x"),
    ),
    "a pandas index": with_metadata(
        "pandas", '{"index_columns": ["label"], "columns": [], "column_indexes": []}'
    ),
    "metadata of another reader": with_metadata("huggingface", "{}"),
    "a damaged page": lambda folder: damage(folder / "part-01.parquet"),
}


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[2_000:2_400] = bytes(400)
    path.write_bytes(data)


@pytest.mark.parametrize("name", NOT_RELAID)
def test_what_is_read_differently_is_not_relaid(train: Project, name: str) -> None:
    NOT_RELAID[name](train.root / "data/train")
    outcome = train.verify()
    assert outcome.dataset("train").condition == "altered"
    assert outcome.verdict.exit_code == 10
    assert outcome.statuses("dataset.files") | outcome.statuses("dataset.bytes") >= {"failed"}


def test_statistics_that_hide_rows_are_not_relaid(tmp_path: Path, signer: Signer) -> None:
    value = 0x1122334455667788
    path = tmp_path / "data/t.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"a": [1, value]}), path, use_dictionary=False)
    project = capture_tables(tmp_path, signer)
    data = path.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    raw = value.to_bytes(8, "little")
    path.write_bytes(data[:footer] + data[footer:].replace(raw, (2).to_bytes(8, "little")))
    assert pq.read_table(path).to_pydict() == {"a": [1, value]}
    assert pq.read_table(path, filters=[("a", ">", 5)]).num_rows == 0
    outcome = project.verify()
    assert outcome.dataset("t").condition == "altered"
    details = [each.detail for each in outcome.findings if each.status == "failed"]
    assert any("statistics" in detail and "column 'a', row group 0" in detail for detail in details)


def test_times_in_a_wider_unit_are_relaid_and_in_another_zone_are_not(
    tmp_path: Path, signer: Signer
) -> None:
    path = tmp_path / "data/t.parquet"
    path.parent.mkdir()

    def write(unit: str, zone: str | None) -> None:
        times = pa.array([1_000_000, None], pa.timestamp("us", zone))
        pq.write_table(pa.table({"t": times.cast(pa.timestamp(unit, zone))}), path)

    write("us", "UTC")
    project = capture_tables(tmp_path, signer)
    write("ns", "UTC")
    assert project.verify().dataset("t").condition == "relaid"
    write("us", "Europe/Berlin")
    outcome = project.verify()
    assert outcome.dataset("t").condition == "altered"
    assert outcome.statuses("dataset.schema") == {"failed"}


def test_without_its_inventory_nothing_is_relaid(train: Project) -> None:
    (train.folder / "train.inventory.parquet").unlink()
    RELAID["recompressed"](train.root / "data/train")
    assert train.verify().dataset("train").condition == "altered"
