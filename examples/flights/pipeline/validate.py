"""Stage 2, validate: check `data/flights` against `params.yaml`, report, stop on a violation.

Writes `reports/validation.json`; the exit status is 1 if any check failed.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import params
import pyarrow as pa
import pyarrow.compute as pc
import tables

FLIGHTS = Path("data/flights")
REPORT = Path("reports/validation.json")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, what was found, and whether that is within the rule's limit."""

    rule: str
    column: str | None
    limit: Any
    found: Any
    passed: bool


def run_checks(flights: pa.Table, rules: dict[str, Any]) -> Iterator[Check]:
    """Yield the outcome of every rule of the `validate` section of the parameters."""
    rows = flights.num_rows
    yield Check("min_rows", None, rules["min_rows"], rows, rows >= rules["min_rows"])
    for column, limit in rules["max_null_rate"].items():
        rate = flights[column].null_count / rows if rows else 1.0
        yield Check("max_null_rate", column, limit, round(rate, 6), rate <= limit)
    for column, limit in rules["ranges"].items():
        yield check_range(flights[column], column, limit)
    for column, limit in rules["values"].items():
        found = sorted(pc.unique(flights[column].drop_null()).to_pylist())
        yield Check("values", column, limit, found, set(found) <= set(limit))


def check_range(values: "pa.ChunkedArray[Any]", column: str, limit: list[int]) -> Check:
    """Return whether all values that are present lie within `limit`, both ends included."""
    found = [pc.min(values).as_py(), pc.max(values).as_py()]
    passed = found != [None, None] and limit[0] <= found[0] and found[1] <= limit[1]
    return Check("range", column, limit, found, passed)


def main() -> None:
    """Run the stage."""
    flights = tables.read_by_month(FLIGHTS)
    checks = list(run_checks(flights, params.load("validate")))
    failed = [check for check in checks if not check.passed]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    document = {"passed": not failed, "checks": [asdict(check) for check in checks]}
    REPORT.write_text(json.dumps(document, indent=2) + "\n")
    print(f"validate: {len(checks) - len(failed)} of {len(checks)} checks passed -> {REPORT}")
    for check in failed:
        print(f"  {check.rule} {check.column}: {check.found}, limit {check.limit}", file=sys.stderr)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
