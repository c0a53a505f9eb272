"""A second implementation of docs/formats/content-digest.md: slow, obvious, value by value."""

import hashlib
import math
import struct
from collections import Counter
from decimal import Context

import pyarrow as pa

T = pa.types
BLOCK = 65_536
DECIMALS = Context(prec=100)
FLOATS = {
    16: ("<e", bytes.fromhex("007e")),
    32: ("<f", bytes.fromhex("0000c07f")),
    64: ("<d", bytes.fromhex("000000000000f87f")),
}


def logical(type_):
    if isinstance(type_, pa.BaseExtensionType):
        return logical(type_.storage_type)
    if T.is_dictionary(type_) or T.is_run_end_encoded(type_):
        return logical(type_.value_type)
    return type_


def is_list(type_):
    return (
        T.is_list(type_)
        or T.is_large_list(type_)
        or T.is_fixed_size_list(type_)
        or T.is_list_view(type_)
        or T.is_large_list_view(type_)
    )


def is_string(type_):
    return T.is_string(type_) or T.is_large_string(type_) or T.is_string_view(type_)


def is_binary(type_):
    return T.is_binary(type_) or T.is_large_binary(type_) or T.is_binary_view(type_)


def children(type_):
    if T.is_map(type_):
        return [type_.key_type, type_.item_type]
    return [type_.field(i).type for i in range(type_.num_fields)]


TOKENS = [
    (is_string, lambda _: "string"),
    (is_binary, lambda _: "binary"),
    (T.is_floating, lambda t: f"float{t.bit_width}"),
    (T.is_date, lambda _: "date"),
    (T.is_interval, lambda _: "interval[month_day_nano]"),
    (T.is_timestamp, lambda t: f"timestamp[{t.unit},{'instant' if t.tz else 'local'}]"),
    (T.is_time, lambda t: f"time[{t.unit}]"),
    (T.is_duration, lambda t: f"duration[{t.unit}]"),
    (T.is_decimal, lambda t: f"decimal({t.precision},{t.scale})"),
    (T.is_fixed_size_binary, lambda t: f"fixed_binary({t.byte_width})"),
    (is_list, lambda t: f"list<{token(t.value_type)}>"),
    (T.is_map, lambda t: f"map<{token(t.key_type)},{token(t.item_type)}>"),
    (T.is_struct, lambda t: f"struct<{','.join(map(member, t))}>"),
]


def token(type_):
    type_ = logical(type_)
    return next((make(type_) for matches, make in TOKENS if matches(type_)), str(type_))


def member(field):
    return f"{len(field.name.encode())}:{field.name}:{token(field.type)}"


def value_of(scalar):
    """Return None, bytes of fixed width, bytes, bool, or a list of values."""
    type_ = scalar.type
    if (
        isinstance(type_, pa.BaseExtensionType)
        or T.is_dictionary(type_)
        or T.is_run_end_encoded(type_)
    ):
        return None if scalar.value is None else value_of(scalar.value)
    if not scalar.is_valid:
        return None
    if T.is_boolean(type_):
        return scalar.as_py()
    if is_string(type_):
        return scalar.as_py().encode()
    if is_binary(type_) or T.is_fixed_size_binary(type_):
        return scalar.as_py()
    if T.is_struct(type_):
        return [value_of(scalar[i]) for i in range(type_.num_fields)]
    if is_list(type_) or T.is_map(type_):
        return [value_of(element) for element in scalar.values]
    return fixed(scalar)


def fixed(scalar):
    type_ = scalar.type
    if T.is_decimal(type_):
        unscaled = int(scalar.as_py().scaleb(type_.scale, DECIMALS))
        return unscaled.to_bytes(16 if type_.precision <= 38 else 32, "little", signed=True)
    if T.is_floating(type_):
        layout, nan = FLOATS[type_.bit_width]
        number = float(scalar.as_py())
        return nan if math.isnan(number) else struct.pack(layout, number)
    if T.is_interval(type_):
        return struct.pack("<iiq", *scalar.as_py())
    if T.is_date64(type_):
        return (scalar.value // 86_400_000).to_bytes(4, "little", signed=True)
    number = scalar.value if T.is_temporal(type_) else scalar.as_py()
    return number.to_bytes(type_.bit_width // 8, "little", signed=not T.is_unsigned_integer(type_))


def width(type_):
    if T.is_decimal(type_):
        return 16 if type_.precision <= 38 else 32
    if T.is_date64(type_):
        return 4
    return type_.byte_width if T.is_fixed_size_binary(type_) else type_.bit_width // 8


def bitmap(bits):
    return bytes(
        sum(bit << i for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8)
    )


def u32(number):
    return number.to_bytes(4, "little")


def u64(number):
    return number.to_bytes(8, "little")


def encoding(type_, values):
    type_ = logical(type_)
    if T.is_null(type_):
        return b""
    present = [value is not None for value in values]
    head = b"\x00" if all(present) else b"\x01" + bitmap(present)
    if T.is_boolean(type_):
        return head + bitmap([bool(value) for value in values])
    if is_string(type_) or is_binary(type_):
        return (
            head + b"".join(u32(len(v or b"")) for v in values) + b"".join(v or b"" for v in values)
        )
    if T.is_struct(type_):
        return head + fields_encoding(children(type_), values)
    if is_list(type_) or T.is_map(type_):
        elements = [element for value in values if value for element in value]
        head += b"".join(u32(len(v or [])) for v in values)
        if T.is_map(type_):
            return head + b"\x00" + fields_encoding(children(type_), elements)
        return head + encoding(type_.value_type, elements)
    return head + b"".join(bytes(width(type_)) if value is None else value for value in values)


def fields_encoding(types, values):
    return b"".join(
        encoding(type_, [None if value is None else value[i] for value in values])
        for i, type_ in enumerate(types)
    )


def cell(type_, value):
    type_ = logical(type_)
    flag = b"\x00" if value is None else b"\x01"
    if T.is_null(type_):
        return flag
    if T.is_boolean(type_):
        return flag + bytes([bool(value)])
    if is_string(type_) or is_binary(type_):
        return flag + u32(len(value or b"")) + (value or b"")
    if T.is_struct(type_):
        types = children(type_)
        return flag + b"".join(
            cell(t, v) for t, v in zip(types, value or [None] * len(types), strict=True)
        )
    if T.is_map(type_):
        entries = (
            b"\x01" + cell(type_.key_type, k) + cell(type_.item_type, v) for k, v in value or []
        )
        return flag + u32(len(value or [])) + b"".join(entries)
    if is_list(type_):
        return (
            flag + u32(len(value or [])) + b"".join(cell(type_.value_type, v) for v in value or [])
        )
    return flag + (bytes(width(type_)) if value is None else value)


def sha256(data):
    return hashlib.sha256(data).digest()


def tree(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:]))


def column_values(table, index):
    return [value_of(scalar) for chunk in table.column(index).chunks for scalar in chunk]


def header(field):
    name, type_ = field.name.encode(), token(field.type).encode()
    return u32(len(name)) + name + u32(len(type_)) + type_


def sequence(table):
    out = b"auditkit:sequence:1\0" + u64(table.num_rows) + u32(table.num_columns)
    for index, field in enumerate(table.schema):
        values = column_values(table, index)
        blocks = [values[at : at + BLOCK] for at in range(0, len(values), BLOCK)]
        leaves = [sha256(b"\x00" + u32(len(b)) + encoding(field.type, b)) for b in blocks]
        out += header(field) + tree(leaves)
    return sha256(out).hex()


def bag(table):
    columns = [column_values(table, index) for index in range(table.num_columns)]
    types = table.schema.types
    rows = (
        sha256(b"".join(cell(types[c], columns[c][r]) for c in range(len(types))))
        for r in range(table.num_rows)
    )
    counts = Counter(rows)
    out = b"auditkit:bag:1\0" + u64(table.num_rows) + u32(len(types))
    out += b"".join(header(field) for field in table.schema)
    for first in range(256):
        bucket = sorted(d for d in counts if d[0] == first)
        out += sha256(b"\x00" + b"".join(d + u64(counts[d]) for d in bucket))
    return sha256(out).hex()
