"""How a CSV file is written: its delimiter, whether it has a header, the names in it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from auditkit.datasets.kinds import kind_of
from auditkit.datasets.names import printable
from auditkit.errors import TableFormatError
from auditkit.manifest.model import CsvDialect

HEAD_BYTES: Final = 1024 * 1024
"""The header must end within this many bytes."""

_DELIMITERS: Final = ",\t;|"
_QUOTED = re.compile(r'"(?:[^"]|"")*+"?')
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_WRONG_ENCODING: Final = "Convert it to UTF-8, or record the data set as files:PATH."


def read_head(stream: pa.NativeFile) -> bytes:
    """Return the first MiB of a file without byte order mark and leading empty lines.

    A file without a last newline gets one: pyarrow skips a header only if its line ends.

    Raises:
        TableFormatError: there is nothing in it, or it is UTF-16.
    """
    head: bytes = stream.read(HEAD_BYTES)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TableFormatError("is UTF-16, and only UTF-8 is read", hint=_WRONG_ENCODING)
    cleaned = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    if not cleaned:
        raise TableFormatError("is empty, so it has no columns")
    whole = len(head) < HEAD_BYTES and not cleaned.endswith((b"\n", b"\r"))
    return cleaned + b"\n" if whole else cleaned


def sniff_dialect(head: bytes, path: str) -> CsvDialect:
    """Return the dialect that the head and the name of a file tell.

    The delimiter is a tab for `.tsv`, otherwise the one of comma, tab, semicolon and bar that is
    most frequent outside quotes in the first row, in this order of preference. There is a header
    unless every cell of the first row is a number. Quotes are `"`, doubled inside quotes; there
    is no escape character. The null tokens are pyarrow's.

    Raises:
        TableFormatError: as `first_row`.
    """
    name = kind_of(path)
    delimiter = "\t" if name is not None and name.suffix == ".tsv" else _find_delimiter(head)
    cells = first_row(head, CsvDialect(delimiter=delimiter))
    return CsvDialect(
        delimiter=delimiter,
        header=not all(_NUMBER.fullmatch(cell) for cell in cells),
        null_values=tuple(pa_csv.ConvertOptions().null_values or ()),
    )


def first_row(head: bytes, dialect: CsvDialect) -> list[str]:
    """Return the cells of the first row in what `read_head` gave.

    Raises:
        TableFormatError: not UTF-8, or no row that ends within the first MiB.
    """
    try:
        text = io.StringIO(codecs.getincrementaldecoder("utf-8")().decode(head), newline="")
        cells = next(
            csv.reader(
                text,
                delimiter=dialect.delimiter,
                quotechar=dialect.quote or None,
                doublequote=dialect.double_quote,
                escapechar=dialect.escape or None,
                quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            )
        )
    except UnicodeDecodeError as error:
        raise TableFormatError("is not UTF-8", hint=_WRONG_ENCODING) from error
    except (csv.Error, TypeError, ValueError) as error:
        raise TableFormatError(f"has no readable first row ({printable(str(error))})") from error
    if not text.getvalue()[: text.tell()].endswith(("\n", "\r")):
        raise TableFormatError(f"has a first row of more than {HEAD_BYTES} bytes")
    return cells


def _find_delimiter(head: bytes) -> str:
    text = _QUOTED.sub("", head.decode("utf-8", "replace"))
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(_DELIMITERS, key=line.count)
