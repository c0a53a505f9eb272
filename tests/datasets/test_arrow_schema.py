from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.arrow_schema import (
    MAX_NESTING,
    fields_of,
    fingerprint,
    from_arrow,
    schema_of,
    to_arrow,
)
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field, Schema

UNITS = st.sampled_from(["s", "ms", "us", "ns"])
SCALARS = st.one_of(
    st.sampled_from(
        [
            pa.null(), pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(),
            pa.uint16(), pa.uint32(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(),
            pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(),
            pa.binary_view(), pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"),
            pa.time64("us"), pa.time64("ns"), pa.month_day_nano_interval(),
        ]
    ),
    st.builds(pa.duration, UNITS),
    st.builds(pa.timestamp, UNITS, st.sampled_from([None, "UTC", "Europe/Berlin", "+01:00", "a,b)"])),
    st.builds(pa.binary, st.integers(0, 99)),
    st.builds(pa.decimal32, st.integers(1, 9), st.integers(-5, 9)),
    st.builds(pa.decimal64, st.integers(1, 18), st.integers(-5, 9)),
    st.builds(pa.decimal128, st.integers(1, 38), st.integers(-5, 38)),
    st.builds(pa.decimal256, st.integers(1, 76), st.integers(-5, 38)),
)  # fmt: skip
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
METADATA = st.dictionaries(
    st.binary(max_size=6), st.one_of(st.binary(max_size=6), st.just(b"base64:x")), max_size=2
)


def fields(types):
    return st.builds(
        lambda name, type_, nullable, metadata: pa.field(name, type_, nullable=nullable or type_ == pa.null(), metadata=metadata or None),
        NAMES, types, st.booleans(), METADATA,
    )  # fmt: skip


def nested(types):
    child = fields(types)
    children = st.lists(child, max_size=3)
    keys = fields(SCALARS.filter(lambda type_: type_ != pa.null())).map(
        lambda field: field.with_nullable(False)
    )
    return st.one_of(
        st.builds(pa.list_, child),
        st.builds(pa.large_list, child),
        st.builds(pa.list_view, child),
        st.builds(pa.large_list_view, child),
        st.builds(pa.list_, child, st.integers(0, 9)),
        st.builds(pa.struct, children),
        st.builds(lambda key, item, sorted_: pa.map_(key, item, keys_sorted=sorted_), keys, child, st.booleans()),
        st.builds(pa.dictionary, st.sampled_from([pa.int8(), pa.int32(), pa.uint16()]), types, st.booleans()),
        st.builds(pa.run_end_encoded, st.sampled_from([pa.int16(), pa.int64()]), types),
        st.builds(pa.sparse_union, children),
        st.builds(lambda kids: pa.dense_union(kids, list(range(7, 7 + len(kids)))), children),
    )  # fmt: skip


SCHEMAS = st.lists(fields(st.recursive(SCALARS, nested, max_leaves=6)), max_size=4).map(pa.schema)


@settings(deadline=None, max_examples=300)
@given(SCHEMAS)
def test_to_arrow_inverts_from_arrow(schema):
    record = from_arrow(schema)
    assert to_arrow(record).equals(schema, check_metadata=True)
    assert from_arrow(to_arrow(record)) == record


@settings(deadline=None)
@given(SCHEMAS, SCHEMAS)
def test_equal_fingerprints_mean_equal_schemas(one, other):
    same = from_arrow(one).fingerprint == from_arrow(other).fingerprint
    assert not same or one.equals(other, check_metadata=True)
    # `equals` overlooks metadata within the values of a dictionary
    assert same or one.serialize() != other.serialize()


def test_fingerprint_is_what_its_specification_says():
    columns = (
        Field(name="é", type="int64", nullable=False, metadata={"z": "1", "a": "2"}),
        Field(name="l", type="list", fields=(Field(name="item", type="string"),)),
    )

    def number(value):
        return value.to_bytes(4, "little")

    def text(value):
        return number(len(value.encode())) + value.encode()

    item = text("item") + text("string") + b"\1" + number(0) + number(0)
    expected = b"auditkit:schema:1\0" + number(2)
    expected += text("é") + text("int64") + b"\0" + number(2)
    expected += text("a") + text("2") + text("z") + text("1") + number(0)
    expected += text("l") + text("list") + b"\1" + number(0) + number(1) + item
    assert fingerprint(columns) == hashlib.sha256(expected).hexdigest()
    assert schema_of(columns) == Schema(fingerprint=fingerprint(columns), fields=columns)


def test_fingerprint_of_a_known_schema_never_changes():
    schema = pa.schema(
        [pa.field("id", pa.int64(), nullable=False), pa.field("t", pa.timestamp("us", "UTC"))]
    )
    assert (
        from_arrow(schema).fingerprint
        == "846cf0279404a2c04a9ac97ea3cf64aba801ad9ea8126dbd213f2273767d00e5"
    )


def test_metadata_of_the_schema_is_left_out():
    bare = pa.schema([("a", pa.int8())])
    assert from_arrow(bare.with_metadata({"pandas": "{}"})) == from_arrow(bare)


@pytest.mark.parametrize(
    ("type_", "token", "name", "parameters"),
    [
        (pa.uuid(), "fixed_binary(16)", "arrow.uuid", ""),
        (pa.json_(), "string", "arrow.json", ""),
        (
            pa.fixed_shape_tensor(pa.int8(), [2, 3]),
            "fixed_list(6)",
            "arrow.fixed_shape_tensor",
            '{"shape":[2,3]}',
        ),
    ],
)
def test_extension_types_are_storage_and_metadata(type_, token, name, parameters):
    schema = pa.schema([pa.field("x", pa.list_(pa.field("y", type_, metadata={"k": "v"})))])
    ((child,),) = [field.fields for field in from_arrow(schema).fields]
    assert child.type == token
    assert child.metadata == {
        "ARROW:extension:metadata": parameters,
        "ARROW:extension:name": name,
        "k": "v",
    }
    assert from_arrow(to_arrow(from_arrow(schema))) == from_arrow(schema)


def test_name_that_is_not_utf8():
    message = (
        pa.schema([("aXXb", pa.int8())]).serialize().to_pybytes().replace(b"aXXb", b"a\xff\xfeb")
    )
    with pytest.raises(TableFormatError, match="not UTF-8"):
        fields_of(pa.ipc.read_schema(pa.py_buffer(message)))


def test_limits():
    deep = pa.int8()
    for _ in range(MAX_NESTING - 1):
        deep = pa.list_(deep)
    assert from_arrow(pa.schema([("x", deep)]))
    with pytest.raises(TableFormatError, match="nested more than 24"):
        from_arrow(pa.schema([("x", pa.list_(deep))]))
    with pytest.raises(TableFormatError, match="name has more"):
        from_arrow(pa.schema([("x" * 65537, pa.int8())]))
    with pytest.raises(TableFormatError, match="metadata of a column"):
        from_arrow(pa.schema([pa.field("x", pa.int8(), metadata={"k": "v" * 65537})]))
    with pytest.raises(TableFormatError, match="too many characters"):
        from_arrow(pa.schema([("x", pa.timestamp("s", "z" * 300))]))


@pytest.mark.parametrize(
    "field",
    [
        Field(name="x", type="int65"),
        Field(name="x", type=""),
        Field(name="x", type="list"),
        Field(name="x", type="decimal128(99,1)"),
        Field(name="x", type="decimal128(a)"),
        Field(name="x", type="timestamp(days)"),
        Field(name="x", type="timestamp(days,UTC)"),
        Field(name="x", type="dictionary(int8)"),
        Field(name="x", type="dictionary(list)", fields=(Field(name="v", type="int8"),)),
        Field(name="x", type="dictionary(float64)", fields=(Field(name="v", type="int8"),)),
        Field(name="x", type="fixed_binary(99999999999999999999)"),
        Field(name="x", type="sparse_union(1)"),
        Field(name="x", type="map", fields=(Field(name="k", type="int8"),)),
        Field(name="x", type="int8", metadata={"k": "base64:***"}),
    ],
)
def test_recorded_types_that_are_none(field):
    with pytest.raises(TableFormatError, match="recorded schema"):
        to_arrow(schema_of([field]))


def test_deep_record_is_refused():
    field = Field(name="x", type="int8")
    for _ in range(100):
        field = Field(name="x", type="list", fields=(field,))
    with pytest.raises(TableFormatError, match="nested more than"):
        to_arrow(schema_of([field]))
