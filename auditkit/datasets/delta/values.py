"""Values of partition columns, which a log has as text.

Source: Delta Transaction Log Protocol, "Partition Value Serialization".
"""

from __future__ import annotations

import re
from typing import Any, Final

import pyarrow as pa

from auditkit.datasets.names import printable
from auditkit.errors import TableFormatError

_ESCAPED = re.compile(r"(?:\\u00[0-9A-Fa-f]{2})+")
_ZONE: Final = "Z"


def partition_value(text: str | None, type_: pa.DataType) -> Any:
    """Return the Arrow scalar of `type_` that `text` stands for; empty text is a null.

    A time without a zone is taken as UTC, as writers are asked to write it.

    Raises:
        TableFormatError: it is no value of the type.
    """
    if text is None or text == "":
        return pa.scalar(None, type_)
    try:
        if pa.types.is_binary(type_):
            return pa.scalar(_binary(text), type_)
        if pa.types.is_timestamp(type_):
            return _time(text, type_)
        return pa.scalar(text).cast(type_)
    except (pa.ArrowException, ValueError) as error:
        raise TableFormatError(
            f"{printable(text)[:80]!r} is no {type_} of a partition column"
        ) from error


def _binary(text: str) -> bytes:
    if _ESCAPED.fullmatch(text):
        return bytes.fromhex(text.replace("\\u00", ""))
    return text.encode("latin-1")


def _time(text: str, type_: Any) -> Any:
    naive = pa.scalar(text.removesuffix(_ZONE)).cast(pa.timestamp("us"))
    return naive.cast(pa.int64()).cast(type_)
