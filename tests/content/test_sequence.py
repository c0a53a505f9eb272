"""Laws of the `sequence` digest: what it does not depend on, and what it is sensitive to."""

import itertools
import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from content import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.content.blocks import BLOCK_ROWS, hash_column
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.errors import TableFormatError

ROWS = 2 * BLOCK_ROWS + 4_321


def sample(rows=ROWS, seed=0):
    random_ = np.random.default_rng(seed)
    null = random_.random(rows) < 0.1
    text = pa.array(random_.integers(0, 1000, rows)).cast(pa.string())
    lengths = np.concatenate([[0], random_.integers(0, 3, rows).cumsum()]).astype("<i4")
    lists = pa.ListArray.from_arrays(
        pa.array(lengths), pa.array(random_.integers(0, 9, lengths[-1]), pa.int8())
    )
    return pa.table(
        {
            "id": random_.integers(0, 2**60, rows),
            "score": pa.array(random_.random(rows), mask=null),
            "flag": random_.random(rows) < 0.5,
            "text": text,
            "lists": lists,
        }
    )


TABLE = sample()


def digest_of(table):
    with SequenceDigest(table.schema) as digest:
        for index, column in enumerate(table.columns):
            digest.add_column(index, 0, column.chunks)
        return digest.finish(table.num_rows)


RESULT = digest_of(TABLE)


def test_the_reference_agrees_on_several_blocks():
    assert RESULT.digest == reference.sequence(TABLE)
    assert RESULT.block_count == 3


@settings(deadline=None, max_examples=20)
@given(cuts=st.lists(st.integers(0, ROWS), max_size=12), seed=st.integers())
def test_partition_and_order_of_arrival_do_not_matter(cuts, seed):
    borders = sorted({0, ROWS, BLOCK_ROWS, *cuts})
    parts = list(itertools.pairwise(borders))
    random.Random(seed).shuffle(parts)
    with SequenceDigest(TABLE.schema, spool_bytes=1 << 20) as digest:
        for first, end in parts:
            for batch in TABLE.slice(first, end - first).combine_chunks().to_batches():
                digest.add_batch(first, batch)
        assert digest.finish(ROWS) == RESULT


@settings(deadline=None, max_examples=10)
@given(size=st.integers(1_000, 100_000))
def test_chunking_does_not_matter(size):
    chunked = pa.Table.from_batches(TABLE.to_batches(max_chunksize=size))
    assert digest_of(chunked) == RESULT


def test_threads_and_pickled_parts_do_not_matter():
    with SequenceDigest(TABLE.schema) as digest, ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(add_pickled, digest, index, first)
            for index in range(TABLE.num_columns)
            for first in range(0, ROWS, 7_777)
        ]
        for job in jobs:
            job.result()
        assert digest.finish(ROWS) == RESULT


def add_pickled(digest, index, first):
    part = hash_column(first, TABLE.column(index).slice(first, 7_777).chunks)
    digest.add_part(index, pickle.loads(pickle.dumps(part)))


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "none", "use_dictionary": False, "row_group_size": 10_000},
        {"compression": "zstd", "row_group_size": ROWS},
        {"compression": "snappy", "data_page_size": 2_000, "data_page_version": "2.0"},
        {
            "use_dictionary": False,
            "column_encoding": {
                "id": "DELTA_BINARY_PACKED",
                "text": "DELTA_BYTE_ARRAY",
                "score": "BYTE_STREAM_SPLIT",
            },
        },
    ],
    ids=["plain", "one-group", "small-pages", "delta"],
)
def test_parquet_layout_does_not_matter(options, tmp_path):
    pq.write_table(TABLE, tmp_path / "t.parquet", **options)
    assert digest_of(pq.ParquetFile(tmp_path / "t.parquet").read()) == RESULT


LAYOUTS = {
    "dictionary": lambda t: t.set_column(3, "text", t.column("text").dictionary_encode()),
    "large": lambda t: t.set_column(3, "text", t.column("text").cast(pa.large_string())),
    "view": lambda t: t.set_column(3, "text", t.column("text").cast(pa.string_view())),
    "large-list": lambda t: t.set_column(
        4, "lists", t.column("lists").cast(pa.large_list(pa.int8()))
    ),
    "metadata": lambda t: t.replace_schema_metadata({"k": "v"}),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrow_layout_does_not_matter(layout):
    assert digest_of(LAYOUTS[layout](TABLE)) == RESULT


def replaced(table, column, row, value):
    field = table.schema.field(column)
    new = pa.chunked_array(
        [
            *table.column(column).slice(0, row).chunks,
            pa.array([value], field.type),
            *table.column(column).slice(row + 1).chunks,
        ],
        field.type,
    )
    return table.set_column(column, field, new)


@settings(deadline=None, max_examples=25)
@given(column=st.integers(0, 4), row=st.integers(0, ROWS - 1))
def test_one_changed_value_changes_one_block_of_one_column(column, row):
    was = TABLE.column(column)[row].as_py()
    value = [9, 9, 9] if column == 4 else not was if column == 2 else "x" if column == 3 else -1
    changed = digest_of(replaced(TABLE, column, row, value))
    assert changed.digest != RESULT.digest
    differ = [
        (index, block)
        for index in range(5)
        for block in range(RESULT.block_count)
        if changed.columns[index].block(block) != RESULT.columns[index].block(block)
    ]
    assert differ == [(column, row // BLOCK_ROWS)]


@settings(deadline=None, max_examples=15)
@given(st.integers(0, ROWS - 2))
def test_order_matters(row):
    swapped = pa.concat_tables(
        [TABLE.slice(0, row), TABLE.slice(row + 1, 1), TABLE.slice(row, 1), TABLE.slice(row + 2)]
    )
    assert digest_of(swapped).digest != RESULT.digest


def test_rows_names_order_and_types_of_columns_matter():
    tables = [
        TABLE,
        TABLE.slice(1),
        TABLE.slice(0, ROWS - 1),
        pa.concat_tables([TABLE, TABLE.slice(0, 1)]),
        TABLE.rename_columns(["Id", *TABLE.column_names[1:]]),
        TABLE.select([1, 0, 2, 3, 4]),
        TABLE.drop_columns(["flag"]),
        TABLE.set_column(0, "id", TABLE.column("id").cast(pa.uint64())),
        TABLE.set_column(3, "text", TABLE.column("text").cast(pa.binary())),
    ]
    assert len({digest_of(table).digest for table in tables}) == len(tables)


@pytest.mark.parametrize("rows", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_block_borders(rows):
    table = TABLE.select(["id"]).slice(0, rows)
    result = digest_of(table)
    assert result.digest == reference.sequence(table)
    assert len(result.columns[0].blocks) == 32 * result.block_count


def test_a_table_without_columns_has_its_rows():
    digests = {SequenceDigest(pa.schema([])).finish(rows).digest for rows in (0, 5)}
    assert len(digests) == 2


def parts_of(*ranges):
    digest = SequenceDigest(pa.schema([("a", pa.int64())]))
    for first, rows in ranges:
        digest.add_column(0, first, [pa.array(range(first, first + rows))])
    return digest


@pytest.mark.parametrize(
    ("ranges", "rows"),
    [
        ([(0, 10)], 11),
        ([(0, 10)], 9),
        ([(0, 10), (11, 10)], 20),
        ([(1, 10)], 10),
        ([(0, 10), (5, 10)], 15),
        ([(0, 10), (BLOCK_ROWS, 10)], BLOCK_ROWS + 10),
        ([], 1),
    ],
)
def test_missing_and_repeated_rows_are_errors(ranges, rows):
    with pytest.raises(ValueError, match="rows"):
        parts_of(*ranges).finish(rows)


def test_repeated_blocks_are_errors():
    with pytest.raises(ValueError, match="twice"):
        parts_of((0, BLOCK_ROWS), (0, BLOCK_ROWS))
    with pytest.raises(ValueError, match="twice"):
        parts_of((0, BLOCK_ROWS), (5, 10)).finish(BLOCK_ROWS)


def test_another_type_than_the_schema_says_is_an_error():
    digest = SequenceDigest(pa.schema([("a", pa.int64())]))
    with pytest.raises(TableFormatError, match="'a' is int32 where the schema has int64"):
        digest.add_column(0, 0, [pa.array([1], pa.int32())])


def test_large_values_wait_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    values = pa.array([bytes([i]) * 700_000 for i in range(12)])
    table = pa.table({"image": values})
    with SequenceDigest(table.schema, spool_bytes=0) as digest:
        for first in (6, 0, 9, 3):
            digest.add_column(0, first, [values.slice(first, 3)])
        assert len(list(tmp_path.glob("auditkit-*/*"))) == 4
        assert digest.finish(12) == digest_of(table)
        assert not list(tmp_path.glob("auditkit-*/*"))
    assert not list(tmp_path.iterdir())
