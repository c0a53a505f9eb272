"""DVC's configuration: the cache and the remotes, from all files that it stands in."""

import pytest

from auditkit.datasets.dvc.settings import Remote, read_settings
from auditkit.errors import PointerError


@pytest.fixture
def write(tmp_path):
    def write(text, path="project/.dvc/config"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
        return read_settings(
            tmp_path / "project",
            {"DVC_SYSTEM_CONFIG_DIR": str(tmp_path / "system"), "HOME": str(tmp_path / "home")},
        )

    return write


def test_without_anything_there_is_the_cache(tmp_path, write):
    found = write("")
    assert found.cache == tmp_path / "project/.dvc/cache"
    assert (found.remotes, found.default, found.candidates(None)) == ({}, None, ())


def test_paths_start_from_the_file_they_stand_in(tmp_path, write):
    found = write("""
[cache]
    dir = ../../shared cache
    type = "reflink,symlink"
[core]
    remote = store
    analytics = false
['remote "store"']
    url = ../../remote
['remote "cloud"']
    url = s3://bucket/pre fix
    version_aware = true
    secret_access_key = hidden
    endpointurl = http://example.org
['remote "work"']
    url = "remote://cloud/sub"
    worktree = true
["remote \\"old\\""]
    url = /srv/old
""")
    assert found.cache == tmp_path / "shared cache"
    assert found.remotes["store"] == Remote("store", str(tmp_path / "remote"))
    assert found.remotes["cloud"] == Remote("cloud", "s3://bucket/pre fix", by_path=True)
    assert found.remotes["work"] == Remote("work", "s3://bucket/pre fix/sub", by_path=True)
    assert found.candidates(None) == (found.remotes["store"],)
    assert found.candidates("cloud", None) == (found.remotes["cloud"],)
    assert found.candidates("absent") == ()
    assert "hidden" not in repr(found)


def test_nearer_files_win(write):
    write("[core]\nremote = system\n[cache]\ndir = /srv/cache\n", "system/config")
    write("[core]\nremote = user\n", "home/.config/dvc/config")
    assert write("").default == "user"
    write("[core]\nremote = project\n")
    found = write("[core]\nremote = local\n", "project/.dvc/config.local")
    assert found.default == "local"
    assert str(found.cache) == "/srv/cache"


@pytest.mark.parametrize(
    "text",
    [
        "no section = 1",
        "[a]\nb",
        "[a\n",
        "['remote \"a\"']\nurl = remote://b\n['remote \"b\"']\nurl = remote://a\n",
    ],
)
def test_what_is_no_configuration(write, text):
    with pytest.raises(PointerError):
        write(text)
