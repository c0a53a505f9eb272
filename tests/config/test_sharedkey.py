"""The log's key is recognised among the signing keys, without opening a private key."""

from __future__ import annotations

from pathlib import Path

import pytest
from keypool import key_signer

from auditkit.config import load_settings, shared_key_warnings

LOG = key_signer("ed25519", 1).public_key
OTHER = key_signer("ed25519", 2).public_key


def warnings(folder: Path, text: str, **environ: str) -> tuple[str, ...]:
    (folder / "auditkit.toml").write_text(text)
    settings = load_settings(folder, environ={"HOME": str(folder), **environ})
    return shared_key_warnings(settings, [LOG])


def test_by_the_key_that_is_trusted(tmp_path: Path) -> None:
    for key, count in ((LOG, 1), (OTHER, 0)):
        (tmp_path / "signer.pub").write_bytes(key.pem())
        assert len(warnings(tmp_path, "[verify]\nkey = 'signer.pub'")) == count


def test_by_the_public_half_of_the_key_that_signs(tmp_path: Path) -> None:
    (tmp_path / "k.pub").write_bytes(LOG.pem())
    assert len(warnings(tmp_path, "[sign]\nkey = 'k.pem'")) == 1


@pytest.mark.parametrize("uri", ["awskms:///alias/one", "k.pem"])
def test_by_its_place(tmp_path: Path, uri: str) -> None:
    signing = f"[sign]\nkey = '{uri}'\n"
    assert len(warnings(tmp_path, f"{signing}[registry]\nlog-key = '{uri}'")) == 1
    assert not warnings(tmp_path, f"{signing}[registry]\nlog-key = '{uri}2'")


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    assert not warnings(tmp_path, "[verify]\nkey = 'gone.pub'\n[sign]\nkey = 'gone.pem'")
    assert not warnings(tmp_path, "")
