"""Laws of the `bag` digest: order does not matter, every value and every multiplicity does."""

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from content import reference
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.datasets.content import runs as runs_module
from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.rows import ROW_DIGEST
from auditkit.datasets.content.runs import merged, write_runs
from auditkit.errors import UnreadableError

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", None])), max_size=40)


def table_of(rows):
    return pa.table(
        {
            "n": pa.array([n for n, _ in rows], pa.int64()),
            "s": pa.array([s for _, s in rows], pa.string()),
        }
    )


def bag(tables, folder):
    folder.mkdir(exist_ok=True)
    runs = []
    for number, table in enumerate(tables):
        name = f"{len(list(folder.iterdir()))}-{number}"
        runs += write_runs(table.to_batches(), folder, name)
    return bag_result(tables[0].schema, runs)


@settings(relaxed, max_examples=60)
@given(rows=ROWS, cut=st.integers(0, 40), seed=st.integers())
def test_order_and_partition_do_not_matter(rows, cut, seed, tmp_path):
    shuffled = random.Random(seed).sample(rows, len(rows))
    parts = [table_of(shuffled[:cut]), table_of(shuffled[cut:])]
    assert bag(parts, tmp_path).digest == reference.bag(table_of(rows))


@settings(relaxed, max_examples=60)
@given(rows=ROWS.filter(bool), seed=st.integers())
def test_values_and_multiplicities_matter(rows, seed, tmp_path):
    one = random.Random(seed).choice(rows)
    digests = {
        bag([table_of(changed)], tmp_path).digest
        for changed in (
            rows,
            [*rows, one],
            [*rows, one, one],
            [*rows, (4, "a")],
            [*rows, (4, None)],
        )
    }
    assert len(digests) == 5


def test_the_schema_is_bound(tmp_path):
    table = table_of([(1, "a")])
    tables = [
        table,
        table.rename_columns(["n", "t"]),
        table.cast(pa.schema([("n", pa.int32()), ("s", pa.string())])),
    ]
    assert len({bag([t], tmp_path).digest for t in tables}) == 3


def test_columns_without_rows_and_rows_without_columns(tmp_path):
    empty = table_of([])
    assert (
        bag([empty], tmp_path).digest == bag_result(empty.schema, []).digest == reference.bag(empty)
    )
    batch = pa.RecordBatch.from_struct_array(pa.array([{}, {}], pa.struct([])))
    found = bag_result(batch.schema, write_runs([batch], tmp_path, "none"))
    assert found.rows == 2


def test_memory_bounds_do_not_show_in_the_digest(tmp_path, monkeypatch):
    random_ = np.random.default_rng(0)
    table = pa.table(
        {
            "n": random_.integers(0, 3_000, 20_000),
            "s": pa.array(random_.integers(0, 9, 20_000)).cast(pa.string()),
        }
    )
    expected = bag([table], tmp_path).digest
    assert expected == reference.bag(table)
    monkeypatch.setattr(runs_module, "RUN_ROWS", 3_000)
    monkeypatch.setattr(runs_module, "_SLICE_ROWS", 10)
    parts = [pa.Table.from_batches(table.to_batches(max_chunksize=700))]
    small = bag(parts, tmp_path / "small")
    assert len(list((tmp_path / "small").iterdir())) > 5
    assert small.digest == expected


def test_merged_runs_are_sorted_and_counted(tmp_path):
    rows = [(i % 50, "a") for i in range(300)]
    runs = write_runs(table_of(rows).to_batches(), tmp_path, "a") + write_runs(
        table_of(rows[:50]).to_batches(), tmp_path, "b"
    )
    found = [pair for bucket in range(256) for pair in merged(runs, bucket)]
    digests = np.concatenate([d for d, _ in found])
    raw = [digests.tobytes()[at : at + 32] for at in range(0, 32 * len(digests), 32)]
    assert raw == sorted(set(raw))
    assert {int(count) for _, counts in found for count in counts} == {7}
    assert len(raw) == 50


def test_digests_that_share_eight_bytes_are_ordered_by_the_rest():
    shared = b"\x05" * 8
    digests = np.array([shared + bytes([i]) * 24 for i in (9, 3, 9, 200, 3)], ROW_DIGEST)
    found, counts = runs_module._counted([digests], [np.ones(5, "<u8")])
    assert [item[8] for item in found.tolist()] == [3, 9, 200]
    assert counts.tolist() == [2, 2, 1]


def test_processes_do_not_matter(tmp_path):
    table = table_of([(i, str(i % 7)) for i in range(1_000)])
    tasks = [(table.slice(first, 300), tmp_path, str(first)) for first in range(0, 1_000, 300)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        runs = [
            run
            for found in pool.map(
                write_runs, *zip(*[(t.to_batches(), d, n) for t, d, n in tasks], strict=True)
            )
            for run in found
        ]
        assert bag_result(table.schema, runs, pool.map).digest == reference.bag(table)


def test_a_truncated_run_is_an_error(tmp_path):
    table = table_of([(i, "a") for i in range(1_000)])
    runs = write_runs(table.to_batches(), tmp_path, "run")
    path = Path(runs[0].path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UnreadableError, match="shorter"):
        bag_result(table.schema, runs)
