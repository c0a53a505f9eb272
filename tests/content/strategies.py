"""Arrow arrays of every type the specification names, in awkward physical layouts.

Values lie under nulls, under null parents and outside of every list; arrays and their children
are slices; list views overlap; dictionaries have null values.
"""

import struct

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

T = pa.types
DAY = 86_400_000
INTEGERS = [
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint8(),
    pa.uint16(),
    pa.uint32(),
    pa.uint64(),
]
UNITS = ["s", "ms", "us", "ns"]
LEAVES = [
    *INTEGERS,
    *(pa.float16(), pa.float32(), pa.float64()),
    *(pa.null(), pa.bool_(), pa.date32(), pa.date64(), pa.month_day_nano_interval()),
    *(pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")),
    *(pa.timestamp(unit) for unit in UNITS),
    *(pa.timestamp(unit, "Europe/Vienna") for unit in UNITS),
    *(pa.duration(unit) for unit in UNITS),
    *(
        pa.decimal32(7, 2),
        pa.decimal64(16, -3),
        pa.decimal128(38, 10),
        pa.decimal256(20, 0),
        pa.decimal256(76, 5),
    ),
    *(pa.binary(1), pa.binary(3), pa.binary(16)),
    *(
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.binary(),
        pa.large_binary(),
        pa.binary_view(),
    ),
    pa.uuid(),
]
NAMES = st.text("aé,:<>", max_size=3)


def types(depth=2):
    leaf = st.sampled_from(LEAVES)
    return leaf if depth == 0 else st.one_of(leaf, nested_types(types(depth - 1)))


def nested_types(inner):
    encodable = st.sampled_from([t for t in LEAVES if not isinstance(t, pa.BaseExtensionType)])
    return st.one_of(
        inner.map(pa.list_),
        inner.map(pa.large_list),
        inner.map(pa.list_view),
        inner.map(pa.large_list_view),
        st.builds(pa.list_, inner, st.integers(0, 3)),
        st.builds(pa.map_, st.sampled_from([pa.int16(), pa.string()]), inner),
        st.lists(st.tuples(NAMES, inner), max_size=3).map(pa.struct),
        st.builds(pa.dictionary, st.sampled_from([pa.int8(), pa.uint16(), pa.int64()]), encodable),
        st.builds(pa.run_end_encoded, st.sampled_from([pa.int16(), pa.int64()]), encodable),
        st.builds(pa.run_end_encoded, st.just(pa.int32()), inner),
    )


@st.composite
def arrays(draw, type_, length):
    """An array of `length` slots that is a slice of a longer one."""
    before, after = draw(st.integers(0, 9)), draw(st.integers(0, 2))
    array = draw(whole(type_, before + length + after))
    array.validate(full=True)
    return array.slice(before, length)


@st.composite
def whole(draw, type_, n):
    if isinstance(type_, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type_, draw(arrays(type_.storage_type, n)))
    if T.is_null(type_):
        return pa.nulls(n)
    if T.is_dictionary(type_):
        values = draw(arrays(type_.value_type, draw(st.integers(1, 4))))
        index = st.one_of(st.none(), st.integers(0, len(values) - 1))
        indices = pa.array(draw(st.lists(index, min_size=n, max_size=n)), type_.index_type)
        return pa.DictionaryArray.from_arrays(indices, values)
    if T.is_run_end_encoded(type_):
        return draw(run_end_encoded(type_, n))
    if T.is_string_view(type_):
        return draw(whole(pa.string(), n)).cast(type_)
    if T.is_binary_view(type_):
        return draw(whole(pa.binary(), n)).cast(type_)
    validity = draw(validities(n))
    if T.is_struct(type_):
        fields = [draw(arrays(type_.field(i).type, n)) for i in range(type_.num_fields)]
        return pa.Array.from_buffers(type_, n, [validity], children=fields)
    if T.is_map(type_) or T.is_nested(type_):
        return draw(lists(type_, n, validity))
    if is_variable(type_):
        return draw(variable(type_, n, validity))
    return pa.Array.from_buffers(type_, n, [validity, pa.py_buffer(draw(fixed(type_, n)))])


def validities(n):
    bitmap = st.binary(min_size=(n + 7) // 8, max_size=(n + 7) // 8).map(pa.py_buffer)
    return st.one_of(st.none(), bitmap)


def is_variable(type_):
    return (
        T.is_string(type_)
        or T.is_binary(type_)
        or T.is_large_string(type_)
        or T.is_large_binary(type_)
    )


@st.composite
def run_end_encoded(draw, type_, n):
    ends, end = [], 0
    while end < n:
        end += draw(st.integers(1, 4))
        ends.append(min(end, n))
    values = draw(arrays(type_.value_type, len(ends)))
    return pa.RunEndEncodedArray.from_arrays(pa.array(ends, type_.run_end_type), values)


@st.composite
def variable(draw, type_, n, validity):
    element = (
        st.text(max_size=4).map(str.encode) if "string" in str(type_) else st.binary(max_size=4)
    )
    lead, *values = draw(st.lists(element, min_size=n + 1, max_size=n + 1))
    wide = T.is_large_string(type_) or T.is_large_binary(type_)
    offsets = np.cumsum([len(lead), *map(len, values)]).astype("<i8" if wide else "<i4")
    data = pa.py_buffer(lead + b"".join(values))
    return pa.Array.from_buffers(type_, n, [validity, pa.py_buffer(offsets), data])


@st.composite
def lists(draw, type_, n, validity):
    if T.is_fixed_size_list(type_):
        values = draw(arrays(type_.value_type, n * type_.list_size))
        return pa.Array.from_buffers(type_, n, [validity], children=[values])
    lengths = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    lead, rest = draw(st.integers(0, 2)), draw(st.integers(0, 2))
    total = lead + sum(lengths) + rest
    values = draw(elements(type_, total))
    wide = "<i8" if T.is_large_list(type_) or T.is_large_list_view(type_) else "<i4"
    if T.is_list_view(type_) or T.is_large_list_view(type_):
        starts = [draw(st.integers(0, total - length)) for length in lengths]
        buffers = [validity, *(pa.py_buffer(np.array(x, wide)) for x in (starts, lengths))]
        return pa.Array.from_buffers(type_, n, buffers, children=[values])
    offsets = np.cumsum([lead, *lengths]).astype(wide)
    return pa.Array.from_buffers(type_, n, [validity, pa.py_buffer(offsets)], children=[values])


@st.composite
def elements(draw, type_, n):
    if not T.is_map(type_):
        return draw(arrays(type_.value_type, n))
    keys = draw(arrays(type_.key_type, n).map(without_nulls))
    items = draw(arrays(type_.item_type, n))
    entries = pa.struct([type_.key_field, type_.item_field])
    return pa.Array.from_buffers(entries, n, [None], children=[keys, items])


def without_nulls(array):
    return array.fill_null("k" if T.is_string(array.type) else 7)


FLOAT_BITS = {
    2: [0x0000, 0x8000, 0x7E00, 0xFE01, 0x7C01, 0x7C00, 0x0001],
    4: [0, 0x80000000, 0x7FC00000, 0xFFC00001, 0x7F800001, 0x7F800000, 1],
    8: [0, 1 << 63, 0x7FF8 << 48, 0xFFF8000000000001, 0x7FF0000000000001, 0x7FF << 52, 1],
}


def fixed(type_, n):
    """`n` stored values of a type of fixed width, as bytes."""
    if T.is_boolean(type_):
        return st.binary(min_size=(n + 7) // 8, max_size=(n + 7) // 8)
    width = type_.byte_width if T.is_fixed_size_binary(type_) else type_.bit_width // 8
    value = st.binary(min_size=width, max_size=width)
    if T.is_floating(type_):
        special = st.sampled_from(FLOAT_BITS[width]).map(
            lambda bits: bits.to_bytes(width, "little")
        )
        value = st.one_of(special, value)
    elif T.is_decimal(type_):
        most = 10**type_.precision - 1
        value = st.integers(-most, most).map(lambda x: x.to_bytes(width, "little", signed=True))
    elif T.is_date64(type_):
        value = st.integers(-(2**31), 2**31 - 1).map(lambda day: struct.pack("<q", day * DAY))
    elif T.is_time(type_):
        top = 86_400 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[type_.unit] - 1
        value = st.integers(0, top).map(lambda x: x.to_bytes(width, "little"))
    return st.lists(value, min_size=n, max_size=n).map(b"".join)
