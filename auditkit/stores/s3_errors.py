"""What S3 and boto3 say when something goes wrong, as auditkit's errors.

Of an answer only its code and status are repeated: a server's own sentences may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from auditkit.errors import ObjectNotFoundError, StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_RIGHTS: Final = "Check the credentials that are used, and what they and the bucket's policy allow."
_CREDENTIALS: Final = (
    "Give credentials as for the AWS command line: AWS_PROFILE, AWS_ACCESS_KEY_ID, a role."
)
_CLOCK: Final = "Set this machine's clock."
_NETWORK: Final = "Check the endpoint, the network and the proxy settings, and run it again."
_PROFILE: Final = "Check profile in [s3], AUDITKIT_S3_PROFILE and AWS_PROFILE."
_REGION: Final = "Set the region of the bucket: AWS_DEFAULT_REGION, or region in [s3]."

_HINTS: Final = {
    "AccessDenied": _RIGHTS,
    "AllAccessDisabled": _RIGHTS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "ExpiredToken": "The credentials have expired: get fresh ones, and run it again.",
    "RequestTimeTooSkewed": _CLOCK,
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "NoSuchBucket": "Check the bucket's name and the endpoint; auditkit makes no buckets.",
    "InvalidBucketName": "Check the bucket's name.",
    "InvalidObjectState": "The object is archived: restore it in its bucket, and run it again.",
    "NotImplemented": "This server does not offer all of S3 that is needed.",
    "QuotaExceeded": "The server's space is used up: make room, and run it again.",
}
_OVERLOADED: Final = {
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
}
_ABSENT: Final = {"NoSuchKey", "NoSuchVersion"}


@contextmanager
def s3_errors(path: str) -> Iterator[None]:
    """Raise auditkit's errors for boto3's in the block; `path` says what it was about.

    Raises:
        ObjectNotFoundError: the bucket has no such object or version.
        StoreUnavailableError: no connection, no answer in time, a broken one, or an overload.
        StoreError: anything else that was refused, and credentials or settings that are wrong.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - extra

    try:
        yield
    except ClientError as error:
        raise _refused(error, path) from error
    except BotoCoreError as error:
        raise _failed(error, path) from error


def status(error: ClientError) -> int:
    """Return the HTTP status of a refusal; 0 where there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def code(error: ClientError) -> str:
    """Return the code of a refusal: S3's own word, or the status where there is none."""
    given = str(error.response.get("Error", {}).get("Code", ""))
    return given if re.fullmatch(r"[A-Za-z][A-Za-z0-9.]{0,60}", given) else f"HTTP {status(error)}"


def refusal(error: StoreError) -> str | None:
    """Return the code with which the server refused; None where it did not answer."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - extra

    cause = error.__cause__
    return code(cause) if isinstance(cause, ClientError) else None


def _refused(error: ClientError, path: str) -> StoreError:
    said = code(error)
    if said in _ABSENT or (status(error) == 404 and said not in _HINTS):
        return ObjectNotFoundError(
            "there is no such object", hint="Check the path and the bucket.", path=path
        )
    if status(error) >= 500 or status(error) == 429 or said in _OVERLOADED:
        return StoreUnavailableError(
            f"the server could not answer ({said})",
            hint="Run it again later; lower the number of workers if it stays so.",
            path=path,
        )
    return StoreError(
        f"the server refused ({said})",
        hint=_HINTS.get(said) or (_RIGHTS if status(error) in {401, 403} else None),
        path=path,
    )


def _failed(error: BotoCoreError, path: str) -> StoreError:
    from botocore import exceptions  # noqa: PLC0415 - extra

    name = type(error).__name__
    if isinstance(error, exceptions.SSLError):
        hint = "Check the endpoint and its certificate; AWS_CA_BUNDLE names an authority of yours."
        return StoreUnavailableError("the server's certificate is not good", hint=hint, path=path)
    if isinstance(
        error,
        exceptions.ConnectionError | exceptions.HTTPClientError | exceptions.IncompleteReadError,
    ):
        return StoreUnavailableError(f"no complete answer ({name})", hint=_NETWORK, path=path)
    if isinstance(error, exceptions.FlexibleChecksumError):
        return StoreUnavailableError(
            "what arrived does not have the checksum that the server stated",
            hint=_NETWORK,
            path=path,
        )
    if isinstance(error, exceptions.ProfileNotFound):
        return StoreError("no such profile in AWS's own files", hint=_PROFILE, path=path)
    return StoreError(f"S3 cannot be asked ({name})", hint=_CREDENTIALS, path=path)
