"""The inventory sidecar: a data set's files as a Parquet table.

Columns `path` (string), `size` (int64, bytes), `sha256` (string, hex) and `rows` (int64, null
where not counted), then `sha512` and `blake3` (string, hex) if they were recorded, and `version`
`etag` and `checksum` (string, null where there is none) of objects in a bucket; sorted by the UTF-8
bytes of `path`.
"""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from operator import sub
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import UNSET

from auditkit.datasets.base import Entries, FileEntry
from auditkit.datasets.files import DIGEST_BYTES, Packed, Paths
from auditkit.datasets.location import MAX_FILES
from auditkit.datasets.names import MAX_PATH_BYTES, is_plain_name, is_recordable_path, printable
from auditkit.digests import DIGEST_SIZES, FURTHER_DIGESTS, DirHash, FurtherDigest
from auditkit.errors import SidecarError
from auditkit.evidence import InventoryEntry
from auditkit.schemes import MAX_SIDECAR_BYTES

_FIELDS: Final[list[pa.Field[Any]]] = [
    pa.field("path", pa.string(), nullable=False),
    pa.field("size", pa.int64(), nullable=False),
    pa.field("sha256", pa.string(), nullable=False),
    pa.field("rows", pa.int64()),
]
_STATES: Final[list[pa.Field[Any]]] = [
    pa.field("version", pa.string()),
    pa.field("etag", pa.string()),
    pa.field("checksum", pa.string()),
]
_BATCH_ROWS: Final = 16_384
"""Files in a row group, and read at a time: a reader keeps the text of one row group."""

_MAX_LABEL: Final = 1024
"""Longest version id (Amazon S3 User Guide, Using S3 Versioning)."""

_MAX_COUNT: Final = 2**53 - 1
_DIGESTS = {name: re.compile(f"[0-9a-f]{{{2 * size}}}") for name, size in DIGEST_SIZES.items()}

Root = dict[Literal["sha256", "dirHash"], str]


@dataclass(frozen=True, slots=True)
class ObjectStates:
    """Version, entity tag and checksum of each object, empty where there is none.

    They are hints, never evidence. A version says which bytes to read; the others are what the
    server states. A checksum is `ALGORITHM:TYPE:VALUE`, in the words of S3.
    """

    versions: Paths
    etags: Paths
    checksums: Paths

    @classmethod
    def empty(cls) -> ObjectStates:
        """Return the states of no objects, to be added to."""
        return cls(Paths(()), Paths(()), Paths(()))

    @property
    def columns(self) -> dict[str, Paths]:
        """The columns of a sidecar by name."""
        return {"version": self.versions, "etag": self.etags, "checksum": self.checksums}


class Inventory(Packed[InventoryEntry]):
    """The files that a sidecar lists, packed; `states` are those of objects in a bucket."""

    __slots__ = ("files", "states")

    def __init__(self, files: Entries, states: ObjectStates | None = None) -> None:
        self.files = files
        self.states = states

    def __len__(self) -> int:
        return len(self.files)

    def _item(self, index: int) -> InventoryEntry:
        file = self.files[index]
        return InventoryEntry(
            path=file.path,
            size=file.size,
            sha256=file.sha256 or "",
            rows=file.rows,
            sha512=file.sha512 or UNSET,
            blake3=file.blake3 or UNSET,
        )

    @property
    def further(self) -> tuple[FurtherDigest, ...]:
        """The digests that every file has beside SHA-256."""
        return tuple(self.files.further)

    @property
    def bytes(self) -> int:
        """Sum of the sizes."""
        return self.files.bytes


def write_inventory(
    entries: Entries | Iterable[FileEntry | InventoryEntry], states: ObjectStates | None = None
) -> bytes:
    """Return the sidecar: the same bytes for the same entries and the same pyarrow.

    `states` are of the same files in the same order. Raises ValueError for an entry without a
    digest.
    """
    if not isinstance(entries, Entries):
        entries = Entries.of(sorted(entries, key=lambda entry: entry.path.encode()))
    if len(entries) and not entries.digests:
        raise ValueError("an inventory needs the digest of every file")
    sink = io.BytesIO()
    schema = _schema(entries.further, states=states is not None)
    with pq.ParquetWriter(sink, schema, compression="zstd", use_dictionary=False) as writer:
        for start in range(0, len(entries), _BATCH_ROWS):
            stop = min(start + _BATCH_ROWS, len(entries))
            columns = [*_columns(entries, start, stop), *_state_columns(states, start, stop)]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    return sink.getvalue()


def _schema(further: Iterable[FurtherDigest], *, states: bool) -> pa.Schema:
    more = (pa.field(name, pa.string(), nullable=False) for name in further)
    return pa.schema([*_FIELDS, *more, *(_STATES if states else ())])


def _columns(entries: Entries, start: int, stop: int) -> list[pa.Array[Any]]:
    """Return some entries as Arrow; from buffers, since `pa.array` of a list imports pandas."""
    count = stop - start
    ends = entries.paths.ends[start : stop + 1]
    text = entries.paths.text[ends[0] : ends[-1]]
    return [
        _strings(count, array("i", (end - ends[0] for end in ends)), bytes(text)),
        pa.Array.from_buffers(
            pa.int64(), count, [None, pa.py_buffer(entries.sizes[start:stop].tobytes())]
        ),
        _hex(entries.digests, DIGEST_BYTES, start, stop),
        _rows(entries, start, stop),
        *(
            _hex(packed, DIGEST_SIZES[name], start, stop)
            for name, packed in entries.further.items()
        ),
    ]


def _state_columns(states: ObjectStates | None, start: int, stop: int) -> list[pa.Array[Any]]:
    if states is None:
        return []
    chosen = (texts[start:stop] for texts in states.columns.values())
    return [pa.array([text or None for text in texts], pa.string()) for texts in chosen]


def _hex(packed: bytes | bytearray, size: int, start: int, stop: int) -> pa.Array[Any]:
    digits = packed[start * size : stop * size].hex().encode()
    ends = array("i", range(0, len(digits) + 1, 2 * size))
    return _strings(stop - start, ends, digits)


def _strings(count: int, offsets: array[int], text: bytes) -> pa.Array[Any]:
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def _rows(entries: Entries, start: int, stop: int) -> pa.Array[Any]:
    values = array("q", bytes(8 * (stop - start)))
    known = bytearray((stop - start + 7) // 8)
    for index in range(start, stop) if entries.rows else ():
        rows = entries.rows.get(index)
        if rows is not None:
            values[index - start] = rows
            known[(index - start) // 8] |= 1 << (index - start) % 8
    buffers: list[pa.Buffer | None] = [pa.py_buffer(bytes(known)), pa.py_buffer(values.tobytes())]
    return pa.Array.from_buffers(pa.int64(), stop - start, buffers)


def read_inventory(data: bytes) -> Inventory:
    """Return the entries of a sidecar.

    Raises:
        SidecarError: not such a table; too large; a path that is not relative, leaves the data
            set or has an illegal name; paths twice or out of order; a bad digest or number.
    """
    if len(data) > MAX_SIDECAR_BYTES:
        raise SidecarError(f"the inventory has {len(data)} bytes, more than {MAX_SIDECAR_BYTES}")
    try:
        inventory = _read(data)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = printable(str(error).split("\n", 1)[0][:200])
        raise SidecarError(f"not a readable inventory ({reason})") from error
    if not inventory:
        raise SidecarError("the inventory lists no files")
    return inventory


def root_of(inventory: Inventory, kind: Literal["file", "folder"]) -> Root:
    """Return the root over an inventory: see `root_of_digests`."""
    return root_of_digests(inventory.files.iter_digests(), kind)


def root_of_digests(digests: Iterable[tuple[str, str]], kind: Literal["file", "folder"]) -> Root:
    """Return the root over (path, SHA-256 hex) pairs, sorted by the UTF-8 bytes of the paths.

    It is `sha256` of a single file and `dirHash` of a folder. A file without exactly one pair
    has no root: the result is empty. Raises ValueError for pairs out of order.
    """
    if kind == "file":
        found = list(islice(digests, 2))
        return {"sha256": found[0][1]} if len(found) == 1 else {}
    root = DirHash()
    for path, digest in digests:
        root.add(path, digest)
    return {"dirHash": root.hexdigest()}


def _read(data: bytes) -> Inventory:
    footer = pq.read_metadata(pa.BufferReader(data))
    schema = footer.schema.to_arrow_schema()
    further = tuple(name for name in FURTHER_DIGESTS if name in schema.names)
    states = ObjectStates.empty() if "version" in schema.names else None
    if not schema.equals(_schema(further, states=states is not None)):
        raise ValueError("it has other columns")
    if footer.num_rows > MAX_FILES:
        raise ValueError(f"it lists more than {MAX_FILES} files")
    paths, sizes, digests = Paths(()), array("q"), bytearray()
    more = {name: bytearray() for name in further}
    counted: dict[int, int] = {}
    last = b""
    for batch in _batches(data, footer):
        texts = _texts(batch, "path")
        last = _check_paths(texts, last)
        counted |= _counted(batch.column("rows"), len(paths))
        paths.extend(texts)
        sizes += _sizes(batch.column("size"))
        digests += _digests(batch, "sha256")
        for name, packed in more.items():
            packed.extend(_digests(batch, name))
        for column, labels in states.columns.items() if states is not None else ():
            labels.extend(_labels(batch, column))
    return Inventory(Entries(paths, sizes, digests, counted, further=more), states)


def _batches(data: bytes, footer: pq.FileMetaData) -> Iterator[pa.RecordBatch]:
    """Yield all rows; text is dictionaries, so that one value a million times stays one.

    They are read group by group, as a reader's dictionary only ever grows.
    """
    file = pq.ParquetFile(
        pa.BufferReader(data),
        metadata=footer,
        read_dictionary=[
            field.name for field in footer.schema.to_arrow_schema() if field.type == pa.string()
        ],
    )
    for group in range(footer.num_row_groups):
        yield from file.iter_batches(_BATCH_ROWS, row_groups=[group], use_threads=False)


def _texts(batch: pa.RecordBatch, name: str) -> list[str]:
    column: Any = batch.column(name)
    if column.null_count or _longest(column.dictionary) > MAX_PATH_BYTES:
        raise ValueError(f"an overlong or absent {name}")
    texts: list[str] = column.dictionary_decode().to_pylist()
    return texts


def _longest(texts: pa.Array[Any]) -> int:
    """Return the bytes of the longest text, from its offsets: `pyarrow.compute` costs 80 ms."""
    offsets = texts.buffers()[1]
    if not len(texts) or offsets is None:
        return 0
    ends = memoryview(offsets).cast("i")[texts.offset : texts.offset + len(texts) + 1]
    longest: int = max(map(sub, ends[1:], ends))
    return longest


def _labels(batch: pa.RecordBatch, name: str) -> list[str]:
    """Return texts that a server made up, empty for null."""
    column: Any = batch.column(name)
    if _longest(column.dictionary) > _MAX_LABEL:
        raise ValueError(f"an overlong {name}")
    labels: list[str | None] = column.dictionary_decode().to_pylist()
    for label in labels:
        if label is not None and not (label and is_plain_name(label)):
            raise ValueError(f"not a {name}: {label[:80]!r}")
    return [label or "" for label in labels]


def _check_paths(paths: list[str], last: bytes) -> bytes:
    """Return the last path as bytes; all at once where there is nothing to object to."""
    for before, after in pairwise([last, *(path.encode() for path in paths)]):
        if after <= before:
            raise ValueError(
                f"paths twice or out of order, at {after[:80].decode(errors='replace')!r}"
            )
    joined = "/" + "/\n/".join(paths) + "/"
    if not is_plain_name("".join(paths)) or any(odd in joined for odd in ("//", "/./", "/../")):
        for path in paths:
            if not is_recordable_path(path):
                raise ValueError(f"not a path inside a data set: {path[:80]!r}")
    return paths[-1].encode() if paths else last


def _digests(batch: pa.RecordBatch, name: str) -> bytes:
    texts = _texts(batch, name)
    for text in texts:
        if not _DIGESTS[name].fullmatch(text):
            raise ValueError(f"not a {name}: {text[:80]!r}")
    return bytes.fromhex("".join(texts))


def _sizes(column: pa.Array[Any]) -> array[int]:
    values: list[Any] = column.to_pylist()
    if any(value is None or not 0 <= value <= _MAX_COUNT for value in values):
        raise ValueError("not a number of bytes")
    return array("q", values)


def _counted(column: pa.Array[Any], first: int) -> dict[int, int]:
    if column.null_count == len(column):
        return {}
    rows = column.to_pylist()
    if any(value is not None and not 0 <= value <= _MAX_COUNT for value in rows):
        raise ValueError("not a number of rows")
    return {first + index: value for index, value in enumerate(rows) if value is not None}
