"""Time-stamp tokens from an authority (RFC 3161, over HTTP as in its section 3.4)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from auditkit.errors import TimestampError, TokenError, UsageError
from auditkit.signing.tokens import decode_token, load_client


@dataclass(frozen=True, slots=True)
class TimestampClient:
    """Asks one authority for tokens, for a bounded time.

    `timeout` is in seconds and for each of the `attempts`; `pause` is called between them with
    the seconds to wait.
    """

    url: str
    timeout: float = 10.0
    attempts: int = 3
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            usable = False
        if not usable:
            raise UsageError(
                f"not the address of a time-stamping authority: {self.name!r}",
                hint="Give an http:// or https:// URL.",
            )

    @property
    def name(self) -> str:
        """The address without what may be secret in it."""
        return self.url.split("?", 1)[0].rpartition("@")[2].split("#", 1)[0]

    def stamp(self, signature: bytes) -> bytes:
        """Return a TimeStampResp in DER whose token is over the SHA-256 of `signature`.

        What was asked for is compared with what came: hash, nonce, and that the authority's
        certificate is in it. Whether the authority is to be trusted is the verifier's question.

        Raises:
            TimestampError: no answer in time, or not such a token.
            MissingDependencyError: the extra `timestamp` is not installed.
        """
        rfc3161 = load_client()
        builder = rfc3161.TimestampRequestBuilder().data(signature)
        request = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA256).build()
        response = self.ask(request.as_bytes())
        try:
            _check_answer(response, signature, request.nonce)
        except TokenError as error:
            raise TimestampError(
                f"the authority sent no usable token: {error.message}",
                hint="Ask its operator, or name another authority.",
                path=self.name,
            ) from error
        return response

    def ask(self, query: bytes) -> bytes:
        """Return what the authority answers to a TimeStampReq; both are in DER.

        Raises:
            TimestampError: no answer in time.
        """
        from auditkit.signing.posting import PostError, post  # noqa: PLC0415 - costs 25 ms

        reason = ""
        for attempt in range(self.attempts):
            if attempt:
                self.pause(2.0 ** (attempt - 1) * (1 + secrets.randbelow(500) / 1000))
            try:
                return post(self.url, query, "application/timestamp-query", self.timeout)
            except PostError as error:
                reason = str(error)
                if error.final:
                    break
        raise TimestampError(
            f"no answer from the time-stamping authority ({reason})",
            hint="Check the address and the network, or name another authority.",
            path=self.name,
        )


def _check_answer(response: bytes, signature: bytes, nonce: int | None) -> None:
    decoded = decode_token(response, signature)
    if decoded.tst_info.nonce != nonce:
        raise TokenError("it answers another request (the nonce differs)")
    if not decoded.signed_data.certificates:
        raise TokenError("it lacks the authority's certificate, so it could not be verified later")
