"""Which files are tables: told by their names, as Arrow and Spark do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from auditkit.datasets.base import Part, Reading

TableKind = Literal["parquet", "arrow", "csv", "jsonl"]
Codec = Literal["gzip", "bz2", "zstd", "lz4"]

_KINDS: Final[dict[str, TableKind]] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".parq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_CODECS: Final[dict[str, Codec]] = {
    ".gz": "gzip",
    ".bz2": "bz2",
    ".zst": "zstd",
    ".zstd": "zstd",
    ".lz4": "lz4",
}
TITLES: Final[dict[TableKind, str]] = {
    "parquet": "Parquet",
    "arrow": "Arrow",
    "csv": "CSV",
    "jsonl": "JSON Lines",
}
"""The kinds as people call them."""

KNOWN_SUFFIXES: Final = (*_KINDS, *_CODECS)


@dataclass(frozen=True, slots=True)
class NameKind:
    """What a file's name says: a kind of table, its suffix, and the compression around it."""

    kind: TableKind
    suffix: str
    codec: Codec | None = None


def kind_of(path: str) -> NameKind | None:
    """Return what the name's suffixes say, in any case; None if it names no table.

    Only text tables are compressed as a whole: `a.parquet.gz` is no table.
    """
    stem, suffix = _split(path.lower())
    codec = _CODECS.get(suffix)
    if codec is not None:
        _, suffix = _split(stem)
    kind = _KINDS.get(suffix)
    if kind is None or (codec is not None and kind not in {"csv", "jsonl"}):
        return None
    return NameKind(kind, suffix, codec)


def is_data(path: str) -> bool:
    """Tell whether readers of a table folder look at this file.

    Names that start with `.` or `_`, and all inside such folders, are markers and metadata
    (`_SUCCESS`, `_metadata`); a partition folder `_key=value` is data.
    """
    return not any(
        segment.startswith(".") or (segment.startswith("_") and "=" not in segment)
        for segment in path.split("/")
    )


def guess_format(parts: Iterable[Part], *, single: bool) -> Reading:
    """Return `table` if all data files are tables of one kind, else `files`."""
    kinds = {
        found.kind if (found := kind_of(part.path)) else None
        for part in parts
        if single or is_data(part.path)
    }
    return "table" if len(kinds) == 1 and None not in kinds else "files"


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and dot else (name, "")
