"""Every format says the same of a table, whether it lies on disk or in a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest
import s3proxy
from buckets.places import capture, record_of
from datasets.test_sources import WRITERS
from projects import Project

from auditkit.stores.s3_client import S3Settings


@pytest.mark.parametrize("name", WRITERS)
def test_a_bucket_says_what_the_disk_says(place, project, name, tmp_path):
    local = Project(tmp_path / "local", project.signer)
    local.root.mkdir()
    WRITERS[name](local.root / name)
    place.put(name, (local.root / name).read_bytes())
    capture(local, data=name)
    capture(project, data=place.uri(name))
    here, there = record_of(local, "data"), record_of(project, "data")
    for field in ("format", "rows", "schema", "table"):
        assert getattr(here, field) == getattr(there, field)
    assert here.inventory.root == there.inventory.root
    if here.content is not None:
        assert here.content.digest == there.content.digest
    assert project.verify().verdict.status == "passed"


def test_folder_of_partitions(place, project, tmp_path):
    for month in (1, 2):
        path = tmp_path / f"local/month={month}/part.parquet"
        path.parent.mkdir(parents=True)
        WRITERS["t.parquet"](path)
        place.put(f"train/month={month}/part.parquet", path.read_bytes())
    place.put("train/_SUCCESS", b"")
    Path(tmp_path / "local/_SUCCESS").touch()
    capture(project, here="local", there=place.uri("train"))
    here, there = record_of(project, "here"), record_of(project, "there")
    assert here.content.digest == there.content.digest
    assert here.inventory.root == there.inventory.root
    assert here.schema == there.schema
    assert project.verify().verdict.status == "passed"


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
def test_an_object_is_streamed_once(place, project, name, tmp_path):
    """Footers are asked for by themselves, and rows are decoded from the bytes that are hashed."""
    WRITERS[name](tmp_path / name)
    place.put(f"d/{name}", (tmp_path / name).read_bytes())
    ranges: list[str | None] = []

    def note(exchange: s3proxy.Exchange) -> None:
        ranges.append(exchange.headers.get("Range"))
        s3proxy.work(exchange)

    with s3proxy.serve(place.server) as proxy:
        proxy.plan("GET", *[note] * 100, key=name)
        capture(project, S3Settings(endpoint=proxy.endpoint), data=place.uri("d"))
    assert ranges.count(None) == 1
    assert len(ranges) > 1
