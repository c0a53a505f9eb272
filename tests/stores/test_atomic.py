import errno
import os
import resource
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from auditkit.errors import StorageError
from auditkit.stores.atomic import check_writable, replace, write_new

BOTH = pytest.mark.parametrize("write", [write_new, replace])


@BOTH
def test_writes_and_leaves_nothing_else(tmp_path, write):
    write(tmp_path / "f", b"data")
    assert (tmp_path / "f").read_bytes() == b"data"
    assert [each.name for each in tmp_path.iterdir()] == ["f"]


@BOTH
def test_mode_follows_the_umask(tmp_path, write):
    before = os.umask(0o027)
    try:
        write(tmp_path / "f", b"data")
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640


def test_write_new_refuses_what_exists(tmp_path):
    (tmp_path / "f").write_bytes(b"precious")
    with pytest.raises(StorageError, match="already exists") as caught:
        write_new(tmp_path / "f", b"data")
    assert caught.value.hint
    assert (tmp_path / "f").read_bytes() == b"precious"
    assert [each.name for each in tmp_path.iterdir()] == ["f"]


def test_replace_replaces(tmp_path):
    (tmp_path / "f").write_bytes(b"old and longer")
    replace(tmp_path / "f", b"data")
    assert (tmp_path / "f").read_bytes() == b"data"


def test_replace_does_not_write_through_a_link(tmp_path):
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "f").symlink_to(tmp_path / "target")
    replace(tmp_path / "f", b"data")
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_write_new_where_hard_links_do_not_exist(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_new(tmp_path / "f", b"data")
    with pytest.raises(StorageError, match="already exists"):
        write_new(tmp_path / "f", b"other")
    assert (tmp_path / "f").read_bytes() == b"data"
    assert [each.name for each in tmp_path.iterdir()] == ["f"]


@BOTH
@pytest.mark.parametrize("path", ["absent/f", "file/f", "x" * 300, "folder"])
def test_impossible_paths(tmp_path, write, path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(StorageError) as caught:
        write(tmp_path / path, b"data")
    assert caught.value.hint
    assert {each.name for each in tmp_path.iterdir()} == {"file", "folder"}


FULL_DISK = """
    from pathlib import Path
    from auditkit.errors import StorageError
    from auditkit.stores.atomic import check_writable, replace, write_new
    from auditkit.stores.writing import write_bundle_file, write_evidence

    here = Path.cwd()
    big = bytes(1024 * 1024)
    (here / "kept").write_bytes(b"old")
    attempts = [
        lambda: write_new(here / "f", big),
        lambda: replace(here / "kept", big),
        lambda: write_evidence(here / "run", {"a": b"small", "b": big}),
        lambda: write_bundle_file(here / "x.sigstore.json", big, {"a": b"small"}),
        lambda: write_bundle_file(here / "x.sigstore.json", b"small", {"b": big}),
    ]
    for attempt in attempts:
        try:
            attempt()
        except StorageError as error:
            print(error.hint)
        assert [each.name for each in here.iterdir()] == ["kept"], list(here.iterdir())
        assert (here / "kept").read_bytes() == b"old"
"""


def in_child(folder, script, *, before=(), limit=None):
    """Run `script` in a child process in `folder` and return its lines."""
    done = subprocess.run(
        [*before, sys.executable, "-c", textwrap.dedent(script)],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    mount = 'mount -t tmpfs -o size=256k tmpfs "$PWD" && cd "$PWD" && exec "$@"'
    own = ["unshare", "--mount", *(["--user", "--map-root-user"] if os.getuid() else [])]
    namespace = [*own, "sh", "-c", mount, "sh"]
    if not shutil.which("unshare") or subprocess.run([*own, "true"], check=False).returncode:
        pytest.skip("no mount namespaces here; the file size limit below covers the same code")
    hints = in_child(tmp_path, FULL_DISK, before=namespace)
    assert len(hints) == 5
    assert all("disk is full" in hint for hint in hints)


def test_a_file_size_limit_leaves_nothing_half_written(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    hints = in_child(tmp_path, FULL_DISK, limit=limit)
    assert len(hints) == 5
    assert all("larger than" in hint for hint in hints)


def test_check_writable_leaves_no_trace(tmp_path):
    check_writable(tmp_path)
    check_writable(tmp_path / "not" / "yet" / "there")
    assert not list(tmp_path.iterdir())


def test_check_writable_names_what_is_in_the_way(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="could not be written") as caught:
        check_writable(tmp_path / "file" / "folder")
    assert caught.value.hint


def test_check_writable_on_a_read_only_file_system():
    with pytest.raises(StorageError) as caught:
        check_writable(Path("/proc"))
    assert caught.value.hint
