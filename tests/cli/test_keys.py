import json
import sys

import pytest

from auditkit.cli.main import main
from auditkit.signing.keyfile import write_key_pair
from auditkit.signing.keys import ALGORITHMS, generate_private_key, load_public_key
from auditkit.signing.opening import open_signer


@pytest.fixture
def auditkit(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder with an empty configuration; return code and output."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("AUDITKIT_PASSPHRASE", raising=False)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["auditkit", "keys", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "config" / "auditkit" / "keys"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_generate_writes_a_pair_that_works(auditkit, algorithm, tmp_path):
    code, out, _ = auditkit("generate", "-o", "k.pem", "--algorithm", algorithm, "--json")
    document = json.loads(out)
    signer = open_signer(document["private_key"], environ={})
    public = load_public_key((tmp_path / "work" / "k.pub").read_bytes())
    assert code == 0
    assert signer.public_key == public
    assert document == {
        "private_key": "k.pem",
        "public_key": "k.pub",
        "encrypted": False,
        "keyid": public.keyid,
        "algorithm": algorithm,
    }


def test_generate_into_the_configuration_folder(auditkit, folder):
    code, out, _ = auditkit("generate", "--name", "team")
    assert code == 0
    assert str(folder / "team.pem") in out
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "team.pem").stat().st_mode & 0o777 == 0o600


def test_generate_never_overwrites(auditkit, folder):
    auditkit("generate")
    before = (folder / "auditkit.pem").read_bytes()
    code, _, err = auditkit("generate")
    assert code == 2
    assert "never overwritten" in err
    assert (folder / "auditkit.pem").read_bytes() == before


def test_generate_with_a_passphrase(auditkit, folder, monkeypatch):
    monkeypatch.setenv("P", "secret")
    auditkit("generate", "--passphrase", "env:P")
    path = str(folder / "auditkit.pem")
    assert open_signer(path, passphrase=lambda: b"secret", environ={})


@pytest.mark.parametrize(
    "arguments",
    [
        ("--passphrase", "hunter2"),
        ("--passphrase", "env:ABSENT"),
        ("--name", "../x"),
        ("--algorithm", "rsa"),
        ("-o", "absent/k.pem"),
    ],
)
def test_generate_usage_errors_write_nothing(auditkit, tmp_path, arguments):
    code, out, err = auditkit("generate", *arguments)
    assert (code, out) == (2, "")
    assert "error:" in err
    assert "hint:" in err
    assert "hunter2" not in err
    assert not list(tmp_path.rglob("*.pem"))


def test_a_configuration_folder_that_cannot_be_made(auditkit, tmp_path):
    (tmp_path / "config").touch()
    code, _, err = auditkit("generate")
    assert code == 1
    assert "cannot be written" in err


def test_list_shows_what_can_be_used_and_what_cannot(auditkit, folder, monkeypatch):
    monkeypatch.setenv("P", "secret")
    auditkit("generate", "--name", "plain")
    auditkit("generate", "--name", "locked", "--passphrase", "env:P")
    auditkit("generate", "--name", "orphan", "--passphrase", "env:P")
    (folder / "orphan.pub").unlink()
    (folder / "broken.pem").write_text("nonsense")
    code, out, _ = auditkit("list", "--json")
    document = json.loads(out)
    found = {each["path"].rsplit("/")[-1]: each for each in document["keys"]}
    assert code == 0
    assert list(found) == ["broken.pem", "locked.pem", "orphan.pem", "plain.pem"]
    assert found["locked.pem"]["encrypted"]
    assert not found["plain.pem"]["encrypted"]
    assert found["plain.pem"]["keyid"] != found["locked.pem"]["keyid"]
    for name in ("broken.pem", "orphan.pem"):
        assert found[name]["keyid"] is None
        assert found[name]["problem"]
    _, out, _ = auditkit("list")
    assert out.count("cannot be used") == 2


def test_list_without_any_key(auditkit, folder):
    code, out, _ = auditkit("list")
    assert code == 0
    assert f"no keys in {folder}" in out


def test_show_prints_the_same_for_both_halves(auditkit, folder):
    auditkit("generate", "--name", "team")
    public = load_public_key((folder / "team.pub").read_bytes())
    for key in (str(folder / "team.pem"), str(folder / "team.pub"), "team"):
        code, out, _ = auditkit("show", key, "--json")
        assert code == 0
        assert json.loads(out) == {
            "keyid": public.keyid,
            "algorithm": "ed25519",
            "pem": public.pem().decode(),
        }
        assert "PRIVATE" not in out
    assert public.pem().decode() in auditkit("show", "team")[1]


def test_show_takes_the_passphrase_from_the_environment(auditkit, monkeypatch):
    monkeypatch.setenv("P", "secret")
    auditkit("generate", "--passphrase", "env:P")
    assert auditkit("show", "auditkit")[0] == 2
    monkeypatch.setenv("AUDITKIT_PASSPHRASE", "env:P")
    assert auditkit("show", "auditkit")[0] == 0


def test_show_a_key_from_the_environment(auditkit, tmp_path, monkeypatch):
    private, _ = write_key_pair(tmp_path / "k.pem", generate_private_key("ed25519"), None)
    monkeypatch.setenv("KEY", private.read_text())
    assert auditkit("show", "env:KEY")[0] == 0


@pytest.mark.parametrize("key", ["absent", "x" * 300, ".", "env:ABSENT"])
def test_show_what_is_no_key(auditkit, key):
    code, out, err = auditkit("show", key)
    assert (code, out) == (2, "")
    assert "hint:" in err
