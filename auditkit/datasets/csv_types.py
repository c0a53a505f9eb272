"""The types of a CSV table in many files: what pyarrow would infer for all of them as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from auditkit.datasets.part_reading import PartResult, PartTask
from auditkit.datasets.unify import holds_all, join_csv
from auditkit.manifest.model import Field


def settle_types(
    results: Sequence[PartResult],
    read: Callable[[Iterable[PartTask]], Iterable[PartResult]],
) -> Sequence[PartResult]:
    """Return the results with the same types for all files.

    A file is read again only where its values might not fit the others' types: `7` is no bool.
    Its result is then replaced as a whole, so digest and rows belong to the same bytes. Files
    with another number of columns are left as they are.
    """
    while (types := _common_types(results)) is not None:
        again = {result.task.part.path: result for result in read(_misfits(results, types))}
        if not again:
            return [_retype(result, types) for result in results]
        results = [again.get(result.task.part.path, result) for result in results]
    return results


def _common_types(results: Sequence[PartResult]) -> tuple[str, ...] | None:
    """Return the join of the files' types; None if they have different numbers of columns."""
    common: tuple[str, ...] | None = None
    for result in results:
        if result.table is None:
            continue
        types = tuple(column.type for column in result.table.fields)
        if common is not None and len(common) != len(types):
            return None
        common = types if common is None else join_csv(common, types)
    return common


def _misfits(results: Sequence[PartResult], types: Sequence[str]) -> Iterator[PartTask]:
    columns = tuple(Field(name="", type=type_) for type_ in types)
    for result in results:
        if result.table is None or result.task.layout is None:
            continue
        own = [column.type for column in result.table.fields]
        if not all(holds_all(wide, narrow) for wide, narrow in zip(types, own, strict=True)):
            layout = replace(result.task.layout, types=columns)
            yield replace(result.task, layout=layout, again=True)


def _retype(result: PartResult, types: Sequence[str]) -> PartResult:
    if result.table is None:
        return result
    columns = tuple(
        Field(name=column.name, type=type_)
        for column, type_ in zip(result.table.fields, types, strict=True)
    )
    return replace(result, table=replace(result.table, fields=columns))
