"""Digests against sha256sum, and files that change while they are read."""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditkit.datasets.base import Reference
from auditkit.datasets.planning import plan
from auditkit.datasets.reading import open_part
from auditkit.datasets.scan import scan
from auditkit.errors import FileChangedError, UnreadableError, WorkerError
from auditkit.execution.executor import LocalExecutor, ProcessExecutor, ThreadExecutor
from auditkit.execution.progress import SilentProgress

MIB = 1024 * 1024
SHELL = r"""find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0r sha256sum --"""


class Hook(SilentProgress):
    """Does something once, as soon as some bytes have been read."""

    def __init__(self, act: Callable[[], object], after: int = 1) -> None:
        self._act = act
        self._left = after

    def advance(self, *, bytes: int = 0, **_: int) -> None:
        if self._left > 0:
            self._left -= bytes
            if self._left <= 0:
                self._act()


class Count(SilentProgress):
    def __init__(self) -> None:
        self.bytes = self.files = 0

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:
        self.bytes += bytes
        self.files += files


class PicklingExecutor:
    """Sends function, parts and results through pickle, as processes would."""

    def map(self, fn: Callable, parts: Iterable, **_: bool) -> Iterator:
        for part in parts:
            call, argument = pickle.loads(pickle.dumps((fn, part)))
            yield pickle.loads(pickle.dumps(call(argument)))


def run_shell(command: str, folder: Path) -> str:
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def odd_tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    names = [
        "-n",
        " a b ",
        "q'u\"o*te?",
        "ünï/çø∂é",
        "a.txt",
        "a/b",
        "a-c",
        "$HOME;ls",
        "=",
        "\u202e",
    ]
    for i, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * i)
    return root


def test_folder_root_is_what_the_shell_says(odd_tree, scan_ref):
    found = scan_ref("files:tree")
    lines = run_shell(SHELL, odd_tree)
    assert [f"{digest}  {path}" for path, digest in found.iter_digests()] == lines.splitlines()
    root = run_shell(SHELL + " | sha256sum", odd_tree).split()[0]
    assert found.root == {"dirHash": root}


def test_sha256sum_checks_the_list(odd_tree, scan_ref, tmp_path):
    found = scan_ref("files:tree")
    sums = tmp_path / "sums"
    sums.write_text("".join(f"{digest}  {path}\n" for path, digest in found.iter_digests()))
    checked = run_shell(f"sha256sum --strict -c {sums}", odd_tree)
    assert checked.count(": OK\n") == len(found.entries)


def test_followed_links_are_what_find_follows(odd_tree, scan_ref):
    (odd_tree / "again").symlink_to("ünï")
    (odd_tree / "one").symlink_to("a.txt")
    root = run_shell(SHELL.replace("find", "find -L") + " | sha256sum", odd_tree).split()[0]
    assert scan_ref("files:tree").root == {"dirHash": root}


def test_single_file_has_its_own_digest(tmp_path, scan_ref):
    content = os.urandom(3 * MIB + 7)
    (tmp_path / "a.bin").write_bytes(content)
    found = scan_ref("a.bin")
    assert found.root == {"sha256": hashlib.sha256(content).hexdigest()}
    assert (found.bytes, found.rows, found.schema, found.table) == (len(content), None, None, None)


@pytest.mark.usefixtures("odd_tree")
def test_metadata_mode_reads_nothing(scan_ref):
    found = scan_ref("files:tree", mode="metadata")
    assert found.root == {}
    assert all(entry.sha256 is None for entry in found.entries)
    assert found.bytes == sum(part.size for part in found.plan.parts)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sizes=st.lists(st.sampled_from([0, 1, 5, MIB - 1, MIB, MIB + 1]), min_size=1, max_size=6))
def test_digests_do_not_depend_on_the_executor(tmp_path_factory, sizes):
    root = tmp_path_factory.mktemp("d")
    for i, size in enumerate(sizes):
        (root / f"{i}").write_bytes(bytes([i]) * size)
    found = plan(Reference("."), base=root)
    scans = [
        scan(found, executor=executor, progress=SilentProgress())
        for executor in (ThreadExecutor(1), ThreadExecutor(5), PicklingExecutor())
    ]
    assert scans[0] == scans[1] == scans[2]
    assert [entry.path for entry in scans[0].entries] == [part.path for part in found.parts]


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("many")
    for i in range(4200):
        (root / f"{i:04}").write_bytes(b"%d" % i)
    return root


@pytest.mark.parametrize(
    "executor", [LocalExecutor(1), LocalExecutor(3), ProcessExecutor(1), ThreadExecutor(3)]
)
def test_many_small_files_in_any_number_of_workers(many, executor):
    count = Count()
    found = scan(plan(Reference("."), base=many), executor=executor, progress=count)
    assert (count.bytes, count.files) == (found.plan.bytes, 4200)
    assert list(found.iter_digests()) == [
        (f"{i:04}", hashlib.sha256(b"%d" % i).hexdigest()) for i in range(4200)
    ]


@pytest.mark.parametrize("executor", [LocalExecutor(2), ThreadExecutor(2)])
def test_one_of_many_changes(many, executor):
    found = plan(Reference("."), base=many)
    (many / "3000").write_bytes(b"3000 and more")
    (many / "2999").unlink()
    try:
        with pytest.raises(FileChangedError) as caught:
            scan(found, executor=executor, progress=SilentProgress())
        assert caught.value.path == str(many / "2999")
        collected = scan(found, executor=executor, progress=SilentProgress(), collect=True)
    finally:
        (many / "3000").write_bytes(b"3000")
        (many / "2999").write_bytes(b"2999")
    assert [problem.path for problem in collected.problems] == ["2999", "3000"]
    assert collected.root == {}
    assert [entry.path for entry in collected.entries] == [
        part.path for part in found.parts if part.path not in {"2999", "3000"}
    ]


class Murder(Count):
    """Kills all worker processes at the first sign of progress."""

    def advance(self, *, bytes: int = 0, files: int = 0) -> None:
        super().advance(bytes=bytes, files=files)
        for child in Path("/proc/self/task").glob("*/children"):
            for process in child.read_text().split():
                with suppress(OSError):  # it has ended since
                    command = Path("/proc", process, "cmdline").read_bytes()
                    if b"auditkit.execution.worker" in command:
                        os.kill(int(process), signal.SIGKILL)


def test_killed_workers_leave_no_scan(many):
    with pytest.raises(WorkerError, match="SIGKILL"):
        scan(
            plan(Reference("."), base=many),
            executor=LocalExecutor(2),
            progress=Murder(),
            collect=True,
        )


def test_many_small_files_and_progress(tmp_path, scan_ref):
    for i in range(600):
        (tmp_path / f"{i}").write_bytes(b"x" * i)
    count = Count()
    found = scan_ref("files:.", progress=count)
    assert (count.bytes, count.files) == (found.plan.bytes, 600)


@pytest.mark.parametrize(
    "change", ["grow", "truncate", "replace", "remove", "folder", "link", "pipe"]
)
def test_changes_between_plan_and_read(tmp_path, change):
    target = tmp_path / "d/a"
    target.parent.mkdir()
    target.write_bytes(b"12345")
    (tmp_path / "other").write_bytes(b"54321")
    found = plan(Reference("d"), base=tmp_path)
    if change == "grow":
        target.write_bytes(b"123456")
    elif change == "truncate":
        target.write_bytes(b"1234")
    else:
        target.unlink()
    if change == "folder":
        target.mkdir()
    elif change == "link":
        target.symlink_to(tmp_path / "other")
    elif change == "pipe":
        os.mkfifo(target)
    elif change == "replace":
        target.write_bytes(b"1")
    with pytest.raises(FileChangedError) as caught:
        scan(found, executor=ThreadExecutor(1), progress=SilentProgress())
    assert caught.value.path == str(target)
    collected = scan(found, executor=ThreadExecutor(1), progress=SilentProgress(), collect=True)
    assert collected.entries == ()
    assert collected.root == {}
    assert [problem.path for problem in collected.problems] == ["a"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("append", "grew"),
        ("truncate", "ended"),
        ("write", "written"),
        ("swap", "replaced"),
        ("remove", "disappeared"),
    ],
)
def test_changes_while_reading(tmp_path, change, reason):
    target = tmp_path / "a.bin"
    target.write_bytes(b"x" * (3 * MIB))
    os.utime(target, ns=(0, 0))

    def act() -> None:
        if change == "append":
            with target.open("ab") as file:
                file.write(b"y")
        elif change == "truncate":
            os.truncate(target, MIB)
        elif change == "write":
            with target.open("r+b") as file:
                file.write(b"y")
        elif change == "swap":
            (tmp_path / "new").write_bytes(b"x" * (3 * MIB))
            (tmp_path / "new").rename(target)
        else:
            target.unlink()

    found = plan(Reference("a.bin"), base=tmp_path)
    with pytest.raises(FileChangedError, match=reason):
        scan(found, executor=ThreadExecutor(1), progress=Hook(act))


def test_table_that_grows_while_arrow_reads_it(tmp_path):
    target = tmp_path / "a.csv"
    target.write_bytes(b"a,b\n" + b"1,2\n" * 800_000)
    os.utime(target, ns=(0, 0))

    def act() -> None:
        with target.open("ab") as file:
            file.write(b"3,4\n" * 10)

    found = plan(Reference("a.csv"), base=tmp_path)
    with pytest.raises(FileChangedError, match="grew"):
        scan(found, executor=ThreadExecutor(1), progress=Hook(act, after=2 * MIB))


def test_input_output_error_is_unreadable(scan_ref):
    with pytest.raises(UnreadableError, match="Input/output error"):
        scan_ref("files:/proc/self/mem")
    collected = scan_ref("files:/proc/self/mem", collect=True)
    assert isinstance(collected.problems[0].error, UnreadableError)


def test_refusal_by_the_system_is_unreadable(tmp_path, scan_ref, monkeypatch):
    # The tests may run as root, whom no mode stops: the system's refusal is simulated.
    (tmp_path / "a").write_text("x")
    real = os.open

    def refuse(path, *args, **options):
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", path)
        return real(path, *args, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableError, match="Permission denied") as caught:
        scan_ref("a")
    assert caught.value.exit_code == 1


def test_closed_part_gives_nothing_to_a_late_reader(tmp_path):
    (tmp_path / "a").write_text("xyz")
    (part,) = plan(Reference("a"), base=tmp_path).parts
    with open_part(part, None) as reader:
        assert reader.read(1) == b"x"
    assert reader.read(1) == b""
