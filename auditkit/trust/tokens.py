"""Time-stamp tokens (RFC 3161) over signatures: whose count, and what time they prove."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from auditkit.errors import MissingDependencyError, TokenError
from auditkit.trust.rules import Authority
from auditkit.trust.validity import KnownTime

if TYPE_CHECKING:
    from rfc3161_client import Accuracy, TimeStampResponse, TimeStampTokenInfo

MAX_TOKEN_BYTES: Final = 64 * 1024
"""The largest token that is looked at; real ones have 2 to 8 KiB."""

_HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


def check_token(response: bytes, signature: bytes, authorities: Sequence[Authority]) -> KnownTime:
    """Return the time that a TimeStampResp in DER proves for `signature`.

    The authority's certificate is judged at the token's own time, so that a token outlives it;
    it must have a critical extended key usage for time stamping and lead to a root of one of
    `authorities`. The accuracy that the token states is added to its time.

    Raises:
        TokenError: malformed, refused, over something else, over a weak hash, or of an authority
            that is not trusted or was not valid at that time.
        MissingDependencyError: the extra `timestamp` is not installed.
    """
    rfc3161 = load_client()
    if len(response) > MAX_TOKEN_BYTES:
        raise TokenError(f"the token has more than {MAX_TOKEN_BYTES} bytes")
    try:
        decoded = rfc3161.decode_timestamp_response(response)
        _check_imprint(decoded, signature)
    except ValueError as error:
        raise TokenError(f"not a time-stamp token ({error})") from error
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


def load_client() -> Any:
    """Return the module `rfc3161_client`; raises MissingDependencyError without the extra."""
    try:
        return importlib.import_module("rfc3161_client")
    except ImportError as error:
        raise MissingDependencyError(
            "time stamps need the package rfc3161-client",
            hint="Install it: pip install 'auditkit-manifest[timestamp]'.",
        ) from error


def _check_imprint(response: TimeStampResponse, signature: bytes) -> None:
    imprint = response.tst_info.message_imprint
    for found in (imprint.hash_algorithm, *response.signed_data.digest_algorithms):
        if found.dotted_string not in _HASHES:
            raise TokenError(
                f"uses the hash function {found.dotted_string}; "
                f"{', '.join(_HASHES.values())} are accepted"
            )
    name = _HASHES[imprint.hash_algorithm.dotted_string]
    if hashlib.new(name, signature).digest() != imprint.message:
        raise TokenError("the token is over something else than this signature")


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
