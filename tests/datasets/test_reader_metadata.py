"""What files say to readers beside their rows."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from auditkit.datasets.reader_metadata import (
    ABSENT,
    describe_metadata,
    differing_metadata,
    join_metadata,
)

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def said(frame: pd.DataFrame) -> dict[str, str]:
    return describe_metadata(pa.Table.from_pandas(frame).schema.metadata)


def test_ranges_versions_and_writers_say_nothing():
    assert said(FRAME) == said(FRAME.head(1)) == {}
    assert describe_metadata({b"ARROW:schema": b"x", b"org.apache.spark.version": b"3"}) == {}
    assert describe_metadata(None) == {}


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.set_index("b"),
        FRAME.set_axis([7, 9]),
        FRAME.astype({"a": "Int64"}),
        FRAME.rename(columns={"a": 1, "b": 2}),
    ],
)
def test_what_changes_a_reading_is_told(frame):
    assert list(said(frame)) == ["pandas"]


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"null", b'{"index_columns": [[]]}'])
def test_pandas_metadata_that_is_not_understood_counts_as_it_is(value):
    assert bool(describe_metadata({b"pandas": value})) == bool(value)


def test_other_keys_count_with_their_values():
    one, two = describe_metadata({b"geo": b"1"}), describe_metadata({b"geo": b"2"})
    assert list(one) == ["geo"]
    assert one != two


def test_parts_are_joined_with_those_that_say_nothing():
    assert join_metadata([{}, {}]) == {}
    assert join_metadata([{"k": "b"}, {"k": "a"}, {"k": "b"}]) == {"k": ("a", "b")}
    assert join_metadata([{"k": "b"}, {}]) == {"k": tuple(sorted(["b", ABSENT]))}


def test_what_no_recorded_part_said_differs():
    recorded = {"k": ("a", "b"), "l": ("c", ABSENT)}
    assert differing_metadata(recorded, recorded) == []
    assert differing_metadata(recorded, {"k": ("b",)}) == []
    assert differing_metadata(recorded, {"k": ("b",), "m": ("d",)}) == ["m"]
    assert differing_metadata(recorded, {}) == ["k"]


def test_many_values_are_one_digest_and_compare_as_such():
    many = join_metadata([{"k": f"{number:064}"} for number in range(100)])
    fewer = join_metadata([{"k": f"{number:064}"} for number in range(99)])
    assert len(many["k"]) == 1
    assert differing_metadata(many, many) == []
    assert differing_metadata(many, fewer) == ["k"]
