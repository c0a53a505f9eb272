"""Parquet, Arrow and folders of tables."""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pa_dataset
import pyarrow.feather as pa_feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.errors import FileChangedError, TableFormatError
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress

TABLE = pa.table({"id": pa.array(range(1000), pa.int64()), "name": ["x"] * 1000})


def write_ipc(path: Path, table: pa.Table, *, stream: bool = False, **options: Any) -> None:
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(path, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, 300)


def types_of(found):
    return [(field.name, field.type) for field in found.schema.fields]


def as_record(found):
    return SimpleNamespace(table=found.table, schema=found.schema)


def test_parquet(tmp_path, scan_ref):
    path = tmp_path / "a.parquet"
    pq.write_table(TABLE, path, row_group_size=300, compression={"id": "zstd", "name": "none"})
    found = scan_ref("a.parquet")
    assert found.root == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert (found.rows, found.entries[0].rows) == (1000, 1000)
    assert types_of(found) == [("id", "int64"), ("name", "string")]
    assert found.table.row_groups == 4
    assert found.table.compression == ("zstd",)
    assert found.table.written_by == (f"parquet-cpp-arrow version {pa.__version__}",)
    assert (found.table.kind, found.table.parts) == ("parquet", 1)


@pytest.mark.parametrize("rows", [0, 1, 1000])
@pytest.mark.parametrize("codec", [None, "lz4", "zstd"])
@pytest.mark.parametrize(
    ("name", "stream", "legacy"),
    [
        ("a.arrow", False, False),
        ("a.arrow", False, True),
        ("a.arrows", True, False),
        ("a.arrows", True, True),
    ],
)
def test_arrow(tmp_path, scan_ref, rows, codec, name, stream, legacy):
    table = TABLE.slice(0, rows)
    write_ipc(tmp_path / name, table, stream=stream, compression=codec, use_legacy_format=legacy)
    found = scan_ref(name)
    assert found.rows == rows
    assert types_of(found) == [("id", "int64"), ("name", "string")]
    assert found.table.compression == ((codec,) if codec and rows else ())
    assert found.table.row_groups is None
    assert scan_ref(name, mode="metadata").rows == rows


def test_arrow_with_dictionaries_and_without_end_marker(tmp_path, scan_ref):
    table = pa.table({"d": pa.array(["a", "b", "a"] * 200).dictionary_encode()})
    for name, stream in [("a.arrow", False), ("a.arrows", True)]:
        write_ipc(tmp_path / name, table, stream=stream, emit_dictionary_deltas=True)
        found = scan_ref(name)
        assert found.rows == 600
        assert types_of(found) == [("d", "dictionary(int32)")]
    unmarked = (tmp_path / "a.arrows").read_bytes()[:-8]
    (tmp_path / "b.arrows").write_bytes(unmarked)
    assert scan_ref("b.arrows").rows == 600


def test_feather(tmp_path, scan_ref):
    pa_feather.write_feather(TABLE, tmp_path / "a.feather")
    found = scan_ref("a.feather")
    assert (found.rows, found.table.compression) == (1000, ("lz4",))
    (tmp_path / "b.feather").write_bytes(b"FEA1" + b"\0" * 100 + b"FEA1")
    with pytest.raises(TableFormatError, match="first version of Feather"):
        scan_ref("b.feather")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_metadata_mode_reads_footers_only(tmp_path, scan_ref, name):
    wide = pa.table({"x": pa.array(range(2_000_000), pa.int64())})
    pq.write_table(wide, tmp_path / "a.parquet", compression="none", use_dictionary=False)
    write_ipc(tmp_path / "a.arrow", wide)
    seen: list[int] = []

    class Watch(SilentProgress):
        def advance(self, *, bytes: int = 0, **_: int) -> None:
            seen.append(bytes)

    found = scan_ref(name, mode="metadata", progress=Watch())
    full = scan_ref(name)
    assert (found.rows, found.schema, found.table) == (full.rows, full.schema, full.table)
    assert found.root == {}
    assert found.entries[0].sha256 is None
    assert sum(seen) < found.bytes / 10


def test_metadata_mode_knows_only_sizes_of_text(tmp_path, scan_ref):
    (tmp_path / "a.csv").write_text("a\n1\n")
    found = scan_ref("a.csv", mode="metadata")
    assert (found.rows, found.schema, found.table, found.bytes) == (None, None, None, 4)


def damaged(content: bytes) -> dict[str, bytes]:
    middle = len(content) // 2
    return {
        "empty": b"",
        "short": content[:6],
        "half": content[:middle],
        "no-tail": content[:-1],
        "huge-footer": content[:-8] + b"\xff\xff\xff\x7f" + content[-4:],
        "garbage": content[:8] + b"\xff" * (len(content) - 20) + content[-12:],
        "text": b"hello, world\n" * 10,
    }


@pytest.mark.parametrize("damage", damaged(b"x" * 100))
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows"])
@pytest.mark.parametrize("mode", ["full", "metadata"])
def test_damaged_files(tmp_path, scan_ref, name, damage, mode):
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(TABLE, path)
    else:
        write_ipc(path, TABLE, stream=name == "a.arrows")
    if (name, damage) in {("a.arrows", "no-tail"), ("a.arrows", "huge-footer")}:
        return  # a stream has no footer, and readers stop at its end marker
    path.write_bytes(damaged(path.read_bytes())[damage])
    with pytest.raises(TableFormatError) as caught:
        scan_ref(f"table:{name}", mode=mode)
    assert caught.value.path == str(path)
    collected = scan_ref(f"table:{name}", mode=mode, collect=True)
    assert len(collected.problems) == 1
    assert bool(collected.root) == (mode == "full")


@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_damage_is_a_traceback(tmp_path_factory, data):
    name = data.draw(st.sampled_from(["a.parquet", "a.arrow", "a.arrows"]))
    path = tmp_path_factory.mktemp("t") / name
    small = TABLE.slice(0, 5)
    if name == "a.parquet":
        pq.write_table(small, path)
    else:
        write_ipc(path, small, stream=name == "a.arrows")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    found = plan(Reference(name), base=path.parent)
    try:
        scan(found, executor=ThreadExecutor(1), progress=SilentProgress())
    except TableFormatError as error:
        assert error.path == str(path)  # noqa: PT017 -- either outcome is right


def test_encrypted_parquet(tmp_path, scan_ref):
    (tmp_path / "a.parquet").write_bytes(b"PARE" + b"\0" * 50 + struct.pack("<I", 20) + b"PARE")
    with pytest.raises(TableFormatError, match="encrypted") as caught:
        scan_ref("a.parquet")
    assert "files:" in caught.value.hint


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_footer_and_digest_are_of_the_same_bytes(tmp_path, name):
    path = tmp_path / name
    big = pa.table({"x": pa.array(range(500_000), pa.int64())})
    if name == "a.parquet":
        pq.write_table(big, path, compression="none", use_dictionary=False)
    else:
        write_ipc(path, big)
    stamp = path.stat().st_mtime_ns

    class Swap(SilentProgress):
        done = False

        def advance(self, **_: int) -> None:
            if self.done:
                return
            self.done = True
            content = bytearray(path.read_bytes())
            content[-7 if name == "a.parquet" else -9] ^= 1
            with path.open("r+b") as file:  # in place, and the time set back: stat sees nothing
                file.write(content)
            os.utime(path, ns=(stamp, stamp))

    found = plan(Reference(name), base=tmp_path)
    with pytest.raises((FileChangedError, TableFormatError)):
        scan(found, executor=ThreadExecutor(1), progress=Swap())


def test_kind_by_content_is_not_guessed(tmp_path, scan_ref):
    (tmp_path / "model.bin").write_bytes(b"PAR1")
    with pytest.raises(TableFormatError, match="is not a table by its name") as caught:
        scan_ref("table:model.bin")
    assert ".parquet" in caught.value.hint


def test_folder(tmp_path, scan_ref):
    folder = tmp_path / "d/sub"
    folder.mkdir(parents=True)
    pq.write_table(TABLE, tmp_path / "d/1.parquet")
    pq.write_table(TABLE, folder / "2.parquet", compression="gzip")
    (tmp_path / "d/_SUCCESS").touch()
    (folder / ".2.parquet.crc").write_bytes(b"crc")
    found = scan_ref("d")
    assert [(entry.path, entry.rows) for entry in found.entries] == [
        ("1.parquet", 1000),
        ("_SUCCESS", None),
        ("sub/.2.parquet.crc", None),
        ("sub/2.parquet", 1000),
    ]
    assert (found.rows, found.table.parts, found.table.row_groups) == (2000, 2, 2)
    assert found.table.compression == ("gzip", "snappy")
    assert scan_ref("d") == found
    files = scan_ref("files:d")
    assert (files.root, files.schema) == (found.root, None)


def test_folder_of_mixed_kinds(tmp_path, scan_ref):
    (tmp_path / "d").mkdir()
    pq.write_table(TABLE, tmp_path / "d/1.parquet")
    (tmp_path / "d/2.csv").write_text("a\n1\n")
    assert scan_ref("d").plan.format == "files"
    with pytest.raises(TableFormatError, match="is not a parquet file like the others") as caught:
        scan_ref("table:d")
    assert caught.value.path.endswith("2.csv")
    collected = scan_ref("table:d", collect=True)
    assert [problem.path for problem in collected.problems] == ["2.csv"]
    assert collected.root["dirHash"]
    assert collected.rows == 1000


def test_folder_without_data(tmp_path, scan_ref):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/_SUCCESS").touch()
    with pytest.raises(TableFormatError, match="no data files"):
        scan_ref("table:d")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"id": [1]}, "the columns differ: name"),
        ({"id": [1], "name": ["x"], "extra": [1]}, "the columns differ: extra"),
        ({"name": ["x"], "id": [1]}, "their order"),
        ({"id": [1.5], "name": ["x"]}, "column 'id' is int64 in one, float64 in the other"),
    ],
)
def test_files_that_are_not_one_table(tmp_path, scan_ref, other, reason):
    (tmp_path / "d").mkdir()
    pq.write_table(TABLE, tmp_path / "d/1.parquet")
    pq.write_table(pa.table(other), tmp_path / "d/2.parquet")
    with pytest.raises(TableFormatError, match=reason) as caught:
        scan_ref("d")
    assert "1.parquet and 2.parquet" in str(caught.value)


def test_null_columns_nullability_and_metadata_are_joined(tmp_path, scan_ref):
    (tmp_path / "d").mkdir()
    struct_of = [pa.field("p", pa.int8(), nullable=False)]
    first = pa.schema(
        [
            pa.field("a", pa.null()),
            pa.field("b", pa.int64(), nullable=False, metadata={"k": "v", "only": "1"}),
            pa.field("c", pa.struct(struct_of)),
        ]
    )
    second = pa.schema(
        [
            pa.field("a", pa.string(), nullable=False),
            pa.field("b", pa.int64(), metadata={"k": "v", "only": "2"}),
            pa.field("c", pa.struct([pa.field("p", pa.int8())])),
        ]
    )
    for i, schema in enumerate([first, second]):
        write_ipc(tmp_path / f"d/{i}.arrow", schema.empty_table())
    a, b, c = scan_ref("d").schema.fields
    assert (a.type, a.nullable) == ("string", True)
    assert (b.nullable, b.metadata) == (True, {"k": "v"})
    assert c.fields[0].nullable


def test_hive_partitions(tmp_path, scan_ref):
    table = pa.table({"x": [1, 2, 3], "year": [2023, 2024, 2024], "place": ["a b", "ü/x", None]})
    pq.write_to_dataset(table, tmp_path / "d", partition_cols=["year", "place"])
    found = scan_ref("d")
    assert types_of(found) == [("x", "int64"), ("year", "int64"), ("place", "string")]
    assert [field.name for field in found.table.partitioning] == ["year", "place"]
    assert found.rows == 3
    stock = pa_dataset.dataset(tmp_path / "d", partitioning="hive")
    assert stock.count_rows() == found.rows
    assert stock.schema.names == [field.name for field in found.schema.fields]
    again = scan_ref("d", recorded=as_record(found), collect=True)
    assert (again.problems, again.schema, again.table) == ((), found.schema, found.table)


@pytest.mark.parametrize(
    ("values", "type"),
    [
        (["1", "-20", "0"], "int64"),
        (["1", "__HIVE_DEFAULT_PARTITION__"], "int64"),
        (["__HIVE_DEFAULT_PARTITION__"], "string"),
        (["01"], "string"),
        (["-0"], "string"),
        (["+1"], "string"),
        (["1.5"], "string"),
        (["9223372036854775807", "-9223372036854775808"], "int64"),
        (["9223372036854775808"], "string"),
        (["\u0661"], "string"),
        ([""], "string"),
    ],
)
def test_partition_types(tmp_path, scan_ref, values, type):
    for value in values:
        folder = tmp_path / f"d/k={value}"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("x\n1\n")
    found = scan_ref("d")
    assert types_of(found) == [("x", "int64"), ("k", type)]
    again = scan_ref("d", recorded=as_record(found), collect=True)
    assert (again.problems, again.schema) == ((), found.schema)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["k=1/a.csv", "a.csv"], "different partition columns"),
        (["k=1/a.csv", "j=1/a.csv"], "different partition columns"),
        (["k=1/k=2/a.csv"], "a partition column twice"),
        (["k=%FF/a.csv"], "not UTF-8"),
        (["x=1/a.csv"], "'x' is in the files and in the folders"),
    ],
)
def test_bad_partitions(tmp_path, scan_ref, names, reason):
    for name in names:
        path = tmp_path / "d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n1\n")
    with pytest.raises(TableFormatError, match=reason):
        scan_ref("d")
    assert scan_ref("d", collect=True).root


def test_one_bad_file_does_not_hide_the_others(tmp_path, scan_ref):
    (tmp_path / "d").mkdir()
    for name in "abc":
        pq.write_table(TABLE, tmp_path / f"d/{name}.parquet")
    good = scan_ref("d")
    (tmp_path / "d/b.parquet").write_bytes(b"junk")
    found = scan_ref("d", recorded=as_record(good), collect=True)
    assert [problem.path for problem in found.problems] == ["b.parquet"]
    assert [entry.rows for entry in found.entries] == [1000, None, 1000]
    assert found.rows is None
    assert found.schema == good.schema


def test_recorded_csv_without_dialect_is_a_problem(tmp_path, scan_ref):
    (tmp_path / "a.csv").write_text("a\n1\n")
    found = scan_ref("a.csv")
    table = SimpleNamespace(kind="csv", csv=None, partitioning=())
    record = SimpleNamespace(table=table, schema=found.schema)
    again = scan_ref("a.csv", recorded=record, collect=True)
    assert "without its dialect" in again.problems[0].error.message
    assert again.root == found.root
