"""From the URI of a key to a signer: each kind of key is opened by a file of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from auditkit.errors import KeyFileError
from auditkit.signing.passphrase import PassphraseSource
from auditkit.signing.privatekey import open_environment_key, open_key_file
from auditkit.signing.signer import Signer

_URI = re.compile(r"(env|awskms|pkcs11):|[A-Za-z][A-Za-z0-9+.-]*://")


def is_uri(text: str) -> bool:
    """Return whether `text` names a key by URI; otherwise it is the path of a key file."""
    return _URI.match(text) is not None


def open_signer(
    uri: str,
    *,
    passphrase: PassphraseSource | None = None,
    allow_open_permissions: bool = False,
    environ: Mapping[str, str],
) -> Signer:
    """Return the signer that `uri` names.

    The path of a PKCS8 PEM file, `env:NAME`, `awskms:KEY` or `pkcs11:…` (RFC 7512).
    `passphrase` is asked only for a key that needs one; a token's PIN is one.

    Raises:
        KeyFileError: no such key, a kind of key that is not used, a file that others have
            rights to, a missing or wrong passphrase.
        MissingDependencyError: the library for this kind of key is not installed.
    """
    scheme, _, rest = uri.partition(":")
    if not is_uri(uri):
        return open_key_file(uri, passphrase, allow_open_permissions=allow_open_permissions)
    if scheme == "env":
        return open_environment_key(rest, passphrase, environ)
    if scheme == "awskms":
        from auditkit.signing.awskms import open_kms_key  # noqa: PLC0415 - one kind, one import

        return open_kms_key(uri)
    if scheme == "pkcs11":
        from auditkit.signing.pkcs11 import open_token_key  # noqa: PLC0415 - as above

        return open_token_key(uri, passphrase, environ)
    raise KeyFileError(
        "this kind of key URI is not supported",
        hint="Give the path of a key file, env:NAME, awskms:KEY or pkcs11:….",
        path=uri,
    )
