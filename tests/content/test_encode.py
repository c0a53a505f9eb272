"""What the encoding refuses, what it keeps apart, and arrays that are cut in many places."""

import mmap
import pickle

import numpy as np
import pyarrow as pa
import pytest
from content import reference
from content.strategies import LEAVES, arrays
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.datasets.content.blocks import hash_column
from auditkit.datasets.content.encode import encode
from auditkit.datasets.content.rows import encode_rows
from auditkit.datasets.content.types import MAX_DEPTH, type_token
from auditkit.errors import TableFormatError


def encoded(array):
    return b"".join(encode([array]))


def test_unions_are_refused():
    with pytest.raises(TableFormatError, match="not defined"):
        type_token(pa.sparse_union([pa.field("a", pa.int8())]))


def test_deep_types_are_refused():
    type_ = pa.int8()
    for _ in range(MAX_DEPTH - 1):
        type_ = pa.list_(type_)
    assert type_token(type_).startswith("list<")
    with pytest.raises(TableFormatError, match="nested"):
        type_token(pa.list_(type_))


@pytest.mark.parametrize("type_", [pa.large_string(), pa.large_list(pa.null())], ids=str)
def test_values_of_four_gigabytes_are_refused(type_):
    offsets = pa.py_buffer(np.array([0, 2**32], "<i8"))
    untouched = mmap.mmap(-1, 2**32)  # takes no memory until it is read
    if type_ == pa.large_string():
        array = pa.Array.from_buffers(type_, 1, [None, offsets, pa.py_buffer(untouched)])
    else:
        array = pa.Array.from_buffers(type_, 1, [None, offsets], children=[pa.nulls(2**32)])
    for encode_one in (encoded, lambda a: encode_rows([a], 1)):
        with pytest.raises(TableFormatError, match="4 GiB"):
            encode_one(array)


def test_a_hidden_value_of_four_gigabytes_is_no_value():
    offsets = pa.py_buffer(np.array([0, 2**32], "<i8"))
    array = pa.Array.from_buffers(
        pa.large_list(pa.null()), 1, [pa.py_buffer(b"\0"), offsets], children=[pa.nulls(2**32)]
    )
    assert encoded(array) == encoded(pa.array([None], pa.list_(pa.null())))


@pytest.mark.parametrize("milliseconds", [1, 86_400_000 * 2**31, -86_400_000 * (2**31 + 1)])
def test_date64_beyond_date32_is_refused(milliseconds):
    stored = pa.array([milliseconds], pa.int64())
    with pytest.raises(TableFormatError, match="date64"):
        encoded(stored.view(pa.date64()))
    hidden = pa.Array.from_buffers(pa.date64(), 1, [pa.py_buffer(b"\0"), stored.buffers()[1]])
    assert encoded(hidden) == encoded(pa.nulls(1, pa.date32()))


def test_a_narrow_decimal_beyond_16_bytes_is_refused():
    data = pa.py_buffer((10**45).to_bytes(32, "little"))
    with pytest.raises(TableFormatError, match="does not fit"):
        encoded(pa.Array.from_buffers(pa.decimal256(38, 0), 1, [None, data]))


def test_a_dictionary_index_out_of_bounds_is_refused():
    array = pa.DictionaryArray.from_arrays(pa.array([3]), pa.array(["a"]), safe=False)
    with pytest.raises(TableFormatError, match="decoded"):
        encoded(array)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([0.0]), pa.array([-0.0])),
        (pa.array([None], pa.string()), pa.array([""])),
        (pa.array([None], pa.int8()), pa.array([0], pa.int8())),
        (pa.array([None], pa.list_(pa.int8())), pa.array([[]], pa.list_(pa.int8()))),
        (pa.array([[None]], pa.list_(pa.int8())), pa.array([[]], pa.list_(pa.int8()))),
        (pa.array([[1], []]), pa.array([[], [1]])),
        (pa.array(["ab", "c"]), pa.array(["a", "bc"])),
        (pa.array(["é"]), pa.array(["e\u0301"])),
        (pa.array([{"a": None}]), pa.array([None], pa.struct([("a", pa.null())]))),
        (pa.array([True, False]), pa.array([False, True])),
    ],
    ids=lambda a: str(a.to_pylist()),
)
def test_different_values_differ(one, other):
    assert encoded(one) != encoded(other)
    assert encode_rows([one], len(one)) != encode_rows([other], len(other))


TYPES_THAT_DIFFER = [
    pa.int32(),
    pa.int64(),
    pa.float32(),
    pa.string(),
    pa.binary(),
    pa.binary(3),
    pa.binary(31),
    pa.decimal128(5, 1),
    pa.decimal128(6, 1),
    pa.timestamp("s"),
    pa.timestamp("ms"),
    pa.timestamp("s", "UTC"),
    pa.list_(pa.string()),
    pa.map_(pa.string(), pa.string()),
    pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())])),
    pa.struct([("a", pa.string()), ("b", pa.string())]),
    pa.struct([("b", pa.string()), ("a", pa.string())]),
    pa.struct([("a:string,1:b", pa.string())]),
    pa.struct([]),
]


def test_different_types_have_different_tokens():
    assert len({type_token(type_) for type_ in TYPES_THAT_DIFFER}) == len(TYPES_THAT_DIFFER)


AWKWARD = [
    pa.list_view(pa.string_view()),
    pa.run_end_encoded(pa.int32(), pa.struct([("v", pa.string_view())])),
    pa.dictionary(pa.int8(), pa.list_view(pa.int8())),
]


@pytest.mark.parametrize("type_", [*LEAVES, *AWKWARD], ids=str)
@settings(deadline=None, max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_scattered_list_views(type_, data):
    values = data.draw(arrays(type_, 50))
    starts = pa.array([(i * 17) % 48 for i in range(40)], pa.int32())
    sizes = pa.array([i % 3 for i in range(40)], pa.int32())
    array = pa.ListViewArray.from_arrays(starts, sizes, values)
    expected = [reference.value_of(scalar) for scalar in array]
    assert encoded(array) == reference.encoding(array.type, expected)
    cells = [reference.cell(array.type, value) for value in expected]
    assert encode_rows([array], 40).to_pylist() == cells


def test_fragments_hold_their_own_rows_and_no_more():
    column = pa.array(np.arange(1_000_000))
    (fragment,) = hash_column(5, [column.slice(7, 10)]).fragments
    assert len(pickle.dumps(fragment)) < 1_000
