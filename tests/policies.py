"""Trust policies for tests: written to a folder, as people write them, and loaded from there."""

from __future__ import annotations

from pathlib import Path

from auditkit.signing.keys import generate_private_key
from auditkit.signing.signer import Signer, signer_for
from auditkit.trust.load import PolicyTrust, load_policy


def new_signer(algorithm: str = "ed25519") -> Signer:
    return signer_for(generate_private_key(algorithm))  # type: ignore[arg-type]


def write_policy(folder: Path, text: str, **files: bytes | Signer) -> Path:
    """Write `trust.toml` and the files it names: `name.pub` of a signer, or `name.pem`."""
    for name, content in files.items():
        if isinstance(content, bytes):
            (folder / f"{name}.pem").write_bytes(content)
        else:
            (folder / f"{name}.pub").write_bytes(content.public_key.pem())
    path = folder / "trust.toml"
    path.write_text("version = 1\n" + text, encoding="utf-8")
    return path


def policy(folder: Path, text: str, **files: bytes | Signer) -> PolicyTrust:
    return load_policy(write_policy(folder, text, **files), source="flag")


def signer_table(name: str, *keys: str, kind: str = "machine", rest: str = "") -> str:
    """Return a `[[signers]]` table whose keys are the files `KEY.pub`."""
    paths = ", ".join(f'"{key}.pub"' for key in keys)
    return f'[[signers]]\nname = "{name}"\nkind = "{kind}"\nkeys = [{paths}]\n{rest}\n'
