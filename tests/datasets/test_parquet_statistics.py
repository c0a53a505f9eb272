"""Statistics that readers skip rows by are held against the rows."""

from __future__ import annotations

import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditkit.datasets.base import Part
from auditkit.datasets.parquet_statistics import find_misleading
from auditkit.errors import TableFormatError

HALF = decimal.Decimal("1.5")
COLUMNS = {
    "int": [1, None, -3],
    "uint": pa.array([1, 2, 2**63], pa.uint64()),
    "float": [1.0, float("nan"), -0.0],
    "nan": [float("nan")] * 3,
    "half": pa.array([1, -2, 3], pa.float16()),
    "bool": [True, False, None],
    "text": ["a", "é" * 100, None],
    "binary": [b"\xff", b"\x00", b""],
    "date": pa.array([1, 2, 3], pa.date32()),
    "date64": pa.array([86_400_000, 0, 0], pa.date64()),
    "ms": pa.array([1, 2, 3], pa.time32("ms")),
    "ns": pa.array([1, 2, 3], pa.time64("ns")),
    "local": pa.array([1, 2, 3], pa.timestamp("ns")),
    "instant": pa.array([1, 2, -3], pa.timestamp("us", "Europe/Berlin")),
    "decimal": pa.array([HALF, None, -HALF], pa.decimal128(5, 2)),
    "wide": pa.array([HALF, None, -HALF], pa.decimal256(50, 2)),
    "fixed": pa.array([b"ab", b"cd", None], pa.binary(2)),
    "category": pa.array(["x", "y", "x"]).dictionary_encode(),
    "null": pa.nulls(3),
    "list": [[1, 2], None, []],
    "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}],
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "duration": pa.array([1, 2, 3], pa.duration("us")),
}


def part_of(path: Path) -> Part:
    return Part(path.name, str(path), path.stat().st_size)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("rows", [3, 0])
def test_what_pyarrow_writes_is_true(tmp_path, name, rows):
    table = pa.table({name: COLUMNS[name]}).slice(0, rows)
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=2)
    assert find_misleading(part_of(tmp_path / "t.parquet")) is None


def test_files_without_statistics_say_nothing_wrong(tmp_path):
    pq.write_table(pa.table(COLUMNS), tmp_path / "t.parquet", write_statistics=False)
    assert find_misleading(part_of(tmp_path / "t.parquet")) is None


def edited(path: Path, old: bytes, new: bytes) -> Part:
    """Replace bytes in the footer: pages hold what they held."""
    data = path.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    assert data.count(old, footer) > 0
    path.write_bytes(data[:footer] + data[footer:].replace(old, new))
    return part_of(path)


@pytest.mark.parametrize("new", [b"\x03", b"\x7f"])
def test_a_bound_that_leaves_rows_out_is_found(tmp_path, new):
    path = tmp_path / "t.parquet"
    table = pa.table({"a": [5, 6], "b": pa.array([0x1122334455667788, 0x1122334455667789])})
    pq.write_table(table, path, row_group_size=2, use_dictionary=False)
    last = bytes([0x89]) if new == b"\x03" else bytes([0x88])
    rest = bytes.fromhex("77665544332211")
    part = edited(path, last + rest, new + rest if new == b"\x03" else b"\x8a" + rest)
    assert find_misleading(part) == "column 'b', row group 0"


def test_a_file_that_is_no_parquet_is_an_error(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(TableFormatError):
        find_misleading(part_of(tmp_path / "t.parquet"))
