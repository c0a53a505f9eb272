"""Delta tables for tests: written by deltalake, and what it cannot write, by hand into the log."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from auditkit.datasets.base import ContentRequest, Plan, Reference, Scan
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress

TABLE = pa.table(
    {
        "id": pa.array(range(100), pa.int64()),
        "amount": [n / 4 for n in range(100)],
        "name": [f"row {n}" for n in range(100)],
        "day": [date.fromordinal(738_000 + n) for n in range(100)],
    }
)

NO_DELAY = {
    "delta.logRetentionDuration": "interval 0 days",
    "delta.deletedFileRetentionDuration": "interval 0 days",
    "delta.enableExpiredLogCleanup": "true",
}
"""Table properties under which retention removes everything at once."""


def rows_of(folder: Path, version: int | None = None) -> pa.Table:
    """Return the rows of a version as deltalake reads them."""
    return pa.table(DeltaTable(folder, version=version).scan().read_all())


def append(folder: Path, rows: pa.Table, **options: Any) -> None:
    write_deltalake(folder, rows, mode="append", **options)


def vacuum(folder: Path) -> None:
    DeltaTable(folder).vacuum(0, dry_run=False, enforce_retention_duration=False)


def read(folder: Path, version: str | None = None, **options: Any) -> Scan:
    options.setdefault("content", ContentRequest("bag"))
    found = planned(folder, version, collect=options.get("collect", False))
    return scan(found, executor=ThreadExecutor(2), progress=SilentProgress(), **options)


def planned(folder: Path, version: str | None = None, *, collect: bool = False) -> Plan:
    return plan(Reference(str(folder), "delta", version), base=Path("/"), collect=collect)


def commits(folder: Path) -> list[Path]:
    return sorted((folder / "_delta_log").glob("*.json"))


def actions(commit: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in commit.read_text().splitlines()]


def commit(folder: Path, *found: dict[str, Any]) -> None:
    """Add a version by hand."""
    number = len(commits(folder))
    lines = ({"commitInfo": {"timestamp": 1_790_000_000_000 + number, "operation": "TEST"}}, *found)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / f"_delta_log/{number:020}.json").write_text(text)


def delete_rows(folder: Path, rows: Sequence[int], *, stored: str = "file") -> None:
    """Delete rows of the table's only file with a deletion vector, in a new version."""
    (add,) = (each["add"] for each in actions(commits(folder)[0]) if "add" in each)
    data = struct.pack("<I", 1681511377) + bitmaps(rows)
    vector: dict[str, Any] = {"sizeInBytes": len(data), "cardinality": len(rows)}
    if stored == "inline":
        padded = data + bytes(-len(data) % 4)
        vector |= {"storageType": "i", "pathOrInlineDv": z85(padded)}
    else:
        name = bytes.fromhex("d2c639aa8816431aaaf6d3fe2512ff61")
        path = folder / "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"
        path.parent.mkdir(exist_ok=True)
        frame = struct.pack(">I", len(data)) + data + struct.pack(">I", zlib.crc32(data))
        path.write_bytes(b"\1" + b"pad" + frame)
        vector |= {"storageType": "u", "pathOrInlineDv": "ab" + z85(name), "offset": 4}
    removed = {"path": add["path"], "dataChange": True, "deletionTimestamp": 1}
    commit(folder, {"add": {**add, "deletionVector": vector}}, {"remove": removed})


def with_vectors(folder: Path, rows: pa.Table) -> None:
    """Write a table of one file whose rows may be deleted by vectors."""
    write_deltalake(folder, rows, configuration={"delta.enableDeletionVectors": "true"})


def z85(data: bytes) -> str:
    letters = (
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    )
    text = ""
    for (number,) in struct.iter_unpack(">I", data):
        digits = [number // 85**power % 85 for power in range(4, -1, -1)]
        text += "".join(letters[digit] for digit in digits)
    return text


def bitmaps(rows: Iterable[int]) -> bytes:
    """Serialise numbers as roaring bitmaps, each container in the smallest form."""
    by_high: dict[int, dict[int, list[int]]] = {}
    for row in sorted(rows):
        by_high.setdefault(row >> 32, {}).setdefault(row >> 16 & 0xFFFF, []).append(row & 0xFFFF)
    parts = [struct.pack("<Q", len(by_high))]
    parts += [struct.pack("<I", high) + _bitmap(keys) for high, keys in by_high.items()]
    return b"".join(parts)


def _bitmap(keys: dict[int, list[int]]) -> bytes:
    containers = [_container(values) for values in keys.values()]
    heads = b"".join(struct.pack("<HH", key, len(values) - 1) for key, values in keys.items())
    runs = [is_run for is_run, _ in containers]
    if any(runs):
        start = struct.pack("<I", 12347 | (len(keys) - 1) << 16)
        start += np.packbits(runs, bitorder="little").tobytes()
    else:
        start = struct.pack("<II", 12346, len(keys))
    offsets = bytes(4 * len(keys)) if not any(runs) or len(keys) >= 4 else b""
    return start + heads + offsets + b"".join(data for _, data in containers)


def _container(values: list[int]) -> tuple[bool, bytes]:
    breaks = [i for i in range(1, len(values)) if values[i] != values[i - 1] + 1]
    starts, ends = [0, *breaks], [*breaks, len(values)]
    pairs = [(values[start], end - start - 1) for start, end in zip(starts, ends, strict=True)]
    as_runs = struct.pack("<H", len(pairs)) + b"".join(struct.pack("<HH", *pair) for pair in pairs)
    if len(values) > 4096:
        bits = np.zeros(65536, bool)
        bits[values] = True
        plain = np.packbits(bits, bitorder="little").tobytes()
    else:
        plain = np.array(values, "<u2").tobytes()
    return (True, as_runs) if len(as_runs) < len(plain) else (False, plain)
