"""Hostile bundles: what is done to envelopes, signatures and keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import msgspec
from bundles.making import (
    CI,
    ONE,
    QUANTUM,
    SECOND,
    STRANGER,
    Case,
    Key,
    Policy,
    evidence,
    manifest,
    sealed,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from auditkit.manifest.bundle import Bundle
from auditkit.manifest.dsse import pae

BAD = (("signature", "failed"), ("signer", "failed"))
BAD_SIGNER = (("signer", "failed"),)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HYBRID = Policy().signer("hybrid", CI, QUANTUM, rest='require = "all"')


def cases() -> Iterator[Case]:
    """Yield the cases, the good ones first."""
    yield from _good()
    yield from _swapped()
    yield from _stripped()
    yield from _encodings()
    yield from _weak_keys()


def _case(name: str, why: str, main: Bundle | bytes, *more: object, policy: Policy = ONE) -> Case:
    siblings = [each for each in more if isinstance(each, Bundle)]
    findings = tuple(each for each in more if isinstance(each, tuple))
    return Case(name, why, {**evidence(main, *siblings), **policy.contents()}, findings)


def _good() -> Iterator[Case]:
    for key in (CI, SECOND, Key("p384", "ecdsa-p384"), QUANTUM):
        yield _case(
            f"good-{key.algorithm}-passed",
            f"One good signature by an {key.algorithm} key of the policy.",
            sealed(manifest(key), key),
            ("signature", "passed"),
            ("signer", "passed"),
            policy=Policy().signer("ci", key),
        )
    both = manifest(CI, QUANTUM)
    yield _case(
        "hybrid-both-signatures-passed",
        "A signer that needs all its keys, and both have signed.",
        sealed(both, CI),
        sealed(both, QUANTUM),
        ("signer", "passed"),
        policy=HYBRID,
    )
    yield Case(
        "one-trusted-key-passed",
        "--key trusts one key with everything.",
        {**evidence(sealed(manifest(), CI)), "ci.pub": CI.pem},
        (("signer", "passed"),),
        ("--key", "ci.pub"),
    )
    yield Case(
        "nobody-trusted-indeterminate",
        "Without a key or a policy nobody is trusted, whatever configuration the evidence brings.",
        {
            **evidence(sealed(manifest(), CI)),
            "evidence/auditkit.toml": b'[verify]\nkey = "ci.pub"\n',
            "evidence/ci.pub": CI.pem,
        },
        (("signer", "indeterminate"),),
        (),
    )


def _swapped() -> Iterator[Case]:
    payload = manifest()
    good = sealed(payload, CI)
    swapped = msgspec.structs.replace(sealed(payload, SECOND), keyid=CI.keyid)
    yield _case(
        "algorithm-swapped-failed",
        "An ECDSA signature that claims to be by the trusted Ed25519 key.",
        swapped,
        *BAD,
    )
    yield _case(
        "keyid-of-another-trusted-key-failed",
        "Signed by one key of the policy, and names another.",
        msgspec.structs.replace(good, keyid=SECOND.keyid),
        *BAD,
        policy=ONE.signer("second", SECOND),
    )
    yield _case(
        "keyid-of-nobody-failed",
        "Signed by the trusted key, and names one that nobody knows.",
        msgspec.structs.replace(good, keyid="0" * 64),
        *BAD_SIGNER,
    )
    yield _case(
        "signed-by-a-stranger-failed",
        "A good signature by a key that the policy does not have.",
        sealed(manifest(STRANGER), STRANGER),
        *BAD_SIGNER,
    )
    yield _case(
        "payload-changed-failed",
        "The payload was changed and the signature kept.",
        msgspec.structs.replace(good, payload=payload.replace(b"vectors", b"fortune")),
        *BAD,
    )
    other = CI.signer.sign(pae("application/json", payload))
    yield _case(
        "signature-over-another-payload-type-failed",
        "The signature is over the same payload under another payload type.",
        msgspec.structs.replace(good, signature=other),
        *BAD,
    )
    document = json.loads(good.encode())
    document["dsseEnvelope"]["payloadType"] = "application/json"
    yield _case(
        "another-payload-type-failed",
        "The envelope has another payload type.",
        json.dumps(document).encode(),
        ("envelope", "failed"),
    )
    raw = msgspec.structs.replace(good, signature=CI.signer.sign(payload))
    yield _case(
        "signature-over-the-bare-payload-failed",
        "The signature is over the payload and not over its pre-authentication encoding.",
        raw,
        *BAD,
    )


def _stripped() -> Iterator[Case]:
    both = manifest(CI, QUANTUM)
    yield _case(
        "downgraded-to-the-classical-signature-failed",
        "Of a hybrid signer only the classical signature is left.",
        sealed(both, CI),
        *BAD_SIGNER,
        policy=HYBRID,
    )
    yield Case(
        "second-signature-stripped-failed",
        "The payload lists two signers and one signature was taken away; no policy is needed.",
        {**evidence(sealed(both, CI)), "ci.pub": CI.pem},
        BAD_SIGNER,
        ("--key", "ci.pub"),
    )
    needs_two = "[require]\nsignatures = 2\n"
    payload = manifest()
    good = sealed(payload, CI)
    twice = evidence(good, good)
    yield Case(
        "one-signature-in-two-bundles-failed",
        "Two signers are required; one signature stands in two bundles.",
        {**twice, **ONE.signer("second", SECOND).more(needs_two).contents()},
        BAD_SIGNER,
    )
    payload = manifest(CI, SECOND)
    yield _case(
        "one-signer-with-two-keys-failed",
        "Two signers are required; one signer has signed with two keys.",
        sealed(payload, CI),
        sealed(payload, SECOND),
        *BAD_SIGNER,
        policy=Policy().signer("ci", CI, SECOND).signer("other", STRANGER).more(needs_two),
    )
    yield _case(
        "two-signers-passed",
        "Two signers are required, and two have signed.",
        sealed(payload, CI),
        sealed(payload, SECOND),
        ("signer", "passed"),
        policy=ONE.signer("second", SECOND).more(needs_two),
    )
    yield _case(
        "two-payloads-failed",
        "Two bundles over different payloads.",
        sealed(manifest(), CI),
        sealed(manifest(project="other"), SECOND),
        ("envelope", "failed"),
    )
    yield _case(
        "project-not-allowed-failed",
        "The signer may sign for another project only.",
        good,
        *BAD_SIGNER,
        policy=Policy().signer("ci", CI, rest='projects = ["other"]'),
    )
    yield _case(
        "statement-not-allowed-failed",
        "The signer may not sign training runs.",
        good,
        *BAD_SIGNER,
        policy=Policy()
        .signer("ci", CI, kind="person", rest='role = "model owner"')
        .signer("second", SECOND),
    )


def _encodings() -> Iterator[Case]:
    good = sealed(manifest(), CI)
    text = good.encode().decode()

    def rewritten(change: str) -> bytes:
        document = json.loads(text)
        envelope = document["dsseEnvelope"]
        holders = ((envelope, "payload"), (envelope["signatures"][0], "sig"))
        for holder, name in holders:
            data = base64.b64decode(holder[name])
            if change == "url-safe":
                holder[name] = base64.urlsafe_b64encode(data).decode()
            elif change == "unpadded":
                holder[name] = base64.b64encode(data).decode().rstrip("=")
            else:
                holder[name] = base64.encodebytes(data).decode()
        return json.dumps(document, indent=1).encode() + b"\n"

    yield _case(
        "base64-url-safe-passed",
        "Payload and signature in the URL-safe alphabet, as DSSE allows.",
        rewritten("url-safe"),
        ("signature", "passed"),
    )
    yield _case(
        "base64-unpadded-passed",
        "Base64 without its padding, which the JSON of protobuf messages allows.",
        rewritten("unpadded"),
        ("signature", "passed"),
    )
    yield _case(
        "base64-with-line-breaks-failed",
        "Base64 with line breaks in it.",
        rewritten("broken"),
        ("envelope", "failed"),
    )
    good = sealed(manifest(SECOND), SECOND)
    r, s = decode_dss_signature(good.signature)
    high = encode_dss_signature(r, max(s, P256_ORDER - s))
    yield _case(
        "ecdsa-high-s-passed",
        "ECDSA allows s of either half of the order.",
        msgspec.structs.replace(good, signature=high),
        ("signature", "passed"),
        policy=Policy().signer("ci", SECOND),
    )
    document = json.loads(text)
    signatures = document["dsseEnvelope"]["signatures"]
    signatures.append(signatures[0])
    yield _case(
        "two-signatures-in-one-bundle-failed",
        "A bundle holds exactly one signature.",
        json.dumps(document).encode(),
        ("envelope", "failed"),
    )


def _weak_keys() -> Iterator[Case]:
    files = evidence(sealed(manifest(), CI))
    small = bytes.fromhex("302a300506032b6570032100") + b"\x01" + bytes(31)
    pem = f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(small).decode()}\n-----END PUBLIC KEY-----\n"
    policy = ONE.contents()
    yield Case(
        "policy-with-a-small-order-key-refused",
        "Under an Ed25519 key of small order one signature verifies for many messages.",
        {**files, **policy, "ci.pub": pem.encode()},
    )
    yield Case(
        "trusted-key-of-small-order-refused",
        "The same key, given by --key.",
        {**files, "ci.pub": pem.encode()},
        options=("--key", "ci.pub"),
    )
    yield Case(
        "policy-with-a-weak-rsa-key-refused",
        "An RSA key of 2048 bits.",
        {**files, **policy, "ci.pub": _RSA_2048.encode()},
    )
    yield Case(
        "policy-with-one-key-for-two-signers-refused",
        "One holder would count as two.",
        {**files, **ONE.signer("other", CI).contents()},
    )


_RSA_2048 = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtWkrX9aepkkBKc2VtVi9
o7yf2/TJ3z1PuZr+ofKTV0FHwXWfzb1DGVqql6LyunLSkN7bkWpicO7B33b6YiOc
sGn/B/V/9+KT5Grp6HzQAcg5AgsuilMMmhUn3f3vC8AO4iSvtBHnoM3ozr2gKafs
a0nzarT7Ee/BIyGULIOutnSOU/4NSpC4mj8Fg43YX4Oj8uNzjXwwaBDwt6xMTTXW
yaYS/1YzpN5S3iPoxEueQREcmko9otGH0bRTtC4qSsrIpExhpu9vHdDsnq/YYHkS
S44N4QerZQH+/Vcj7R7fo8+qQTLBLi80kbfWstr+FsYSmVLlkfKYew2NAakFXjgy
jQIDAQAB
-----END PUBLIC KEY-----
"""
