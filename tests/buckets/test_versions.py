"""The recorded version is what is verified, whatever became of the objects after it."""

from __future__ import annotations

import hashlib

import pytest
from buckets.places import capture, inventory_of, record_of

from auditkit.datasets.base import Reference


@pytest.fixture
def folder(place, project):
    """A captured folder of two objects; returns the ids of their versions."""
    ids = {name: place.put(f"train/{name}", name.encode()) for name in ("a.bin", "x/b.bin")}
    capture(project, train=place.uri("train"))
    return ids


def test_versions_are_recorded(place, project, folder):
    record, inventory = record_of(project, "train"), inventory_of(project, "train")
    assert record.location == place.uri("train")
    assert record.s3.versions == "kept"
    assert list(inventory.files.paths) == list(folder)
    assert list(inventory.states.versions) == list(folder.values())
    assert [each.sha256 for each in inventory] == [
        hashlib.sha256(name.encode()).hexdigest() for name in folder
    ]
    outcome = project.verify()
    assert outcome.verdict.status == "passed"
    assert outcome.statuses("dataset.version") == {"passed"}
    assert outcome.dataset("train").coverage.bytes == len("a.binx/b.bin")


@pytest.mark.usefixtures("folder")
def test_what_came_later_hides_nothing(place, project):
    place.put("train/a.bin", b"other")
    place.put("train/c.bin", b"more")
    place.delete("train/x/b.bin")
    outcome = project.verify()
    assert outcome.verdict.status == "passed"
    found = outcome.dataset("train")
    assert found.condition == "intact"
    assert found.note == (
        "the recorded versions were read; objects since 1 overwritten, 1 deleted, 1 added"
    )


def test_a_version_that_is_gone_is_missing(place, project, folder):
    place.put("train/a.bin", b"a.bin")
    place.delete("train/a.bin", folder["a.bin"])
    outcome = project.verify()
    assert outcome.dataset("train").condition == "missing"
    assert outcome.failed() == [
        (9, "dataset.version", "train", None),
        (9, "dataset.files", "train", "a.bin"),
    ]
    assert outcome.dataset("train").coverage.files == 1


def test_all_versions_gone(place, project, folder):
    for name, version in folder.items():
        place.delete(f"train/{name}", version)
    outcome = project.verify()
    assert outcome.dataset("train").condition == "missing"
    assert outcome.verdict.status == "failed"


@pytest.mark.usefixtures("folder")
def test_another_place_is_read_as_it_is_now(place, project):
    place.put("copy/a.bin", b"a.bin")
    place.put("copy/x/b.bin", b"x/B.bin")
    outcome = project.verify(data={"train": Reference(place.uri("copy"))})
    assert outcome.dataset("train").condition == "altered"
    assert outcome.statuses("dataset.version") == {"skipped"}
    place.put("copy/x/b.bin", b"x/b.bin")
    outcome = project.verify(data={"train": Reference(place.uri("copy"))})
    assert outcome.verdict.status == "passed"


def test_single_object(place, project):
    first = place.put("model.bin", b"weights")
    capture(project, role="output", model=place.uri("model.bin"))
    assert list(inventory_of(project, "model").states.versions) == [first]
    assert project.verify().dataset("model").note is None
    place.put("model.bin", b"others")
    assert "1 overwritten" in project.verify().dataset("model").note
    place.delete("model.bin")
    outcome = project.verify()
    assert outcome.verdict.status == "passed"
    assert "1 deleted" in outcome.dataset("model").note
    place.delete("model.bin", first)
    outcome = project.verify()
    assert outcome.dataset("model").condition == "missing"
    assert f"version {first}" in outcome.dataset("model").note


@pytest.mark.parametrize("versions", [False])
def test_without_versions(place, project):
    place.put("train/a.bin", b"abc")
    place.put("train/b.bin", b"def")
    result = capture(project, train=place.uri("train"))
    assert "does not keep versions of any object" in result.warnings[0]
    assert record_of(project, "train").s3.versions == "none"
    states = inventory_of(project, "train").states
    assert list(states.versions) == ["", ""]
    assert list(states.etags) == [hashlib.md5(each).hexdigest() for each in (b"abc", b"def")]
    assert project.verify().verdict.status == "passed"
    place.put("train/a.bin", b"abd")
    place.put("train/c.bin", b"new")
    outcome = project.verify()
    assert outcome.dataset("train").condition == "altered"
    assert outcome.failed() == [
        (9, "dataset.files", "train", "c.bin"),
        (9, "dataset.bytes", "train", "a.bin"),
    ]


@pytest.mark.parametrize("versions", [False])
def test_versions_from_the_middle_on(s3, place, project):
    """What was written before versions were kept may be overwritten only while they are not."""
    bucket = s3.make_bucket()
    place.bucket = bucket
    place.put("train/a.bin", b"before")
    place.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    place.put("train/b.bin", b"after")
    result = capture(project, train=place.uri("train"))
    assert record_of(project, "train").s3.versions == "partly"
    assert "does not keep versions of every object" in result.warnings[0]
    place.put("train/a.bin", b"hidden")
    outcome = project.verify()
    assert outcome.verdict.status == "passed"
    assert "1 overwritten" in outcome.dataset("train").note
