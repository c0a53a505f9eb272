"""Delta tables in a bucket: their log is read there, and the recorded versions of its objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from buckets.places import capture, inventory_of, record_of
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

from auditkit.datasets.base import Reference
from auditkit.datasets.requests import PlanRequest, Recorded
from auditkit.errors import DataNotFoundError, TableFormatError
from auditkit.retention.assess import horizons


@pytest.fixture
def lake(tmp_path) -> Path:
    """A table on disk, to be laid into the bucket as it is."""
    folder = tmp_path / "lake"
    write_deltalake(folder, TABLE, configuration=NO_DELAY)
    append(folder, TABLE.slice(0, 5))
    return folder


def put(place, folder: Path) -> None:
    """Make the bucket hold what the folder holds, and nothing else."""
    there = {each: each.relative_to(folder.parent).as_posix() for each in folder.rglob("*")}
    names = {name for path, name in there.items() if path.is_file()}
    below = f"{place.prefix}/"
    for page in place.client.get_paginator("list_objects_v2").paginate(
        Bucket=place.bucket, Prefix=f"{below}{folder.name}/"
    ):
        for each in page.get("Contents", ()):
            if each["Key"].removeprefix(below) not in names:
                place.delete(each["Key"].removeprefix(below))
    for path, name in there.items():
        key = f"{below}{name}"
        if path.is_file() and not _is_there(place, key, path.read_bytes()):
            place.put(name, path.read_bytes())


def _is_there(place, key: str, content: bytes) -> bool:
    found = place.client.list_objects_v2(Bucket=place.bucket, Prefix=key).get("Contents", ())
    if not any(each["Key"] == key for each in found):
        return False
    return place.client.get_object(Bucket=place.bucket, Key=key)["Body"].read() == content


def compacted(folder: Path) -> None:
    DeltaTable(folder).optimize.compact()
    vacuum(folder)


def test_a_table_that_deltalake_wrote_into_the_bucket(s3, place, project):
    options = {
        "AWS_ENDPOINT_URL": s3.endpoint,
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        "AWS_REGION": "eu-central-1",
        "AWS_ALLOW_HTTP": "true",
    }
    for rows in (TABLE, TABLE.slice(0, 7)):
        write_deltalake(place.uri("lake"), rows, mode="append", storage_options=options)
    capture(project, events=f"delta:{place.uri('lake')}", first=f"delta:{place.uri('lake')}@0")
    record = record_of(project, "events")
    assert (record.format, record.delta.version, record.rows) == ("delta", 1, 107)
    assert (record.location, record.s3.versions) == (place.uri("lake"), "kept")
    assert all(inventory_of(project, "events").states.versions)
    assert (record_of(project, "first").delta.version, record_of(project, "first").rows) == (0, 100)
    assert project.verify().verdict.status == "passed"


def test_a_bucket_says_what_the_disk_says(place, project, lake):
    put(place, lake)
    capture(project, here=str(lake), there=place.uri("lake"))
    here, there = record_of(project, "here"), record_of(project, "there")
    for field in ("format", "rows", "schema", "table", "content", "delta"):
        assert getattr(here, field) == getattr(there, field)
    assert here.inventory.root == there.inventory.root
    assert project.verify().verdict.status == "passed"


def test_a_time_means_the_same_version_as_on_disk(place, project, lake):
    """Dates of objects are those of their upload: deltalake takes them for those of commits."""
    put(place, lake)
    for number, path in enumerate(commits(lake)):
        lines = actions(path)
        lines[0]["commitInfo"]["timestamp"] = 1_767_225_600_000 + number * 3_600_000
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    put(place, lake)
    moment = "2026-01-01T00:30:00Z"
    capture(project, here=f"delta:{lake}@{moment}", there=f"delta:{place.uri('lake')}@{moment}")
    for name in ("here", "there"):
        assert record_of(project, name).delta.version == 0
        assert record_of(project, name).delta.requested == moment


def test_versions_of_objects_outlive_a_vacuum(place, project, lake):
    put(place, lake)
    capture(project, train=place.uri("lake"))
    compacted(lake)
    put(place, lake)
    outcome = project.verify()
    assert outcome.dataset("train").condition == "intact"
    assert outcome.dataset("train").note.endswith("objects since 2 deleted")
    assert outcome.dataset("train").coverage.rows == 105
    outcome = project.verify(against="latest")
    assert outcome.dataset("train").condition == "relaid"
    assert "version 4 was read, and version 1 recorded" in outcome.dataset("train").note


def test_what_was_overwritten_is_read_as_it_was_recorded(place, project, lake):
    put(place, lake)
    capture(project, train=place.uri("lake"))
    for path in (next(lake.glob("*.parquet")), commits(lake)[0]):
        place.put(path.relative_to(lake.parent).as_posix(), b"x" * path.stat().st_size)
    outcome = project.verify()
    assert outcome.dataset("train").condition == "intact"
    assert outcome.dataset("train").note.endswith("objects since 2 overwritten")


def test_a_recorded_object_that_is_gone_for_good(place, project, lake):
    put(place, lake)
    capture(project, train=place.uri("lake"))
    inventory = inventory_of(project, "train")
    versions = dict(zip(inventory.files.paths, inventory.states.versions, strict=True))
    (name, *_) = (path for path in versions if path.endswith(".parquet"))
    place.delete(f"lake/{name}", versions[name])
    outcome = project.verify()
    assert outcome.dataset("train").condition == "missing"
    assert outcome.failed() == [(9, "dataset.files", "train", name)]
    compacted(lake)
    put(place, lake)
    assert project.verify().dataset("train").condition == "expired"


@pytest.mark.parametrize("versions", [False])
def test_without_versions_a_vacuum_is_the_end(place, project, lake):
    put(place, lake)
    result = capture(project, train=place.uri("lake"))
    assert "does not keep versions of any object" in result.warnings[0]
    assert project.verify().dataset("train").condition == "intact"
    compacted(lake)
    put(place, lake)
    assert project.verify().dataset("train").condition == "expired"
    assert project.verify().verdict.exit_code == 11
    assert project.verify(against="latest").dataset("train").condition == "relaid"


@pytest.mark.parametrize("versions", [False])
def test_without_versions_an_edited_log_is_altered(place, project, lake):
    put(place, lake)
    capture(project, train=place.uri("lake"))
    log = commits(lake)[0]
    log.write_text(log.read_text().replace('\\"numRecords\\":100', '\\"numRecords\\":999'))
    put(place, lake)
    outcome = project.verify()
    assert outcome.dataset("train").condition == "altered"
    assert outcome.failed() == [
        (9, "dataset.bytes", "train", "_delta_log/00000000000000000000.json")
    ]


def test_deletion_vectors_and_checkpoints(place, project, tmp_path):
    folder = tmp_path / "lake"
    with_vectors(folder, TABLE)
    delete_rows(folder, range(10))
    DeltaTable(folder).create_checkpoint()
    put(place, folder)
    capture(project, train=place.uri("lake"))
    record = record_of(project, "train")
    assert (record.rows, record.delta.deleted_rows, record.delta.log_files) == (90, 10, 1)
    assert project.verify().dataset("train").condition == "intact"


@pytest.mark.parametrize(
    ("versions", "settings"),
    [
        (True, ["none: no Object Lock"]),
        (False, ["none: no versions", "none: the newest version"]),
    ],
    indirect=["versions"],
)
def test_how_long_it_is_kept_is_for_the_bucket_to_say(place, project, lake, settings):
    put(place, lake)
    capture(project, train=place.uri("lake"))
    recorded = Recorded(record_of(project, "train"), inventory_of(project, "train"))
    reference = Reference(place.uri("lake"), "delta")
    request = PlanRequest(reference, project.root, collect=True, recorded=recorded)
    found = horizons(request, recorded, datetime(2036, 1, 1, tzinfo=UTC))
    assert [each.setting for each in found] == settings
    assert {each.fate for each in found} == {"open"}


def test_moved_between_bucket_and_disk(place, project, lake):
    put(place, lake)
    capture(project, train=place.uri("lake"))
    moved = {"train": Reference(str(lake))}
    assert project.verify(data=moved).dataset("train").condition == "intact"


@pytest.mark.parametrize("path", ["s3://another-bucket/part.parquet", "../part.parquet"])
def test_a_log_leads_to_no_other_place(place, project, lake, path):
    lines = actions(commits(lake)[1])
    for line in lines:
        if "add" in line:
            line["add"]["path"] = path
    commits(lake)[1].write_text("".join(json.dumps(line) + "\n" for line in lines))
    put(place, lake)
    with pytest.raises(TableFormatError):
        capture(project, train=place.uri("lake"))


def test_a_key_that_looks_like_a_version_of_another_one(place, project, lake):
    """Nobody may have the digest of one object recorded under the name of another."""
    name = max(lake.glob("*.parquet"), key=lambda path: path.stat().st_size).name
    version = place.put(f"lake/{name}", (lake / name).read_bytes())
    (lake / name).rename(lake / f"{name}?versionId={version}")
    for path in commits(lake):
        path.write_text(path.read_text().replace(name, f"{name}?versionId={version}"))
    put(place, lake)
    capture(project, train=place.uri("lake"))
    paths = list(inventory_of(project, "train").files.paths)
    assert f"{name}?versionId={version}" in paths
    versions = inventory_of(project, "train").states.versions
    assert version not in list(versions)
    assert project.verify().dataset("train").condition == "intact"


def test_no_table(place, project):
    place.put("lake/a.parquet", b"x")
    with pytest.raises(DataNotFoundError, match="no Delta table"):
        capture(project, train=f"delta:{place.uri('lake')}")
    for text in ("delta:s3://no-such-bucket/lake", "s3://no-such-bucket/lake"):
        with pytest.raises(DataNotFoundError, match="no such bucket"):
            capture(project, train=text)
