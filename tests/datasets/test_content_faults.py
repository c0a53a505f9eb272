"""Tables that change, break or are given up while their rows are digested."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from auditkit.datasets.base import ContentKind, ContentRequest, Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.scan import scan
from auditkit.errors import AuditkitError, FileChangedError, WorkerError
from auditkit.execution.executor import LocalExecutor, ThreadExecutor
from auditkit.execution.progress import SilentProgress

ROWS = 250_000
KINDS: list[ContentKind] = ["sequence", "bag"]


class Once(SilentProgress):
    """Does something once, as soon as bytes have been read."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act: Callable[[], object] | None = act

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:  # noqa: ARG002
        act, self._act = self._act, None
        if act is not None:
            act()


def table() -> pa.Table:
    numbers = np.random.default_rng(3).integers(0, 1 << 60, ROWS)
    return pa.table({"id": np.arange(ROWS), "value": numbers, "text": numbers.astype(str)})


@pytest.fixture(params=["parquet", "csv"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"a.{request.param}"
    if request.param == "csv":
        pa_csv.write_csv(table(), path)
    else:
        pq.write_table(table(), path, row_group_size=20_000)
    os.utime(path, ns=(0, 0))
    return path


def digested(path: Path, kind: ContentKind, **options: Any) -> Any:
    options = {"executor": ThreadExecutor(2), **options}
    found = plan(Reference(str(path), "table"), base=Path("/"))
    return scan(found, content=ContentRequest(kind), **options)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"1,2,3\n")


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1000, os.SEEK_END)
        file.write(b"7")


def swap(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.rename(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", [append, truncate, overwrite, swap, Path.unlink])
def test_a_change_while_rows_are_digested_is_named_and_no_digest_is_given(
    stored: Path, kind: ContentKind, act: Callable[[Path], None]
) -> None:
    with pytest.raises(FileChangedError) as caught:
        digested(stored, kind, progress=Once(lambda: act(stored)))
    assert caught.value.path == str(stored)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", [append, truncate, overwrite, swap, Path.unlink])
def test_where_problems_are_collected_nothing_partial_counts_as_the_whole(
    stored: Path, kind: ContentKind, act: Callable[[Path], None]
) -> None:
    found = digested(stored, kind, progress=Once(lambda: act(stored)), collect=True)
    assert [problem.path for problem in found.problems] == [stored.name]
    assert found.entries == ()
    assert found.rows is None
    assert found.content is None


@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_file_among_good_ones_takes_the_digest_of_all(
    tmp_path: Path, kind: ContentKind
) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for name in ("a", "b", "c"):
        pq.write_table(table(), folder / f"{name}.parquet")
    bad = folder / "b.parquet"
    bad.write_bytes(bad.read_bytes()[:-2000] + bytes(1000) + bad.read_bytes()[-1000:])
    with pytest.raises(AuditkitError) as caught:
        digested(folder, kind, progress=SilentProgress())
    assert caught.value.path == str(bad)
    found = digested(folder, kind, progress=SilentProgress(), collect=True)
    assert [problem.path for problem in found.problems] == ["b.parquet"]
    assert found.content is None


@pytest.mark.parametrize("act", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_given_up_leaves_no_process_behind(
    tmp_path: Path, kind: ContentKind, act: type[BaseException]
) -> None:
    pq.write_table(table(), tmp_path / "a.parquet", row_group_size=20_000)
    before = _workers()

    def give_up() -> None:
        raise act

    with pytest.raises(act):
        digested(tmp_path / "a.parquet", kind, executor=LocalExecutor(2), progress=Once(give_up))
    assert _workers() == before


def test_killed_workers_are_named_and_leave_no_digest(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "a.parquet", row_group_size=20_000)
    before = _workers()

    class Murder(SilentProgress):
        """Kills every worker that it sees."""

        def advance(self, *, bytes: int = 0, files: int = 0) -> None:  # noqa: ARG002
            for pid in _workers() - before:
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(WorkerError, match="SIGKILL"):
        digested(tmp_path / "a.parquet", "bag", executor=LocalExecutor(2), progress=Murder())
    assert _workers() == before


def _workers() -> set[int]:
    """Return the worker processes of this process that run."""
    found = set()
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            try:
                command = Path("/proc", pid, "cmdline").read_bytes()
            except OSError:
                continue
            if b"auditkit.execution.worker" in command:
                found.add(int(pid))
    return found
