"""What only a folder has: links, strangers' files, file systems that come and go."""

import errno
import fcntl
import os
import subprocess
import sys
import textwrap
import tracemalloc
from functools import partial

import pytest
import racing

from auditkit.errors import ObjectNotFoundError, StoreError, StoreUnavailableError
from auditkit.stores import directory
from auditkit.stores.directory import DirectoryStore


@pytest.fixture
def store(tmp_path):
    (tmp_path / "registry").mkdir()
    return DirectoryStore(tmp_path / "registry", lock_wait=0)


def test_its_location_is_its_path(store):
    assert store.location == str(store.root)


def test_nothing_but_the_object_is_left(store):
    store.put_new("a/b/c", b"x")
    store.put_new("a/b/c", b"y")
    files = [path for path in store.root.rglob("*") if path.is_file()]
    assert files == [store.root / "a/b/c"]


@pytest.mark.parametrize("link", ["a", "a/b"])
def test_no_link_leads_out(store, tmp_path, link):
    outside = tmp_path / "outside"
    (outside / "b").mkdir(parents=True)
    (outside / "b" / "c").write_bytes(b"secret")
    (outside / "c").write_bytes(b"secret")
    (store.root / link).parent.mkdir(exist_ok=True)
    (store.root / link).symlink_to(outside)
    before = sorted(outside.rglob("*"))
    for act in (
        lambda: store.put_new("a/b/new", b""),
        lambda: store.get("a/b/c", limit=100),
        lambda: list(store.list("a/b/")),
        lambda: store.remove("a/b/c"),
        lambda: store.read_head("a/b/c"),
        lambda: store.swap_head("a/b/c", b"", None),
    ):
        with pytest.raises(StoreError, match="is not a folder"):
            act()
    assert sorted(outside.rglob("*")) == before


def test_an_object_is_neither_link_nor_pipe_nor_folder(store, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (store.root / "p").mkdir()
    (store.root / "p" / "link").symlink_to(tmp_path / "secret")
    (store.root / "p" / "dangling").symlink_to(tmp_path / "absent")
    os.mkfifo(store.root / "p" / "pipe")
    (store.root / "p" / "folder").mkdir()
    (store.root / "p" / ".tmp-0123").write_bytes(b"half")
    (store.root / "p" / "not a key").write_bytes(b"")
    store.put_new("p/object", b"")
    assert list(store.list("p/")) == ["p/object"]
    for name in ("link", "dangling", "pipe", "folder"):
        with pytest.raises(StoreError, match="not a regular file"):
            store.get(f"p/{name}", limit=100)
        assert not store.put_new(f"p/{name}", b"x")
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert not (tmp_path / "absent").exists()


def test_the_lock_is_not_a_link(store, tmp_path):
    (store.root / ".lock").symlink_to(tmp_path / "made")
    with pytest.raises(StoreError):
        store.swap_head("head", b"", None)
    assert not (tmp_path / "made").exists()


def test_folders_deeper_than_keys_are_not_listed(store):
    deep = store.root / "p" / "/".join("d" * 20)
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"")
    store.put_new("p/here", b"")
    assert list(store.list("p/")) == ["p/here"]


def test_many_races_have_one_winner_each(tmp_path):
    store = DirectoryStore(tmp_path)
    for number in range(30):
        put = racing.in_threads(lambda way, key=f"k/{number}": store.put_new(key, b"%d" % way))
        before = store.read_head("head")
        swapped = racing.in_threads(partial(racing.swap, store, expected=before))
        assert (sum(put), sum(swapped)) == (1, 1)
        assert store.get(f"k/{number}", limit=10) == b"%d" % put.index(True)
        store.swap_head("head", b"between", store.read_head("head"))


def test_a_root_that_is_not_there_is_not_made(tmp_path):
    store = DirectoryStore(tmp_path / "unmounted")
    for act in (
        lambda: store.put_new("a", b""),
        lambda: store.get("a", limit=1),
        lambda: list(store.list("a/")),
        lambda: store.swap_head("a", b"", None),
    ):
        with pytest.raises(StoreUnavailableError, match="no such folder") as caught:
            act()
        assert "mounted" in caught.value.hint
    assert not store.root.exists()


def test_a_lock_that_is_held_is_not_waited_for_without_end(store):
    store.swap_head("head", b"1", None)
    with (store.root / ".lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(StoreUnavailableError, match="another process has held this lock"):
            store.swap_head("head", b"2", store.read_head("head"))
    assert store.swap_head("head", b"2", store.read_head("head"))


def fail(code):
    def act(*_, **__):
        raise OSError(code, os.strerror(code))

    return act


def test_a_file_system_without_hard_links_is_refused(store, monkeypatch):
    monkeypatch.setattr(os, "link", fail(errno.EPERM))
    with pytest.raises(StoreError, match="has no hard links"):
        store.put_new("a", b"")
    assert not list(store.root.iterdir())


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, StoreError), (errno.ESTALE, StoreUnavailableError)]
)
def test_a_failed_write_leaves_nothing(store, monkeypatch, code, kind):
    store.swap_head("head", b"1", None)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail(code))
        for act in (
            lambda: store.put_new("a", b"x"),
            lambda: store.swap_head("head", b"2", store.read_head("head")),
        ):
            with pytest.raises(StoreError) as caught:
                act()
            assert caught.value.hint
    with pytest.raises(ObjectNotFoundError):
        store.get("a", limit=1)
    assert store.read_head("head").content == b"1"
    assert type(directory._failed(OSError(code, "x"), store.root)) is kind


def test_a_big_folder_is_listed_in_pages(store, monkeypatch):
    monkeypatch.setattr(directory, "_PAGE", 100)
    folder = store.root / "p"
    folder.mkdir()
    names = [f"{number:064x}" for number in range(2000)]
    for name in names:
        (folder / name).touch()
    tracemalloc.start()
    try:
        count = 0
        for key, name in zip(store.list("p/"), names, strict=True):
            assert key == f"p/{name}"
            count += 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 2000
    assert peak < 2000 * 100


WRITER = """
    import itertools, sys
    from pathlib import Path
    from auditkit.stores.directory import DirectoryStore

    store = DirectoryStore(Path(sys.argv[1]))
    for number in itertools.count():
        store.put_new(f"blobs/{number}", bytes([number % 256]) * 100_000)
        store.swap_head("head", b"%d" % number, store.read_head("head"))
        print(number, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 5, 9])
def test_kill_9_leaves_whole_objects_and_no_lock(store, lines):
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), store.root], stdout=subprocess.PIPE
    ) as child:
        for _ in range(lines):
            acknowledged = int(child.stdout.readline())
        child.kill()
    there = [int(key.removeprefix("blobs/")) for key in store.list("blobs/")]
    assert set(there) >= set(range(acknowledged + 1))
    for number in there:
        assert store.get(f"blobs/{number}", limit=10**6) == bytes([number % 256]) * 100_000
    head = store.read_head("head")
    assert acknowledged <= int(head.content) <= max(there)
    assert store.swap_head("head", b"next", head)
