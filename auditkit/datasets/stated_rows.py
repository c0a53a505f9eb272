"""How many rows a log says that files have, held against how many they have."""

from __future__ import annotations

from collections.abc import Iterator

from auditkit.datasets.base import Scan


def misstated(scanned: Scan) -> Iterator[tuple[str, str]]:
    """Yield path and words for each data file of which its log states another number of rows.

    Readers count by such numbers, and skip files by them, without looking at a row.
    """
    assembly = scanned.plan.assembly
    for entry in scanned.entries if assembly is not None else ():
        file = assembly.files.get(entry.path) if assembly is not None else None
        stated = file.stated if file is not None else None
        if stated is not None and entry.rows is not None and stated != entry.rows:
            yield (
                entry.path,
                f"the log states {stated:,} rows for this file, which has {entry.rows:,}",
            )
