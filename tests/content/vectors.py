"""The test vectors of content digests: `python tests/content/vectors.py` writes them again.

Digests come from the reference implementation, so the vectors do not repeat what they test.
"""

import json
import sys
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from content import reference

FOLDER = Path(__file__).parents[1] / "vectors" / "content"
WORDS = ["", "a", None, "é", "e\u0301", "\x00", "long enough not to be inlined by a view"]


def floats(type_, width, words):
    return pa.Array.from_buffers(
        type_, len(words), [None, pa.py_buffer(np.array(words, f"<u{width}"))]
    )


def floats_table():
    return pa.table(
        {
            "half": floats(pa.float16(), 2, [0, 0x8000, 0x7E00, 0xFE01, 0x7C00, 1]),
            "single": floats(pa.float32(), 4, [0, 1 << 31, 0x7FC00000, 0x7F800001, 0x7F800000, 1]),
            "double": floats(
                pa.float64(), 8, [0, 1 << 63, 0x7FF8 << 48, (0x7FF0 << 48) + 1, 0x7FF0 << 48, 1]
            ),
        }
    )


def hidden_table():
    """Values under nulls and under null parents; the visible rows are [null, 2], [[], [3]]."""
    numbers = pa.Array.from_buffers(
        pa.int32(), 2, [pa.py_buffer(b"\x02"), pa.py_buffer(np.array([77, 2], "<i4"))]
    )
    mask = pa.array([True, False])
    lists = pa.ListArray.from_arrays(
        pa.array([0, 2, 3], pa.int32()), pa.array([1, 2, 3]), mask=mask
    )
    structs = pa.StructArray.from_arrays([pa.array([5, 6])], names=["x"], mask=mask)
    text = pa.Array.from_buffers(
        pa.string(),
        2,
        [pa.py_buffer(b"\x02"), pa.py_buffer(np.array([0, 6, 7], "<i4")), pa.py_buffer(b"hiddenv")],
    )
    return pa.table({"numbers": numbers, "lists": lists, "structs": structs, "text": text})


def nested_table():
    point = pa.struct([("x", pa.int8()), ("tags", pa.list_(pa.string()))])
    return pa.table(
        {
            "points": pa.array(
                [[{"x": 1, "tags": ["a", None]}, None], None, [], [{"x": None, "tags": None}]],
                pa.list_(point),
            ),
            "map": pa.array(
                [[("k", 1), ("k", None)], [], None, [("", 0)]], pa.map_(pa.string(), pa.int16())
            ),
            "pair": pa.array([[1, 2], None, [None, 4], [5, 6]], pa.list_(pa.int32(), 2)),
        }
    )


def temporal_table():
    stamps = [0, None, -1, 1_700_000_000]
    return pa.table(
        {
            "date": pa.array(
                [date(1970, 1, 2), None, date(1969, 12, 31), date(2024, 2, 29)], pa.date64()
            ),
            "time": pa.array([time(0), None, time(23, 59, 59), time(12)], pa.time32("ms")),
            "instant": pa.array(stamps, pa.timestamp("s", "Europe/Vienna")),
            "local": pa.array(stamps, pa.timestamp("ns")),
            "duration": pa.array(stamps, pa.duration("us")),
            "interval": pa.array(
                [pa.MonthDayNano([1, -2, 3]), None, pa.MonthDayNano([0, 0, 0]), None]
            ),
        }
    )


def decimal_table():
    values = [Decimal("1.50"), None, Decimal("-0.01"), Decimal(0)]
    kinds = {"d32": pa.decimal32(5, 2), "d64": pa.decimal64(5, 2), "d128": pa.decimal128(5, 2)}
    kinds |= {"d256": pa.decimal256(5, 2), "wide": pa.decimal256(50, 2)}
    return pa.table({name: pa.array(values, type_) for name, type_ in kinds.items()})


def integers_table():
    kinds = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
    return pa.table({kind: pa.array([0, None, 1, 127], getattr(pa, kind)()) for kind in kinds})


def words_table(make):
    return pa.table({"words": make(pa.array(WORDS))})


def run_ends(array):
    return pa.RunEndEncodedArray.from_arrays(pa.array(range(1, len(array) + 1), pa.int32()), array)


def two_blocks_table():
    return pa.table(
        {
            "n": pa.array(np.arange(65_537) % 251, pa.uint8()),
            "odd": pa.array(np.arange(65_537) % 2 == 1),
        }
    )


CASES = {
    "no-columns": lambda: pa.table({}),
    "no-rows": lambda: pa.table(
        {"a": pa.array([], pa.int64()), "a ": pa.array([], pa.list_(pa.string()))}
    ),
    "same-name-twice": lambda: pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]),
    "nulls-only": lambda: pa.table(
        {"null": pa.nulls(3), "int8": pa.nulls(3, pa.int8()), "bool": pa.nulls(3, pa.bool_())}
    ),
    "integers": integers_table,
    "booleans": lambda: pa.table({"b": [True, None, False, True, True, False, None, False, True]}),
    "floats": floats_table,
    "decimals": decimal_table,
    "temporal": temporal_table,
    "binary": lambda: pa.table(
        {"b": [b"\xff\x00", None, b""], "f": pa.array([b"abc", None, b"xyz"], pa.binary(3))}
    ),
    "uuid-extension": lambda: pa.table({"id": pa.array([bytes(range(16)), None], pa.uuid())}),
    "strings": lambda: words_table(lambda array: array),
    "strings-large": lambda: words_table(lambda array: array.cast(pa.large_string())),
    "strings-view": lambda: words_table(lambda array: array.cast(pa.string_view())),
    "strings-dictionary": lambda: words_table(
        lambda array: array.dictionary_encode(null_encoding="encode")
    ),
    "strings-run-ends": lambda: words_table(run_ends),
    "nested": nested_table,
    "hidden-under-null": hidden_table,
    "duplicate-rows": lambda: pa.table({"a": [1, 2, 1, None, 1, None]}),
    "duplicate-rows-reordered": lambda: pa.table({"a": [None, 1, 1, 2, None, 1]}),
    "two-blocks": two_blocks_table,
}


def described(table):
    return {
        "rows": table.num_rows,
        "columns": [[field.name, reference.token(field.type)] for field in table.schema],
        "sequence": reference.sequence(table),
        "bag": reference.bag(table),
    }


def arrow_bytes(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(
        sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")
    ) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def main():
    for name, make in CASES.items():
        table = make()
        (FOLDER / f"{name}.arrow").write_bytes(arrow_bytes(table))
        (FOLDER / f"{name}.json").write_text(
            json.dumps(described(table), indent=1, ensure_ascii=False) + "\n"
        )


if __name__ == "__main__":
    main()
