"""Decoding a Parquet file and nothing else, timed once everything is imported."""

from __future__ import annotations

import sys
import time

import pyarrow.dataset as ds
import pyarrow.parquet as pq

_BATCH_ROWS = 65_536


def main(path: str, how: str) -> None:
    """Print the seconds of decoding all columns of `path`, by one of two ways of pyarrow."""
    began = time.perf_counter()
    rows = _scanner(path) if how == "scanner" else _row_groups(path)
    seconds = time.perf_counter() - began
    if rows != pq.read_metadata(path).num_rows:
        raise RuntimeError("not all rows were decoded")
    print(seconds)


def _scanner(path: str) -> int:
    """Small batches in threads, without reading ahead: nearly always the faster."""
    options = ds.ParquetFragmentScanOptions(pre_buffer=False)
    table = ds.dataset(path, format=ds.ParquetFileFormat(default_fragment_scan_options=options))
    return sum(batch.num_rows for batch in table.to_batches(batch_size=_BATCH_ROWS))


def _row_groups(path: str) -> int:
    """A row group at a time, its columns in threads."""
    with pq.ParquetFile(path) as file:
        return sum(file.read_row_group(i).num_rows for i in range(file.num_row_groups))


if __name__ == "__main__":
    main(*sys.argv[1:])
