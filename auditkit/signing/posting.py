"""One HTTP POST in bounded time: loaded only when an authority is asked."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urlsplit

from auditkit.schemes import MAX_TOKEN_BYTES

_PASSING = frozenset({408, 429})
"""Refusals that another attempt may not meet, besides those of 500 and above."""


class PostError(Exception):
    """No answer. `final` says that asking again would not help."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


def post(url: str, body: bytes, content_type: str, seconds: float) -> bytes:
    """Return the answer to a POST, at most a little more than the largest token.

    A user and password in the URL are sent as basic authentication. Redirects are not followed.

    Raises:
        PostError: no answer with a status of 200 within `seconds`.
    """
    request = _request(url, body, content_type)
    try:
        return _within(seconds, lambda: _send(request, seconds))
    except urllib.error.HTTPError as error:
        error.close()
        final = error.code < 500 and error.code not in _PASSING
        raise PostError(f"HTTP status {error.code}", final=final) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = str(getattr(error, "reason", "") or error) or type(error).__name__
        raise PostError(reason[:200]) from error


def _request(url: str, body: bytes, content_type: str) -> urllib.request.Request:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    headers = {"Content-Type": content_type}
    if user:
        headers["Authorization"] = f"Basic {b64encode(unquote(user).encode()).decode()}"
    return urllib.request.Request(  # noqa: S310 - the caller has checked for http or https
        parts._replace(netloc=host).geturl(), data=body, headers=headers
    )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET, which no authority answers; better to say its status."""

    def redirect_request(self, *_: Any) -> None:
        """Return None, which turns a redirect into an HTTPError."""


def _send(request: urllib.request.Request, seconds: float) -> bytes:
    opener = urllib.request.build_opener(_NoRedirects)
    with opener.open(request, timeout=seconds) as response:
        answer: bytes = response.read(MAX_TOKEN_BYTES + 1)
    return answer


def _within(seconds: float, call: Callable[[], bytes]) -> bytes:
    """Return what `call` does if it is done in time; a server may send one byte at a time.

    Raises TimeoutError otherwise, and whatever `call` raises.
    """
    outcome: list[bytes | Exception] = []

    def work() -> None:
        try:
            outcome.append(call())
        except (OSError, HTTPException, ValueError) as error:
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError(f"not done within {seconds:g} seconds")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]
