"""Private keys in PKCS8 PEM form (RFC 5958, RFC 7468), from a file or the environment."""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from auditkit.errors import KeyFileError
from auditkit.signing.keyfile import read_key_file
from auditkit.signing.keys import MAX_KEY_BYTES, SUPPORTED, check_passphrase
from auditkit.signing.passphrase import PassphraseSource
from auditkit.signing.signer import Signer, signer_for

ENCRYPTED_LABEL = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
"""The first line of an encrypted PKCS8 key (RFC 7468, section 11)."""

_PLAIN_LABEL = b"-----BEGIN PRIVATE KEY-----"


def open_key_file(
    path: str, passphrase: PassphraseSource | None, *, allow_open_permissions: bool
) -> Signer:
    """Return a signer with the key in the file at `path`.

    Raises:
        KeyFileError: missing, not a PKCS8 private key, a kind of key that is not used, one that
            others have rights to, a missing or wrong passphrase.
    """
    file = read_key_file(Path(path))
    if file.open_to_others and not allow_open_permissions and b"PUBLIC KEY" not in file.data:
        raise KeyFileError(
            "other users may read or change this private key",
            hint=f"Run `chmod 600 {shlex.quote(path)}`.",
            path=path,
        )
    return _open(file.data, passphrase, path)


def open_environment_key(
    name: str, passphrase: PassphraseSource | None, environ: Mapping[str, str]
) -> Signer:
    """Return a signer with the key in an environment variable, as CI systems hand out secrets.

    The variable holds the PEM text, or the base64 of it.

    Raises:
        KeyFileError: not set, something else, a kind of key that is not used, a missing or
            wrong passphrase.
    """
    return _open(_from_environment(name, environ), passphrase, f"env:{name}")


def _open(data: bytes, passphrase: PassphraseSource | None, name: str) -> Signer:
    try:
        return signer_for(_decode(data, passphrase, name))
    except KeyFileError as error:
        error.path = error.path or name
        raise


def _from_environment(name: str, environ: Mapping[str, str]) -> bytes:
    value = environ.get(name, "").strip()
    if not value:
        state = "is empty" if name in environ else "is not set"
        raise KeyFileError(
            f"the environment variable {name} {state}",
            hint="Set it to the PEM text of the private key, or to the base64 of that text.",
        )
    data = value.encode("utf-8", "replace")
    if b"-----BEGIN " not in data:
        try:
            data = base64.b64decode(b"".join(data.split()), validate=True)
        except binascii.Error:
            data = b""
    if b"-----BEGIN " not in data or len(data) > MAX_KEY_BYTES:
        raise KeyFileError(
            f"the environment variable {name} holds neither a PEM key nor the base64 of one",
            hint="Set it to the text of k.pem, or to the output of `base64 -w0 k.pem`.",
        )
    return data


def _decode(data: bytes, passphrase: PassphraseSource | None, name: str) -> PrivateKeyTypes:
    encrypted = ENCRYPTED_LABEL in data
    if not encrypted and _PLAIN_LABEL not in data:
        raise _not_pkcs8(data, name)
    secret = _ask(passphrase, name) if encrypted else None
    try:
        key = serialization.load_pem_private_key(data, secret)
    # The causes are cut off, so that no part of a key or passphrase can reach a log.
    except UnsupportedAlgorithm:
        raise KeyFileError("this kind of key is not used", hint=SUPPORTED, path=name) from None
    except ValueError:
        message = (
            "the passphrase is wrong, or the key is damaged"
            if encrypted
            else "the private key is damaged"
        )
        raise KeyFileError(message, hint="Check both and try again.", path=name) from None
    return key


def _ask(passphrase: PassphraseSource | None, name: str) -> bytes:
    secret = passphrase() if passphrase else None
    if secret is None:
        raise KeyFileError(
            "the private key is encrypted and no passphrase was given",
            hint="Set AUDITKIT_PASSPHRASE to env:NAME or file:PATH, which hold it, or run it on "
            "a terminal.",
            path=name,
        )
    check_passphrase(secret)
    return secret


def _not_pkcs8(data: bytes, name: str) -> KeyFileError:
    if b"BEGIN PUBLIC KEY" in data:
        return KeyFileError(
            "this is a public key where a private key is expected",
            hint="Give the private key, for instance k.pem beside k.pub.",
            path=name,
        )
    if b"PRIVATE KEY-----" in data:
        return KeyFileError(
            "the private key is not in PKCS8 form",
            hint="Convert it: `openssl pkcs8 -topk8 -in KEY -out k.pem`.",
            path=name,
        )
    return KeyFileError("not a private key in PKCS8 PEM form", hint=SUPPORTED, path=name)
