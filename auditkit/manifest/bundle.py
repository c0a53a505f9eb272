"""Sigstore bundle v0.3 holding one DSSE envelope with one signature.

Source: sigstore/protobuf-specs, `sigstore_bundle.proto` v0.3 and `envelope.proto`, in their
protobuf JSON form. Exactly one signature, so that cosign and sigstore clients read the file.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any, Literal

import msgspec

from auditkit.digests import sha256_hex
from auditkit.errors import EnvelopeError
from auditkit.manifest import strictjson
from auditkit.manifest.dsse import pae
from auditkit.manifest.typeinfo import resolved
from auditkit.schemes import BUNDLE_MEDIA_TYPE, MAX_BUNDLE_BYTES, PAYLOAD_TYPE


class _Wire(msgspec.Struct, frozen=True, rename="camel"):
    pass


class _Signature(_Wire, frozen=True):
    sig: str
    keyid: str = ""


class _Envelope(_Wire, frozen=True):
    payload: str
    payload_type: str
    signatures: Annotated[list[_Signature], msgspec.Meta(min_length=1, max_length=1)]


class _PublicKey(_Wire, frozen=True):
    hint: str


class _Certificate(_Wire, frozen=True):
    raw_bytes: str


class _SignedTimestamp(_Wire, frozen=True):
    signed_timestamp: str


class _Timestamps(_Wire, frozen=True):
    rfc3161_timestamps: list[_SignedTimestamp] = []


class _Material(_Wire, frozen=True):
    public_key: _PublicKey | None = None
    certificate: _Certificate | None = None
    tlog_entries: Annotated[list[Any], msgspec.Meta(max_length=0)] = []
    timestamp_verification_data: _Timestamps | None = None


class _Bundle(_Wire, frozen=True):
    media_type: Literal["application/vnd.dev.sigstore.bundle.v0.3+json"]
    verification_material: _Material
    dsse_envelope: _Envelope


class Bundle(msgspec.Struct, frozen=True):
    """A signed statement: the payload bytes exactly as signed, and one signature over their PAE.

    `keyid` is the signer's hint, hex SHA-256 of its SubjectPublicKeyInfo in DER. It selects
    which key to try and never decides trust. `certificate` is the signer's leaf certificate in
    DER, where it has one; it was not looked at.
    """

    payload: bytes
    signature: bytes
    keyid: str
    timestamps: tuple[bytes, ...] = ()
    certificate: bytes | None = None

    @property
    def signed_bytes(self) -> bytes:
        """The bytes under the signature: the PAE of payload type and payload."""
        return pae(PAYLOAD_TYPE, self.payload)

    @property
    def manifest_digest(self) -> str:
        """SHA-256 of the payload bytes, hex: the name of this manifest everywhere."""
        return sha256_hex(self.payload)

    def encode(self) -> bytes:
        """Return the bundle file's bytes, ending in a newline."""
        document: dict[str, Any] = {
            "mediaType": BUNDLE_MEDIA_TYPE,
            "verificationMaterial": {**self._signer(), "tlogEntries": []},
            "dsseEnvelope": {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [
                    {"sig": base64.b64encode(self.signature).decode(), "keyid": self.keyid}
                ],
            },
        }
        if self.timestamps:
            document["verificationMaterial"]["timestampVerificationData"] = {
                "rfc3161Timestamps": [
                    {"signedTimestamp": base64.b64encode(token).decode()}
                    for token in self.timestamps
                ]
            }
        return json.dumps(document, indent=1).encode() + b"\n"

    def _signer(self) -> dict[str, Any]:
        if self.certificate is None:
            return {"publicKey": {"hint": self.keyid}}
        return {"certificate": {"rawBytes": base64.b64encode(self.certificate).decode()}}


def decode_bundle(data: bytes) -> Bundle:
    """Return the bundle in `data`.

    Raises:
        EnvelopeError: larger than 16 MiB, not strict JSON, not a v0.3 bundle with either a plain
            key or one certificate, not exactly one signature, another payloadType, bad base64,
            or hint and keyid differ.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise EnvelopeError(f"the bundle has {len(data)} bytes, more than {MAX_BUNDLE_BYTES}")
    try:
        wire = msgspec.convert(strictjson.loads(data), resolved(_Bundle))
    except ValueError as error:
        raise EnvelopeError(f"not a Sigstore bundle v0.3 ({error})") from error
    envelope, material = wire.dsse_envelope, wire.verification_material
    if envelope.payload_type != PAYLOAD_TYPE:
        raise EnvelopeError(
            f"payloadType is {envelope.payload_type[:100]!r}, expected {PAYLOAD_TYPE!r}"
        )
    signature = envelope.signatures[0]
    if (material.public_key is None) == (material.certificate is None):
        raise EnvelopeError("not exactly one of publicKey and certificate")
    if material.public_key is not None and signature.keyid != material.public_key.hint:
        raise EnvelopeError("publicKey.hint and the signature's keyid differ")
    stamps = material.timestamp_verification_data
    return Bundle(
        payload=_base64(envelope.payload, "payload"),
        signature=_base64(signature.sig, "sig"),
        keyid=signature.keyid,
        timestamps=tuple(
            _base64(item.signed_timestamp, "signedTimestamp")
            for item in (stamps.rfc3161_timestamps if stamps else ())
        ),
        certificate=_base64(material.certificate.raw_bytes, "rawBytes")
        if material.certificate
        else None,
    )


def _base64(text: str, what: str) -> bytes:
    """Decode base64 of either alphabet, padded or not.

    DSSE requires the alphabets of a verifier (protocol.md), and JSON of protobuf messages, which
    Sigstore bundles are, leaves the padding to the writer (ProtoJSON, `bytes`).
    """
    standard = text.replace("-", "+").replace("_", "/")
    padding = "" if "=" in text else "=" * (-len(text) % 4)
    try:
        return base64.b64decode(standard + padding, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EnvelopeError(f"{what} is not base64 ({error})") from error
