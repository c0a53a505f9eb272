"""Put the files of a Delta table together, and remove those that its newest version does not need.

A table keeps removed files for a week by default; here none of that time is waited for.
"""

import argparse
from pathlib import Path

from deltalake import DeltaTable


def main() -> None:
    """Maintain the table that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    path = parser.parse_args().table
    table = DeltaTable(path)
    done = table.optimize.compact()
    gone = table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    print(
        f"{path}: {done['numFilesRemoved']} files became {done['numFilesAdded']}, "
        f"{len(gone)} were removed, now at version {DeltaTable(path).version()}"
    )


if __name__ == "__main__":
    main()
