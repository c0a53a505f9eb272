"""Time-stamp tokens (RFC 3161) over signatures: whose count, and what time they prove."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from auditkit.errors import TokenError
from auditkit.signing.tokens import decode_token, load_client
from auditkit.trust.rules import Authority
from auditkit.trust.validity import KnownTime

if TYPE_CHECKING:
    from rfc3161_client import Accuracy, TimeStampTokenInfo


def check_token(response: bytes, signature: bytes, authorities: Sequence[Authority]) -> KnownTime:
    """Return the time that a TimeStampResp in DER proves for `signature`.

    The authority's certificate is judged at the token's own time, so that a token outlives it;
    its only extended key usage must be time stamping, critical, and it must lead to a root of
    one of `authorities`. The accuracy that the token states is added to its time.

    Raises:
        TokenError: malformed, refused, over something else, over a weak hash, or of an authority
            that is not trusted or was not valid at that time.
        MissingDependencyError: the extra `timestamp` is not installed.
    """
    rfc3161 = load_client()
    decoded = decode_token(response, signature)
    reasons = []
    for authority in authorities:
        verifier = rfc3161.VerifierBuilder(
            roots=list(authority.roots), intermediates=list(authority.intermediates)
        ).build()
        try:
            verifier.verify_message(decoded, signature)
        except (rfc3161.VerificationError, ValueError) as error:
            reasons.append(f"{authority.name}: {_reason(error)}")
            continue
        return KnownTime(_latest(decoded.tst_info), authority.name)
    raise TokenError(f"no trusted authority vouches for it ({'; '.join(reasons)})")


def _reason(error: Exception) -> str:
    """Return what OpenSSL says about a certificate, without the rest of its error stack."""
    found = re.search(r'Verify error: ([^"]+)"', str(error))
    return found[1] if found else str(error)[:200]


def _latest(info: TimeStampTokenInfo) -> datetime:
    accuracy: Accuracy | None = info.accuracy  # absent from many tokens
    if accuracy is None:
        return info.gen_time
    return info.gen_time + timedelta(
        seconds=accuracy.seconds or 0,
        milliseconds=accuracy.millis or 0,
        microseconds=accuracy.micros or 0,
    )
