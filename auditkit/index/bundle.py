"""What a bundle holds, read fast."""

from __future__ import annotations

import msgspec

from auditkit.errors import AuditkitError
from auditkit.manifest.bundle import decode_bundle


class _Envelope(msgspec.Struct, frozen=True):
    payload: bytes


class _Bundle(msgspec.Struct, frozen=True, rename="camel"):
    dsse_envelope: _Envelope


_DECODER = msgspec.json.Decoder(_Bundle)


def bundle_payload(bundle: bytes) -> bytes | None:
    """Return the payload: fast if the bundle is as we write it, else as verification reads it.

    None where it is no bundle.
    """
    try:
        return _DECODER.decode(bundle).dsse_envelope.payload
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return decode_bundle(bundle).payload
    except AuditkitError:
        return None
