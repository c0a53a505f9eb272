"""Signers: something that holds a private key and turns bytes into a signature.

A signer is named by a URI: the path of a key file, or `env:NAME` for a key in an environment
variable, as CI systems hand out secrets.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from auditkit.errors import KeyFileError
from auditkit.signing.algorithms import scheme_named
from auditkit.signing.keyfile import read_key_file
from auditkit.signing.keys import (
    MAX_KEY_BYTES,
    SUPPORTED,
    PublicKey,
    check_passphrase,
    public_key_of,
)
from auditkit.signing.passphrase import PassphraseSource

ENCRYPTED_LABEL = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
"""The first line of an encrypted PKCS8 key (RFC 7468, section 11)."""

_PLAIN_LABEL = b"-----BEGIN PRIVATE KEY-----"


class Signer(Protocol):
    """Turns bytes into a signature under one key."""

    @property
    def public_key(self) -> PublicKey:
        """The key under which the signatures verify."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`."""


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a private key held in memory."""

    public_key: PublicKey
    _private_key: PrivateKeyTypes = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`."""
        return scheme_named(self.public_key.algorithm).sign(self._private_key, data)


def signer_for(private_key: PrivateKeyTypes) -> Signer:
    """Return a signer for a private key; raises KeyFileError for a key too small or weak."""
    return KeySigner(public_key_of(private_key), private_key)


def open_signer(
    uri: str,
    *,
    passphrase: PassphraseSource | None = None,
    allow_open_permissions: bool = False,
    environ: Mapping[str, str],
) -> Signer:
    """Return the signer that `uri` names: the path of a PKCS8 PEM file, or `env:NAME`.

    `passphrase` is asked only for an encrypted key.

    Raises:
        KeyFileError: no such file or variable, not a PKCS8 private key, a kind of key that is
            not used, a file that others have rights to, a missing or wrong passphrase.
    """
    if uri.startswith("env:"):
        return _open(_from_environment(uri[4:], environ), passphrase, uri)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", uri):
        raise KeyFileError(
            "this kind of key URI is not supported",
            hint="Give the path of a key file, or env:NAME.",
            path=uri,
        )
    file = read_key_file(Path(uri))
    if file.open_to_others and not allow_open_permissions and b"PUBLIC KEY" not in file.data:
        raise KeyFileError(
            "other users may read or change this private key",
            hint=f"Run `chmod 600 {shlex.quote(uri)}`.",
            path=uri,
        )
    return _open(file.data, passphrase, uri)


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
