"""Stores by their address: `s3://BUCKET[/PREFIX]`, or a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from auditkit.errors import UsageError
from auditkit.stores.keys import is_key
from auditkit.stores.retention import Retention
from auditkit.stores.s3_client import S3Settings
from auditkit.stores.store import Store

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Amazon S3 User Guide, Bucket naming rules; other servers take no others that matter."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How to open a store, whatever it is.

    `retention` is what the store is asked to keep objects for, if it can. `single_writer` is the
    user's word that nobody else writes, for servers that cannot keep writers apart.
    """

    s3: S3Settings = field(default_factory=S3Settings)
    retention: Retention | None = None
    single_writer: bool = False


def open_store(uri: str, settings: StoreSettings) -> Store:
    """Return the store at `uri`; nothing is sent or made yet. A relative folder starts from here.

    Raises:
        UsageError: another scheme, no bucket, or a prefix that is no key; retention in a folder.
        StoreError, ConfigError, MissingDependencyError: no client of S3 can be made.
    """
    match = _SCHEME.fullmatch(uri)
    if match is None:
        return _open_folder(uri, settings)
    if match[1] != "s3":
        raise UsageError(
            "a registry lies in a folder or under s3://",
            hint="Write s3://BUCKET/PREFIX, or the path of a folder.",
            path=_shown(uri),
        )
    from auditkit.stores.s3 import S3Store  # noqa: PLC0415 - only where it is used

    bucket, _, prefix = match[2].partition("/")
    prefix = prefix.removesuffix("/")
    if not _BUCKET.fullmatch(bucket) or (prefix and not is_key(prefix)):
        raise UsageError(
            "neither a bucket nor a prefix in one",
            hint="Write s3://BUCKET/PREFIX with plain letters, digits, dots, dashes and slashes.",
            path=_shown(uri),
        )
    return S3Store.open(
        bucket,
        prefix,
        settings.s3,
        settings.retention,
        conditional=not settings.single_writer,
    )


def _open_folder(path: str, settings: StoreSettings) -> Store:
    from auditkit.stores.directory import DirectoryStore  # noqa: PLC0415 - only where it is used

    if settings.retention is not None:
        raise UsageError(
            "a folder cannot keep anybody from deleting what is in it",
            hint="Leave retention out, or take a bucket with Object Lock.",
            path=path,
        )
    return DirectoryStore(Path(path).expanduser().absolute())


def _shown(uri: str) -> str | None:
    return None if "@" in uri else uri[:200]  # what stands before an @ may be a password
