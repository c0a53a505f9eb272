"""Which rows changed: column, rows, file and row group; and where the others went."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from projects import Project
from row_tables import TABLE, capture_tables, changed, places, row_findings, write_parts

from auditkit.findings import Location
from auditkit.signing.signer import Signer


def test_one_changed_value_is_named_by_column_rows_file_and_row_group(train: Project) -> None:
    write_parts(changed(TABLE, "label", 145_000, "x"), train.root / "data/train")
    outcome = train.verify()
    assert outcome.verdict.exit_code == 10
    assert outcome.dataset("train").condition == "altered"
    # Rows 131,072 to 196,607 are a block; of its row groups, 40,000 rows each, all may be it.
    expected = Location(file="part-01.parquet", column="label", rows=(131_072, 196_607))
    assert places(outcome) == [expected]
    assert "values changed in 1 of 3 columns; all else is as recorded" in (
        row_findings(outcome)[0].detail
    )


def test_a_block_within_a_row_group_names_it(tmp_path: Path, signer: Signer) -> None:
    table = TABLE.slice(0, 200_000)
    write_parts(table, tmp_path / "data/train", rows=200_000, row_group_size=100_000)
    project = capture_tables(tmp_path, signer)
    altered = changed(table, "value", 70_000, 1)
    write_parts(altered, tmp_path / "data/train", rows=200_000, row_group_size=150_000)
    (place,) = places(project.verify())
    assert (place.row_group, place.rows) == (0, (65_536, 131_071))


def test_rows_of_files_that_did_not_change_are_left_out(tmp_path: Path, signer: Signer) -> None:
    write_parts(TABLE.slice(0, 50_000), tmp_path / "data/train", rows=1_000)
    project = capture_tables(tmp_path, signer)
    part = TABLE.slice(7_000, 1_000)
    path = tmp_path / "data/train/part-07.parquet"
    pq.write_table(changed(part, "label", 3, "x"), path, row_group_size=1_000)
    (place,) = places(project.verify())
    found = Location(file="part-07.parquet", row_group=0, column="label", rows=(7_000, 7_999))
    assert place == found


def test_an_inserted_row_is_told_from_those_that_moved(train: Project) -> None:
    extra = TABLE.slice(5, 1)
    table = pa.concat_tables([TABLE.slice(0, 150_000), extra, TABLE.slice(150_000)])
    write_parts(table, train.root / "data/train")
    outcome = train.verify()
    summary, *located = row_findings(outcome)
    assert "1 row more" in summary.detail
    assert "rows 0-131,071 in place, rows 196,608-299,999 now at 196,609-300,000" in summary.detail
    assert located[0].detail == (
        "not as recorded: 65,537 rows in place of 65,536 rows, recorded as rows 131,072-196,607"
    )
    assert [place.rows for place in places(outcome)] == [(131_072, 196_608)]


def test_deleted_rows_are_told_from_those_that_moved(train: Project) -> None:
    table = pa.concat_tables([TABLE.slice(0, 70_000), TABLE.slice(70_010)])
    write_parts(table, train.root / "data/train")
    summary = row_findings(train.verify())[0]
    assert "10 rows fewer" in summary.detail
    assert "rows 131,072-299,999 now at 131,062-299,989" in summary.detail


def test_blocks_that_changed_places_are_found_where_they_are(train: Project) -> None:
    first, second, rest = TABLE.slice(0, 65_536), TABLE.slice(65_536, 65_536), TABLE.slice(131_072)
    write_parts(pa.concat_tables([second, first, rest]), train.root / "data/train")
    summary = row_findings(train.verify())[0]
    assert "rows 0-65,535 now at 65,536-131,071" in summary.detail
    assert "rows 65,536-131,071 now at 0-65,535" in summary.detail


@pytest.mark.parametrize("form", ["csv", "csv.gz", "jsonl", "arrow"])
def test_rows_of_other_formats_are_named_too(tmp_path: Path, signer: Signer, form: str) -> None:
    path = tmp_path / f"data/t.{form}"
    path.parent.mkdir()
    write_as(path, TABLE)
    project = capture_tables(tmp_path, signer)
    table = pa.concat_tables([TABLE.slice(0, 10), TABLE.slice(9)])
    write_as(path, changed(table, "label", 250_000, "x"))
    outcome = project.verify()
    assert "1 row more" in row_findings(outcome)[0].detail
    columns = {place.column for place in places(outcome)}
    assert columns == {None, "label"}
    assert {place.file for place in places(outcome)} == {path.name}


def write_as(path: Path, table: pa.Table) -> None:
    if path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, 50_000)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    else:
        raw = pa.BufferOutputStream()
        pa_csv.write_csv(table, raw)
        data = raw.getvalue().to_pybytes()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_columns_in_names_of_folders_are_located(tmp_path: Path, signer: Signer) -> None:
    for month in (1, 2):
        write_parts(TABLE.slice(0, 1_000), tmp_path / f"data/train/month={month}")
    project = capture_tables(tmp_path, signer)
    (tmp_path / "data/train/month=2").rename(tmp_path / "data/train/month=3")
    (place,) = places(project.verify())
    assert (place.column, place.file) == ("month", "month=3/part-00.parquet")
