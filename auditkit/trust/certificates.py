"""Is a certificate in a bundle one that makes its key this principal's?

This is the door to `auditkit.trust.x509`, which is loaded only where a policy has certificates.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from auditkit.errors import IndeterminateSignerError, SignerError
from auditkit.signing.keys import PublicKey
from auditkit.trust.rules import TrustedIssuer
from auditkit.trust.validity import Judgement, KnownTime, best

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

Purpose = Literal["statement", "document"]
"""What a certificate has to be for: signing a statement in a bundle, or a PDF."""


def certified_key(leaf: bytes) -> PublicKey:
    """Return the key in a leaf certificate, trusted or not; raises SignerError if there is none."""
    from auditkit.trust.x509 import leaf_public_key  # noqa: PLC0415 - loads X.509

    return leaf_public_key(leaf)


def is_named(leaf: bytes, issuer: TrustedIssuer) -> bool:
    """Return whether a well-formed leaf carries one of the names, whoever issued it."""
    from cryptography import x509  # noqa: PLC0415 - loads X.509

    certificate = x509.load_der_x509_certificate(leaf)
    return any(identity.matches(certificate) for identity in issuer.identities)


def readable(chain: Iterable[bytes]) -> tuple[Certificate, ...]:
    """Return those of a signature's further certificates that can be read, trusted or not."""
    from auditkit.trust.x509 import readable_certificates  # noqa: PLC0415 - loads X.509

    return readable_certificates(chain)


def judge_certificate(
    leaf: bytes, issuer: TrustedIssuer, known: KnownTime, purpose: Purpose = "statement"
) -> Judgement:
    """Return whether the leaf was a valid certificate of this issuer for one of the names."""
    positions = range(len(issuer.identities))
    return best(_judge(leaf, issuer, position, known, purpose) for position in positions)


def _judge(
    leaf: bytes, issuer: TrustedIssuer, position: int, known: KnownTime, purpose: Purpose
) -> Judgement:
    from auditkit.trust.x509 import verify_leaf  # noqa: PLC0415 - loads X.509

    try:
        verify_leaf(
            leaf,
            roots=issuer.roots,
            intermediates=issuer.intermediates,
            when=known.at,
            identity=issuer.identities[position],
            crls=issuer.crls,
            require_crl=issuer.require_crl,
            purpose=purpose,
        )
    except IndeterminateSignerError as error:
        return Judgement("indeterminate", f"{error.message}. {error.hint or ''}".strip())
    except SignerError as error:
        return Judgement("failed", error.message)
    return Judgement("passed")
