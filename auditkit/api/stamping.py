"""Time stamps from several authorities, and what it means that none of them answers."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from auditkit.errors import TimestampError
from auditkit.manifest.bundle import Bundle
from auditkit.signing.timestamp import TimestampClient


@dataclass(frozen=True, slots=True)
class Stamping:
    """Which authorities to ask, and whether a signature without any token is a failure.

    One token is enough; an authority that does not answer while another does is a warning.
    """

    authorities: tuple[TimestampClient, ...]
    required: bool = True


def tokens_for(
    signature: bytes, authorities: Sequence[TimestampClient]
) -> tuple[tuple[bytes, ...], tuple[TimestampError, ...]]:
    """Return the tokens over `signature`, and an error for each authority that gave none.

    Raises:
        MissingDependencyError: the extra `timestamp` is not installed.
    """
    tokens: list[bytes] = []
    failures: list[TimestampError] = []
    for authority in authorities:
        try:
            tokens.append(authority.stamp(signature))
        except TimestampError as error:
            failures.append(error)
    return tuple(tokens), tuple(failures)


def check_authorities(stamping: Stamping) -> tuple[str, ...]:
    """Ask every authority for a token over random bytes; return a warning for each that fails.

    Raises:
        TimestampError: none of them answered, and a token is required.
        MissingDependencyError: the extra `timestamp` is not installed.
    """
    tokens, failures = tokens_for(secrets.token_bytes(64), stamping.authorities)
    if not tokens and stamping.required:
        raise failures[0]
    return tuple(f"before the run: {failure}" for failure in failures)


def stamped(bundle: Bundle, stamping: Stamping) -> tuple[Bundle, tuple[TimestampError, ...]]:
    """Return the bundle with its tokens, and an error for each authority that gave none."""
    tokens, failures = tokens_for(bundle.signature, stamping.authorities)
    return msgspec.structs.replace(bundle, timestamps=(*bundle.timestamps, *tokens)), failures
