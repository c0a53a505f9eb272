"""The one place that makes clients of S3, for registries and data sets alike.

Endpoint, region, profile and credentials are those of whoever runs auditkit: settings, and what
boto3 finds in the environment and in AWS's own files. A manifest or a registry never names them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from auditkit.errors import ConfigError, MissingDependencyError
from auditkit.stores.s3_errors import s3_errors

if TYPE_CHECKING:
    from botocore.config import Config

MAX_CONNECTIONS: Final = 32
"""Requests that one client has under way at once; more threads than this wait for each other."""


@dataclass(frozen=True, slots=True)
class S3Settings:
    """How to reach S3; what is None is found as the AWS command line finds it.

    `timeout` is in seconds, for one connection and for one answer; a request is tried `attempts`
    times. With `requester_pays` the caller's account pays, where a bucket asks for that.
    """

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    requester_pays: bool = False
    timeout: float = 60
    attempts: int = 4


class RequestCount:
    """How many requests a client has sent, those that were tried again included."""

    def __init__(self, client: Any) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        client.meta.events.register("before-send.s3", self._count)

    def __int__(self) -> int:
        return self._sent

    def _count(self, **_: object) -> None:
        with self._lock:
            self._sent += 1


def connect(settings: S3Settings) -> Any:
    """Return a boto3 client, which threads can share and processes cannot.

    Nothing is sent yet, so wrong credentials show at the first request.

    Raises:
        ConfigError: the endpoint is no address, or has a password in it.
        StoreError: no such profile, or AWS's own files are wrong.
        MissingDependencyError: boto3 is not installed.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra, and half a second
    except ImportError as error:
        raise MissingDependencyError(
            "S3 needs the extra 'aws'",
            hint="Install it: pip install 'auditkit-manifest[aws]'.",
        ) from error
    if settings.endpoint is not None:
        _check_endpoint(settings.endpoint)
    try:
        with s3_errors("S3"):
            session = boto3.session.Session(
                profile_name=settings.profile, region_name=settings.region
            )
            client = session.client("s3", endpoint_url=settings.endpoint, config=_config(settings))
    except ValueError as error:
        raise _no_address() from error
    _check_endpoint(client.meta.endpoint_url)  # the environment may have named another one
    if settings.requester_pays:
        client.meta.events.register("before-parameter-build.s3", _pay)
    return client


def _config(settings: S3Settings) -> Config:
    from botocore.config import Config  # noqa: PLC0415 - extra

    return Config(
        connect_timeout=min(settings.timeout, 10),
        read_timeout=settings.timeout,
        retries={"mode": "standard", "total_max_attempts": settings.attempts},
        max_pool_connections=MAX_CONNECTIONS,
        user_agent_appid="auditkit",
    )


def _check_endpoint(endpoint: str) -> None:
    """Errors name the endpoint, so a password in it would reach logs."""
    try:
        parts = urlsplit(endpoint)
        fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError as error:
        raise _no_address() from error
    if not fine or set("@?#") & set(endpoint):
        raise _no_address()


def _no_address() -> ConfigError:
    return ConfigError(
        "the endpoint or the region of S3 is none",
        hint="An endpoint is https://HOST[:PORT], without user, password or query; credentials go "
        "where the AWS command line looks for them.",
    )


def _pay(params: dict[str, Any], model: Any, **_: object) -> None:
    if "RequestPayer" in model.input_shape.members:
        params.setdefault("RequestPayer", "requester")
