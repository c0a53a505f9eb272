"""What lies under a prefix, whatever keys there are and in whatever order they are listed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
import s3proxy
from buckets.places import Place, capture, inventory_of

from auditkit.api.options import DatasetRequest
from auditkit.api.preflight import plan_dataset
from auditkit.datasets.base import Part
from auditkit.datasets.references import parse_reference
from auditkit.datasets.requests import PlanRequest
from auditkit.datasets.s3.listing import Listed
from auditkit.datasets.s3.plan import S3Planner
from auditkit.errors import (
    AuditkitError,
    DataNotFoundError,
    EmptyDatasetError,
    PathNameError,
    UnreadableError,
    UsageError,
)
from auditkit.stores.s3_client import S3Settings


def paths(place: Place, project, name: str = "d", **options) -> list[str]:
    reference = parse_reference(f"s3://{place.bucket}/{place.prefix}/{name}")
    request = DatasetRequest(name="d", reference=reference, base=project.root, **options)
    return list(plan_dataset(request, S3Settings()).parts.paths)


def test_more_than_a_page(place, project):
    names = sorted(f"d/{number}.bin" for number in range(1100))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(place.put, names))
    place.put("d/7.bin", b"again")
    found = paths(place, project)
    assert [f"d/{path}" for path in found] == names


def test_order_is_that_of_whole_paths(place, project):
    for name in ("d/a/x", "d/a-b", "d/a.b", "d/ä", "d/Z"):
        place.put(name)
    assert paths(place, project) == ["Z", "a-b", "a.b", "a/x", "ä"]


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_parts_are_sorted_whatever_the_server_does(tmp_path, order):
    planner = S3Planner(PlanRequest(parse_reference("s3://bucket/d"), tmp_path))
    parts = [Part(name, f"s3://bucket/d/{name}?versionId=1", 1, planner.source) for name in order]
    assert list(planner.parts_of(parts).paths) == ["a", "b", "c"]
    with pytest.raises(UnreadableError, match="twice"):
        planner.parts_of([*parts, parts[0]])


def test_neighbours_and_markers_are_not_part_of_a_folder(place, project):
    for name in ("d/a", "d-old/b", "d.bak", "dd/c"):
        place.put(name)
    place.client.put_object(Bucket=place.bucket, Key=f"{place.prefix}/d/empty/", Body=b"")
    assert paths(place, project) == ["a"]
    assert paths(place, project, "d/") == ["a"]


def test_deleted_objects_are_not_there(place, project):
    place.put("d/a")
    place.put("d/b")
    place.delete("d/b")
    assert paths(place, project) == ["a"]
    place.delete("d/a")
    with pytest.raises(DataNotFoundError, match="none below it"):
        paths(place, project)


def test_exclusions(place, project):
    for name in ("d/a.csv", "d/tmp/b.csv", "d/c.log"):
        place.put(name)
    assert paths(place, project, excluded=("tmp/", "*.log")) == ["a.csv"]
    with pytest.raises(EmptyDatasetError):
        paths(place, project, excluded=("*",))


@pytest.mark.parametrize("path", ["a//b", "../b", "a/./b", "a\nb", "a\\b", "a/.."])
def test_keys_that_are_no_paths(tmp_path, path):
    """A server may list anything; a client that wrote such a key as a file would leave its folder."""
    request = PlanRequest(parse_reference("s3://bucket/d"), tmp_path)
    planner = S3Planner(request)
    with pytest.raises(PathNameError, match="no path inside a folder"):
        list(planner.parts_in([Listed(f"d/{path}", None, "e", 1)]))


def test_object_and_folder_of_one_name(place, project):
    place.put("d/a")
    place.put("d")
    with pytest.raises(PathNameError, match="an object of this name, and a folder"):
        paths(place, project)
    assert paths(place, project, "d/") == ["a"]


def test_object_that_comes_to_share_its_name_later(place, project):
    place.put("d/a")
    capture(project, d=place.uri("d"))
    place.put("d")
    assert project.verify().verdict.status == "passed"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("s3://no-such-bucket-4711/a", DataNotFoundError),
        ("s3://", UsageError),
        ("s3://user:password@bucket/a", UsageError),
        (f"s3://bucket/{'k' * 1025}", UsageError),
    ],
)
def test_places_that_are_none(s3, project, text, error):
    with pytest.raises(AuditkitError) as caught:
        capture(project, S3Settings(endpoint=s3.endpoint), d=text)
    assert type(caught.value) is error
    assert "password" not in f"{caught.value}"


@pytest.fixture
def blind(s3):
    """A server through which versions cannot be listed, as for readers of many public buckets."""
    with s3proxy.serve(s3) as proxy:
        refused = s3proxy.refuse(403, "AccessDenied")
        proxy.next_fault = lambda _, path: refused if "versions" in path else s3proxy.work
        yield S3Settings(endpoint=proxy.endpoint, attempts=1)


def test_versions_that_may_not_be_listed(place, project, blind):
    place.put("d/a", b"abc")
    result = capture(project, blind, d=place.uri("d"))
    assert "does not let its versions be listed" in result.warnings[0]
    assert list(inventory_of(project, "d").states.versions) == [""]
    outcome = project.verify(s3=blind)
    assert outcome.verdict.status == "passed"
    assert outcome.statuses("dataset.version") == {"skipped"}


def test_recorded_versions_that_may_not_be_listed(place, project, blind):
    place.put("d/a", b"abc")
    capture(project, d=place.uri("d"))
    outcome = project.verify(s3=blind)
    assert outcome.dataset("d").condition == "unreadable"
    assert outcome.verdict.status == "indeterminate"
