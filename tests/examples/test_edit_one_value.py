"""The demo's edit changes one cell and nothing else that a reader of the rows could see."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SCRIPT = Path(__file__).parents[2] / "examples/flights/edit_one_value.py"


def test_one_cell_changes_and_the_layout_stays(tmp_path: Path) -> None:
    file = tmp_path / "part-0.parquet"
    original = pa.table(
        {
            "carrier": [f"C{n % 7}" for n in range(250)],
            "arr_delay": pa.array([None, *range(1, 250)], pa.int16()),
        }
    )
    pq.write_table(original, file, row_group_size=100, compression="zstd")

    script = [sys.executable, str(SCRIPT)]
    command = [*script, str(file), "--column", "arr_delay", "--row", "120", "--value", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "arr_delay was 120, is now 0" in done.stdout
    edited = pq.read_table(file)
    assert edited.schema == original.schema
    differing = [
        row
        for row, (before, after) in enumerate(
            zip(original.to_pylist(), edited.to_pylist(), strict=True)
        )
        if before != after
    ]
    assert differing == [120]
    assert edited["arr_delay"][120].as_py() == 0
    metadata = pq.read_metadata(file)
    assert [metadata.row_group(n).num_rows for n in range(3)] == [100, 100, 50]
    assert metadata.row_group(0).column(0).compression == "ZSTD"
