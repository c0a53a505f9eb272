"""The block-digest sidecar: what is written is read, and nothing else is."""

import contextlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditkit.datasets.content.blocks import BLOCK_ROWS
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.sidecar import Extent, read_blocks, write_blocks
from auditkit.errors import SidecarError

ROWS = BLOCK_ROWS + 40_000
EXTENTS = (
    Extent("a/1.parquet", 0, 0, 50_000),
    Extent("a/1.parquet", 1, 0, 30_000),
    Extent("b.csv", None, 0, ROWS - 80_000),
)


def table_result():
    table = pa.table(
        {
            "n": np.arange(ROWS),
            "s": pa.array(np.arange(ROWS) % 7).cast(pa.string()),
            "é": np.ones(ROWS, bool),
        }
    )
    with SequenceDigest(table.schema) as digest:
        for index, column in enumerate(table.columns):
            digest.add_column(index, 0, column.chunks)
        return digest.finish(ROWS)


RESULT = table_result()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "blocks.parquet"
    path.write_bytes(write_blocks(RESULT, EXTENTS))
    return path


def test_round_trip(path):
    recorded = read_blocks(path.read_bytes(), digest=RESULT.digest)
    assert recorded.table == RESULT
    assert recorded.extents == EXTENTS


def test_another_program_can_read_it(path):
    first, second = pq.read_table(path).to_pylist()
    assert first["digests"][0] == RESULT.columns[0].block(0)
    assert first["sums"] == [sum(range(BLOCK_ROWS)), None, None]
    assert second["parts"] == [
        {"file": "a/1.parquet", "row_group": 1, "first_row": 15_536, "rows": 14_464},
        {"file": "b.csv", "row_group": None, "first_row": 0, "rows": ROWS - 80_000},
    ]
    header = json.loads(pq.read_schema(path).metadata[b"auditkit:blocks"])
    assert header == {
        "version": 1,
        "rows": ROWS,
        "columns": [["n", "int64"], ["s", "string"], ["é", "bool"]],
    }


def test_tables_without_rows_or_columns():
    for schema, rows in (
        (pa.schema([("a", pa.int8())]), 0),
        (pa.schema([]), 0),
        (pa.schema([]), 70_000),
    ):
        result = SequenceDigest(schema).finish(rows)
        data = write_blocks(result, [Extent("f", None, 0, rows)] if rows else [])
        assert read_blocks(data, digest=result.digest).table.digest == result.digest


@pytest.mark.parametrize("rows", [ROWS - 1, ROWS + 1, 10, 2 * ROWS])
def test_extents_must_add_up(rows):
    with pytest.raises(ValueError, match="extents"):
        write_blocks(RESULT, [Extent("f", None, 0, rows)])


def test_a_digest_that_was_not_signed(path):
    with pytest.raises(SidecarError, match="recompute"):
        read_blocks(path.read_bytes(), digest="0" * 64)


def digest_changed(rows):
    rows[1]["digests"][2] = bytes(32)


def block_dropped(rows):
    rows.pop()


def blocks_swapped(rows):
    rows.reverse()


def column_dropped(rows):
    rows[0]["digests"].pop()


def part_dropped(rows):
    rows[1]["parts"].pop()


def sum_dropped(rows):
    rows[1]["sums"][0] = None


def row_count_changed(rows):
    rows[1]["rows"] -= 1


@pytest.mark.parametrize(
    "edit",
    [
        digest_changed,
        block_dropped,
        blocks_swapped,
        column_dropped,
        part_dropped,
        sum_dropped,
        row_count_changed,
    ],
)
def test_edited_sidecars_are_refused(path, edit):
    table = pq.read_table(path)
    rows = table.to_pylist()
    edit(rows)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    with pytest.raises(SidecarError):
        read_blocks(path.read_bytes(), digest=RESULT.digest)


HEADERS = [
    b"",
    b"{}",
    b"[]",
    b'{"version": 2, "rows": 0, "columns": []}',
    b'{"version": 1, "rows": -1, "columns": []}',
]
HEADERS += [
    b'{"version": 1, "rows": 99999999999999999999, "columns": []}',
    b'{"version": 1, "rows": 1, "columns": [["a"]]}',
]


@pytest.mark.parametrize("header", HEADERS)
def test_bad_headers_are_refused(path, header):
    table = pq.read_table(path).replace_schema_metadata({"auditkit:blocks": header})
    pq.write_table(table, path)
    with pytest.raises(SidecarError):
        read_blocks(path.read_bytes(), digest=RESULT.digest)


@pytest.mark.parametrize("keep", [0, 3, 100, -1, -100])
def test_truncated_files_are_refused(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(SidecarError):
        read_blocks(path.read_bytes(), digest=RESULT.digest)


def test_every_flipped_byte_is_refused_or_harmless(path):
    good = path.read_bytes()
    for at in range(4, len(good), 7):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        with contextlib.suppress(SidecarError):
            assert (
                read_blocks(path.read_bytes(), digest=RESULT.digest).table.digest == RESULT.digest
            )
