"""Signers: something that holds a private key and turns bytes into a signature."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from auditkit.manifest.bundle import Bundle
from auditkit.manifest.dsse import pae
from auditkit.schemes import PAYLOAD_TYPE
from auditkit.signing.algorithms import scheme_named
from auditkit.signing.keys import PublicKey, public_key_of


class Signer(Protocol):
    """Turns bytes into a signature under one key."""

    @property
    def public_key(self) -> PublicKey:
        """The key under which the signatures verify."""

    @property
    def certificate(self) -> bytes | None:
        """The leaf certificate for the key, in DER, that goes into bundles; None without one."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`.

        Raises:
            SigningError: the service or token that holds the key did not sign.
        """


@dataclass(frozen=True, slots=True)
class KeySigner:
    """Signs with a private key held in memory."""

    public_key: PublicKey
    _private_key: PrivateKeyTypes = field(repr=False)
    certificate: None = None

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`."""
        return scheme_named(self.public_key.algorithm).sign(self._private_key, data)


@dataclass(frozen=True, slots=True)
class CertifiedSigner:
    """A signer whose key has a certificate; `certificate` is in DER."""

    signer: Signer
    certificate: bytes

    @property
    def public_key(self) -> PublicKey:
        """The key that the certificate is for."""
        return self.signer.public_key

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`."""
        return self.signer.sign(data)


def signer_for(private_key: PrivateKeyTypes) -> Signer:
    """Return a signer for a private key; raises KeyFileError for a key too small or weak."""
    return KeySigner(public_key_of(private_key), private_key)


def seal(payload: bytes, signer: Signer) -> Bundle:
    """Return the bundle that holds `payload` and the signer's signature over its PAE.

    Raises:
        SigningError: the service or token that holds the key did not sign.
    """
    return Bundle(
        payload=payload,
        signature=signer.sign(pae(PAYLOAD_TYPE, payload)),
        keyid=signer.public_key.keyid,
        certificate=signer.certificate,
    )
