"""Metadata mode asks what is stored and reads nothing; what servers state is a hint, no more."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import s3proxy
from buckets.places import capture, inventory_of

from auditkit.stores.s3_client import S3Settings

PART = b"p" * 5 * 1024 * 1024


@pytest.fixture
def proxy(s3):
    with s3proxy.serve(s3) as running:
        yield running


def reads(proxy) -> list[str]:
    """Return the requests for objects' bytes."""
    return [path for method, path in proxy.seen if method == "GET" and "/at/" in path]


def test_nothing_is_read(place, project, proxy, tmp_path):
    pq.write_table(pa.table({"n": [1, 2]}), tmp_path / "t.parquet")
    place.put("train/t.parquet", (tmp_path / "t.parquet").read_bytes())
    version = place.put("blob/a.bin", b"abc")
    capture(project, train=place.uri("train"), blob=place.uri("blob"))
    outcome = project.verify(mode="metadata", s3=S3Settings(endpoint=proxy.endpoint))
    assert reads(proxy) == []
    assert outcome.verdict.status == "indeterminate"
    assert outcome.failed() == []
    details = {each.detail for each in outcome.findings if each.check == "dataset.bytes"}
    assert details == {"versions and sizes compared; no bytes were read (metadata mode)"}
    for name in ("train", "blob"):
        assert outcome.dataset(name).condition == "unchecked"
        assert outcome.dataset(name).coverage.bytes == 0
    place.delete("blob/a.bin", version)
    assert project.verify(mode="metadata").dataset("blob").condition == "missing"


@pytest.mark.parametrize("versions", [False])
def test_another_size_is_found_without_reading(place, project):
    place.put("train/a.bin", b"abc")
    capture(project, train=place.uri("train"))
    place.put("train/a.bin", b"abcd")
    assert project.verify(mode="metadata").dataset("train").condition == "altered"


def test_an_etag_is_no_digest(place, project):
    """The same bytes in two objects, uploaded in one and in two parts, have two entity tags."""
    place.put("train/whole.bin", PART + PART, ChecksumAlgorithm="SHA256")
    upload_parts(place, "train/parts.bin")
    capture(project, train=place.uri("train"))
    inventory = inventory_of(project, "train")
    assert len({each.sha256 for each in inventory}) == 1
    composite, whole = inventory.states.checksums
    digest = base64.b64encode(hashlib.sha256(PART + PART).digest()).decode()
    assert whole == f"SHA256:FULL_OBJECT:{digest}"
    assert composite.startswith("SHA256:COMPOSITE:")
    assert composite.endswith("-2")


def upload_parts(place, name: str, *sizes: bytes) -> None:
    """Write an object in parts, with a checksum of each."""
    where = {"Bucket": place.bucket, "Key": f"{place.prefix}/{name}"}
    upload = place.client.create_multipart_upload(
        **where, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE"
    )["UploadId"]
    parts = []
    for number, part in enumerate(sizes or (PART, PART), 1):
        done = place.client.upload_part(
            **where, UploadId=upload, PartNumber=number, Body=part, ChecksumAlgorithm="SHA256"
        )
        checksum = {"ChecksumSHA256": done["ChecksumSHA256"], "ETag": done["ETag"]}
        parts.append({"PartNumber": number, **checksum})
    place.client.complete_multipart_upload(
        **where, UploadId=upload, MultipartUpload={"Parts": parts}
    )


def checksum_findings(outcome) -> list[tuple[str, str | None]]:
    return [
        (each.status, each.location.file if each.location else None)
        for each in outcome.findings
        if each.check == "dataset.bytes" and "server states" in each.detail
    ]


@pytest.mark.parametrize("versions", [False])
def test_stated_checksums(place, project):
    for name in ("a.bin", "b.bin", "none.bin"):
        place.put(f"train/{name}", b"abc", ChecksumAlgorithm="SHA256")
    upload_parts(place, "train/parts.bin", PART, b"end")
    capture(project, train=place.uri("train"))
    outcome = project.verify(mode="metadata", checksums=True)
    assert checksum_findings(outcome) == [("indeterminate", None)]
    assert any("of 4 of 4 objects; that is no evidence" in each.detail for each in outcome.findings)
    place.put("train/b.bin", b"abd", ChecksumAlgorithm="SHA256")
    upload_parts(place, "train/parts.bin", PART + b"e", b"nd")
    outcome = project.verify(mode="metadata", checksums=True)
    assert checksum_findings(outcome) == [
        ("failed", "b.bin"),
        ("indeterminate", "parts.bin"),
        ("indeterminate", None),
    ]
    assert outcome.dataset("train").condition == "altered"
    assert project.verify().failed() == [(9, "dataset.bytes", "train", "b.bin")]


def test_content_encoding_does_not_change_what_is_read(place, project):
    stored = gzip.compress(b"text")
    place.put("train/a.bin", stored, ContentEncoding="gzip")
    capture(project, train=place.uri("train"))
    assert inventory_of(project, "train")[0].sha256 == hashlib.sha256(stored).hexdigest()


def test_a_checksum_that_nobody_here_computes(place, project, proxy):
    """S3 makes CRC64NVME checksums by itself; botocore checks those only with an extra of its own."""

    def state_another(exchange: s3proxy.Exchange) -> None:
        answer = exchange.forward()
        kept = [pair for pair in answer.headers if "checksum" not in pair[0].lower()]
        stated = [
            ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),  # of no bytes
            ("x-amz-checksum-type", "FULL_OBJECT"),
        ]
        exchange.answer(s3proxy.Answer(answer.status, [*kept, *stated], answer.body))

    place.put("train/empty.bin", b"")
    proxy.plan("GET", state_another, key=".bin")
    capture(project, S3Settings(endpoint=proxy.endpoint), train=place.uri("train"))
    states = inventory_of(project, "train").states
    assert list(states.checksums) == ["CRC64NVME:FULL_OBJECT:AAAAAAAAAAA="]
    assert project.verify().verdict.status == "passed"


def test_checksums_go_with_metadata_mode(place, project):
    place.put("train/a.bin", b"abc")
    capture(project, train=place.uri("train"))
    outcome = project.verify(checksums=True)
    assert outcome.verdict.status == "passed"
    assert checksum_findings(outcome) == []
