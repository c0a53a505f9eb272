"""Tables of several blocks in files of several row groups, captured to be verified again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from projects import Outcome, Project

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.datasets.base import Reference
from auditkit.findings import Finding, Location
from auditkit.signing.signer import Signer

ROWS = 300_000
FILE_ROWS = 100_000
GROUP_ROWS = 40_000


def make_table() -> pa.Table:
    random = np.random.default_rng(3)
    return pa.table(
        {
            "id": np.arange(ROWS),
            "value": random.integers(0, 2**60, ROWS),
            "label": [f"l{n}" for n in random.integers(0, 9, ROWS)],
        }
    )


TABLE = make_table()


def write_parts(table: pa.Table, folder: Path, rows: int = FILE_ROWS, **options: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.parquet"):
        path.unlink()
    options = {"row_group_size": GROUP_ROWS, **options}
    for number, start in enumerate(range(0, len(table), rows)):
        pq.write_table(table.slice(start, rows), folder / f"part-{number:02}.parquet", **options)


def capture_tables(root: Path, signer: Signer, **options: Any) -> Project:
    """Record everything in `root`/data, each under its name, with these options for all."""
    requests = tuple(
        DatasetRequest(
            name=path.name.split(".")[0], reference=Reference(str(path)), base=root, **options
        )
        for path in sorted((root / "data").iterdir())
    )
    capture_run(
        CaptureOptions(
            project="sample",
            root=root,
            signers=(signer,),
            evidence_dir=root / "evidence",
            datasets=requests,
        )
    )
    return Project(root, signer)


def row_findings(outcome: Outcome) -> list[Finding]:
    return [each for each in outcome.findings if each.check == "dataset.content"]


def places(outcome: Outcome) -> list[Location]:
    return [each.location for each in row_findings(outcome) if each.location is not None]


def changed(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    index = table.schema.get_field_index(column)
    return table.set_column(index, column, pa.array(values, table.schema.field(index).type))
