"""Dead Simple Signing Envelope, v1.0.2 (github.com/secure-systems-lab/dsse)."""

from __future__ import annotations


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: the bytes that are signed (protocol.md, PAE).

    Lengths count bytes, in ASCII decimal.
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
