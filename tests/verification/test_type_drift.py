"""Types that writers change: what says the same values is a layout, anything else a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from row_tables import capture_tables

from auditkit.signing.signer import Signer

MICROSECONDS = [1_000_000, None, 3_000_000]
FINE = [1_000_001, None, 3_000_000]


def array(values: list[Any], type_: pa.DataType) -> Any:
    return pa.array(values, type_)


LISTS = [[1, None], None, [2, 3]]
TEXT = ["é", None, ""]

SAME = {
    "time in a wider unit": (
        array([1, None, 3], pa.time32("ms")),
        array([1_000, None, 3_000], pa.time64("us")),
    ),
    "time in a narrower unit that holds it": (
        array(MICROSECONDS, pa.time64("us")),
        array([1_000, None, 3_000], pa.time32("ms")),
    ),
    "timestamps in a wider unit": (
        array(MICROSECONDS, pa.timestamp("us")),
        array([value and value * 1_000 for value in MICROSECONDS], pa.timestamp("ns")),
    ),
    "instants in a narrower unit that holds them": (
        array(MICROSECONDS, pa.timestamp("us", "UTC")),
        array([1, None, 3], pa.timestamp("s", "UTC")),
    ),
    "durations in a wider unit": (
        array([1, None, 3], pa.duration("s")),
        array([1_000, None, 3_000], pa.duration("ms")),
    ),
    "days in milliseconds": (
        array([1, None, 3], pa.date32()),
        array([86_400_000, None, 3 * 86_400_000], pa.date64()),
    ),
    "wide decimals": (
        array([1, None, 3], pa.decimal128(9, 2)),
        array([1, None, 3], pa.decimal256(9, 2)),
    ),
    "large text": (array(TEXT, pa.string()), array(TEXT, pa.large_string())),
    "text as views": (array(TEXT, pa.string()), array(TEXT, pa.string_view())),
    "text by dictionary": (array(TEXT, pa.string()), array(TEXT, pa.string()).dictionary_encode()),
    "text no more by dictionary": (
        array(TEXT, pa.string()).dictionary_encode(),
        array(TEXT, pa.string()),
    ),
    "runs": (array([7, 7, 7], pa.int64()), pa.RunEndEncodedArray.from_arrays([3], [7])),
    "large lists": (array(LISTS, pa.list_(pa.int8())), array(LISTS, pa.large_list(pa.int8()))),
    "lists of a fixed size": (
        array(LISTS, pa.list_(pa.int8())),
        array(LISTS, pa.list_(pa.int8(), 2)),
    ),
    "list views": (array(LISTS, pa.list_(pa.int8())), array(LISTS, pa.list_view(pa.int8()))),
    "another name of the elements": (
        array(LISTS, pa.list_(pa.field("item", pa.int8()))),
        array(LISTS, pa.list_(pa.field("element", pa.int8()))),
    ),
}

OTHER = {
    "time that the recorded unit cannot hold": (
        array([1, None, 3], pa.time32("ms")),
        array([1_001, None, 3_000], pa.time64("us")),
    ),
    "timestamps that the recorded unit cannot hold": (
        array([1, None, 3], pa.timestamp("s")),
        array(FINE, pa.timestamp("us")),
    ),
    "another time in another unit": (
        array([1, None, 3], pa.timestamp("s")),
        array([1_000, None, 4_000], pa.timestamp("ms")),
    ),
    "clock times for instants": (
        array(MICROSECONDS, pa.timestamp("us", "UTC")),
        array(MICROSECONDS, pa.timestamp("us")),
    ),
    "another zone": (
        array(MICROSECONDS, pa.timestamp("us", "UTC")),
        array(MICROSECONDS, pa.timestamp("us", "Europe/Vienna")),
    ),
    "narrower integers": (array([1, None, 3], pa.int64()), array([1, None, 3], pa.int32())),
    "unsigned integers": (array([1, None, 3], pa.int64()), array([1, None, 3], pa.uint64())),
    "floats for integers": (array([1, None, 3], pa.int64()), array([1, None, 3], pa.float64())),
    "wider floats": (array([1, None, 3], pa.float32()), array([1, None, 3], pa.float64())),
    "another precision": (
        array([1, None, 3], pa.decimal128(9, 2)),
        array([1, None, 3], pa.decimal128(10, 2)),
    ),
    "bytes for text": (array(TEXT, pa.string()), array(TEXT, pa.binary())),
    "other nulls": (array([1, None, 3], pa.int64()), array([1, 2, 3], pa.int64())),
    "no values": (array([1, None, 3], pa.int64()), array([None] * 3, pa.null())),
    "lists for text": (array(["a"] * 3, pa.string()), array([["a"]] * 3, pa.list_(pa.string()))),
    "an extension for its storage": (
        array([b"x" * 16] * 3, pa.binary(16)),
        pa.ExtensionArray.from_storage(pa.uuid(), array([b"x" * 16] * 3, pa.binary(16))),
    ),
}


def write(path: Path, column: Any) -> None:
    table = pa.table({"a": column})
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)


def condition(root: Path, signer: Signer, before: Any, after: Any, content: str) -> tuple[str, str]:
    """Record a column, write it again in another way, and return condition and schema's status."""
    path = root / "data/t.arrow"
    path.parent.mkdir()
    write(path, before)
    project = capture_tables(root, signer, content=content)
    write(path, after)
    outcome = project.verify()
    (schema,) = outcome.statuses("dataset.schema")
    return outcome.dataset("t").condition, schema


@pytest.mark.parametrize("content", ["sequence", "bag"])
@pytest.mark.parametrize("name", SAME)
def test_the_same_values_in_another_type_are_relaid(
    tmp_path: Path, signer: Signer, name: str, content: str
) -> None:
    assert condition(tmp_path, signer, *SAME[name], content) == ("relaid", "passed")


@pytest.mark.parametrize("name", OTHER)
def test_another_type_or_another_value_is_altered(
    tmp_path: Path, signer: Signer, name: str
) -> None:
    found, schema = condition(tmp_path, signer, *OTHER[name], "sequence")
    assert found == "altered"
    assert schema == ("passed" if name == "other nulls" else "failed")
