"""What is read of a version is what deltalake reads of it, however the table was written."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import delta_tables
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from delta_tables import TABLE, actions, append, commits, planned, read, rows_of, vacuum
from deltalake import CommitProperties, DeltaTable, write_deltalake

from auditkit.datasets.base import ContentRequest, Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.digests import sha256_hex
from auditkit.errors import DataNotFoundError, FileChangedError, TableFormatError, UsageError
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress

MOMENTS = [datetime(2024, 1, 1, n, 5, 0, 250_000, UTC) for n in range(4)]
KINDS = pa.table(
    {
        "id": pa.array(range(4), pa.int64()),
        "instant": pa.array(MOMENTS, pa.timestamp("us", "UTC")),
        "local": pa.array([each.replace(tzinfo=None) for each in MOMENTS], pa.timestamp("us")),
        "price": pa.array(
            [Decimal("1.20"), None, Decimal("-3.00"), Decimal(0)], pa.decimal128(9, 2)
        ),
        "flag": [True, False, None, True],
        "raw": [b"\x01\xff", b"", None, b"a"],
        "list": [[1], [2, None], None, []],
        "map": pa.array([[("k", 1)], None, [], [("z", None)]], pa.map_(pa.string(), pa.int32())),
        "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}, {"a": 2, "b": None}],
        "day": [date(2024, 1, 1), None, date(1900, 1, 1), date(2024, 1, 1)],
        "tiny": pa.array([1, -2, None, 4], pa.int8()),
        "half": pa.array([1, 2.5, None, float("nan")], pa.float32()),
        "text": ["a b/c%20", "é", None, ""],
    }
)


def as_parquet(table: pa.Table, folder: Path) -> str:
    """Return the content digest of rows in a Parquet file."""
    path = folder / "oracle.parquet"
    pq.write_table(table, path)
    found = scan(
        plan(Reference(str(path)), base=Path("/")),
        executor=ThreadExecutor(1),
        progress=SilentProgress(),
        content=ContentRequest("bag"),
    )
    return found.content.digest


def check(folder: Path, version: int | None = None) -> None:
    """Hold what is read of a version against what deltalake reads of it."""
    expected = rows_of(folder, version)
    found = read(folder, None if version is None else str(version))
    assert found.rows == len(expected)
    assert found.content.digest == as_parquet(expected, folder.parent)


def test_types(tmp_path):
    write_deltalake(tmp_path / "t", KINDS)
    check(tmp_path / "t")


@pytest.mark.parametrize("column", ["instant", "local", "price", "flag", "day", "tiny", "half"])
def test_partition_values(tmp_path, column):
    write_deltalake(tmp_path / "t", KINDS.select(["id", column]), partition_by=[column])
    check(tmp_path / "t")
    assert [field.name for field in read(tmp_path / "t").table.partitioning] == [column]


def test_text_partitions_whose_paths_are_escaped(tmp_path):
    write_deltalake(tmp_path / "t", KINDS.select(["text", "id"]), partition_by=["text"])
    found = read(tmp_path / "t")
    assert found.rows == 4
    names = {part.path for part in found.plan.parts}
    assert {
        path.relative_to(tmp_path / "t").as_posix() for path in (tmp_path / "t").rglob("*.*")
    } == names
    empty_is_null = pa.table({"text": ["a b/c%20", "é", None, None], "id": [0, 1, 2, 3]})
    assert found.content.digest == as_parquet(empty_is_null, tmp_path)


def test_every_version_keeps_its_rows(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    append(folder, TABLE.slice(0, 5))
    DeltaTable(folder).delete("id % 3 = 0")
    append(folder, TABLE.slice(50, 9))
    DeltaTable(folder).optimize.compact()
    for version in range(5):
        check(folder, version)
    assert read(folder, "3").content.digest == read(folder, "4").content.digest


@pytest.mark.parametrize("mode", ["name", "id"])
def test_column_mapping(tmp_path, mode):
    folder = tmp_path / "t"
    mapped = {"delta.columnMapping.mode": mode}
    rows = KINDS.drop(["local"])
    write_deltalake(folder, rows, partition_by=["day"], configuration=mapped)
    check(folder)
    stored = pq.read_schema(next(folder.rglob("*.parquet")))
    assert not set(stored.names) & set(KINDS.column_names)


def test_column_mapping_that_the_protocol_does_not_have_is_none(tmp_path):
    folder = tmp_path / "t"
    mapped = {"delta.columnMapping.mode": "name"}
    write_deltalake(folder, KINDS.select(["id", "local"]), configuration=mapped)
    assert planned(folder).delta.protocol.reader_features == ("timestampNtz",)
    check(folder)


def test_renamed_columns_of_nested_types_are_found_under_their_stored_names(tmp_path):
    folder = tmp_path / "t"
    nested = pa.table({"s": [{"a": 1, "l": [{"x": 1}, None]}, None, {"a": 2, "l": None}]})
    write_deltalake(folder, nested, configuration={"delta.columnMapping.mode": "name"})
    text = commits(folder)[0].read_text().replace('\\"name\\":\\"x\\"', '\\"name\\":\\"renamed\\"')
    commits(folder)[0].write_text(text)
    renamed = pa.table({"s": [{"a": 1, "l": [{"renamed": 1}, None]}, None, {"a": 2, "l": None}]})
    assert read(folder).content.digest == as_parquet(renamed, tmp_path)


def test_added_columns_are_null_in_older_files(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE.select(["id"]))
    append(folder, TABLE.select(["id", "name", "day"]), schema_mode="merge")
    check(folder, 0)
    check(folder, 1)
    history = planned(folder).delta.schema_history
    assert [(each.version, each.changes) for each in history] == [
        (0, ()),
        (1, ("column 'name' added (string)", "column 'day' added (date32)")),
    ]


def test_widened_types_are_read_as_what_they_are_now(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, pa.table({"n": pa.array([1, 2], pa.int32())}))
    text = commits(folder)[0].read_text().replace("integer", "long")
    commits(folder)[0].write_text(text)
    assert read(folder).content.digest == as_parquet(pa.table({"n": [1, 2]}), tmp_path)


def test_times_in_96_bits_are_instants(tmp_path):
    folder = tmp_path / "t"
    rows = pa.table({"at": pa.array(MOMENTS, pa.timestamp("us", "UTC"))})
    write_deltalake(folder, rows)
    (path,) = folder.glob("*.parquet")
    pq.write_table(rows, path, use_deprecated_int96_timestamps=True)
    assert read(folder).content.digest == as_parquet(rows, tmp_path)


def test_checkpoints_of_every_kind_give_the_same_version(tmp_path):
    folder = tmp_path / "t"
    for start in range(0, 100, 10):
        append(folder, TABLE.slice(start, 10))
    before = read(folder)
    DeltaTable(folder).create_checkpoint()
    classic = read(folder)
    assert classic.content.digest == before.content.digest
    log = {part.path for part in classic.plan.parts if part.path.startswith("_delta_log")}
    assert log == {"_delta_log/00000000000000000009.checkpoint.parquet"}

    (path,) = (folder / "_delta_log").glob("*.checkpoint.parquet")
    rows = pq.read_table(path)
    for number, start in enumerate((0, 5), 1):
        name = f"_delta_log/{9:020}.checkpoint.{number:010}.{2:010}.parquet"
        pq.write_table(rows.slice(start, 5 if number == 1 else None), folder / name)
    path.unlink()
    assert read(folder).content.digest == before.content.digest
    assert read(folder).plan.delta.log_files == 2
    (folder / f"_delta_log/{9:020}.checkpoint.{2:010}.{2:010}.parquet").unlink()
    assert read(folder).plan.delta.log_files == 10, "an incomplete checkpoint is none"
    assert read(folder).content.digest == before.content.digest


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_checkpoints_with_files_beside_them(tmp_path, suffix):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    append(folder, TABLE.slice(0, 3))
    before = read(folder)
    DeltaTable(folder).create_checkpoint()
    (path,) = (folder / "_delta_log").glob("*.checkpoint.parquet")
    rows = pq.read_table(path)
    files = rows.filter(pa.compute.is_valid(rows["add"]))
    (folder / "_delta_log/_sidecars").mkdir()
    pq.write_table(files, folder / "_delta_log/_sidecars/one.parquet")
    name = f"_delta_log/{1:020}.checkpoint.{'0' * 8}-0000-0000-0000-{'0' * 12}.{suffix}"
    others = [
        {name: each for name, each in row.items() if each is not None and name != "add"}
        for row in rows.select(["protocol", "metaData"]).to_pylist(maps_as_pydicts="strict")
    ]
    lines = [each for each in others if each] + [{"sidecar": {"path": "one.parquet"}}]
    if suffix == "json":
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    else:
        types = {column: rows.schema.field(column).type for column in ("protocol", "metaData")}
        beside = {"sidecar": pa.array([line.get("sidecar") for line in lines])}
        kept = {name: pa.array([line.get(name) for line in lines], types[name]) for name in types}
        pq.write_table(pa.table(kept | beside), folder / name)
    path.unlink()
    (folder / "_delta_log/00000000000000000000.json").unlink()
    found = read(folder)
    assert found.content.digest == before.content.digest
    assert "_delta_log/_sidecars/one.parquet" in {part.path for part in found.plan.parts}


def test_the_files_of_a_version_are_its_inventory(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    append(folder, TABLE)
    (folder / "stray.parquet").write_bytes(b"no part of any version")
    found = read(folder, "0")
    (data,) = (part.path for part in found.plan.parts if part.path.endswith(".parquet"))
    assert {entry.path: entry.sha256 for entry in found.entries} == {
        data: sha256_hex((folder / data).read_bytes()),
        "_delta_log/00000000000000000000.json": sha256_hex(commits(folder)[0].read_bytes()),
    }
    assert list(found.root) == ["dirHash"]


def test_what_the_log_says_of_itself_is_recorded(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE, name="flights", configuration=delta_tables.NO_DELAY)
    properties = CommitProperties(custom_metadata={"auditkit.manifest": "sha256:00"})
    append(folder, TABLE.slice(0, 7), commit_properties=properties)
    found = planned(folder).delta
    assert (found.version, found.requested, found.name) == (1, None, "flights")
    assert found.table_id == str(DeltaTable(folder).metadata().id)
    assert found.configuration == delta_tables.NO_DELAY
    assert (found.protocol.min_reader_version, found.protocol.min_writer_version) == (1, 2)
    newest, oldest = found.history
    assert newest.metrics["num_added_rows"] == 7
    assert newest.metadata == {"auditkit.manifest": "sha256:00"}
    assert oldest.operation == "WRITE"
    assert newest.timestamp == found.committed_at


def test_metrics_keep_the_writers_own_names(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    lines = actions(commits(folder)[0])
    lines[0]["commitInfo"] |= {
        "operationMetrics": {"numOutputRows": "100"},
        "engineInfo": "Apache-Spark/3.5.1",
        "userName": "somebody@example.com",
        "password": "x" * 9000,
    }
    commits(folder)[0].write_text("".join(json.dumps(line) + "\n" for line in lines))
    (operation,) = planned(folder).delta.history
    assert operation.metrics == {"numOutputRows": "100"}
    assert operation.engine == "Apache-Spark/3.5.1"
    assert "somebody" not in str(operation)
    assert operation.metadata == {"omitted": "9015 bytes"}


def test_vacuum_makes_two_versions(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE, configuration=delta_tables.NO_DELAY)
    append(folder, TABLE)
    DeltaTable(folder).optimize.compact()
    vacuum(folder)
    found = planned(folder).delta
    assert found.version == 4
    assert [each.operation for each in found.history[:2]] == ["VACUUM END", "VACUUM START"]
    assert read(folder, "2").content.digest == read(folder).content.digest


def test_a_time_is_resolved_by_what_commits_say_not_by_dates_of_files(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    for _ in range(3):
        append(folder, TABLE)
    for number, path in enumerate(commits(folder)):
        lines = actions(path)
        lines[0]["commitInfo"]["timestamp"] = 1_767_225_600_000 + number * 3_600_000
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for path in commits(copy):
        os.utime(path, (0, 0))
    for each in (folder, copy):
        found = planned(each, "2026-01-01T01:30:00Z").delta
        assert (found.version, found.requested) == (1, "2026-01-01T01:30:00Z")
        assert planned(each, "2026-01-01T03:00:00+01:00").delta.version == 2
        assert planned(each, "2027-01-01T00:00:00Z").delta.version == 3
        with pytest.raises(TableFormatError, match="does not reach back"):
            planned(each, "2025-12-31T23:00:00Z")


def test_a_clock_that_went_back_does_not_reorder_versions(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    append(folder, TABLE)
    for path, time in zip(commits(folder), (2_000, 1_000), strict=True):
        lines = actions(path)
        lines[0]["commitInfo"]["timestamp"] = time
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert planned(folder, "1970-01-01T00:00:02+00:00").delta.version == 0
    assert planned(folder, "1970-01-01T00:00:03+00:00").delta.version == 1


@pytest.mark.parametrize("version", ["latest", "-1", "2026-01-01", "2026-01-01T00:00:00", "²"])
def test_what_is_no_version(tmp_path, version):
    write_deltalake(tmp_path / "t", TABLE)
    with pytest.raises(UsageError, match="no version") as caught:
        planned(tmp_path / "t", version)
    assert "zone" in caught.value.hint


@pytest.mark.parametrize("version", ["1", "99999999999999999999"])
def test_versions_that_are_not_there(tmp_path, version):
    write_deltalake(tmp_path / "t", TABLE)
    with pytest.raises(DataNotFoundError, match=f"no version {version}; the log has 0 to 0"):
        planned(tmp_path / "t", version)


def test_no_table(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "absent"):
        with pytest.raises(DataNotFoundError):
            planned(tmp_path / name)


def test_a_vacuumed_version_opens_in_deltalake_and_is_refused_here(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE, configuration=delta_tables.NO_DELAY)
    append(folder, TABLE)
    DeltaTable(folder).optimize.compact()
    vacuum(folder)
    assert DeltaTable(folder, version=1).count() == 200
    with pytest.raises(DataNotFoundError, match="a file of version 1 is gone") as caught:
        planned(folder, "1")
    assert "VACUUM" in caught.value.hint


def test_statistics_are_not_asked_for_the_number_of_rows(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    text = commits(folder)[0].read_text().replace('\\"numRecords\\":100', '\\"numRecords\\":999')
    commits(folder)[0].write_text(text)
    assert DeltaTable(folder).count() == 999
    assert read(folder).rows == 100


def test_log_that_changes_after_it_was_read(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    found = planned(folder)
    text = commits(folder)[0].read_text()
    commits(folder)[0].write_text(text.replace("100", "999"))
    with pytest.raises(FileChangedError, match="written to"):
        scan(
            found,
            executor=ThreadExecutor(1),
            progress=SilentProgress(),
            content=ContentRequest("bag"),
        )


def test_table_without_rows(tmp_path):
    folder = tmp_path / "t"
    DeltaTable.create(folder, TABLE.schema)
    found = read(folder)
    assert (found.rows, found.table.parts, len(found.schema.fields)) == (0, 0, 4)
    assert found.content.digest == as_parquet(TABLE.slice(0, 0), tmp_path)


def test_metadata_mode_counts_without_reading_rows(tmp_path):
    write_deltalake(tmp_path / "t", TABLE)
    found = read(tmp_path / "t", mode="metadata")
    assert (found.rows, found.content, found.root) == (100, None, {})


def test_a_log_gives_the_format_away(tmp_path):
    write_deltalake(tmp_path / "t", TABLE)
    assert plan(Reference("t"), base=tmp_path).format == "delta"
    assert plan(Reference("t", "files"), base=tmp_path).format == "files"
