"""Stage 5, score: what the model predicts for the test days, in a Delta table.

Each quarter is a commit of its own, as if flights had been scored while the year went by.
"""

from pathlib import Path

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tables
import train
from deltalake import write_deltalake

SCORES = Path("data/scores")
QUARTERS = (1, 2, 3, 4)


def scored(flights: pa.Table) -> pa.Table:
    """Return one row for each flight: date, carrier, route, and the predicted delay in minutes."""
    fitted = joblib.load(train.MODEL)
    correction = fitted["model"].predict(train.design_matrix(flights, fitted["encoder"]))
    predicted = np.round(train.minutes(flights, train.BASELINE) + correction, 2)
    names = ["flight_date", "carrier", "origin", "dest"]
    return flights.select(names).append_column("predicted_delay", pa.array(predicted))


def main() -> None:
    """Run the stage."""
    flights = tables.read_by_month(train.FEATURES / "test")
    rows = scored(flights)
    quarters = pc.quarter(rows["flight_date"])
    for number in QUARTERS:
        part = rows.filter(pc.equal(quarters, pa.scalar(number)))
        write_deltalake(SCORES, part, mode="overwrite" if number == QUARTERS[0] else "append")
    print(f"score: {rows.num_rows:,} flights in {len(QUARTERS)} commits -> {SCORES}")


if __name__ == "__main__":
    main()
