"""Rows: which ones changed, and that the same rows in other files are no change."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from projects import Outcome, Project

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, ContentChoice, DatasetRequest
from auditkit.datasets.base import Reference
from auditkit.findings import Finding, Location
from auditkit.signing.signer import Signer

ROWS = 300_000
FILE_ROWS = 100_000
GROUP_ROWS = 40_000


def make_table() -> pa.Table:
    random = np.random.default_rng(3)
    return pa.table(
        {
            "id": np.arange(ROWS),
            "value": random.integers(0, 2**60, ROWS),
            "label": [f"l{n}" for n in random.integers(0, 9, ROWS)],
        }
    )


TABLE = make_table()


def write_parts(table: pa.Table, folder: Path, rows: int = FILE_ROWS, **options: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.parquet"):
        path.unlink()
    options = {"row_group_size": GROUP_ROWS, **options}
    for number, start in enumerate(range(0, len(table), rows)):
        pq.write_table(table.slice(start, rows), folder / f"part-{number:02}.parquet", **options)


def capture(root: Path, signer: Signer, content: ContentChoice = "sequence") -> Project:
    requests = tuple(
        DatasetRequest(
            name=path.name.split(".")[0], reference=Reference(str(path)), base=root, content=content
        )
        for path in sorted((root / "data").iterdir())
    )
    capture_run(
        CaptureOptions(
            project="sample",
            root=root,
            signers=(signer,),
            evidence_dir=root / "evidence",
            datasets=requests,
        )
    )
    return Project(root, signer)


@pytest.fixture
def train(tmp_path: Path, signer: Signer) -> Project:
    write_parts(TABLE, tmp_path / "data/train")
    return capture(tmp_path, signer)


def rows_findings(outcome: Outcome) -> list[Finding]:
    return [each for each in outcome.findings if each.check == "dataset.content"]


def places(outcome: Outcome) -> list[Location]:
    return [each.location for each in rows_findings(outcome) if each.location is not None]


def changed(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    index = table.schema.get_field_index(column)
    return table.set_column(index, column, pa.array(values, table.schema.field(index).type))


def test_one_changed_value_is_named_by_column_rows_file_and_row_group(train: Project) -> None:
    write_parts(changed(TABLE, "label", 145_000, "x"), train.root / "data/train")
    outcome = train.verify()
    assert outcome.verdict.exit_code == 10
    assert outcome.dataset("train").condition == "altered"
    # Rows 131,072 to 196,607 are a block; of its row groups, 40,000 rows each, all may be it.
    expected = Location(file="part-01.parquet", column="label", rows=(131_072, 196_607))
    assert places(outcome) == [expected]
    assert "values changed in 1 of 3 columns; all else is as recorded" in (
        rows_findings(outcome)[0].detail
    )


def test_a_block_within_a_row_group_names_it(tmp_path: Path, signer: Signer) -> None:
    table = TABLE.slice(0, 200_000)
    write_parts(table, tmp_path / "data/train", rows=200_000, row_group_size=100_000)
    project = capture(tmp_path, signer)
    altered = changed(table, "value", 70_000, 1)
    write_parts(altered, tmp_path / "data/train", rows=200_000, row_group_size=150_000)
    (place,) = places(project.verify())
    assert (place.row_group, place.rows) == (0, (65_536, 131_071))


def test_rows_of_files_that_did_not_change_are_left_out(tmp_path: Path, signer: Signer) -> None:
    write_parts(TABLE.slice(0, 50_000), tmp_path / "data/train", rows=1_000)
    project = capture(tmp_path, signer)
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
    summary, *located = rows_findings(outcome)
    assert "1 row more" in summary.detail
    assert "rows 0-131,071 in place, rows 196,608-299,999 now at 196,609-300,000" in summary.detail
    assert "65,537 rows here that are not as recorded, in place of 65,536 rows" in located[0].detail
    assert [place.rows for place in places(outcome)] == [(131_072, 196_608)]


def test_deleted_rows_are_told_from_those_that_moved(train: Project) -> None:
    table = pa.concat_tables([TABLE.slice(0, 70_000), TABLE.slice(70_010)])
    write_parts(table, train.root / "data/train")
    summary = rows_findings(train.verify())[0]
    assert "10 rows fewer" in summary.detail
    assert "rows 131,072-299,999 now at 131,062-299,989" in summary.detail


def test_blocks_that_changed_places_are_found_where_they_are(train: Project) -> None:
    first, second, rest = TABLE.slice(0, 65_536), TABLE.slice(65_536, 65_536), TABLE.slice(131_072)
    write_parts(pa.concat_tables([second, first, rest]), train.root / "data/train")
    summary = rows_findings(train.verify())[0]
    assert "rows 0-65,535 now at 65,536-131,071" in summary.detail
    assert "rows 65,536-131,071 now at 0-65,535" in summary.detail


@pytest.mark.parametrize("form", ["csv", "csv.gz", "jsonl", "arrow"])
def test_rows_of_other_formats_are_named_too(tmp_path: Path, signer: Signer, form: str) -> None:
    path = tmp_path / f"data/t.{form}"
    path.parent.mkdir()
    write_as(path, TABLE)
    project = capture(tmp_path, signer)
    table = pa.concat_tables([TABLE.slice(0, 10), TABLE.slice(9)])
    write_as(path, changed(table, "label", 250_000, "x"))
    outcome = project.verify()
    assert "1 row more" in rows_findings(outcome)[0].detail
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
    project = capture(tmp_path, signer)
    (tmp_path / "data/train/month=2").rename(tmp_path / "data/train/month=3")
    (place,) = places(project.verify())
    assert (place.column, place.file) == ("month", "month=3/part-00.parquet")


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
    project = capture(tmp_path, signer)
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
    project = capture(tmp_path, signer)
    write("ns", "UTC")
    assert project.verify().dataset("t").condition == "relaid"
    write("us", "Europe/Berlin")
    outcome = project.verify()
    assert outcome.dataset("t").condition == "altered"
    assert outcome.statuses("dataset.schema") == {"failed"}


CSV = "id,at,ok\n1,2026-01-01,true\n2,2026-01-02,false\n"
CSV_CASES = {
    "quoted": ('id,at,ok\n"1","2026-01-01",true\n2,2026-01-02,false\n', "relaid"),
    "other line ends": (CSV.replace("\n", "\r\n"), "relaid"),
    "other null token": (CSV, "intact"),
    "another delimiter": (CSV.replace(",", ";"), "altered"),
    "a header renamed": (CSV.replace("ok", "OK"), "altered"),
    "a column added": ("id,at,ok,x\n1,2026-01-01,true,\n2,2026-01-02,false,\n", "altered"),
    "another value": (CSV.replace("true", "false"), "altered"),
    "no number": (CSV.replace("2,", "x,"), "altered"),
    "columns swapped": ("at,id,ok\n2026-01-01,1,true\n2026-01-02,2,false\n", "altered"),
}


@pytest.mark.parametrize("name", CSV_CASES)
def test_csv_is_read_as_it_was_recorded(tmp_path: Path, signer: Signer, name: str) -> None:
    path = tmp_path / "data/t.csv"
    path.parent.mkdir()
    path.write_text(CSV)
    project = capture(tmp_path, signer)
    text, condition = CSV_CASES[name]
    path.write_bytes(text.encode())
    assert project.verify().dataset("t").condition == condition


def test_a_type_that_would_be_inferred_otherwise_is_no_change(
    tmp_path: Path, signer: Signer
) -> None:
    for number, text in enumerate(["0.5\n", "7\n"]):
        (tmp_path / "data/t").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"data/t/{number}.csv").write_text(f"a\n{text}")
    project = capture(tmp_path, signer)
    assert project.verify().dataset("t").condition == "intact"
    (tmp_path / "data/t/1.csv").write_text("a\n7.0\n")
    assert project.verify().dataset("t").condition == "relaid"


def test_bags_do_not_mind_the_order_of_rows(tmp_path: Path, signer: Signer) -> None:
    table = TABLE.slice(0, 5_000)
    write_parts(table, tmp_path / "data/train", rows=2_000)
    project = capture(tmp_path, signer, "bag")
    write_parts(table.sort_by("value"), tmp_path / "data/train", rows=5_000)
    assert project.verify().dataset("train").condition == "relaid"
    write_parts(changed(table, "label", 7, "x"), tmp_path / "data/train", rows=5_000)
    outcome = project.verify()
    assert outcome.dataset("train").condition == "altered"
    assert places(outcome) == []


def test_without_a_content_digest_bytes_decide(tmp_path: Path, signer: Signer) -> None:
    write_parts(TABLE, tmp_path / "data/train")
    project = capture(tmp_path, signer, "none")
    assert project.verify().verdict.exit_code == 0
    write_parts(TABLE, tmp_path / "data/train", compression="zstd")
    outcome = project.verify()
    assert outcome.dataset("train").condition == "altered"
    assert outcome.statuses("dataset.content") == {"skipped"}


@pytest.mark.parametrize("which", ["blocks", "inventory"])
def test_without_a_sidecar_a_change_is_found_all_the_same(train: Project, which: str) -> None:
    (train.folder / f"train.{which}.parquet").unlink()
    write_parts(changed(TABLE, "label", 145_000, "x"), train.root / "data/train")
    outcome = train.verify()
    assert "failed" in outcome.statuses("dataset.content")
    assert "failed" in outcome.statuses("dataset.bytes")
    assert bool(places(outcome)) == (which == "inventory")


def test_without_its_inventory_nothing_is_relaid(train: Project) -> None:
    (train.folder / "train.inventory.parquet").unlink()
    RELAID["recompressed"](train.root / "data/train")
    assert train.verify().dataset("train").condition == "altered"
