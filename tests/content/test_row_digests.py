"""The row-digest sidecar of a bag, and what it says of added and removed rows."""

import hashlib
import json
import random
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from content import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.content import row_difference as difference_module
from auditkit.datasets.content import row_digests as digests_module
from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.row_difference import row_difference
from auditkit.datasets.content.row_digests import read_row_digests, write_row_digests
from auditkit.datasets.content.runs import write_runs
from auditkit.errors import SidecarError

ROWS = [1, 1, 1, 2, 3, 3, *range(4, 400)]


def table_of(rows):
    return pa.table({"n": pa.array(rows, pa.int64())})


def row_digest(number):
    return hashlib.sha256(b"\x01" + number.to_bytes(8, "little")).digest()


def written(rows, folder):
    """Return digest and runs of a bag, in several runs, with its sidecar."""
    runs = []
    for number, start in enumerate(range(0, len(rows), 150)):
        batches = table_of(rows[start : start + 150]).to_batches()
        runs += write_runs(batches, folder, f"{random.random()}-{number}")
    bag = bag_result(table_of([]).schema, runs)
    return bag, runs, write_row_digests(bag, runs)


@pytest.fixture
def sidecar(tmp_path):
    return written(ROWS, tmp_path)[2]


DIGEST = reference.bag(table_of(ROWS))


def test_round_trip(sidecar):
    recorded = read_row_digests(sidecar, digest=DIGEST)
    assert recorded.bag.digest == DIGEST
    assert recorded.bag.rows == len(ROWS)
    buckets = list(recorded.buckets())
    assert len(buckets) == 256
    for first, (digests, counts) in enumerate(buckets):
        raw = [digests.tobytes()[at : at + 32] for at in range(0, 32 * len(digests), 32)]
        assert all(digest[0] == first for digest in raw)
        assert len(counts) == len(raw)


def test_another_program_can_read_it(sidecar):
    table = pq.read_table(pa.BufferReader(sidecar))
    found = dict(zip(table["digest"].to_pylist(), table["count"].to_pylist(), strict=True))
    assert found == {row_digest(number): count for number, count in Counter(ROWS).items()}
    assert table["digest"].to_pylist() == sorted(found)
    header = json.loads(table.schema.metadata[b"auditkit:rows"])
    assert header == {"version": 1, "rows": len(ROWS), "columns": [["n", "int64"]]}


def test_no_rows(tmp_path):
    bag, _, data = written([], tmp_path)
    assert [len(d) for d, _ in read_row_digests(data, digest=bag.digest).buckets()] == [0] * 256


def test_small_batches_and_groups_are_the_same_table(tmp_path, monkeypatch):
    monkeypatch.setattr(digests_module, "_GROUP_ROWS", 7)
    monkeypatch.setattr(digests_module, "_BATCH_ROWS", 5)
    data = written(ROWS, tmp_path)[2]
    assert pq.ParquetFile(pa.BufferReader(data)).num_row_groups > 20
    recorded = read_row_digests(data, digest=DIGEST)
    assert sum(int(counts.sum()) for _, counts in recorded.buckets()) == len(ROWS)


def test_too_many_rows_have_no_sidecar(tmp_path, monkeypatch):
    monkeypatch.setattr(digests_module, "MAX_SIDECAR_BYTES", 10_000)
    assert written(ROWS, tmp_path)[2] is None


def rewritten(sidecar, change=lambda table: table, **header):
    table = pq.read_table(pa.BufferReader(sidecar))
    recorded = json.loads(table.schema.metadata[b"auditkit:rows"])
    table = change(table).replace_schema_metadata(
        {"auditkit:rows": json.dumps({**recorded, **header})}
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def with_count(table, row, count):
    counts = table["count"].to_pylist()
    counts[row] = count
    return table.set_column(1, table.schema.field(1), pa.array(counts, pa.uint64()))


def test_rewritten_as_it_is_it_is_as_good(sidecar):
    assert read_row_digests(rewritten(sidecar), digest=DIGEST).bag.digest == DIGEST


HOSTILE = {
    "nothing": lambda _: b"",
    "no parquet": lambda _: b"PAR1" * 9,
    "cut": lambda data: data[:-20],
    "a version to come": lambda data: rewritten(data, version=2),
    "another number of rows": lambda data: rewritten(data, rows=len(ROWS) + 1),
    "rows below zero": lambda data: rewritten(data, rows=-1),
    "other columns": lambda data: rewritten(data, columns=[["m", "int64"]]),
    "a field to come": lambda data: rewritten(data, more=1),
    "a row less": lambda data: rewritten(data, lambda t: t.slice(1)),
    "out of order": lambda data: rewritten(data, lambda t: t.take(list(range(len(t)))[::-1])),
    "rows twice": lambda data: rewritten(data, lambda t: pa.concat_tables([t, t])),
    "a count less": lambda data: rewritten(data, lambda t: with_count(t, 0, 2), rows=len(ROWS) + 1),
    "no count": lambda data: rewritten(data, lambda t: with_count(t, 0, 0), rows=len(ROWS) - 1),
    "counts beyond 64 bits": lambda data: rewritten(
        data, lambda t: with_count(with_count(t, 0, 2**64 - 1), 1, len(ROWS))
    ),
    "a column more": lambda data: rewritten(data, lambda t: t.append_column("x", t["count"])),
    "nullable": lambda data: rewritten(
        data, lambda t: t.cast(pa.schema([("digest", pa.binary(32)), ("count", pa.uint64())]))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_such_sidecar_is_refused(sidecar, name):
    with pytest.raises(SidecarError):
        read_row_digests(HOSTILE[name](sidecar), digest=DIGEST)


def test_a_sidecar_that_unpacks_to_too_much_is_refused(sidecar, monkeypatch):
    monkeypatch.setattr(digests_module, "_MAX_UNCOMPRESSED", 1_000)
    with pytest.raises(SidecarError, match="too large"):
        read_row_digests(sidecar, digest=DIGEST)


def test_the_sidecar_of_another_table_is_refused(sidecar):
    with pytest.raises(SidecarError, match="do not recompute"):
        read_row_digests(sidecar, digest=reference.bag(table_of(ROWS[1:])))


NUMBERS = st.lists(st.integers(0, 12), max_size=30)


@settings(deadline=None, max_examples=80)
@given(before=NUMBERS, after=NUMBERS)
def test_the_difference_is_that_of_two_multisets(before, after):
    with tempfile.TemporaryDirectory() as name:
        recorded_bag, _, data = written(before, Path(name))
        recorded = read_row_digests(data, digest=recorded_bag.digest)
        bag, runs, _ = written(after, Path(name))
        found = row_difference(recorded, bag, runs)
    was, now = Counter(before), Counter(after)
    assert found.removed == (was - now).total()
    assert found.added == (now - was).total()
    raw = [found.digests.tobytes()[at : at + 32] for at in range(0, 32 * len(found.digests), 32)]
    assert raw == sorted(raw)
    assert dict(zip(raw, found.surplus.tolist(), strict=True)) == {
        row_digest(number): count for number, count in (now - was).items()
    }
    assert dict(zip(raw, found.copies.tolist(), strict=True)) == {
        row_digest(number): was[number] > 0 for number in now - was
    }


def test_too_many_added_rows_are_only_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(difference_module, "MOST_ADDED", 50)
    recorded_bag, _, data = written(ROWS, tmp_path)
    recorded = read_row_digests(data, digest=recorded_bag.digest)
    bag, runs, _ = written([*ROWS, *range(1000, 1060)], tmp_path)
    found = row_difference(recorded, bag, runs)
    assert (found.added, found.removed, len(found.digests)) == (60, 0, 0)
    bag, runs, _ = written([*ROWS, *range(1000, 1050)], tmp_path)
    assert len(row_difference(recorded, bag, runs).digests) == 50


def test_totals_of_counts_are_exact_beyond_64_bits():
    assert digests_module._total(np.full(3, 2**64 - 1, "<u8")) == 3 * (2**64 - 1)
