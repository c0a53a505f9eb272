"""Entries to fill a log with, and small signed statements to append to it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

from auditkit.digests import sha256_hex
from auditkit.registry.admission import bundle_record
from auditkit.registry.entries import EntryRecord
from auditkit.signing.signer import Signer, seal


def records(count: int) -> Iterator[EntryRecord]:
    """Yield so many records of manifests, each of a run of its own."""
    for number in range(count):
        yield EntryRecord(
            blob=sha256_hex(b"blob %d" % number),
            project="bench",
            run=_run(number),
            statement=sha256_hex(b"statement %d" % number),
            time=f"2026-01-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z",
            type="manifest",
            version=1,
        )


def bundle_and_record(number: int, signer: Signer) -> tuple[bytes, EntryRecord]:
    """Return a bundle of a run that is in no log yet, and its record."""
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "run", "digest": {"sha256": "0" * 64}}],
        "predicateType": "urn:auditkit:training-run:v1",
        "predicate": {
            "run": {"id": _run(number + 2**40), "project": "bench"},
            "capture": {"createdAt": "2026-02-01T00:00:00Z"},
        },
    }
    bundle = seal(json.dumps(document).encode(), signer).encode()
    return bundle, bundle_record(bundle)


def _run(number: int) -> str:
    return str(uuid.UUID(int=(number << 80) | (7 << 76) | (2 << 62)))
