"""What the table's own retention removed is told from what is merely gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from delta_tables import NO_DELAY, TABLE, append, commits, planned, read, vacuum
from deltalake import DeltaTable, write_deltalake

from auditkit.datasets.base import Problem, Reference
from auditkit.datasets.delta.actions import MetaData
from auditkit.datasets.delta.retention import FILE_RETENTION, LOG_RETENTION, retention
from auditkit.datasets.planning import plan_request
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.errors import DataNotFoundError, ExpiredError
from auditkit.manifest.model import Dataset

NOW = datetime.now(UTC) + timedelta(days=1)


def metadata(**configuration: str) -> MetaData:
    return MetaData(id="x", schema_string="", configuration=configuration)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("interval 30 days", timedelta(days=30)),
        ("INTERVAL 1 WEEK", timedelta(weeks=1)),
        ("interval 2 hours 30 minutes", timedelta(hours=2, minutes=30)),
        ("45 seconds", timedelta(seconds=45)),
        ("interval 0 days", timedelta(0)),
        ("interval 3 months", None),
        ("interval", None),
        ("interval days 3", None),
        ("interval 3 days or so", None),
    ],
)
def test_intervals(text, expected):
    assert retention(metadata(**{LOG_RETENTION: text}), LOG_RETENTION) == expected


def test_defaults():
    assert retention(metadata(), LOG_RETENTION) == timedelta(days=30)
    assert retention(metadata(), FILE_RETENTION) == timedelta(days=7)


def old_versions(folder: Path) -> None:
    """Write a table whose version 1 was compacted and vacuumed away."""
    write_deltalake(folder, TABLE, configuration=NO_DELAY)
    append(folder, TABLE.slice(0, 5))
    DeltaTable(folder).optimize.compact()
    vacuum(folder)


def problems(folder: Path, version: str) -> tuple[Problem, ...]:
    return planned(folder, version, collect=True).problems


def test_vacuumed_files_are_expired(tmp_path):
    old_versions(tmp_path / "t")
    found = problems(tmp_path / "t", "1")
    assert len(found) == 2
    for problem in found:
        assert isinstance(problem.error, ExpiredError)
        assert problem.error.message == "removed by the VACUUM that ended as version 4"
    assert problems(tmp_path / "t", "2") == ()


def test_versions_that_a_vacuum_was_told_to_keep(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE, configuration=NO_DELAY)
    write_deltalake(folder, TABLE.slice(0, 5), mode="overwrite")
    append(folder, TABLE.slice(5, 5))
    DeltaTable(folder).optimize.compact()
    DeltaTable(folder).vacuum(0, dry_run=False, enforce_retention_duration=False, keep_versions=[0])
    assert problems(folder, "0") == ()
    assert read(folder, "0").rows == 100
    assert {type(each.error) for each in problems(folder, "2")} == {ExpiredError}


def test_a_vacuum_that_was_only_tried_removes_and_shows_nothing(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE, configuration=NO_DELAY)
    write_deltalake(folder, TABLE, mode="overwrite")
    DeltaTable(folder).vacuum(0, enforce_retention_duration=False)
    assert problems(folder, "0") == ()
    (path,) = (part.path for part in planned(folder, "0").parts if "part-" in part.path)
    (folder / path).unlink()
    (found,) = problems(folder, "0")
    assert isinstance(found.error, DataNotFoundError)


def test_files_that_a_vacuum_had_to_keep_are_missing(tmp_path):
    folder = tmp_path / "t"
    old_versions(folder)
    for path in folder.glob("*.parquet"):
        path.unlink()
    (found,) = problems(folder, "2")
    assert isinstance(found.error, DataNotFoundError)


def test_without_a_vacuum_they_are_missing(tmp_path):
    folder = tmp_path / "t"
    write_deltalake(folder, TABLE)
    append(folder, TABLE)
    DeltaTable(folder).optimize.compact()
    for path in commits(folder):
        path.touch()
    gone = [part.path for part in planned(folder, "1").parts if part.path.endswith(".parquet")]
    for path in gone:
        (folder / path).unlink()
    assert {type(each.error) for each in problems(folder, "1")} == {DataNotFoundError}


@pytest.mark.parametrize("end", [0, 1])
def test_a_vacuum_that_did_not_end_shows_nothing(tmp_path, end):
    folder = tmp_path / "t"
    old_versions(folder)
    if end:
        commits(folder)[4].unlink()
    else:
        commits(folder)[4].write_text(commits(folder)[4].read_text().replace("COMPLETED", "FAILED"))
    assert {type(each.error) for each in problems(folder, "1")} == {DataNotFoundError}


def recorded(folder: Path, version: str) -> Recorded:
    """Return a record of a version, as far as planning asks for it."""
    found = read(folder, version)
    dataset = Dataset(
        basis="observed",
        name="t",
        role="input",
        format="delta",
        location=str(folder),
        inventory=None,  # type: ignore[arg-type] # nothing of it is asked for
        read_at="2026-01-01T00:00:00Z",
        table=found.table,
        delta=found.plan.delta,
    )
    return Recorded(dataset, None)


def again(folder: Path, record: Recorded, now: datetime = NOW) -> None:
    reference = Reference(str(folder), "delta")
    plan_request(PlanRequest(reference, Path("/"), collect=True, recorded=record, now=now))


def at_checkpoint(folder: Path, **configuration: str) -> Recorded:
    """Record version 1 of a table, which then gets other properties and a checkpoint."""
    write_deltalake(folder, TABLE)
    append(folder, TABLE)
    record = recorded(folder, "1")
    DeltaTable(folder).alter.set_table_properties(NO_DELAY | configuration)
    kept = {path: path.read_bytes() for path in commits(folder)}
    DeltaTable(folder).create_checkpoint()
    append(folder, TABLE)
    for path, data in kept.items():  # as it is before anybody cleans up
        path.write_bytes(data)
    return record


def test_history_shrinks_when_the_log_is_cleaned_up_and_the_version_is_expired(tmp_path):
    folder = tmp_path / "t"
    record = at_checkpoint(folder)
    again(folder, record)
    assert len(DeltaTable(folder).history()) == 4
    DeltaTable(folder).create_checkpoint()
    DeltaTable(folder).cleanup_metadata()
    assert len(DeltaTable(folder).history()) == 1
    with pytest.raises(ExpiredError, match="the log begins with version 3; it keeps 0 days"):
        again(folder, record)
    with pytest.raises(DataNotFoundError, match="no version 1; the log has 3 to 3"):
        planned(folder, "1")


@pytest.mark.parametrize(
    "configuration",
    [
        {LOG_RETENTION: "interval 30 days"},
        {"delta.enableExpiredLogCleanup": "false"},
        {LOG_RETENTION: "interval 3 months"},
    ],
)
def test_log_that_the_table_would_have_kept_is_missing(tmp_path, configuration):
    folder = tmp_path / "t"
    record = at_checkpoint(folder, **configuration)
    for path in commits(folder)[:2]:
        path.unlink()
    with pytest.raises(DataNotFoundError):
        again(folder, record)


def test_log_that_was_cleaned_up_in_part_is_missing(tmp_path):
    folder = tmp_path / "t"
    record = at_checkpoint(folder)
    commits(folder)[0].unlink()
    with pytest.raises(DataNotFoundError):
        again(folder, record)


def test_log_without_a_checkpoint_in_its_place_is_missing(tmp_path):
    folder = tmp_path / "t"
    record = at_checkpoint(folder)
    for path in [*commits(folder)[:3], *(folder / "_delta_log").glob("*.checkpoint.parquet")]:
        path.unlink()
    with pytest.raises(DataNotFoundError):
        again(folder, record)


def test_a_clock_before_the_commit_cannot_expire_it(tmp_path):
    folder = tmp_path / "t"
    record = at_checkpoint(folder)
    for path in commits(folder)[:3]:
        path.unlink()
    with pytest.raises(ExpiredError):
        again(folder, record)
    with pytest.raises(DataNotFoundError):
        again(folder, record, datetime(2020, 1, 1, tzinfo=UTC))
