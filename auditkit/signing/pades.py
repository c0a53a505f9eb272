"""Signatures in PDF: PAdES baseline signatures (ETSI EN 319 142-1, section 6).

They are made with a certificate, by a key that readers of PDF know: ECDSA P-256 or P-384, or RSA.
The signature certifies the document and allows no change after it (ISO 32000-1, section 12.8.2.2)
but what keeps it verifiable for long: document time stamps and what validates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from auditkit.errors import MissingDependencyError, UsageError
from auditkit.signing.signer import Signer
from auditkit.signing.timestamp import TimestampClient

Level = Literal["b-b", "b-t", "b-lta"]
"""A signature; with a time stamp; with all that validates it for long, stamped as a whole."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)


@dataclass(frozen=True, slots=True)
class PdfIdentity:
    """A key with its certificate; `chain` is in DER, the key's own certificate first."""

    signer: Signer
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Validation:
    """What a B-LTA signature carries to be validated by, in DER, as its maker trusts it."""

    roots: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfSigning:
    """Who signs a PDF and at which level; `authorities` are asked for time stamps in turn."""

    identity: PdfIdentity
    level: Level = "b-b"
    authorities: tuple[TimestampClient, ...] = ()
    validation: Validation = Validation()

    def __post_init__(self) -> None:
        if self.level != "b-b" and not self.authorities:
            raise UsageError(
                f"a PAdES {self.level.upper()} signature needs a time-stamping authority",
                hint="Give --timestamp URL, or set [timestamp] authorities in auditkit.toml.",
            )


def sign_pdf(content: bytes, how: PdfSigning) -> bytes:
    """Return `content`, a PDF, with an invisible signature added as an incremental update.

    Raises:
        MissingDependencyError: pyHanko is not installed.
        SigningError: the key did not sign, or the PDF cannot be signed.
        TimestampError: no authority gave a time stamp.
        UsageError: for B-LTA something is missing that validates the signature or a time stamp.
    """
    try:
        from auditkit.signing import pades_writer  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise MissingDependencyError(
            "pyHanko is not installed, and signatures in PDF need it",
            hint="Install it: pip install 'auditkit-manifest[pades]'.",
        ) from error
    return pades_writer.sign(content, how)
