"""Change one whole number in a Parquet file, as a quiet correction would.

Row order, types and row groups stay as they are, and the compression is the pipeline's.
"""

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def edit(path: Path, *, column: str, row: int, value: int) -> int | None:
    """Write `value` into one cell of `path`; return what was there before."""
    with pq.ParquetFile(path) as file:
        table = file.read()
        row_group_rows = file.metadata.row_group(0).num_rows
    field = table.schema.field(column)
    values = table[column].to_pylist()
    before: int | None = values[row]
    values[row] = value
    edited = table.set_column(
        table.schema.get_field_index(column), field, pa.array(values, field.type)
    )
    pq.write_table(edited, path, row_group_size=row_group_rows, compression="zstd")
    return before


def main() -> None:
    """Edit the cell that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--column", required=True)
    parser.add_argument("--row", type=int, required=True, help="counted from 0")
    parser.add_argument("--value", type=int, required=True)
    asked = parser.parse_args()
    before = edit(asked.file, column=asked.column, row=asked.row, value=asked.value)
    print(f"{asked.file}, row {asked.row}: {asked.column} was {before}, is now {asked.value}")


if __name__ == "__main__":
    main()
