"""Trust in one public key, as a flag, the environment, configuration or a caller names it.

Never from a bundle: its keyid is a hint about which key to try, and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from auditkit.digests import sha256_hex
from auditkit.errors import KeyFileError
from auditkit.findings import Trust
from auditkit.signing.keyfile import read_key_file
from auditkit.signing.keys import PublicKey, load_public_key
from auditkit.trust.rules import Principal, Rules, TrustedKey

Source = Literal["flag", "environment", "project", "user", "api"]


@dataclass(frozen=True, slots=True)
class KeyTrust:
    """One key that may sign everything, and where the trust in it comes from.

    `file` and `sha256` name the key file and its digest; both are None for a key that a program
    handed over.
    """

    public_key: PublicKey
    source: Source = "api"
    file: str | None = None
    sha256: str | None = None

    @property
    def rules(self) -> Rules:
        """One principal with one key, allowed everything; nothing else is required."""
        name = f"the trusted key {self.public_key.keyid[:16]}…"
        return Rules((Principal(name, "machine", (TrustedKey(self.public_key),)),))

    def describe(self) -> Trust:
        """Return what a verdict says about this trust."""
        return Trust(
            kind="key",
            source=self.source,
            file=self.file,
            sha256=self.sha256,
            keyid=self.public_key.keyid,
            algorithm=self.public_key.algorithm,
            note="one key that may sign everything",
        )


def load_trust(path: Path, *, source: Source) -> KeyTrust:
    """Return trust in the public key at `path`, a PEM or DER file.

    Raises:
        KeyFileError: missing, unreadable, a private key, or not a key that auditkit verifies.
    """
    data = read_key_file(path).data
    try:
        key = load_public_key(data)
    except KeyFileError as error:
        raise KeyFileError(error.message, hint=error.hint, path=str(path)) from error
    return KeyTrust(key, source, str(path), sha256_hex(data))
