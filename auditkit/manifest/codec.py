"""Statements to bytes and back; nothing is re-serialised to be checked."""

from __future__ import annotations

import re
import types
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from auditkit.errors import ManifestError, ManifestVersionError
from auditkit.manifest import strictjson
from auditkit.manifest.model import Statement, Subject, TrainingRun
from auditkit.manifest.typeinfo import resolved
from auditkit.schemes import PREDICATE_FAMILY, PREDICATE_VERSION

Typed = TypeVar("Typed", bound=msgspec.Struct)


class DecodedStatement(msgspec.Struct, frozen=True):
    """A typed statement and what this version does not know of it.

    `unknown` are JSON pointers of fields that a newer minor version wrote; they are preserved in
    the payload bytes and reported, never interpreted.
    """

    statement: Statement
    unknown: tuple[str, ...] = ()


class Preview(msgspec.Struct, frozen=True):
    """As much of a payload as decides whether its signer may sign it; None where it is absent."""

    type: str | None
    predicate_type: str | None
    project: str | None


class _PreviewRun(msgspec.Struct, frozen=True):
    project: str | None = None


class _PreviewPredicate(msgspec.Struct, frozen=True):
    run: _PreviewRun = _PreviewRun()


class _PreviewStatement(msgspec.Struct, frozen=True, rename="camel"):
    type_: str | None = msgspec.field(name="_type", default=None)
    predicate_type: str | None = None
    predicate: _PreviewPredicate = _PreviewPredicate()


def preview(payload: bytes) -> Preview:
    """Return what a payload says it is, without reading the rest of it.

    The payload is not held to the model here: what is not valid has no preview, and
    `decode_statement` tells why.
    """
    try:
        found = msgspec.json.decode(payload, type=resolved(_PreviewStatement))
    except (msgspec.DecodeError, RecursionError):
        return Preview(None, None, None)
    return Preview(found.type_, found.predicate_type, found.predicate.run.project)


def encode_statement(subjects: tuple[Subject, ...], predicate: TrainingRun) -> bytes:
    """Return the payload bytes: compact JSON in the model's field order."""
    statement = Statement(
        type_="https://in-toto.io/Statement/v1",
        subject=subjects,
        predicate_type="urn:auditkit:training-run:v1",
        predicate=predicate,
    )
    return msgspec.json.encode(statement)


def decode_statement(payload: bytes) -> DecodedStatement:
    """Return the typed manifest in `payload`; see `decode_typed`."""
    return DecodedStatement(*decode_typed(payload, Statement, PREDICATE_FAMILY, PREDICATE_VERSION))


def decode_typed(
    payload: bytes, kind: type[Typed], family: str, version: str
) -> tuple[Typed, tuple[str, ...]]:
    """Return the statement of type `kind` in `payload`, and pointers of what was set aside.

    `family` is how the predicate type begins and `version` the predicate's version, major and
    minor, that this auditkit writes. Unknown fields are an error, except in a document of a newer
    minor version, where they are set aside and listed.

    Raises:
        ManifestVersionError: a newer major version.
        ManifestError: anything else that is not such a statement.
    """
    document = _load(payload)
    if not isinstance(document, dict):
        raise ManifestError("the payload is not a JSON object")
    _check_predicate_type(document.get("predicateType"), family, version)
    unknown = tuple(_prune(document, kind, ""))
    if unknown and not _is_newer_minor(document, version):
        raise ManifestError(f"unknown field {unknown[0]}")
    try:
        return msgspec.convert(document, resolved(kind)), unknown
    except msgspec.ValidationError as error:
        raise ManifestError(f"not a valid manifest ({error})") from error


def _load(payload: bytes) -> Any:
    try:
        return strictjson.loads(payload)
    except ValueError as error:
        raise ManifestError(f"the payload is not strict JSON ({error})") from error


def _check_predicate_type(found: Any, family: str, version: str) -> None:
    major = int(version.split(".", maxsplit=1)[0])
    if found == f"{family}{major}":
        return
    text = str(found)[:100]
    match = re.fullmatch(re.escape(family) + r"([1-9][0-9]{0,5})", text)
    if match and int(match[1]) > major:
        raise ManifestVersionError(
            f"the manifest has version {match[1]}, this auditkit reads version {major}",
            hint="Install a newer auditkit to verify it.",
        )
    raise ManifestError(f"unknown predicateType {text!r}, expected '{family}{major}'")


def _is_newer_minor(document: dict[str, Any], version: str) -> bool:
    major, minor = version.split(".")
    predicate = document.get("predicate")
    found = predicate.get("version") if isinstance(predicate, dict) else None
    match = re.fullmatch(rf"{major}\.(0|[1-9][0-9]{{0,5}})", str(found))
    return match is not None and int(match[1]) > int(minor)


def _prune(value: Any, kind: Any, pointer: str) -> list[str]:
    """Remove from `value` what the type `kind` does not know; return the removed pointers."""
    kind = _strip_optional(kind)
    origin = get_origin(kind)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        removed = []
        known = _fields(kind)
        for name in list(value):
            at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name not in known:
                del value[name]
                removed.append(at)
            else:
                removed += _prune(value[name], known[name], at)
        return removed
    if origin in (tuple, list) and isinstance(value, list):
        item = get_args(kind)[0]
        return [x for i, each in enumerate(value) for x in _prune(each, item, f"{pointer}/{i}")]
    return []


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the types of a struct's fields by their names in JSON; resolving them is slow."""
    hints = get_type_hints(kind)
    return {each.encode_name: hints[each.name] for each in msgspec.structs.fields(kind)}


def _strip_optional(kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return next(each for each in get_args(kind) if each is not type(None))
    return kind
