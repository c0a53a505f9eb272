"""Time-stamp tokens as they are written (RFC 3161, section 2.4.2; CMS of RFC 5652)."""

from __future__ import annotations

import hashlib
import importlib
from typing import TYPE_CHECKING, Any, Final

from auditkit.errors import MissingDependencyError, TokenError
from auditkit.schemes import MAX_TOKEN_BYTES

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_GRANTED: Final = 0


def load_client() -> Any:
    """Return the module `rfc3161_client`; raises MissingDependencyError without the extra."""
    try:
        return importlib.import_module("rfc3161_client")
    except ImportError as error:
        raise MissingDependencyError(
            "time stamps need the package rfc3161-client",
            hint="Install it: pip install 'auditkit-manifest[timestamp]'.",
        ) from error


def decode_token(response: bytes, signature: bytes) -> TimeStampResponse:
    """Return a TimeStampResp whose token is over `signature`, and whose signer is not checked.

    Raises:
        TokenError: malformed, not granted, over something else, or over a weak hash.
    """
    if len(response) > MAX_TOKEN_BYTES:
        raise TokenError(f"the token has more than {MAX_TOKEN_BYTES} bytes")
    try:
        decoded: TimeStampResponse = load_client().decode_timestamp_response(response)
        if decoded.status != _GRANTED:
            raise TokenError(f"the authority refused (status {decoded.status})")
        imprint = decoded.tst_info.message_imprint
        digests = decoded.signed_data.digest_algorithms
    except ValueError as error:
        raise TokenError(f"not a time-stamp token ({error})") from error
    for found in (imprint.hash_algorithm, *digests):
        if found.dotted_string not in _HASHES:
            raise TokenError(
                f"uses the hash function {found.dotted_string}; "
                f"{', '.join(_HASHES.values())} are accepted"
            )
    name = _HASHES[imprint.hash_algorithm.dotted_string]
    if hashlib.new(name, signature).digest() != imprint.message:
        raise TokenError("the token is over something else than this signature")
    return decoded
