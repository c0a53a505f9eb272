"""Deletion vectors: rows that are in a file and not in the table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from delta_tables import (
    TABLE,
    actions,
    bitmaps,
    commits,
    delete_rows,
    planned,
    read,
    rows_of,
    with_vectors,
    z85,
)
from deltalake import DeltaTable
from deltalake.exceptions import DeltaProtocolError
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.delta.actions import Vector, from_z85
from auditkit.datasets.roaring import row_numbers
from auditkit.errors import TableFormatError
from auditkit.manifest.delta import DeltaVector

DELETED = (0, 3, 50, 99)
RUNS = st.builds(
    lambda start, length: range(start, start + length), st.integers(0, 2**40), st.integers(1, 9000)
)


@settings(deadline=None)
@given(st.lists(RUNS | st.sets(st.integers(0, 2**62), max_size=20), max_size=4))
def test_bitmaps_round_trip(parts):
    rows = sorted(set().union(*parts))
    assert row_numbers(bitmaps(rows)).tolist() == rows


def test_bitmap_of_the_specification():
    """RoaringFormatSpec has no vectors; these bytes are the protocol's own inline example."""
    bitmap = from_z85("wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L")[12:]
    data = (1).to_bytes(8, "little") + bytes(4) + bitmap
    assert row_numbers(data).tolist() == [3, 4, 7, 11, 18, 29]


@given(st.binary(max_size=200))
def test_any_bytes_are_numbers_or_refused(data):
    try:
        rows = row_numbers(data)
    except ValueError:
        return
    assert bool(np.all(np.diff(rows) > 0))


@given(st.data())
def test_a_cut_bitmap_is_refused(data):
    whole = bitmaps([1, 2, 70_000, 2**33])
    with pytest.raises(ValueError, match="too early"):
        row_numbers(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_runs_that_would_fill_memory_are_refused():
    runs = b"".join((0).to_bytes(2, "little") + b"\xff\xff" for _ in range(65_535))
    data = (1).to_bytes(8, "little") + bytes(4) + (12347).to_bytes(4, "little") + b"\1"
    data += bytes(2) + b"\0\0" + b"\xff\xff" + runs
    with pytest.raises(ValueError, match="counts"):
        row_numbers(data)


@given(st.binary(max_size=40).map(lambda raw: raw[: len(raw) // 4 * 4]))
def test_z85_round_trips(raw):
    assert from_z85(z85(raw)) == raw


@pytest.mark.parametrize("text", ["abc", "abcd~", "%%%%%", "é1234"])
def test_what_is_no_z85(text):
    with pytest.raises(TableFormatError, match="Z85"):
        from_z85(text)


def test_names_of_files_as_the_protocol_has_them():
    stored = {"size_in_bytes": 40, "cardinality": 6, "offset": 4}
    vector = Vector(storage_type="u", path_or_inline_dv="ab^-aqEH.-t@S}K{vb[*k^", **stored)
    assert vector.path == "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
    assert vector.id == "uab^-aqEH.-t@S}K{vb[*k^@4"


@pytest.mark.parametrize("stored", ["file", "inline"])
def test_deleted_rows_are_left_out(tmp_path, stored):
    with_vectors(tmp_path / "t", TABLE)
    delete_rows(tmp_path / "t", DELETED, stored=stored)
    with pytest.raises(DeltaProtocolError):
        DeltaTable(tmp_path / "t").to_pyarrow_table()
    assert DeltaTable(tmp_path / "t").count() == 100, "what statistics say"
    expected = rows_of(tmp_path / "t")
    found = read(tmp_path / "t")
    assert found.rows == len(expected) == 96
    with_vectors(tmp_path / "plain", expected)
    assert found.content.digest == read(tmp_path / "plain").content.digest
    assert read(tmp_path / "t", content=None).rows == 96
    assert read(tmp_path / "t", mode="metadata").rows == 96
    assert read(tmp_path / "t", "0").rows == 100


def test_rows_are_counted_over_row_groups_and_windows(tmp_path):
    rows = pa.table({"n": range(200_000), "text": ["x" * 50] * 200_000})
    with_vectors(tmp_path / "t", rows)
    gone = [*range(60_000, 130_000), 0, 199_999]
    delete_rows(tmp_path / "t", gone)
    found = read(tmp_path / "t")
    left = np.setdiff1d(np.arange(200_000), gone)
    with_vectors(tmp_path / "plain", rows.take(left))
    assert found.content.digest == read(tmp_path / "plain").content.digest


def test_a_newer_vector_replaces_an_older_one(tmp_path):
    folder = tmp_path / "t"
    with_vectors(folder, TABLE)
    delete_rows(folder, DELETED, stored="inline")
    (before,) = (each["add"] for each in actions(commits(folder)[1]) if "add" in each)
    delete_rows(folder, range(10), stored="file")
    lines = actions(commits(folder)[2])
    lines[2]["remove"]["deletionVector"] = before["deletionVector"]
    commits(folder)[2].write_text("".join(json.dumps(line) + "\n" for line in reversed(lines)))
    assert (read(folder).rows, read(folder, "1").rows) == (90, 96)
    record = planned(folder).delta
    assert (record.deletion_vectors, record.deleted_rows) == (1, 10)


def test_the_file_of_a_vector_is_in_the_inventory(tmp_path):
    with_vectors(tmp_path / "t", TABLE)
    delete_rows(tmp_path / "t", DELETED)
    found = read(tmp_path / "t")
    paths = {entry.path for entry in found.entries}
    assert "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin" in paths
    assert len(paths) == 4
    (file,) = (path for path in paths if path.endswith(".parquet"))
    assert found.plan.delta.vectors == (
        DeltaVector(file=file, id="uab^-aqEH.-t@S}K{vb[*k^@4", rows=len(DELETED)),
    )


def vector_file(folder: Path) -> Path:
    return next(folder.glob("ab/*.bin"))


def test_damaged_vector(tmp_path):
    with_vectors(tmp_path / "t", TABLE)
    delete_rows(tmp_path / "t", DELETED)
    data = bytearray(vector_file(tmp_path / "t").read_bytes())
    data[-6] ^= 1
    vector_file(tmp_path / "t").write_bytes(data)
    with pytest.raises(TableFormatError, match="does not hold the deletion vector"):
        planned(tmp_path / "t")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cardinality": 3}, "does not count what it deletes"),
        ({"storageType": "p"}, "outside of the table"),
        ({"storageType": "u", "pathOrInlineDv": "x"}, "Z85|UUID"),
        ({"pathOrInlineDv": z85(b"abcd" + bytes(8))}, "of a kind that is not known"),
        ({"sizeInBytes": -1}, "of a kind that is not known"),
    ],
)
def test_vectors_that_are_none(tmp_path, change, message):
    with_vectors(tmp_path / "t", TABLE)
    delete_rows(tmp_path / "t", DELETED, stored="inline")
    lines = actions(commits(tmp_path / "t")[1])
    lines[1]["add"]["deletionVector"] |= change
    commits(tmp_path / "t")[1].write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(TableFormatError, match=message):
        planned(tmp_path / "t")


def test_rows_beyond_the_end_of_a_file(tmp_path):
    with_vectors(tmp_path / "t", TABLE)
    delete_rows(tmp_path / "t", (5, 100), stored="inline")
    for options in ({}, {"content": None}):
        with pytest.raises(TableFormatError, match="row 100 was deleted of 100"):
            read(tmp_path / "t", **options)
        assert read(tmp_path / "t", collect=True, **options).rows is None
