"""Second digests of the same bytes, made in the pass that makes the SHA-256."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditkit.datasets.base import ContentRequest, Parts
from auditkit.datasets.companion import start_companion
from auditkit.datasets.hashing import FileBatch, FileHasher
from auditkit.datasets.planning import plan
from auditkit.datasets.references import parse_reference
from auditkit.datasets.scan import scan
from auditkit.execution.executor import ProcessExecutor, ThreadExecutor
from auditkit.execution.progress import SilentProgress

CHUNK = 1024 * 1024


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def text_md5(*pieces: bytes) -> bytes:
    digest = start_companion("md5-dos2unix")
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


@pytest.mark.parametrize(
    ("data", "hashed"),
    [
        (b"", b""),
        (b"a\r\nb\r\n", b"a\nb\n"),
        (b"a\rb\n\r", b"a\rb\n\r"),
        (b"a\0\r\n", b"a\0\r\n"),
        (b"\xff" * 30 + b"x" * 68 + b"\r\n", b"\xff" * 30 + b"x" * 68 + b"\n"),
        (b"\xff" * 31 + b"x" * 67 + b"\r\n", b"\xff" * 31 + b"x" * 67 + b"\r\n"),
        (b"x" * 512 + b"\0\r\n", b"x" * 512 + b"\0\n"),
        # each chunk of 1 MiB is judged for itself, and a line end across two of them stays
        (b"x" * CHUNK + b"\0\r\n", b"x" * CHUNK + b"\0\r\n"),
        (b"\0" * CHUNK + b"x\r\n", b"\0" * CHUNK + b"x\n"),
        (b"x" * (CHUNK - 1) + b"\r\n", b"x" * (CHUNK - 1) + b"\r\n"),
    ],
)
def test_text_of_dvc_2_is_hashed_with_line_feeds(data, hashed):
    assert text_md5(data) == md5(hashed)


@given(st.lists(st.binary(max_size=50)))
def test_pieces_do_not_matter(pieces):
    assert text_md5(*pieces) == text_md5(b"".join(pieces))


@pytest.mark.parametrize("reference", ["files:d", "d", "t.csv", "p.parquet"])
@pytest.mark.parametrize("kind", ["md5", "md5-dos2unix", None])
def test_companions_are_made_whatever_reads_the_bytes(tmp_path, reference, kind):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.csv").write_bytes(b"a,b\r\n1,2\r\n")
    (tmp_path / "d/b.csv").write_bytes(b"a,b\r\n3,4.5\r\n")
    (tmp_path / "t.csv").write_bytes(b"a\r\n1\r\n")
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "p.parquet")
    found = plan(parse_reference(reference), base=tmp_path)
    found = replace(found, parts=Parts(found.parts, companion=kind))
    scanned = scan(
        found,
        executor=ThreadExecutor(2),
        progress=SilentProgress(),
        content=ContentRequest("sequence"),
    )
    for part, entry in zip(found.parts, scanned.entries, strict=True):
        data = Path(part.real).read_bytes()
        expected = {None: b"", "md5": md5(data), "md5-dos2unix": text_md5(data)}[kind]
        assert entry.companion == expected
        assert entry.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_that_cannot_be_read_takes_no_companion_from_another(tmp_path):
    for name in "abc":
        (tmp_path / name).write_text(name)
    found = plan(parse_reference("files:."), base=tmp_path)
    found = replace(found, parts=Parts(found.parts, companion="md5"))
    (tmp_path / "b").unlink()
    scanned = scan(found, executor=ThreadExecutor(1), progress=SilentProgress(), collect=True)
    assert [each.companion for each in scanned.entries] == [md5(b"a"), md5(b"c")]


def test_worker_processes_make_them_too(tmp_path):
    (tmp_path / "a").write_text("a")
    batch = FileBatch((str(tmp_path / "a"), str(tmp_path / "b")), (1, 1), companion="md5")
    (hashed,) = ProcessExecutor(1).map(FileHasher(), [batch])
    assert hashed.companions == md5(b"a") + bytes(16)
    assert [index for index, _ in hashed.failures] == [1]
