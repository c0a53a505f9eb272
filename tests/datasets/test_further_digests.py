"""SHA-512 and BLAKE3 of every file, from the bytes that SHA-256 is over, read once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from blake3 import blake3

from auditkit.datasets.base import ContentRequest, Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.digests import FURTHER_DIGESTS, in_order
from auditkit.errors import MissingDependencyError
from auditkit.execution.executor import Executor, LocalExecutor, ProcessExecutor, ThreadExecutor
from auditkit.execution.progress import SilentProgress

REFERENCE = {"sha256": hashlib.sha256, "sha512": hashlib.sha512, "blake3": blake3}


class Counting(SilentProgress):
    """Adds up the bytes that were read."""

    def __init__(self) -> None:
        self.bytes = 0

    def advance(self, *, bytes: int = 0, **_: int) -> None:
        self.bytes += bytes


def scanned(path: Path, executor: Executor | None = None, **options):
    # the progress is the test's: worker processes could not import it
    progress = Counting()
    found = scan(
        plan(Reference(str(path)), base=Path("/")),
        executor=executor or ThreadExecutor(2),
        progress=progress,
        further=FURTHER_DIGESTS,
        **options,
    )
    return found, progress.bytes


def assert_digests(found, folder: Path) -> None:
    assert tuple(found.entries.further) == FURTHER_DIGESTS
    for entry in found.entries:
        raw = (folder / entry.path).read_bytes()
        for name, make in REFERENCE.items():
            assert getattr(entry, name) == make(raw).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for number, size in enumerate((0, 1, 262_144, 300_001)):
        (tmp_path / f"{number}.bin").write_bytes(bytes([number]) * size)
    return tmp_path


@pytest.mark.parametrize("executor", [ThreadExecutor(1), ThreadExecutor(3), ProcessExecutor(2)])
def test_files_have_them_whoever_hashes(files: Path, executor: Executor) -> None:
    place = plan(Reference("."), base=files)
    found = scan(place, executor=executor, progress=SilentProgress(), further=FURTHER_DIGESTS)
    assert_digests(found, files)


def test_many_small_files_have_them(tmp_path: Path) -> None:
    for number in range(4_100):
        (tmp_path / f"{number:04}").write_bytes(b"%d" % number)
    found, _ = scanned(tmp_path, LocalExecutor(2))
    assert_digests(found, tmp_path)


@pytest.mark.parametrize("content", [None, ContentRequest("sequence"), ContentRequest("bag")])
@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl", "arrow"])
def test_tables_have_them_from_one_reading(tmp_path: Path, suffix: str, content) -> None:
    table = pa.table({"a": list(range(1_000))})
    for number in range(2):
        path = tmp_path / f"{number}.{suffix}"
        if suffix == "parquet":
            pq.write_table(table, path)
        elif suffix == "arrow":
            with pa.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
        else:
            row = '{{"a":{}}}\n' if suffix == "jsonl" else "{}\n"
            path.write_text("a\n" * (suffix == "csv") + "".join(map(row.format, range(1_000))))
    found, read = scanned(tmp_path, content=content)
    assert_digests(found, tmp_path)
    assert read == found.bytes
    assert found.rows == 2_000


def test_metadata_mode_computes_none(files: Path) -> None:
    found, read = scanned(files, mode="metadata")
    assert (found.entries.further, read) == ({}, 0)


def test_a_file_that_cannot_be_read_hides_no_other(files: Path) -> None:
    planned = plan(Reference(str(files)), base=Path("/"))
    (files / "1.bin").write_bytes(b"longer")
    found = scan(
        planned,
        executor=ThreadExecutor(2),
        progress=SilentProgress(),
        further=("blake3",),
        collect=True,
    )
    assert [problem.path for problem in found.problems] == ["1.bin"]
    assert [entry.path for entry in found.entries] == ["0.bin", "2.bin", "3.bin"]
    for entry in found.entries:
        assert entry.blake3 == blake3((files / entry.path).read_bytes()).hexdigest()


def test_without_its_package_blake3_is_refused_before_anything_is_read(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auditkit.digests.find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match="blake3") as caught:
        scanned(files)
    assert "auditkit-manifest[blake3]" in (caught.value.hint or "")


def test_the_table_of_digests_is_closed_and_in_order() -> None:
    assert in_order(["blake3", "sha512"]) == ("sha512", "blake3")
    with pytest.raises(ValueError, match="md5"):
        in_order(["md5"])
