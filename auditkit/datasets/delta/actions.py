"""What stands in a log: actions, as commits have them in JSON and checkpoints in Parquet.

Source: Delta Transaction Log Protocol, "Actions". Unknown actions and fields are left out, as the
protocol asks; whatever changes a reading is announced by a table feature.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import msgspec

from auditkit.errors import TableFormatError
from auditkit.manifest.typeinfo import resolved


class _Struct(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class Vector(_Struct, frozen=True):
    """A deletion vector's descriptor: which rows of a file are not in the table any more."""

    storage_type: str
    path_or_inline_dv: str
    size_in_bytes: int
    cardinality: int
    offset: int | None = None

    @property
    def id(self) -> str:
        """The unique id: two vectors of one file have two."""
        place = "" if self.offset is None else f"@{self.offset}"
        return f"{self.storage_type}{self.path_or_inline_dv}{place}"

    @property
    def path(self) -> str | None:
        """Where it is stored, relative to the table; None for one that stands in the log itself.

        Raises TableFormatError for one stored anywhere else.
        """
        if self.storage_type == "i":
            return None
        if self.storage_type != "u":
            raise TableFormatError("a deletion vector is stored outside of the table")
        prefix, name = self.path_or_inline_dv[:-20], self.path_or_inline_dv[-20:]
        folder = f"{prefix}/" if prefix else ""
        return f"{folder}deletion_vector_{_uuid(from_z85(name))}.bin"


class LogicalFile(_Struct, frozen=True):
    """A data file without the rows that its deletion vector names: added, or removed.

    `partition_values` are those of the partition columns for all of its rows. `deletion_timestamp`
    is when it was removed, in milliseconds since 1970, as the writer says.
    """

    path: str
    deletion_vector: Vector | None = None
    size: int = -1
    partition_values: dict[str, str | None] = {}
    stats: str | None = None
    deletion_timestamp: int | None = None

    @property
    def vector_id(self) -> str | None:
        """The id of its deletion vector."""
        return self.deletion_vector.id if self.deletion_vector else None

    @property
    def stated_rows(self) -> int | None:
        """How many rows the writer says the file has: never evidence."""
        try:
            stated = msgspec.json.decode(self.stats or "{}", type=resolved(_Stats))
        except msgspec.DecodeError:
            return None
        return stated.num_records


class TableFormat(_Struct, frozen=True):
    """The format of data files."""

    provider: str = "parquet"


class MetaData(_Struct, frozen=True):
    """What the table is."""

    id: str
    schema_string: str
    format: TableFormat = TableFormat()
    name: str | None = None
    partition_columns: tuple[str, ...] = ()
    configuration: dict[str, str | None] = {}


class Protocol(_Struct, frozen=True):
    """What readers and writers must know."""

    min_reader_version: int
    min_writer_version: int
    reader_features: tuple[str, ...] | None = None
    writer_features: tuple[str, ...] | None = None


class Sidecar(_Struct, frozen=True):
    """A file beside a checkpoint with some of its actions."""

    path: str


class Action(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of a commit, or one row of a checkpoint; at most one field is set."""

    add: LogicalFile | None = None
    remove: LogicalFile | None = None
    meta_data: MetaData | None = None
    protocol: Protocol | None = None
    sidecar: Sidecar | None = None
    commit_info: dict[str, Any] | None = None


class _Stats(_Struct, frozen=True):
    num_records: int | None = None


_LINES = msgspec.json.Decoder(Action)


def parse_commit(data: bytes) -> Iterator[Action]:
    """Yield the actions of a commit or a checkpoint in JSON, line by line.

    Raises TableFormatError for a line that is no action.
    """
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _LINES.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise TableFormatError(f"line {number} is no action of a log ({error})") from error


def parse_rows(rows: list[dict[str, Any]]) -> Iterator[Action]:
    """Yield the actions in rows of a checkpoint; raises TableFormatError for other rows."""
    for row in rows:
        try:
            yield msgspec.convert(_without_nulls(row), resolved(Action))
        except (msgspec.ValidationError, RecursionError) as error:
            raise TableFormatError(f"the checkpoint has no actions ({error})") from error


def _without_nulls(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    return {name: _without_nulls(each) for name, each in found.items() if each is not None}


_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_AS_B85 = str.maketrans(_Z85, _B85)


def from_z85(text: str) -> bytes:
    """Return the bytes that Z85 (ZeroMQ RFC 32) writes as `text`.

    Raises TableFormatError for what is not Z85.
    """
    if len(text) % 5 or set(text) - set(_Z85):
        raise TableFormatError("a deletion vector is not written in Z85")
    try:
        return base64.b85decode(text.translate(_AS_B85))
    except ValueError as error:
        raise TableFormatError("a deletion vector is not written in Z85") from error


def _uuid(raw: bytes) -> str:
    digits = raw.hex()
    if len(digits) != 32:
        raise TableFormatError("a deletion vector's name is no UUID")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
