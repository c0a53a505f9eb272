from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditkit.datasets.base import FileEntry
from auditkit.datasets.inventory import read_inventory, root_of, root_of_digests, write_inventory
from auditkit.digests import dir_hash
from auditkit.errors import SidecarError
from auditkit.evidence import InventoryEntry

DIGEST = "0" * 64


def digests(bytes_):
    return st.binary(max_size=3).map(lambda raw: hashlib.shake_128(raw).hexdigest(bytes_))


def entries_with(**further):
    return st.lists(
    st.builds(
        InventoryEntry,
        path=st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=5)
            .filter(lambda name: name not in {".", ".."}),
            min_size=1,
            max_size=3,
        ).map("/".join),
        size=st.integers(0, 2**53 - 1),
        sha256=digests(32),
        rows=st.one_of(st.none(), st.integers(0, 2**53 - 1)),
        **further,
    ),
    min_size=1,
    unique_by=lambda entry: entry.path,
)  # fmt: skip


ENTRIES = st.one_of(
    entries_with(),
    entries_with(sha512=digests(64)),
    entries_with(blake3=digests(32)),
    entries_with(blake3=digests(32), sha512=digests(64)),
)


@settings(deadline=None)
@given(ENTRIES)
def test_round_trip(entries):
    data = write_inventory(entries)
    ordered = sorted(entries, key=lambda entry: entry.path.encode())
    assert read_inventory(data) == ordered
    assert write_inventory(reversed(entries)) == data
    assert root_of(read_inventory(data), "folder") == {
        "dirHash": dir_hash((e.path, e.sha256) for e in entries)
    }


def test_root_of_a_file_is_its_digest():
    assert root_of_digests([("a", DIGEST)], "file") == {"sha256": DIGEST}
    assert root_of_digests([("a", DIGEST), ("b", DIGEST)], "file") == {}


def test_scanned_entries_need_digests():
    read = FileEntry("a", 1, DIGEST, 5)
    assert read_inventory(write_inventory([read])) == [
        InventoryEntry(path="a", size=1, sha256=DIGEST, rows=5)
    ]
    with pytest.raises(ValueError, match="digest"):
        write_inventory([FileEntry("a", 1, None)])


def test_more_than_one_batch():
    entries = [InventoryEntry(path=f"{i:06}", size=i, sha256=DIGEST) for i in range(40_000)]
    assert read_inventory(write_inventory(entries)) == entries


FIELDS = [
    pa.field("path", pa.string()),
    pa.field("size", pa.int64()),
    pa.field("sha256", pa.string()),
    pa.field("rows", pa.int64()),
]


def table(paths=("a",), sizes=None, digests=None, rows=None, **types) -> bytes:
    count = len(paths)
    schema = pa.schema(
        [
            pa.field("path", types.get("path", pa.string()), nullable=False),
            pa.field("size", types.get("size", pa.int64()), nullable=False),
            pa.field("sha256", pa.string(), nullable=types.get("null_digest", False)),
            pa.field("rows", pa.int64()),
        ]
    )
    columns = [
        pa.array(paths, schema.field("path").type),
        pa.array([0] * count if sizes is None else sizes, schema.field("size").type),
        pa.array([DIGEST] * count if digests is None else digests, pa.string()),
        pa.array([None] * count if rows is None else rows, pa.int64()),
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=schema), sink)
    return sink.getvalue().to_pybytes()


def repeated() -> bytes:
    """Return a small file of a long path many times, which would take gigabytes unpacked."""
    schema = pa.schema([field.with_nullable(field.name == "rows") for field in FIELDS])
    count = 4000
    long = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), ["x" * 900_000])
    columns = [long, [0] * count, [DIGEST] * count, pa.nulls(count, pa.int64())]
    fields = [schema.field(0).with_type(long.type), *list(schema)[1:]]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=pa.schema(fields)), sink, store_schema=False)
    assert sink.tell() < 1_000_000
    return sink.getvalue().to_pybytes()


def other_columns() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"path": ["a"]}), sink)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a readable inventory"),
        (b"PAR1" + b"\xff" * 50 + b"PAR1", "not a readable inventory"),
        (table()[:-9], "not a readable inventory"),
        (other_columns(), "other columns"),
        (table(path=pa.large_string()), "other columns"),
        (table(sizes=[1], size=pa.int32()), "other columns"),
        (table(digests=[None], null_digest=True), "other columns"),
        (table(paths=[]), "lists no files"),
        (table(paths=["a", "a"]), "twice or out of order"),
        (table(paths=["b", "a"]), "twice or out of order"),
        (table(paths=["\U0001f600", "\uffee"]), "twice or out of order"),
        (table(paths=[""]), "twice or out of order"),
        (table(paths=["../a"]), "not a path inside"),
        (table(paths=["/etc/passwd"]), "not a path inside"),
        (table(paths=["a/../b"]), "not a path inside"),
        (table(paths=["a//b"]), "not a path inside"),
        (table(paths=["./a"]), "not a path inside"),
        (table(paths=["a/"]), "not a path inside"),
        (table(paths=["a\\b"]), "not a path inside"),
        (table(paths=["a\nb"]), "not a path inside"),
        (table(paths=["a/" * 3000 + "b"]), "overlong"),
        (table(sizes=[-1]), "not a number"),
        (table(sizes=[2**53]), "not a number"),
        (table(rows=[-1]), "not a number"),
        (table(digests=["0" * 63]), "not a sha256"),
        (table(digests=["A" * 64]), "not a sha256"),
        (table(digests=["x" * 10_000_000]), "overlong"),
        (repeated(), "overlong"),
    ],
)  # fmt: skip
def test_hostile_sidecars(data, reason):
    with pytest.raises(SidecarError, match=reason):
        read_inventory(data)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_damage_is_a_traceback(data):
    content = bytearray(table(paths=["a", "b", "c"]))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_inventory(bytes(content))
    except SidecarError as error:
        assert error.exit_code == 10  # noqa: PT017 -- either outcome is right


def with_further(**columns: list[str]) -> bytes:
    """Return the inventory of one file with more columns, in this order."""
    read = pq.read_table(pa.BufferReader(write_inventory([FileEntry("a", 1, DIGEST)])))
    for name, values in columns.items():
        field = pa.field(name, pa.string(), nullable=False)
        read = read.append_column(field, pa.array(values))
    sink = pa.BufferOutputStream()
    pq.write_table(read, sink)
    return sink.getvalue().to_pybytes()


def test_further_digests_are_read():
    (entry,) = read_inventory(with_further(sha512=["0" * 128], blake3=["1" * 64]))
    assert (entry.sha512, entry.blake3) == ("0" * 128, "1" * 64)


@pytest.mark.parametrize(
    "columns",
    [
        {"blake3": ["1" * 64], "sha512": ["0" * 128]},
        {"md5": ["0" * 32]},
        {"sha512": ["0" * 64]},
        {"blake3": ["G" * 64]},
        {"blake3": ["x" * 10_000_000]},
    ],
    ids=["order", "unknown", "short", "no hex", "long"],
)
def test_hostile_further_digests(columns):
    with pytest.raises(SidecarError):
        read_inventory(with_further(**columns))
