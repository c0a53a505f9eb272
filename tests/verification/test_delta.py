"""Delta tables, recorded at a version and verified after the table went on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from delta_tables import (
    NO_DELAY,
    TABLE,
    actions,
    append,
    commits,
    delete_rows,
    vacuum,
    with_vectors,
)
from deltalake import DeltaTable, write_deltalake
from projects import Outcome, Project

from auditkit.api.capture import capture_run
from auditkit.api.options import CaptureOptions, DatasetRequest
from auditkit.datasets.base import Reference
from auditkit.manifest.model import Dataset
from auditkit.signing.signer import Signer


def capture(root: Path, signer: Signer, version: str | None = None, **options: object) -> Project:
    reference = Reference("data/train", "delta", version)
    capture_run(
        CaptureOptions(
            project="sample",
            root=root,
            signers=(signer,),
            evidence_dir=root / "evidence",
            datasets=(DatasetRequest(name="train", reference=reference, base=root, **options),),
        )
    )
    return Project(root, signer)


@pytest.fixture
def folder(tmp_path):
    write_deltalake(tmp_path / "data/train", TABLE, configuration=NO_DELAY)
    append(tmp_path / "data/train", TABLE.slice(0, 5))
    return tmp_path / "data/train"


@pytest.fixture
def train(folder, signer):
    """A project with a record of version 1."""
    return capture(folder.parents[1], signer)


def record(outcome: Outcome) -> Dataset:
    return outcome.runs[0].statement.predicate.datasets[0]


def condition(outcome: Outcome) -> str:
    return outcome.dataset("train").condition


def compacted(folder: Path) -> None:
    DeltaTable(folder).optimize.compact()
    vacuum(folder)


def test_recorded_version(train):
    outcome = train.verify()
    assert outcome.verdict.exit_code == 0
    assert condition(outcome) == "intact"
    assert outcome.statuses("dataset.version") == {"passed"}
    found = record(outcome)
    assert (found.format, found.delta.version, found.rows, found.content.kind) == (
        "delta",
        1,
        105,
        "bag",
    )
    assert outcome.dataset("train").coverage.rows == 105


@pytest.mark.parametrize("content", ["sequence", "bag", "none"])
def test_rows_have_no_order(folder, signer, content):
    outcome = capture(folder.parents[1], signer, content=content).verify()
    found = record(outcome).content
    assert (found.kind if found else None) == (None if content == "none" else "bag")
    assert outcome.verdict.exit_code == 0


def test_the_table_goes_on(train, folder):
    append(folder, TABLE)
    DeltaTable(folder).delete("id > 50")
    DeltaTable(folder).optimize.compact()
    assert condition(train.verify()) == "intact"


def test_an_older_version_can_be_recorded(folder, signer):
    project = capture(folder.parents[1], signer, "0")
    assert record(project.verify()).delta.requested == "0"
    assert record(project.verify()).rows == 100
    assert condition(project.verify()) == "intact"


def test_same_size_edit_of_data_is_altered(train, folder):
    """A reader of Delta takes it: the log has no digest of its files."""
    path = next(folder.glob("*.parquet"))
    rows = pq.read_table(path)
    data = bytearray(path.read_bytes())
    data[20] ^= 0xFF
    path.write_bytes(data)
    outcome = train.verify()
    assert condition(outcome) == "altered"
    assert (9, "dataset.bytes", "train", path.name) in outcome.failed()
    pq.write_table(rows.slice(0, len(rows) - 1), path)
    assert condition(train.verify()) == "altered"


def test_edited_log_is_altered(train, folder):
    path = commits(folder)[0]
    edited = path.read_text().replace('\\"numRecords\\":100', '\\"numRecords\\":999')
    path.write_text(edited)
    assert DeltaTable(folder, version=1).count() == 1004
    outcome = train.verify()
    assert condition(outcome) == "altered"
    name = "_delta_log/00000000000000000000.json"
    assert outcome.failed() == [(9, "dataset.bytes", "train", name)]


def test_log_that_forgets_a_file_is_altered(train, folder):
    lines = actions(commits(folder)[1])
    kept = [line for line in lines if "add" not in line]
    commits(folder)[1].write_text("".join(json.dumps(line) + "\n" for line in kept))
    outcome = train.verify()
    assert condition(outcome) == "altered"
    assert "failed" in outcome.statuses("dataset.version")
    assert "failed" in outcome.statuses("dataset.rows")


def test_vacuumed_version_is_expired(train, folder):
    compacted(folder)
    outcome = train.verify()
    assert condition(outcome) == "expired"
    assert outcome.verdict.exit_code == 11
    assert outcome.failed() == []
    assert "passed" not in outcome.statuses("dataset.files")
    details = {each.detail for each in outcome.findings if each.check == "dataset.files"}
    assert details == {"removed by the VACUUM that ended as version 4"}
    assert outcome.dataset("train").coverage.rows == 0


def test_expired_in_metadata_mode_too(train, folder):
    compacted(folder)
    assert condition(train.verify(mode="metadata")) == "expired"


def test_vacuumed_and_what_is_left_altered(train, folder):
    compacted(folder)
    path = commits(folder)[0]
    path.write_text(path.read_text() + "\n")
    outcome = train.verify()
    assert condition(outcome) == "altered"
    assert outcome.verdict.exit_code == 10


def test_deleted_files_are_missing(train, folder):
    for path in folder.glob("*.parquet"):
        path.unlink()
    outcome = train.verify()
    assert condition(outcome) == "missing"
    assert outcome.verdict.exit_code == 10
    assert {(check, name) for _, check, _, name in outcome.failed()} == {
        ("dataset.files", part.path)
        for part in planned_names(train)
        if part.path.endswith(".parquet")
    }


def planned_names(project: Project):
    (run,) = project.verify().runs
    return run.inventories[0].entries


def test_deleted_table_is_missing(train, folder):
    shutil.rmtree(folder)
    assert condition(train.verify()) == "missing"


def test_latest_after_compaction_is_relaid(train, folder):
    compacted(folder)
    outcome = train.verify(against="latest")
    assert condition(outcome) == "relaid"
    assert outcome.verdict.exit_code == 0
    assert outcome.verdict.against == "latest"
    assert "version 4 was read, and version 1 recorded" in outcome.dataset("train").note
    assert outcome.dataset("train").coverage.rows == 105


def test_latest_with_other_rows_is_altered(train, folder):
    append(folder, TABLE.slice(0, 1))
    outcome = train.verify(against="latest")
    assert condition(outcome) == "altered"
    assert "failed" in outcome.statuses("dataset.rows")
    assert "failed" in outcome.statuses("dataset.content")


def test_latest_is_the_recorded_one_as_long_as_nothing_happened(train):
    assert condition(train.verify(against="latest")) == "intact"


def test_latest_with_the_same_number_of_rows_and_another_value(train, folder):
    DeltaTable(folder).update({"name": "'x'"}, predicate="id = 7")
    outcome = train.verify(against="latest")
    assert condition(outcome) == "altered"
    assert outcome.statuses("dataset.rows") == {"passed"}


def test_another_table_with_the_same_rows(train, folder):
    shutil.rmtree(folder)
    write_deltalake(folder, TABLE)
    append(folder, TABLE.slice(0, 5))
    for against in ("recorded", "latest"):
        outcome = train.verify(against=against)
        assert condition(outcome) == "altered"
        assert "failed" in outcome.statuses("dataset.version")


def test_checkpoint_in_place_of_the_log(train, folder):
    """The version is read from another file than when it was recorded, to the same rows."""
    DeltaTable(folder).create_checkpoint()
    DeltaTable(folder).cleanup_metadata()
    assert [path.name for path in commits(folder)] == ["00000000000000000001.json"]
    outcome = train.verify()
    assert condition(outcome) == "relaid"
    assert outcome.verdict.exit_code == 0
    assert outcome.dataset("train").note == "1 file gone, 1 file added"


def test_checkpoint_beside_the_log_changes_nothing(train, folder):
    DeltaTable(folder).alter.set_table_properties({"delta.logRetentionDuration": "interval 9 days"})
    names = {path: path.read_bytes() for path in commits(folder)}
    DeltaTable(folder).create_checkpoint()
    for path, data in names.items():
        path.write_bytes(data)
    assert condition(train.verify()) == "intact"


def test_log_cleaned_up_is_expired(train, folder):
    append(folder, TABLE)
    DeltaTable(folder).create_checkpoint()
    DeltaTable(folder).cleanup_metadata()
    outcome = train.verify()
    assert condition(outcome) == "expired"
    assert outcome.statuses("dataset.version") == {"indeterminate"}
    assert outcome.verdict.exit_code == 11


def test_deletion_vectors(tmp_path, signer):
    folder = tmp_path / "data/train"
    with_vectors(folder, TABLE)
    delete_rows(folder, range(10))
    project = capture(tmp_path, signer)
    outcome = project.verify()
    assert condition(outcome) == "intact"
    assert record(outcome).rows == 90
    assert (record(outcome).delta.deletion_vectors, record(outcome).delta.deleted_rows) == (1, 10)
    path = next(folder.glob("ab/*.bin"))
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert condition(project.verify()) == "unreadable"
    path.unlink()
    outcome = project.verify()
    assert condition(outcome) == "missing"


def test_a_vector_that_deletes_as_many_other_rows(tmp_path, signer):
    folder = tmp_path / "data/train"
    with_vectors(folder, TABLE)
    delete_rows(folder, [1, 2], stored="inline")
    project = capture(tmp_path, signer)
    commits(folder)[1].unlink()
    delete_rows(folder, [1, 3], stored="inline")
    outcome = project.verify()
    assert condition(outcome) == "altered"
    assert outcome.statuses("dataset.rows") == {"passed"}
    assert "failed" in outcome.statuses("dataset.version")
    assert "failed" in outcome.statuses("dataset.content")


def test_metadata_mode_reads_no_rows(train):
    outcome = train.verify(mode="metadata")
    assert condition(outcome) == "unchecked"
    assert outcome.statuses("dataset.rows") == {"passed"}
    assert outcome.statuses("dataset.version") == {"passed"}


def test_moved_table(train, folder, tmp_path):
    folder.rename(tmp_path / "elsewhere")
    moved = {"train": Reference(str(tmp_path / "elsewhere"))}
    assert condition(train.verify(data=moved)) == "intact"


def test_secrets_in_properties_and_operations_are_not_recorded(folder, tmp_path, signer):
    lines = actions(commits(folder)[0])
    for line in lines:
        if "metaData" in line:
            line["metaData"]["configuration"]["fs.s3a.secret.key"] = "hunter2hunter2"
        if "commitInfo" in line:
            line["commitInfo"]["operationParameters"]["path"] = "s3://user:hunter2hunter2@bucket/x"
    commits(folder)[0].write_text("".join(json.dumps(line) + "\n" for line in lines))
    project = capture(tmp_path, signer)
    assert b"hunter2" not in project.bundle.read_bytes()
    assert "hunter2" not in str(record(project.verify()))


def test_latest_whose_log_misstates_its_rows(train, folder):
    """Readers count by these numbers without looking at a row."""
    compacted(folder)
    path = commits(folder)[2]
    path.write_text(path.read_text().replace('\\"numRecords\\":105', '\\"numRecords\\":999'))
    assert DeltaTable(folder).count() == 999
    outcome = train.verify(against="latest")
    assert condition(outcome) == "altered"
    assert any("states 999 rows" in each.detail for each in outcome.findings)


def test_capture_warns_of_statistics_that_are_wrong(folder, signer):
    path = commits(folder)[0]
    path.write_text(path.read_text().replace('\\"numRecords\\":100', '\\"numRecords\\":999'))
    project = capture(folder.parents[1], signer)
    (warning,) = project.verify().runs[0].statement.predicate.capture.warnings
    assert "the log states 999 rows for this file, which has 100" in warning
    assert record(project.verify()).rows == 105
