from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditkit.datasets.thrift import parquet_codecs
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
    assert parquet_codecs(footer_of(path)) == {renamed.get(name, name) for name in shown}


def test_damaged_footers_are_refused_or_read(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1, None], "b": [["x"], []]}), path)
    footer = footer_of(path)
    for at in range(len(footer)):
        for value in {0, 0x19, 0x7F, 0x80, 0xFF, footer[at] ^ 1}:
            damaged = footer[:at] + bytes([value]) + footer[at + 1 :]
            try:
                found = parquet_codecs(damaged)
            except ValueError:
                continue
            assert found <= {*CODECS, "uncompressed", "lzo", "lz4_raw"}
    for end in range(len(footer)):
        try:
            parquet_codecs(footer[:end])
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
