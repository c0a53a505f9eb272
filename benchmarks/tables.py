"""A table to measure with: twelve columns of the kinds that training data has, always the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_GROUP_ROWS = 1_000_000
_DAY = np.datetime64("2013-01-01")
_CODES = [f"{a}{b}{c}" for a in "ABCDEFG" for b in "KLMNO" for c in "RSTU"]


def write_table(path: Path, rows: int, first: int = 0) -> None:
    """Write rows `first` to `first + rows - 1` as Parquet with zstd, a million to a row group."""
    schema = batch(0, 1).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(first, first + rows, _GROUP_ROWS):
            writer.write_table(batch(start, min(_GROUP_ROWS, first + rows - start)))


def batch(first: int, rows: int) -> pa.Table:
    """Return rows `first` to `first + rows - 1`."""
    random = np.random.default_rng(first)
    seconds = random.integers(0, 86_400 * 365, rows)
    amounts = random.gamma(2, 40, rows)
    codes = pa.array(_CODES)
    return pa.table(
        {
            "id": np.arange(first, first + rows),
            "customer": random.integers(0, 2_000_000, rows),
            "at": (_DAY + seconds.astype("m8[s]")).astype("M8[us]"),
            "day": pa.array(_DAY + (seconds // 86_400).astype("m8[D]"), pa.date32()),
            "origin": codes.take(pa.array(random.integers(0, len(_CODES), rows))),
            "destination": codes.take(pa.array(random.integers(0, len(_CODES), rows))),
            "amount": np.round(amounts, 2),
            "score": pa.array(random.random(rows), mask=random.random(rows) < 0.1),
            "quantity": random.integers(0, 500, rows).astype("i4"),
            "level": random.integers(0, 5, rows).astype("i1"),
            "remark": pa.array(random.integers(0, 10**9, rows)).cast(pa.string()),
            "label": random.random(rows) < 0.3,
        }
    )
