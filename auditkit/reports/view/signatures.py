"""Commands that check signatures, certificates and time stamps with other people's programs."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditkit.evidence import SignedBundle
from auditkit.findings import TimestampVerdict
from auditkit.reports.blocks import Command
from auditkit.reports.language import Language
from auditkit.reports.text import plain
from auditkit.schemes import PAYLOAD_TYPE

MOST_TIMESTAMPS = 10

_HEAD = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE}"
_LEAF = ".verificationMaterial.certificate.rawBytes"
_RAW = "openssl pkeyutl -verify -pubin -inkey {key} -rawin -in signed.bin -sigfile signature.bin"
_DIGESTED = "openssl dgst -{hash} {options}-verify {key} -signature signature.bin signed.bin"
_PSS = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
_CHECKS = {
    "ed25519": ("Ed25519", _RAW, "Signature Verified Successfully"),
    "ecdsa-p256": ("ECDSA P-256", _DIGESTED.replace("{hash}", "sha256"), "Verified OK"),
    "ecdsa-p384": ("ECDSA P-384", _DIGESTED.replace("{hash}", "sha384"), "Verified OK"),
    "rsa-pss": ("RSA-PSS", _DIGESTED.replace("{hash}", "sha256"), "Verified OK"),
    "ml-dsa-65": ("ML-DSA-65, openssl 3.5+", _RAW, "Signature Verified Successfully"),
}
"""Kind of key, command and what it prints, by the names of algorithms in bundles."""


@dataclass(frozen=True, slots=True)
class NamedSignature:
    """A signature as commands name it: both files are single words of a shell."""

    bundle: str
    key_file: str
    record: SignedBundle


def named_signatures(signatures: Sequence[SignedBundle]) -> list[NamedSignature]:
    """Return the signatures with the key files that commands go by: one each."""
    several = len(signatures) > 1
    return [
        NamedSignature(
            shlex.quote(plain(each.bundle)),
            f"signer-{each.keyid[:8]}.pub" if several else "signer.pub",
            each,
        )
        for each in signatures
    ]


def key_command(say: Language, signature: NamedSignature) -> Command:
    """Return how to know the key: from its owner, or from a certificate and its authority."""
    if not signature.record.has_certificate:
        return Command(
            say("Compare the key's fingerprint"),
            say(
                "Ask the key's owner for the fingerprint over another channel, such as a phone "
                "call. A fingerprint printed in a report proves nothing by itself."
            ),
            (f"openssl pkey -pubin -in {signature.key_file} -outform DER | sha256sum",),
            signature.record.keyid,
        )
    return Command(
        say("Follow the certificate to its root"),
        say(
            "ca-root.pem and ca-issuing.pem are the authority's certificates as you received them "
            "from elsewhere. The name and the purpose (Code Signing) are yours to compare."
        ),
        (
            f"jq -r {_LEAF} {signature.bundle} | base64 -d > leaf.der",
            "openssl verify -CAfile ca-root.pem -untrusted ca-issuing.pem leaf.der",
            "openssl x509 -in leaf.der -noout -ext extendedKeyUsage,subjectAltName",
            f"openssl x509 -in leaf.der -noout -pubkey > {signature.key_file}",
        ),
        "leaf.der: OK",
    )


def payload_command(say: Language, bundle: str, manifest: str) -> Command:
    """Return how to write the signed bytes; `manifest` is their digest."""
    return Command(
        say("Recompute the manifest digest"),
        say(
            "The signed bytes are the base64 payload of the bundle, with its type and length in "
            "front (DSSE)."
        ),
        (
            f"jq -r .dsseEnvelope.payload {bundle} | base64 -d > payload.json",
            f"""printf '{_HEAD} %d ' "$(wc -c < payload.json)" > signed.bin""",
            "cat payload.json >> signed.bin",
            "sha256sum payload.json",
        ),
        manifest,
    )


def signature_commands(say: Language, signature: NamedSignature) -> Iterator[Command]:
    """Yield the check of a signature; nothing for a kind of key that no program here takes."""
    if signature.record.algorithm not in _CHECKS:
        return
    kind, check, printed = _CHECKS[signature.record.algorithm]
    options = _PSS if signature.record.algorithm == "rsa-pss" else ""
    yield Command(
        say("Check the signature ({algorithm} key)", algorithm=kind),
        say("The signature is over the bytes written before."),
        (
            _signature_bytes(signature.bundle),
            check.format(key=signature.key_file, options=options),
        ),
        printed,
    )


def _signature_bytes(bundle: str) -> str:
    return f"jq -r '.dsseEnvelope.signatures[0].sig' {bundle} | base64 -d > signature.bin"


def timestamp_commands(say: Language, stamps: Sequence[TimestampVerdict]) -> Iterator[Command]:
    """Yield the check of every token that counts; those in a bundle are told by their place."""
    places: Counter[tuple[str, str]] = Counter()
    for each in stamps[:MOST_TIMESTAMPS]:
        place = places[each.signer, each.token]
        places[each.signer, each.token] += 1
        if each.status == "passed" and each.at is not None:
            yield _timestamp(say, each, each.at, place)


def _timestamp(say: Language, stamp: TimestampVerdict, at: str, place: int) -> Command:
    bundle, token = shlex.quote(plain(stamp.bundle)), shlex.quote(plain(stamp.token))
    lines = [_signature_bytes(bundle)]
    if stamp.token == stamp.bundle:
        path = f".verificationMaterial.timestampVerificationData.rfc3161Timestamps[{place}]"
        lines.append(f"jq -r '{path}.signedTimestamp' {bundle} | base64 -d > token.tsr")
        token = "token.tsr"  # noqa: S105 - a file
    lines.append(f"openssl ts -verify -data signature.bin -in {token} -CAfile tsa-root.pem")
    return Command(
        say("Check the time stamp over {bundle}", bundle=plain(stamp.bundle, 80)),
        say(
            "tsa-root.pem is the root certificate of {authority} as you received it from "
            "elsewhere. The signature existed by {time}. If the authority's certificate has "
            "expired since, add -attime with that time in seconds since 1970.",
            authority=plain(stamp.authority or "", 80),
            time=say.moment(at),
        ),
        tuple(lines),
        "Verification: OK",
    )
