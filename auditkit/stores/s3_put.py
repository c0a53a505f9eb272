"""Writing an object only if it is absent, or only if it is as it was read (RFC 9110, 13.1)."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from auditkit.errors import ObjectNotFoundError, StoreUnavailableError
from auditkit.stores.s3_errors import code, s3_errors, status

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

AGAIN: Final = "Run it again: what was written is found, and is not written twice."
_CONFLICT_TRIES: Final = 8

Outcome = Literal["stored", "refused", "unclear"]
"""`unclear`: the condition did not hold, perhaps because one's own request had been carried out
whose answer was lost."""

_Answer = Outcome | Literal["conflict"]


def put_if(
    client: Any, request: Mapping[str, Any], etag: str | None, path: str, *, conditional: bool
) -> Outcome:
    """Send a PutObject if the object has this entity tag; None means that there is no object.

    Without `conditional` the server is asked first and told no condition: two writers may then
    both succeed.

    Raises:
        StoreUnavailableError: no answer, so that it is not known whether it was carried out.
        StoreError: refused for another reason.
    """
    condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
    if not conditional:
        if _etag(client, request, path) != etag:
            return "refused"
        condition = {}
    answer = _put(client, {**request, **condition}, path)
    for _ in range(_CONFLICT_TRIES):
        if answer != "conflict":
            return answer
        # Another one is writing it now: apart by chance, so that one of them is first.
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311
        answer = _put(client, {**request, **condition}, path)
        if answer == "refused":  # by what may have been one's own first request
            answer = "unclear"
    raise StoreUnavailableError("others kept writing it at the same time", hint=AGAIN, path=path)


def _put(client: Any, request: Mapping[str, Any], path: str) -> _Answer:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - extra

    with s3_errors(path):
        try:
            client.put_object(**request)
        except ClientError as error:
            return _answer(error)
    return "stored"


def _answer(error: ClientError) -> _Answer:
    """Return what a refusal means; raise it if it is not about the condition.

    412, or 404 where `If-Match` finds no object (S3 API reference, PutObject).
    """
    if code(error) == "ConditionalRequestConflict":
        return "conflict"
    if status(error) != 412 and code(error) != "NoSuchKey":
        raise error
    return "unclear" if error.response["ResponseMetadata"].get("RetryAttempts") else "refused"


def _etag(client: Any, request: Mapping[str, Any], path: str) -> str | None:
    try:
        with s3_errors(path):
            answer = client.head_object(Bucket=request["Bucket"], Key=request["Key"])
    except ObjectNotFoundError:
        return None
    return str(answer["ETag"])
