"""Every format reads through the port, so that it can be anywhere; the disk keeps its contract."""

from __future__ import annotations

import gzip
import os
import pickle
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets.memory_source import MemorySource

from auditkit.datasets.base import ContentRequest, Parts, Plan, Reference, Scan
from auditkit.datasets.local_files import LOCAL
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.errors import FileChangedError, UnreadableError
from auditkit.execution.executor import ThreadExecutor
from auditkit.execution.progress import SilentProgress

TABLE = pa.table({"n": range(5_000), "text": [f"row {i}" for i in range(5_000)]})


def write_parquet(path: Path) -> None:
    pq.write_table(TABLE, path, row_group_size=700)


def write_arrow(path: Path) -> None:
    with pa.ipc.new_file(path, TABLE.schema) as writer:
        writer.write_table(TABLE, 900)


def write_csv(path: Path) -> None:
    rows = "".join(f"{n},row {n}\n" for n in range(5_000))
    path.write_bytes(gzip.compress(f"n,text\n{rows}".encode()))


def write_jsonl(path: Path) -> None:
    path.write_text("".join(f'{{"n": {n}, "text": "row {n}"}}\n' for n in range(5_000)))


WRITERS = {
    "t.parquet": write_parquet,
    "t.arrow": write_arrow,
    "t.csv.gz": write_csv,
    "t.jsonl": write_jsonl,
    "t.bin": lambda path: path.write_bytes(os.urandom(700_000)),
}


def read(found: Plan, **options: object) -> Scan:
    options = {"content": ContentRequest("bag"), **options}
    return scan(found, executor=ThreadExecutor(2), progress=SilentProgress(), **options)


def elsewhere(found: Plan, contents: dict[str, bytes] | None = None) -> Plan:
    """Return the same plan with its parts in memory, under addresses that are no paths."""
    contents = {} if contents is None else contents
    contents |= {f"memory:{part.path}": Path(part.real).read_bytes() for part in found.parts}
    source = MemorySource(contents)
    parts = [part._replace(real=f"memory:{part.path}", source=source) for part in found.parts]
    return replace(found, parts=Parts(parts))


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("mode", ["full", "metadata"])
def test_any_format_anywhere(tmp_path, name, mode):
    WRITERS[name](tmp_path / name)
    found = plan(Reference(name), base=tmp_path)
    here, there = read(found, mode=mode), read(elsewhere(found), mode=mode)
    assert replace(here, plan=there.plan) == there
    assert there.content == here.content


def test_parts_of_one_data_set_may_be_in_several_places(tmp_path):
    (tmp_path / "d").mkdir()
    for name in "ab":
        write_parquet(tmp_path / f"d/{name}.parquet")
    found = plan(Reference("d"), base=tmp_path)
    mixed = replace(found, parts=Parts([found.parts[0], elsewhere(found).parts[1]]))
    assert read(mixed).content == read(found).content
    assert read(mixed).root == read(found).root


@pytest.mark.parametrize("reading", ["table", "files"])
def test_change_elsewhere_is_noticed(tmp_path, reading):
    write_parquet(tmp_path / "t.parquet")
    contents: dict[str, bytes] = {}
    found = replace(
        elsewhere(plan(Reference("t.parquet"), base=tmp_path), contents), reading=reading
    )
    contents["memory:t.parquet"] += b"x"
    with pytest.raises(FileChangedError, match="written to"):
        read(found)


def test_local_files_open_what_was_planned(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abcdef")
    source = pickle.loads(pickle.dumps(LOCAL))
    assert source == LOCAL
    with closing(source.open(str(path), 6)) as file:
        assert file.peek(4, 9) == b"ef"
        assert file.read(2) == b"ab"
        file.seek(3)
        buffer = bytearray(9)
        assert file.readinto(memoryview(buffer)) == 3
        assert bytes(buffer[:3]) == b"def"
        assert file.read(1) == b""
        file.check_unchanged()
        path.unlink()
        with pytest.raises(FileChangedError, match="disappeared"):
            file.check_unchanged()
        file.close()
    with pytest.raises(FileChangedError, match="disappeared"):
        source.open(str(path), 6)


def test_local_stamp_tells_writing(tmp_path):
    path = tmp_path / "a"
    assert LOCAL.stamp(str(path)) is None
    path.write_bytes(b"abc")
    before = LOCAL.stamp(str(path))
    status = path.stat()
    path.write_bytes(b"abd")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert LOCAL.stamp(str(path)) != before
    assert LOCAL.stamp(str(tmp_path)) is None


def test_local_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(FileChangedError, match="something else"):
        LOCAL.open(str(tmp_path / "a"), (tmp_path / "a").stat().st_size)
    with (
        closing(LOCAL.open("/proc/self/mem", 0)) as file,
        pytest.raises(UnreadableError, match="Input/output"),
    ):
        file.read(1)
