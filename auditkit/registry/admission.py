"""Which record a bundle or token gets, so that nobody's record says what its blob does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from auditkit.digests import sha256_hex
from auditkit.errors import EnvelopeError, LogError
from auditkit.manifest import strictjson
from auditkit.manifest.bundle import decode_bundle
from auditkit.registry.entries import ENTRY_VERSION, EntryRecord, EntryType, decode_record
from auditkit.schemes import MAX_TOKEN_BYTES, STATEMENT_FAMILIES


@dataclass(frozen=True, slots=True)
class _Kind:
    """How statements of one family are logged: as which type, and where their time stands."""

    type: EntryType
    time: tuple[str, ...]


_KINDS: Final = {
    STATEMENT_FAMILIES["training-run"]: _Kind("manifest", ("capture", "createdAt")),
    STATEMENT_FAMILIES["approval"]: _Kind("approval", ("approvedAt",)),
    STATEMENT_FAMILIES["verification"]: _Kind("verification", ("verifiedAt",)),
    STATEMENT_FAMILIES["erasure"]: _Kind("erasure", ("attestedAt",)),
}


def bundle_record(bundle: bytes, *, addendum: bool = False) -> EntryRecord:
    """Return the record of a bundle; with `addendum` that of a further one over its payload.

    The payload is not held to its model, nor its signature to anybody's key: a log records what
    was said, and verification judges it.

    Raises:
        LogError: not a bundle, or its payload is no statement that a log takes.
    """
    try:
        payload = decode_bundle(bundle).payload
        document = strictjson.loads(payload)
    except (EnvelopeError, ValueError) as error:
        raise LogError(f"not a bundle with a statement ({error})") from error
    kind = _kind(_at(document, "predicateType"))
    return _record(
        {
            "blob": sha256_hex(bundle),
            "project": _at(document, "predicate", "run", "project"),
            "run": _at(document, "predicate", "run", "id"),
            "statement": sha256_hex(payload),
            "time": _at(document, "predicate", *kind.time),
            "type": "addendum" if addendum else kind.type,
        }
    )


def token_record(token: bytes, statement: str) -> EntryRecord:
    """Return the record of a time-stamp token over a signature of a statement, by its digest."""
    if len(token) > MAX_TOKEN_BYTES:
        raise LogError(f"the token has more than {MAX_TOKEN_BYTES} bytes")
    return _record({"blob": sha256_hex(token), "statement": statement, "type": "addendum"})


def check_record(data: bytes, blob: bytes) -> EntryRecord:
    """Return the record in `data` if it says what its blob says; raises LogError otherwise.

    An addendum without run, project and time is a token, whose content is not looked at here.
    """
    record = decode_record(data)
    if record.type == "addendum" and record.run is None:
        expected = token_record(blob, record.statement)
    else:
        expected = bundle_record(blob, addendum=record.type == "addendum")
    if record != expected:
        names = (name for name in record.__struct_fields__ if _differ(name, record, expected))
        raise LogError(f"the entry does not say what its blob says: {', '.join(names)}")
    return record


def _record(fields: dict[str, Any]) -> EntryRecord:
    present = {name: value for name, value in fields.items() if value is not None}
    try:
        return msgspec.convert({**present, "version": ENTRY_VERSION}, EntryRecord)
    except msgspec.ValidationError as error:
        raise LogError(f"the statement cannot be logged ({error})") from error


def _differ(name: str, left: EntryRecord, right: EntryRecord) -> bool:
    return bool(getattr(left, name) != getattr(right, name))


def _kind(predicate_type: Any) -> _Kind:
    for family, kind in _KINDS.items():
        if isinstance(predicate_type, str) and predicate_type.startswith(family):
            return kind
    raise LogError(f"a log takes no statements of type {str(predicate_type)[:80]!r}")


def _at(document: Any, *names: str) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document
