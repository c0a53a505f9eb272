"""Content digests through `scan`: they say what the rows are, however files hold them."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.datasets.base import ContentRequest, Reference
from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.runs import write_runs
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.errors import TableFormatError
from auditkit.execution.executor import LocalExecutor, ThreadExecutor
from auditkit.execution.progress import SilentProgress

ROWS = 150_000


def make_table(rows: int) -> pa.Table:
    random = np.random.default_rng(7)
    numbers = random.integers(0, 1000, rows)
    return pa.table(
        {
            "id": pa.array(np.arange(rows)),
            "part": pa.array([None if n % 5 == 0 else n / 7 for n in numbers], pa.float64()),
            "text": pa.array([f"é{n}" for n in numbers]),
            "list": pa.array([[n] * (n % 3) for n in numbers], pa.list_(pa.int32())),
            "struct": pa.array([{"x": n, "y": str(n)} if n % 4 else None for n in numbers]),
            "category": pa.array([str(n % 9) for n in numbers]).dictionary_encode(),
            "flag": pa.array(numbers % 2 == 0),
        }
    )


TABLE = make_table(ROWS)


def sequence_of(table: pa.Table) -> str:
    with SequenceDigest(table.schema) as digest:
        for index, column in enumerate(table.columns):
            digest.add_column(index, 0, column.chunks)
        return digest.finish(len(table)).digest


def bag_of(table: pa.Table, folder: Path) -> str:
    folder.mkdir()
    return bag_result(table.schema, write_runs(table.to_batches(), folder, "run")).digest


def scanned(path: Path, **options: Any):
    options = {"executor": ThreadExecutor(2), "content": ContentRequest("sequence"), **options}
    found = plan(Reference(str(path), "table"), base=Path("/"))
    return scan(found, progress=SilentProgress(), **options)


def as_record(found: Any) -> Any:
    return SimpleNamespace(table=found.table, schema=found.schema)


EXPECTED = sequence_of(TABLE)


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize(
    "options",
    [
        {"compression": "zstd", "row_group_size": ROWS},
        {"compression": "snappy", "row_group_size": 33_333},
        {"compression": "none", "row_group_size": 1_000, "use_dictionary": False},
        {"compression": "zstd", "row_group_size": 70_000, "data_page_version": "2.0"},
        {"compression": "gzip", "row_group_size": 50_000, "data_page_size": 2_000},
    ],
)
def test_parquet_files_of_any_layout_have_the_digest_of_their_rows(tmp_path, options, workers):
    pq.write_table(TABLE, tmp_path / "t.parquet", **options)
    found = scanned(tmp_path / "t.parquet", executor=ThreadExecutor(workers))
    assert found.content.digest == EXPECTED
    raw = (tmp_path / "t.parquet").read_bytes()
    assert found.root == {"sha256": hashlib.sha256(raw).hexdigest()}
    assert found.rows == ROWS


@pytest.mark.parametrize("name", ["t.arrow", "t.arrows"])
@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_arrow_files_and_streams_have_the_digest_of_their_rows(tmp_path, name, compression):
    make = pa.ipc.new_file if name == "t.arrow" else pa.ipc.new_stream
    options = pa.ipc.IpcWriteOptions(compression=compression, emit_dictionary_deltas=True)
    with make(tmp_path / name, TABLE.schema, options=options) as writer:
        writer.write_table(TABLE, 20_000)
    found = scanned(tmp_path / name)
    assert found.content.digest == EXPECTED
    assert found.table.compression == ((compression,) if compression else ())
    without = scanned(tmp_path / name, content=None)
    assert (without.table, without.root) == (found.table, found.root)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cuts=st.lists(st.integers(0, ROWS), max_size=4),
    group=st.sampled_from([999, 10_000, 65_536, 150_000]),
    kinds=st.lists(st.sampled_from(["zstd", "none"]), min_size=5, max_size=5),
)
def test_files_cut_anywhere_have_the_digest_of_the_whole(tmp_path_factory, cuts, group, kinds):
    folder = tmp_path_factory.mktemp("cut")
    borders = [0, *sorted(cuts), ROWS]
    for number, (start, end) in enumerate(pairwise(borders)):
        path = folder / f"part-{number}.parquet"
        piece = TABLE.slice(start, end - start)
        pq.write_table(piece, path, row_group_size=group, compression=kinds[number])
    found = scanned(folder)
    assert found.content.digest == EXPECTED
    assert sum(extent.rows for extent in found.content.extents) == ROWS


def flat_table() -> pa.Table:
    return TABLE.select(["id", "part", "text", "flag"])


@pytest.mark.parametrize("files", [1, 3])
@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_csv_has_the_digest_of_the_rows_it_says(tmp_path, files, suffix):
    table = flat_table()
    for number in range(files):
        size = ROWS // files
        path = tmp_path / f"p{number}.{suffix}"
        with pa.CompressedOutputStream(path, "gzip") if "gz" in suffix else path.open("wb") as out:
            pa_csv.write_csv(table.slice(number * size, size), out)
    found = scanned(tmp_path)
    assert found.content.digest == sequence_of(table)
    again = scanned(tmp_path, recorded=as_record(found))
    assert again.content == found.content


def test_jsonl_has_the_digest_of_the_rows_it_says(tmp_path):
    table = TABLE.drop_columns(["category"])
    table = table.set_column(3, "list", table["list"].cast(pa.list_(pa.int64())))
    lines = [json.dumps(row) for row in table.to_pylist()]
    (tmp_path / "a.jsonl").write_text("\n".join(lines[:100_001]))
    (tmp_path / "b.jsonl").write_text("\n".join(lines[100_001:]))
    found = scanned(tmp_path)
    assert found.content.digest == sequence_of(table)
    assert scanned(tmp_path, recorded=as_record(found)).content == found.content


@pytest.mark.parametrize("late", [1, 60_000, 199_999])
def test_csv_types_that_later_rows_widen_are_those_of_the_digest(tmp_path, late):
    numbers = [str(n) for n in range(200_000)]
    numbers[late] = "0.5"
    (tmp_path / "a.csv").write_text("n,k\n" + "".join(f"{n},x\n" for n in numbers))
    found = scanned(tmp_path / "a.csv")
    table = pa.table({"n": [float(n) for n in numbers], "k": ["x"] * 200_000})
    assert found.content.digest == sequence_of(table)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_csv_types_of_one_file_are_those_of_all(tmp_path, position):
    texts = ["1\n2\n", "3\n4\n", "5\n6\n"]
    texts[position] = "x\ny\n"
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.csv").write_text("a\n" + text)
    found = scanned(tmp_path)
    assert found.content.digest == sequence_of(pa.table({"a": "".join(texts).split()}))


def test_jsonl_columns_that_appear_late_are_null_before(tmp_path):
    (tmp_path / "0.jsonl").write_text('{"a": 1}\n{"a": null}\n')
    (tmp_path / "1.jsonl").write_text('{"b": "x", "a": 0.5}\n')
    (tmp_path / "2.jsonl").write_text('{"b": "y"}\n')
    table = pa.table({"a": [1.0, None, 0.5, None], "b": [None, None, "x", "y"]})
    assert scanned(tmp_path).content.digest == sequence_of(table)


def test_a_column_without_a_value_in_one_file_takes_the_type_of_the_others(tmp_path):
    for number, values in enumerate([[None, None], [1, 2]]):
        pq.write_table(pa.table({"a": values}), tmp_path / f"{number}.parquet")
    expected = sequence_of(pa.table({"a": pa.array([None, None, 1, 2], pa.int64())}))
    assert scanned(tmp_path).content.digest == expected


def test_partitions_are_the_last_columns(tmp_path):
    for month in (3, 10):
        folder = tmp_path / f"month={month}" / "kind=__HIVE_DEFAULT_PARTITION__"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"a": [month] * 3}), folder / "0.parquet")
    kinds = pa.nulls(6, pa.string())
    months = [10, 10, 10, 3, 3, 3]  # folders in the order of their bytes
    expected = pa.table({"a": months, "month": months, "kind": kinds})
    assert scanned(tmp_path).content.digest == sequence_of(expected)


@pytest.mark.parametrize("executor", [ThreadExecutor(2), LocalExecutor(2)])
def test_bags_do_not_know_files_or_order(tmp_path, executor):
    expected = bag_of(TABLE, tmp_path / "runs")
    (tmp_path / "t").mkdir()
    order = np.random.default_rng(1).permutation(ROWS)
    shuffled = TABLE.take(pa.array(order))
    for number, start in enumerate(range(0, ROWS, 60_000)):
        piece = shuffled.slice(start, 60_000)
        pq.write_table(piece, tmp_path / "t" / f"{number}.parquet", row_group_size=25_000)
    found = scanned(tmp_path / "t", content=ContentRequest("bag"), executor=executor)
    assert found.content.digest == expected
    assert found.content.blocks is None


def test_bags_of_text_and_partitions(tmp_path):
    for month in (3, 10):
        folder = tmp_path / "t" / f"month={month}"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("a,b\n1,x\n2,y\n")
    table = pa.table({"a": [1, 2] * 2, "b": ["x", "y"] * 2, "month": [3, 3, 10, 10]})
    found = scanned(tmp_path / "t", content=ContentRequest("bag"))
    assert found.content.digest == bag_of(table, tmp_path / "runs")


def test_rows_without_a_digest_are_refused_with_the_way_out(tmp_path):
    table = pa.table({"u": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])})
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(TableFormatError, match="not defined") as caught:
        scanned(tmp_path / "t.arrow")
    assert "--content none" in caught.value.hint
    assert scanned(tmp_path / "t.arrow", content=None).rows == 1


def test_large_column_chunks_are_decoded_as_they_are_read(tmp_path, monkeypatch):
    for name, value in (("WINDOW_BYTES", 1_000), ("LARGEST_BUFFER", 5_000)):
        monkeypatch.setattr(f"auditkit.datasets.parquet_rows.{name}", value)
    monkeypatch.setattr("auditkit.datasets.parquet_rows._MAX_DECODED", 10_000)
    pq.write_table(TABLE, tmp_path / "t.parquet", row_group_size=100_000)
    found = scanned(tmp_path / "t.parquet")
    assert found.content.digest == EXPECTED
    raw = (tmp_path / "t.parquet").read_bytes()
    assert found.root == {"sha256": hashlib.sha256(raw).hexdigest()}


def test_each_byte_is_read_once(tmp_path):
    pq.write_table(TABLE, tmp_path / "t.parquet", row_group_size=40_000)
    seen: list[int] = []

    class Watch(SilentProgress):
        def advance(self, *, bytes: int = 0, **_: int) -> None:
            seen.append(bytes)

    found = plan(Reference(str(tmp_path / "t.parquet"), "table"), base=Path("/"))
    scan(found, executor=ThreadExecutor(2), progress=Watch(), content=ContentRequest("sequence"))
    assert sum(seen) == found.bytes


@pytest.mark.parametrize("rows", [0, 1])
@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.arrows", "t.csv"])
def test_tables_of_few_rows(tmp_path, name, rows):
    table = pa.table({"a": pa.array(range(rows), pa.int64()), "b": pa.array(["x"] * rows)})
    path = tmp_path / name
    if name == "t.parquet":
        pq.write_table(table, path)
    elif name == "t.csv":
        pa_csv.write_csv(table, path)
        table = table if rows else pa.table({"a": pa.nulls(0), "b": pa.nulls(0)})
    else:
        make = pa.ipc.new_file if name == "t.arrow" else pa.ipc.new_stream
        with make(path, table.schema) as writer:
            writer.write_table(table)
    assert scanned(path).content.digest == sequence_of(table)
