"""Stage 3, transform: features, and the split into train, validation and test.

The question is how late a flight will arrive, asked when it leaves the gate. Only what is known
at that moment may be a feature; flights that never arrived have no answer and are left out.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import params
import pyarrow as pa
import pyarrow.compute as pc
import tables

FLIGHTS = Path("data/flights")
FEATURES = Path("data/features")


def build_features(flights: pa.Table) -> pa.Table:
    """Return one row for each flight that arrived: its date, the features and `arr_delay`."""
    arrived = flights.filter(pc.is_valid(flights["arr_delay"]))
    flight_date = dates(arrived)
    hour = pc.cast(arrived["hour"], pa.int16())
    scheduled = pc.add(pc.multiply(hour, 60), arrived["minute"])
    return pa.table(
        {
            "flight_date": flight_date,
            "month": arrived["month"],
            "weekday": pc.cast(pc.day_of_week(flight_date), pa.int8()),
            "sched_dep_minute": pc.cast(scheduled, pa.int16()),
            "carrier": arrived["carrier"],
            "origin": arrived["origin"],
            "dest": arrived["dest"],
            "distance": arrived["distance"],
            "dep_delay": arrived["dep_delay"],
            "arr_delay": arrived["arr_delay"],
        }
    )


def dates(flights: pa.Table) -> pa.Date32Array:
    """Return the local day of departure; `time_hour` is in UTC and may be a day ahead."""
    days = zip(*(flights[part].to_pylist() for part in ("year", "month", "day")), strict=True)
    return pa.array([date(*day) for day in days], pa.date32())


def assign(key: str, *, seed: int, percent: dict[str, int]) -> str:
    """Return the side of the split that `key` belongs to.

    The first eight bytes of SHA-256("<seed>:<key>"), a big-endian integer, modulo 100 fall into
    one of the ranges that `percent` lays out in order; so a key stays on its side for ever.
    """
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % 100
    upper = 0
    for side, share in percent.items():
        upper += share
        if bucket < upper:
            return side
    raise ValueError(f"the shares of the split add up to {upper}, not 100")


def split(features: pa.Table, rule: dict[str, Any]) -> dict[str, pa.Table]:
    """Return the rows of each side of the split; every row is on exactly one."""
    keys = features[rule["key"]]
    sides = {
        key: assign(str(key), seed=rule["seed"], percent=rule["percent"])
        for key in pc.unique(keys).to_pylist()
    }
    members = {
        side: pa.array([key for key in sides if sides[key] == side], keys.type)
        for side in rule["percent"]
    }
    return {side: features.filter(pc.is_in(keys, days)) for side, days in members.items()}


def main() -> None:
    """Run the stage."""
    features = build_features(tables.read_by_month(FLIGHTS))
    row_group_rows = params.load("transform")["row_group_rows"]
    for side, rows in split(features, params.load("split")).items():
        tables.write_by_month(rows, FEATURES / side, row_group_rows=row_group_rows)
        print(f"transform: {rows.num_rows:,} flights -> {FEATURES / side}")


if __name__ == "__main__":
    main()
