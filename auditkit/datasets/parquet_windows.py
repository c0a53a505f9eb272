"""Where the columns of a Parquet file lie, as runs of bytes to read one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from auditkit.datasets.content.types import is_any_list, plain_type

_T = pa.types


@dataclass(frozen=True, slots=True)
class Window:
    """Bytes `start` to `end - 1` with the columns at `fields` of consecutive row groups.

    `first_row` is the first of its `rows` rows in the file.
    """

    start: int
    end: int
    groups: tuple[int, ...]
    fields: tuple[int, ...]
    first_row: int
    rows: int


def plan_windows(
    metadata: pq.FileMetaData,
    leaves: Sequence[range],
    *,
    end: int,
    most: int,
    whole_rows: bool = False,
) -> list[Window]:
    """Return the windows of a file in the order of their bytes.

    A window holds whole row groups, or whole columns of one, and has at most `most` bytes unless
    it is a single column of a row group, or the whole of it with `whole_rows`. `end` is where the
    footer begins. Raises ValueError for column chunks that overlap, or lie outside of the file or
    in another one.
    """
    planned: list[Window] = []
    first_row = 0
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        if group.num_rows:
            columns = _columns(group, index, first_row, leaves)
            windows = _cut(columns, end if whole_rows else most)
            if planned and len(windows) == 1 and _follows(planned[-1], windows[0], most):
                windows = [_joined(planned.pop(), windows[0])]
            planned += windows
        first_row += group.num_rows
    planned.sort(key=lambda window: window.start)
    borders = [4, *(at for window in planned for at in (window.start, window.end)), end]
    if any(before > after for before, after in pairwise(borders)):
        raise ValueError("its column chunks overlap, or lie outside of the file")
    return planned


def _columns(group: Any, index: int, first_row: int, leaves: Sequence[range]) -> Iterator[Window]:
    """Yield a window for each top-level column of a row group."""
    for field, columns in enumerate(leaves):
        spans = [_span(group.column(leaf)) for leaf in columns]
        yield Window(
            start=min(start for start, _ in spans),
            end=max(end for _, end in spans),
            groups=(index,),
            fields=(field,),
            first_row=first_row,
            rows=group.num_rows,
        )


def _span(chunk: Any) -> tuple[int, int]:
    if chunk.file_path:
        raise ValueError("its footer points to another file")
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        start = min(start, chunk.dictionary_page_offset)
    return start, start + chunk.total_compressed_size


def _cut(columns: Iterator[Window], most: int) -> list[Window]:
    """Join the columns of a row group to windows of at most `most` bytes, where they can be."""
    windows: list[Window] = []
    for column in sorted(columns, key=lambda window: window.start):
        last = windows[-1] if windows else None
        if last and last.end <= column.start and column.end - last.start <= most:
            windows[-1] = replace(last, end=column.end, fields=(*last.fields, *column.fields))
        else:
            windows.append(column)
    return windows


def _follows(before: Window, after: Window, most: int) -> bool:
    return (
        before.fields == after.fields
        and before.groups[-1] + 1 == after.groups[0]
        and before.end <= after.start
        and after.end - before.start <= most
    )


def _joined(before: Window, after: Window) -> Window:
    groups = (*before.groups, *after.groups)
    return replace(before, end=after.end, groups=groups, rows=before.rows + after.rows)


def leaves_of(metadata: pq.FileMetaData) -> tuple[range, ...]:
    """Return which column chunks of a row group hold each top-level column.

    By counting: names can be equal, and a name with a dot looks like a path. Raises ValueError
    where the counts do not agree.
    """
    leaves, first = [], 0
    for field in metadata.schema.to_arrow_schema():
        count = _leaf_count(field.type)
        leaves.append(range(first, first + count))
        first += count
    if first != metadata.num_columns or not all(leaves):
        raise ValueError("its columns cannot be told apart")
    return tuple(leaves)


def _leaf_count(type_: Any) -> int:
    type_ = plain_type(type_)
    if is_any_list(type_):
        return _leaf_count(type_.value_type)
    if _T.is_map(type_):
        return _leaf_count(type_.key_type) + _leaf_count(type_.item_type)
    if _T.is_struct(type_):
        return sum(_leaf_count(type_.field(i).type) for i in range(type_.num_fields))
    return 1
