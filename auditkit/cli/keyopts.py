"""The flags that name the keys to sign with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import click

from auditkit.cli.prompt import ask_passphrase
from auditkit.config import Settings, signers_from
from auditkit.signing.signer import Signer

KEY_OPTIONS = (
    click.option(
        "--key",
        "keys",
        multiple=True,
        metavar="URI",
        help="Key to sign with: a private key file, env:NAME, awskms:KEY or pkcs11:... "
        "Given twice: two signatures.",
    ),
    click.option(
        "--certificate",
        "certificates",
        multiple=True,
        metavar="FILE",
        help="X.509 certificate for the key, to go into the bundle.",
    ),
    click.option("--allow-open-key", is_flag=True, help="Accept a key file that others can read."),
)


class KeyFlags(Protocol):
    """These flags as given."""

    @property
    def keys(self) -> Sequence[str]:
        """URIs of keys."""

    @property
    def certificates(self) -> Sequence[str]:
        """Paths of certificates."""

    @property
    def allow_open_key(self) -> bool:
        """Whether key files may be readable by others."""


def open_signers(settings: Settings, flags: KeyFlags) -> tuple[Signer, ...]:
    """Return the signers that the flags or the settings name, asking for passphrases.

    Raises:
        KeyFileError: no key, or one that cannot be used.
    """
    return signers_from(
        settings,
        flags.keys,
        certificates=flags.certificates,
        allow_open_key=flags.allow_open_key,
        prompt=ask_passphrase,
    )
