from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditkit.datasets.base import ContentRequest
from auditkit.datasets.thrift import Sizes, column_chunks
from auditkit.errors import TableFormatError

CODECS = ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]


def footer_of(path) -> bytes:
    content = path.read_bytes()
    (length,) = struct.unpack("<I", content[-8:-4])
    return content[-8 - length : -8]


@pytest.mark.parametrize("columns", [1, 6, 40])
@pytest.mark.parametrize("groups", [1, 20])
def test_codecs_are_those_pyarrow_shows(tmp_path, columns, groups):
    path = tmp_path / "a.parquet"
    table = pa.table({f"c{i}": pa.array(range(groups), pa.int64()) for i in range(columns)})
    chosen = {f"c{i}": CODECS[i % len(CODECS)] for i in range(columns)}
    pq.write_table(table, path, row_group_size=1, compression=chosen)
    shown = {
        pq.read_metadata(path).row_group(group).column(i).compression.lower()
        for group in range(groups)
        for i in range(columns)
    }
    renamed = {"lz4": "lz4_raw"}
    assert column_chunks(footer_of(path)).codecs == {renamed.get(name, name) for name in shown}


def test_damaged_footers_are_refused_or_read(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1, None], "b": [["x"], []]}), path)
    footer = footer_of(path)
    for at in range(len(footer)):
        for value in {0, 0x19, 0x7F, 0x80, 0xFF, footer[at] ^ 1}:
            damaged = footer[:at] + bytes([value]) + footer[at + 1 :]
            try:
                found = column_chunks(damaged).codecs
            except ValueError:
                continue
            assert found <= {*CODECS, "uncompressed", "lzo", "lz4_raw"}
    for end in range(len(footer)):
        try:
            column_chunks(footer[:end])
        except ValueError:
            continue


def test_unknown_codec_is_an_error_and_does_not_end_the_process(tmp_path, scan_ref):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1]}), path, compression="zstd")
    content = path.read_bytes()
    # codec, i32 field 4 of ColumnMetaData: header 0x15, then zigzag 6 for zstd
    at = content.index(b"\x18\x01a\x15\x0c") + 4
    path.write_bytes(content[:at] + b"\x6e" + content[at + 1 :])
    with pytest.raises(TableFormatError, match="unknown codec"):
        scan_ref("a.parquet")


def test_size_statistics_are_those_of_the_columns(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"n": [1, None], "text": ["x", "y"], "list": [[1], None]}), path)
    assert column_chunks(footer_of(path)).sizes == {
        Sizes(0, unencoded_bytes=False, repetitions=0, definitions=2),
        Sizes(1, unencoded_bytes=True, repetitions=0, definitions=2),
        Sizes(2, unencoded_bytes=False, repetitions=2, definitions=4),
    }


# SizeStatistics, lists of i64: field 2 (header 29) is empty, field 3 (19) has two elements.
SIZES = bytes.fromhex("2906 1926 0004")


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param("1606 2926 0004", id="bytes of text"),
        pytest.param("2926 0004 1906", id="repetitions"),
    ],
)
def test_size_statistics_of_other_columns_do_not_end_the_process(tmp_path, scan_ref, sizes):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"b": [True, False]}), path)
    content = path.read_bytes()
    path.write_bytes(content.replace(SIZES, bytes.fromhex(sizes)))
    assert path.read_bytes() != content
    with pytest.raises(TableFormatError, match="size statistics"):
        scan_ref("a.parquet", content=ContentRequest("bag"))


@pytest.mark.parametrize("footer", [b"\x49\x1c\x19\x1c\x8c\x00\x00\x00\x00"])
def test_encrypted_columns_are_refused(footer):
    with pytest.raises(ValueError, match="encrypted column"):
        column_chunks(footer)
