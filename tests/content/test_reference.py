"""The implementation and the reference, written from the specification, agree on everything."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from content import reference
from content.strategies import LEAVES, arrays, types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.datasets.content.bag import bag_result
from auditkit.datasets.content.collect import SequenceDigest
from auditkit.datasets.content.encode import encode
from auditkit.datasets.content.rows import encode_rows
from auditkit.datasets.content.runs import write_runs
from auditkit.datasets.content.types import type_token

thorough = settings(deadline=None, suppress_health_check=list(HealthCheck))


def encoded(chunks):
    return b"".join(encode(chunks))


def values_of(array):
    return [reference.value_of(scalar) for scalar in array]


def assert_same(array):
    values = values_of(array)
    assert type_token(array.type) == reference.token(array.type)
    assert encoded([array]) == reference.encoding(array.type, values)
    cells = [reference.cell(array.type, value) for value in values]
    assert encode_rows([array], len(array)).to_pylist() == cells


@pytest.mark.parametrize("type_", LEAVES, ids=str)
@settings(thorough, max_examples=15)
@given(st.data())
def test_every_leaf_type(type_, data):
    assert_same(data.draw(arrays(type_, data.draw(st.integers(0, 20)))))


@settings(thorough, max_examples=400)
@given(st.data())
def test_nested_types(data):
    type_ = data.draw(types(depth=3))
    assert_same(data.draw(arrays(type_, data.draw(st.integers(0, 12)))))


@settings(thorough, max_examples=150)
@given(st.data())
def test_pieces_encode_as_the_whole(data):
    type_ = data.draw(types())
    pieces = [data.draw(arrays(type_, data.draw(st.integers(0, 9)))) for _ in range(3)]
    together = [value for piece in pieces for value in values_of(piece)]
    assert encoded(pieces) == reference.encoding(type_, together)


@st.composite
def tables(draw):
    columns = draw(st.lists(types(), max_size=4))
    rows = draw(st.integers(0, 10)) if columns else 0
    names = draw(st.lists(st.text("aé ", max_size=2), min_size=len(columns), max_size=len(columns)))
    return pa.table([draw(arrays(type_, rows)) for type_ in columns], names=names)


@settings(thorough, max_examples=100)
@given(tables())
def test_sequence_digest_of_tables(table):
    digest = SequenceDigest(table.schema)
    for index, column in enumerate(table.columns):
        digest.add_column(index, 0, column.chunks)
    assert digest.finish(table.num_rows).digest == reference.sequence(table)


@settings(thorough, max_examples=60)
@given(tables())
def test_bag_digest_of_tables(table):
    with tempfile.TemporaryDirectory() as directory:
        runs = write_runs(table.to_batches(), Path(directory), "run")
        assert bag_result(table.schema, runs).digest == reference.bag(table)
