"""Arrow schemas as the manifest records them, and the fingerprint over them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa

from auditkit.datasets.arrow_types import build_type, describe_type
from auditkit.datasets.flatbuffers import Table
from auditkit.errors import TableFormatError
from auditkit.manifest.model import Field, Schema

MAX_NESTING: Final = 24
"""Deeper types would nest the manifest's JSON beyond what its readers accept."""

_DOMAIN: Final = b"auditkit:schema:1\0"
_BINARY: Final = "base64:"
_MAX_TEXT: Final = 65536
# Positions of fields in Arrow's Schema.fbs and Message.fbs.
_MESSAGE_HEADER, _SCHEMA_FIELDS, _FIELD_METADATA = 2, 1, 6


def schema_of(fields: Iterable[Field]) -> Schema:
    """Return the schema record of `fields`, with its fingerprint."""
    columns = tuple(fields)
    return Schema(fingerprint=fingerprint(columns), fields=columns)


def from_arrow(schema: pa.Schema) -> Schema:
    """Return the record of an Arrow schema; its schema-level metadata is left out.

    Writers put their own name and version there, so equal tables would have unequal schemas. An
    extension type is recorded as its storage type, with its name and parameters in the field's
    metadata (`ARROW:extension:name`, `ARROW:extension:metadata`) as Arrow's own format has it.
    Metadata that is not UTF-8, or starts with `base64:`, is written as `base64:` and Base64.

    Raises:
        TableFormatError: a name that is not UTF-8, an unsupported type, or types nested more than
            24 deep.
    """
    return schema_of(fields_of(schema))


def fields_of(schema: pa.Schema) -> tuple[Field, ...]:
    """Return the columns of an Arrow schema as `from_arrow` records them; raises as it does."""
    try:
        return tuple(_field(schema.field(i), MAX_NESTING) for i in range(len(schema)))
    except UnicodeDecodeError as error:
        raise TableFormatError("a column has a name that is not UTF-8") from error
    except (ValueError, KeyError) as error:
        raise TableFormatError(f"the schema cannot be recorded: {error}") from error


def to_arrow(schema: Schema) -> pa.Schema:
    """Return the Arrow schema of a record; the inverse of `from_arrow`, up to extension types.

    Those come back as their storage type with the metadata that marks them.

    Raises:
        TableFormatError: a type that is no token, or has the wrong children.
    """
    try:
        return pa.schema([_arrow_field(field, MAX_NESTING) for field in schema.fields])
    except (ValueError, pa.ArrowException) as error:
        raise TableFormatError(f"the recorded schema cannot be used: {error}") from error


def fingerprint(fields: Iterable[Field]) -> str:
    """Return the SHA-256, in hex, of the canonical encoding of `fields`.

    It is `auditkit:schema:1` and a zero byte, then FIELDS. FIELDS is the number of fields, then
    for each: name, type token, one byte (1 nullable, 0 not), METADATA, FIELDS of its children.
    METADATA is the number of entries, then key and value of each, sorted by the bytes of the
    keys. Numbers are 32 bits, little endian; text is its length in bytes and its UTF-8.
    """
    digest = hashlib.sha256(_DOMAIN)
    digest.update(_encode_fields(tuple(fields)))
    return digest.hexdigest()


def _field(field: pa.Field[Any], depth: int) -> Field:
    if depth == 0:
        raise ValueError(f"types are nested more than {MAX_NESTING} deep")
    type_: Any = field.type
    metadata: Mapping[bytes, bytes] = field.metadata or {}
    if isinstance(type_, pa.BaseExtensionType):
        metadata = _stored_metadata(field)
        while isinstance(type_, pa.BaseExtensionType):
            type_ = type_.storage_type
    token, children = describe_type(type_)
    if len(field.name) > _MAX_TEXT:
        raise ValueError(f"a column name has more than {_MAX_TEXT} characters")
    return Field(
        name=field.name,
        type=token,
        nullable=field.nullable,
        fields=tuple(_field(child, depth - 1) for child in children),
        metadata={_text(key): _text(value) for key, value in sorted(metadata.items())},
    )


def _arrow_field(field: Field, depth: int) -> pa.Field[Any]:
    if depth == 0:
        raise ValueError(f"types are nested more than {MAX_NESTING} deep")
    children = [_arrow_field(child, depth - 1) for child in field.fields]
    metadata = {_raw(key): _raw(value) for key, value in field.metadata.items()}
    return pa.field(
        field.name,
        build_type(field.type, children),
        nullable=field.nullable,
        metadata=metadata or None,
    )


def _stored_metadata(field: pa.Field[Any]) -> dict[bytes, bytes]:
    """Return the metadata Arrow writes for an extension field: only its message shows all."""
    message = pa.schema([field]).serialize().to_pybytes()[8:]
    header = Table.root(message).table(_MESSAGE_HEADER)
    columns = header.tables(_SCHEMA_FIELDS) if header else []
    return {pair.text(0): pair.text(1) for pair in columns[0].tables(_FIELD_METADATA)}


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = _BINARY
    if text.startswith(_BINARY):
        text = _BINARY + base64.b64encode(raw).decode()
    if len(text) > _MAX_TEXT:
        raise ValueError(f"metadata of a column has more than {_MAX_TEXT} characters")
    return text


def _raw(text: str) -> bytes:
    if not text.startswith(_BINARY):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_BINARY), validate=True)
    except binascii.Error as error:
        raise ValueError("metadata is not Base64") from error


def _encode_fields(fields: tuple[Field, ...]) -> bytes:
    return _number(len(fields)) + b"".join(
        _encode_text(field.name)
        + _encode_text(field.type)
        + bytes([field.nullable])
        + _encode_metadata(field.metadata)
        + _encode_fields(field.fields)
        for field in fields
    )


def _encode_metadata(metadata: Mapping[str, str]) -> bytes:
    pairs = sorted((key.encode(), value) for key, value in metadata.items())
    return _number(len(pairs)) + b"".join(
        _number(len(key)) + key + _encode_text(value) for key, value in pairs
    )


def _encode_text(text: str) -> bytes:
    raw = text.encode()
    return _number(len(raw)) + raw


def _number(value: int) -> bytes:
    return struct.pack("<I", value)
