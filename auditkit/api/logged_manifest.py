"""One manifest out of a registry, by what people call it."""

from __future__ import annotations

from pathlib import Path

from auditkit.api.open_index import RegistryIndex
from auditkit.api.targets import FoundManifest
from auditkit.digests import sha256_hex
from auditkit.errors import LogError, TargetNotFoundError
from auditkit.index.lookup import entry_of, find_runs
from auditkit.manifest.bundle import decode_bundle
from auditkit.schemes import MAX_BUNDLE_BYTES


def logged_manifest(text: str, found: RegistryIndex) -> FoundManifest:
    """Return the manifest that `text` names: a run id, manifest digest, or PROJECT/latest.

    It is proven to be in the log; who signed it is not checked.

    Raises:
        TargetNotFoundError: no such run is in the registry, or several are.
        LogError: its bundle is missing, or is not what was logged.
        EnvelopeError: the bundle is not well-formed.
        StoreError: the registry refused or cannot be reached.
    """
    runs = find_runs(found.index.database, text)
    if len(runs) != 1:
        raise TargetNotFoundError(
            f"{text!r} is ambiguous: {len(runs)} runs match"
            if runs
            else f"no such run or manifest: {text!r}",
            hint="Give more digits." if runs else "auditkit runs lists those in the registry.",
            path=found.registry.store.location,
        )
    number = entry_of(found.index.database, runs[0])
    if number is None or not number < found.log.checkpoint.size:
        raise LogError("the index names an entry that the log does not have")
    record = found.log.entry(number).record
    bundle = found.registry.blob(record.blob, limit=MAX_BUNDLE_BYTES)
    payload = decode_bundle(bundle).payload
    if sha256_hex(payload) != record.statement:
        raise LogError(f"entry {number}: its bundle holds another statement")
    shown = Path(f"entry {number} of {found.log.checkpoint.origin}")
    return FoundManifest(shown, payload, record.statement, shown)
