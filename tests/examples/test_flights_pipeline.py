"""The example's pipeline: deterministic stages, a split that follows its rule, a useful model."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml
from deltalake import DeltaTable

PIPELINE = Path(__file__).parents[2] / "examples/flights/pipeline"
EVERY = 40  # a fortieth of the year: enough for the model to beat the baseline
SIDES = ("train", "validation", "test")


def run_stage(project: Path, stage: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", f"{stage}.py", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def must_run(project: Path, stage: str, *arguments: str) -> None:
    done = run_stage(project, stage, *arguments)
    assert done.returncode == 0, done.stderr


def rows(folder: Path) -> pa.Table:
    return ds.dataset(folder, format="parquet", partitioning="hive").to_table()


def tree_digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def parameters(project: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((project / "params.yaml").read_text())
    return document


def fresh_project(folder: Path) -> Path:
    return copytree(PIPELINE, folder, ignore=ignore_patterns("__pycache__"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = fresh_project(tmp_path_factory.mktemp("flights") / "project")
    must_run(folder, "fetch", "--every", str(EVERY))
    for stage in ("ingest", "validate", "transform", "train", "score"):
        must_run(folder, stage)
    return folder


def test_ingest_keeps_every_flight_and_types_it(project: Path) -> None:
    raw = (project / "data/raw/flights.csv").read_text().splitlines()
    flights = rows(project / "data/flights")
    assert flights.num_rows == len(raw) - 1 == -(-336_776 // EVERY)
    assert flights.schema.field("time_hour").type == pa.timestamp("ms", "UTC")
    assert flights.schema.field("dep_delay").type == pa.int16()
    assert flights["dep_delay"].null_count == sum(line.split(",")[5] == "NA" for line in raw)


def test_ingest_writes_one_file_a_month_in_row_groups(project: Path, tmp_path: Path) -> None:
    small = copytree(project, tmp_path / "project")
    text = (small / "params.yaml").read_text()
    (small / "params.yaml").write_text(
        text.replace("row_group_rows: 8192", "row_group_rows: 100", 1)
    )
    must_run(small, "ingest")
    files = sorted((small / "data/flights").rglob("*.parquet"))
    assert [file.parent.name for file in files] == sorted(f"month={n}" for n in range(1, 13))
    metadata = pq.read_metadata(files[0])
    assert metadata.num_row_groups == -(-metadata.num_rows // 100) > 1


def test_stages_give_the_same_bytes_again(project: Path, tmp_path: Path) -> None:
    again = fresh_project(tmp_path / "again")
    must_run(again, "fetch", "--every", str(EVERY))
    must_run(again, "ingest")
    must_run(again, "transform")
    first = {
        path: digest
        for path, digest in tree_digests(project / "data").items()
        if "scores" not in path
    }
    assert len(first) == 1 + 12 + 3 * 12
    assert tree_digests(again / "data") == first


def test_a_stage_that_runs_again_leaves_nothing_old_behind(project: Path, tmp_path: Path) -> None:
    again = copytree(project, tmp_path / "project")
    stale = again / "data/flights/month=1/stale.parquet"
    stale.write_bytes(b"left over")
    must_run(again, "ingest")
    assert tree_digests(again / "data/flights") == tree_digests(project / "data/flights")


def test_split_sides_add_up_and_share_no_day(project: Path) -> None:
    sides = {side: rows(project / "data/features" / side) for side in SIDES}
    flights = rows(project / "data/flights")
    arrived = flights.num_rows - flights["arr_delay"].null_count
    assert sum(side.num_rows for side in sides.values()) == arrived
    days = [set(side["flight_date"].to_pylist()) for side in sides.values()]
    assert sum(len(side) for side in days) == len(set().union(*days)) == 365


def test_split_follows_its_recorded_rule(project: Path) -> None:
    rule = parameters(project)["split"]
    percent = rule["percent"]
    limits = {
        "train": range(percent["train"]),
        "validation": range(percent["train"], percent["train"] + percent["validation"]),
        "test": range(percent["train"] + percent["validation"], 100),
    }
    for side in SIDES:
        for day in set(rows(project / "data/features" / side)[rule["key"]].to_pylist()):
            digest = hashlib.sha256(f"{rule['seed']}:{day.isoformat()}".encode()).digest()
            assert int.from_bytes(digest[:8], "big") % 100 in limits[side], day


def test_shares_that_do_not_cover_everything_are_refused(project: Path, tmp_path: Path) -> None:
    wrong = copytree(project, tmp_path / "project")
    text = (wrong / "params.yaml").read_text()
    (wrong / "params.yaml").write_text(text.replace("test: 15", "test: 5"))
    done = run_stage(wrong, "transform")
    assert done.returncode == 1
    assert "add up to 90, not 100" in done.stderr


def test_features_are_known_at_departure(project: Path) -> None:
    names = set(rows(project / "data/features/train").column_names)
    assert not names & {"arr_time", "air_time", "dep_time"}
    assert {"arr_delay", "dep_delay", "flight_date"} <= names


def test_validation_reports_what_it_found(project: Path) -> None:
    report = json.loads((project / "reports/validation.json").read_text())
    assert report["passed"] is True
    assert {check["rule"] for check in report["checks"]} == {
        "min_rows",
        "max_null_rate",
        "range",
        "values",
    }
    assert report["checks"][0]["found"] == rows(project / "data/flights").num_rows


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("dep_delay", 9_999, "range"),
        ("origin", "XXX", "values"),
        ("carrier", None, "max_null_rate"),
    ],
)
def test_validation_stops_on_a_violation(
    project: Path, tmp_path: Path, column: str, value: Any, rule: str
) -> None:
    broken = copytree(project, tmp_path / "project")
    file = broken / "data/flights/month=3/part-0.parquet"
    table = pq.read_table(file, partitioning=None)
    values = [value, *table[column].to_pylist()[1:]]
    index = table.schema.get_field_index(column)
    changed = table.set_column(
        index, table.schema.field(column), pa.array(values, table[column].type)
    )
    pq.write_table(changed, file)

    done = run_stage(broken, "validate")

    assert done.returncode == 1
    assert f"{rule} {column}" in done.stderr
    report = json.loads((broken / "reports/validation.json").read_text())
    assert report["passed"] is False
    failed = [(check["rule"], check["column"]) for check in report["checks"] if not check["passed"]]
    assert failed == [(rule, column)]


def test_model_beats_the_baseline(project: Path) -> None:
    metrics = json.loads((project / "metrics.json").read_text())
    for side in ("validation", "test"):
        model, baseline = metrics[side]["model"], metrics[side]["baseline"]
        assert model["mae_minutes"] < baseline["mae_minutes"]
        assert model["rmse_minutes"] < baseline["rmse_minutes"]
        assert 0.5 < model["r2"] < 1
    assert 1 < metrics["iterations"] <= parameters(project)["train"]["max_iterations"]
    assert (project / "models/model.joblib").stat().st_size > 0


def test_scores_are_the_models_predictions_a_commit_a_quarter(
    project: Path, tmp_path: Path
) -> None:
    again = copytree(project, tmp_path / "project")
    must_run(again, "score")
    table = DeltaTable(again / "data/scores")
    assert table.version() == 7
    for version, quarters in ((4, 1), (7, 4)):
        table.load_as_version(version)
        scores = pa.table(table.scan().read_all())
        assert len(table.file_uris()) == quarters
    test = rows(project / "data/features/test")
    assert scores.num_rows == test.num_rows
    error = np.abs(np.sort(scores["predicted_delay"]) - np.sort(test["arr_delay"]))
    assert error.mean() < 20
