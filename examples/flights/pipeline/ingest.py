"""Stage 1, ingest: the raw CSV becomes typed Parquet in `data/flights`, partitioned by month."""

from pathlib import Path

import params
import pyarrow as pa
import pyarrow.csv as pc_csv
import tables

RAW = Path("data/raw/flights.csv")
FLIGHTS = Path("data/flights")

COLUMNS: dict[str, pa.DataType] = {
    "year": pa.int16(),
    "month": pa.int8(),
    "day": pa.int8(),
    "dep_time": pa.int16(),
    "sched_dep_time": pa.int16(),
    "dep_delay": pa.int16(),
    "arr_time": pa.int16(),
    "sched_arr_time": pa.int16(),
    "arr_delay": pa.int16(),
    "carrier": pa.string(),
    "flight": pa.int16(),
    "tailnum": pa.string(),
    "origin": pa.string(),
    "dest": pa.string(),
    "air_time": pa.int16(),
    "distance": pa.int16(),
    "hour": pa.int8(),
    "minute": pa.int8(),
    "time_hour": pa.timestamp("ms", tz="UTC"),
}


def read_raw(path: Path) -> pa.Table:
    """Return the flights of a CSV file; raises ArrowInvalid where a value has another type."""
    types = pc_csv.ConvertOptions(
        column_types=COLUMNS,
        include_columns=list(COLUMNS),
        null_values=["NA"],
        strings_can_be_null=True,
    )
    return pc_csv.read_csv(path, convert_options=types)


def main() -> None:
    """Run the stage."""
    flights = read_raw(RAW)
    tables.write_by_month(flights, FLIGHTS, row_group_rows=params.load("ingest")["row_group_rows"])
    print(f"ingest: {flights.num_rows:,} flights -> {FLIGHTS}")


if __name__ == "__main__":
    main()
