"""One table in several places: wherever it lies, its rows are counted and digested the same."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from commands import Shell
from deltalake import write_deltalake
from dvcproject import Dvc, git
from s3server import S3Server

FLIGHTS = Path(__file__).parents[2] / "examples/evidence/data/features/test"


def flights() -> pa.Table:
    """Real flights: their day, carrier, distance in whole miles, and delay in hours."""
    stored = pq.read_table(FLIGHTS)
    return pa.table(
        {
            "flight_date": stored["flight_date"],
            "carrier": stored["carrier"],
            "distance": pc.cast(stored["distance"], pa.int64()),
            "delay_hours": pc.divide(pc.cast(stored["arr_delay"], pa.float64()), 60.0),
        }
    )


@pytest.fixture
def project(tmp_path: Path, dvc: Dvc) -> Path:
    """The same table as Parquet, CSV, a Delta table of two commits, and a file in DVC."""
    folder = tmp_path / "project"
    folder.mkdir()
    table = flights()
    middle = table.num_rows // 2
    pq.write_table(table, folder / "flights.parquet")
    pyarrow.csv.write_csv(table, folder / "flights.csv")
    for part in (table.slice(middle), table.slice(0, middle)):
        write_deltalake(folder / "lake", part, mode="append")
    pq.write_table(table, folder / "tracked.parquet", compression="zstd", row_group_size=100)
    git(folder, "init", "--quiet")
    dvc(folder, "init --quiet", "add --quiet tracked.parquet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Track flights")
    (folder / "tracked.parquet").unlink()  # then it is read from DVC's cache
    return folder


@pytest.fixture
def bucket(s3_server: S3Server, project: Path) -> str:
    """The Parquet file and the Delta table once more, in a bucket that keeps versions."""
    name, prefix = s3_server.place(versions=True)
    for path in (project / "flights.parquet", *(project / "lake").rglob("*")):
        if path.is_file():
            key = f"{prefix}/{path.relative_to(project).as_posix()}"
            s3_server.client().put_object(Bucket=name, Key=key, Body=path.read_bytes())
    return f"s3://{name}/{prefix}"


def test_same_rows_wherever_they_lie(
    project: Path, bucket: str, s3_server: S3Server, dvc: Dvc, tmp_path: Path
) -> None:
    own = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(tmp_path / "config")}
    shell = Shell(project, {**dvc.environ, **own, **s3_server.environ})
    assert shell("init", "--project", "sample").code == 0
    places = {
        "parquet": "flights.parquet",
        "csv": "flights.csv",
        "delta": "delta:lake",
        "dvc": "tracked.parquet.dvc",
        "s3": f"{bucket}/flights.parquet",
        "delta_in_s3": f"delta:{bucket}/lake",
    }
    inputs = [f"--dataset={name}={place}" for name, place in places.items()]
    done = shell("capture", "-q", "--content", "bag", *inputs)
    assert done.code == 0, done.err
    shown = shell("show", "sample/latest", "--json").document["predicate"]["datasets"]
    assert {each["name"] for each in shown} == set(places)
    assert {each["rows"] for each in shown} == {flights().num_rows}
    (content,) = {(each["content"]["kind"], each["content"]["digest"]) for each in shown}
    assert content[0] == "bag"
    (types,) = {
        tuple((field["name"], field["type"]) for field in each["schema"]["fields"])
        for each in shown
    }
    assert [type_ for _, type_ in types] == ["date32", "string", "int64", "float64"]
    printed = shell("verify", "-q")
    assert printed.code == 0
    assert "dvc (input) intact: " in printed.out
    assert "(read from DVC's cache; the workspace has nothing)" in printed.out
