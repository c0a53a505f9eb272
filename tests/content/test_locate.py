"""Finding what changed: edits of a table are named, and untouched rows are told to be so."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.content.blocks import BLOCK_ROWS, RowRange, rows_of
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.locate import ChangedRows, Kept, locate

BLOCKS = 12
ROWS = BLOCKS * BLOCK_ROWS + 1_234


def sample(seed=1):
    random = np.random.default_rng(seed)
    return pa.table(
        {
            "label": random.integers(0, 2, ROWS).astype("i1"),
            "id": random.integers(0, 2**50, ROWS),
            "text": pa.array(random.integers(0, 2**20, ROWS)).cast(pa.string()),
        }
    )


TABLE = sample()
FOREIGN = sample(2)


def digest_of(table):
    with SequenceDigest(table.schema) as digest:
        for index, column in enumerate(table.columns):
            digest.add_column(index, 0, column.chunks)
        return digest.finish(table.num_rows)


RESULT = digest_of(TABLE)


def located(table, recorded=RESULT):
    def fetch(column, first, rows):
        assert 0 <= first <= first + rows <= table.num_rows
        return rows_of(table.column(column).chunks, first, rows)

    return locate(recorded, digest_of(table), fetch)


def rows(*pieces):
    return pa.concat_tables([TABLE.slice(first, end - first) for first, end in pieces])


def with_value(table, column, row, value):
    field = table.schema.field(column)
    parts = [*table.column(column).slice(0, row).chunks, pa.array([value], field.type)]
    parts += table.column(column).slice(row + 1).chunks
    return table.set_column(column, field, pa.chunked_array(parts))


def block(number, count=1, shift=0):
    first = number * BLOCK_ROWS
    return RowRange(first + shift, min(count * BLOCK_ROWS, ROWS - first))


def test_nothing_changed():
    found = located(TABLE)
    assert found.changed == found.missing == found.added == found.columns == ()
    assert found.kept == (Kept(RowRange(0, ROWS), RowRange(0, ROWS)),)


@settings(deadline=None, max_examples=15)
@given(column=st.integers(0, 2), row=st.integers(0, ROWS - 1))
def test_one_changed_value(column, row):
    found = located(with_value(TABLE, column, row, [7, -1, "x"][column]))
    number = row // BLOCK_ROWS
    assert found.changed == (ChangedRows(column, block(number), block(number)),)
    assert found.missing == found.added == ()


def test_neighbouring_blocks_are_one_range():
    changed = with_value(with_value(TABLE, 0, 3 * BLOCK_ROWS, 7), 0, 4 * BLOCK_ROWS, 7)
    assert located(changed).changed == (ChangedRows(0, block(3, 2), block(3, 2)),)


@settings(deadline=None, max_examples=15)
@given(row=st.integers(0, ROWS), count=st.integers(1, 70_000))
def test_inserted_rows(row, count):
    new = pa.concat_tables([TABLE.slice(0, row), FOREIGN.slice(0, count), TABLE.slice(row)])
    found = located(new)
    assert sum(kept.recorded.rows for kept in found.kept) >= ROWS - BLOCK_ROWS
    assert all(kept.current.first - kept.recorded.first in (0, count) for kept in found.kept)
    assert sum(r.rows for r in found.added) - sum(r.rows for r in found.missing) == count
    assert any(r.first <= row <= r.end for r in found.added)
    assert found.changed == ()


@settings(deadline=None, max_examples=15)
@given(row=st.integers(0, ROWS - 1), count=st.integers(1, 70_000))
def test_deleted_rows(row, count):
    end = min(row + count, ROWS)
    found = located(rows((0, row), (end, ROWS)))
    assert sum(r.rows for r in found.missing) - sum(r.rows for r in found.added) == end - row
    assert sum(kept.recorded.rows for kept in found.kept) >= ROWS - (end - row) - 2 * BLOCK_ROWS
    assert found.changed == ()


def test_appended_rows_leave_everything_in_place():
    found = located(pa.concat_tables([TABLE, TABLE.slice(0, 100_000)]))
    assert found.kept == (Kept(RowRange(0, ROWS), RowRange(0, ROWS)),)
    assert found.added == (RowRange(ROWS, 100_000),)
    assert found.missing == found.changed == ()


def test_a_changed_value_behind_an_inserted_row_is_named():
    row = 8 * BLOCK_ROWS + 5
    for column, value in enumerate((7, -1, "x")):
        new = with_value(rows((0, 70_000), (0, 1), (70_000, ROWS)), column, row + 1, value)
        found = located(new)
        assert found.changed == (ChangedRows(column, block(8), block(8, shift=1)),)
        assert found.missing == (block(1),)
        assert found.added == (RowRange(BLOCK_ROWS, BLOCK_ROWS + 1),)


@pytest.fixture(params=[1 << 20, 50_000])
def _search_step(request, monkeypatch):
    monkeypatch.setattr("auditkit.datasets.content.search._STEP_ROWS", request.param)


@pytest.mark.usefixtures("_search_step")
def test_two_deletions_are_searched_between():
    found = located(rows((0, 70_000), (70_001, 9 * BLOCK_ROWS + 5), (9 * BLOCK_ROWS + 6, ROWS)))
    assert found.missing == (block(1), block(9))
    shifts = [kept.current.first - kept.recorded.first for kept in found.kept]
    assert shifts == [0, -1, -2]


@pytest.mark.usefixtures("_search_step")
def test_moved_rows_are_found_where_they_went():
    a, b, c = 2 * BLOCK_ROWS, 4 * BLOCK_ROWS, 9 * BLOCK_ROWS + 17
    found = located(rows((0, a), (b, c), (a, b), (c, ROWS)))
    moved = Kept(RowRange(a, b - a), RowRange(a + c - b, b - a))
    assert moved in found.kept
    assert found.changed == ()
    assert sum(r.rows for r in found.missing) <= BLOCK_ROWS


def test_shuffled_rows_change_everything_and_are_still_bounded():
    order = np.random.default_rng(0).permutation(ROWS)
    found = located(TABLE.take(pa.array(order)))
    assert [change.recorded for change in found.changed] == [RowRange(0, ROWS)] * 3
    assert found.missing == found.added == ()


def test_a_constant_column_does_not_mislead_the_search():
    constant = pa.table({"c": np.zeros(ROWS, "i8")})
    found = located(constant.slice(0, ROWS - 3), digest_of(constant))
    assert found.changed == ()
    assert sum(r.rows for r in found.missing) <= BLOCK_ROWS


def test_text_alone_is_located_by_prefix_and_suffix():
    text = TABLE.select(["text"])
    new = pa.concat_tables([text.slice(0, 70_000), text.slice(70_010)])
    found = located(new, digest_of(text))
    assert found.missing == (block(1),)
    assert found.added == (RowRange(BLOCK_ROWS, BLOCK_ROWS - 10),)


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        (lambda t: t.drop_columns(["text"]), (2,)),
        (lambda t: t.append_column("more", t.column("id")), (3,)),
        (lambda t: t.set_column(0, "label", t.column("label").cast(pa.int16())), (0,)),
        (lambda t: t.rename_columns(["a", "b", "c"]), (0, 1, 2)),
    ],
)
def test_columns_that_cannot_be_compared_are_named(change, columns):
    found = located(change(TABLE))
    assert found.columns == columns
    assert found.changed == ()


def test_tables_without_rows():
    empty = digest_of(TABLE.slice(0, 0))
    assert located(TABLE, empty).added == (RowRange(0, ROWS),)
    assert located(TABLE.slice(0, 0)).missing == (RowRange(0, ROWS),)
