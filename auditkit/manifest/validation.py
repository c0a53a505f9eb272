"""The last check before a manifest is signed: the schema that readers will hold it to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from auditkit.errors import ManifestError
from auditkit.manifest import strictjson
from auditkit.resources import schema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MANIFEST_SCHEMA_FILE = "manifest.v1.json"


def validate_document(payload: bytes) -> None:
    """Check a statement's payload against `schemas/manifest.v1.json`.

    Raises:
        ManifestError: not strict JSON, or not valid; names the first fault's JSON pointer.
    """
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - costs 165 ms

    try:
        document = strictjson.loads(payload)
    except ValueError as error:
        raise ManifestError(f"the payload is not strict JSON ({error})") from error
    fault = best_match(manifest_validator().iter_errors(document))
    if fault is not None:
        pointer = "".join(f"/{part}" for part in fault.absolute_path)
        raise ManifestError(f"not a valid manifest ({fault.message[:500]} at {pointer or '/'!r})")


@cache
def manifest_validator() -> Validator:
    """Return a validator for manifests, stricter than Python's usual one in two points.

    Patterns mean what they mean in ECMA-262, where `$` does not match before a trailing newline,
    and `1.0` is no integer: readers of other languages would hand it on as a float.
    """
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - costs 165 ms

    strict = validators.extend(  # type: ignore[no-untyped-call] # the stubs leave it untyped
        Draft202012Validator,
        {"pattern": _pattern},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
            "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
        ),
    )
    document = json.loads(schema(MANIFEST_SCHEMA_FILE).read_bytes())
    validator: Validator = strict(document)
    return validator


def _pattern(_: Validator, pattern: str, value: Any, __: Any) -> Iterator[Exception]:
    from jsonschema import ValidationError  # noqa: PLC0415 - costs 165 ms

    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError(f"{value[:100]!r} does not match {pattern!r}")
